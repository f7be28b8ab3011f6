//! Signs of life.

use async_trait::async_trait;

use super::{MemoryStore, State, reads::most, state::StoredPresence};
use crate::{
    model::{AgentId, DepartmentId, Presence, TenantId, Timestamp},
    ports::{PresenceStore, StoreError},
};

impl State {
    fn presence(&mut self, tenant: TenantId, agent: AgentId) -> Option<&mut StoredPresence> {
        self.tenants.get_mut(&tenant)?.presences.get_mut(&agent)
    }

    fn everybody(&mut self) -> impl Iterator<Item = (TenantId, &mut StoredPresence)> {
        self.tenants
            .iter_mut()
            .flat_map(|(tenant, own)| own.presences.values_mut().map(|stored| (*tenant, stored)))
    }
}

impl StoredPresence {
    fn go(&mut self) -> bool {
        let was_online = std::mem::replace(&mut self.presence.is_online, false);
        self.is_unhandled |= was_online;
        was_online
    }
}

#[async_trait]
impl PresenceStore for MemoryStore {
    async fn seen(
        &self,
        tenant: TenantId,
        agent: AgentId,
        at: Timestamp,
        department: Option<DepartmentId>,
    ) -> Result<bool, StoreError> {
        let mut state = self.lock();
        let Some(own) = state.tenants.get_mut(&tenant) else {
            return Err(StoreError::Failed(format!("there is no tenant {tenant}")));
        };
        let stored = own.presences.entry(agent).or_insert_with(|| StoredPresence {
            presence: Presence {
                agent,
                is_online: false,
                last_seen_at: at,
                department: None,
            },
            is_unhandled: false,
        });
        let presence = &mut stored.presence;
        presence.last_seen_at = presence.last_seen_at.max(at);
        presence.department = department.or(presence.department);
        stored.is_unhandled = false;
        Ok(!std::mem::replace(&mut presence.is_online, true))
    }

    async fn left(&self, tenant: TenantId, agent: AgentId) -> Result<bool, StoreError> {
        Ok(self.lock().presence(tenant, agent).is_some_and(StoredPresence::go))
    }

    async fn lapse(&self, before: Timestamp, limit: u32) -> Result<Vec<(TenantId, AgentId)>, StoreError> {
        let mut state = self.lock();
        let silent = state
            .everybody()
            .filter(|(_, stored)| stored.presence.is_online && stored.presence.last_seen_at < before);
        let gone = silent.take(most(limit)).map(|(tenant, stored)| {
            stored.go();
            (tenant, stored.presence.agent)
        });
        Ok(gone.collect())
    }

    async fn unhandled(&self, limit: u32) -> Result<Vec<(TenantId, AgentId)>, StoreError> {
        let mut state = self.lock();
        let unhandled = state.everybody().filter(|(_, stored)| stored.is_unhandled);
        Ok(unhandled
            .take(most(limit))
            .map(|(tenant, stored)| (tenant, stored.presence.agent))
            .collect())
    }

    async fn handled(&self, tenant: TenantId, agent: AgentId) -> Result<(), StoreError> {
        if let Some(stored) = self.lock().presence(tenant, agent) {
            stored.is_unhandled = false;
        }
        Ok(())
    }

    async fn tenants_online(&self, limit: u32) -> Result<Vec<TenantId>, StoreError> {
        self.read(|state| {
            let staffed = state
                .tenants
                .iter()
                .filter(|(_, own)| own.presences.values().any(|stored| stored.presence.is_online));
            staffed.map(|(tenant, _)| *tenant).take(most(limit)).collect()
        })
    }

    async fn presences(&self, tenant: TenantId) -> Result<Vec<Presence>, StoreError> {
        self.read_in(tenant, |own| {
            own.presences.values().map(|stored| stored.presence.clone()).collect()
        })
    }
}
