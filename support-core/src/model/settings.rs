//! What a tenant has settled for itself.

use std::{collections::BTreeMap, ops::RangeInclusive, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};

use super::{Channel, FileKind, OfficeHours, Priority, Timestamp, named};

/// What a tenant has chosen. Absent values in storage read as their defaults.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct TenantSettings {
    /// How tickets find agents.
    pub assignment: AssignmentSettings,
    /// How the widget looks.
    pub branding: Branding,
    /// Who is told of what by mail.
    pub recipients: Recipients,
    /// Its own mail server; the installation's when none.
    pub smtp: Option<SmtpSettings>,
    /// Its Telegram bot and chat.
    pub telegram: TelegramSettings,
    /// Its Messenger page.
    pub messenger: MessengerSettings,
    /// Its provider of text messages.
    pub sms: Option<SmsSettings>,
    /// ISO 3166-1 alpha-2 code of the country whose numbers need no country code.
    pub phone_region: Option<String>,
    /// Its own words for mails, by the template's name.
    pub templates: Arc<BTreeMap<String, MailTemplate>>,
    /// Addresses that want no digests.
    pub unsubscribed: Vec<String>,
    /// Channels whose credentials were refused.
    pub pauses: BTreeMap<Channel, Pause>,
    /// When somebody is there; always, where none are set.
    pub office_hours: Option<Arc<OfficeHours>>,
    /// How soon customers are to be answered and helped.
    pub sla: SlaSettings,
    /// What may be sent in.
    pub files: FileSettings,
    /// How visitors prove to be known people.
    pub identity: IdentitySettings,
    /// How customers are asked how they were helped.
    pub rating: RatingSettings,
    /// After how many days a closed conversation is erased; never when none.
    pub retention_days: Option<u32>,
}

/// How visitors prove to be known people.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct IdentitySettings {
    /// What the host application signs its users' ids with; nobody can prove anything without one.
    pub secret: Option<SealedSecret>,
}

/// How customers are asked how they were helped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct RatingSettings {
    /// Whether those who left an address are asked by mail.
    pub by_mail: bool,
}

impl Default for RatingSettings {
    fn default() -> Self {
        Self { by_mail: true }
    }
}

/// The days that [`TenantSettings::retention_days`] may name.
pub const RETENTION_DAYS: RangeInclusive<u32> = 1..=36_500;

/// What may be sent in; the installation's where nothing is settled.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct FileSettings {
    /// The largest file of a widget's visitor, in bytes.
    pub largest_in_widget: Option<u64>,
    /// The largest file of anybody else, in bytes.
    pub largest: Option<u64>,
    /// The kinds that are accepted.
    pub kinds: Option<Vec<FileKind>>,
}

/// How soon customers are to be answered and helped, in office time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct SlaSettings {
    /// The targets of each priority; there are none for those that are missing.
    pub targets: BTreeMap<Priority, SlaTargets>,
    /// How much of a target's time has passed when its agent is warned, in percent.
    pub warn_percent: u8,
}

impl Default for SlaSettings {
    fn default() -> Self {
        Self {
            targets: BTreeMap::new(),
            warn_percent: 80,
        }
    }
}

/// How soon tickets of one priority are to be answered and resolved, in minutes of office time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct SlaTargets {
    /// From the first message to the first answer.
    pub first_response_minutes: Option<u32>,
    /// From each later message to its answer.
    pub next_response_minutes: Option<u32>,
    /// From the opening to the solution.
    pub resolution_minutes: Option<u32>,
}

/// How tickets find agents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct AssignmentSettings {
    /// Whether tickets are assigned without anybody choosing.
    pub automatic: bool,
    /// After how many seconds a ticket that was given so and not taken up goes to somebody else;
    /// never when none.
    pub accept_timeout_seconds: Option<u32>,
}

/// The seconds that [`AssignmentSettings::accept_timeout_seconds`] may name.
pub const ACCEPT_TIMEOUTS: RangeInclusive<u32> = 10..=86_400;

impl AssignmentSettings {
    /// How long whoever is given a ticket has to take it up, where tickets are given at all.
    #[must_use]
    pub fn accept_timeout(&self) -> Option<Duration> {
        let seconds = self.accept_timeout_seconds.filter(|_| self.automatic)?;
        Some(Duration::from_secs(seconds.into()))
    }
}

impl Default for AssignmentSettings {
    fn default() -> Self {
        Self {
            automatic: true,
            accept_timeout_seconds: None,
        }
    }
}

/// How the widget looks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Branding {
    /// Name over the chat; the tenant's own when empty.
    pub name: Option<String>,
    /// Accent colour as `#rrggbb`.
    pub color: String,
    /// First words that a visitor sees.
    pub greeting: String,
}

impl Default for Branding {
    fn default() -> Self {
        Self {
            name: None,
            color: "#14665f".to_owned(),
            greeting: "Hi! How can we help?".to_owned(),
        }
    }
}

/// Who is told of what by mail.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Recipients {
    /// Who is told of callbacks.
    pub callback_email_to: Vec<String>,
    /// Who gets copies of that.
    pub callback_email_cc: Vec<String>,
    /// Who is told of callbacks when nobody else is named.
    pub log_request_email_to: Vec<String>,
}

impl Recipients {
    /// Who is told of callbacks, and who gets copies; `fallback` is asked for what isn't named.
    #[must_use]
    pub fn of_callbacks(&self, fallback: &Self) -> (Vec<String>, Vec<String>) {
        let named = |own: &Vec<String>, other: &Vec<String>| {
            if own.is_empty() { other.clone() } else { own.clone() }
        };
        let mut to = named(&self.callback_email_to, &fallback.callback_email_to);
        if to.is_empty() {
            to = named(&self.log_request_email_to, &fallback.log_request_email_to);
        }
        let mut copies = named(&self.callback_email_cc, &fallback.callback_email_cc);
        copies.retain(|copy| !to.contains(copy));
        (to, copies)
    }
}

/// A secret that only the installation's key opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SealedSecret {
    /// Which key opens it.
    pub key_id: String,
    /// Nonce and ciphertext, in base64.
    pub sealed: String,
}

named! {
    /// How a connection to a mail server is protected.
    TlsMode {
        /// In clear at first, then STARTTLS, or not at all.
        StartTls = "starttls",
        /// From the first byte.
        Tls = "tls",
        /// Not at all: for servers on the same machine.
        None = "none",
    }
}

/// A mail server of a tenant's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SmtpSettings {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The account there; none for a server that asks for none.
    pub user: Option<String>,
    /// Its password.
    pub password: Option<SealedSecret>,
    /// How the connection is protected.
    pub tls: TlsMode,
    /// The sender's address; the installation's when none.
    pub from_email: Option<String>,
    /// The sender's name; the tenant's when none.
    pub from_name: Option<String>,
}

/// A Telegram bot of a tenant's, and the chat of its team.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct TelegramSettings {
    /// The bot's token; the installation's bot when none.
    pub bot_token: Option<SealedSecret>,
    /// The team's chat; the installation's when none.
    pub chat_id: Option<String>,
    /// What proves that a call comes from Telegram; one of the installation's making when none.
    pub webhook_secret: Option<SealedSecret>,
}

/// A Messenger page of a tenant's.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct MessengerSettings {
    /// The page's id.
    pub page_id: Option<String>,
    /// For sending in its name.
    pub page_token: Option<SealedSecret>,
    /// What proves that a call comes from Messenger.
    pub app_secret: Option<SealedSecret>,
    /// What the set-up call must know.
    pub verify_token: Option<SealedSecret>,
}

/// A provider of text messages, called over HTTP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SmsSettings {
    /// Where messages are handed over.
    pub url: String,
    /// What the calls are signed with.
    pub secret: Option<SealedSecret>,
}

/// The words of a mail, as templates.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MailTemplate {
    /// Its subject.
    pub subject: String,
    /// Its plain text.
    pub text: String,
    /// Its HTML.
    pub html: String,
}

/// Nothing is sent over a channel whose credentials were refused, until they are changed or turn
/// out to work after all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pause {
    /// Since when.
    pub since: Timestamp,
    /// The other side's own words.
    pub problem: String,
    /// Which credentials: a fingerprint of the route.
    pub route: String,
}
