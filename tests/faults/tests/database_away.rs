//! The database goes away under load and comes back.

use std::{sync::atomic::Ordering, time::Duration};

use support_faults::Writers;
use support_testkit::{Postgres, Server, Store, eventually};

const AWAY: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread")]
async fn writers_are_told_to_come_back_and_nothing_acknowledged_is_lost() {
    let mut postgres = Postgres::start_own().await;
    let server = Server::builder()
        .store(Store::Postgres(postgres.database()))
        .start()
        .await;
    let mut writers = Writers::open(&server.api(), 32).await;
    writers.start();
    writers.accepted(200).await;

    postgres.down().await;
    let back = tokio::time::Instant::now() + AWAY;
    let refused_before = writers.answers().unavailable.load(Ordering::Relaxed);
    eventually(AWAY * 2, || async {
        (tokio::time::Instant::now() >= back).then_some(())
    })
    .await;
    let refused = writers.answers().unavailable.load(Ordering::Relaxed) - refused_before;
    assert!(refused > 0, "nobody was told that the service is unavailable");
    assert_eq!(
        server.api().get("/healthz").await.status,
        200,
        "the process itself is alive"
    );

    postgres.up().await;
    writers.accepted(200).await;
    writers.finish().await;
}
