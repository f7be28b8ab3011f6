//! The pages, embedded in the binary. Debug builds read them from the source folder instead, so that whoever
//! works on one edits and reloads.

use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use rust_embed::{EmbeddedFile, RustEmbed};
use serde::Deserialize;
use support_core::desk::DeskError;
use tower_http::compression::CompressionLayer;

use crate::{error::ApiError, extract::Query, state::SupportState};

#[derive(RustEmbed)]
#[folder = "web/"]
#[exclude = "vendor/*.d.ts"]
struct Assets;

/// What pages may load and from where: nothing but what comes with them.
pub(crate) const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; \
    form-action 'self'";

/// The landing page, the console, the widget, the documentation, and what they load.
pub fn pages() -> Router<SupportState> {
    Router::new()
        .route("/", get(|headers: HeaderMap| async move { page("index.html", &headers) }))
        .route(
            "/console",
            get(|headers: HeaderMap| async move { page("console/index.html", &headers) }),
        )
        // The console's own links are relative to where it is.
        .route("/console/", get(|| async { Redirect::permanent("../console") }))
        .route(
            "/docs",
            get(|headers: HeaderMap| async move { page("docs/index.html", &headers) }),
        )
        .route(
            "/widget.js",
            get(|headers: HeaderMap| async move { page("widget.js", &headers) }),
        )
        .route(
            "/conversation",
            get(|headers: HeaderMap| async move { page("conversation/index.html", &headers) }),
        )
        .route(
            "/reset-password",
            get(|headers: HeaderMap| async move { page("reset-password/index.html", &headers) }),
        )
        .route(
            "/portal",
            get(|headers: HeaderMap| async move { page("portal/index.html", &headers) }),
        )
        // Its own links are relative to where it is, as the console's.
        .route("/portal/", get(|| async { Redirect::permanent("../portal") }))
        .route(
            "/rate",
            get(|headers: HeaderMap| async move { page("rate/index.html", &headers) }),
        )
        .route("/unsubscribe", get(ask_to_unsubscribe).post(unsubscribe))
        .route("/assets/{*path}", get(asset))
        .layer(CompressionLayer::new())
}

/// Which link of a mail it was. What can't be read is a link that nobody was sent.
#[derive(Debug, Default, Deserialize)]
struct LinkQuery {
    #[serde(default)]
    token: String,
}

/// Looking does nothing yet: programs that guard mailboxes open every link.
async fn ask_to_unsubscribe(
    State(state): State<SupportState>,
    link: Result<Query<LinkQuery>, ApiError>,
    headers: HeaderMap,
) -> Response {
    let Query(link) = link.unwrap_or_default();
    if state.desk().is_unsubscribe_link(&link.token) {
        page("unsubscribe/index.html", &headers)
    } else {
        unknown_link()
    }
}

/// Takes an address off the digests: the page's button, and the one click of mail programs, whose
/// body says nothing that is needed here (RFC 8058 §3.1).
async fn unsubscribe(State(state): State<SupportState>, link: Result<Query<LinkQuery>, ApiError>) -> Response {
    let Query(link) = link.unwrap_or_default();
    match state.desk().unsubscribe(&link.token).await {
        Ok(_) => page("unsubscribe/done.html", &HeaderMap::new()),
        Err(DeskError::NotFound) => unknown_link(),
        Err(error) => ApiError::from(error).into_response(),
    }
}

fn unknown_link() -> Response {
    let mut response = page("unsubscribe/unknown.html", &HeaderMap::new());
    *response.status_mut() = StatusCode::NOT_FOUND;
    // A refusal that people read.
    response.extensions_mut().insert(ApiError::not_found());
    response
}

/// Whether pages of any site may load this: the widget lives on other people's pages.
pub(crate) fn is_for_all_sites(path: &str) -> bool {
    path.ends_with("/widget.js") || path.contains("/assets/")
}

async fn asset(Path(path): Path<String>, headers: HeaderMap) -> Response {
    page(&path, &headers)
}

fn page(path: &str, headers: &HeaderMap) -> Response {
    match Assets::get(path) {
        Some(file) => answer(&file, headers),
        None => ApiError::not_found().into_response(),
    }
}

fn answer(file: &EmbeddedFile, headers: &HeaderMap) -> Response {
    // Weak, since the same content may be sent compressed or not.
    let tag = format!("W/\"{}\"", hex::encode(file.metadata.sha256_hash()));
    let mut response = if is_known(&tag, headers) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mime = file.metadata.mimetype();
        let content_type = if mime.starts_with("text/") {
            format!("{mime}; charset=utf-8")
        } else {
            mime.to_owned()
        };
        ([(header::CONTENT_TYPE, content_type)], file.data.clone().into_owned()).into_response()
    };
    let headers = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    let policy = HeaderValue::from_static(CONTENT_SECURITY_POLICY);
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    let readers = HeaderValue::from_static("cross-origin");
    headers.insert("cross-origin-resource-policy", readers);
    response
}

fn is_known(tag: &str, headers: &HeaderMap) -> bool {
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','))
        .map(str::trim)
        .any(|known| known == "*" || known.trim_start_matches("W/") == tag.trim_start_matches("W/"))
}
