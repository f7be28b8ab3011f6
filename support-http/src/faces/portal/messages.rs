//! What is said in the customer's own tickets.

use axum::{
    Json as Answer,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use support_core::{
    desk::{Continued, NewMessage},
    model::Input,
};
use utoipa::ToSchema;

use super::{NEXT_CURSOR, own_ticket};
use crate::{
    error::{ApiError, ErrorBody, finish},
    extract::{Fields, Path, Query},
    faces::{chat::in_terms_of, files::named_files},
    scope::CustomerScope,
    state::SupportState,
    wire::{cursor::LongList, pagination::number, portal::PortalMessage},
};

/// As many as are given unless asked otherwise, and at most.
const USUAL: u32 = 20;
const MOST: u32 = 100;

#[derive(Debug, Deserialize)]
pub(super) struct Part {
    after: Option<String>,
    cursor: Option<String>,
    limit: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PortalMessageInput {
    #[schema(required)]
    body: Option<String>,
    /// The customer's own id for the message: the same one again is the same message again.
    client_message_id: Option<String>,
    /// Files that were sent in for this message, by their ids; the words may be missing then.
    attachment_ids: Option<Vec<String>>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PortalReadInput {
    /// The `seq` of the last message that was read; the last there is when not given.
    up_to: Option<u64>,
}

/// A message that was accepted.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PostedPortalMessage {
    #[serde(flatten)]
    message: PortalMessage,
    /// The closed ticket that it was written to; it opened another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_ticket_id: Option<String>,
}

/// What was said in a ticket after a `seq`, oldest first. `X-Next-Cursor` has what to send as
/// `cursor` for what was said next.
#[utoipa::path(get, path = "/api/customers/me/tickets/{ticketId}/messages", tag = "portal", security(("bearer" = [])),
    params(("ticketId" = String, Path), ("after" = Option<u64>, Query), ("cursor" = Option<String>, Query),
        ("limit" = Option<u32>, Query)),
    responses((status = 200, body = Vec<PortalMessage>, headers(("X-Next-Cursor" = String))),
        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody)))]
pub(super) async fn read(
    State(state): State<SupportState>,
    CustomerScope { scope, .. }: CustomerScope,
    Path(ticket): Path<String>,
    Query(part): Query<Part>,
) -> Result<(HeaderMap, Answer<Vec<PortalMessage>>), ApiError> {
    let ticket = own_ticket(&state, &scope, &ticket).await?;
    let long_list = LongList::of_messages(&state, scope.tenant(), ticket.id);
    let mut input = Input::new();
    let limit = number("limit", part.limit.as_deref(), USUAL, 1..=MOST, &mut input);
    let after = long_list.read_place(part.after.as_deref(), part.cursor.as_deref(), 0, &mut input);
    finish(input)?;
    let messages = state.desk().messages(&scope, &ticket, after, limit).await?;
    let mut headers = HeaderMap::new();
    let next = long_list.after_messages(&messages, limit);
    if let Some(next) = next.and_then(|next| next.parse().ok()) {
        headers.insert(NEXT_CURSOR, next);
    }
    let urls = state.file_urls(scope.tenant());
    let rows = messages
        .iter()
        .map(|message| PortalMessage::new(message, &ticket, &urls));
    Ok((headers, Answer(rows.collect())))
}

/// Says something in a ticket. What is written to a closed one opens another, which names it.
#[utoipa::path(post, path = "/api/customers/me/tickets/{ticketId}/messages", tag = "portal", security(("bearer" = [])),
    params(("ticketId" = String, Path)), request_body = PortalMessageInput,
    responses((status = 201, body = PostedPortalMessage),
        (status = 200, description = "It was accepted before", body = PostedPortalMessage),
        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 429, body = ErrorBody)))]
pub(super) async fn post_message(
    State(state): State<SupportState>,
    CustomerScope { scope, .. }: CustomerScope,
    Path(named): Path<String>,
    Fields { body, mut found }: Fields<PortalMessageInput>,
) -> Result<(StatusCode, Answer<PostedPortalMessage>), ApiError> {
    let ticket = own_ticket(&state, &scope, &named).await?;
    state.limits().message(ticket.id)?;
    let message = NewMessage {
        client_id: body.client_message_id,
        attachments: named_files(body.attachment_ids)?,
        ..NewMessage::text(body.body.unwrap_or_default())
    };
    message.check(&mut found, "body");
    finish(found)?;
    let number = ticket.human_number();
    let urls = state.file_urls(scope.tenant());
    let continued = state.desk().post_or_follow(&scope, ticket, message).await;
    match continued.map_err(|error| in_terms_of(error, &[("message", "body")]))? {
        Continued::Same(posted) => {
            let status = if posted.is_repeat {
                StatusCode::OK
            } else {
                StatusCode::CREATED
            };
            let message = PortalMessage::new(&posted.message, &posted.ticket, &urls);
            let previous_ticket_id = None;
            Ok((
                status,
                Answer(PostedPortalMessage {
                    message,
                    previous_ticket_id,
                }),
            ))
        }
        Continued::Successor(opened) => {
            let message = opened.message.as_ref();
            let message = message.ok_or_else(|| ApiError::internal("a ticket was opened without its message"))?;
            let posted = PostedPortalMessage {
                message: PortalMessage::new(message, &opened.ticket, &urls),
                previous_ticket_id: Some(number),
            };
            Ok((StatusCode::CREATED, Answer(posted)))
        }
    }
}

/// The customer has read up to a message.
#[utoipa::path(post, path = "/api/customers/me/tickets/{ticketId}/read", tag = "portal", security(("bearer" = [])),
    params(("ticketId" = String, Path)), request_body = PortalReadInput,
    responses((status = 200), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(super) async fn mark_read(
    State(state): State<SupportState>,
    CustomerScope { scope, .. }: CustomerScope,
    Path(ticket): Path<String>,
    Fields { body, found }: Fields<PortalReadInput>,
) -> Result<Answer<Value>, ApiError> {
    let ticket = own_ticket(&state, &scope, &ticket).await?;
    finish(found)?;
    let up_to = body.up_to.unwrap_or(ticket.thread.last_seq);
    let marked = state.desk().mark_read(&scope, ticket.id, up_to).await?;
    Ok(Answer(json!({ "markedCount": marked })))
}
