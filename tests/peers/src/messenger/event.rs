//! What a page's webhook is told, and the bytes Meta tells it by.

use std::fmt::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Map, Value, json};
use sha2::Sha256;

/// Something that happened in the conversation of a page and a person.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The page.
    pub page: String,
    /// The element of `messaging`.
    pub content: Value,
}

impl Event {
    pub(super) fn new(page: &str, sender: &str, recipient: &str, kind: &str, detail: Value) -> Self {
        let mut content = json!({
            "sender": { "id": sender }, "recipient": { "id": recipient }, "timestamp": unix_milliseconds(),
        });
        content.as_object_mut().unwrap().insert(kind.to_owned(), detail);
        let page = page.to_owned();
        Self { page, content }
    }

    /// The id of the message or postback, if it is one.
    #[must_use]
    pub fn mid(&self) -> Option<&str> {
        let of = |kind: &str| self.content.get(kind).and_then(|detail| detail.get("mid"));
        of("message").or_else(|| of("postback")).and_then(Value::as_str)
    }

    /// The same at another time, in Unix milliseconds.
    #[must_use]
    pub fn at(mut self, timestamp_ms: u64) -> Self {
        let content = self.content.as_object_mut().unwrap();
        content.insert("timestamp".to_owned(), json!(timestamp_ms));
        self
    }

    /// A message that answers another one.
    #[must_use]
    pub fn in_reply_to(self, mid: &str) -> Self {
        self.with_detail("reply_to", json!({ "mid": mid }))
    }

    /// A message that was sent by pressing a quick reply.
    #[must_use]
    pub fn by_quick_reply(self, payload: &str) -> Self {
        self.with_detail("quick_reply", json!({ "payload": payload }))
    }

    fn with_detail(mut self, name: &str, detail: Value) -> Self {
        let message = self.content.get_mut("message").and_then(Value::as_object_mut);
        message.unwrap().insert(name.to_owned(), detail);
        self
    }
}

/// Brings events into another order, the same for the same seed: Meta guarantees none.
pub fn shuffle(events: &mut [Event], seed: u64) {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    for last in (1..events.len()).rev() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let places = u64::try_from(last + 1).unwrap();
        events.swap(last, usize::try_from(state % places).unwrap());
    }
}

/// A webhook's body and the header `X-Hub-Signature-256` over exactly these bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The body.
    pub body: Bytes,
    /// `sha256=` and the HMAC in hexadecimal.
    pub signature: String,
}

impl Signed {
    /// Signs any bytes with any secret, also wrong ones.
    #[must_use]
    pub fn by(secret: &str, body: impl Into<Bytes>) -> Self {
        let body = body.into();
        let signature = format!("sha256={}", hmac_hex(secret, &body));
        Self { body, signature }
    }
}

pub(super) fn hmac_hex(secret: &str, bytes: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(bytes);
    hex::encode(mac.finalize().into_bytes())
}

/// One body for all these events, with an entry for each page.
pub(super) fn envelope(events: &[Event]) -> Value {
    let mut entries: Vec<Value> = Vec::new();
    for event in events {
        let of_page = |entry: &&mut Value| entry.get("id") == Some(&json!(event.page));
        if let Some(entry) = entries.iter_mut().find(of_page) {
            let messaging = entry.get_mut("messaging").and_then(Value::as_array_mut);
            messaging.unwrap().push(event.content.clone());
            continue;
        }
        let messaging = [event.content.clone()];
        entries.push(json!({ "id": event.page, "time": unix_milliseconds(), "messaging": messaging }));
    }
    json!({ "object": "page", "entry": entries })
}

/// JSON as Meta writes it: ASCII only, and slashes escaped. Both can only stand within strings.
pub(super) fn escaped(value: &Value) -> String {
    let mut text = String::new();
    for letter in value.to_string().chars() {
        match letter {
            '/' => text.push_str("\\/"),
            letter if letter.is_ascii() => text.push(letter),
            letter => {
                for unit in letter.encode_utf16(&mut [0; 2]) {
                    write!(text, "\\u{unit:04x}").unwrap();
                }
            }
        }
    }
    text
}

pub(super) fn unix_milliseconds() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    u64::try_from(now.as_millis()).unwrap()
}

pub(super) fn object(fields: &[(&str, Value)]) -> Map<String, Value> {
    let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
    fields.collect()
}
