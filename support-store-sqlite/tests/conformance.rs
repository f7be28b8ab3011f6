//! The published suite over a file in a folder of its own.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use support_store_sqlite::{SqliteConfig, SqliteStore};
use tempfile::TempDir;

/// A store with nothing in it, and the folder that lives as long as it is used.
async fn sqlite_store() -> (SqliteStore, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let config = SqliteConfig::new(folder.path().join("support.db"));
    (SqliteStore::open(config).await.unwrap(), folder)
}

support_conformance::store_conformance!(guarded sqlite_store);
