//! Who was seen when.

use async_trait::async_trait;
use support_core::{
    model::{AgentId, DepartmentId, Presence, TenantId, Timestamp},
    ports::{PresenceStore, StoreError},
};
use uuid::Uuid;

use crate::{
    PostgresStore,
    error::store_error,
    rows::{PresenceRow, stored_time},
    statements::statements,
};

statements! {
    /// Somebody never seen before counts as not online; the row is there to be locked by the next statement.
    FIRST_SEEN = "insert into presences (tenant_id, agent_id, is_online, is_unhandled, last_seen_at, department_id)
        values ($1, $2, false, false, $3, $4) on conflict (tenant_id, agent_id) do nothing";

    SEEN = "update presences p set is_online = true, is_unhandled = false,
            last_seen_at = greatest(p.last_seen_at, $3), department_id = coalesce($4, p.department_id)
        from (select tenant_id, agent_id, is_online from presences
            where tenant_id = $1 and agent_id = $2 for update) before
        where p.tenant_id = before.tenant_id and p.agent_id = before.agent_id
        returning before.is_online";

    LEFT = "update presences set is_online = false, is_unhandled = true
        where tenant_id = $1 and agent_id = $2 and is_online";

    /// Over all tenants.
    LAPSE = "update presences set is_online = false, is_unhandled = true
        where (tenant_id, agent_id) in (
            select tenant_id, agent_id from presences where is_online and last_seen_at < $1
            order by last_seen_at limit $2 for update skip locked)
        returning tenant_id, agent_id";

    /// Over all tenants.
    UNHANDLED = "select tenant_id, agent_id from presences where is_unhandled order by tenant_id, agent_id limit $1";

    HANDLED = "update presences set is_unhandled = false where tenant_id = $1 and agent_id = $2 and is_unhandled";

    /// Over all tenants.
    TENANTS_ONLINE = "select distinct tenant_id from presences where is_online order by tenant_id limit $1";

    PRESENCES = "select agent_id, is_online, last_seen_at, department_id
        from presences where tenant_id = $1 order by agent_id";
}

#[async_trait]
impl PresenceStore for PostgresStore {
    async fn seen(
        &self,
        tenant: TenantId,
        agent: AgentId,
        at: Timestamp,
        department: Option<DepartmentId>,
    ) -> Result<bool, StoreError> {
        let mut writer = self.reader(tenant).await?;
        let seen = || {
            let query = sqlx::query_scalar::<_, bool>(SEEN)
                .bind(tenant.uuid())
                .bind(agent.uuid());
            query.bind(stored_time(at)).bind(department.map(DepartmentId::uuid))
        };
        if let Some(was_online) = seen().fetch_optional(&mut *writer).await.map_err(store_error)? {
            return Ok(!was_online);
        }
        let query = sqlx::query(FIRST_SEEN).bind(tenant.uuid()).bind(agent.uuid());
        let query = query.bind(stored_time(at)).bind(department.map(DepartmentId::uuid));
        query.execute(&mut *writer).await.map_err(store_error)?;
        let was_online = seen().fetch_one(&mut *writer).await.map_err(store_error)?;
        Ok(!was_online)
    }

    async fn left(&self, tenant: TenantId, agent: AgentId) -> Result<bool, StoreError> {
        let mut writer = self.reader(tenant).await?;
        let query = sqlx::query(LEFT).bind(tenant.uuid()).bind(agent.uuid());
        let done = query.execute(&mut *writer).await.map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }

    async fn lapse(&self, before: Timestamp, limit: u32) -> Result<Vec<(TenantId, AgentId)>, StoreError> {
        let mut writer = self.overseer().await?;
        let query = sqlx::query_as(LAPSE).bind(stored_time(before)).bind(i64::from(limit));
        let gone = query.fetch_all(&mut *writer).await.map_err(store_error)?;
        Ok(gone.into_iter().map(agent_of).collect())
    }

    async fn unhandled(&self, limit: u32) -> Result<Vec<(TenantId, AgentId)>, StoreError> {
        let mut reader = self.overseer().await?;
        let query = sqlx::query_as(UNHANDLED).bind(i64::from(limit));
        let gone = query.fetch_all(&mut *reader).await.map_err(store_error)?;
        Ok(gone.into_iter().map(agent_of).collect())
    }

    async fn handled(&self, tenant: TenantId, agent: AgentId) -> Result<(), StoreError> {
        let mut writer = self.reader(tenant).await?;
        let query = sqlx::query(HANDLED).bind(tenant.uuid()).bind(agent.uuid());
        query.execute(&mut *writer).await.map_err(store_error)?;
        Ok(())
    }

    async fn tenants_online(&self, limit: u32) -> Result<Vec<TenantId>, StoreError> {
        let mut reader = self.overseer().await?;
        let query = sqlx::query_scalar::<_, Uuid>(TENANTS_ONLINE).bind(i64::from(limit));
        let ids = query.fetch_all(&mut *reader).await.map_err(store_error)?;
        Ok(ids.into_iter().map(TenantId::new).collect())
    }

    async fn presences(&self, tenant: TenantId) -> Result<Vec<Presence>, StoreError> {
        let mut reader = self.reader(tenant).await?;
        let query = sqlx::query_as::<_, PresenceRow>(PRESENCES).bind(tenant.uuid());
        let rows = query.fetch_all(&mut *reader).await.map_err(store_error)?;
        Ok(rows.into_iter().map(PresenceRow::into_presence).collect())
    }
}

fn agent_of((tenant, agent): (Uuid, Uuid)) -> (TenantId, AgentId) {
    (tenant.into(), agent.into())
}
