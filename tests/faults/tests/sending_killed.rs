//! Nodes die without warning while they send.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::{path::Path, process::Stdio, time::Duration};

use support_core::model::DeliveryStatus;
use support_faults::{
    node::{Sending, confirmations, desk, open_shop},
    outgoing::doubles,
};
use support_peers::SmtpSink;
use support_testkit::{Postgres, eventually};
use tokio::process::{Child, Command};

const OWED: usize = 500;
const DEATHS: usize = 8;
/// Sends of one lane that a node has under way at most.
const UNDER_WAY: usize = 16;
const LEASE: Duration = Duration::from_secs(2);
const LIMIT: Duration = Duration::from_secs(60);

fn start_node(sending: &Sending) -> Child {
    let mut node = Command::new(Path::new(env!("CARGO_BIN_EXE_sending_node")));
    node.arg(&sending.database)
        .arg(sending.smtp_port.to_string())
        .arg(sending.lease.as_millis().to_string())
        .stdin(Stdio::piped())
        .kill_on_drop(true);
    node.spawn().unwrap()
}

/// Waits until so many mails more were taken.
async fn taken(sink: &SmtpSink, more: usize) {
    let goal = sink.mails().len() + more;
    eventually(LIMIT, || async { (sink.mails().len() >= goal).then_some(()) }).await;
}

async fn everything_owed_arrives_whatever_dies(database: String) {
    let sink = SmtpSink::start().await;
    sink.latency(Duration::from_millis(10));
    let sending = Sending {
        database,
        smtp_port: sink.port(),
        lease: LEASE,
    };
    let desk = desk(&sending).await;
    let shop = open_shop(&desk, OWED).await;
    let owed = confirmations(&desk, shop.id).await;
    assert_eq!(owed.len(), OWED);

    let mut node = start_node(&sending);
    for death in 0..DEATHS {
        // Not at the same point of the work each time.
        taken(&sink, 20 + 7 * (death % 5)).await;
        node.kill().await.unwrap();
        node = start_node(&sending);
    }
    let settled = eventually(LIMIT, || async {
        let all = confirmations(&desk, shop.id).await;
        let is_over = |status| matches!(status, DeliveryStatus::Sent | DeliveryStatus::Dead);
        all.iter().all(|delivery| is_over(delivery.status)).then_some(all)
    })
    .await;
    assert_eq!(settled.len(), OWED);
    assert!(settled.iter().all(|delivery| delivery.status == DeliveryStatus::Sent));

    let doubles = doubles(&sink.mails(), OWED);
    let excusable = DEATHS * UNDER_WAY;
    assert!(doubles <= excusable, "{doubles} came twice, {excusable} may have");
    drop(node);
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_owed_arrives_whatever_dies_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("support.db");
    everything_owed_arrives_whatever_dies(format!("sqlite://{}", file.display())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_owed_arrives_whatever_dies_on_postgresql() {
    let postgres = Postgres::start().await;
    everything_owed_arrives_whatever_dies(postgres.database()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_that_hold_their_leases_send_nothing_twice() {
    let sink = SmtpSink::start().await;
    sink.latency(Duration::from_millis(2));
    let postgres = Postgres::start().await;
    let sending = Sending {
        database: postgres.database(),
        smtp_port: sink.port(),
        lease: Duration::from_secs(60),
    };
    let desk = desk(&sending).await;
    let shop = open_shop(&desk, OWED).await;
    let nodes = [start_node(&sending), start_node(&sending)];
    eventually(LIMIT, || async {
        let all = confirmations(&desk, shop.id).await;
        let sent = all.iter().filter(|delivery| delivery.status == DeliveryStatus::Sent);
        (sent.count() == OWED).then_some(())
    })
    .await;
    assert_eq!(doubles(&sink.mails(), OWED), 0);
    assert!(sink.max_concurrent() > 8, "both of them sent");
    drop(nodes);
}
