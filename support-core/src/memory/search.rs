//! Searching what was said, by looking at everything.

use async_trait::async_trait;

use super::{MemoryStore, reads::most, state::StoredTicket, tickets::is_visible};
use crate::{
    model::{FoundPlace, Message, TenantId, Ticket, Timestamp, WordQuery, words_of_head, words_of_message},
    ports::{SearchReads, StoreError, TicketSearch},
};

impl StoredTicket {
    /// Where in this ticket all words stand, each with when that was written.
    pub(super) fn places_with(&self, words: &WordQuery) -> Vec<(Timestamp, FoundPlace)> {
        let ticket = &self.ticket;
        let place = |seq| FoundPlace { ticket: ticket.id, seq };
        let is_head_found = words.is_answered_by(&words_of_head(ticket, ticket.number));
        let head = is_head_found.then(|| (ticket.created_at, place(0)));
        let messages = self.messages.iter();
        let found = messages.filter(|message| words.is_answered_by(&words_of_message(message)));
        let found = found.map(|message| (message.created_at, place(message.seq)));
        head.into_iter().chain(found).collect()
    }
}

#[async_trait]
impl SearchReads for MemoryStore {
    async fn places_with_words(
        &self,
        tenant: TenantId,
        search: &TicketSearch,
        limit: u32,
    ) -> Result<Vec<FoundPlace>, StoreError> {
        let TicketSearch { words, visible_to } = search;
        self.read_in(tenant, |own| {
            let tickets = own.tickets.values();
            let seen = tickets.filter(|stored| {
                let eyes = visible_to.as_ref();
                eyes.is_none_or(|eyes| is_visible(&stored.ticket, eyes))
            });
            let mut places: Vec<_> = seen.flat_map(|stored| stored.places_with(words)).collect();
            places.sort_by_key(|(at, place)| std::cmp::Reverse((*at, place.seq, place.ticket)));
            places.into_iter().map(|(_, place)| place).take(most(limit)).collect()
        })
    }

    async fn found_at(
        &self,
        tenant: TenantId,
        places: &[FoundPlace],
    ) -> Result<Vec<(Ticket, Option<Message>)>, StoreError> {
        self.read_in(tenant, |own| {
            let found = places.iter().filter_map(|place| {
                let stored = own.tickets.get(&place.ticket)?;
                let message = stored.message_at(place.seq).map(|message| message.as_ref().clone());
                Some((stored.ticket.clone(), message))
            });
            found.collect()
        })
    }
}
