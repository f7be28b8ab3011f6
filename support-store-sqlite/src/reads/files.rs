//! Files that people send in.

use async_trait::async_trait;
use support_core::{
    model::{ActorRef, File, FileId, TenantId, TicketId, Timestamp},
    ports::{FileReads, StoreError},
};

use crate::{
    SqliteStore,
    rows::{FileRow, stored_time, to_json},
    statements::statements,
};

macro_rules! files {
    () => {
        "select tenant_id, id, ticket_id, uploader, name, kind, size, width, height, key, state, message_id, is_note,
            version, created_at, thumbnail_size
        from files"
    };
}

statements! {
    FILE = concat!(files!(), " where tenant_id = ?1 and id = ?2");
    /// Over all tenants.
    FILES_LEFT_OVER = concat!(
        files!(),
        " where state <> 'attached' and created_at < ?1 order by created_at, tenant_id, id limit ?2"
    );
    FILES_OF_TICKET = concat!(files!(), " where tenant_id = ?1 and ticket_id = ?2 order by created_at, id limit ?3");
    LOOSE_FILES_OF = concat!(
        files!(),
        " where state <> 'attached' and tenant_id = ?1 and uploader = ?2 order by created_at, tenant_id, id limit ?3"
    );
}

#[async_trait]
impl FileReads for SqliteStore {
    async fn file(&self, tenant: TenantId, file: FileId) -> Result<Option<File>, StoreError> {
        let row = self
            .fetch_optional::<FileRow>(FILE, (tenant.uuid(), file.uuid()))
            .await?;
        row.map(FileRow::into_file).transpose()
    }

    async fn files_left_over(&self, before: Timestamp, limit: u32) -> Result<Vec<(TenantId, File)>, StoreError> {
        let rows = self
            .fetch_all::<FileRow>(FILES_LEFT_OVER, (stored_time(before), limit))
            .await?;
        let left = rows.into_iter().map(|row| Ok((row.tenant_id.into(), row.into_file()?)));
        left.collect()
    }

    async fn files_of_ticket(&self, tenant: TenantId, ticket: TicketId, limit: u32) -> Result<Vec<File>, StoreError> {
        let rows = self
            .fetch_all::<FileRow>(FILES_OF_TICKET, (tenant.uuid(), ticket.uuid(), limit))
            .await?;
        rows.into_iter().map(FileRow::into_file).collect()
    }

    async fn loose_files_of(&self, tenant: TenantId, uploader: ActorRef, limit: u32) -> Result<Vec<File>, StoreError> {
        let rows = self
            .fetch_all::<FileRow>(LOOSE_FILES_OF, (tenant.uuid(), to_json(&uploader)?, limit))
            .await?;
        rows.into_iter().map(FileRow::into_file).collect()
    }
}
