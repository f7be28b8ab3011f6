//! Forgetting what has served its time.

use async_trait::async_trait;

use super::StoreError;
use crate::model::Timestamp;

/// Forgets what has served its time, over all tenants.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait Upkeep: Send + Sync {
    /// Forgets void tokens that have expired by `now`, request keys stored before
    /// `requests_before`, login guards that began to count before `guards_before` and lock
    /// nobody, and deliveries sent before `sent_before`; at most `limit` of each. Answers how many.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be asked.
    async fn forget_expired(
        &self,
        now: Timestamp,
        requests_before: Timestamp,
        guards_before: Timestamp,
        sent_before: Timestamp,
        limit: u32,
    ) -> Result<u64, StoreError>;

    /// Overwrites what is left of removed rows where they were, as far as the store is the one to do
    /// that: asked for when something was removed that nobody may find any more.
    ///
    /// # Errors
    /// [`StoreError`] when it can't be done now.
    async fn wipe(&self) -> Result<(), StoreError>;

    /// Whether the store answers at all.
    ///
    /// # Errors
    /// [`StoreError`] when it doesn't.
    async fn ping(&self) -> Result<(), StoreError>;
}
