//! Searching what was said.

use std::{cmp::Reverse, collections::HashMap};

use async_trait::async_trait;
use support_core::{
    model::{FoundPlace, Message, TenantId, Ticket, WordQuery},
    ports::{PLACES_LOOKED_AT, SearchReads, StoreError, TicketSearch},
};

use super::ticket_lists::push_visible;
use crate::{
    SqliteStore,
    query::QueryBuilder,
    rows::{FoundRow, asked_words},
};

#[async_trait]
impl SearchReads for SqliteStore {
    async fn places_with_words(
        &self,
        tenant: TenantId,
        search: &TicketSearch,
        limit: u32,
    ) -> Result<Vec<FoundPlace>, StoreError> {
        let searched = Searched { tenant, search, limit };
        let selecting = searched.select();
        let found = self.read(move |connection| Ok(selecting.all::<FoundRow>(connection)?));
        let mut rows = found.await?;
        rows.sort_by_key(|row| Reverse(row.age));
        rows.into_iter().map(FoundRow::into_place).collect()
    }

    async fn found_at(
        &self,
        tenant: TenantId,
        places: &[FoundPlace],
    ) -> Result<Vec<(Ticket, Option<Message>)>, StoreError> {
        let tickets = self.tickets_of(tenant, places).await?;
        let messages = self.messages_at(tenant, places).await?;
        let mut messages: HashMap<_, _> = messages.into_iter().map(|message| (message.ticket, message)).collect();
        let found = tickets.into_iter().map(|ticket| {
            let message = messages.remove(&ticket.id);
            (ticket, message)
        });
        Ok(found.collect())
    }
}

/// A search as a statement.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Searched<'a> {
    pub(crate) tenant: TenantId,
    pub(crate) search: &'a TicketSearch,
    pub(crate) limit: u32,
}

impl Searched<'_> {
    /// The places. They come out of the index newest first; saying so again would have all of
    /// them sorted before the first is given.
    pub(crate) fn select(&self) -> QueryBuilder {
        let TicketSearch { words, visible_to } = self.search;
        let mut query = QueryBuilder::new("select found.age, found.ticket_id, found.seq from (");
        let looked_at = if visible_to.is_some() {
            PLACES_LOOKED_AT.max(self.limit)
        } else {
            self.limit
        };
        push_found(&mut query, self.tenant, words, looked_at);
        query.push(") found cross join tickets t on t.id = found.ticket_id and t.tenant_id = ");
        query.push_bind(self.tenant.uuid()).push(" where true");
        if let Some(visible_to) = visible_to {
            push_visible(&mut query, visible_to);
        }
        query.push(" limit ").push_bind(self.limit);
        query
    }
}

/// The newest places with all words, at most `most`.
pub(super) fn push_found(query: &mut QueryBuilder, tenant: TenantId, words: &WordQuery, most: u32) {
    query.push("select e.entry as age, e.ticket_id, e.seq from (select rowid as entry from search_words");
    query
        .push(" where search_words match ")
        .push_bind(asked_words(tenant, words));
    query.push(" order by rowid desc limit ").push_bind(most);
    query.push(") looked cross join search_entries e on e.entry = looked.entry where e.tenant_id = ");
    query.push_bind(tenant.uuid());
}
