//! Live connections: WebSocket, server-sent events and Socket.IO, all fed by one hub.

mod admission;
mod directory;
mod frames;
mod hall;
mod handoff;
mod hub;
mod listener;
mod portal;
mod portal_frames;
mod proof;
mod queue;
mod replay;
mod socket;
#[cfg(feature = "socketio")]
mod socketio;
mod stream;
mod streams;
mod typing;
mod viewers;

use axum::{
    Router,
    routing::{get, post},
};
use utoipa::OpenApi;

pub(crate) use directory::Directory;
pub(crate) use hub::Hub;
pub(crate) use portal::TOKEN_PATH as STREAM_TOKEN_PATH;
#[cfg(feature = "socketio")]
pub use socketio::builder as socketio_builder;
#[cfg(feature = "socketio")]
pub(crate) use socketio::{Document as SocketIoDocument, PATH as SOCKETIO_PATH, Server as SocketIoServer};
pub(crate) use viewers::Viewer;

use crate::state::SupportState;

/// The longest part of the journal that a connection is brought up to date with; behind that,
/// reading everything anew is quicker.
const LONGEST_REPLAY: u64 = 50_000;

/// What is documented of these calls.
#[derive(OpenApi)]
#[openapi(paths(
    streams::visitor_events,
    streams::console_events,
    handoff::socket,
    portal::token,
    portal::events
))]
pub(crate) struct Document;

/// Live connections: WebSocket, server-sent events and, with its feature, Socket.IO.
pub(crate) fn routes() -> Router<SupportState> {
    let routes = Router::new()
        .route("/api/v1/chat/events", get(streams::visitor_events))
        .route("/api/v1/admin/chat/events", get(streams::console_events))
        .route("/human-support/ws/{request_id}", get(handoff::socket))
        .route("/api/customers/me/events", get(portal::events))
        .route(portal::TOKEN_PATH, post(portal::token));
    #[cfg(feature = "socketio")]
    let routes = routes.merge(socketio::routes());
    routes
}
