//! Forgetting what has served its time.

use async_trait::async_trait;
use sqlx::postgres::PgQueryResult;
use support_core::{
    model::Timestamp,
    ports::{StoreError, Upkeep},
};

use crate::{ALL_TENANTS, PostgresStore, error::store_error, rows::stored_time, statements::statements};

statements! {
    /// Over all tenants.
    FORGET_TOKENS = "delete from revoked_tokens where (tenant_id, token) in (
        select tenant_id, token from revoked_tokens where expires_at <= $1 order by expires_at limit $2)";

    /// Over all tenants.
    FORGET_REQUESTS = "delete from requests where (tenant_id, key) in (
        select tenant_id, key from requests where created_at < $1 order by created_at limit $2)";

    /// Over all tenants.
    FORGET_GUARDS = "delete from login_guards where (tenant_id, email_hash) in (
        select tenant_id, email_hash from login_guards
        where counted_from < $1 and (locked_until is null or locked_until <= $3)
        order by counted_from limit $2)";

    /// Over all tenants.
    FORGET_DELIVERIES = "delete from deliveries where (tenant_id, id) in (
        select tenant_id, id from deliveries where sent_at < $1 order by sent_at limit $2)";

    PING = "select 1";
}

#[async_trait]
impl Upkeep for PostgresStore {
    async fn forget_expired(
        &self,
        now: Timestamp,
        requests_before: Timestamp,
        guards_before: Timestamp,
        sent_before: Timestamp,
        limit: u32,
    ) -> Result<u64, StoreError> {
        let mut transaction = self.write(ALL_TENANTS).await?;
        let query = sqlx::query(FORGET_TOKENS).bind(stored_time(now)).bind(i64::from(limit));
        let tokens = query.execute(&mut *transaction).await.map_err(store_error)?;
        let query = sqlx::query(FORGET_REQUESTS)
            .bind(stored_time(requests_before))
            .bind(i64::from(limit));
        let requests = query.execute(&mut *transaction).await.map_err(store_error)?;
        let query = sqlx::query(FORGET_GUARDS)
            .bind(stored_time(guards_before))
            .bind(i64::from(limit));
        let query = query.bind(stored_time(now));
        let guards = query.execute(&mut *transaction).await.map_err(store_error)?;
        let query = sqlx::query(FORGET_DELIVERIES)
            .bind(stored_time(sent_before))
            .bind(i64::from(limit));
        let sent = query.execute(&mut *transaction).await.map_err(store_error)?;
        transaction.commit().await.map_err(store_error)?;
        let forgotten = [tokens, requests, guards, sent];
        Ok(forgotten.iter().map(PgQueryResult::rows_affected).sum())
    }

    /// The database itself does that, in its own time: nothing that reads its tables finds such remains.
    async fn wipe(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn ping(&self) -> Result<(), StoreError> {
        let mut reader = self.overseer().await?;
        let query = sqlx::query(PING);
        query.execute(&mut *reader).await.map_err(store_error)?;
        Ok(())
    }
}
