//! Files that people send in.

use async_trait::async_trait;
use support_core::{
    model::{ActorRef, File, FileId, TenantId, TicketId, Timestamp},
    ports::{FileReads, StoreError},
};

use crate::{
    PostgresStore,
    error::store_error,
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
    FILE = concat!(files!(), " where tenant_id = $1 and id = $2");
    /// Over all tenants.
    FILES_LEFT_OVER = concat!(
        files!(),
        " where state <> 'attached' and created_at < $1 order by created_at, tenant_id, id limit $2"
    );
    FILES_OF_TICKET = concat!(files!(), " where tenant_id = $1 and ticket_id = $2 order by created_at, id limit $3");
    LOOSE_FILES_OF = concat!(
        files!(),
        " where state <> 'attached' and tenant_id = $1 and uploader::text = $2 order by created_at, tenant_id, id limit $3"
    );
}

#[async_trait]
impl FileReads for PostgresStore {
    async fn file(&self, tenant: TenantId, file: FileId) -> Result<Option<File>, StoreError> {
        let mut reader = self.reader(tenant).await?;
        let query = sqlx::query_as::<_, FileRow>(FILE).bind(tenant.uuid()).bind(file.uuid());
        let row = query.fetch_optional(&mut *reader).await.map_err(store_error)?;
        row.map(FileRow::into_file).transpose()
    }

    async fn files_left_over(&self, before: Timestamp, limit: u32) -> Result<Vec<(TenantId, File)>, StoreError> {
        let mut reader = self.overseer().await?;
        let query = sqlx::query_as::<_, FileRow>(FILES_LEFT_OVER)
            .bind(stored_time(before))
            .bind(i64::from(limit));
        let rows = query.fetch_all(&mut *reader).await.map_err(store_error)?;
        let left = rows.into_iter().map(|row| Ok((row.tenant_id.into(), row.into_file()?)));
        left.collect()
    }

    async fn files_of_ticket(&self, tenant: TenantId, ticket: TicketId, limit: u32) -> Result<Vec<File>, StoreError> {
        let mut reader = self.reader(tenant).await?;
        let query = sqlx::query_as::<_, FileRow>(FILES_OF_TICKET)
            .bind(tenant.uuid())
            .bind(ticket.uuid())
            .bind(i64::from(limit));
        let rows = query.fetch_all(&mut *reader).await.map_err(store_error)?;
        rows.into_iter().map(FileRow::into_file).collect()
    }

    async fn loose_files_of(&self, tenant: TenantId, uploader: ActorRef, limit: u32) -> Result<Vec<File>, StoreError> {
        let mut reader = self.reader(tenant).await?;
        let query = sqlx::query_as::<_, FileRow>(LOOSE_FILES_OF)
            .bind(tenant.uuid())
            .bind(to_json(&uploader)?.0.get().to_owned())
            .bind(i64::from(limit));
        let rows = query.fetch_all(&mut *reader).await.map_err(store_error)?;
        rows.into_iter().map(FileRow::into_file).collect()
    }
}
