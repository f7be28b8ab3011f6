//! Webhooks.

use support_core::{
    model::{FormerSecret, TenantId, Webhook},
    ports::StoreError,
};
use uuid::Uuid;

use super::{Raw, Time, count, from_json, inconsistent, row, stored_count, stored_time, time, to_json};

const TABLE: &str = "webhooks";

row! {
    /// A row of `webhooks`.
    WebhookRow {
        tenant_id: Uuid,
        id: Uuid,
        url: String,
        events: Raw,
        is_active: bool,
        secret: Raw,
        former_secret: Option<Raw>,
        former_secret_until: Option<Time>,
        failing_since: Option<Time>,
        disabled_reason: Option<String>,
        cursor: i64,
        version: i64,
        created_at: Time,
        updated_at: Time,
    }
}

impl WebhookRow {
    /// The row as it will be stored.
    pub(crate) fn of(tenant: TenantId, webhook: &Webhook) -> Result<Self, StoreError> {
        let former = webhook.former_secret.as_ref();
        Ok(Self {
            tenant_id: tenant.uuid(),
            id: webhook.id.uuid(),
            url: webhook.url.clone(),
            events: to_json(&webhook.events)?,
            is_active: webhook.is_active,
            secret: to_json(&webhook.secret)?,
            former_secret: former.map(|former| to_json(&former.secret)).transpose()?,
            former_secret_until: former.map(|former| stored_time(former.until)),
            failing_since: webhook.failing_since.map(stored_time),
            disabled_reason: webhook.disabled_reason.clone(),
            cursor: stored_count(webhook.cursor),
            version: stored_count(webhook.version.saturating_add(1)),
            created_at: stored_time(webhook.created_at),
            updated_at: stored_time(webhook.updated_at),
        })
    }

    fn former_secret(&self) -> Result<Option<FormerSecret>, StoreError> {
        match (&self.former_secret, self.former_secret_until) {
            (Some(secret), Some(until)) => Ok(Some(FormerSecret {
                secret: from_json(TABLE, secret)?,
                until: time(until),
            })),
            (None, None) => Ok(None),
            _ => Err(inconsistent(TABLE, format!("{} has half of a former secret", self.id))),
        }
    }

    /// The webhook.
    pub(crate) fn into_webhook(self) -> Result<Webhook, StoreError> {
        Ok(Webhook {
            former_secret: self.former_secret()?,
            id: self.id.into(),
            url: self.url,
            events: from_json(TABLE, &self.events)?,
            is_active: self.is_active,
            secret: from_json(TABLE, &self.secret)?,
            failing_since: self.failing_since.map(time),
            disabled_reason: self.disabled_reason,
            cursor: count(TABLE, self.cursor)?,
            version: count(TABLE, self.version)?,
            created_at: time(self.created_at),
            updated_at: time(self.updated_at),
        })
    }
}
