//! From the sender's POST to the receiver's frame.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures::StreamExt;
use serde::Deserialize;
use support_testkit::{Postgres, Server, Store};
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval, timeout},
};
use tokio_tungstenite::tungstenite::Message;

use crate::{
    Failure,
    bare::Bare,
    conversations::{self, Conversation},
    http::{self, Connection, post},
    load::Quantiles,
    options::{Plan, StoreKind},
    report::LatencyRow,
    sockets::{self, Socket},
};

/// Connections that are open before the first message.
const SENDERS: usize = 16;
/// How long a frame may be late before it counts as missing.
const LATE: Duration = Duration::from_secs(10);

/// Measures the bare echo and the server on each store.
pub(crate) async fn measure(plan: &Plan) -> Result<Vec<LatencyRow>, Failure> {
    let bare = Bare::start().await?;
    let nobody = (0..plan.sockets).map(|_| Conversation::of_nobody()).collect();
    let mut rows = vec![LatencyRow::of(
        "bare echo",
        plan,
        &exchange(plan, bare.address, nobody).await?,
        None,
    )?];
    drop(bare);
    for store in &plan.stores {
        let postgres = match store {
            StoreKind::Sqlite => None,
            StoreKind::Postgres => Some(Postgres::start_durable().await),
        };
        let data = postgres
            .as_ref()
            .map_or(Store::Sqlite, |postgres| Store::Postgres(postgres.database()));
        let server = Server::builder().store(data).start().await;
        let address = http::address(server.base())?;
        let conversations = conversations::open(address, plan.sockets).await?;
        let told = exchange(plan, address, conversations).await?;
        let row = LatencyRow::of(store.name(), plan, &told, rows.first())?;
        rows.push(row);
    }
    Ok(rows)
}

/// What was posted and what came of it.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) posted: usize,
    pub(crate) missing: usize,
    pub(crate) took: Quantiles,
}

/// A frame, with both times since the same moment.
#[derive(Debug)]
struct Arrival {
    posted_at: Duration,
    received_at: Duration,
}

async fn exchange(plan: &Plan, address: SocketAddr, conversations: Vec<Conversation>) -> Result<Told, Failure> {
    let sockets = sockets::open(address, &conversations, conversations.len()).await?;
    let clock = Instant::now();
    let (sender, arrivals) = unbounded_channel();
    let mut listeners = JoinSet::new();
    for socket in sockets {
        listeners.spawn(listen(socket, clock, sender.clone()));
    }
    drop(sender);
    let posted = post_steadily(plan, address, &conversations, clock).await?;
    let arrived = collect(arrivals, posted).await;
    let missing = posted.saturating_sub(arrived.len());
    let measured = arrived.iter().filter(|arrival| arrival.posted_at >= plan.warm_up);
    let took = measured.map(|arrival| arrival.received_at.saturating_sub(arrival.posted_at));
    Ok(Told {
        posted,
        missing,
        took: Quantiles::of(took.collect()),
    })
}

/// Posts at the planned rate however slow the answers are, and waits for the last of them.
async fn post_steadily(
    plan: &Plan,
    address: SocketAddr,
    conversations: &[Conversation],
    clock: Instant,
) -> Result<usize, Failure> {
    let mut idle = Vec::with_capacity(SENDERS);
    for _ in 0..SENDERS {
        idle.push(Connection::open(address).await?);
    }
    let idle = Arc::new(Mutex::new(idle));
    let mut ticks = interval(Duration::from_secs_f64(1.0 / plan.rate));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut sending = JoinSet::new();
    let mut posted = 0_usize;
    while clock.elapsed() < plan.warm_up + plan.measured {
        ticks.tick().await;
        let place = rand::random_range(0..conversations.len());
        let Some(conversation) = conversations.get(place) else {
            return Err("no conversation to post to".into());
        };
        let request = message(conversation, posted, clock.elapsed());
        sending.spawn(post_one(address, Arc::clone(&idle), request));
        posted += 1;
        while let Some(sent) = sending.try_join_next() {
            sent??;
        }
    }
    while let Some(sent) = sending.join_next().await {
        sent??;
    }
    Ok(posted)
}

/// The sender's own id says when it was posted, so that whoever receives it knows how long it took.
fn message(conversation: &Conversation, place: usize, posted_at: Duration) -> Vec<u8> {
    let Conversation { id, token } = conversation;
    let body = format!(
        r#"{{"type":"message","message":"Could you please look at my order once more?","client_message_id":"{}-{place}"}}"#,
        posted_at.as_micros()
    );
    post(
        &format!("/human-support/requests/{id}/messages"),
        &format!("x-support-token: {token}\r\n"),
        &body,
    )
}

async fn post_one(address: SocketAddr, idle: Arc<Mutex<Vec<Connection>>>, request: Vec<u8>) -> Result<(), Failure> {
    let free = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let mut connection = match free {
        Some(connection) => connection,
        None => Connection::open(address).await?,
    };
    connection.exchange(&request).await?.success()?;
    idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    Ok(())
}

#[derive(Debug, Deserialize)]
struct Frame {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    client_message_id: Option<String>,
}

impl Frame {
    fn posted_at(&self) -> Option<Duration> {
        let (micros, _) = self.client_message_id.as_ref()?.split_once('-')?;
        (self.kind == "message").then_some(Duration::from_micros(micros.parse().ok()?))
    }
}

async fn listen(mut socket: Socket, clock: Instant, arrivals: UnboundedSender<Arrival>) {
    while let Some(Ok(frame)) = socket.next().await {
        let received_at = clock.elapsed();
        let Message::Text(text) = frame else { continue };
        let frame = serde_json::from_str::<Frame>(text.as_str());
        let Some(posted_at) = frame.ok().and_then(|frame| frame.posted_at()) else {
            continue;
        };
        let _ = arrivals.send(Arrival { posted_at, received_at });
    }
}

async fn collect(mut arrivals: UnboundedReceiver<Arrival>, expected: usize) -> Vec<Arrival> {
    let mut arrived = Vec::with_capacity(expected);
    while arrived.len() < expected {
        match timeout(LATE, arrivals.recv()).await {
            Ok(Some(arrival)) => arrived.push(arrival),
            Ok(None) | Err(_) => break,
        }
    }
    arrived
}
