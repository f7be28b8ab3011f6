//! What the database says, in the ports' words.

use sqlx::error::{DatabaseError, ErrorKind};
use support_core::ports::StoreError;

/// Why work on the database ended early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A uniqueness that had been checked was gone when it came to writing.
    Concurrent,
    /// All else, for the caller.
    Store(StoreError),
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        if is_concurrent(&error) {
            return Self::Concurrent;
        }
        Self::Store(store_error(error))
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Concurrent => Self::Failed("somebody else wrote the same at the same moment".to_owned()),
            Failure::Store(error) => error,
        }
    }
}

/// Whether somebody took the same name or place at the same moment.
pub(crate) fn is_concurrent(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(|database| matches!(database.kind(), ErrorKind::UniqueViolation))
}

/// The port's error for one of the database's.
#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err asks for")]
pub(crate) fn store_error(error: sqlx::Error) -> StoreError {
    let text = error.to_string();
    match &error {
        sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::Io(_)
        | sqlx::Error::BeginFailed => StoreError::Unavailable(text),
        sqlx::Error::Database(database) if is_passing(database.as_ref()) => StoreError::Unavailable(text),
        _ => StoreError::Failed(text),
    }
}

/// Whether the same could go well a little later: the file is busy, locked, unreadable for now,
/// or the disk is full.
fn is_passing(error: &dyn DatabaseError) -> bool {
    const PASSING: [i64; 5] = [5, 6, 10, 13, 14];
    code(error).is_some_and(|code| PASSING.contains(&code))
}

/// Whether somebody else has the file just now.
pub(crate) fn is_busy(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(code);
    matches!(code, Some(5 | 6))
}

/// SQLite's primary result code, which is the low byte of the extended ones.
fn code(error: &dyn DatabaseError) -> Option<i64> {
    let extended: i64 = error.code()?.parse().ok()?;
    Some(extended & 0xff)
}
