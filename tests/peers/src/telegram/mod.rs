//! Telegram's Bot API and the people who write to the bot.

mod answer;
mod markup;
mod methods;
mod parameters;
mod state;
mod updates;

use std::panic::Location;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::sync::watch;

pub use self::answer::Trouble;
pub use self::updates::Delivery;

use self::state::State;
use self::updates::{Couriers, Webhook};
use crate::http_server::listen;
use crate::journal::Journal;
use crate::listening::Listening;

const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// Telegram, as far as a bot can see it: the Bot API at `{base}/bot{token}/{method}` as of version 10.1, and updates
/// posted to the bot's webhook.
///
/// It is stricter than Telegram in one point: a parameter it does not know is refused.
///
/// ```no_run
/// # async fn example() {
/// use std::time::Duration;
/// use support_peers::telegram::{TelegramApi, Trouble};
///
/// let telegram = TelegramApi::start("4711:secret").await;
/// telegram.trouble_once(7, Trouble::TooManyRequests(1));
/// telegram.webhook("http://127.0.0.1:8080/telegram", Some("webhook-secret"));
/// // … the bot sends to telegram.base():
/// let sent = telegram.wait_for_sent(|sent| sent.chat_id == 7, Duration::from_secs(5)).await;
/// let ann = TelegramApi::person(7, "Ann");
/// let update_id = telegram.push_reply(7, &ann, sent.message_id, "Thank you");
/// telegram.wait_for_delivery(update_id, Duration::from_secs(5)).await;
/// telegram.repeat(update_id);
/// # }
/// ```
#[derive(Debug)]
pub struct TelegramApi {
    shared: Arc<Shared>,
    couriers: Couriers,
    listening: Listening,
}

/// A call of a method.
#[derive(Clone, Debug)]
pub struct Call {
    /// The method's name.
    pub method: String,
    /// Its parameters; none when they were refused.
    pub parameters: Map<String, Value>,
    /// The status of the answer, if there was one.
    pub answered: Option<u16>,
    /// Why it was refused.
    pub description: Option<String>,
}

/// A message that reached its chat.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The chat.
    pub chat_id: i64,
    /// The message's id.
    pub message_id: i64,
    /// The text people see: without markup.
    pub text: String,
    /// The markup, with offsets in UTF-16 units.
    pub entities: Vec<Value>,
    /// What `sendMessage` was called with.
    pub parameters: Map<String, Value>,
}

#[derive(Debug)]
struct Shared {
    token: String,
    revoked: AtomicBool,
    one_message_a_second: bool,
    state: Mutex<State>,
    webhook: watch::Sender<Option<Webhook>>,
    calls: Journal<Call>,
    sent: Journal<Sent>,
    deliveries: Arc<Journal<Delivery>>,
}

impl Shared {
    fn knows(&self, token: &str) -> bool {
        token == self.token && !self.revoked.load(Ordering::Relaxed)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

/// How Telegram is to be.
#[derive(Debug)]
pub struct TelegramApiBuilder {
    token: String,
    one_message_a_second: bool,
    first_pause: Duration,
}

impl TelegramApiBuilder {
    /// Answers 429 to a second message to one chat within a second.
    #[must_use]
    pub fn one_message_a_second(mut self) -> Self {
        self.one_message_a_second = true;
        self
    }

    /// Posts an update again after this pause, which then doubles; Telegram's is one second.
    #[must_use]
    pub fn first_pause(mut self, pause: Duration) -> Self {
        self.first_pause = pause;
        self
    }

    /// Starts the server.
    pub async fn start(self) -> TelegramApi {
        let deliveries = Arc::<Journal<Delivery>>::default();
        let webhook = watch::Sender::new(None);
        let couriers = Couriers::new(self.first_pause, webhook.subscribe(), Arc::clone(&deliveries));
        let shared = Arc::new(Shared {
            token: self.token,
            revoked: AtomicBool::new(false),
            one_message_a_second: self.one_message_a_second,
            state: Mutex::default(),
            webhook,
            calls: Journal::default(),
            sent: Journal::default(),
            deliveries,
        });
        let for_requests = Arc::clone(&shared);
        let listening = listen(move |request| {
            let shared = Arc::clone(&for_requests);
            async move { shared.serve(request).await }
        })
        .await;
        TelegramApi {
            shared,
            couriers,
            listening,
        }
    }
}

impl TelegramApi {
    /// Telegram with one bot that has this token.
    pub async fn start(token: &str) -> Self {
        Self::builder(token).start().await
    }

    /// Telegram that differs from that.
    #[must_use]
    pub fn builder(token: &str) -> TelegramApiBuilder {
        TelegramApiBuilder {
            token: token.to_owned(),
            one_message_a_second: false,
            first_pause: FIRST_PAUSE,
        }
    }

    /// What stands before `/bot{token}/{method}`.
    #[must_use]
    pub fn base(&self) -> String {
        format!("http://{}", self.listening.address())
    }

    /// Answers 401 to every call from now on.
    pub fn revoke_token(&self) {
        self.shared.revoked.store(true, Ordering::Relaxed);
    }

    /// What happens to every message to this chat from now on.
    pub fn trouble(&self, chat: i64, trouble: Trouble) {
        self.shared.state().trouble(chat, trouble);
    }

    /// What happens to the next message to this chat; several calls queue up.
    pub fn trouble_once(&self, chat: i64, trouble: Trouble) {
        self.shared.state().trouble_once(chat, trouble);
    }

    /// Ends this chat's troubles.
    pub fn recover(&self, chat: i64) {
        self.shared.state().recover(chat);
    }

    /// Sets the bot's webhook, as `setWebhook` does.
    pub fn webhook(&self, url: &str, secret: Option<&str>) {
        self.shared.webhook.send_replace(Some(Webhook {
            url: url.to_owned(),
            secret: secret.map(str::to_owned),
            allowed_updates: Vec::new(),
        }));
    }

    /// A user, as updates show them.
    #[must_use]
    pub fn person(id: i64, first_name: &str) -> Value {
        json!({ "id": id, "is_bot": false, "first_name": first_name, "language_code": "en" })
    }

    /// Somebody writes; gives the update's id. Without a webhook the update waits for one.
    pub fn push_message(&self, chat: i64, from: &Value, text: &str) -> i64 {
        let content = Map::from_iter([("text".to_owned(), json!(text))]);
        self.push_content(chat, from, content)
    }

    /// Somebody answers a message.
    ///
    /// # Panics
    /// When there is no such message in the chat.
    pub fn push_reply(&self, chat: i64, from: &Value, to_message_id: i64, text: &str) -> i64 {
        let quoted = self.shared.state().message(chat, to_message_id).cloned().unwrap();
        let content = [
            ("text".to_owned(), json!(text)),
            ("reply_to_message".to_owned(), quoted),
        ];
        self.push_content(chat, from, Map::from_iter(content))
    }

    /// Somebody sends anything: a photo, a location, what does not exist yet.
    pub fn push_content(&self, chat: i64, from: &Value, content: Map<String, Value>) -> i64 {
        let message = self.shared.state().add_message(chat, from, content);
        self.push_update(chat, "message", message)
    }

    /// Somebody presses a button below a message.
    ///
    /// # Panics
    /// When there is no such message in the chat.
    pub fn push_callback(&self, chat: i64, from: &Value, message_id: i64, data: &str) -> i64 {
        let message = self.shared.state().message(chat, message_id).cloned().unwrap();
        let id = self.shared.state().add_query();
        let query = json!({
            "id": id, "from": from, "message": message, "chat_instance": chat.to_string(), "data": data,
        });
        self.push_update(chat, "callback_query", query)
    }

    /// An update of any kind.
    pub fn push_update(&self, chat: i64, kind: &str, content: Value) -> i64 {
        let update = self.shared.state().add_update(chat, kind, content);
        let id = update.get("update_id").and_then(Value::as_i64).unwrap();
        self.couriers.post(chat, update);
        id
    }

    /// Posts an update once more, with the same id.
    ///
    /// # Panics
    /// When there never was such an update.
    pub fn repeat(&self, update_id: i64) {
        let (chat, update) = self.update(update_id);
        self.couriers.post(chat, update);
    }

    /// The chat and the body of an update.
    ///
    /// # Panics
    /// When there never was such an update.
    #[must_use]
    pub fn update(&self, update_id: i64) -> (i64, Value) {
        self.shared.state().update(update_id).unwrap()
    }

    /// All calls, in order.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.shared.calls.all()
    }

    /// All messages that reached their chats, in order.
    #[must_use]
    pub fn sent(&self) -> Vec<Sent> {
        self.shared.sent.all()
    }

    /// All attempts to post updates, in order.
    #[must_use]
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.shared.deliveries.all()
    }

    /// The first call that fits, now or within the limit.
    ///
    /// # Panics
    /// When there is none; the message names the line that waited.
    #[track_caller]
    pub fn wait_for_call(&self, fits: impl Fn(&Call) -> bool, limit: Duration) -> impl Future<Output = Call> {
        let caller = Location::caller();
        self.shared.calls.wait_for(fits, limit, "call", caller)
    }

    /// The first message that fits, now or within the limit.
    ///
    /// # Panics
    /// When there is none; the message names the line that waited.
    #[track_caller]
    pub fn wait_for_sent(&self, fits: impl Fn(&Sent) -> bool, limit: Duration) -> impl Future<Output = Sent> {
        let caller = Location::caller();
        self.shared.sent.wait_for(fits, limit, "message", caller)
    }

    /// Waits until the bot has taken an update.
    ///
    /// # Panics
    /// When it did not within the limit, or when its answer had a body.
    #[track_caller]
    pub fn wait_for_delivery(&self, update_id: i64, limit: Duration) -> impl Future<Output = Delivery> {
        let caller = Location::caller();
        let fits = move |delivery: &Delivery| delivery.update_id == update_id && delivery.succeeded();
        let delivered = self.shared.deliveries.wait_for(fits, limit, "delivery", caller);
        async move {
            let delivery = delivered.await;
            assert!(
                delivery.answer_body.is_empty(),
                "{caller}: an update was answered with a body"
            );
            delivery
        }
    }

    /// Forgets calls, messages and attempts. Ids go on.
    pub fn clear(&self) {
        self.shared.calls.clear();
        self.shared.sent.clear();
        self.shared.deliveries.clear();
    }
}
