//! Who was seen when.

use async_trait::async_trait;
use support_core::{
    model::{AgentId, DepartmentId, Presence, TenantId, Timestamp},
    ports::{PresenceStore, StoreError},
};
use uuid::Uuid;

use crate::{
    SqliteStore,
    query::{all, execute, optional},
    rows::{PresenceRow, stored_time},
    statements::statements,
};

statements! {
    WAS_ONLINE = "select is_online from presences where tenant_id = ?1 and agent_id = ?2";

    SEEN = "insert into presences (tenant_id, agent_id, is_online, is_unhandled, last_seen_at, department_id)
        values (?1, ?2, 1, 0, ?3, ?4)
        on conflict (tenant_id, agent_id) do update set is_online = 1, is_unhandled = 0,
            last_seen_at = max(presences.last_seen_at, excluded.last_seen_at),
            department_id = coalesce(excluded.department_id, presences.department_id)";

    LEFT = "update presences set is_online = 0, is_unhandled = 1
        where tenant_id = ?1 and agent_id = ?2 and is_online";

    /// Over all tenants.
    LAPSE = "update presences set is_online = 0, is_unhandled = 1
        where (tenant_id, agent_id) in (
            select tenant_id, agent_id from presences where is_online and last_seen_at < ?1
            order by last_seen_at limit ?2)
        returning tenant_id, agent_id";

    /// Over all tenants.
    UNHANDLED = "select tenant_id, agent_id from presences where is_unhandled order by tenant_id, agent_id limit ?1";

    HANDLED = "update presences set is_unhandled = 0 where tenant_id = ?1 and agent_id = ?2 and is_unhandled";

    /// Over all tenants.
    TENANTS_ONLINE = "select distinct tenant_id from presences where is_online order by tenant_id limit ?1";

    PRESENCES = "select agent_id, is_online, last_seen_at, department_id
        from presences where tenant_id = ?1 order by agent_id";
}

#[async_trait]
impl PresenceStore for SqliteStore {
    async fn seen(
        &self,
        tenant: TenantId,
        agent: AgentId,
        at: Timestamp,
        department: Option<DepartmentId>,
    ) -> Result<bool, StoreError> {
        let (tenant, agent) = (tenant.uuid(), agent.uuid());
        let (at, department) = (stored_time(at), department.map(DepartmentId::uuid));
        let was_online = self.write(move |transaction| {
            let was_online = optional::<bool>(transaction, WAS_ONLINE, (tenant, agent))?;
            execute(transaction, SEEN, (tenant, agent, at, department))?;
            Ok(was_online)
        });
        Ok(was_online.await? != Some(true))
    }

    async fn left(&self, tenant: TenantId, agent: AgentId) -> Result<bool, StoreError> {
        let changed = self.execute(LEFT, (tenant.uuid(), agent.uuid())).await?;
        Ok(changed == 1)
    }

    async fn lapse(&self, before: Timestamp, limit: u32) -> Result<Vec<(TenantId, AgentId)>, StoreError> {
        let before = stored_time(before);
        let gone = self.write(move |transaction| Ok(all(transaction, LAPSE, (before, limit))?));
        Ok(gone.await?.into_iter().map(agent_of).collect())
    }

    async fn unhandled(&self, limit: u32) -> Result<Vec<(TenantId, AgentId)>, StoreError> {
        let gone = self.fetch_all(UNHANDLED, (limit,)).await?;
        Ok(gone.into_iter().map(agent_of).collect())
    }

    async fn handled(&self, tenant: TenantId, agent: AgentId) -> Result<(), StoreError> {
        self.execute(HANDLED, (tenant.uuid(), agent.uuid())).await?;
        Ok(())
    }

    async fn tenants_online(&self, limit: u32) -> Result<Vec<TenantId>, StoreError> {
        let ids = self.fetch_all::<Uuid>(TENANTS_ONLINE, (limit,)).await?;
        Ok(ids.into_iter().map(TenantId::new).collect())
    }

    async fn presences(&self, tenant: TenantId) -> Result<Vec<Presence>, StoreError> {
        let rows = self.fetch_all::<PresenceRow>(PRESENCES, (tenant.uuid(),)).await?;
        Ok(rows.into_iter().map(PresenceRow::into_presence).collect())
    }
}

fn agent_of((tenant, agent): (Uuid, Uuid)) -> (TenantId, AgentId) {
    (tenant.into(), agent.into())
}
