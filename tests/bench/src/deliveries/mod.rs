//! What is owed to the outside: how quickly it goes, what a long queue costs, and what a dead mail server delays.

mod bare;
mod beside;
mod drain;

use std::net::SocketAddr;

use futures::future::try_join_all;
use serde_json::json;
use support_testkit::{Server, ServerBuilder};

pub(crate) use self::drain::Drained;
use crate::{
    Failure,
    http::{Connection, post},
    options::Plan,
    report::{BesideRow, DeliveriesReport, DrainRow},
};

/// Connections that make requests at once.
const AT_ONCE: usize = 64;

/// Measures both, on each store.
pub(crate) async fn measure(plan: &Plan) -> Result<DeliveriesReport, Failure> {
    let mut drained = Vec::new();
    let mut beside = Vec::new();
    for store in &plan.stores {
        drained.push(drain::measure(plan, *store).await?);
    }
    let mail = drained.first().map(|drained| drained.mail.clone()).unwrap_or_default();
    let bare = bare::measure(plan, &mail).await?;
    for store in &plan.stores {
        let [alive, dead] = beside::measure(plan, *store).await?;
        beside.push(BesideRow::of(store.name(), "alive", &alive, None));
        let with_alive = beside.last().cloned();
        beside.push(BesideRow::of(store.name(), "dead", &dead, with_alive.as_ref()));
    }
    let mut rows = vec![DrainRow::of_bare(plan.owed, bare)];
    rows.extend(drained.iter().map(|drained| DrainRow::of(drained, bare)));
    Ok(DeliveriesReport { drain: rows, beside })
}

/// A server whose mail goes to this port of this machine.
fn sending_to(port: u16) -> ServerBuilder {
    Server::builder()
        .setting("SMTP_SERVER", "127.0.0.1")
        .setting("SMTP_PORT", &port.to_string())
        .setting("SMTP_USE_TLS", "none")
        .setting("FROM_EMAIL", "support@shop.example")
        .setting("DELIVERY_RETRY_SCHEDULE", &["0.2"; 60].join(","))
        // What is gathered for the team stays out of the measure.
        .setting("OFFLINE_DIGEST_DELAY_S", "86400")
}

/// Whom a request's confirmation goes to.
fn recipient(number: usize) -> String {
    format!("person-{number}@mail.example")
}

fn request(number: usize, words: &str) -> Vec<u8> {
    let body = json!({
        "session_id": format!("session-{number}"),
        "initial_message": words,
        "user_name": "Robin",
        "user_email": recipient(number),
    });
    post("/human-support/request", "", &body.to_string())
}

/// Makes so many requests, each of which owes a confirmation by mail.
async fn owe(address: SocketAddr, count: usize) -> Result<(), Failure> {
    let writers = (0..AT_ONCE.min(count)).map(|first| async move {
        let mut connection = Connection::open(address).await?;
        for number in (first..count).step_by(AT_ONCE) {
            let request = request(number, "Good morning, is anybody there?");
            connection.exchange(&request).await?.success()?;
        }
        Ok::<_, Failure>(())
    });
    try_join_all(writers).await.map(drop)
}
