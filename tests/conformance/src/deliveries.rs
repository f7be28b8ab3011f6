//! The queue of what is owed: leases, retries, and order.

use std::{sync::Arc, time::Duration};

use support_core::{
    model::{Channel, Delivery, DeliveryId, DeliveryStatus, Ticket, Timestamp},
    ports::{Lane, LeaseToken, Leased, Settled, Store},
};
use uuid::Uuid;

use crate::world::{ALL, World};

pub(crate) const LEASE: Duration = Duration::from_secs(60);

impl World {
    pub(crate) async fn owe(&self, delivery: Delivery) -> Delivery {
        let mut change = self.change();
        change.owe(delivery.clone());
        self.commit(change).await;
        delivery
    }

    pub(crate) async fn owe_sample(&self) -> Delivery {
        self.owe(self.samples.delivery()).await
    }

    pub(crate) const fn lane(&self, channel: Channel) -> Lane {
        Lane {
            tenant: self.tenant.id,
            channel,
        }
    }

    /// Takes mails.
    pub(crate) async fn claim(&self, now: Timestamp, limit: u32) -> Vec<Leased> {
        let mails = self.lane(Channel::Email);
        self.store.claim(mails, now, LEASE, limit).await.unwrap()
    }

    /// Takes the one mail that is due.
    pub(crate) async fn claim_one(&self, now: Timestamp) -> Leased {
        let mut claimed = self.claim(now, ALL).await;
        assert_eq!(claimed.len(), 1, "one is due");
        claimed.pop().unwrap()
    }

    /// Takes every mail that is due, as ids.
    pub(crate) async fn claim_ids(&self, now: Timestamp) -> Vec<DeliveryId> {
        self.claim(now, ALL)
            .await
            .iter()
            .map(|leased| leased.delivery.id)
            .collect()
    }

    /// Ends a hold, unless its token is stale.
    pub(crate) async fn settle(&self, lease: LeaseToken, settled: Settled) -> bool {
        self.store.settle(lease, settled).await.unwrap()
    }
}

pub(crate) const fn sent(at: Timestamp) -> Settled {
    Settled::Sent {
        at,
        provider_id: None,
        remark: None,
    }
}

pub(crate) fn retry(at: Timestamp, reason: &str) -> Settled {
    Settled::Retry {
        at,
        reason: reason.to_owned(),
        recipient: None,
        is_counted: true,
    }
}

pub(crate) fn dead(reason: &str) -> Settled {
    Settled::Dead {
        reason: reason.to_owned(),
    }
}

/// Oldest due first, nothing before its time, nothing twice, each with an attempt counted.
pub async fn due_deliveries_are_claimed_oldest_first(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let neighbour = world.neighbour().await;
    let start = world.samples.later();
    let at = |seconds: u64| start.plus(Duration::from_secs(seconds));
    let mut owed = Vec::new();
    for (own, seconds) in [
        (&world, 30),
        (&world, 10),
        (&neighbour, 5),
        (&world, 20),
        (&world, 3_600),
    ] {
        let delivery = Delivery {
            next_attempt_at: at(seconds),
            ..own.samples.delivery()
        };
        owed.push(own.owe(delivery).await);
    }
    assert_eq!(world.claim_ids(start).await, []);
    let first = world.claim(at(40), 1).await;
    assert_eq!(first.len(), 1);
    assert_eq!(first[0].lease.tenant, world.id());
    let claimed = Delivery {
        status: DeliveryStatus::Sending,
        attempts: 1,
        ..owed[1].clone()
    };
    assert_eq!(first[0].delivery, claimed);
    assert_eq!(first[0].lease.delivery, claimed.id);
    assert_eq!(world.claim_ids(at(40)).await, [owed[3].id, owed[0].id]);
    assert_eq!(world.claim_ids(at(41)).await, []);
    assert_eq!(neighbour.claim_ids(at(41)).await, [owed[2].id]);
}

/// A worker that died is followed by another one, and can't finish what is no longer its own.
pub async fn expired_lease_is_offered_again(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let owed = world.owe_sample().await;
    let now = world.samples.later();
    let first = world.claim_one(now).await;
    assert_eq!(
        world.claim_ids(now.plus(LEASE).minus(Duration::from_millis(1))).await,
        []
    );
    let after = now.plus(LEASE).plus(Duration::from_millis(1));
    let second = world.claim_one(after).await;
    assert_eq!((second.delivery.id, second.delivery.attempts), (owed.id, 2));
    assert_ne!(second.lease.token, first.lease.token);
    assert!(!world.settle(first.lease, sent(after)).await, "stale");
    assert!(world.settle(second.lease, sent(after)).await);
}

/// Tokens that hold nothing change nothing.
pub async fn stale_token_settles_nothing(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let neighbour = world.neighbour().await;
    world.owe_sample().await;
    let now = world.samples.later();
    let held = world.claim_one(now).await.lease;
    let strange = [
        LeaseToken {
            token: Uuid::from_u128(42),
            ..held
        },
        LeaseToken {
            tenant: neighbour.id(),
            ..held
        },
        LeaseToken {
            delivery: world.samples.delivery().id,
            ..held
        },
    ];
    let assert_stale = async |lease: LeaseToken| {
        let ends = [
            sent(now),
            retry(now, "again"),
            dead("over"),
            Settled::Postponed { until: now },
            Settled::Withdrawn,
        ];
        for end in ends {
            assert!(!world.settle(lease, end.clone()).await, "{end:?} by {lease:?}");
        }
    };
    for lease in strange {
        assert_stale(lease).await;
    }
    assert_eq!(world.claim_ids(now).await, [], "still held");
    assert!(world.settle(held, sent(now)).await);
    assert_stale(held).await;
    assert_eq!(world.claim_ids(now.plus(LEASE * 100)).await, [], "sent");
}

/// What failed comes back at its time with the reason; what was given up never.
pub async fn a_failed_delivery_comes_back_at_its_time(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let owed = world.owe_sample().await;
    let now = world.samples.later();
    let first = world.claim_one(now).await.lease;
    let later = now.plus(Duration::from_secs(5));
    assert!(world.settle(first, retry(later, "no answer")).await);
    assert_eq!(world.claim_ids(later.minus(Duration::from_millis(1))).await, []);
    let again = world.claim_one(later).await;
    let expected = Delivery {
        status: DeliveryStatus::Sending,
        attempts: 2,
        last_error: Some("no answer".to_owned()),
        next_attempt_at: later,
        ..owed
    };
    assert_eq!(again.delivery, expected);
    assert!(world.settle(again.lease, dead("no such mailbox")).await);
    assert_eq!(world.claim_ids(later.plus(LEASE * 100)).await, []);
}

/// To one recipient about one ticket only the oldest unfinished one is offered; others go on.
pub async fn deliveries_to_one_recipient_about_one_ticket_keep_their_order(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let (ticket, other) = (world.open_sample().await, world.open_sample().await);
    let about = |ticket: &Ticket| Delivery {
        recipient: "mara@mail.example".to_owned(),
        ticket: Some(ticket.id),
        ..world.samples.delivery()
    };
    let first = world.owe(about(&ticket)).await;
    let second = world.owe(about(&ticket)).await;
    let third = world.owe(about(&ticket)).await;
    let elsewhere = world.owe(about(&other)).await;
    let somebody = Delivery {
        recipient: "joe@mail.example".to_owned(),
        ..about(&ticket)
    };
    let somebody = world.owe(somebody).await;

    let now = world.samples.later();
    let claimed = world.claim(now, ALL).await;
    let ids: Vec<_> = claimed.iter().map(|leased| leased.delivery.id).collect();
    assert_eq!(ids, [first.id, elsewhere.id, somebody.id]);
    assert_eq!(world.claim_ids(now).await, [], "the first is not sent yet");
    let later = now.plus(Duration::from_secs(30));
    assert!(world.settle(claimed[0].lease, retry(later, "busy")).await);
    assert_eq!(
        world.claim_ids(now).await,
        [],
        "the others wait for the one that failed"
    );
    let again = world.claim_one(later).await;
    assert_eq!(again.delivery.id, first.id);
    assert!(world.settle(again.lease, sent(later)).await);
    let next = world.claim_one(later).await;
    assert_eq!(next.delivery.id, second.id);
    assert!(world.settle(next.lease, dead("refused")).await);
    assert_eq!(
        world.claim_ids(later).await,
        [third.id],
        "what was given up holds nobody back"
    );
}
