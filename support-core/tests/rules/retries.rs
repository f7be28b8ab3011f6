//! How often, and after which pauses, a delivery is tried.

use std::time::Duration;

use proptest::prelude::*;
use support_core::model::RetrySchedule;

/// As the domain writes it out, in seconds.
const PAUSES: [u64; 10] = [
    5,
    30,
    2 * 60,
    10 * 60,
    60 * 60,
    3 * 60 * 60,
    6 * 60 * 60,
    12 * 60 * 60,
    24 * 60 * 60,
    24 * 60 * 60,
];

fn fifths(pause: u64, count: u32) -> Duration {
    Duration::from_secs(pause) * count / 5
}

#[test]
fn each_pause_is_up_to_a_fifth_shorter_or_longer() {
    let schedule = RetrySchedule::default();
    for (attempts, pause) in (1..).zip(PAUSES) {
        assert_eq!(schedule.pause_after(attempts, 0), Some(fifths(pause, 4)));
        assert_eq!(schedule.pause_after(attempts, 255), Some(fifths(pause, 6)));
        let mut before = Duration::ZERO;
        for dice in 0..=255 {
            let drawn = schedule.pause_after(attempts, dice).unwrap();
            assert!(drawn >= before && drawn >= fifths(pause, 4) && drawn <= fifths(pause, 6));
            before = drawn;
        }
    }
}

#[test]
fn after_the_last_retry_there_is_no_other() {
    let schedule = RetrySchedule::default();
    for dice in [0, 127, 255] {
        assert_eq!(schedule.pause_after(0, dice), None, "nothing was tried");
        assert!(schedule.pause_after(10, dice).is_some());
        assert_eq!(schedule.pause_after(11, dice), None);
        assert_eq!(schedule.pause_after(u32::MAX, dice), None);
    }
    assert_eq!(RetrySchedule::new(Vec::new()).pause_after(1, 0), None);
}

#[test]
fn a_mail_server_may_be_down_for_about_three_days() {
    let schedule = RetrySchedule::default();
    let day = Duration::from_secs(24 * 60 * 60);
    for (dice, least, most) in [(0, 2, 3), (127, 2, 4), (255, 3, 4)] {
        let pauses = (1..).map_while(|attempts| schedule.pause_after(attempts, dice));
        let whole: Duration = pauses.sum();
        assert!(whole > day * least && whole < day * most, "{whole:?}");
    }
}

proptest! {
    #[test]
    fn any_schedule_has_one_pause_before_each_retry(
        seconds in proptest::collection::vec(0_u64..1_000_000, 0..20),
        attempts in 0_u32..30,
        dice: u8,
    ) {
        let pauses = seconds.iter().copied().map(Duration::from_secs).collect();
        let drawn = RetrySchedule::new(pauses).pause_after(attempts, dice);
        let planned = attempts.checked_sub(1).and_then(|place| seconds.get(usize::try_from(place).unwrap()));
        match planned {
            None => prop_assert_eq!(drawn, None),
            Some(pause) => {
                let drawn = drawn.unwrap();
                prop_assert!(drawn >= fifths(*pause, 4) && drawn <= fifths(*pause, 6));
            }
        }
    }
}
