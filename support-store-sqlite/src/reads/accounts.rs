//! What lets people and servers in, and requests with a key.

use async_trait::async_trait;
use support_core::{
    model::{Account, ApiKey, LoginGuard, Principal, SecretHash, TenantId},
    ports::{AccountReads, RequestReads, StoreError, StoredRequest},
};
use uuid::Uuid;

use crate::{
    SqliteStore,
    rows::{AccountRow, ApiKeyRow, LoginGuardRow, RequestRow, stored_principal},
    statements::statements,
};

macro_rules! accounts {
    () => {
        "select tenant_id, principal_kind, principal_id, email, password_hash, tokens_valid_from, version
        from accounts where tenant_id = ?1"
    };
}

macro_rules! api_keys {
    () => {
        "select tenant_id, id, name, hash, last_characters, scopes, created_at, revoked_at from api_keys"
    };
}

statements! {
    ACCOUNT = concat!(accounts!(), " and principal_kind = ?2 and principal_id = ?3");
    ACCOUNT_BY_EMAIL = concat!(accounts!(), " and email = ?2");
    TENANTS_WITH_ACCOUNT = "select a.tenant_id from accounts a cross join tenants t on t.tenant_id = a.tenant_id
        where a.email = ?1 and t.is_active order by a.tenant_id limit 2";
    LOGIN_GUARD = "select tenant_id, email_hash, failures, counted_from, locked_until
        from login_guards where tenant_id = ?1 and email_hash = ?2";
    IS_TOKEN_REVOKED = "select exists (select 1 from revoked_tokens where tenant_id = ?1 and token = ?2)";
    API_KEY_BY_HASH = concat!(api_keys!(), " where hash = ?1");
    API_KEYS = concat!(api_keys!(), " where tenant_id = ?1 order by created_at desc, id desc");
    REQUEST = "select tenant_id, key, fingerprint, receipt, response_status, response_body, created_at
        from requests where tenant_id = ?1 and key = ?2";
}

#[async_trait]
impl AccountReads for SqliteStore {
    async fn account(&self, tenant: TenantId, principal: Principal) -> Result<Option<Account>, StoreError> {
        let (kind, id) = stored_principal(principal);
        let row = self
            .fetch_optional::<AccountRow>(ACCOUNT, (tenant.uuid(), kind, id))
            .await?;
        row.map(AccountRow::into_account).transpose()
    }

    async fn account_by_email(&self, tenant: TenantId, email: &str) -> Result<Option<Account>, StoreError> {
        let row = self
            .fetch_optional::<AccountRow>(ACCOUNT_BY_EMAIL, (tenant.uuid(), email.to_owned()))
            .await?;
        row.map(AccountRow::into_account).transpose()
    }

    async fn tenants_with_account(&self, email: &str) -> Result<Vec<TenantId>, StoreError> {
        let ids = self
            .fetch_all::<Uuid>(TENANTS_WITH_ACCOUNT, (email.to_owned(),))
            .await?;
        Ok(ids.into_iter().map(TenantId::new).collect())
    }

    async fn login_guard(&self, tenant: TenantId, email_hash: &SecretHash) -> Result<Option<LoginGuard>, StoreError> {
        let row = self
            .fetch_optional::<LoginGuardRow>(LOGIN_GUARD, (tenant.uuid(), email_hash.as_str().to_owned()))
            .await?;
        row.map(LoginGuardRow::into_guard).transpose()
    }

    async fn is_token_revoked(&self, tenant: TenantId, token: Uuid) -> Result<bool, StoreError> {
        self.fetch_one(IS_TOKEN_REVOKED, (tenant.uuid(), token)).await
    }

    async fn api_key_by_hash(&self, hash: &SecretHash) -> Result<Option<(TenantId, ApiKey)>, StoreError> {
        let hash = hash.as_str().to_owned();
        let Some(row) = self.fetch_optional::<ApiKeyRow>(API_KEY_BY_HASH, (hash,)).await? else {
            return Ok(None);
        };
        Ok(Some((row.tenant_id.into(), row.into_api_key()?)))
    }

    async fn api_keys(&self, tenant: TenantId) -> Result<Vec<ApiKey>, StoreError> {
        let rows = self.fetch_all::<ApiKeyRow>(API_KEYS, (tenant.uuid(),)).await?;
        rows.into_iter().map(ApiKeyRow::into_api_key).collect()
    }
}

#[async_trait]
impl RequestReads for SqliteStore {
    async fn request(&self, tenant: TenantId, key: &SecretHash) -> Result<Option<StoredRequest>, StoreError> {
        let row = self
            .fetch_optional::<RequestRow>(REQUEST, (tenant.uuid(), key.as_str().to_owned()))
            .await?;
        row.map(RequestRow::into_request).transpose()
    }
}
