//! Ways out and in as settings show them.

use serde::Serialize;
use support_core::model::{Inbox, MessengerSettings, SmsSettings, SmtpSettings, TelegramSettings, TenantSettings};
use utoipa::ToSchema;

/// The ways out and in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChannelRows {
    /// Who is told of callbacks by mail.
    callback_email_to: Vec<String>,
    callback_email_cc: Vec<String>,
    /// Who is told of callbacks when nobody else is named.
    log_request_email_to: Vec<String>,
    /// The tenant's own mail server; the installation's when null.
    smtp: Option<SmtpRow>,
    telegram: TelegramRow,
    messenger: MessengerRow,
    sms: Option<SmsRow>,
    /// The country whose numbers need no country code.
    phone_region: Option<String>,
    /// Addresses that want no digests.
    digest_unsubscribed: Vec<String>,
    /// Channels whose credentials were refused: nothing goes over them until they are changed.
    paused_channels: Vec<PausedChannel>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Smtp)]
pub(crate) struct SmtpRow {
    host: String,
    port: u16,
    user: Option<String>,
    /// Whether there is one.
    password: bool,
    /// `starttls`, `tls`, `none`.
    tls: &'static str,
    from_email: Option<String>,
    from_name: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Telegram)]
pub(crate) struct TelegramRow {
    /// Whether there is an own one.
    bot_token: bool,
    /// The team's chat.
    chat_id: Option<String>,
    /// Whether there is an own one.
    webhook_secret: bool,
    /// What people write to the bot comes in here.
    inbox_id: Option<String>,
    /// Where Telegram brings it.
    webhook_url: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Messenger)]
pub(crate) struct MessengerRow {
    page_id: Option<String>,
    /// Whether there is an own one.
    page_token: bool,
    /// Whether there is an own one.
    app_secret: bool,
    /// Whether there is an own one.
    verify_token: bool,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Sms)]
pub(crate) struct SmsRow {
    url: String,
    /// Whether there is one.
    secret: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PausedChannel {
    channel: &'static str,
    since: String,
    /// The other side's own words.
    problem: String,
}

impl ChannelRows {
    pub(crate) fn new(settings: &TenantSettings, telegram: Option<&Inbox>, public_url: &str) -> Self {
        let recipients = &settings.recipients;
        Self {
            callback_email_to: recipients.callback_email_to.clone(),
            callback_email_cc: recipients.callback_email_cc.clone(),
            log_request_email_to: recipients.log_request_email_to.clone(),
            smtp: settings.smtp.as_ref().map(SmtpRow::from),
            telegram: TelegramRow::new(&settings.telegram, telegram, public_url),
            messenger: MessengerRow::from(&settings.messenger),
            sms: settings.sms.as_ref().map(SmsRow::from),
            phone_region: settings.phone_region.clone(),
            digest_unsubscribed: settings.unsubscribed.clone(),
            paused_channels: paused(settings),
        }
    }
}

fn paused(settings: &TenantSettings) -> Vec<PausedChannel> {
    let pauses = settings.pauses.iter();
    let rows = pauses.map(|(channel, pause)| PausedChannel {
        channel: channel.as_str(),
        since: pause.since.to_string(),
        problem: pause.problem.clone(),
    });
    rows.collect()
}

impl From<&SmtpSettings> for SmtpRow {
    fn from(smtp: &SmtpSettings) -> Self {
        Self {
            host: smtp.host.clone(),
            port: smtp.port,
            user: smtp.user.clone(),
            password: smtp.password.is_some(),
            tls: smtp.tls.as_str(),
            from_email: smtp.from_email.clone(),
            from_name: smtp.from_name.clone(),
        }
    }
}

impl TelegramRow {
    fn new(telegram: &TelegramSettings, inbox: Option<&Inbox>, public_url: &str) -> Self {
        Self {
            bot_token: telegram.bot_token.is_some(),
            chat_id: telegram.chat_id.clone(),
            webhook_secret: telegram.webhook_secret.is_some(),
            inbox_id: inbox.map(|inbox| inbox.id.to_string()),
            webhook_url: inbox.map(|inbox| format!("{public_url}/webhooks/telegram/{}", inbox.id)),
        }
    }
}

impl From<&MessengerSettings> for MessengerRow {
    fn from(messenger: &MessengerSettings) -> Self {
        Self {
            page_id: messenger.page_id.clone(),
            page_token: messenger.page_token.is_some(),
            app_secret: messenger.app_secret.is_some(),
            verify_token: messenger.verify_token.is_some(),
        }
    }
}

impl From<&SmsSettings> for SmsRow {
    fn from(sms: &SmsSettings) -> Self {
        Self {
            url: sms.url.clone(),
            secret: sms.secret.is_some(),
        }
    }
}
