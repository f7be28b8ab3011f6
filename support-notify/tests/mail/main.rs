//! Mails: how they read, whatever people type, and what servers do with them.

#![cfg(feature = "smtp")]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "whatever does not hold fails the test"
)]

mod answers;
mod depth;
mod headers;
mod hostile;
mod letters;
mod overrides;
mod protection;
mod reading;
mod sending;
