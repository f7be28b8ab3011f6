//! Subscriptions to what happens.

use super::{Desk, DeskError, Scope, lookup::require, retry::Attempt};
use crate::{
    change::ChangeSet,
    model::{
        ALL_EVENTS, Channel, Delivery, DeliveryId, Event, EventBody, FormerSecret, Input, MOST_WEBHOOKS, Notice, Role,
        SealedSecret, Secret, TenantId, WEBHOOK_SECRET_OVERLAP, Webhook, WebhookId,
    },
    ports::EventFilter,
};

/// Journal entries that a webhook is looked at for in one commit.
const ENTRIES_AT_ONCE: u32 = 500;
/// The longest URL that is called.
const LONGEST_URL: usize = 2_000;
/// The most kinds that one subscription names.
const MOST_KINDS: usize = 100;

/// A subscription to be made.
#[derive(Debug, Clone, Default)]
pub struct NewWebhook {
    /// Where it goes.
    pub url: String,
    /// The kinds of events it hears of; all when none is named.
    pub events: Vec<String>,
    /// Whether it is called at once.
    pub is_active: bool,
}

/// Changes to a subscription. What is not named stays.
#[derive(Debug, Clone, Default)]
pub struct WebhookChanges {
    /// Another URL.
    pub url: Option<String>,
    /// Other kinds.
    pub events: Option<Vec<String>>,
    /// On or off.
    pub is_active: Option<bool>,
    /// Whether a new secret is made; the former one signs too for a day.
    pub rotates_secret: bool,
}

impl Desk {
    /// All subscriptions, oldest first.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than admins.
    pub async fn webhooks(&self, scope: &Scope) -> Result<Vec<Webhook>, DeskError> {
        require(scope, Role::Admin)?;
        Ok(self.stores().webhooks.webhooks(scope.tenant()).await?)
    }

    /// One subscription.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than admins, [`DeskError::NotFound`].
    pub async fn webhook(&self, scope: &Scope, webhook: WebhookId) -> Result<Webhook, DeskError> {
        require(scope, Role::Admin)?;
        let found = self.stores().webhooks.webhook(scope.tenant(), webhook).await?;
        found.ok_or(DeskError::NotFound)
    }

    /// Subscribes a URL to what happens from now on. Answers the secret, which is shown only now.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than admins, [`DeskError::Invalid`] with every bad field.
    pub async fn create_webhook(&self, scope: &Scope, new: NewWebhook) -> Result<(Webhook, Secret), DeskError> {
        require(scope, Role::Admin)?;
        let mut input = Input::new();
        let url = self.check_url(&mut input, &new.url).await;
        let events = check_kinds(&mut input, &new.events);
        if self.webhooks(scope).await?.len() >= MOST_WEBHOOKS {
            input.refuse("url", format!("There can be at most {MOST_WEBHOOKS} webhooks"));
        }
        input.finish()?;
        let (secret, sealed) = self.new_webhook_secret(scope.tenant())?;
        let now = self.now();
        let webhook = Webhook {
            id: WebhookId::new(self.ids().uuid()),
            url,
            events,
            is_active: new.is_active,
            secret: sealed,
            former_secret: None,
            failing_since: None,
            disabled_reason: None,
            cursor: self.stores().events.last_event(scope.tenant()).await?,
            version: 0,
            created_at: now,
            updated_at: now,
        };
        let body = EventBody::WebhookSaved { webhook: webhook.id };
        let (made, body) = (&webhook, &body);
        self.decide(scope, || async move {
            let mut change = ChangeSet::new(scope, now);
            change.put_webhook(made.clone(), body.clone());
            self.commit(change).await
        })
        .await?;
        Ok((self.webhook(scope, webhook.id).await?, secret))
    }

    /// Changes a subscription. Answers its new secret, if one was made.
    ///
    /// # Errors
    /// As [`create_webhook`](Self::create_webhook), and [`DeskError::NotFound`].
    pub async fn update_webhook(
        &self,
        scope: &Scope,
        webhook: WebhookId,
        changes: WebhookChanges,
    ) -> Result<(Webhook, Option<Secret>), DeskError> {
        self.webhook(scope, webhook).await?;
        let mut input = Input::new();
        let url = match &changes.url {
            Some(url) => Some(self.check_url(&mut input, url).await),
            None => None,
        };
        let events = changes.events.as_ref().map(|events| check_kinds(&mut input, events));
        input.finish()?;
        let made = if changes.rotates_secret {
            Some(self.new_webhook_secret(scope.tenant())?)
        } else {
            None
        };
        let (url, events, sealed) = (&url, &events, &made.as_ref().map(|(_, sealed)| sealed.clone()));
        self.decide(scope, || async move {
            let mut after = self.webhook(scope, webhook).await?;
            let now = self.now();
            after.url = url.clone().unwrap_or(after.url);
            after.events = events.clone().unwrap_or(after.events);
            after.updated_at = now;
            let mut change = ChangeSet::new(scope, now);
            if let Some(is_active) = changes.is_active {
                if is_active && !after.is_active {
                    // It hears of what happens from now on, as a new one does.
                    let last = self.stores().events.last_event(scope.tenant()).await?;
                    change.advance_webhook(webhook, after.cursor, last);
                }
                after.is_active = is_active;
                after.disabled_reason = None;
                after.failing_since = None;
            }
            if let Some(sealed) = sealed {
                let former = std::mem::replace(&mut after.secret, sealed.clone());
                after.former_secret = Some(FormerSecret {
                    secret: former,
                    until: now.plus(WEBHOOK_SECRET_OVERLAP),
                });
            }
            change.put_webhook(after, EventBody::WebhookSaved { webhook });
            self.commit(change).await
        })
        .await?;
        Ok((self.webhook(scope, webhook).await?, made.map(|(secret, _)| secret)))
    }

    /// Ends a subscription; what is owed to it and not sent yet is forgotten.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than admins, [`DeskError::NotFound`].
    pub async fn remove_webhook(&self, scope: &Scope, webhook: WebhookId) -> Result<(), DeskError> {
        require(scope, Role::Admin)?;
        self.decide(scope, || async move {
            let webhook = self.webhook(scope, webhook).await?;
            let mut change = ChangeSet::new(scope, self.now());
            change.remove_webhook(&webhook);
            self.commit(change).await
        })
        .await?;
        Ok(())
    }

    /// Owes to a webhook what the journal tells after where it stands, a part at a time. Answers
    /// whether there is more.
    ///
    /// # Errors
    /// [`DeskError`] when the store can't be asked.
    pub(crate) async fn advance_webhook(&self, tenant: TenantId, webhook: WebhookId) -> Result<bool, DeskError> {
        let scope = &Scope::system(tenant);
        self.decide(scope, || self.try_advance(scope, webhook)).await
    }

    async fn try_advance(&self, scope: &Scope, webhook: WebhookId) -> Result<bool, Attempt> {
        let tenant = scope.tenant();
        let Some(webhook) = self.stores().webhooks.webhook(tenant, webhook).await? else {
            return Ok(false);
        };
        let filter = EventFilter::default();
        let events = self
            .stores()
            .events
            .events(tenant, webhook.cursor, &filter, ENTRIES_AT_ONCE)
            .await?;
        let Some(last) = events.last().map(|event| event.seq) else {
            return Ok(false);
        };
        let mut change = ChangeSet::new(scope, self.now());
        for event in events.iter().filter(|event| webhook.hears(event)) {
            change.owe(self.event_delivery(&webhook, event));
        }
        change.advance_webhook(webhook.id, webhook.cursor, last);
        self.commit(change).await?;
        Ok(u32::try_from(events.len()).is_ok_and(|count| count >= ENTRIES_AT_ONCE))
    }

    fn event_delivery(&self, webhook: &Webhook, event: &Event) -> Delivery {
        let id = DeliveryId::new(self.ids().uuid());
        let notice = Notice::JournalEvent {
            webhook: webhook.id,
            seq: event.seq,
        };
        let recipient = webhook.id.to_string();
        Delivery {
            ticket: event.audience.ticket,
            ..Delivery::new(id, Channel::Webhook, recipient, notice, self.now())
        }
    }

    async fn check_url(&self, input: &mut Input, url: &str) -> String {
        let url = input.line("url", url, 1..=LONGEST_URL);
        if url.is_empty() {
            return url;
        }
        match self.notifier(Channel::Webhook) {
            Some(notifier) => {
                if let Err(problem) = notifier.accepts(&url).await {
                    input.refuse("url", problem);
                }
            }
            None => input.refuse("url", "This installation calls no webhooks"),
        }
        url
    }

    /// 32 random bytes, as Standard Webhooks has them.
    fn new_webhook_secret(&self, tenant: TenantId) -> Result<(Secret, SealedSecret), DeskError> {
        use base64::{Engine, engine::general_purpose::STANDARD};
        let random = self.ids().secret("").hash();
        let key = hex::decode(random.as_str()).unwrap_or_default();
        let secret = Secret::presented(format!("whsec_{}", STANDARD.encode(key)));
        let sealed = self.seal_secret(tenant, &secret)?;
        Ok((secret, sealed))
    }

    /// Seals a secret for storage.
    pub(super) fn seal_secret(&self, tenant: TenantId, secret: &Secret) -> Result<SealedSecret, DeskError> {
        let sealed = self.vault().seal(tenant, secret, self.ids());
        sealed.ok_or_else(|| DeskError::Internal("there is no key to seal secrets with".to_owned()))
    }
}

/// Kinds that exist, without doubles; none stands for all.
fn check_kinds(input: &mut Input, kinds: &[String]) -> Vec<String> {
    if kinds.len() > MOST_KINDS {
        input.refuse("events", format!("Must have at most {MOST_KINDS} entries"));
        return Vec::new();
    }
    let mut kept: Vec<String> = Vec::new();
    for kind in kinds.iter().map(|kind| kind.trim()) {
        if kind != ALL_EVENTS && !EventBody::KINDS.contains(&kind) {
            let known = EventBody::KINDS.join(" ");
            input.refuse("events", format!("`{kind}` is not one of: {ALL_EVENTS} {known}"));
        } else if !kept.iter().any(|known| known == kind) {
            kept.push(kind.to_owned());
        }
    }
    if kept.is_empty() {
        kept.push(ALL_EVENTS.to_owned());
    }
    kept
}
