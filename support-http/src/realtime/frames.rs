//! Events as they go over the wire: made once for each form, whoever hears them.

use axum::extract::ws::Utf8Bytes;
use bytes::Bytes;
use serde::Serialize;
use serde_json::{Value, json};
use support_core::{
    desk::DeskError,
    model::{AgentId, Event, EventBody, Message, NotificationId, Side, Status, TenantId, TicketId},
};
use uuid::Uuid;

use super::{
    directory::Directory,
    listener::{FORMS, Form, Forms},
    portal_frames::render_for_portal,
    queue::{Frame, Payload},
    viewers::Viewer,
};
use crate::wire::{
    chat::{Assignee, chat_status},
    files::FileUrls,
    handoff::handoff_status,
    messages::{ChatMessage, HandoffMessage, chat_side, handoff_side},
    notifications::NotificationRow,
};

/// What the handoff's server says.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum ServerFrame<'a> {
    Connected {
        request_id: Uuid,
        status: &'static str,
        last_seq: u64,
    },
    Message(HandoffMessage<'a>),
    Ack {
        client_message_id: Option<&'a str>,
        id: Uuid,
        seq: u64,
    },
    Status {
        status: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        agent_name: Option<String>,
    },
    Typing {
        sender_type: &'static str,
        is_typing: bool,
    },
    Read {
        sender_type: &'static str,
        up_to: u64,
    },
    Error {
        code: &'a str,
        message: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        client_message_id: Option<&'a str>,
    },
    Pong,
}

impl ServerFrame<'_> {
    /// As a text frame.
    pub(crate) fn text(&self) -> Utf8Bytes {
        Utf8Bytes::from(to_json(self))
    }
}

/// An event in the forms that were asked for; a form that tells nothing of it stays empty.
#[derive(Debug, Default)]
pub(crate) struct Rendered([Option<Payload>; FORMS]);

impl Rendered {
    pub(crate) fn payload(&self, form: Form) -> Option<Payload> {
        self.0.get(form as usize).cloned().flatten()
    }

    pub(super) fn set(&mut self, form: Form, payload: Option<Payload>) {
        if let Some(slot) = self.0.get_mut(form as usize) {
            *slot = payload;
        }
    }
}

/// Who types, in each form as it is asked for.
#[derive(Debug)]
pub(crate) struct Typing<'a> {
    pub(super) ticket: TicketId,
    #[cfg_attr(not(feature = "socketio"), expect(dead_code, reason = "only Socket.IO tells"))]
    pub(super) number: u64,
    pub(super) side: Side,
    #[cfg_attr(not(feature = "socketio"), expect(dead_code, reason = "only Socket.IO tells"))]
    pub(super) agent: Option<AgentId>,
    #[cfg_attr(not(feature = "socketio"), expect(dead_code, reason = "only Socket.IO tells"))]
    pub(super) name: Option<&'a str>,
    pub(super) is_typing: bool,
    pub(super) rendered: Rendered,
}

impl Typing<'_> {
    pub(crate) fn frame(&mut self, form: Form) -> Frame {
        let payload = self.rendered.payload(form).unwrap_or_else(|| {
            let payload = self.render(form);
            self.rendered.set(form, Some(payload.clone()));
            payload
        });
        Frame {
            event: None,
            message: None,
            payload,
        }
    }

    fn render(&self, form: Form) -> Payload {
        let (ticket, side, is_typing) = (self.ticket, self.side, self.is_typing);
        match form {
            Form::Handoff => {
                let sender_type = handoff_side(side);
                Payload::Text(ServerFrame::Typing { sender_type, is_typing }.text())
            }
            Form::Visitor => {
                let data = json!({ "sender": chat_side(side), "isTyping": is_typing });
                Payload::Chunk(stream_event("typing", None, &data))
            }
            Form::Console => {
                let data = json!({ "chatId": ticket, "sender": chat_side(side), "isTyping": is_typing });
                Payload::Chunk(stream_event("typing", None, &data))
            }
            // Portals show tickets, not who types in them.
            Form::Portal => Payload::Chunk(Bytes::new()),
            #[cfg(feature = "socketio")]
            Form::Agent => Payload::Events(super::socketio::typing_for_agents(self)),
            #[cfg(feature = "socketio")]
            Form::Customer => Payload::Events(super::socketio::typing_for_customer(self)),
        }
    }
}

/// Who looks at a ticket, but whoever is told.
pub(crate) fn viewing(form: Form, ticket: TicketId, number: u64, viewers: &[Viewer]) -> Option<Frame> {
    let payload = match form {
        Form::Console => {
            let data = json!({ "chatId": ticket, "viewers": viewers });
            Payload::Chunk(stream_event("viewers", None, &data))
        }
        #[cfg(feature = "socketio")]
        Form::Agent => Payload::Events(super::socketio::viewers_for_agents(number, viewers)),
        Form::Handoff | Form::Visitor | Form::Portal => return None,
        #[cfg(feature = "socketio")]
        Form::Customer => return None,
    };
    #[cfg(not(feature = "socketio"))]
    let _only_there = number;
    Some(Frame {
        event: None,
        message: None,
        payload,
    })
}

/// One event of an event stream: JSON on one line, so that nothing in it can begin a field.
pub(crate) fn stream_event(name: &str, id: Option<u64>, data: &impl Serialize) -> Bytes {
    let data = to_json(data);
    Bytes::from(match id {
        Some(id) => format!("event: {name}\nid: {id}\ndata: {data}\n\n"),
        None => format!("event: {name}\ndata: {data}\n\n"),
    })
}

/// The shapes here hold texts and numbers only, which JSON can always say.
fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|error| {
        tracing::error!(%error, "an event could not be written");
        "{}".to_owned()
    })
}

/// Makes an event's frames.
///
/// # Errors
/// [`DeskError`] when the store can't be asked for what belongs to it.
pub(crate) async fn render(
    directory: &Directory,
    tenant: TenantId,
    event: &Event,
    forms: Forms,
) -> Result<Rendered, DeskError> {
    if let EventBody::MessagePosted { ticket, .. } = event.body {
        let Some(message) = event.message.as_deref() else {
            return Ok(Rendered::default());
        };
        let mut rendered = render_message(event.seq, ticket, message, forms, &directory.file_urls(tenant));
        if forms.has(Form::Portal) {
            rendered.set(Form::Portal, render_for_portal(directory, tenant, event).await?);
        }
        #[cfg(feature = "socketio")]
        super::socketio::render_message(directory, tenant, (event.seq, message), forms, &mut rendered).await?;
        return Ok(rendered);
    }
    let mut rendered = Rendered::default();
    if forms.has(Form::Portal) {
        rendered.set(Form::Portal, render_for_portal(directory, tenant, event).await?);
    }
    if forms.has(Form::Handoff) || forms.has(Form::Visitor) {
        render_for_one_ticket(directory, tenant, event, forms, &mut rendered).await?;
    }
    if forms.has(Form::Console) {
        rendered.set(Form::Console, render_for_console(directory, tenant, event).await?);
    }
    #[cfg(feature = "socketio")]
    super::socketio::render(directory, tenant, event, forms, &mut rendered).await?;
    Ok(rendered)
}

fn render_message(seq: u64, ticket: TicketId, message: &Message, forms: Forms, urls: &FileUrls<'_>) -> Rendered {
    let id = Some(seq);
    let mut rendered = Rendered::default();
    if forms.has(Form::Handoff) {
        let frame = ServerFrame::Message(HandoffMessage::new(message, urls));
        rendered.set(Form::Handoff, Some(Payload::Text(frame.text())));
    }
    if forms.has(Form::Visitor) && message.is_public() {
        let chunk = stream_event("message", id, &ChatMessage::for_visitor(message, None, urls));
        rendered.set(Form::Visitor, Some(Payload::Chunk(chunk)));
    }
    if forms.has(Form::Console) {
        let data = ConsoleMessage {
            chat_id: ticket.uuid(),
            message: ChatMessage::for_agent(message, None, urls),
        };
        rendered.set(Form::Console, Some(Payload::Chunk(stream_event("message", id, &data))));
    }
    rendered
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ConsoleMessage<'a> {
    chat_id: Uuid,
    message: ChatMessage<'a>,
}

/// For whoever listens to one ticket.
async fn render_for_one_ticket(
    directory: &Directory,
    tenant: TenantId,
    event: &Event,
    forms: Forms,
    rendered: &mut Rendered,
) -> Result<(), DeskError> {
    match event.body {
        EventBody::MessagesRead { side, up_to, .. } => {
            let sender_type = handoff_side(side);
            let frame = ServerFrame::Read { sender_type, up_to };
            rendered.set(Form::Handoff, Some(Payload::Text(frame.text())));
            let data = json!({ "sender": chat_side(side), "upTo": up_to });
            let chunk = stream_event("read", Some(event.seq), &data);
            rendered.set(Form::Visitor, Some(Payload::Chunk(chunk)));
        }
        EventBody::AgentBecameAvailable { .. } => {
            let chunk = stream_event("agent_available", Some(event.seq), &json!({}));
            rendered.set(Form::Visitor, Some(Payload::Chunk(chunk)));
        }
        _ => {
            if let Some((status, is_assignment)) = status_after(&event.body) {
                let assignee = directory.assignee(tenant, event.audience.assignee).await?;
                render_status(event.seq, status, is_assignment, assignee, forms, rendered);
            }
        }
    }
    Ok(())
}

/// The status that an event led to, and whether somebody got the ticket by it.
pub(super) const fn status_after(body: &EventBody) -> Option<(Status, bool)> {
    match body {
        EventBody::TicketAssigned { status, .. } => Some((*status, true)),
        EventBody::TicketUnassigned { status, .. } => Some((*status, false)),
        EventBody::TicketStatusChanged { to, .. } => Some((*to, false)),
        _ => None,
    }
}

fn render_status(
    seq: u64,
    status: Status,
    is_assignment: bool,
    assignee: Option<Assignee>,
    forms: Forms,
    rendered: &mut Rendered,
) {
    if forms.has(Form::Visitor) {
        let data = json!({ "status": chat_status(status), "assignedTo": &assignee });
        let mut chunk: Vec<u8> = Vec::new();
        // The id comes with the last of an event's parts: a stream cut in between brings both anew.
        match assignee.as_ref().filter(|_| is_assignment) {
            Some(agent) => {
                chunk.extend_from_slice(&stream_event("status", None, &data));
                chunk.extend_from_slice(&stream_event("agent_assigned", Some(seq), &json!({ "agent": agent })));
            }
            None => chunk.extend_from_slice(&stream_event("status", Some(seq), &data)),
        }
        rendered.set(Form::Visitor, Some(Payload::Chunk(Bytes::from(chunk))));
    }
    if forms.has(Form::Handoff) {
        let frame = ServerFrame::Status {
            status: handoff_status(status),
            agent_name: assignee.map(|agent| agent.name),
        };
        rendered.set(Form::Handoff, Some(Payload::Text(frame.text())));
    }
}

/// For agents' consoles.
async fn render_for_console(
    directory: &Directory,
    tenant: TenantId,
    event: &Event,
) -> Result<Option<Payload>, DeskError> {
    let told = match event.body {
        EventBody::TicketOpened { ticket, .. }
        | EventBody::TicketAssigned { ticket, .. }
        | EventBody::TicketUnassigned { ticket, .. }
        | EventBody::TicketStatusChanged { ticket, .. }
        | EventBody::TicketPriorityChanged { ticket, .. }
        | EventBody::TicketMoved { ticket, .. }
        | EventBody::TicketTagged { ticket }
        | EventBody::TicketRequirementsChanged { ticket }
        | EventBody::TicketHandedOver { ticket, .. } => {
            row(directory, tenant, ticket).await?.map(|data| ("chat", data))
        }
        EventBody::MessagesRead { ticket, side, up_to } => Some((
            "read",
            json!({ "chatId": ticket, "sender": chat_side(side), "upTo": up_to }),
        )),
        EventBody::AgentPresenceChanged { agent, is_online } => {
            presence(directory, tenant, agent, Some(is_online)).await?
        }
        EventBody::AgentAvailabilityChanged { agent, .. } => presence(directory, tenant, agent, None).await?,
        EventBody::MessagesDelivered { ticket, up_to } => {
            Some(("delivered", json!({ "chatId": ticket, "upTo": up_to })))
        }
        EventBody::Notified { notification, .. } => notified(directory, tenant, notification).await?,
        EventBody::NotificationsRead { ref notifications, .. } => {
            Some(("notifications_marked_read", json!({ "notificationIds": notifications })))
        }
        EventBody::TicketEscalated { ticket } => row(directory, tenant, ticket).await?.map(|data| ("chat", data)),
        EventBody::CustomerDisconnected { ticket } => Some(("customer_disconnected", json!({ "chatId": ticket }))),
        ref about => callback(about),
    };
    Ok(told.map(|(name, data)| Payload::Chunk(stream_event(name, Some(event.seq), &data))))
}

/// What happened to a callback, by its ids: who wants more asks for it. Nothing for other events,
/// which are nothing that an open console shows.
fn callback(body: &EventBody) -> Option<(&'static str, Value)> {
    let callback = body.callback()?;
    let data = match body {
        EventBody::CallbackAssigned { to, .. } => json!({ "callbackId": callback, "assignedTo": to }),
        EventBody::CallbackStatusChanged { from, to, .. } => {
            json!({ "callbackId": callback, "from": from, "to": to })
        }
        _ => json!({ "callbackId": callback }),
    };
    Some((body.kind(), data))
}

/// The row as it stands now: whoever catches up is told the present, not the past.
async fn row(directory: &Directory, tenant: TenantId, ticket: TicketId) -> Result<Option<Value>, DeskError> {
    let Some(ticket) = directory.desk().stores().tickets.ticket(tenant, ticket).await? else {
        return Ok(None);
    };
    let row = directory.row(tenant, &ticket).await?;
    Ok(Some(json!({ "chat": row })))
}

/// The words of what somebody was told, and whether they have read it by now.
async fn notified(
    directory: &Directory,
    tenant: TenantId,
    notification: NotificationId,
) -> Result<Option<(&'static str, Value)>, DeskError> {
    let notifications = &directory.desk().stores().notifications;
    let found = notifications.notification(tenant, notification).await?;
    Ok(found.map(|found| ("notification", json!({ "notification": NotificationRow::from(found) }))))
}

async fn presence(
    directory: &Directory,
    tenant: TenantId,
    agent: AgentId,
    is_online: Option<bool>,
) -> Result<Option<(&'static str, Value)>, DeskError> {
    let stores = directory.desk().stores();
    let Some(known) = stores.people.agent(tenant, agent).await? else {
        return Ok(None);
    };
    let is_online = match is_online {
        Some(is_online) => is_online,
        None => {
            let presences = stores.presence.presences(tenant).await?;
            presences
                .iter()
                .any(|presence| presence.agent == agent && presence.is_online)
        }
    };
    let data = json!({ "userId": agent, "isOnline": is_online, "status": known.availability });
    Ok(Some(("presence", data)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::stream_event;

    #[test]
    fn what_people_write_can_not_begin_a_field_of_the_stream() {
        let event = stream_event("message", Some(7), &json!({ "message": "a\r\nid: 9\n\nevent: x" }));
        assert_eq!(
            event,
            "event: message\nid: 7\ndata: {\"message\":\"a\\r\\nid: 9\\n\\nevent: x\"}\n\n"
        );
    }
}
