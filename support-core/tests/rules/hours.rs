//! Office hours, against looking at the clock on the wall minute by minute.

use std::time::Duration;

use chrono::{Datelike, NaiveDate, NaiveDateTime, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;
use support_core::model::{
    Calendar, ClockTime, Holiday, Input, NewHoliday, NewOfficeHours, NewOpeningInterval, OfficeHours, OpeningInterval,
    Timestamp, Weekday,
};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Zones whose clocks are set at two, at midnight, by half an hour, and not at all; and moments
/// around which they were. Recife's were set back again less than a week later.
const PLACES: [(Tz, &str); 12] = [
    (Tz::Europe__Berlin, "2026-03-29T01:00:00Z"),
    (Tz::Europe__Berlin, "2026-10-25T01:00:00Z"),
    (Tz::America__New_York, "2026-03-08T07:00:00Z"),
    (Tz::America__New_York, "2026-11-01T06:00:00Z"),
    (Tz::America__Sao_Paulo, "2018-11-04T03:00:00Z"),
    (Tz::America__Sao_Paulo, "2018-02-18T02:00:00Z"),
    (Tz::Australia__Lord_Howe, "2026-04-04T15:00:00Z"),
    (Tz::Australia__Lord_Howe, "2026-10-03T15:30:00Z"),
    (Tz::America__Recife, "2000-10-10T12:00:00Z"),
    (Tz::Pacific__Apia, "2011-12-30T10:00:00Z"),
    (Tz::Asia__Kathmandu, "2026-06-01T00:00:00Z"),
    (Tz::UTC, "2024-02-29T12:00:00Z"),
];

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn minutes(count: u64) -> Duration {
    Duration::from_secs(count * 60)
}

fn interval(day: Weekday, from: &str, to: &str) -> OpeningInterval {
    OpeningInterval {
        day,
        from: from.parse().unwrap(),
        to: to.parse().unwrap(),
    }
}

fn holiday(date: NaiveDate) -> Holiday {
    Holiday { date, name: None }
}

fn from_nine_to_six() -> OfficeHours {
    OfficeHours {
        weekly: Weekday::ALL[..5]
            .iter()
            .map(|day| interval(*day, "09:00", "18:00"))
            .collect(),
        holidays: Vec::new(),
    }
}

fn berlin() -> Calendar {
    Calendar::new(Tz::Europe__Berlin, Some(&from_nine_to_six()))
}

fn wall_clock(zone: Tz, at: Timestamp) -> NaiveDateTime {
    let utc = Utc.timestamp_millis_opt(at.millis()).unwrap();
    utc.with_timezone(&zone).naive_local()
}

fn minute_of_day(time: ClockTime) -> u32 {
    let text = time.to_string();
    text[..2].parse::<u32>().unwrap() * 60 + text[3..].parse::<u32>().unwrap()
}

/// What the rules say, word by word.
fn is_open_by_the_clock(zone: Tz, hours: &OfficeHours, at: Timestamp) -> bool {
    let local = wall_clock(zone, at);
    let today = local.date();
    let minute = local.hour() * 60 + local.minute();
    let is_day = |day: Weekday, date: NaiveDate| day as u32 == date.weekday().num_days_from_monday();
    let is_in = |interval: &OpeningInterval| {
        let (from, to) = (minute_of_day(interval.from), minute_of_day(interval.to));
        let is_overnight = to <= from;
        let began_today = is_day(interval.day, today) && from <= minute && (is_overnight || minute < to);
        let began_yesterday = is_overnight && is_day(interval.day, today.pred_opt().unwrap()) && minute < to;
        began_today || began_yesterday
    };
    let is_holiday = hours.holidays.iter().any(|holiday| holiday.date == today);
    !is_holiday && hours.weekly.iter().any(is_in)
}

fn minutes_open_by_the_clock(zone: Tz, hours: &OfficeHours, from: Timestamp, to: Timestamp) -> u64 {
    let mut count = 0;
    let mut at = from;
    while at < to {
        count += u64::from(is_open_by_the_clock(zone, hours, at));
        at = at.plus(minutes(1));
    }
    count
}

prop_compose! {
    fn clock_time(latest: u32)(quarter in 0..=latest / 15, odd in 0..3_u32) -> ClockTime {
        let minute = (quarter * 15 + odd * 7).min(latest);
        format!("{:02}:{:02}", minute / 60, minute % 60).parse().unwrap()
    }
}

prop_compose! {
    fn any_interval()(
        day in proptest::sample::select(Weekday::ALL),
        from in clock_time(24 * 60 - 1),
        to in clock_time(24 * 60),
    ) -> OpeningInterval {
        OpeningInterval { day, from, to }
    }
}

#[derive(Debug, Clone)]
struct Case {
    zone: Tz,
    hours: OfficeHours,
    from: Timestamp,
    to: Timestamp,
}

impl Case {
    fn calendar(&self) -> Calendar {
        Calendar::new(self.zone, Some(&self.hours))
    }
}

prop_compose! {
    /// Up to sixteen days around a moment at which the clocks are set.
    fn case()(
        (zone, moment) in proptest::sample::select(PLACES.to_vec()),
        weekly in proptest::collection::vec(any_interval(), 0..8),
        holidays in proptest::collection::vec(-9..9_i64, 0..4),
        before in 0..8 * 24 * 60_i64,
        length in 0..16 * 24 * 60_i64,
    ) -> Case {
        let moment = at(moment).millis();
        let from = Timestamp::from_millis(moment - before * MINUTE);
        let holidays = holidays
            .into_iter()
            .map(|day| holiday(wall_clock(zone, Timestamp::from_millis(moment + day * DAY)).date()))
            .collect();
        Case { zone, hours: OfficeHours { weekly, holidays }, from, to: from.plus(minutes(length as u64)) }
    }
}

proptest! {
    #[test]
    fn office_time_is_the_minutes_in_which_the_office_is_open(case in case()) {
        let counted = minutes_open_by_the_clock(case.zone, &case.hours, case.from, case.to);
        prop_assert_eq!(case.calendar().open_between(case.from, case.to), minutes(counted));
    }

    #[test]
    fn it_is_open_when_the_clock_says_so(case in case(), within in 0..MINUTE) {
        let calendar = case.calendar();
        let moment = case.from.plus(Duration::from_millis(within as u64));
        prop_assert_eq!(calendar.is_open(moment), is_open_by_the_clock(case.zone, &case.hours, moment));
        prop_assert_eq!(calendar.day(moment), wall_clock(case.zone, moment).date());
    }

    #[test]
    fn so_much_office_time_has_passed_at_the_first_moment_at_which_it_has(case in case(), wanted in 0..3_000_u64) {
        let calendar = case.calendar();
        let wanted = minutes(wanted) + Duration::from_millis(1);
        let Some(end) = calendar.after(case.from, wanted) else {
            // It looks ten years ahead, in which a minute a week doesn't come to so much.
            let reach = Duration::from_hours(24 * 3_660);
            prop_assert!(calendar.open_between(case.from, case.from.plus(reach)) < wanted);
            return Ok(());
        };
        prop_assert_eq!(calendar.open_between(case.from, end), wanted);
        prop_assert!(calendar.is_open(end.minus(Duration::from_millis(1))));
    }

    #[test]
    fn the_next_opening_is_the_first_open_moment(case in case()) {
        let calendar = case.calendar();
        let Some(opening) = calendar.next_opening(case.from) else {
            prop_assert_eq!(calendar.open_between(case.from, case.from.plus(Duration::from_hours(1_000))), Duration::ZERO);
            return Ok(());
        };
        prop_assert!(calendar.is_open(opening) && opening >= case.from);
        prop_assert_eq!(calendar.open_between(case.from, opening), Duration::ZERO);
    }

    #[test]
    fn parts_add_up_to_the_whole(case in case(), years in 0..12_i64, share in 0.0..1.0_f64) {
        let calendar = case.calendar();
        let to = Timestamp::from_millis(case.to.millis() + years * 365 * DAY);
        let length = (to.millis() - case.from.millis()) as f64;
        let middle = Timestamp::from_millis(case.from.millis() + (length * share) as i64);
        let parts = calendar.open_between(case.from, middle) + calendar.open_between(middle, to);
        prop_assert_eq!(calendar.open_between(case.from, to), parts);
    }

    #[test]
    fn no_point_in_time_is_too_far(first in any::<i64>(), second in any::<i64>(), secs in any::<u64>()) {
        let (first, second) = (Timestamp::from_millis(first), Timestamp::from_millis(second));
        let calendar = berlin();
        let _ = (calendar.open_between(first, second), calendar.after(first, Duration::from_secs(secs)));
        let _ = (calendar.next_opening(first), calendar.is_open(first), calendar.day(first));
    }
}

#[test]
fn a_question_before_closing_and_its_answer_after_the_weekend_are_two_minutes_apart() {
    let (asked, answered) = (at("2026-11-20T17:59:00+01:00"), at("2026-11-23T09:01:00+01:00"));
    assert_eq!(berlin().open_between(asked, answered), minutes(2));
    assert_eq!(berlin().after(asked, minutes(2)), Some(answered));
    assert_eq!(
        berlin().next_opening(asked.plus(minutes(1))),
        Some(answered.minus(minutes(1)))
    );
    assert_eq!(berlin().open_between(answered, asked), Duration::ZERO);
}

#[test]
fn a_promise_that_ends_with_the_day_ends_at_closing_time() {
    let asked = at("2026-11-20T17:00:00+01:00");
    assert_eq!(
        berlin().after(asked, minutes(60)),
        Some(at("2026-11-20T18:00:00+01:00"))
    );
    assert_eq!(berlin().after(asked, Duration::ZERO), Some(asked));
    let at_night = at("2026-11-20T23:00:00+01:00");
    assert_eq!(berlin().after(at_night, Duration::ZERO), Some(at_night));
}

#[test]
fn without_hours_it_is_always_open() {
    let calendar = Calendar::new(Tz::Europe__Berlin, None);
    let (from, to) = (at("2026-03-28T00:00:00Z"), at("2026-03-30T00:00:00Z"));
    assert!(!calendar.has_hours() && calendar.is_open(from));
    assert_eq!(calendar.open_between(from, to), Duration::from_hours(48));
    assert_eq!(calendar.after(from, Duration::from_hours(48)), Some(to));
    assert_eq!(calendar.next_opening(from), Some(from));
}

#[test]
fn an_office_that_never_opens_keeps_no_promise() {
    let calendar = Calendar::new(Tz::UTC, Some(&OfficeHours::default()));
    let now = at("2026-11-20T12:00:00Z");
    assert_eq!(calendar.next_opening(now), None);
    assert_eq!(calendar.after(now, minutes(1)), None);
    assert_eq!(
        calendar.open_between(now, now.plus(Duration::from_hours(10_000))),
        Duration::ZERO
    );
}

#[test]
fn an_interval_past_midnight_ends_on_the_next_day_and_equal_times_last_a_day() {
    let hours = OfficeHours {
        weekly: vec![
            interval(Weekday::Sunday, "22:00", "06:00"),
            interval(Weekday::Wednesday, "12:00", "12:00"),
        ],
        holidays: Vec::new(),
    };
    let calendar = Calendar::new(Tz::UTC, Some(&hours));
    let week = (at("2026-11-16T00:00:00Z"), at("2026-11-23T00:00:00Z"));
    assert_eq!(calendar.open_between(week.0, week.1), Duration::from_hours(32));
    assert!(calendar.is_open(at("2026-11-16T05:59:59.999Z")) && !calendar.is_open(at("2026-11-16T06:00:00Z")));
    assert!(calendar.is_open(at("2026-11-19T11:59:00Z")) && !calendar.is_open(at("2026-11-19T12:00:00Z")));
}

#[test]
fn a_holiday_closes_its_day_and_no_other() {
    let hours = OfficeHours {
        weekly: vec![
            interval(Weekday::Thursday, "22:00", "06:00"),
            interval(Weekday::Friday, "22:00", "06:00"),
        ],
        holidays: vec![holiday("2026-12-25".parse().unwrap())],
    };
    let calendar = Calendar::new(Tz::Europe__Berlin, Some(&hours));
    let open = |from: &str, to: &str| calendar.open_between(at(from), at(to));
    assert_eq!(
        open("2026-12-24T12:00:00+01:00", "2026-12-25T12:00:00+01:00"),
        Duration::from_hours(2)
    );
    assert_eq!(
        open("2026-12-25T12:00:00+01:00", "2026-12-26T12:00:00+01:00"),
        Duration::from_hours(6)
    );
}

#[test]
fn a_decade_is_counted_as_its_days_are() {
    let calendar = berlin();
    let (from, to) = (at("2020-01-01T00:00:00+01:00"), at("2030-01-01T00:00:00+01:00"));
    let mut day: NaiveDate = "2020-01-01".parse().unwrap();
    let mut count = 0;
    while day < "2030-01-01".parse().unwrap() {
        count += u64::from(day.weekday().num_days_from_monday() < 5);
        day = day.succ_opt().unwrap();
    }
    assert_eq!(calendar.open_between(from, to), minutes(count * 9 * 60));
}

#[test]
fn clocks_that_are_set_back_in_the_same_week_are_followed() {
    let (zone, hours) = (Tz::America__Recife, from_nine_to_six());
    let calendar = Calendar::new(zone, Some(&hours));
    let first = at("2000-10-05T12:30:00Z");
    for hour in (0..72).step_by(3) {
        let from = first.plus(Duration::from_hours(hour));
        for to in ["2000-10-10T12:30:00Z", "2000-10-18T12:30:00Z"].map(at) {
            let counted = minutes_open_by_the_clock(zone, &hours, from, to);
            assert_eq!(calendar.open_between(from, to), minutes(counted), "from {from} to {to}");
        }
    }
    let wanted = Duration::from_hours(3 * 9) + minutes(30);
    let end = calendar.after(at("2000-10-07T12:00:00Z"), wanted);
    assert_eq!(end, Some(at("2000-10-12T11:30:00Z")));
}

#[test]
fn hours_are_read_as_they_were_written() {
    let json = serde_json::json!({
        "weekly": [{"day": "monday", "from": "09:00", "to": "24:00"}],
        "holidays": [{"date": "2026-12-25", "name": "Christmas"}, {"date": "2027-01-01", "name": null}],
    });
    let hours: OfficeHours = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(serde_json::to_value(hours).unwrap(), json);
}

fn written(day: &str, from: &str, to: &str) -> NewOpeningInterval {
    NewOpeningInterval {
        day: day.to_owned(),
        from: from.to_owned(),
        to: to.to_owned(),
    }
}

fn dated(date: &str) -> NewHoliday {
    NewHoliday {
        date: date.to_owned(),
        name: None,
    }
}

fn refused(hours: &NewOfficeHours) -> Vec<String> {
    let mut input = Input::new();
    hours.check(&mut input, "office_hours");
    let errors = input.finish().err().unwrap_or_default();
    errors.into_iter().map(|error| error.field).collect()
}

#[test]
fn everything_that_can_not_be_is_named_by_its_place() {
    let hours = NewOfficeHours {
        weekly: vec![
            written("monday", "09:00", "18:00"),
            written("Montag", "9:00", "25:00"),
            written("tuesday", "24:00", "12:60"),
        ],
        holidays: vec![
            dated("2026-12-25"),
            dated("2026-02-30"),
            dated("26-1-1"),
            dated("99999-01-01"),
        ],
    };
    let expected = [
        "office_hours.weekly[1].day",
        "office_hours.weekly[1].from",
        "office_hours.weekly[1].to",
        "office_hours.weekly[2].from",
        "office_hours.weekly[2].to",
        "office_hours.holidays[1].date",
        "office_hours.holidays[2].date",
        "office_hours.holidays[3].date",
    ];
    assert_eq!(refused(&hours), expected);
}

#[test]
fn there_is_an_end_to_intervals_and_holidays_and_a_beginning() {
    let with = |intervals: usize, holidays: usize| NewOfficeHours {
        weekly: vec![written("monday", "09:00", "18:00"); intervals],
        holidays: vec![dated("2026-12-25"); holidays],
    };
    assert_eq!(refused(&with(100, 400)), Vec::<String>::new());
    assert_eq!(refused(&with(0, 0)), ["office_hours.weekly"]);
    assert_eq!(refused(&with(101, 0)), ["office_hours.weekly"]);
    assert_eq!(refused(&with(1, 401)), ["office_hours.holidays"]);
}
