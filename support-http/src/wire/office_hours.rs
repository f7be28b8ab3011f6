//! How office hours are written and read.

use serde::{Deserialize, Serialize};
use support_core::model::{Calendar, NewHoliday, NewOfficeHours, NewOpeningInterval, OfficeHours, Timestamp};
use utoipa::ToSchema;

use crate::extract::Object;

/// When somebody is there, by the clocks in the tenant's time zone.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OfficeHours)]
pub(crate) struct OfficeHoursRow {
    weekly: Vec<IntervalRow>,
    holidays: Vec<HolidayRow>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpeningInterval)]
pub(crate) struct IntervalRow {
    /// `monday` to `sunday`.
    day: &'static str,
    /// `HH:MM`.
    from: String,
    /// `HH:MM`, on the next day unless it is later than `from`.
    to: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Holiday)]
pub(crate) struct HolidayRow {
    /// `YYYY-MM-DD`.
    date: String,
    name: Option<String>,
}

/// Office hours as a whole: what is not named is not meant.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct OfficeHoursInput {
    /// At most 100; they may touch and overlap.
    #[serde(default)]
    #[schema(value_type = Vec<IntervalInput>, required)]
    weekly: Vec<Object<IntervalInput>>,
    /// At most 400.
    #[serde(default)]
    #[schema(value_type = Vec<HolidayInput>)]
    holidays: Vec<Object<HolidayInput>>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = OpeningIntervalInput)]
pub(crate) struct IntervalInput {
    /// `monday` to `sunday`.
    #[schema(required)]
    day: Option<String>,
    /// `HH:MM`, at the latest `23:59`.
    #[schema(required)]
    from: Option<String>,
    /// `HH:MM`, at the latest `24:00`; on the next day unless it is later than `from`.
    #[schema(required)]
    to: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct HolidayInput {
    /// `YYYY-MM-DD`.
    #[schema(required)]
    date: Option<String>,
    name: Option<String>,
}

/// Whether somebody may be expected to be there.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Opening)]
pub(crate) struct OpeningRow {
    is_open: bool,
    /// When it opens next; null while it is open, and where it doesn't within two years.
    next_opening: Option<String>,
}

impl From<&OfficeHours> for OfficeHoursRow {
    fn from(hours: &OfficeHours) -> Self {
        let weekly = hours.weekly.iter().map(|interval| IntervalRow {
            day: interval.day.as_str(),
            from: interval.from.to_string(),
            to: interval.to.to_string(),
        });
        let holidays = hours.holidays.iter().map(|holiday| HolidayRow {
            date: holiday.date.to_string(),
            name: holiday.name.clone(),
        });
        Self {
            weekly: weekly.collect(),
            holidays: holidays.collect(),
        }
    }
}

impl From<OfficeHoursInput> for NewOfficeHours {
    fn from(hours: OfficeHoursInput) -> Self {
        let weekly = hours.weekly.into_iter().map(|Object(interval)| NewOpeningInterval {
            day: interval.day.unwrap_or_default(),
            from: interval.from.unwrap_or_default(),
            to: interval.to.unwrap_or_default(),
        });
        let holidays = hours.holidays.into_iter().map(|Object(holiday)| NewHoliday {
            date: holiday.date.unwrap_or_default(),
            name: holiday.name,
        });
        Self {
            weekly: weekly.collect(),
            holidays: holidays.collect(),
        }
    }
}

impl OpeningRow {
    /// How it stands at a moment.
    pub(crate) fn new(calendar: &Calendar, at: Timestamp) -> Self {
        let is_open = calendar.is_open(at);
        let next = calendar.next_opening(at).filter(|_| !is_open);
        Self {
            is_open,
            next_opening: next.map(|opening| opening.to_string()),
        }
    }
}
