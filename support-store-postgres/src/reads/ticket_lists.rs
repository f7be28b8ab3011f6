//! Lists of tickets, however they are narrowed and sorted.

use sqlx::{Postgres, QueryBuilder};
use support_core::{
    model::{TenantId, Timestamp},
    ports::{
        AssigneeFilter, COUNTED_TO, PLACES_LOOKED_AT, PageRequest, SortOrder, TicketCursor, TicketFilter,
        TicketPosition, TicketSort, VisibleTo,
    },
};

use super::{offset, search::push_found, tickets::columns};
use crate::rows::{priority_place, stored_count, stored_requester, stored_time};

const TICKETS: &str = concat!(
    columns!(),
    " from tickets t join ticket_threads th on th.tenant_id = t.tenant_id and th.ticket_id = t.id"
);

/// By activity it is the thread that comes first and the ticket that is looked up.
const TICKETS_BY_ACTIVITY: &str = concat!(
    columns!(),
    " from ticket_threads th join tickets t on t.tenant_id = th.tenant_id and t.id = th.ticket_id"
);

const LISTED_TICKETS: &str = concat!(columns!(), " from (");

const THREADS: &str = " join ticket_threads th on th.tenant_id = t.tenant_id and th.ticket_id = t.id";

const COUNT_TICKETS: &str = "select count(*) from (select 1 from tickets t";

/// A list of tickets as statements.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Listed<'a> {
    pub(crate) tenant: TenantId,
    pub(crate) filter: &'a TicketFilter,
    pub(crate) position: TicketPosition,
    pub(crate) limit: u32,
}

impl Listed<'_> {
    /// How many tickets the whole list has, counted to one more than is told.
    pub(crate) fn count(&self) -> QueryBuilder<Postgres> {
        let mut query = QueryBuilder::new(COUNT_TICKETS);
        query.push(" where t.tenant_id = ").push_bind(self.tenant.uuid());
        self.narrow(&mut query);
        query
            .push(" limit ")
            .push_bind(stored_count(COUNTED_TO + 1))
            .push(") counted");
        query
    }

    /// Whether more is asked of a ticket than its status.
    pub(crate) fn has_filter(&self) -> bool {
        let everything = TicketFilter {
            statuses: self.filter.statuses.clone(),
            sort: self.filter.sort,
            order: self.filter.order,
            ..TicketFilter::default()
        };
        *self.filter != everything
    }

    /// The asked part of a list of so few tickets that they are better found first and sorted
    /// then: in the order of all tickets they may lie far apart.
    pub(crate) fn select_few(&self) -> QueryBuilder<Postgres> {
        let (place, joined) = match self.filter.sort {
            TicketSort::CreatedAt => ("t.created_at", ""),
            TicketSort::Priority => ("t.priority", ""),
            TicketSort::UpdatedAt => ("th.last_activity_at", THREADS),
        };
        let (direction, beyond) = match self.filter.order {
            SortOrder::Ascending => ("asc", ">"),
            SortOrder::Descending => ("desc", "<"),
        };
        let mut query = QueryBuilder::new(LISTED_TICKETS);
        query.push(format_args!(
            "select id, place from (select t.id, {place} as place from tickets t{joined} where t.tenant_id = "
        ));
        query.push_bind(self.tenant.uuid());
        self.narrow(&mut query);
        query
            .push(" limit ")
            .push_bind(stored_count(COUNTED_TO + 1))
            .push(") few");
        if let TicketPosition::After(TicketCursor { value, id: last }) = self.position {
            query.push(format_args!(" where (place, id) {beyond} ("));
            match self.filter.sort {
                TicketSort::Priority => query.push_bind(value),
                TicketSort::CreatedAt | TicketSort::UpdatedAt => {
                    query.push_bind(stored_time(Timestamp::from_millis(value)))
                }
            };
            query.push(", ").push_bind(last.uuid()).push(")");
        }
        query.push(format_args!(" order by place {direction}, id {direction} limit "));
        query.push_bind(i64::from(self.limit));
        if let TicketPosition::Page(number) = self.position {
            let page = PageRequest {
                number,
                limit: self.limit,
            };
            query.push(" offset ").push_bind(offset(page));
        }
        query.push(") listed join tickets t on t.id = listed.id and t.tenant_id = ");
        query.push_bind(self.tenant.uuid());
        query.push(THREADS);
        query.push(format_args!(
            " order by listed.place {direction}, listed.id {direction}"
        ));
        query
    }

    /// The asked part of the list.
    pub(crate) fn select(&self) -> QueryBuilder<Postgres> {
        let (from, owner, sorted, id) = match self.filter.sort {
            TicketSort::CreatedAt => (TICKETS, "t.tenant_id", "t.created_at", "t.id"),
            TicketSort::Priority => (TICKETS, "t.tenant_id", "t.priority", "t.id"),
            TicketSort::UpdatedAt => (
                TICKETS_BY_ACTIVITY,
                "th.tenant_id",
                "th.last_activity_at",
                "th.ticket_id",
            ),
        };
        let (direction, beyond) = match self.filter.order {
            SortOrder::Ascending => ("asc", ">"),
            SortOrder::Descending => ("desc", "<"),
        };
        let mut query = QueryBuilder::new(from);
        query
            .push(format_args!(" where {owner} = "))
            .push_bind(self.tenant.uuid());
        self.narrow(&mut query);
        if let TicketPosition::After(TicketCursor { value, id: last }) = self.position {
            query.push(format_args!(" and ({sorted}, {id}) {beyond} ("));
            match self.filter.sort {
                TicketSort::Priority => query.push_bind(value),
                TicketSort::CreatedAt | TicketSort::UpdatedAt => {
                    query.push_bind(stored_time(Timestamp::from_millis(value)))
                }
            };
            query.push(", ").push_bind(last.uuid()).push(")");
        }
        query.push(format_args!(" order by {sorted} {direction}, {id} {direction} limit "));
        query.push_bind(i64::from(self.limit));
        if let TicketPosition::Page(number) = self.position {
            let page = PageRequest {
                number,
                limit: self.limit,
            };
            query.push(" offset ").push_bind(offset(page));
        }
        query
    }

    /// What the filter asks of each ticket.
    fn narrow(&self, query: &mut QueryBuilder<Postgres>) {
        let TicketFilter {
            statuses,
            department,
            assignee,
            requester,
            priority,
            inbox,
            channel,
            stars,
            tag,
            text,
            created_from,
            created_before,
            visible_to,
            sort: _,
            order: _,
        } = self.filter;
        match statuses.as_slice() {
            [] => {}
            [only] => {
                query.push(" and t.status = ").push_bind(only.as_str());
            }
            several => {
                let names: Vec<_> = several.iter().map(|status| status.as_str()).collect();
                query.push(" and t.status = any (").push_bind(names).push(")");
            }
        }
        if let Some(department) = department {
            query.push(" and t.department_id = ").push_bind(department.uuid());
        }
        match assignee {
            Some(AssigneeFilter::Is(agent)) => {
                query.push(" and t.assignee_id = ").push_bind(agent.uuid());
            }
            Some(AssigneeFilter::Nobody) => {
                query.push(" and t.assignee_id is null");
            }
            None => {}
        }
        if let Some(requester) = requester {
            let (kind, id) = stored_requester(*requester);
            query.push(" and t.requester_id = ").push_bind(id);
            query.push(" and t.requester_kind = ").push_bind(kind);
        }
        if let Some(priority) = priority {
            query.push(" and t.priority = ").push_bind(priority_place(*priority));
        }
        if let Some(inbox) = inbox {
            query.push(" and t.inbox_id = ").push_bind(inbox.uuid());
        }
        if let Some(stars) = stars {
            query.push(" and t.stars = ").push_bind(i64::from(*stars));
        }
        if let Some(channel) = channel {
            query.push(" and t.channel = ").push_bind(channel.as_str());
        }
        if let Some(tag) = tag {
            query.push(" and t.id in (select g.ticket_id from ticket_tags g where g.tenant_id = ");
            query.push_bind(self.tenant.uuid()).push(" and g.tag = ");
            query.push_bind(tag.clone()).push(")");
        }
        if let Some(text) = text {
            query.push(" and t.id in (select found.ticket_id from (");
            push_found(query, self.tenant, text, PLACES_LOOKED_AT);
            query.push(") found)");
        }
        if let Some(from) = created_from {
            query.push(" and t.created_at >= ").push_bind(stored_time(*from));
        }
        if let Some(before) = created_before {
            query.push(" and t.created_at < ").push_bind(stored_time(*before));
        }
        if let Some(visible_to) = visible_to {
            push_visible(query, visible_to);
        }
    }
}

/// What an agent who may not see all sees: their own, their teams', and what nobody is meant for.
pub(super) fn push_visible(query: &mut QueryBuilder<Postgres>, visible_to: &VisibleTo) {
    query.push(" and (t.assignee_id = ").push_bind(visible_to.agent.uuid());
    if !visible_to.departments.is_empty() {
        let departments: Vec<_> = visible_to
            .departments
            .iter()
            .map(|department| department.uuid())
            .collect();
        query
            .push(" or t.department_id = any (")
            .push_bind(departments)
            .push(")");
    }
    query.push(" or (t.assignee_id is null and t.department_id is null))");
}
