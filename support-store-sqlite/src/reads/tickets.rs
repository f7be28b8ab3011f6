//! Tickets.

use async_trait::async_trait;
use support_core::{
    model::{AgentId, DepartmentId, FoundPlace, InboxId, SecretHash, TenantId, Ticket, TicketId, Timestamp},
    ports::{COUNTED_TO, Page, StoreError, TicketFilter, TicketPosition, TicketReads},
};
use uuid::Uuid;

use super::ticket_lists::{Listed, count_tagged};
use crate::{
    SqliteStore,
    rows::{StoredTicket, count, stored_count, stored_time, to_json},
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
        let (filter, most) = (filter.clone(), stored_count(COUNTED_TO));
        let found = self.read(move |connection| {
            let mut listed = Listed {
                tenant,
                filter: &filter,
                position,
                limit,
                has_rare_tag: false,
            };
            if let Some(tag) = &filter.tag {
                listed.has_rare_tag = count_tagged(tenant, tag).one::<i64>(connection)? <= most;
            }
            let total = listed.count().one::<i64>(connection)?;
            let selecting = if listed.has_filter() && total <= most {
                listed.select_few()
            } else {
                listed.has_rare_tag = false;
                listed.select()
            };
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
