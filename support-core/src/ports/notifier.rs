//! The ways out: what a worker hands to an adapter, and what comes back.

use std::{collections::BTreeMap, fmt, time::Duration};

use async_trait::async_trait;
use serde::Serialize;

use crate::model::{Channel, Delivery, DeliveryId, MailTemplate, Secret, TenantId, Timestamp, TlsMode};

/// A mail server and the account there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmtpRoute {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The account; none for a server that asks for none.
    pub user: Option<String>,
    /// Its password.
    pub password: Option<Secret>,
    /// How the connection is protected.
    pub tls: TlsMode,
    /// The sender's address.
    pub from_email: String,
    /// The sender's name.
    pub from_name: String,
}

/// A Telegram bot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TelegramRoute {
    /// Where the Bot API is, without a slash at the end.
    pub api_url: String,
    /// The bot's token.
    pub token: Secret,
}

/// A Messenger page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessengerRoute {
    /// Where the Send API is, with its version, without a slash at the end.
    pub api_url: String,
    /// The page.
    pub page_id: String,
    /// Its token.
    pub token: Secret,
}

/// A subscriber's URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookRoute {
    /// Where it is called.
    pub url: String,
    /// What the call is signed with: the secret, and the former one for a while.
    pub secrets: Vec<Secret>,
}

/// A provider of text messages, called over HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmsRoute {
    /// Where messages are handed over.
    pub url: String,
    /// What the call is signed with.
    pub secret: Option<Secret>,
}

/// Over which account something goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// A mail server.
    Smtp(SmtpRoute),
    /// A bot.
    Telegram(TelegramRoute),
    /// A page.
    Messenger(MessengerRoute),
    /// A subscriber.
    Webhook(WebhookRoute),
    /// A provider.
    Sms(SmsRoute),
}

impl Route {
    /// The way it goes.
    #[must_use]
    pub const fn channel(&self) -> Channel {
        match self {
            Self::Smtp(_) => Channel::Email,
            Self::Telegram(_) => Channel::Telegram,
            Self::Messenger(_) => Channel::Messenger,
            Self::Webhook(_) => Channel::Webhook,
            Self::Sms(_) => Channel::Sms,
        }
    }

    /// Tells credentials apart without telling them: a hash.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let parts = match self {
            Self::Smtp(route) => format!(
                "{}\n{}\n{}\n{}\n{}\n{}",
                route.host,
                route.port,
                route.user.as_deref().unwrap_or_default(),
                route.password.as_ref().map(Secret::reveal).unwrap_or_default(),
                route.tls,
                route.from_email,
            ),
            Self::Telegram(route) => format!("{}\n{}", route.api_url, route.token.reveal()),
            Self::Messenger(route) => format!("{}\n{}\n{}", route.api_url, route.page_id, route.token.reveal()),
            Self::Webhook(route) => route.url.clone(),
            Self::Sms(route) => format!(
                "{}\n{}",
                route.url,
                route.secret.as_ref().map(Secret::reveal).unwrap_or_default()
            ),
        };
        Secret::presented(parts).hash().as_str().chars().take(16).collect()
    }
}

/// In whose name something is said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TenantView {
    /// The tenant's short name.
    pub slug: String,
    /// The name over its chat.
    pub name: String,
    /// Its accent colour as `#rrggbb`.
    pub color: String,
    /// Its IANA time zone, in which times are shown.
    pub timezone: String,
}

/// A ticket as letters speak of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TicketView {
    /// Its id.
    pub id: String,
    /// `TKT-1`.
    pub number: String,
    /// What it is about.
    pub subject: String,
    /// Where it stands.
    pub status: String,
    /// How urgent it is.
    pub priority: String,
    /// The way it came in.
    pub channel: String,
    /// The team's name.
    pub department: Option<String>,
    /// Whose it is.
    pub requester_name: String,
    /// Their address, for the team's eyes only.
    pub requester_email: Option<String>,
    /// Their number, for the team's eyes only.
    pub requester_phone: Option<String>,
    /// When it was opened, in the tenant's time zone: `2026-11-21 14:05 CET`.
    pub created_at: String,
}

/// A message as letters quote it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MessageView {
    /// `customer`, `agent` or `bot`.
    pub sender: String,
    /// Their name.
    pub sender_name: String,
    /// The words as typed.
    pub content: String,
    /// When, in the tenant's time zone.
    pub created_at: String,
}

/// A callback as letters speak of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CallbackView {
    /// Its id.
    pub id: String,
    /// The number as typed.
    pub contact_number: String,
    /// The number as E.164 where it could be understood.
    pub e164: Option<String>,
    /// What they are known by, or `Not provided`.
    pub employee_id: String,
    /// Their name when they are known.
    pub customer_name: Option<String>,
    /// How far it has come.
    pub status: String,
    /// When it came in, in the tenant's time zone.
    pub requested_at: String,
    /// When they want to be phoned, in the tenant's time zone.
    pub scheduled_at: Option<String>,
    /// Who is to phone.
    pub assigned_to: Option<String>,
    /// What was noted.
    pub notes: Option<String>,
    /// `[Callback Request: <id>|Tenant: <slug>]`.
    pub reference: String,
}

/// An entry of the journal as subscribers get it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EventView {
    /// Its place in the journal.
    pub seq: u64,
    /// Its kind.
    pub kind: String,
    /// When it happened, RFC 3339.
    pub at: String,
    /// What it was.
    pub data: serde_json::Value,
}

/// Which words are said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LetterKind {
    /// A new ticket, for the team.
    TicketOpened,
    /// Their request has come in, for the requester.
    RequestConfirmed,
    /// What was written while nobody was there, for the team.
    OfflineDigest,
    /// What was answered, for a requester who has left.
    AgentReplied,
    /// What the customer wrote, for an agent who is away.
    CustomerReplied,
    /// What a customer wrote, for the team's chat.
    MessageAlert,
    /// A message itself, on the requester's own channel.
    ChannelMessage,
    /// Somebody wants to be phoned, for the team.
    CallbackRequested,
    /// Their wish has come in, for whoever wants to be phoned.
    CallbackConfirmed,
    /// A call is near, for the agent.
    CallbackReminder,
    /// Somebody still waits to be phoned, for the team.
    CallbackOverdue,
    /// A way to choose another password.
    PasswordReset,
    /// A channel's credentials are refused, for admins.
    ChannelPaused,
    /// A webhook was switched off, for admins.
    WebhookDisabled,
    /// An entry of the journal, for subscribers.
    JournalEvent,
    /// Whether a channel works, for admins who want to know.
    Test,
    /// What was said in a conversation, for whoever was to get it.
    Transcript,
    /// How they were helped, a requester is asked.
    RatingRequested,
}

impl LetterKind {
    /// Those that can go by mail, each with a template of this name.
    pub const MAILS: &'static [Self] = &[
        Self::TicketOpened,
        Self::RequestConfirmed,
        Self::OfflineDigest,
        Self::AgentReplied,
        Self::CustomerReplied,
        Self::CallbackRequested,
        Self::CallbackReminder,
        Self::CallbackOverdue,
        Self::PasswordReset,
        Self::ChannelPaused,
        Self::WebhookDisabled,
        Self::Test,
        Self::Transcript,
        Self::RatingRequested,
    ];

    /// The name of its template.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TicketOpened => "ticket_opened",
            Self::RequestConfirmed => "request_confirmed",
            Self::OfflineDigest => "offline_digest",
            Self::AgentReplied => "agent_replied",
            Self::CustomerReplied => "customer_replied",
            Self::MessageAlert => "message_alert",
            Self::ChannelMessage => "channel_message",
            Self::CallbackRequested => "callback_requested",
            Self::CallbackConfirmed => "callback_confirmed",
            Self::CallbackReminder => "callback_reminder",
            Self::CallbackOverdue => "callback_overdue",
            Self::PasswordReset => "password_reset",
            Self::ChannelPaused => "channel_paused",
            Self::WebhookDisabled => "webhook_disabled",
            Self::JournalEvent => "journal_event",
            Self::Test => "test",
            Self::Transcript => "transcript",
            Self::RatingRequested => "rating_requested",
        }
    }

    /// What machines that answer mail may think of it (RFC 3834 §5): a person's own words are
    /// never marked.
    #[must_use]
    pub const fn auto_submitted(self) -> Option<&'static str> {
        match self {
            Self::AgentReplied => None,
            Self::RequestConfirmed => Some("auto-replied"),
            _ => Some("auto-generated"),
        }
    }
}

/// How mails about one ticket belong together. The parts are unguessable; the adapter adds
/// `@<its own domain>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MailThread {
    /// What all mails of the thread refer to.
    pub root: String,
    /// Whether this mail is the root itself: the first one that its recipient gets.
    pub is_root: bool,
}

/// All that an adapter needs to put something into words. Serialised, it is what templates see.
/// Texts that people typed are as typed: whoever shows them escapes them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Letter {
    /// Which words.
    pub kind: LetterKind,
    /// In whose name.
    pub tenant: TenantView,
    /// The name of whoever it is for, where it is known.
    pub recipient_name: Option<String>,
    /// Recipients who only get a copy.
    pub copies: Vec<String>,
    /// The ticket it is about.
    pub ticket: Option<TicketView>,
    /// What is quoted, oldest first; for a [`LetterKind::ChannelMessage`] the message alone.
    pub messages: Vec<MessageView>,
    /// Messages before these that are not quoted, to keep a letter readable.
    pub earlier_messages: u64,
    /// The callback it is about.
    pub callback: Option<CallbackView>,
    /// The entry of the journal.
    pub event: Option<EventView>,
    /// Straight to what it is about.
    pub link: Option<String>,
    /// Where no more of these can be asked for; for digests.
    pub unsubscribe: Option<String>,
    /// How mails belong together.
    pub thread: Option<MailThread>,
    /// The channel that is in trouble.
    pub channel: Option<String>,
    /// What the trouble is.
    pub problem: Option<String>,
    /// Until when the link opens something, in the tenant's time zone.
    pub expires_at: Option<String>,
}

/// One attempt at one delivery.
#[derive(Clone)]
pub struct Outgoing {
    /// The delivery, the same on every attempt: what a receiver tells repeats by.
    pub id: DeliveryId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Over which account.
    pub route: Route,
    /// Whom it goes to: one, or several addresses of a mail.
    pub recipients: Vec<String>,
    /// What is said.
    pub letter: Letter,
    /// The tenant's own words for mails, by the template's name.
    pub templates: std::sync::Arc<BTreeMap<String, MailTemplate>>,
    /// When this attempt is made.
    pub now: Timestamp,
    /// Since when it is owed.
    pub created_at: Timestamp,
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Outgoing")
            .field("id", &self.id)
            .field("tenant", &self.tenant)
            .field("channel", &self.route.channel())
            .field("kind", &self.letter.kind)
            .finish_non_exhaustive()
    }
}

impl Outgoing {
    /// The addresses that a delivery names.
    #[must_use]
    pub fn recipients_of(delivery: &Delivery) -> Vec<String> {
        delivery.recipient.split(", ").map(str::to_owned).collect()
    }
}

/// What the other side said when it took something.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sent {
    /// What it calls it.
    pub provider_id: Option<String>,
    /// Its own words, for those who test a channel.
    pub response: Option<String>,
    /// What was wrong all the same, such as a recipient who was refused for good.
    pub remark: Option<String>,
}

/// Why something was not sent. The reasons are the other side's own words where there are any,
/// without secrets, at most some hundred characters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotifyError {
    /// It may work later; whether it arrived may be unknown.
    #[error("{reason}")]
    Temporary {
        /// What happened.
        reason: String,
        /// When the other side wants to be asked again. Nothing else goes the same way until then.
        retry_after: Option<Duration>,
    },
    /// It will never work.
    #[error("{reason}")]
    Permanent {
        /// What happened.
        reason: String,
    },
    /// The credentials or the protection of the connection are wrong: nothing will work that
    /// goes over this route.
    #[error("{reason}")]
    Refused {
        /// What happened.
        reason: String,
    },
    /// Whoever is there wants to hear no more at all (HTTP 410).
    #[error("{reason}")]
    Gone {
        /// What happened.
        reason: String,
    },
    /// The recipient has another address from now on; to be sent there at once.
    #[error("{reason}")]
    Moved {
        /// What happened.
        reason: String,
        /// The new address.
        to: String,
    },
    /// Some have it, others are to be tried again.
    #[error("{reason}")]
    Partly {
        /// What happened.
        reason: String,
        /// Those who don't have it yet.
        remaining: Vec<String>,
    },
}

impl NotifyError {
    /// The other side said nothing for as long as anybody waits.
    #[must_use]
    pub fn no_answer() -> Self {
        Self::Temporary {
            reason: "no answer in time".to_owned(),
            retry_after: None,
        }
    }
}

/// A way out. An adapter decides nothing: it puts a letter into its channel's form, sends it, and
/// tells what came of it.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait Notifier: Send + Sync {
    /// The way.
    fn channel(&self) -> Channel;

    /// Sends. Answers within 45 seconds in any case, since a delivery is leased for 60.
    ///
    /// # Errors
    /// [`NotifyError`], telling what may still come of it.
    async fn send(&self, outgoing: &Outgoing) -> Result<Sent, NotifyError>;

    /// Whether a tenant may name this address at all, asked before it is kept: a webhook's URL
    /// must not lead into the installation's own network.
    ///
    /// # Errors
    /// What is wrong with it, for people.
    async fn accepts(&self, recipient: &str) -> Result<(), String> {
        let _ = recipient;
        Ok(())
    }

    /// Tells the other side where it finds this installation, where it needs to be told: Telegram
    /// is told of the URL for its updates and of the secret to send along.
    ///
    /// # Errors
    /// [`NotifyError`] as for sending.
    async fn register(&self, route: &Route, url: &str, secret: &Secret) -> Result<Sent, NotifyError> {
        let _ = (route, url, secret);
        Err(NotifyError::Permanent {
            reason: "there is nothing to register on this channel".to_owned(),
        })
    }
}

/// What is wrong with a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateProblem {
    /// `subject`, `text` or `html`.
    pub part: &'static str,
    /// The line, from 1, where it is known.
    pub line: Option<u32>,
    /// What is wrong.
    pub message: String,
}

/// The words of mails.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
pub trait MailTemplates: Send + Sync {
    /// The words that a mail has by itself.
    fn builtin(&self, kind: LetterKind) -> MailTemplate;

    /// A mail as it would read.
    ///
    /// # Errors
    /// Everything that is wrong with the templates.
    fn render(&self, template: &MailTemplate, letter: &Letter) -> Result<MailTemplate, Vec<TemplateProblem>>;
}
