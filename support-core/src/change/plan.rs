//! What events owe: to people inside the product, and to the outside.

use super::{NewEvent, Policy, Write, notifying::Notifying, owing::Owing};
use crate::{
    model::{
        ActingAgent, ActorRef, Callback, CallbackId, Delivery, EventBody, Message, MessageId, Notification, Ticket,
        TicketId, Timestamp,
    },
    ports::Ids,
};

/// What a change set owes.
#[derive(Debug, Clone, Default)]
pub struct Planned {
    /// Who is told inside the product.
    pub notifications: Vec<Notification>,
    /// What is owed to the outside.
    pub deliveries: Vec<Delivery>,
}

/// Somebody of the team, as far as it matters for who is told of what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Teammate {
    /// Who, and what they may do.
    pub agent: ActingAgent,
    /// Whether they are there.
    pub is_online: bool,
}

/// What is known of a change when it is found out what it owes. Nobody is told of what they did
/// themselves.
pub struct Plan<'a> {
    /// What the tenant has settled.
    pub policy: &'a Policy,
    /// The tenant's active agents; nobody unless the change concerns the team.
    pub team: &'a [Teammate],
    /// Who decided the change.
    pub actor: ActorRef,
    /// When.
    pub at: Timestamp,
    /// What the journal tells of it.
    pub events: &'a [NewEvent],
    /// What is written, with the messages and callbacks that events speak of.
    pub writes: &'a [Write],
    /// The tickets as they stand after it.
    pub tickets: &'a [Ticket],
}

impl Plan<'_> {
    /// Finds out what the change owes.
    pub fn made(&self, ids: &dyn Ids) -> Planned {
        Planned {
            notifications: Notifying::new(self, ids).notifications(),
            deliveries: Owing::new(self, ids).deliveries(),
        }
    }

    /// Whether an event is told to people of the team whom it doesn't name.
    pub(super) const fn concerns_team(body: &EventBody) -> bool {
        matches!(
            body,
            EventBody::TicketOpened { .. }
                | EventBody::TicketHandedOver { .. }
                | EventBody::TicketEscalated { .. }
                | EventBody::AgentPresenceChanged { is_online: false, .. }
        )
    }

    /// Whether the team need not be told of what is in a ticket, because the bot answers it.
    pub(super) fn is_bots(&self, ticket: &Ticket) -> bool {
        self.policy.has_responder && ticket.is_held_for_bot(self.at)
    }

    pub(super) fn ticket(&self, id: TicketId) -> Option<&Ticket> {
        self.tickets.iter().find(|ticket| ticket.id == id)
    }

    pub(super) fn message(&self, id: MessageId) -> Option<&Message> {
        self.writes.iter().find_map(|write| match write {
            Write::AppendMessage(message) if message.id == id => Some(message),
            _ => None,
        })
    }

    pub(super) fn callback(&self, id: CallbackId) -> Option<&Callback> {
        self.writes.iter().find_map(|write| match write {
            Write::PutCallback(callback) if callback.id == id => Some(callback),
            _ => None,
        })
    }
}
