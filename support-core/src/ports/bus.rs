//! Hints between nodes.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;

use crate::model::{AgentId, CustomerId, Side, TenantId, TicketId};

/// Something worth showing at once and not worth keeping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Signal {
    /// Somebody began or stopped typing.
    Typing {
        /// Where.
        ticket: TicketId,
        /// The ticket's number for people.
        #[serde(default)]
        number: u64,
        /// Which side.
        side: Side,
        /// Who, if it is an agent.
        agent: Option<AgentId>,
        /// The agent's name, for colleagues.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// The agent who has the ticket, and its department, for choosing who hears.
        assignee: Option<AgentId>,
        /// The department of the ticket.
        department: Option<crate::model::DepartmentId>,
        /// Whether they type.
        is_typing: bool,
    },
    /// An agent began, went on or ceased to look at a ticket.
    Viewing {
        /// Which ticket.
        ticket: TicketId,
        /// Its number for people.
        number: u64,
        /// What they look through, since one agent may have several desks open.
        desk: uuid::Uuid,
        /// Who.
        agent: AgentId,
        /// Their name, for colleagues.
        name: String,
        /// The agent who has the ticket, and its department, for choosing who hears.
        assignee: Option<AgentId>,
        /// The department of the ticket.
        department: Option<crate::model::DepartmentId>,
        /// Whether they look at it.
        is_viewing: bool,
    },
    /// A node asks whether the requester is connected to another one.
    AskConnected {
        /// To which conversation.
        ticket: TicketId,
        /// The customer whose it is, who may be connected to all of theirs.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        customer: Option<CustomerId>,
        /// The question, to be named in the answer.
        question: uuid::Uuid,
    },
    /// The requester is connected here.
    IsConnected {
        /// The question that this answers.
        question: uuid::Uuid,
    },
    /// A customer's event stream was opened with a token that is good for one at a time.
    StreamOpened {
        /// Whose.
        customer: CustomerId,
        /// The token's id.
        token: uuid::Uuid,
        /// The connection that has it from now on.
        connection: uuid::Uuid,
    },
}

/// What nodes tell each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum BusMessage {
    /// A tenant's journal has grown up to `seq`: a hint to look.
    Journal {
        /// Whose.
        tenant: TenantId,
        /// Up to where.
        seq: u64,
    },
    /// Something ephemeral.
    Signal {
        /// Whose.
        tenant: TenantId,
        /// What.
        signal: Signal,
    },
}

/// Why a bus could not take a message.
#[derive(Debug, thiserror::Error)]
#[error("the bus is unavailable: {0}")]
pub struct BusError(pub String);

/// Carries hints and signals to every node, this one too. At most once, in no order: losing
/// one costs a moment, never an event.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait EventBus: Send + Sync {
    /// Sends to every node.
    ///
    /// # Errors
    /// [`BusError`] when the bus can't be reached; callers carry on.
    async fn publish(&self, message: BusMessage) -> Result<(), BusError>;

    /// Everything published from now on.
    fn subscribe(&self) -> broadcast::Receiver<BusMessage>;

    /// Whether the bus answers at all.
    ///
    /// # Errors
    /// [`BusError`] when it doesn't.
    async fn ping(&self) -> Result<(), BusError>;
}
