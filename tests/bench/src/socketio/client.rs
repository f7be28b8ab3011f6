//! As much of a Socket.IO client as a bench needs: one namespace over a WebSocket.

use std::net::SocketAddr;

use futures::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{Message, Utf8Bytes, protocol::WebSocketConfig},
};

use crate::{Failure, load::PATIENCE};

/// Packets are short, and a thousand clients have a buffer each.
const BUFFER: usize = 4096;

/// A connected client.
#[derive(Debug)]
pub(super) struct Client {
    socket: WebSocketStream<TcpStream>,
    namespace: &'static str,
    asked: u64,
}

impl Client {
    /// Connects to a namespace with this `auth`.
    pub(super) async fn connect(address: SocketAddr, namespace: &'static str, auth: &Value) -> Result<Self, Failure> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let url = format!("ws://{address}/socket.io/?EIO=4&transport=websocket");
        let config = WebSocketConfig::default()
            .read_buffer_size(BUFFER)
            .write_buffer_size(BUFFER);
        let (socket, _) = client_async_with_config(url, stream, Some(config)).await?;
        let mut client = Self {
            socket,
            namespace,
            asked: 0,
        };
        client.until("0{").await?;
        client.send(format!("40{namespace},{auth}")).await?;
        client.until(&format!("40{namespace},{{")).await?;
        Ok(client)
    }

    /// Sends an event and gives back its acknowledgement; what else comes meanwhile is passed over.
    pub(super) async fn ask(&mut self, event: &str, payload: &str) -> Result<Utf8Bytes, Failure> {
        let (namespace, asked) = (self.namespace, self.asked);
        self.asked += 1;
        self.send(format!("42{namespace},{asked}[\"{event}\",{payload}]"))
            .await?;
        let answer = self.until(&format!("43{namespace},{asked}[")).await?;
        if answer.contains("\"success\":true") {
            Ok(answer)
        } else {
            Err(format!("{event} was answered with {answer}").into())
        }
    }

    /// The next packet that begins so.
    pub(super) async fn until(&mut self, beginning: &str) -> Result<Utf8Bytes, Failure> {
        let found = async {
            loop {
                let packet = self.next().await?;
                if packet.starts_with(beginning) {
                    return Ok(packet);
                }
                if packet.starts_with("44") || packet.starts_with("41") {
                    return Err(format!("disconnected by {packet}").into());
                }
            }
        };
        let late = || format!("waited in vain for {beginning}");
        timeout(PATIENCE, found).await.map_err(|_| late())?
    }

    async fn next(&mut self) -> Result<Utf8Bytes, Failure> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(packet))) if packet.as_str() == "2" => self.send("3".to_owned()).await?,
                Some(Ok(Message::Text(packet))) => return Ok(packet),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => return Err(format!("a connection ended with {other:?}").into()),
            }
        }
    }

    async fn send(&mut self, packet: String) -> Result<(), Failure> {
        Ok(self.socket.send(Message::Text(packet.into())).await?)
    }
}
