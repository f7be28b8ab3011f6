//! What is known of files.

use async_trait::async_trait;

use super::{MemoryStore, reads::most};
use crate::{
    model::{File, FileId, FileState, TenantId, Timestamp},
    ports::{FileReads, StoreError},
};

#[async_trait]
impl FileReads for MemoryStore {
    async fn file(&self, tenant: TenantId, file: FileId) -> Result<Option<File>, StoreError> {
        self.read_in(tenant, |own| own.files.get(&file).cloned())
    }

    async fn files_left_over(&self, before: Timestamp, limit: u32) -> Result<Vec<(TenantId, File)>, StoreError> {
        self.read(|state| {
            let all = state.tenants.iter();
            let all = all.flat_map(|(tenant, own)| own.files.values().map(|file| (*tenant, file)));
            let is_left = |(_, file): &(TenantId, &File)| {
                file.created_at < before && !matches!(file.state, FileState::Attached { .. })
            };
            let mut left: Vec<_> = all.filter(is_left).collect();
            left.sort_by_key(|(tenant, file)| (file.created_at, *tenant, file.id));
            let first = left.into_iter().take(most(limit));
            first.map(|(tenant, file)| (tenant, file.clone())).collect()
        })
    }
}
