//! Whether an office is open, and how much office time lies between two points in time.

use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::{Datelike, NaiveDate, Offset, TimeZone};
use chrono_tz::Tz;

use super::{Department, DepartmentId, Holiday, OfficeHours, OpeningInterval, Tenant, Timestamp};

/// Tells open from closed, somewhere in the world. Cheap to clone.
///
/// What clocks on the wall show decides: of the hour that is skipped in spring nothing counts,
/// and the one that is repeated in autumn counts twice.
///
/// ```
/// use std::time::Duration;
/// use support_core::model::{Calendar, OfficeHours, OpeningInterval, Weekday};
/// let open = |day| OpeningInterval { day, from: "09:00".parse().unwrap(), to: "18:00".parse().unwrap() };
/// let weekly = [Weekday::Monday, Weekday::Friday].map(open).to_vec();
/// let hours = OfficeHours { weekly, holidays: Vec::new() };
/// let calendar = Calendar::new(chrono_tz::Europe::Berlin, Some(&hours));
///
/// let asked = "2026-11-20T17:59:00+01:00".parse().unwrap();
/// let answered = "2026-11-23T09:01:00+01:00".parse().unwrap();
/// assert_eq!(calendar.open_between(asked, answered), Duration::from_secs(120));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    timezone: Tz,
    pattern: Option<Arc<Pattern>>,
}

const DAY: i64 = 24 * 60 * 60 * 1000;
/// Clocks were never set and set back again within so long, and nowhere are they planned to be
/// (the IANA database knows of 6 days and 23 hours): if they agree with UTC in the same way at its
/// beginning and end, they did all the while.
const EVEN: i64 = 6 * DAY;
/// How far ahead an opening is looked for: longer than all holidays together can last.
const OPENING_REACH: i64 = 2 * 366 * DAY;
/// How far ahead the end of a stretch of office time is looked for.
const AFTER_REACH: i64 = 10 * 366 * DAY;
/// The longest time of which the office time is counted.
const COUNTED_REACH: i64 = 100 * 366 * DAY;

impl Calendar {
    /// The calendar of a place; always open where no hours are set.
    #[must_use]
    pub fn new(timezone: Tz, hours: Option<&OfficeHours>) -> Self {
        Self {
            timezone,
            pattern: hours.map(|hours| Arc::new(Pattern::new(hours))),
        }
    }

    /// The calendar that holds for what a department does: its own hours, else the tenant's.
    #[must_use]
    pub fn of(tenant: &Tenant, department: Option<&Department>) -> Self {
        let own = department.and_then(|department| department.office_hours.as_deref());
        Self::new(tenant.timezone, own.or(tenant.settings.office_hours.as_deref()))
    }

    /// Where it is.
    #[must_use]
    pub const fn timezone(&self) -> Tz {
        self.timezone
    }

    /// Whether hours are set at all.
    #[must_use]
    pub fn has_hours(&self) -> bool {
        self.pattern.is_some()
    }

    /// Whether the office is open.
    #[must_use]
    pub fn is_open(&self, at: Timestamp) -> bool {
        self.pattern
            .as_ref()
            .is_none_or(|pattern| pattern.is_open(self.local(at.millis())))
    }

    /// The office time between two points; none when `to` is not the later one. Of more than a
    /// century, the last one is counted.
    #[must_use]
    pub fn open_between(&self, from: Timestamp, to: Timestamp) -> Duration {
        let Some(pattern) = &self.pattern else {
            return to.since(from);
        };
        let (from, to) = (
            from.millis().max(to.millis().saturating_sub(COUNTED_REACH)),
            to.millis(),
        );
        let open: i64 = self.stretches(from, to).map(|stretch| stretch.open(pattern)).sum();
        Duration::from_millis(u64::try_from(open).unwrap_or(0))
    }

    /// When so much office time has passed; none when it takes longer than ten years.
    #[must_use]
    pub fn after(&self, from: Timestamp, office_time: Duration) -> Option<Timestamp> {
        let Some(pattern) = &self.pattern else {
            return Some(from.plus(office_time));
        };
        let mut left = i64::try_from(office_time.as_millis()).ok()?;
        let end = from.millis().saturating_add(AFTER_REACH);
        for stretch in self.stretches(from.millis(), end) {
            let open = stretch.open(pattern);
            if left <= open {
                return Some(stretch.timestamp(pattern.moment_after(stretch.local_from(), left)?));
            }
            left -= open;
        }
        None
    }

    /// When the office opens next: `at` itself while it is open, none when it doesn't within
    /// two years.
    #[must_use]
    pub fn next_opening(&self, at: Timestamp) -> Option<Timestamp> {
        let Some(pattern) = &self.pattern else {
            return Some(at);
        };
        let end = at.millis().saturating_add(OPENING_REACH);
        let opening = self
            .stretches(at.millis(), end)
            .find(|stretch| stretch.open(pattern) > 0)?;
        // The first millisecond of office time ends one after the opening.
        let first = pattern.moment_after(opening.local_from(), 1)?;
        Some(opening.timestamp(first - 1))
    }

    /// The local day.
    #[must_use]
    pub fn day(&self, at: Timestamp) -> NaiveDate {
        date_of(self.local(at.millis()).div_euclid(DAY))
    }

    fn offset(&self, at: i64) -> i64 {
        let utc = Timestamp::from_millis(at).to_datetime().naive_utc();
        let offset = self.timezone.offset_from_utc_datetime(&utc).fix();
        i64::from(offset.local_minus_utc()) * 1000
    }

    fn local(&self, at: i64) -> i64 {
        at.saturating_add(self.offset(at))
    }

    /// Cuts time into pieces in which the clocks run evenly.
    fn stretches(&self, from: i64, to: i64) -> impl Iterator<Item = Stretch> {
        let mut at = from;
        std::iter::from_fn(move || {
            if at >= to {
                return None;
            }
            let stretch = self.stretch(at, to.min(at.saturating_add(EVEN)));
            at = stretch.to;
            Some(stretch)
        })
    }

    fn stretch(&self, from: i64, to: i64) -> Stretch {
        let offset = self.offset(from);
        let (mut even, mut end) = (from, to);
        if self.offset(to - 1) == offset {
            even = to;
        }
        while end - even > 1 {
            let middle = even + (end - even) / 2;
            if self.offset(middle) == offset {
                even = middle;
            } else {
                end = middle;
            }
        }
        Stretch { from, to: end, offset }
    }
}

/// The calendars of a tenant and of those departments that have hours of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendars {
    of_tenant: Calendar,
    of_departments: HashMap<DepartmentId, Calendar>,
}

impl Calendars {
    /// What a tenant and its departments have settled.
    #[must_use]
    pub fn new(tenant: &Tenant, departments: &[Department]) -> Self {
        let own = departments
            .iter()
            .filter(|department| department.office_hours.is_some());
        Self {
            of_tenant: Calendar::of(tenant, None),
            of_departments: own
                .map(|department| (department.id, Calendar::of(tenant, Some(department))))
                .collect(),
        }
    }

    /// What holds for whom a department sees to; the tenant's own for tickets of none.
    #[must_use]
    pub fn of(&self, department: Option<DepartmentId>) -> &Calendar {
        department
            .and_then(|department| self.of_departments.get(&department))
            .unwrap_or(&self.of_tenant)
    }
}

impl From<Calendar> for Calendars {
    /// One calendar for all.
    fn from(of_tenant: Calendar) -> Self {
        Self {
            of_tenant,
            of_departments: HashMap::new(),
        }
    }
}

/// Milliseconds in UTC in which the clocks run evenly, as far ahead of it as `offset`.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    from: i64,
    to: i64,
    offset: i64,
}

impl Stretch {
    const fn local_from(self) -> i64 {
        self.from.saturating_add(self.offset)
    }

    fn open(self, pattern: &Pattern) -> i64 {
        pattern.open_until(self.to.saturating_add(self.offset)) - pattern.open_until(self.local_from())
    }

    const fn timestamp(self, local: i64) -> Timestamp {
        Timestamp::from_millis(local.saturating_sub(self.offset))
    }
}

/// Office hours, prepared for counting. All times are milliseconds as the clocks on the wall show
/// them, since 1970 began there.
#[derive(Debug, PartialEq, Eq)]
struct Pattern {
    days: [OfficeDay; 7],
    week: i64,
    closings: Vec<Closing>,
}

/// A day of the week.
#[derive(Debug, Default, PartialEq, Eq)]
struct OfficeDay {
    /// From when to when it is open, ascending and apart from each other.
    openings: Vec<(i64, i64)>,
    /// How long the days of the week before it are open.
    before: i64,
}

/// A holiday.
#[derive(Debug, PartialEq, Eq)]
struct Closing {
    day: i64,
    /// The office time that is lost to it and those before it.
    lost: i64,
}

impl OfficeDay {
    /// For how long it is open until `time`.
    fn open_until(&self, time: i64) -> i64 {
        let parts = self.openings.iter().map(|(from, to)| time.clamp(*from, *to) - from);
        parts.sum()
    }
}

impl Pattern {
    fn new(hours: &OfficeHours) -> Self {
        let mut days: [OfficeDay; 7] = std::array::from_fn(|_| OfficeDay::default());
        for OpeningInterval { day, from, to } in &hours.weekly {
            let (day, from, to) = (*day as usize, from.millis(), to.millis());
            let mut add = |day: usize, from, to| {
                if let Some(day) = days.get_mut(day % 7) {
                    day.openings.push((from, to));
                }
            };
            if from < to {
                add(day, from, to);
            } else {
                add(day, from, DAY);
                add(day + 1, 0, to);
            }
        }
        let mut week = 0;
        for day in &mut days {
            day.openings = merged(std::mem::take(&mut day.openings));
            day.before = week;
            week += day.open_until(DAY);
        }
        let mut pattern = Self {
            days,
            week,
            closings: Vec::new(),
        };
        pattern.closings = pattern.closings_of(&hours.holidays);
        pattern
    }

    fn closings_of(&self, holidays: &[Holiday]) -> Vec<Closing> {
        let mut days: Vec<i64> = holidays.iter().map(|holiday| number_of(holiday.date)).collect();
        days.sort_unstable();
        days.dedup();
        let mut lost = 0;
        let closings = days.into_iter().map(|day| {
            lost += self.weekday(day).map_or(0, |weekday| weekday.open_until(DAY));
            Closing { day, lost }
        });
        closings.collect()
    }

    /// 1970 began on a Thursday.
    fn weekday(&self, day: i64) -> Option<&OfficeDay> {
        self.days.get(usize::try_from((day + 3).rem_euclid(7)).ok()?)
    }

    /// The holidays before `day`, and whether it is one itself.
    fn closed_before(&self, day: i64) -> (i64, bool) {
        let count = self.closings.partition_point(|closing| closing.day < day);
        let last = count.checked_sub(1).and_then(|last| self.closings.get(last));
        let is_closed = self.closings.get(count).is_some_and(|closing| closing.day == day);
        (last.map_or(0, |closing| closing.lost), is_closed)
    }

    fn openings(&self, day: i64) -> &[(i64, i64)] {
        match (self.closed_before(day), self.weekday(day)) {
            ((_, false), Some(weekday)) => &weekday.openings,
            _ => &[],
        }
    }

    fn is_open(&self, local: i64) -> bool {
        let (day, time) = (local.div_euclid(DAY), local.rem_euclid(DAY));
        self.openings(day).iter().any(|(from, to)| (*from..*to).contains(&time))
    }

    /// The office time up to a moment, from one that is the same for all: of use as a difference.
    fn open_until(&self, local: i64) -> i64 {
        let (day, time) = (local.div_euclid(DAY), local.rem_euclid(DAY));
        let (closed, is_closed) = self.closed_before(day);
        let Some(weekday) = self.weekday(day) else {
            return 0;
        };
        let today = if is_closed { 0 } else { weekday.open_until(time) };
        (day + 3).div_euclid(7) * self.week + weekday.before + today - closed
    }

    /// When so much office time has passed since `local`, on clocks that run evenly for as long.
    fn moment_after(&self, local: i64, office_time: i64) -> Option<i64> {
        if office_time == 0 {
            return Some(local);
        }
        let mut left = office_time;
        let first = local.div_euclid(DAY);
        for day in first..=first + EVEN / DAY {
            let midnight = day * DAY;
            for (from, to) in self.openings(day) {
                let from = (midnight + from).max(local);
                let open = (midnight + to - from).max(0);
                if left <= open {
                    return Some(from + left);
                }
                left -= open;
            }
        }
        None
    }
}

/// Joins what touches or overlaps.
fn merged(mut openings: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    openings.sort_unstable();
    let mut apart: Vec<(i64, i64)> = Vec::with_capacity(openings.len());
    for (from, to) in openings.into_iter().filter(|(from, to)| from < to) {
        match apart.last_mut() {
            Some((_, end)) if from <= *end => *end = to.max(*end),
            _ => apart.push((from, to)),
        }
    }
    apart
}

/// The number of 1970-01-01 in chrono's counting of days.
const EPOCH: i64 = 719_163;

fn number_of(date: NaiveDate) -> i64 {
    i64::from(date.num_days_from_ce()) - EPOCH
}

fn date_of(day: i64) -> NaiveDate {
    let date = i32::try_from(day.saturating_add(EPOCH))
        .ok()
        .and_then(NaiveDate::from_num_days_from_ce_opt);
    date.unwrap_or(if day < 0 { NaiveDate::MIN } else { NaiveDate::MAX })
}
