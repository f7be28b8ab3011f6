//! How much may be under way, and when nothing should be: a circuit breaker for each lane, and
//! for each webhook, whose URLs have nothing to do with each other.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use super::width;
use crate::{
    desk::Attempted,
    model::{Channel, Delivery, RetrySchedule, Timestamp},
    ports::Lane,
};

/// After how many failures in a row nothing is tried for a while.
const FAILURES_BORNE: u32 = 5;
/// The longest while.
const LONGEST_REST: Duration = Duration::from_secs(60);
/// How many calls of one webhook may be under way at once.
const CALLS_OF_WEBHOOK: usize = 4;

/// What is held up together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct GateKey {
    lane: Lane,
    /// Where recipients have nothing in common but the tenant.
    recipient: Option<String>,
}

impl GateKey {
    pub(super) const fn of_lane(lane: Lane) -> Self {
        Self { lane, recipient: None }
    }

    pub(super) fn of(lane: Lane, delivery: &Delivery) -> Self {
        let recipient = (lane.channel == Channel::Webhook).then(|| delivery.recipient.clone());
        Self { lane, recipient }
    }

    pub(super) const fn lane(&self) -> Lane {
        self.lane
    }

    /// How many sends may be under way at once.
    pub(super) fn width(&self) -> usize {
        if self.recipient.is_some() {
            CALLS_OF_WEBHOOK
        } else {
            width(self.lane.channel)
        }
    }
}

/// Whether something may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gate {
    /// It goes.
    Open,
    /// Not before.
    Shut {
        /// When to ask again.
        until: Timestamp,
    },
}

#[derive(Debug, Default)]
struct State {
    under_way: usize,
    failures: u32,
    shut: Option<Shut>,
    probed_at: Option<Timestamp>,
}

/// From when until when nothing may go.
#[derive(Debug, Clone, Copy)]
struct Shut {
    from: Timestamp,
    until: Timestamp,
}

impl State {
    /// Until when nothing may go. A clock that was set back before the rest began says nothing
    /// about its end.
    fn shut_until(&self, now: Timestamp) -> Option<Timestamp> {
        let shut = self.shut.filter(|shut| shut.from <= now && now < shut.until)?;
        Some(shut.until)
    }
}

/// All gates that something has lately gone through.
#[derive(Debug)]
pub(super) struct Gates {
    states: HashMap<GateKey, State>,
    retries: RetrySchedule,
}

impl Gates {
    pub(super) fn new(retries: RetrySchedule) -> Self {
        Self {
            states: HashMap::new(),
            retries,
        }
    }

    /// How many more may be taken.
    pub(super) fn room(&self, key: &GateKey, now: Timestamp) -> usize {
        let Some(state) = self.states.get(key) else {
            return key.width();
        };
        if state.shut_until(now).is_some() {
            return 0;
        }
        // After a rest, one finds out for all.
        let width = if state.failures >= FAILURES_BORNE {
            1
        } else {
            key.width()
        };
        width.saturating_sub(state.under_way)
    }

    /// Lets one through, or says when to ask again.
    pub(super) fn enter(&mut self, key: &GateKey, now: Timestamp) -> Gate {
        if key.recipient.is_some() && self.room(key, now) == 0 {
            let until = self.states.get(key).and_then(|state| state.shut_until(now));
            let soon = now.plus(Duration::from_secs(1));
            return Gate::Shut {
                until: until.unwrap_or(soon),
            };
        }
        self.states.entry(key.clone()).or_default().under_way += 1;
        if key.recipient.is_some() {
            let lane = GateKey::of_lane(key.lane);
            self.states.entry(lane).or_default().under_way += 1;
        }
        Gate::Open
    }

    /// One has come out, and this was learnt.
    pub(super) fn leave(&mut self, key: &GateKey, attempted: Attempted, now: Timestamp) {
        if key.recipient.is_some()
            && let Some(lane) = self.states.get_mut(&GateKey::of_lane(key.lane))
        {
            lane.under_way = lane.under_way.saturating_sub(1);
        }
        let Some(state) = self.states.get_mut(key) else {
            return;
        };
        state.under_way = state.under_way.saturating_sub(1);
        match attempted {
            Attempted::Nothing | Attempted::Refused => {}
            Attempted::Works => {
                state.failures = 0;
                state.shut = None;
            }
            Attempted::Fails(asked) => {
                // What began before the rest says nothing new.
                let resting = state.shut_until(now);
                let mut rest = asked;
                if resting.is_none() {
                    state.failures = state.failures.saturating_add(1);
                    rest = rest_after(state.failures, &self.retries).max(asked);
                }
                let until = rest.map(|rest| now.plus(rest)).max(resting);
                state.shut = until.map(|until| Shut { from: now, until });
            }
        }
    }

    /// Whether one may find out if a paused lane works again.
    pub(super) fn probe(&mut self, lane: Lane, since: Timestamp, every: Duration, now: Timestamp) -> bool {
        let state = self.states.entry(GateKey::of_lane(lane)).or_default();
        let last = state.probed_at.map_or(since, |probed| probed.max(since));
        let is_set_back = now < last;
        if !is_set_back && now.since(last) < every {
            return false;
        }
        state.probed_at = Some(now);
        true
    }

    /// How many are under way.
    pub(super) fn under_way(&self, key: &GateKey) -> usize {
        self.states.get(key).map_or(0, |state| state.under_way)
    }

    /// Forgets the gates of lanes in which nothing happens any more.
    pub(super) fn forget_all_but(&mut self, lanes: &HashSet<Lane>, now: Timestamp) {
        self.states
            .retain(|key, state| state.under_way > 0 || lanes.contains(&key.lane) || state.shut_until(now).is_some());
    }
}

/// How long nothing is tried after so many failures in a row: the schedule's first pause, twice
/// that after each further failure, and a minute at most.
fn rest_after(failures: u32, retries: &RetrySchedule) -> Option<Duration> {
    let beyond = failures.checked_sub(FAILURES_BORNE)?;
    let first = retries.first()?;
    Some(first.saturating_mul(1 << beyond.min(10)).min(LONGEST_REST))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TenantId;

    const LANE: Lane = Lane {
        tenant: TenantId::new(uuid::Uuid::from_u128(1)),
        channel: Channel::Email,
    };

    fn gates() -> Gates {
        Gates::new(RetrySchedule::default())
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    fn fail(gates: &mut Gates, times: u32, now: Timestamp) {
        let key = GateKey::of_lane(LANE);
        for _ in 0..times {
            assert_eq!(gates.enter(&key, now), Gate::Open);
            gates.leave(&key, Attempted::Fails(None), now);
        }
    }

    #[test]
    fn a_lane_that_keeps_failing_rests_and_is_then_tried_by_one() {
        let mut gates = gates();
        let key = GateKey::of_lane(LANE);
        fail(&mut gates, FAILURES_BORNE - 1, at(0));
        assert_eq!(gates.room(&key, at(0)), width(Channel::Email));
        fail(&mut gates, 1, at(0));
        assert_eq!(gates.room(&key, at(4)), 0);
        assert_eq!(gates.room(&key, at(5)), 1);
        gates.enter(&key, at(5));
        gates.leave(&key, Attempted::Works, at(5));
        assert_eq!(gates.room(&key, at(5)), width(Channel::Email));
    }

    #[test]
    fn what_fails_together_makes_for_one_rest() {
        let mut gates = gates();
        let key = GateKey::of_lane(LANE);
        for _ in 0..16 {
            gates.enter(&key, at(0));
        }
        for _ in 0..16 {
            gates.leave(&key, Attempted::Fails(None), at(40));
        }
        assert_eq!(gates.room(&key, at(44)), 0);
        assert_eq!(gates.room(&key, at(45)), 1);
        gates.enter(&key, at(45));
        gates.leave(&key, Attempted::Fails(None), at(45));
        assert_eq!(gates.room(&key, at(54)), 0);
        assert_eq!(gates.room(&key, at(55)), 1);
    }

    #[test]
    fn nothing_goes_before_the_other_side_wants_it() {
        let mut gates = gates();
        let key = GateKey::of_lane(LANE);
        gates.enter(&key, at(0));
        gates.leave(&key, Attempted::Fails(Some(Duration::from_secs(30))), at(0));
        assert_eq!(gates.room(&key, at(29)), 0);
        assert_eq!(gates.room(&key, at(30)), width(Channel::Email));
    }

    #[test]
    fn one_webhook_that_fails_holds_up_no_other() {
        let mut gates = gates();
        let lane = Lane {
            channel: Channel::Webhook,
            ..LANE
        };
        let to = |recipient: &str| GateKey {
            lane,
            recipient: Some(recipient.to_owned()),
        };
        for _ in 0..CALLS_OF_WEBHOOK {
            assert_eq!(gates.enter(&to("broken"), at(0)), Gate::Open);
        }
        assert_eq!(gates.enter(&to("broken"), at(0)), Gate::Shut { until: at(1) });
        for _ in 0..CALLS_OF_WEBHOOK {
            gates.leave(&to("broken"), Attempted::Fails(None), at(0));
        }
        assert_eq!(gates.under_way(&GateKey::of_lane(lane)), 0);
        gates.enter(&to("broken"), at(0));
        gates.leave(&to("broken"), Attempted::Fails(None), at(0));
        assert_eq!(gates.enter(&to("broken"), at(1)), Gate::Shut { until: at(5) });
        assert_eq!(gates.enter(&to("fine"), at(1)), Gate::Open);
        assert_eq!(gates.room(&GateKey::of_lane(lane), at(1)), width(Channel::Webhook) - 1);
    }

    #[test]
    fn a_clock_that_is_set_back_prolongs_no_rest() {
        let mut gates = gates();
        let key = GateKey::of_lane(LANE);
        fail(&mut gates, FAILURES_BORNE, at(10_000));
        assert_eq!(gates.room(&key, at(10_004)), 0);
        assert_eq!(gates.room(&key, at(5)), 1);
        gates.enter(&key, at(5));
        gates.leave(&key, Attempted::Fails(None), at(5));
        assert_eq!(gates.room(&key, at(14)), 0);
        assert_eq!(gates.room(&key, at(15)), 1);
    }

    #[test]
    fn a_paused_lane_is_probed_now_and_then() {
        let mut gates = gates();
        let every = Duration::from_secs(900);
        assert!(!gates.probe(LANE, at(0), every, at(899)));
        assert!(gates.probe(LANE, at(0), every, at(900)));
        assert!(!gates.probe(LANE, at(0), every, at(901)));
        assert!(gates.probe(LANE, at(0), every, at(100)));
        assert!(!gates.probe(LANE, at(0), every, at(101)));
    }
}
