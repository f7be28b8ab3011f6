//! What the core needs from outside, as small object-safe traits.
//!
//! # Writing an adapter
//! 1. Implement [`CommitStore`], the read ports, [`DeliveryQueue`], [`PresenceStore`] and
//!    [`Upkeep`] on one type; [`Store`] then holds by itself.
//! 2. Decide nothing: rules live in `model`. An adapter checks expectations, writes, numbers, reads.
//! 3. Every statement names the tenant, but for the few reads that find a tenant, which say so.
//! 4. Take [`SealedParts`](crate::change::SealedParts) and [`Write`](crate::change::Write) apart
//!    exhaustively, so that what is new does not compile until it is stored.
//! 5. Run the conformance suite (`support-conformance`) over a function that makes your store.
//!
//! Expected refusals are [`Rejected`](crate::change::Rejected), never errors: a [`StoreError`]
//! means that nothing is known to have been written or read.

mod articles;
mod bus;
mod callbacks;
mod canned_responses;
mod clock;
mod commit;
mod deliveries;
mod erasure;
mod every;
mod files;
mod in_process_bus;
mod notifier;
mod presence;
mod reads;
mod responder;
mod search;
mod shared;
mod sorting;
mod upkeep;

pub use articles::{ArticleFilter, ArticleReads};
pub use bus::{BusError, BusMessage, EventBus, Signal};
pub use callbacks::{CallbackFilter, CallbackReads, OverdueCallback, WebhookReads};
pub use canned_responses::CannedResponseReads;
pub use clock::{Clock, Ids, RandomIds, SystemClock};
pub use commit::{CommitStore, StoreError};
pub use deliveries::{DeliveryFilter, DeliveryQueue, DeliveryReads, Lane, LeaseToken, Leased, Settled};
pub use erasure::ErasureReads;
pub use files::{FileReader, FileReads, FileScanner, FileStore, FileStoreError, FileWriter, Thumbnailer, Verdict};
pub use in_process_bus::InProcessBus;
pub use notifier::{
    CallbackView, EventView, Letter, LetterKind, MailTemplates, MailThread, MessageView, MessengerRoute, Notifier,
    NotifyError, Outgoing, Route, Sent, SmsRoute, SmtpRoute, TelegramRoute, TemplateProblem, TenantView, TicketView,
    WebhookRoute,
};
pub use presence::PresenceStore;
pub use reads::{
    AccountReads, AgentFilter, AssigneeFilter, AssignmentReads, COUNTED_TO, CustomerFilter, DepartmentReads,
    EventFilter, EventReads, FigureGroup, FigureQuery, FigureReads, InboxReads, MessageReads, NotificationReads, Page,
    PageRequest, PeopleReads, RequestReads, SortOrder, StoredRequest, TenantReads, TicketCursor, TicketFilter,
    TicketPosition, TicketReads, TicketSort, VisibleTo,
};
pub use responder::{Conversation, MOST_REPLIES, Next, Responder, ResponderError, Response};
pub use search::{PLACES_LOOKED_AT, SearchReads, TicketSearch};
pub use sorting::{RecordOrder, RecordSort};
pub use upkeep::Upkeep;

#[cfg(any(test, feature = "testing"))]
pub use {
    articles::MockArticleReads,
    bus::MockEventBus,
    callbacks::{MockCallbackReads, MockWebhookReads},
    canned_responses::MockCannedResponseReads,
    commit::MockCommitStore,
    deliveries::{MockDeliveryQueue, MockDeliveryReads},
    erasure::MockErasureReads,
    files::MockFileReads,
    notifier::{MockMailTemplates, MockNotifier},
    presence::MockPresenceStore,
    reads::{
        MockAccountReads, MockAssignmentReads, MockDepartmentReads, MockEventReads, MockFigureReads, MockInboxReads,
        MockMessageReads, MockNotificationReads, MockPeopleReads, MockRequestReads, MockTenantReads, MockTicketReads,
    },
    responder::MockResponder,
    search::MockSearchReads,
    upkeep::MockUpkeep,
};

/// Everything that is kept: one type that implements all storage ports.
pub trait Store:
    CommitStore
    + TenantReads
    + InboxReads
    + DepartmentReads
    + PeopleReads
    + AccountReads
    + TicketReads
    + FigureReads
    + MessageReads
    + EventReads
    + NotificationReads
    + RequestReads
    + AssignmentReads
    + DeliveryQueue
    + DeliveryReads
    + CallbackReads
    + WebhookReads
    + CannedResponseReads
    + FileReads
    + ArticleReads
    + ErasureReads
    + PresenceStore
    + SearchReads
    + Upkeep
    + 'static
{
}

impl<T> Store for T where
    T: CommitStore
        + TenantReads
        + InboxReads
        + DepartmentReads
        + PeopleReads
        + AccountReads
        + TicketReads
        + FigureReads
        + MessageReads
        + EventReads
        + NotificationReads
        + RequestReads
        + AssignmentReads
        + DeliveryQueue
        + DeliveryReads
        + CallbackReads
        + WebhookReads
        + CannedResponseReads
        + FileReads
        + ArticleReads
        + ErasureReads
        + PresenceStore
        + SearchReads
        + Upkeep
        + 'static
{
}
