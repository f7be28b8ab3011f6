//! What happens as events of Socket.IO, made once for all who hear it.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use support_core::{
    desk::DeskError,
    model::{AgentId, Event, EventBody, Message, NotificationId, SenderKind, Side, TenantId, TicketId, human_number},
};

use crate::{
    realtime::{
        directory::Directory,
        frames::{Rendered, Typing, status_after},
        listener::{Form, Forms},
        queue::Payload,
        viewers::Viewer,
    },
    wire::{
        files::FileUrls,
        notifications::NotificationRow,
        tickets::{MessageRow, TicketRow},
    },
};

/// Events that belong together, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Events {
    parts: Arc<[(&'static str, Value)]>,
    bytes: usize,
}

impl Events {
    fn new(parts: Vec<(&'static str, Value)>) -> Self {
        let bytes = parts.iter().map(|(name, data)| name.len() + size(data)).sum();
        Self {
            parts: parts.into(),
            bytes,
        }
    }

    fn one(name: &'static str, data: Value) -> Self {
        Self::new(vec![(name, data)])
    }

    /// About how much they hold.
    pub(crate) const fn len(&self) -> usize {
        self.bytes
    }

    /// Their names and data.
    pub(super) fn parts(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.parts.iter().map(|(name, data)| (*name, data))
    }
}

/// About how much a value holds: what waits for slow clients is limited by it.
fn size(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 8,
        Value::String(text) => text.len() + 2,
        Value::Array(items) => items.iter().map(size).sum::<usize>() + 2,
        Value::Object(fields) => fields.iter().map(|(name, value)| name.len() + size(value) + 4).sum(),
    }
}

fn payload(events: Option<Events>) -> Option<Payload> {
    events.map(Payload::Events)
}

/// Makes the frames of a message.
///
/// # Errors
/// [`DeskError`] when the store can't be asked for what belongs to it.
pub(crate) async fn render_message(
    directory: &Directory,
    tenant: TenantId,
    (seq, message): (u64, &Message),
    forms: Forms,
    rendered: &mut Rendered,
) -> Result<(), DeskError> {
    if !forms.has(Form::Agent) && !forms.has(Form::Customer) {
        return Ok(());
    }
    let Some(number) = directory.number(tenant, message.ticket).await? else {
        return Ok(());
    };
    let number = human_number(number);
    let urls = directory.file_urls(tenant);
    if forms.has(Form::Agent) {
        let name = match message.sender.kind() {
            SenderKind::Customer => "customer_message",
            SenderKind::Agent | SenderKind::Bot | SenderKind::System => "message_sent",
        };
        let data = json!({ "ticketId": number, "message": MessageRow::new(message, None, &urls), "eventId": seq });
        rendered.set(Form::Agent, payload(Some(Events::one(name, data))));
    }
    if forms.has(Form::Customer) && message.is_public() {
        rendered.set(Form::Customer, payload(Some(said_to_customer(&number, message, &urls))));
    }
    Ok(())
}

/// A message of their ticket as its customer hears it: what they said themselves comes to all
/// that they have open.
pub(super) fn said_to_customer(number: &str, message: &Message, urls: &FileUrls<'_>) -> Events {
    let name = match message.sender.kind() {
        SenderKind::Customer => "customer_message",
        SenderKind::Agent | SenderKind::Bot | SenderKind::System => "agent_message",
    };
    let data = json!({ "ticketId": number, "message": MessageRow::for_customer(message, None, urls) });
    Events::one(name, data)
}

/// Makes the frames of any other event.
///
/// # Errors
/// [`DeskError`] when the store can't be asked for what belongs to it.
pub(crate) async fn render(
    directory: &Directory,
    tenant: TenantId,
    event: &Event,
    forms: Forms,
    rendered: &mut Rendered,
) -> Result<(), DeskError> {
    if forms.has(Form::Agent) {
        let told = of_agents(directory, tenant, event).await?;
        let events = told.map(|(name, mut data)| {
            data.insert("eventId".to_owned(), event.seq.into());
            Events::one(name, Value::Object(data))
        });
        rendered.set(Form::Agent, payload(events));
    }
    if forms.has(Form::Customer) {
        rendered.set(Form::Customer, payload(of_customer(directory, tenant, event).await?));
    }
    Ok(())
}

type Told = Option<(&'static str, Map<String, Value>)>;

fn told(name: &'static str, data: Value) -> Told {
    match data {
        Value::Object(data) => Some((name, data)),
        _ => None,
    }
}

async fn of_agents(directory: &Directory, tenant: TenantId, event: &Event) -> Result<Told, DeskError> {
    match event.body {
        EventBody::TicketOpened { ticket, .. } => whole(directory, tenant, ticket, "new_ticket").await,
        EventBody::TicketAssigned { ticket, .. }
        | EventBody::TicketUnassigned { ticket, .. }
        | EventBody::TicketStatusChanged { ticket, .. }
        | EventBody::TicketPriorityChanged { ticket, .. }
        | EventBody::TicketMoved { ticket, .. }
        | EventBody::TicketTagged { ticket }
        | EventBody::TicketEscalated { ticket } => whole(directory, tenant, ticket, "ticket_updated").await,
        EventBody::AgentPresenceChanged { agent, .. }
        | EventBody::AgentAvailabilityChanged { agent, .. }
        | EventBody::AgentDeactivated { agent } => status_of(directory, tenant, agent).await,
        EventBody::CustomerDisconnected { ticket } => left(directory, tenant, ticket).await,
        EventBody::Notified { notification, .. } => notified(directory, tenant, notification).await,
        EventBody::NotificationsRead { ref notifications, .. } => {
            let data = json!({ "notificationIds": notifications });
            Ok(told("notifications_marked_read", data))
        }
        _ => Ok(None),
    }
}

async fn left(directory: &Directory, tenant: TenantId, ticket: TicketId) -> Result<Told, DeskError> {
    let Some(ticket) = directory.desk().stores().tickets.ticket(tenant, ticket).await? else {
        return Ok(None);
    };
    let data = json!({ "ticketId": ticket.human_number(), "customerId": ticket.requester.uuid() });
    Ok(told("customer_disconnected", data))
}

async fn notified(directory: &Directory, tenant: TenantId, id: NotificationId) -> Result<Told, DeskError> {
    let notifications = &directory.desk().stores().notifications;
    let found = notifications.notification(tenant, id).await?.map(NotificationRow::from);
    Ok(found.and_then(|notification| told("notification", json!({ "notification": notification }))))
}

/// The ticket as it stands now: whoever catches up is told the present, not the past.
async fn whole(directory: &Directory, tenant: TenantId, id: TicketId, name: &'static str) -> Result<Told, DeskError> {
    let Some(found) = directory.desk().stores().tickets.ticket(tenant, id).await? else {
        return Ok(None);
    };
    let shown = TicketRow::of(directory, tenant, &found).await?;
    Ok(told(name, json!({ "ticket": shown })))
}

async fn status_of(directory: &Directory, tenant: TenantId, agent: AgentId) -> Result<Told, DeskError> {
    let stores = directory.desk().stores();
    let Some(known) = stores.people.agent(tenant, agent).await? else {
        return Ok(None);
    };
    let presences = stores.presence.presences(tenant).await?;
    let is_online = known.is_active
        && presences
            .iter()
            .any(|presence| presence.agent == agent && presence.is_online);
    let data = json!({ "agentId": agent, "status": known.availability, "isOnline": is_online });
    Ok(told("agent_status_change", data))
}

async fn of_customer(directory: &Directory, tenant: TenantId, event: &Event) -> Result<Option<Events>, DeskError> {
    let Some(((status, is_assignment), id)) = status_after(&event.body).zip(event.audience.ticket) else {
        return Ok(None);
    };
    let Some(number) = directory.number(tenant, id).await?.map(human_number) else {
        return Ok(None);
    };
    let mut parts = vec![("ticket_status_change", json!({ "ticketId": &number, "status": status }))];
    if is_assignment && let Some(agent) = directory.assignee(tenant, event.audience.assignee).await? {
        parts.push(("agent_assigned", json!({ "ticketId": &number, "agent": agent })));
    }
    Ok(Some(Events::new(parts)))
}

/// Who types, for agents.
pub(crate) fn typing_for_agents(typing: &Typing<'_>) -> Events {
    let number = human_number(typing.number);
    match typing.side {
        Side::Customer => {
            let data = json!({ "ticketId": number, "isTyping": typing.is_typing });
            Events::one("customer_typing", data)
        }
        Side::Agents => {
            let data = json!({
                "ticketId": number, "agentId": typing.agent, "name": typing.name, "isTyping": typing.is_typing,
            });
            Events::one("agent_typing", data)
        }
    }
}

/// Who types, for the ticket's customer.
pub(crate) fn typing_for_customer(typing: &Typing<'_>) -> Events {
    let data = json!({ "ticketId": human_number(typing.number), "isTyping": typing.is_typing });
    match typing.side {
        Side::Agents => Events::one("agent_typing", data),
        Side::Customer => Events::one("customer_typing", data),
    }
}

/// Who looks at a ticket, for agents.
pub(crate) fn viewers_for_agents(number: u64, viewers: &[Viewer]) -> Events {
    let data = json!({ "ticketId": human_number(number), "viewers": viewers });
    Events::one("ticket_viewers", data)
}
