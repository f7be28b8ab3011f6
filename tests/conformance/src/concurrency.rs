//! Many at once: nothing lost, nothing doubled, nothing overfilled.

use std::sync::Arc;

use support_core::{
    change::{Claim, Conflict, Expect, Rejected},
    model::{Agent, Assignment, Callback, Channel, Delivery, Event, EventBody, TicketState, Wanted, choose},
    ports::{CallbackFilter, EventFilter, Store},
};

use crate::{
    deliveries::LEASE,
    world::{ALL, WHOLE, World},
};

/// The tasks' results, in any order.
async fn all<T: Send + 'static>(tasks: impl IntoIterator<Item = impl Future<Output = T> + Send + 'static>) -> Vec<T> {
    let started: Vec<_> = tasks.into_iter().map(tokio::spawn).collect();
    let mut results = Vec::with_capacity(started.len());
    for task in started {
        results.push(task.await.unwrap());
    }
    results
}

fn assert_gap_free(journal: &[Event]) {
    let seqs = journal.iter().map(|event| event.seq);
    assert!(
        seqs.eq(1..=u64::try_from(journal.len()).unwrap()),
        "the journal has gaps"
    );
}

/// Many write into one ticket, each sending everything twice, as after a lost answer.
pub async fn many_writers_on_one_ticket_lose_and_double_nothing(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let ticket = world.open_sample().await;
    let writers = (0..64).map(|writer| {
        let (world, ticket) = (world.clone(), ticket.clone());
        async move {
            for word in 0..3 {
                let mut message = world.samples.question(&ticket);
                message.client_id = Some(format!("{writer}-{word}"));
                for _ in 0..2 {
                    let mut change = world.change();
                    change.append(&ticket, message.clone());
                    let outcome = world.try_commit(change).await;
                    assert!(matches!(outcome, Ok(_) | Err(Rejected::Duplicate(_))), "{outcome:?}");
                }
            }
        }
    });
    all(writers).await;

    let thread = world.thread(ticket.id).await;
    assert!(
        thread.iter().map(|message| message.seq).eq(1..=192),
        "lost or misnumbered"
    );
    let mut names: Vec<_> = thread.iter().filter_map(|message| message.client_id.clone()).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 192, "doubled");
    let counted = world.ticket(ticket.id).await.thread;
    assert_eq!((counted.last_seq, counted.unread_by_agents), (192, 192));
    assert_gap_free(&world.journal().await);
}

/// Many open and write into a ticket each, of two tenants.
pub async fn many_writers_on_many_tickets_lose_and_double_nothing(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let neighbour = world.neighbour().await;
    let writers = (0..64).map(|writer| {
        let own = if writer % 2 == 0 {
            world.clone()
        } else {
            neighbour.clone()
        };
        async move {
            let ticket = own.open_sample().await;
            for _ in 0..3 {
                own.ask(&ticket).await;
            }
        }
    });
    all(writers).await;

    for own in [world, neighbour] {
        let mut tickets = own.all_tickets().await;
        tickets.sort_by_key(|ticket| ticket.number);
        assert!(tickets.iter().map(|ticket| ticket.number).eq(1..=32));
        for ticket in tickets {
            let thread = own.thread(ticket.id).await;
            assert!(thread.iter().map(|message| message.seq).eq(1..=3));
            assert!(thread.iter().all(|message| message.ticket == ticket.id));
        }
        assert_gap_free(&own.journal().await);
    }
}

/// Whoever reads on from the last event seen misses none, however many write at the time.
pub async fn a_reader_never_sees_an_event_appear_behind_its_cursor(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let before = store.last_event(world.id()).await.unwrap();
    let (writers, each) = (2, 40);
    let tasks: Vec<_> = (0..writers)
        .map(|_| {
            let world = world.clone();
            tokio::spawn(async move {
                let ticket = world.open_sample().await;
                for _ in 0..each {
                    world.ask(&ticket).await;
                }
            })
        })
        .collect();

    let (last, mut cursor) = (before + writers * (each + 1), before);
    let everything = EventFilter::default();
    while cursor < last {
        let events = store.events(world.id(), cursor, &everything, 7).await.unwrap();
        for event in events {
            assert_eq!(event.seq, cursor + 1, "an event was skipped");
            cursor = event.seq;
        }
        assert!(
            cursor == last
                || tasks.iter().any(|task| !task.is_finished())
                || cursor < store.last_event(world.id()).await.unwrap(),
            "a writer failed"
        );
        tokio::task::yield_now().await;
    }
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(store.last_event(world.id()).await.unwrap(), last);
}

/// Opens a ticket for whoever is chosen, choosing again when somebody was quicker.
async fn open_for_somebody(world: World) {
    loop {
        let candidates = world.store.candidates(world.id()).await.unwrap();
        let chosen = choose(&candidates, &Wanted::default()).map(|candidate| candidate.agent.id);
        let mut ticket = world.samples.ticket(world.inbox.id);
        let mut change = world.change();
        if let Some(agent) = chosen {
            let at = change.at();
            ticket.state = TicketState::Assigned(Assignment { agent, at });
            change.expect(Expect::AgentHasRoom(agent));
            change.note_assignment(agent);
        }
        change.open_ticket(ticket);
        match world.try_commit(change).await {
            Ok(_) => return,
            Err(Rejected::Conflict(Conflict::NoRoom(_) | Conflict::Concurrent)) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
}

/// Two hundred tickets at once for agents who take three each.
pub async fn simultaneous_tickets_never_overfill_an_agent(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let mut agents = Vec::new();
    for _ in 0..10 {
        let agent = Agent {
            max_concurrent_tickets: 3,
            ..world.samples.agent()
        };
        agents.push(world.add_agent(agent).await.id);
    }
    for agent in &agents {
        store
            .seen(world.id(), *agent, world.samples.later(), None)
            .await
            .unwrap();
    }
    all((0..200).map(|_| open_for_somebody(world.clone()))).await;

    for agent in agents {
        let theirs = store.unfinished_tickets_of_agent(world.id(), agent, ALL).await.unwrap();
        assert_eq!(theirs.len(), 3, "an agent was overfilled, or left idle");
    }
    let unassigned = store.unassigned_tickets(world.id(), ALL).await.unwrap();
    assert_eq!(unassigned.len(), 170);
}

/// What only one on the whole installation may have goes to one of those who ask at once.
pub async fn a_domain_claimed_by_many_at_once_goes_to_one(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let claimants = (0..16).map(|_| {
        let mut own = world.clone();
        async move {
            own.tenant = own.samples.tenant();
            own.tenant.domains = vec!["wanted.example".to_owned()];
            let mut change = own.change();
            change.expect(Expect::Free(Claim::Domain("wanted.example".to_owned())));
            change.put_tenant(own.tenant.clone(), EventBody::TenantSaved);
            match own.try_commit(change).await {
                Ok(_) => Some(own.id()),
                Err(Rejected::Conflict(Conflict::Taken(_) | Conflict::Concurrent)) => None,
                Err(other) => panic!("{other:?}"),
            }
        }
    });
    let winners: Vec<_> = all(claimants).await.into_iter().flatten().collect();
    let found = store.tenant_by_domain("wanted.example").await.unwrap().unwrap();
    assert_eq!(winners, [found.id]);
}

/// Workers at the same time share the queue: each delivery of each lane goes to one.
pub async fn workers_at_once_never_claim_the_same(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let neighbour = world.neighbour().await;
    for own in [&world, &neighbour] {
        let mut change = own.change();
        for place in 0..60 {
            change.owe(Delivery {
                channel: Channel::ALL[place % 3],
                ..own.samples.delivery()
            });
        }
        own.commit(change).await;
    }
    let now = world.samples.later();
    let take_all = || {
        let store = Arc::clone(&store);
        async move {
            let mut taken = Vec::new();
            for lane in store.lanes_due(now, ALL).await.unwrap() {
                loop {
                    let claimed = store.claim(lane, now, LEASE, 5).await.unwrap();
                    if claimed.is_empty() {
                        break;
                    }
                    taken.extend(claimed.iter().map(|leased| leased.delivery.id));
                }
            }
            taken
        }
    };
    let mut taken: Vec<_> = all((0..8).map(|_| take_all())).await.concat();
    // A worker may have found nothing because others held what was left at that moment.
    taken.extend(take_all().await);
    assert_eq!(taken.len(), 120);
    taken.sort_unstable();
    taken.dedup();
    assert_eq!(taken.len(), 120, "somebody shared a delivery");
}

/// Whoever looks at the journal for a webhook does so alone.
pub async fn a_webhook_advanced_by_many_at_once_moves_once(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let webhook = world.save_webhook(world.samples.webhook()).await.id;
    let advances = (1..=16).map(|to| {
        let world = world.clone();
        async move {
            match world.try_advance(webhook, 0, to).await {
                Ok(()) => Some(to),
                Err(Rejected::Conflict(Conflict::WebhookElsewhere(_) | Conflict::Concurrent)) => None,
                Err(other) => panic!("{other:?}"),
            }
        }
    });
    let winners: Vec<_> = all(advances).await.into_iter().flatten().collect();
    assert_eq!(winners, [world.webhook(webhook).await.cursor]);
}

/// The same number submitted by many at once is one wish.
pub async fn a_number_submitted_by_many_at_once_is_one_callback(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let since = world.tenant.created_at;
    let wishes = (0..16).map(|_| {
        let world = world.clone();
        async move {
            let callback = Callback {
                contact_number: "+49 30 7654321".to_owned(),
                e164: Some("+49307654321".to_owned()),
                ..world.samples.callback()
            };
            let number = callback.number_key();
            let mut change = world.change();
            change.expect(Expect::Free(Claim::ContactNumber { number, since }));
            let body = EventBody::CallbackRequested { callback: callback.id };
            change.put_callback(callback, [body]);
            match world.try_commit(change).await {
                Ok(_) => {}
                Err(Rejected::Conflict(Conflict::Taken(_) | Conflict::Concurrent)) => {}
                Err(other) => panic!("{other:?}"),
            }
        }
    });
    all(wishes).await;
    let stored = store
        .callbacks(world.id(), &CallbackFilter::default(), WHOLE)
        .await
        .unwrap();
    assert_eq!(stored.total, 1);
}

/// What many write at once is gathered in one delivery.
pub async fn what_many_write_at_once_is_gathered_once(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let ticket = world.open_sample().await;
    let writers = (0..16).map(|_| {
        let (world, ticket) = (world.clone(), ticket.clone());
        async move {
            let mut change = world.change();
            change.append(&ticket, world.samples.question(&ticket));
            let delivery = world.samples.delivery().about(ticket.id);
            change.owe(delivery.gathering("digest".to_owned(), LEASE));
            world.commit(change).await;
        }
    });
    all(writers).await;
    assert_eq!(world.thread(ticket.id).await.len(), 16);
    let owed = store.deliveries_with_key(world.id(), "digest", ALL).await.unwrap();
    assert_eq!(owed.len(), 1);
}
