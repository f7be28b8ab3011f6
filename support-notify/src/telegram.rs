//! Telegram, by its Bot API (<https://core.telegram.org/bots/api>).

use std::{io, time::Duration};

use async_trait::async_trait;
use reqwest::{Url, header::HeaderMap};
use serde_json::{Value, json};
use support_core::{
    model::{Channel, Secret},
    ports::{Notifier, NotifyError, Outgoing, Route, Sent, TelegramRoute},
};

use crate::{
    http::{Answer, Http, HttpTimeouts, bounded, permanent, refused, spoken, temporary},
    progress::Progress,
    split::parts,
    words::chat_text,
};

/// The Bot API takes 4096 characters without saying of which kind; in UTF-16 units it is safe
/// under every reading.
const LONGEST_MESSAGE: usize = 4_096;
/// Updates of one chat come one after the other in any case; few at once spare the database.
const MOST_CALLS_AT_ONCE: u32 = 10;

/// Says letters in Telegram's chats, in plain text and without link previews.
///
/// A text that is too long for one message goes as several, in order. When one of them fails in a
/// way that may pass, the whole delivery is to be tried again; this notifier then goes on where it
/// was, but one in another process, or in this one after a restart, begins anew. The Bot API knows
/// no idempotency keys, so a message whose confirmation was lost may come twice.
///
/// The provider's id is the message's id, or those of all parts with commas between them.
#[derive(Debug)]
pub struct TelegramNotifier {
    http: Http,
    progress: Progress,
}

impl TelegramNotifier {
    /// A notifier for any number of bots.
    ///
    /// # Errors
    /// When the system's trusted certificates can't be read.
    pub fn new(timeouts: HttpTimeouts) -> io::Result<Self> {
        Ok(Self {
            http: Http::new(timeouts)?,
            progress: Progress::default(),
        })
    }

    async fn say(&self, route: &TelegramRoute, outgoing: &Outgoing) -> Result<Sent, NotifyError> {
        let chat = outgoing
            .recipients
            .first()
            .ok_or_else(|| permanent("no chat is named"))?;
        let text = chat_text(&outgoing.letter).ok_or_else(|| permanent("this is not said in a chat"))?;
        let mut course = self.progress.of(outgoing.id, chat, parts(&text, LONGEST_MESSAGE));
        if course.next().is_none() {
            return Err(permanent("there are no words in it"));
        }
        while let Some(part) = course.next() {
            let message = json!({
                "chat_id": chat_id(chat),
                "text": part,
                "link_preview_options": { "is_disabled": true },
            });
            let result = self.call(route, "sendMessage", &message).await;
            let result = result.map_err(|error| course.failed(error))?;
            let message_id = result.get("message_id").and_then(Value::as_i64);
            course.took(message_id.map(|id| id.to_string()));
        }
        Ok(course.finished())
    }

    async fn call(&self, route: &TelegramRoute, method: &str, parameters: &Value) -> Result<Value, NotifyError> {
        let url = method_url(route, method)?;
        let answer = self
            .http
            .post(url, HeaderMap::new(), parameters.to_string().into_bytes())
            .await?;
        read(&answer, route.token.reveal())
    }
}

#[async_trait]
impl Notifier for TelegramNotifier {
    fn channel(&self) -> Channel {
        Channel::Telegram
    }

    async fn send(&self, outgoing: &Outgoing) -> Result<Sent, NotifyError> {
        let Route::Telegram(route) = &outgoing.route else {
            return Err(permanent("the route is not Telegram's"));
        };
        self.http.within(self.say(route, outgoing)).await
    }

    async fn register(&self, route: &Route, url: &str, secret: &Secret) -> Result<Sent, NotifyError> {
        let Route::Telegram(route) = route else {
            return Err(permanent("the route is not Telegram's"));
        };
        let webhook = json!({
            "url": url,
            "secret_token": secret.reveal(),
            "allowed_updates": ["message"],
            "max_connections": MOST_CALLS_AT_ONCE,
        });
        self.http.within(self.call(route, "setWebhook", &webhook)).await?;
        Ok(Sent {
            response: Some("Webhook was set".to_owned()),
            ..Sent::default()
        })
    }
}

/// A number where it is one; a channel's `@name` else.
fn chat_id(chat: &str) -> Value {
    chat.parse::<i64>().map_or_else(|_| Value::from(chat), Value::from)
}

/// The token is a part of the path: anything but a token's own characters would lead elsewhere.
fn method_url(route: &TelegramRoute, method: &str) -> Result<Url, NotifyError> {
    let token = route.token.reveal();
    let is_token = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, ':' | '_' | '-');
    if token.is_empty() || !token.chars().all(is_token) {
        return Err(refused("the bot's token is not a token"));
    }
    format!("{}/bot{token}/{method}", route.api_url)
        .parse()
        .map_err(|_| refused("the Bot API's address is not a URL"))
}

fn read(answer: &Answer, token: &str) -> Result<Value, NotifyError> {
    let body = answer.json().unwrap_or(Value::Null);
    let is_ok = body.get("ok").and_then(Value::as_bool);
    if is_ok == Some(true) && answer.status.is_success() {
        return Ok(body.get("result").cloned().unwrap_or(Value::Null));
    }
    let description = body.get("description").and_then(Value::as_str);
    let reason = description.map_or_else(|| answer.status_words(), |words| spoken(words, &[token]));
    if is_ok.is_none() && answer.status.is_success() {
        return Err(temporary("the answer was not the Bot API's"));
    }
    let parameters = body.get("parameters");
    let moved_to = parameters
        .and_then(|all| all.get("migrate_to_chat_id"))
        .and_then(Value::as_i64);
    if let Some(to) = moved_to {
        return Err(NotifyError::Moved {
            reason,
            to: to.to_string(),
        });
    }
    let code = body.get("error_code").and_then(Value::as_u64);
    Err(match code.unwrap_or_else(|| answer.status.as_u16().into()) {
        429 => {
            let seconds = parameters
                .and_then(|all| all.get("retry_after"))
                .and_then(Value::as_u64);
            let pause = seconds.map(|seconds| bounded(Duration::from_secs(seconds)));
            NotifyError::Temporary {
                reason,
                retry_after: pause.or_else(|| answer.retry_after_seconds()),
            }
        }
        401 | 404 => refused(reason),
        400..500 => permanent(reason),
        _ => NotifyError::Temporary {
            reason,
            retry_after: answer.retry_after_seconds(),
        },
    })
}
