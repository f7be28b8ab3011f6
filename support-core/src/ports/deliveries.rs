//! What is owed to the outside, as a queue for workers.

use std::time::Duration;

use async_trait::async_trait;
use uuid::Uuid;

use super::{Page, PageRequest, StoreError};
use crate::model::{CallbackId, Channel, Delivery, DeliveryId, DeliveryStatus, TenantId, Timestamp};

/// Deliveries that go the same way: what is wrong with one of them may be wrong with all, and
/// nothing of another lane has to wait for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lane {
    /// Whose they are.
    pub tenant: TenantId,
    /// The way they go.
    pub channel: Channel,
}

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

/// How a worker ends its hold of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// The other side took it.
    Sent {
        /// When.
        at: Timestamp,
        /// What the other side calls it.
        provider_id: Option<String>,
        /// What was wrong about it all the same, such as a recipient who was refused.
        remark: Option<String>,
    },
    /// To be tried again.
    Retry {
        /// Not before.
        at: Timestamp,
        /// What went wrong.
        reason: String,
        /// Another recipient from now on: those who haven't got it yet, or one who has moved.
        recipient: Option<String>,
        /// Whether the attempt counts; it doesn't when the delivery had no part in its failure.
        is_counted: bool,
    },
    /// Given up.
    Dead {
        /// What went wrong.
        reason: String,
    },
    /// Not tried at all: to be looked at again, as if it had not been taken.
    Postponed {
        /// Not before.
        until: Timestamp,
    },
    /// Nothing has to be said any more: it is forgotten.
    Withdrawn,
}

/// The queue of what is owed, over all tenants: for workers, never for faces.
///
/// Deliveries come in through [`CommitStore`](super::CommitStore) only. No connection is held
/// while one is being sent. An expired lease is offered again; a stale token changes nothing.
///
/// A delivery is *due* when it is queued or failed with `next_attempt_at` not after now, or
/// sending under a lease that has run out. Of the deliveries of one channel to one recipient
/// about one ticket only the oldest unfinished one (by `created_at`, then id) is offered, so
/// that their order holds; those about no ticket are held back by none. One that gathers under
/// a key, and may wait long, holds back only those with the same key.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait DeliveryQueue: Send + Sync {
    /// The lanes in which something may be due at `now`; one in which everything due is held
    /// back may be among them.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be asked.
    async fn lanes_due(&self, now: Timestamp, limit: u32) -> Result<Vec<Lane>, StoreError>;

    /// Takes up to `limit` deliveries of a lane that are due, oldest due first, for `lease`.
    /// Each counts one attempt and is `sending`.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be asked.
    async fn claim(&self, lane: Lane, now: Timestamp, lease: Duration, limit: u32) -> Result<Vec<Leased>, StoreError>;

    /// Ends the hold of a delivery. `false` for a stale token. [`Settled::Retry`] is stored as
    /// `failed`; [`Settled::Postponed`] as `queued`, or `failed` if an error is known of an
    /// earlier attempt, with the attempt taken back.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be asked.
    async fn settle(&self, lease: LeaseToken, settled: Settled) -> Result<bool, StoreError>;

    /// Makes a dead or failed delivery due at `at` with all its attempts before it. It is `failed`
    /// until then, so that nothing new gathers in what is about the past. `false` when
    /// there is no such one.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be asked.
    async fn revive(&self, tenant: TenantId, delivery: DeliveryId, at: Timestamp) -> Result<bool, StoreError>;
}

/// Which deliveries a list has. What is not named is not asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeliveryFilter {
    /// How far they have come.
    pub status: Option<DeliveryStatus>,
    /// The way they go.
    pub channel: Option<Channel>,
    /// Whom they go to.
    pub recipient: Option<String>,
}

/// Deliveries, for people to look at.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait DeliveryReads: Send + Sync {
    /// By id.
    async fn delivery(&self, tenant: TenantId, delivery: DeliveryId) -> Result<Option<Delivery>, StoreError>;
    /// Newest first, by `created_at`, then id.
    async fn deliveries(
        &self,
        tenant: TenantId,
        filter: &DeliveryFilter,
        page: PageRequest,
    ) -> Result<Page<Delivery>, StoreError>;
    /// All about these callbacks, oldest first.
    async fn deliveries_of_callbacks(
        &self,
        tenant: TenantId,
        callbacks: &[CallbackId],
    ) -> Result<Vec<Delivery>, StoreError>;
    /// The last `limit` ones with a key, newest first.
    async fn deliveries_with_key(&self, tenant: TenantId, key: &str, limit: u32) -> Result<Vec<Delivery>, StoreError>;
    /// How many are unfinished, over all tenants, by channel and status: for the operator.
    async fn deliveries_owed(&self) -> Result<Vec<(Channel, DeliveryStatus, u64)>, StoreError>;
}
