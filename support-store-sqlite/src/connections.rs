//! How the file is opened.

use std::{path::Path, thread, time::Duration};

use rusqlite::{Connection, OpenFlags};
use support_core::ports::StoreError;

use crate::error::{is_busy, store_error};

/// How long a connection waits for another process to let go of the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long it waits between two tries where SQLite itself does not wait.
const PAUSE: Duration = Duration::from_millis(20);
/// Prepared statements that a connection keeps: more than there are.
const STATEMENT_CACHE: usize = 256;

/// The connection that writes; the file is made when it isn't there.
pub(crate) fn open_writer(path: &Path) -> Result<Connection, StoreError> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_CREATE).map_err(store_error)?;
    prepare_file(&connection).map_err(store_error)?;
    let pragmas = "pragma synchronous = full; pragma cache_size = -16000; pragma secure_delete = on";
    connection.execute_batch(pragmas).map_err(store_error)?;
    Ok(connection)
}

/// A connection that reads. It only promises not to write, and so can still recover the log of a
/// killed writer.
pub(crate) fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    let connection = open(path, OpenFlags::empty()).map_err(store_error)?;
    let pragmas = "pragma query_only = on";
    connection.execute_batch(pragmas).map_err(store_error)?;
    Ok(connection)
}

/// A connection stays on its thread, so that SQLite need not lock it.
fn open(path: &Path, more: OpenFlags) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | more;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
    connection.execute_batch("pragma foreign_keys = on")?;
    Ok(connection)
}

/// Makes the file one with a write-ahead log, which it then stays. SQLite refuses this at once,
/// without the busy timeout, while another process does the same.
#[expect(clippy::disallowed_methods, reason = "waits on the connection's own thread")]
fn prepare_file(connection: &Connection) -> rusqlite::Result<()> {
    let mut waited = Duration::ZERO;
    loop {
        match connection.execute_batch("pragma journal_mode = wal") {
            Err(error) if is_busy(&error) && waited < BUSY_TIMEOUT => {}
            done => return done,
        }
        thread::sleep(PAUSE);
        waited += PAUSE;
    }
}
