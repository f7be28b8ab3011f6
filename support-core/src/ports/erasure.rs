//! Finding what is to be forgotten.

use async_trait::async_trait;

use super::StoreError;
use crate::model::{Callback, CustomerId, Erasure, Requester, TenantId, Ticket, Timestamp};

/// What is to be forgotten: of people who are being erased, and of conversations that are kept for
/// long enough.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait ErasureReads: Send + Sync {
    /// Those who are being erased, of all tenants, longest first.
    async fn erasures(&self, limit: u32) -> Result<Vec<(TenantId, Erasure)>, StoreError>;

    /// Somebody's tickets, whatever became of them, oldest first. Erased ones are nobody's.
    async fn tickets_of_requester(
        &self,
        tenant: TenantId,
        requester: Requester,
        limit: u32,
    ) -> Result<Vec<Ticket>, StoreError>;

    /// Tickets closed before `before` that are not erased, longest closed first.
    async fn tickets_to_forget(
        &self,
        tenant: TenantId,
        before: Timestamp,
        limit: u32,
    ) -> Result<Vec<Ticket>, StoreError>;

    /// A customer's callbacks, and nobody's with this number (by its
    /// [key](crate::model::number_key)), in no order. Erased ones are nobody's and have none.
    async fn callbacks_to_forget(
        &self,
        tenant: TenantId,
        customer: CustomerId,
        number: Option<String>,
        limit: u32,
    ) -> Result<Vec<Callback>, StoreError>;
}
