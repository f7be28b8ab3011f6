//! WebSockets of conversations.

use std::net::SocketAddr;

use futures::{StreamExt, TryStreamExt, stream};
use tokio::{net::TcpStream, task::JoinSet, time::timeout};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{Message, protocol::WebSocketConfig},
};

use crate::{Failure, conversations::Conversation, load::PATIENCE};

/// Sockets that are opened at once.
const AT_ONCE: usize = 64;
/// Frames are short, and ten thousand sockets have a buffer each.
const BUFFER: usize = 4096;

/// An open WebSocket that has been greeted.
pub(crate) type Socket = WebSocketStream<TcpStream>;

/// Opens this many WebSockets, the conversations in turn.
pub(crate) async fn open(
    address: SocketAddr,
    conversations: &[Conversation],
    count: usize,
) -> Result<Vec<Socket>, Failure> {
    let sockets = conversations.iter().cycle().take(count);
    let sockets = sockets.map(|conversation| open_one(address, conversation));
    // In order, so that the places of sockets and conversations are the same.
    stream::iter(sockets).buffered(AT_ONCE).try_collect().await
}

async fn open_one(address: SocketAddr, conversation: &Conversation) -> Result<Socket, Failure> {
    let Conversation { id, token } = conversation;
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let url = format!("ws://{address}/human-support/ws/{id}?token={token}");
    let config = WebSocketConfig::default()
        .read_buffer_size(BUFFER)
        .write_buffer_size(BUFFER);
    let open = async {
        let (mut socket, _) = client_async_with_config(url, stream, Some(config)).await?;
        match socket.next().await {
            Some(Ok(Message::Text(_))) => Ok(socket),
            other => Err(format!("a WebSocket was greeted with {other:?}").into()),
        }
    };
    timeout(PATIENCE, open).await.map_err(|_| "a WebSocket does not open")?
}

/// Answers pings, as browsers do, until the tasks are dropped; a socket that closes is a failure.
pub(crate) fn keep(sockets: Vec<Socket>) -> JoinSet<()> {
    let mut kept = JoinSet::new();
    for mut socket in sockets {
        kept.spawn(async move { while matches!(socket.next().await, Some(Ok(_))) {} });
    }
    kept
}
