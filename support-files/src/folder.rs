//! A folder of this machine.

use std::{io, path::Path, sync::Arc};

use object_store::{ObjectStore, local::LocalFileSystem, path::Path as Key};
use support_core::ports::FileStoreError;

use crate::error::{UnusablePlace, failure};

/// A folder, and what is kept in it.
#[derive(Debug, Clone)]
pub(crate) struct Folder(Arc<LocalFileSystem>);

impl Folder {
    pub(crate) fn at(path: &Path) -> Result<Self, UnusablePlace> {
        let unusable = |error: &dyn std::fmt::Display| UnusablePlace(format!("{}: {error}", path.display()));
        make(path).map_err(|error| unusable(&error))?;
        let files = LocalFileSystem::new_with_prefix(path).map_err(|error| unusable(&error))?;
        // What was answered for is there after a power cut.
        Ok(Self(Arc::new(files.with_fsync(true))))
    }

    pub(crate) fn objects(&self) -> Arc<dyn ObjectStore> {
        Arc::clone(&self.0) as _
    }

    /// Removes what a process that was killed has left of a file: it is written beside its name,
    /// with `#1` after it, until it is whole.
    pub(crate) async fn remove_draft(&self, key: &Key) -> Result<(), FileStoreError> {
        let whole = self.0.path_to_filesystem(key).map_err(|error| failure(&error))?;
        let mut draft = whole.into_os_string();
        draft.push("#1");
        match tokio::fs::remove_file(draft).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(FileStoreError::Unavailable(error.to_string()))
            }
            _ => Ok(()),
        }
    }
}

fn make(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}
