//! The store that `DATABASE_URL` names.

use std::{path::Path, sync::Arc};

use support_core::{desk::Stores, ports::StoreError};
use support_store_postgres::{PostgresConfig, PostgresStore};
use support_store_sqlite::{SqliteConfig, SqliteStore};

use crate::settings::{Database, Settings};

/// An open store with its schema up to date.
pub(crate) enum OpenStore {
    /// One file.
    Sqlite(Arc<SqliteStore>),
    /// A server for several nodes.
    Postgres(Arc<PostgresStore>),
}

impl OpenStore {
    /// Opens it and brings its schema up to date.
    ///
    /// # Errors
    /// [`StoreError`] when it can't be opened, or was written by a newer version.
    pub(crate) async fn open(settings: &Settings) -> Result<Self, StoreError> {
        let connections = settings.database_max_connections;
        match &settings.database {
            Database::Sqlite(file) => {
                let store = SqliteStore::open(sqlite(file, connections)).await?;
                Ok(Self::Sqlite(Arc::new(store)))
            }
            Database::Postgres(url) => {
                let store = PostgresStore::open(postgres(url.reveal(), connections)).await?;
                Ok(Self::Postgres(Arc::new(store)))
            }
        }
    }

    /// Its ports.
    pub(crate) fn stores(&self) -> Stores {
        match self {
            Self::Sqlite(store) => Stores::of(store),
            Self::Postgres(store) => Stores::of(store),
        }
    }

    /// Lets go of it once what is under way has ended.
    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(store) => store.close().await,
            Self::Postgres(store) => store.close().await,
        }
    }
}

fn sqlite(file: &Path, connections: Option<u32>) -> SqliteConfig {
    let config = SqliteConfig::new(file);
    // One connection writes.
    let readers = connections.map_or(config.readers, |connections| connections.saturating_sub(1));
    SqliteConfig { readers, ..config }
}

fn postgres(url: &str, connections: Option<u32>) -> PostgresConfig {
    let config = PostgresConfig::new(url);
    let max_connections = connections.unwrap_or(config.max_connections);
    // Half of the connections at least are for reading.
    let half = usize::try_from(max_connections / 2).unwrap_or(usize::MAX);
    PostgresConfig {
        max_connections,
        lanes: config.lanes.min(half.max(1)),
        ..config
    }
}
