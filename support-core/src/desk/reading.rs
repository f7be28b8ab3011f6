//! Reading a thread, marking what was read, and showing that one types.

use super::{Desk, DeskError, Scope, lookup::TicketRef};
use crate::{
    change::ChangeSet,
    model::{Actor, EventBody, Message, Role, Side, Ticket},
    ports::{BusMessage, Signal},
};

impl Desk {
    /// Messages after a `seq`, in order; notes only for those who may see them.
    ///
    /// # Errors
    /// [`DeskError::NotFound`].
    pub async fn messages(
        &self,
        scope: &Scope,
        ticket: &Ticket,
        after: u64,
        limit: u32,
    ) -> Result<Vec<Message>, DeskError> {
        if !scope.actor().sees(ticket) {
            return Err(DeskError::NotFound);
        }
        let with_notes = scope.actor().is_at_least(Role::Agent);
        self.note_access(scope, EventBody::TicketRead { ticket: ticket.id })
            .await?;
        Ok(self
            .stores()
            .messages
            .messages(scope.tenant(), ticket.id, after, limit, with_notes)
            .await?)
    }

    /// Moves the actor's side's read mark up to a `seq`. Answers how many messages that marked.
    ///
    /// # Errors
    /// [`DeskError::NotFound`], [`DeskError::Forbidden`] for actors of no side.
    pub async fn mark_read(&self, scope: &Scope, ticket: impl Into<TicketRef>, up_to: u64) -> Result<u64, DeskError> {
        let ticket = self.ticket(scope, ticket).await?;
        let side = side_of(scope.actor())?;
        let up_to = up_to.min(ticket.thread.last_seq);
        if up_to <= ticket.thread.read_by(side) {
            return Ok(0);
        }
        let ticket = &ticket;
        self.decide(scope, || async move {
            let mut change = ChangeSet::new(scope, self.now());
            change.mark_read(ticket, side, up_to);
            self.commit(change).await
        })
        .await?;
        let after = self.any_ticket(scope.tenant(), ticket.id.into()).await?;
        Ok(ticket
            .thread
            .unread_by(side)
            .saturating_sub(after.thread.unread_by(side)))
    }

    /// Shows the other side that the actor types, or no longer does. Never stored.
    ///
    /// # Errors
    /// [`DeskError::NotFound`], [`DeskError::Forbidden`] for actors of no side.
    pub async fn typing(&self, scope: &Scope, ticket: &Ticket, is_typing: bool) -> Result<(), DeskError> {
        if !scope.actor().sees(ticket) {
            return Err(DeskError::NotFound);
        }
        let signal = Signal::Typing {
            ticket: ticket.id,
            number: ticket.number,
            side: side_of(scope.actor())?,
            agent: scope.actor().agent().map(|agent| agent.id),
            name: scope.actor().agent().map(|agent| agent.name.clone()),
            assignee: ticket.assignee(),
            department: ticket.department,
            is_typing,
        };
        self.signal(scope, signal).await;
        Ok(())
    }

    /// Shows colleagues that the acting agent looks at a ticket through the open `desk` of that
    /// name, or no longer does. Never stored; it lapses unless it is said again within
    /// [`VIEWING_TIMEOUT`](crate::model::VIEWING_TIMEOUT).
    ///
    /// # Errors
    /// [`DeskError::NotFound`], [`DeskError::Forbidden`] for others than agents.
    pub async fn viewing(
        &self,
        scope: &Scope,
        ticket: &Ticket,
        desk: uuid::Uuid,
        is_viewing: bool,
    ) -> Result<(), DeskError> {
        let agent = scope.actor().agent().ok_or(DeskError::Forbidden)?;
        if !scope.actor().sees(ticket) {
            return Err(DeskError::NotFound);
        }
        let signal = Signal::Viewing {
            ticket: ticket.id,
            number: ticket.number,
            desk,
            agent: agent.id,
            name: agent.name.clone(),
            assignee: ticket.assignee(),
            department: ticket.department,
            is_viewing,
        };
        self.signal(scope, signal).await;
        Ok(())
    }

    async fn signal(&self, scope: &Scope, signal: Signal) {
        let tenant = scope.tenant();
        if let Err(error) = self.bus().publish(BusMessage::Signal { tenant, signal }).await {
            tracing::debug!(%error, "a signal was lost");
        }
    }
}

fn side_of(actor: &Actor) -> Result<Side, DeskError> {
    match actor {
        Actor::Visitor { .. } | Actor::Customer(_) => Ok(Side::Customer),
        Actor::Agent(_) | Actor::ApiKey { .. } | Actor::Bot => Ok(Side::Agents),
        Actor::Anyone | Actor::Platform(_) | Actor::System => Err(DeskError::Forbidden),
    }
}
