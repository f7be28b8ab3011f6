//! Sends what a support desk owes.

#[cfg(any(feature = "telegram", feature = "messenger", feature = "webhook", feature = "sms"))]
mod http;
#[cfg(any(feature = "telegram", feature = "messenger"))]
mod progress;
#[cfg(any(feature = "telegram", feature = "messenger", feature = "sms"))]
mod split;
#[cfg(feature = "telegram")]
mod telegram;
#[cfg(any(feature = "telegram", feature = "messenger", feature = "sms"))]
mod words;

#[cfg(any(feature = "telegram", feature = "messenger", feature = "webhook", feature = "sms"))]
pub use http::HttpTimeouts;
#[cfg(feature = "telegram")]
pub use telegram::TelegramNotifier;
