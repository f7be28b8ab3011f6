//! What is said together, and what waits for what.

use std::{sync::Arc, time::Duration};

use support_core::{
    model::{Channel, Delivery},
    ports::{DeliveryFilter, Settled, Store},
};

use crate::{
    deliveries::{LEASE, dead, retry, sent},
    world::{ALL, WHOLE, World},
};

impl World {
    fn gathered(&self, key: &str) -> Delivery {
        self.samples.delivery().gathering(key.to_owned(), Duration::ZERO)
    }

    /// Whether it was added.
    async fn is_added(&self, delivery: Delivery) -> bool {
        let id = self.owe(delivery).await.id;
        self.store.delivery(self.id(), id).await.unwrap().is_some()
    }
}

/// While one with a key is queued, another one is not added; once the first is on its way or
/// over, it is.
pub async fn what_is_queued_says_the_same_key_too(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let first = world.owe(world.gathered("digest")).await;
    let added = async || world.is_added(world.gathered("digest")).await;
    assert!(!added().await, "the first is queued");
    let now = world.samples.later();
    let held = world.claim_one(now).await;
    assert_eq!(
        held.delivery,
        Delivery {
            status: held.delivery.status,
            attempts: 1,
            ..first
        }
    );
    assert!(world.settle(held.lease, Settled::Postponed { until: now }).await);
    assert!(!added().await, "the first is queued again");

    let held = world.claim_one(now).await;
    assert!(added().await, "the first is being sent");
    assert!(!added().await, "the second is queued");
    assert!(world.settle(held.lease, sent(now)).await);
    for end in [sent(now), dead("refused")] {
        let held = world.claim_one(world.samples.later()).await;
        assert!(world.settle(held.lease, end.clone()).await);
        assert!(added().await, "{end:?}");
        assert!(!added().await, "{end:?}");
    }
    let held = world.claim_one(world.samples.later()).await;
    let failed = retry(now.plus(LEASE), "no answer");
    assert!(world.settle(held.lease, failed).await);
    assert!(added().await, "what was tried has its words already");
}

/// What is sent again is about the past: what is new has to be said apart from it.
pub async fn what_was_revived_gathers_nothing(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let first = world.owe(world.gathered("digest")).await;
    let now = world.samples.later();
    let held = world.claim_one(now).await;
    assert!(world.settle(held.lease, dead("refused")).await);
    assert!(store.revive(world.id(), first.id, now).await.unwrap());
    let held = world.claim_one(now).await;
    assert!(world.settle(held.lease, Settled::Postponed { until: now }).await);
    assert!(world.is_added(world.gathered("digest")).await);
}

/// What gathers may wait long; only what gathers under the same key waits for it.
pub async fn what_gathers_holds_back_only_its_own_key(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let ticket = world.open_sample().await;
    let about = |key: Option<&str>| Delivery {
        recipient: "mara@mail.example".to_owned(),
        ticket: Some(ticket.id),
        key: key.map(str::to_owned),
        ..world.samples.delivery()
    };
    let digest = world.owe(about(Some("digest"))).await;
    let held = world.claim_one(world.samples.later()).await;
    assert_eq!(held.delivery.id, digest.id);
    let same = world.owe(about(Some("digest"))).await;
    let other = world.owe(about(Some("reply"))).await;
    let plain = world.owe(about(None)).await;
    let after_plain = world.owe(about(Some("alert"))).await;
    let now = world.samples.later();
    assert_eq!(world.claim_ids(now).await, [other.id, plain.id]);
    assert!(world.settle(held.lease, sent(now)).await);
    assert_eq!(world.claim_ids(now).await, [same.id]);
    assert!(
        after_plain.id > plain.id,
        "it waits for what came before it without a key"
    );
}

/// Of several in one change set one is added; a key gathers nothing but its own.
pub async fn keys_gather_for_themselves(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let neighbour = world.neighbour().await;
    let mut change = world.change();
    let first = world.gathered("a");
    let plain = [world.samples.delivery(), world.samples.delivery()];
    let mut owed = vec![first.clone()];
    owed.extend(plain.clone());
    for delivery in owed.iter().cloned().chain([world.gathered("a")]) {
        change.owe(delivery);
    }
    world.commit(change).await;
    let stored = store
        .deliveries(world.id(), &DeliveryFilter::default(), WHOLE)
        .await
        .unwrap();
    owed.reverse();
    assert_eq!(stored.items, owed);
    assert!(world.is_added(world.gathered("b")).await, "another key");
    assert!(world.is_added(world.samples.delivery()).await, "no key");
    assert!(
        neighbour.is_added(neighbour.gathered("a")).await,
        "another tenant's key"
    );
    assert!(!neighbour.is_added(neighbour.gathered("a")).await);
    assert!(!world.is_added(world.gathered("a")).await);
}

/// Deliveries about no ticket go as they come, even to one recipient.
pub async fn what_is_about_no_ticket_holds_nobody_back(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let mut owed = Vec::new();
    for _ in 0..3 {
        let delivery = Delivery {
            recipient: "mara@mail.example".to_owned(),
            ..world.samples.delivery()
        };
        owed.push(world.owe(delivery).await.id);
    }
    assert_eq!(world.claim_ids(world.samples.later()).await, owed);
}

/// The order about one ticket holds for each channel and recipient for itself; what was owed
/// first goes first, whatever its id, even when it is not due yet.
pub async fn order_about_a_ticket_holds_by_channel_and_recipient(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let ticket = world.samples.ticket(world.inbox.id).id;
    let at = world.samples.later();
    let to = |channel, seconds, due_in| {
        let created_at = at.plus(Duration::from_secs(seconds));
        Delivery {
            channel,
            recipient: "4711".to_owned(),
            created_at,
            next_attempt_at: created_at.plus(Duration::from_secs(due_in)),
            ..world.samples.delivery().about(ticket)
        }
    };
    let second = world.owe(to(Channel::Email, 2, 0)).await.id;
    let first = world.owe(to(Channel::Email, 1, 60)).await.id;
    let elsewhere = world.owe(to(Channel::Telegram, 3, 0)).await.id;
    let now = at.plus(Duration::from_secs(10));
    assert_eq!(world.claim_ids(now).await, [], "the older one is not due yet");
    let telegram = world.lane(Channel::Telegram);
    let taken = store.claim(telegram, now, LEASE, ALL).await.unwrap();
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].delivery.id, elsewhere, "another channel waits for nobody");
    let later = at.plus(Duration::from_secs(61));
    let held = world.claim_one(later).await;
    assert_eq!(held.delivery.id, first);
    assert!(world.settle(held.lease, sent(later)).await);
    assert_eq!(world.claim_ids(later).await, [second]);
}
