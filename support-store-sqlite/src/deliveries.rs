//! The queue of what is owed to the outside.

use std::{collections::HashMap, time::Duration};

use async_trait::async_trait;
use support_core::{
    model::{Channel, DeliveryId, TenantId, Timestamp},
    ports::{DeliveryQueue, Lane, LeaseToken, Leased, Settled, StoreError},
};
use uuid::Uuid;

use crate::{
    SqliteStore,
    query::{FromRow, SqliteRow, all},
    rows::{DeliveryRow, parsed, stored_time, to_json},
    statements::statements,
};

statements! {
    /// Over all tenants. From one tenant that owes something to the next, and in each through the
    /// channels, so that what is asked grows with the lanes and not with what is owed in them.
    LANES_DUE = "with recursive owing (tenant_id) as (
            values (x'')
            union all
            select (select d.tenant_id from deliveries d
                    where d.status in ('queued', 'failed', 'sending') and d.tenant_id > owing.tenant_id
                    order by d.tenant_id limit 1)
                from owing where owing.tenant_id is not null)
        select owing.tenant_id, way.value as channel from owing cross join json_each(?3) way
        where owing.tenant_id is not null and exists (
            select 1 from deliveries d
            where d.tenant_id = owing.tenant_id and d.channel = way.value
                and d.status in ('queued', 'failed', 'sending')
                and coalesce(d.lease_until, d.next_attempt_at) <= ?1)
        limit ?2";

    /// Comes out of the index in order and ends at the limit, so that a long backlog costs no more
    /// than a short one; what is held back by an older one is passed over.
    DUE = "select d.id from deliveries d
        where d.tenant_id = ?1 and d.channel = ?2 and d.status in ('queued', 'failed', 'sending')
            and coalesce(d.lease_until, d.next_attempt_at) <= ?3
            and (d.ticket_id is null or not exists (
                select 1 from deliveries earlier
                where earlier.tenant_id = d.tenant_id and earlier.channel = d.channel
                    and earlier.recipient = d.recipient and earlier.ticket_id = d.ticket_id
                    and earlier.status in ('queued', 'failed', 'sending')
                    and (earlier.gather_key is null or earlier.gather_key = d.gather_key)
                    and (earlier.created_at, earlier.id) < (d.created_at, d.id)))
        order by coalesce(d.lease_until, d.next_attempt_at), d.id limit ?4";

    /// What somebody else took meanwhile no longer fits. The pluses leave nothing but the key to be
    /// searched by: SQLite would otherwise walk through all that the tenant owes.
    LEASE = "update deliveries
        set status = 'sending', attempts = attempts + 1, lease_token = randomblob(16), lease_until = ?3
        where tenant_id = ?1 and id in (select unhex(value, '-') from json_each(?2))
            and +status in ('queued', 'failed', 'sending') and +coalesce(lease_until, next_attempt_at) <= ?4
        returning tenant_id, id, channel, recipient, ticket_id, callback_id, gather_key, notice, status, attempts,
            last_error, next_attempt_at, lease_token, sent_at, provider_id, created_at";

    SENT = "update deliveries set status = 'sent', sent_at = ?4, provider_id = ?5, last_error = ?6,
            lease_token = null, lease_until = null
        where tenant_id = ?1 and id = ?2 and lease_token = ?3 and status = 'sending'";

    RETRY = "update deliveries set status = 'failed', next_attempt_at = ?4, last_error = ?5,
            recipient = coalesce(?6, recipient), attempts = attempts - ?7, lease_token = null, lease_until = null
        where tenant_id = ?1 and id = ?2 and lease_token = ?3 and status = 'sending'";

    DEAD = "update deliveries set status = 'dead', last_error = ?4, lease_token = null, lease_until = null
        where tenant_id = ?1 and id = ?2 and lease_token = ?3 and status = 'sending'";

    POSTPONE = "update deliveries set status = case when last_error is null then 'queued' else 'failed' end,
            attempts = max(attempts - 1, 0), next_attempt_at = ?4, lease_token = null, lease_until = null
        where tenant_id = ?1 and id = ?2 and lease_token = ?3 and status = 'sending'";

    WITHDRAW = "delete from deliveries
        where tenant_id = ?1 and id = ?2 and lease_token = ?3 and status = 'sending'";

    REVIVE = "update deliveries set status = 'failed', attempts = 0, next_attempt_at = ?3
        where tenant_id = ?1 and id = ?2 and status in ('dead', 'failed')";
}

/// A lane as it is stored.
#[derive(Debug)]
struct LaneRow {
    tenant_id: Uuid,
    channel: String,
}

impl FromRow for LaneRow {
    fn from_row(row: &SqliteRow<'_>) -> rusqlite::Result<Self> {
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
impl DeliveryQueue for SqliteStore {
    async fn lanes_due(&self, now: Timestamp, limit: u32) -> Result<Vec<Lane>, StoreError> {
        let parameters = (stored_time(now), limit, to_json(Channel::ALL)?);
        let rows = self.fetch_all::<LaneRow>(LANES_DUE, parameters).await?;
        rows.into_iter().map(LaneRow::into_lane).collect()
    }

    async fn claim(&self, lane: Lane, now: Timestamp, lease: Duration, limit: u32) -> Result<Vec<Leased>, StoreError> {
        let (tenant, channel) = (lane.tenant.uuid(), lane.channel.as_str());
        let (now, until) = (stored_time(now), stored_time(now.plus(lease)));
        loop {
            // A reader looks for them, so that nobody has to wait for the writer while nothing can be taken.
            let due: Vec<Uuid> = self.fetch_all(DUE, (tenant, channel, now, limit)).await?;
            if due.is_empty() {
                return Ok(Vec::new());
            }
            let found = to_json(&due)?;
            let taken = self.write(move |transaction| Ok(all(transaction, LEASE, (tenant, found, until, now))?));
            let taken: Vec<DeliveryRow> = taken.await?;
            if !taken.is_empty() {
                return in_order(&due, taken);
            }
        }
    }

    async fn settle(&self, lease: LeaseToken, settled: Settled) -> Result<bool, StoreError> {
        let (tenant, delivery, token) = (lease.tenant.uuid(), lease.delivery.uuid(), lease.token);
        let changed = match settled {
            Settled::Sent {
                at,
                provider_id,
                remark,
            } => {
                let parameters = (tenant, delivery, token, stored_time(at), provider_id, remark);
                self.execute(SENT, parameters).await?
            }
            Settled::Retry {
                at,
                reason,
                recipient,
                is_counted,
            } => {
                let given_back = i64::from(!is_counted);
                let parameters = (tenant, delivery, token, stored_time(at), reason, recipient, given_back);
                self.execute(RETRY, parameters).await?
            }
            Settled::Dead { reason } => self.execute(DEAD, (tenant, delivery, token, reason)).await?,
            Settled::Postponed { until } => {
                let parameters = (tenant, delivery, token, stored_time(until));
                self.execute(POSTPONE, parameters).await?
            }
            Settled::Withdrawn => self.execute(WITHDRAW, (tenant, delivery, token)).await?,
        };
        Ok(changed == 1)
    }

    async fn revive(&self, tenant: TenantId, delivery: DeliveryId, at: Timestamp) -> Result<bool, StoreError> {
        let parameters = (tenant.uuid(), delivery.uuid(), stored_time(at));
        Ok(self.execute(REVIVE, parameters).await? == 1)
    }
}

/// The leased rows, which come in any order, in the order in which they were due.
fn in_order(due: &[Uuid], rows: Vec<DeliveryRow>) -> Result<Vec<Leased>, StoreError> {
    let mut rows: HashMap<_, _> = rows.into_iter().map(|row| (row.id, row)).collect();
    let rows = due.iter().filter_map(|id| rows.remove(id));
    rows.map(DeliveryRow::into_leased).collect()
}
