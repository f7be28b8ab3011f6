//! Callbacks as agents and customers see them.

use serde::Serialize;
use serde_json::Value;
use support_core::{
    desk::CallbackState,
    model::{CallAttempt, Callback},
};
use utoipa::ToSchema;

/// A wish to be phoned, for agents.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Callback)]
pub(crate) struct CallbackRow {
    id: String,
    /// As it was typed.
    contact_number: String,
    /// The same number as E.164, where it could be understood.
    e164: Option<String>,
    employee_id: Option<String>,
    customer_id: Option<String>,
    ticket_id: Option<String>,
    /// `pending`, `contacted`, `resolved`, `failed`.
    status: &'static str,
    scheduled_at: Option<String>,
    assigned_to: Option<String>,
    email_sent: bool,
    email_sent_at: Option<String>,
    email_error: Option<String>,
    telegram_sent: bool,
    telegram_sent_at: Option<String>,
    telegram_error: Option<String>,
    notes: Option<String>,
    contacted_at: Option<String>,
    contacted_by: Option<String>,
    /// The tries to phone, in order.
    attempts: Vec<AttemptRow>,
    #[schema(value_type = Object)]
    metadata: Value,
    created_at: String,
    updated_at: String,
}

/// One try to phone somebody.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CallAttempt)]
pub(crate) struct AttemptRow {
    at: String,
    /// The agent; none for a server.
    by: Option<String>,
    /// `no_answer`, `reached`, `wrong_number`, `busy`, `voicemail`.
    outcome: &'static str,
    notes: Option<String>,
}

/// A customer's own call.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Call)]
pub(crate) struct CallRow {
    id: String,
    status: &'static str,
    contact_number: String,
    ticket_id: Option<String>,
    scheduled_at: Option<String>,
    note: Option<String>,
    created_at: String,
}

fn text(value: Option<impl ToString>) -> Option<String> {
    value.map(|value| value.to_string())
}

impl From<CallbackState> for CallbackRow {
    fn from(state: CallbackState) -> Self {
        let CallbackState {
            callback,
            email,
            telegram,
            is_repeat: _,
        } = state;
        Self {
            id: callback.id.to_string(),
            contact_number: callback.contact_number,
            e164: callback.e164,
            employee_id: callback.employee_id,
            customer_id: text(callback.customer),
            ticket_id: text(callback.ticket),
            status: callback.status.as_str(),
            scheduled_at: text(callback.scheduled_at),
            assigned_to: text(callback.assigned_to),
            email_sent: email.is_sent,
            email_sent_at: text(email.sent_at),
            email_error: email.error,
            telegram_sent: telegram.is_sent,
            telegram_sent_at: text(telegram.sent_at),
            telegram_error: telegram.error,
            notes: callback.notes,
            contacted_at: text(callback.contacted_at),
            contacted_by: text(callback.contacted_by),
            attempts: callback.attempts.into_iter().map(AttemptRow::from).collect(),
            metadata: callback.metadata,
            created_at: callback.created_at.to_string(),
            updated_at: callback.updated_at.to_string(),
        }
    }
}

impl From<CallAttempt> for AttemptRow {
    fn from(attempt: CallAttempt) -> Self {
        Self {
            at: attempt.at.to_string(),
            by: text(attempt.by),
            outcome: attempt.outcome.as_str(),
            notes: attempt.notes,
        }
    }
}

impl From<Callback> for CallRow {
    fn from(callback: Callback) -> Self {
        Self {
            id: callback.id.to_string(),
            status: callback.status.as_str(),
            contact_number: callback.contact_number,
            ticket_id: text(callback.ticket),
            scheduled_at: text(callback.scheduled_at),
            note: callback.notes,
            created_at: callback.created_at.to_string(),
        }
    }
}
