//! Answers that agents have at hand.

use async_trait::async_trait;
use support_core::{
    model::{CannedResponse, CannedResponseId, TenantId},
    ports::{CannedResponseReads, StoreError},
};

use crate::{PostgresStore, error::store_error, rows::CannedResponseRow, statements::statements};

macro_rules! canned_responses {
    () => {
        "select tenant_id, id, shortcut, title, content, version, created_at, updated_at
        from canned_responses where tenant_id = $1"
    };
}

statements! {
    CANNED_RESPONSE = concat!(canned_responses!(), " and id = $2");
    CANNED_RESPONSES = concat!(canned_responses!(), " order by shortcut");
}

#[async_trait]
impl CannedResponseReads for PostgresStore {
    async fn canned_response(
        &self,
        tenant: TenantId,
        response: CannedResponseId,
    ) -> Result<Option<CannedResponse>, StoreError> {
        let mut reader = self.reader(tenant).await?;
        let query = sqlx::query_as::<_, CannedResponseRow>(CANNED_RESPONSE);
        let query = query.bind(tenant.uuid()).bind(response.uuid());
        let row = query.fetch_optional(&mut *reader).await.map_err(store_error)?;
        row.map(CannedResponseRow::into_canned_response).transpose()
    }

    async fn canned_responses(&self, tenant: TenantId) -> Result<Vec<CannedResponse>, StoreError> {
        let mut reader = self.reader(tenant).await?;
        let query = sqlx::query_as::<_, CannedResponseRow>(CANNED_RESPONSES).bind(tenant.uuid());
        let rows = query.fetch_all(&mut *reader).await.map_err(store_error)?;
        rows.into_iter().map(CannedResponseRow::into_canned_response).collect()
    }
}
