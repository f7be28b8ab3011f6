//! Answers that agents have at hand.

use async_trait::async_trait;
use support_core::{
    model::{CannedResponse, CannedResponseId, TenantId},
    ports::{CannedResponseReads, StoreError},
};

use crate::{SqliteStore, rows::CannedResponseRow, statements::statements};

macro_rules! canned_responses {
    () => {
        "select tenant_id, id, shortcut, title, content, version, created_at, updated_at
        from canned_responses where tenant_id = ?1"
    };
}

statements! {
    CANNED_RESPONSE = concat!(canned_responses!(), " and id = ?2");
    CANNED_RESPONSES = concat!(canned_responses!(), " order by shortcut");
}

#[async_trait]
impl CannedResponseReads for SqliteStore {
    async fn canned_response(
        &self,
        tenant: TenantId,
        response: CannedResponseId,
    ) -> Result<Option<CannedResponse>, StoreError> {
        let row = self
            .fetch_optional::<CannedResponseRow>(CANNED_RESPONSE, (tenant.uuid(), response.uuid()))
            .await?;
        row.map(CannedResponseRow::into_canned_response).transpose()
    }

    async fn canned_responses(&self, tenant: TenantId) -> Result<Vec<CannedResponse>, StoreError> {
        let rows = self
            .fetch_all::<CannedResponseRow>(CANNED_RESPONSES, (tenant.uuid(),))
            .await?;
        rows.into_iter().map(CannedResponseRow::into_canned_response).collect()
    }
}
