//! Reading requests, with refusals in the one shape.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request, rejection::BytesRejection},
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use serde::de::DeserializeOwned;

use crate::error::ApiError;

/// A JSON body. What it can't be read into is refused with the field that is at fault.
#[derive(Debug, Clone, Copy, Default)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            return Err(ApiError::unsupported_media_type());
        }
        let bytes = Bytes::from_request(request, state).await.map_err(body_refusal)?;
        from_json(&bytes).map(Self)
    }
}

/// Why a body could not be read.
pub(crate) fn body_refusal(rejection: BytesRejection) -> ApiError {
    let refusal = axum::response::IntoResponse::into_response(rejection);
    if refusal.status() == StatusCode::PAYLOAD_TOO_LARGE {
        ApiError::payload_too_large()
    } else {
        ApiError::new(
            StatusCode::BAD_REQUEST,
            "VALIDATION_ERROR",
            "The body could not be read",
        )
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(content_type) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let essence = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// Reads JSON, naming what does not fit.
///
/// # Errors
/// [`ApiError`]: `MALFORMED_JSON`, or `VALIDATION_ERROR` with the field.
pub(crate) fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(no_object(bytes));
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let is_data = error.inner().classify() == serde_json::error::Category::Data;
        if is_data {
            ApiError::field(&field_of(&error.path().to_string()), reason(&error.inner().to_string()))
        } else {
            ApiError::malformed_json()
        }
    })?;
    reader.end().map_err(|_| ApiError::malformed_json())?;
    Ok(value)
}

/// Lists would pass for objects with their fields in order.
fn no_object(bytes: &[u8]) -> ApiError {
    match serde_json::from_slice::<serde_json::Value>(bytes) {
        Ok(_) => ApiError::field("body", "Must be a JSON object"),
        Err(_) => ApiError::malformed_json(),
    }
}

fn field_of(path: &str) -> String {
    match path {
        "." | "" => "body".to_owned(),
        path => path.to_owned(),
    }
}

/// What serde says, without the place in the text.
fn reason(message: &str) -> String {
    let reason = message.split(" at line ").next().unwrap_or(message);
    let mut letters = reason.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

/// What stands after the question mark.
#[derive(Debug, Clone, Copy, Default)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let query = parts.uri.query().unwrap_or_default();
        // No store can hold a NUL, so nothing is found by one.
        if let Some(pair) = query.split('&').find(|pair| pair.contains("%00")) {
            let name = pair.split('=').next().unwrap_or_default();
            return Err(ApiError::field(name, "Must not contain control characters"));
        }
        let reader = serde_urlencoded::Deserializer::new(form_urlencoded::parse(query.as_bytes()));
        serde_path_to_error::deserialize(reader)
            .map(Self)
            .map_err(|error| ApiError::field(&field_of(&error.path().to_string()), reason(&error.inner().to_string())))
    }
}

/// What a path names. What can't be named so is not found.
#[derive(Debug, Clone, Copy, Default)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        axum::extract::Path::from_request_parts(parts, state)
            .await
            .map(|axum::extract::Path(value)| Self(value))
            .map_err(|_| ApiError::not_found())
    }
}
