//! The handoff's WebSocket as its clients use it.

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

use crate::server::{PATIENCE, Request, Server};

pub(crate) struct Client(pub(crate) WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Client {
    pub(crate) async fn open(server: &Server, request: &str, token: &str, more: &str) -> Self {
        let url = format!(
            "ws://{}/human-support/ws/{request}?token={token}&tenant=acme{more}",
            server.address
        );
        Self(connect_async(url).await.unwrap().0)
    }

    /// The user, with the greeting read.
    pub(crate) async fn user(server: &Server, request: &Request) -> Self {
        let mut client = Self::open(server, &request.id, &request.token, "").await;
        client.expect("connected").await;
        client
    }

    /// An agent, with the greeting read.
    pub(crate) async fn agent(server: &Server, request: &Request, login: &str) -> Self {
        let mut client = Self::open(server, &request.id, login, "").await;
        client.expect("connected").await;
        client
    }

    pub(crate) async fn send(&mut self, frame: &Value) {
        self.0.send(Message::text(frame.to_string())).await.unwrap();
    }

    pub(crate) async fn say(&mut self, words: &str) {
        self.send(&json!({ "type": "message", "message": words })).await;
    }

    /// The next frame.
    pub(crate) async fn next(&mut self) -> Value {
        loop {
            match timeout(PATIENCE, self.0.next())
                .await
                .expect("a frame")
                .expect("a frame")
            {
                Ok(Message::Text(text)) => return serde_json::from_str(&text).unwrap(),
                Ok(Message::Ping(_) | Message::Pong(_)) => {}
                other => panic!("no frame, but {other:?}"),
            }
        }
    }

    /// The next frame of a type; others are passed over.
    pub(crate) async fn expect(&mut self, kind: &str) -> Value {
        loop {
            let frame = self.next().await;
            if frame["type"] == kind {
                return frame;
            }
        }
    }

    /// The next message of somebody of a kind.
    pub(crate) async fn message_of(&mut self, sender: &str) -> Value {
        loop {
            let message = self.expect("message").await;
            if message["sender_type"] == sender {
                return message;
            }
        }
    }

    /// Reads on until the connection is closed, and answers the code.
    pub(crate) async fn close_code(&mut self) -> u16 {
        loop {
            match timeout(PATIENCE, self.0.next()).await.expect("an end") {
                Some(Ok(Message::Close(frame))) => return frame.expect("a reason").code.into(),
                Some(Ok(_)) => {}
                other => panic!("an end without a reason: {other:?}"),
            }
        }
    }

    /// That nothing but what is asked for by a ping comes.
    pub(crate) async fn hears_nothing(&mut self) {
        self.send(&json!({ "type": "ping" })).await;
        assert_eq!(self.next().await, json!({ "type": "pong" }));
    }
}
