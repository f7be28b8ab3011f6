//! What all adapters over HTTP share: a client that goes nowhere by itself, and answers that are
//! never trusted.

use std::{error::Error as _, future::Future, io, time::Duration};

#[cfg(any(feature = "webhook", feature = "sms"))]
use chrono::DateTime;
use reqwest::{
    Client, ClientBuilder, Response, StatusCode, Url,
    header::{HeaderMap, RETRY_AFTER},
    redirect::Policy,
};
use serde_json::Value;
#[cfg(any(feature = "webhook", feature = "sms"))]
use support_core::model::Timestamp;
use support_core::ports::NotifyError;

/// What is read of an answer; the rest stays where it is.
const MOST_OF_AN_ANSWER: usize = 64 * 1024;
/// What is kept of the other side's words.
const LONGEST_REASON: usize = 300;
/// No other side can silence a route for longer than this, whatever it asks for.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);
const USER_AGENT: &str = concat!("support-notify/", env!("CARGO_PKG_VERSION"));

/// How long the other side may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HttpTimeouts {
    /// Until there is a connection, looking up the name included.
    pub connect: Duration,
    /// For one call, from looking up the name to the end of the answer.
    pub call: Duration,
    /// For everything that one delivery takes: below the 45 seconds that
    /// [`Notifier::send`](support_core::ports::Notifier::send) may last.
    pub delivery: Duration,
}

impl Default for HttpTimeouts {
    /// 5 seconds to connect, 20 for a call (Standard Webhooks asks for 15 to 30), 40 in all.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            call: Duration::from_secs(20),
            delivery: Duration::from_secs(40),
        }
    }
}

/// A client that follows no redirect and asks no proxy of the environment.
#[derive(Debug, Clone)]
pub(crate) struct Http {
    client: Client,
    timeouts: HttpTimeouts,
}

impl Http {
    #[cfg(any(feature = "telegram", feature = "messenger"))]
    pub(crate) fn new(timeouts: HttpTimeouts) -> io::Result<Self> {
        Self::build(Client::builder(), timeouts)
    }

    pub(crate) fn build(builder: ClientBuilder, timeouts: HttpTimeouts) -> io::Result<Self> {
        let client = builder
            .redirect(Policy::none())
            .no_proxy()
            .referer(false)
            .user_agent(USER_AGENT)
            .connect_timeout(timeouts.connect)
            .timeout(timeouts.call)
            .build()
            .map_err(io::Error::other)?;
        Ok(Self { client, timeouts })
    }

    #[cfg(any(feature = "webhook", feature = "sms"))]
    pub(crate) const fn timeouts(&self) -> HttpTimeouts {
        self.timeouts
    }

    /// Does the whole work of a delivery within its time.
    pub(crate) async fn within<T>(&self, work: impl Future<Output = Result<T, NotifyError>>) -> Result<T, NotifyError> {
        tokio::time::timeout(self.timeouts.delivery, work)
            .await
            .unwrap_or_else(|_| Err(temporary("it took too long")))
    }

    /// Posts JSON and reads what is readable of the answer.
    pub(crate) async fn post(&self, url: Url, headers: HeaderMap, json: Vec<u8>) -> Result<Answer, NotifyError> {
        let request = self
            .client
            .post(url)
            .headers(headers)
            .header(reqwest::header::CONTENT_TYPE, "application/json")
            .body(json);
        match request.send().await {
            Ok(response) => Ok(Answer::read(response).await),
            Err(error) => Err(no_answer(error)),
        }
    }
}

/// An answer, as far as it was read.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    retry_after: Option<String>,
    body: Vec<u8>,
}

impl Answer {
    /// An answer that breaks off still has a status: what its end was worth, its reader sees.
    async fn read(mut response: Response) -> Self {
        let status = response.status();
        let retry_after = response.headers().get(RETRY_AFTER);
        let retry_after = retry_after.and_then(|value| value.to_str().ok()).map(str::to_owned);
        let mut body = Vec::new();
        while body.len() < MOST_OF_AN_ANSWER {
            let Ok(Some(chunk)) = response.chunk().await else {
                break;
            };
            let room = MOST_OF_AN_ANSWER.saturating_sub(body.len());
            body.extend(chunk.iter().take(room));
        }
        Self {
            status,
            retry_after,
            body,
        }
    }

    /// The answer as JSON, if it is JSON.
    pub(crate) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The status in words: all that is told of an answer whose text is nobody's business.
    pub(crate) fn status_words(&self) -> String {
        format!("HTTP {}", self.status)
    }

    /// When the other side wants to be asked again, where it says so in seconds.
    pub(crate) fn retry_after_seconds(&self) -> Option<Duration> {
        let seconds = self.retry_after.as_deref()?.trim().parse().ok()?;
        Some(bounded(Duration::from_secs(seconds)))
    }

    /// When the other side wants to be asked again, by seconds or by date (RFC 9110 §10.2.3).
    #[cfg(any(feature = "webhook", feature = "sms"))]
    pub(crate) fn retry_after(&self, now: Timestamp) -> Option<Duration> {
        let by_date = || {
            let date = DateTime::parse_from_rfc2822(self.retry_after.as_deref()?.trim()).ok()?;
            Some(bounded(Timestamp::from(date.to_utc()).since(now)))
        };
        self.retry_after_seconds().or_else(by_date)
    }
}

/// A pause that the other side asked for, as far as it is followed.
pub(crate) fn bounded(pause: Duration) -> Duration {
    pause.min(LONGEST_WAIT)
}

/// reqwest's own words carry the URL, and with it Telegram's and Messenger's tokens: only the
/// innermost cause is told.
fn no_answer(error: reqwest::Error) -> NotifyError {
    let error = error.without_url();
    if error.is_timeout() {
        return temporary("no answer in time");
    }
    let mut cause: &dyn std::error::Error = &error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    let what = if error.is_connect() {
        "no connection"
    } else {
        "no answer"
    };
    let cause = error.source().map_or_else(String::new, |_| format!(": {cause}"));
    temporary(spoken(&format!("{what}{cause}"), &[]))
}

/// The other side's words as they may be shown and logged: without secrets, URLs and control
/// characters, and short.
pub(crate) fn spoken(text: &str, secrets: &[&str]) -> String {
    let mut text = text.to_owned();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        text = text.replace(secret, "…");
    }
    let words = text
        .split(|letter: char| letter.is_whitespace() || letter.is_control())
        .filter(|word| !word.is_empty())
        .map(|word| if is_address(word) { "…" } else { word });
    let words = words.collect::<Vec<_>>().join(" ");
    words.chars().take(LONGEST_REASON).collect()
}

fn is_address(word: &str) -> bool {
    word.contains("://") || word.contains("access_token=")
}

pub(crate) fn temporary(reason: impl Into<String>) -> NotifyError {
    NotifyError::Temporary {
        reason: reason.into(),
        retry_after: None,
    }
}

pub(crate) fn permanent(reason: impl Into<String>) -> NotifyError {
    NotifyError::Permanent { reason: reason.into() }
}

pub(crate) fn refused(reason: impl Into<String>) -> NotifyError {
    NotifyError::Refused { reason: reason.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "webhook")]
    fn asking(retry_after: &str) -> Answer {
        Answer {
            status: StatusCode::TOO_MANY_REQUESTS,
            retry_after: Some(retry_after.to_owned()),
            body: Vec::new(),
        }
    }

    #[cfg(feature = "webhook")]
    #[test]
    fn a_pause_is_given_by_seconds_or_by_date_and_has_an_end() {
        let now: Timestamp = Timestamp::from_millis(784_111_747_000);
        let cases = [
            ("30", Some(30)),
            (" 0 ", Some(0)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(30)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("18446744073709551615", Some(86_400)),
            ("Sun, 06 Nov 2094 08:49:37 GMT", None),
            ("soon", None),
            ("-1", None),
            ("", None),
        ];
        for (given, seconds) in cases {
            let expected = seconds.map(Duration::from_secs);
            // The last date is on another weekday than it says, so it is none.
            assert_eq!(asking(given).retry_after(now), expected, "{given}");
        }
    }

    #[test]
    fn words_of_others_lose_secrets_addresses_and_control_characters() {
        let said = "Bad\r\nhost 12:abc at https://api/bot12:abc/x\u{0} and /me?access_token=q";
        assert_eq!(spoken(said, &["12:abc", ""]), "Bad host … at … and …");
        assert_eq!(spoken(&"ä".repeat(1_000), &[]).chars().count(), 300);
    }
}
