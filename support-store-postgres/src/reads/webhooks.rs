//! Subscribed URLs.

use async_trait::async_trait;
use support_core::{
    model::{TenantId, Webhook, WebhookId},
    ports::{StoreError, WebhookReads},
};
use uuid::Uuid;

use crate::{PostgresStore, error::store_error, rows::WebhookRow, statements::statements};

macro_rules! webhooks {
    () => {
        "select tenant_id, id, url, events, is_active, secret, former_secret, former_secret_until, failing_since,
            disabled_reason, cursor, version, created_at, updated_at
        from webhooks where tenant_id = $1"
    };
}

statements! {
    WEBHOOK = concat!(webhooks!(), " and id = $2");
    WEBHOOKS = concat!(webhooks!(), " order by created_at, id");
    /// Over all tenants.
    WEBHOOKS_BEHIND = "select w.tenant_id, w.id from webhooks w
        join tenant_counters c on c.tenant_id = w.tenant_id
        where w.is_active and w.cursor < c.last_event order by w.tenant_id, w.id limit $1";
}

#[async_trait]
impl WebhookReads for PostgresStore {
    async fn webhook(&self, tenant: TenantId, webhook: WebhookId) -> Result<Option<Webhook>, StoreError> {
        let mut reader = self.reader(tenant).await?;
        let query = sqlx::query_as::<_, WebhookRow>(WEBHOOK)
            .bind(tenant.uuid())
            .bind(webhook.uuid());
        let row = query.fetch_optional(&mut *reader).await.map_err(store_error)?;
        row.map(WebhookRow::into_webhook).transpose()
    }

    async fn webhooks(&self, tenant: TenantId) -> Result<Vec<Webhook>, StoreError> {
        let mut reader = self.reader(tenant).await?;
        let query = sqlx::query_as::<_, WebhookRow>(WEBHOOKS).bind(tenant.uuid());
        let rows = query.fetch_all(&mut *reader).await.map_err(store_error)?;
        rows.into_iter().map(WebhookRow::into_webhook).collect()
    }

    async fn webhooks_behind(&self, limit: u32) -> Result<Vec<(TenantId, WebhookId)>, StoreError> {
        let mut reader = self.overseer().await?;
        let query = sqlx::query_as::<_, (Uuid, Uuid)>(WEBHOOKS_BEHIND).bind(i64::from(limit));
        let behind = query.fetch_all(&mut *reader).await.map_err(store_error)?;
        Ok(behind
            .into_iter()
            .map(|(tenant, webhook)| (tenant.into(), webhook.into()))
            .collect())
    }
}
