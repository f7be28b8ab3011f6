//! From the process's birth to its being ready, and what it holds then.

use std::time::Duration;

use support_testkit::{Postgres, Server, Store};
use tokio::time::{Instant, sleep};

use crate::{
    Failure,
    http::{self, Connection},
    options::{Plan, StoreKind},
    process::resident_memory,
    report::StartRow,
};

/// One start.
#[derive(Debug)]
pub(crate) struct Started {
    /// Until it wrote that it listens.
    pub(crate) listening: Duration,
    /// Until it answered that it is alive.
    pub(crate) ready: Duration,
    /// Bytes held once it has come to rest.
    pub(crate) memory: u64,
}

/// Measures first starts, with everything to be made, and those after them.
pub(crate) async fn measure(plan: &Plan) -> Result<Vec<StartRow>, Failure> {
    // The very first one finds the binary, and reads it from the disk.
    drop(Server::start().await);
    let mut rows = Vec::new();
    for store in &plan.stores {
        let postgres = match store {
            StoreKind::Sqlite => None,
            StoreKind::Postgres => Some(Postgres::start_durable().await),
        };
        let (mut first, mut again) = (Vec::new(), Vec::new());
        for _ in 0..plan.starts {
            let data = postgres
                .as_ref()
                .map_or(Store::Sqlite, |postgres| Store::Postgres(postgres.database()));
            let born = Instant::now();
            let mut server = Server::builder().store(data).start().await;
            first.push(started(plan, &server, born).await?);
            server.kill_9();
            let born = Instant::now();
            server.restart().await;
            again.push(started(plan, &server, born).await?);
        }
        rows.push(StartRow::of(store.name(), "empty", &first));
        rows.push(StartRow::of(store.name(), "filled", &again));
    }
    Ok(rows)
}

async fn started(plan: &Plan, server: &Server, born: Instant) -> Result<Started, Failure> {
    let mut connection = Connection::open(http::address(server.base())?).await?;
    connection.exchange(&http::get("/healthz")).await?.success()?;
    let ready = born.elapsed();
    drop(connection);
    sleep(plan.settling).await;
    Ok(Started {
        listening: server.started_in(),
        ready,
        memory: resident_memory(server.pid())?,
    })
}
