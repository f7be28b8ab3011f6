//! What happens to tickets.

use super::ChangeSet;
use crate::{
    change::{Claim, Expect, Record, Write},
    model::{AgentId, Alarm, Audience, EventBody, Message, Rating, Side, Ticket, Timestamp, Visibility},
};

impl ChangeSet {
    /// Opens a ticket.
    pub fn open_ticket(&mut self, ticket: Ticket) {
        if let Some(session) = &ticket.session {
            self.expect(Expect::Free(Claim::Session(ticket.inbox, session.clone())));
        }
        let body = EventBody::TicketOpened {
            ticket: ticket.id,
            status: ticket.state.status(),
            priority: ticket.priority,
        };
        self.tell(body, Audience::of_ticket(&ticket, Visibility::Customer));
        self.tickets.push(ticket.clone());
        self.writes.push(Write::OpenTicket(ticket));
    }

    /// Changes a ticket's state, for the reasons told by `bodies`. Later calls for the same
    /// ticket, and those on one opened here, replace the earlier state.
    pub fn update_ticket(&mut self, ticket: Ticket, bodies: impl IntoIterator<Item = EventBody>) {
        let audience = Audience::of_ticket(&ticket, Visibility::Customer);
        for body in bodies {
            let audience = match body {
                EventBody::TicketPriorityChanged { .. }
                | EventBody::TicketTagged { .. }
                | EventBody::TicketEscalated { .. }
                | EventBody::TicketRequirementsChanged { .. }
                | EventBody::TicketPassedOver { .. }
                | EventBody::TicketIdentified { .. }
                | EventBody::TicketRated { .. } => Audience {
                    visibility: Visibility::Agents,
                    ..audience
                },
                _ => audience,
            };
            self.tell(body, audience);
        }
        self.remember(&ticket);
        for write in &mut self.writes {
            match write {
                Write::OpenTicket(earlier) | Write::UpdateTicket(earlier) if earlier.id == ticket.id => {
                    *earlier = ticket;
                    return;
                }
                _ => {}
            }
        }
        self.expect_version(Record::Ticket(ticket.id), ticket.version);
        self.writes.push(Write::UpdateTicket(ticket));
    }

    /// Adds a message to a ticket, which is given as it stands after this change set.
    pub fn append(&mut self, ticket: &Ticket, message: Message) {
        self.expect_version(Record::Ticket(ticket.id), ticket.version);
        let visibility = if message.is_public() {
            Visibility::Customer
        } else {
            Visibility::Agents
        };
        self.tell(
            EventBody::MessagePosted {
                ticket: ticket.id,
                message: message.id,
            },
            Audience::of_ticket(ticket, visibility),
        );
        self.remember(ticket);
        self.writes.push(Write::AppendMessage(message));
    }

    /// A ticket's customer says how they were helped.
    pub fn rate_ticket(&mut self, ticket: Ticket, rating: Rating) {
        let body = EventBody::TicketRated {
            ticket: ticket.id,
            stars: rating.stars,
        };
        self.writes.push(Write::AddRating {
            ticket: ticket.id,
            rating,
        });
        self.update_ticket(ticket, [body]);
    }

    /// Tells of a promise about time that was due to be told of at `due`.
    pub fn note_alarm(&mut self, ticket: &Ticket, due: Timestamp, alarm: Alarm) {
        let (ticket_id, promise) = (ticket.id, alarm.promise);
        let body = if alarm.is_breach {
            EventBody::SlaBreached {
                ticket: ticket_id,
                promise,
            }
        } else {
            EventBody::SlaWarned {
                ticket: ticket_id,
                promise,
            }
        };
        self.tell(body, Audience::of_ticket(ticket, Visibility::Agents));
        self.expect(Expect::AlarmAt {
            ticket: ticket_id,
            at: due,
        });
        self.writes.push(Write::NoteAlarm {
            ticket: ticket_id,
            alarm,
        });
    }

    /// Moves a side's read mark.
    pub fn mark_read(&mut self, ticket: &Ticket, side: Side, up_to: u64) {
        self.tell(
            EventBody::MessagesRead {
                ticket: ticket.id,
                side,
                up_to,
            },
            Audience::of_ticket(ticket, Visibility::Customer),
        );
        self.writes.push(Write::MarkRead {
            ticket: ticket.id,
            side,
            up_to,
        });
    }

    /// Tells a waiting visitor that somebody is there.
    pub fn announce_agent(&mut self, ticket: &Ticket) {
        self.tell(
            EventBody::AgentBecameAvailable { ticket: ticket.id },
            Audience::of_ticket(ticket, Visibility::Customer),
        );
    }

    /// Remembers that an agent was given a ticket.
    pub fn note_assignment(&mut self, agent: AgentId) {
        self.writes.push(Write::NoteAssignment { agent, at: self.at });
    }

    /// Tells that the requester's device has messages.
    pub fn tell_delivered(&mut self, ticket: &Ticket, up_to: u64) {
        let body = EventBody::MessagesDelivered {
            ticket: ticket.id,
            up_to,
        };
        self.tell(body, Audience::of_ticket(ticket, Visibility::Agents));
    }

    /// Tells that a ticket's customer or visitor went away.
    pub fn tell_disconnected(&mut self, ticket: &Ticket) {
        let body = EventBody::CustomerDisconnected { ticket: ticket.id };
        self.tell(body, Audience::of_ticket(ticket, Visibility::Agents));
        self.remember(ticket);
    }
}
