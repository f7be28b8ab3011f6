//! The faces as the settings want them.

use axum::Router;
use support_core::{model::Secret, ports::Ids};
use support_http::{HttpSettings, JwtSettings, SupportState};

use crate::{
    settings::{Database, SettingError, Settings, jwt_secret},
    start::Failure,
};

/// How tokens are signed and checked.
///
/// # Errors
/// [`Failure`] when a key can't be used or kept.
pub(crate) fn tokens(settings: &Settings, ids: &dyn Ids) -> Result<JwtSettings, Failure> {
    let secret: Secret = jwt_secret(settings, ids)?;
    if settings.jwt_secret.is_none() && matches!(settings.database, Database::Postgres(_)) {
        tracing::warn!("JWT_SECRET is generated and kept on this node: nodes that share a database need the same one");
    }
    let tokens = JwtSettings::new(secret.reveal()).map_err(|error| SettingError::about("JWT_SECRET", &error))?;
    let Some(key) = &settings.jwt_public_key else {
        return Ok(tokens);
    };
    let tokens = tokens.public_key(key);
    Ok(tokens.map_err(|error| SettingError::about("JWT_PUBLIC_KEY_FILE", &error))?)
}

/// How the faces behave.
pub(crate) fn http_settings(settings: &Settings, tokens: JwtSettings, public_url: String) -> HttpSettings {
    let defaults = HttpSettings::new(tokens);
    let is_unlimited = settings.call_limit.max_requests == 0;
    let messages_per_minute = if is_unlimited { 0 } else { defaults.messages_per_minute };
    HttpSettings {
        public_url,
        rate_limit: settings.call_limit,
        messages_per_minute,
        trusted_proxies: settings.trusted_proxies.clone(),
        cors_origins: settings.cors_origins.clone(),
        ..defaults
    }
}

/// Everything on one port.
pub(crate) fn all(support: SupportState) -> Router {
    support_http::router(support)
}

/// `/metrics` alone.
pub(crate) fn metrics(support: SupportState) -> Router {
    support_http::finish(support_http::metrics(), support)
}

/// Everything but `/metrics`.
pub(crate) fn without_metrics(support: SupportState) -> Router {
    let parts = support_http::public()
        .merge(support_http::agents())
        .merge(support_http::administration())
        .merge(support_http::realtime())
        .merge(support_http::hooks())
        .merge(support_http::pages())
        .merge(support_http::documentation())
        .merge(support_http::health());
    support_http::finish(parts, support)
}
