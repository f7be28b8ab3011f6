//! What is said in tickets.

use axum::{extract::State, http::StatusCode, response::Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use support_core::{
    desk::{NewMessage, Speaker, TicketRef},
    model::{FileId, Input, MessageKind, SenderKind},
};
use utoipa::ToSchema;

use super::{Enveloped, row, written};
use crate::{
    error::{ApiError, ErrorBody, finish},
    extract::{Fields, Path, Query},
    faces::{
        chat::{answer, in_terms_of},
        files::named_files,
    },
    scope::AgentScope,
    state::SupportState,
    wire::{
        Envelope,
        cursor::LongList,
        enveloped,
        named::given,
        pagination::number,
        tickets::{KINDS, MessageRow, SENDERS, TicketRow},
    },
};

/// As many as are given unless asked otherwise, and at most.
const USUAL: u32 = 20;
const MOST: u32 = 100;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MessageInput {
    #[schema(required)]
    content: Option<String>,
    /// `agent`; servers may speak for the `customer` and as a `bot` too.
    #[schema(required)]
    sender: Option<String>,
    /// Whoever speaks; nobody speaks for somebody else.
    sender_id: Option<String>,
    /// `text`, `file` or `image`, or `note` for agents only.
    message_type: Option<String>,
    #[schema(value_type = Option<Object>)]
    metadata: Option<Value>,
    client_message_id: Option<String>,
    /// Files that were sent in for this message, by their ids.
    attachment_ids: Option<Vec<String>>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PostedMessage<'a> {
    message: MessageRow<'a>,
    ticket: TicketRow,
}

#[derive(Debug, Deserialize)]
pub(super) struct Part {
    after: Option<String>,
    cursor: Option<String>,
    limit: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Messages {
    #[schema(value_type = Vec<MessageRow<'_>>)]
    messages: Value,
    /// What to send as `cursor` for what was said next; none at the end.
    next_cursor: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct ReadInput {
    /// `customer`: whose messages were read.
    sender: Option<String>,
}

/// Says something in a ticket. An agent's answer takes a ticket that nobody has.
#[utoipa::path(post, path = "/api/tickets/{ticketId}/messages", tag = "tickets", security(("bearer" = [])),
    params(("ticketId" = String, Path)), request_body = MessageInput,
    responses((status = 201, body = Envelope<PostedMessage<'_>>),
        (status = 200, description = "It was accepted before", body = Envelope<PostedMessage<'_>>),
        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub(super) async fn post_message(
    State(state): State<SupportState>,
    AgentScope(scope): AgentScope,
    Path(ticket): Path<String>,
    Fields { body, mut found }: Fields<MessageInput>,
) -> Result<Response, ApiError> {
    let ticket = state.desk().ticket(&scope, ticket.parse::<TicketRef>()?).await?;
    let sender = sender(body.sender.as_deref(), &mut found);
    let attachments = named_files(body.attachment_ids)?;
    let message = NewMessage {
        is_note: is_note(body.message_type.as_deref(), &attachments, &mut found),
        client_id: body.client_message_id,
        attachments,
        metadata: body.metadata,
        ..NewMessage::text(body.content.unwrap_or_default())
    };
    message.check(&mut found, "content");
    let speaker = match (sender, scope.actor().agent()) {
        (Some(SenderKind::Customer), _) => Speaker::Customer,
        (Some(SenderKind::Bot), _) => Speaker::Bot,
        _ => Speaker::Own,
    };
    let own = match (speaker, scope.actor().agent()) {
        (Speaker::Own, Some(agent)) => Some(agent.id.uuid()),
        (Speaker::Customer, _) => Some(ticket.requester.uuid()),
        _ => None,
    };
    let named = given(body.sender_id.as_deref());
    if named.is_some_and(|named| named.parse().ok() != own) {
        found.refuse("sender_id", "Nobody speaks for somebody else");
    }
    finish(found)?;
    let posted = state.desk().post_to(&scope, ticket, message, speaker).await;
    let posted = posted.map_err(|error| in_terms_of(error, &[("message", "content")]))?;
    let status = if posted.is_repeat {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    let answered = PostedMessage {
        ticket: row(&state, &scope, &posted.ticket).await?,
        message: MessageRow::new(
            &posted.message,
            Some(&posted.ticket.thread),
            &state.file_urls(scope.tenant()),
        ),
    };
    Ok(answer(status, &answered))
}

fn sender(name: Option<&str>, input: &mut Input) -> Option<SenderKind> {
    let Some(name) = given(name) else {
        input.refuse("sender", "This field is required");
        return None;
    };
    let sender = SENDERS.into_iter().find(|sender| sender.as_str() == name);
    if sender.is_none() {
        input.refuse("sender", format!("`{name}` is not one of: agent customer bot"));
    }
    sender
}

/// What is said to be a file has to carry one; which of the two it is, its bytes tell.
fn is_note(name: Option<&str>, files: &[FileId], input: &mut Input) -> bool {
    let Some(name) = given(name) else {
        return false;
    };
    let kind = KINDS.into_iter().find(|kind| kind.as_str() == name);
    if kind.is_none() {
        input.refuse("message_type", format!("`{name}` is not one of: text note file image"));
    }
    if matches!(kind, Some(MessageKind::File | MessageKind::Image)) && files.is_empty() {
        input.refuse("attachment_ids", "This field is required");
    }
    kind == Some(MessageKind::Note)
}

/// What was said in a ticket after a `seq`, oldest first.
#[utoipa::path(get, path = "/api/tickets/{ticketId}/messages", tag = "tickets", security(("bearer" = [])),
    params(("ticketId" = String, Path), ("after" = Option<u64>, Query), ("cursor" = Option<String>, Query),
        ("limit" = Option<u32>, Query)),
    responses((status = 200, body = Envelope<Messages>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(super) async fn read(
    State(state): State<SupportState>,
    AgentScope(scope): AgentScope,
    Path(ticket): Path<String>,
    Query(part): Query<Part>,
) -> Enveloped<Messages> {
    let ticket = state.desk().ticket(&scope, ticket.parse::<TicketRef>()?).await?;
    let long_list = LongList::of_messages(&state, scope.tenant(), ticket.id);
    let mut input = Input::new();
    let limit = number("limit", part.limit.as_deref(), USUAL, 1..=MOST, &mut input);
    let after = long_list.read_place(part.after.as_deref(), part.cursor.as_deref(), 0, &mut input);
    finish(input)?;
    let messages = state.desk().messages(&scope, &ticket, after, limit).await?;
    Ok(enveloped(Messages {
        next_cursor: long_list.after_messages(&messages, limit),
        messages: written(&state, &scope, &messages, &ticket)?,
    }))
}

/// Marks what the customer wrote as read.
#[utoipa::path(patch, path = "/api/tickets/{ticketId}/messages/read", tag = "tickets", security(("bearer" = [])),
    params(("ticketId" = String, Path)), request_body = ReadInput,
    responses((status = 200), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(super) async fn mark_read(
    State(state): State<SupportState>,
    AgentScope(scope): AgentScope,
    Path(ticket): Path<String>,
    Fields { body, mut found }: Fields<ReadInput>,
) -> Enveloped<Value> {
    let ticket = state.desk().ticket(&scope, ticket.parse::<TicketRef>()?).await?;
    if let Some(sender) = given(body.sender.as_deref()).filter(|sender| *sender != "customer") {
        found.refuse("sender", format!("`{sender}` is not one of: customer"));
    }
    finish(found)?;
    let marked = state
        .desk()
        .mark_read(&scope, ticket.id, ticket.thread.last_seq)
        .await?;
    Ok(enveloped(json!({ "markedCount": marked })))
}
