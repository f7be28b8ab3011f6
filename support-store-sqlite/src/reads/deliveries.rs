//! What is owed to the outside, for people to look at.

use async_trait::async_trait;
use support_core::{
    model::{CallbackId, Channel, Delivery, DeliveryId, DeliveryStatus, TenantId},
    ports::{DeliveryFilter, DeliveryReads, Page, PageRequest, StoreError},
};

use super::offset;
use crate::{
    SqliteStore,
    query::{FromRow, QueryBuilder, SqliteRow},
    rows::{DeliveryRow, count, parsed, to_json},
    statements::statements,
};

macro_rules! deliveries {
    () => {
        "select tenant_id, id, channel, recipient, ticket_id, callback_id, gather_key, notice, status, attempts,
            last_error, next_attempt_at, lease_token, sent_at, provider_id, created_at
        from deliveries where tenant_id = "
    };
}

statements! {
    DELIVERY = concat!(deliveries!(), "?1 and id = ?2");
    DELIVERIES_OF_CALLBACKS = concat!(
        deliveries!(),
        "?1 and callback_id in (select unhex(value, '-') from json_each(?2)) order by created_at, id"
    );
    DELIVERIES_WITH_KEY = concat!(
        deliveries!(),
        "?1 and gather_key = ?2 order by created_at desc, id desc limit ?3"
    );
    /// Over all tenants, from the index of what is unfinished alone.
    DELIVERIES_OWED = "select channel, status, count(*) as owed from deliveries
        where status in ('queued', 'failed', 'sending') group by channel, status order by channel, status";
}

const DELIVERIES: &str = deliveries!();

const COUNT_DELIVERIES: &str = "select count(*) from deliveries where tenant_id = ";

/// How much is owed over one channel.
#[derive(Debug)]
struct OwedRow {
    channel: String,
    status: String,
    owed: i64,
}

impl FromRow for OwedRow {
    fn from_row(row: &SqliteRow<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            channel: row.try_get("channel")?,
            status: row.try_get("status")?,
            owed: row.try_get("owed")?,
        })
    }
}

impl OwedRow {
    fn into_owed(self) -> Result<(Channel, DeliveryStatus, u64), StoreError> {
        let (channel, status) = (
            parsed("deliveries", &self.channel)?,
            parsed("deliveries", &self.status)?,
        );
        Ok((channel, status, count("deliveries", self.owed)?))
    }
}

#[async_trait]
impl DeliveryReads for SqliteStore {
    async fn delivery(&self, tenant: TenantId, delivery: DeliveryId) -> Result<Option<Delivery>, StoreError> {
        let row = self
            .fetch_optional::<DeliveryRow>(DELIVERY, (tenant.uuid(), delivery.uuid()))
            .await?;
        row.map(DeliveryRow::into_delivery).transpose()
    }

    async fn deliveries(
        &self,
        tenant: TenantId,
        filter: &DeliveryFilter,
        page: PageRequest,
    ) -> Result<Page<Delivery>, StoreError> {
        let listed = ListedDeliveries { tenant, filter, page };
        let (counting, selecting) = (listed.count(), listed.select());
        let found = self.read(move |connection| {
            let total = counting.one::<i64>(connection)?;
            let rows = selecting.all::<DeliveryRow>(connection)?;
            Ok((rows, total))
        });
        let (rows, total) = found.await?;
        Ok(Page {
            items: rows
                .into_iter()
                .map(DeliveryRow::into_delivery)
                .collect::<Result<_, _>>()?,
            total: count("deliveries", total)?,
            is_total_exact: true,
        })
    }

    async fn deliveries_of_callbacks(
        &self,
        tenant: TenantId,
        callbacks: &[CallbackId],
    ) -> Result<Vec<Delivery>, StoreError> {
        let rows = self
            .fetch_all::<DeliveryRow>(DELIVERIES_OF_CALLBACKS, (tenant.uuid(), to_json(callbacks)?))
            .await?;
        rows.into_iter().map(DeliveryRow::into_delivery).collect()
    }

    async fn deliveries_with_key(&self, tenant: TenantId, key: &str, limit: u32) -> Result<Vec<Delivery>, StoreError> {
        let rows = self
            .fetch_all::<DeliveryRow>(DELIVERIES_WITH_KEY, (tenant.uuid(), key.to_owned(), limit))
            .await?;
        rows.into_iter().map(DeliveryRow::into_delivery).collect()
    }

    async fn deliveries_owed(&self) -> Result<Vec<(Channel, DeliveryStatus, u64)>, StoreError> {
        let rows = self.fetch_all::<OwedRow>(DELIVERIES_OWED, ()).await?;
        rows.into_iter().map(OwedRow::into_owed).collect()
    }
}

/// A list of deliveries as statements.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ListedDeliveries<'a> {
    pub(crate) tenant: TenantId,
    pub(crate) filter: &'a DeliveryFilter,
    pub(crate) page: PageRequest,
}

impl ListedDeliveries<'_> {
    /// How many deliveries the whole list has.
    pub(crate) fn count(&self) -> QueryBuilder {
        let mut query = QueryBuilder::new(COUNT_DELIVERIES);
        self.narrow(&mut query);
        query
    }

    /// The asked page of the list.
    pub(crate) fn select(&self) -> QueryBuilder {
        let mut query = QueryBuilder::new(DELIVERIES);
        self.narrow(&mut query);
        query.push(" order by created_at desc, id desc limit ");
        query.push_bind(self.page.limit);
        query.push(" offset ").push_bind(offset(self.page));
        query
    }

    /// Whose they are, and what the filter asks of each.
    fn narrow(&self, query: &mut QueryBuilder) {
        let DeliveryFilter {
            status,
            channel,
            recipient,
        } = self.filter;
        query.push_bind(self.tenant.uuid());
        if let Some(status) = status {
            query.push(" and status = ").push_bind(status.as_str().to_owned());
        }
        if let Some(channel) = channel {
            query.push(" and channel = ").push_bind(channel.as_str().to_owned());
        }
        if let Some(recipient) = recipient {
            query.push(" and recipient = ").push_bind(recipient.clone());
        }
    }
}
