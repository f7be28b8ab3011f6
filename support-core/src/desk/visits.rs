//! What is known of visits beside what was said.

use super::{Desk, DeskError, Scope, TicketRef, lookup::require};
use crate::{
    change::ChangeSet,
    model::{Actor, Role, ToldPage, VisitorContext},
};

impl Desk {
    /// What is known of the visit from which a ticket was opened, for agents who see the ticket.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than agents, [`DeskError::NotFound`].
    pub async fn visitor_context(
        &self,
        scope: &Scope,
        ticket: impl Into<TicketRef>,
    ) -> Result<Option<VisitorContext>, DeskError> {
        require(scope, Role::Agent)?;
        let ticket = self.ticket(scope, ticket).await?;
        Ok(self.stores().people.visitor_context(scope.tenant(), ticket.id).await?)
    }

    /// The visitor has come to another page. Of two pages told of at the very same moment one may
    /// be forgotten.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than whoever's conversation it is and for those who may
    /// not write, [`DeskError::NotFound`].
    pub async fn move_visitor(
        &self,
        scope: &Scope,
        ticket: impl Into<TicketRef>,
        page: ToldPage,
    ) -> Result<(), DeskError> {
        if !matches!(scope.actor(), Actor::Visitor { .. }) {
            return Err(DeskError::Forbidden);
        }
        let ticket = self.ticket(scope, ticket).await?;
        self.refuse_blocked(scope, None, ticket.contact.email.as_deref())
            .await?;
        let (id, page) = (ticket.id, &page);
        self.decide(scope, || async move {
            let now = self.now();
            let known = self.stores().people.visitor_context(scope.tenant(), id).await?;
            let known = known.unwrap_or_default();
            let moved = known.clone().moved_to(page.clone(), now);
            if moved == known {
                return Ok(());
            }
            let mut change = ChangeSet::new(scope, now);
            change.put_visitor_context(id, moved);
            self.commit(change).await?;
            Ok(())
        })
        .await
    }
}
