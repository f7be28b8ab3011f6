//! The other sides of a support desk's deliveries, as strict as the real ones: a mail server, a receiver of webhooks,
//! Telegram's Bot API, Messenger's Send API and webhooks, and (feature `s3`) Amazon's S3.
//!
//! Each listens on a free port of 127.0.0.1, keeps what it saw in order, answers as scripted, and ends when dropped.
//! Everything here panics when it cannot do its work: a test without its peer has failed, never passed.
//!
//! ```no_run
//! # async fn example() {
//! use std::time::Duration;
//! use support_peers::SmtpSink;
//!
//! let sink = SmtpSink::start().await;
//! let mail = sink.wait_for_mail(|_| true, Duration::from_secs(5)).await;
//! assert_eq!(mail.text().as_deref(), Some("Hello\r\n"));
//! # }
//! ```

#![expect(
    clippy::unwrap_used,
    reason = "this crate is part of tests: a peer that cannot do its work fails the test"
)]

mod http_server;
mod journal;
mod listening;

pub mod messenger;
#[cfg(feature = "s3")]
pub mod s3;
pub mod smtp;
pub mod telegram;
pub mod webhook;

pub use messenger::MessengerApi;
#[cfg(feature = "s3")]
pub use s3::S3Server;
pub use smtp::SmtpSink;
pub use telegram::TelegramApi;
pub use webhook::WebhookReceiver;
