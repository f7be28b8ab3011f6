//! Reading requests, with refusals in the one shape.

use std::{fmt, marker::PhantomData};

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request, rejection::BytesRejection},
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, MapAccess, Visitor, value::MapAccessDeserializer},
};
use serde_json::Value;
use serde_path_to_error::Segment;
use support_core::model::Input;

use crate::error::{ApiError, Detail, finish};

/// How many fields of a wrong type are looked for in one body, each of which costs a reading.
const MOST_MISFITS: usize = 32;

/// A JSON body. What it can't be read into is refused with all fields that are at fault.
#[derive(Debug, Clone, Copy, Default)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let Fields { body, found } = Fields::from_request(request, state).await?;
        finish(found)?;
        Ok(Self(body))
    }
}

/// A JSON body without its fields of a wrong type, and what was found wrong with them: for calls
/// that refuse those together with what else is wrong. To be heeded, so that nothing is done with
/// half a body.
#[derive(Debug)]
#[must_use]
pub(crate) struct Fields<T> {
    pub(crate) body: T,
    pub(crate) found: Input,
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Fields<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            return Err(ApiError::unsupported_media_type());
        }
        let bytes = Bytes::from_request(request, state).await.map_err(body_refusal)?;
        from_json(&bytes)
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

/// Reads JSON, leaving out what does not fit.
///
/// # Errors
/// [`ApiError`]: `MALFORMED_JSON`, or `VALIDATION_ERROR` when nothing can be read without what
/// does not fit.
pub(crate) fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<Fields<T>, ApiError> {
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(no_object(bytes));
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read = serde_path_to_error::deserialize(&mut reader);
    match read {
        Ok(body) => {
            reader.end().map_err(|_| ApiError::malformed_json())?;
            let found = Input::new();
            Ok(Fields { body, found })
        }
        Err(error) if error.inner().is_data() => without_misfits(bytes, &misfit(&error)),
        Err(_) => Err(ApiError::malformed_json()),
    }
}

/// Reads again and again, each time without the field that did not fit.
fn without_misfits<T: DeserializeOwned>(bytes: &[u8], first: &Detail) -> Result<Fields<T>, ApiError> {
    let mut value: Value = serde_json::from_slice(bytes).map_err(|_| ApiError::malformed_json())?;
    let mut found = Input::new();
    for _ in 0..MOST_MISFITS {
        let error = match serde_path_to_error::deserialize(&value) {
            Ok(body) => {
                // A name that stands there twice does so no longer.
                if found.is_fine() {
                    found.refuse(&first.field, first.message.clone());
                }
                return Ok(Fields { body, found });
            }
            Err(error) => error,
        };
        let Detail { field, message } = misfit(&error);
        found.refuse(&field, message);
        if !remove(&mut value, error.path()) {
            break;
        }
    }
    finish(found)?;
    Err(ApiError::validation(vec![first.clone()]))
}

/// Takes out the innermost field on the way to what does not fit.
fn remove(value: &mut Value, path: &serde_path_to_error::Path) -> bool {
    let way: Vec<&Segment> = path.iter().collect();
    let is_field = |segment: &&Segment| matches!(segment, Segment::Map { .. });
    let Some(place) = way.iter().rposition(is_field) else {
        return false;
    };
    let (outer, inner) = way.split_at(place);
    let holder = outer.iter().try_fold(value, |value, segment| match segment {
        Segment::Map { key } => value.get_mut(key),
        Segment::Seq { index } => value.get_mut(index),
        Segment::Enum { .. } | Segment::Unknown => None,
    });
    let (Some(Value::Object(fields)), Some(Segment::Map { key })) = (holder, inner.first()) else {
        return false;
    };
    fields.remove(key).is_some()
}

fn misfit(error: &serde_path_to_error::Error<serde_json::Error>) -> Detail {
    let path = error.path().to_string();
    let message = error.inner().to_string();
    let missing = message
        .strip_prefix("missing field `")
        .and_then(|rest| rest.split('`').next());
    match missing {
        Some(name) if path == "." => Detail::new(name, "This field is required"),
        Some(name) => Detail::new(format!("{path}.{name}"), "This field is required"),
        None => Detail::new(field_of(&path), reason(&message)),
    }
}

/// Lists would pass for objects with their fields in order.
fn no_object(bytes: &[u8]) -> ApiError {
    match serde_json::from_slice::<serde_json::Value>(bytes) {
        Ok(_) => ApiError::field("body", "Must be a JSON object"),
        Err(_) => ApiError::malformed_json(),
    }
}

/// An object within a body. A list in its place is refused, as it is for the body itself.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Reader<T> {
            type Value = Object<T>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Object<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(fields)).map(Object)
            }
        }
        deserializer.deserialize_map(Reader(PhantomData))
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
        from_query(query).map(Self)
    }
}

/// The same where a NUL is a sign like any other, by which nothing is found: for public searches.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SearchQuery<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for SearchQuery<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let query = parts.uri.query().unwrap_or_default();
        from_query(&query.replace("%00", "+")).map(Self)
    }
}

fn from_query<T: DeserializeOwned>(query: &str) -> Result<T, ApiError> {
    let reader = serde_urlencoded::Deserializer::new(form_urlencoded::parse(query.as_bytes()));
    serde_path_to_error::deserialize(reader)
        .map_err(|error| ApiError::field(&field_of(&error.path().to_string()), reason(&error.inner().to_string())))
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
