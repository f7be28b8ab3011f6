//! Signatures by Standard Webhooks
//! (<https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use sha2::Sha256;
use support_core::{
    model::{DeliveryId, Secret, Timestamp},
    ports::NotifyError,
};

use crate::http::refused;

const ID: HeaderName = HeaderName::from_static("webhook-id");
const TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
const SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");

/// The headers by which a receiver knows that these bytes came from us, now, and whether it has
/// had them before: one signature per secret.
pub(crate) fn signed(
    id: DeliveryId,
    now: Timestamp,
    body: &[u8],
    secrets: &[Secret],
) -> Result<HeaderMap, NotifyError> {
    let id = id.to_string();
    let seconds = now.millis().div_euclid(1_000);
    let signatures: Result<Vec<_>, _> = secrets.iter().map(|secret| sign(secret, &id, seconds, body)).collect();
    let mut headers = HeaderMap::new();
    headers.insert(ID, value(&id)?);
    headers.insert(TIMESTAMP, HeaderValue::from(seconds));
    headers.insert(SIGNATURE, value(&signatures?.join(" "))?);
    Ok(headers)
}

fn sign(secret: &Secret, id: &str, seconds: i64, body: &[u8]) -> Result<String, NotifyError> {
    let unreadable = |_| refused("the signing secret is not `whsec_` and base64");
    let text = secret.reveal();
    let key = STANDARD
        .decode(text.strip_prefix("whsec_").unwrap_or(text))
        .map_err(unreadable)?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(|_| refused("the signing secret has no length"))?;
    mac.update(format!("{id}.{seconds}.").as_bytes());
    mac.update(body);
    Ok(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

fn value(text: &str) -> Result<HeaderValue, NotifyError> {
    HeaderValue::from_str(text).map_err(|_| refused("the signature does not fit into a header"))
}
