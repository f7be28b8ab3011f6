//! What agents' clients can ask for.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use support_core::{
    desk::{NewMessage, Scope, Speaker, TicketChanges, TicketRef},
    model::{Availability, FileId, Input, NotificationId, Status, Ticket},
};

use super::{
    agent::Desk,
    connection::Done,
    incoming::{Incoming, Sequence, required},
};
use crate::{
    error::{ApiError, finish},
    faces::{chat::in_terms_of, files::named_files},
    realtime::socket::Over,
    wire::{
        notifications::NotificationRow,
        tickets::{MessageRow, TicketRow},
    },
};

/// The end of a thread that comes with its ticket, in messages.
const MESSAGES_AT_ONCE: u32 = 500;

/// A ticket with the end of its thread.
#[derive(Serialize)]
struct WholeTicket<'a> {
    #[serde(flatten)]
    ticket: TicketRow,
    messages: Vec<MessageRow<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Words {
    ticket_id: Option<String>,
    content: Option<String>,
    message_type: Option<String>,
    client_message_id: Option<String>,
    metadata: Option<Value>,
    attachment_ids: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StatusChange {
    ticket_id: Option<String>,
    status: Option<String>,
    notes: Option<String>,
}

#[derive(Deserialize)]
struct Chosen {
    status: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Named {
    ticket_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TypingIn {
    ticket_id: Option<String>,
    is_typing: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Read {
    notification_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Resume {
    last_event_id: Option<Sequence>,
}

impl Desk {
    /// Does one thing. Outside, an error ends the connection; inside, it is the answer.
    pub(super) async fn act(&mut self, incoming: &mut Incoming) -> Result<Result<Done, ApiError>, Over> {
        if incoming.event == "resume" {
            return self.resume(incoming).await;
        }
        let scope = match self.scope() {
            Ok(scope) => scope,
            Err(error) => return Ok(Err(error)),
        };
        Ok(match incoming.event.as_str() {
            "send_message" => self.say(&scope, incoming).await,
            "update_ticket_status" => self.change_status(&scope, incoming).await,
            "update_status" => self.choose_availability(&scope, incoming).await,
            "get_ticket_details" => self.read(&scope, incoming).await,
            "join_ticket" => self.join(&scope, incoming).await,
            "typing" => self.type_on(&scope, incoming).await,
            "view_ticket" => self.view(&scope, incoming, true).await,
            "leave_ticket" => self.view(&scope, incoming, false).await,
            "heartbeat" => self.heartbeat(&scope).await,
            "notification_read" => self.read_notification(&scope, incoming).await,
            "notifications_read_all" => self.read_all_notifications(&scope).await,
            "authenticate" => Err(ApiError::conflict("You are authenticated already")),
            unknown => Err(unknown_event(unknown)),
        })
    }

    async fn resume(&mut self, incoming: &mut Incoming) -> Result<Result<Done, ApiError>, Over> {
        let last = read_resume(incoming);
        Ok(match last {
            Ok(last) => {
                let is_reset = !self.go_back(last).await?;
                let end = self.reader.seat().heard_up_to();
                Ok(Done::silently(json!({ "lastEventId": end, "reset": is_reset })))
            }
            Err(error) => Err(error),
        })
    }

    async fn ticket_named(&self, scope: &Scope, name: &str) -> Result<Ticket, ApiError> {
        let desk = self.connection.state.desk();
        Ok(desk.ticket(scope, name.parse::<TicketRef>()?).await?)
    }

    async fn shown(&self, ticket: &Ticket) -> Result<TicketRow, ApiError> {
        let directory = self.connection.state.hub().directory();
        Ok(TicketRow::of(directory, self.tenant, ticket).await?)
    }

    async fn say(&self, scope: &Scope, incoming: &mut Incoming) -> Result<Done, ApiError> {
        let (words, mut found) = incoming.fields::<Words>()?;
        let ticket = required(&mut found, "ticket_id", words.ticket_id);
        let attachments = named_files(words.attachment_ids)?;
        let kinds = ["text", "note", "file", "image"];
        let kind = kind_of(words.message_type.as_deref(), &attachments, &mut found, &kinds);
        let message = NewMessage {
            is_note: kind == Some("note"),
            attachments,
            client_id: words.client_message_id,
            metadata: words.metadata,
            ..NewMessage::text(words.content.unwrap_or_default())
        };
        message.check(&mut found, "content");
        finish(found)?;
        let ticket = self.ticket_named(scope, &ticket).await?;
        let desk = self.connection.state.desk();
        let posted = desk.post_to(scope, ticket, message, Speaker::Own).await;
        let posted = posted.map_err(|error| in_terms_of(error, &[("message", "content")]))?;
        let message = MessageRow::new(
            &posted.message,
            Some(&posted.ticket.thread),
            &self.connection.state.file_urls(self.tenant),
        );
        let ticket = posted.ticket.human_number();
        // All that the agent has open are told by the journal, this one too.
        Ok(Done::silently(json!({ "ticketId": ticket, "message": message })))
    }

    async fn change_status(&self, scope: &Scope, incoming: &mut Incoming) -> Result<Done, ApiError> {
        let (change, mut found) = incoming.fields::<StatusChange>()?;
        let ticket = required(&mut found, "ticket_id", change.ticket_id);
        let status = named::<Status>(&mut found, "status", change.status.as_deref());
        finish(found)?;
        let changes = TicketChanges {
            status,
            notes: change.notes,
            ..TicketChanges::default()
        };
        let desk = self.connection.state.desk();
        let ticket = desk.update_ticket(scope, ticket.parse::<TicketRef>()?, changes).await?;
        Ok(Done::silently(json!({ "ticket": self.shown(&ticket).await? })))
    }

    async fn choose_availability(&self, scope: &Scope, incoming: &mut Incoming) -> Result<Done, ApiError> {
        let (chosen, mut found) = incoming.fields::<Chosen>()?;
        let to = named::<Availability>(&mut found, "status", chosen.status.as_deref());
        finish(found)?;
        let (Some(to), Some(agent)) = (to, scope.actor().agent()) else {
            return Err(ApiError::forbidden());
        };
        let desk = self.connection.state.desk();
        let agent = desk.set_availability(scope, agent.id, to).await?;
        let agent = self.row(scope, agent).await?;
        Ok(Done::told("status_updated", json!({ "agent": agent })))
    }

    async fn read(&self, scope: &Scope, incoming: &mut Incoming) -> Result<Done, ApiError> {
        let ticket = self.ticket_of(scope, incoming).await?;
        let desk = self.connection.state.desk();
        let after = ticket.thread.last_seq.saturating_sub(u64::from(MESSAGES_AT_ONCE));
        let messages = desk.messages(scope, &ticket, after, MESSAGES_AT_ONCE).await?;
        let messages = messages.iter();
        let urls = self.connection.state.file_urls(self.tenant);
        let whole = WholeTicket {
            messages: messages
                .map(|message| MessageRow::new(message, Some(&ticket.thread), &urls))
                .collect(),
            ticket: self.shown(&ticket).await?,
        };
        Ok(Done::told("ticket_details", json!({ "ticket": whole })))
    }

    async fn join(&self, scope: &Scope, incoming: &mut Incoming) -> Result<Done, ApiError> {
        let (name, mut found) = incoming.fields::<Named>()?;
        let ticket = required(&mut found, "ticket_id", name.ticket_id);
        finish(found)?;
        let desk = self.connection.state.desk();
        let ticket = desk.join(scope, ticket.parse::<TicketRef>()?).await?;
        Ok(Done::silently(json!({ "ticket": self.shown(&ticket).await? })))
    }

    async fn type_on(&self, scope: &Scope, incoming: &mut Incoming) -> Result<Done, ApiError> {
        let (typing, mut found) = incoming.fields::<TypingIn>()?;
        let ticket = required(&mut found, "ticket_id", typing.ticket_id);
        let is_typing = required(&mut found, "is_typing", typing.is_typing);
        finish(found)?;
        let ticket = self.ticket_named(scope, &ticket).await?;
        self.connection.state.desk().typing(scope, &ticket, is_typing).await?;
        Ok(Done::silently(json!({})))
    }

    async fn view(&mut self, scope: &Scope, incoming: &mut Incoming, is_viewing: bool) -> Result<Done, ApiError> {
        let ticket = self.ticket_of(scope, incoming).await?;
        self.look(scope, &ticket, is_viewing).await?;
        let agent = scope.actor().agent().ok_or_else(ApiError::forbidden)?.id;
        let viewers = self.connection.state.hub().viewers();
        let viewers = viewers.of(self.tenant, ticket.id, agent);
        let ticket = ticket.human_number();
        Ok(Done::silently(json!({ "ticketId": ticket, "viewers": viewers })))
    }

    async fn ticket_of(&self, scope: &Scope, incoming: &mut Incoming) -> Result<Ticket, ApiError> {
        let (name, mut found) = incoming.fields::<Named>()?;
        let ticket = required(&mut found, "ticket_id", name.ticket_id);
        finish(found)?;
        self.ticket_named(scope, &ticket).await
    }

    async fn heartbeat(&self, scope: &Scope) -> Result<Done, ApiError> {
        let seen = self.connection.state.desk().heartbeat(scope, None).await?.presence;
        let data = json!({ "isOnline": seen.is_online, "lastSeenAt": seen.last_seen_at });
        Ok(Done::silently(data))
    }
}

impl Desk {
    async fn read_notification(&self, scope: &Scope, incoming: &mut Incoming) -> Result<Done, ApiError> {
        let (read, mut found) = incoming.fields::<Read>()?;
        let id = required(&mut found, "notification_id", read.notification_id);
        finish(found)?;
        let id: NotificationId = id.parse().map_err(|_| ApiError::not_found())?;
        let desk = self.connection.state.desk();
        let notification = NotificationRow::from(desk.mark_notification_read(scope, id).await?);
        // All that the agent has open are told by the journal, this one too.
        Ok(Done::silently(json!({ "notification": notification })))
    }

    async fn read_all_notifications(&self, scope: &Scope) -> Result<Done, ApiError> {
        let read = self.connection.state.desk().mark_all_notifications_read(scope).await?;
        Ok(Done::silently(json!({ "notificationIds": read })))
    }
}

fn read_resume(incoming: &mut Incoming) -> Result<u64, ApiError> {
    let (resume, mut found) = incoming.fields::<Resume>()?;
    if resume.last_event_id.is_none() {
        found.refuse("last_event_id", "This field is required");
    }
    finish(found)?;
    resume.last_event_id.map(|last| last.0).ok_or_else(ApiError::forbidden)
}

/// The refusal of an event that does not exist.
pub(super) fn unknown_event(name: &str) -> ApiError {
    let shown: String = name.chars().take(50).collect();
    ApiError::field("event", format!("There is no event `{shown}`"))
}

/// The kind of a message, if it is one of these. What is said to be a file has to carry one; which
/// of the two it is, its bytes tell.
pub(super) fn kind_of<'k>(
    kind: Option<&str>,
    files: &[FileId],
    found: &mut Input,
    kinds: &[&'k str],
) -> Option<&'k str> {
    let kind = kind?;
    let known = kinds.iter().find(|known| **known == kind).copied();
    if known.is_none() {
        found.refuse("message_type", format!("`{kind}` is not one of: {}", kinds.join(" ")));
    }
    if matches!(known, Some("file" | "image")) && files.is_empty() {
        found.refuse("attachment_ids", "This field is required");
    }
    known
}

fn named<T>(found: &mut Input, field: &str, name: Option<&str>) -> Option<T>
where
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    let Some(name) = name else {
        found.refuse(field, "This field is required");
        return None;
    };
    match name.parse() {
        Ok(value) => Some(value),
        Err(unknown) => {
            let unknown: T::Err = unknown;
            found.refuse(field, unknown.to_string());
            None
        }
    }
}
