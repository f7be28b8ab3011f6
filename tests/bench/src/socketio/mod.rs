//! Customers who write over Socket.IO, and one agent who hears them all.

mod client;

use std::{net::SocketAddr, time::Duration};

use serde_json::json;
use support_testkit::{Postgres, Server, Store};
use tokio::{
    task::{JoinHandle, JoinSet},
    time::{Instant, timeout},
};

use self::client::Client;
use crate::{
    Failure, conversations, http,
    load::{Measured, Quantiles, Work, drive},
    messages::{MESSAGE, Peer, postmaster},
    options::Plan,
    process::Watched,
    report::SocketIoReport,
};

/// Clients that connect at once.
const AT_ONCE: usize = 64;
/// How long the agent may hear of the last messages after they were acknowledged.
const LATE: Duration = Duration::from_secs(10);
/// Stands around the time at which a message was sent, within its words.
const MARK: &str = "~";

/// Measures the server, and the Node peer beside it on the same PostgreSQL.
pub(crate) async fn measure(plan: &Plan) -> Result<SocketIoReport, Failure> {
    let mut report = SocketIoReport::begin(plan);
    let postgres = Postgres::start_durable().await;
    let family = postmaster(&postgres)?;
    let server = Server::builder()
        .store(Store::Postgres(postgres.database()))
        .start()
        .await;
    let address = http::address(server.base())?;
    let admin = server.admin();
    let token = conversations::log_in(address, &admin.email, &admin.password).await?;
    let own = Program {
        address,
        watched: Watched {
            program: server.pid(),
            postgres: Some(family),
        },
        token: Some(token),
    };
    let peer = match &plan.peer {
        Some(folder) => Some(Peer::start(folder, &postgres.database()).await?),
        None => None,
    };
    let others = match &peer {
        Some(peer) => Some(Program {
            address: peer.address,
            watched: Watched {
                program: peer.process()?,
                postgres: Some(family),
            },
            token: None,
        }),
        None => None,
    };
    for &customers in &plan.customers {
        let own = own.measure(plan, customers).await?;
        let others = match &others {
            Some(others) => Some(others.measure(plan, customers).await?),
            None => None,
        };
        report.add(customers, &own, others.as_ref());
    }
    Ok(report)
}

/// A program that speaks Socket.IO.
struct Program {
    address: SocketAddr,
    watched: Watched,
    /// Lets the agent in; the peer asks for none, but wants each conversation to be joined.
    token: Option<String>,
}

/// What was acknowledged, and what the agent heard of it.
pub(crate) struct Exchanged {
    pub(crate) accepted: Measured,
    pub(crate) heard: usize,
    pub(crate) took: Quantiles,
}

impl Program {
    async fn measure(&self, plan: &Plan, customers: usize) -> Result<Exchanged, Failure> {
        let chats = conversations::open_chats(self.address, customers).await?;
        let clock = Instant::now();
        let agent = self.agent(&chats).await?;
        let writers = self.writers(&chats, clock).await?;
        let listening: JoinHandle<Vec<(Duration, Duration)>> = tokio::spawn(listen(agent, clock));
        let from = clock.elapsed() + plan.warm_up;
        let accepted = drive(plan, self.watched, writers).await?;
        let until = from + plan.measured;
        let arrived = timeout(LATE * 2, listening)
            .await
            .map_err(|_| "the agent never stops")??;
        let measured: Vec<Duration> = arrived
            .iter()
            .filter(|(sent, _)| (from..=until).contains(sent))
            .map(|(sent, heard)| heard.saturating_sub(*sent))
            .collect();
        Ok(Exchanged {
            accepted,
            heard: measured.len(),
            took: Quantiles::of(measured),
        })
    }

    async fn agent(&self, chats: &[String]) -> Result<Client, Failure> {
        let mut agent = Client::connect(self.address, "/agent", &json!({ "token": self.token })).await?;
        if self.token.is_some() {
            agent.until("42/agent,[\"auth_success\"").await?;
            return Ok(agent);
        }
        for chat in chats {
            let ticket = json!({ "ticketId": chat }).to_string();
            agent.ask("join_ticket", &ticket).await?;
        }
        Ok(agent)
    }

    async fn writers(&self, chats: &[String], clock: Instant) -> Result<Vec<Writer>, Failure> {
        let mut writers = Vec::with_capacity(chats.len());
        for some in chats.chunks(AT_ONCE) {
            let mut connecting = JoinSet::new();
            for chat in some {
                let (address, arrival) = (self.address, json!({ "sessionId": chat }).to_string());
                connecting.spawn(async move {
                    let mut client = Client::connect(address, "/customer", &json!({})).await?;
                    client.ask("customer_connect", &arrival).await?;
                    Ok::<_, Failure>(Writer { client, clock })
                });
            }
            while let Some(connected) = connecting.join_next().await {
                writers.push(connected??);
            }
        }
        Ok(writers)
    }
}

/// A customer who writes as soon as the last message is acknowledged.
struct Writer {
    client: Client,
    clock: Instant,
}

impl Work for Writer {
    async fn once(&mut self) -> Result<(), Failure> {
        let sent = self.clock.elapsed().as_nanos();
        let words = json!({ "content": format!("{MESSAGE} {MARK}{sent}{MARK}") }).to_string();
        self.client.ask("customer_message", &words).await?;
        Ok(())
    }
}

/// When each message was sent, and when the agent heard it, until there is nothing more to hear.
async fn listen(mut agent: Client, clock: Instant) -> Vec<(Duration, Duration)> {
    let mut heard = Vec::new();
    while let Ok(Ok(packet)) = timeout(LATE, agent.until("42/agent,[\"customer_message\"")).await {
        if let Some(sent) = sent_at(&packet) {
            heard.push((sent, clock.elapsed()));
        }
    }
    heard
}

fn sent_at(packet: &str) -> Option<Duration> {
    let nanoseconds = packet.split(MARK).nth(1)?.parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_sending_is_read_from_the_words() {
        let packet = r#"42/agent,["customer_message",{"message":{"content":"Hi ~1500~"}}]"#;
        assert_eq!(sent_at(packet), Some(Duration::from_nanos(1500)));
        assert_eq!(sent_at("42/agent,[\"customer_message\",{}]"), None);
    }
}
