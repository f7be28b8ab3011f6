//! Calls to URLs that a tenant subscribed, by Standard Webhooks.

use std::io;

use async_trait::async_trait;
use reqwest::StatusCode;
use serde_json::{Map, Value, json};
use support_core::{
    model::Channel,
    ports::{EventView, LetterKind, Notifier, NotifyError, Outgoing, Route, Sent, WebhookRoute},
};

use crate::{
    address_guard::AddressGuard,
    http::{Answer, Http, HttpTimeouts, permanent, temporary},
    signature::signed,
};

/// Tells subscribers what happened: `{type, timestamp, data}`, signed with each of the route's
/// secrets.
///
/// Success is 2xx alone; redirects are not followed. 410 means that nobody wants to hear more. All
/// else is tried again, a 404 too: receivers get repaired, and the schedule ends it if not. Nothing
/// of an answer but its status is ever told, since a tenant must not read through this server.
#[derive(Debug)]
pub struct WebhookNotifier {
    http: Http,
    guard: AddressGuard,
}

impl WebhookNotifier {
    /// A notifier that calls what `guard` lets through.
    ///
    /// # Errors
    /// When the system's trusted certificates can't be read.
    pub fn new(guard: AddressGuard, timeouts: HttpTimeouts) -> io::Result<Self> {
        let builder = reqwest::Client::builder().dns_resolver(guard.clone());
        let http = Http::build(builder, timeouts)?;
        Ok(Self { http, guard })
    }

    async fn call(&self, route: &WebhookRoute, outgoing: &Outgoing) -> Result<Sent, NotifyError> {
        // What is not allowed today may be tomorrow, as what fails otherwise.
        let url = self.guard.parse(&route.url).map_err(temporary)?;
        let body = body(outgoing)?.to_string().into_bytes();
        if route.secrets.is_empty() {
            return Err(permanent("there is no secret to sign with"));
        }
        let headers = signed(outgoing.id, outgoing.now, &body, &route.secrets)?;
        let answer = self.http.post(url, headers, body).await?;
        read(&answer, outgoing)
    }
}

#[async_trait]
impl Notifier for WebhookNotifier {
    fn channel(&self) -> Channel {
        Channel::Webhook
    }

    async fn send(&self, outgoing: &Outgoing) -> Result<Sent, NotifyError> {
        let Route::Webhook(route) = &outgoing.route else {
            return Err(permanent("the route is not a webhook's"));
        };
        self.http.within(self.call(route, outgoing)).await
    }

    async fn accepts(&self, recipient: &str) -> Result<(), String> {
        self.guard.accepts(recipient, self.http.timeouts().connect).await
    }
}

fn body(outgoing: &Outgoing) -> Result<Value, NotifyError> {
    let letter = &outgoing.letter;
    match (&letter.event, letter.kind) {
        (Some(event), _) => Ok(json!({ "type": event.kind, "timestamp": event.at, "data": data(event) })),
        (None, LetterKind::Test) => Ok(json!({
            "type": "test",
            "timestamp": outgoing.now,
            "data": { "tenant": letter.tenant.slug },
        })),
        (None, _) => Err(permanent("this is not said to subscribers")),
    }
}

/// What it was, and its place in the journal, by which a subscriber sees gaps.
fn data(event: &EventView) -> Value {
    let mut data = match &event.data {
        Value::Object(fields) => fields.clone(),
        Value::Null => Map::new(),
        other => Map::from_iter([("value".to_owned(), other.clone())]),
    };
    data.insert("seq".to_owned(), event.seq.into());
    Value::Object(data)
}

fn read(answer: &Answer, outgoing: &Outgoing) -> Result<Sent, NotifyError> {
    let reason = answer.status_words();
    if answer.status.is_success() {
        return Ok(Sent {
            response: Some(reason),
            ..Sent::default()
        });
    }
    if answer.status == StatusCode::GONE {
        return Err(NotifyError::Gone { reason });
    }
    Err(NotifyError::Temporary {
        reason,
        retry_after: answer.retry_after(outgoing.now),
    })
}
