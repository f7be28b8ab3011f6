//! Meta's Messenger: the Send API, and the webhooks of its pages.

mod answer;
mod builder;
mod courier;
mod event;
mod send;
mod state;

use std::panic::Location;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

pub use self::answer::Trouble;
pub use self::builder::MessengerApiBuilder;
pub use self::courier::Delivery;
pub use self::event::{Event, Signed, shuffle};

use self::courier::Courier;
use self::event::{envelope, escaped, object, unix_milliseconds};
use self::state::State;
use crate::journal::Journal;
use crate::listening::Listening;

const APP_ID: u64 = 1_234_567_890;
/// What people type in Meta's own inbox is echoed with this app.
const INBOX_APP_ID: u64 = 26_390_203_743_090;

/// Messenger, as far as an app can see it: `POST {base}/{version?}/{page or me}/messages`, profiles at
/// `GET {base}/{version?}/{PSID}`, and signed webhooks.
///
/// People are known from their first action on. The 24 hours to answer run from their last one, by the real clock;
/// [`MessengerApi::acted_ago`] moves it. It is stricter than Meta in one point: parameters it does not know are
/// refused.
///
/// ```no_run
/// # async fn example() {
/// use std::time::Duration;
/// use support_peers::messenger::{MessengerApi, Trouble};
///
/// let meta = MessengerApi::builder("app secret").page("111", "token of 111").start().await;
/// meta.webhook("http://127.0.0.1:8080/messenger");
/// let hello = meta.message("111", "ann", "Grüße");
/// assert_eq!(meta.post(&meta.sign(&[hello])).await, Some(200));
/// // … the app sends to meta.base():
/// let sent = meta.wait_for_sent(|sent| sent.psid == "ann", Duration::from_secs(5)).await;
/// let seen = meta.read("111", "ann", meta.now_ms());
/// meta.deliver(&meta.sign(&[seen]));
/// meta.trouble("ann", Trouble::Unavailable);
/// # }
/// ```
#[derive(Debug)]
pub struct MessengerApi {
    shared: Arc<Shared>,
    listening: Listening,
}

/// A call of the Graph API.
#[derive(Clone, Debug)]
pub struct Call {
    /// The HTTP method.
    pub method: String,
    /// The path, without the query and its token.
    pub path: String,
    /// The parameters.
    pub body: Value,
    /// The status of the answer, if there was one.
    pub answered: Option<u16>,
    /// Code and subcode of the error, if it was one.
    pub error: Option<(u32, Option<u32>)>,
}

/// A message that was sent.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The page it came from.
    pub page: String,
    /// The person it went to.
    pub psid: String,
    /// Its id.
    pub mid: String,
    /// Its text, if it has one.
    pub text: Option<String>,
    /// All of `message`.
    pub message: Value,
    /// `messaging_type`.
    pub messaging_type: String,
    /// `tag`.
    pub tag: Option<String>,
}

#[derive(Debug)]
struct Shared {
    app_secret: String,
    human_agent: bool,
    echoes: bool,
    state: Mutex<State>,
    calls: Journal<Call>,
    sent: Journal<Sent>,
    courier: Courier,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn sign(&self, events: &[Event]) -> Signed {
        Signed::by(&self.app_secret, escaped(&envelope(events)))
    }

    /// Tells the webhook of what the app itself sent.
    fn echo(&self, sent: &Sent) {
        let Some(url) = self.courier.url().filter(|_| self.echoes) else {
            return;
        };
        self.courier.deliver(url, self.sign(&[echo_of(sent)]));
    }
}

fn echo_of(sent: &Sent) -> Event {
    let mut message = sent.message.as_object().unwrap().clone();
    message.extend(object(&[
        ("mid", json!(sent.mid)),
        ("is_echo", json!(true)),
        ("app_id", json!(APP_ID)),
    ]));
    Event::new(&sent.page, &sent.page, &sent.psid, "message", Value::Object(message))
}

impl MessengerApi {
    /// Messenger with one app that has this secret, and no page yet.
    #[must_use]
    pub fn builder(app_secret: &str) -> MessengerApiBuilder {
        MessengerApiBuilder::new(app_secret)
    }

    /// What stands before the version or the page.
    #[must_use]
    pub fn base(&self) -> String {
        format!("http://{}", self.listening.address())
    }

    /// The `app_id` that echoes of the app's own messages carry.
    #[must_use]
    pub fn app_id(&self) -> u64 {
        APP_ID
    }

    /// Somebody's last action was so long ago.
    pub fn acted_ago(&self, psid: &str, ago: Duration) {
        self.shared.state().acted(psid, SystemTime::now() - ago);
    }

    /// Somebody's name, which the app may read.
    pub fn name(&self, psid: &str, first: &str, last: &str) {
        self.shared.state().name(psid, first, last);
    }

    /// What happens to every message to this person from now on.
    pub fn trouble(&self, psid: &str, trouble: Trouble) {
        self.shared.state().trouble(psid, trouble);
    }

    /// What happens to the next message to this person; several calls queue up.
    pub fn trouble_once(&self, psid: &str, trouble: Trouble) {
        self.shared.state().trouble_once(psid, trouble);
    }

    /// Ends this person's troubles.
    pub fn recover(&self, psid: &str) {
        self.shared.state().recover(psid);
    }

    /// Answers 190 to this token from now on.
    pub fn revoke_token(&self, token: &str) {
        self.shared.state().revoke(token);
    }

    /// A person writes.
    pub fn message(&self, page: &str, psid: &str, text: &str) -> Event {
        let mid = self.shared.state().new_mid();
        self.action(page, psid, "message", json!({ "mid": mid, "text": text }))
    }

    /// A person sends an attachment of any type, also of one that does not exist yet.
    pub fn attachment(&self, page: &str, psid: &str, kind: &str, payload: &Value) -> Event {
        let mid = self.shared.state().new_mid();
        let attachments = [json!({ "type": kind, "payload": payload })];
        self.action(page, psid, "message", json!({ "mid": mid, "attachments": attachments }))
    }

    /// A person sends a sticker, in the form it has since 2026-08-30.
    pub fn sticker(&self, page: &str, psid: &str, sticker_id: u64) -> Event {
        let url = "https://scontent.xx.fbcdn.net/sticker.png";
        let payload = json!({ "url": url, "sticker_id": sticker_id });
        self.attachment(page, psid, "sticker", &payload)
    }

    /// A person presses a button.
    pub fn postback(&self, page: &str, psid: &str, title: &str, payload: &str) -> Event {
        let mid = self.shared.state().new_mid();
        let postback = json!({ "mid": mid, "title": title, "payload": payload });
        self.action(page, psid, "postback", postback)
    }

    fn action(&self, page: &str, psid: &str, kind: &str, detail: Value) -> Event {
        self.acted_ago(psid, Duration::ZERO);
        Event::new(page, psid, page, kind, detail)
    }

    /// The echo of a message the app sent.
    #[must_use]
    pub fn echo(&self, sent: &Sent) -> Event {
        echo_of(sent)
    }

    /// The echo of what somebody typed to a person in Meta's own inbox.
    pub fn inbox_echo(&self, page: &str, psid: &str, text: &str) -> Event {
        let mid = self.shared.state().new_mid();
        let message = json!({ "mid": mid, "text": text, "is_echo": true, "app_id": INBOX_APP_ID });
        Event::new(page, page, psid, "message", message)
    }

    /// Everything up to the watermark has reached the person; Meta may leave the `mids` out.
    #[must_use]
    pub fn delivery(&self, page: &str, psid: &str, mids: Option<&[&str]>, watermark_ms: u64) -> Event {
        let mut delivery = object(&[("watermark", json!(watermark_ms))]);
        if let Some(mids) = mids {
            delivery.insert("mids".to_owned(), json!(mids));
        }
        Event::new(page, psid, page, "delivery", Value::Object(delivery))
    }

    /// The person has read everything up to the watermark.
    #[must_use]
    pub fn read(&self, page: &str, psid: &str, watermark_ms: u64) -> Event {
        Event::new(page, psid, page, "read", json!({ "watermark": watermark_ms }))
    }

    /// The time of now, as watermarks have it.
    #[must_use]
    pub fn now_ms(&self) -> u64 {
        unix_milliseconds()
    }

    /// One body for all these events, with an entry for each page, signed with the app's secret.
    #[must_use]
    pub fn sign(&self, events: &[Event]) -> Signed {
        self.shared.sign(events)
    }

    /// Any JSON as a body, signed with the app's secret.
    #[must_use]
    pub fn sign_json(&self, body: &Value) -> Signed {
        Signed::by(&self.shared.app_secret, escaped(body))
    }

    /// Where the app's webhook is. From now on each message that is sent is echoed there.
    pub fn webhook(&self, url: &str) {
        self.shared.courier.set_url(url);
    }

    /// Asks the app's webhook whether it is one; says whether it answered the challenge as it must.
    ///
    /// # Panics
    /// When nobody is there.
    pub async fn subscribe(&self, url: &str, verify_token: &str) -> bool {
        let challenge = self.now_ms().to_string();
        self.shared.courier.subscribe(url, verify_token, &challenge).await
    }

    /// Posts a body to the webhook once and gives the status of the answer, if there was one within 20 seconds.
    ///
    /// # Panics
    /// When there is no webhook yet.
    pub async fn post(&self, signed: &Signed) -> Option<u16> {
        let url = self.shared.courier.url().unwrap();
        self.post_to(&url, signed).await
    }

    /// The same to any URL.
    pub async fn post_to(&self, url: &str, signed: &Signed) -> Option<u16> {
        self.shared.courier.post(url, signed).await
    }

    /// Posts a body to the webhook, in the background, until the answer is 200.
    ///
    /// # Panics
    /// When there is no webhook yet.
    pub fn deliver(&self, signed: &Signed) {
        let url = self.shared.courier.url().unwrap();
        self.shared.courier.deliver(url, signed.clone());
    }

    /// All calls, in order.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.shared.calls.all()
    }

    /// All messages that were sent, in order.
    #[must_use]
    pub fn sent(&self) -> Vec<Sent> {
        self.shared.sent.all()
    }

    /// All attempts to post to the webhook, in order.
    #[must_use]
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.shared.courier.deliveries.all()
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

    /// The first attempt to post that fits, now or within the limit.
    ///
    /// # Panics
    /// When there is none; the message names the line that waited.
    #[track_caller]
    pub fn wait_for_delivery(
        &self,
        fits: impl Fn(&Delivery) -> bool,
        limit: Duration,
    ) -> impl Future<Output = Delivery> {
        let caller = Location::caller();
        self.shared.courier.deliveries.wait_for(fits, limit, "delivery", caller)
    }

    /// Forgets calls, messages and attempts. What people did stays.
    pub fn clear(&self) {
        self.shared.calls.clear();
        self.shared.sent.clear();
        self.shared.courier.deliveries.clear();
    }
}
