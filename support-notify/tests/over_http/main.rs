//! The ways out over HTTP, against peers as strict as the real ones.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test, and so is another kind of answer"
)]

#[cfg(feature = "messenger")]
mod messenger;
mod outgoing;
#[cfg(feature = "sms")]
mod sms;
#[cfg(feature = "telegram")]
mod telegram;
#[cfg(feature = "webhook")]
mod webhook;
#[cfg(feature = "webhook")]
mod webhook_addresses;
