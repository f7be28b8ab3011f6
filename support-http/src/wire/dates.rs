//! Spans of time that lists are asked for.

use chrono::NaiveDate;
use support_core::model::{Input, Tenant, Timestamp};

/// Which end of a span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edge {
    /// Where it begins.
    First,
    /// Where it ends: a day with its last moment.
    Last,
}

/// A point in time, or the beginning or end of a day.
pub(crate) fn edge(input: &mut Input, field: &str, text: &str, tenant: &Tenant, edge: Edge) -> Option<Timestamp> {
    if let Ok(at) = text.parse() {
        return Some(at);
    }
    let is_plain = text.len() == "2026-11-21".len();
    let Some(day) = text.parse::<NaiveDate>().ok().filter(|_| is_plain) else {
        input.refuse(
            field,
            "Must be a time such as 2026-11-21T09:00:00Z or a day such as 2026-11-21",
        );
        return None;
    };
    let day = match edge {
        Edge::First => day,
        Edge::Last => day.succ_opt().unwrap_or(day),
    };
    Some(Timestamp::beginning(day, tenant.timezone))
}
