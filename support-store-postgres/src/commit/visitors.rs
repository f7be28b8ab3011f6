//! Writes visits, and who may not write.

use sqlx::PgConnection;
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
    PUT_VISITOR_CONTEXTS = "insert into visitor_contexts
        select * from json_populate_recordset(null::visitor_contexts, $1::json)
        on conflict (tenant_id, ticket_id) do update set context = excluded.context";

    REMOVE_BLOCKS = "delete from blocks where (tenant_id, id) in
            (select tenant_id, id from json_populate_recordset(null::blocks, $1::json))";

    PUT_BLOCKS = "insert into blocks select * from json_populate_recordset(null::blocks, $1::json)
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

    pub(super) async fn write(self, connection: &mut PgConnection) -> Result<(), Failure> {
        let Self {
            contexts,
            removed_blocks,
            blocks,
        } = self;
        write_all(connection, PUT_VISITOR_CONTEXTS, &contexts).await?;
        write(connection, REMOVE_BLOCKS, &removed_blocks).await?;
        write_all(connection, PUT_BLOCKS, &blocks).await?;
        Ok(())
    }
}
