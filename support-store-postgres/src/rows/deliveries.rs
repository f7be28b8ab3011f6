//! What people are told and what is owed to the outside.

use support_core::{
    model::{CallbackId, Delivery, Notification, TenantId, TicketId},
    ports::{LeaseToken, Leased, StoreError},
};
use uuid::Uuid;

use super::{
    Raw, Time, count, from_json, inconsistent, parsed, principal, priority_at, priority_place, row, stored_count,
    stored_principal, stored_time, time, to_json,
};

const NOTIFICATIONS: &str = "notifications";
const DELIVERIES: &str = "deliveries";

row! {
    /// A row of `notifications`.
    NotificationRow {
        tenant_id: Uuid,
        id: Uuid,
        recipient_kind: String,
        recipient_id: Uuid,
        kind: String,
        title: String,
        message: String,
        priority: i64,
        ticket_id: Option<Uuid>,
        callback_id: Option<Uuid>,
        created_at: Time,
        read_at: Option<Time>,
    }
}

impl NotificationRow {
    /// The row as it will be stored.
    pub(crate) fn of(tenant: TenantId, notification: &Notification) -> Self {
        let (recipient_kind, recipient_id) = stored_principal(notification.recipient);
        Self {
            tenant_id: tenant.uuid(),
            id: notification.id.uuid(),
            recipient_kind: recipient_kind.to_owned(),
            recipient_id,
            kind: notification.kind.as_str().to_owned(),
            title: notification.title.clone(),
            message: notification.message.clone(),
            priority: priority_place(notification.priority),
            ticket_id: notification.ticket.map(TicketId::uuid),
            callback_id: notification.callback.map(CallbackId::uuid),
            created_at: stored_time(notification.created_at),
            read_at: notification.read_at.map(stored_time),
        }
    }

    /// The notification.
    pub(crate) fn into_notification(self) -> Result<Notification, StoreError> {
        Ok(Notification {
            id: self.id.into(),
            recipient: principal(NOTIFICATIONS, &self.recipient_kind, self.recipient_id)?,
            kind: parsed(NOTIFICATIONS, &self.kind)?,
            title: self.title,
            message: self.message,
            priority: priority_at(NOTIFICATIONS, self.priority)?,
            ticket: self.ticket_id.map(Into::into),
            callback: self.callback_id.map(Into::into),
            created_at: time(self.created_at),
            read_at: self.read_at.map(time),
        })
    }
}

row! {
    /// A row of `deliveries`, without how long it is leased.
    DeliveryRow {
        tenant_id: Uuid,
        id: Uuid,
        channel: String,
        recipient: String,
        ticket_id: Option<Uuid>,
        callback_id: Option<Uuid>,
        gather_key: Option<String>,
        notice: Raw,
        status: String,
        attempts: i64,
        last_error: Option<String>,
        next_attempt_at: Time,
        lease_token: Option<Uuid>,
        sent_at: Option<Time>,
        provider_id: Option<String>,
        created_at: Time,
    }
}

impl DeliveryRow {
    /// The row as it will be stored.
    pub(crate) fn of(tenant: TenantId, delivery: &Delivery) -> Result<Self, StoreError> {
        Ok(Self {
            tenant_id: tenant.uuid(),
            id: delivery.id.uuid(),
            channel: delivery.channel.as_str().to_owned(),
            recipient: delivery.recipient.clone(),
            ticket_id: delivery.ticket.map(TicketId::uuid),
            callback_id: delivery.callback.map(CallbackId::uuid),
            gather_key: delivery.key.clone(),
            notice: to_json(&delivery.notice)?,
            status: delivery.status.as_str().to_owned(),
            attempts: stored_count(delivery.attempts),
            last_error: delivery.last_error.clone(),
            next_attempt_at: stored_time(delivery.next_attempt_at),
            lease_token: None,
            sent_at: delivery.sent_at.map(stored_time),
            provider_id: delivery.provider_id.clone(),
            created_at: stored_time(delivery.created_at),
        })
    }

    /// The delivery under its lease.
    pub(crate) fn into_leased(self) -> Result<Leased, StoreError> {
        let token = self
            .lease_token
            .ok_or_else(|| inconsistent(DELIVERIES, "sent without a lease"))?;
        Ok(Leased {
            lease: LeaseToken {
                tenant: self.tenant_id.into(),
                delivery: self.id.into(),
                token,
            },
            delivery: self.into_delivery()?,
        })
    }

    /// The delivery.
    pub(crate) fn into_delivery(self) -> Result<Delivery, StoreError> {
        Ok(Delivery {
            id: self.id.into(),
            channel: parsed(DELIVERIES, &self.channel)?,
            recipient: self.recipient,
            ticket: self.ticket_id.map(Into::into),
            callback: self.callback_id.map(Into::into),
            key: self.gather_key,
            notice: from_json(DELIVERIES, &self.notice)?,
            status: parsed(DELIVERIES, &self.status)?,
            attempts: count(DELIVERIES, self.attempts)?,
            last_error: self.last_error,
            next_attempt_at: time(self.next_attempt_at),
            sent_at: self.sent_at.map(time),
            provider_id: self.provider_id,
            created_at: time(self.created_at),
        })
    }
}
