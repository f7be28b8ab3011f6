//! What customers say of how they were helped.

use super::{Desk, DeskError, Rule, Scope, TicketRef};
use crate::{
    change::ChangeSet,
    model::{Actor, Input, LONGEST_RATING_COMMENT, Ticket},
};

/// A rating as somebody gives it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewRating {
    /// One to five stars.
    pub stars: i64,
    /// In their own words.
    pub comment: Option<String>,
}

impl Desk {
    /// The customer or visitor of a finished ticket says how they were helped, once for each
    /// resolution.
    ///
    /// # Errors
    /// [`DeskError::Invalid`], [`DeskError::NotFound`], [`DeskError::Forbidden`] for others than
    /// those whose ticket it is, [`Rule::NotRateable`].
    pub async fn rate(
        &self,
        scope: &Scope,
        ticket: impl Into<TicketRef>,
        rating: NewRating,
    ) -> Result<Ticket, DeskError> {
        if !matches!(scope.actor(), Actor::Visitor { .. } | Actor::Customer(_)) {
            return Err(DeskError::Forbidden);
        }
        self.refuse_blocked(scope, None, None).await?;
        let mut input = Input::new();
        let stars = u8::try_from(rating.stars).ok().filter(|stars| (1..=5).contains(stars));
        if stars.is_none() {
            input.refuse("rating", "Must be a whole number from 1 to 5");
        }
        let comment = rating
            .comment
            .as_deref()
            .map(|comment| input.text("comment", comment, 0..=LONGEST_RATING_COMMENT))
            .filter(|comment| !comment.is_empty());
        input.finish()?;
        let (ticket, comment, stars): (TicketRef, _, _) = (ticket.into(), &comment, stars.unwrap_or_default());
        self.decide(scope, || async move {
            let ticket = self.ticket(scope, ticket).await?;
            if self.was_done(scope).await? {
                return Ok(ticket);
            }
            let rated = ticket.rate(stars, comment.clone(), self.now()).map_err(Rule::from)?;
            let mut change = ChangeSet::new(scope, self.now());
            if let Some(rating) = rated.rating.clone() {
                change.rate_ticket(rated.clone(), rating);
            }
            self.commit(change).await?;
            Ok(self.any_ticket(scope.tenant(), rated.id.into()).await?)
        })
        .await
    }
}
