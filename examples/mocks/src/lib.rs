//! A shop's own code over customer support. The tests beside it show how such code is tested:
//! with one port mocked, with the whole desk in memory, and with a store that fails.

use std::{sync::Arc, time::Duration};

use support_core::{
    desk::{Desk, DeskError, NewMessage, NewTicket, NewTicketRequester, Scope},
    model::{Contact, InboxKind, Priority, Source, TenantId, TicketChannel},
    ports::{Clock, StoreError, TicketReads},
};

/// Tells the shop's office whom nobody has looked after.
#[derive(Clone)]
pub struct WaitingRoom {
    /// Where tickets are found. One port is all that this needs.
    pub tickets: Arc<dyn TicketReads>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// How long somebody may wait.
    pub patience: Duration,
}

impl WaitingRoom {
    /// What those want who have waited for too long.
    ///
    /// # Errors
    /// [`StoreError`] when tickets can't be read.
    pub async fn forgotten(&self, shop: TenantId) -> Result<Vec<String>, StoreError> {
        let waiting = self.tickets.unassigned_tickets(shop, 100).await?;
        let now = self.clock.now();
        let forgotten = waiting
            .into_iter()
            .filter(|ticket| now.since(ticket.created_at) > self.patience);
        Ok(forgotten.map(|ticket| ticket.subject).collect())
    }
}

/// Opens an urgent ticket in the name of whoever should have got a parcel, and gives back its
/// number. Carriers report a loss again and again: as long as the ticket is unfinished it stays
/// the only one.
///
/// # Errors
/// [`DeskError`] when the desk refuses, or can't work for the moment.
pub async fn report_lost_parcel(
    desk: &Desk,
    shop: TenantId,
    parcel: &str,
    recipient: Contact,
) -> Result<u64, DeskError> {
    let inbox = desk.default_inbox(shop, InboxKind::Api).await?;
    let requester = NewTicketRequester::Visitor(recipient);
    let lost = NewTicket {
        source: Source::Api,
        subject: Some(format!("Parcel {parcel} is lost")),
        priority: Priority::Urgent,
        message: Some(NewMessage::text("The carrier says that this parcel is lost.")),
        session: Some(format!("parcel-{parcel}")),
        ..NewTicket::new(inbox.id, TicketChannel::Api, requester)
    };
    let opened = desk.open_ticket(&Scope::system(shop), lost).await?;
    Ok(opened.ticket.number)
}
