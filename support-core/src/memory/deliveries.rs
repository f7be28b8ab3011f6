//! The queue of what is owed.

use std::time::Duration;

use async_trait::async_trait;
use uuid::Uuid;

use super::{
    MemoryStore, State, TenantState,
    reads::most,
    state::{Lease, StoredDelivery},
};
use crate::{
    model::{Delivery, DeliveryId, DeliveryStatus, TenantId, Timestamp},
    ports::{DeliveryQueue, LeaseToken, Leased, StoreError},
};

impl StoredDelivery {
    const fn is_unfinished(&self) -> bool {
        match self.delivery.status {
            DeliveryStatus::Queued | DeliveryStatus::Failed | DeliveryStatus::Sending => true,
            DeliveryStatus::Sent | DeliveryStatus::Dead => false,
        }
    }

    /// Since when it may be taken; none when it is over.
    fn due_at(&self) -> Option<Timestamp> {
        match self.delivery.status {
            DeliveryStatus::Queued | DeliveryStatus::Failed => Some(self.delivery.next_attempt_at),
            DeliveryStatus::Sending => self.lease.as_ref().map(|lease| lease.until),
            DeliveryStatus::Sent | DeliveryStatus::Dead => None,
        }
    }
}

impl TenantState {
    /// Whether an older one goes the same way and isn't over.
    fn is_held_back(&self, delivery: &Delivery) -> bool {
        self.deliveries
            .values()
            .filter(|other| other.is_unfinished())
            .map(|other| &other.delivery)
            .any(|other| {
                other.channel == delivery.channel
                    && other.recipient == delivery.recipient
                    && other.ticket == delivery.ticket
                    && (other.created_at, other.id) < (delivery.created_at, delivery.id)
            })
    }
}

impl State {
    /// What may be taken now, oldest due first.
    fn due(&self, now: Timestamp) -> Vec<(Timestamp, DeliveryId, TenantId)> {
        let mut due: Vec<_> = self
            .tenants
            .iter()
            .flat_map(|(tenant, own)| {
                let unfinished = own
                    .deliveries
                    .values()
                    .filter(|stored| !own.is_held_back(&stored.delivery));
                unfinished.filter_map(|stored| Some((stored.due_at()?, stored.delivery.id, *tenant)))
            })
            .filter(|(due_at, ..)| *due_at <= now)
            .collect();
        due.sort_unstable();
        due
    }

    fn lease(&mut self, tenant: TenantId, delivery: DeliveryId, until: Timestamp) -> Option<Leased> {
        self.leases = self.leases.saturating_add(1);
        let token = Uuid::from_u128(self.leases);
        let stored = self.tenants.get_mut(&tenant)?.deliveries.get_mut(&delivery)?;
        stored.lease = Some(Lease { token, until });
        stored.delivery.status = DeliveryStatus::Sending;
        stored.delivery.attempts = stored.delivery.attempts.saturating_add(1);
        Some(Leased {
            lease: LeaseToken {
                tenant,
                delivery,
                token,
            },
            delivery: stored.delivery.clone(),
        })
    }

    /// Ends a lease, if `lease` is the one that holds.
    fn release(&mut self, lease: LeaseToken, change: impl FnOnce(&mut Delivery)) -> bool {
        let held = self
            .tenants
            .get_mut(&lease.tenant)
            .and_then(|own| own.deliveries.get_mut(&lease.delivery))
            .filter(|stored| stored.lease.as_ref().is_some_and(|held| held.token == lease.token));
        let Some(stored) = held else {
            return false;
        };
        stored.lease = None;
        change(&mut stored.delivery);
        true
    }
}

#[async_trait]
impl DeliveryQueue for MemoryStore {
    async fn claim(&self, now: Timestamp, lease: Duration, limit: u32) -> Result<Vec<Leased>, StoreError> {
        let mut state = self.lock();
        let due = state.due(now).into_iter().take(most(limit));
        Ok(due
            .filter_map(|(_, delivery, tenant)| state.lease(tenant, delivery, now.plus(lease)))
            .collect())
    }

    async fn complete(
        &self,
        lease: LeaseToken,
        at: Timestamp,
        provider_id: Option<String>,
    ) -> Result<bool, StoreError> {
        Ok(self.lock().release(lease, |delivery| {
            delivery.status = DeliveryStatus::Sent;
            delivery.sent_at = Some(at);
            delivery.provider_id = provider_id;
        }))
    }

    async fn retry(&self, lease: LeaseToken, at: Timestamp, reason: String) -> Result<bool, StoreError> {
        Ok(self.lock().release(lease, |delivery| {
            delivery.status = DeliveryStatus::Failed;
            delivery.next_attempt_at = at;
            delivery.last_error = Some(reason);
        }))
    }

    async fn bury(&self, lease: LeaseToken, reason: String) -> Result<bool, StoreError> {
        Ok(self.lock().release(lease, |delivery| {
            delivery.status = DeliveryStatus::Dead;
            delivery.last_error = Some(reason);
        }))
    }
}
