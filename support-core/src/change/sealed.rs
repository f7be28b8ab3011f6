//! A change set that is complete.

use std::sync::Arc;

use super::{Expect, Footprint, NewEvent, Receipt, RequestKey, Write};
use crate::model::{ActorRef, Delivery, Event, Message, MessageId, Notification, TenantId, Terms, Timestamp};

/// A change set with everything it owes, ready for a store.
#[derive(Debug, Clone)]
pub struct SealedChange(SealedParts);

/// What is in a sealed change set. Adapters take it apart without `..`, so that a new part does
/// not compile until it is stored.
#[derive(Debug, Clone)]
pub struct SealedParts {
    /// Whose it is.
    pub tenant: TenantId,
    /// Who decided it.
    pub actor: ActorRef,
    /// When.
    pub at: Timestamp,
    /// What makes it the same request again.
    pub request: Option<RequestKey>,
    /// What must hold.
    pub expects: Vec<Expect>,
    /// What is written, in this order.
    pub writes: Vec<Write>,
    /// What the journal tells of it, in this order.
    pub events: Vec<NewEvent>,
    /// Who is told inside the product.
    pub notifications: Vec<Notification>,
    /// What is owed to the outside.
    pub deliveries: Vec<Delivery>,
    /// By what the tickets in it are measured.
    pub terms: Arc<Terms>,
}

impl SealedChange {
    pub(super) const fn new(parts: SealedParts) -> Self {
        Self(parts)
    }

    /// What is in it.
    #[must_use]
    pub const fn parts(&self) -> &SealedParts {
        &self.0
    }

    /// What it touches.
    #[must_use]
    pub fn footprint(&self) -> Footprint {
        Footprint::of(&self.0)
    }

    /// The journal `seq` of its last event once the store has given out `receipt`.
    #[must_use]
    pub fn last_event(&self, receipt: &Receipt) -> u64 {
        let events = u64::try_from(self.0.events.len()).unwrap_or(0);
        (receipt.first_event + events).saturating_sub(1)
    }

    /// The journal's entries as they stand once the store has given out `receipt`.
    #[must_use]
    pub fn events(&self, receipt: &Receipt) -> Vec<Event> {
        let SealedParts {
            actor,
            at,
            writes,
            events,
            ..
        } = &self.0;
        let numbered = |id: MessageId| {
            let seq = receipt.seq_of(id)?;
            writes.iter().find_map(|write| match write {
                Write::AppendMessage(message) if message.id == id => Some(Arc::new(Message { seq, ..message.clone() })),
                _ => None,
            })
        };
        (receipt.first_event..)
            .zip(events)
            .map(|(seq, NewEvent { body, audience })| Event {
                seq,
                at: *at,
                actor: *actor,
                audience: *audience,
                message: body.message().and_then(numbered),
                body: body.clone(),
            })
            .collect()
    }
}
