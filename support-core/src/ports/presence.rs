//! Who was seen when.

use async_trait::async_trait;

use super::StoreError;
use crate::model::{AgentId, DepartmentId, Presence, TenantId, Timestamp};

/// Keeps signs of life. Last write wins; not in the journal.
///
/// Whoever went offline is `unhandled` until somebody has seen to their tickets, so that a node
/// that dies in between loses nothing.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait PresenceStore: Send + Sync {
    /// A sign of life. `true` if the agent did not count as online before. Without a
    /// `department` the earlier one stays. Clears `unhandled`. Never moves `last_seen_at` back.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be asked.
    async fn seen(
        &self,
        tenant: TenantId,
        agent: AgentId,
        at: Timestamp,
        department: Option<DepartmentId>,
    ) -> Result<bool, StoreError>;

    /// The agent left. `true` if they counted as online before; they are then `unhandled`.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be asked.
    async fn left(&self, tenant: TenantId, agent: AgentId) -> Result<bool, StoreError>;

    /// Whoever was last seen before `before` and still counts as online is offline from now on,
    /// and `unhandled`. Answers who went, of all tenants, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be asked.
    async fn lapse(&self, before: Timestamp, limit: u32) -> Result<Vec<(TenantId, AgentId)>, StoreError>;

    /// Who went offline and is still `unhandled`, of all tenants, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be asked.
    async fn unhandled(&self, limit: u32) -> Result<Vec<(TenantId, AgentId)>, StoreError>;

    /// Somebody has seen to the tickets of an agent who went offline.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be asked.
    async fn handled(&self, tenant: TenantId, agent: AgentId) -> Result<(), StoreError>;

    /// The tenants of which somebody counts as online, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be asked.
    async fn tenants_online(&self, limit: u32) -> Result<Vec<TenantId>, StoreError>;

    /// Everybody of a tenant who was ever seen, by agent id.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be asked.
    async fn presences(&self, tenant: TenantId) -> Result<Vec<Presence>, StoreError>;
}
