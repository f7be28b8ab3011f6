//! Live connections: WebSocket and server-sent events, all fed by one hub.

mod admission;
mod directory;
mod frames;
mod hall;
mod handoff;
mod hub;
mod listener;
mod proof;
mod queue;
mod replay;
mod socket;
mod stream;
mod streams;
mod typing;

use axum::{Router, routing::get};
use utoipa::OpenApi;

pub(crate) use hub::Hub;

use crate::state::SupportState;

/// What is documented of these calls.
#[derive(OpenApi)]
#[openapi(paths(streams::visitor_events, streams::console_events, handoff::socket))]
pub(crate) struct Document;

/// Live connections: WebSocket and server-sent events.
pub(crate) fn routes() -> Router<SupportState> {
    Router::new()
        .route("/api/v1/chat/events", get(streams::visitor_events))
        .route("/api/v1/admin/chat/events", get(streams::console_events))
        .route("/human-support/ws/{request_id}", get(handoff::socket))
}
