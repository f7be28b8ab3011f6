//! What a tenant settles about its ways out and in.

use super::{Desk, DeskError};
use crate::{
    model::{
        Channel, Input, LONGEST_NAME, MessengerSettings, SealedSecret, Secret, SmsSettings, SmtpSettings,
        TelegramSettings, Tenant, TenantId, TenantSettings, TlsMode,
    },
    ports::{PageRequest, RecordOrder},
};

/// What is not named stays; what is named as nothing is removed.
pub type Change<T> = Option<Option<T>>;

/// Changes to a mail server. What is not named stays.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the fields are those of `SmtpSettings`")]
pub struct SmtpChanges {
    pub host: Option<String>,
    pub port: Option<u16>,
    pub user: Change<String>,
    pub password: Change<Secret>,
    pub tls: Option<TlsMode>,
    pub from_email: Change<String>,
    pub from_name: Change<String>,
}

/// Changes to a Telegram bot. What is not named stays.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the fields are those of `TelegramSettings`")]
pub struct TelegramChanges {
    pub bot_token: Change<Secret>,
    pub chat_id: Change<String>,
    pub webhook_secret: Change<Secret>,
}

/// Changes to a Messenger page. What is not named stays.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the fields are those of `MessengerSettings`")]
pub struct MessengerChanges {
    pub page_id: Change<String>,
    pub page_token: Change<Secret>,
    pub app_secret: Change<Secret>,
    pub verify_token: Change<Secret>,
}

/// Changes to a provider of text messages. What is not named stays.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the fields are those of `SmsSettings`")]
pub struct SmsChanges {
    pub url: Option<String>,
    pub secret: Change<Secret>,
}

/// Changes to a tenant's ways out and in. What is not named stays.
#[derive(Debug, Clone, Default)]
pub struct ChannelChanges {
    /// Who is told of callbacks.
    pub callback_email_to: Option<Vec<String>>,
    /// Who gets copies of that.
    pub callback_email_cc: Option<Vec<String>>,
    /// Who is told of callbacks when nobody else is named.
    pub log_request_email_to: Option<Vec<String>>,
    /// The mail server.
    pub smtp: Change<SmtpChanges>,
    /// The Telegram bot and chat.
    pub telegram: Option<TelegramChanges>,
    /// The Messenger page.
    pub messenger: Option<MessengerChanges>,
    /// The provider of text messages.
    pub sms: Change<SmsChanges>,
    /// The country whose numbers need no country code.
    pub phone_region: Change<String>,
    /// Addresses that want no digests.
    pub unsubscribed: Option<Vec<String>>,
}

/// The most addresses in one list.
const MOST_RECIPIENTS: usize = 20;
/// The longest secret that is kept, in characters.
const LONGEST_SECRET: usize = 1_000;
/// The port for submitting mail (RFC 6409 §3.1).
const SUBMISSION_PORT: u16 = 587;

/// Checked changes, sealed, to be applied to whatever the settings are by then.
#[derive(Debug, Clone)]
pub(super) struct CheckedChannels {
    changes: ChannelChanges,
    smtp_password: Change<SealedSecret>,
    bot_token: Change<SealedSecret>,
    webhook_secret: Change<SealedSecret>,
    page_token: Change<SealedSecret>,
    app_secret: Change<SealedSecret>,
    verify_token: Change<SealedSecret>,
    sms_secret: Change<SealedSecret>,
}

impl Desk {
    /// Checks and seals changes; what is wrong with them is in `input`.
    pub(super) async fn check_channels(
        &self,
        input: &mut Input,
        before: &Tenant,
        mut changes: ChannelChanges,
    ) -> Result<CheckedChannels, DeskError> {
        let lists = [
            ("callback_email_to", &mut changes.callback_email_to),
            ("callback_email_cc", &mut changes.callback_email_cc),
            ("log_request_email_to", &mut changes.log_request_email_to),
            ("unsubscribed", &mut changes.unsubscribed),
        ];
        for (field, list) in lists {
            if let Some(emails) = list {
                *emails = check_emails(input, field, emails);
            }
        }
        if let Some(Some(smtp)) = &mut changes.smtp {
            check_smtp(input, smtp, before.settings.smtp.is_none());
        }
        if let Some(telegram) = &mut changes.telegram {
            check_secret(input, "telegram.bot_token", &mut telegram.bot_token);
            check_webhook_secret(input, &mut telegram.webhook_secret);
            check_line(input, "telegram.chat_id", &mut telegram.chat_id);
        }
        if let Some(messenger) = &mut changes.messenger {
            check_line(input, "messenger.page_id", &mut messenger.page_id);
            check_secret(input, "messenger.page_token", &mut messenger.page_token);
            check_secret(input, "messenger.app_secret", &mut messenger.app_secret);
            check_secret(input, "messenger.verify_token", &mut messenger.verify_token);
        }
        if let Some(Some(sms)) = &mut changes.sms {
            self.check_sms(input, sms, before.settings.sms.is_none()).await;
        }
        check_region(input, &mut changes.phone_region);
        self.seal_channels(before.id, changes)
    }

    async fn check_sms(&self, input: &mut Input, sms: &mut SmsChanges, is_new: bool) {
        check_secret(input, "sms.secret", &mut sms.secret);
        match &mut sms.url {
            Some(url) => {
                *url = input.line("sms.url", url, 1..=2_000);
                if let (Some(notifier), false) = (self.notifier(Channel::Sms), url.is_empty())
                    && let Err(problem) = notifier.accepts(url).await
                {
                    input.refuse("sms.url", problem);
                }
            }
            None if is_new => input.refuse("sms.url", "This field is required"),
            None => {}
        }
    }

    fn seal_channels(&self, tenant: TenantId, changes: ChannelChanges) -> Result<CheckedChannels, DeskError> {
        let seal = |change: Option<&Change<Secret>>| -> Result<Change<SealedSecret>, DeskError> {
            match change.and_then(Option::as_ref) {
                None => Ok(None),
                Some(None) => Ok(Some(None)),
                Some(Some(secret)) => Ok(Some(Some(self.seal_secret(tenant, secret)?))),
            }
        };
        let smtp = changes.smtp.as_ref().and_then(Option::as_ref);
        let sms = changes.sms.as_ref().and_then(Option::as_ref);
        let (telegram, messenger) = (changes.telegram.as_ref(), changes.messenger.as_ref());
        Ok(CheckedChannels {
            smtp_password: seal(smtp.map(|smtp| &smtp.password))?,
            bot_token: seal(telegram.map(|telegram| &telegram.bot_token))?,
            webhook_secret: seal(telegram.map(|telegram| &telegram.webhook_secret))?,
            page_token: seal(messenger.map(|messenger| &messenger.page_token))?,
            app_secret: seal(messenger.map(|messenger| &messenger.app_secret))?,
            verify_token: seal(messenger.map(|messenger| &messenger.verify_token))?,
            sms_secret: seal(sms.map(|sms| &sms.secret))?,
            changes,
        })
    }

    /// Seals every tenant's secrets with the key that seals now, so that former keys can be given
    /// up. Answers how many tenants had others.
    ///
    /// # Errors
    /// [`DeskError`] when the store can't be asked. What no key opens is left as it is.
    pub async fn reseal_secrets(&self) -> Result<u64, DeskError> {
        let mut resealed = 0;
        let mut number = 1;
        loop {
            let request = PageRequest { number, limit: 100 };
            let page = self
                .stores()
                .tenants
                .tenants(RecordOrder::OLDEST_FIRST, request)
                .await?;
            if page.items.is_empty() {
                return Ok(resealed);
            }
            for tenant in page.items {
                resealed += u64::from(self.reseal_tenant(&tenant).await?);
            }
            number += 1;
        }
    }

    async fn reseal_tenant(&self, tenant: &Tenant) -> Result<bool, DeskError> {
        let scope = &super::Scope::system(tenant.id);
        self.decide(scope, || async move {
            let mut tenant = self.tenant_of(scope).await?;
            let mut is_changed = false;
            for sealed in secrets_of(&mut tenant.settings) {
                is_changed |= self.reseal(tenant.id, sealed)?;
            }
            let mut change = crate::change::ChangeSet::new(scope, self.now());
            for mut webhook in self.stores().webhooks.webhooks(tenant.id).await? {
                let mut is_webhook_changed = self.reseal(tenant.id, &mut webhook.secret)?;
                if let Some(former) = &mut webhook.former_secret {
                    is_webhook_changed |= self.reseal(tenant.id, &mut former.secret)?;
                }
                if is_webhook_changed {
                    is_changed = true;
                    change.note_webhook_health(webhook);
                }
            }
            if is_changed {
                tenant.updated_at = self.now();
                change.put_tenant(tenant, crate::model::EventBody::TenantSaved);
                self.commit(change).await?;
            }
            Ok(is_changed)
        })
        .await
    }

    fn reseal(&self, tenant: TenantId, sealed: &mut SealedSecret) -> Result<bool, DeskError> {
        if self.vault().is_current(sealed) {
            return Ok(false);
        }
        let Some(secret) = self.vault().open(tenant, sealed) else {
            tracing::warn!(%tenant, "a secret can't be opened with any key of this installation");
            return Ok(false);
        };
        *sealed = self.seal_secret(tenant, &secret)?;
        Ok(true)
    }
}

/// Every secret that settings hold.
fn secrets_of(settings: &mut TenantSettings) -> impl Iterator<Item = &mut SealedSecret> {
    let TenantSettings {
        assignment: _,
        branding: _,
        recipients: _,
        smtp,
        telegram,
        messenger,
        sms,
        phone_region: _,
        templates: _,
        unsubscribed: _,
        pauses: _,
        office_hours: _,
        sla: _,
        files: _,
        identity,
        rating: _,
        retention_days: _,
    } = settings;
    let TelegramSettings {
        bot_token,
        chat_id: _,
        webhook_secret,
    } = telegram;
    let MessengerSettings {
        page_id: _,
        page_token,
        app_secret,
        verify_token,
    } = messenger;
    let all = [
        smtp.as_mut().and_then(|smtp| smtp.password.as_mut()),
        sms.as_mut().and_then(|sms| sms.secret.as_mut()),
        bot_token.as_mut(),
        webhook_secret.as_mut(),
        page_token.as_mut(),
        app_secret.as_mut(),
        verify_token.as_mut(),
        identity.secret.as_mut(),
    ];
    all.into_iter().flatten()
}

impl CheckedChannels {
    /// Applies the changes; a channel whose account changes is no longer paused.
    pub(super) fn apply(&self, settings: &mut TenantSettings) {
        let changes = &self.changes;
        let recipients = &mut settings.recipients;
        set(&mut recipients.callback_email_to, changes.callback_email_to.as_ref());
        set(&mut recipients.callback_email_cc, changes.callback_email_cc.as_ref());
        set(
            &mut recipients.log_request_email_to,
            changes.log_request_email_to.as_ref(),
        );
        set(&mut settings.unsubscribed, changes.unsubscribed.as_ref());
        set(&mut settings.phone_region, changes.phone_region.as_ref());
        if let Some(smtp) = &changes.smtp {
            settings.smtp = smtp.as_ref().map(|smtp| self.smtp(smtp, settings.smtp.take()));
            settings.pauses.remove(&Channel::Email);
        }
        if let Some(telegram) = &changes.telegram {
            set(&mut settings.telegram.bot_token, self.bot_token.as_ref());
            set(&mut settings.telegram.webhook_secret, self.webhook_secret.as_ref());
            set(&mut settings.telegram.chat_id, telegram.chat_id.as_ref());
            settings.pauses.remove(&Channel::Telegram);
        }
        if let Some(messenger) = &changes.messenger {
            set(&mut settings.messenger.page_id, messenger.page_id.as_ref());
            set(&mut settings.messenger.page_token, self.page_token.as_ref());
            set(&mut settings.messenger.app_secret, self.app_secret.as_ref());
            set(&mut settings.messenger.verify_token, self.verify_token.as_ref());
            settings.pauses.remove(&Channel::Messenger);
        }
        if let Some(sms) = &changes.sms {
            settings.sms = sms.as_ref().map(|sms| self.sms(sms, settings.sms.take()));
            settings.pauses.remove(&Channel::Sms);
        }
    }

    fn smtp(&self, changes: &SmtpChanges, before: Option<SmtpSettings>) -> SmtpSettings {
        let mut smtp = before.unwrap_or_else(|| SmtpSettings {
            host: String::new(),
            port: SUBMISSION_PORT,
            user: None,
            password: None,
            tls: TlsMode::StartTls,
            from_email: None,
            from_name: None,
        });
        set(&mut smtp.host, changes.host.as_ref());
        set(&mut smtp.port, changes.port.as_ref());
        set(&mut smtp.user, changes.user.as_ref());
        set(&mut smtp.password, self.smtp_password.as_ref());
        set(&mut smtp.tls, changes.tls.as_ref());
        set(&mut smtp.from_email, changes.from_email.as_ref());
        set(&mut smtp.from_name, changes.from_name.as_ref());
        smtp
    }

    fn sms(&self, changes: &SmsChanges, before: Option<SmsSettings>) -> SmsSettings {
        let mut sms = before.unwrap_or_else(|| SmsSettings {
            url: String::new(),
            secret: None,
        });
        set(&mut sms.url, changes.url.as_ref());
        set(&mut sms.secret, self.sms_secret.as_ref());
        sms
    }
}

fn set<T: Clone>(place: &mut T, value: Option<&T>) {
    if let Some(value) = value {
        place.clone_from(value);
    }
}

fn check_emails(input: &mut Input, field: &str, emails: &[String]) -> Vec<String> {
    if emails.len() > MOST_RECIPIENTS {
        input.refuse(field, format!("Must have at most {MOST_RECIPIENTS} entries"));
        return Vec::new();
    }
    let mut kept: Vec<String> = Vec::new();
    for email in emails.iter().filter(|email| !email.trim().is_empty()) {
        let email = input.email(field, email);
        if !kept.contains(&email) {
            kept.push(email);
        }
    }
    kept
}

fn check_smtp(input: &mut Input, smtp: &mut SmtpChanges, is_new: bool) {
    match &mut smtp.host {
        Some(host) => {
            *host = input.line("smtp.host", host, 1..=253);
            let is_named =
                |character: char| character.is_ascii_alphanumeric() || matches!(character, '.' | '-' | '_' | ':');
            if !host.is_empty() && !host.chars().all(is_named) {
                input.refuse("smtp.host", "Must be a host's name or address");
            }
        }
        None if is_new => input.refuse("smtp.host", "This field is required"),
        None => {}
    }
    if smtp.port == Some(0) {
        input.refuse("smtp.port", "Must be a port from 1 to 65535");
    }
    check_line(input, "smtp.user", &mut smtp.user);
    check_line(input, "smtp.from_name", &mut smtp.from_name);
    check_secret(input, "smtp.password", &mut smtp.password);
    if let Some(from) = &mut smtp.from_email {
        *from = input.optional_email("smtp.from_email", from.as_deref());
    }
}

fn check_line(input: &mut Input, field: &str, change: &mut Change<String>) {
    if let Some(value) = change {
        *value = input.optional_line(field, value.as_deref(), LONGEST_NAME);
    }
}

/// An empty secret is none.
fn check_secret(input: &mut Input, field: &str, change: &mut Change<Secret>) {
    let Some(value) = change else {
        return;
    };
    let trimmed = value.as_ref().map(|secret| secret.reveal().trim().to_owned());
    *value = trimmed
        .filter(|secret| !secret.is_empty())
        .map(|secret| Secret::presented(input.line(field, &secret, 1..=LONGEST_SECRET)));
}

/// As Telegram takes it: 1 to 256 letters, digits, `_` and `-` (Bot API, `setWebhook`).
fn check_webhook_secret(input: &mut Input, change: &mut Change<Secret>) {
    const FIELD: &str = "telegram.webhook_secret";
    check_secret(input, FIELD, change);
    let Some(Some(secret)) = change else {
        return;
    };
    let is_allowed = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-');
    if secret.reveal().len() > 256 || !secret.reveal().chars().all(is_allowed) {
        input.refuse(FIELD, "Must be 1 to 256 letters, digits, `_` or `-`");
    }
}

fn check_region(input: &mut Input, change: &mut Change<String>) {
    let Some(Some(region)) = change else {
        return;
    };
    let code = region.trim().to_uppercase();
    if code.len() != 2 || !code.bytes().all(|byte| byte.is_ascii_uppercase()) {
        input.refuse("phone_region", "Must be a country code such as DE");
    }
    *region = code;
}
