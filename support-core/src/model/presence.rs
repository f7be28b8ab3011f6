//! Who is there. Observed, not journalled: it lapses by itself.

use std::time::Duration;

use super::{AgentId, Availability, DepartmentId, Timestamp};

/// How often clients are asked to give a sign of life.
pub const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(30);
/// After how much silence an agent counts as gone.
pub const PRESENCE_TIMEOUT: Duration = Duration::from_secs(120);
/// After how long without a renewal somebody counts as no longer typing.
pub const TYPING_TIMEOUT: Duration = Duration::from_secs(6);

/// How long an agent is shown to look at a ticket after they last said so.
pub const VIEWING_TIMEOUT: Duration = Duration::from_secs(45);

/// What was last seen of an agent. Any number of connections count as one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presence {
    /// Who.
    pub agent: AgentId,
    /// Whether they count as there.
    pub is_online: bool,
    /// Their last sign of life.
    pub last_seen_at: Timestamp,
    /// The department they said they work for now.
    pub department: Option<DepartmentId>,
}

/// Whether an agent, as seen and as they chose, can be told of to customers as "somebody is there".
#[must_use]
pub fn counts_as_somebody(is_online: bool, availability: Availability) -> bool {
    is_online && matches!(availability, Availability::Available | Availability::Busy)
}
