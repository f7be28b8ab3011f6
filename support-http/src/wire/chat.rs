//! Shapes of the website chat.

use serde::Serialize;
use support_core::model::{Status, Ticket, Timestamp};
use utoipa::ToSchema;
use uuid::Uuid;

use super::messages::ChatMessage;

/// A status as the website chat calls it.
pub(crate) const fn chat_status(status: Status) -> &'static str {
    match status {
        Status::Open | Status::Assigned | Status::Pending => "ACTIVE",
        Status::Waiting => "WAITING",
        Status::Resolved => "RESOLVED",
        Status::Closed => "CLOSED",
    }
}

/// Who has a chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Assignee {
    pub(crate) id: Uuid,
    pub(crate) name: String,
}

/// A chat as its visitor sees it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VisitorChat<'a> {
    /// What opens this chat: to be kept by the visitor.
    pub(crate) session_id: &'a str,
    chat_id: Uuid,
    ticket_id: String,
    /// `ACTIVE`, `WAITING`, `RESOLVED` or `CLOSED`.
    status: &'static str,
    department: Option<String>,
    admin_online: bool,
    assigned_to: Option<Assignee>,
}

impl<'a> VisitorChat<'a> {
    pub(crate) fn new(
        session_id: &'a str,
        ticket: &Ticket,
        department: Option<String>,
        admin_online: bool,
        assigned_to: Option<Assignee>,
    ) -> Self {
        Self {
            session_id,
            chat_id: ticket.id.uuid(),
            ticket_id: ticket.human_number(),
            status: chat_status(ticket.state.status()),
            department,
            admin_online,
            assigned_to,
        }
    }
}

/// A chat and the message that opened or continued it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PostedChat<'a> {
    #[serde(flatten)]
    pub(crate) chat: VisitorChat<'a>,
    pub(crate) message: Option<ChatMessage<'a>>,
}

/// A chat and what was said in it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReadChat<'a> {
    #[serde(flatten)]
    pub(crate) chat: VisitorChat<'a>,
    pub(crate) messages: Vec<ChatMessage<'a>>,
    /// What to send as `cursor` for what was said next; none at the end.
    #[serde(rename = "nextCursor")]
    pub(crate) next_cursor: Option<String>,
    /// What the visitor thought of it.
    pub(crate) rating: Option<u8>,
}

/// A chat as agents see it in their list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChatRow {
    chat_id: Uuid,
    ticket_id: String,
    /// `ACTIVE`, `WAITING`, `RESOLVED` or `CLOSED`.
    status: &'static str,
    channel: &'static str,
    subject: String,
    visitor_name: Option<String>,
    visitor_email: Option<String>,
    visitor_phone: Option<String>,
    department: Option<String>,
    priority: &'static str,
    tags: Vec<String>,
    skills: Vec<String>,
    languages: Vec<String>,
    assigned_to: Option<Assignee>,
    unread_count: u64,
    /// Until when a bot has it, before people are given it.
    #[schema(value_type = Option<String>)]
    held_for_bot_until: Option<Timestamp>,
    last_message: Option<String>,
    #[schema(value_type = Option<String>)]
    last_message_at: Option<Timestamp>,
    rating: Option<u8>,
    is_offline: bool,
    version: u64,
    #[schema(value_type = String)]
    created_at: Timestamp,
    #[schema(value_type = String)]
    updated_at: Timestamp,
}

impl ChatRow {
    pub(crate) fn new(ticket: &Ticket, department: Option<String>, assigned_to: Option<Assignee>) -> Self {
        Self {
            chat_id: ticket.id.uuid(),
            ticket_id: ticket.human_number(),
            status: chat_status(ticket.state.status()),
            channel: ticket.channel.as_str(),
            subject: ticket.subject.clone(),
            visitor_name: ticket.contact.name.clone(),
            visitor_email: ticket.contact.email.clone(),
            visitor_phone: ticket.contact.phone.clone(),
            department,
            priority: ticket.priority.as_str(),
            tags: ticket.tags.clone(),
            skills: ticket.required_skills.clone(),
            languages: ticket.languages.clone(),
            assigned_to,
            unread_count: ticket.thread.unread_by_agents,
            held_for_bot_until: ticket.held_for_bot_until,
            last_message: ticket.thread.last_message_preview.clone(),
            last_message_at: ticket.thread.last_message_at,
            rating: ticket.rating.as_ref().map(|rating| rating.stars),
            is_offline: ticket.is_offline,
            version: ticket.version,
            created_at: ticket.created_at,
            updated_at: ticket.updated_at,
        }
    }
}
