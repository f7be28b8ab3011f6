//! Subscribed URLs: every field, where each stands in the journal, and what goes with one.

use std::sync::Arc;

use support_core::{
    change::{Conflict, Expect, Record, Rejected},
    model::{Channel, Delivery, EventBody, FormerSecret, SealedSecret, Webhook, WebhookId},
    ports::Store,
};

use crate::{
    deliveries::{LEASE, retry, sent},
    roundtrip::{EDGES, TEXTS},
    world::{ALL, World},
};

impl World {
    /// Stores a webhook without telling anybody, and gives it back as it is stored.
    pub(crate) async fn save_webhook(&self, webhook: Webhook) -> Webhook {
        let id = webhook.id;
        let mut change = self.change();
        change.note_webhook_health(webhook);
        self.commit(change).await;
        self.webhook(id).await
    }

    pub(crate) async fn webhook(&self, id: WebhookId) -> Webhook {
        self.store.webhook(self.id(), id).await.unwrap().unwrap()
    }

    /// Moves a webhook's cursor, if it stands at `from`.
    pub(crate) async fn try_advance(&self, webhook: WebhookId, from: u64, to: u64) -> Result<(), Rejected> {
        let mut change = self.change();
        change.advance_webhook(webhook, from, to);
        self.try_commit(change).await.map(|_| ())
    }
}

fn sealed(text: &str) -> SealedSecret {
    SealedSecret {
        key_id: text.to_owned(),
        sealed: text.chars().rev().collect(),
    }
}

/// Every field, told and not told, as it is added and as it is changed; all of them, oldest first.
pub async fn every_field_of_a_webhook_comes_out_as_it_went_in(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let mut all = Vec::new();
    for (place, text) in TEXTS.into_iter().enumerate() {
        let at = EDGES[place % EDGES.len()];
        let bare = Webhook {
            events: Vec::new(),
            created_at: at,
            cursor: 7,
            ..world.samples.webhook()
        };
        let whole = Webhook {
            url: text.to_owned(),
            events: TEXTS.map(str::to_owned).to_vec(),
            is_active: false,
            secret: sealed(text),
            former_secret: Some(FormerSecret {
                secret: sealed("former"),
                until: at,
            }),
            failing_since: Some(at),
            disabled_reason: Some(text.to_owned()),
            updated_at: at,
            ..bare.clone()
        };
        let versions = if place % 2 == 0 {
            [&whole, &bare, &whole]
        } else {
            [&bare, &whole, &bare]
        };
        for (version, webhook) in (0..).zip(versions) {
            let stored = world
                .save_webhook(Webhook {
                    version,
                    ..webhook.clone()
                })
                .await;
            let expected = Webhook {
                version: version + 1,
                ..webhook.clone()
            };
            assert_eq!(stored, expected);
        }
        all.push(world.webhook(bare.id).await);
    }
    all.sort_by_key(|webhook| (webhook.created_at, webhook.id));
    assert_eq!(store.webhooks(world.id()).await.unwrap(), all);
}

/// A new webhook is nobody else's.
pub async fn a_webhook_is_new_once(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let stored = world.save_webhook(world.samples.webhook()).await;
    let again = Webhook {
        version: 0,
        url: "https://again.example".to_owned(),
        ..stored.clone()
    };
    let mut change = world.change();
    change.note_webhook_health(again);
    assert_eq!(world.refusal(change).await, Rejected::Conflict(Conflict::Concurrent));
    assert_eq!(world.webhook(stored.id).await, stored);
}

/// The cursor is where it was moved to last, whoever changes the webhook meanwhile.
pub async fn a_webhooks_cursor_moves_apart_from_its_changes(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let neighbour = world.neighbour().await;
    let read = world.save_webhook(world.samples.webhook()).await;
    let id = read.id;
    let elsewhere = Rejected::Conflict(Conflict::WebhookElsewhere(id));
    assert_eq!(world.try_advance(id, 0, 5).await, Ok(()));
    let advanced = Webhook {
        cursor: 5,
        ..read.clone()
    };
    assert_eq!(world.webhook(id).await, advanced, "not a change of the webhook");
    assert_eq!(world.try_advance(id, 0, 9).await, Err(elsewhere.clone()));
    assert_eq!(world.try_advance(id, 4, 9).await, Err(elsewhere.clone()));
    assert_eq!(neighbour.try_advance(id, 5, 9).await, Err(elsewhere));
    assert_eq!(world.webhook(id).await, advanced);
    let missing = world.samples.webhook().id;
    for (own, webhook, cursor, stands) in [
        (&world, id, 5, true),
        (&world, id, 0, false),
        (&world, missing, 0, false),
        (&neighbour, id, 5, false),
    ] {
        let at = own.expecting(Expect::WebhookAt { webhook, cursor }).await;
        let expected = if stands {
            Ok(())
        } else {
            Err(Conflict::WebhookElsewhere(webhook))
        };
        assert_eq!(at, expected);
    }

    let changed = Webhook {
        url: "https://moved.example".to_owned(),
        ..read
    };
    let changed = world.save_webhook(changed).await;
    assert_eq!(
        (changed.cursor, changed.version),
        (5, 2),
        "the cursor stays where it was"
    );
    assert_eq!(world.try_advance(id, 5, 6).await, Ok(()));
    let record = Record::Webhook(id);
    assert_eq!(world.expecting(Expect::Version { record, version: 2 }).await, Ok(()));
    assert_eq!(world.webhook(id).await, Webhook { cursor: 6, ..changed });
}

/// Active webhooks that have not been looked at for the last event, of all tenants.
pub async fn webhooks_behind_are_active_and_before_the_last_event(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let neighbour = world.neighbour().await;
    let last = store.last_event(world.id()).await.unwrap();
    assert!(last > 0);
    let behind = async || {
        let mut found = store.webhooks_behind(ALL).await.unwrap();
        found.sort_unstable();
        found
    };
    assert_eq!(behind().await, []);
    let first = world.save_webhook(world.samples.webhook()).await;
    let theirs = neighbour.save_webhook(world.samples.webhook()).await;
    let off = Webhook {
        is_active: false,
        ..world.samples.webhook()
    };
    let off = world.save_webhook(off).await;
    let at_end = Webhook {
        cursor: last,
        ..world.samples.webhook()
    };
    let at_end = world.save_webhook(at_end).await;
    let mut both = [(world.id(), first.id), (neighbour.id(), theirs.id)];
    both.sort_unstable();
    assert_eq!(behind().await, both);
    assert_eq!(store.webhooks_behind(1).await.unwrap().len(), 1);

    assert_eq!(world.try_advance(first.id, 0, last).await, Ok(()));
    assert_eq!(behind().await, [(neighbour.id(), theirs.id)]);
    world.open_sample().await;
    let mut three = [
        (world.id(), first.id),
        (world.id(), at_end.id),
        (neighbour.id(), theirs.id),
    ];
    three.sort_unstable();
    assert_eq!(behind().await, three);
    let mut change = neighbour.change();
    change.remove_webhook(&theirs);
    neighbour.commit(change).await;
    let on_again = Webhook { is_active: true, ..off };
    world.save_webhook(on_again.clone()).await;
    let mut three = [
        (world.id(), first.id),
        (world.id(), at_end.id),
        (world.id(), on_again.id),
    ];
    three.sort_unstable();
    assert_eq!(behind().await, three);
}

/// With a webhook goes what is owed to it; what it was sent stays, and so does what is others'.
pub async fn removing_a_webhook_removes_what_is_owed_to_it(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let neighbour = world.neighbour().await;
    let webhook = world.save_webhook(world.samples.webhook()).await;
    let kept = world.save_webhook(world.samples.webhook()).await;
    let call = |to: &Webhook| Delivery {
        channel: Channel::Webhook,
        recipient: to.id.to_string(),
        ..world.samples.delivery()
    };
    let mut owed = Vec::new();
    for _ in 0..3 {
        owed.push(world.owe(call(&webhook)).await.id);
    }
    let now = world.samples.later();
    let held = store
        .claim(world.lane(Channel::Webhook), now, LEASE, ALL)
        .await
        .unwrap();
    assert!(world.settle(held[0].lease, sent(now)).await);
    assert!(world.settle(held[1].lease, retry(now, "busy")).await);
    owed.push(world.owe(call(&webhook)).await.id);
    let by_mail = Delivery {
        channel: Channel::Email,
        ..call(&webhook)
    };
    let by_mail = world.owe(by_mail).await.id;
    let others = world.owe(call(&kept)).await.id;
    let neighbours = neighbour.owe(call(&webhook)).await.id;

    let mut change = world.change();
    change.remove_webhook(&webhook);
    world.commit(change).await;
    let is_there = async |own: &World, id| own.store.delivery(own.id(), id).await.unwrap().is_some();
    assert_eq!(store.webhook(world.id(), webhook.id).await.unwrap(), None);
    assert_eq!(store.webhooks(world.id()).await.unwrap(), [kept]);
    assert!(is_there(&world, held[0].delivery.id).await, "sent");
    for id in owed.into_iter().filter(|id| *id != held[0].delivery.id) {
        assert!(!is_there(&world, id).await, "it was not sent");
    }
    assert!(is_there(&world, by_mail).await, "another channel");
    assert!(is_there(&world, others).await, "another webhook's");
    assert!(is_there(&neighbour, neighbours).await, "another tenant's");
    assert!(
        !world.settle(held[2].lease, sent(now)).await,
        "nothing is held any more"
    );

    let mut change = world.change();
    change.put_webhook(webhook.clone(), EventBody::WebhookSaved { webhook: webhook.id });
    let gone = Rejected::Conflict(Conflict::Changed(Record::Webhook(webhook.id)));
    assert_eq!(world.refusal(change).await, gone);
}
