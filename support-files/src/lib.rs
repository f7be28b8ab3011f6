//! Keeps the bytes of files behind `support-core`'s [`FileStore`](support_core::ports::FileStore):
//! in a folder, or (feature `s3`) in a bucket of Amazon S3 or of whatever speaks its protocol.
//!
//! Feature `thumbnails` makes small pictures of images, and feature `clamd` asks ClamAV about every
//! file before anybody can get it.
//!
//! Bytes go in and out as they come: a file is never held whole. What does not come in whole
//! leaves nothing.
//!
//! ```
//! use std::sync::Arc;
//!
//! use support_core::desk::{Desk, DeskBuilder};
//! use support_files::ObjectFiles;
//!
//! fn with_files(builder: DeskBuilder) -> Result<DeskBuilder, support_files::UnusablePlace> {
//!     Ok(builder.file_store(Arc::new(ObjectFiles::in_folder("./data/files")?)))
//! }
//! # with_files(Desk::builder(support_core::memory::MemoryStore::new()).clock(support_core::ports::SystemClock)).map(drop).ok();
//! ```

#![warn(missing_docs)]

#[cfg(feature = "s3")]
mod bucket;
#[cfg(feature = "clamd")]
mod clamd;
mod error;
mod folder;
mod reader;
mod store;
#[cfg(feature = "thumbnails")]
mod thumbnails;
mod writer;

#[cfg(feature = "s3")]
pub use bucket::Bucket;
#[cfg(feature = "clamd")]
pub use clamd::{Clamd, ClamdAddress, NoClamdAddress};
pub use error::UnusablePlace;
pub use store::ObjectFiles;
#[cfg(feature = "thumbnails")]
pub use thumbnails::Thumbnails;
