//! Places in long lists: opaque to those who are given them, and good for the very list they were
//! given out with.

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq;
use support_core::{
    model::{Input, Message, TenantId, TicketId},
    ports::{TicketCursor, TicketFilter},
};
use uuid::Uuid;

use super::pagination::read_sequence;
use crate::{
    error::{ApiError, finish},
    state::SupportState,
};

/// How much of the seal is kept, in bytes: enough that nobody guesses one.
const SEAL: usize = 16;

/// A list that can be gone on with.
pub(crate) struct LongList {
    key: hmac::Key,
    /// Whose list it is, and what it has in which order.
    what: String,
}

impl LongList {
    /// The tickets of a filter, in its order.
    pub(crate) fn of_tickets(state: &SupportState, tenant: TenantId, filter: &TicketFilter) -> Self {
        Self::new(state, format!("tickets of {tenant}: {filter:?}"))
    }

    /// The messages of a ticket.
    pub(crate) fn of_messages(state: &SupportState, tenant: TenantId, ticket: TicketId) -> Self {
        Self::new(state, format!("messages of {tenant}: {ticket}"))
    }

    /// The events of a kind, or all.
    pub(crate) fn of_events(state: &SupportState, tenant: TenantId, kind: Option<&str>) -> Self {
        Self::new(state, format!("events of {tenant}: {kind:?}"))
    }

    /// The journal backwards.
    pub(crate) fn of_audit(state: &SupportState, tenant: TenantId) -> Self {
        Self::new(state, format!("audit of {tenant}"))
    }

    fn new(state: &SupportState, what: String) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, state.settings().jwt.secret());
        Self { key, what }
    }

    /// The place after a ticket.
    pub(crate) fn after_ticket(&self, TicketCursor { value, id }: TicketCursor) -> String {
        let mut place = value.to_be_bytes().to_vec();
        place.extend(id.uuid().as_bytes());
        self.sealed(&place)
    }

    /// The place after a number.
    pub(crate) fn after_number(&self, number: u64) -> String {
        self.sealed(&number.to_be_bytes())
    }

    /// The place of a ticket that a caller gives back. What isn't one is refused.
    pub(crate) fn ticket(&self, cursor: &str, input: &mut Input) -> Option<TicketCursor> {
        let place = self.opened(cursor).and_then(|place| {
            let (value, id) = place.split_first_chunk()?;
            Some(TicketCursor {
                value: i64::from_be_bytes(*value),
                id: TicketId::new(Uuid::from_slice(id).ok()?),
            })
        });
        refused_if_none(place, input)
    }

    fn number(&self, cursor: &str, input: &mut Input) -> Option<u64> {
        let number = self
            .opened(cursor)
            .and_then(|place| Some(u64::from_be_bytes(place.try_into().ok()?)));
        refused_if_none(number, input)
    }

    /// Where a part of a list of numbered things begins: after the place of a cursor, else after a
    /// number.
    ///
    /// # Errors
    /// [`ApiError`] naming what is neither.
    pub(crate) fn place(&self, after: Option<&str>, cursor: Option<&str>, usual: u64) -> Result<u64, ApiError> {
        let mut input = Input::new();
        let place = self.read_place(after, cursor, usual, &mut input);
        finish(input)?;
        Ok(place)
    }

    /// The same as part of a larger input.
    pub(crate) fn read_place(&self, after: Option<&str>, cursor: Option<&str>, usual: u64, input: &mut Input) -> u64 {
        let number = read_sequence("after", after, usual, input);
        let cursor = cursor.filter(|cursor| !cursor.trim().is_empty());
        cursor.and_then(|cursor| self.number(cursor, input)).unwrap_or(number)
    }

    /// The place after messages of which at most `limit` were asked for; none when that was all.
    pub(crate) fn after_messages(&self, messages: &[Message], limit: u32) -> Option<String> {
        let last = messages.last().filter(|_| messages.len() >= limit as usize)?;
        Some(self.after_number(last.seq))
    }

    fn sealed(&self, place: &[u8]) -> String {
        let mut sealed = place.to_vec();
        sealed.extend(self.seal(place).as_ref().iter().take(SEAL));
        URL_SAFE_NO_PAD.encode(sealed)
    }

    fn opened(&self, cursor: &str) -> Option<Vec<u8>> {
        let mut place = URL_SAFE_NO_PAD.decode(cursor.trim()).ok()?;
        let seal = place.split_off(place.len().checked_sub(SEAL)?);
        let expected = self.seal(&place);
        let expected = expected.as_ref().get(..SEAL)?;
        bool::from(seal.as_slice().ct_eq(expected)).then_some(place)
    }

    fn seal(&self, place: &[u8]) -> hmac::Tag {
        let mut context = hmac::Context::with_key(&self.key);
        context.update(b"cursor ");
        context.update(self.what.as_bytes());
        context.update(&[0]);
        context.update(place);
        context.sign()
    }
}

fn refused_if_none<T>(place: Option<T>, input: &mut Input) -> Option<T> {
    if place.is_none() {
        input.refuse(
            "cursor",
            "Must be the `nextCursor` of an earlier answer to the same question",
        );
    }
    place
}
