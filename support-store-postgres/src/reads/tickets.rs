//! Tickets.

use async_trait::async_trait;
use sqlx::{Postgres, QueryBuilder};
use support_core::{
    model::{AgentId, DepartmentId, FoundPlace, InboxId, SecretHash, TenantId, Ticket, TicketId, Timestamp},
    ports::{
        AssigneeFilter, COUNTED_TO, PLACES_LOOKED_AT, Page, PageRequest, SortOrder, StoreError, TicketCursor,
        TicketFilter, TicketPosition, TicketReads, TicketSort, VisibleTo,
    },
};
use uuid::Uuid;

use super::{offset, search::push_found};
use crate::{
    PostgresStore,
    error::store_error,
    rows::{StoredTicket, count, priority_place, stored_count, stored_requester, stored_time},
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

macro_rules! tickets {
    () => {
        concat!(
            columns!(),
            " from tickets t join ticket_threads th on th.tenant_id = t.tenant_id and th.ticket_id = t.id"
        )
    };
}

statements! {
    TICKET = concat!(tickets!(), " where t.tenant_id = $1 and t.id = $2");
    TICKET_BY_NUMBER = concat!(tickets!(), " where t.tenant_id = $1 and t.number = $2");
    TICKET_BY_ACCESS = concat!(tickets!(), " where t.tenant_id = $1 and t.access_hash = $2");
    TICKETS_OF = concat!(tickets!(), " where t.tenant_id = $1 and t.id = any ($2)");
    UNFINISHED_TICKET_OF_SESSION = concat!(
        tickets!(),
        " where t.tenant_id = $1 and t.inbox_id = $2 and t.session = $3
            and t.status in ('open', 'waiting', 'assigned', 'pending')
        order by t.created_at desc, t.id desc limit 1"
    );
    LATEST_TICKET_OF_SESSION = concat!(
        tickets!(),
        " where t.tenant_id = $1 and t.inbox_id = $2 and t.session = $3
        order by t.created_at desc, t.id desc limit 1"
    );
    UNASSIGNED_TICKETS = concat!(
        tickets!(),
        " where t.tenant_id = $1 and t.status in ('open', 'waiting') and t.held_for_bot_until is null
        order by t.priority desc, t.created_at, t.id limit $2"
    );
    UNASSIGNED_TICKETS_OF_DEPARTMENT = concat!(
        tickets!(),
        " where t.tenant_id = $1 and t.department_id = $3 and t.status in ('open', 'waiting')
            and t.held_for_bot_until is null
        order by t.priority desc, t.created_at, t.id limit $2"
    );
    UNASSIGNED_TICKETS_OF_NO_DEPARTMENT = concat!(
        tickets!(),
        " where t.tenant_id = $1 and t.department_id is null and t.status in ('open', 'waiting')
            and t.held_for_bot_until is null
        order by t.priority desc, t.created_at, t.id limit $2"
    );
    UNFINISHED_TICKETS_OF_AGENT = concat!(
        tickets!(),
        " where t.tenant_id = $1 and t.assignee_id = $2 and t.status in ('assigned', 'pending')
        order by t.created_at, t.id limit $3"
    );
    /// Over all tenants.
    LAPSED_HOLDS = "select tenant_id, id from tickets
        where held_for_bot_until <= $1 order by held_for_bot_until, tenant_id, id limit $2";
}

const TICKETS: &str = tickets!();

/// By activity it is the thread that comes first and the ticket that is looked up.
const TICKETS_BY_ACTIVITY: &str = concat!(
    columns!(),
    " from ticket_threads th join tickets t on t.tenant_id = th.tenant_id and t.id = th.ticket_id"
);

const LISTED_TICKETS: &str = concat!(columns!(), " from (");

const PLACES_OF_FEW: &str = " from tickets t
    join ticket_threads th on th.tenant_id = t.tenant_id and th.ticket_id = t.id where t.tenant_id = ";

const COUNT_TICKETS: &str = "select count(*) from (select 1 from tickets t";

#[async_trait]
impl TicketReads for PostgresStore {
    async fn ticket(&self, tenant: TenantId, ticket: TicketId) -> Result<Option<Ticket>, StoreError> {
        let mut reader = self.reader(tenant).await?;
        let query = sqlx::query_as::<_, StoredTicket>(TICKET);
        let query = query.bind(tenant.uuid()).bind(ticket.uuid());
        let row = query.fetch_optional(&mut *reader).await.map_err(store_error)?;
        row.map(StoredTicket::into_ticket).transpose()
    }

    async fn ticket_by_number(&self, tenant: TenantId, number: u64) -> Result<Option<Ticket>, StoreError> {
        let mut reader = self.reader(tenant).await?;
        let query = sqlx::query_as::<_, StoredTicket>(TICKET_BY_NUMBER);
        let query = query.bind(tenant.uuid()).bind(stored_count(number));
        let row = query.fetch_optional(&mut *reader).await.map_err(store_error)?;
        row.map(StoredTicket::into_ticket).transpose()
    }

    async fn ticket_by_access(&self, tenant: TenantId, access: &SecretHash) -> Result<Option<Ticket>, StoreError> {
        let mut reader = self.reader(tenant).await?;
        let query = sqlx::query_as::<_, StoredTicket>(TICKET_BY_ACCESS);
        let query = query.bind(tenant.uuid()).bind(access.as_str());
        let row = query.fetch_optional(&mut *reader).await.map_err(store_error)?;
        row.map(StoredTicket::into_ticket).transpose()
    }

    async fn unfinished_ticket_of_session(
        &self,
        tenant: TenantId,
        inbox: InboxId,
        session: &str,
    ) -> Result<Option<Ticket>, StoreError> {
        let mut reader = self.reader(tenant).await?;
        let query = sqlx::query_as::<_, StoredTicket>(UNFINISHED_TICKET_OF_SESSION);
        let query = query.bind(tenant.uuid()).bind(inbox.uuid()).bind(session);
        let row = query.fetch_optional(&mut *reader).await.map_err(store_error)?;
        row.map(StoredTicket::into_ticket).transpose()
    }

    async fn latest_ticket_of_session(
        &self,
        tenant: TenantId,
        inbox: InboxId,
        session: &str,
    ) -> Result<Option<Ticket>, StoreError> {
        let mut reader = self.reader(tenant).await?;
        let query = sqlx::query_as::<_, StoredTicket>(LATEST_TICKET_OF_SESSION);
        let query = query.bind(tenant.uuid()).bind(inbox.uuid()).bind(session);
        let row = query.fetch_optional(&mut *reader).await.map_err(store_error)?;
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
        let mut reader = self.reader(tenant).await?;
        let mut query = listed.count();
        let query = query.build_query_scalar::<i64>();
        let total = query.fetch_one(&mut *reader).await.map_err(store_error)?;
        let is_short = listed.has_filter() && total <= stored_count(COUNTED_TO);
        let mut query = if is_short { listed.select_few() } else { listed.select() };
        let query = query.build_query_as::<StoredTicket>();
        let rows = query.fetch_all(&mut *reader).await.map_err(store_error)?;
        let items = rows.into_iter().map(StoredTicket::into_ticket);
        Ok(Page::of_counted(
            items.collect::<Result<_, _>>()?,
            count("tickets", total)?,
        ))
    }

    async fn unassigned_tickets(&self, tenant: TenantId, limit: u32) -> Result<Vec<Ticket>, StoreError> {
        let mut reader = self.reader(tenant).await?;
        let query = sqlx::query_as::<_, StoredTicket>(UNASSIGNED_TICKETS);
        let query = query.bind(tenant.uuid()).bind(i64::from(limit));
        let rows = query.fetch_all(&mut *reader).await.map_err(store_error)?;
        rows.into_iter().map(StoredTicket::into_ticket).collect()
    }

    async fn unassigned_tickets_of(
        &self,
        tenant: TenantId,
        department: Option<DepartmentId>,
        limit: u32,
    ) -> Result<Vec<Ticket>, StoreError> {
        let statement = match department {
            Some(_) => UNASSIGNED_TICKETS_OF_DEPARTMENT,
            None => UNASSIGNED_TICKETS_OF_NO_DEPARTMENT,
        };
        let mut reader = self.reader(tenant).await?;
        let query = sqlx::query_as::<_, StoredTicket>(statement);
        let query = query.bind(tenant.uuid()).bind(i64::from(limit));
        let query = match department {
            Some(department) => query.bind(department.uuid()),
            None => query,
        };
        let rows = query.fetch_all(&mut *reader).await.map_err(store_error)?;
        rows.into_iter().map(StoredTicket::into_ticket).collect()
    }

    async fn unfinished_tickets_of_agent(
        &self,
        tenant: TenantId,
        agent: AgentId,
        limit: u32,
    ) -> Result<Vec<Ticket>, StoreError> {
        let mut reader = self.reader(tenant).await?;
        let query = sqlx::query_as::<_, StoredTicket>(UNFINISHED_TICKETS_OF_AGENT);
        let query = query.bind(tenant.uuid()).bind(agent.uuid()).bind(i64::from(limit));
        let rows = query.fetch_all(&mut *reader).await.map_err(store_error)?;
        rows.into_iter().map(StoredTicket::into_ticket).collect()
    }

    async fn lapsed_holds(&self, before: Timestamp, limit: u32) -> Result<Vec<(TenantId, TicketId)>, StoreError> {
        let mut reader = self.overseer().await?;
        let query = sqlx::query_as(LAPSED_HOLDS);
        let query = query.bind(stored_time(before)).bind(i64::from(limit));
        let found: Vec<(Uuid, Uuid)> = query.fetch_all(&mut *reader).await.map_err(store_error)?;
        Ok(found
            .into_iter()
            .map(|(tenant, ticket)| (tenant.into(), ticket.into()))
            .collect())
    }
}

impl PostgresStore {
    /// The tickets of some places.
    pub(super) async fn tickets_of(&self, tenant: TenantId, places: &[FoundPlace]) -> Result<Vec<Ticket>, StoreError> {
        let asked: Vec<_> = places.iter().map(|place| place.ticket.uuid()).collect();
        let mut reader = self.reader(tenant).await?;
        let query = sqlx::query_as::<_, StoredTicket>(TICKETS_OF)
            .bind(tenant.uuid())
            .bind(asked);
        let rows = query.fetch_all(&mut *reader).await.map_err(store_error)?;
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
        query.push(" join ticket_threads th on th.tenant_id = t.tenant_id and th.ticket_id = t.id");
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
            query.push(" and t.tags ? ").push_bind(tag.clone());
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
