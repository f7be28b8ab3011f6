//! The desk's use cases over the in-memory store, as their callers see them.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod accounts;
mod assignment;
mod conversation;
mod feed;
mod office;
