//! Live connections.

use axum::Router;
use support_core::desk::Desk;
use tokio_util::sync::CancellationToken;

use crate::state::SupportState;

/// Passes on what happens to everybody connected here.
#[derive(Debug)]
pub(crate) struct Hub;

impl Hub {
    /// A hub of the desk's feed; `shutdown` ends every connection.
    pub(crate) fn new(_desk: &Desk, _shutdown: &CancellationToken) -> Self {
        Self
    }
}

/// Live connections: WebSocket and server-sent events.
pub(crate) fn routes() -> Router<SupportState> {
    Router::new()
}
