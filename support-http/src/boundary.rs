//! What stands around every call: its id, its log line, its time limit, and the last word on errors.

use std::{any::Any, time::Duration};

use axum::{
    Router,
    extract::{DefaultBodyLimit, MatchedPath, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use tokio::time::Instant;
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument;

use crate::{cors, error::ApiError, faces::callback, idempotency, leftover::with_whole_body, state::SupportState};

/// When to try again what took too long.
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// Puts the layers that all calls share around these routes: request ids, logging, metrics,
/// error shapes, time and size limits, idempotency keys, CORS and security headers.
pub fn finish(routes: Router<SupportState>, state: SupportState) -> Router {
    routes
        .fallback(|| async { ApiError::not_found() })
        .layer(from_fn_with_state(state.clone(), idempotency::once))
        .layer(DefaultBodyLimit::max(state.settings().body_limit))
        .layer(from_fn_with_state(state.clone(), within_time))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(cors::layer(state.clone()))
        .layer(from_fn_with_state(state.clone(), around))
        .with_state(state)
}

/// Live connections answer at once and go on for as long as they like: only the answer's head is
/// waited for.
async fn within_time(State(state): State<SupportState>, request: Request, next: Next) -> Response {
    #[cfg(feature = "socketio")]
    if request.uri().path().starts_with(crate::realtime::SOCKETIO_PATH) {
        // A long poll ends by itself, with the next heartbeat at the latest.
        return next.run(request).await;
    }
    match tokio::time::timeout(state.settings().request_timeout, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::unavailable(RETRY_AFTER).into_response(),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the layer hands over what was thrown")]
fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let said = panic
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string))
        .unwrap_or_default();
    ApiError::internal(format!("a handler panicked: {said}")).into_response()
}

async fn around(State(state): State<SupportState>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = request_id(request.headers()).unwrap_or_else(|| state.desk().ids().uuid().to_string());
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "unknown".to_owned(), |path| path.as_str().to_owned());
    let span = tracing::info_span!("request", request_id = %id, %method, route);
    let mut response = next.run(with_whole_body(request)).instrument(span.clone()).await;
    let took = started.elapsed();
    response = in_shape(response);
    if route.ends_with(callback::PATH) {
        response = callback::in_bare_words(response);
    }
    state.metrics().count(&method, &route, response.status(), took);
    span.in_scope(|| log(&response, took));
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("x-request-id", id);
    }
    secure(response.headers_mut());
    response
}

/// The caller's own id for the call, if it can be trusted in a log.
fn request_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get("x-request-id")?.to_str().ok()?;
    let is_plain = (1..=128).contains(&id.len())
        && id
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.'));
    is_plain.then(|| id.to_owned())
}

fn log(response: &Response, took: Duration) {
    let status = response.status().as_u16();
    let millis = took.as_secs_f64() * 1_000.0;
    match response.extensions().get::<ApiError>().and_then(ApiError::cause) {
        Some(cause) => tracing::error!(status, millis, cause, "a call failed"),
        None => tracing::debug!(status, millis, "answered"),
    }
}

/// Refusals that come from below the handlers get the shape of all others.
fn in_shape(response: Response) -> Response {
    let status = response.status();
    let is_ours = response.extensions().get::<ApiError>().is_some();
    if is_ours || !(status.is_client_error() || status.is_server_error()) || is_json(&response) {
        return response;
    }
    let refusal = match status {
        StatusCode::METHOD_NOT_ALLOWED => {
            ApiError::new(status, "METHOD_NOT_ALLOWED", "This method is not allowed here")
        }
        StatusCode::NOT_FOUND => ApiError::not_found(),
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::payload_too_large(),
        status if status.is_server_error() => ApiError::internal(format!("a bare answer of {status}")),
        status => ApiError::new(status, "VALIDATION_ERROR", "The request is not valid"),
    };
    let allow = response.headers().get(header::ALLOW).cloned();
    let mut shaped = refusal.into_response();
    if let Some(allow) = allow {
        shaped.headers_mut().insert(header::ALLOW, allow);
    }
    for (name, value) in response.headers() {
        let is_about_the_body = name == header::CONTENT_TYPE || name == header::CONTENT_LENGTH;
        if !is_about_the_body && !shaped.headers().contains_key(name) {
            shaped.headers_mut().append(name, value.clone());
        }
    }
    shaped
}

fn is_json(response: &Response) -> bool {
    let content_type = response.headers().get(header::CONTENT_TYPE);
    content_type.is_some_and(|value| value.as_bytes().starts_with(b"application/json"))
}

fn secure(headers: &mut HeaderMap) {
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // What is said here is said to one caller at one time, unless a page says otherwise.
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
}
