//! What is to be forgotten.

use async_trait::async_trait;
use support_core::{
    model::{Callback, CustomerId, Erasure, Requester, TenantId, Ticket, Timestamp},
    ports::{ErasureReads, StoreError},
};

use super::{callbacks::callbacks, tickets::columns};
use crate::{
    PostgresStore,
    error::store_error,
    rows::{CallbackRow, ErasureRow, StoredTicket, stored_requester, stored_time},
    statements::statements,
};

macro_rules! tickets {
    () => {
        concat!(
            columns!(),
            " from tickets t join ticket_threads th on th.tenant_id = t.tenant_id and th.ticket_id = t.id
            where t.tenant_id = $1"
        )
    };
}

statements! {
    /// Over all tenants.
    ERASURES = "select tenant_id, requester_kind, requester_id, asked_at from erasures
        order by asked_at, tenant_id, requester_id limit $1";
    TICKETS_OF_REQUESTER = concat!(
        tickets!(),
        " and t.requester_id = $2 and t.requester_kind = $3 order by t.created_at, t.id limit $4"
    );
    TICKETS_TO_FORGET = concat!(
        tickets!(),
        " and t.status = 'closed' and t.erased_at is null and t.closed_at < $2 order by t.closed_at, t.id limit $3"
    );
    CALLBACKS_OF_CUSTOMER = concat!(callbacks!(), "$1 and customer_id = $2 limit $3");
    CALLBACKS_WITH_NUMBER = concat!(callbacks!(), "$1 and number_key = $2 and customer_id is null limit $3");
}

#[async_trait]
impl ErasureReads for PostgresStore {
    async fn erasures(&self, limit: u32) -> Result<Vec<(TenantId, Erasure)>, StoreError> {
        let mut reader = self.overseer().await?;
        let query = sqlx::query_as::<_, ErasureRow>(ERASURES).bind(i64::from(limit));
        let rows = query.fetch_all(&mut *reader).await.map_err(store_error)?;
        rows.into_iter().map(ErasureRow::into_erasure).collect()
    }

    async fn tickets_of_requester(
        &self,
        tenant: TenantId,
        requester: Requester,
        limit: u32,
    ) -> Result<Vec<Ticket>, StoreError> {
        let mut reader = self.reader(tenant).await?;
        let (kind, id) = stored_requester(requester);
        let query = sqlx::query_as::<_, StoredTicket>(TICKETS_OF_REQUESTER)
            .bind(tenant.uuid())
            .bind(id)
            .bind(kind)
            .bind(i64::from(limit));
        let rows = query.fetch_all(&mut *reader).await.map_err(store_error)?;
        rows.into_iter().map(StoredTicket::into_ticket).collect()
    }

    async fn tickets_to_forget(
        &self,
        tenant: TenantId,
        before: Timestamp,
        limit: u32,
    ) -> Result<Vec<Ticket>, StoreError> {
        let mut reader = self.reader(tenant).await?;
        let query = sqlx::query_as::<_, StoredTicket>(TICKETS_TO_FORGET)
            .bind(tenant.uuid())
            .bind(stored_time(before))
            .bind(i64::from(limit));
        let rows = query.fetch_all(&mut *reader).await.map_err(store_error)?;
        rows.into_iter().map(StoredTicket::into_ticket).collect()
    }

    async fn callbacks_to_forget(
        &self,
        tenant: TenantId,
        customer: CustomerId,
        number: Option<String>,
        limit: u32,
    ) -> Result<Vec<Callback>, StoreError> {
        let mut reader = self.reader(tenant).await?;
        let query = sqlx::query_as::<_, CallbackRow>(CALLBACKS_OF_CUSTOMER)
            .bind(tenant.uuid())
            .bind(customer.uuid())
            .bind(i64::from(limit));
        let mut rows = query.fetch_all(&mut *reader).await.map_err(store_error)?;
        if let Some(number) = number {
            let query = sqlx::query_as::<_, CallbackRow>(CALLBACKS_WITH_NUMBER)
                .bind(tenant.uuid())
                .bind(number)
                .bind(i64::from(limit));
            rows.extend(query.fetch_all(&mut *reader).await.map_err(store_error)?);
        }
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        rows.into_iter().take(most).map(CallbackRow::into_callback).collect()
    }
}
