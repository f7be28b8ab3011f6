//! What a customer's portal is told of events: in the words of its calls, and nothing that agents
//! alone know.

use serde_json::{Value, json};
use support_core::{
    desk::DeskError,
    model::{CallbackId, Event, EventBody, NotificationId, Status, TenantId, Ticket, TicketId},
};

use super::{
    directory::Directory,
    frames::{status_after, stream_event},
    queue::Payload,
};
use crate::wire::{
    callbacks::CallRow,
    portal::{PortalMessage, PortalNotification, PortalTicket, portal_status},
};

/// An event for its customer; nothing for what portals don't show.
///
/// # Errors
/// [`DeskError`] when the store can't be asked for what belongs to it.
pub(super) async fn render_for_portal(
    directory: &Directory,
    tenant: TenantId,
    event: &Event,
) -> Result<Option<Payload>, DeskError> {
    let told = match event.body {
        EventBody::TicketOpened { ticket, .. } => created(directory, tenant, ticket).await?,
        EventBody::MessagePosted { ticket, .. } => said(directory, tenant, ticket, event).await?,
        EventBody::CallbackRequested { callback } => requested(directory, tenant, callback).await?,
        EventBody::Notified { notification, .. } => notified(directory, tenant, notification).await?,
        EventBody::TicketAssigned { ticket, .. }
        | EventBody::TicketUnassigned { ticket, .. }
        | EventBody::TicketStatusChanged { ticket, .. } => match status_for_customer(&event.body) {
            Some(status) => moved(directory, tenant, ticket, status).await?,
            None => None,
        },
        _ => None,
    };
    Ok(told.map(|(name, data)| Payload::Chunk(stream_event(name, Some(event.seq), &data))))
}

type Told = Result<Option<(&'static str, Value)>, DeskError>;

/// The ticket as it stands now: whoever catches up is told the present, not the past.
async fn created(directory: &Directory, tenant: TenantId, ticket: TicketId) -> Told {
    let stores = directory.desk().stores();
    let Some(ticket) = stores.tickets.ticket(tenant, ticket).await? else {
        return Ok(None);
    };
    let notes = notes_in(directory, tenant, &ticket).await?;
    Ok(Some((
        "ticket_created",
        json!({ "ticket": PortalTicket::new(&ticket, notes) }),
    )))
}

async fn notes_in(directory: &Directory, tenant: TenantId, ticket: &Ticket) -> Result<u64, DeskError> {
    let messages = &directory.desk().stores().messages;
    let notes = messages.notes(tenant, &[ticket.id]).await?;
    Ok(notes.get(&ticket.id).copied().unwrap_or_default())
}

async fn said(directory: &Directory, tenant: TenantId, ticket: TicketId, event: &Event) -> Told {
    let public = event.message.as_deref().filter(|message| message.is_public());
    let (Some(message), Some(ticket_id)) = (public, human_number(directory, tenant, ticket).await?) else {
        return Ok(None);
    };
    let message = PortalMessage::of(message, ticket_id.clone(), None, &directory.file_urls(tenant));
    Ok(Some((
        "new_message",
        json!({ "ticketId": ticket_id, "message": message }),
    )))
}

async fn moved(directory: &Directory, tenant: TenantId, ticket: TicketId, status: &str) -> Told {
    let ticket_id = human_number(directory, tenant, ticket).await?;
    let data = |ticket_id| json!({ "id": ticket, "ticketId": ticket_id, "status": status });
    Ok(ticket_id.map(|ticket_id| ("status_change", data(ticket_id))))
}

async fn human_number(directory: &Directory, tenant: TenantId, ticket: TicketId) -> Result<Option<String>, DeskError> {
    let number = directory.number(tenant, ticket).await?;
    Ok(number.map(|number| format!("TKT-{number}")))
}

async fn requested(directory: &Directory, tenant: TenantId, callback: CallbackId) -> Told {
    let callbacks = &directory.desk().stores().callbacks;
    let found = callbacks.callback(tenant, callback).await?;
    Ok(found.map(|found| ("call_requested", json!({ "call": CallRow::from(found) }))))
}

async fn notified(directory: &Directory, tenant: TenantId, notification: NotificationId) -> Told {
    let notifications = &directory.desk().stores().notifications;
    let found = notifications.notification(tenant, notification).await?;
    Ok(found.map(|found| {
        (
            "notification",
            json!({ "notification": PortalNotification::from(found) }),
        )
    }))
}

/// What customers call the status that an event led to; nothing when they called the one before
/// the same.
fn status_for_customer(body: &EventBody) -> Option<&'static str> {
    let (now, _) = status_after(body)?;
    let before: Option<Status> = match body {
        EventBody::TicketStatusChanged { from, .. } => Some(*from),
        _ => None,
    };
    let is_same = before.is_some_and(|before| portal_status(before) == portal_status(now));
    (!is_same).then(|| portal_status(now))
}
