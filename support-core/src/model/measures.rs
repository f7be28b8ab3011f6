//! What is measured of a ticket while messages come and its state changes.
//!
//! A response counts from the first message of a customer's turn to the next public answer by a
//! person: what bots and the software say, and notes, neither count nor end the turn. A turn that
//! nobody answered before the ticket was finished has no response.

use std::{collections::BTreeMap, time::Duration};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    AgentId, Alarm, Calendar, Contribution, DepartmentId, Figures, Kept, Message, Priority, Promise, Sender,
    SenderKind, Span, Spread, Status, Terms, Ticket, Timestamp,
    sla::{Measured, SlaClock},
};

/// Under what a ticket counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Counted {
    day: NaiveDate,
    department: Option<DepartmentId>,
    agent: Option<AgentId>,
    status: Status,
    priority: Priority,
}

/// A length of time by the calendar on the wall, and in office hours where there are any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Length {
    millis: u64,
    in_office: Option<u64>,
}

impl Length {
    fn between(from: Timestamp, to: Timestamp, calendar: &Calendar) -> Self {
        let millis = |length: Duration| u64::try_from(length.as_millis()).unwrap_or(u64::MAX);
        Self {
            millis: millis(to.since(from)),
            in_office: calendar.has_hours().then(|| millis(calendar.open_between(from, to))),
        }
    }

    fn add_to(self, figures: &mut Figures, span: Span, in_office: Span) {
        figures.add_span(span, Duration::from_millis(self.millis));
        if let Some(millis) = self.in_office {
            figures.add_span(in_office, Duration::from_millis(millis));
        }
    }
}

/// The first answer of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Answer {
    by: Option<AgentId>,
    length: Length,
}

/// Everything that one person answered, added up: a long conversation must not make a long row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Answers {
    by: Option<AgentId>,
    lengths: Spread,
    in_office: Spread,
}

/// The latest resolution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Resolved {
    at: Timestamp,
    by: Option<AgentId>,
    length: Length,
}

/// What is measured of a ticket. Kept by the store with each change, under the terms that come
/// with it, and told to nobody: what it [contributes](Self::contribution) goes into the figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measures {
    counted: Counted,
    created_at: Timestamp,
    messages: i64,
    last_said_at: Option<Timestamp>,
    first_customer_message_at: Option<Timestamp>,
    /// The first message of the turn that nobody has answered.
    waiting_since: Option<Timestamp>,
    first_answer: Option<Answer>,
    answers: Vec<Answers>,
    resolved: Option<Resolved>,
    rated: Option<(u8, Option<AgentId>)>,
    response_clock: Option<SlaClock>,
    resolution_clock: SlaClock,
    first_responses: Kept,
    next_responses: Kept,
    resolutions: Kept,
}

impl Measures {
    /// Of a ticket that was just opened.
    #[must_use]
    pub fn of_new(ticket: &Ticket, terms: &Terms) -> Self {
        let measured = Measured {
            terms,
            department: ticket.department,
            priority: ticket.priority,
        };
        let measures = Self {
            counted: Counted {
                day: terms.calendars.of(None).day(ticket.created_at),
                department: ticket.department,
                agent: None,
                status: ticket.state.status(),
                priority: ticket.priority,
            },
            created_at: ticket.created_at,
            messages: 0,
            last_said_at: None,
            first_customer_message_at: None,
            waiting_since: None,
            first_answer: None,
            answers: Vec::new(),
            resolved: None,
            rated: None,
            response_clock: None,
            resolution_clock: SlaClock::start(Promise::Resolution, ticket.created_at, measured),
            first_responses: Kept::default(),
            next_responses: Kept::default(),
            resolutions: Kept::default(),
        };
        measures.with_ticket(ticket, ticket.created_at, terms)
    }

    fn measured<'a>(&self, terms: &'a Terms) -> Measured<'a> {
        Measured {
            terms,
            department: self.counted.department,
            priority: self.counted.priority,
        }
    }

    /// After one more message.
    #[must_use]
    pub fn with_message(mut self, message: &Message, terms: &Terms) -> Self {
        if !message.is_public() || message.side().is_none() {
            return self;
        }
        self.messages += 1;
        self.last_said_at = Some(message.created_at);
        match message.sender.kind() {
            SenderKind::Customer => self.customer_wrote(message.created_at, terms),
            SenderKind::Agent => self.person_answered(message, terms),
            SenderKind::Bot | SenderKind::System => {}
        }
        self
    }

    fn customer_wrote(&mut self, at: Timestamp, terms: &Terms) {
        self.first_customer_message_at.get_or_insert(at);
        if self.waiting_since.is_some() {
            return;
        }
        self.waiting_since = Some(at);
        let promise = if self.first_answer.is_none() {
            Promise::FirstResponse
        } else {
            Promise::NextResponse
        };
        self.response_clock = Some(SlaClock::start(promise, at, self.measured(terms)));
    }

    fn person_answered(&mut self, message: &Message, terms: &Terms) {
        let Some(first_message) = self.first_customer_message_at else {
            return;
        };
        let at = message.created_at;
        let answer = |since| Answer {
            by: match message.sender {
                Sender::Agent(agent) => agent,
                _ => None,
            },
            length: Length::between(since, at, terms.calendars.of(self.counted.department)),
        };
        let turn = self.waiting_since.take().map(answer);
        let first = answer(first_message);
        if let Some(turn) = turn {
            self.note_answer(&turn);
        }
        self.end_response_clock(Some(at));
        self.first_answer.get_or_insert(first);
    }

    fn note_answer(&mut self, answer: &Answer) {
        let place = self.answers.iter().position(|answers| answers.by == answer.by);
        let place = place.unwrap_or_else(|| {
            self.answers.push(Answers {
                by: answer.by,
                lengths: Spread::default(),
                in_office: Spread::default(),
            });
            self.answers.len() - 1
        });
        let Some(answers) = self.answers.get_mut(place) else {
            return;
        };
        answers.lengths.add(Duration::from_millis(answer.length.millis));
        if let Some(millis) = answer.length.in_office {
            answers.in_office.add(Duration::from_millis(millis));
        }
    }

    /// The turn is over, answered at `at` or never.
    fn end_response_clock(&mut self, at: Option<Timestamp>) {
        let Some(clock) = self.response_clock.take() else {
            return;
        };
        let is_kept = match at {
            Some(at) => clock.is_kept_by(at),
            None => clock.is_breached.then_some(false),
        };
        let kept = if self.first_answer.is_none() {
            &mut self.first_responses
        } else {
            &mut self.next_responses
        };
        count(kept, is_kept);
    }

    /// After a change of the ticket at `at`.
    #[must_use]
    pub fn with_ticket(mut self, ticket: &Ticket, at: Timestamp, terms: &Terms) -> Self {
        let status = ticket.state.status();
        self.counted = Counted {
            day: self.counted.day,
            department: ticket.department,
            agent: ticket.answerable_agent(),
            status,
            priority: ticket.priority,
        };
        self.rated = ticket.rating.as_ref().map(|rating| (rating.stars, rating.agent));
        let measured = self.measured(terms);
        if let Some(clock) = &mut self.response_clock {
            clock.aim(measured);
        }
        self.resolution_clock.aim(measured);
        if status.is_unfinished() {
            self.resolved = None;
            self.resolutions = Kept::default();
            if status == Status::Pending {
                self.resolution_clock.pause(at, measured);
            } else {
                self.resolution_clock.resume(at, measured);
            }
        } else {
            self.finish(ticket, at, terms);
        }
        self
    }

    fn finish(&mut self, ticket: &Ticket, at: Timestamp, terms: &Terms) {
        self.waiting_since = None;
        self.end_response_clock(None);
        let measured = self.measured(terms);
        self.resolution_clock.pause(at, measured);
        let Some(resolution) = ticket.state.resolution() else {
            self.resolved = None;
            return;
        };
        if self
            .resolved
            .as_ref()
            .is_some_and(|resolved| resolved.at == resolution.at)
        {
            return;
        }
        self.resolved = Some(Resolved {
            at: resolution.at,
            by: ticket.answerable_agent(),
            length: Length::between(self.created_at, resolution.at, measured.calendar()),
        });
        let is_kept = self
            .resolution_clock
            .is_kept_within(measured.target(Promise::Resolution));
        self.resolutions = Kept::default();
        count(&mut self.resolutions, is_kept);
    }

    /// When somebody has to be told of a promise that is, or soon will be, broken.
    #[must_use]
    pub fn rings_at(&self) -> Option<Timestamp> {
        let response = self.response_clock.as_ref().and_then(SlaClock::rings_at);
        [response, self.resolution_clock.rings_at()].into_iter().flatten().min()
    }

    /// What is to be told by `now`.
    #[must_use]
    pub fn alarms(&self, now: Timestamp) -> Vec<Alarm> {
        let response = self.response_clock.as_ref().and_then(|clock| clock.alarm(now));
        [response, self.resolution_clock.alarm(now)]
            .into_iter()
            .flatten()
            .collect()
    }

    /// After somebody was told.
    #[must_use]
    pub fn with_alarm(mut self, alarm: Alarm) -> Self {
        if let Some(clock) = &mut self.response_clock {
            clock.note(alarm);
        }
        self.resolution_clock.note(alarm);
        self
    }

    /// What the ticket adds to the figures.
    #[must_use]
    pub fn contribution(&self) -> Contribution {
        let mut parts: BTreeMap<Option<AgentId>, Figures> = BTreeMap::new();
        self.add_ticket(parts.entry(self.counted.agent).or_default());
        if let Some(Answer { by, length }) = &self.first_answer {
            let figures = parts.entry(*by).or_default();
            length.add_to(figures, Span::FirstResponse, Span::FirstResponseInOffice);
        }
        for Answers { by, lengths, in_office } in &self.answers {
            let figures = parts.entry(*by).or_default();
            figures.add_spread(Span::Response, lengths);
            figures.add_spread(Span::ResponseInOffice, in_office);
        }
        if let Some(Resolved { by, length, .. }) = &self.resolved {
            let figures = parts.entry(*by).or_default();
            length.add_to(figures, Span::Resolution, Span::ResolutionInOffice);
        }
        if let Some((stars, agent)) = self.rated {
            parts.entry(agent).or_default().add_stars(stars);
        }
        Contribution {
            day: self.counted.day,
            department: self.counted.department,
            parts: parts.into_iter().collect(),
        }
    }

    fn add_ticket(&self, figures: &mut Figures) {
        figures.add_ticket(self.counted.status, self.counted.priority);
        figures.counts.messages += self.messages;
        if let Some(last) = self.last_said_at {
            figures.add_span(Span::Session, last.since(self.created_at));
        }
        let (mut first, mut next, mut resolution) = (self.first_responses, self.next_responses, self.resolutions);
        if self.response_clock.as_ref().is_some_and(|clock| clock.is_breached) {
            let running = if self.first_answer.is_none() {
                &mut first
            } else {
                &mut next
            };
            running.breached += 1;
        }
        if resolution == Kept::default() && self.resolution_clock.is_breached {
            resolution.breached = 1;
        }
        figures.add_promise(Promise::FirstResponse, first);
        figures.add_promise(Promise::NextResponse, next);
        figures.add_promise(Promise::Resolution, resolution);
    }
}

fn count(kept: &mut Kept, is_kept: Option<bool>) {
    match is_kept {
        Some(true) => kept.met += 1,
        Some(false) => kept.breached += 1,
        None => {}
    }
}
