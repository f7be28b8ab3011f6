//! Forgetting people: what stays of their conversations once they are erased.

use serde_json::json;

use super::{Callback, CallbackStatus, Contact, Requester, Ticket, TicketState, Timestamp, VisitorId};

/// What an erased conversation is called.
pub const ERASED_SUBJECT: &str = "Erased";

/// Somebody who is being erased, a conversation at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Erasure {
    /// Who.
    pub requester: Requester,
    /// When it was asked for.
    pub asked_at: Timestamp,
}

impl Ticket {
    /// The same ticket of nobody that is known, without a word of anybody's: only what is counted
    /// stays. Without its thread, which is erased with it.
    #[must_use]
    pub fn erased(mut self, nobody: VisitorId) -> Self {
        if let TicketState::Resolved(_, resolution) | TicketState::Closed(_, Some(resolution), _) = &mut self.state {
            resolution.notes = None;
        }
        if let Some(escalation) = &mut self.escalation {
            escalation.reason.clear();
        }
        if let Some(rating) = &mut self.rating {
            rating.comment = None;
        }
        Self {
            requester: Requester::Visitor(nobody),
            contact: Contact::default(),
            access: None,
            session: None,
            subject: ERASED_SUBJECT.to_owned(),
            category: None,
            subcategory: None,
            tags: Vec::new(),
            languages: Vec::new(),
            metadata: json!({}),
            ..self
        }
    }
}

impl Callback {
    /// The same wish of nobody that is known: only what is counted stays. One that nobody followed
    /// yet has failed, since nobody can be phoned.
    #[must_use]
    pub fn erased(mut self, now: Timestamp) -> Self {
        if self.status.is_unfinished() {
            self.status = CallbackStatus::Failed;
        }
        for attempt in &mut self.attempts {
            attempt.notes = None;
        }
        Self {
            contact_number: String::new(),
            e164: None,
            employee_id: None,
            customer: None,
            notes: None,
            metadata: json!({}),
            updated_at: now,
            ..self
        }
    }
}
