//! Shapes of requests for a human.

use serde::Serialize;
use support_core::model::{Status, Ticket, Timestamp};
use utoipa::ToSchema;
use uuid::Uuid;

/// A status as requests for a human call it.
pub(crate) const fn handoff_status(status: Status) -> &'static str {
    match status {
        Status::Open | Status::Waiting => "pending",
        Status::Assigned | Status::Pending => "active",
        Status::Resolved => "resolved",
        Status::Closed => "closed",
    }
}

/// A request for a human.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HandoffRequest {
    request_id: Uuid,
    chatbot_id: Uuid,
    session_id: Option<String>,
    user_name: Option<String>,
    user_email: Option<String>,
    initial_message: Option<String>,
    /// `pending`, `active`, `resolved` or `closed`.
    status: &'static str,
    #[schema(value_type = Option<String>)]
    admin_joined_at: Option<Timestamp>,
    #[schema(value_type = Option<String>)]
    resolved_at: Option<Timestamp>,
    #[schema(value_type = String)]
    created_at: Timestamp,
    #[schema(value_type = String)]
    updated_at: Timestamp,
    /// Until when a bot has it, before people are given it; for agents only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    held_for_bot_until: Option<Timestamp>,
}

impl HandoffRequest {
    /// As whoever made it sees it.
    pub(crate) fn new(ticket: &Ticket, initial_message: Option<String>) -> Self {
        Self {
            request_id: ticket.id.uuid(),
            chatbot_id: ticket.inbox.uuid(),
            session_id: ticket.session.clone(),
            user_name: ticket.contact.name.clone(),
            user_email: ticket.contact.email.clone(),
            initial_message,
            status: handoff_status(ticket.state.status()),
            admin_joined_at: ticket.state.assignment().map(|assignment| assignment.at),
            resolved_at: ticket.state.resolution().map(|resolution| resolution.at),
            created_at: ticket.created_at,
            updated_at: ticket.updated_at,
            held_for_bot_until: None,
        }
    }

    /// As agents see it.
    pub(crate) fn for_agents(ticket: &Ticket, initial_message: Option<String>) -> Self {
        Self {
            held_for_bot_until: ticket.held_for_bot_until,
            ..Self::new(ticket, initial_message)
        }
    }
}

/// A request as whoever made it is told of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MadeRequest {
    pub(crate) request_id: Uuid,
    pub(crate) chatbot_id: Uuid,
    pub(crate) session_id: Option<String>,
    /// `pending`, `active`, `resolved` or `closed`.
    pub(crate) status: &'static str,
    /// What lets the user into this conversation; given once, when it is opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) user_token: Option<String>,
    #[schema(value_type = String)]
    pub(crate) created_at: Timestamp,
    #[schema(value_type = String)]
    pub(crate) updated_at: Timestamp,
}

impl MadeRequest {
    pub(crate) fn new(ticket: &Ticket, user_token: Option<String>) -> Self {
        Self {
            request_id: ticket.id.uuid(),
            chatbot_id: ticket.inbox.uuid(),
            session_id: ticket.session.clone(),
            status: handoff_status(ticket.state.status()),
            user_token,
            created_at: ticket.created_at,
            updated_at: ticket.updated_at,
        }
    }
}
