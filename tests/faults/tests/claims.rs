//! A hundred and sixty agents at one queue.

use std::time::Duration;

use support_faults::claims::{Crowd, claim, node};
use support_testkit::{Postgres, Store};

const CROWD: Crowd = Crowd {
    agents: 160,
    capacity: 1,
    visitors: 4,
    waiting: 200,
    coming: Duration::from_secs(2),
};

fn is_a_crowd(claimed: &support_faults::claims::Claimed) {
    assert!(claimed.taken > 0, "some take what they want: {claimed:?}");
    assert!(
        claimed.taken < claimed.requests,
        "some are given what waits: {claimed:?}"
    );
    assert!(claimed.most_at_once > 0, "{claimed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn on_one_node_nothing_is_claimed_twice_nobody_is_overfilled_and_nothing_is_left_over() {
    let server = node(Store::Sqlite).await;
    is_a_crowd(&claim(&[&server], CROWD).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn on_two_nodes_nothing_is_claimed_twice_nobody_is_overfilled_and_nothing_is_left_over() {
    let postgres = Postgres::start().await;
    let database = postgres.database();
    let near = node(Store::Postgres(database.clone())).await;
    let far = node(Store::Postgres(database)).await;
    is_a_crowd(&claim(&[&near, &far], CROWD).await);
}
