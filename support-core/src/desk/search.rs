//! Finding tickets by what is said in them.

use std::collections::HashMap;

use super::{Desk, DeskError, Scope};
use crate::{
    model::{FoundPlace, Message, Ranked, Snippet, Ticket, WordQuery, parse_human_number, rank},
    ports::{Page, PageRequest, TicketSearch},
};

/// How many places are put in order.
const PLACES_RANKED: u32 = 500;

/// A ticket that a search found.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundTicket {
    /// The ticket.
    pub ticket: Ticket,
    /// How well it fits: the higher, the better.
    pub score: u32,
    /// The message in which the words stand; none when they stand in the ticket's head.
    pub message: Option<Message>,
    /// The piece of that message, or of the subject, around what was found.
    pub snippet: Snippet,
}

impl Desk {
    /// Tickets by number, and by words in the subject or the requester's name, address or phone
    /// number, or in one message or its sender's name: best first. For agents, since notes are
    /// searched too.
    ///
    /// All words must stand in one place, a ticket's head or one message; the last may be the
    /// beginning of a word. What is ordered are the newest 500 such places; whether there are more
    /// says [`Page::is_total_exact`]. Nothing in `query` is syntax.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for actors who may list nothing.
    pub async fn search_tickets(
        &self,
        scope: &Scope,
        query: &str,
        page: PageRequest,
    ) -> Result<Page<FoundTicket>, DeskError> {
        let visible_to = self.visible_to(scope)?;
        let Some(words) = WordQuery::new(query) else {
            return Ok(Page::of_all(Vec::new()));
        };
        let number = self.ticket_numbered(scope, query).await?;
        let search = TicketSearch { words, visible_to };
        let reads = &self.stores().search;
        let places = reads.places_with_words(scope.tenant(), &search, PLACES_RANKED).await?;
        let is_total_exact = places.len() < PLACES_RANKED as usize;
        let ranked = rank(number.map(|ticket| ticket.id), &places);
        let total = ranked.len() as u64;
        let before = u64::from(page.number.saturating_sub(1)) * u64::from(page.limit);
        let before = usize::try_from(before).unwrap_or(usize::MAX);
        let shown: Vec<Ranked> = ranked.into_iter().skip(before).take(page.limit as usize).collect();
        let places: Vec<FoundPlace> = shown.iter().map(|one| one.place).collect();
        let found = reads.found_at(scope.tenant(), &places).await?;
        let mut found: HashMap<_, _> = found.into_iter().map(|found| (found.0.id, found)).collect();
        let items = shown.into_iter().filter_map(|Ranked { place, score }| {
            let (ticket, message) = found.remove(&place.ticket)?;
            let text = message.as_ref().map_or(&ticket.subject, |message| &message.content);
            Some(FoundTicket {
                snippet: search.words.snippet(text),
                ticket,
                score,
                message,
            })
        });
        Ok(Page {
            items: items.collect(),
            total,
            is_total_exact,
        })
    }

    /// The ticket that a query names by number, if the actor may know of it.
    async fn ticket_numbered(&self, scope: &Scope, query: &str) -> Result<Option<Ticket>, DeskError> {
        let query = query.trim();
        let Some(number) = parse_human_number(query).or_else(|| query.parse().ok()) else {
            return Ok(None);
        };
        let found = self.stores().tickets.ticket_by_number(scope.tenant(), number).await?;
        Ok(found.filter(|ticket| scope.actor().sees(ticket)))
    }
}
