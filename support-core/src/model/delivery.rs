//! What is owed to the outside.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{DeliveryId, TicketId, Timestamp, named};

named! {
    /// A way out of the system.
    Channel {
        /// Mail.
        Email = "email",
        /// A Telegram chat.
        Telegram = "telegram",
        /// A Messenger conversation.
        Messenger = "messenger",
        /// A URL that a tenant subscribed.
        Webhook = "webhook",
        /// A text message, through a host's provider.
        Sms = "sms",
    }
}

named! {
    /// How far a delivery has come.
    DeliveryStatus {
        /// Not tried yet.
        Queued = "queued",
        /// Being tried under a lease.
        Sending = "sending",
        /// The other side took it.
        Sent = "sent",
        /// Tried in vain, will be tried again.
        Failed = "failed",
        /// Given up.
        Dead = "dead",
    }
}

/// One thing owed to one recipient over one channel.
///
/// Its id never changes over the attempts, so the other side can tell a repeat.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    /// Its id, the same on every attempt.
    pub id: DeliveryId,
    /// The way it goes.
    pub channel: Channel,
    /// Whom it goes to, in the channel's own form of address.
    pub recipient: String,
    /// The ticket it is about.
    pub ticket: Option<TicketId>,
    /// What it says, for the channel's adapter to put into words.
    pub notice: Value,
    /// How far it has come.
    pub status: DeliveryStatus,
    /// Attempts made.
    pub attempts: u32,
    /// Why the last one failed.
    pub last_error: Option<String>,
    /// Not to be tried before.
    pub next_attempt_at: Timestamp,
    /// When the other side took it.
    pub sent_at: Option<Timestamp>,
    /// What the other side calls it.
    pub provider_id: Option<String>,
    /// Since when it is owed.
    pub created_at: Timestamp,
}
