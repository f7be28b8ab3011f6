//! The queue of what is owed to the outside.

use std::{collections::HashMap, time::Duration};

use async_trait::async_trait;
use support_core::{
    model::Timestamp,
    ports::{DeliveryQueue, LeaseToken, Leased, StoreError},
};
use uuid::Uuid;

use crate::{
    SqliteStore,
    query::all,
    rows::{DeliveryRow, stored_time, to_json},
    statements::statements,
};

statements! {
    /// Over all tenants. What is about no ticket keeps its order too. Both halves come out of their
    /// indexes in order and are merged, so that a long backlog is not sorted for each claim; the
    /// outer part keeps that order by going through it once.
    DUE = "select due.tenant_id, due.id from (
            select tenant_id, id, channel, recipient, ticket_id, created_at, next_attempt_at as due_at
                from deliveries where status in ('queued', 'failed') and next_attempt_at <= ?1
            union all
            select tenant_id, id, channel, recipient, ticket_id, created_at, lease_until as due_at
                from deliveries where status = 'sending' and lease_until <= ?1
            order by due_at, id limit -1) due
        where not exists (
            select 1 from deliveries earlier
            where earlier.tenant_id = due.tenant_id and earlier.channel = due.channel
                and earlier.recipient = due.recipient and earlier.ticket_id is due.ticket_id
                and earlier.status in ('queued', 'failed', 'sending')
                and (earlier.created_at, earlier.id) < (due.created_at, due.id))
        limit ?2";

    LEASE = "update deliveries
        set status = 'sending', attempts = attempts + 1, lease_token = randomblob(16), lease_until = ?2
        where (tenant_id, id) in (select unhex(value->>0, '-'), unhex(value->>1, '-') from json_each(?1))
        returning tenant_id, id, channel, recipient, ticket_id, notice, status, attempts, last_error, next_attempt_at,
            lease_token, sent_at, provider_id, created_at";

    COMPLETE = "update deliveries
        set status = 'sent', sent_at = ?4, provider_id = ?5, lease_token = null, lease_until = null
        where tenant_id = ?1 and id = ?2 and lease_token = ?3 and status = 'sending'";

    RETRY = "update deliveries
        set status = 'failed', next_attempt_at = ?4, last_error = ?5, lease_token = null, lease_until = null
        where tenant_id = ?1 and id = ?2 and lease_token = ?3 and status = 'sending'";

    BURY = "update deliveries
        set status = 'dead', last_error = ?4, lease_token = null, lease_until = null
        where tenant_id = ?1 and id = ?2 and lease_token = ?3 and status = 'sending'";
}

#[async_trait]
impl DeliveryQueue for SqliteStore {
    async fn claim(&self, now: Timestamp, lease: Duration, limit: u32) -> Result<Vec<Leased>, StoreError> {
        let (now, until) = (stored_time(now), stored_time(now.plus(lease)));
        let claimed = self.write(move |transaction| {
            let due: Vec<(Uuid, Uuid)> = all(transaction, DUE, (now, limit))?;
            if due.is_empty() {
                return Ok((due, Vec::new()));
            }
            let leased = all(transaction, LEASE, (to_json(&due)?, until))?;
            Ok((due, leased))
        });
        let (due, leased) = claimed.await?;
        in_order(&due, leased)
    }

    async fn complete(
        &self,
        lease: LeaseToken,
        at: Timestamp,
        provider_id: Option<String>,
    ) -> Result<bool, StoreError> {
        let (tenant, delivery) = (lease.tenant.uuid(), lease.delivery.uuid());
        let parameters = (tenant, delivery, lease.token, stored_time(at), provider_id);
        Ok(self.execute(COMPLETE, parameters).await? == 1)
    }

    async fn retry(&self, lease: LeaseToken, at: Timestamp, reason: String) -> Result<bool, StoreError> {
        let (tenant, delivery) = (lease.tenant.uuid(), lease.delivery.uuid());
        let parameters = (tenant, delivery, lease.token, stored_time(at), reason);
        Ok(self.execute(RETRY, parameters).await? == 1)
    }

    async fn bury(&self, lease: LeaseToken, reason: String) -> Result<bool, StoreError> {
        let (tenant, delivery) = (lease.tenant.uuid(), lease.delivery.uuid());
        let parameters = (tenant, delivery, lease.token, reason);
        Ok(self.execute(BURY, parameters).await? == 1)
    }
}

/// The leased rows, which come in any order, in the order in which they were due.
fn in_order(keys: &[(Uuid, Uuid)], rows: Vec<DeliveryRow>) -> Result<Vec<Leased>, StoreError> {
    let mut rows: HashMap<_, _> = rows.into_iter().map(|row| ((row.tenant_id, row.id), row)).collect();
    let rows = keys.iter().filter_map(|key| rows.remove(key));
    rows.map(DeliveryRow::into_leased).collect()
}
