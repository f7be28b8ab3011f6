//! Messages.

use support_core::{
    model::{Attachment, Message, Sender, SenderKind, TenantId},
    ports::StoreError,
};
use uuid::Uuid;

use super::{
    Raw, Time, count, from_json, inconsistent, parsed, requester, row, stored_count, stored_requester, stored_time,
};
use super::{time, to_json};

const TABLE: &str = "messages";

row! {
    /// A row of `messages`.
    MessageRow {
        tenant_id: Uuid,
        ticket_id: Uuid,
        seq: i64,
        id: Uuid,
        sender_kind: String,
        sender_id: Option<Uuid>,
        requester_kind: Option<String>,
        sender_name: String,
        kind: String,
        content: String,
        client_id: Option<String>,
        metadata: Raw,
        attachments: Option<Raw>,
        created_at: Time,
    }
}

impl MessageRow {
    /// The row of a message under its place in the thread.
    pub(crate) fn of(tenant: TenantId, message: &Message, seq: u64) -> Result<Self, StoreError> {
        let requester_kind = match message.sender {
            Sender::Customer(requester) => Some(stored_requester(requester).0.to_owned()),
            Sender::Agent(_) | Sender::Bot | Sender::System => None,
        };
        Ok(Self {
            tenant_id: tenant.uuid(),
            ticket_id: message.ticket.uuid(),
            seq: stored_count(seq),
            id: message.id.uuid(),
            sender_kind: message.sender.kind().as_str().to_owned(),
            sender_id: message.sender.id(),
            requester_kind,
            sender_name: message.sender_name.clone(),
            kind: message.kind.as_str().to_owned(),
            content: message.content.clone(),
            client_id: message.client_id.clone(),
            metadata: to_json(&message.metadata)?,
            attachments: stored_attachments(&message.attachments)?,
            created_at: stored_time(message.created_at),
        })
    }

    fn sender(&self) -> Result<Sender, StoreError> {
        let sender = match (parsed(TABLE, &self.sender_kind)?, self.sender_id, &self.requester_kind) {
            (SenderKind::Customer, Some(id), Some(kind)) => Sender::Customer(requester(TABLE, kind, id)?),
            (SenderKind::Customer, ..) => return Err(inconsistent(TABLE, format!("{} has no sender", self.id))),
            (SenderKind::Agent, id, _) => Sender::Agent(id.map(Into::into)),
            (SenderKind::Bot, ..) => Sender::Bot,
            (SenderKind::System, ..) => Sender::System,
        };
        Ok(sender)
    }

    /// The message.
    pub(crate) fn into_message(self) -> Result<Message, StoreError> {
        Ok(Message {
            sender: self.sender()?,
            id: self.id.into(),
            ticket: self.ticket_id.into(),
            seq: count(TABLE, self.seq)?,
            sender_name: self.sender_name,
            kind: parsed(TABLE, &self.kind)?,
            content: self.content,
            client_id: self.client_id,
            metadata: from_json(TABLE, &self.metadata)?,
            attachments: match &self.attachments {
                Some(attachments) => from_json(TABLE, attachments)?,
                None => Vec::new(),
            },
            created_at: time(self.created_at),
        })
    }
}

/// Most messages carry nothing, which takes no room.
fn stored_attachments(attachments: &[Attachment]) -> Result<Option<Raw>, StoreError> {
    if attachments.is_empty() {
        return Ok(None);
    }
    to_json(attachments).map(Some)
}
