//! Figures against a look over all that happened.

use std::{collections::BTreeMap, time::Duration};

use proptest::prelude::*;
use support_core::{
    model::{
        AgentId, Assignment, Calendar, Closing, DepartmentId, FigureChanges, FigurePlace, FigureScope, Figures,
        InboxId, Measures, Message, MessageKind, Office, OfficeHours, OpeningInterval, Priority, Promise, Resolution,
        Sender, SlaSettings, SlaTargets, Span, Status, Terms, Ticket, TicketState, Timestamp, Weekday,
    },
    testing::Samples,
};
use uuid::Uuid;

const AGENTS: [u128; 2] = [11, 12];
const DEPARTMENTS: [u128; 2] = [21, 22];

fn agent(place: u8) -> AgentId {
    AgentId::new(Uuid::from_u128(AGENTS[usize::from(place) % 2]))
}

fn department(place: u8) -> DepartmentId {
    DepartmentId::new(Uuid::from_u128(DEPARTMENTS[usize::from(place) % 2]))
}

/// Nine to six on working days, in Berlin.
fn terms() -> Terms {
    let days = [
        Weekday::Monday,
        Weekday::Tuesday,
        Weekday::Wednesday,
        Weekday::Thursday,
        Weekday::Friday,
    ];
    let weekly = days.map(|day| OpeningInterval {
        day,
        from: "09:00".parse().unwrap(),
        to: "18:00".parse().unwrap(),
    });
    let hours = OfficeHours {
        weekly: weekly.to_vec(),
        holidays: Vec::new(),
    };
    Terms {
        calendars: Calendar::new(chrono_tz::Europe::Berlin, Some(&hours)).into(),
        ..Terms::default()
    }
}

/// Something that happens to a ticket.
#[derive(Debug, Clone, Copy)]
enum Step {
    Says(Voice),
    Becomes(u8, u8),
    Moves(u8),
    Turns(u8),
    Rates(u8),
}

#[derive(Debug, Clone, Copy)]
enum Voice {
    Customer,
    Agent(u8),
    Team,
    Note(u8),
    Bot,
    System,
}

fn steps() -> impl Strategy<Value = Step> {
    let voices = prop_oneof![
        4 => Just(Voice::Customer),
        3 => any::<u8>().prop_map(Voice::Agent),
        1 => Just(Voice::Team),
        1 => any::<u8>().prop_map(Voice::Note),
        1 => Just(Voice::Bot),
        1 => Just(Voice::System),
    ];
    prop_oneof![
        8 => voices.prop_map(Step::Says),
        4 => any::<(u8, u8)>().prop_map(|(to, by)| Step::Becomes(to, by)),
        1 => any::<u8>().prop_map(Step::Moves),
        1 => any::<u8>().prop_map(Step::Turns),
        1 => (1_u8..=5).prop_map(Step::Rates),
    ]
}

/// What came of a step, as a witness would write it down.
#[derive(Debug)]
enum Seen {
    Said(Message),
    Finished,
}

struct History {
    ticket: Ticket,
    seen: Vec<Seen>,
}

struct World {
    samples: Samples,
    terms: Terms,
    now: Timestamp,
    histories: Vec<History>,
    measures: Vec<Measures>,
    kept: BTreeMap<FigurePlace, Figures>,
}

impl World {
    fn new() -> Self {
        Self {
            samples: Samples::new(),
            terms: terms(),
            // The clocks go forward in the first night.
            now: "2026-03-27T15:00:00Z".parse().unwrap(),
            histories: Vec::new(),
            measures: Vec::new(),
            kept: BTreeMap::new(),
        }
    }

    fn open(&mut self) {
        let mut ticket = self.samples.ticket(InboxId::new(Uuid::from_u128(1)));
        ticket.created_at = self.now;
        let measures = Measures::of_new(&ticket, &self.terms);
        self.keep(None, &measures);
        self.measures.push(measures);
        let seen = Vec::new();
        self.histories.push(History { ticket, seen });
    }

    fn keep(&mut self, before: Option<&Measures>, after: &Measures) {
        let mut changes = FigureChanges::default();
        let before = before.map(Measures::contribution);
        changes.replace(before.as_ref(), Some(&after.contribution()));
        for (place, change) in changes.into_changes() {
            self.kept.entry(place).or_default().add(&change);
        }
    }

    fn take(&mut self, which: usize, step: Step) {
        let place = which % self.histories.len();
        let now = self.now;
        let history = &mut self.histories[place];
        let before = self.measures[place].clone();
        let after = match step {
            Step::Says(voice) => {
                let message = said(&self.samples, &history.ticket, voice, now);
                history.seen.push(Seen::Said(message.clone()));
                before.clone().with_message(&message, &self.terms)
            }
            step => {
                let Some(ticket) = changed(history.ticket.clone(), step, now) else {
                    return;
                };
                if !ticket.state.status().is_unfinished() {
                    history.seen.push(Seen::Finished);
                }
                history.ticket = ticket;
                before.clone().with_ticket(&history.ticket, now, &self.terms)
            }
        };
        self.keep(Some(&before), &after);
        self.measures[place] = after;
    }

    /// The figures of a scope, by looking at everything again.
    fn looked_up(&self, scope: FigureScope) -> Figures {
        let mut figures = Figures::default();
        for history in &self.histories {
            look_at(&mut figures, history, scope, self.terms.calendars.of(None));
        }
        figures
    }

    fn added_up(&self, scope: FigureScope) -> Figures {
        let mut figures = Figures::default();
        for (_, day) in self.kept.iter().filter(|(place, _)| place.scope == scope) {
            figures.add(day);
        }
        figures
    }
}

fn said(samples: &Samples, ticket: &Ticket, voice: Voice, at: Timestamp) -> Message {
    let sender = match voice {
        Voice::Customer => Sender::Customer(ticket.requester),
        Voice::Agent(by) | Voice::Note(by) => Sender::Agent(Some(agent(by))),
        Voice::Team => Sender::Agent(None),
        Voice::Bot => Sender::Bot,
        Voice::System => Sender::System,
    };
    let mut message = samples.message(ticket.id, sender);
    message.created_at = at;
    if matches!(voice, Voice::Note(_)) {
        message.kind = MessageKind::Note;
    }
    message
}

fn changed(mut ticket: Ticket, step: Step, at: Timestamp) -> Option<Ticket> {
    match step {
        Step::Says(_) => return None,
        Step::Moves(to) => ticket.department = Some(department(to)),
        Step::Turns(to) => ticket.priority = Priority::ALL[usize::from(to) % 4],
        Step::Rates(stars) => return ticket.rate(stars, None, at).ok(),
        Step::Becomes(to, by) => {
            let was_finished = !ticket.state.status().is_unfinished();
            ticket.state = next_state(ticket.state.clone(), to, agent(by), at)?;
            if was_finished && ticket.state.status().is_unfinished() {
                ticket.reopened_count += 1;
            }
        }
    }
    Some(ticket)
}

fn next_state(state: TicketState, to: u8, by: AgentId, at: Timestamp) -> Option<TicketState> {
    let resolution = Resolution {
        at,
        by: Some(by),
        notes: None,
    };
    let step = match to % 7 {
        0 | 1 => state.assign(Assignment { agent: by, at }),
        2 => state.pend(),
        3 | 4 => state.resolve(resolution),
        5 => state.close(Closing { at, by: None }),
        _ => state.reopen(true, Office::Staffed),
    };
    step.ok()
}

fn look_at(figures: &mut Figures, history: &History, scope: FigureScope, calendar: &Calendar) {
    let ticket = &history.ticket;
    if scope.department.is_some() && ticket.department != scope.department {
        return;
    }
    let is_theirs = |agent: Option<AgentId>| scope.agent.is_none() || agent == scope.agent;
    let mut span = |span: Span, in_office: Span, from: Timestamp, to: Timestamp| {
        figures.add_span(span, to.since(from));
        figures.add_span(in_office, calendar.open_between(from, to));
    };
    let (mut asked, mut turn, mut answered) = (None, None, false);
    let (mut words, mut last) = (0, None);
    for seen in &history.seen {
        let Seen::Said(message) = seen else {
            turn = None;
            continue;
        };
        let at = message.created_at;
        let is_public = message.kind != MessageKind::Note;
        if is_public && message.sender != Sender::System {
            words += 1;
            last = Some(at);
        }
        match message.sender {
            Sender::Customer(_) => {
                asked.get_or_insert(at);
                turn.get_or_insert(at);
            }
            Sender::Agent(by) if is_public => {
                if let (Some(asked), false) = (asked, answered) {
                    answered = true;
                    if is_theirs(by) {
                        span(Span::FirstResponse, Span::FirstResponseInOffice, asked, at);
                    }
                }
                if let Some(turn) = turn.take()
                    && is_theirs(by)
                {
                    span(Span::Response, Span::ResponseInOffice, turn, at);
                }
            }
            _ => {}
        }
    }
    if let Some(resolution) = ticket.state.resolution()
        && is_theirs(resolution.by)
    {
        span(
            Span::Resolution,
            Span::ResolutionInOffice,
            ticket.created_at,
            resolution.at,
        );
    }
    let rated = ticket.rating.as_ref().filter(|rating| is_theirs(rating.agent));
    if let Some(rating) = rated {
        figures.add_stars(rating.stars);
    }
    if is_theirs(ticket.answerable_agent()) {
        figures.add_ticket(ticket.state.status(), ticket.priority);
        figures.counts.messages += words;
        if let Some(last) = last {
            figures.add_span(Span::Session, last.since(ticket.created_at));
        }
    }
}

proptest! {
    #[test]
    fn figures_equal_a_look_over_everything(
        openings in 1_usize..4,
        steps in proptest::collection::vec((0_usize..4, 0_u64..20_000, steps()), 0..60),
    ) {
        let mut world = World::new();
        for _ in 0..openings {
            world.open();
            world.now = world.now.plus(Duration::from_secs(40_000));
        }
        for (which, seconds, step) in steps {
            world.now = world.now.plus(Duration::from_secs(seconds));
            world.take(which, step);
        }
        let departments = DEPARTMENTS.map(|id| Some(DepartmentId::new(Uuid::from_u128(id))));
        let agents = AGENTS.map(|id| Some(AgentId::new(Uuid::from_u128(id))));
        for department in departments.into_iter().chain([None]) {
            for agent in agents.into_iter().chain([None]) {
                let scope = FigureScope { department, agent };
                prop_assert_eq!(world.added_up(scope), world.looked_up(scope), "{:?}", scope);
            }
        }
    }

    #[test]
    fn a_percentile_is_that_of_the_nearest_rank_within_a_hundredth(
        mut lengths in proptest::collection::vec(0_u64..2_000_000, 1..200),
        percent in 1_u32..=100,
    ) {
        let mut figures = Figures::default();
        for seconds in &lengths {
            figures.add_span(Span::Response, Duration::from_secs(*seconds));
        }
        lengths.sort_unstable();
        let rank = (lengths.len() * percent as usize).div_ceil(100).max(1);
        let exact = lengths[rank - 1];
        let told = figures.percentile(Span::Response, percent).unwrap();
        prop_assert!(told.abs_diff(exact) * 100 <= exact, "{} for {}", told, exact);
        if exact < 128 {
            prop_assert_eq!(told, exact);
        }
    }
}

struct Case {
    samples: Samples,
    ticket: Ticket,
    measures: Measures,
    terms: Terms,
}

impl Case {
    fn opened(at: &str, terms: Terms) -> Self {
        let samples = Samples::new();
        let mut ticket = samples.ticket(InboxId::new(Uuid::from_u128(1)));
        ticket.created_at = time(at);
        let measures = Measures::of_new(&ticket, &terms);
        Self {
            samples,
            ticket,
            measures,
            terms,
        }
    }

    fn says(&mut self, voice: Voice, at: &str) {
        let message = said(&self.samples, &self.ticket, voice, time(at));
        self.measures = self.measures.clone().with_message(&message, &self.terms);
    }

    fn becomes(&mut self, at: &str, state: impl FnOnce(TicketState, Timestamp) -> TicketState) {
        let was_finished = !self.ticket.state.status().is_unfinished();
        self.ticket.state = state(self.ticket.state.clone(), time(at));
        if was_finished && self.ticket.state.status().is_unfinished() {
            self.ticket.reopened_count += 1;
        }
        self.measures = self.measures.clone().with_ticket(&self.ticket, time(at), &self.terms);
    }

    fn rates(&mut self, stars: u8, at: &str) {
        self.ticket = self.ticket.clone().rate(stars, None, time(at)).unwrap();
        self.measures = self.measures.clone().with_ticket(&self.ticket, time(at), &self.terms);
    }

    fn figures(&self) -> Figures {
        let mut all = Figures::default();
        for (scope, figures) in self.measures.contribution().by_scope() {
            if scope == FigureScope::default() {
                all.add(figures);
            }
        }
        all
    }

    fn mean(&self, span: Span) -> Option<f64> {
        self.figures().span(span).mean_seconds()
    }
}

fn time(at: &str) -> Timestamp {
    at.parse().unwrap()
}

fn resolved(state: TicketState, at: Timestamp) -> TicketState {
    let resolution = Resolution {
        at,
        by: Some(agent(0)),
        notes: None,
    };
    state.resolve(resolution).unwrap()
}

fn reopened(state: TicketState, _: Timestamp) -> TicketState {
    state.reopen(true, Office::Staffed).unwrap()
}

#[test]
fn two_minutes_of_office_time_lie_between_friday_evening_and_monday_morning() {
    let mut case = Case::opened("2026-11-20T17:58:00+01:00", terms());
    case.says(Voice::Customer, "2026-11-20T17:59:00+01:00");
    case.says(Voice::Agent(0), "2026-11-23T09:01:00+01:00");
    assert_eq!(case.mean(Span::FirstResponseInOffice), Some(120.0));
    assert_eq!(case.mean(Span::FirstResponse), Some(63.0 * 3_600.0 + 120.0));
}

#[test]
fn what_an_agent_says_first_is_no_response_and_neither_is_a_note_or_a_bot() {
    let mut case = Case::opened("2026-11-20T10:00:00Z", Terms::default());
    case.says(Voice::Agent(0), "2026-11-20T10:00:01Z");
    assert_eq!(case.mean(Span::FirstResponse), None);
    case.says(Voice::Customer, "2026-11-20T10:01:00Z");
    case.says(Voice::Bot, "2026-11-20T10:01:01Z");
    case.says(Voice::Note(0), "2026-11-20T10:01:02Z");
    case.says(Voice::Customer, "2026-11-20T10:01:30Z");
    assert_eq!(case.mean(Span::FirstResponse), None);
    case.says(Voice::Agent(1), "2026-11-20T10:02:00Z");
    assert_eq!(case.mean(Span::FirstResponse), Some(60.0));
    assert_eq!(case.mean(Span::Response), Some(60.0));
    assert_eq!(case.mean(Span::FirstResponseInOffice), None, "no hours are set");
}

#[test]
fn a_reopened_ticket_has_no_resolution_until_it_is_resolved_again() {
    let mut case = Case::opened("2026-11-20T10:00:00Z", Terms::default());
    case.becomes("2026-11-20T11:00:00Z", resolved);
    assert_eq!(case.mean(Span::Resolution), Some(3_600.0));
    case.becomes("2026-11-20T12:00:00Z", reopened);
    assert_eq!(case.mean(Span::Resolution), None);
    case.becomes("2026-11-20T13:00:00Z", resolved);
    assert_eq!(case.mean(Span::Resolution), Some(3.0 * 3_600.0));
}

#[test]
fn the_last_rating_of_a_ticket_counts() {
    let mut case = Case::opened("2026-11-20T10:00:00Z", Terms::default());
    case.becomes("2026-11-20T11:00:00Z", resolved);
    case.rates(1, "2026-11-20T11:30:00Z");
    let again = case.ticket.clone().rate(2, None, time("2026-11-20T11:31:00Z"));
    assert!(again.is_err(), "once for each resolution");
    case.becomes("2026-11-20T12:00:00Z", reopened);
    case.becomes("2026-11-20T13:00:00Z", resolved);
    case.rates(5, "2026-11-20T13:30:00Z");
    assert_eq!(case.figures().counts.stars, [0, 0, 0, 0, 1]);
    assert_eq!(case.figures().mean_stars(), Some(5.0));
    assert_eq!(case.figures().satisfied_percent(), Some(100.0));
}

#[test]
fn nothing_is_no_number() {
    let nothing = Figures::default();
    assert_eq!(nothing.mean_stars(), None);
    assert_eq!(nothing.satisfied_percent(), None);
    assert_eq!(nothing.percentile(Span::Response, 50), None);
    assert_eq!(nothing.extremes(Span::Response), None);
    assert_eq!(nothing.promise(Promise::Resolution).percent(), None);
}

/// An hour for each answer and eight for the resolution, in office hours.
fn promising() -> Terms {
    let targets = SlaTargets {
        first_response_minutes: Some(60),
        next_response_minutes: Some(60),
        resolution_minutes: Some(480),
    };
    Terms {
        sla: SlaSettings {
            targets: Priority::ALL.iter().map(|priority| (*priority, targets)).collect(),
            ..SlaSettings::default()
        },
        ..terms()
    }
}

#[test]
fn a_late_answer_stays_a_breach_and_one_in_time_a_promise_kept() {
    let mut case = Case::opened("2026-11-20T10:00:00+01:00", promising());
    case.says(Voice::Customer, "2026-11-20T10:00:00+01:00");
    assert_eq!(case.measures.rings_at(), Some(time("2026-11-20T10:48:00+01:00")));
    case.says(Voice::Agent(0), "2026-11-20T11:00:00+01:00");
    let first = case.figures().promise(Promise::FirstResponse);
    assert_eq!((first.met, first.breached), (1, 0), "to the very end is in time");
    case.says(Voice::Customer, "2026-11-20T17:30:00+01:00");
    case.says(Voice::Agent(0), "2026-11-23T09:30:00.001+01:00");
    let next = case.figures().promise(Promise::NextResponse);
    assert_eq!((next.met, next.breached), (0, 1));
}

#[test]
fn a_breach_is_told_once_and_counts_before_anybody_answers() {
    let mut case = Case::opened("2026-11-20T10:00:00+01:00", promising());
    case.says(Voice::Customer, "2026-11-20T10:00:00+01:00");
    let warned_at = time("2026-11-20T10:48:00+01:00");
    let warnings = case.measures.alarms(warned_at);
    assert_eq!(warnings.len(), 1);
    let warning = warnings[0];
    assert!(!warning.is_breach);
    case.measures = case.measures.clone().with_alarm(warning);
    assert_eq!(case.measures.rings_at(), Some(time("2026-11-20T11:00:00+01:00")));
    let breaches = case.measures.alarms(time("2026-11-20T11:00:00+01:00"));
    assert_eq!(breaches.len(), 1);
    let breach = breaches[0];
    assert!(breach.is_breach);
    case.measures = case.measures.clone().with_alarm(breach);
    assert_eq!(case.figures().promise(Promise::FirstResponse).breached, 1);
    case.says(Voice::Agent(0), "2026-11-20T11:30:00+01:00");
    let first = case.figures().promise(Promise::FirstResponse);
    assert_eq!((first.met, first.breached), (0, 1), "it is one breach still");
}

#[test]
fn the_resolution_clock_stands_still_while_a_ticket_is_pending() {
    let mut case = Case::opened("2026-11-20T09:00:00+01:00", promising());
    case.becomes("2026-11-20T10:00:00+01:00", |state, _| state.pend().unwrap());
    assert_eq!(case.measures.rings_at(), None);
    let back = |state: TicketState, at| state.assign(Assignment { agent: agent(0), at }).unwrap();
    case.becomes("2026-11-20T17:00:00+01:00", |state, at| {
        back(state, at).resume(Assignment { agent: agent(0), at }).unwrap()
    });
    // One of eight hours had passed; one is left on Friday, six more end on Monday at three.
    case.measures = case.measures.clone().with_alarm(support_core::model::Alarm {
        promise: Promise::Resolution,
        is_breach: false,
    });
    assert_eq!(case.measures.rings_at(), Some(time("2026-11-23T15:00:00+01:00")));
    case.becomes("2026-11-23T15:00:00+01:00", resolved);
    let kept = case.figures().promise(Promise::Resolution);
    assert_eq!((kept.met, kept.breached), (1, 0));
    assert_eq!(case.measures.rings_at(), None);
    assert_eq!(case.figures().with_status(Status::Resolved), 1);
}
