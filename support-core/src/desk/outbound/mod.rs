//! What leaves the system: over which account, in which words, and what came of it.

mod connections;
mod counters;
mod letters;
mod links;
mod pauses;
mod policies;
mod prepare;
mod routes;
mod samples;
mod settle;
mod trouble;
mod vault;
mod views;

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio::sync::{Notify, broadcast};

pub use connections::{Connected, Connections};
pub(super) use letters::{harmless_subject, is_proven};
pub(super) use links::Purpose;
pub(crate) use pauses::Way;
pub(super) use routes::display_name;
pub use routes::{ChannelTest, InstallationChannels};
pub use settle::Attempted;
pub(crate) use settle::PAUSE_PROBE;
pub(super) use settle::short;
pub use vault::Vault;

use self::links::Links;
use super::{Desk, recent::Recent};
use crate::{
    change::Policy,
    model::{Channel, DeliveryId, RetrySchedule, Secret, TenantId},
    ports::{Ids, MailTemplates, Notifier, NotifyError, Sent},
};

/// How what leaves the system behaves, for the whole installation.
#[derive(Debug, Clone)]
pub struct OutboundSettings {
    /// Where people reach this installation, for links, without a slash at the end.
    pub public_url: String,
    /// Accounts that tenants without their own use.
    pub channels: InstallationChannels,
    /// After which pauses what failed is tried again.
    pub retries: RetrySchedule,
    /// For how long a node holds what it is sending: so long does it take until others send what
    /// a node was sending when it died. Five sixths of it are an attempt's time.
    pub lease: Duration,
    /// How long the answer to a callback waits for the first attempts.
    pub callback_wait: Duration,
    /// How long what customers write while nobody is there is gathered.
    pub digest_delay: Duration,
    /// How long there is at least between two digests about one ticket.
    pub digest_interval: Duration,
    /// How long answers to somebody who has left are gathered.
    pub reply_delay: Duration,
}

impl Default for OutboundSettings {
    fn default() -> Self {
        Self {
            public_url: "http://127.0.0.1:8080".to_owned(),
            channels: InstallationChannels::default(),
            retries: RetrySchedule::default(),
            lease: Duration::from_secs(60),
            callback_wait: Duration::from_secs(2),
            digest_delay: Duration::from_secs(60),
            digest_interval: Duration::from_secs(900),
            reply_delay: Duration::from_secs(120),
        }
    }
}

const POLICIES: usize = 1_024;
/// Other nodes may change what a tenant has settled; this one forgets at once what it changes itself.
const POLICIES_KEPT: Duration = Duration::from_secs(1);
/// How many attempts may be told of before a slow listener misses some.
const ATTEMPTS_TOLD: usize = 1_024;

/// What a desk has for the outside.
pub(super) struct Outbound {
    pub(super) settings: OutboundSettings,
    notifiers: HashMap<Channel, Arc<dyn Notifier>>,
    templates: Option<Arc<dyn MailTemplates>>,
    vault: Vault,
    links: Links,
    policies: Recent<TenantId, Arc<Policy>>,
    /// Something new is owed.
    owed: Notify,
    attempts: broadcast::Sender<DeliveryId>,
    connections: Connections,
    counters: counters::Counters,
}

/// What a host gives a desk for the outside.
#[derive(Default)]
pub(super) struct OutboundParts {
    pub(super) settings: OutboundSettings,
    pub(super) notifiers: Vec<Arc<dyn Notifier>>,
    pub(super) templates: Option<Arc<dyn MailTemplates>>,
    pub(super) vault: Option<Vault>,
    pub(super) link_key: Option<Secret>,
}

impl Outbound {
    pub(super) fn new(parts: OutboundParts, ids: &dyn Ids) -> Self {
        let OutboundParts {
            settings,
            notifiers,
            templates,
            vault,
            link_key,
        } = parts;
        let (attempts, _) = broadcast::channel(ATTEMPTS_TOLD);
        Self {
            settings,
            notifiers: notifiers
                .into_iter()
                .map(|notifier| (notifier.channel(), notifier))
                .collect(),
            templates,
            vault: vault.unwrap_or_else(|| Vault::passing(ids)),
            links: Links::new(link_key.unwrap_or_else(|| ids.secret(""))),
            policies: Recent::new(POLICIES, POLICIES_KEPT),
            owed: Notify::new(),
            attempts,
            connections: Connections::default(),
            counters: counters::Counters::default(),
        }
    }
}

impl Desk {
    pub(super) fn outbound(&self) -> &Outbound {
        &self.0.outbound
    }

    /// How what leaves the system behaves.
    #[must_use]
    pub fn outbound_settings(&self) -> &OutboundSettings {
        &self.outbound().settings
    }

    /// Keeps tenants' secrets.
    #[must_use]
    pub fn vault(&self) -> &Vault {
        &self.outbound().vault
    }

    /// The way out over a channel, if the host gave one.
    #[must_use]
    pub fn notifier(&self, channel: Channel) -> Option<&Arc<dyn Notifier>> {
        self.outbound().notifiers.get(&channel)
    }

    /// The words of mails, if the host gave any.
    #[must_use]
    pub fn mail_templates(&self) -> Option<&Arc<dyn MailTemplates>> {
        self.outbound().templates.as_ref()
    }

    /// Who is connected to which conversation, for those who hold the connections to keep.
    #[must_use]
    pub fn connections(&self) -> &Connections {
        &self.outbound().connections
    }

    /// Attempts of this node since its start: channel, what came of it (`sent`, `failed`, `dead`,
    /// `refused`), how many.
    #[must_use]
    pub fn attempts_counted(&self) -> Vec<(Channel, &'static str, u64)> {
        self.outbound().counters.all()
    }

    pub(super) fn count_attempt(&self, channel: Channel, outcome: &Result<Sent, NotifyError>) {
        self.outbound().counters.count(channel, outcome);
    }

    /// Waits until something new is owed here; what other nodes owe is found by looking.
    pub async fn something_is_owed(&self) {
        self.outbound().owed.notified().await;
    }

    pub(super) fn tell_owed(&self) {
        self.outbound().owed.notify_one();
    }

    pub(super) fn forget_policy(&self, tenant: TenantId) {
        self.outbound().policies.forget(&tenant);
    }
}
