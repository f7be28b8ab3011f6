//! Searching what was said.

use std::{cmp::Reverse, collections::HashMap};

use async_trait::async_trait;
use sqlx::{Postgres, QueryBuilder};
use support_core::{
    model::{FoundPlace, Message, TenantId, Ticket, WordQuery},
    ports::{PLACES_LOOKED_AT, SearchReads, StoreError, TicketSearch},
};

use super::ticket_lists::push_visible;
use crate::{
    PostgresStore,
    error::store_error,
    rows::{ANY_PERIOD, FoundRow, PERIOD, asked_words},
};

#[async_trait]
impl SearchReads for PostgresStore {
    async fn places_with_words(
        &self,
        tenant: TenantId,
        search: &TicketSearch,
        limit: u32,
    ) -> Result<Vec<FoundPlace>, StoreError> {
        let searched = Searched { tenant, search, limit };
        let mut reader = self.reader(tenant).await?;
        let mut query = searched.select();
        let query = query.build_query_as::<FoundRow>();
        let mut rows = query.fetch_all(&mut *reader).await.map_err(store_error)?;
        rows.sort_by_key(|row| Reverse((row.age, row.seq)));
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
    /// The places. They come newest first; saying so again would have all of them sorted before
    /// the first is given.
    pub(crate) fn select(&self) -> QueryBuilder<Postgres> {
        let TicketSearch { words, visible_to } = self.search;
        let mut query = QueryBuilder::new("select found.age, found.ticket_id, found.seq from (");
        let looked_at = if visible_to.is_some() {
            PLACES_LOOKED_AT.max(self.limit)
        } else {
            self.limit
        };
        push_found(&mut query, self.tenant, words, looked_at);
        query.push(") found join tickets t on t.id = found.ticket_id and t.tenant_id = ");
        query.push_bind(self.tenant.uuid()).push(" where true");
        if let Some(visible_to) = visible_to {
            push_visible(&mut query, visible_to);
        }
        query.push(" limit ").push_bind(i64::from(self.limit));
        query
    }
}

/// The newest places with all words, at most `most`: period by period, until there are enough.
pub(super) fn push_found(query: &mut QueryBuilder<Postgres>, tenant: TenantId, words: &WordQuery, most: u32) {
    query.push("select w.place as age, w.ticket_id, w.seq from tenant_counters c");
    query.push(format_args!(
        " cross join lateral generate_series(c.last_event >> {PERIOD}, 0, -1) period"
    ));
    query.push(" cross join lateral (select w.place, w.ticket_id, w.seq from search_words w where w.tenant_id = ");
    query.push_bind(tenant.uuid()).push(" and w.words @@ replace(");
    query.push_bind(asked_words(tenant, words));
    query.push(format_args!(
        ", '{ANY_PERIOD}', lpad(to_hex(period & 65535), 4, '0'))::tsquery"
    ));
    query.push(" order by w.place desc limit ").push_bind(i64::from(most));
    query.push(") w where c.tenant_id = ").push_bind(tenant.uuid());
    query.push(" limit ").push_bind(i64::from(most));
}
