//! Visits, and who may not write.

use support_core::{
    model::{AgentId, Block, TenantId, TicketId, VisitorContext},
    ports::StoreError,
};
use uuid::Uuid;

use super::{Raw, Time, from_json, parsed, row, stored_time, time, to_json};

row! {
    /// A row of `visitor_contexts`.
    VisitorContextRow {
        tenant_id: Uuid,
        ticket_id: Uuid,
        context: Raw,
    }
}

impl VisitorContextRow {
    /// The row as it will be stored.
    pub(crate) fn of(tenant: TenantId, ticket: TicketId, context: &VisitorContext) -> Result<Self, StoreError> {
        Ok(Self {
            tenant_id: tenant.uuid(),
            ticket_id: ticket.uuid(),
            context: to_json(context)?,
        })
    }

    /// Whether both are of the same ticket.
    pub(crate) fn is_as(&self, other: &Self) -> bool {
        (self.tenant_id, self.ticket_id) == (other.tenant_id, other.ticket_id)
    }

    /// What is known of the visit.
    pub(crate) fn into_context(self) -> Result<VisitorContext, StoreError> {
        from_json("visitor_contexts", &self.context)
    }
}

row! {
    /// A row of `blocks`.
    BlockRow {
        tenant_id: Uuid,
        id: Uuid,
        kind: String,
        value: String,
        reason: Option<String>,
        expires_at: Option<Time>,
        created_by: Option<Uuid>,
        created_at: Time,
    }
}

impl BlockRow {
    /// The row as it will be stored.
    pub(crate) fn of(tenant: TenantId, block: &Block) -> Self {
        Self {
            tenant_id: tenant.uuid(),
            id: block.id.uuid(),
            kind: block.kind.as_str().to_owned(),
            value: block.value.clone(),
            reason: block.reason.clone(),
            expires_at: block.expires_at.map(stored_time),
            created_by: block.created_by.map(AgentId::uuid),
            created_at: stored_time(block.created_at),
        }
    }

    /// The block.
    pub(crate) fn into_block(self) -> Result<Block, StoreError> {
        Ok(Block {
            id: self.id.into(),
            kind: parsed("blocks", &self.kind)?,
            value: self.value,
            reason: self.reason,
            expires_at: self.expires_at.map(time),
            created_by: self.created_by.map(Into::into),
            created_at: time(self.created_at),
        })
    }
}
