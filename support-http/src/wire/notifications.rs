//! How what people are told inside the product is written.

use serde::Serialize;
use support_core::model::Notification;
use utoipa::ToSchema;
use uuid::Uuid;

/// One thing one person is told.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Notification)]
pub(crate) struct NotificationRow {
    id: Uuid,
    #[serde(rename = "type")]
    kind: &'static str,
    title: String,
    message: String,
    priority: &'static str,
    ticket_id: Option<Uuid>,
    callback_id: Option<Uuid>,
    is_read: bool,
    read_at: Option<String>,
    created_at: String,
}

impl From<Notification> for NotificationRow {
    fn from(notification: Notification) -> Self {
        Self {
            id: notification.id.uuid(),
            kind: notification.kind.as_str(),
            title: notification.title,
            message: notification.message,
            priority: notification.priority.as_str(),
            ticket_id: notification.ticket.map(support_core::model::TicketId::uuid),
            callback_id: notification.callback.map(support_core::model::CallbackId::uuid),
            is_read: notification.read_at.is_some(),
            read_at: notification.read_at.map(|at| at.to_string()),
            created_at: notification.created_at.to_string(),
        }
    }
}
