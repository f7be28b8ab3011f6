//! What can be wrong with the place where files are kept.

use object_store::Error;
use support_core::ports::FileStoreError;

/// Files can't be kept there.
#[derive(Debug, thiserror::Error)]
#[error("files can't be kept there: {0}")]
pub struct UnusablePlace(pub(crate) String);

/// What went wrong, without the names of folders and keys: those are for nobody but the log.
pub(crate) fn failure(error: &Error) -> FileStoreError {
    match error {
        Error::NotFound { .. } => FileStoreError::NotFound,
        Error::InvalidPath { .. }
        | Error::NotSupported { .. }
        | Error::NotImplemented { .. }
        | Error::PermissionDenied { .. }
        | Error::Unauthenticated { .. }
        | Error::AlreadyExists { .. }
        | Error::Precondition { .. }
        | Error::NotModified { .. }
        | Error::UnknownConfigurationKey { .. } => FileStoreError::Failed(error.to_string()),
        error => FileStoreError::Unavailable(error.to_string()),
    }
}
