//! Giving the bytes of one object.

use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt, stream::BoxStream};
use support_core::ports::{FileReader, FileStoreError};

use crate::error::failure;

/// The bytes of an object as they arrive.
pub(crate) struct ObjectReader(BoxStream<'static, object_store::Result<Bytes>>);

impl ObjectReader {
    pub(crate) fn new(bytes: BoxStream<'static, object_store::Result<Bytes>>) -> Self {
        Self(bytes)
    }

    pub(crate) fn empty() -> Self {
        Self(futures::stream::empty().boxed())
    }
}

#[async_trait]
impl FileReader for ObjectReader {
    async fn read(&mut self) -> Result<Option<Vec<u8>>, FileStoreError> {
        let next = self.0.next().await.transpose().map_err(|error| failure(&error))?;
        Ok(next.map(Vec::from))
    }
}
