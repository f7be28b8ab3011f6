//! Days and spans of time that are asked for.

use chrono::NaiveDate;
use chrono_tz::Tz;
use support_core::model::{Input, Timestamp};

use super::named::given;

/// Which end of a span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edge {
    /// Where it begins.
    First,
    /// Where it ends: a day with its last moment.
    Last,
}

/// A day, or a point in time.
enum When {
    Day(NaiveDate),
    At(Timestamp),
}

fn when(input: &mut Input, field: &str, text: Option<&str>) -> Option<When> {
    let text = given(text)?;
    if let Ok(at) = text.parse() {
        return Some(When::At(at));
    }
    let is_plain = text.len() == "2026-11-21".len();
    let day = text.parse().ok().filter(|_| is_plain).map(When::Day);
    if day.is_none() {
        input.refuse(
            field,
            "Must be a time such as 2026-11-21T09:00:00Z or a day such as 2026-11-21",
        );
    }
    day
}

/// A point in time, or the beginning or end of a day.
pub(crate) fn edge(input: &mut Input, field: &str, text: Option<&str>, timezone: Tz, edge: Edge) -> Option<Timestamp> {
    let day = match (when(input, field, text)?, edge) {
        (When::At(at), _) => return Some(at),
        (When::Day(day), Edge::First) => day,
        (When::Day(day), Edge::Last) => day.succ_opt().unwrap_or(day),
    };
    Some(Timestamp::beginning(day, timezone))
}

/// A day, or the one on which a point in time lies.
pub(crate) fn day(input: &mut Input, field: &str, text: Option<&str>, timezone: Tz) -> Option<NaiveDate> {
    match when(input, field, text)? {
        When::Day(day) => Some(day),
        When::At(at) => Some(at.day(timezone)),
    }
}
