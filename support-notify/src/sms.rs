//! Text messages, through whatever provider a host has.

use std::{fmt, io, sync::Arc};

use async_trait::async_trait;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use support_core::{
    model::{Channel, DeliveryId, Timestamp},
    ports::{Notifier, NotifyError, Outgoing, Route, Sent, SmsRoute},
};

use crate::{
    address_guard::AddressGuard,
    http::{Answer, Http, HttpTimeouts, permanent, refused, temporary},
    signature::signed,
    words::short_text,
};

const LONGEST_PROVIDER_ID: usize = 200;

/// One text message.
#[derive(Clone, PartialEq, Eq)]
pub struct TextMessage {
    /// The delivery, the same on every attempt.
    pub id: DeliveryId,
    /// The number in E.164.
    pub to: String,
    /// The words; the provider counts and splits them.
    pub text: String,
    /// When this attempt is made.
    pub now: Timestamp,
}

/// Numbers and words are nobody's business.
impl fmt::Debug for TextMessage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TextMessage")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// A provider of text messages. A host with a provider of its own implements this, or answers the
/// calls of [`WebhookSmsSender`].
#[async_trait]
pub trait SmsSender: Send + Sync {
    /// Hands a message over, within 45 seconds.
    ///
    /// # Errors
    /// [`NotifyError`], telling what may still come of it.
    async fn send(&self, route: &SmsRoute, message: &TextMessage) -> Result<Sent, NotifyError>;

    /// Whether a tenant may have its messages handed over there, asked before the URL is kept.
    ///
    /// # Errors
    /// What is wrong with it, for people.
    async fn accepts(&self, url: &str) -> Result<(), String> {
        let _ = url;
        Ok(())
    }
}

/// Says letters in text messages.
#[derive(Clone)]
pub struct SmsNotifier {
    sender: Arc<dyn SmsSender>,
}

impl fmt::Debug for SmsNotifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SmsNotifier").finish_non_exhaustive()
    }
}

impl SmsNotifier {
    /// Sends through this provider.
    #[must_use]
    pub fn new(sender: Arc<dyn SmsSender>) -> Self {
        Self { sender }
    }
}

#[async_trait]
impl Notifier for SmsNotifier {
    fn channel(&self) -> Channel {
        Channel::Sms
    }

    async fn send(&self, outgoing: &Outgoing) -> Result<Sent, NotifyError> {
        let Route::Sms(route) = &outgoing.route else {
            return Err(permanent("the route is not one for text messages"));
        };
        let to = outgoing
            .recipients
            .first()
            .ok_or_else(|| permanent("no number is named"))?;
        let text = short_text(&outgoing.letter).ok_or_else(|| permanent("this is not said in text messages"))?;
        let text = text.trim();
        if text.is_empty() {
            return Err(permanent("there are no words in it"));
        }
        let message = TextMessage {
            id: outgoing.id,
            to: to.clone(),
            text: text.to_owned(),
            now: outgoing.now,
        };
        self.sender.send(route, &message).await
    }

    async fn accepts(&self, recipient: &str) -> Result<(), String> {
        self.sender.accepts(recipient).await
    }
}

/// Hands messages over by HTTP: posts `{"to", "text", "id"}` to the route's URL, signed by
/// Standard Webhooks when the route has a secret.
///
/// 2xx means that the message was taken; a field `id` of the answer is kept as the provider's id.
/// 400, 404, 410 and 422 mean that this message will never be taken, 401 and 403 that none will;
/// anything else is tried again. Redirects are not followed.
#[derive(Debug)]
pub struct WebhookSmsSender {
    http: Http,
    guard: AddressGuard,
}

impl WebhookSmsSender {
    /// A sender that calls what `guard` lets through.
    ///
    /// # Errors
    /// When the system's trusted certificates can't be read.
    pub fn new(guard: AddressGuard, timeouts: HttpTimeouts) -> io::Result<Self> {
        let builder = reqwest::Client::builder().dns_resolver(guard.clone());
        let http = Http::build(builder, timeouts)?;
        Ok(Self { http, guard })
    }

    async fn call(&self, route: &SmsRoute, message: &TextMessage) -> Result<Sent, NotifyError> {
        let url = self.guard.parse(&route.url).map_err(temporary)?;
        let body = json!({ "to": message.to, "text": message.text, "id": message.id });
        let body = body.to_string().into_bytes();
        let headers = match &route.secret {
            Some(secret) => signed(message.id, message.now, &body, std::slice::from_ref(secret))?,
            None => HeaderMap::new(),
        };
        let answer = self.http.post(url, headers, body).await?;
        read(&answer, message.now)
    }
}

#[async_trait]
impl SmsSender for WebhookSmsSender {
    async fn send(&self, route: &SmsRoute, message: &TextMessage) -> Result<Sent, NotifyError> {
        self.http.within(self.call(route, message)).await
    }

    async fn accepts(&self, url: &str) -> Result<(), String> {
        self.guard.accepts(url, self.http.timeouts().connect).await
    }
}

fn read(answer: &Answer, now: Timestamp) -> Result<Sent, NotifyError> {
    let reason = answer.status_words();
    if answer.status.is_success() {
        return Ok(Sent {
            provider_id: provider_id(answer),
            response: Some(reason),
            ..Sent::default()
        });
    }
    Err(match answer.status.as_u16() {
        400 | 404 | 410 | 422 => permanent(reason),
        401 | 403 => refused(reason),
        _ => NotifyError::Temporary {
            reason,
            retry_after: answer.retry_after(now),
        },
    })
}

fn provider_id(answer: &Answer) -> Option<String> {
    let body = answer.json()?;
    let id = match body.get("id")? {
        Value::String(id) => id.clone(),
        Value::Number(id) => id.to_string(),
        _ => return None,
    };
    let is_plain = !id.is_empty() && id.len() <= LONGEST_PROVIDER_ID && !id.chars().any(char::is_control);
    is_plain.then_some(id)
}
