//! Which web pages may call.

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, Method, header, request::Parts};
use support_core::model::domain_of;
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::{pages, state::SupportState};

/// How long browsers may remember what they may do.
const REMEMBERED_FOR: Duration = Duration::from_secs(600);

/// Whether pages of this origin may call: those of the settings if there are any, else those of
/// the tenants' domains. Live connections ask the same.
pub(crate) async fn is_allowed(state: &SupportState, origin: &str) -> bool {
    let configured = &state.settings().cors_origins;
    if is_own(state, origin) {
        return true;
    }
    if !configured.is_empty() {
        return configured
            .iter()
            .any(|allowed| allowed == "*" || allowed.trim_end_matches('/').eq_ignore_ascii_case(origin));
    }
    state.desk().public_tenant(Some(origin), None).await.is_ok()
}

/// Whether the page is one of ours.
fn is_own(state: &SupportState, origin: &str) -> bool {
    state
        .settings()
        .public_url
        .trim_end_matches('/')
        .eq_ignore_ascii_case(origin)
        && !domain_of(origin).is_empty()
}

pub(crate) fn layer(state: SupportState) -> CorsLayer {
    let allow = AllowOrigin::async_predicate(move |origin: HeaderValue, parts: &Parts| {
        let is_for_all = pages::is_for_all_sites(parts.uri.path());
        async move {
            if is_for_all {
                return true;
            }
            match origin.to_str() {
                Ok(origin) => is_allowed(&state, origin).await,
                Err(_) => false,
            }
        }
    });
    let name = HeaderName::from_static;
    CorsLayer::new()
        .allow_origin(allow)
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            name("idempotency-key"),
            name("x-captcha-token"),
            name("x-rate-token"),
            name("last-event-id"),
            name("x-request-id"),
            name("x-support-token"),
            name("x-tenant"),
            name("x-widget-domain"),
        ])
        .expose_headers([
            header::RETRY_AFTER,
            name("idempotency-replayed"),
            name("x-request-id"),
            name("x-total-count"),
        ])
        .max_age(REMEMBERED_FOR)
}
