//! SQLite behind `support-core`'s storage ports: one file, one writer, many readers.
//!
//! Everything of a batch is written in one `BEGIN IMMEDIATE` transaction with full
//! synchronisation; readers see the last committed state and never wait for the writer.

mod commit;
mod deliveries;
mod error;
mod migrate;
mod presence;
mod reads;
mod rows;
mod statements;
mod upkeep;

use std::{path::PathBuf, time::Duration};

use sqlx::{
    ConnectOptions, Connection, Sqlite, SqlitePool, Transaction,
    pool::PoolConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use support_core::ports::StoreError;

use crate::error::{Failure, is_busy, store_error};

/// How long a connection waits for another process to let go of the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a call waits for a connection of its own.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// Where the file is and how many read it at once.
#[derive(Debug, Clone)]
pub struct SqliteConfig {
    /// The file; made when it isn't there. Its folder must be.
    pub path: PathBuf,
    /// Connections for reading.
    pub readers: u32,
}

impl SqliteConfig {
    /// The file at `path`, with four readers.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            readers: 4,
        }
    }
}

/// All storage ports on one SQLite file. Clones share the connections.
#[derive(Debug, Clone)]
pub struct SqliteStore {
    writer: SqlitePool,
    readers: SqlitePool,
}

impl SqliteStore {
    /// Opens the file and brings its schema up to date.
    ///
    /// # Errors
    /// [`StoreError`] when the file can't be opened, or was written by a newer version.
    pub async fn open(config: SqliteConfig) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(&config.path)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT);
        let writing = options
            .clone()
            .create_if_missing(true)
            .synchronous(SqliteSynchronous::Full)
            .pragma("cache_size", "-16000");
        prepare_file(&writing).await?;
        // A reader that only promises not to write can still recover the log of a killed writer.
        let reading = options.pragma("query_only", "on");
        let store = Self {
            writer: pool(1).connect_with(writing).await.map_err(store_error)?,
            readers: pool(config.readers.max(1)).connect_lazy_with(reading),
        };
        store.migrate().await?;
        Ok(store)
    }

    /// Brings the schema up to date. Several processes may do so at once.
    ///
    /// # Errors
    /// [`StoreError`] when the schema can't be changed, or is newer than this version knows.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let mut connection = self.writer.acquire().await.map_err(store_error)?;
        migrate::run(&mut connection).await
    }

    /// Lets go of the file once what is under way has ended.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    async fn reader(&self) -> Result<PoolConnection<Sqlite>, Failure> {
        Ok(self.readers.acquire().await?)
    }

    async fn write(&self) -> Result<Transaction<'static, Sqlite>, Failure> {
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }
}

/// Connections that stay open: the last one to close would take the log with it.
fn pool(size: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(size)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
}

/// Makes the file one with a write-ahead log, which it then stays. SQLite refuses this at once,
/// without the busy timeout, while another process does the same.
async fn prepare_file(options: &SqliteConnectOptions) -> Result<(), StoreError> {
    let options = options.clone().journal_mode(SqliteJournalMode::Wal);
    let deadline = tokio::time::Instant::now() + BUSY_TIMEOUT;
    loop {
        match options.connect().await {
            Ok(connection) => return connection.close().await.map_err(store_error),
            Err(error) if is_busy(&error) && tokio::time::Instant::now() < deadline => {}
            Err(error) => return Err(store_error(error)),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
