//! Socket.IO at `/socket.io`, protocol 5 over WebSocket and long polling: `/agent` and `/customer`.
//!
//! The same hub, journal and queues serve it as the other live connections. A connection is one
//! task, which writes what its queue has and does what its client asks, one thing after another.

mod agent;
mod agent_verbs;
mod connection;
mod credentials;
mod customer;
mod customer_verbs;
mod events;
mod incoming;
mod shapes;

use std::{convert::Infallible, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::HeaderMap,
    response::{IntoResponse, Response},
    routing::any,
};
use socketioxide::{
    ParserConfig, SocketIo,
    extract::{SocketRef, TryData},
    handler::ConnectHandler,
};
use tokio_util::task::TaskTracker;
use tower::{Service, ServiceExt, util::BoxCloneSyncService};

pub(super) use events::{Events, render, render_message, typing_for_agents, typing_for_customer, viewers_for_agents};

use self::connection::Connection;
use super::admission::is_same_origin;
use crate::{
    cors,
    error::ApiError,
    scope::origin,
    state::{SupportState, WeakState},
};

/// Where Socket.IO's clients look for it.
pub(crate) const PATH: &str = "/socket.io";
/// The largest packet or body that is accepted, and that clients are told of.
const LARGEST_PACKET: usize = 1_000_000;
/// Packets that the transport holds for a client; behind them, the connection's own queue fills.
const MOST_PACKETS: usize = 256;
/// Binary attachments of one packet. No event here has any.
const MOST_ATTACHMENTS: usize = 4;
/// How long connections may take to tell their clients that the process ends.
const FAREWELL_LIMIT: Duration = Duration::from_secs(3);

/// What answers calls to [`PATH`].
#[derive(Clone)]
pub(crate) struct Server(BoxCloneSyncService<Request, Response, Infallible>);

impl std::fmt::Debug for Server {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Server").finish_non_exhaustive()
    }
}

impl Server {
    /// A server without connections, which keeps nothing of `state` alive but through them.
    pub(crate) fn new(state: &SupportState) -> Self {
        let parser = ParserConfig::common()
            .max_incoming_binaries(MOST_ATTACHMENTS)
            .max_incoming_binary_buf_size(LARGEST_PACKET);
        let (service, io) = SocketIo::builder()
            .req_path(PATH)
            .max_payload(LARGEST_PACKET as u64)
            .ws_max_message_size(LARGEST_PACKET)
            .ws_max_frame_size(LARGEST_PACKET)
            .max_buffer_size(MOST_PACKETS)
            .with_parser(parser)
            .build_svc();
        let tasks = TaskTracker::new();
        let (weak, its) = (state.downgrade(), tasks.clone());
        let serve_agent = move |socket: SocketRef, TryData(auth): TryData<serde_json::Value>| {
            if let Some(connection) = accept(&weak, socket) {
                its.spawn(agent::serve(connection, auth.ok()));
            }
            async {}
        };
        io.ns("/agent", serve_agent.with(listen));
        let (weak, its) = (state.downgrade(), tasks.clone());
        let serve_customer = move |socket: SocketRef| {
            if let Some(connection) = accept(&weak, socket) {
                its.spawn(customer::serve(connection));
            }
            async {}
        };
        io.ns("/customer", serve_customer.with(listen));
        let shutdown = state.shutdown().clone();
        tokio::spawn(async move {
            shutdown.cancelled().await;
            tasks.close();
            drop(tokio::time::timeout(FAREWELL_LIMIT, tasks.wait()).await);
            io.close().await;
        });
        let service = ServiceExt::<Request>::map_response(service, |response| response.map(Body::new));
        Self(BoxCloneSyncService::new(service))
    }
}

/// Runs before a client is told that it is connected.
async fn listen(socket: SocketRef) -> Result<(), Infallible> {
    connection::listen(&socket);
    Ok(())
}

fn accept(state: &WeakState, socket: SocketRef) -> Option<Connection> {
    let connection = state.upgrade().and_then(|state| Connection::new(state, socket.clone()));
    if connection.is_none() {
        drop(socket.disconnect());
    }
    connection
}

/// Socket.IO.
pub(crate) fn routes() -> Router<SupportState> {
    Router::new()
        .route("/socket.io", any(serve))
        .route("/socket.io/", any(serve))
}

async fn serve(State(state): State<SupportState>, headers: HeaderMap, request: Request) -> Response {
    // What CORS does for calls, nobody does for WebSockets.
    if let Some(origin) = origin(&headers)
        && !is_same_origin(&headers, origin)
        && !cors::is_allowed(&state, origin).await
    {
        return ApiError::forbidden().into_response();
    }
    let mut server = state.socketio().clone();
    match server.0.call(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}
