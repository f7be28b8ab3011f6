//! Visits, and who may not write.

use super::ChangeSet;
use crate::{
    change::Write,
    model::{Audience, Block, BlockId, CustomerId, EventBody, Ticket, TicketId, VisitorContext},
};

impl ChangeSet {
    /// Keeps what is known of the visit from which a ticket was opened. Nothing that anybody hears
    /// of: every step through a site would fill the journal.
    pub fn put_visitor_context(&mut self, ticket: TicketId, context: VisitorContext) {
        let context = Box::new(context);
        self.writes.push(Write::PutVisitorContext { ticket, context });
    }

    /// A visitor proved to be a known person; the ticket is given as it stands after that.
    pub fn identify_ticket(&mut self, ticket: Ticket, customer: CustomerId) {
        let body = EventBody::TicketIdentified {
            ticket: ticket.id,
            customer,
        };
        self.update_ticket(ticket, [body]);
    }

    /// Adds or changes a block.
    pub fn put_block(&mut self, block: Block) {
        self.tell(EventBody::BlockSaved { block: block.id }, Audience::agents());
        self.writes.push(Write::PutBlock(block));
    }

    /// Removes a block.
    pub fn remove_block(&mut self, block: BlockId) {
        self.tell(EventBody::BlockRemoved { block }, Audience::agents());
        self.writes.push(Write::RemoveBlock(block));
    }

    /// Forgets a block that no longer holds. Nothing that anybody hears of.
    pub fn forget_block(&mut self, block: BlockId) {
        self.writes.push(Write::RemoveBlock(block));
    }
}
