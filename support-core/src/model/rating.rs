//! What customers say of how they were helped.

use serde::{Deserialize, Serialize};

use super::{AgentId, Status, Ticket, Timestamp};

/// The most characters of a comment.
pub const LONGEST_RATING_COMMENT: usize = 2_000;

/// What a customer or visitor says of one resolution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rating {
    /// Which resolution: how often the ticket had been reopened before it.
    pub resolution: u32,
    /// One to five.
    pub stars: u8,
    /// In their own words.
    pub comment: Option<String>,
    /// Whose work it is about.
    pub agent: Option<AgentId>,
    /// When.
    pub at: Timestamp,
}

/// Why a ticket can't be rated now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotRateable {
    /// There is nothing to rate yet.
    #[error("a ticket that is {0} can't be rated")]
    Unfinished(Status),
    /// This resolution has its rating.
    #[error("this was rated already")]
    AlreadyRated,
}

impl Ticket {
    /// The ticket with a rating of its latest resolution.
    ///
    /// # Errors
    /// [`NotRateable`] while it is unfinished, and when this resolution was rated.
    pub fn rate(mut self, stars: u8, comment: Option<String>, at: Timestamp) -> Result<Self, NotRateable> {
        let status = self.state.status();
        if status.is_unfinished() {
            return Err(NotRateable::Unfinished(status));
        }
        if self
            .rating
            .as_ref()
            .is_some_and(|rating| rating.resolution == self.reopened_count)
        {
            return Err(NotRateable::AlreadyRated);
        }
        self.rating = Some(Rating {
            resolution: self.reopened_count,
            stars,
            comment,
            agent: self.answerable_agent(),
            at,
        });
        Ok(self)
    }

    /// Whose work a finished ticket is: who resolved it, else who had it.
    #[must_use]
    pub fn answerable_agent(&self) -> Option<AgentId> {
        let resolver = self.state.resolution().and_then(|resolution| resolution.by);
        resolver.or_else(|| self.assignee())
    }
}
