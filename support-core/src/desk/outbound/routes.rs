//! Over which account something goes: the tenant's own, else the installation's.

use std::{future::Future, time::Duration};

use crate::{
    desk::{Desk, DeskError, Scope, lookup::require},
    model::{Channel, DeliveryId, Recipients, Role, SealedSecret, Secret, SmtpSettings, Tenant, Webhook, WebhookId},
    ports::{
        LetterKind, MessengerRoute, NotifyError, Outgoing, Route, Sent, SmsRoute, SmtpRoute, TelegramRoute,
        WebhookRoute,
    },
};

/// Accounts of the installation, for tenants without their own.
#[derive(Debug, Clone, Default)]
pub struct InstallationChannels {
    /// The mail server; `from_name` empty for the tenant's name.
    pub smtp: Option<SmtpRoute>,
    /// Where the Telegram Bot API is, without a slash at the end.
    pub telegram_api_url: String,
    /// The Telegram bot.
    pub telegram_token: Option<Secret>,
    /// The team's chat there.
    pub telegram_chat: Option<String>,
    /// Where the Messenger Send API is, with its version, without a slash at the end.
    pub messenger_api_url: String,
    /// The slug of the tenant that what follows belongs to.
    pub own_tenant: String,
    /// Its Messenger page.
    pub messenger_page_id: Option<String>,
    /// The page's token.
    pub messenger_page_token: Option<Secret>,
    /// What proves that a call comes from Messenger.
    pub messenger_app_secret: Option<Secret>,
    /// What the set-up call must know.
    pub messenger_verify_token: Option<Secret>,
    /// Who is told of what by mail.
    pub recipients: Recipients,
}

/// How long the answer to a test may take: less than any call over HTTP may.
const TEST_LIMIT: Duration = Duration::from_secs(20);

/// What came of testing a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelTest {
    /// Whether the other side took it.
    pub is_delivered: bool,
    /// The other side's own words.
    pub response: String,
}

impl From<Result<Sent, NotifyError>> for ChannelTest {
    fn from(came: Result<Sent, NotifyError>) -> Self {
        match came {
            Ok(sent) => Self {
                is_delivered: true,
                response: sent
                    .response
                    .or(sent.provider_id)
                    .unwrap_or_else(|| "accepted".to_owned()),
            },
            Err(error) => Self {
                is_delivered: false,
                response: error.to_string(),
            },
        }
    }
}

/// A channel that can't be used, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoRoute {
    /// Nobody has set it up.
    NotConfigured,
    /// A secret of it can't be opened with the installation's keys.
    Locked,
}

impl NoRoute {
    pub(super) const fn reason(self) -> &'static str {
        match self {
            Self::NotConfigured => "the channel is not configured",
            Self::Locked => "the channel's secret can't be opened with this installation's keys",
        }
    }
}

impl Desk {
    fn channels(&self) -> &InstallationChannels {
        &self.outbound().settings.channels
    }

    fn is_own_tenant(&self, tenant: &Tenant) -> bool {
        tenant.slug == self.channels().own_tenant
    }

    fn open_secret(&self, tenant: &Tenant, sealed: &SealedSecret) -> Result<Secret, NoRoute> {
        self.vault().open(tenant.id, sealed).ok_or(NoRoute::Locked)
    }

    fn open_optional(&self, tenant: &Tenant, sealed: Option<&SealedSecret>) -> Result<Option<Secret>, NoRoute> {
        sealed.map(|sealed| self.open_secret(tenant, sealed)).transpose()
    }

    /// The account over which a tenant's deliveries of a channel go; webhooks each have their own.
    pub(super) fn route(&self, tenant: &Tenant, channel: Channel) -> Result<Route, NoRoute> {
        if self.notifier(channel).is_none() {
            return Err(NoRoute::NotConfigured);
        }
        match channel {
            Channel::Email => self.smtp_route(tenant).map(Route::Smtp),
            Channel::Telegram => self.telegram_route(tenant).map(Route::Telegram),
            Channel::Messenger => self.messenger_route(tenant).map(Route::Messenger),
            Channel::Sms => self.sms_route(tenant).map(Route::Sms),
            Channel::Webhook | Channel::Bot => Err(NoRoute::NotConfigured),
        }
    }

    pub(in crate::desk) fn has_route(&self, tenant: &Tenant, channel: Channel) -> bool {
        !matches!(self.route(tenant, channel), Err(NoRoute::NotConfigured))
    }

    fn smtp_route(&self, tenant: &Tenant) -> Result<SmtpRoute, NoRoute> {
        let named = |name: &str| {
            if name.is_empty() {
                display_name(tenant)
            } else {
                name.to_owned()
            }
        };
        let installation = self.channels().smtp.as_ref();
        let Some(own) = &tenant.settings.smtp else {
            let route = installation.ok_or(NoRoute::NotConfigured)?;
            return Ok(SmtpRoute {
                from_name: named(&route.from_name),
                ..route.clone()
            });
        };
        let SmtpSettings {
            host,
            port,
            user,
            password,
            tls,
            from_email,
            from_name,
        } = own;
        let from_email = from_email
            .clone()
            .or_else(|| installation.map(|route| route.from_email.clone()))
            .or_else(|| user.clone().filter(|user| user.contains('@')))
            .ok_or(NoRoute::NotConfigured)?;
        Ok(SmtpRoute {
            host: host.clone(),
            port: *port,
            user: user.clone(),
            password: self.open_optional(tenant, password.as_ref())?,
            tls: *tls,
            from_email,
            from_name: named(from_name.as_deref().unwrap_or_default()),
        })
    }

    fn telegram_route(&self, tenant: &Tenant) -> Result<TelegramRoute, NoRoute> {
        let own = self.open_optional(tenant, tenant.settings.telegram.bot_token.as_ref())?;
        let token = own
            .or_else(|| self.channels().telegram_token.clone())
            .ok_or(NoRoute::NotConfigured)?;
        Ok(TelegramRoute {
            api_url: self.channels().telegram_api_url.clone(),
            token,
        })
    }

    /// The team's chat: the tenant's own; the installation's for those who use its bot too.
    pub(in crate::desk) fn telegram_chat(&self, tenant: &Tenant) -> Option<String> {
        let settings = &tenant.settings.telegram;
        let installation = self.channels().telegram_chat.as_ref();
        let shared = installation.filter(|_| settings.bot_token.is_none());
        settings.chat_id.as_ref().or(shared).cloned()
    }

    fn messenger_route(&self, tenant: &Tenant) -> Result<MessengerRoute, NoRoute> {
        let own = self.open_optional(tenant, tenant.settings.messenger.page_token.as_ref())?;
        let shared = self.channels().messenger_page_token.clone();
        let token = own
            .or_else(|| shared.filter(|_| self.is_own_tenant(tenant)))
            .ok_or(NoRoute::NotConfigured)?;
        Ok(MessengerRoute {
            api_url: self.channels().messenger_api_url.clone(),
            page_id: self.messenger_page(tenant).ok_or(NoRoute::NotConfigured)?,
            token,
        })
    }

    /// The tenant's page.
    pub(in crate::desk) fn messenger_page(&self, tenant: &Tenant) -> Option<String> {
        let own = tenant.settings.messenger.page_id.as_ref();
        let shared = self.channels().messenger_page_id.as_ref();
        own.or_else(|| shared.filter(|_| self.is_own_tenant(tenant))).cloned()
    }

    /// What proves that a call about the tenant's page comes from Messenger.
    pub(in crate::desk) fn messenger_app_secret(&self, tenant: &Tenant) -> Option<Secret> {
        let own = tenant.settings.messenger.app_secret.as_ref();
        let own = own.and_then(|sealed| self.vault().open(tenant.id, sealed));
        let shared = self.channels().messenger_app_secret.clone();
        own.or_else(|| shared.filter(|_| self.is_own_tenant(tenant)))
    }

    /// What the set-up call for the tenant's page must know.
    pub(in crate::desk) fn messenger_verify_token(&self, tenant: &Tenant) -> Option<Secret> {
        let own = tenant.settings.messenger.verify_token.as_ref();
        let own = own.and_then(|sealed| self.vault().open(tenant.id, sealed));
        let shared = self.channels().messenger_verify_token.clone();
        own.or_else(|| shared.filter(|_| self.is_own_tenant(tenant)))
    }

    fn sms_route(&self, tenant: &Tenant) -> Result<SmsRoute, NoRoute> {
        let own = tenant.settings.sms.as_ref().ok_or(NoRoute::NotConfigured)?;
        Ok(SmsRoute {
            url: own.url.clone(),
            secret: self.open_optional(tenant, own.secret.as_ref())?,
        })
    }

    pub(super) fn webhook_route(&self, tenant: &Tenant, webhook: &Webhook) -> Result<Route, NoRoute> {
        let mut secrets = vec![self.open_secret(tenant, &webhook.secret)?];
        let former = webhook
            .former_secret
            .as_ref()
            .filter(|former| former.until > self.now());
        if let Some(former) = former {
            secrets.push(self.open_secret(tenant, &former.secret)?);
        }
        Ok(Route::Webhook(WebhookRoute {
            url: webhook.url.clone(),
            secrets,
        }))
    }

    /// Whom callbacks are told to by mail, and who gets copies.
    pub(super) fn callback_recipients(&self, tenant: &Tenant) -> (Vec<String>, Vec<String>) {
        let none = Recipients::default();
        let fallback = if self.is_own_tenant(tenant) {
            &self.channels().recipients
        } else {
            &none
        };
        tenant.settings.recipients.of_callbacks(fallback)
    }

    /// Sends a test over a channel right now, and answers the other side's own words.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than admins, [`DeskError::Invalid`] when the channel
    /// isn't configured or nobody is named.
    pub async fn test_channel(
        &self,
        scope: &Scope,
        channel: Channel,
        to: Option<String>,
    ) -> Result<ChannelTest, DeskError> {
        require(scope, Role::Admin)?;
        let tenant = self.tenant_of(scope).await?;
        let route = self
            .route(&tenant, channel)
            .map_err(|missing| DeskError::field("channel", missing.reason()))?;
        let to = match channel {
            Channel::Telegram => to.or_else(|| self.telegram_chat(&tenant)),
            Channel::Email => to.or_else(|| self.callback_recipients(&tenant).0.first().cloned()),
            _ => to,
        };
        let to = to.ok_or_else(|| DeskError::field("to", "This field is required"))?;
        let Some(notifier) = self.notifier(channel) else {
            return Err(DeskError::field("channel", NoRoute::NotConfigured.reason()));
        };
        let now = self.now();
        let outgoing = Outgoing {
            id: DeliveryId::new(self.ids().uuid()),
            tenant: tenant.id,
            route,
            recipients: vec![to],
            letter: self.bare_letter(LetterKind::Test, &tenant),
            templates: tenant.settings.templates.clone(),
            now,
            created_at: now,
        };
        let tested = tried(notifier.send(&outgoing)).await;
        if tested.is_delivered {
            self.resume_channel(tenant.id, channel, &outgoing.route.fingerprint())
                .await?;
        }
        Ok(tested)
    }

    /// Calls a subscriber right now with an event of kind `test`, and answers what it said.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than admins, [`DeskError::NotFound`],
    /// [`DeskError::Invalid`] when this installation calls no webhooks.
    pub async fn test_webhook(&self, scope: &Scope, webhook: WebhookId) -> Result<ChannelTest, DeskError> {
        let webhook = self.webhook(scope, webhook).await?;
        let tenant = self.tenant_of(scope).await?;
        let missing = |missing: NoRoute| DeskError::field("channel", missing.reason());
        let notifier = self.notifier(Channel::Webhook);
        let notifier = notifier.ok_or_else(|| missing(NoRoute::NotConfigured))?;
        let now = self.now();
        let outgoing = Outgoing {
            id: DeliveryId::new(self.ids().uuid()),
            tenant: tenant.id,
            route: self.webhook_route(&tenant, &webhook).map_err(missing)?,
            recipients: vec![webhook.id.to_string()],
            letter: self.bare_letter(LetterKind::Test, &tenant),
            templates: tenant.settings.templates.clone(),
            now,
            created_at: now,
        };
        Ok(tried(notifier.send(&outgoing)).await)
    }

    /// Tells Telegram where it finds this installation, for the tenant's bot.
    ///
    /// # Errors
    /// As [`test_channel`](Self::test_channel).
    pub async fn register_telegram(&self, scope: &Scope) -> Result<ChannelTest, DeskError> {
        require(scope, Role::Admin)?;
        let tenant = self.tenant_of(scope).await?;
        let route = self
            .route(&tenant, Channel::Telegram)
            .map_err(|missing| DeskError::field("channel", missing.reason()))?;
        let inbox = self.channel_inbox(tenant.id, crate::model::InboxKind::Telegram).await?;
        let url = format!("{}/webhooks/telegram/{}", self.outbound().settings.public_url, inbox.id);
        let secret = self.telegram_webhook_secret(&tenant, inbox.id);
        let Some(notifier) = self.notifier(Channel::Telegram) else {
            return Err(DeskError::field("channel", NoRoute::NotConfigured.reason()));
        };
        Ok(tried(notifier.register(&route, &url, &secret)).await)
    }
}

/// Waits for an answer as long as somebody who tests a channel does.
async fn tried(attempt: impl Future<Output = Result<Sent, NotifyError>>) -> ChannelTest {
    let answered = tokio::time::timeout(TEST_LIMIT, attempt).await;
    answered.unwrap_or_else(|_| Err(NotifyError::no_answer())).into()
}

/// The name over a tenant's chat.
pub(in crate::desk) fn display_name(tenant: &Tenant) -> String {
    let branded = tenant.settings.branding.name.as_ref();
    branded.unwrap_or(&tenant.name).clone()
}
