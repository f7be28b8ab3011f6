//! Lanes, and how the hold of a delivery ends.

use std::{sync::Arc, time::Duration};

use support_core::{
    model::{Channel, Delivery, DeliveryId, DeliveryStatus},
    ports::{DeliveryFilter, Lane, Settled, Store},
};

use crate::{
    deliveries::{LEASE, dead, retry, sent},
    world::{ALL, WHOLE, World},
};

const MILLISECOND: Duration = Duration::from_millis(1);

impl World {
    pub(crate) async fn delivery(&self, id: DeliveryId) -> Delivery {
        self.store.delivery(self.id(), id).await.unwrap().unwrap()
    }

    async fn owe_over(&self, channel: Channel) -> Delivery {
        let delivery = Delivery {
            channel,
            ..self.samples.delivery()
        };
        self.owe(delivery).await
    }
}

/// Each lane in which something is due, once: not those in which something is due only later.
pub async fn each_lane_with_something_due_is_named_once(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let neighbour = world.neighbour().await;
    let start = world.samples.later();
    let lanes = async |now| {
        let mut lanes = store.lanes_due(now, ALL).await.unwrap();
        lanes.sort_unstable();
        lanes
    };
    let sorted = |mut lanes: Vec<Lane>| {
        lanes.sort_unstable();
        lanes
    };
    assert_eq!(lanes(start).await, []);
    let later = start.plus(LEASE * 10);
    for (own, channel, next_attempt_at) in [
        (&world, Channel::Email, start),
        (&world, Channel::Email, start),
        (&world, Channel::Webhook, later),
        (&world, Channel::Telegram, start),
        (&neighbour, Channel::Email, start),
        (&neighbour, Channel::Email, later),
    ] {
        let delivery = Delivery {
            channel,
            next_attempt_at,
            ..own.samples.delivery()
        };
        own.owe(delivery).await;
    }
    let mails = world.lane(Channel::Email);
    let others = [world.lane(Channel::Telegram), neighbour.lane(Channel::Email)];
    assert_eq!(lanes(start.minus(MILLISECOND)).await, []);
    assert_eq!(lanes(start).await, sorted(vec![mails, others[0], others[1]]));
    assert_eq!(store.lanes_due(start, 2).await.unwrap().len(), 2);
    let hooks = world.lane(Channel::Webhook);
    assert_eq!(lanes(later).await, sorted(vec![mails, others[0], others[1], hooks]));

    let held = world.claim(start, ALL).await;
    assert_eq!(held.len(), 2);
    assert_eq!(lanes(start).await, sorted(others.to_vec()), "what is held is not due");
    let after = start.plus(LEASE).plus(MILLISECOND);
    assert_eq!(lanes(after).await, sorted(vec![mails, others[0], others[1]]), "run out");
    assert!(world.settle(held[0].lease, sent(start)).await);
    assert!(world.settle(held[1].lease, dead("refused")).await);
    assert_eq!(lanes(after).await, sorted(others.to_vec()), "over");
}

/// A worker takes from the lane that it asked for, and from no other.
pub async fn a_claim_takes_from_its_lane_only(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let neighbour = world.neighbour().await;
    let mail = world.owe_over(Channel::Email).await.id;
    let call = world.owe_over(Channel::Webhook).await.id;
    let theirs = neighbour.owe_over(Channel::Email).await.id;
    let now = world.samples.later();
    let taken = async |lane| {
        let held = store.claim(lane, now, LEASE, ALL).await.unwrap();
        assert!(held.iter().all(|leased| leased.lease.tenant == lane.tenant));
        let ids = held.iter().map(|leased| leased.delivery.id);
        ids.collect::<Vec<_>>()
    };
    assert_eq!(taken(world.lane(Channel::Sms)).await, []);
    assert_eq!(taken(neighbour.lane(Channel::Webhook)).await, []);
    assert_eq!(taken(neighbour.lane(Channel::Email)).await, [theirs]);
    assert_eq!(taken(world.lane(Channel::Email)).await, [mail]);
    assert_eq!(taken(world.lane(Channel::Webhook)).await, [call]);
}

/// What the other side calls it, and what it remarked.
pub async fn a_sent_delivery_says_what_the_other_side_answered(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    for (provider_id, remark) in [(Some("provider-1"), Some("one was refused")), (None, None)] {
        let owed = world.owe_sample().await;
        let now = world.samples.later();
        let first = world.claim_one(now).await;
        assert!(world.settle(first.lease, retry(now, "no answer")).await);
        let held = world.claim_one(now).await;
        let at = now.plus(MILLISECOND);
        let (provider_id, remark) = (provider_id.map(str::to_owned), remark.map(str::to_owned));
        let settled = Settled::Sent {
            at,
            provider_id: provider_id.clone(),
            remark: remark.clone(),
        };
        assert!(world.settle(held.lease, settled).await);
        let expected = Delivery {
            status: DeliveryStatus::Sent,
            attempts: 2,
            last_error: remark,
            next_attempt_at: now,
            sent_at: Some(at),
            provider_id,
            ..owed
        };
        assert_eq!(world.delivery(expected.id).await, expected);
    }
}

/// Those who have got it already don't get it again.
pub async fn a_retry_may_go_to_another_recipient(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let owed = world.owe_sample().await;
    let now = world.samples.later();
    let held = world.claim_one(now).await;
    let later = now.plus(LEASE);
    let settled = Settled::Retry {
        at: later,
        reason: "one was refused".to_owned(),
        recipient: Some("left@mail.example".to_owned()),
        is_counted: true,
    };
    assert!(world.settle(held.lease, settled).await);
    let expected = Delivery {
        recipient: "left@mail.example".to_owned(),
        status: DeliveryStatus::Failed,
        attempts: 1,
        last_error: Some("one was refused".to_owned()),
        next_attempt_at: later,
        ..owed
    };
    assert_eq!(world.delivery(expected.id).await, expected);
    let again = world.claim_one(later).await;
    assert_eq!(again.delivery.recipient, "left@mail.example");
    assert!(world.settle(again.lease, retry(later, "busy")).await);
    let kept = world.delivery(expected.id).await.recipient;
    assert_eq!(kept, "left@mail.example", "the recipient stays unless another is named");
}

/// What failed for no fault of the delivery's leaves it all its attempts.
pub async fn an_attempt_that_does_not_count_is_given_back(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let owed = world.owe_sample().await;
    let now = world.samples.later();
    let held = world.claim_one(now).await;
    let settled = Settled::Retry {
        at: now,
        reason: "535 refused".to_owned(),
        recipient: None,
        is_counted: false,
    };
    assert!(world.settle(held.lease, settled).await);
    let expected = Delivery {
        status: DeliveryStatus::Failed,
        attempts: 0,
        last_error: Some("535 refused".to_owned()),
        next_attempt_at: now,
        ..owed
    };
    assert_eq!(world.delivery(expected.id).await, expected);
    let again = world.claim_one(now).await;
    assert_eq!(again.delivery.attempts, 1);
    assert!(world.settle(again.lease, Settled::Postponed { until: now }).await);
    let status = world.delivery(expected.id).await.status;
    assert_eq!(status, DeliveryStatus::Failed, "it was tried before");
}

/// Whoever could not even try gives the attempt back.
pub async fn a_postponed_delivery_is_as_if_it_had_not_been_taken(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let owed = world.owe_sample().await;
    let now = world.samples.later();
    let until = now.plus(LEASE);
    let held = world.claim_one(now).await;
    assert!(world.settle(held.lease, Settled::Postponed { until }).await);
    let untried = Delivery {
        next_attempt_at: until,
        ..owed
    };
    assert_eq!(world.delivery(untried.id).await, untried, "queued, without an attempt");
    assert_eq!(world.claim_ids(until.minus(MILLISECOND)).await, []);

    let held = world.claim_one(until).await;
    assert!(world.settle(held.lease, retry(until, "no answer")).await);
    let held = world.claim_one(until).await;
    assert_eq!(held.delivery.attempts, 2);
    let later = until.plus(LEASE);
    assert!(world.settle(held.lease, Settled::Postponed { until: later }).await);
    let tried = Delivery {
        status: DeliveryStatus::Failed,
        attempts: 1,
        last_error: Some("no answer".to_owned()),
        next_attempt_at: later,
        ..untried
    };
    assert_eq!(world.delivery(tried.id).await, tried);
    assert_eq!(world.claim_one(later).await.delivery.attempts, 2);
}

/// What need not be said any more is forgotten, and holds nobody back.
pub async fn a_withdrawn_delivery_is_forgotten(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let ticket = world.samples.ticket(world.inbox.id).id;
    let one = || Delivery {
        recipient: "mara@mail.example".to_owned(),
        ..world.samples.delivery().about(ticket)
    };
    let first = world.owe(one()).await;
    let second = world.owe(one()).await;
    let now = world.samples.later();
    let held = world.claim_one(now).await;
    assert_eq!(held.delivery.id, first.id);
    assert!(world.settle(held.lease, Settled::Withdrawn).await);
    assert_eq!(store.delivery(world.id(), first.id).await.unwrap(), None);
    let left = store
        .deliveries(world.id(), &DeliveryFilter::default(), WHOLE)
        .await
        .unwrap();
    assert_eq!((left.items, left.total), (vec![second.clone()], 1));
    assert_eq!(world.claim_ids(now).await, [second.id]);
    assert!(!world.settle(held.lease, Settled::Withdrawn).await);
}

/// People may have what was given up, or waits for its next try, tried again with all attempts.
pub async fn only_dead_and_failed_deliveries_are_revived(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let now = world.samples.later();
    let much_later = now.plus(LEASE * 100);
    let mut ended = Vec::new();
    for end in [dead("refused"), retry(much_later, "no answer"), sent(now)] {
        let owed = world.owe_sample().await;
        let held = world.claim_one(world.samples.later()).await;
        assert!(world.settle(held.lease, end).await);
        ended.push(owed.id);
    }
    let held = world.owe_sample().await.id;
    assert_eq!(world.claim_ids(world.samples.later()).await, [held]);
    let at = world.samples.later().plus(Duration::from_secs(1));
    let queued = world.owe_sample().await;
    let missing = world.samples.delivery().id;
    for id in [ended[2], held, queued.id, missing] {
        let before = store.delivery(world.id(), id).await.unwrap();
        assert!(!store.revive(world.id(), id, at).await.unwrap());
        assert_eq!(store.delivery(world.id(), id).await.unwrap(), before);
    }
    for id in &ended[..2] {
        assert!(store.revive(world.id(), *id, at).await.unwrap());
        let revived = world.delivery(*id).await;
        assert_eq!((revived.status, revived.attempts), (DeliveryStatus::Failed, 0));
    }
    assert_eq!(world.claim_ids(at.minus(MILLISECOND)).await, [queued.id]);
    let again = world.claim(at, ALL).await;
    let mut taken: Vec<_> = again.iter().map(|leased| leased.delivery.id).collect();
    taken.sort_unstable();
    assert_eq!(taken, ended[..2]);
    assert!(again.iter().all(|leased| leased.delivery.attempts == 1));
}

/// What was sent is forgotten in time; everything else stays, however old.
pub async fn only_sent_deliveries_are_forgotten(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let start = world.samples.later();
    let at = |seconds| start.plus(Duration::from_secs(seconds));
    let mut owed = Vec::new();
    for end in [
        sent(at(1)),
        sent(at(2)),
        sent(at(3)),
        dead("refused"),
        retry(at(9), "busy"),
    ] {
        owed.push(world.owe_sample().await.id);
        let held = world.claim_one(world.samples.later()).await;
        assert!(world.settle(held.lease, end).await);
    }
    owed.push(world.owe_sample().await.id);
    assert_eq!(world.claim(world.samples.later(), ALL).await.len(), 1);
    owed.push(world.owe_sample().await.id);
    let past = world.tenant.created_at.minus(LEASE);
    let forget = async |sent_before, limit| {
        store
            .forget_expired(past, past, past, sent_before, limit)
            .await
            .unwrap()
    };
    let left = async || {
        let left = store
            .deliveries(world.id(), &DeliveryFilter::default(), WHOLE)
            .await
            .unwrap();
        let ids = left.items.iter().rev().map(|delivery| delivery.id);
        ids.collect::<Vec<_>>()
    };
    assert_eq!(forget(at(1), ALL).await, 0);
    assert_eq!(left().await, owed);
    assert_eq!(forget(at(3), 1).await, 1);
    assert_eq!(forget(at(3), ALL).await, 1);
    assert_eq!(left().await, owed[2..]);
    assert_eq!(forget(at(1_000), ALL).await, 1);
    assert_eq!(left().await, owed[3..]);
}
