//! People who keep writing whatever happens to the server, and the proof that nothing they were
//! told is stored was lost, doubled or misnumbered.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "this crate is part of tests: what is not as expected fails the test"
)]

pub mod claims;
pub mod node;
pub mod outgoing;

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use reqwest::Method;
use serde_json::{Value, json};
use support_testkit::{Api, eventually};
use tokio::task::JoinSet;

/// How long a writer tries to get one message accepted before the test has failed.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long one attempt may take: a server that was killed with the request in hand never answers.
const ATTEMPT: Duration = Duration::from_secs(20);

/// What writers were answered while they wrote.
#[derive(Debug, Default)]
pub struct Answers {
    /// Messages accepted.
    pub accepted: AtomicU64,
    /// Refusals with 503 that said when to try again.
    pub unavailable: AtomicU64,
}

/// Visitors who write at the same time, each in a chat of their own.
#[derive(Debug)]
pub struct Writers {
    api: Api,
    chats: Vec<String>,
    answers: Arc<Answers>,
    stop: Arc<AtomicBool>,
    running: JoinSet<Written>,
}

/// What one visitor was told is stored: the `seq` of each message by its client id.
#[derive(Debug)]
struct Written {
    session: String,
    acknowledged: BTreeMap<String, u64>,
}

impl Writers {
    /// Opens a chat for each of `count` visitors.
    pub async fn open(api: &Api, count: usize) -> Self {
        let mut chats = Vec::with_capacity(count);
        for _ in 0..count {
            let opened = api
                .post("/api/v1/chat", &json!({ "message": "Hello" }))
                .await
                .expect(201);
            chats.push(opened["data"]["sessionId"].as_str().unwrap().to_owned());
        }
        Self {
            api: api.clone(),
            chats,
            answers: Arc::default(),
            stop: Arc::default(),
            running: JoinSet::new(),
        }
    }

    /// Lets all of them write, each message again and again until it is acknowledged.
    pub fn start(&mut self) {
        for session in self.chats.clone() {
            let (api, answers, stop) = (self.api.clone(), Arc::clone(&self.answers), Arc::clone(&self.stop));
            self.running.spawn(write(api, session, answers, stop));
        }
    }

    /// What they have been answered so far.
    #[must_use]
    pub fn answers(&self) -> &Answers {
        &self.answers
    }

    /// Waits until they have had `more` messages accepted.
    pub async fn accepted(&self, more: u64) {
        let goal = self.answers.accepted.load(Ordering::Relaxed) + more;
        eventually(PATIENCE, || async {
            (self.answers.accepted.load(Ordering::Relaxed) >= goal).then_some(())
        })
        .await;
    }

    /// Lets everybody finish the message at hand, and compares what they were told with what is
    /// stored: each acknowledged message once, at the `seq` that was told, and no gap anywhere.
    pub async fn finish(mut self) {
        self.stop.store(true, Ordering::Relaxed);
        while let Some(written) = self.running.join_next().await {
            let written = written.unwrap();
            let thread = thread(&self.api, &written.session).await;
            assert!(!written.acknowledged.is_empty(), "a writer never got anything accepted");
            check(&written, &thread);
        }
    }
}

async fn write(api: Api, session: String, answers: Arc<Answers>, stop: Arc<AtomicBool>) -> Written {
    let mut acknowledged = BTreeMap::new();
    while !stop.load(Ordering::Relaxed) {
        let client_id = uuid::Uuid::new_v4().to_string();
        let body = json!({ "sessionId": session, "message": client_id, "clientMessageId": client_id });
        let seq = eventually(PATIENCE, || attempt(&api, &body, &answers)).await;
        answers.accepted.fetch_add(1, Ordering::Relaxed);
        acknowledged.insert(client_id, seq);
    }
    Written { session, acknowledged }
}

/// One try: the `seq` when it was accepted, nothing when it has to be tried again.
async fn attempt(api: &Api, body: &Value, answers: &Answers) -> Option<u64> {
    let request = api.request(Method::POST, "/api/v1/chat").timeout(ATTEMPT).json(body);
    let answer = request.send().await.ok()?;
    let status = answer.status().as_u16();
    if status == 503 {
        assert!(answer.headers().contains_key("retry-after"), "503 without Retry-After");
        answers.unavailable.fetch_add(1, Ordering::Relaxed);
        return None;
    }
    assert_eq!(status, 200, "unexpected answer to a message");
    let answer: Value = answer.json().await.ok()?;
    Some(answer["data"]["message"]["seq"].as_u64().unwrap())
}

async fn thread(api: &Api, session: &str) -> Vec<Value> {
    let mut messages: Vec<Value> = Vec::new();
    loop {
        let after = messages.last().map_or(0, |message| message["seq"].as_u64().unwrap());
        let page = api
            .get(&format!("/api/v1/chat?sessionId={session}&after={after}"))
            .await
            .expect(200);
        let page = page["data"]["messages"].as_array().unwrap().clone();
        if page.is_empty() {
            return messages;
        }
        messages.extend(page);
    }
}

fn check(written: &Written, thread: &[Value]) {
    let mut stored: BTreeMap<&str, u64> = BTreeMap::new();
    for (expected, message) in (1_u64..).zip(thread) {
        let seq = message["seq"].as_u64().unwrap();
        assert_eq!(seq, expected, "the thread has a gap or a double");
        if message["sender"] == "VISITOR" {
            let first = stored.insert(message["message"].as_str().unwrap(), seq);
            assert_eq!(first, None, "a message is stored twice");
        }
    }
    for (client_id, seq) in &written.acknowledged {
        assert_eq!(
            stored.get(client_id.as_str()),
            Some(seq),
            "an acknowledged message is lost or misplaced"
        );
    }
}
