//! The pages, embedded in the binary.

use axum::{
    Router,
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use rust_embed::{EmbeddedFile, RustEmbed};
use tower_http::compression::CompressionLayer;

use crate::{error::ApiError, state::SupportState};

#[derive(RustEmbed)]
#[folder = "web/"]
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
        .route("/assets/{*path}", get(asset))
        .layer(CompressionLayer::new())
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
