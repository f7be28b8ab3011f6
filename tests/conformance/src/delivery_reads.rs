//! Deliveries, for people to look at.

use std::sync::Arc;

use support_core::{
    model::{
        Callback, Channel, Delivery, DeliveryStatus, MessageId, Notice, Principal, TicketId, Timestamp, WebhookId,
    },
    ports::{DeliveryFilter, Ids, Page, PageRequest, Settled, Store},
};

use crate::{
    deliveries::{LEASE, dead, retry, sent},
    roundtrip::{EDGES, TEXTS},
    world::{ALL, Dice, World},
};

/// One of each kind.
fn notices(world: &World, text: &str, at: Timestamp) -> Vec<Notice> {
    let samples = &world.samples;
    let ticket = TicketId::new(samples.ids.uuid());
    let message = MessageId::new(samples.ids.uuid());
    let webhook = WebhookId::new(samples.ids.uuid());
    let (agent, callback) = (samples.agent().id, samples.callback().id);
    let problem = text.to_owned();
    vec![
        Notice::TicketOpened { ticket },
        Notice::RequestConfirmed { ticket },
        Notice::OfflineDigest { ticket, first: message },
        Notice::AgentReplied { ticket, first: message },
        Notice::CustomerReplied {
            ticket,
            first: message,
            agent,
        },
        Notice::MessageAlert { ticket, message },
        Notice::ChannelMessage { ticket, message },
        Notice::CallbackRequested {
            callback,
            copies: vec![problem.clone(), "b@mail.example".to_owned()],
        },
        Notice::CallbackRequested {
            callback,
            copies: Vec::new(),
        },
        Notice::CallbackConfirmed { callback },
        Notice::CallbackReminder { callback },
        Notice::CallbackOverdue { callback },
        Notice::PasswordReset {
            principal: Principal::Agent(agent),
            expires_at: at,
        },
        Notice::ChannelPaused {
            channel: Channel::Messenger,
            problem: problem.clone(),
        },
        Notice::WebhookDisabled { webhook, problem },
        Notice::JournalEvent {
            webhook,
            seq: 9_007_199_254_740_993,
        },
        Notice::QuestionAsked { ticket, message },
    ]
}

/// Every field of what is owed, with every kind of notice over every channel.
pub async fn every_field_of_a_delivery_comes_out_as_it_went_in(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    for (place, text) in TEXTS.into_iter().enumerate() {
        let at = EDGES[place % EDGES.len()];
        for (count, notice) in notices(&world, text, at).into_iter().enumerate() {
            let is_told = (place + count) % 2 == 0;
            let delivery = Delivery {
                channel: Channel::ALL[count % Channel::ALL.len()],
                recipient: text.to_owned(),
                ticket: is_told.then(|| TicketId::new(world.samples.ids.uuid())),
                callback: notice.callback(),
                key: is_told.then(|| world.samples.unique(text)),
                notice,
                next_attempt_at: at,
                created_at: at,
                ..world.samples.delivery()
            };
            world.owe(delivery.clone()).await;
            assert_eq!(world.delivery(delivery.id).await, delivery);
            if let Some(key) = &delivery.key {
                let found = store.deliveries_with_key(world.id(), key, ALL).await.unwrap();
                assert_eq!(found, [delivery]);
            }
        }
    }
    assert_eq!(
        store.delivery(world.id(), world.samples.delivery().id).await.unwrap(),
        None
    );
}

/// Deliveries that have come as far as can be, newest first.
async fn many(world: &World) -> Vec<Delivery> {
    let mut dice = Dice::new(5);
    let mut ids = Vec::new();
    for _ in 0..60 {
        let mut one_of = |count: u64| usize::try_from(dice.roll(count)).unwrap();
        let channel = Channel::ALL[one_of(3)];
        let delivery = Delivery {
            channel,
            recipient: ["mara@mail.example", "joe@mail.example"][one_of(2)].to_owned(),
            // Several of one millisecond, so that ids must decide.
            created_at: world.tenant.created_at,
            ..world.samples.delivery()
        };
        let delivery = if one_of(2) == 0 {
            Delivery {
                created_at: world.samples.later(),
                ..delivery
            }
        } else {
            delivery
        };
        ids.push(world.owe(delivery).await.id);
        let now = world.samples.later();
        let far = now.plus(LEASE * 1_000);
        let end = match one_of(6) {
            0 => sent(now),
            1 => retry(far, "busy"),
            2 => dead("refused"),
            3 => Settled::Postponed { until: far },
            _ => continue,
        };
        let held = world.store.claim(world.lane(channel), now, LEASE, 1).await.unwrap();
        assert!(world.settle(held[0].lease, end).await);
    }
    let mut all = Vec::new();
    for id in ids {
        all.push(world.delivery(id).await);
    }
    all.sort_by_key(|delivery| std::cmp::Reverse((delivery.created_at, delivery.id)));
    all
}

/// What is asked, newest first, in pages that cover the list without doubles.
pub async fn deliveries_are_filtered_and_paged_newest_first(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let neighbour = world.neighbour().await;
    neighbour.owe_sample().await;
    let all = many(&world).await;
    for status in [None].into_iter().chain(DeliveryStatus::ALL.iter().copied().map(Some)) {
        for channel in [None, Some(Channel::Email), Some(Channel::Messenger), Some(Channel::Sms)] {
            for recipient in [None, Some("mara@mail.example"), Some("mara")] {
                let filter = DeliveryFilter {
                    status,
                    channel,
                    recipient: recipient.map(str::to_owned),
                };
                let is_wanted = |delivery: &&Delivery| {
                    status.is_none_or(|status| delivery.status == status)
                        && channel.is_none_or(|channel| delivery.channel == channel)
                        && recipient.is_none_or(|recipient| delivery.recipient == recipient)
                };
                let expected: Vec<_> = all.iter().filter(is_wanted).cloned().collect();
                let total = u64::try_from(expected.len()).unwrap();
                let mut pages = Vec::new();
                for number in 1.. {
                    let page = PageRequest { number, limit: 7 };
                    let Page { items, total: told, .. } = store.deliveries(world.id(), &filter, page).await.unwrap();
                    assert_eq!(told, total, "{filter:?}");
                    if items.is_empty() {
                        break;
                    }
                    pages.extend(items);
                }
                assert_eq!(pages, expected, "{filter:?}");
            }
        }
    }
}

/// All about some callbacks, oldest first, whatever became of them.
pub async fn deliveries_of_callbacks_come_oldest_first(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let callbacks = [(); 3].map(|()| world.samples.callback());
    let about = |callback: &Callback, channel| {
        let notice = Notice::CallbackReminder { callback: callback.id };
        let Delivery {
            id,
            recipient,
            created_at,
            ..
        } = world.samples.delivery();
        Delivery::new(id, channel, recipient, notice, created_at)
    };
    let first = world.owe(about(&callbacks[0], Channel::Email)).await;
    let second = world.owe(about(&callbacks[1], Channel::Telegram)).await;
    let third = world.owe(about(&callbacks[0], Channel::Sms)).await;
    world.owe(about(&callbacks[2], Channel::Sms)).await;
    world.owe_sample().await;
    let now = world.samples.later();
    let held = world.claim_ids(now).await;
    assert!(held.contains(&first.id));
    let first = world.delivery(first.id).await;
    let of = async |callbacks: &[Callback]| {
        let ids: Vec<_> = callbacks.iter().map(|callback| callback.id).collect();
        store.deliveries_of_callbacks(world.id(), &ids).await.unwrap()
    };
    assert_eq!(of(&callbacks[..2]).await, [first.clone(), second, third.clone()]);
    assert_eq!(of(&callbacks[..1]).await, [first, third]);
    assert_eq!(of(&[]).await, []);
    assert_eq!(of(&[world.samples.callback()]).await, []);
}

/// The last ones with a key, newest first, whatever became of them.
pub async fn deliveries_with_a_key_come_newest_first(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let mut owed = Vec::new();
    for _ in 0..3 {
        let delivery = Delivery {
            key: Some("digest".to_owned()),
            ..world.samples.delivery()
        };
        owed.insert(0, world.owe(delivery).await.id);
        let now = world.samples.later();
        let held = world.claim_one(now).await;
        assert!(world.settle(held.lease, sent(now)).await);
    }
    let last = Delivery {
        key: Some("digest".to_owned()),
        ..world.samples.delivery()
    };
    owed.insert(0, world.owe(last).await.id);
    let other = Delivery {
        key: Some("digest 2".to_owned()),
        ..world.samples.delivery()
    };
    world.owe(other).await;
    world.owe_sample().await;
    let found = async |key, limit| {
        let found = store.deliveries_with_key(world.id(), key, limit).await.unwrap();
        found.iter().map(|delivery| delivery.id).collect::<Vec<_>>()
    };
    assert_eq!(found("digest", ALL).await, owed);
    assert_eq!(found("digest", 2).await, owed[..2]);
    assert_eq!(found("nothing", ALL).await, []);
}

/// What is unfinished, over all tenants, by channel and status.
pub async fn unfinished_deliveries_are_counted_over_all_tenants(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let neighbour = world.neighbour().await;
    assert_eq!(store.deliveries_owed().await.unwrap(), []);
    let now = world.samples.later().plus(LEASE);
    for own in [&world, &neighbour] {
        for end in [Some(sent(now)), Some(dead("refused")), Some(retry(now, "busy")), None] {
            own.owe_sample().await;
            let held = own.claim(world.samples.later(), 1).await;
            if let Some(end) = end {
                assert!(own.settle(held[0].lease, end).await);
            }
        }
        own.owe_sample().await;
    }
    let call = Delivery {
        channel: Channel::Webhook,
        ..world.samples.delivery()
    };
    world.owe(call).await;
    let mut owed = store.deliveries_owed().await.unwrap();
    owed.sort_unstable();
    let expected = [
        (Channel::Email, DeliveryStatus::Queued, 2),
        (Channel::Email, DeliveryStatus::Sending, 2),
        (Channel::Email, DeliveryStatus::Failed, 2),
        (Channel::Webhook, DeliveryStatus::Queued, 1),
    ];
    assert_eq!(owed, expected);
}
