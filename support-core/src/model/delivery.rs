//! What is owed to the outside.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{AgentId, CallbackId, DeliveryId, MessageId, Principal, TicketId, Timestamp, WebhookId, named};

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
        /// A machine that may answer before people do.
        Bot = "bot",
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

/// What a delivery says, by the ids of what it is about: the words are put together when it is
/// sent, so that whoever is erased before that is erased here too.
#[expect(missing_docs, reason = "each variant's sentence covers its fields, which are ids")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Notice {
    /// The team is told of a new ticket.
    TicketOpened { ticket: TicketId },
    /// The requester is told that their request has come in.
    RequestConfirmed { ticket: TicketId },
    /// The team is told what customers wrote from `first` on while nobody was there.
    OfflineDigest { ticket: TicketId, first: MessageId },
    /// A requester who has left is told what was answered from `first` on.
    AgentReplied { ticket: TicketId, first: MessageId },
    /// An agent who is away is told what their customer wrote from `first` on.
    CustomerReplied {
        ticket: TicketId,
        first: MessageId,
        agent: AgentId,
    },
    /// The team's chat is told what a customer wrote.
    MessageAlert { ticket: TicketId, message: MessageId },
    /// A message on the requester's own channel.
    ChannelMessage { ticket: TicketId, message: MessageId },
    /// The team is told that somebody wants to be phoned; `copies` are those recipients who only
    /// get a copy.
    CallbackRequested { callback: CallbackId, copies: Vec<String> },
    /// Whoever wants to be phoned is told that their request has come in.
    CallbackConfirmed { callback: CallbackId },
    /// An agent is told that a call is near.
    CallbackReminder { callback: CallbackId },
    /// The team is told that somebody still waits to be phoned.
    CallbackOverdue { callback: CallbackId },
    /// Somebody who forgot their password gets a way to choose another.
    PasswordReset {
        principal: Principal,
        expires_at: Timestamp,
    },
    /// Admins are told that a channel's credentials are refused.
    ChannelPaused { channel: Channel, problem: String },
    /// Admins are told that a webhook was switched off.
    WebhookDisabled { webhook: WebhookId, problem: String },
    /// A subscriber is told of an entry of the journal.
    JournalEvent { webhook: WebhookId, seq: u64 },
    /// The bot is asked what a customer wrote.
    QuestionAsked { ticket: TicketId, message: MessageId },
    /// Somebody gets what was said in a conversation.
    Transcript { ticket: TicketId },
    /// A requester is asked how they were helped; `resolution` is how often the ticket had been
    /// reopened before it was resolved.
    RatingRequested { ticket: TicketId, resolution: u32 },
}

impl Notice {
    /// Its name, as stored and shown.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::TicketOpened { .. } => "ticket_opened",
            Self::RequestConfirmed { .. } => "request_confirmed",
            Self::OfflineDigest { .. } => "offline_digest",
            Self::AgentReplied { .. } => "agent_replied",
            Self::CustomerReplied { .. } => "customer_replied",
            Self::MessageAlert { .. } => "message_alert",
            Self::ChannelMessage { .. } => "channel_message",
            Self::CallbackRequested { .. } => "callback_requested",
            Self::CallbackConfirmed { .. } => "callback_confirmed",
            Self::CallbackReminder { .. } => "callback_reminder",
            Self::CallbackOverdue { .. } => "callback_overdue",
            Self::PasswordReset { .. } => "password_reset",
            Self::ChannelPaused { .. } => "channel_paused",
            Self::WebhookDisabled { .. } => "webhook_disabled",
            Self::JournalEvent { .. } => "journal_event",
            Self::QuestionAsked { .. } => "question_asked",
            Self::Transcript { .. } => "transcript",
            Self::RatingRequested { .. } => "rating_requested",
        }
    }

    /// The callback it is about.
    #[must_use]
    pub const fn callback(&self) -> Option<CallbackId> {
        match self {
            Self::CallbackRequested { callback, .. }
            | Self::CallbackConfirmed { callback }
            | Self::CallbackReminder { callback }
            | Self::CallbackOverdue { callback } => Some(*callback),
            _ => None,
        }
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
    /// Whom it goes to, in the channel's own form of address: mail addresses with `, ` between
    /// them, a chat's id, a page's user, a number in E.164, a webhook's id.
    pub recipient: String,
    /// The ticket it is about. Deliveries to one recipient about one ticket go one after the
    /// other; those about no ticket go as they come.
    pub ticket: Option<TicketId>,
    /// The callback it is about.
    pub callback: Option<CallbackId>,
    /// What it gathers: while one with the same key is queued, another one is not added, since
    /// that one will say it too.
    pub key: Option<String>,
    /// What it says.
    pub notice: Notice,
    /// How far it has come.
    pub status: DeliveryStatus,
    /// Attempts made.
    pub attempts: u32,
    /// Why the last one failed, or what the other side remarked.
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

impl Delivery {
    /// Something owed since `at`, to be tried at once.
    #[must_use]
    pub fn new(id: DeliveryId, channel: Channel, recipient: String, notice: Notice, at: Timestamp) -> Self {
        Self {
            id,
            channel,
            recipient,
            ticket: None,
            callback: notice.callback(),
            key: None,
            notice,
            status: DeliveryStatus::Queued,
            attempts: 0,
            last_error: None,
            next_attempt_at: at,
            sent_at: None,
            provider_id: None,
            created_at: at,
        }
    }

    /// The same, about a ticket.
    #[must_use]
    pub const fn about(mut self, ticket: TicketId) -> Self {
        self.ticket = Some(ticket);
        self
    }

    /// The same, to be tried `after` a while; what comes under the same key until then is said
    /// with it.
    #[must_use]
    pub fn gathering(mut self, key: String, after: Duration) -> Self {
        self.key = Some(key);
        self.next_attempt_at = self.created_at.plus(after);
        self
    }
}

/// How often, and after which pauses, a delivery is tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetrySchedule(Vec<Duration>);

impl RetrySchedule {
    /// These pauses, one before each retry; after the last retry a delivery is dead.
    #[must_use]
    pub const fn new(pauses: Vec<Duration>) -> Self {
        Self(pauses)
    }

    /// The pause before the first retry.
    #[must_use]
    pub fn first(&self) -> Option<Duration> {
        self.0.first().copied()
    }

    /// The pause after the `attempts`th attempt, 20 % shorter or longer by `dice`, which is 0 to
    /// 255, so that what failed together doesn't come back together. None when it was the last.
    #[must_use]
    pub fn pause_after(&self, attempts: u32, dice: u8) -> Option<Duration> {
        let place = usize::try_from(attempts.checked_sub(1)?).ok()?;
        let pause = self.0.get(place)?;
        let percent = 80 + u32::from(dice) * 40 / 255;
        Some(*pause * percent / 100)
    }
}

impl Default for RetrySchedule {
    /// About three days: a mail server that greylists or is down over a weekend is outlived
    /// (RFC 5321 §4.5.4.1 asks for days).
    fn default() -> Self {
        let seconds = [5, 30, 120, 600, 3_600, 10_800, 21_600, 43_200, 86_400, 86_400];
        Self(seconds.into_iter().map(Duration::from_secs).collect())
    }
}
