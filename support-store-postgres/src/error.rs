//! What the database says, in the ports' words.

use sqlx::error::{DatabaseError, ErrorKind};
use support_core::ports::StoreError;

/// Why work on the database ended early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A uniqueness that had been checked was gone when it came to writing.
    Concurrent,
    /// The database chose this transaction to give way; the same again may go well.
    Outdone(StoreError),
    /// All else, for the caller.
    Store(StoreError),
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        if is_concurrent(&error) {
            return Self::Concurrent;
        }
        if is_outdone(&error) {
            return Self::Outdone(StoreError::Unavailable(error.to_string()));
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
            Failure::Outdone(error) | Failure::Store(error) => error,
        }
    }
}

/// Whether somebody took the same name or place at the same moment.
pub(crate) fn is_concurrent(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(|database| matches!(database.kind(), ErrorKind::UniqueViolation))
}

/// Whether a deadlock or a serialization failure ended the transaction (SQLSTATE 40P01, 40001).
fn is_outdone(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(DatabaseError::code);
    code.is_some_and(|code| code.starts_with("40"))
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
        | sqlx::Error::Protocol(_)
        | sqlx::Error::BeginFailed => StoreError::Unavailable(text),
        sqlx::Error::Database(database) if is_passing(database.as_ref()) => StoreError::Unavailable(text),
        _ => StoreError::Failed(text),
    }
}

/// Whether the same could go well a little later, by the class of the SQLSTATE: the connection broke, the server gave
/// the transaction up, lacks room, stops or starts, or was for a moment one that only reads.
fn is_passing(error: &dyn DatabaseError) -> bool {
    const PASSING: [&str; 6] = ["08", "25006", "40", "53", "55P03", "57"];
    error
        .code()
        .is_some_and(|code| PASSING.iter().any(|passing| code.starts_with(passing)))
}

/// Whether the connection itself is what failed, so that another one may do.
pub(crate) fn is_broken(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) => true,
        sqlx::Error::Database(database) => database
            .code()
            .is_some_and(|code| code.starts_with("08") || code.starts_with("57P")),
        _ => false,
    }
}
