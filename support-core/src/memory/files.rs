//! What is known of files.

use async_trait::async_trait;

use super::{MemoryStore, reads::most};
use crate::{
    model::{ActorRef, File, FileId, FileState, TenantId, TicketId, Timestamp},
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

    async fn files_of_ticket(&self, tenant: TenantId, ticket: TicketId, limit: u32) -> Result<Vec<File>, StoreError> {
        self.read_in(tenant, |own| {
            oldest(own.files.values(), limit, |file| file.ticket == Some(ticket))
        })
    }

    async fn loose_files_of(&self, tenant: TenantId, uploader: ActorRef, limit: u32) -> Result<Vec<File>, StoreError> {
        let is_loose = |file: &File| !matches!(file.state, FileState::Attached { .. });
        self.read_in(tenant, |own| {
            oldest(own.files.values(), limit, |file| {
                file.uploader == uploader && is_loose(file)
            })
        })
    }
}

fn oldest<'f>(files: impl Iterator<Item = &'f File>, limit: u32, is_wanted: impl Fn(&File) -> bool) -> Vec<File> {
    let mut found: Vec<_> = files.filter(|file| is_wanted(file)).cloned().collect();
    found.sort_by_key(|file| (file.created_at, file.id));
    found.truncate(most(limit));
    found
}
