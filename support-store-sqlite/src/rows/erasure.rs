//! Those who are being erased.

use support_core::{
    model::{Erasure, TenantId},
    ports::StoreError,
};
use uuid::Uuid;

use super::{Time, requester, row, stored_requester, stored_time, time};

const TABLE: &str = "erasures";

row! {
    /// A row of `erasures`.
    ErasureRow {
        tenant_id: Uuid,
        requester_kind: String,
        requester_id: Uuid,
        asked_at: Time,
    }
}

impl ErasureRow {
    /// The row as it will be stored.
    pub(crate) fn of(tenant: TenantId, erasure: &Erasure) -> Self {
        let (requester_kind, requester_id) = stored_requester(erasure.requester);
        Self {
            tenant_id: tenant.uuid(),
            requester_kind: requester_kind.to_owned(),
            requester_id,
            asked_at: stored_time(erasure.asked_at),
        }
    }

    /// Whose it is, and the erasure.
    pub(crate) fn into_erasure(self) -> Result<(TenantId, Erasure), StoreError> {
        let erasure = Erasure {
            requester: requester(TABLE, &self.requester_kind, self.requester_id)?,
            asked_at: time(self.asked_at),
        };
        Ok((self.tenant_id.into(), erasure))
    }
}
