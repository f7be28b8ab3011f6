//! Server-sent events, read as a browser's `EventSource` reads them.

#![expect(clippy::panic, reason = "a stream that does not come is a failed test")]

use std::pin::Pin;
use std::time::Duration;

use futures::{Stream, StreamExt};
use reqwest::Method;
use serde_json::Value;
use support_testkit::Api;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(15);

type Bytes = Pin<Box<dyn Stream<Item = Vec<u8>> + Send>>;

/// One event.
#[derive(Debug, Clone)]
pub struct Event {
    /// What kind it is of.
    pub name: String,
    /// Its place in the stream; heartbeats have none.
    pub id: Option<String>,
    /// What it tells.
    pub data: Value,
}

/// An open stream.
pub struct Events {
    bytes: Bytes,
    rest: String,
}

impl Events {
    /// Opens a stream that must be there.
    ///
    /// # Panics
    /// When it is not, or lacks what proxies and browsers need.
    pub async fn open(api: &Api, path: &str) -> Self {
        let request = api.request(Method::GET, path).header("accept", "text/event-stream");
        let answer = timeout(PATIENCE, request.send()).await;
        let answer = answer
            .unwrap_or_else(|_| panic!("{path}: no head"))
            .unwrap_or_else(|error| panic!("{path}: {error:?}"));
        assert_eq!(answer.status().as_u16(), 200, "{path}");
        let header = |name: &str| {
            let value = answer.headers().get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        assert!(header("content-type").starts_with("text/event-stream"), "{path}");
        assert_eq!(header("cache-control"), "no-store", "{path}");
        assert_eq!(header("x-accel-buffering"), "no", "{path}");
        let bytes = answer
            .bytes_stream()
            .filter_map(async |part| part.ok().map(|part| part.to_vec()));
        Self {
            bytes: Box::pin(bytes),
            rest: String::new(),
        }
    }

    /// The next event, whatever it is.
    ///
    /// # Panics
    /// When none comes.
    pub async fn next(&mut self) -> Event {
        loop {
            if let Some((block, rest)) = self.rest.split_once("\n\n") {
                let event = parse(block);
                self.rest = rest.to_owned();
                match event {
                    Some(event) => return event,
                    None => continue,
                }
            }
            let part = timeout(PATIENCE, self.bytes.next()).await;
            let part = part.unwrap_or_else(|_| panic!("no event came; half of one: {:?}", self.rest));
            let part = part.unwrap_or_else(|| panic!("the stream ended"));
            self.rest.push_str(&String::from_utf8_lossy(&part).replace('\r', ""));
        }
    }

    /// The next event of this kind; others are passed over.
    ///
    /// # Panics
    /// When none comes.
    pub async fn next_named(&mut self, name: &str) -> Event {
        loop {
            let event = self.next().await;
            if event.name == name {
                return event;
            }
        }
    }

    /// Waits for the stream to end, whatever comes before that.
    ///
    /// # Panics
    /// When nothing comes.
    pub async fn ends(&mut self) {
        loop {
            let part = timeout(PATIENCE, self.bytes.next()).await;
            if part.unwrap_or_else(|_| panic!("the stream goes on")).is_none() {
                return;
            }
        }
    }

    /// All events up to and with the first that is wanted.
    ///
    /// # Panics
    /// When it does not come.
    pub async fn until(&mut self, wanted: impl Fn(&Event) -> bool) -> Vec<Event> {
        let mut passed = Vec::new();
        loop {
            let event = self.next().await;
            let is_last = wanted(&event);
            passed.push(event);
            if is_last {
                return passed;
            }
        }
    }
}

fn parse(block: &str) -> Option<Event> {
    let field = |name: &str| {
        let line = block
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line.map(|value| value.strip_prefix(' ').unwrap_or(value).to_owned())
    };
    let data = field("data")?;
    let json =
        serde_json::from_str(&data).unwrap_or_else(|_| panic!("an event's data is no JSON on one line: {block}"));
    Some(Event {
        name: field("event").unwrap_or_else(|| "message".to_owned()),
        id: field("id"),
        data: json,
    })
}
