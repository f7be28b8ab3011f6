//! The steps of a callback, against the table of the domain written out; and its attempts.

use support_core::{
    model::{
        AgentId, AttemptOutcome, Calendar, CallAttempt, Callback,
        CallbackStatus::{self, Contacted, Failed, Pending, Resolved},
        OfficeHours, OpeningInterval, Timestamp, Weekday,
    },
    testing::Samples,
};
use uuid::Uuid;

const AGENT: AgentId = AgentId::new(Uuid::from_u128(1));
const OTHER: AgentId = AgentId::new(Uuid::from_u128(2));

/// The table of the domain: from where, to where.
const TABLE: [(CallbackStatus, &[CallbackStatus]); 4] = [
    (Pending, &[Contacted, Failed]),
    (Contacted, &[Resolved, Failed]),
    (Resolved, &[]),
    (Failed, &[Pending]),
];

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn standing(status: CallbackStatus) -> Callback {
    Callback {
        status,
        created_at: at(1),
        updated_at: at(1),
        ..Samples::new().callback()
    }
}

fn attempt(outcome: AttemptOutcome, by: Option<AgentId>, millis: i64) -> CallAttempt {
    CallAttempt {
        at: at(millis),
        by,
        outcome,
        notes: None,
    }
}

#[test]
fn the_steps_lead_where_the_table_says_and_nowhere_else() {
    for (from, reached) in TABLE {
        for to in CallbackStatus::ALL.iter().copied() {
            assert_eq!(from.may_become(to), reached.contains(&to), "{from} to {to}");
            let mut callback = standing(from);
            let before = callback.clone();
            let step = callback.set_status(to, Some(AGENT), at(5));
            if to == from {
                assert_eq!((step, callback), (Ok(()), before), "nothing happens");
            } else if reached.contains(&to) {
                assert_eq!(step, Ok(()));
                assert_eq!((callback.status, callback.updated_at), (to, at(5)));
            } else {
                let refused = step.unwrap_err();
                assert_eq!((refused.from, refused.attempted), (from, to));
                assert_eq!(refused.to_string(), format!("a callback can't go from {from} to {to}"));
                assert_eq!(callback, before, "a refusal changes nothing");
            }
        }
    }
}

#[test]
fn only_pending_and_contacted_ones_are_unfinished() {
    let unfinished = CallbackStatus::ALL.iter().filter(|status| status.is_unfinished());
    assert!(unfinished.eq(&[Pending, Contacted]));
}

#[test]
fn the_first_contact_is_remembered_even_when_it_is_tried_again() {
    let mut callback = standing(Pending);
    callback.set_status(Contacted, Some(AGENT), at(2)).unwrap();
    assert_eq!(
        (callback.contacted_at, callback.contacted_by),
        (Some(at(2)), Some(AGENT))
    );
    callback.set_status(Failed, Some(AGENT), at(3)).unwrap();
    callback.escalated_at = Some(at(3));
    callback.set_status(Pending, Some(OTHER), at(4)).unwrap();
    assert_eq!(callback.escalated_at, None, "it may be found overdue anew");
    callback.set_status(Contacted, Some(OTHER), at(5)).unwrap();
    assert_eq!(
        (callback.contacted_at, callback.contacted_by),
        (Some(at(2)), Some(AGENT))
    );
    assert_eq!(callback.resolved_at, None);
    callback.set_status(Resolved, Some(OTHER), at(6)).unwrap();
    assert_eq!(callback.resolved_at, Some(at(6)));
}

#[test]
fn an_attempt_that_reached_them_is_the_first_contact() {
    for outcome in AttemptOutcome::ALL.iter().copied() {
        let mut callback = standing(Pending);
        callback.attempt(attempt(outcome, Some(AGENT), 7)).unwrap();
        let is_reached = outcome == AttemptOutcome::Reached;
        let expected = if is_reached { Contacted } else { Pending };
        assert_eq!(callback.status, expected, "{outcome}");
        assert_eq!(callback.contacted_at, is_reached.then_some(at(7)), "{outcome}");
        assert_eq!(callback.contacted_by, is_reached.then_some(AGENT), "{outcome}");
        assert_eq!(callback.updated_at, at(7));
    }
}

#[test]
fn attempts_are_kept_in_order() {
    let mut callback = standing(Pending);
    let attempts = [
        attempt(AttemptOutcome::NoAnswer, Some(AGENT), 2),
        attempt(AttemptOutcome::Reached, None, 3),
        attempt(AttemptOutcome::Reached, Some(OTHER), 4),
        attempt(AttemptOutcome::Busy, Some(OTHER), 5),
    ];
    for attempt in &attempts {
        callback.attempt(attempt.clone()).unwrap();
    }
    assert_eq!(callback.attempts, attempts);
    assert_eq!((callback.status, callback.contacted_at), (Contacted, Some(at(3))));
    assert_eq!(callback.contacted_by, None, "a server in the team's name");
}

#[test]
fn nobody_is_phoned_about_what_is_finished() {
    for status in [Resolved, Failed] {
        let mut callback = standing(status);
        let before = callback.clone();
        for outcome in AttemptOutcome::ALL.iter().copied() {
            let refused = callback.attempt(attempt(outcome, Some(AGENT), 9)).unwrap_err();
            assert_eq!((refused.from, refused.attempted), (status, Contacted));
        }
        assert_eq!(callback, before);
    }
}

#[test]
fn a_callback_is_due_when_scheduled_or_else_since_it_came_in() {
    let mut callback = standing(Pending);
    assert_eq!(callback.due_at(), at(1));
    callback.scheduled_at = Some(at(99));
    assert_eq!(callback.due_at(), at(99));
}

/// Open from nine to five on Thursdays and Fridays.
fn office() -> Calendar {
    let open = |day| OpeningInterval {
        day,
        from: "09:00".parse().unwrap(),
        to: "17:00".parse().unwrap(),
    };
    let hours = OfficeHours {
        weekly: [Weekday::Thursday, Weekday::Friday].map(open).to_vec(),
        holidays: Vec::new(),
    };
    Calendar::new(chrono_tz::UTC, Some(&hours))
}

fn promised(calendar: &Calendar, came: &str, scheduled: Option<&str>, now: &str) -> Option<String> {
    let mut callback = Callback {
        created_at: came.parse().unwrap(),
        scheduled_at: scheduled.map(|at| at.parse().unwrap()),
        ..standing(Pending)
    };
    callback.promise(calendar, now.parse().unwrap());
    callback.overdue_at.map(|at| at.to_string())
}

#[test]
fn a_callback_is_overdue_after_a_working_day_of_office_hours_or_else_after_24_hours() {
    let always = Calendar::new(chrono_tz::UTC, None);
    let never = Calendar::new(chrono_tz::UTC, Some(&OfficeHours::default()));
    let office = office();
    // A Friday.
    let came = "2026-11-20T15:00:00.000Z";
    let on = |calendar, scheduled, now| promised(calendar, came, scheduled, now);
    assert_eq!(on(&always, None, came).unwrap(), "2026-11-21T15:00:00.000Z");
    assert_eq!(on(&office, None, came).unwrap(), "2026-11-26T15:00:00.000Z");
    assert_eq!(on(&never, None, came), None);
    let scheduled = Some("2026-11-27T10:00:00.000Z");
    assert_eq!(on(&always, scheduled, came).unwrap(), "2026-11-28T10:00:00.000Z");
    assert_eq!(on(&office, scheduled, came).unwrap(), "2026-12-03T10:00:00.000Z");
    let again = "2026-11-29T10:00:00.000Z";
    assert_eq!(on(&always, scheduled, again).unwrap(), "2026-11-30T10:00:00.000Z");
}

#[test]
fn only_what_nobody_has_followed_is_overdue_and_from_the_promised_moment_on() {
    for status in CallbackStatus::ALL.iter().copied() {
        let mut callback = standing(status);
        callback.overdue_at = Some(at(9));
        assert!(!callback.is_overdue(at(8)), "{status}");
        assert_eq!(callback.is_overdue(at(9)), status == Pending, "{status}");
        callback.overdue_at = None;
        assert!(!callback.is_overdue(at(i64::MAX)), "{status}");
    }
}
