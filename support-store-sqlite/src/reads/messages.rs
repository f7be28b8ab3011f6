//! Threads, and what people are told inside the product.

use std::collections::HashMap;

use async_trait::async_trait;
use support_core::{
    model::{FoundPlace, Message, MessageId, Notification, NotificationId, Principal, TenantId, TicketId},
    ports::{MessageReads, NotificationReads, StoreError},
};
use uuid::Uuid;

use crate::{
    SqliteStore,
    rows::{MessageRow, NotificationRow, count, stored_count, stored_principal, to_json},
    statements::statements,
};

macro_rules! messages {
    () => {
        "select tenant_id, ticket_id, seq, id, sender_kind, sender_id, requester_kind, sender_name, kind, content,
            client_id, metadata, attachments, created_at
        from messages where tenant_id = ?1 and ticket_id = ?2"
    };
}

macro_rules! notifications {
    () => {
        "select tenant_id, id, recipient_kind, recipient_id, kind, title, message, priority, ticket_id, callback_id,
            created_at, read_at
        from notifications where tenant_id = ?1"
    };
}

statements! {
    MESSAGE = concat!(messages!(), " and id = ?3");
    MESSAGES = concat!(messages!(), " and seq > ?3 and (?4 or kind <> 'note') order by seq limit ?5");
    MESSAGES_AT = "select m.tenant_id, m.ticket_id, m.seq, m.id, m.sender_kind, m.sender_id, m.requester_kind, m.sender_name,
            m.kind, m.content, m.client_id, m.metadata, m.attachments, m.created_at
        from json_each(?2) asked
        cross join messages m on m.tenant_id = ?1 and m.ticket_id = unhex(asked.value->>0, '-')
            and m.seq = asked.value->>1";
    NOTES = "select ticket_id, count(*) from messages
        where tenant_id = ?1 and kind = 'note' and ticket_id in (select unhex(value, '-') from json_each(?2))
        group by ticket_id";
    NOTIFICATION = concat!(notifications!(), " and id = ?2");
    NOTIFICATIONS = concat!(
        notifications!(),
        " and recipient_kind = ?2 and recipient_id = ?3 and (not ?4 or read_at is null)
        order by created_at desc, id desc limit ?5"
    );
}

#[async_trait]
impl MessageReads for SqliteStore {
    async fn message(
        &self,
        tenant: TenantId,
        ticket: TicketId,
        message: MessageId,
    ) -> Result<Option<Message>, StoreError> {
        let row = self
            .fetch_optional::<MessageRow>(MESSAGE, (tenant.uuid(), ticket.uuid(), message.uuid()))
            .await?;
        row.map(MessageRow::into_message).transpose()
    }

    async fn messages(
        &self,
        tenant: TenantId,
        ticket: TicketId,
        after: u64,
        limit: u32,
        with_notes: bool,
    ) -> Result<Vec<Message>, StoreError> {
        let rows = self
            .fetch_all::<MessageRow>(
                MESSAGES,
                (tenant.uuid(), ticket.uuid(), stored_count(after), with_notes, limit),
            )
            .await?;
        rows.into_iter().map(MessageRow::into_message).collect()
    }

    async fn notes(&self, tenant: TenantId, tickets: &[TicketId]) -> Result<HashMap<TicketId, u64>, StoreError> {
        let rows: Vec<(Uuid, i64)> = self.fetch_all(NOTES, (tenant.uuid(), to_json(&tickets)?)).await?;
        let notes = rows.into_iter();
        notes
            .map(|(ticket, notes)| Ok((ticket.into(), count("messages", notes)?)))
            .collect()
    }
}

impl SqliteStore {
    /// The messages of some places.
    pub(super) async fn messages_at(
        &self,
        tenant: TenantId,
        places: &[FoundPlace],
    ) -> Result<Vec<Message>, StoreError> {
        let asked: Vec<_> = places.iter().map(|place| (place.ticket, place.seq)).collect();
        let rows = self
            .fetch_all::<MessageRow>(MESSAGES_AT, (tenant.uuid(), to_json(&asked)?))
            .await?;
        rows.into_iter().map(MessageRow::into_message).collect()
    }
}

#[async_trait]
impl NotificationReads for SqliteStore {
    async fn notification(
        &self,
        tenant: TenantId,
        notification: NotificationId,
    ) -> Result<Option<Notification>, StoreError> {
        let row = self
            .fetch_optional::<NotificationRow>(NOTIFICATION, (tenant.uuid(), notification.uuid()))
            .await?;
        row.map(NotificationRow::into_notification).transpose()
    }

    async fn notifications(
        &self,
        tenant: TenantId,
        recipient: Principal,
        unread_only: bool,
        limit: u32,
    ) -> Result<Vec<Notification>, StoreError> {
        let (kind, id) = stored_principal(recipient);
        let rows = self
            .fetch_all::<NotificationRow>(NOTIFICATIONS, (tenant.uuid(), kind, id, unread_only, limit))
            .await?;
        rows.into_iter().map(NotificationRow::into_notification).collect()
    }
}
