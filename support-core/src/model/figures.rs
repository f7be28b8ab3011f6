//! What tickets come to in numbers, so that they can be added up and taken back.
//!
//! A ticket counts on the day it was created, in the tenant's time zone, under its department and
//! the agent who has it; what was answered counts under whoever wrote the answer. A change takes
//! the ticket's earlier contribution back and adds the new one, so that a year over a million
//! tickets is a few hundred rows.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    time::Duration,
};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{AgentId, DepartmentId, Priority, Status, named};

named! {
    /// A length of time that is measured of tickets.
    Span {
        /// From the customer's first message to a person's first public answer.
        FirstResponse = "first_response",
        /// The same, in office hours.
        FirstResponseInOffice = "first_response_in_office",
        /// From the first message of each of the customer's turns to the next public answer by a person.
        Response = "response",
        /// The same, in office hours.
        ResponseInOffice = "response_in_office",
        /// From creation to the latest resolution.
        Resolution = "resolution",
        /// The same, in office hours.
        ResolutionInOffice = "resolution_in_office",
        /// From creation to the last words.
        Session = "session",
    }
}

named! {
    /// A promise of the tenant's about time.
    Promise {
        /// That the first answer comes in time.
        FirstResponse = "first_response",
        /// That each later answer comes in time.
        NextResponse = "next_response",
        /// That the matter is resolved in time.
        Resolution = "resolution",
    }
}

/// How many, and how long in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Total {
    /// How many.
    pub count: i64,
    /// Milliseconds added up.
    pub millis: i64,
}

impl Total {
    /// The mean in seconds; none of nothing.
    #[must_use]
    pub fn mean_seconds(self) -> Option<f64> {
        #[expect(
            clippy::cast_precision_loss,
            reason = "sums of milliseconds stay far below the 53 bits of a double's fraction"
        )]
        let mean = |total: Self| total.millis as f64 / total.count as f64 / 1_000.0;
        (self.count > 0).then(|| mean(self))
    }
}

/// How often promises were kept and broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Kept {
    /// In time.
    pub met: i64,
    /// Too late, or still not while it is too late already.
    pub breached: i64,
}

impl Kept {
    /// The share that was kept, in per cent; none of nothing.
    #[must_use]
    pub fn percent(self) -> Option<f64> {
        percent(self.met, self.met + self.breached)
    }
}

/// A share in per cent; none of nothing.
#[must_use]
pub fn percent(part: i64, whole: i64) -> Option<f64> {
    #[expect(
        clippy::cast_precision_loss,
        reason = "counts of tickets stay far below the 53 bits of a double's fraction"
    )]
    let share = |part: i64, whole: i64| part as f64 * 100.0 / whole as f64;
    (whole > 0).then(|| share(part, whole))
}

/// What is counted and added up.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// Tickets.
    pub tickets: i64,
    /// Tickets by status and, within it, priority, both in their order of declaration.
    pub standing: [[i64; 4]; 6],
    /// What customers, agents and bots said.
    pub messages: i64,
    /// Last ratings by their stars, one star first.
    pub stars: [i64; 5],
    /// Promises, in their order of declaration.
    pub promises: [Kept; 3],
    /// Spans, in their order of declaration.
    pub spans: [Total; 7],
}

/// How often spans of about the same length came up, by [`Span`] in its order of declaration and
/// [`length_class`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Lengths([BTreeMap<u16, i64>; 7]);

/// Lengths of one span, added up and by class.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Spread {
    total: Total,
    classes: BTreeMap<u16, i64>,
}

impl Spread {
    /// One more.
    pub fn add(&mut self, length: Duration) {
        self.total.count += 1;
        self.total.millis += i64::try_from(length.as_millis()).unwrap_or(i64::MAX);
        *self.classes.entry(length_class(length)).or_default() += 1;
    }
}

/// What tickets come to in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Figures {
    /// What is counted and added up.
    pub counts: Counts,
    /// How long things took, for medians and the like.
    pub lengths: Lengths,
}

/// Whole seconds up to which each has a class of its own.
const EXACT_SECONDS: u64 = 128;
/// Classes for each doubling of the length beyond.
const CLASSES_A_DOUBLING: u64 = 64;

/// The class that a length falls into: whole seconds up to two minutes, then steps of at most
/// 1.6 % (as in HDR histograms: 64 classes for each doubling).
#[must_use]
pub fn length_class(length: Duration) -> u16 {
    let seconds = length.as_secs().min(u64::from(u32::MAX));
    if seconds < EXACT_SECONDS {
        return u16::try_from(seconds).unwrap_or(u16::MAX);
    }
    let doublings = u64::from(seconds.ilog2() - EXACT_SECONDS.ilog2());
    let step = (seconds >> (doublings + 1)) - CLASSES_A_DOUBLING;
    u16::try_from(EXACT_SECONDS + doublings * CLASSES_A_DOUBLING + step).unwrap_or(u16::MAX)
}

/// The seconds that stand for a class: the middle of it.
#[must_use]
pub fn seconds_of_class(class: u16) -> u64 {
    let class = u64::from(class);
    if class < EXACT_SECONDS {
        return class;
    }
    let doublings = (class - EXACT_SECONDS) / CLASSES_A_DOUBLING;
    let step = (class - EXACT_SECONDS) % CLASSES_A_DOUBLING;
    let width = 2_u64 << doublings.min(40);
    (CLASSES_A_DOUBLING + step) * width + width / 2
}

#[expect(
    clippy::indexing_slicing,
    reason = "each array has as many places as the enumeration that it is asked by has names"
)]
impl Figures {
    /// A span came up once.
    pub fn add_span(&mut self, span: Span, length: Duration) {
        let mut once = Spread::default();
        once.add(length);
        self.add_spread(span, &once);
    }

    /// A span came up some times.
    pub fn add_spread(&mut self, span: Span, spread: &Spread) {
        let total = &mut self.counts.spans[span as usize];
        total.count += spread.total.count;
        total.millis += spread.total.millis;
        for (class, count) in &spread.classes {
            change_count(&mut self.lengths.0[span as usize], *class, *count);
        }
    }

    /// A ticket stands somewhere.
    pub fn add_ticket(&mut self, status: Status, priority: Priority) {
        self.counts.tickets += 1;
        self.counts.standing[status as usize][priority as usize] += 1;
    }

    /// A promise was kept, or not, so many times.
    pub fn add_promise(&mut self, promise: Promise, kept: Kept) {
        let own = &mut self.counts.promises[promise as usize];
        own.met += kept.met;
        own.breached += kept.breached;
    }

    /// Somebody gave one to five stars.
    pub fn add_stars(&mut self, stars: u8) {
        if let Some(count) = usize::from(stars)
            .checked_sub(1)
            .and_then(|place| self.counts.stars.get_mut(place))
        {
            *count += 1;
        }
    }

    /// Takes these figures on top.
    pub fn add(&mut self, other: &Self) {
        self.merge(other, 1);
    }

    /// Takes these figures away.
    pub fn subtract(&mut self, other: &Self) {
        self.merge(other, -1);
    }

    fn merge(&mut self, other: &Self, sign: i64) {
        let Counts {
            tickets,
            standing,
            messages,
            stars,
            promises,
            spans,
        } = &other.counts;
        let own = &mut self.counts;
        own.tickets += sign * tickets;
        own.messages += sign * messages;
        for (own, other) in own.standing.iter_mut().flatten().zip(standing.iter().flatten()) {
            *own += sign * other;
        }
        for (own, other) in own.stars.iter_mut().zip(stars) {
            *own += sign * other;
        }
        for (own, other) in own.promises.iter_mut().zip(promises) {
            own.met += sign * other.met;
            own.breached += sign * other.breached;
        }
        for (own, other) in own.spans.iter_mut().zip(spans) {
            own.count += sign * other.count;
            own.millis += sign * other.millis;
        }
        for (own, other) in self.lengths.0.iter_mut().zip(&other.lengths.0) {
            for (class, count) in other {
                change_count(own, *class, sign * count);
            }
        }
    }

    /// Tickets of a status.
    #[must_use]
    pub fn with_status(&self, status: Status) -> i64 {
        self.counts.standing[status as usize].iter().sum()
    }

    /// Tickets of a priority.
    #[must_use]
    pub fn with_priority(&self, priority: Priority) -> i64 {
        self.counts.standing.iter().map(|by| by[priority as usize]).sum()
    }

    /// How many there were of a span, and how long in all.
    #[must_use]
    pub const fn span(&self, span: Span) -> Total {
        self.counts.spans[span as usize]
    }

    /// How a promise was kept.
    #[must_use]
    pub const fn promise(&self, promise: Promise) -> Kept {
        self.counts.promises[promise as usize]
    }

    /// The length in seconds that `percent` of a hundred stay within, by the nearest rank; none
    /// of nothing. Exact up to two minutes, then within 0.8 %.
    #[must_use]
    pub fn percentile(&self, span: Span, percent: u32) -> Option<u64> {
        let lengths = &self.lengths.0[span as usize];
        let all: i64 = lengths.values().sum();
        let rank = (all * i64::from(percent)).div_euclid(100) + i64::from((all * i64::from(percent)) % 100 != 0);
        let mut passed = 0;
        lengths.iter().find_map(|(class, count)| {
            passed += count;
            (passed >= rank.max(1)).then(|| seconds_of_class(*class))
        })
    }

    /// The shortest and the longest, in seconds, as exact as [`percentile`](Self::percentile).
    #[must_use]
    pub fn extremes(&self, span: Span) -> Option<(u64, u64)> {
        let lengths = &self.lengths.0[span as usize];
        let (shortest, _) = lengths.first_key_value()?;
        let (longest, _) = lengths.last_key_value()?;
        Some((seconds_of_class(*shortest), seconds_of_class(*longest)))
    }

    /// Tickets that were rated.
    #[must_use]
    pub fn ratings(&self) -> i64 {
        self.counts.stars.iter().sum()
    }

    /// The mean of the stars; none without ratings.
    #[must_use]
    pub fn mean_stars(&self) -> Option<f64> {
        let stars: i64 = (1..).zip(self.counts.stars).map(|(stars, count)| stars * count).sum();
        percent(stars, self.ratings()).map(|hundredfold| hundredfold / 100.0)
    }

    /// The share of four and five stars among ratings, in per cent; none without ratings.
    #[must_use]
    pub fn satisfied_percent(&self) -> Option<f64> {
        let [.., four, five] = self.counts.stars;
        percent(four + five, self.ratings())
    }
}

fn change_count(counts: &mut BTreeMap<u16, i64>, class: u16, by: i64) {
    match counts.entry(class) {
        Entry::Vacant(vacant) if by != 0 => drop(vacant.insert(by)),
        Entry::Vacant(_) => {}
        Entry::Occupied(mut occupied) => {
            *occupied.get_mut() += by;
            if *occupied.get() == 0 {
                occupied.remove();
            }
        }
    }
}

/// For whom figures are added up: each with both, with one, and all of the tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FigureScope {
    /// Tickets of this department only.
    pub department: Option<DepartmentId>,
    /// What is this agent's only.
    pub agent: Option<AgentId>,
}

/// What one ticket adds to the figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contribution {
    /// The day it counts on.
    pub day: NaiveDate,
    /// The department it counts under.
    pub department: Option<DepartmentId>,
    /// What each agent's part is, and what is nobody's.
    pub parts: Vec<(Option<AgentId>, Figures)>,
}

impl Contribution {
    /// What goes where: to all, to the department, to each agent, to each agent in the department.
    pub fn by_scope(&self) -> impl Iterator<Item = (FigureScope, &Figures)> {
        let department = self.department;
        let narrowed = move |agent: Option<AgentId>| {
            let everyone = FigureScope::default();
            let of_department = department.map(|department| FigureScope {
                department: Some(department),
                ..everyone
            });
            let of_agent = agent.map(|agent| FigureScope {
                agent: Some(agent),
                ..everyone
            });
            let of_both = department.zip(agent).map(|(department, agent)| FigureScope {
                department: Some(department),
                agent: Some(agent),
            });
            [Some(everyone), of_department, of_agent, of_both]
        };
        self.parts.iter().flat_map(move |(agent, figures)| {
            narrowed(*agent)
                .into_iter()
                .flatten()
                .map(move |scope| (scope, figures))
        })
    }
}

/// Where figures are added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FigurePlace {
    /// The day the tickets were created.
    pub day: NaiveDate,
    /// Whose they are.
    pub scope: FigureScope,
}

/// How a batch of changes moves the figures of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FigureChanges(BTreeMap<FigurePlace, Figures>);

impl FigureChanges {
    /// A ticket came to `after` from `before`; either may be nothing.
    pub fn replace(&mut self, before: Option<&Contribution>, after: Option<&Contribution>) {
        for (contribution, sign) in [(before, -1), (after, 1)] {
            let Some(contribution) = contribution else { continue };
            for (scope, figures) in contribution.by_scope() {
                let place = FigurePlace {
                    day: contribution.day,
                    scope,
                };
                self.0.entry(place).or_default().merge(figures, sign);
            }
        }
    }

    /// What changes where; places where nothing does are left out.
    pub fn into_changes(self) -> impl Iterator<Item = (FigurePlace, Figures)> {
        let nothing = Figures::default();
        self.0.into_iter().filter(move |(_, change)| *change != nothing)
    }
}
