//! What is counted of wishes to be phoned.

use std::{collections::BTreeMap, time::Duration};

use chrono::{Days, NaiveDate};
use chrono_tz::Tz;

use super::{CallbackStatus, Timestamp};

/// The most employee ids that are told as the most frequent ones.
pub const MOST_EMPLOYEE_IDS: u32 = 10;
const HOUR: Duration = Duration::from_secs(60 * 60);
const HOUR_MILLIS: f64 = 3_600_000.0;
const QUARTER_HOUR: i64 = 15 * 60 * 1_000;

/// Since when those have been due at the latest that have waited for an hour, for four, and for
/// a day: what became due later than the first has waited for less than an hour.
#[must_use]
pub fn callback_ages(now: Timestamp) -> [Timestamp; 3] {
    [1, 4, 24].map(|hours| now.minus(HOUR * hours))
}

/// How many callbacks came in, or were resolved, in a quarter of an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuarterHour {
    /// When it began.
    pub at: Timestamp,
    /// How many came in.
    pub requests: u64,
    /// How many were resolved.
    pub resolved: u64,
}

impl QuarterHour {
    /// When the one began that `at` lies in.
    #[must_use]
    pub const fn beginning(at: Timestamp) -> Timestamp {
        Timestamp::from_millis(at.millis().div_euclid(QUARTER_HOUR) * QUARTER_HOUR)
    }
}

/// What is counted of the callbacks that came in within a span of time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CallbackCounts {
    /// How many by status.
    pub by_status: Vec<(CallbackStatus, u64)>,
    /// By quarters of an hour, from which days in any time zone are added up: those that came in
    /// by when they did, and those of them, or earlier ones, that were resolved within the span
    /// by when they were. Quarters without any are missing; in order of time.
    pub by_quarter_hour: Vec<QuarterHour>,
    /// Milliseconds from coming in to first contact, added up.
    pub millis_to_contact: u64,
    /// Of how many.
    pub contacted: u64,
    /// What visitors most often say they are known by, most often first, then by name;
    /// [`MOST_EMPLOYEE_IDS`] at most.
    pub top_employee_ids: Vec<(String, u64)>,
}

/// What is counted of the callbacks that are pending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PendingCallbacks {
    /// How many by how long they have been due: under an hour, under four hours, under a day,
    /// longer, as [`callback_ages`] has it. Those due later count as under an hour.
    pub by_age: [u64; 4],
    /// How many are overdue.
    pub overdue: u64,
}

/// What came in, and what was resolved, on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallbackDay {
    /// The day in the tenant's time zone.
    pub date: NaiveDate,
    /// How many came in.
    pub requests: u64,
    /// How many were resolved.
    pub resolved: u64,
}

/// What is told of the callbacks of some days.
#[derive(Debug, Clone, PartialEq)]
pub struct CallbackStatistics {
    /// How many by status; every status is there.
    pub by_status: Vec<(CallbackStatus, u64)>,
    /// Day by day, days without any too.
    pub daily: Vec<CallbackDay>,
    /// Hours from coming in to first contact, on average; none while nobody was reached.
    pub average_response_hours: Option<f64>,
    /// Which part of those that came in is resolved, in percent; 0 without any.
    pub resolution_rate: f64,
    /// What visitors most often say they are known by.
    pub top_employee_ids: Vec<(String, u64)>,
    /// Those that wait to be phoned, whenever they came in.
    pub pending: PendingCallbacks,
}

/// The last days somewhere, today included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastDays {
    dates: Vec<NaiveDate>,
    timezone: Tz,
    now: Timestamp,
}

impl LastDays {
    /// So many days of a time zone.
    #[must_use]
    pub fn new(now: Timestamp, days: u32, timezone: Tz) -> Self {
        let today = now.day(timezone);
        let ago = |days: u32| today.checked_sub_days(Days::new(u64::from(days)));
        let dates = (0..days).rev().filter_map(ago).collect();
        Self { dates, timezone, now }
    }

    /// From the beginning of the first day to that of tomorrow.
    #[must_use]
    pub fn span(&self) -> (Timestamp, Timestamp) {
        let tomorrow = self.dates.last().and_then(|last| last.checked_add_days(Days::new(1)));
        let beginning =
            |date: Option<NaiveDate>| date.map_or(self.now, |date| Timestamp::beginning(date, self.timezone));
        (beginning(self.dates.first().copied()), beginning(tomorrow))
    }
}

impl CallbackStatistics {
    /// Makes them of what was counted within the span of `days`, and of what waits now.
    #[must_use]
    pub fn new(counts: CallbackCounts, days: &LastDays, pending: PendingCallbacks) -> Self {
        let with = |status: CallbackStatus| {
            let counted = counts.by_status.iter().find(|(known, _)| *known == status);
            counted.map_or(0, |(_, count)| *count)
        };
        let total: u64 = counts.by_status.iter().map(|(_, count)| count).sum();
        let by_status = CallbackStatus::ALL.iter().map(|status| (*status, with(*status)));
        Self {
            by_status: by_status.collect(),
            daily: daily(&counts.by_quarter_hour, days),
            average_response_hours: ratio(counts.millis_to_contact, counts.contacted)
                .map(|millis| millis / HOUR_MILLIS),
            resolution_rate: ratio(with(CallbackStatus::Resolved), total).map_or(0.0, |part| part * 100.0),
            top_employee_ids: counts.top_employee_ids,
            pending,
        }
    }
}

fn daily(quarters: &[QuarterHour], days: &LastDays) -> Vec<CallbackDay> {
    let empty = |date: &NaiveDate| CallbackDay {
        date: *date,
        requests: 0,
        resolved: 0,
    };
    let mut daily: BTreeMap<NaiveDate, CallbackDay> = days.dates.iter().map(|date| (*date, empty(date))).collect();
    for quarter in quarters {
        let date = quarter.at.day(days.timezone);
        if let Some(day) = daily.get_mut(&date) {
            day.requests += quarter.requests;
            day.resolved += quarter.resolved;
        }
    }
    daily.into_values().collect()
}

#[expect(clippy::cast_precision_loss, reason = "counts and times far below 2^52")]
fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
