//! Conversations that can be written to and listened to.

use std::net::SocketAddr;

use futures::future::try_join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    Failure,
    http::{Connection, post},
};

/// Connections that open conversations at once.
const AT_ONCE: usize = 64;

/// A request for a human, and what proves whose it is.
#[derive(Debug, Clone)]
pub(crate) struct Conversation {
    pub(crate) id: String,
    pub(crate) token: String,
}

impl Conversation {
    /// One that nobody keeps, for the bare server.
    pub(crate) fn of_nobody() -> Self {
        Self {
            id: Uuid::new_v4().to_string(),
            token: String::new(),
        }
    }
}

/// Opens conversations with a server.
pub(crate) async fn open(address: SocketAddr, count: usize) -> Result<Vec<Conversation>, Failure> {
    let request = || {
        let body = json!({
            "session_id": Uuid::new_v4(),
            "initial_message": "Good morning, is anybody there?",
            "user_name": "A customer",
        });
        post("/human-support/request", "", &body.to_string())
    };
    let answers = exchange_all(address, (0..count).map(|_| request()).collect()).await?;
    let opened = answers.iter().map(|answer| {
        Ok(Conversation {
            id: text(answer, "/request_id")?,
            token: text(answer, "/user_token")?,
        })
    });
    opened.collect()
}

/// Opens chats of the website and gives what continues them.
pub(crate) async fn open_chats(address: SocketAddr, count: usize) -> Result<Vec<String>, Failure> {
    let body = json!({ "message": "Good morning, is anybody there?", "visitorName": "A visitor" }).to_string();
    let request = post("/api/v1/chat", "", &body);
    let answers = exchange_all(address, vec![request; count]).await?;
    answers.iter().map(|answer| text(answer, "/data/sessionId")).collect()
}

/// Logs in and gives the token.
pub(crate) async fn log_in(address: SocketAddr, email: &str, password: &str) -> Result<String, Failure> {
    let body = json!({ "email": email, "password": password }).to_string();
    let mut connection = Connection::open(address).await?;
    let request = post("/api/auth/login", "", &body);
    text(&connection.exchange(&request).await?.json()?, "/token")
}

async fn exchange_all(address: SocketAddr, requests: Vec<Vec<u8>>) -> Result<Vec<Value>, Failure> {
    let share = requests.len().div_ceil(AT_ONCE).max(1);
    let exchanges = requests.chunks(share).map(|requests| async move {
        let mut connection = Connection::open(address).await?;
        let mut answers = Vec::with_capacity(requests.len());
        for request in requests {
            answers.push(connection.exchange(request).await?.json()?);
        }
        Ok::<_, Failure>(answers)
    });
    Ok(try_join_all(exchanges).await?.concat())
}

fn text(answer: &Value, pointer: &str) -> Result<String, Failure> {
    let text = answer.pointer(pointer).and_then(Value::as_str);
    Ok(text
        .ok_or_else(|| format!("an answer without {pointer}: {answer}"))?
        .to_owned())
}
