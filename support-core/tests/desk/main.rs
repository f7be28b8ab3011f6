//! The desk's use cases over the in-memory store, as their callers see them.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what panics here is a failed test"
)]

mod acceptance;
mod accounts;
mod assignment;
mod bot;
mod conversation;
mod feed;
mod hours;
mod inbound;
mod knowledge;
mod notifications;
mod office;
mod outbound;
mod post;
mod privacy;
mod rating_mail;
mod responder;
mod responder_nodes;
mod secrets;
mod trouble;
