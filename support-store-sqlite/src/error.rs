//! What the database says, in the ports' words.

use rusqlite::{ErrorCode, ffi};
use support_core::ports::StoreError;

/// Why work on the database ended early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A uniqueness that had been checked was gone when it came to writing.
    Concurrent,
    /// All else, for the caller.
    Store(StoreError),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
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
pub(crate) fn is_concurrent(error: &rusqlite::Error) -> bool {
    const TAKEN: [i32; 2] = [ffi::SQLITE_CONSTRAINT_UNIQUE, ffi::SQLITE_CONSTRAINT_PRIMARYKEY];
    let code = error.sqlite_error().map(|sqlite| sqlite.extended_code);
    code.is_some_and(|code| TAKEN.contains(&code))
}

/// The port's error for one of the database's.
#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err asks for")]
pub(crate) fn store_error(error: rusqlite::Error) -> StoreError {
    let text = error.to_string();
    if is_passing(&error) {
        return StoreError::Unavailable(text);
    }
    StoreError::Failed(text)
}

/// Whether the same could go well a little later: the file is busy, locked, unreadable for now,
/// or the disk is full.
fn is_passing(error: &rusqlite::Error) -> bool {
    let is_troubled = matches!(
        code(error),
        Some(ErrorCode::SystemIoFailure | ErrorCode::DiskFull | ErrorCode::CannotOpen)
    );
    is_busy(error) || is_troubled
}

/// Whether somebody else has the file just now.
pub(crate) fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(code(error), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

/// SQLite's result code, also of a statement that could not be prepared.
fn code(error: &rusqlite::Error) -> Option<ErrorCode> {
    match error {
        rusqlite::Error::SqlInputError { error, .. } => Some(error.code),
        other => other.sqlite_error_code(),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use std::time::Duration;

    use rusqlite::Connection;

    use super::*;

    /// What the second of two statements fails with.
    fn failing(first: &str, second: &str) -> Failure {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(first).unwrap();
        connection.execute_batch(second).unwrap_err().into()
    }

    #[test]
    fn what_is_taken_is_concurrent() {
        for column in ["a unique", "a primary key"] {
            let table = format!("create table t ({column}); insert into t values ('x')");
            let failure = failing(&table, "insert into t values ('x')");
            assert!(matches!(failure, Failure::Concurrent), "{column}: {failure:?}");
        }
    }

    #[test]
    fn other_constraints_and_mistakes_are_failures() {
        let table = "create table t (a not null)";
        for wrong in ["insert into t values (null)", "insert into u values (1)", "no sql"] {
            let failure = failing(table, wrong);
            assert!(matches!(failure, Failure::Store(StoreError::Failed(_))), "{failure:?}");
        }
    }

    #[test]
    fn a_full_disk_passes() {
        let full = "create table t (a); pragma max_page_count = 1";
        let failure = failing(full, "insert into t values (zeroblob(100000))");
        assert!(
            matches!(failure, Failure::Store(StoreError::Unavailable(_))),
            "{failure:?}"
        );
    }

    #[test]
    fn a_locked_file_passes() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Connection::open(folder.path().join("one.db")).unwrap();
        let (first, second) = (open(), open());
        second.busy_timeout(Duration::ZERO).unwrap();
        first.execute_batch("begin immediate").unwrap();
        let error = second.execute_batch("begin immediate").unwrap_err();
        assert!(is_busy(&error), "{error:?}");
        assert!(matches!(store_error(error), StoreError::Unavailable(_)));
    }
}
