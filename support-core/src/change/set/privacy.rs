//! Who read what, and who is forgotten.

use super::ChangeSet;
use crate::{
    change::{Record, Write},
    model::{Audience, Callback, Customer, Erasure, EventBody, Principal, Requester, Ticket, Visibility, VisitorId},
};

impl ChangeSet {
    /// Somebody looked at something that is not theirs.
    pub fn tell_access(&mut self, body: EventBody) {
        let ticket = match body {
            EventBody::TicketRead { ticket } | EventBody::TranscriptTaken { ticket } => Some(ticket),
            _ => None,
        };
        let audience = Audience {
            ticket,
            ..Audience::admins()
        };
        self.tell(body, audience);
    }

    /// Begins to erase somebody, who can't log in from then on.
    pub fn ask_erasure(&mut self, erasure: Erasure) {
        let requester = erasure.requester;
        self.tell(EventBody::ErasureAsked { requester }, Audience::admins());
        self.writes.push(Write::PutErasure(erasure));
        if let Requester::Customer(customer) = requester {
            self.writes.push(Write::RemoveAccount(Principal::Customer(customer)));
        }
    }

    /// Erases a conversation, whose files are gone already. From then on it is `nobody`'s.
    pub fn erase_ticket(&mut self, ticket: Ticket, nobody: VisitorId) {
        self.expect_version(Record::Ticket(ticket.id), ticket.version);
        let ticket = ticket.erased(nobody);
        self.tell(
            EventBody::TicketErased { ticket: ticket.id },
            Audience::of_ticket(&ticket, Visibility::Agents),
        );
        self.writes.push(Write::EraseTicket(ticket));
    }

    /// Erases whoever asked for a callback.
    pub fn erase_callback(&mut self, callback: Callback) {
        self.expect_version(Record::Callback(callback.id), callback.version);
        let body = EventBody::CallbackErased { callback: callback.id };
        self.tell(body, Audience::agents());
        self.writes.push(Write::EraseCallback(callback.erased(self.at)));
    }

    /// Ends erasing a customer: of whom nothing is left but this.
    pub fn forget_customer(&mut self, customer: &Customer) {
        self.expect_version(Record::Customer(customer.id), customer.version);
        self.tell(EventBody::CustomerRemoved { customer: customer.id }, Audience::admins());
        self.forget(Requester::Customer(customer.id), customer.contact.email.as_ref());
    }

    /// Ends erasing a visitor, who was reached at `address`.
    pub fn forget_visitor(&mut self, visitor: VisitorId, address: Option<&String>) {
        self.tell(EventBody::VisitorRemoved { visitor }, Audience::admins());
        self.forget(Requester::Visitor(visitor), address);
    }

    /// Ends erasing somebody who is gone already. Nothing that anybody hears of.
    pub fn end_erasure(&mut self, requester: Requester) {
        self.forget(requester, None);
    }

    fn forget(&mut self, requester: Requester, address: Option<&String>) {
        self.writes.push(Write::ForgetPerson {
            requester,
            addresses: address.into_iter().cloned().collect(),
        });
    }
}
