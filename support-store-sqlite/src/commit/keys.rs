//! Narrow rows: what is found, counted, noted or answered without a whole record.

use serde::Serialize;
use support_core::model::TenantId;
use uuid::Uuid;

use crate::rows::Time;

/// A row of `tenant_counters`.
#[derive(Debug, Serialize)]
pub(super) struct CounterRow {
    pub(super) tenant_id: Uuid,
    pub(super) last_event: i64,
    pub(super) last_ticket: i64,
}

/// When an agent was last given a ticket.
#[derive(Debug, Serialize)]
pub(super) struct AssignmentRow {
    pub(super) tenant_id: Uuid,
    pub(super) agent_id: Uuid,
    pub(super) at: Time,
}

/// A row of `revoked_tokens`.
#[derive(Debug, Serialize)]
pub(super) struct TokenRow {
    pub(super) tenant_id: Uuid,
    pub(super) token: Uuid,
    pub(super) expires_at: Time,
}

/// Up to which journal entry a webhook was looked at for.
#[derive(Debug, Serialize)]
pub(super) struct CursorRow {
    pub(super) tenant_id: Uuid,
    pub(super) id: Uuid,
    pub(super) cursor: i64,
}

/// What somebody has read, and when.
#[derive(Debug, Serialize)]
pub(super) struct ReadRow {
    pub(super) tenant_id: Uuid,
    pub(super) id: Uuid,
    pub(super) recipient_kind: &'static str,
    pub(super) recipient_id: Uuid,
    pub(super) read_at: Time,
}

/// What a request with a key was answered.
#[derive(Debug, Serialize)]
pub(super) struct ResponseRow {
    pub(super) tenant_id: Uuid,
    pub(super) key: String,
    pub(super) status: i64,
    pub(super) body: String,
}

/// What a row with an id is found by.
#[derive(Debug, Serialize)]
pub(super) struct RecordKey {
    tenant_id: Uuid,
    id: Uuid,
}

impl RecordKey {
    /// The key of one row.
    pub(super) fn of(tenant: TenantId, id: Uuid) -> Self {
        Self {
            tenant_id: tenant.uuid(),
            id,
        }
    }
}

/// What an account is found by.
#[derive(Debug, Serialize)]
pub(super) struct PrincipalKey {
    tenant_id: Uuid,
    principal_kind: &'static str,
    principal_id: Uuid,
}

impl PrincipalKey {
    /// The key of one account.
    pub(super) fn of(tenant: TenantId, principal_kind: &'static str, principal_id: Uuid) -> Self {
        Self {
            tenant_id: tenant.uuid(),
            principal_kind,
            principal_id,
        }
    }
}

/// What a row is found by that is named by a hash.
#[derive(Debug, Serialize)]
pub(super) struct TextKey {
    tenant_id: Uuid,
    key: String,
}

impl TextKey {
    /// The key of one row.
    pub(super) fn of(tenant: TenantId, key: &str) -> Self {
        Self {
            tenant_id: tenant.uuid(),
            key: key.to_owned(),
        }
    }
}
