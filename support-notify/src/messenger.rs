//! Messenger, by Meta's Send API (<https://developers.facebook.com/docs/messenger-platform/send-messages>).

use std::io;

use async_trait::async_trait;
use reqwest::{Url, header::HeaderMap};
use serde_json::{Value, json};
use support_core::{
    model::Channel,
    ports::{MessengerRoute, Notifier, NotifyError, Outgoing, Route, Sent},
};

use crate::{
    http::{Answer, Http, HttpTimeouts, permanent, refused, spoken, temporary},
    progress::Progress,
    split::parts,
    words::chat_text,
};

/// "Less than 2000 characters", in UTF-16 units to be safe under every reading.
const LONGEST_MESSAGE: usize = 1_999;
const TOKEN_PARAMETER: &str = "access_token";

/// Says letters in a page's conversations.
///
/// Long texts and retries go as with Telegram: in parts, in order, taken up where they were left
/// by the same process. Each message carries `support:<delivery id>` as its metadata, by which its
/// echo is known for our own.
///
/// The provider's id is the message's id, or those of all parts with commas between them.
#[derive(Debug)]
pub struct MessengerNotifier {
    http: Http,
    progress: Progress,
}

impl MessengerNotifier {
    /// A notifier for any number of pages.
    ///
    /// # Errors
    /// When the system's trusted certificates can't be read.
    pub fn new(timeouts: HttpTimeouts) -> io::Result<Self> {
        Ok(Self {
            http: Http::new(timeouts)?,
            progress: Progress::default(),
        })
    }

    async fn say(&self, route: &MessengerRoute, outgoing: &Outgoing) -> Result<Sent, NotifyError> {
        let person = outgoing.recipients.first();
        let person = person.ok_or_else(|| permanent("nobody is named"))?;
        let text = chat_text(&outgoing.letter).ok_or_else(|| permanent("this is not said in a chat"))?;
        let url = messages_url(route)?;
        let encoded = url.query().and_then(|query| query.rsplit(TOKEN_PARAMETER).next());
        let secrets = [
            route.token.reveal(),
            encoded.unwrap_or_default().trim_start_matches('='),
        ];
        let mut course = self.progress.of(outgoing.id, person, parts(&text, LONGEST_MESSAGE));
        if course.next().is_none() {
            return Err(permanent("there are no words in it"));
        }
        while let Some(part) = course.next() {
            let message = json!({
                "recipient": { "id": person },
                "messaging_type": "RESPONSE",
                "message": { "text": part, "metadata": format!("support:{}", outgoing.id) },
            });
            let message = message.to_string().into_bytes();
            let answer = self.http.post(url.clone(), HeaderMap::new(), message).await;
            let message_id = answer.and_then(|answer| read(&answer, &secrets));
            course.took(message_id.map_err(|error| course.failed(error))?);
        }
        Ok(course.finished())
    }
}

#[async_trait]
impl Notifier for MessengerNotifier {
    fn channel(&self) -> Channel {
        Channel::Messenger
    }

    async fn send(&self, outgoing: &Outgoing) -> Result<Sent, NotifyError> {
        let Route::Messenger(route) = &outgoing.route else {
            return Err(permanent("the route is not Messenger's"));
        };
        self.http.within(self.say(route, outgoing)).await
    }
}

/// The token goes into the query, as the Graph API has it.
fn messages_url(route: &MessengerRoute) -> Result<Url, NotifyError> {
    let is_page = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.');
    if route.page_id.is_empty() || !route.page_id.chars().all(is_page) {
        return Err(refused("the page's id is not an id"));
    }
    let url = format!("{}/{}/messages", route.api_url, route.page_id);
    let mut url: Url = url
        .parse()
        .map_err(|_| refused("the Send API's address is not a URL"))?;
    url.query_pairs_mut().append_pair(TOKEN_PARAMETER, route.token.reveal());
    Ok(url)
}

fn read(answer: &Answer, secrets: &[&str]) -> Result<Option<String>, NotifyError> {
    let body = answer.json().unwrap_or(Value::Null);
    if let Some(error) = body.get("error") {
        return Err(verdict(error, answer, secrets));
    }
    if !answer.status.is_success() {
        return Err(by_status(answer, answer.status_words()));
    }
    if !body.is_object() {
        return Err(temporary("the answer was not the Send API's"));
    }
    let message_id = body.get("message_id").and_then(Value::as_str);
    Ok(message_id.map(str::to_owned))
}

/// What Meta's page on error codes says of each: limits and hiccups pass, a token that is no
/// longer valid stops the page, and all else stays as it is.
fn verdict(error: &Value, answer: &Answer, secrets: &[&str]) -> NotifyError {
    let number = |name| error.get(name).and_then(Value::as_u64);
    let message = error.get("message").and_then(Value::as_str).unwrap_or_default();
    let Some(code) = number("code") else {
        return by_status(answer, spoken(message, secrets));
    };
    let place = match number("error_subcode") {
        Some(subcode) => format!("{code}/{subcode}"),
        None => code.to_string(),
    };
    let reason = spoken(&format!("{place}: {message}"), secrets);
    let passes = error.get("is_transient").and_then(Value::as_bool) == Some(true);
    match code {
        190 => refused(reason),
        10 | 100 | 200 | 230 | 368 | 551 => permanent(reason),
        2 | 4 | 17 | 32 | 341 | 613 | 1200 | 80006 => later(answer, reason),
        _ if passes => later(answer, reason),
        _ => by_status(answer, reason),
    }
}

fn by_status(answer: &Answer, reason: String) -> NotifyError {
    match answer.status.as_u16() {
        401 => refused(reason),
        400..=428 | 430..=499 => permanent(reason),
        _ => later(answer, reason),
    }
}

fn later(answer: &Answer, reason: String) -> NotifyError {
    NotifyError::Temporary {
        reason,
        retry_after: answer.retry_after_seconds(),
    }
}
