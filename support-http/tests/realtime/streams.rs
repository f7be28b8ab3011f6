//! Server-sent events as clients read them.

use std::collections::VecDeque;

use serde_json::Value;
use tokio::time::timeout;

use crate::server::{PATIENCE, Server};

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Event {
    pub(crate) name: String,
    pub(crate) id: Option<u64>,
    pub(crate) data: Value,
}

pub(crate) struct Stream {
    response: reqwest::Response,
    text: String,
    events: VecDeque<Event>,
}

impl Stream {
    pub(crate) async fn visitor(server: &Server, session: &str, last: Option<u64>) -> Self {
        let call = server
            .client
            .get(server.url("/api/v1/chat/events"))
            .query(&[("sessionId", session), ("tenant", "acme")]);
        let call = match last {
            Some(last) => call.query(&[("lastEventId", last.to_string())]),
            None => call,
        };
        Self::open(call).await
    }

    pub(crate) async fn console(server: &Server, login: &str, last: Option<u64>) -> Self {
        let call = server
            .client
            .get(server.url("/api/v1/admin/chat/events"))
            .bearer_auth(login);
        let call = match last {
            Some(last) => call.header("last-event-id", last.to_string()),
            None => call,
        };
        Self::open(call).await
    }

    async fn open(call: reqwest::RequestBuilder) -> Self {
        let response = call.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["x-accel-buffering"], "no");
        let mut stream = Self {
            response,
            text: String::new(),
            events: VecDeque::new(),
        };
        assert_eq!(stream.next().await.expect("a greeting").name, "connected");
        stream
    }

    /// The next event; none when the stream has ended.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Some(event);
            }
            let chunk = timeout(PATIENCE, self.response.chunk())
                .await
                .expect("an event")
                .unwrap()?;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
            while let Some(end) = self.text.find("\n\n") {
                let block: String = self.text.drain(..end + 2).collect();
                self.events.extend(parse(&block));
            }
        }
    }

    /// The next event of a name; others are passed over.
    pub(crate) async fn expect(&mut self, name: &str) -> Event {
        loop {
            let event = self.next().await.expect("the stream to go on");
            if event.name == name {
                return event;
            }
        }
    }

    /// That the stream ends.
    pub(crate) async fn ends(&mut self) {
        while self.next().await.is_some() {}
    }
}

fn parse(block: &str) -> Option<Event> {
    let field = |name: &str| {
        block
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    };
    Some(Event {
        name: field("event")?.to_owned(),
        id: field("id").map(|id| id.parse().unwrap()),
        data: serde_json::from_str(field("data")?).unwrap(),
    })
}
