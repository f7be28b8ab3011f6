//! Canned responses.

use support_core::{
    model::{CannedResponse, TenantId},
    ports::StoreError,
};
use uuid::Uuid;

use super::{Time, count, row, stored_count, stored_time, time};

const TABLE: &str = "canned_responses";

row! {
    /// A row of `canned_responses`.
    CannedResponseRow {
        tenant_id: Uuid,
        id: Uuid,
        shortcut: String,
        title: String,
        content: String,
        version: i64,
        created_at: Time,
        updated_at: Time,
    }
}

impl CannedResponseRow {
    /// The row as it will be stored.
    pub(crate) fn of(tenant: TenantId, response: &CannedResponse) -> Self {
        Self {
            tenant_id: tenant.uuid(),
            id: response.id.uuid(),
            shortcut: response.shortcut.clone(),
            title: response.title.clone(),
            content: response.content.clone(),
            version: stored_count(response.version.saturating_add(1)),
            created_at: stored_time(response.created_at),
            updated_at: stored_time(response.updated_at),
        }
    }

    /// The canned response.
    pub(crate) fn into_canned_response(self) -> Result<CannedResponse, StoreError> {
        Ok(CannedResponse {
            id: self.id.into(),
            shortcut: self.shortcut,
            title: self.title,
            content: self.content,
            version: count(TABLE, self.version)?,
            created_at: time(self.created_at),
            updated_at: time(self.updated_at),
        })
    }
}
