//! Writes visits, and who may not write.

use rusqlite::Connection;
use support_core::{
    model::{Block, BlockId, TenantId, TicketId, VisitorContext},
    ports::StoreError,
};

use super::{
    keys::RecordKey,
    write::{write, write_all},
};
use crate::{
    error::Failure,
    rows::{BlockRow, VisitorContextRow},
    statements::statements,
};

statements! {
    PUT_VISITOR_CONTEXTS = "insert into visitor_contexts (tenant_id, ticket_id, context)
        select unhex(value->>'tenant_id', '-'), unhex(value->>'ticket_id', '-'), value->>'context'
        from json_each(?1) where true
        on conflict (tenant_id, ticket_id) do update set context = excluded.context";

    REMOVE_BLOCKS = "delete from blocks where (tenant_id, id) in
            (select unhex(value->>'tenant_id', '-'), unhex(value->>'id', '-') from json_each(?1))";

    PUT_BLOCKS = "insert into blocks (tenant_id, id, kind, value, reason, expires_at, created_by, created_at)
        select unhex(value->>'tenant_id', '-'), unhex(value->>'id', '-'), value->>'kind', value->>'value',
            value->>'reason', value->>'expires_at', unhex(value->>'created_by', '-'), value->>'created_at'
        from json_each(?1) where true
        on conflict (tenant_id, id) do update set kind = excluded.kind, value = excluded.value, reason = excluded.reason,
            expires_at = excluded.expires_at, created_by = excluded.created_by, created_at = excluded.created_at";
}

/// What becomes of a batch's visits and blocks.
#[derive(Debug, Default)]
pub(super) struct VisitorRows {
    contexts: Vec<VisitorContextRow>,
    removed_blocks: Vec<RecordKey>,
    blocks: Vec<BlockRow>,
}

impl VisitorRows {
    /// Of several about one ticket in one change set the last counts.
    pub(super) fn put_context(
        &mut self,
        tenant: TenantId,
        ticket: TicketId,
        context: &VisitorContext,
    ) -> Result<(), StoreError> {
        let row = VisitorContextRow::of(tenant, ticket, context)?;
        self.contexts.retain(|earlier| !earlier.is_as(&row));
        self.contexts.push(row);
        Ok(())
    }

    pub(super) fn put_block(&mut self, tenant: TenantId, block: &Block) {
        self.blocks.push(BlockRow::of(tenant, block));
    }

    pub(super) fn remove_block(&mut self, tenant: TenantId, block: BlockId) {
        self.removed_blocks.push(RecordKey::of(tenant, block.uuid()));
    }

    pub(super) fn write(self, connection: &Connection) -> Result<(), Failure> {
        let Self {
            contexts,
            removed_blocks,
            blocks,
        } = self;
        write_all(connection, PUT_VISITOR_CONTEXTS, &contexts)?;
        write(connection, REMOVE_BLOCKS, &removed_blocks)?;
        write_all(connection, PUT_BLOCKS, &blocks)?;
        Ok(())
    }
}
