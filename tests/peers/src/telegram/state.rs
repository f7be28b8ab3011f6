//! What Telegram knows: chats, messages, and what a test wants to go wrong.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::answer::Trouble;

const ONE_MESSAGE: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
pub(super) struct State {
    messages: BTreeMap<(i64, i64), Value>,
    last_message_id: i64,
    last_update_id: i64,
    updates: BTreeMap<i64, (i64, Value)>,
    last_query_id: i64,
    queries: BTreeSet<String>,
    lasting: BTreeMap<i64, Trouble>,
    passing: BTreeMap<i64, VecDeque<Trouble>>,
    last_sent: BTreeMap<i64, Instant>,
}

impl State {
    pub(super) fn trouble(&mut self, chat: i64, trouble: Trouble) {
        self.lasting.insert(chat, trouble);
    }

    pub(super) fn trouble_once(&mut self, chat: i64, trouble: Trouble) {
        self.passing.entry(chat).or_default().push_back(trouble);
    }

    pub(super) fn recover(&mut self, chat: i64) {
        self.lasting.remove(&chat);
        self.passing.remove(&chat);
    }

    pub(super) fn next_trouble(&mut self, chat: i64) -> Option<Trouble> {
        let passing = self.passing.get_mut(&chat).and_then(VecDeque::pop_front);
        passing.or_else(|| self.lasting.get(&chat).copied())
    }

    /// Whether this chat had a message within the last second already.
    pub(super) fn is_too_fast(&mut self, chat: i64) -> bool {
        let now = Instant::now();
        let too_fast = self
            .last_sent
            .get(&chat)
            .is_some_and(|last| now.duration_since(*last) < ONE_MESSAGE);
        if !too_fast {
            self.last_sent.insert(chat, now);
        }
        too_fast
    }

    /// Files a message under a new id and gives it back with that id.
    pub(super) fn add_message(&mut self, chat: i64, from: &Value, content: Map<String, Value>) -> Value {
        self.last_message_id += 1;
        let id = self.last_message_id;
        let mut message = json!({
            "message_id": id,
            "date": unix_seconds(),
            "chat": { "id": chat, "type": chat_type(chat) },
            "from": from,
        });
        message.as_object_mut().unwrap().extend(content);
        self.messages.insert((chat, id), message.clone());
        message
    }

    pub(super) fn message(&self, chat: i64, id: i64) -> Option<&Value> {
        self.messages.get(&(chat, id))
    }

    /// A new callback query's id, which can be answered once.
    pub(super) fn add_query(&mut self) -> String {
        self.last_query_id += 1;
        let id = self.last_query_id.to_string();
        self.queries.insert(id.clone());
        id
    }

    pub(super) fn take_query(&mut self, id: &str) -> bool {
        self.queries.remove(id)
    }

    /// Files an update under the next id.
    pub(super) fn add_update(&mut self, chat: i64, kind: &str, content: Value) -> Value {
        self.last_update_id += 1;
        let mut update = json!({ "update_id": self.last_update_id });
        update.as_object_mut().unwrap().insert(kind.to_owned(), content);
        self.updates.insert(self.last_update_id, (chat, update.clone()));
        update
    }

    pub(super) fn update(&self, id: i64) -> Option<(i64, Value)> {
        self.updates.get(&id).cloned()
    }
}

fn chat_type(chat: i64) -> &'static str {
    match chat {
        1.. => "private",
        -1_000_000_000_000..=0 => "group",
        _ => "supergroup",
    }
}

pub(super) fn unix_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}
