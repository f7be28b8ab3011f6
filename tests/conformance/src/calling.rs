//! The work that callbacks make: who is to be phoned next, who was forgotten, and how it went.

use std::{sync::Arc, time::Duration};

use support_core::{
    model::{Callback, CallbackCounts, CallbackId, CallbackStatus, PendingCallbacks, QuarterHour, Timestamp},
    ports::{OverdueCallback, Store},
};

use crate::world::{ALL, World};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const MILLISECOND: Duration = Duration::from_millis(1);
/// Where a quarter of an hour begins.
const QUARTER: Timestamp = Timestamp::from_millis(1_888_888 * 15 * 60 * 1_000);

fn ids(callbacks: &[Callback]) -> Vec<CallbackId> {
    callbacks.iter().map(|callback| callback.id).collect()
}

impl World {
    /// Stores a sample after a change to it, and answers its id.
    async fn wish(&self, change: impl FnOnce(&mut Callback)) -> CallbackId {
        let mut callback = self.samples.callback();
        change(&mut callback);
        self.save_callback(callback).await.id
    }
}

/// Those that nobody has come by how long they have been due; what lies ahead comes in its time.
pub async fn callbacks_that_nobody_has_come_longest_due_first(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let agent = world.samples.agent().id;
    let start = world.samples.later();
    let at = |minutes: u32| start.plus(MINUTE * minutes);
    let second = world.wish(|callback| callback.created_at = at(10)).await;
    let first = world
        .wish(|callback| {
            callback.created_at = at(20);
            callback.scheduled_at = Some(at(5));
        })
        .await;
    let mut third = world.samples.callback();
    third.scheduled_at = Some(at(30));
    let third = world.save_callback(third).await;
    world.wish(|callback| callback.assigned_to = Some(agent)).await;
    for status in [
        CallbackStatus::Contacted,
        CallbackStatus::Resolved,
        CallbackStatus::Failed,
    ] {
        world.wish(|callback| callback.status = status).await;
    }

    let due = async |before, limit| ids(&store.unassigned_callbacks(world.id(), before, limit).await.unwrap());
    assert_eq!(due(at(5).minus(MILLISECOND), ALL).await, []);
    assert_eq!(due(at(5), ALL).await, [first]);
    assert_eq!(due(at(29), ALL).await, [first, second]);
    assert_eq!(due(at(30), ALL).await, [first, second, third.id]);
    assert_eq!(due(at(30), 2).await, [first, second]);
    let id = third.id;
    let hurried = Callback {
        scheduled_at: None,
        ..third
    };
    world.save_callback(hurried).await;
    assert_eq!(due(at(4), ALL).await, [id], "as soon as possible is since it came in");
}

/// What an agent has to do is pending or contacted, oldest first.
pub async fn an_agents_unfinished_callbacks_come_oldest_first(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let (agent, other) = (world.samples.agent().id, world.samples.agent().id);
    let start = world.samples.later();
    let of_agent = |status, minutes: u32| {
        move |callback: &mut Callback| {
            callback.assigned_to = Some(agent);
            callback.status = status;
            callback.created_at = start.plus(MINUTE * minutes);
        }
    };
    let second = world.wish(of_agent(CallbackStatus::Contacted, 2)).await;
    let third = world.wish(of_agent(CallbackStatus::Pending, 3)).await;
    let first = world
        .wish(|callback| {
            of_agent(CallbackStatus::Pending, 1)(callback);
            callback.scheduled_at = Some(start.plus(HOUR));
        })
        .await;
    world.wish(of_agent(CallbackStatus::Resolved, 0)).await;
    world.wish(of_agent(CallbackStatus::Failed, 0)).await;
    world.wish(|callback| callback.assigned_to = Some(other)).await;
    world.wish(|_| {}).await;
    let theirs = async |limit| {
        let found = store.unfinished_callbacks_of_agent(world.id(), agent, limit).await;
        ids(&found.unwrap())
    };
    assert_eq!(theirs(ALL).await, [first, second, third]);
    assert_eq!(theirs(2).await, [first, second]);
}

/// Agents are reminded of calls that are near, once, over all tenants.
pub async fn callbacks_to_remind_are_scheduled_and_have_an_agent(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let neighbour = world.neighbour().await;
    let agent = world.samples.agent().id;
    let at = |minutes: u32| world.tenant.created_at.plus(MINUTE * minutes);
    let scheduled = |minutes| {
        move |callback: &mut Callback| {
            callback.assigned_to = Some(agent);
            callback.scheduled_at = Some(at(minutes));
        }
    };
    let second = (world.id(), world.wish(scheduled(20)).await);
    let first = (neighbour.id(), neighbour.wish(scheduled(10)).await);
    let third = (world.id(), {
        let contacted = world.wish(|callback| {
            scheduled(30)(callback);
            callback.status = CallbackStatus::Contacted;
        });
        contacted.await
    });
    world.wish(|callback| callback.assigned_to = Some(agent)).await;
    world.wish(|callback| callback.scheduled_at = Some(at(1))).await;
    for status in [CallbackStatus::Resolved, CallbackStatus::Failed] {
        let finished = world.wish(|callback| {
            scheduled(1)(callback);
            callback.status = status;
        });
        finished.await;
    }
    let near = async |before, limit| store.callbacks_to_remind(before, limit).await.unwrap();
    assert_eq!(near(at(10).minus(MILLISECOND), ALL).await, []);
    assert_eq!(near(at(10), ALL).await, [first]);
    assert_eq!(near(at(60), ALL).await, [first, second, third]);
    assert_eq!(near(at(60), 2).await, [first, second]);
    let (tenant, id) = first;
    let reminded = store.callback(tenant, id).await.unwrap().unwrap();
    let reminded = Callback {
        reminded_at: Some(at(5)),
        ..reminded
    };
    neighbour.save_callback(reminded).await;
    assert_eq!(near(at(60), ALL).await, [second, third]);
}

/// What nobody has followed is found once, over all tenants, whoever has it and whenever it is due.
pub async fn overdue_callbacks_are_pending_and_not_yet_found(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let neighbour = world.neighbour().await;
    let agent = world.samples.agent().id;
    let at = |minutes: u32| world.tenant.created_at.plus(MINUTE * minutes);
    let overdue_at = |minutes| move |callback: &mut Callback| callback.overdue_at = Some(at(minutes));
    let second = world.wish(|callback| {
        overdue_at(20)(callback);
        callback.assigned_to = Some(agent);
    });
    let second = (at(20), world.id(), second.await);
    let third = world.wish(|callback| {
        overdue_at(30)(callback);
        callback.scheduled_at = Some(at(90));
    });
    let third = (at(30), world.id(), third.await);
    let first = (at(10), neighbour.id(), neighbour.wish(overdue_at(10)).await);
    world.wish(|callback| callback.overdue_at = None).await;
    let found_before = world.wish(|callback| {
        overdue_at(1)(callback);
        callback.escalated_at = Some(at(1));
    });
    found_before.await;
    for status in [
        CallbackStatus::Contacted,
        CallbackStatus::Resolved,
        CallbackStatus::Failed,
    ] {
        let followed = world.wish(|callback| {
            overdue_at(1)(callback);
            callback.status = status;
        });
        followed.await;
    }
    let [first, second, third] =
        [first, second, third].map(|(at, tenant, callback)| OverdueCallback { at, tenant, callback });
    let overdue = async |now, limit| store.callbacks_overdue(now, None, limit).await.unwrap();
    assert_eq!(overdue(at(10).minus(MILLISECOND), ALL).await, []);
    assert_eq!(overdue(at(10), ALL).await, [first]);
    assert_eq!(overdue(at(60), ALL).await, [first, second, third]);
    assert_eq!(overdue(at(60), 1).await, [first]);
}

/// Page after page every one comes once, also of those that are overdue since the same moment.
pub async fn overdue_callbacks_come_after_a_place(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let neighbour = world.neighbour().await;
    let at = |minutes: u32| world.tenant.created_at.plus(MINUTE * minutes);
    let mut expected = Vec::new();
    for minutes in [3, 1, 2, 2, 2, 1] {
        for place in [&world, &neighbour] {
            let callback = place.wish(|callback| callback.overdue_at = Some(at(minutes))).await;
            expected.push(OverdueCallback {
                at: at(minutes),
                tenant: place.id(),
                callback,
            });
        }
    }
    expected.sort_unstable();
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = store.callbacks_overdue(at(3), after, 5).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(*last);
        found.extend(page);
    }
    assert_eq!(found, expected);
}

/// Pending ones by how long they have been due: what lies ahead is young.
pub async fn pending_callbacks_are_counted_by_age(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let neighbour = world.neighbour().await;
    let now = QUARTER;
    let pending = async || store.pending_callbacks(world.id(), now).await.unwrap();
    assert_eq!(pending().await, PendingCallbacks::default());
    let ages = [
        Duration::ZERO,
        HOUR - MILLISECOND,
        HOUR,
        HOUR * 4 - MILLISECOND,
        HOUR * 4,
        HOUR * 24 - MILLISECOND,
        HOUR * 24 - MILLISECOND,
        HOUR * 24,
        HOUR * 24 * 365,
    ];
    for (place, age) in (0_u32..).zip(ages) {
        let waiting = world.wish(|callback| {
            callback.created_at = now.minus(age);
            callback.overdue_at = (place > 0).then(|| now.plus(MILLISECOND * 2).minus(MILLISECOND * place));
        });
        waiting.await;
    }
    let ahead = world.wish(|callback| {
        callback.created_at = now.minus(HOUR * 48);
        callback.scheduled_at = Some(now.plus(HOUR));
        callback.overdue_at = Some(now.plus(HOUR * 25));
    });
    ahead.await;
    let others = [
        CallbackStatus::Contacted,
        CallbackStatus::Resolved,
        CallbackStatus::Failed,
    ];
    for status in others {
        let other = world.wish(|callback| {
            callback.status = status;
            callback.created_at = now;
            callback.overdue_at = Some(now);
        });
        other.await;
    }
    let theirs = neighbour.wish(|callback| {
        callback.created_at = now;
        callback.overdue_at = Some(now);
    });
    theirs.await;
    let expected = PendingCallbacks {
        by_age: [3, 2, 3, 2],
        overdue: 7,
    };
    assert_eq!(pending().await, expected);
}

fn quarter(at: Timestamp, requests: u64, resolved: u64) -> QuarterHour {
    QuarterHour { at, requests, resolved }
}

/// Only what came in within the span is counted; what was resolved within it counts by when.
pub async fn callbacks_are_counted_by_quarters_of_an_hour(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let at = |minutes: u32| QUARTER.plus(MINUTE * minutes);
    let just_before = |minutes| at(minutes).minus(MILLISECOND);
    let (from, to) = (at(5), at(65));
    let came = |created_at, status, resolved_at: Option<Timestamp>| {
        move |callback: &mut Callback| {
            callback.created_at = created_at;
            callback.status = status;
            callback.resolved_at = resolved_at;
        }
    };
    use CallbackStatus::{Contacted, Failed, Pending, Resolved};
    world.wish(came(just_before(5), Resolved, Some(at(20)))).await;
    let contacted = world.wish(|callback| {
        came(from, Contacted, None)(callback);
        callback.contacted_at = Some(at(7));
    });
    contacted.await;
    let resolved = world.wish(|callback| {
        came(just_before(15), Resolved, Some(just_before(65)))(callback);
        callback.contacted_at = Some(at(75));
    });
    resolved.await;
    world.wish(came(at(15), Pending, None)).await;
    world.wish(came(at(16), Pending, None)).await;
    world.wish(came(at(46), Resolved, Some(to))).await;
    world.wish(came(to, Failed, None)).await;
    let neighbour = world.neighbour().await;
    neighbour.wish(came(at(15), Pending, Some(at(16)))).await;

    let mut counts = store.callback_counts(world.id(), from, to).await.unwrap();
    counts.by_status.sort_unstable();
    let expected = CallbackCounts {
        by_status: vec![(Pending, 2), (Contacted, 1), (Resolved, 2)],
        by_quarter_hour: vec![
            quarter(at(0), 2, 0),
            quarter(at(15), 2, 1),
            quarter(at(45), 1, 0),
            quarter(at(60), 0, 1),
        ],
        millis_to_contact: 2 * 60 * 1_000 + 60 * 60 * 1_000 + 1,
        contacted: 2,
        top_employee_ids: Vec::new(),
    };
    assert_eq!(counts, expected);
    let nothing = store.callback_counts(world.id(), to, from).await.unwrap();
    assert_eq!(nothing, CallbackCounts::default());

    let before_all = Timestamp::from_millis(-1);
    world.wish(came(before_all, Pending, None)).await;
    let begin = Timestamp::from_millis(0).minus(MINUTE * 15);
    let counts = store
        .callback_counts(world.id(), begin, begin.plus(HOUR))
        .await
        .unwrap();
    assert_eq!(counts.by_quarter_hour, [quarter(begin, 1, 0)]);
}

/// The ten that are told most often, by name where they are told as often.
pub async fn the_ten_most_told_employee_ids_are_counted(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let told = [
        ("b", 3),
        ("a", 3),
        ("Z", 3),
        ("often", 4),
        ("é", 2),
        ("e", 2),
        ("1", 1),
        ("5", 1),
        ("3", 1),
        ("2", 1),
        ("4", 1),
        ("6", 1),
    ];
    for (employee_id, count) in told {
        for _ in 0..count {
            world
                .wish(|callback| callback.employee_id = Some(employee_id.to_owned()))
                .await;
        }
    }
    world.wish(|_| {}).await;
    let (from, to) = (world.tenant.created_at, world.samples.later());
    let counts = store.callback_counts(world.id(), from, to).await.unwrap();
    let top = counts
        .top_employee_ids
        .iter()
        .map(|(name, count)| (name.as_str(), *count));
    let expected = [
        ("often", 4),
        ("Z", 3),
        ("a", 3),
        ("b", 3),
        ("e", 2),
        ("é", 2),
        ("1", 1),
        ("2", 1),
        ("3", 1),
        ("4", 1),
    ];
    assert!(top.eq(expected), "{:?}", counts.top_employee_ids);
}
