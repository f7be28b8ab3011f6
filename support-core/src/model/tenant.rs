//! Companies whose support this is, and what each has settled for itself.

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::{TenantId, Timestamp};

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

/// What a tenant has chosen. Absent values in storage read as their defaults.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct TenantSettings {
    /// How tickets find agents.
    pub assignment: AssignmentSettings,
    /// How the widget looks.
    pub branding: Branding,
}

/// How tickets find agents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct AssignmentSettings {
    /// Whether tickets are assigned without anybody choosing.
    pub automatic: bool,
}

impl Default for AssignmentSettings {
    fn default() -> Self {
        Self { automatic: true }
    }
}

/// How the widget looks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Branding {
    /// Name over the chat; the tenant's own when empty.
    pub name: Option<String>,
    /// Accent colour as `#rrggbb`.
    pub color: String,
    /// First words that a visitor sees.
    pub greeting: String,
}

impl Default for Branding {
    fn default() -> Self {
        Self {
            name: None,
            color: "#2f6feb".to_owned(),
            greeting: "Hi! How can we help?".to_owned(),
        }
    }
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
