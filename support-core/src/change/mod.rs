//! The one way anything is written: a [`ChangeSet`] holds all that one decision changes, is
//! sealed, and is committed whole or not at all.

mod expect;
mod footprint;
mod notifying;
mod owing;
mod plan;
mod policy;
mod sealed;
mod set;
mod write;

use serde::{Deserialize, Serialize};

pub use expect::{Claim, Conflict, Expect, Record, Touch};
pub use footprint::Footprint;
pub use owing::ORIGIN;
pub use plan::{Plan, Planned, Teammate};
pub use policy::Policy;
pub use sealed::{SealedChange, SealedParts};
pub use set::{ChangeSet, NewEvent};
pub use write::Write;

use crate::model::{MessageId, SecretHash, TicketId};

/// What makes a request the same request again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestKey {
    /// Hash of caller, route and the key they sent.
    pub key: SecretHash,
    /// Hash of what they asked, to tell a repeat from a mistake.
    pub fingerprint: SecretHash,
}

/// What the store gave out when it accepted a change set.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Receipt {
    /// The journal `seq` of the first event; the others follow without a gap. 0 without events.
    pub first_event: u64,
    /// The numbers of opened tickets.
    pub tickets: Vec<(TicketId, u64)>,
    /// The `seq` of appended messages.
    pub messages: Vec<(MessageId, u64)>,
}

impl Receipt {
    /// The `seq` that a message got.
    #[must_use]
    pub fn seq_of(&self, message: MessageId) -> Option<u64> {
        self.messages.iter().find(|(id, _)| *id == message).map(|(_, seq)| *seq)
    }

    /// The number that a ticket got.
    #[must_use]
    pub fn number_of(&self, ticket: TicketId) -> Option<u64> {
        self.tickets
            .iter()
            .find(|(id, _)| *id == ticket)
            .map(|(_, number)| *number)
    }
}

/// Why a change set was not written. Nothing of it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejected {
    /// An expectation did not hold.
    Conflict(Conflict),
    /// It was written before: this is the receipt of then.
    Duplicate(Receipt),
}

/// What became of one change set of a batch.
pub type Outcome = Result<Receipt, Rejected>;
