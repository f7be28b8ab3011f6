//! A node that does nothing but send what is owed, until it is killed or its input ends.
//!
//! `sending_node <database> <port of the mail server> <lease in milliseconds>`

#![expect(clippy::unwrap_used, reason = "a part of tests: what it can't do fails the test")]

use std::{io::Read, time::Duration};

use support_core::workers::run_deliveries;
use support_faults::node::{Sending, desk};

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let sending = Sending {
        database: arguments.next().unwrap(),
        smtp_port: arguments.next().unwrap().parse().unwrap(),
        lease: Duration::from_millis(arguments.next().unwrap().parse().unwrap()),
    };
    let desk = desk(&sending).await;
    let input_ends = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
    run_deliveries(desk, async move {
        let _ended = input_ends.await;
    })
    .await;
}
