//! Wishes to be phoned: every field, repeats of a number, and lists.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use support_core::{
    change::{Claim, Conflict, Rejected},
    model::{AgentId, AttemptOutcome, CallAttempt, Callback, CallbackStatus, CustomerId},
    ports::{CallbackFilter, Page, PageRequest, Store},
};

use crate::{
    roundtrip::{EDGES, TEXTS},
    world::{Dice, WHOLE, World},
};

impl World {
    /// Stores a callback, and gives it back as it is stored.
    pub(crate) async fn save_callback(&self, callback: Callback) -> Callback {
        let id = callback.id;
        let mut change = self.change();
        change.put_callback(callback, []);
        self.commit(change).await;
        self.store.callback(self.id(), id).await.unwrap().unwrap()
    }
}

/// With everything that may be told of it.
fn told_whole(world: &World, place: usize) -> Callback {
    let text = || TEXTS[place].to_owned();
    let at = EDGES[place % EDGES.len()];
    let agent = world.samples.agent().id;
    let attempts = AttemptOutcome::ALL
        .iter()
        .enumerate()
        .map(|(count, outcome)| CallAttempt {
            at,
            by: (count % 2 == 0).then_some(agent),
            outcome: *outcome,
            notes: (count % 3 == 0).then(text),
        });
    Callback {
        contact_number: text(),
        e164: Some(format!("+4930123456{place}")),
        employee_id: Some(text()),
        customer: Some(world.samples.customer().id),
        ticket: Some(world.samples.ticket(world.inbox.id).id),
        status: CallbackStatus::ALL[place % CallbackStatus::ALL.len()],
        scheduled_at: Some(at),
        assigned_to: Some(agent),
        notes: Some(text()),
        contacted_at: Some(at),
        contacted_by: Some(world.samples.agent().id),
        resolved_at: Some(at),
        attempts: attempts.collect(),
        reminded_at: Some(at),
        overdue_at: Some(at),
        escalated_at: Some(at),
        metadata: json!({text(): [1, {"two": text()}], "large": u64::MAX, "small": i64::MIN}),
        created_at: at,
        updated_at: at,
        ..world.samples.callback()
    }
}

/// Every field, told and not told, as it is added and as it is changed.
pub async fn every_field_of_a_callback_comes_out_as_it_went_in(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    for place in 0..TEXTS.len() {
        let whole = told_whole(&world, place);
        let bare = Callback {
            id: whole.id,
            contact_number: TEXTS[TEXTS.len() - 1 - place].to_owned(),
            e164: None,
            overdue_at: None,
            created_at: whole.created_at,
            ..world.samples.callback()
        };
        let versions = if place % 2 == 0 {
            [&whole, &bare, &whole]
        } else {
            [&bare, &whole, &bare]
        };
        for (version, callback) in (0..).zip(versions) {
            let stored = world
                .save_callback(Callback {
                    version,
                    ..callback.clone()
                })
                .await;
            let expected = Callback {
                version: version + 1,
                ..callback.clone()
            };
            assert_eq!(stored, expected);
            let listed = store.callbacks(world.id(), &CallbackFilter::default(), WHOLE).await;
            assert!(listed.unwrap().items.contains(&expected));
        }
    }
}

/// A new callback is nobody else's.
pub async fn a_callback_is_new_once(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let stored = world.save_callback(world.samples.callback()).await;
    let again = Callback {
        version: 0,
        notes: Some("again".to_owned()),
        ..stored.clone()
    };
    let mut change = world.change();
    change.put_callback(again, []);
    assert_eq!(world.refusal(change).await, Rejected::Conflict(Conflict::Concurrent));
    assert_eq!(store.callback(world.id(), stored.id).await.unwrap(), Some(stored));
}

/// The same number within the span is taken, however it was typed; an older one isn't, nor is
/// another tenant's.
pub async fn a_number_is_taken_while_it_is_young(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let neighbour = world.neighbour().await;
    let understood = Callback {
        contact_number: "030 7654321".to_owned(),
        e164: Some("+49307654321".to_owned()),
        ..world.samples.callback()
    };
    let typed = Callback {
        contact_number: "(0000) 12-34 56 78".to_owned(),
        e164: None,
        status: CallbackStatus::Resolved,
        ..world.samples.callback()
    };
    let millisecond = Duration::from_millis(1);
    for (callback, key) in [(understood, "+49307654321"), (typed, "000012345678")] {
        let stored = world.save_callback(callback).await;
        let claim = |since| Claim::ContactNumber {
            number: key.to_owned(),
            since,
        };
        let at = stored.created_at;
        assert!(!world.is_free(claim(at)).await, "{key}");
        assert!(!world.is_free(claim(at.minus(millisecond))).await, "{key}");
        assert!(world.is_free(claim(at.plus(millisecond))).await, "{key}: too old");
        assert!(neighbour.is_free(claim(at)).await, "{key}: another tenant's");
    }
    for other in ["49307654321", "0307654321", "12345678", ""] {
        let claim = Claim::ContactNumber {
            number: other.to_owned(),
            since: world.tenant.created_at,
        };
        assert!(world.is_free(claim).await, "{other:?}");
    }
}

/// The newest with a number is found, as far back as is asked.
pub async fn the_newest_callback_with_a_number_is_found(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let number = "+49307654321";
    let of_number = || Callback {
        e164: Some(number.to_owned()),
        ..world.samples.callback()
    };
    world.save_callback(of_number()).await;
    let older = of_number();
    let newest = Callback {
        created_at: older.created_at,
        ..of_number()
    };
    let newest = world.save_callback(newest).await;
    world.save_callback(older).await;
    world.save_callback(world.samples.callback()).await;
    let find = async |since| store.callback_by_number(world.id(), number, since).await.unwrap();
    assert_eq!(find(world.tenant.created_at).await, Some(newest.clone()));
    assert_eq!(find(newest.created_at).await, Some(newest.clone()));
    assert_eq!(find(newest.created_at.plus(Duration::from_millis(1))).await, None);
    let changed = Callback {
        e164: Some("+49301111111".to_owned()),
        ..newest
    };
    let changed = world.save_callback(changed).await;
    assert_ne!(
        find(changed.created_at).await,
        Some(changed),
        "its number is another one now"
    );
}

/// Callbacks of all sorts, newest first.
async fn many(world: &World, agents: [AgentId; 2], customers: [CustomerId; 2]) -> Vec<Callback> {
    let mut dice = Dice::new(11);
    let mut all = Vec::new();
    for _ in 0..60 {
        let mut one_of = |count: u64| usize::try_from(dice.roll(count)).unwrap();
        // Several of one millisecond, so that ids must decide.
        let after = Duration::from_millis(u64::try_from(one_of(9)).unwrap());
        let callback = Callback {
            status: CallbackStatus::ALL[one_of(4)],
            assigned_to: [None, Some(agents[0]), Some(agents[1])][one_of(3)],
            customer: [None, Some(customers[0]), Some(customers[1])][one_of(3)],
            created_at: world.tenant.created_at.plus(after),
            ..world.samples.callback()
        };
        all.push(world.save_callback(callback).await);
    }
    all.sort_by_key(|callback| std::cmp::Reverse((callback.created_at, callback.id)));
    all
}

/// What is asked, newest first, in pages that cover the list without doubles.
pub async fn callbacks_are_filtered_and_paged_newest_first(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let agents = [world.samples.agent().id, world.samples.agent().id];
    let customers = [world.samples.customer().id, world.samples.customer().id];
    let all = many(&world, agents, customers).await;
    let at = |millis| Some(world.tenant.created_at.plus(Duration::from_millis(millis)));

    let mut filters = vec![CallbackFilter::default()];
    for status in [None, Some(CallbackStatus::Pending), Some(CallbackStatus::Failed)] {
        for assigned_to in [None, Some(agents[0]), Some(world.samples.agent().id)] {
            for customer in [None, Some(customers[1])] {
                for (from, to) in [
                    (None, None),
                    (at(3), None),
                    (None, at(6)),
                    (at(2), at(7)),
                    (at(7), at(2)),
                ] {
                    filters.push(CallbackFilter {
                        status,
                        assigned_to,
                        customer,
                        from,
                        to,
                    });
                }
            }
        }
    }
    for filter in filters {
        let is_wanted = |callback: &&Callback| {
            (filter.status.is_none() || filter.status == Some(callback.status))
                && (filter.assigned_to.is_none() || filter.assigned_to == callback.assigned_to)
                && (filter.customer.is_none() || filter.customer == callback.customer)
                && filter.from.is_none_or(|from| callback.created_at >= from)
                && filter.to.is_none_or(|to| callback.created_at < to)
        };
        let expected: Vec<_> = all.iter().filter(is_wanted).cloned().collect();
        let total = u64::try_from(expected.len()).unwrap();
        let mut pages = Vec::new();
        for number in 1.. {
            let page = PageRequest { number, limit: 7 };
            let Page { items, total: told, .. } = store.callbacks(world.id(), &filter, page).await.unwrap();
            assert_eq!(told, total, "{filter:?}");
            if items.is_empty() {
                break;
            }
            pages.extend(items);
        }
        assert_eq!(pages, expected, "{filter:?}");
    }
}
