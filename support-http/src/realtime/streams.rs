//! The event streams of the website chat: its visitor's, and agents' consoles.

use axum::{
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;
use support_core::model::Secret;

use super::{
    LONGEST_REPLAY,
    frames::stream_event,
    hub::Seat,
    listener::{Form, Listener},
    proof::Proof,
    replay::Reader,
    stream::respond,
};
use crate::{
    error::ApiError,
    extract::Query,
    scope::{CallerScope, PublicTenant},
    state::SupportState,
};

/// Where a stream begins.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Resume {
    last_event_id: Option<String>,
}

/// Whose stream it is, and where it begins.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VisitorQuery {
    session_id: Option<String>,
    last_event_id: Option<String>,
}

/// Live events of one chat: `message`, `status`, `typing`, `read`, `agent_available`,
/// `agent_assigned`.
#[utoipa::path(
    get, path = "/api/v1/chat/events", tag = "chat",
    params(("sessionId" = String, Query), ("lastEventId" = Option<u64>, Query), ("Last-Event-ID" = Option<u64>, Header)),
    responses((status = 200, description = "A stream of events", content_type = "text/event-stream"), (status = 404)),
)]
pub(crate) async fn visitor_events(
    State(state): State<SupportState>,
    PublicTenant(tenant): PublicTenant,
    Query(query): Query<VisitorQuery>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let session = query
        .session_id
        .ok_or_else(|| ApiError::field("session_id", "This field is required"))?;
    let secret = Secret::presented(session);
    let ticket = state.desk().ticket_of_secret(tenant.id, &secret).await?;
    let listener = Listener::requester(ticket.id, ticket.requester, Form::Visitor);
    let seat = state.hub().seat(tenant.id, listener).await?;
    let last = last_event(&headers, query.last_event_id.as_deref());
    Ok(begin(state, seat, Proof::Secret(secret), last))
}

/// Live events of everything that an agent hears of: `chat`, `message`, `typing`, `viewers`, `read`,
/// `delivered`, `presence`, `customer_disconnected`, the agent's own `notification` and
/// `notifications_marked_read`, and what happens to callbacks (`callback_requested`,
/// `callback_assigned`, `callback_status_changed`, `callback_attempted`, `callback_updated`,
/// `callback_overdue`) with their ids.
#[utoipa::path(
    get, path = "/api/v1/admin/chat/events", tag = "chat desk",
    params(("lastEventId" = Option<u64>, Query), ("Last-Event-ID" = Option<u64>, Header)),
    responses((status = 200, description = "A stream of events", content_type = "text/event-stream"), (status = 401), (status = 403)),
    security(("bearer" = [])),
)]
pub(crate) async fn console_events(
    State(state): State<SupportState>,
    CallerScope(login): CallerScope,
    Query(query): Query<Resume>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let agent = login.scope.actor().agent().ok_or_else(ApiError::forbidden)?.clone();
    let seat = state.hub().seat(login.scope.tenant(), Listener::console(agent)).await?;
    // What changed between the check and this moment was told to nobody here.
    seat.listener.queue.ask_to_recheck();
    let last = last_event(&headers, query.last_event_id.as_deref());
    let proof = Proof::Login {
        headers,
        token: None,
        expires_at: login.expires_at,
    };
    Ok(begin(state, seat, proof, last).into_response())
}

/// The header comes with a browser's own reconnecting, and knows better than the address.
pub(super) fn last_event(headers: &HeaderMap, query: Option<&str>) -> Option<u64> {
    let header = headers.get("last-event-id").and_then(|value| value.to_str().ok());
    let number = |text: &str| text.trim().parse().ok();
    header.and_then(number).or_else(|| query.and_then(number))
}

pub(super) fn begin(state: SupportState, seat: Seat, proof: Proof, last: Option<u64>) -> Response {
    let position = seat.position;
    let replay = last.filter(|last| *last <= position && position - last <= LONGEST_REPLAY);
    let mut greeting = Vec::from(b": welcome\n\n");
    // A stream that resumes is not there yet.
    let id = replay.is_none().then_some(position);
    greeting.extend_from_slice(&stream_event("connected", id, &json!({ "lastEventId": position })));
    if last.is_some() && replay.is_none() {
        greeting.extend_from_slice(&stream_event("reset", Some(position), &json!({})));
    }
    let directory = std::sync::Arc::clone(state.hub().directory());
    let reader = Reader::new(seat, directory, replay.unwrap_or(position), 0);
    respond(state, reader, proof, Bytes::from(greeting))
}
