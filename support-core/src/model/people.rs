//! The people of a tenant: who asks and who answers.

use serde::{Deserialize, Serialize};

use super::{AgentId, CustomerId, DepartmentId, Timestamp, VisitorId, named};

named! {
    /// What an agent may do, least first. A platform operator stands outside the order.
    Role {
        /// Answers tickets of their departments.
        Agent = "agent",
        /// Sees all of the tenant's tickets and may take them over.
        Supervisor = "supervisor",
        /// Also manages people and settings.
        Admin = "admin",
        /// Manages tenants and sees no conversation.
        Platform = "platform",
    }
}

impl Role {
    /// Whether this role includes what `needed` may do. Operators are included in nothing else.
    #[must_use]
    pub fn includes(self, needed: Self) -> bool {
        if self == Self::Platform || needed == Self::Platform {
            self == needed
        } else {
            self >= needed
        }
    }
}

named! {
    /// What an agent has chosen to be. Being online is observed, not chosen: see `presence`.
    Availability {
        /// Takes tickets.
        Available = "available",
        /// Works, but takes no more.
        Busy = "busy",
        /// Not at the desk.
        Away = "away",
        /// Not working.
        Offline = "offline",
    }
}

/// How to reach somebody, as far as they told.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Contact {
    /// Their name.
    pub name: Option<String>,
    /// Their address, lower-cased.
    pub email: Option<String>,
    /// Their number as typed.
    pub phone: Option<String>,
}

/// Somebody in a widget or behind a chatbot, who need not be known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visitor {
    /// Their id.
    pub id: VisitorId,
    /// What they told of themselves.
    pub contact: Contact,
    /// When they first wrote.
    pub created_at: Timestamp,
    /// When they were last changed.
    pub updated_at: Timestamp,
}

/// A known person of a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// Their id.
    pub id: CustomerId,
    /// What the tenant's own system calls them; unique within the tenant.
    pub external_id: Option<String>,
    /// How to reach them.
    pub contact: Contact,
    /// Counts changes.
    pub version: u64,
    /// When they became known.
    pub created_at: Timestamp,
    /// When they were last changed.
    pub updated_at: Timestamp,
}

/// Somebody who answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// Their id.
    pub id: AgentId,
    /// Their name, shown to customers.
    pub name: String,
    /// Their address, never shown to customers; unique among the tenant's accounts.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// The teams they are in, first the main one.
    pub departments: Vec<DepartmentId>,
    /// What they can handle.
    pub skills: Vec<String>,
    /// What they speak, as BCP 47 tags.
    pub languages: Vec<String>,
    /// How many tickets they may have assigned or pending at once.
    pub max_concurrent_tickets: u32,
    /// What they have chosen to be.
    pub availability: Availability,
    /// Whether they still work here.
    pub is_active: bool,
    /// When they last logged in.
    pub last_login_at: Option<Timestamp>,
    /// When they last logged out.
    pub last_logout_at: Option<Timestamp>,
    /// Counts changes.
    pub version: u64,
    /// When they were added.
    pub created_at: Timestamp,
    /// When they were last changed.
    pub updated_at: Timestamp,
}

/// How many tickets an agent has at once unless told otherwise.
pub const DEFAULT_MAX_CONCURRENT_TICKETS: u32 = 5;
