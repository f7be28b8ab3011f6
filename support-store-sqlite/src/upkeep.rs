//! Forgetting what has served its time.

use async_trait::async_trait;
use support_core::{
    model::Timestamp,
    ports::{StoreError, Upkeep},
};

use crate::{SqliteStore, query::execute, rows::stored_time, statements::statements};

/// Pages of the index that are merged while others wait to write.
const PAGES_MERGED_AT_ONCE: i64 = 500;
/// After how many goes the rest is left for the next time.
const MOST_MERGES: u32 = 10_000;

statements! {
    /// Over all tenants.
    FORGET_TOKENS = "delete from revoked_tokens where (tenant_id, token) in (
        select tenant_id, token from revoked_tokens where expires_at <= ?1 order by expires_at limit ?2)";

    /// Over all tenants.
    FORGET_REQUESTS = "delete from requests where (tenant_id, key) in (
        select tenant_id, key from requests where created_at < ?1 order by created_at limit ?2)";

    /// Over all tenants.
    FORGET_GUARDS = "delete from login_guards where (tenant_id, email_hash) in (
        select tenant_id, email_hash from login_guards
        where counted_from < ?1 and (locked_until is null or locked_until <= ?3)
        order by counted_from limit ?2)";

    /// Over all tenants.
    FORGET_DELIVERIES = "delete from deliveries where (tenant_id, id) in (
        select tenant_id, id from deliveries where sent_at < ?1 order by sent_at limit ?2)";

    /// A number below zero takes all parts of the index, however few there are; changes tell whether
    /// anything was left to do (<https://sqlite.org/fts5.html#the_merge_command>).
    MERGE_WORDS = "insert into search_words (search_words, rank) values ('merge', ?1)";

    PING = "select 1";
}

#[async_trait]
impl Upkeep for SqliteStore {
    async fn forget_expired(
        &self,
        now: Timestamp,
        requests_before: Timestamp,
        guards_before: Timestamp,
        sent_before: Timestamp,
        limit: u32,
    ) -> Result<u64, StoreError> {
        let now = stored_time(now);
        let (requests_before, guards_before) = (stored_time(requests_before), stored_time(guards_before));
        let sent_before = stored_time(sent_before);
        let forgotten = self.write(move |transaction| {
            let tokens = execute(transaction, FORGET_TOKENS, (now, limit))?;
            let requests = execute(transaction, FORGET_REQUESTS, (requests_before, limit))?;
            let guards = execute(transaction, FORGET_GUARDS, (guards_before, limit, now))?;
            let sent = execute(transaction, FORGET_DELIVERIES, (sent_before, limit))?;
            Ok(tokens + requests + guards + sent)
        });
        Ok(forgotten.await? as u64)
    }

    /// What was removed is overwritten where it was (`secure_delete`), but for two places: the index of
    /// words keeps those of removed texts until its parts are merged, and the log keeps pages as
    /// they were until it begins anew.
    async fn wipe(&self) -> Result<(), StoreError> {
        for _ in 0..MOST_MERGES {
            let is_merged = self.write(|transaction| {
                let before = transaction.total_changes();
                execute(transaction, MERGE_WORDS, (-PAGES_MERGED_AT_ONCE,))?;
                Ok(transaction.total_changes() - before < 2)
            });
            if is_merged.await? {
                break;
            }
        }
        self.begin_log_anew().await?;
        Ok(())
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.fetch_one::<i64>(PING, ()).await?;
        Ok(())
    }
}
