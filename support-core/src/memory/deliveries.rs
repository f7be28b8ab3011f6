//! The queue of what is owed.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use async_trait::async_trait;
use uuid::Uuid;

use super::{
    MemoryStore, State, TenantState,
    reads::{most, page_of},
    state::{Lease, StoredDelivery},
};
use crate::{
    model::{CallbackId, Channel, Delivery, DeliveryId, DeliveryStatus, TenantId, Timestamp},
    ports::{
        DeliveryFilter, DeliveryQueue, DeliveryReads, Lane, LeaseToken, Leased, Page, PageRequest, Settled, StoreError,
    },
};

impl StoredDelivery {
    pub(super) const fn is_unfinished(&self) -> bool {
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
                delivery.ticket.is_some()
                    && other.channel == delivery.channel
                    && other.recipient == delivery.recipient
                    && other.ticket == delivery.ticket
                    && (other.key.is_none() || other.key == delivery.key)
                    && (other.created_at, other.id) < (delivery.created_at, delivery.id)
            })
    }
}

impl State {
    /// What may be taken of a lane now, oldest due first.
    fn due(&self, lane: Lane, now: Timestamp) -> Vec<(Timestamp, DeliveryId)> {
        let Some(own) = self.of(lane.tenant) else {
            return Vec::new();
        };
        let mut due: Vec<_> = own
            .deliveries
            .values()
            .filter(|stored| stored.delivery.channel == lane.channel)
            .filter_map(|stored| Some((stored.due_at()?, stored)))
            .filter(|(due_at, stored)| *due_at <= now && !own.is_held_back(&stored.delivery))
            .map(|(due_at, stored)| (due_at, stored.delivery.id))
            .collect();
        due.sort_unstable();
        due
    }

    fn lanes_due(&self, now: Timestamp) -> BTreeSet<Lane> {
        let of_tenant = |(tenant, own): (&TenantId, &TenantState)| {
            let due = own.deliveries.values();
            let due = due.filter(|stored| stored.due_at().is_some_and(|due_at| due_at <= now));
            due.map(|stored| Lane {
                tenant: *tenant,
                channel: stored.delivery.channel,
            })
            .collect::<Vec<_>>()
        };
        self.tenants.iter().flat_map(of_tenant).collect()
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
    fn settle(&mut self, lease: LeaseToken, settled: Settled) -> Option<()> {
        let own = self.tenants.get_mut(&lease.tenant)?;
        let stored = own.deliveries.get_mut(&lease.delivery)?;
        stored.lease.take_if(|held| held.token == lease.token)?;
        if settled == Settled::Withdrawn {
            own.deliveries.remove(&lease.delivery);
        } else {
            stored.delivery.settle(settled);
        }
        Some(())
    }
}

impl Delivery {
    fn settle(&mut self, settled: Settled) {
        match settled {
            Settled::Sent {
                at,
                provider_id,
                remark,
            } => {
                self.status = DeliveryStatus::Sent;
                self.sent_at = Some(at);
                self.provider_id = provider_id;
                self.last_error = remark;
            }
            Settled::Retry {
                at,
                reason,
                recipient,
                is_counted,
            } => {
                self.status = DeliveryStatus::Failed;
                self.attempts = self.attempts.saturating_sub(u32::from(!is_counted));
                self.next_attempt_at = at;
                self.last_error = Some(reason);
                if let Some(recipient) = recipient {
                    self.recipient = recipient;
                }
            }
            Settled::Dead { reason } => {
                self.status = DeliveryStatus::Dead;
                self.last_error = Some(reason);
            }
            Settled::Postponed { until } => {
                self.attempts = self.attempts.saturating_sub(1);
                self.status = if self.last_error.is_none() {
                    DeliveryStatus::Queued
                } else {
                    DeliveryStatus::Failed
                };
                self.next_attempt_at = until;
            }
            Settled::Withdrawn => {}
        }
    }
}

#[async_trait]
impl DeliveryQueue for MemoryStore {
    async fn lanes_due(&self, now: Timestamp, limit: u32) -> Result<Vec<Lane>, StoreError> {
        self.read(|state| state.lanes_due(now).into_iter().take(most(limit)).collect())
    }

    async fn claim(&self, lane: Lane, now: Timestamp, lease: Duration, limit: u32) -> Result<Vec<Leased>, StoreError> {
        let mut state = self.lock();
        let due = state.due(lane, now).into_iter().take(most(limit));
        Ok(due
            .filter_map(|(_, delivery)| state.lease(lane.tenant, delivery, now.plus(lease)))
            .collect())
    }

    async fn settle(&self, lease: LeaseToken, settled: Settled) -> Result<bool, StoreError> {
        Ok(self.lock().settle(lease, settled).is_some())
    }

    async fn revive(&self, tenant: TenantId, delivery: DeliveryId, at: Timestamp) -> Result<bool, StoreError> {
        let mut state = self.lock();
        let stored = state
            .tenants
            .get_mut(&tenant)
            .and_then(|own| own.deliveries.get_mut(&delivery));
        let Some(StoredDelivery { delivery, .. }) =
            stored.filter(|stored| matches!(stored.delivery.status, DeliveryStatus::Dead | DeliveryStatus::Failed))
        else {
            return Ok(false);
        };
        delivery.status = DeliveryStatus::Failed;
        delivery.attempts = 0;
        delivery.next_attempt_at = at;
        Ok(true)
    }
}

#[async_trait]
impl DeliveryReads for MemoryStore {
    async fn delivery(&self, tenant: TenantId, delivery: DeliveryId) -> Result<Option<Delivery>, StoreError> {
        self.read(|state| Some(state.of(tenant)?.deliveries.get(&delivery)?.delivery.clone()))
    }

    async fn deliveries(
        &self,
        tenant: TenantId,
        filter: &DeliveryFilter,
        page: PageRequest,
    ) -> Result<Page<Delivery>, StoreError> {
        let DeliveryFilter {
            status,
            channel,
            recipient,
        } = filter;
        let found = self.sorted_deliveries(tenant, |delivery| {
            status.is_none_or(|status| delivery.status == status)
                && channel.is_none_or(|channel| delivery.channel == channel)
                && recipient
                    .as_ref()
                    .is_none_or(|recipient| delivery.recipient == *recipient)
        })?;
        Ok(page_of(found, page))
    }

    async fn deliveries_of_callbacks(
        &self,
        tenant: TenantId,
        callbacks: &[CallbackId],
    ) -> Result<Vec<Delivery>, StoreError> {
        let mut found = self.sorted_deliveries(tenant, |delivery| {
            delivery.callback.is_some_and(|callback| callbacks.contains(&callback))
        })?;
        found.reverse();
        Ok(found)
    }

    async fn deliveries_with_key(&self, tenant: TenantId, key: &str, limit: u32) -> Result<Vec<Delivery>, StoreError> {
        let mut found = self.sorted_deliveries(tenant, |delivery| delivery.key.as_deref() == Some(key))?;
        found.truncate(most(limit));
        Ok(found)
    }

    async fn deliveries_owed(&self) -> Result<Vec<(Channel, DeliveryStatus, u64)>, StoreError> {
        self.read(|state| {
            let mut owed = BTreeMap::new();
            for stored in state.tenants.values().flat_map(|own| own.deliveries.values()) {
                if stored.is_unfinished() {
                    *owed
                        .entry((stored.delivery.channel, stored.delivery.status))
                        .or_default() += 1;
                }
            }
            owed.into_iter()
                .map(|((channel, status), count)| (channel, status, count))
                .collect()
        })
    }
}

impl MemoryStore {
    /// Newest first.
    fn sorted_deliveries(
        &self,
        tenant: TenantId,
        is_wanted: impl Fn(&Delivery) -> bool,
    ) -> Result<Vec<Delivery>, StoreError> {
        self.read(|state| {
            let all = state.of(tenant).into_iter().flat_map(|own| own.deliveries.values());
            let wanted = all
                .map(|stored| &stored.delivery)
                .filter(|delivery| is_wanted(delivery));
            let mut found: Vec<_> = wanted.cloned().collect();
            found.sort_by_key(|delivery| std::cmp::Reverse((delivery.created_at, delivery.id)));
            found
        })
    }
}
