//! For tests, a host's own too: a clock that is set by hand, ids that come in order, samples of
//! the nouns, mocks of every port, and a store that fails when told to.

mod clock;
mod faulty;
mod ids;
mod notifier;
mod samples;

pub use clock::ManualClock;
pub use faulty::{Fault, FaultyStore};
pub use ids::SequentialIds;
pub use notifier::RecordingNotifier;
pub use samples::Samples;

pub use crate::ports::{
    MockAccountReads, MockArticleReads, MockAssignmentReads, MockCallbackReads, MockCannedResponseReads,
    MockCommitStore, MockDeliveryQueue, MockDeliveryReads, MockDepartmentReads, MockErasureReads, MockEventBus,
    MockEventReads, MockFileReads, MockInboxReads, MockMailTemplates, MockMessageReads, MockNotificationReads,
    MockNotifier, MockPeopleReads, MockPresenceStore, MockRequestReads, MockSearchReads, MockTenantReads,
    MockTicketReads, MockUpkeep, MockWebhookReads,
};
