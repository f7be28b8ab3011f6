//! Searching what was said.

use async_trait::async_trait;

use super::{StoreError, VisibleTo};
use crate::model::{FoundPlace, Message, TenantId, Ticket, WordQuery};

/// At how many places with the words a search looks, newest first, before it gives up: what is
/// said nearly everywhere would take it through everything that was ever written.
pub const PLACES_LOOKED_AT: u32 = 10_000;

/// Which places a search finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketSearch {
    /// With all these words.
    pub words: WordQuery,
    /// For the eyes of an agent who may not see all.
    pub visible_to: Option<VisibleTo>,
}

/// The words of tickets and messages.
///
/// `commit` keeps, for each ticket opened and each whose subject or contact changes, the
/// [`words_of_head`](crate::model::words_of_head), and for each message appended the
/// [`words_of_message`](crate::model::words_of_message), in the same transaction and by the keys of
/// what they belong to, so that they can be forgotten with it. Words are compared as they are:
/// nothing in a query is ever syntax.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait SearchReads: Send + Sync {
    /// Where all words of a search stand together, newest first; of the newest
    /// [`PLACES_LOOKED_AT`] at least.
    async fn places_with_words(
        &self,
        tenant: TenantId,
        search: &TicketSearch,
        limit: u32,
    ) -> Result<Vec<FoundPlace>, StoreError>;
    /// The tickets of `places` that there are, each with the message at its place, in any order.
    async fn found_at(
        &self,
        tenant: TenantId,
        places: &[FoundPlace],
    ) -> Result<Vec<(Ticket, Option<Message>)>, StoreError>;
}
