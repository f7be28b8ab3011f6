//! Tickets and messages as the live-chat desk writes them.

use serde_json::{Value, json};
use support_core::{
    desk::DeskError,
    model::{Message, MessageKind, SenderKind, TenantId, Thread, Ticket},
};

use crate::realtime::directory::Directory;

/// A ticket's number as people write it.
pub(super) fn human(number: u64) -> String {
    format!("TKT-{number}")
}

/// A ticket, for agents.
///
/// # Errors
/// [`DeskError`] when the store can't be asked for what belongs to it.
pub(super) async fn ticket(directory: &Directory, tenant: TenantId, ticket: &Ticket) -> Result<Value, DeskError> {
    let department = directory.slug(tenant, ticket.department).await?;
    let agent = directory.assignee(tenant, ticket.assignee()).await?;
    let assignment = ticket.state.assignment();
    let resolution = ticket.state.resolution();
    let closing = ticket.state.closing();
    let escalation = ticket.escalation.as_ref();
    let Thread {
        unread_by_agents,
        last_message_at,
        ..
    } = ticket.thread;
    Ok(json!({
        "id": ticket.id,
        "ticketId": ticket.human_number(),
        "customerId": ticket.requester.uuid(),
        "status": ticket.state.status(),
        "priority": ticket.priority,
        "department": department,
        "subject": ticket.subject,
        "channel": ticket.channel,
        "assignedAgent": ticket.assignee(),
        "customerInfo": {
            "name": ticket.contact.name,
            "email": ticket.contact.email,
            "phone": ticket.contact.phone,
            "connectedAt": ticket.created_at,
            "userAgent": ticket.metadata.get("userAgent"),
        },
        "agentInfo": agent.map(|agent| json!({
            "name": agent.name,
            "department": department,
            "assignedAt": assignment.map(|assignment| assignment.at),
        })),
        "tags": ticket.tags,
        "metadata": {
            "source": ticket.source,
            "category": ticket.category,
            "subcategory": ticket.subcategory,
            "escalated": escalation.is_some(),
            "escalatedAt": escalation.map(|escalation| escalation.at),
            "escalatedBy": escalation.and_then(|escalation| escalation.by),
        },
        "resolutionInfo": resolution.map(|resolution| json!({
            "resolvedAt": resolution.at,
            "resolvedBy": resolution.by,
            "resolutionNotes": resolution.notes,
            "resolutionTime": (resolution.at.millis() - ticket.created_at.millis()).max(0) / 60_000,
        })),
        "unreadCount": unread_by_agents,
        "lastMessageAt": last_message_at,
        "closedAt": closing.map(|closing| closing.at),
        "closedBy": closing.and_then(|closing| closing.by),
        "createdAt": ticket.created_at,
        "updatedAt": ticket.updated_at,
    }))
}

/// A message, for agents. Without a `thread`, as it was when it was accepted.
pub(super) fn for_agents(message: &Message, thread: Option<&Thread>) -> Value {
    let read = message
        .unread_by()
        .is_none_or(|side| thread.is_some_and(|thread| thread.read_by(side) >= message.seq));
    json!({
        "id": message.id,
        "seq": message.seq,
        "content": message.content,
        "sender": message.sender.kind(),
        "senderId": message.sender.id(),
        "senderName": message.sender_name,
        "timestamp": message.created_at,
        "read": read,
        "messageType": message.kind,
        "isNote": message.kind == MessageKind::Note,
        "clientMessageId": message.client_id,
        "metadata": message.metadata,
    })
}

/// A message, for the ticket's own customer, who is told neither of notes nor of what the team
/// keeps with its words.
pub(super) fn for_customer(message: &Message, thread: Option<&Thread>) -> Value {
    let mut shown = for_agents(message, thread);
    if let Some(shown) = shown.as_object_mut() {
        shown.remove("isNote");
        if message.sender.kind() != SenderKind::Customer {
            shown.insert("metadata".to_owned(), json!({}));
            shown.remove("clientMessageId");
        }
    }
    shown
}
