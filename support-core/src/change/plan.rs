//! What events owe: to people inside the product, and to the outside.

use super::{NewEvent, Write};
use crate::{
    model::{
        ActorRef, AgentId, CustomerId, Delivery, EventBody, Message, MessageId, Notification, NotificationId,
        NotificationKind, Principal, SenderKind, Status, Ticket, TicketId, Timestamp,
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

/// Finds what `events` owe. Nobody is told of what they did themselves.
///
/// `writes` has the messages that events speak of, `tickets` the tickets as they stand after.
pub fn plan(
    actor: ActorRef,
    at: Timestamp,
    events: &[NewEvent],
    writes: &[Write],
    tickets: &[Ticket],
    ids: &dyn Ids,
) -> Planned {
    let planner = Planner {
        actor,
        at,
        writes,
        tickets,
        ids,
    };
    Planned {
        notifications: events
            .iter()
            .filter_map(|event| planner.notification(&event.body))
            .collect(),
        deliveries: Vec::new(),
    }
}

struct Planner<'a> {
    actor: ActorRef,
    at: Timestamp,
    writes: &'a [Write],
    tickets: &'a [Ticket],
    ids: &'a dyn Ids,
}

impl Planner<'_> {
    fn notification(&self, body: &EventBody) -> Option<Notification> {
        match body {
            EventBody::TicketAssigned { ticket, to, .. } => {
                let ticket = self.ticket(*ticket)?;
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
                self.of_message(self.ticket(*ticket)?, self.message(*message)?)
            }
            EventBody::TicketStatusChanged { ticket, to, .. } => self.of_status(self.ticket(*ticket)?, *to),
            _ => None,
        }
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
        (self.actor != ActorRef::Agent(agent)).then(|| self.note(Principal::Agent(agent), kind, title, message, ticket))
    }

    fn to_customer(
        &self,
        customer: CustomerId,
        kind: NotificationKind,
        title: String,
        message: String,
        ticket: &Ticket,
    ) -> Option<Notification> {
        (self.actor != ActorRef::Customer(customer))
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
            created_at: self.at,
            read_at: None,
        }
    }

    fn ticket(&self, id: TicketId) -> Option<&Ticket> {
        self.tickets.iter().find(|ticket| ticket.id == id)
    }

    fn message(&self, id: MessageId) -> Option<&Message> {
        self.writes.iter().find_map(|write| match write {
            Write::AppendMessage(message) if message.id == id => Some(message),
            _ => None,
        })
    }
}
