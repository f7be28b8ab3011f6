//! The verbs: each use case reads what it needs, decides by the rules of `model`, and commits one
//! change set.

mod acceptance;
mod access;
mod accounts;
mod agents;
mod analytics;
mod api_keys;
mod articles;
mod assignment;
mod audit;
mod blocks;
mod callback_rounds;
mod callbacks;
mod canned_responses;
mod channel_settings;
mod committer;
mod conversation;
mod customers;
mod deliveries;
mod departments;
mod error;
mod feed;
mod file_settings;
mod hints;
mod identity;
mod inbound;
mod inboxes;
mod knowledge;
mod lookup;
mod mail_words;
mod notifications;
mod opening;
mod outbound;
mod passwords;
mod presence;
mod privacy;
mod rating_links;
mod ratings;
mod reading;
mod recent;
mod requests;
mod responding;
mod retry;
mod scope;
mod search;
mod self_service;

mod sla_settings;

mod sla;

mod successor;
mod tenants;
mod tickets;
mod transcripts;
mod uploads;
mod visits;
mod webhooks;

use std::{sync::Arc, time::Duration};

pub use accounts::{Identified, LoggedIn};
pub use agents::{AgentChanges, NewAgent};
pub use analytics::{Analytics, AnalyticsQuery, Volume};
pub use api_keys::NewApiKey;
pub use articles::{ArticleChanges, NewArticle};
pub use audit::{AuditQuery, Audited};
pub use blocks::{BlockTarget, NewBlock};
pub use callbacks::{CallbackChanges, CallbackState, NewCallback, Told};
pub use canned_responses::{CannedResponseChanges, NewCannedResponse};
pub use channel_settings::{Change, ChannelChanges, MessengerChanges, SmsChanges, SmtpChanges, TelegramChanges};
pub use committer::CommitterSettings;
pub use conversation::{NewMessage, Posted, Speaker};
pub use customers::{CustomerChanges, NewCustomer};
pub use departments::{DepartmentChanges, NewDepartment};
pub use error::{DeskError, Rule};
pub use feed::{Feed, Subscription};
pub use file_settings::FileChanges;
pub use identity::ClaimedIdentity;
pub use inbound::InboundMessage;
pub use inboxes::{InboxChanges, NewInbox};
pub use knowledge::{ArticleQuery, FoundArticle};
pub use lookup::TicketRef;
pub use mail_words::{MailTemplateState, MailWords};
pub use opening::{HistoryEntry, NewTicket, NewTicketRequester, Opened};
pub use outbound::{Attempted, ChannelTest, Connected, Connections, InstallationChannels, OutboundSettings, Vault};
pub(crate) use outbound::{PAUSE_PROBE, Way};
pub use presence::AgentPresence;
pub use rating_links::AskedRating;
pub use ratings::NewRating;
pub use responding::{ResponderSettings, Turn};
pub use scope::Scope;
pub use search::FoundTicket;
pub use self_service::{OwnContact, OwnTickets};
pub use sla_settings::{SlaChanges, SlaTargetChanges};
pub use successor::Continued;
pub use tenants::{FirstAdmin, NewTenant, TenantChanges};
pub use tickets::TicketChanges;
pub use uploads::{FileLimits, NewFile, UploadSettings};
pub use webhooks::{NewWebhook, WebhookChanges};

use self::{outbound::short, recent::Recent};
use crate::{
    change::Teammate,
    model::{Blocklist, Calendars, PRESENCE_TIMEOUT, Secret, SecretHash, Tenant, TenantId, Ticket, Timestamp},
    ports::{
        AccountReads, ArticleReads, AssignmentReads, CallbackReads, CannedResponseReads, Clock, CommitStore,
        DeliveryQueue, DeliveryReads, DepartmentReads, ErasureReads, EventBus, EventReads, FigureReads, FileReads,
        FileScanner, FileStore, Ids, InProcessBus, InboxReads, MailTemplates, MessageReads, NotificationReads,
        Notifier, PeopleReads, PresenceStore, RandomIds, RequestReads, Responder, SearchReads, Store, SystemClock,
        TenantReads, Thumbnailer, TicketReads, Upkeep, WebhookReads,
    },
};

/// The storage ports that a desk uses, each on its own, so that a test can put a mock in one place.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is named and documented by its port")]
pub struct Stores {
    pub commit: Arc<dyn CommitStore>,
    pub tenants: Arc<dyn TenantReads>,
    pub inboxes: Arc<dyn InboxReads>,
    pub departments: Arc<dyn DepartmentReads>,
    pub people: Arc<dyn PeopleReads>,
    pub accounts: Arc<dyn AccountReads>,
    pub tickets: Arc<dyn TicketReads>,
    pub figures: Arc<dyn FigureReads>,
    pub messages: Arc<dyn MessageReads>,
    pub events: Arc<dyn EventReads>,
    pub notifications: Arc<dyn NotificationReads>,
    pub requests: Arc<dyn RequestReads>,
    pub assignment: Arc<dyn AssignmentReads>,
    pub deliveries: Arc<dyn DeliveryQueue>,
    pub owed: Arc<dyn DeliveryReads>,
    pub callbacks: Arc<dyn CallbackReads>,
    pub webhooks: Arc<dyn WebhookReads>,
    pub canned_responses: Arc<dyn CannedResponseReads>,
    pub files: Arc<dyn FileReads>,
    pub articles: Arc<dyn ArticleReads>,
    pub erasures: Arc<dyn ErasureReads>,
    pub presence: Arc<dyn PresenceStore>,
    pub search: Arc<dyn SearchReads>,
    pub upkeep: Arc<dyn Upkeep>,
}

impl Stores {
    /// All ports from one store.
    #[must_use]
    pub fn of<S: Store>(store: &Arc<S>) -> Self {
        Self {
            commit: Arc::clone(store) as _,
            tenants: Arc::clone(store) as _,
            inboxes: Arc::clone(store) as _,
            departments: Arc::clone(store) as _,
            people: Arc::clone(store) as _,
            accounts: Arc::clone(store) as _,
            tickets: Arc::clone(store) as _,
            figures: Arc::clone(store) as _,
            messages: Arc::clone(store) as _,
            events: Arc::clone(store) as _,
            notifications: Arc::clone(store) as _,
            requests: Arc::clone(store) as _,
            assignment: Arc::clone(store) as _,
            deliveries: Arc::clone(store) as _,
            owed: Arc::clone(store) as _,
            callbacks: Arc::clone(store) as _,
            webhooks: Arc::clone(store) as _,
            canned_responses: Arc::clone(store) as _,
            files: Arc::clone(store) as _,
            articles: Arc::clone(store) as _,
            erasures: Arc::clone(store) as _,
            presence: Arc::clone(store) as _,
            search: Arc::clone(store) as _,
            upkeep: Arc::clone(store) as _,
        }
    }
}

impl std::fmt::Debug for Stores {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Stores").finish_non_exhaustive()
    }
}

/// How a desk behaves, for the whole installation.
#[derive(Debug, Clone, Copy)]
pub struct DeskSettings {
    /// After how much silence an agent is offline.
    pub presence_timeout: Duration,
    /// How change sets are grouped.
    pub committer: CommitterSettings,
}

impl Default for DeskSettings {
    fn default() -> Self {
        Self {
            presence_timeout: PRESENCE_TIMEOUT,
            committer: CommitterSettings::default(),
        }
    }
}

/// The tenants that public calls were meant for, by domain and slug.
type PublicTenants = Recent<(Option<String>, Option<String>), Tenant>;
/// Tickets by the secret that opens them, perhaps out of date.
type OpenConversations = Recent<(TenantId, SecretHash), Ticket>;

/// Who works for a tenant and is there, as of a moment ago.
type Teams = Recent<TenantId, Arc<[Teammate]>>;

const PUBLIC_TENANTS: usize = 1_024;
/// Other nodes may change a tenant; this one forgets at once what it changes itself.
const PUBLIC_TENANTS_KEPT: Duration = Duration::from_secs(1);
const CALENDARS: usize = 1_024;
/// Other nodes may change office hours; this one forgets at once what it changes itself.
const CALENDARS_KEPT: Duration = Duration::from_secs(1);
const OPEN_CONVERSATIONS: usize = 2_048;
const OPEN_CONVERSATIONS_KEPT: Duration = Duration::from_secs(60);
const TEAMS: usize = 1_024;
/// Other nodes may change a team; this one forgets at once what it changes itself.
const TEAMS_KEPT: Duration = Duration::from_secs(1);

/// Customer support: every use case is a method of it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Desk(Arc<Inner>);

struct Inner {
    stores: Stores,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    bus: Arc<dyn EventBus>,
    settings: DeskSettings,
    feed: Feed,
    committer: committer::Committer,
    rounds: assignment::Rounds,
    counting_failures: tokio::sync::Mutex<()>,
    public_tenants: PublicTenants,
    calendars: Recent<TenantId, Arc<Calendars>>,
    blocklists: Recent<TenantId, Arc<Blocklist>>,
    open_conversations: OpenConversations,
    teams: Teams,
    outbound: outbound::Outbound,
    responding: Option<responding::Responding>,
    uploads: uploads::Uploads,
    first_articles: Arc<[NewArticle]>,
    views: knowledge::Views,
    accesses: access::Accesses,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Desk")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// Puts a desk together from its ports.
#[must_use = "a builder does nothing until `build`"]
pub struct DeskBuilder {
    stores: Stores,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    bus: Arc<dyn EventBus>,
    settings: DeskSettings,
    outbound: outbound::OutboundParts,
    responder: Option<Arc<dyn Responder>>,
    responder_settings: ResponderSettings,
    uploads: uploads::Uploads,
    first_articles: Arc<[NewArticle]>,
}

impl std::fmt::Debug for DeskBuilder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("DeskBuilder")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl DeskBuilder {
    /// Another clock than the machine's.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Other ids and secrets than random ones.
    pub fn ids(mut self, ids: impl Ids + 'static) -> Self {
        self.ids = Arc::new(ids);
        self
    }

    /// Another bus than one of this process alone.
    pub fn bus(mut self, bus: Arc<dyn EventBus>) -> Self {
        self.bus = bus;
        self
    }

    /// Other settings than the defaults.
    pub const fn settings(mut self, settings: DeskSettings) -> Self {
        self.settings = settings;
        self
    }

    /// How what leaves the system behaves.
    pub fn outbound(mut self, settings: OutboundSettings) -> Self {
        self.outbound.settings = settings;
        self
    }

    /// A way out; one for each channel, the last one given. Without any, nothing is owed to the
    /// outside.
    pub fn notifier(mut self, notifier: Arc<dyn Notifier>) -> Self {
        self.outbound.notifiers.push(notifier);
        self
    }

    /// The words of mails, for tenants who write their own.
    pub fn mail_templates(mut self, templates: Arc<dyn MailTemplates>) -> Self {
        self.outbound.templates = Some(templates);
        self
    }

    /// What keeps tenants' secrets; one that forgets them with this desk when not given.
    pub fn vault(mut self, vault: Vault) -> Self {
        self.outbound.vault = Some(vault);
        self
    }

    /// What links in mails are signed with, the same on all nodes; random when not given, so
    /// that they are good only as long as this desk lives.
    pub fn link_key(mut self, key: Secret) -> Self {
        self.outbound.link_key = Some(key);
        self
    }

    /// A machine that may answer before people do. Without one, nothing differs from what it was.
    /// Every node of an installation has it or none: one without it hands over what it comes upon.
    pub fn responder(mut self, responder: Arc<dyn Responder>) -> Self {
        self.responder = Some(responder);
        self
    }

    /// How the responder has its turns.
    pub fn responder_settings(mut self, settings: ResponderSettings) -> Self {
        self.responder_settings = settings;
        self
    }

    /// Where the bytes of files are kept. Without it, nobody can send in any.
    pub fn file_store(mut self, store: Arc<dyn FileStore>) -> Self {
        self.uploads.store = Some(store);
        self
    }

    /// What looks through files before anybody can get them.
    pub fn file_scanner(mut self, scanner: Arc<dyn FileScanner>) -> Self {
        self.uploads.scanner = Some(scanner);
        self
    }

    /// What makes small pictures of images. Without it, they have none.
    pub fn thumbnailer(mut self, thumbnailer: Arc<dyn Thumbnailer>) -> Self {
        self.uploads.thumbnailer = Some(thumbnailer);
        self
    }

    /// What may be sent in where a tenant has settled nothing.
    pub fn uploads(mut self, settings: UploadSettings) -> Self {
        self.uploads.settings = settings;
        self
    }

    /// Articles that every new tenant begins with, to be changed or removed like any other. Without
    /// them its knowledge base begins empty.
    pub fn first_articles(mut self, articles: impl Into<Arc<[NewArticle]>>) -> Self {
        self.first_articles = articles.into();
        self
    }

    /// The desk. Starts its committer and feed as tasks of the current tokio runtime, so it must
    /// be called inside one; they end when the last clone of the desk is gone.
    #[must_use]
    pub fn build(self) -> Desk {
        let Self {
            stores,
            clock,
            ids,
            bus,
            settings,
            outbound,
            responder,
            responder_settings,
            uploads,
            first_articles,
        } = self;
        let feed = Feed::start(Arc::clone(&stores.events), Arc::clone(&bus));
        let outbound = outbound::Outbound::new(outbound, &*ids);
        let committer = committer::Committer::start(&stores.commit, &feed, settings.committer);
        Desk(Arc::new(Inner {
            stores,
            clock,
            ids,
            bus,
            settings,
            feed,
            committer,
            rounds: assignment::Rounds::default(),
            counting_failures: tokio::sync::Mutex::default(),
            public_tenants: Recent::new(PUBLIC_TENANTS, PUBLIC_TENANTS_KEPT),
            calendars: Recent::new(CALENDARS, CALENDARS_KEPT),
            blocklists: Recent::new(blocks::BLOCKLISTS, blocks::BLOCKLISTS_KEPT),
            open_conversations: Recent::new(OPEN_CONVERSATIONS, OPEN_CONVERSATIONS_KEPT),
            teams: Recent::new(TEAMS, TEAMS_KEPT),
            outbound,
            responding: responder.map(|responder| responding::Responding::new(responder, responder_settings)),
            uploads,
            first_articles,
            views: knowledge::Views::default(),
            accesses: access::Accesses::default(),
        }))
    }
}

impl Desk {
    /// A desk over one store, to be completed and built.
    pub fn builder<S: Store>(store: S) -> DeskBuilder {
        Self::builder_over(Stores::of(&Arc::new(store)))
    }

    /// A desk over separate ports.
    pub fn builder_over(stores: Stores) -> DeskBuilder {
        DeskBuilder {
            stores,
            clock: Arc::new(SystemClock),
            ids: Arc::new(RandomIds),
            bus: Arc::new(InProcessBus::new()),
            settings: DeskSettings::default(),
            outbound: outbound::OutboundParts::default(),
            responder: None,
            responder_settings: ResponderSettings::default(),
            uploads: uploads::Uploads::default(),
            first_articles: Arc::default(),
        }
    }

    /// The storage ports, for reading: everything that a scope may see has a verb.
    #[must_use]
    pub fn stores(&self) -> &Stores {
        &self.0.stores
    }

    /// Now, by the desk's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// Where ids and secrets come from.
    #[must_use]
    pub fn ids(&self) -> &dyn Ids {
        &*self.0.ids
    }

    /// The live end of every tenant's journal.
    #[must_use]
    pub fn feed(&self) -> &Feed {
        &self.0.feed
    }

    /// What carries ephemeral signals.
    #[must_use]
    pub fn bus(&self) -> &Arc<dyn EventBus> {
        &self.0.bus
    }

    /// How it behaves.
    #[must_use]
    pub fn settings(&self) -> &DeskSettings {
        &self.0.settings
    }

    fn files(&self) -> &uploads::Uploads {
        &self.0.uploads
    }

    fn rounds(&self) -> &assignment::Rounds {
        &self.0.rounds
    }

    /// Held while a failed login is counted.
    fn counting_failures(&self) -> &tokio::sync::Mutex<()> {
        &self.0.counting_failures
    }

    fn public_tenants(&self) -> &PublicTenants {
        &self.0.public_tenants
    }

    fn recent_calendars(&self) -> &Recent<TenantId, Arc<Calendars>> {
        &self.0.calendars
    }

    fn blocklists(&self) -> &Recent<TenantId, Arc<Blocklist>> {
        &self.0.blocklists
    }

    fn open_conversations(&self) -> &OpenConversations {
        &self.0.open_conversations
    }

    fn teams(&self) -> &Teams {
        &self.0.teams
    }

    fn views(&self) -> &knowledge::Views {
        &self.0.views
    }

    fn committer(&self) -> &committer::Committer {
        &self.0.committer
    }

    fn accesses(&self) -> &access::Accesses {
        &self.0.accesses
    }
}
