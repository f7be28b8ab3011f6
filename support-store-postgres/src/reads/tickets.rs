//! Tickets.

use async_trait::async_trait;
use support_core::{
    model::{AgentId, DepartmentId, FoundPlace, InboxId, SecretHash, TenantId, Ticket, TicketId, Timestamp},
    ports::{COUNTED_TO, Page, StoreError, TicketFilter, TicketPosition, TicketReads},
};
use uuid::Uuid;

use super::ticket_lists::Listed;
use crate::{
    PostgresStore,
    error::store_error,
    rows::{StoredTicket, count, stored_count, stored_time},
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
