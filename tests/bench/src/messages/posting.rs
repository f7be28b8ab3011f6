//! Messages by HTTP.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicU64, Ordering},
};

use super::MESSAGE;
use crate::{
    Failure,
    http::{Connection, Template},
    load::Work,
};

/// Stands for the sender's own id in a request.
const MARK: &str = "00000000000000000000";

/// A connection that writes into one chat.
#[derive(Debug)]
pub(super) struct Poster {
    connection: Connection,
    request: Template,
}

impl Poster {
    pub(super) async fn open(address: SocketAddr, chat: &str) -> Result<Self, Failure> {
        let body = format!(r#"{{"sessionId":"{chat}","message":"{MESSAGE}","clientMessageId":"{MARK}"}}"#);
        Ok(Self {
            connection: Connection::open(address).await?,
            request: Template::post("/api/v1/chat", "", &body, MARK),
        })
    }
}

impl Work for Poster {
    async fn once(&mut self) -> Result<(), Failure> {
        let request = self.request.with(&unused_id());
        self.connection.exchange(request).await?.success()?;
        Ok(())
    }
}

/// An id that no other message of this run has.
pub(super) fn unused_id() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    format!("{:020}", COUNT.fetch_add(1, Ordering::Relaxed))
}
