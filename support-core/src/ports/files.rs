//! Where the bytes of files are kept, and the list of files that are there.

use std::{fmt::Debug, ops::Range, sync::Arc};

use async_trait::async_trait;

use super::StoreError;
use crate::model::{ActorRef, File, FileId, FileKind, TenantId, TicketId, Timestamp};

/// What is known of files; their bytes are in a [`FileStore`].
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait FileReads: Send + Sync {
    /// A file by id, wherever it stands.
    async fn file(&self, tenant: TenantId, file: FileId) -> Result<Option<File>, StoreError>;

    /// Files of all tenants that no message carries and that began to come in before `before`,
    /// oldest first.
    async fn files_left_over(&self, before: Timestamp, limit: u32) -> Result<Vec<(TenantId, File)>, StoreError>;

    /// Files that are for a ticket, wherever they stand, oldest first.
    async fn files_of_ticket(&self, tenant: TenantId, ticket: TicketId, limit: u32) -> Result<Vec<File>, StoreError>;

    /// Files of somebody's that no message carries, oldest first.
    async fn loose_files_of(&self, tenant: TenantId, uploader: ActorRef, limit: u32) -> Result<Vec<File>, StoreError>;
}

/// Why bytes could not be kept or had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileStoreError {
    /// There is nothing by that key.
    #[error("there is no such file")]
    NotFound,
    /// Not now: it may go well later.
    #[error("the file store is unavailable: {0}")]
    Unavailable(String),
    /// It won't go well later either.
    #[error("the file store failed: {0}")]
    Failed(String),
}

/// Keeps the bytes of files: a folder, a bucket. Decides nothing: what may be kept, and who may
/// have it, is decided before it is asked.
///
/// Keys are made by this crate: a tenant's id, a slash, and letters, digits, `-` and `_`.
#[async_trait]
pub trait FileStore: Send + Sync + Debug {
    /// Begins to keep a file. Nothing can be had by the key before the writer has finished, and
    /// nothing stays of a writer that is dropped before.
    async fn create(&self, key: &str) -> Result<Box<dyn FileWriter>, FileStoreError>;

    /// The bytes of a file from `range.start` up to and without `range.end`, which lie within it.
    async fn open(&self, key: &str, range: Range<u64>) -> Result<Box<dyn FileReader>, FileStoreError>;

    /// Removes a file, and what a writer that was cut off left of it. That nothing is there is no
    /// error.
    async fn delete(&self, key: &str) -> Result<(), FileStoreError>;
}

#[async_trait]
impl<S: FileStore + ?Sized> FileStore for Arc<S> {
    async fn create(&self, key: &str) -> Result<Box<dyn FileWriter>, FileStoreError> {
        (**self).create(key).await
    }

    async fn open(&self, key: &str, range: Range<u64>) -> Result<Box<dyn FileReader>, FileStoreError> {
        (**self).open(key, range).await
    }

    async fn delete(&self, key: &str) -> Result<(), FileStoreError> {
        (**self).delete(key).await
    }
}

/// Takes the bytes of one file.
#[async_trait]
pub trait FileWriter: Send {
    /// Takes the next bytes.
    async fn write(&mut self, bytes: Vec<u8>) -> Result<(), FileStoreError>;

    /// All bytes were given: from now on the file can be had. It survives a crash of the machine
    /// as far as the store can say.
    async fn finish(self: Box<Self>) -> Result<(), FileStoreError>;

    /// Keeps nothing of it.
    async fn abort(self: Box<Self>);
}

/// Gives the bytes of one file: one that is stored, or one that is coming in.
#[async_trait]
pub trait FileReader: Send {
    /// The next bytes; nothing after the last.
    async fn read(&mut self) -> Result<Option<Vec<u8>>, FileStoreError>;
}

/// Makes small pictures of images, of the [kind](FileKind::of_thumbnail) that belongs to theirs and
/// at most [`THUMBNAIL_SIDE`](crate::model::THUMBNAIL_SIDE) wide and high. What it is given was made
/// by anybody: it has to hold out against images that say to be larger than they are.
#[async_trait]
pub trait Thumbnailer: Send + Sync + Debug {
    /// The small picture of an image; nothing where none can be made.
    async fn thumbnail(&self, kind: FileKind, content: &mut dyn FileReader) -> Result<Option<Vec<u8>>, FileStoreError>;
}

/// What a [`FileScanner`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing that speaks against it.
    Clean,
    /// Something harmful.
    Harmful,
}

/// Looks for what is harmful in a file before anybody can get it, such as a scanner for viruses.
#[async_trait]
pub trait FileScanner: Send + Sync + Debug {
    /// Looks through all of a file.
    async fn scan(&self, file: &File, content: &mut dyn FileReader) -> Result<Verdict, FileStoreError>;
}
