//! Who was seen when.

use async_trait::async_trait;
use support_core::{
    model::{AgentId, DepartmentId, Presence, TenantId, Timestamp},
    ports::{PresenceStore, StoreError},
};
use uuid::Uuid;

use crate::{
    SqliteStore,
    error::store_error,
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
        let mut transaction = self.write().await?;
        let query = sqlx::query_scalar(WAS_ONLINE).bind(tenant.uuid()).bind(agent.uuid());
        let was_online: Option<bool> = query.fetch_optional(&mut *transaction).await.map_err(store_error)?;
        let query = sqlx::query(SEEN).bind(tenant.uuid()).bind(agent.uuid());
        let query = query.bind(stored_time(at)).bind(department.map(DepartmentId::uuid));
        query.execute(&mut *transaction).await.map_err(store_error)?;
        transaction.commit().await.map_err(store_error)?;
        Ok(was_online != Some(true))
    }

    async fn left(&self, tenant: TenantId, agent: AgentId) -> Result<bool, StoreError> {
        let query = sqlx::query(LEFT).bind(tenant.uuid()).bind(agent.uuid());
        let done = query.execute(&self.writer).await.map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }

    async fn lapse(&self, before: Timestamp, limit: u32) -> Result<Vec<(TenantId, AgentId)>, StoreError> {
        let query = sqlx::query_as(LAPSE).bind(stored_time(before)).bind(limit);
        let gone = query.fetch_all(&self.writer).await.map_err(store_error)?;
        Ok(gone.into_iter().map(agent_of).collect())
    }

    async fn unhandled(&self, limit: u32) -> Result<Vec<(TenantId, AgentId)>, StoreError> {
        let mut reader = self.reader().await?;
        let query = sqlx::query_as(UNHANDLED).bind(limit);
        let gone = query.fetch_all(&mut *reader).await.map_err(store_error)?;
        Ok(gone.into_iter().map(agent_of).collect())
    }

    async fn handled(&self, tenant: TenantId, agent: AgentId) -> Result<(), StoreError> {
        let query = sqlx::query(HANDLED).bind(tenant.uuid()).bind(agent.uuid());
        query.execute(&self.writer).await.map_err(store_error)?;
        Ok(())
    }

    async fn tenants_online(&self, limit: u32) -> Result<Vec<TenantId>, StoreError> {
        let mut reader = self.reader().await?;
        let query = sqlx::query_scalar::<_, Uuid>(TENANTS_ONLINE).bind(limit);
        let ids = query.fetch_all(&mut *reader).await.map_err(store_error)?;
        Ok(ids.into_iter().map(TenantId::new).collect())
    }

    async fn presences(&self, tenant: TenantId) -> Result<Vec<Presence>, StoreError> {
        let mut reader = self.reader().await?;
        let query = sqlx::query_as::<_, PresenceRow>(PRESENCES).bind(tenant.uuid());
        let rows = query.fetch_all(&mut *reader).await.map_err(store_error)?;
        Ok(rows.into_iter().map(PresenceRow::into_presence).collect())
    }
}

fn agent_of((tenant, agent): (Uuid, Uuid)) -> (TenantId, AgentId) {
    (tenant.into(), agent.into())
}
