//! Reading callbacks and webhooks.

use async_trait::async_trait;

use super::{Page, PageRequest, StoreError};
use crate::model::{
    AgentId, Callback, CallbackId, CallbackStatus, CustomerId, TenantId, Timestamp, Webhook, WebhookId,
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

/// How many callbacks came in, or were resolved, in a quarter of an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuarterHour {
    /// When it began.
    pub at: Timestamp,
    /// How many came in.
    pub requests: u64,
    /// How many were resolved.
    pub resolved: u64,
}

/// What is counted of the callbacks that came in within a span of time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CallbackCounts {
    /// How many by status.
    pub by_status: Vec<(CallbackStatus, u64)>,
    /// By quarters of an hour, from which days in any time zone are added up: those that came in
    /// by when they did, and those of them, or earlier ones, that were resolved within the span
    /// by when they were. Quarters without any are missing; in order of time.
    pub by_quarter_hour: Vec<QuarterHour>,
    /// Milliseconds from coming in to first contact, added up.
    pub millis_to_contact: u64,
    /// Of how many.
    pub contacted: u64,
    /// What visitors most often say they are known by, most often first, then by name; ten at most.
    pub top_employee_ids: Vec<(String, u64)>,
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
    /// How many are pending, by how long they have been due at `now`: under an hour, under four
    /// hours, under a day, longer. Those due later count as under an hour.
    async fn callbacks_by_age(&self, tenant: TenantId, now: Timestamp) -> Result<[u64; 4], StoreError>;
    /// Of all tenants: unfinished ones that an agent has, scheduled for `before` or earlier, of
    /// which the agent has not been reminded; earliest first.
    async fn callbacks_to_remind(
        &self,
        before: Timestamp,
        limit: u32,
    ) -> Result<Vec<(TenantId, CallbackId)>, StoreError>;
    /// Of all tenants: pending ones due at `before` or earlier that were not yet found overdue;
    /// longest due first.
    async fn callbacks_overdue(&self, before: Timestamp, limit: u32)
    -> Result<Vec<(TenantId, CallbackId)>, StoreError>;
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
