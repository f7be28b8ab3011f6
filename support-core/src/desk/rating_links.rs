//! Rating by a link from a mail.

use std::{net::IpAddr, time::Duration};

use super::{
    Desk, DeskError, NewRating, Rule, Scope,
    outbound::{Purpose, harmless_subject, is_proven},
};
use crate::model::{Actor, NotRateable, Rating, TenantId, Ticket, Timestamp};

/// How long a mailed link lets somebody rate.
const LINK_VALID: Duration = Duration::from_secs(60 * 24 * 60 * 60);

/// What somebody is asked to rate by a link.
#[derive(Debug, Clone, PartialEq)]
pub struct AskedRating {
    /// What it was about.
    pub subject: String,
    /// `TKT-1`.
    pub number: String,
    /// Whose work it is.
    pub agent: Option<String>,
    /// What was said of this resolution already.
    pub rating: Option<Rating>,
}

struct Named {
    scope: Scope,
    ticket: Ticket,
    resolution: u32,
}

impl Desk {
    /// A text that lets whoever has it rate the present resolution of a ticket.
    pub(super) fn rating_token(&self, tenant: TenantId, ticket: &Ticket) -> String {
        let until = self.now().plus(LINK_VALID).millis();
        let parts = [
            tenant.to_string(),
            ticket.id.to_string(),
            ticket.reopened_count.to_string(),
            until.to_string(),
        ];
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        self.signed(Purpose::Rating, &parts)
    }

    /// What a mailed link asks to rate.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] when the link is not good, or no longer.
    pub async fn asked_rating(&self, token: &str) -> Result<AskedRating, DeskError> {
        let Named {
            scope,
            ticket,
            resolution,
        } = self.named_by_rating_link(token).await?;
        let rating = self.rating_of(&scope, &ticket, resolution).await?;
        let agent = rating
            .as_ref()
            .map_or_else(|| ticket.answerable_agent(), |rating| rating.agent);
        let agents: Vec<_> = agent.into_iter().collect();
        let names = self.agent_names(scope.tenant(), &agents).await?;
        let subject = if is_proven(&ticket) {
            ticket.subject.clone()
        } else {
            harmless_subject(&self.tenant_of(&scope).await?)
        };
        Ok(AskedRating {
            subject,
            number: ticket.human_number(),
            agent: names.into_values().next(),
            rating,
        })
    }

    /// Rates the resolution that a mailed link is about, once.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] when the link is not good, or no longer, [`DeskError::Invalid`],
    /// [`Rule::NotRateable`] when it was rated, [`DeskError::Conflict`] when the ticket was opened
    /// again since.
    pub async fn rate_by_link(
        &self,
        token: &str,
        rating: NewRating,
        address: Option<IpAddr>,
    ) -> Result<Rating, DeskError> {
        let Named {
            scope,
            ticket,
            resolution,
        } = self.named_by_rating_link(token).await?;
        if self.rating_of(&scope, &ticket, resolution).await?.is_some() {
            return Err(Rule::from(NotRateable::AlreadyRated).into());
        }
        if ticket.reopened_count != resolution || ticket.state.status().is_unfinished() {
            let problem = "this was opened again since the mail was sent";
            return Err(DeskError::Conflict(problem.to_owned()));
        }
        let scope = match address {
            Some(address) => scope.from_address(address),
            None => scope,
        };
        let rated = self.rate(&scope, ticket.id, rating).await?;
        rated.rating.ok_or(DeskError::NotFound)
    }

    async fn rating_of(&self, scope: &Scope, ticket: &Ticket, resolution: u32) -> Result<Option<Rating>, DeskError> {
        let ratings = self.stores().figures.ratings(scope.tenant(), ticket.id).await?;
        Ok(ratings.into_iter().find(|rating| rating.resolution == resolution))
    }

    async fn named_by_rating_link(&self, token: &str) -> Result<Named, DeskError> {
        let parts = self.signed_parts(Purpose::Rating, token).ok_or(DeskError::NotFound)?;
        let [tenant, ticket, resolution, until] = parts.as_slice() else {
            return Err(DeskError::NotFound);
        };
        let bad = |_| DeskError::NotFound;
        let until = until
            .parse()
            .map(Timestamp::from_millis)
            .map_err(|_| DeskError::NotFound)?;
        let tenant: TenantId = tenant.parse().map_err(bad)?;
        let resolution = resolution.parse().map_err(|_| DeskError::NotFound)?;
        let found = self.stores().tenants.tenant(tenant).await?;
        if self.now() >= until || !found.is_some_and(|tenant| tenant.is_active) {
            return Err(DeskError::NotFound);
        }
        let ticket: crate::model::TicketId = ticket.parse().map_err(bad)?;
        let ticket = self.any_ticket(tenant, ticket.into()).await?;
        let actor = Actor::Visitor {
            requester: ticket.requester,
            ticket: ticket.id,
        };
        Ok(Named {
            scope: Scope::new(tenant, actor),
            ticket,
            resolution,
        })
    }
}
