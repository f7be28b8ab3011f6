//! Reading callbacks and webhooks.

use std::collections::BTreeMap;

use async_trait::async_trait;

use super::{
    MemoryStore,
    reads::{most, page_of},
};
use crate::{
    model::{
        AgentId, Callback, CallbackCounts, CallbackId, CallbackStatus, CannedResponse, CannedResponseId,
        MOST_EMPLOYEE_IDS, PendingCallbacks, QuarterHour, TenantId, Timestamp, Webhook, WebhookId, callback_ages,
    },
    ports::{
        CallbackFilter, CallbackReads, CannedResponseReads, OverdueCallback, Page, PageRequest, StoreError,
        WebhookReads,
    },
};

impl MemoryStore {
    fn callbacks_where(
        &self,
        tenant: TenantId,
        is_wanted: impl Fn(&Callback) -> bool,
    ) -> Result<Vec<Callback>, StoreError> {
        self.read(|state| {
            let all = state.of(tenant).into_iter().flat_map(|own| own.callbacks.values());
            all.filter(|callback| is_wanted(callback)).cloned().collect()
        })
    }

    fn callbacks_anywhere(
        &self,
        limit: u32,
        is_wanted: impl Fn(&Callback) -> bool,
    ) -> Result<Vec<(TenantId, CallbackId)>, StoreError> {
        self.read(|state| {
            let mut found = Vec::new();
            for (tenant, own) in &state.tenants {
                let wanted = own.callbacks.values().filter(|callback| is_wanted(callback));
                found.extend(wanted.map(|callback| (callback.due_at(), *tenant, callback.id)));
            }
            found.sort_unstable();
            let found = found.into_iter().map(|(_, tenant, callback)| (tenant, callback));
            found.take(most(limit)).collect()
        })
    }
}

impl CallbackFilter {
    fn admits(&self, callback: &Callback) -> bool {
        let Self {
            status,
            assigned_to,
            customer,
            from,
            to,
        } = self;
        status.is_none_or(|status| callback.status == status)
            && assigned_to.is_none_or(|agent| callback.assigned_to == Some(agent))
            && customer.is_none_or(|customer| callback.customer == Some(customer))
            && from.is_none_or(|from| callback.created_at >= from)
            && to.is_none_or(|to| callback.created_at < to)
    }
}

#[async_trait]
impl CallbackReads for MemoryStore {
    async fn callback(&self, tenant: TenantId, callback: CallbackId) -> Result<Option<Callback>, StoreError> {
        self.read(|state| state.of(tenant)?.callbacks.get(&callback).cloned())
    }

    async fn callback_by_number(
        &self,
        tenant: TenantId,
        number: &str,
        since: Timestamp,
    ) -> Result<Option<Callback>, StoreError> {
        let found = self.callbacks_where(tenant, |callback| {
            callback.created_at >= since && callback.number_key() == number
        })?;
        Ok(found
            .into_iter()
            .max_by_key(|callback| (callback.created_at, callback.id)))
    }

    async fn callbacks(
        &self,
        tenant: TenantId,
        filter: &CallbackFilter,
        page: PageRequest,
    ) -> Result<Page<Callback>, StoreError> {
        let mut found = self.callbacks_where(tenant, |callback| filter.admits(callback))?;
        found.sort_by_key(|callback| std::cmp::Reverse((callback.created_at, callback.id)));
        Ok(page_of(found, page))
    }

    async fn unassigned_callbacks(
        &self,
        tenant: TenantId,
        before: Timestamp,
        limit: u32,
    ) -> Result<Vec<Callback>, StoreError> {
        let mut found = self.callbacks_where(tenant, |callback| {
            callback.status == CallbackStatus::Pending && callback.assigned_to.is_none() && callback.due_at() <= before
        })?;
        found.sort_by_key(|callback| (callback.due_at(), callback.id));
        found.truncate(most(limit));
        Ok(found)
    }

    async fn unfinished_callbacks_of_agent(
        &self,
        tenant: TenantId,
        agent: AgentId,
        limit: u32,
    ) -> Result<Vec<Callback>, StoreError> {
        let mut found = self.callbacks_where(tenant, |callback| {
            callback.status.is_unfinished() && callback.assigned_to == Some(agent)
        })?;
        found.sort_by_key(|callback| (callback.created_at, callback.id));
        found.truncate(most(limit));
        Ok(found)
    }

    async fn callback_counts(
        &self,
        tenant: TenantId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<CallbackCounts, StoreError> {
        let is_within = |at: Timestamp| at >= from && at < to;
        let came_in = self.callbacks_where(tenant, |callback| is_within(callback.created_at))?;
        let resolved = self.callbacks_where(tenant, |callback| callback.resolved_at.is_some_and(is_within))?;
        let mut counts = CallbackCounts::default();
        let mut by_status = BTreeMap::<_, u64>::new();
        let mut by_quarter_hour = BTreeMap::<_, (u64, u64)>::new();
        let mut by_employee = BTreeMap::<_, u64>::new();
        for callback in &came_in {
            *by_status.entry(callback.status).or_default() += 1;
            by_quarter_hour
                .entry(QuarterHour::beginning(callback.created_at))
                .or_default()
                .0 += 1;
            if let Some(employee) = &callback.employee_id {
                *by_employee.entry(employee.clone()).or_default() += 1;
            }
            if let Some(contacted_at) = callback.contacted_at {
                let millis = contacted_at.since(callback.created_at).as_millis();
                counts.millis_to_contact += u64::try_from(millis).unwrap_or(u64::MAX);
                counts.contacted += 1;
            }
        }
        for resolved_at in resolved.iter().filter_map(|callback| callback.resolved_at) {
            by_quarter_hour
                .entry(QuarterHour::beginning(resolved_at))
                .or_default()
                .1 += 1;
        }
        counts.by_status = by_status.into_iter().collect();
        counts.by_quarter_hour = by_quarter_hour
            .into_iter()
            .map(|(at, (requests, resolved))| QuarterHour { at, requests, resolved })
            .collect();
        counts.top_employee_ids = by_employee.into_iter().collect();
        counts
            .top_employee_ids
            .sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        counts.top_employee_ids.truncate(most(MOST_EMPLOYEE_IDS));
        Ok(counts)
    }

    async fn pending_callbacks(&self, tenant: TenantId, now: Timestamp) -> Result<PendingCallbacks, StoreError> {
        let pending = self.callbacks_where(tenant, |callback| callback.status == CallbackStatus::Pending)?;
        let mut counted = PendingCallbacks::default();
        let bounds = callback_ages(now);
        for callback in pending {
            let age = bounds.iter().take_while(|bound| callback.due_at() <= **bound).count();
            if let Some(count) = counted.by_age.get_mut(age) {
                *count += 1;
            }
            counted.overdue += u64::from(callback.is_overdue(now));
        }
        Ok(counted)
    }

    async fn callbacks_to_remind(
        &self,
        before: Timestamp,
        limit: u32,
    ) -> Result<Vec<(TenantId, CallbackId)>, StoreError> {
        self.callbacks_anywhere(limit, |callback| {
            callback.status.is_unfinished()
                && callback.assigned_to.is_some()
                && callback.reminded_at.is_none()
                && callback.scheduled_at.is_some_and(|at| at <= before)
        })
    }

    async fn callbacks_overdue(
        &self,
        now: Timestamp,
        after: Option<OverdueCallback>,
        limit: u32,
    ) -> Result<Vec<OverdueCallback>, StoreError> {
        self.read(|state| {
            let all = state.tenants.iter();
            let all = all.flat_map(|(tenant, own)| own.callbacks.values().map(|callback| (*tenant, callback)));
            let unnoticed = all.filter(|(_, callback)| callback.is_overdue(now) && callback.escalated_at.is_none());
            let mut found: Vec<_> = unnoticed
                .filter_map(|(tenant, callback)| {
                    Some(OverdueCallback {
                        at: callback.overdue_at?,
                        tenant,
                        callback: callback.id,
                    })
                })
                .filter(|found| after.is_none_or(|after| *found > after))
                .collect();
            found.sort_unstable();
            found.truncate(most(limit));
            found
        })
    }
}

#[async_trait]
impl WebhookReads for MemoryStore {
    async fn webhook(&self, tenant: TenantId, webhook: WebhookId) -> Result<Option<Webhook>, StoreError> {
        self.read(|state| state.of(tenant)?.webhooks.get(&webhook).cloned())
    }

    async fn webhooks(&self, tenant: TenantId) -> Result<Vec<Webhook>, StoreError> {
        self.read(|state| {
            let all = state.of(tenant).into_iter().flat_map(|own| own.webhooks.values());
            let mut all: Vec<_> = all.cloned().collect();
            all.sort_by_key(|webhook| (webhook.created_at, webhook.id));
            all
        })
    }

    async fn webhooks_behind(&self, limit: u32) -> Result<Vec<(TenantId, WebhookId)>, StoreError> {
        self.read(|state| {
            let mut found = Vec::new();
            for (tenant, own) in &state.tenants {
                let active = own.webhooks.values().filter(|webhook| webhook.is_active);
                let behind = active.filter(|webhook| webhook.cursor < own.last_event());
                found.extend(behind.map(|webhook| (*tenant, webhook.id)));
            }
            found.truncate(most(limit));
            found
        })
    }
}

#[async_trait]
impl CannedResponseReads for MemoryStore {
    async fn canned_response(
        &self,
        tenant: TenantId,
        response: CannedResponseId,
    ) -> Result<Option<CannedResponse>, StoreError> {
        self.read(|state| state.of(tenant)?.canned_responses.get(&response).cloned())
    }

    async fn canned_responses(&self, tenant: TenantId) -> Result<Vec<CannedResponse>, StoreError> {
        self.read(|state| {
            let all = state.of(tenant).into_iter();
            let mut all: Vec<_> = all.flat_map(|own| own.canned_responses.values()).cloned().collect();
            all.sort_by(|first, second| first.shortcut.cmp(&second.shortcut));
            all
        })
    }
}
