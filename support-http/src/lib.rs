//! Customer support over HTTP: routers to nest in an axum application.
//!
//! [`router`] is everything at once; [`public`], [`agents`], [`administration`], [`realtime`],
//! [`hooks`], [`pages`], [`documentation`], [`health`] and [`metrics`] are its parts, to be merged as a host
//! likes and handed to [`finish`], which puts the common layers around them. Nothing here binds a port or names a store.
//!
//! ```
//! use support_core::{desk::Desk, memory::MemoryStore};
//! use support_http::{HttpSettings, JwtSettings, SupportState, router};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! let desk = Desk::builder(MemoryStore::new()).build();
//! let jwt = JwtSettings::new("a secret of at least thirty-two bytes").unwrap();
//! let app: axum::Router = router(SupportState::new(desk, HttpSettings::new(jwt)));
//! # drop(app);
//! # });
//! ```
//!
//! The client's address is taken from [`axum::extract::ConnectInfo`], so serve the router with
//! `into_make_service_with_connect_info::<SocketAddr>()`.

#![warn(missing_docs)]

mod auth;
mod boundary;
mod captcha;
mod client_address;
mod cors;
mod counters;
mod error;
mod export;
mod extract;
mod faces;
mod form;
mod health;
mod idempotency;
mod languages;
mod leftover;
mod limits;
mod markdown;
mod openapi;
mod pages;
mod realtime;
mod scope;
mod sealing;
mod state;
mod stream_tokens;
mod tokens;
mod wire;

use axum::Router;

pub use auth::{Authenticated, Authenticator, DefaultAuthenticator};
pub use boundary::finish;
pub use captcha::{CaptchaUnavailable, CaptchaVerifier};
pub use client_address::ClientAddress;
pub use error::{ApiError, Detail};
pub use export::export;
pub use extract::{Json, Path, Query};
pub use health::{health, metrics};
pub use limits::RateLimit;
pub use openapi::{document, documentation};
pub use pages::pages;
#[cfg(feature = "socketio")]
#[doc(hidden)]
pub use realtime::socketio_builder;
pub use scope::{AdminScope, AgentScope, CallerScope, PlatformScope, PublicTenant};
pub use state::{HttpSettings, SupportState};
pub use tokens::{Issued, JwtSettings, UnusableKey};

/// Everything: all faces, the pages, health and documentation, with the common layers around them.
pub fn router(state: SupportState) -> Router {
    let routes = public()
        .merge(agents())
        .merge(administration())
        .merge(realtime())
        .merge(hooks())
        .merge(pages())
        .merge(health())
        .merge(metrics())
        .merge(documentation());
    finish(routes, state)
}

/// What visitors, chatbots and customers call: chats, requests for a human, logging in, and the
/// customer portal.
pub fn public() -> Router<SupportState> {
    Router::new()
        .merge(faces::auth::routes())
        .merge(faces::departments::public_routes())
        .merge(faces::chat::routes())
        .merge(faces::widget::routes())
        .merge(faces::chat_visits::routes())
        .merge(faces::transcripts::public_routes())
        .merge(faces::rating_links::routes())
        .merge(faces::handoff::routes())
        .merge(faces::callback::routes())
        .merge(faces::calls::routes())
        .merge(faces::portal::routes())
        .merge(faces::files::routes())
        .merge(faces::knowledge::public_routes())
        .merge(faces::knowledge::portal_routes())
}

/// What agents call: the website chat's desk, presence, their colleagues.
pub fn agents() -> Router<SupportState> {
    Router::new()
        .merge(faces::chat_desk::routes())
        .merge(faces::presence::routes())
        .merge(faces::agents::routes())
        .merge(faces::available_agents::routes())
        .merge(faces::callbacks::routes())
        .merge(faces::tickets::routes())
        .merge(faces::transcripts::routes())
        .merge(faces::agent_desk::routes())
        .merge(faces::canned_responses::routes())
        .merge(faces::blocks::routes())
        .merge(faces::articles::routes())
        .merge(faces::dashboard::routes())
        .merge(faces::analytics::routes())
}

/// What admins, servers and platform operators call.
pub fn administration() -> Router<SupportState> {
    Router::new()
        .merge(faces::customers::routes())
        .merge(faces::chatbots::routes())
        .merge(faces::departments::routes())
        .merge(faces::settings::routes())
        .merge(faces::webhooks::routes())
        .merge(faces::deliveries::routes())
        .merge(faces::api_keys::routes())
        .merge(faces::events::routes())
        .merge(faces::audit::routes())
        .merge(faces::tenants::routes())
}

/// What providers of channels call: Messenger, Telegram.
pub fn hooks() -> Router<SupportState> {
    faces::hooks::routes()
}

/// Live connections: WebSocket and server-sent events.
pub fn realtime() -> Router<SupportState> {
    realtime::routes()
}
