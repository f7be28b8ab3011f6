//! The queue of what is owed to the outside.

use std::{collections::HashMap, time::Duration};

use async_trait::async_trait;
use sqlx::Row;
use support_core::{
    model::Timestamp,
    ports::{DeliveryQueue, LeaseToken, Leased, StoreError},
};
use uuid::Uuid;

use crate::{
    ALL_TENANTS, PostgresStore,
    error::store_error,
    rows::{DeliveryRow, stored_time},
    statements::statements,
};

statements! {
    /// Over all tenants. Others' claims under way are passed over; what they claimed meanwhile no longer fits.
    DUE = "with due as (
            (select tenant_id, id, next_attempt_at as due_at from deliveries d
                where status in ('queued', 'failed') and next_attempt_at <= $1
                    and not exists (select 1 from deliveries earlier
                        where earlier.tenant_id = d.tenant_id and earlier.channel = d.channel
                            and earlier.recipient = d.recipient and earlier.ticket_id is not distinct from d.ticket_id
                            and earlier.status in ('queued', 'failed', 'sending')
                            and (earlier.created_at, earlier.id) < (d.created_at, d.id))
                order by next_attempt_at, id limit $2)
            union all
            (select tenant_id, id, lease_until as due_at from deliveries d
                where status = 'sending' and lease_until <= $1
                    and not exists (select 1 from deliveries earlier
                        where earlier.tenant_id = d.tenant_id and earlier.channel = d.channel
                            and earlier.recipient = d.recipient and earlier.ticket_id is not distinct from d.ticket_id
                            and earlier.status in ('queued', 'failed', 'sending')
                            and (earlier.created_at, earlier.id) < (d.created_at, d.id))
                order by lease_until, id limit $2))
        select d.tenant_id, d.id from due join deliveries d on d.tenant_id = due.tenant_id and d.id = due.id
        where (d.status in ('queued', 'failed') and d.next_attempt_at <= $1)
            or (d.status = 'sending' and d.lease_until <= $1)
        order by due.due_at, d.id limit $2 for update of d skip locked";

    LEASE = "update deliveries
        set status = 'sending', attempts = attempts + 1, lease_token = gen_random_uuid(), lease_until = $3
        where (tenant_id, id) in (select * from unnest($1::uuid[], $2::uuid[]))
        returning tenant_id, id, channel, recipient, ticket_id, notice, status, attempts, last_error, next_attempt_at,
            lease_token, sent_at, provider_id, created_at";

    COMPLETE = "update deliveries
        set status = 'sent', sent_at = $4, provider_id = $5, lease_token = null, lease_until = null
        where tenant_id = $1 and id = $2 and lease_token = $3 and status = 'sending'";

    RETRY = "update deliveries
        set status = 'failed', next_attempt_at = $4, last_error = $5, lease_token = null, lease_until = null
        where tenant_id = $1 and id = $2 and lease_token = $3 and status = 'sending'";

    BURY = "update deliveries
        set status = 'dead', last_error = $4, lease_token = null, lease_until = null
        where tenant_id = $1 and id = $2 and lease_token = $3 and status = 'sending'";
}

#[async_trait]
impl DeliveryQueue for PostgresStore {
    async fn claim(&self, now: Timestamp, lease: Duration, limit: u32) -> Result<Vec<Leased>, StoreError> {
        let mut transaction = self.write(ALL_TENANTS).await?;
        let query = sqlx::query(DUE).bind(stored_time(now)).bind(i64::from(limit));
        let due = query.fetch_all(&mut *transaction).await.map_err(store_error)?;
        if due.is_empty() {
            return Ok(Vec::new());
        }
        let keys = due
            .iter()
            .map(|row| Ok((row.try_get("tenant_id")?, row.try_get("id")?)));
        let keys: Vec<(Uuid, Uuid)> = keys.collect::<Result<_, _>>().map_err(store_error)?;
        let query = sqlx::query_as::<_, DeliveryRow>(LEASE);
        let (tenants, ids): (Vec<Uuid>, Vec<Uuid>) = keys.iter().copied().unzip();
        let query = query.bind(tenants).bind(ids).bind(stored_time(now.plus(lease)));
        let leased = query.fetch_all(&mut *transaction).await.map_err(store_error)?;
        transaction.commit().await.map_err(store_error)?;
        in_order(&keys, leased)
    }

    async fn complete(
        &self,
        lease: LeaseToken,
        at: Timestamp,
        provider_id: Option<String>,
    ) -> Result<bool, StoreError> {
        let mut writer = self.reader(lease.tenant).await?;
        let query = sqlx::query(COMPLETE)
            .bind(lease.tenant.uuid())
            .bind(lease.delivery.uuid());
        let query = query.bind(lease.token).bind(stored_time(at)).bind(provider_id);
        let done = query.execute(&mut *writer).await.map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }

    async fn retry(&self, lease: LeaseToken, at: Timestamp, reason: String) -> Result<bool, StoreError> {
        let mut writer = self.reader(lease.tenant).await?;
        let query = sqlx::query(RETRY).bind(lease.tenant.uuid()).bind(lease.delivery.uuid());
        let query = query.bind(lease.token).bind(stored_time(at)).bind(reason);
        let done = query.execute(&mut *writer).await.map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }

    async fn bury(&self, lease: LeaseToken, reason: String) -> Result<bool, StoreError> {
        let mut writer = self.reader(lease.tenant).await?;
        let query = sqlx::query(BURY).bind(lease.tenant.uuid()).bind(lease.delivery.uuid());
        let query = query.bind(lease.token).bind(reason);
        let done = query.execute(&mut *writer).await.map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }
}

/// The leased rows, which come in any order, in the order in which they were due.
fn in_order(keys: &[(Uuid, Uuid)], rows: Vec<DeliveryRow>) -> Result<Vec<Leased>, StoreError> {
    let mut rows: HashMap<_, _> = rows.into_iter().map(|row| ((row.tenant_id, row.id), row)).collect();
    let rows = keys.iter().filter_map(|key| rows.remove(key));
    rows.map(DeliveryRow::into_leased).collect()
}
