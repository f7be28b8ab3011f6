//! When people write: by day on weekdays, less in the evening, hardly at night.

use std::time::Duration;

use support_core::model::Timestamp;

use super::dice::Dice;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// How much is written in each hour of the day.
const HOURS: [(u64, i64); 24] = [
    (2, 0),
    (1, 1),
    (1, 2),
    (1, 3),
    (1, 4),
    (3, 5),
    (8, 6),
    (20, 7),
    (45, 8),
    (70, 9),
    (80, 10),
    (75, 11),
    (55, 12),
    (60, 13),
    (70, 14),
    (68, 15),
    (60, 16),
    (50, 17),
    (40, 18),
    (35, 19),
    (30, 20),
    (20, 21),
    (10, 22),
    (5, 23),
];
/// How much is written on each day, Monday first.
const WEEKDAYS: [u64; 7] = [120, 110, 100, 100, 90, 50, 40];

/// Whether somebody of the team is there.
pub(super) fn is_staffed(at: Timestamp) -> bool {
    weekday(at) < 6 && (8..19).contains(&hour(at))
}

/// When the team is there again.
pub(super) fn next_morning(at: Timestamp) -> Timestamp {
    let mut morning = Timestamp::from_millis(at.millis().div_euclid(DAY) * DAY + 8 * HOUR);
    while morning <= at || !is_staffed(morning) {
        morning = morning.plus(Duration::from_secs(24 * 60 * 60));
    }
    morning
}

fn hour(at: Timestamp) -> i64 {
    at.millis().rem_euclid(DAY) / HOUR
}

/// Monday is 0. The first of January 1970 was a Thursday.
fn weekday(at: Timestamp) -> usize {
    usize::try_from((at.millis().div_euclid(DAY) + 3).rem_euclid(7)).unwrap_or(0)
}

/// So many moments of the days before `now`, in order. Nothing but one day's are held at once.
pub(super) fn moments(now: Timestamp, days: u64, count: u64, mut dice: Dice) -> impl Iterator<Item = Timestamp> {
    let starts = (0..days).map(move |day| now.minus(Duration::from_secs((days - day) * 24 * 60 * 60)));
    let weight = |start: Timestamp| {
        let noon = start.plus(Duration::from_secs(12 * 60 * 60));
        WEEKDAYS.get(weekday(noon)).copied().unwrap_or(1)
    };
    let all: u64 = starts.clone().map(weight).sum();
    let mut passed = 0;
    let mut given = 0;
    starts.flat_map(move |start| {
        passed += weight(start);
        // Whole numbers, so that all days together come to exactly as many as are asked for.
        let until = u64::try_from(u128::from(count) * u128::from(passed) / u128::from(all.max(1))).unwrap_or(count);
        let mut moments: Vec<Timestamp> = (given..until).map(|_| moment(start, &mut dice)).collect();
        given = until;
        moments.sort_unstable();
        moments
    })
}

/// A moment of the 24 hours after `start`.
fn moment(start: Timestamp, dice: &mut Dice) -> Timestamp {
    let hour = dice.weighed(&HOURS, 12);
    let within = i64::try_from(dice.between(0, 3_599_999)).unwrap_or(0);
    let offset = (hour * HOUR + within - start.millis()).rem_euclid(DAY);
    Timestamp::from_millis(start.millis() + offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_moments_are_given_out_in_order_before_now() {
        let now = "2026-11-21T10:00:00Z".parse::<Timestamp>().ok();
        let now = now.unwrap_or(Timestamp::from_millis(0));
        let moments: Vec<_> = moments(now, 30, 1_001, Dice::seeded(1)).collect();
        assert_eq!(moments.len(), 1_001);
        assert!(moments.is_sorted());
        let first = now.minus(Duration::from_secs(30 * 24 * 60 * 60));
        assert!(moments.iter().all(|moment| (first..=now).contains(moment)));
        let by_day = moments.iter().filter(|moment| (8..18).contains(&hour(**moment)));
        assert!(by_day.count() > 600, "most is written by day");
    }

    #[test]
    fn the_team_comes_back_on_the_next_working_day() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap_or(Timestamp::from_millis(0));
        assert!(is_staffed(at("2026-11-20T09:00:00Z")));
        assert!(!is_staffed(at("2026-11-22T09:00:00Z")));
        assert_eq!(next_morning(at("2026-11-21T20:00:00Z")), at("2026-11-23T08:00:00Z"));
    }
}
