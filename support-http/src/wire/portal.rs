//! Shapes of the customer portal: what a customer may see of their own.

use serde::Serialize;
use support_core::{
    desk::OwnTickets,
    model::{Customer, Message, Notification, Priority, Rating, Status, Thread, Ticket},
};
use utoipa::ToSchema;
use uuid::Uuid;

use super::files::{AttachmentRow, FileUrls};

/// What customers call a status: they need not know how work is given out.
pub(crate) const fn portal_status(status: Status) -> &'static str {
    match status {
        Status::Open | Status::Waiting => "open",
        Status::Assigned => "in_progress",
        Status::Pending => "pending",
        Status::Resolved => "resolved",
        Status::Closed => "closed",
    }
}

/// The names of all statuses, and what each stands for.
pub(crate) const STATUSES: [(&str, &[Status]); 5] = [
    ("open", &[Status::Open, Status::Waiting]),
    ("in_progress", &[Status::Assigned]),
    ("pending", &[Status::Pending]),
    ("resolved", &[Status::Resolved]),
    ("closed", &[Status::Closed]),
];

/// What customers call a priority.
pub(crate) const fn portal_priority(priority: Priority) -> &'static str {
    match priority {
        Priority::Low => "low",
        Priority::Normal => "medium",
        Priority::High => "high",
        Priority::Urgent => "urgent",
    }
}

/// The names of all priorities.
pub(crate) const PRIORITIES: [(&str, Priority); 4] = [
    ("low", Priority::Low),
    ("medium", Priority::Normal),
    ("high", Priority::High),
    ("urgent", Priority::Urgent),
];

/// Who the customer is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Profile {
    id: Uuid,
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    stats: ProfileStatistics,
}

/// How many tickets they have.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProfileStatistics {
    total_tickets: u64,
    /// Those that are neither resolved nor closed.
    open_tickets: u64,
    /// Those that are resolved or closed.
    resolved_tickets: u64,
}

impl Profile {
    pub(crate) fn new(customer: Customer, tickets: OwnTickets) -> Self {
        Self {
            id: customer.id.uuid(),
            name: customer.contact.name,
            email: customer.contact.email,
            phone: customer.contact.phone,
            stats: ProfileStatistics {
                total_tickets: tickets.total,
                open_tickets: tickets.unfinished,
                resolved_tickets: tickets.finished,
            },
        }
    }
}

/// A customer's own ticket.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PortalTicket {
    id: Uuid,
    /// `TKT-1`.
    ticket_id: String,
    title: String,
    /// `open`, `in_progress`, `pending`, `resolved` or `closed`.
    status: &'static str,
    /// `low`, `medium`, `high` or `urgent`.
    priority: &'static str,
    category: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    message_count: u64,
    last_message_at: Option<String>,
    /// Answers that the customer has not read.
    unread_count: u64,
    created_at: String,
    updated_at: String,
}

/// Where the kind of a matter is kept in a ticket's own metadata.
pub(crate) const KIND: &str = "type";

impl PortalTicket {
    /// A ticket in whose thread are so many notes.
    pub(crate) fn new(ticket: &Ticket, notes: u64) -> Self {
        let kind = ticket.metadata.get(KIND).and_then(serde_json::Value::as_str);
        Self {
            id: ticket.id.uuid(),
            ticket_id: ticket.human_number(),
            title: ticket.subject.clone(),
            status: portal_status(ticket.state.status()),
            priority: portal_priority(ticket.priority),
            category: ticket.category.clone(),
            kind: kind.map(str::to_owned),
            message_count: ticket.thread.last_seq.saturating_sub(notes),
            last_message_at: ticket.thread.last_message_at.map(|at| at.to_string()),
            unread_count: ticket.thread.unread_by_customer,
            created_at: ticket.created_at.to_string(),
            updated_at: ticket.updated_at.to_string(),
        }
    }
}

/// A ticket with the end of its thread.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WholePortalTicket {
    #[serde(flatten)]
    ticket: PortalTicket,
    messages: Vec<PortalMessage>,
    /// The files that these messages carry, oldest first.
    attachments: Vec<AttachmentRow>,
    /// What the customer said of the latest resolution that they rated.
    feedback: Option<Feedback>,
}

impl WholePortalTicket {
    pub(crate) fn new(ticket: &Ticket, notes: u64, messages: &[Message], urls: &FileUrls<'_>) -> Self {
        let rows = messages.iter().map(|message| PortalMessage::new(message, ticket, urls));
        Self {
            messages: rows.collect(),
            attachments: messages.iter().flat_map(|message| urls.attachments(message)).collect(),
            feedback: ticket.rating.as_ref().map(|rating| Feedback::new(ticket, rating)),
            ticket: PortalTicket::new(ticket, notes),
        }
    }
}

/// What was said in a customer's own ticket.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PortalMessage {
    id: Uuid,
    seq: u64,
    /// The ticket it is in: `TKT-1`.
    ticket_id: String,
    body: String,
    /// `customer`, `agent`, `bot` or `system`.
    sender: &'static str,
    sender_name: String,
    /// `text`, `file`, `image` or `system_notification`.
    message_type: &'static str,
    /// Whether the other side has read it.
    is_read: bool,
    /// The customer's own id for what they wrote.
    client_message_id: Option<String>,
    /// The files it carries.
    attachments: Vec<AttachmentRow>,
    created_at: String,
}

impl PortalMessage {
    /// With the number and the read marks of its ticket.
    pub(crate) fn new(message: &Message, ticket: &Ticket, urls: &FileUrls<'_>) -> Self {
        Self::of(message, ticket.human_number(), Some(&ticket.thread), urls)
    }

    /// Without a `thread`, as it was when it was accepted.
    pub(crate) fn of(message: &Message, ticket_id: String, thread: Option<&Thread>, urls: &FileUrls<'_>) -> Self {
        let is_read = |side| thread.is_some_and(|thread: &Thread| thread.read_by(side) >= message.seq);
        let is_own = message.side() == Some(support_core::model::Side::Customer);
        Self {
            id: message.id.uuid(),
            seq: message.seq,
            ticket_id,
            body: message.content.clone(),
            sender: message.sender.kind().as_str(),
            sender_name: message.sender_name.clone(),
            message_type: message.kind.as_str(),
            is_read: message.unread_by().is_none_or(is_read),
            client_message_id: message.client_id.clone().filter(|_| is_own),
            attachments: urls.attachments(message),
            created_at: message.created_at.to_string(),
        }
    }
}

/// What a customer says of how they were helped.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Feedback {
    /// `TKT-1`.
    ticket_id: String,
    /// One to five stars.
    rating: u8,
    comment: Option<String>,
    created_at: String,
}

impl Feedback {
    pub(crate) fn new(ticket: &Ticket, rating: &Rating) -> Self {
        Self {
            ticket_id: ticket.human_number(),
            rating: rating.stars,
            comment: rating.comment.clone(),
            created_at: rating.at.to_string(),
        }
    }
}

/// One thing a customer is told.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PortalNotification {
    id: Uuid,
    #[serde(rename = "type")]
    kind: &'static str,
    title: String,
    message: String,
    /// `low`, `medium`, `high` or `urgent`.
    priority: &'static str,
    ticket_id: Option<Uuid>,
    /// The call it is about.
    call_id: Option<Uuid>,
    is_read: bool,
    read_at: Option<String>,
    created_at: String,
}

impl From<Notification> for PortalNotification {
    fn from(notification: Notification) -> Self {
        Self {
            id: notification.id.uuid(),
            kind: notification.kind.as_str(),
            title: notification.title,
            message: notification.message,
            priority: portal_priority(notification.priority),
            ticket_id: notification.ticket.map(support_core::model::TicketId::uuid),
            call_id: notification.callback.map(support_core::model::CallbackId::uuid),
            is_read: notification.read_at.is_some(),
            read_at: notification.read_at.map(|at| at.to_string()),
            created_at: notification.created_at.to_string(),
        }
    }
}
