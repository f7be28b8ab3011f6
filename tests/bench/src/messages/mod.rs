//! Messages accepted a second.

mod one_by_one;
mod peer;
mod posting;

use support_testkit::{Postgres, Server, Store};

pub(crate) use self::peer::Peer;
use self::{one_by_one::OneByOne, posting::Poster};
use crate::{
    Failure, conversations, http,
    load::{Measured, drive},
    options::{Plan, StoreKind},
    process::{Watched, parent},
    report::{MessagesReport, MessagesRow},
};

/// What people write, near the mean of what they do write.
pub(crate) const MESSAGE: &str = "Good morning, I ordered a pair of shoes last week and the parcel has not come yet.";

/// Measures on each store.
pub(crate) async fn measure(plan: &Plan) -> Result<MessagesReport, Failure> {
    let mut report = MessagesReport::begin(plan);
    for store in &plan.stores {
        match store {
            StoreKind::Sqlite => measure_on_sqlite(plan, &mut report).await?,
            StoreKind::Postgres => measure_on_postgres(plan, &mut report).await?,
        }
    }
    Ok(report)
}

async fn measure_on_sqlite(plan: &Plan, report: &mut MessagesReport) -> Result<(), Failure> {
    let server = Posted::to_server(plan, Store::Sqlite, None).await?;
    let plain = OneByOne::on_sqlite(plan).await?;
    for &connections in &plan.connections {
        let server = server.measure(plan, connections).await?;
        let plain = plain.measure(plan, connections, None).await?;
        report.add("SQLite", connections, &server, &plain, None);
    }
    Ok(())
}

/// All three take turns, so that whatever else the machine does meets them alike.
async fn measure_on_postgres(plan: &Plan, report: &mut MessagesReport) -> Result<(), Failure> {
    let postgres = Postgres::start_durable().await;
    let family = postmaster(&postgres)?;
    let server = Posted::to_server(plan, Store::Postgres(postgres.database()), Some(family)).await?;
    let plain = OneByOne::on_postgres(plan, postgres.database()).await?;
    let peer = match &plan.peer {
        Some(folder) => Some(Posted::to_peer(plan, Peer::start(folder, &postgres.database()).await?, family).await?),
        None => None,
    };
    for &connections in &plan.connections {
        let server = server.measure(plan, connections).await?;
        let plain = plain.measure(plan, connections, Some(family)).await?;
        let peer = match &peer {
            Some(peer) => Some(peer.measure(plan, connections).await?),
            None => None,
        };
        report.add("PostgreSQL", connections, &server, &plain, peer.as_ref());
    }
    Ok(())
}

/// The first of PostgreSQL's processes: the others are its children.
pub(crate) fn postmaster(postgres: &Postgres) -> Result<u32, Failure> {
    let one = postgres.execute("select pid from pg_stat_activity where backend_type = 'checkpointer'");
    parent(one.trim().parse().map_err(|error| format!("{one}: {error}"))?)
}

/// A program that messages are posted to, and its chats.
struct Posted<P> {
    /// Runs as long as this is held.
    _program: P,
    address: std::net::SocketAddr,
    watched: Watched,
    chats: Vec<String>,
}

impl Posted<Server> {
    async fn to_server(plan: &Plan, store: Store, postgres: Option<u32>) -> Result<Self, Failure> {
        let server = Server::builder().store(store).start().await;
        let address = http::address(server.base())?;
        Ok(Self {
            address,
            watched: Watched {
                program: server.pid(),
                postgres,
            },
            chats: conversations::open_chats(address, plan.chats).await?,
            _program: server,
        })
    }
}

impl Posted<Peer> {
    async fn to_peer(plan: &Plan, peer: Peer, postgres: u32) -> Result<Self, Failure> {
        Ok(Self {
            address: peer.address,
            watched: Watched {
                program: peer.process()?,
                postgres: Some(postgres),
            },
            chats: conversations::open_chats(peer.address, plan.chats).await?,
            _program: peer,
        })
    }
}

impl<P> Posted<P> {
    async fn measure(&self, plan: &Plan, connections: usize) -> Result<Measured, Failure> {
        let mut posters = Vec::with_capacity(connections);
        for chat in self.chats.iter().cycle().take(connections) {
            posters.push(Poster::open(self.address, chat).await?);
        }
        drive(plan, self.watched, posters).await
    }
}

impl MessagesReport {
    fn add(
        &mut self,
        store: &'static str,
        connections: usize,
        server: &Measured,
        plain: &Measured,
        peer: Option<&Measured>,
    ) {
        let mut server = MessagesRow::of(store, "support-server", connections, server);
        let plain = MessagesRow::of(store, "one by one", connections, plain);
        let peer = peer.map(|peer| MessagesRow::of(store, "node peer", connections, peer));
        server.compare(&plain, peer.as_ref());
        self.rows.extend([server, plain]);
        self.rows.extend(peer);
    }
}
