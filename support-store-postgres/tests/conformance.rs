//! The conformance suite, each case on a database of its own.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use support_conformance::store_conformance;
use support_store_postgres::{PostgresConfig, PostgresStore};
use support_testkit::Postgres;

async fn fresh_store() -> (PostgresStore, Postgres) {
    let server = Postgres::start().await;
    let store = PostgresStore::open(PostgresConfig::new(server.database()))
        .await
        .unwrap();
    (store, server)
}

store_conformance!(guarded fresh_store);
