//! Files that people send in.

use async_trait::async_trait;
use support_core::{
    model::{File, FileId, TenantId, Timestamp},
    ports::{FileReads, StoreError},
};

use crate::{
    SqliteStore,
    rows::{FileRow, stored_time},
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
}
