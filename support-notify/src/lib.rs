//! Sends what a support desk owes.

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
