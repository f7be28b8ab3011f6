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
    ParserConfig, SocketIo, SocketIoBuilder,
    extract::{SocketRef, TryData},
    handler::ConnectHandler,
};
use tokio_util::task::TaskTracker;
use tower::{Service, ServiceExt, util::BoxCloneSyncService};
use utoipa::OpenApi;

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

/// What is documented of it.
#[derive(OpenApi)]
#[openapi(paths(serve))]
pub(crate) struct Document;

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
        let (service, io) = builder().build_svc();
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

/// The library as it is set up here: for programs that show what it makes of the protocol.
#[doc(hidden)]
#[must_use]
pub fn builder() -> SocketIoBuilder {
    let parser = ParserConfig::common()
        .max_incoming_binaries(MOST_ATTACHMENTS)
        .max_incoming_binary_buf_size(LARGEST_PACKET);
    SocketIo::builder()
        .req_path(PATH)
        .max_payload(LARGEST_PACKET as u64)
        .ws_max_message_size(LARGEST_PACKET)
        .ws_max_frame_size(LARGEST_PACKET)
        .max_buffer_size(MOST_PACKETS)
        .with_parser(parser)
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

/// Socket.IO, protocol 5, over WebSocket and long polling, for its own clients: nothing else is
/// sent here by hand. Every request event takes an acknowledgement: `{success: true, data}`, or the
/// body of a refusal as calls have it; without one, refusals come as `error {code, message}`.
///
/// The namespace `/agent` is for agents: their token is in the `auth` payload, or in
/// `authenticate {token}` or `{email, password}` within ten seconds. In: `send_message`,
/// `update_ticket_status`, `update_status`, `get_ticket_details`, `join_ticket`, `typing`,
/// `view_ticket`, `leave_ticket`, `notification_read`, `notifications_read_all`, `heartbeat`,
/// `resume {lastEventId}`. Out: `auth_success`, `auth_error`, `customer_message`, `message_sent`,
/// `new_ticket`, `ticket_updated`, `ticket_details`, `customer_typing`, `agent_typing`,
/// `ticket_viewers`, `notification`, `notifications_marked_read`, `agent_status_change`,
/// `customer_disconnected`, `status_updated`, `error`. Tickets and messages look as they do at
/// `/api/tickets`; what the journal tells has an `eventId`, after which `resume` goes on.
///
/// The namespace `/customer` is for customers and visitors, who begin with `customer_connect`: with
/// a `sessionId` to go on with a conversation, a `token` for a known customer, or neither. In:
/// `customer_message`, `customer_typing`, `customer_disconnect`, `resume {lastSeq}`. Out:
/// `connection_established`, `agent_message`, `customer_message`, `agent_assigned`, `agent_typing`,
/// `customer_typing`, `ticket_status_change`, `error`.
#[utoipa::path(method(get, post), path = "/socket.io/", tag = "realtime",
    params(("EIO" = u8, Query, description = "`4`"),
        ("transport" = String, Query, description = "`websocket` or `polling`"),
        ("sid" = Option<String>, Query, description = "The connection, once it is open")),
    responses((status = 101, description = "A WebSocket"), (status = 200, description = "Packets"),
        (status = 400, description = "What the protocol does not know"),
        (status = 403, description = "A page of a foreign origin"), (status = 413, description = "A packet that is too large")))]
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
