//! A request as it arrived.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::HeaderMap;
use serde_json::Value;
use standardwebhooks::Webhook;

/// How far the clocks of sender and receiver may be apart, as the consumers' libraries have it.
const TOLERANCE_S: i64 = 5 * 60;

/// A webhook's request.
#[derive(Clone, Debug)]
pub struct Received {
    /// The method, `POST` if all is well.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// All headers.
    pub headers: HeaderMap,
    /// The bytes that are signed.
    pub body: Bytes,
    /// Whether one of the secrets known on arrival verified it; nothing when none was known.
    pub verified: Option<bool>,
    /// The status it was answered; nothing when the connection was closed or left hanging.
    pub answered: Option<u16>,
}

impl Received {
    /// The header `webhook-id`: the same on all attempts of one event.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn id(&self) -> &str {
        self.header("webhook-id").unwrap()
    }

    /// The header `webhook-timestamp`, in Unix seconds.
    ///
    /// # Panics
    /// When there is none or it is no number.
    #[must_use]
    pub fn timestamp(&self) -> i64 {
        self.header("webhook-timestamp").unwrap().parse().unwrap()
    }

    /// A header that is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Verifies the request by the real clock, as a consumer with the public library would, and what the
    /// specification of Standard Webhooks demands of secret, id and request beyond that.
    ///
    /// # Errors
    /// Says what is wrong.
    pub fn verify(&self, secret: &str) -> Result<(), String> {
        self.check_form(secret)?;
        let webhook = Webhook::new(secret).map_err(|error| error.to_string())?;
        let verified = webhook.verify(&self.body, &self.headers);
        verified.map_err(|error| error.to_string())
    }

    /// The same by another clock: for senders whose time the test decides.
    ///
    /// # Errors
    /// Says what is wrong.
    pub fn verify_at(&self, secret: &str, now_s: i64) -> Result<(), String> {
        self.check_form(secret)?;
        let timestamp = self.header("webhook-timestamp").and_then(|value| value.parse().ok());
        let timestamp: i64 = timestamp.ok_or("no timestamp")?;
        if (now_s - timestamp).abs() > TOLERANCE_S {
            return Err("timestamp too far from now".to_owned());
        }
        let webhook = Webhook::new(secret).map_err(|error| error.to_string())?;
        let expected = webhook.sign(self.header("webhook-id").unwrap_or_default(), timestamp, &self.body);
        let expected = expected.map_err(|error| error.to_string())?;
        let given = self.header("webhook-signature").unwrap_or_default();
        let is_signed = given.split(' ').any(|signature| signature == expected);
        is_signed.then_some(()).ok_or_else(|| "signature invalid".to_owned())
    }

    fn check_form(&self, secret: &str) -> Result<(), String> {
        let key = secret.strip_prefix("whsec_").ok_or("secret without whsec_")?;
        let key = STANDARD.decode(key).map_err(|_| "secret that is not Base64")?;
        if !(24..=64).contains(&key.len()) {
            return Err(format!("secret of {} bytes", key.len()));
        }
        let id = self.header("webhook-id").unwrap_or_default();
        if id.is_empty() || id.contains('.') {
            return Err(format!("webhook-id {id:?}"));
        }
        if self.method != "POST" {
            return Err(format!("method {}", self.method));
        }
        let content_type = self.header("content-type").unwrap_or_default();
        if !content_type.starts_with("application/json") {
            return Err(format!("content type {content_type:?}"));
        }
        Ok(())
    }
}
