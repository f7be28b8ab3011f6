//! What events owe: to people inside the product, and to the outside.

use super::{NewEvent, Policy, Write, owing::Owing};
use crate::{
    model::{
        ActorRef, AgentId, Callback, CallbackId, CustomerId, Delivery, EventBody, Message, MessageId, Notification,
        NotificationId, NotificationKind, Principal, Priority, SenderKind, Status, Ticket, TicketId, Timestamp,
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

/// What is known of a change when it is found out what it owes. Nobody is told of what they did
/// themselves.
pub struct Plan<'a> {
    /// What the tenant has settled.
    pub policy: &'a Policy,
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
        let notifying = Notifying { plan: self, ids };
        let owing = Owing::new(self, ids);
        Planned {
            notifications: self
                .events
                .iter()
                .filter_map(|event| notifying.notification(&event.body))
                .collect(),
            deliveries: owing.deliveries(),
        }
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

struct Notifying<'a> {
    plan: &'a Plan<'a>,
    ids: &'a dyn Ids,
}

impl Notifying<'_> {
    fn notification(&self, body: &EventBody) -> Option<Notification> {
        match body {
            EventBody::TicketAssigned { ticket, to, .. } => {
                let ticket = self.plan.ticket(*ticket)?;
                let title = "A ticket was assigned to you".to_owned();
                self.to_agent(
                    *to,
                    NotificationKind::TicketAssigned,
                    title,
                    ticket.subject.clone(),
                    ticket,
                )
            }
            EventBody::MessagePosted { ticket, message } => {
                self.of_message(self.plan.ticket(*ticket)?, self.plan.message(*message)?)
            }
            EventBody::TicketStatusChanged { ticket, to, .. } => self.of_status(self.plan.ticket(*ticket)?, *to),
            EventBody::CallbackAssigned {
                callback,
                to: Some(agent),
            } => self.of_callback(self.plan.callback(*callback)?, *agent),
            _ => None,
        }
    }

    fn of_callback(&self, callback: &Callback, agent: AgentId) -> Option<Notification> {
        (self.plan.actor != ActorRef::Agent(agent)).then(|| Notification {
            id: NotificationId::new(self.ids.uuid()),
            recipient: Principal::Agent(agent),
            kind: NotificationKind::CallbackRequested,
            title: "A callback was assigned to you".to_owned(),
            message: callback.contact_number.clone(),
            priority: Priority::Normal,
            ticket: callback.ticket,
            callback: Some(callback.id),
            created_at: self.plan.at,
            read_at: None,
        })
    }

    fn of_message(&self, ticket: &Ticket, message: &Message) -> Option<Notification> {
        let preview = message.preview()?;
        match message.sender.kind() {
            SenderKind::Customer => {
                let title = format!("{} wrote", ticket.requester_name());
                self.to_agent(ticket.assignee()?, NotificationKind::NewMessage, title, preview, ticket)
            }
            SenderKind::Agent | SenderKind::Bot => {
                let title = format!("{} answered", message.sender_name);
                self.to_customer(
                    ticket.requester.customer()?,
                    NotificationKind::NewMessage,
                    title,
                    preview,
                    ticket,
                )
            }
            SenderKind::System => None,
        }
    }

    fn of_status(&self, ticket: &Ticket, to: Status) -> Option<Notification> {
        let title = format!("Your request is {to}");
        self.to_customer(
            ticket.requester.customer()?,
            NotificationKind::TicketStatusChange,
            title,
            ticket.subject.clone(),
            ticket,
        )
    }

    fn to_agent(
        &self,
        agent: AgentId,
        kind: NotificationKind,
        title: String,
        message: String,
        ticket: &Ticket,
    ) -> Option<Notification> {
        (self.plan.actor != ActorRef::Agent(agent))
            .then(|| self.note(Principal::Agent(agent), kind, title, message, ticket))
    }

    fn to_customer(
        &self,
        customer: CustomerId,
        kind: NotificationKind,
        title: String,
        message: String,
        ticket: &Ticket,
    ) -> Option<Notification> {
        (self.plan.actor != ActorRef::Customer(customer))
            .then(|| self.note(Principal::Customer(customer), kind, title, message, ticket))
    }

    fn note(
        &self,
        recipient: Principal,
        kind: NotificationKind,
        title: String,
        message: String,
        ticket: &Ticket,
    ) -> Notification {
        Notification {
            id: NotificationId::new(self.ids.uuid()),
            recipient,
            kind,
            title,
            message,
            priority: ticket.priority,
            ticket: Some(ticket.id),
            callback: None,
            created_at: self.plan.at,
            read_at: None,
        }
    }
}
