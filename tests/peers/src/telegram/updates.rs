//! Posting updates to the bot's webhook.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use reqwest::{Client, redirect};
use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::journal::Journal;

const LONGEST_PAUSE: Duration = Duration::from_secs(60);
const LONGEST_WISH_S: u64 = 3600;
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Clone, Debug)]
pub(super) struct Webhook {
    pub(super) url: String,
    pub(super) secret: Option<String>,
    pub(super) allowed_updates: Vec<String>,
}

/// One attempt to post an update.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The update's id.
    pub update_id: i64,
    /// The chat whose queue it came from.
    pub chat_id: i64,
    /// The status of the answer, if there was one.
    pub status: Option<u16>,
    /// The body of the answer. Telegram executes a JSON body with a `method` as a call, so it has to be empty.
    pub answer_body: Bytes,
}

impl Delivery {
    /// Whether the update is done with.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

/// One courier for each chat: its updates go one after the other, and a failing one holds up only its chat.
#[derive(Debug)]
pub(super) struct Couriers {
    queues: Mutex<BTreeMap<i64, UnboundedSender<Value>>>,
    running: Mutex<JoinSet<()>>,
    client: Client,
    first_pause: Duration,
    webhook: watch::Receiver<Option<Webhook>>,
    deliveries: Arc<Journal<Delivery>>,
}

struct Courier {
    chat: i64,
    queue: UnboundedReceiver<Value>,
    client: Client,
    first_pause: Duration,
    webhook: watch::Receiver<Option<Webhook>>,
    deliveries: Arc<Journal<Delivery>>,
}

impl Couriers {
    pub(super) fn new(
        first_pause: Duration,
        webhook: watch::Receiver<Option<Webhook>>,
        deliveries: Arc<Journal<Delivery>>,
    ) -> Self {
        let client = Client::builder().redirect(redirect::Policy::none()).timeout(PATIENCE);
        Self {
            queues: Mutex::default(),
            running: Mutex::default(),
            client: client.build().unwrap(),
            first_pause,
            webhook,
            deliveries,
        }
    }

    pub(super) fn post(&self, chat: i64, update: Value) {
        let mut queues = self.queues.lock().unwrap();
        let queue = queues.entry(chat).or_insert_with(|| self.hire(chat));
        queue.send(update).unwrap();
    }

    fn hire(&self, chat: i64) -> UnboundedSender<Value> {
        let (sender, queue) = unbounded_channel();
        let courier = Courier {
            chat,
            queue,
            client: self.client.clone(),
            first_pause: self.first_pause,
            webhook: self.webhook.clone(),
            deliveries: Arc::clone(&self.deliveries),
        };
        self.running.lock().unwrap().spawn(courier.run());
        sender
    }
}

impl Courier {
    async fn run(mut self) {
        while let Some(update) = self.queue.recv().await {
            self.deliver(&update).await;
        }
    }

    /// Tries until there is a 2xx; a wish for a pause is honoured, else pauses double.
    async fn deliver(&mut self, update: &Value) {
        let mut pause = self.first_pause;
        loop {
            let Ok(webhook) = self
                .webhook
                .wait_for(Option::is_some)
                .await
                .map(|webhook| webhook.clone())
            else {
                return;
            };
            let webhook = webhook.unwrap();
            if !webhook.wants(update) {
                return;
            }
            let (delivery, wish) = self.attempt(&webhook, update).await;
            let succeeded = delivery.succeeded();
            self.deliveries.push(delivery);
            if succeeded {
                return;
            }
            sleep(wish.unwrap_or(pause)).await;
            pause = LONGEST_PAUSE.min(pause * 2);
        }
    }

    async fn attempt(&self, webhook: &Webhook, update: &Value) -> (Delivery, Option<Duration>) {
        let mut delivery = Delivery {
            update_id: update.get("update_id").and_then(Value::as_i64).unwrap(),
            chat_id: self.chat,
            status: None,
            answer_body: Bytes::new(),
        };
        let mut request = self.client.post(&webhook.url).json(update);
        if let Some(secret) = &webhook.secret {
            request = request.header("X-Telegram-Bot-Api-Secret-Token", secret);
        }
        let Ok(answer) = request.send().await else {
            return (delivery, None);
        };
        let wish = answer
            .headers()
            .get("retry-after")
            .and_then(|value| value.to_str().ok());
        let wish = wish.and_then(|value| value.parse().ok());
        let wish = wish.map(|seconds: u64| Duration::from_secs(seconds.min(LONGEST_WISH_S)));
        let status = answer.status().as_u16();
        if let Ok(body) = answer.bytes().await {
            (delivery.status, delivery.answer_body) = (Some(status), body);
        }
        (delivery, wish)
    }
}

impl Webhook {
    fn wants(&self, update: &Value) -> bool {
        let mut kinds = update.as_object().unwrap().keys().filter(|key| *key != "update_id");
        self.allowed_updates.is_empty() || kinds.any(|kind| self.allowed_updates.contains(kind))
    }
}
