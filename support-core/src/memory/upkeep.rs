//! Forgetting what has served its time.

use std::collections::BTreeMap;

use async_trait::async_trait;

use super::{MemoryStore, State, TenantState, reads::most};
use crate::{
    model::Timestamp,
    ports::{StoreError, Upkeep},
};

/// Removes at most `limit` entries for which `is_over` holds from one map of every tenant.
fn forget<K: Ord + Clone + 'static, V: 'static>(
    state: &mut State,
    map: impl Fn(&mut TenantState) -> &mut BTreeMap<K, V>,
    is_over: impl Fn(&V) -> bool,
    limit: u32,
) -> u64 {
    let mut left = most(limit);
    for tenant in state.tenants.values_mut() {
        let entries = map(tenant);
        entries.retain(|_, value| {
            let goes = left > 0 && is_over(value);
            left = left.saturating_sub(usize::from(goes));
            !goes
        });
    }
    u64::try_from(most(limit).saturating_sub(left)).unwrap_or(u64::MAX)
}

#[async_trait]
impl Upkeep for MemoryStore {
    async fn forget_expired(
        &self,
        now: Timestamp,
        requests_before: Timestamp,
        guards_before: Timestamp,
        sent_before: Timestamp,
        limit: u32,
    ) -> Result<u64, StoreError> {
        let mut state = self.lock();
        let tokens = forget(
            &mut state,
            |own| &mut own.revoked_tokens,
            |expires_at| *expires_at <= now,
            limit,
        );
        let requests = forget(
            &mut state,
            |own| &mut own.requests,
            |kept| kept.created_at < requests_before,
            limit,
        );
        let guards = forget(
            &mut state,
            |own| &mut own.login_guards,
            |guard| guard.counted_from < guards_before && guard.locked_for(now).is_none(),
            limit,
        );
        let sent = forget(
            &mut state,
            |own| &mut own.deliveries,
            |stored| stored.delivery.sent_at.is_some_and(|at| at < sent_before),
            limit,
        );
        Ok([tokens, requests, guards, sent]
            .into_iter()
            .fold(0, u64::saturating_add))
    }

    async fn wipe(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn ping(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
