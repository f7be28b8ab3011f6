//! The server is asked to stop, or its database goes away, while mail is under way.

use std::time::Duration;

use support_faults::outgoing::{deliveries, doubles, request, sending_to};
use support_peers::SmtpSink;
use support_testkit::{Postgres, Server, Store, eventually};

const OWED: usize = 60;
const LIMIT: Duration = Duration::from_secs(60);

async fn what_is_under_way_is_finished_and_nothing_goes_twice(store: Store) {
    let sink = SmtpSink::start().await;
    let mut server = sending_to(Server::builder().store(store), sink.port()).start().await;
    sink.latency(Duration::from_millis(100));
    request(&server.api(), 0..OWED).await;
    for _ in 0..2 {
        let before = sink.mails().len();
        eventually(LIMIT, || async { (sink.mails().len() > before).then_some(()) }).await;
        let asked = tokio::time::Instant::now();
        assert!(server.stop().await.success());
        assert!(asked.elapsed() < Duration::from_secs(15), "within the grace");
        server.restart().await;
    }
    sink.latency(Duration::ZERO);
    let admin = server.admin_api().await;
    // Nothing has to wait until a lease is over.
    eventually(Duration::from_secs(30), || async {
        (deliveries(&admin, "sent").await.len() == OWED).then_some(())
    })
    .await;
    assert_eq!(doubles(&sink.mails(), OWED), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_under_way_is_finished_and_nothing_goes_twice_on_sqlite() {
    what_is_under_way_is_finished_and_nothing_goes_twice(Store::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_under_way_is_finished_and_nothing_goes_twice_on_postgresql() {
    let postgres = Postgres::start().await;
    what_is_under_way_is_finished_and_nothing_goes_twice(Store::Postgres(postgres.database())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sent_while_the_database_was_away_is_settled_when_it_is_back() {
    let sink = SmtpSink::start().await;
    let mut postgres = Postgres::start_own().await;
    let server = sending_to(
        Server::builder().store(Store::Postgres(postgres.database())),
        sink.port(),
    )
    .start()
    .await;
    sink.latency(Duration::from_millis(200));
    request(&server.api(), 0..OWED).await;
    eventually(LIMIT, || async { (sink.mails().len() > 8).then_some(()) }).await;
    postgres.down().await;
    // What was under way arrives, and can't be settled.
    let taken = eventually(LIMIT, || async {
        let taken = sink.mails().len();
        (taken >= 16).then_some(taken)
    })
    .await;
    assert!(taken < OWED);
    let back = tokio::time::Instant::now() + Duration::from_secs(8);
    eventually(LIMIT, || async { (tokio::time::Instant::now() >= back).then_some(()) }).await;
    postgres.up().await;
    sink.latency(Duration::ZERO);
    let admin = server.admin_api().await;
    eventually(LIMIT * 2, || async {
        (deliveries(&admin, "sent").await.len() == OWED).then_some(())
    })
    .await;
    assert_eq!(doubles(&sink.mails(), OWED), 0, "what was sent is not sent again");
}
