//! Threads, and what people are told inside the product.

use std::collections::HashMap;

use async_trait::async_trait;
use support_core::{
    model::{FoundPlace, Message, MessageId, Notification, NotificationId, Principal, TenantId, TicketId},
    ports::{MessageReads, NotificationReads, StoreError},
};
use uuid::Uuid;

use crate::{
    PostgresStore,
    error::store_error,
    rows::{MessageRow, NotificationRow, count, stored_count, stored_principal},
    statements::statements,
};

macro_rules! messages {
    () => {
        "select tenant_id, ticket_id, seq, id, sender_kind, sender_id, requester_kind, sender_name, kind, content,
            client_id, metadata, attachments, created_at
        from messages where tenant_id = $1 and ticket_id = $2"
    };
}

macro_rules! notifications {
    () => {
        "select tenant_id, id, recipient_kind, recipient_id, kind, title, message, priority, ticket_id, callback_id,
            created_at, read_at
        from notifications where tenant_id = $1"
    };
}

statements! {
    MESSAGE = concat!(messages!(), " and id = $3");
    MESSAGES = concat!(messages!(), " and seq > $3 and ($4 or kind <> 'note') order by seq limit $5");
    MESSAGES_AT = "select m.tenant_id, m.ticket_id, m.seq, m.id, m.sender_kind, m.sender_id, m.requester_kind, m.sender_name,
            m.kind, m.content, m.client_id, m.metadata, m.attachments, m.created_at
        from unnest($2::uuid[], $3::bigint[]) asked (ticket_id, seq)
        join messages m on m.tenant_id = $1 and m.ticket_id = asked.ticket_id and m.seq = asked.seq";
    NOTES = "select ticket_id, count(*) from messages
        where tenant_id = $1 and kind = 'note' and ticket_id = any ($2::uuid[])
        group by ticket_id";
    NOTIFICATION = concat!(notifications!(), " and id = $2");
    NOTIFICATIONS = concat!(
        notifications!(),
        " and recipient_kind = $2 and recipient_id = $3 and (not $4 or read_at is null)
        order by created_at desc, id desc limit $5"
    );
}

#[async_trait]
impl MessageReads for PostgresStore {
    async fn message(
        &self,
        tenant: TenantId,
        ticket: TicketId,
        message: MessageId,
    ) -> Result<Option<Message>, StoreError> {
        let mut reader = self.reader(tenant).await?;
        let query = sqlx::query_as::<_, MessageRow>(MESSAGE);
        let query = query.bind(tenant.uuid()).bind(ticket.uuid()).bind(message.uuid());
        let row = query.fetch_optional(&mut *reader).await.map_err(store_error)?;
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
        let mut reader = self.reader(tenant).await?;
        let query = sqlx::query_as::<_, MessageRow>(MESSAGES);
        let query = query.bind(tenant.uuid()).bind(ticket.uuid()).bind(stored_count(after));
        let query = query.bind(with_notes).bind(i64::from(limit));
        let rows = query.fetch_all(&mut *reader).await.map_err(store_error)?;
        rows.into_iter().map(MessageRow::into_message).collect()
    }

    async fn notes(&self, tenant: TenantId, tickets: &[TicketId]) -> Result<HashMap<TicketId, u64>, StoreError> {
        let tickets: Vec<Uuid> = tickets.iter().map(|ticket| ticket.uuid()).collect();
        let mut reader = self.reader(tenant).await?;
        let query = sqlx::query_as::<_, (Uuid, i64)>(NOTES)
            .bind(tenant.uuid())
            .bind(tickets);
        let rows = query.fetch_all(&mut *reader).await.map_err(store_error)?;
        let notes = rows.into_iter();
        notes
            .map(|(ticket, notes)| Ok((ticket.into(), count("messages", notes)?)))
            .collect()
    }
}

impl PostgresStore {
    /// The messages of some places.
    pub(super) async fn messages_at(
        &self,
        tenant: TenantId,
        places: &[FoundPlace],
    ) -> Result<Vec<Message>, StoreError> {
        let asked = places
            .iter()
            .map(|place| (place.ticket.uuid(), stored_count(place.seq)));
        let (tickets, seqs): (Vec<Uuid>, Vec<i64>) = asked.unzip();
        let mut reader = self.reader(tenant).await?;
        let query = sqlx::query_as::<_, MessageRow>(MESSAGES_AT);
        let query = query.bind(tenant.uuid()).bind(tickets).bind(seqs);
        let rows = query.fetch_all(&mut *reader).await.map_err(store_error)?;
        rows.into_iter().map(MessageRow::into_message).collect()
    }
}

#[async_trait]
impl NotificationReads for PostgresStore {
    async fn notification(
        &self,
        tenant: TenantId,
        notification: NotificationId,
    ) -> Result<Option<Notification>, StoreError> {
        let mut reader = self.reader(tenant).await?;
        let query = sqlx::query_as::<_, NotificationRow>(NOTIFICATION);
        let query = query.bind(tenant.uuid()).bind(notification.uuid());
        let row = query.fetch_optional(&mut *reader).await.map_err(store_error)?;
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
        let mut reader = self.reader(tenant).await?;
        let query = sqlx::query_as::<_, NotificationRow>(NOTIFICATIONS);
        let query = query
            .bind(tenant.uuid())
            .bind(kind)
            .bind(id)
            .bind(unread_only)
            .bind(i64::from(limit));
        let rows = query.fetch_all(&mut *reader).await.map_err(store_error)?;
        rows.into_iter().map(NotificationRow::into_notification).collect()
    }
}
