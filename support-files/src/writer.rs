//! Taking the bytes of one object.

use std::sync::Arc;

use async_trait::async_trait;
use object_store::{MultipartUpload, ObjectStore, ObjectStoreExt, path::Path as Key};
use support_core::ports::{FileStoreError, FileWriter};
use tokio::runtime::Handle;

use crate::error::failure;

/// Hands an object over in parts of one size; one that is smaller than a part, at once.
pub(crate) struct ObjectWriter {
    objects: Arc<dyn ObjectStore>,
    key: Key,
    part: usize,
    gathered: Vec<u8>,
    upload: Option<Box<dyn MultipartUpload>>,
}

impl ObjectWriter {
    pub(crate) fn new(objects: Arc<dyn ObjectStore>, key: Key, part: usize) -> Self {
        Self {
            objects,
            key,
            part,
            gathered: Vec::new(),
            upload: None,
        }
    }

    async fn hand_over(&mut self) -> object_store::Result<()> {
        let upload = match &mut self.upload {
            Some(upload) => upload,
            None => self.upload.insert(self.objects.put_multipart(&self.key).await?),
        };
        let part = std::mem::take(&mut self.gathered);
        upload.put_part(part.into()).await
    }
}

#[async_trait]
impl FileWriter for ObjectWriter {
    async fn write(&mut self, bytes: Vec<u8>) -> Result<(), FileStoreError> {
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let room = self.part.saturating_sub(self.gathered.len());
            let (now, later) = rest.split_at(room.min(rest.len()));
            self.gathered.extend_from_slice(now);
            rest = later;
            if self.gathered.len() >= self.part {
                self.hand_over().await.map_err(|error| failure(&error))?;
            }
        }
        Ok(())
    }

    async fn finish(mut self: Box<Self>) -> Result<(), FileStoreError> {
        let done = match self.upload {
            None => {
                let whole = std::mem::take(&mut self.gathered);
                self.objects.put(&self.key, whole.into()).await.map(drop)
            }
            Some(_) => {
                let last = if self.gathered.is_empty() {
                    Ok(())
                } else {
                    self.hand_over().await
                };
                let completed = match (last, &mut self.upload) {
                    (Ok(()), Some(upload)) => upload.complete().await.map(drop),
                    (last, _) => last,
                };
                if completed.is_ok() {
                    self.upload = None;
                }
                completed
            }
        };
        done.map_err(|error| failure(&error))
    }

    async fn abort(mut self: Box<Self>) {
        if let Some(upload) = self.upload.take() {
            give_up(upload).await;
        }
    }
}

/// A writer that nobody goes on with keeps nothing either; what a bucket has of it costs money.
impl Drop for ObjectWriter {
    fn drop(&mut self) {
        if let (Some(upload), Ok(runtime)) = (self.upload.take(), Handle::try_current()) {
            runtime.spawn(give_up(upload));
        }
    }
}

async fn give_up(mut upload: Box<dyn MultipartUpload>) {
    if let Err(error) = upload.abort().await {
        tracing::warn!(%error, "parts of a refused file may be left behind");
    }
}
