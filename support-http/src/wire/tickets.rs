//! Tickets and messages as the live-chat desk writes them.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Map, Value, json};
use support_core::{
    desk::DeskError,
    model::{Agent, Message, MessageKind, SenderKind, TenantId, Thread, Ticket, Timestamp},
};
use utoipa::ToSchema;
use uuid::Uuid;

use super::files::{AttachmentRow, FileUrls};
use crate::realtime::Directory;

/// What is told of a customer's client, in a ticket's own metadata.
pub(crate) const CLIENT: &str = "_client";

/// A ticket.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Ticket)]
pub(crate) struct TicketRow {
    id: Uuid,
    /// `TKT-1`.
    ticket_id: String,
    /// The customer, or the visitor.
    customer_id: Uuid,
    /// `open`, `waiting`, `assigned`, `pending`, `resolved` or `closed`.
    status: &'static str,
    priority: &'static str,
    /// The slug of the team it is for.
    department: Option<String>,
    subject: String,
    channel: &'static str,
    /// The id of whoever has it.
    assigned_agent: Option<Uuid>,
    customer_info: CustomerInfo,
    agent_info: AgentInfo,
    tags: Vec<String>,
    #[schema(value_type = Object)]
    metadata: Value,
    resolution_info: ResolutionInfo,
    /// What customers wrote and no agent has read.
    unread_count: u64,
    /// Until when a bot has it, before people are given it.
    held_for_bot_until: Option<String>,
    last_message_at: Option<String>,
    closed_at: Option<String>,
    closed_by: Option<Uuid>,
    created_at: String,
    updated_at: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CustomerInfo {
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    connected_at: String,
    /// When the conversation last went on.
    last_seen: String,
    user_agent: Option<String>,
    ip_address: Option<String>,
}

/// Whoever has it; nothing but nulls while nobody does.
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AgentInfo {
    name: Option<String>,
    department: Option<String>,
    assigned_at: Option<String>,
}

/// What resolved it; nothing but nulls while it isn't.
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ResolutionInfo {
    resolved_at: Option<String>,
    resolved_by: Option<Uuid>,
    resolution_notes: Option<String>,
    /// In minutes, from opening to resolution.
    resolution_time: Option<i64>,
}

impl TicketRow {
    /// A ticket with the names that belong to it.
    ///
    /// # Errors
    /// [`DeskError`] when the store can't be asked.
    pub(crate) async fn of(directory: &Directory, tenant: TenantId, ticket: &Ticket) -> Result<Self, DeskError> {
        let department = directory.slug(tenant, ticket.department).await?;
        let agent = directory.agent(tenant, ticket.assignee()).await?;
        let team = match &agent {
            Some(agent) => directory.slug(tenant, agent.departments.first().copied()).await?,
            None => None,
        };
        Ok(Self::new(ticket, department, agent.as_ref(), team))
    }

    fn new(ticket: &Ticket, department: Option<String>, agent: Option<&Agent>, team: Option<String>) -> Self {
        let closing = ticket.state.closing();
        let assignment = ticket.state.assignment();
        Self {
            id: ticket.id.uuid(),
            ticket_id: ticket.human_number(),
            customer_id: ticket.requester.uuid(),
            status: ticket.state.status().as_str(),
            priority: ticket.priority.as_str(),
            department,
            subject: ticket.subject.clone(),
            channel: ticket.channel.as_str(),
            assigned_agent: assignment.map(|assignment| assignment.agent.uuid()),
            customer_info: CustomerInfo::of(ticket),
            agent_info: AgentInfo {
                name: agent.map(|agent| agent.name.clone()),
                department: team,
                assigned_at: assignment.map(|assignment| assignment.at.to_string()),
            },
            tags: ticket.tags.clone(),
            metadata: metadata(ticket),
            resolution_info: ResolutionInfo::of(ticket),
            unread_count: ticket.thread.unread_by_agents,
            held_for_bot_until: ticket.held_for_bot_until.map(|until| until.to_string()),
            last_message_at: ticket.thread.last_message_at.map(|at| at.to_string()),
            closed_at: closing.map(|closing| closing.at.to_string()),
            closed_by: closing
                .and_then(|closing| closing.by)
                .map(support_core::model::AgentId::uuid),
            created_at: ticket.created_at.to_string(),
            updated_at: ticket.updated_at.to_string(),
        }
    }
}

impl CustomerInfo {
    fn of(ticket: &Ticket) -> Self {
        let client = |name: &str| {
            let client = ticket.metadata.get(CLIENT)?;
            client.get(name)?.as_str().map(str::to_owned)
        };
        let last = ticket.thread.last_message_at.unwrap_or(ticket.created_at);
        Self {
            name: ticket.contact.name.clone(),
            email: ticket.contact.email.clone(),
            phone: ticket.contact.phone.clone(),
            connected_at: ticket.created_at.to_string(),
            last_seen: last.to_string(),
            user_agent: client("userAgent"),
            ip_address: client("ipAddress"),
        }
    }
}

impl ResolutionInfo {
    fn of(ticket: &Ticket) -> Self {
        let Some(resolution) = ticket.state.resolution() else {
            return Self::default();
        };
        let took = resolution.at.millis() - ticket.created_at.millis();
        Self {
            resolved_at: Some(resolution.at.to_string()),
            resolved_by: resolution.by.map(support_core::model::AgentId::uuid),
            resolution_notes: resolution.notes.clone(),
            resolution_time: Some(took.max(0) / 60_000),
        }
    }
}

/// Custom data, with what the desk itself knows on top of it.
fn metadata(ticket: &Ticket) -> Value {
    let mut all = match &ticket.metadata {
        Value::Object(own) => own.clone(),
        _ => Map::new(),
    };
    all.remove(CLIENT);
    let escalation = ticket.escalation.as_ref();
    let rating = ticket.rating.as_ref();
    let known = json!({
        "source": ticket.source,
        "category": ticket.category,
        "subcategory": ticket.subcategory,
        "escalated": escalation.is_some(),
        "escalatedAt": escalation.map(|escalation| escalation.at.to_string()),
        "escalatedBy": escalation.and_then(|escalation| escalation.by),
        "escalationReason": escalation.map(|escalation| &escalation.reason),
        "rating": rating.map(|rating| rating.stars),
        "feedback": rating.and_then(|rating| rating.comment.as_ref()),
    });
    if let Value::Object(known) = known {
        all.extend(known);
    }
    Value::Object(all)
}

/// A message.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Message)]
pub(crate) struct MessageRow<'a> {
    id: Uuid,
    seq: u64,
    content: &'a str,
    /// `customer`, `agent`, `bot` or `system`.
    sender: &'static str,
    sender_id: Option<Uuid>,
    sender_name: &'a str,
    #[schema(value_type = String)]
    timestamp: Timestamp,
    /// Whether the other side has read it.
    read: bool,
    /// `text`, `file`, `image`, `system_notification` or `note`.
    message_type: &'static str,
    #[schema(value_type = Object)]
    metadata: Cow<'a, Value>,
    client_message_id: Option<&'a str>,
    /// The files it carries.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<AttachmentRow>,
}

impl<'a> MessageRow<'a> {
    /// As agents see it. Without a `thread`, as it was when it was accepted.
    pub(crate) fn new(message: &'a Message, thread: Option<&Thread>, urls: &FileUrls<'_>) -> Self {
        let is_read = |side| thread.is_some_and(|thread: &Thread| thread.read_by(side) >= message.seq);
        Self {
            id: message.id.uuid(),
            seq: message.seq,
            content: &message.content,
            sender: message.sender.kind().as_str(),
            sender_id: message.sender.id(),
            sender_name: &message.sender_name,
            timestamp: message.created_at,
            read: message.unread_by().is_none_or(is_read),
            message_type: message.kind.as_str(),
            metadata: Cow::Borrowed(&message.metadata),
            client_message_id: message.client_id.as_deref(),
            attachments: urls.attachments(message),
        }
    }

    /// As the ticket's own customer sees it, who is not told what others keep with their words.
    #[cfg(feature = "socketio")]
    pub(crate) fn for_customer(message: &'a Message, thread: Option<&Thread>, urls: &FileUrls<'_>) -> Self {
        let shown = Self::new(message, thread, urls);
        if message.sender.kind() == SenderKind::Customer {
            return shown;
        }
        Self {
            metadata: Cow::Owned(Value::Object(Map::new())),
            client_message_id: None,
            ..shown
        }
    }
}

/// Who may be named as the sender of a new message.
pub(crate) const SENDERS: [SenderKind; 3] = [SenderKind::Agent, SenderKind::Customer, SenderKind::Bot];
/// What a new message may be.
pub(crate) const KINDS: [MessageKind; 4] = [
    MessageKind::Text,
    MessageKind::Note,
    MessageKind::File,
    MessageKind::Image,
];
