//! Live connections over a real listener: WebSocket and server-sent events.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::expect_used,
    reason = "a failed unwrap is a failed test"
)]

mod conversations;
mod endings;
mod replays;
mod server;
mod sockets;
mod streams;
mod troubles;
