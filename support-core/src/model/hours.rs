//! When an office is open, as people write it.

use std::{fmt, str::FromStr};

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Input, named};

/// The most intervals of a week.
pub const MOST_OPENING_INTERVALS: usize = 100;
/// The most holidays of an office.
pub const MOST_HOLIDAYS: usize = 400;
/// The longest name of a holiday, in characters.
const LONGEST_HOLIDAY_NAME: usize = 100;
const REQUIRED: &str = "This field is required";
/// The years that holidays may lie in.
const HOLIDAY_YEARS: std::ops::RangeInclusive<i32> = 1970..=2199;

named! {
    /// A day of the week.
    Weekday {
        /// The first.
        Monday = "monday",
        /// The second.
        Tuesday = "tuesday",
        /// The third.
        Wednesday = "wednesday",
        /// The fourth.
        Thursday = "thursday",
        /// The fifth.
        Friday = "friday",
        /// The sixth.
        Saturday = "saturday",
        /// The seventh.
        Sunday = "sunday",
    }
}

/// A time that clocks on the wall show, to the minute; `24:00` is the end of the day.
///
/// ```
/// use support_core::model::ClockTime;
/// assert_eq!("09:30".parse::<ClockTime>().unwrap().to_string(), "09:30");
/// assert!("9:30".parse::<ClockTime>().is_err() && "24:01".parse::<ClockTime>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClockTime(u16);

impl ClockTime {
    /// The end of the day.
    pub const END_OF_DAY: Self = Self(24 * 60);

    /// Milliseconds since the day began.
    pub(super) const fn millis(self) -> i64 {
        self.0 as i64 * 60_000
    }
}

/// A text that is no [`ClockTime`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Must be a time such as 09:30")]
pub struct NoClockTime;

impl FromStr for ClockTime {
    type Err = NoClockTime;

    fn from_str(text: &str) -> Result<Self, NoClockTime> {
        let (hours, minutes) = text.split_once(':').ok_or(NoClockTime)?;
        let (hours, minutes) = (two_digits(hours)?, two_digits(minutes)?);
        let time = Self(hours * 60 + minutes);
        if minutes >= 60 || time > Self::END_OF_DAY {
            return Err(NoClockTime);
        }
        Ok(time)
    }
}

fn two_digits(text: &str) -> Result<u16, NoClockTime> {
    if text.len() != 2 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NoClockTime);
    }
    text.parse().map_err(|_| NoClockTime)
}

impl fmt::Display for ClockTime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl Serialize for ClockTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ClockTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// When somebody is in the office, by the clocks there.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct OfficeHours {
    /// What every week looks like. Intervals may touch and overlap.
    pub weekly: Vec<OpeningInterval>,
    /// Days on which nobody comes.
    pub holidays: Vec<Holiday>,
}

/// A part of every week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OpeningInterval {
    /// The day on which it begins.
    pub day: Weekday,
    /// When it begins.
    pub from: ClockTime,
    /// When it ends: on the next day, unless it is later than `from`.
    pub to: ClockTime,
}

/// A day on which nobody comes, from its first local minute to its last: also what an interval
/// of the day before reaches into it is closed, while what begins on it is open after its midnight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Holiday {
    /// Which.
    pub date: NaiveDate,
    /// What it is called.
    pub name: Option<String>,
}

/// Office hours as somebody wrote them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewOfficeHours {
    /// What every week is to look like.
    pub weekly: Vec<NewOpeningInterval>,
    /// Days on which nobody comes.
    pub holidays: Vec<NewHoliday>,
}

/// A part of every week as somebody wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewOpeningInterval {
    /// The name of a [`Weekday`].
    pub day: String,
    /// A [`ClockTime`], at the latest `23:59`.
    pub from: String,
    /// A [`ClockTime`].
    pub to: String,
}

/// A holiday as somebody wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewHoliday {
    /// Its day, as `2026-12-25`.
    pub date: String,
    /// What it is called.
    pub name: Option<String>,
}

impl NewOfficeHours {
    /// What is meant; everything that can't be is refused by its place under `field`.
    pub fn check(&self, input: &mut Input, field: &str) -> OfficeHours {
        let (weekly, holidays) = (format!("{field}.weekly"), format!("{field}.holidays"));
        if self.weekly.is_empty() {
            input.refuse(&weekly, "Must have at least one entry");
        }
        if self.weekly.len() > MOST_OPENING_INTERVALS {
            input.refuse(&weekly, format!("Must have at most {MOST_OPENING_INTERVALS} entries"));
            return OfficeHours::default();
        }
        if self.holidays.len() > MOST_HOLIDAYS {
            input.refuse(&holidays, format!("Must have at most {MOST_HOLIDAYS} entries"));
            return OfficeHours::default();
        }
        let intervals = self.weekly.iter().enumerate();
        let days = self.holidays.iter().enumerate();
        OfficeHours {
            weekly: intervals
                .filter_map(|(place, interval)| interval.check(input, &format!("{weekly}[{place}]")))
                .collect(),
            holidays: days
                .filter_map(|(place, holiday)| holiday.check(input, &format!("{holidays}[{place}]")))
                .collect(),
        }
    }
}

impl NewOpeningInterval {
    fn check(&self, input: &mut Input, field: &str) -> Option<OpeningInterval> {
        let day = check_day(input, &format!("{field}.day"), &self.day);
        let from = check_time(input, &format!("{field}.from"), &self.from);
        if from == Some(ClockTime::END_OF_DAY) {
            input.refuse(&format!("{field}.from"), "Must be at the latest 23:59");
        }
        let to = check_time(input, &format!("{field}.to"), &self.to);
        Some(OpeningInterval {
            day: day?,
            from: from?,
            to: to?,
        })
    }
}

impl NewHoliday {
    fn check(&self, input: &mut Input, field: &str) -> Option<Holiday> {
        let name = input.optional_line(&format!("{field}.name"), self.name.as_deref(), LONGEST_HOLIDAY_NAME);
        let written = self.date.trim();
        let date = NaiveDate::parse_from_str(written, "%Y-%m-%d")
            .ok()
            .filter(|date| HOLIDAY_YEARS.contains(&date.year()) && date.to_string() == written);
        if date.is_none() {
            let problem = if written.is_empty() {
                REQUIRED
            } else {
                "Must be a day such as 2026-12-25"
            };
            input.refuse(&format!("{field}.date"), problem);
        }
        Some(Holiday { date: date?, name })
    }
}

fn check_day(input: &mut Input, field: &str, text: &str) -> Option<Weekday> {
    match text.trim() {
        "" => {
            input.refuse(field, REQUIRED);
            None
        }
        name => input.one_of(field, name),
    }
}

fn check_time(input: &mut Input, field: &str, text: &str) -> Option<ClockTime> {
    match text.trim() {
        "" => {
            input.refuse(field, REQUIRED);
            None
        }
        time => time
            .parse()
            .map_err(|problem: NoClockTime| input.refuse(field, problem.to_string()))
            .ok(),
    }
}
