//! One live connection as the hub knows it: who listens, to what, and the queue that leads there.

use std::sync::{Arc, Mutex, PoisonError};

use support_core::model::{
    ActingAgent, AgentId, CustomerId, DepartmentId, Event, Principal, Requester, Role, Side, TicketId, customer_hears,
    requester_hears,
};
use uuid::Uuid;

use super::queue::Queue;

/// The forms in which an event goes over the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Frames of the handoff's WebSocket.
    Handoff,
    /// The event stream of a visitor.
    Visitor,
    /// The event stream of an agent's console.
    Console,
    /// Events of Socket.IO's `/agent`.
    #[cfg(feature = "socketio")]
    Agent,
    /// Events of Socket.IO's `/customer`.
    #[cfg(feature = "socketio")]
    Customer,
    /// The event stream of a customer's portal.
    Portal,
}

/// How many forms there are.
pub(crate) const FORMS: usize = 6;

/// A set of forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Forms(u8);

impl Forms {
    pub(crate) const fn only(form: Form) -> Self {
        Self(1 << form as u8)
    }

    pub(crate) const fn add(&mut self, form: Form) {
        self.0 |= Self::only(form).0;
    }

    pub(crate) const fn has(self, form: Form) -> bool {
        self.include(Self::only(form))
    }

    pub(crate) const fn include(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }
}

/// Who listens.
#[derive(Debug)]
pub(crate) enum Audience {
    /// The customer or visitor of a ticket.
    Requester(Requester),
    /// An agent, as they may act at present.
    Agent(Mutex<Arc<ActingAgent>>),
}

/// What an event means to a listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// They hear of it.
    Hears,
    /// It is not for them.
    Nothing,
    /// What they listen to is theirs to see no longer.
    Gone,
}

/// The hold that a connection has on a token which is good for one stream at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StreamPass {
    /// The token's id.
    pub(crate) token: Uuid,
    /// The connection's own.
    pub(crate) connection: Uuid,
}

/// One live connection.
#[derive(Debug)]
pub(crate) struct Listener {
    /// The one ticket they listen to; none for consoles and portals.
    pub(crate) ticket: Option<TicketId>,
    pub(crate) form: Form,
    audience: Audience,
    /// The token that it was opened with, if that is good for one stream at a time.
    pub(crate) pass: Option<StreamPass>,
    pub(crate) queue: Queue,
}

impl Listener {
    /// The customer or visitor of a ticket.
    pub(crate) fn requester(ticket: TicketId, requester: Requester, form: Form) -> Self {
        Self {
            ticket: Some(ticket),
            form,
            audience: Audience::Requester(requester),
            pass: None,
            queue: Queue::new(),
        }
    }

    /// A customer who hears of all that is theirs.
    pub(crate) fn portal(customer: CustomerId, pass: Option<StreamPass>) -> Self {
        Self {
            ticket: None,
            form: Form::Portal,
            audience: Audience::Requester(Requester::Customer(customer)),
            pass,
            queue: Queue::new(),
        }
    }

    /// An agent in one conversation.
    pub(crate) fn agent(ticket: TicketId, agent: ActingAgent) -> Self {
        Self {
            ticket: Some(ticket),
            form: Form::Handoff,
            audience: Audience::Agent(Mutex::new(Arc::new(agent))),
            pass: None,
            queue: Queue::new(),
        }
    }

    /// An agent's console.
    pub(crate) fn console(agent: ActingAgent) -> Self {
        Self {
            ticket: None,
            form: Form::Console,
            audience: Audience::Agent(Mutex::new(Arc::new(agent))),
            pass: None,
            queue: Queue::new(),
        }
    }

    /// An agent's desk over Socket.IO.
    #[cfg(feature = "socketio")]
    pub(crate) fn desk(agent: ActingAgent) -> Self {
        Self {
            form: Form::Agent,
            ..Self::console(agent)
        }
    }

    /// The agent who listens, as they may act at present.
    pub(crate) fn acting(&self) -> Option<Arc<ActingAgent>> {
        match &self.audience {
            Audience::Agent(acting) => Some(Arc::clone(&acting.lock().unwrap_or_else(PoisonError::into_inner))),
            Audience::Requester(_) => None,
        }
    }

    /// The customer of whose all they hear; none for those who listen to one ticket, and for agents.
    pub(crate) fn customer(&self) -> Option<CustomerId> {
        match &self.audience {
            Audience::Requester(requester) if self.ticket.is_none() => requester.customer(),
            Audience::Requester(_) | Audience::Agent(_) => None,
        }
    }

    /// The agent may act differently from now on.
    pub(crate) fn acts_as(&self, agent: &Arc<ActingAgent>) {
        if let Audience::Agent(acting) = &self.audience {
            *acting.lock().unwrap_or_else(PoisonError::into_inner) = Arc::clone(agent);
        }
    }

    /// Which agent listens.
    pub(crate) fn agent_id(&self) -> Option<AgentId> {
        self.acting().map(|agent| agent.id)
    }

    /// The side of the conversation they are on.
    pub(crate) const fn side(&self) -> Side {
        match self.audience {
            Audience::Requester(_) => Side::Customer,
            Audience::Agent(_) => Side::Agents,
        }
    }

    /// Whether they listen with this principal's login.
    pub(crate) fn is_of(&self, principal: Principal) -> bool {
        match (&self.audience, principal) {
            (Audience::Agent(_), Principal::Agent(agent)) => self.agent_id() == Some(agent),
            (Audience::Requester(Requester::Customer(own)), Principal::Customer(customer)) => *own == customer,
            _ => false,
        }
    }

    /// Whether they are shown, as this agent, that somebody of this side types in such a ticket.
    /// Over Socket.IO agents are shown colleagues in everything that they may see, lest two answer at once.
    pub(crate) fn is_shown_typing(
        &self,
        acting: &ActingAgent,
        side: Side,
        assignee: Option<AgentId>,
        department: Option<DepartmentId>,
    ) -> bool {
        #[cfg(feature = "socketio")]
        if self.form == Form::Agent && side == Side::Agents {
            return acting.sees(assignee, department);
        }
        #[cfg(not(feature = "socketio"))]
        let _same_for_both = side;
        hears_typing(acting, assignee, department)
    }

    /// What an event of their tenant means to them.
    pub(crate) fn meaning_of(&self, event: &Event) -> Meaning {
        let Some(agent) = self.acting() else {
            let hears = match (self.ticket, self.customer()) {
                (Some(ticket), _) => requester_hears(event, ticket),
                (None, Some(customer)) => customer_hears(event, customer),
                (None, None) => false,
            };
            return if hears { Meaning::Hears } else { Meaning::Nothing };
        };
        match self.ticket {
            None if agent.hears(event) => Meaning::Hears,
            None => Meaning::Nothing,
            Some(ticket) if event.audience.ticket != Some(ticket) => Meaning::Nothing,
            Some(_) if agent.sees(event.audience.assignee, event.audience.department) => Meaning::Hears,
            Some(_) => Meaning::Gone,
        }
    }
}

/// Whether an agent's console shows who types in such a ticket: as with events, supervisors and
/// admins hear of all, others of their own tickets and of those that nobody has.
fn hears_typing(agent: &ActingAgent, assignee: Option<AgentId>, department: Option<DepartmentId>) -> bool {
    agent.role.includes(Role::Supervisor)
        || assignee == Some(agent.id)
        || (assignee.is_none() && agent.could_take(department))
}
