//! When too many failures lock a door, and for how long.

use std::time::Duration;

use proptest::prelude::*;
use support_core::model::{LOGIN_FAILURES_ALLOWED, LOGIN_LOCKOUT, LoginGuard, SecretHash, Timestamp};

const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn guard() -> LoginGuard {
    LoginGuard::new(SecretHash::stored("ab"), START)
}

fn after(failures: u32, each: Duration) -> (LoginGuard, Timestamp) {
    let mut guard = (guard(), START);
    for _ in 0..failures {
        let now = guard.1.plus(each);
        guard = (guard.0.failed(now), now);
    }
    guard
}

#[test]
fn ten_failures_lock_for_a_quarter_of_an_hour() {
    let second = Duration::from_secs(1);
    let (open, now) = after(LOGIN_FAILURES_ALLOWED - 1, second);
    assert_eq!(open.locked_for(now), None);
    let (locked, now) = after(LOGIN_FAILURES_ALLOWED, second);
    assert_eq!(locked.locked_for(now), Some(LOGIN_LOCKOUT));
    assert_eq!(locked.locked_for(now.plus(LOGIN_LOCKOUT).minus(second)), Some(second));
    assert_eq!(locked.locked_for(now.plus(LOGIN_LOCKOUT)), None);
}

#[test]
fn failures_of_long_ago_do_not_count() {
    let (guard, now) = after(LOGIN_FAILURES_ALLOWED - 1, Duration::from_secs(1));
    let later = now.plus(LOGIN_LOCKOUT * 2);
    let again = guard.failed(later);
    assert_eq!((again.failures, again.counted_from), (1, later));
    assert_eq!(again.locked_for(later), None);
}

#[test]
fn a_lock_that_ran_out_begins_to_count_anew() {
    let (locked, now) = after(LOGIN_FAILURES_ALLOWED, Duration::ZERO);
    let open_again = now.plus(LOGIN_LOCKOUT).plus(Duration::from_millis(1));
    let again = locked.failed(open_again);
    assert_eq!(again.failures, 1);
    assert_eq!(again.locked_for(open_again), None);
}

proptest! {
    #[test]
    fn nobody_gets_more_tries_in_any_quarter_of_an_hour_than_two_counts_hold(
        pauses in proptest::collection::vec(0..400_u64, 1..80),
    ) {
        let (mut guard, mut now, mut tries) = (guard(), START, Vec::new());
        for pause in pauses {
            now = now.plus(Duration::from_secs(pause));
            if guard.locked_for(now).is_none() {
                guard = guard.failed(now);
                tries.push(now);
            }
        }
        for (place, first) in tries.iter().enumerate() {
            let soon = tries[place..].iter().filter(|at| at.since(*first) < LOGIN_LOCKOUT).count();
            prop_assert!(soon < 2 * LOGIN_FAILURES_ALLOWED as usize, "{soon} tries");
        }
    }
}
