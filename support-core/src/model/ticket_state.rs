//! Where a ticket stands, and which steps lead from there.
//!
//! The table in full; anything else is refused with both names.
//!
//! | from \ to | open | waiting | assigned | pending | resolved | closed |
//! |---|---|---|---|---|---|---|
//! | open | | nobody online | assign | yes | yes | yes |
//! | waiting | somebody online | | assign | yes | yes | yes |
//! | assigned | unassign | unassign, nobody online | reassign | yes | yes | yes |
//! | pending | unassign | unassign, nobody online | reply or resume | | yes | yes |
//! | resolved | reply, assignee not there | same, nobody online | reply or reopen | | | yes |
//! | closed | reopen | | reopen | | | |

use serde::{Deserialize, Serialize};

use super::{AgentId, Timestamp, named};

named! {
    /// The names of the states.
    Status {
        /// Nobody has it.
        Open = "open",
        /// Nobody has it and nobody is online.
        Waiting = "waiting",
        /// An agent has it.
        Assigned = "assigned",
        /// The agent waits for the customer.
        Pending = "pending",
        /// Answered for good, as far as the agent knows.
        Resolved = "resolved",
        /// Over.
        Closed = "closed",
    }
}

impl Status {
    /// Whether work is still to be done.
    #[must_use]
    pub const fn is_unfinished(self) -> bool {
        matches!(self, Self::Open | Self::Waiting | Self::Assigned | Self::Pending)
    }
}

/// That an agent has a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// Who.
    pub agent: AgentId,
    /// Since when.
    pub at: Timestamp,
}

/// That a ticket was answered for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolution {
    /// When.
    pub at: Timestamp,
    /// By whom; none when no agent did.
    pub by: Option<AgentId>,
    /// What was done.
    pub notes: Option<String>,
}

/// That a ticket is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// When.
    pub at: Timestamp,
    /// By whom; none when no agent did.
    pub by: Option<AgentId>,
}

/// Where a ticket stands, with what belongs to that state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TicketState {
    /// Nobody has it.
    Open,
    /// Nobody has it and nobody is online.
    Waiting,
    /// An agent has it.
    Assigned(Assignment),
    /// The agent, if there is one, waits for the customer.
    Pending(Option<Assignment>),
    /// Answered for good, by whoever had it.
    Resolved(Option<Assignment>, Resolution),
    /// Over, perhaps without having been resolved.
    Closed(Option<Assignment>, Option<Resolution>, Closing),
}

/// A step that doesn't exist from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a ticket that is {from} can't become {attempted}")]
pub struct InvalidTransition {
    /// Where the ticket stands.
    pub from: Status,
    /// Where it was to go.
    pub attempted: Status,
}

/// What a step without an assignee depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Office {
    /// Somebody who counts as online could take the ticket.
    Staffed,
    /// Nobody is there.
    Empty,
}

impl Office {
    /// Where a ticket that nobody has stands.
    const fn unassigned(self) -> TicketState {
        match self {
            Self::Staffed => TicketState::Open,
            Self::Empty => TicketState::Waiting,
        }
    }

    /// Staffed if somebody is online.
    #[must_use]
    pub const fn from_online(somebody_is_online: bool) -> Self {
        if somebody_is_online { Self::Staffed } else { Self::Empty }
    }
}

type Step = Result<TicketState, InvalidTransition>;

impl TicketState {
    /// Where a new ticket stands.
    #[must_use]
    pub const fn new(office: Office) -> Self {
        office.unassigned()
    }

    /// The state's name.
    #[must_use]
    pub const fn status(&self) -> Status {
        match self {
            Self::Open => Status::Open,
            Self::Waiting => Status::Waiting,
            Self::Assigned(_) => Status::Assigned,
            Self::Pending(_) => Status::Pending,
            Self::Resolved(..) => Status::Resolved,
            Self::Closed(..) => Status::Closed,
        }
    }

    /// Who has it, or had it when it was finished.
    #[must_use]
    pub const fn assignment(&self) -> Option<Assignment> {
        match self {
            Self::Open | Self::Waiting => None,
            Self::Assigned(assignment) => Some(*assignment),
            Self::Pending(assignment) | Self::Resolved(assignment, _) | Self::Closed(assignment, ..) => *assignment,
        }
    }

    /// What resolved it, while it is resolved or closed after that.
    #[must_use]
    pub const fn resolution(&self) -> Option<&Resolution> {
        match self {
            Self::Resolved(_, resolution) => Some(resolution),
            Self::Closed(_, resolution, _) => resolution.as_ref(),
            Self::Open | Self::Waiting | Self::Assigned(_) | Self::Pending(_) => None,
        }
    }

    /// Whether it is resolved and nobody of the team had a part in that.
    #[must_use]
    pub const fn is_resolved_by_nobody(&self) -> bool {
        matches!(self, Self::Resolved(None, Resolution { by: None, .. }))
    }

    /// What closed it, while it is closed.
    #[must_use]
    pub const fn closing(&self) -> Option<Closing> {
        match self {
            Self::Closed(.., closing) => Some(*closing),
            _ => None,
        }
    }

    fn refuse(&self, attempted: Status) -> Step {
        Err(InvalidTransition {
            from: self.status(),
            attempted,
        })
    }

    /// An agent gets it: by joining, by assignment, by transfer. Finished tickets are reopened first.
    ///
    /// # Errors
    /// [`InvalidTransition`] from [`Resolved`](Self::Resolved) and [`Closed`](Self::Closed).
    pub fn assign(self, assignment: Assignment) -> Step {
        match self {
            Self::Open | Self::Waiting | Self::Assigned(_) => Ok(Self::Assigned(assignment)),
            Self::Pending(_) => Ok(Self::Pending(Some(assignment))),
            Self::Resolved(..) | Self::Closed(..) => self.refuse(Status::Assigned),
        }
    }

    /// Its agent lets go of it.
    ///
    /// # Errors
    /// [`InvalidTransition`] unless somebody has it and it is unfinished.
    pub fn unassign(self, office: Office) -> Step {
        match self {
            Self::Assigned(_) | Self::Pending(_) => Ok(office.unassigned()),
            Self::Open | Self::Waiting | Self::Resolved(..) | Self::Closed(..) => {
                self.refuse(office.unassigned().status())
            }
        }
    }

    /// The last agent left: an open ticket waits.
    ///
    /// # Errors
    /// [`InvalidTransition`] from anything but [`Open`](Self::Open).
    pub fn wait(self) -> Step {
        match self {
            Self::Open => Ok(Self::Waiting),
            _ => self.refuse(Status::Waiting),
        }
    }

    /// An agent came: a waiting ticket is open again.
    ///
    /// # Errors
    /// [`InvalidTransition`] from anything but [`Waiting`](Self::Waiting).
    pub fn stop_waiting(self) -> Step {
        match self {
            Self::Waiting => Ok(Self::Open),
            _ => self.refuse(Status::Open),
        }
    }

    /// The agent waits for the customer.
    ///
    /// # Errors
    /// [`InvalidTransition`] from pending and finished tickets.
    pub fn pend(self) -> Step {
        match self {
            Self::Open | Self::Waiting => Ok(Self::Pending(None)),
            Self::Assigned(assignment) => Ok(Self::Pending(Some(assignment))),
            Self::Pending(_) | Self::Resolved(..) | Self::Closed(..) => self.refuse(Status::Pending),
        }
    }

    /// The agent takes up a pending ticket again.
    ///
    /// # Errors
    /// [`InvalidTransition`] unless it is pending.
    pub fn resume(self, by: Assignment) -> Step {
        match self {
            Self::Pending(assignment) => Ok(Self::Assigned(assignment.unwrap_or(by))),
            _ => self.refuse(Status::Assigned),
        }
    }

    /// It is answered for good.
    ///
    /// # Errors
    /// [`InvalidTransition`] from finished tickets.
    pub fn resolve(self, resolution: Resolution) -> Step {
        match self {
            Self::Open | Self::Waiting | Self::Assigned(_) | Self::Pending(_) => {
                Ok(Self::Resolved(self.assignment(), resolution))
            }
            Self::Resolved(..) | Self::Closed(..) => self.refuse(Status::Resolved),
        }
    }

    /// It is over.
    ///
    /// # Errors
    /// [`InvalidTransition`] when it already was.
    pub fn close(self, closing: Closing) -> Step {
        match self {
            Self::Closed(..) => self.refuse(Status::Closed),
            _ => Ok(Self::Closed(self.assignment(), self.resolution().cloned(), closing)),
        }
    }

    /// An agent opens a finished ticket again: whoever had it has it again if they still can,
    /// else nobody has it. `assignee_is_active` says of the former assignee.
    ///
    /// # Errors
    /// [`InvalidTransition`] from unfinished tickets.
    pub fn reopen(self, assignee_is_active: bool, office: Office) -> Step {
        match self {
            Self::Resolved(assignment, _) => Ok(Self::taken_up_again(assignment, assignee_is_active, office)),
            // The table has no step from closed to waiting: somebody just reopened it by hand.
            Self::Closed(assignment, ..) => Ok(Self::taken_up_again(assignment, assignee_is_active, Office::Staffed)),
            _ => self.refuse(Status::Open),
        }
    }

    /// The customer writes: pending tickets are taken up, resolved ones reopened, open ones wait
    /// when nobody is there; elsewhere nothing changes. A resolved one goes back to its agent only
    /// if that agent is there to read it.
    ///
    /// # Errors
    /// [`InvalidTransition`] when it is closed: what follows then is the face's to say.
    pub fn customer_wrote(self, assignee_is_there: bool, office: Office) -> Step {
        match self {
            Self::Open if office == Office::Empty => Ok(Self::Waiting),
            Self::Open | Self::Waiting | Self::Assigned(_) => Ok(self),
            Self::Pending(Some(assignment)) => Ok(Self::Assigned(assignment)),
            Self::Pending(None) => Ok(office.unassigned()),
            Self::Resolved(assignment, _) => Ok(Self::taken_up_again(assignment, assignee_is_there, office)),
            Self::Closed(..) => self.refuse(Status::Open),
        }
    }

    fn taken_up_again(assignment: Option<Assignment>, assignee_can: bool, office: Office) -> Self {
        match assignment {
            Some(assignment) if assignee_can => Self::Assigned(assignment),
            _ => office.unassigned(),
        }
    }
}
