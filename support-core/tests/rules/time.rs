//! Points in time: written, read, and moved.

use std::time::Duration;

use proptest::prelude::*;
use support_core::model::Timestamp;

/// The years 1 to 9999, which RFC 3339 can write.
const WRITTEN: std::ops::RangeInclusive<i64> = -62_135_596_800_000..=253_402_300_799_999;

proptest! {
    #[test]
    fn what_is_written_is_read_back(millis in WRITTEN) {
        let at = Timestamp::from_millis(millis);
        prop_assert_eq!(at.to_string().parse(), Ok(at));
        let json = serde_json::to_string(&at).unwrap();
        prop_assert_eq!(serde_json::from_str::<Timestamp>(&json).unwrap(), at);
        prop_assert_eq!(Timestamp::from(at.to_datetime()), at);
    }

    #[test]
    fn writing_keeps_the_order(first in 0..=*WRITTEN.end(), second in 0..=*WRITTEN.end()) {
        let (first, second) = (Timestamp::from_millis(first), Timestamp::from_millis(second));
        prop_assert_eq!(first.to_string().cmp(&second.to_string()), first.cmp(&second));
    }

    #[test]
    fn moving_there_and_back_again_ends_where_it_began(millis in WRITTEN, by in 0..=u64::from(u32::MAX)) {
        let (at, by) = (Timestamp::from_millis(millis), Duration::from_millis(by));
        prop_assert_eq!(at.plus(by).minus(by), at);
        prop_assert_eq!(at.plus(by).since(at), by);
        prop_assert_eq!(at.since(at.plus(by)), Duration::ZERO);
    }

    #[test]
    fn no_point_in_time_is_too_far(millis in any::<i64>(), secs in any::<u64>()) {
        let at = Timestamp::from_millis(millis);
        let by = Duration::from_secs(secs);
        prop_assert!(at.minus(by) <= at && at <= at.plus(by));
        let _ = (at.to_string(), at.to_datetime(), at.since(Timestamp::from_millis(i64::MIN)));
    }
}

#[test]
fn it_is_written_in_utc_with_three_digits() {
    assert_eq!(Timestamp::from_millis(0).to_string(), "1970-01-01T00:00:00.000Z");
    assert_eq!(Timestamp::from_millis(-1).to_string(), "1969-12-31T23:59:59.999Z");
    for wrong in ["", "now", "2023-11-14", "2023-11-14T22:13:20", "1700000000"] {
        assert!(wrong.parse::<Timestamp>().is_err(), "{wrong}");
    }
}
