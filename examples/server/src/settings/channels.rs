//! The ways out and in: mail, Telegram, Messenger, webhooks.

use std::time::Duration;

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD},
};
use ipnet::IpNet;
use support_core::{
    desk::{InstallationChannels, OutboundSettings},
    model::{Recipients, RetrySchedule, Secret, TlsMode},
    ports::SmtpRoute,
};

use super::{
    SettingError,
    read::{Must, Reader, base_url, email, listed, networks, parsed, seconds},
    table,
};
use crate::first_start::DEFAULT_TENANT;

/// The most retries of one delivery.
const MOST_RETRIES: usize = 100;
/// A call waits no longer, whatever it waits for.
const LONGEST_WAIT_MS: u64 = 20_000;

/// What leaves and comes in, for the whole installation.
#[derive(Debug, Clone)]
pub(crate) struct ChannelSettings {
    is_mail_enabled: bool,
    smtp: Option<Smtp>,
    telegram_token: Option<Secret>,
    telegram_chat: Option<String>,
    telegram_api_url: String,
    messenger_verify_token: Option<Secret>,
    messenger_app_secret: Option<Secret>,
    messenger_page_id: Option<String>,
    messenger_page_token: Option<Secret>,
    messenger_api_url: String,
    recipients: Recipients,
    callback_wait: Duration,
    digest_delay: Duration,
    digest_interval: Duration,
    reply_delay: Duration,
    retries: RetrySchedule,
    pub(crate) webhook_allowed: Vec<IpNet>,
}

#[derive(Debug, Clone)]
struct Smtp {
    host: String,
    port: u16,
    user: Option<String>,
    password: Option<Secret>,
    tls: TlsMode,
    from_email: Option<String>,
    from_name: String,
}

/// All of them, checked.
pub(super) fn read(read: &Reader<'_>) -> Result<ChannelSettings, SettingError> {
    let list = |setting| -> Result<Vec<String>, SettingError> { Ok(read.may(setting, emails)?.unwrap_or_default()) };
    Ok(ChannelSettings {
        is_mail_enabled: read.must(&table::EMAIL_SERVICE_ENABLED, truth)?,
        smtp: smtp(read)?,
        telegram_token: read.may(&table::TELEGRAM_BOT_TOKEN, secret)?,
        telegram_chat: read.may(&table::TELEGRAM_CHAT_ID, line)?,
        telegram_api_url: read.must(&table::TELEGRAM_API_URL, base_url)?,
        messenger_verify_token: read.may(&table::MESSENGER_VERIFY_TOKEN, secret)?,
        messenger_app_secret: read.may(&table::MESSENGER_APP_SECRET, secret)?,
        messenger_page_id: read.may(&table::MESSENGER_PAGE_ID, line)?,
        messenger_page_token: read.may(&table::MESSENGER_PAGE_TOKEN, secret)?,
        messenger_api_url: read.must(&table::MESSENGER_API_URL, base_url)?,
        recipients: Recipients {
            callback_email_to: list(&table::CALLBACK_EMAIL_TO)?,
            callback_email_cc: list(&table::CALLBACK_EMAIL_CC)?,
            log_request_email_to: list(&table::LOG_REQUEST_EMAIL_TO)?,
        },
        callback_wait: read.must(&table::CALLBACK_RESPONSE_WAIT_MS, wait)?,
        digest_delay: read.must(&table::OFFLINE_DIGEST_DELAY_S, seconds)?,
        digest_interval: read.must(&table::OFFLINE_DIGEST_INTERVAL_S, seconds)?,
        reply_delay: read.must(&table::REPLY_MAIL_DELAY_S, seconds)?,
        retries: read.must(&table::DELIVERY_RETRY_SCHEDULE, schedule)?,
        webhook_allowed: read.may(&table::WEBHOOK_ALLOWED_CIDRS, networks)?.unwrap_or_default(),
    })
}

fn smtp(read: &Reader<'_>) -> Result<Option<Smtp>, SettingError> {
    let tls = read.must(&table::SMTP_USE_TLS, tls_mode)?;
    let port = read.may(&table::SMTP_PORT, port)?;
    let user = read.may(&table::SMTP_USER, line)?;
    let password = read.may(&table::SMTP_PASSWORD, secret)?;
    let from_email = read.may(&table::FROM_EMAIL, email)?;
    let from_name = read.may(&table::FROM_NAME, line)?;
    let Some(host) = read.may(&table::SMTP_SERVER, line)? else {
        return Ok(None);
    };
    let usual_port = match tls {
        TlsMode::StartTls => 587,
        TlsMode::Tls => 465,
        TlsMode::None => 25,
    };
    Ok(Some(Smtp {
        host,
        port: port.unwrap_or(usual_port),
        from_email: from_email.or_else(|| user.clone().filter(|user| user.contains('@'))),
        user,
        password,
        tls,
        from_name: from_name.unwrap_or_default(),
    }))
}

impl ChannelSettings {
    /// Whether mail is sent at all.
    pub(crate) const fn is_mail_enabled(&self) -> bool {
        self.is_mail_enabled
    }

    /// For the desk of an installation that people reach at `public_url`.
    pub(crate) fn outbound(&self, public_url: &str) -> OutboundSettings {
        let smtp = self.smtp.as_ref().map(|smtp| SmtpRoute {
            host: smtp.host.clone(),
            port: smtp.port,
            user: smtp.user.clone(),
            password: smtp.password.clone(),
            tls: smtp.tls,
            from_email: smtp.from_email.clone().unwrap_or_else(|| sender_at(public_url)),
            from_name: smtp.from_name.clone(),
        });
        OutboundSettings {
            public_url: public_url.to_owned(),
            channels: InstallationChannels {
                smtp,
                telegram_api_url: self.telegram_api_url.clone(),
                telegram_token: self.telegram_token.clone(),
                telegram_chat: self.telegram_chat.clone(),
                messenger_api_url: self.messenger_api_url.clone(),
                own_tenant: DEFAULT_TENANT.to_owned(),
                messenger_page_id: self.messenger_page_id.clone(),
                messenger_page_token: self.messenger_page_token.clone(),
                messenger_app_secret: self.messenger_app_secret.clone(),
                messenger_verify_token: self.messenger_verify_token.clone(),
                recipients: self.recipients.clone(),
            },
            retries: self.retries.clone(),
            callback_wait: self.callback_wait,
            digest_delay: self.digest_delay,
            digest_interval: self.digest_interval,
            reply_delay: self.reply_delay,
            ..OutboundSettings::default()
        }
    }
}

/// A sender's address where none is given: on the host that people know, or on this machine.
fn sender_at(public_url: &str) -> String {
    let host = support_core::model::domain_of(public_url);
    let is_name = host.contains('.') && host.parse::<std::net::IpAddr>().is_err();
    format!("support@{}", if is_name { host.as_str() } else { "localhost" })
}

/// One or several keys of 32 bytes in base64 of either alphabet.
pub(super) fn secrets_keys(text: &str) -> Result<Vec<[u8; 32]>, Must> {
    const MUST: Must = "must be 32 bytes in base64, or several of them separated by commas";
    let key = |item: &str| -> Option<[u8; 32]> {
        let decoders = [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD];
        let mut decoded = decoders.into_iter().filter_map(|decoder| decoder.decode(item).ok());
        decoded.find_map(|bytes| bytes.try_into().ok())
    };
    let keys: Option<Vec<_>> = listed(text).map(key).collect();
    keys.filter(|keys| !keys.is_empty()).ok_or(MUST)
}

fn truth(text: &str) -> Result<bool, Must> {
    match text.to_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        _ => Err("must be true or false"),
    }
}

fn tls_mode(text: &str) -> Result<TlsMode, Must> {
    match text.to_lowercase().as_str() {
        "starttls" | "true" => Ok(TlsMode::StartTls),
        "tls" => Ok(TlsMode::Tls),
        "none" | "false" => Ok(TlsMode::None),
        _ => Err("must be starttls (or true), tls, or none (or false)"),
    }
}

fn port(text: &str) -> Result<u16, Must> {
    const MUST: Must = "must be a port from 1 to 65535";
    let port = parsed(text, MUST)?;
    if port == 0 { Err(MUST) } else { Ok(port) }
}

fn line(text: &str) -> Result<String, Must> {
    if text.is_empty() || text.chars().any(char::is_control) {
        return Err("must be one line that is not empty");
    }
    Ok(text.to_owned())
}

fn secret(text: &str) -> Result<Secret, Must> {
    line(text).map(Secret::presented)
}

fn emails(text: &str) -> Result<Vec<String>, Must> {
    let emails: Result<_, _> = listed(text).map(email).collect();
    emails.map_err(|_| "must be e-mail addresses, separated by commas")
}

fn wait(text: &str) -> Result<Duration, Must> {
    const MUST: Must = "must be a number of milliseconds from 0 to 20000";
    let millis = parsed(text, MUST)?;
    if millis > LONGEST_WAIT_MS {
        return Err(MUST);
    }
    Ok(Duration::from_millis(millis))
}

fn schedule(text: &str) -> Result<RetrySchedule, Must> {
    const MUST: Must = "must be seconds before each retry, separated by commas, a hundred at most";
    let pauses: Vec<Duration> = listed(text).map(seconds).collect::<Result<_, _>>().map_err(|_| MUST)?;
    if pauses.len() > MOST_RETRIES {
        return Err(MUST);
    }
    Ok(RetrySchedule::new(pauses))
}
