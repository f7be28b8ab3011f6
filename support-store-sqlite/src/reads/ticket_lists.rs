//! Lists of tickets, however they are narrowed and sorted.

use std::collections::BTreeSet;

use support_core::{
    model::{AgentId, DepartmentId, Status, TenantId},
    ports::{
        AssigneeFilter, COUNTED_TO, PLACES_LOOKED_AT, PageRequest, SortOrder, TicketCursor, TicketFilter,
        TicketPosition, TicketSort, VisibleTo,
    },
};

use super::{offset, search::push_found, tickets::columns};
use crate::{
    query::QueryBuilder,
    rows::{priority_place, stored_count, stored_requester, stored_time},
};

/// A list is first found as ids in its order, and only those of the asked part are read whole.
const LISTED_TICKETS: &str = concat!(columns!(), " from (");

/// By activity it is the thread that comes first and the ticket that is looked up.
const PLACES_BY_ACTIVITY: &str = "select th.ticket_id as id, th.last_activity_at as place
    from ticket_threads th cross join tickets t on t.tenant_id = th.tenant_id and t.id = th.ticket_id
    where th.tenant_id = ";

const PLACES_BY_CREATION: &str = "select t.id, t.created_at as place from tickets t where t.tenant_id = ";

const PLACES_BY_PRIORITY: &str = "select t.id, t.priority as place from tickets t where t.tenant_id = ";

const COUNT_TICKETS: &str = "select count(*) from (";

const COUNT_TAGGED: &str = "select count(*) from (select 1 from ticket_tags g where g.tenant_id = ";

const TAGGED: &str = "ticket_tags g cross join tickets t on t.tenant_id = g.tenant_id and t.id = g.ticket_id";

const THREADS: &str = " cross join ticket_threads th on th.tenant_id = t.tenant_id and th.ticket_id = t.id";

/// A list of tickets as statements.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Listed<'a> {
    pub(crate) tenant: TenantId,
    pub(crate) filter: &'a TicketFilter,
    pub(crate) position: TicketPosition,
    pub(crate) limit: u32,
    /// Whether the tag that is asked for leads to the tickets, or each ticket is asked for it: the
    /// database cannot tell which is less.
    pub(crate) has_rare_tag: bool,
}

/// Which of the tickets that an agent sees.
#[derive(Debug, Clone, Copy)]
enum Share {
    /// All of them.
    All,
    /// Those the agent has.
    Own(AgentId),
    /// A department's that the agent does not have.
    Team(AgentId, DepartmentId),
    /// Those that nobody is meant for.
    Nobodys,
}

/// How many tickets have a tag, counted to one more than is told.
pub(crate) fn count_tagged(tenant: TenantId, tag: &str) -> QueryBuilder {
    let mut query = QueryBuilder::new(COUNT_TAGGED);
    query.push_bind(tenant.uuid()).push(" and g.tag = ");
    query.push_bind(tag.to_owned()).push(" limit ");
    query.push_bind(stored_count(COUNTED_TO + 1)).push(")");
    query
}

impl Listed<'_> {
    /// How many tickets the whole list has, counted to one more than is told.
    pub(crate) fn count(&self) -> QueryBuilder {
        let mut query = QueryBuilder::new(COUNT_TICKETS);
        self.push_all(&mut query, "1", "");
        query.push(" limit ").push_bind(stored_count(COUNTED_TO + 1)).push(")");
        query
    }

    /// Something of every ticket of the list, in any order.
    fn push_all(&self, query: &mut QueryBuilder, wanted: &str, joined: &str) {
        let tickets = self.tickets();
        let mut between = "";
        for share in self.shares() {
            query.push(between);
            query.push(format_args!(
                "select {wanted} from {tickets}{joined} where t.tenant_id = "
            ));
            query.push_bind(self.tenant.uuid());
            self.narrow(query, &self.filter.statuses, share);
            between = " union all ";
        }
    }

    /// What an agent sees is several lists that share nothing, each of which an index leads to;
    /// one list where something else leads to less.
    fn shares(&self) -> Vec<Share> {
        let TicketFilter {
            visible_to,
            requester,
            text,
            ..
        } = self.filter;
        let Some(visible_to) = visible_to else {
            return vec![Share::All];
        };
        if requester.is_some() || text.is_some() || self.has_rare_tag {
            return vec![Share::All];
        }
        let teams = visible_to.departments.iter().copied();
        let teams = teams.map(|department| Share::Team(visible_to.agent, department));
        [Share::Own(visible_to.agent), Share::Nobodys]
            .into_iter()
            .chain(teams)
            .collect()
    }

    /// What leads to the tickets.
    const fn tickets(&self) -> &'static str {
        if self.has_rare_tag { TAGGED } else { "tickets t" }
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
    pub(crate) fn select_few(&self) -> QueryBuilder {
        let (wanted, joined) = match self.filter.sort {
            TicketSort::CreatedAt => ("t.id, t.created_at as place", ""),
            TicketSort::Priority => ("t.id, t.priority as place", ""),
            TicketSort::UpdatedAt => ("t.id, th.last_activity_at as place", THREADS),
        };
        let (direction, beyond) = match self.filter.order {
            SortOrder::Ascending => ("asc", ">"),
            SortOrder::Descending => ("desc", "<"),
        };
        let mut query = QueryBuilder::new(LISTED_TICKETS);
        query.push("select id, place from (");
        self.push_all(&mut query, wanted, joined);
        query
            .push(" limit ")
            .push_bind(stored_count(COUNTED_TO + 1))
            .push(") few");
        if let TicketPosition::After(TicketCursor { value, id: last }) = self.position {
            query.push(format_args!(" where (place, id) {beyond} ("));
            query.push_bind(value).push(", ").push_bind(last.uuid()).push(")");
        }
        query.push(format_args!(" order by place {direction}, id {direction} limit "));
        query.push_bind(self.limit);
        if let TicketPosition::Page(number) = self.position {
            let page = PageRequest {
                number,
                limit: self.limit,
            };
            query.push(" offset ").push_bind(offset(page));
        }
        query.push(") listed cross join tickets t on t.id = listed.id and t.tenant_id = ");
        query.push_bind(self.tenant.uuid());
        query.push(THREADS);
        query.push(format_args!(
            " order by listed.place {direction}, listed.id {direction}"
        ));
        query
    }

    /// The asked part of the list. By creation, several states are several lists, each of which
    /// comes out of the index in order, and which are merged: nothing is sorted. What a department
    /// or an agent has lies in the index by states.
    pub(crate) fn select(&self) -> QueryBuilder {
        let (places, place, id) = match self.filter.sort {
            TicketSort::CreatedAt => (PLACES_BY_CREATION, "t.created_at", "t.id"),
            TicketSort::Priority => (PLACES_BY_PRIORITY, "t.priority", "t.id"),
            TicketSort::UpdatedAt => (PLACES_BY_ACTIVITY, "th.last_activity_at", "th.ticket_id"),
        };
        let (direction, beyond) = match self.filter.order {
            SortOrder::Ascending => ("asc", ">"),
            SortOrder::Descending => ("desc", "<"),
        };
        let asked: BTreeSet<Status> = self.filter.statuses.iter().copied().collect();
        let mut statuses: Vec<Status> = asked.into_iter().collect();
        if statuses.is_empty() && (self.filter.department.is_some() || self.filter.assignee.is_some()) {
            statuses = Status::ALL.to_vec();
        }
        let lists: Vec<&[Status]> = match (self.filter.sort, statuses.as_slice()) {
            (TicketSort::CreatedAt, several @ [_, _, ..]) => several.chunks(1).collect(),
            (_, any) => vec![any],
        };
        let mut query = QueryBuilder::new(LISTED_TICKETS);
        let mut between = "";
        for statuses in lists {
            query.push(between).push(places).push_bind(self.tenant.uuid());
            self.narrow(&mut query, statuses, Share::All);
            if let TicketPosition::After(TicketCursor { value, id: last }) = self.position {
                query.push(format_args!(" and ({place}, {id}) {beyond} ("));
                query.push_bind(value).push(", ").push_bind(last.uuid()).push(")");
            }
            between = " union all ";
        }
        query.push(format_args!(" order by place {direction}, id {direction} limit "));
        query.push_bind(self.limit);
        if let TicketPosition::Page(number) = self.position {
            let page = PageRequest {
                number,
                limit: self.limit,
            };
            query.push(" offset ").push_bind(offset(page));
        }
        query.push(") listed cross join tickets t on t.id = listed.id and t.tenant_id = ");
        query.push_bind(self.tenant.uuid());
        query.push(THREADS);
        query.push(format_args!(
            " order by listed.place {direction}, listed.id {direction}"
        ));
        query
    }

    /// What the filter asks of each ticket, which is in one of `statuses` and of one share.
    fn narrow(&self, query: &mut QueryBuilder, statuses: &[Status], share: Share) {
        let TicketFilter {
            statuses: _,
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
        match statuses {
            [] => {}
            [only] => {
                query.push(" and t.status = ").push_bind(only.as_str().to_owned());
            }
            several => {
                let names: Vec<_> = several.iter().map(|status| status.as_str()).collect();
                query.push(" and t.status in (select value from json_each(");
                query.push_bind(format!("[\"{}\"]", names.join("\",\""))).push("))");
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
            query.push(" and t.requester_kind = ").push_bind(kind.to_owned());
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
            query.push(" and t.channel = ").push_bind(channel.as_str().to_owned());
        }
        if let Some(tag) = tag {
            self.narrow_to_tag(query, tag);
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
        match (share, visible_to) {
            (Share::All, None) => {}
            (Share::All, Some(visible_to)) => push_visible(query, visible_to),
            (Share::Own(agent), _) => {
                query.push(" and t.assignee_id = ").push_bind(agent.uuid());
            }
            (Share::Team(agent, department), _) => {
                query.push(" and t.department_id = ").push_bind(department.uuid());
                query.push(" and t.assignee_id is not ").push_bind(agent.uuid());
            }
            (Share::Nobodys, _) => {
                query.push(" and t.assignee_id is null and t.department_id is null");
            }
        }
    }

    fn narrow_to_tag(&self, query: &mut QueryBuilder, tag: &str) {
        if self.has_rare_tag {
            query.push(" and g.tenant_id = ").push_bind(self.tenant.uuid());
            query.push(" and g.tag = ").push_bind(tag.to_owned());
            return;
        }
        query.push(" and exists (select 1 from ticket_tags g where g.tenant_id = t.tenant_id and g.tag = ");
        query.push_bind(tag.to_owned()).push(" and g.ticket_id = t.id)");
    }
}

/// What an agent who may not see all sees: their own, their teams', and what nobody is meant for.
pub(super) fn push_visible(query: &mut QueryBuilder, visible_to: &VisibleTo) {
    query.push(" and (t.assignee_id = ").push_bind(visible_to.agent.uuid());
    if !visible_to.departments.is_empty() {
        let departments: Vec<_> = visible_to.departments.iter().map(ToString::to_string).collect();
        query.push(" or t.department_id in (select unhex(value, '-') from json_each(");
        query
            .push_bind(format!("[\"{}\"]", departments.join("\",\"")))
            .push("))");
    }
    query.push(" or (t.assignee_id is null and t.department_id is null))");
}
