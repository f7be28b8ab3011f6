//! PostgreSQL behind `support-core`'s storage ports: several nodes on one database.
//!
//! Everything of a batch is written in one transaction that first locks the counters of its
//! tenants, so that the order of events is the order of commits. Row-level security stands behind
//! every statement: it sees only the tenants that the caller has named.

mod commit;
mod deliveries;
mod error;
mod migrate;
mod presence;
mod reads;
mod rows;
mod statements;
mod upkeep;

use std::time::Duration;

use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, PgConnection, PgPool, Postgres, Transaction,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use support_core::{model::TenantId, ports::StoreError};

use crate::{
    error::{Failure, is_broken, store_error},
    statements::statements,
};

/// Prepared statements that a connection keeps: more than there are.
const STATEMENT_CACHE: usize = 256;

/// Where the database is and how much of it is used.
#[derive(Debug, Clone)]
pub struct PostgresConfig {
    /// As `postgres://user:password@host:port/database`.
    pub url: String,
    /// The most connections at once.
    pub max_connections: u32,
    /// How many batches of different tenants are committed at the same time.
    pub lanes: usize,
    /// How long a call waits for a connection.
    pub acquire_timeout: Duration,
}

impl PostgresConfig {
    /// The database at `url`, with 32 connections and 16 lanes.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            max_connections: 32,
            lanes: 16,
            acquire_timeout: Duration::from_secs(3),
        }
    }
}

/// All storage ports on one PostgreSQL database. Clones share the connections.
#[derive(Debug, Clone)]
pub struct PostgresStore {
    options: PgConnectOptions,
    pool: PgPool,
    lanes: usize,
}

/// What names every tenant there is or will be.
const ALL_TENANTS: &str = "*";

statements! {
    /// Names the tenants whose rows the connection may see.
    NAME_TENANTS = "select set_config('support.tenants', $1, false)";
}

impl PostgresStore {
    /// Connects and brings the schema up to date.
    ///
    /// # Errors
    /// [`StoreError`] when the database can't be reached, or was written by a newer version.
    pub async fn open(config: PostgresConfig) -> Result<Self, StoreError> {
        let options: PgConnectOptions = config.url.parse().map_err(store_error)?;
        let options = options
            .application_name("support")
            .statement_cache_capacity(STATEMENT_CACHE);
        let working = options.clone().options([
            // Small statements only: compiling them takes longer than running them.
            ("jit", "off"),
            // Everything is a few rows by key: a plan by index stays right when the table grows, and disks no longer seek.
            ("random_page_cost", "1.1"),
            // A node that freezes in mid-commit must not hold its tenants' counters for ever.
            ("idle_in_transaction_session_timeout", "30s"),
            ("lock_timeout", "10s"),
            ("statement_timeout", "30s"),
        ]);
        let store = Self {
            options,
            pool: pool(&config).connect_lazy_with(working),
            lanes: config.lanes.max(1),
        };
        store.migrate().await?;
        Ok(store)
    }

    /// Brings the schema up to date. Several nodes may do so at once.
    ///
    /// # Errors
    /// [`StoreError`] when the schema can't be changed, or is newer than this version knows.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        // A connection of its own: those of the pool give up waiting sooner than a long step may take.
        let mut connection = self.options.connect().await.map_err(store_error)?;
        name_tenants(&mut connection, ALL_TENANTS).await.map_err(store_error)?;
        migrate::run(&mut connection).await?;
        connection.close().await.map_err(store_error)
    }

    /// Lets go of the database once what is under way has ended.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// A connection that sees one tenant's rows.
    async fn reader(&self, tenant: TenantId) -> Result<PoolConnection<Postgres>, Failure> {
        self.connection(&named([tenant])).await
    }

    /// A connection that sees all tenants' rows: for finding a tenant, and for workers.
    async fn overseer(&self) -> Result<PoolConnection<Postgres>, Failure> {
        self.connection(ALL_TENANTS).await
    }

    async fn connection(&self, tenants: &str) -> Result<PoolConnection<Postgres>, Failure> {
        for _ in 0..self.pool.size() {
            let mut connection = self.pool.acquire().await?;
            match name_tenants(&mut connection, tenants).await {
                Ok(()) => return Ok(connection),
                // The server was gone in between: so are, perhaps, the other idle connections.
                Err(error) if is_broken(&error) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let mut connection = self.pool.acquire().await?;
        name_tenants(&mut connection, tenants).await?;
        Ok(connection)
    }

    /// A transaction that sees and writes the rows of `tenants`, as [`named`] writes them.
    async fn write(&self, tenants: &str) -> Result<Transaction<'static, Postgres>, Failure> {
        // One round trip for two statements; what is put in are ids.
        let begin = format!("begin; set local support.tenants = '{tenants}'");
        for _ in 0..self.pool.size() {
            match self.pool.begin_with(AssertSqlSafe(begin.clone())).await {
                Ok(transaction) => return Ok(transaction),
                Err(error) if is_broken(&error) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(self.pool.begin_with(AssertSqlSafe(begin)).await?)
    }
}

/// Connections are not tried before use: naming the tenants finds out as well.
fn pool(config: &PostgresConfig) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(config.max_connections.max(1))
        .acquire_timeout(config.acquire_timeout)
        .test_before_acquire(false)
}

/// Tenants as an array literal, for the setting that row-level security reads.
fn named(tenants: impl IntoIterator<Item = TenantId>) -> String {
    let tenants: Vec<String> = tenants.into_iter().map(|tenant| tenant.to_string()).collect();
    format!("{{{}}}", tenants.join(","))
}

async fn name_tenants(connection: &mut PgConnection, tenants: &str) -> sqlx::Result<()> {
    sqlx::query(NAME_TENANTS).bind(tenants).execute(connection).await?;
    Ok(())
}
