//! The queue of what is owed to the outside.

use std::{collections::HashMap, time::Duration};

use async_trait::async_trait;
use sqlx::{Row, postgres::PgRow};
use support_core::{
    model::{Channel, DeliveryId, TenantId, Timestamp},
    ports::{DeliveryQueue, Lane, LeaseToken, Leased, Settled, StoreError},
};
use uuid::Uuid;

use crate::{
    PostgresStore,
    error::store_error,
    named,
    rows::{DeliveryRow, parsed, stored_time},
    statements::statements,
};

statements! {
    /// Over all tenants. From one tenant that owes something to the next, and in each through the
    /// channels, so that what is asked grows with the lanes and not with what is owed in them.
    LANES_DUE = "with recursive owing (tenant_id) as (
            (select tenant_id from deliveries
                where status in ('queued', 'failed', 'sending') order by tenant_id limit 1)
            union all
            select (select d.tenant_id from deliveries d
                    where d.status in ('queued', 'failed', 'sending') and d.tenant_id > owing.tenant_id
                    order by d.tenant_id limit 1)
                from owing where owing.tenant_id is not null)
        select owing.tenant_id, way.channel from owing cross join unnest($3::text[]) way (channel)
            cross join lateral (select 1 from deliveries d
                where d.tenant_id = owing.tenant_id and d.channel = way.channel
                    and d.status in ('queued', 'failed', 'sending')
                    and case when d.lease_until is null then d.next_attempt_at else d.lease_until end <= $1
                order by case when d.lease_until is null then d.next_attempt_at else d.lease_until end limit 1) due
        where owing.tenant_id is not null
        limit $2";

    /// Comes out of the index in order and ends at the limit, so that a long backlog costs no more
    /// than a short one; what is held back by an older one is passed over. So is what somebody else is
    /// just taking, and what they took meanwhile no longer fits.
    DUE = "select d.id from deliveries d
        where d.tenant_id = $1 and d.channel = $2 and d.status in ('queued', 'failed', 'sending')
            and case when d.lease_until is null then d.next_attempt_at else d.lease_until end <= $3
            and (d.ticket_id is null or not exists (
                select 1 from deliveries earlier
                where earlier.tenant_id = d.tenant_id and earlier.channel = d.channel
                    and earlier.recipient = d.recipient and earlier.ticket_id = d.ticket_id
                    and earlier.status in ('queued', 'failed', 'sending')
                    and (earlier.gather_key is null or earlier.gather_key = d.gather_key)
                    and (earlier.created_at, earlier.id) < (d.created_at, d.id)))
        order by case when d.lease_until is null then d.next_attempt_at else d.lease_until end, d.id
        limit $4 for update of d skip locked";

    LEASE = "update deliveries
        set status = 'sending', attempts = attempts + 1, lease_token = gen_random_uuid(), lease_until = $3
        where tenant_id = $1 and id = any ($2)
        returning tenant_id, id, channel, recipient, ticket_id, callback_id, gather_key, notice, status, attempts,
            last_error, next_attempt_at, lease_token, sent_at, provider_id, created_at";

    SENT = "update deliveries set status = 'sent', sent_at = $4, provider_id = $5, last_error = $6,
            lease_token = null, lease_until = null
        where tenant_id = $1 and id = $2 and lease_token = $3 and status = 'sending'";

    RETRY = "update deliveries set status = 'failed', next_attempt_at = $4, last_error = $5,
            recipient = coalesce($6, recipient), attempts = attempts - $7, lease_token = null, lease_until = null
        where tenant_id = $1 and id = $2 and lease_token = $3 and status = 'sending'";

    DEAD = "update deliveries set status = 'dead', last_error = $4, lease_token = null, lease_until = null
        where tenant_id = $1 and id = $2 and lease_token = $3 and status = 'sending'";

    POSTPONE = "update deliveries set status = case when last_error is null then 'queued' else 'failed' end,
            attempts = greatest(attempts - 1, 0), next_attempt_at = $4, lease_token = null, lease_until = null
        where tenant_id = $1 and id = $2 and lease_token = $3 and status = 'sending'";

    WITHDRAW = "delete from deliveries
        where tenant_id = $1 and id = $2 and lease_token = $3 and status = 'sending'";

    REVIVE = "update deliveries set status = 'failed', attempts = 0, next_attempt_at = $3
        where tenant_id = $1 and id = $2 and status in ('dead', 'failed')";
}

/// A lane as it is stored.
#[derive(Debug)]
struct LaneRow {
    tenant_id: Uuid,
    channel: String,
}

impl sqlx::FromRow<'_, PgRow> for LaneRow {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        Ok(Self {
            tenant_id: row.try_get("tenant_id")?,
            channel: row.try_get("channel")?,
        })
    }
}

impl LaneRow {
    fn into_lane(self) -> Result<Lane, StoreError> {
        Ok(Lane {
            tenant: self.tenant_id.into(),
            channel: parsed("deliveries", &self.channel)?,
        })
    }
}

#[async_trait]
impl DeliveryQueue for PostgresStore {
    async fn lanes_due(&self, now: Timestamp, limit: u32) -> Result<Vec<Lane>, StoreError> {
        let mut reader = self.overseer().await?;
        let channels: Vec<_> = Channel::ALL.iter().map(|channel| channel.as_str()).collect();
        let query = sqlx::query_as::<_, LaneRow>(LANES_DUE).bind(stored_time(now));
        let query = query.bind(i64::from(limit)).bind(channels);
        let rows = query.fetch_all(&mut *reader).await.map_err(store_error)?;
        rows.into_iter().map(LaneRow::into_lane).collect()
    }

    async fn claim(&self, lane: Lane, now: Timestamp, lease: Duration, limit: u32) -> Result<Vec<Leased>, StoreError> {
        let mut transaction = self.write(&named([lane.tenant])).await?;
        let query = sqlx::query_scalar::<_, Uuid>(DUE).bind(lane.tenant.uuid());
        let query = query.bind(lane.channel.as_str()).bind(stored_time(now));
        let query = query.bind(i64::from(limit));
        let due = query.fetch_all(&mut *transaction).await.map_err(store_error)?;
        if due.is_empty() {
            return Ok(Vec::new());
        }
        let query = sqlx::query_as::<_, DeliveryRow>(LEASE).bind(lane.tenant.uuid());
        let query = query.bind(&due).bind(stored_time(now.plus(lease)));
        let leased = query.fetch_all(&mut *transaction).await.map_err(store_error)?;
        transaction.commit().await.map_err(store_error)?;
        in_order(&due, leased)
    }

    async fn settle(&self, lease: LeaseToken, settled: Settled) -> Result<bool, StoreError> {
        let mut writer = self.reader(lease.tenant).await?;
        let held = |statement| {
            let query = sqlx::query(statement).bind(lease.tenant.uuid());
            query.bind(lease.delivery.uuid()).bind(lease.token)
        };
        let query = match settled {
            Settled::Sent {
                at,
                provider_id,
                remark,
            } => held(SENT).bind(stored_time(at)).bind(provider_id).bind(remark),
            Settled::Retry {
                at,
                reason,
                recipient,
                is_counted,
            } => {
                let query = held(RETRY).bind(stored_time(at)).bind(reason).bind(recipient);
                query.bind(i64::from(!is_counted))
            }
            Settled::Dead { reason } => held(DEAD).bind(reason),
            Settled::Postponed { until } => held(POSTPONE).bind(stored_time(until)),
            Settled::Withdrawn => held(WITHDRAW),
        };
        let done = query.execute(&mut *writer).await.map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }

    async fn revive(&self, tenant: TenantId, delivery: DeliveryId, at: Timestamp) -> Result<bool, StoreError> {
        let mut writer = self.reader(tenant).await?;
        let query = sqlx::query(REVIVE).bind(tenant.uuid()).bind(delivery.uuid());
        let query = query.bind(stored_time(at));
        let done = query.execute(&mut *writer).await.map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }
}

/// The leased rows, which come in any order, in the order in which they were due.
fn in_order(due: &[Uuid], rows: Vec<DeliveryRow>) -> Result<Vec<Leased>, StoreError> {
    let mut rows: HashMap<_, _> = rows.into_iter().map(|row| (row.id, row)).collect();
    let rows = due.iter().filter_map(|id| rows.remove(id));
    rows.map(DeliveryRow::into_leased).collect()
}
