//! Points in time as every store and wire can hold them.

use std::{fmt, str::FromStr, time::Duration};

use chrono::{DateTime, NaiveDate, NaiveTime, SecondsFormat, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A point in time, in whole milliseconds since 1970-01-01T00:00:00Z.
///
/// Milliseconds are what the wire carries, so nothing is ever stored that a client could not
/// have been told. Written and read as RFC 3339 in UTC with three digits of fraction.
///
/// ```
/// use support_core::model::Timestamp;
/// let at = Timestamp::from_millis(1_700_000_000_123);
/// assert_eq!(at.to_string(), "2023-11-14T22:13:20.123Z");
/// assert_eq!("2023-11-14T23:13:20.123+01:00".parse(), Ok(at));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since the Unix epoch.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// When a day begins somewhere; where the clocks skip midnight, when they go on.
    ///
    /// ```
    /// use support_core::model::Timestamp;
    /// let day = "2026-11-21".parse().unwrap();
    /// let begins = Timestamp::beginning(day, chrono_tz::Europe::Berlin);
    /// assert_eq!(begins.to_string(), "2026-11-20T23:00:00.000Z");
    /// ```
    #[must_use]
    pub fn beginning(day: NaiveDate, timezone: Tz) -> Self {
        let midnight = day.and_time(NaiveTime::MIN);
        let begins = (0..5).find_map(|hours| {
            let local = midnight.checked_add_signed(TimeDelta::hours(hours))?;
            timezone.from_local_datetime(&local).earliest()
        });
        begins.map_or_else(|| Self::from(midnight.and_utc()), |begins| Self::from(begins.to_utc()))
    }

    /// The day that it is then somewhere.
    ///
    /// ```
    /// use support_core::model::Timestamp;
    /// let at: Timestamp = "2026-11-20T23:00:00Z".parse().unwrap();
    /// assert_eq!(at.day(chrono_tz::Europe::Berlin).to_string(), "2026-11-21");
    /// ```
    #[must_use]
    pub fn day(self, timezone: Tz) -> NaiveDate {
        self.to_datetime().with_timezone(&timezone).date_naive()
    }

    /// As people of a time zone write it: `2026-11-21 14:05 CET`.
    #[must_use]
    pub fn shown(self, timezone: Tz) -> String {
        self.to_datetime()
            .with_timezone(&timezone)
            .format("%Y-%m-%d %H:%M %Z")
            .to_string()
    }

    /// Milliseconds since the Unix epoch.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// The later point `duration` from here.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(whole_millis(duration)))
    }

    /// The earlier point `duration` before here.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(whole_millis(duration)))
    }

    /// How long ago `earlier` was; nothing when it lies ahead.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The same point as chrono's type; the nearest representable one for absurd values.
    #[must_use]
    pub fn to_datetime(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).unwrap_or(if self.0 < 0 {
            DateTime::<Utc>::MIN_UTC
        } else {
            DateTime::<Utc>::MAX_UTC
        })
    }
}

fn whole_millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(at: DateTime<Utc>) -> Self {
        Self(at.timestamp_millis())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.to_datetime().to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl FromStr for Timestamp {
    type Err = chrono::ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        DateTime::parse_from_rfc3339(text).map(|at| Self(at.timestamp_millis()))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
