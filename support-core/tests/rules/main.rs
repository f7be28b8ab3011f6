//! The rules of `model` and `change`, against tables and naive readings of what they say.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "whatever does not hold fails the test"
)]

mod access;
mod articles;
mod assignment;
mod blocks;
mod callbacks;
mod contact_numbers;
mod figures;
mod files;
mod footprint;
mod hours;
mod input;
mod login_guard;
mod owing;
mod recipients;
mod retries;
mod thread;
mod time;
mod transitions;
mod visits;
mod webhooks;
