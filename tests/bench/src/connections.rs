//! What idle WebSockets cost in memory.

use std::net::SocketAddr;

use support_testkit::Server;
use tokio::time::sleep;

use crate::{
    Failure,
    bare::Bare,
    conversations::{self, Conversation},
    http,
    options::Plan,
    process::{most_connections, resident_memory},
    report::ConnectionsRow,
    sockets,
};

/// Measures the bare server and the reference server with each number of sockets.
pub(crate) async fn measure(plan: &Plan) -> Result<Vec<ConnectionsRow>, Failure> {
    let mut rows: Vec<ConnectionsRow> = Vec::new();
    for &count in &plan.idle {
        if count > most_connections() {
            let most = most_connections();
            return Err(format!("{count} sockets need a higher limit on open files: {most} are possible").into());
        }
        let bare = measure_bare(plan, count).await?;
        let server = measure_server(plan, count, &bare).await?;
        rows.extend([bare, server]);
    }
    Ok(rows)
}

async fn measure_bare(plan: &Plan, count: usize) -> Result<ConnectionsRow, Failure> {
    let bare = Bare::start().await?;
    let nobody: Vec<_> = (0..count).map(|_| Conversation::of_nobody()).collect();
    let [before, after] = hold(plan, bare.process()?, bare.address, &nobody, count).await?;
    Ok(ConnectionsRow::of(
        "bare server",
        nobody.len(),
        count,
        [before, after],
        None,
    ))
}

async fn measure_server(plan: &Plan, count: usize, bare: &ConnectionsRow) -> Result<ConnectionsRow, Failure> {
    let mut server = Server::start().await;
    let address = http::address(server.base())?;
    let conversations = conversations::open(address, count.min(plan.conversations)).await?;
    // What opening the conversations left behind could hold the sockets without any growth.
    server.restart().await;
    let address = http::address(server.base())?;
    let [before, after] = hold(plan, server.pid(), address, &conversations, count).await?;
    Ok(ConnectionsRow::of(
        "support-server",
        conversations.len(),
        count,
        [before, after],
        Some(bare),
    ))
}

/// Memory without sockets and with them.
async fn hold(
    plan: &Plan,
    process: u32,
    address: SocketAddr,
    conversations: &[Conversation],
    count: usize,
) -> Result<[u64; 2], Failure> {
    // The first few make what all share: threads' heaps, pages of code.
    let first = sockets::open(address, conversations, count.div_ceil(100)).await?;
    drop(first);
    sleep(plan.settling).await;
    let before = resident_memory(process)?;
    let mut kept = sockets::keep(sockets::open(address, conversations, count).await?);
    sleep(plan.settling).await;
    let after = resident_memory(process)?;
    if kept.try_join_next().is_some() {
        return Err("the server closed an idle WebSocket".into());
    }
    Ok([before, after])
}
