//! SQLite behind `support-core`'s storage ports: one file, one writer, many readers.
//!
//! Everything of a batch is written in one `BEGIN IMMEDIATE` transaction with full
//! synchronisation; readers see the last committed state and never wait for the writer.
//! Each connection lives on a thread of its own, which does a whole batch or a whole read at a time.

mod commit;
mod connections;
mod deliveries;
mod error;
mod migrate;
mod presence;
mod query;
mod reads;
mod rows;
mod statements;
mod threads;
mod upkeep;

use std::{path::PathBuf, sync::Arc};

use rusqlite::{Connection, Transaction, TransactionBehavior};
use support_core::ports::StoreError;

use crate::{
    connections::{open_reader, open_writer},
    error::Failure,
    threads::Threads,
};

/// How many writes wait for the writer before more are refused.
const WAITING_WRITES: usize = 1024;
/// How many reads wait for a reader before more are refused.
const WAITING_READS: usize = 4096;

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
    writer: Arc<Threads>,
    readers: Arc<Threads>,
}

impl SqliteStore {
    /// Opens the file and brings its schema up to date.
    ///
    /// # Errors
    /// [`StoreError`] when the file can't be opened, or was written by a newer version.
    pub async fn open(config: SqliteConfig) -> Result<Self, StoreError> {
        let (written, read) = (config.path.clone(), config.path);
        let writer = Threads::start("sqlite-writer", 1, WAITING_WRITES, move || open_writer(&written)).await?;
        let count = config.readers.max(1);
        let readers = Threads::start("sqlite-reader", count, WAITING_READS, move || open_reader(&read)).await?;
        let store = Self {
            writer: Arc::new(writer),
            readers: Arc::new(readers),
        };
        store.migrate().await?;
        Ok(store)
    }

    /// Brings the schema up to date. Several processes may do so at once.
    ///
    /// # Errors
    /// [`StoreError`] when the schema can't be changed, or is newer than this version knows.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        Ok(self.writer.call(migrate::run).await?)
    }

    /// Lets go of the file once what is under way has ended.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    /// Has a reader do something, in one go.
    async fn read<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    {
        Ok(self.readers.call(|connection| work(connection)).await?)
    }

    /// Puts everything in the log into the file, and empties the log unless somebody still reads it.
    async fn begin_log_anew(&self) -> Result<(), Failure> {
        let emptied = |connection: &mut Connection| {
            connection.query_row("pragma wal_checkpoint(truncate)", (), |_| Ok(()))?;
            Ok(())
        };
        self.writer.call(emptied).await
    }

    /// Has the writer do something, in one go and one transaction, which is rolled back when the
    /// work fails.
    async fn write<T, W>(&self, work: W) -> Result<T, Failure>
    where
        T: Send + 'static,
        W: FnOnce(&mut Transaction<'_>) -> Result<T, Failure> + Send + 'static,
    {
        let whole = |connection: &mut Connection| {
            let mut transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let result = work(&mut transaction)?;
            transaction.commit()?;
            Ok(result)
        };
        self.writer.call(whole).await
    }
}
