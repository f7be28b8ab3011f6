//! The journal.

use std::sync::Arc;

use support_core::{
    change::NewEvent,
    model::{ActorRef, Audience, Event, TenantId, Timestamp},
    ports::StoreError,
};
use uuid::Uuid;

use super::{MessageRow, Raw, Time, count, from_json, parsed, row, stored_count, stored_time, time, to_json};
use crate::query::{FromRow, SqliteRow};

const TABLE: &str = "events";

row! {
    /// A row of `events`.
    EventRow {
        tenant_id: Uuid,
        seq: i64,
        at: Time,
        kind: String,
        actor: Raw,
        visibility: String,
        ticket_id: Option<Uuid>,
        customer_id: Option<Uuid>,
        assignee_id: Option<Uuid>,
        department_id: Option<Uuid>,
        message_seq: Option<i64>,
        body: Raw,
    }
}

impl EventRow {
    /// The row of an event under its place in the journal. `message_seq` is the place of the
    /// message it speaks of.
    pub(crate) fn of(
        tenant: TenantId,
        event: &NewEvent,
        seq: u64,
        at: Timestamp,
        actor: ActorRef,
        message_seq: Option<u64>,
    ) -> Result<Self, StoreError> {
        let NewEvent { body, audience } = event;
        Ok(Self {
            tenant_id: tenant.uuid(),
            seq: stored_count(seq),
            at: stored_time(at),
            kind: body.kind().to_owned(),
            actor: to_json(&actor)?,
            visibility: audience.visibility.as_str().to_owned(),
            ticket_id: audience.ticket.map(support_core::model::TicketId::uuid),
            customer_id: audience.customer.map(support_core::model::CustomerId::uuid),
            assignee_id: audience.assignee.map(support_core::model::AgentId::uuid),
            department_id: audience.department.map(support_core::model::DepartmentId::uuid),
            message_seq: message_seq.map(stored_count),
            body: to_json(body)?,
        })
    }
}

/// An event and the message it speaks of, as one statement reads them.
#[derive(Debug)]
pub(crate) struct JournalRow {
    event: EventRow,
    message: Option<MessageRow>,
}

impl FromRow for JournalRow {
    fn from_row(row: &SqliteRow<'_>) -> rusqlite::Result<Self> {
        let event = EventRow::from_row(row)?;
        let message = joined_message(row, &event)?;
        Ok(Self { event, message })
    }
}

/// The message's columns; those that both tables have are the event's, or begin with `message_`.
fn joined_message(row: &SqliteRow<'_>, event: &EventRow) -> rusqlite::Result<Option<MessageRow>> {
    let id: Option<Uuid> = row.try_get("message_id")?;
    let (Some(id), Some(ticket_id), Some(seq)) = (id, event.ticket_id, event.message_seq) else {
        return Ok(None);
    };
    Ok(Some(MessageRow {
        tenant_id: event.tenant_id,
        ticket_id,
        seq,
        id,
        sender_kind: row.try_get("sender_kind")?,
        sender_id: row.try_get("sender_id")?,
        requester_kind: row.try_get("requester_kind")?,
        sender_name: row.try_get("sender_name")?,
        kind: row.try_get("message_kind")?,
        content: row.try_get("content")?,
        client_id: row.try_get("client_id")?,
        metadata: row.try_get("metadata")?,
        attachments: row.try_get("attachments")?,
        created_at: row.try_get("created_at")?,
    }))
}

impl JournalRow {
    /// The event.
    pub(crate) fn into_event(self) -> Result<Event, StoreError> {
        let Self { event, message } = self;
        Ok(Event {
            seq: count(TABLE, event.seq)?,
            at: time(event.at),
            actor: from_json(TABLE, &event.actor)?,
            audience: Audience {
                visibility: parsed(TABLE, &event.visibility)?,
                ticket: event.ticket_id.map(Into::into),
                customer: event.customer_id.map(Into::into),
                assignee: event.assignee_id.map(Into::into),
                department: event.department_id.map(Into::into),
            },
            body: from_json(TABLE, &event.body)?,
            message: message.map(MessageRow::into_message).transpose()?.map(Arc::new),
        })
    }
}
