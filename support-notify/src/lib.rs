//! Sends what a support desk owes: the ways out behind `support_core::ports::Notifier`, each
//! behind a feature of its own.
//!
//! | feature | way out | |
//! |---|---|---|
//! | `smtp` | [`SmtpNotifier`] | mail, in the words of [`Templates`] or of a tenant's own |
//! | `telegram` | [`TelegramNotifier`] | a bot's chats |
//! | `messenger` | [`MessengerNotifier`] | a page's conversations |
//! | `webhook` | [`WebhookNotifier`] | subscribers' URLs, signed by Standard Webhooks |
//! | `sms` | [`SmsNotifier`] | text messages, through a provider behind [`SmsSender`] |
//!
//! They decide nothing: which account, to whom and what is said comes with each
//! `support_core::ports::Outgoing`, and what may come of an attempt goes back as it was told.
//!
//! ```
//! use std::sync::Arc;
//! use support_core::{desk::Desk, memory::MemoryStore};
//! use support_notify::{SmtpNotifier, Templates};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! let templates = Arc::new(Templates::new());
//! let desk = Desk::builder(MemoryStore::new())
//!     .mail_templates(templates.clone())
//!     .notifier(Arc::new(SmtpNotifier::new(templates)))
//!     .build();
//! // Sent by `support_core::workers::run_deliveries(desk, …)`.
//! # drop(desk);
//! # });
//! ```

#[cfg(any(feature = "webhook", feature = "sms"))]
mod address_guard;
#[cfg(any(feature = "telegram", feature = "messenger", feature = "webhook", feature = "sms"))]
#[cfg_attr(
    not(any(feature = "telegram", feature = "messenger", feature = "sms")),
    expect(dead_code, reason = "what subscribers answer is not read")
)]
mod http;
#[cfg(feature = "smtp")]
pub mod mail;
#[cfg(feature = "messenger")]
mod messenger;
#[cfg(any(feature = "telegram", feature = "messenger"))]
mod progress;
#[cfg(any(feature = "webhook", feature = "sms"))]
mod signature;
#[cfg(feature = "sms")]
mod sms;
#[cfg(feature = "smtp")]
mod smtp;
#[cfg(any(feature = "telegram", feature = "messenger", feature = "sms"))]
#[cfg_attr(
    not(any(test, feature = "telegram", feature = "messenger")),
    expect(dead_code, reason = "text messages are short, and their providers cut them")
)]
mod split;
#[cfg(feature = "telegram")]
mod telegram;
#[cfg(feature = "webhook")]
mod webhook;
#[cfg(any(feature = "telegram", feature = "messenger", feature = "sms"))]
#[cfg_attr(
    not(any(feature = "telegram", feature = "messenger")),
    expect(dead_code, reason = "text messages are short, and their providers cut them")
)]
mod words;

#[cfg(any(feature = "webhook", feature = "sms"))]
pub use address_guard::{AddressGuard, NameLookup, SystemLookup};
#[cfg(any(feature = "telegram", feature = "messenger", feature = "webhook", feature = "sms"))]
pub use http::HttpTimeouts;
#[cfg(feature = "smtp")]
pub use mail::Templates;
#[cfg(feature = "messenger")]
pub use messenger::MessengerNotifier;
#[cfg(feature = "sms")]
pub use sms::{SmsNotifier, SmsSender, TextMessage, WebhookSmsSender};
#[cfg(feature = "smtp")]
pub use smtp::{NotACertificate, SmtpLimits, SmtpNotifier};
#[cfg(feature = "telegram")]
pub use telegram::TelegramNotifier;
#[cfg(feature = "webhook")]
pub use webhook::WebhookNotifier;
