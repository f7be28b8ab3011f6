//! Wishes to be phoned.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{AgentId, Calendar, CallbackId, CustomerId, Input, TicketId, Timestamp, named};

/// For how long the same number submitted again is the same wish.
pub const CALLBACK_REPEAT: Duration = Duration::from_secs(10 * 60);
/// How long before a scheduled call its agent is reminded.
pub const CALLBACK_REMINDER: Duration = Duration::from_secs(15 * 60);
/// After how much office time a wish that nobody has followed is overdue: a working day.
pub const CALLBACK_OVERDUE_IN_OFFICE: Duration = Duration::from_secs(8 * 60 * 60);
/// After how long it is overdue where no office hours say how long a working day is.
pub const CALLBACK_OVERDUE: Duration = Duration::from_secs(24 * 60 * 60);
/// The most attempts that are kept of one callback.
pub const MOST_ATTEMPTS: usize = 100;

named! {
    /// How far a callback has come.
    CallbackStatus {
        /// Nobody has called yet.
        Pending = "pending",
        /// They were reached.
        Contacted = "contacted",
        /// Nothing is left to do.
        Resolved = "resolved",
        /// Given up, until somebody tries again.
        Failed = "failed",
    }
}

impl CallbackStatus {
    /// Whether somebody still has to do something.
    #[must_use]
    pub const fn is_unfinished(self) -> bool {
        matches!(self, Self::Pending | Self::Contacted)
    }

    /// Whether a callback may go from here to `to`.
    #[must_use]
    pub const fn may_become(self, to: Self) -> bool {
        matches!(
            (self, to),
            (Self::Pending, Self::Contacted | Self::Failed)
                | (Self::Contacted, Self::Resolved | Self::Failed)
                | (Self::Failed, Self::Pending)
        )
    }
}

named! {
    /// What came of calling.
    AttemptOutcome {
        /// Nobody answered.
        NoAnswer = "no_answer",
        /// They were spoken to.
        Reached = "reached",
        /// It is somebody else's number.
        WrongNumber = "wrong_number",
        /// The line was busy.
        Busy = "busy",
        /// A message was left.
        Voicemail = "voicemail",
    }
}

/// One try to phone somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallAttempt {
    /// When.
    pub at: Timestamp,
    /// Who tried; none for a server in the team's name.
    pub by: Option<AgentId>,
    /// What came of it.
    pub outcome: AttemptOutcome,
    /// Anything else.
    pub notes: Option<String>,
}

/// A step that a callback can't take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a callback can't go from {from} to {attempted}")]
pub struct InvalidCallbackTransition {
    /// Where it stands.
    pub from: CallbackStatus,
    /// Where it was to go.
    pub attempted: CallbackStatus,
}

/// Somebody's wish to be phoned.
#[derive(Debug, Clone, PartialEq)]
pub struct Callback {
    /// Its id.
    pub id: CallbackId,
    /// The number as typed.
    pub contact_number: String,
    /// The number as E.164 where it could be understood.
    pub e164: Option<String>,
    /// What a visitor who could not log in says they are known by.
    pub employee_id: Option<String>,
    /// Whose wish it is, when they are known.
    pub customer: Option<CustomerId>,
    /// The ticket it is about.
    pub ticket: Option<TicketId>,
    /// How far it has come.
    pub status: CallbackStatus,
    /// When they want to be phoned; as soon as possible when not given.
    pub scheduled_at: Option<Timestamp>,
    /// Who is to phone.
    pub assigned_to: Option<AgentId>,
    /// What the requester or the team noted.
    pub notes: Option<String>,
    /// When they were first reached.
    pub contacted_at: Option<Timestamp>,
    /// Who reached them.
    pub contacted_by: Option<AgentId>,
    /// When nothing was left to do.
    pub resolved_at: Option<Timestamp>,
    /// The tries so far, in order.
    pub attempts: Vec<CallAttempt>,
    /// When the agent was reminded of the scheduled call.
    pub reminded_at: Option<Timestamp>,
    /// When it is overdue unless somebody has followed it, by the office hours that held when
    /// that was settled; none where the office doesn't open for so long in years.
    pub overdue_at: Option<Timestamp>,
    /// When it was found overdue.
    pub escalated_at: Option<Timestamp>,
    /// Custom data, a JSON object.
    pub metadata: Value,
    /// Counts changes.
    pub version: u64,
    /// When it came in.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Callback {
    /// When they want to be phoned.
    #[must_use]
    pub fn due_at(&self) -> Timestamp {
        self.scheduled_at.unwrap_or(self.created_at)
    }

    /// Settles when it is overdue: a working day after they want to be phoned, or after `now` if
    /// they wanted that earlier, in the hours of whoever sees to it.
    pub fn promise(&mut self, calendar: &Calendar, now: Timestamp) {
        let since = self.due_at().max(now);
        self.overdue_at = if calendar.has_hours() {
            calendar.after(since, CALLBACK_OVERDUE_IN_OFFICE)
        } else {
            Some(since.plus(CALLBACK_OVERDUE))
        };
    }

    /// Whether nobody has followed it for too long.
    #[must_use]
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.status == CallbackStatus::Pending && self.overdue_at.is_some_and(|at| at <= now)
    }

    /// By what a repeat is recognised: the number, and for a known person also who it is, what
    /// about and when; somebody else's wish is never theirs.
    #[must_use]
    pub fn number_key(&self) -> String {
        let number = number_key(&self.contact_number, self.e164.as_deref());
        let Some(customer) = self.customer else {
            return number;
        };
        let ticket = self.ticket.map(|ticket| ticket.to_string()).unwrap_or_default();
        let at = self.scheduled_at.map_or(0, Timestamp::millis);
        format!("{customer} {ticket} {at} {number}")
    }

    /// Moves it to another status. Nothing happens when it has that already.
    ///
    /// # Errors
    /// [`InvalidCallbackTransition`] when there is no such step.
    pub fn set_status(
        &mut self,
        to: CallbackStatus,
        by: Option<AgentId>,
        now: Timestamp,
    ) -> Result<(), InvalidCallbackTransition> {
        let from = self.status;
        if from == to {
            return Ok(());
        }
        if !from.may_become(to) {
            return Err(InvalidCallbackTransition { from, attempted: to });
        }
        self.status = to;
        self.updated_at = now;
        match to {
            CallbackStatus::Contacted if self.contacted_at.is_none() => {
                self.contacted_at = Some(now);
                self.contacted_by = by;
            }
            CallbackStatus::Resolved => self.resolved_at = Some(now),
            CallbackStatus::Pending => self.escalated_at = None,
            CallbackStatus::Contacted | CallbackStatus::Failed => {}
        }
        Ok(())
    }

    /// Remembers a try; one that reached them makes a pending callback contacted.
    ///
    /// # Errors
    /// [`InvalidCallbackTransition`] when it is finished.
    pub fn attempt(&mut self, attempt: CallAttempt) -> Result<(), InvalidCallbackTransition> {
        if !self.status.is_unfinished() {
            return Err(InvalidCallbackTransition {
                from: self.status,
                attempted: CallbackStatus::Contacted,
            });
        }
        if attempt.outcome == AttemptOutcome::Reached && self.status == CallbackStatus::Pending {
            self.set_status(CallbackStatus::Contacted, attempt.by, attempt.at)?;
        }
        self.updated_at = attempt.at;
        self.attempts.push(attempt);
        Ok(())
    }
}

/// What makes two numbers the same: their E.164 form, or else their digits.
#[must_use]
pub fn number_key(typed: &str, e164: Option<&str>) -> String {
    e164.map_or_else(|| typed.chars().filter(char::is_ascii_digit).collect(), str::to_owned)
}

/// Checks a contact number: `^\+?[\d\s\-()]{8,}$` with at least 8 digits and at most 50
/// characters. Gives it back trimmed.
pub fn check_contact_number(input: &mut Input, field: &str, typed: &str) -> String {
    let number = typed.trim();
    if number.is_empty() {
        input.refuse(field, "Contact number is required");
        return String::new();
    }
    let body = number.strip_prefix('+').unwrap_or(number);
    let is_plausible = body
        .chars()
        .all(|character| character.is_ascii_digit() || matches!(character, ' ' | '\t' | '\u{a0}' | '-' | '(' | ')'));
    let digits = body.chars().filter(char::is_ascii_digit).count();
    if !is_plausible || digits < 8 || number.chars().count() > 50 {
        input.refuse(field, "Invalid contact number format");
    }
    number.to_owned()
}

/// Turns a number as typed into E.164 with `region` (ISO 3166-1 alpha-2) for numbers without a
/// country code; none when it isn't a possible number there.
///
/// ```
/// use support_core::model::e164;
/// assert_eq!(e164("030 1234567", Some("DE")).as_deref(), Some("+49301234567"));
/// assert_eq!(e164("0000 0000", Some("DE")), None);
/// ```
#[must_use]
pub fn e164(typed: &str, region: Option<&str>) -> Option<String> {
    let region = region.and_then(|region| region.parse().ok());
    let number = phonenumber::parse(region, typed).ok()?;
    number
        .is_valid()
        .then(|| number.format().mode(phonenumber::Mode::E164).to_string())
}
