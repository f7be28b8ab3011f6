//! The journal.

use async_trait::async_trait;
use support_core::{
    model::{CustomerId, Event, TenantId, TicketId},
    ports::{EventFilter, EventReads, StoreError},
};

use crate::{
    SqliteStore,
    query::all,
    rows::{JournalRow, count, stored_count},
    statements::statements,
};

macro_rules! events {
    () => {
        "select e.tenant_id, e.seq, e.at, e.kind, e.actor, e.visibility, e.ticket_id, e.customer_id, e.assignee_id,
            e.department_id, e.message_seq, e.body, m.id as message_id, m.sender_kind, m.sender_id, m.requester_kind,
            m.sender_name, m.kind as message_kind, m.content, m.client_id, m.metadata, m.attachments, m.created_at
        from events e left join messages m
            on m.tenant_id = e.tenant_id and m.ticket_id = e.ticket_id and m.seq = e.message_seq
        where e.tenant_id = ?1 and e.seq > ?2"
    };
}

statements! {
    LAST_EVENT = "select last_event from tenant_counters where tenant_id = ?1";
    EVENTS = concat!(events!(), " and (?3 is null or e.kind = ?3) order by e.seq limit ?4");
    /// Messages are the bulk of a journal and left out of the index by kind.
    EVENTS_OF_KIND = concat!(
        events!(),
        " and e.kind = ?3 and e.kind <> 'message_posted' order by e.seq limit ?4"
    );
    EVENTS_OF_TICKET = concat!(
        events!(),
        " and (?3 is null or e.kind = ?3) and e.ticket_id = ?5 order by e.seq limit ?4"
    );
    EVENTS_OF_CUSTOMER = concat!(
        events!(),
        " and (?3 is null or e.kind = ?3) and e.customer_id = ?5 order by e.seq limit ?4"
    );
    EVENTS_OF_BOTH = concat!(
        events!(),
        " and (?3 is null or e.kind = ?3) and e.ticket_id = ?5 and e.customer_id = ?6 order by e.seq limit ?4"
    );
}

#[async_trait]
impl EventReads for SqliteStore {
    async fn last_event(&self, tenant: TenantId) -> Result<u64, StoreError> {
        let last = self.fetch_optional::<i64>(LAST_EVENT, (tenant.uuid(),)).await?;
        count("tenant_counters", last.unwrap_or(0))
    }

    async fn events(
        &self,
        tenant: TenantId,
        after: u64,
        filter: &EventFilter,
        limit: u32,
    ) -> Result<Vec<Event>, StoreError> {
        let statement = match (filter.ticket, filter.customer, filter.kind.as_deref()) {
            (Some(_), Some(_), _) => EVENTS_OF_BOTH,
            (Some(_), None, _) => EVENTS_OF_TICKET,
            (None, Some(_), _) => EVENTS_OF_CUSTOMER,
            (None, None, None | Some("message_posted")) => EVENTS,
            (None, None, Some(_)) => EVENTS_OF_KIND,
        };
        let (tenant, after, kind) = (tenant.uuid(), stored_count(after), filter.kind.clone());
        let (ticket, customer) = (filter.ticket.map(TicketId::uuid), filter.customer.map(CustomerId::uuid));
        let rows = self.read(move |connection| match (ticket, customer) {
            (Some(ticket), Some(customer)) => {
                let parameters = (tenant, after, kind, limit, ticket, customer);
                Ok(all(connection, statement, parameters)?)
            }
            (Some(whose), None) | (None, Some(whose)) => {
                Ok(all(connection, statement, (tenant, after, kind, limit, whose))?)
            }
            (None, None) => Ok(all(connection, statement, (tenant, after, kind, limit))?),
        });
        let rows: Vec<JournalRow> = rows.await?;
        rows.into_iter().map(JournalRow::into_event).collect()
    }
}
