//! The server dies without warning while 64 people write, again and again.

use support_faults::Writers;
use support_testkit::{Postgres, Server, Store};

const WRITERS: usize = 64;
const DEATHS: u64 = 20;

async fn every_acknowledged_message_survives(store: Store) {
    let mut server = Server::builder().store(store).start().await;
    let mut writers = Writers::open(&server.api(), WRITERS).await;
    writers.start();
    for death in 0..DEATHS {
        // Not at the same point of the work each time.
        writers.accepted(50 + 37 * (death % 5)).await;
        server.kill_9();
        server.restart().await;
    }
    writers.accepted(1).await;
    writers.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_acknowledged_message_survives_twenty_deaths_on_sqlite() {
    every_acknowledged_message_survives(Store::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_acknowledged_message_survives_twenty_deaths_on_postgresql() {
    let postgres = Postgres::start().await;
    every_acknowledged_message_survives(Store::Postgres(postgres.database())).await;
}
