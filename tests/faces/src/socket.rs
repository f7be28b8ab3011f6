//! A WebSocket, used as the widget of a chatbot uses it.

#![expect(clippy::panic, reason = "a socket that does not answer is a failed test")]

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

const PATIENCE: Duration = Duration::from_secs(15);

/// What came over a socket.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    /// A frame.
    Frame(Value),
    /// The end, with its code.
    Closed(Option<u16>),
}

/// An open socket.
#[derive(Debug)]
pub struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Socket {
    /// Connects to an address.
    ///
    /// # Panics
    /// When that fails.
    pub async fn open(url: &str) -> Self {
        Self::try_open(url, None)
            .await
            .unwrap_or_else(|status| panic!("{url}: refused with {status}"))
    }

    /// Connects as a page of this origin would.
    ///
    /// # Errors
    /// The HTTP status with which it was refused.
    ///
    /// # Panics
    /// When nobody answers.
    pub async fn try_open(url: &str, origin: Option<&str>) -> Result<Self, u16> {
        let mut request = url
            .into_client_request()
            .unwrap_or_else(|error| panic!("{url}: {error}"));
        if let Some(origin) = origin {
            let origin = origin.parse().unwrap_or_else(|_| panic!("{origin} is no header"));
            request.headers_mut().insert("origin", origin);
        }
        match timeout(PATIENCE, connect_async(request)).await {
            Ok(Ok((stream, _))) => Ok(Self { stream }),
            Ok(Err(Error::Http(answer))) => Err(answer.status().as_u16()),
            Ok(Err(error)) => panic!("{url}: {error}"),
            Err(_) => panic!("{url}: no answer"),
        }
    }

    /// Sends a frame.
    ///
    /// # Panics
    /// When the socket is gone.
    pub async fn send(&mut self, frame: &Value) {
        self.send_raw(Message::text(frame.to_string())).await;
    }

    /// Sends anything.
    ///
    /// # Panics
    /// When the socket is gone.
    pub async fn send_raw(&mut self, message: Message) {
        self.stream
            .send(message)
            .await
            .unwrap_or_else(|error| panic!("{error}"));
    }

    /// Sends a frame that the other side may refuse before it has all of it: being cut off then
    /// is an answer too, and what was said before the cut is still to be heard.
    pub async fn send_too_much(&mut self, message: Message) {
        drop(self.stream.send(message).await);
    }

    /// What comes next: a frame, or the end.
    ///
    /// # Panics
    /// When nothing comes.
    pub async fn hear(&mut self) -> Heard {
        loop {
            let next = timeout(PATIENCE, self.stream.next()).await;
            match next.unwrap_or_else(|_| panic!("nothing came")) {
                Some(Ok(Message::Text(text))) => {
                    let frame = serde_json::from_str(&text).unwrap_or_else(|_| panic!("not JSON: {text}"));
                    return Heard::Frame(frame);
                }
                Some(Ok(Message::Close(frame))) => return Heard::Closed(frame.map(|frame| frame.code.into())),
                Some(Ok(Message::Binary(_))) => panic!("a binary frame"),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Heard::Closed(None),
            }
        }
    }

    /// The next frame.
    ///
    /// # Panics
    /// When none comes.
    pub async fn next(&mut self) -> Value {
        match self.hear().await {
            Heard::Frame(frame) => frame,
            Heard::Closed(code) => panic!("closed with {code:?}"),
        }
    }

    /// The next frame of this type; others are passed over.
    ///
    /// # Panics
    /// When none comes.
    pub async fn next_typed(&mut self, kind: &str) -> Value {
        loop {
            let frame = self.next().await;
            if frame.get("type").is_some_and(|found| found == kind) {
                return frame;
            }
        }
    }

    /// The code with which the server ends the connection; frames before are passed over.
    ///
    /// # Panics
    /// When it does not.
    pub async fn close_code(&mut self) -> Option<u16> {
        loop {
            if let Heard::Closed(code) = self.hear().await {
                return code;
            }
        }
    }

    /// Everything that came before the answer to a ping sent now.
    ///
    /// # Panics
    /// When there is no answer.
    pub async fn until_pong(&mut self) -> Vec<Value> {
        self.send(&json!({ "type": "ping" })).await;
        let mut frames = Vec::new();
        loop {
            let frame = self.next().await;
            if frame.get("type").is_some_and(|kind| kind == "pong") {
                return frames;
            }
            frames.push(frame);
        }
    }
}
