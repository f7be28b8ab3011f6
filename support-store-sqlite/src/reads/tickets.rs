//! Tickets.

use std::collections::BTreeSet;

use async_trait::async_trait;
use support_core::{
    model::{AgentId, DepartmentId, FoundPlace, InboxId, SecretHash, Status, TenantId, Ticket, TicketId, Timestamp},
    ports::{
        AssigneeFilter, COUNTED_TO, PLACES_LOOKED_AT, Page, PageRequest, SortOrder, StoreError, TicketCursor,
        TicketFilter, TicketPosition, TicketReads, TicketSort, VisibleTo,
    },
};
use uuid::Uuid;

use super::{offset, search::push_found};
use crate::{
    SqliteStore,
    query::QueryBuilder,
    rows::{StoredTicket, count, priority_place, stored_count, stored_requester, stored_time, to_json},
    statements::statements,
};

macro_rules! columns {
    () => {
        "select t.tenant_id, t.id, t.number, t.version, t.inbox_id, t.channel, t.source, t.requester_kind,
            t.requester_id, t.contact_name, t.contact_email, t.contact_phone, t.access_hash, t.session, t.subject,
            t.department_id, t.priority, t.category, t.subcategory, t.tags, t.required_skills, t.languages, t.status,
            t.assignee_id, t.assigned_at,
            t.resolved_at, t.resolved_by, t.resolution_notes, t.closed_at, t.closed_by, t.escalated_at,
            t.escalated_by, t.escalation_reason, t.rating, t.stars, t.reopened_count, t.is_offline, t.accept_by,
            t.passed_over, t.held_for_bot_until, t.metadata, t.created_at, t.updated_at, th.ticket_id, th.last_seq,
            th.last_activity_at, th.last_message_at, th.last_message_preview, th.first_response_at,
            th.first_customer_message_at, th.unread_by_agents, th.unread_by_customer, th.read_by_agents,
            th.read_by_customer"
    };
}
pub(super) use columns;

/// `cross join` fixes the order of the tables: the thread is looked up for each ticket found.
macro_rules! tickets {
    () => {
        concat!(
            columns!(),
            " from tickets t cross join ticket_threads th on th.tenant_id = t.tenant_id and th.ticket_id = t.id"
        )
    };
}

statements! {
    TICKET = concat!(tickets!(), " where t.tenant_id = ?1 and t.id = ?2");
    TICKET_BY_NUMBER = concat!(tickets!(), " where t.tenant_id = ?1 and t.number = ?2");
    TICKET_BY_ACCESS = concat!(tickets!(), " where t.tenant_id = ?1 and t.access_hash = ?2");
    TICKETS_OF = concat!(
        columns!(),
        " from json_each(?2) asked cross join tickets t on t.tenant_id = ?1 and t.id = unhex(asked.value, '-')
        cross join ticket_threads th on th.tenant_id = t.tenant_id and th.ticket_id = t.id"
    );
    UNFINISHED_TICKET_OF_SESSION = concat!(
        tickets!(),
        " where t.tenant_id = ?1 and t.inbox_id = ?2 and t.session = ?3
            and t.status in ('open', 'waiting', 'assigned', 'pending')
        order by t.created_at desc, t.id desc limit 1"
    );
    LATEST_TICKET_OF_SESSION = concat!(
        tickets!(),
        " where t.tenant_id = ?1 and t.inbox_id = ?2 and t.session = ?3
        order by t.created_at desc, t.id desc limit 1"
    );
    UNASSIGNED_TICKETS = concat!(
        tickets!(),
        " where t.tenant_id = ?1 and t.status in ('open', 'waiting') and t.held_for_bot_until is null
        order by t.priority desc, t.created_at, t.id limit ?2"
    );
    UNASSIGNED_TICKETS_OF = concat!(
        tickets!(),
        " where t.tenant_id = ?1 and t.department_id is ?2 and t.status in ('open', 'waiting')
            and t.held_for_bot_until is null
        order by t.priority desc, t.created_at, t.id limit ?3"
    );
    UNFINISHED_TICKETS_OF_AGENT = concat!(
        tickets!(),
        " where t.tenant_id = ?1 and t.assignee_id = ?2 and t.status in ('assigned', 'pending')
        order by t.created_at, t.id limit ?3"
    );
    /// Over all tenants.
    LAPSED_HOLDS = "select tenant_id, id from tickets
        where held_for_bot_until <= ?1 order by held_for_bot_until, tenant_id, id limit ?2";
}

/// A list is first found as ids in its order, and only those of the asked part are read whole.
const LISTED_TICKETS: &str = concat!(columns!(), " from (");

/// By activity it is the thread that comes first and the ticket that is looked up.
const PLACES_BY_ACTIVITY: &str = "select th.ticket_id as id, th.last_activity_at as place
    from ticket_threads th cross join tickets t on t.tenant_id = th.tenant_id and t.id = th.ticket_id
    where th.tenant_id = ";

const PLACES_BY_CREATION: &str = "select t.id, t.created_at as place from tickets t where t.tenant_id = ";

const PLACES_BY_PRIORITY: &str = "select t.id, t.priority as place from tickets t where t.tenant_id = ";

const PLACES_OF_FEW: &str = " from tickets t
    cross join ticket_threads th on th.tenant_id = t.tenant_id and th.ticket_id = t.id where t.tenant_id = ";

const COUNT_TICKETS: &str = "select count(*) from (select 1 from tickets t where t.tenant_id = ";

#[async_trait]
impl TicketReads for SqliteStore {
    async fn ticket(&self, tenant: TenantId, ticket: TicketId) -> Result<Option<Ticket>, StoreError> {
        let row = self
            .fetch_optional::<StoredTicket>(TICKET, (tenant.uuid(), ticket.uuid()))
            .await?;
        row.map(StoredTicket::into_ticket).transpose()
    }

    async fn ticket_by_number(&self, tenant: TenantId, number: u64) -> Result<Option<Ticket>, StoreError> {
        let row = self
            .fetch_optional::<StoredTicket>(TICKET_BY_NUMBER, (tenant.uuid(), stored_count(number)))
            .await?;
        row.map(StoredTicket::into_ticket).transpose()
    }

    async fn ticket_by_access(&self, tenant: TenantId, access: &SecretHash) -> Result<Option<Ticket>, StoreError> {
        let row = self
            .fetch_optional::<StoredTicket>(TICKET_BY_ACCESS, (tenant.uuid(), access.as_str().to_owned()))
            .await?;
        row.map(StoredTicket::into_ticket).transpose()
    }

    async fn unfinished_ticket_of_session(
        &self,
        tenant: TenantId,
        inbox: InboxId,
        session: &str,
    ) -> Result<Option<Ticket>, StoreError> {
        let row = self
            .fetch_optional::<StoredTicket>(
                UNFINISHED_TICKET_OF_SESSION,
                (tenant.uuid(), inbox.uuid(), session.to_owned()),
            )
            .await?;
        row.map(StoredTicket::into_ticket).transpose()
    }

    async fn latest_ticket_of_session(
        &self,
        tenant: TenantId,
        inbox: InboxId,
        session: &str,
    ) -> Result<Option<Ticket>, StoreError> {
        let parameters = (tenant.uuid(), inbox.uuid(), session.to_owned());
        let row = self
            .fetch_optional::<StoredTicket>(LATEST_TICKET_OF_SESSION, parameters)
            .await?;
        row.map(StoredTicket::into_ticket).transpose()
    }

    async fn tickets(
        &self,
        tenant: TenantId,
        filter: &TicketFilter,
        position: TicketPosition,
        limit: u32,
    ) -> Result<Page<Ticket>, StoreError> {
        let listed = Listed {
            tenant,
            filter,
            position,
            limit,
        };
        let (counting, sorting, walking) = (listed.count(), listed.select_few(), listed.select());
        let (has_filter, most) = (listed.has_filter(), stored_count(COUNTED_TO));
        let found = self.read(move |connection| {
            let total = counting.one::<i64>(connection)?;
            let selecting = if has_filter && total <= most { sorting } else { walking };
            let rows = selecting.all::<StoredTicket>(connection)?;
            Ok((rows, total))
        });
        let (rows, total) = found.await?;
        let items = rows.into_iter().map(StoredTicket::into_ticket);
        Ok(Page::of_counted(
            items.collect::<Result<_, _>>()?,
            count("tickets", total)?,
        ))
    }

    async fn unassigned_tickets(&self, tenant: TenantId, limit: u32) -> Result<Vec<Ticket>, StoreError> {
        let rows = self
            .fetch_all::<StoredTicket>(UNASSIGNED_TICKETS, (tenant.uuid(), limit))
            .await?;
        rows.into_iter().map(StoredTicket::into_ticket).collect()
    }

    async fn unassigned_tickets_of(
        &self,
        tenant: TenantId,
        department: Option<DepartmentId>,
        limit: u32,
    ) -> Result<Vec<Ticket>, StoreError> {
        let parameters = (tenant.uuid(), department.map(DepartmentId::uuid), limit);
        let rows = self
            .fetch_all::<StoredTicket>(UNASSIGNED_TICKETS_OF, parameters)
            .await?;
        rows.into_iter().map(StoredTicket::into_ticket).collect()
    }

    async fn unfinished_tickets_of_agent(
        &self,
        tenant: TenantId,
        agent: AgentId,
        limit: u32,
    ) -> Result<Vec<Ticket>, StoreError> {
        let rows = self
            .fetch_all::<StoredTicket>(UNFINISHED_TICKETS_OF_AGENT, (tenant.uuid(), agent.uuid(), limit))
            .await?;
        rows.into_iter().map(StoredTicket::into_ticket).collect()
    }

    async fn lapsed_holds(&self, before: Timestamp, limit: u32) -> Result<Vec<(TenantId, TicketId)>, StoreError> {
        let found: Vec<(Uuid, Uuid)> = self.fetch_all(LAPSED_HOLDS, (stored_time(before), limit)).await?;
        Ok(found
            .into_iter()
            .map(|(tenant, ticket)| (tenant.into(), ticket.into()))
            .collect())
    }
}

impl SqliteStore {
    /// The tickets of some places.
    pub(super) async fn tickets_of(&self, tenant: TenantId, places: &[FoundPlace]) -> Result<Vec<Ticket>, StoreError> {
        let asked: Vec<_> = places.iter().map(|place| place.ticket).collect();
        let rows = self
            .fetch_all::<StoredTicket>(TICKETS_OF, (tenant.uuid(), to_json(&asked)?))
            .await?;
        rows.into_iter().map(StoredTicket::into_ticket).collect()
    }
}

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
    pub(crate) fn count(&self) -> QueryBuilder {
        let mut query = QueryBuilder::new(COUNT_TICKETS);
        query.push_bind(self.tenant.uuid());
        self.narrow(&mut query, &self.filter.statuses);
        query.push(" limit ").push_bind(stored_count(COUNTED_TO + 1)).push(")");
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
    pub(crate) fn select_few(&self) -> QueryBuilder {
        let place = match self.filter.sort {
            TicketSort::CreatedAt => "t.created_at",
            TicketSort::Priority => "t.priority",
            TicketSort::UpdatedAt => "th.last_activity_at",
        };
        let (direction, beyond) = match self.filter.order {
            SortOrder::Ascending => ("asc", ">"),
            SortOrder::Descending => ("desc", "<"),
        };
        let mut query = QueryBuilder::new(LISTED_TICKETS);
        query.push(format_args!("select id, place from (select t.id, {place} as place"));
        query.push(PLACES_OF_FEW).push_bind(self.tenant.uuid());
        self.narrow(&mut query, &self.filter.statuses);
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
        query.push(" cross join ticket_threads th on th.tenant_id = t.tenant_id and th.ticket_id = t.id");
        query.push(format_args!(
            " order by listed.place {direction}, listed.id {direction}"
        ));
        query
    }

    /// The asked part of the list. By creation, several states are several lists, each of which
    /// comes out of the index in order, and which are merged: nothing is sorted.
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
        let statuses: BTreeSet<Status> = self.filter.statuses.iter().copied().collect();
        let statuses: Vec<Status> = statuses.into_iter().collect();
        let lists: Vec<&[Status]> = match (self.filter.sort, statuses.as_slice()) {
            (TicketSort::CreatedAt, several @ [_, _, ..]) => several.chunks(1).collect(),
            (_, any) => vec![any],
        };
        let mut query = QueryBuilder::new(LISTED_TICKETS);
        let mut between = "";
        for statuses in lists {
            query.push(between).push(places).push_bind(self.tenant.uuid());
            self.narrow(&mut query, statuses);
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
        query.push(" cross join ticket_threads th on th.tenant_id = t.tenant_id and th.ticket_id = t.id");
        query.push(format_args!(
            " order by listed.place {direction}, listed.id {direction}"
        ));
        query
    }

    /// What the filter asks of each ticket, which is in one of `statuses`.
    fn narrow(&self, query: &mut QueryBuilder, statuses: &[Status]) {
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
            query.push(" and exists (select 1 from json_each(t.tags) where value = ");
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
