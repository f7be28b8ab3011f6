//! The port over one object store, whichever it is.

use std::{fmt, ops::Range, path::Path, sync::Arc};

use async_trait::async_trait;
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt, path::Path as Key};
use support_core::ports::{FileReader, FileStore, FileStoreError, FileWriter};

use crate::{
    error::{UnusablePlace, failure},
    folder::Folder,
    reader::ObjectReader,
    writer::ObjectWriter,
};

/// How much is written at a time in a folder.
const FOLDERS_PART: usize = 64 * 1024;

/// Files in a folder or a bucket. Clones share it.
#[derive(Clone)]
pub struct ObjectFiles {
    objects: Arc<dyn ObjectStore>,
    folder: Option<Folder>,
    prefix: Key,
    part: usize,
}

impl fmt::Debug for ObjectFiles {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ObjectFiles").finish_non_exhaustive()
    }
}

impl ObjectFiles {
    /// In a folder, which is made for its owner only if it isn't there. Blocks for a moment.
    ///
    /// # Errors
    /// [`UnusablePlace`] when the folder can't be made or used.
    pub fn in_folder(folder: impl AsRef<Path>) -> Result<Self, UnusablePlace> {
        let folder = Folder::at(folder.as_ref())?;
        Ok(Self {
            objects: folder.objects(),
            folder: Some(folder),
            prefix: Key::default(),
            part: FOLDERS_PART,
        })
    }

    #[cfg(feature = "s3")]
    pub(crate) fn over(objects: Arc<dyn ObjectStore>, prefix: Key, part: usize) -> Self {
        Self {
            objects,
            folder: None,
            prefix,
            part,
        }
    }

    fn key(&self, key: &str) -> Key {
        self.prefix.parts().chain(Key::from(key).parts()).collect()
    }
}

#[async_trait]
impl FileStore for ObjectFiles {
    async fn create(&self, key: &str) -> Result<Box<dyn FileWriter>, FileStoreError> {
        let writer = ObjectWriter::new(Arc::clone(&self.objects), self.key(key), self.part);
        Ok(Box::new(writer))
    }

    async fn open(&self, key: &str, range: Range<u64>) -> Result<Box<dyn FileReader>, FileStoreError> {
        if range.is_empty() {
            return Ok(Box::new(ObjectReader::empty()));
        }
        let options = GetOptions {
            range: Some(GetRange::Bounded(range)),
            ..GetOptions::default()
        };
        let found = self.objects.get_opts(&self.key(key), options).await;
        let found = found.map_err(|error| failure(&error))?;
        Ok(Box::new(ObjectReader::new(found.into_stream())))
    }

    async fn delete(&self, key: &str) -> Result<(), FileStoreError> {
        let key = self.key(key);
        if let Some(folder) = &self.folder {
            folder.remove_draft(&key).await?;
        }
        match self.objects.delete(&key).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failure(&error)),
        }
    }
}
