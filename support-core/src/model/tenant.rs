//! Companies whose support this is.

use chrono_tz::Tz;

use super::{TenantId, TenantSettings, Timestamp};

/// One company. Everything else belongs to exactly one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// Its id, which every stored row begins with.
    pub id: TenantId,
    /// Short name for headers and settings, unique on this installation.
    pub slug: String,
    /// Name as people write it.
    pub name: String,
    /// Where its days begin and end.
    pub timezone: Tz,
    /// Hosts of the web pages its widget lives on, without scheme; unique on this installation.
    pub domains: Vec<String>,
    /// Its own choices.
    pub settings: TenantSettings,
    /// Whether anybody may still use it.
    pub is_active: bool,
    /// Counts changes, so that two editors can't overwrite each other unawares.
    pub version: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// Reduces what a browser or a setting says of an origin to the host that tenants claim:
/// `https://Shop.Example:8443/` and `shop.example` are the same domain.
///
/// ```
/// use support_core::model::domain_of;
/// assert_eq!(domain_of("https://Shop.Example:8443/cart"), "shop.example");
/// ```
#[must_use]
pub fn domain_of(origin: &str) -> String {
    let rest = origin.trim();
    let rest = match rest.split_once("://") {
        // What comes after a path or query begins is no scheme, whatever it looks like.
        Some((scheme, after)) if !scheme.contains(['/', '?', '#']) => after,
        _ => rest,
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let bare = match host.rsplit_once(':') {
        Some((name, port)) if port.chars().all(|character| character.is_ascii_digit()) && !name.ends_with(':') => name,
        _ => host,
    };
    bare.trim_end_matches('.').to_lowercase()
}
