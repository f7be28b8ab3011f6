//! URLs that a tenant subscribed to what happens.

use std::time::Duration;

use super::{Event, EventBody, SealedSecret, Timestamp, Visibility, WebhookId};

/// For how long the former secret signs too after a new one was made, so that receivers can
/// change over.
pub const WEBHOOK_SECRET_OVERLAP: Duration = Duration::from_secs(24 * 60 * 60);
/// After how long without a single success a webhook is switched off.
pub const WEBHOOK_PATIENCE: Duration = Duration::from_secs(5 * 24 * 60 * 60);
/// The kind that stands for all kinds of events.
pub const ALL_EVENTS: &str = "*";
/// The most webhooks of one tenant.
pub const MOST_WEBHOOKS: usize = 50;

/// A former secret that still signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormerSecret {
    /// The secret.
    pub secret: SealedSecret,
    /// Until when.
    pub until: Timestamp,
}

/// One subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// Where it goes.
    pub url: String,
    /// The kinds of events it hears of, or [`ALL_EVENTS`].
    pub events: Vec<String>,
    /// Whether it is called at all.
    pub is_active: bool,
    /// What its calls are signed with.
    pub secret: SealedSecret,
    /// What they are signed with too, for a while.
    pub former_secret: Option<FormerSecret>,
    /// Since when no call has succeeded; none while they do.
    pub failing_since: Option<Timestamp>,
    /// Why it was switched off by the software.
    pub disabled_reason: Option<String>,
    /// The `seq` of the last journal entry that it was looked at for.
    pub cursor: u64,
    /// Counts changes, other than of `cursor`.
    pub version: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Webhook {
    /// Whether its subscriber is to be told of `event`: what admins alone may know, what agents
    /// note among themselves and what one person is told stays inside.
    #[must_use]
    pub fn hears(&self, event: &Event) -> bool {
        let kind = event.body.kind();
        let is_wanted = self.events.iter().any(|wanted| wanted == ALL_EVENTS || wanted == kind);
        let is_inside = event.audience.visibility == Visibility::Admins
            || event.body.recipient().is_some()
            || (matches!(event.body, EventBody::MessagePosted { .. })
                && event.audience.visibility != Visibility::Customer);
        self.is_active && is_wanted && !is_inside
    }
}
