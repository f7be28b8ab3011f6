//! Reading callbacks and webhooks.

use async_trait::async_trait;

use super::{Page, PageRequest, StoreError};
use crate::model::{
    AgentId, Callback, CallbackCounts, CallbackId, CallbackStatus, CustomerId, PendingCallbacks, TenantId, Timestamp,
    Webhook, WebhookId,
};

/// Which callbacks a list has. What is not named is not asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CallbackFilter {
    /// How far they have come.
    pub status: Option<CallbackStatus>,
    /// Who is to phone.
    pub assigned_to: Option<AgentId>,
    /// Whose they are.
    pub customer: Option<CustomerId>,
    /// Came in then or later.
    pub from: Option<Timestamp>,
    /// Came in before.
    pub to: Option<Timestamp>,
}

/// A callback that nobody has followed for too long, and its place among all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct OverdueCallback {
    /// Since when.
    pub at: Timestamp,
    /// Whose it is.
    pub tenant: TenantId,
    /// Which.
    pub callback: CallbackId,
}

/// Callbacks.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait CallbackReads: Send + Sync {
    /// By id.
    async fn callback(&self, tenant: TenantId, callback: CallbackId) -> Result<Option<Callback>, StoreError>;
    /// The newest with a number (by its key) that came in at `since` or later.
    async fn callback_by_number(
        &self,
        tenant: TenantId,
        number: &str,
        since: Timestamp,
    ) -> Result<Option<Callback>, StoreError>;
    /// Newest first, by `created_at`, then id.
    async fn callbacks(
        &self,
        tenant: TenantId,
        filter: &CallbackFilter,
        page: PageRequest,
    ) -> Result<Page<Callback>, StoreError>;
    /// Pending ones that nobody has, due at `before` or earlier, longest due first.
    async fn unassigned_callbacks(
        &self,
        tenant: TenantId,
        before: Timestamp,
        limit: u32,
    ) -> Result<Vec<Callback>, StoreError>;
    /// Pending and contacted ones that an agent has, oldest first.
    async fn unfinished_callbacks_of_agent(
        &self,
        tenant: TenantId,
        agent: AgentId,
        limit: u32,
    ) -> Result<Vec<Callback>, StoreError>;
    /// Those that came in at `from` or later and before `to`, counted.
    async fn callback_counts(
        &self,
        tenant: TenantId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<CallbackCounts, StoreError>;
    /// Those that are pending at `now`, counted.
    async fn pending_callbacks(&self, tenant: TenantId, now: Timestamp) -> Result<PendingCallbacks, StoreError>;
    /// Of all tenants: unfinished ones that an agent has, scheduled for `before` or earlier, of
    /// which the agent has not been reminded; earliest first.
    async fn callbacks_to_remind(
        &self,
        before: Timestamp,
        limit: u32,
    ) -> Result<Vec<(TenantId, CallbackId)>, StoreError>;
    /// Of all tenants: those overdue at `now` that were not yet found to be; the longest overdue
    /// first, then by tenant and id, all that come after a place.
    async fn callbacks_overdue(
        &self,
        now: Timestamp,
        after: Option<OverdueCallback>,
        limit: u32,
    ) -> Result<Vec<OverdueCallback>, StoreError>;
}

/// Webhooks.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait WebhookReads: Send + Sync {
    /// By id.
    async fn webhook(&self, tenant: TenantId, webhook: WebhookId) -> Result<Option<Webhook>, StoreError>;
    /// All of a tenant, oldest first.
    async fn webhooks(&self, tenant: TenantId) -> Result<Vec<Webhook>, StoreError>;
    /// Of all tenants: active ones whose cursor is behind the tenant's last event.
    async fn webhooks_behind(&self, limit: u32) -> Result<Vec<(TenantId, WebhookId)>, StoreError>;
}
