//! Who may see and do what.

use super::{
    Agent, AgentId, ApiKeyId, ApiScope, Audience, CustomerId, DepartmentId, Event, EventBody, Principal, Requester,
    Role, Ticket, TicketId, Visibility, VisitorId,
};

/// An agent as they act: who they are and what they may do, read anew for every call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActingAgent {
    /// Who.
    pub id: AgentId,
    /// Their name at this time.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The teams they are in.
    pub departments: Vec<DepartmentId>,
}

impl From<&Agent> for ActingAgent {
    fn from(agent: &Agent) -> Self {
        Self {
            id: agent.id,
            name: agent.name.clone(),
            role: agent.role,
            departments: agent.departments.clone(),
        }
    }
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A call without proof of who makes it, such as a visitor's first.
    Anyone,
    /// Somebody who holds the secret of one conversation.
    Visitor {
        /// Whose conversation it is.
        requester: Requester,
        /// The one conversation.
        ticket: TicketId,
    },
    /// A known person who proved who they are.
    Customer(CustomerId),
    /// An agent who logged in.
    Agent(ActingAgent),
    /// A server with a key.
    ApiKey {
        /// The key.
        id: ApiKeyId,
        /// What it may be used for.
        scopes: Vec<ApiScope>,
    },
    /// A platform operator, who sees no conversation.
    Platform(AgentId),
    /// A machine that answers.
    Bot,
    /// The software itself.
    System,
}

impl Actor {
    /// The agent, if one acts.
    #[must_use]
    pub const fn agent(&self) -> Option<&ActingAgent> {
        match self {
            Self::Agent(agent) => Some(agent),
            _ => None,
        }
    }

    /// Whether this actor may do what agents of `role` may.
    #[must_use]
    pub fn is_at_least(&self, role: Role) -> bool {
        match self {
            Self::System => true,
            Self::Agent(agent) => agent.role.includes(role),
            Self::ApiKey { scopes, .. } => {
                scopes.contains(&ApiScope::Administration)
                    || (role == Role::Agent && scopes.contains(&ApiScope::Tickets))
            }
            _ => false,
        }
    }

    /// Whether this actor may know of `ticket` at all. What it may not know of is not found.
    #[must_use]
    pub fn sees(&self, ticket: &Ticket) -> bool {
        match self {
            Self::System | Self::Bot => true,
            Self::Anyone | Self::Platform(_) => false,
            Self::Visitor { ticket: own, .. } => *own == ticket.id,
            Self::Customer(customer) => ticket.requester == Requester::Customer(*customer),
            Self::ApiKey { .. } => self.is_at_least(Role::Agent),
            Self::Agent(agent) => agent.sees(ticket.assignee(), ticket.department),
        }
    }
}

impl ActingAgent {
    /// Agents see their own tickets, those of their teams, and those that nobody has and they
    /// could take; supervisors and admins see all, platform operators none.
    #[must_use]
    pub fn sees(&self, assignee: Option<AgentId>, department: Option<DepartmentId>) -> bool {
        if self.role == Role::Platform {
            return false;
        }
        self.role.includes(Role::Supervisor)
            || assignee == Some(self.id)
            || department.is_some_and(|department| self.departments.contains(&department))
            || (assignee.is_none() && department.is_none())
    }

    /// Whether this agent could take such a ticket if nobody had it.
    #[must_use]
    pub fn could_take(&self, department: Option<DepartmentId>) -> bool {
        self.sees(None, department)
    }

    /// Whether this agent hears of `event` as it happens: supervisors and admins of everything,
    /// others of their own tickets and of those that nobody has or had until now, each alone of
    /// what they are told and have read.
    #[must_use]
    pub fn hears(&self, event: &Event) -> bool {
        if let Some(recipient) = event.body.recipient() {
            return recipient == Principal::Agent(self.id);
        }
        let Audience {
            visibility,
            ticket,
            assignee,
            department,
            ..
        } = event.audience;
        if self.role == Role::Platform || (visibility == Visibility::Admins && !self.role.includes(Role::Admin)) {
            return false;
        }
        if ticket.is_none() || self.role.includes(Role::Supervisor) || assignee == Some(self.id) {
            return true;
        }
        match &event.body {
            EventBody::TicketAssigned { from: None, .. } => self.could_take(department),
            EventBody::TicketAssigned { from: Some(former), .. }
            | EventBody::TicketUnassigned { from: Some(former), .. }
                if *former == self.id =>
            {
                true
            }
            EventBody::TicketPassedOver { agent, .. } if *agent == self.id => true,
            EventBody::TicketMoved { from, .. } if assignee.is_none() => {
                self.could_take(*from) || self.could_take(department)
            }
            _ => assignee.is_none() && self.could_take(department),
        }
    }
}

/// Whether the customer or visitor of `ticket` hears of `event` as it happens.
#[must_use]
pub fn requester_hears(event: &Event, ticket: TicketId) -> bool {
    event.audience.visibility == Visibility::Customer
        && event.audience.ticket == Some(ticket)
        && event.message.as_ref().is_none_or(|message| message.is_public())
}

/// Whether a customer hears of `event` as it happens: of what is told to them alone, and of what
/// happens to any of their tickets and callbacks.
#[must_use]
pub fn customer_hears(event: &Event, customer: CustomerId) -> bool {
    if let Some(recipient) = event.body.recipient() {
        return recipient == Principal::Customer(customer);
    }
    event.audience.visibility == Visibility::Customer
        && event.audience.customer == Some(customer)
        && event.message.as_ref().is_none_or(|message| message.is_public())
}

/// The visitor behind a requester, if it is one.
#[must_use]
pub const fn visitor_of(requester: Requester) -> Option<VisitorId> {
    match requester {
        Requester::Visitor(visitor) => Some(visitor),
        Requester::Customer(_) => None,
    }
}
