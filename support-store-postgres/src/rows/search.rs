//! Words that are searched for.

use std::collections::BTreeSet;

use support_core::{
    model::{FoundPlace, Message, TenantId, Ticket, WordQuery, words_of_head, words_of_message},
    ports::StoreError,
};
use uuid::Uuid;

use super::{count, row, stored_count};

/// How many journal entries are one period, as a power of two.
pub(crate) const PERIOD: u32 = 15;
/// What stands for the period in a query.
pub(crate) const ANY_PERIOD: &str = "~";

row! {
    /// The words of a ticket's head or of a message, as one text.
    WordsRow {
        tenant_id: Uuid,
        ticket_id: Uuid,
        seq: i64,
        place: i64,
        words: String,
    }
}

impl WordsRow {
    /// The words of a ticket's head.
    pub(crate) fn of_head(tenant: TenantId, ticket: &Ticket, number: u64, place: u64) -> Self {
        Self {
            tenant_id: tenant.uuid(),
            ticket_id: ticket.id.uuid(),
            seq: 0,
            place: stored_count(place),
            words: stored_words(tenant, place, &words_of_head(ticket, number)),
        }
    }

    /// The words of a message under its place in the thread; none when it has none.
    pub(crate) fn of_message(tenant: TenantId, message: &Message, seq: u64, place: u64) -> Option<Self> {
        let words = words_of_message(message);
        (!words.is_empty()).then(|| Self {
            tenant_id: tenant.uuid(),
            ticket_id: message.ticket.uuid(),
            seq: stored_count(seq),
            place: stored_count(place),
            words: stored_words(tenant, place, &words),
        })
    }
}

impl WordsRow {
    /// Whether these are the words of a ticket's head.
    pub(crate) fn is_head_of(&self, tenant: TenantId, ticket: &Ticket) -> bool {
        self.seq == 0 && self.tenant_id == tenant.uuid() && self.ticket_id == ticket.id.uuid()
    }
}

/// What stands before every word of a tenant. Tenants that share it, one in a million, only make
/// each other's searches longer: rows name their tenant.
pub(super) fn key_of(tenant: TenantId) -> String {
    format!("{:05x}", tenant.uuid().as_u128() & 0xf_ffff)
}

fn stored_words(tenant: TenantId, place: u64, words: &BTreeSet<String>) -> String {
    let (key, period) = (key_of(tenant), place >> PERIOD & 0xffff);
    let words: Vec<String> = words.iter().map(|word| format!("{key}{period:04x}{word}")).collect();
    words.join(" ")
}

/// A query in the index's own language, for any period. Words are letters and digits alone, and in
/// quotation marks.
pub(crate) fn asked_words(tenant: TenantId, query: &WordQuery) -> String {
    let key = key_of(tenant);
    let words = query.words().iter().map(|word| {
        let prefix = if word.is_prefix { ":*" } else { "" };
        format!("'{key}{ANY_PERIOD}{}'{prefix}", word.text)
    });
    words.collect::<Vec<_>>().join(" & ")
}

row! {
    /// Where a search found its words, and how new that is.
    FoundRow {
        age: i64,
        ticket_id: Uuid,
        seq: i64,
    }
}

impl FoundRow {
    /// The place.
    pub(crate) fn into_place(self) -> Result<FoundPlace, StoreError> {
        Ok(FoundPlace {
            ticket: self.ticket_id.into(),
            seq: count("search_words", self.seq)?,
        })
    }
}
