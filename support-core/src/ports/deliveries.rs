//! What is owed to the outside, as a queue for workers.

use std::time::Duration;

use async_trait::async_trait;
use uuid::Uuid;

use super::StoreError;
use crate::model::{Delivery, TenantId, Timestamp};

/// Proof of holding a delivery for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LeaseToken {
    /// Whose delivery it is.
    pub tenant: TenantId,
    /// Which delivery.
    pub delivery: crate::model::DeliveryId,
    /// The lease; another one has another token.
    pub token: Uuid,
}

/// A delivery that a worker holds until the lease runs out.
#[derive(Debug, Clone, PartialEq)]
pub struct Leased {
    /// Proof of holding it.
    pub lease: LeaseToken,
    /// What is to be sent.
    pub delivery: Delivery,
}

/// The queue of what is owed, over all tenants: for workers, never for faces.
///
/// Deliveries come in through [`CommitStore`](super::CommitStore) only. No connection is held
/// while one is being sent. An expired lease is offered again; a stale token changes nothing.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait DeliveryQueue: Send + Sync {
    /// Takes up to `limit` deliveries that are due (queued or failed with `next_attempt_at` not
    /// after `now`, or sending under a lease that has run out), oldest due first, for `lease`.
    /// Each counts one attempt and is `sending`. Of the deliveries to one recipient about one
    /// ticket only the oldest unfinished one is offered, so that their order holds; those about
    /// no ticket are in order with each other.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be asked.
    async fn claim(&self, now: Timestamp, lease: Duration, limit: u32) -> Result<Vec<Leased>, StoreError>;

    /// The other side took it, and may have a name for it. `false` for a stale token.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be asked.
    async fn complete(&self, lease: LeaseToken, at: Timestamp, provider_id: Option<String>)
    -> Result<bool, StoreError>;

    /// To be tried again at `at`. `false` for a stale token.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be asked.
    async fn retry(&self, lease: LeaseToken, at: Timestamp, reason: String) -> Result<bool, StoreError>;

    /// Given up. `false` for a stale token.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be asked.
    async fn bury(&self, lease: LeaseToken, reason: String) -> Result<bool, StoreError>;
}
