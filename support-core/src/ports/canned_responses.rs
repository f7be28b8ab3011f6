//! Answers that agents have at hand, for reading.

use async_trait::async_trait;

use super::StoreError;
use crate::model::{CannedResponse, CannedResponseId, TenantId};

/// Canned responses.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait CannedResponseReads: Send + Sync {
    /// By id.
    async fn canned_response(
        &self,
        tenant: TenantId,
        response: CannedResponseId,
    ) -> Result<Option<CannedResponse>, StoreError>;
    /// All of a tenant, by shortcut: never more than
    /// [`MOST_CANNED_RESPONSES`](crate::model::MOST_CANNED_RESPONSES), but for some that were
    /// added at the same moment.
    async fn canned_responses(&self, tenant: TenantId) -> Result<Vec<CannedResponse>, StoreError>;
}
