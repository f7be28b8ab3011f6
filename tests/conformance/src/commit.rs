//! The write door: all or nothing, each change set for itself, and nothing twice.

use std::{sync::Arc, time::Duration};

use support_core::{
    change::{Conflict, Expect, Record, Rejected},
    model::{EventBody, MessageKind, Sender, SenderKind, Timestamp},
    ports::{Store, StoredRequest},
};

use crate::world::{ALL, World};

/// A change set with every kind of content leaves nothing behind when one expectation fails.
pub async fn commits_all_or_nothing(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let agent = world.add_agent(world.samples.agent()).await;
    let before = store.last_event(world.id()).await.unwrap();
    let (ticket, department) = (world.samples.ticket(world.inbox.id), world.samples.department());
    let visitor = world.samples.visitor();
    let request = world.request();

    let mut change = world.change_once(request.clone());
    change.put_visitor(visitor.clone());
    change.open_ticket(ticket.clone());
    change.append(&ticket, world.samples.question(&ticket));
    change.put_department(department.clone());
    change.owe(world.samples.delivery());
    change.note_assignment(agent.id);
    change.expect(Expect::Version {
        record: Record::Agent(agent.id),
        version: agent.version + 1,
    });
    let refused = Rejected::Conflict(Conflict::Changed(Record::Agent(agent.id)));
    assert_eq!(world.refusal(change).await, refused);

    let id = world.id();
    assert_eq!(store.last_event(id).await.unwrap(), before);
    assert_eq!(store.ticket(id, ticket.id).await.unwrap(), None);
    assert_eq!(store.visitor(id, visitor.id).await.unwrap(), None);
    assert_eq!(store.department(id, department.id).await.unwrap(), None);
    assert_eq!(store.request(id, &request.key).await.unwrap(), None);
    assert_eq!(world.thread(ticket.id).await, []);
    let much_later = world.samples.later().plus(Duration::from_secs(60));
    assert_eq!(store.lanes_due(much_later, ALL).await.unwrap(), []);
    let candidates = store.candidates(id).await.unwrap();
    assert!(candidates.iter().all(|candidate| candidate.last_assigned_at.is_none()));
    assert_eq!(world.open_sample().await.number, 1, "no number was used up");
}

/// A change set that is refused in the middle of a batch does not touch its neighbours.
pub async fn conflict_leaves_no_trace_and_neighbours_commit(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let stale = world.open_sample().await;
    world.update(stale.clone()).await;
    let (first, second) = (
        world.samples.ticket(world.inbox.id),
        world.samples.ticket(world.inbox.id),
    );
    let (mut one, mut two, mut three) = (world.change(), world.change(), world.change());
    one.open_ticket(first.clone());
    two.update_ticket(stale.clone(), [EventBody::TicketTagged { ticket: stale.id }]);
    two.append(&stale, world.samples.question(&stale));
    three.open_ticket(second.clone());

    let outcomes = world.commit_batch([one, two, three]).await;
    let refused = Rejected::Conflict(Conflict::Changed(Record::Ticket(stale.id)));
    assert_eq!(outcomes[1], Err(refused));
    assert_eq!(outcomes[0].as_ref().unwrap().number_of(first.id), Some(2));
    assert_eq!(outcomes[2].as_ref().unwrap().number_of(second.id), Some(3));
    assert_eq!(world.ticket(stale.id).await.version, 2);
    assert_eq!(world.thread(stale.id).await, []);
    let seqs: Vec<_> = world.journal().await.iter().map(|event| event.seq).collect();
    assert_eq!(seqs, (1..=6).collect::<Vec<_>>(), "the journal has no gap");
}

/// Outcomes of a batch of several tenants stand where their change sets stood.
pub async fn outcomes_keep_their_positions(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let neighbour = world.neighbour().await;
    let request = world.request();
    let stale = world.open_sample().await;
    world.update(stale.clone()).await;
    let mut earlier = world.change_once(request.clone());
    earlier.open_ticket(world.samples.ticket(world.inbox.id));
    let first = world.commit(earlier).await;

    let tickets: Vec<_> = [&neighbour, &world, &neighbour, &world]
        .iter()
        .map(|own| own.samples.ticket(own.inbox.id))
        .collect();
    let open = |own: &World, place: usize| {
        let mut change = own.change();
        change.open_ticket(tickets[place].clone());
        change
    };
    let mut conflicting = world.change();
    conflicting.append(&stale, world.samples.question(&stale));
    let mut repeated = world.change_once(request);
    repeated.open_ticket(world.samples.ticket(world.inbox.id));
    let batch = [
        open(&neighbour, 0),
        conflicting,
        open(&world, 1),
        repeated,
        open(&neighbour, 2),
        open(&world, 3),
    ];

    let outcomes = world.commit_batch(batch).await;
    let number = |outcome: usize, ticket: usize| outcomes[outcome].as_ref().unwrap().number_of(tickets[ticket].id);
    assert_eq!(number(0, 0), Some(1));
    assert_eq!(
        outcomes[1],
        Err(Rejected::Conflict(Conflict::Changed(Record::Ticket(stale.id))))
    );
    assert_eq!(number(2, 1), Some(3));
    assert_eq!(outcomes[3], Err(Rejected::Duplicate(first)));
    assert_eq!(number(4, 2), Some(2));
    assert_eq!(number(5, 3), Some(4));
}

/// An empty batch is a batch.
pub async fn an_empty_batch_is_committed(store: Arc<dyn Store>) {
    assert_eq!(store.commit(&[]).await.unwrap(), []);
}

/// The same sender's id for a message in the same ticket is the same message.
pub async fn repeated_client_id_gives_the_first_message(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let (ticket, other) = (world.open_sample().await, world.open_sample().await);
    world.ask(&ticket).await;
    let named = |mut message: support_core::model::Message| {
        message.client_id = Some("c-1".to_owned());
        message
    };
    let question = named(world.samples.question(&ticket));
    let (first, seq) = (question.id, world.say(&ticket, question).await);
    let before = store.last_event(world.id()).await.unwrap();

    let mut again = world.change();
    again.append(&ticket, named(world.samples.question(&ticket)));
    let Rejected::Duplicate(receipt) = world.refusal(again).await else {
        panic!("a repeated client id is a duplicate");
    };
    assert_eq!(receipt.messages, [(first, seq)]);
    assert_eq!(receipt.first_event, 0);
    assert_eq!(store.last_event(world.id()).await.unwrap(), before);
    assert_eq!(world.thread(ticket.id).await.len(), 2);

    world.say(&other, named(world.samples.question(&other))).await;
    let agent = world.add_agent(world.samples.agent()).await;
    for sender in [Sender::Agent(Some(agent.id)), Sender::Agent(None), Sender::Bot] {
        world
            .say(&ticket, named(world.samples.message(ticket.id, sender)))
            .await;
        let mut again = world.change();
        again.append(&ticket, named(world.samples.message(ticket.id, sender)));
        assert!(
            matches!(world.refusal(again).await, Rejected::Duplicate(_)),
            "{sender:?}"
        );
    }
    assert_eq!(world.thread(ticket.id).await.len(), 5);
}

/// A request that comes again with its key is not done again.
pub async fn repeated_request_key_gives_the_first_receipt(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let request = world.request();
    let ticket = world.samples.ticket(world.inbox.id);
    let mut change = world.change_once(request.clone());
    change.open_ticket(ticket.clone());
    change.append(&ticket, world.samples.question(&ticket));
    let receipt = world.commit(change).await;
    assert!(receipt.first_event > 0);
    assert_eq!(receipt.number_of(ticket.id), Some(1));

    let mut again = world.change_once(request.clone());
    again.open_ticket(world.samples.ticket(world.inbox.id));
    assert_eq!(world.refusal(again).await, Rejected::Duplicate(receipt.clone()));
    let mut stored = StoredRequest {
        fingerprint: request.fingerprint.clone(),
        receipt,
        response: None,
    };
    assert_eq!(
        store.request(world.id(), &request.key).await.unwrap(),
        Some(stored.clone())
    );

    let mut answered = world.change();
    answered.store_response(request.key.clone(), 201, "{\"ok\":true}".to_owned());
    world.commit(answered).await;
    stored.response = Some((201, "{\"ok\":true}".to_owned()));
    assert_eq!(store.request(world.id(), &request.key).await.unwrap(), Some(stored));
    assert_eq!(world.all_tickets().await.len(), 1);

    let neighbour = world.neighbour().await;
    let mut theirs = neighbour.change_once(request);
    theirs.open_ticket(neighbour.samples.ticket(neighbour.inbox.id));
    neighbour.commit(theirs).await;
}

/// A change set that no expectation refuses but a key of the database must.
pub async fn poison_change_fails_alone(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let stored = world.open_sample().await;
    let (first, second) = (
        world.samples.ticket(world.inbox.id),
        world.samples.ticket(world.inbox.id),
    );
    let [mut one, mut poison, mut three] = [world.change(), world.change(), world.change()];
    one.open_ticket(first.clone());
    poison.open_ticket(support_core::model::Ticket {
        id: stored.id,
        ..world.samples.ticket(world.inbox.id)
    });
    three.open_ticket(second.clone());

    let outcomes = world.commit_batch([one, poison, three]).await;
    assert_eq!(outcomes[1], Err(Rejected::Conflict(Conflict::Concurrent)));
    assert!(outcomes[0].is_ok() && outcomes[2].is_ok());
    assert_eq!(world.ticket(stored.id).await, stored);
    assert_eq!(world.ticket(first.id).await.number, 2);
    assert_eq!(world.ticket(second.id).await.number, 3);
}

/// Whatever an adapter says to words for a ticket that isn't there, it keeps none of them.
pub async fn words_for_a_missing_ticket_leave_no_trace(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let before = store.last_event(world.id()).await.unwrap();
    let missing = world.samples.ticket(world.inbox.id);
    let mut change = world.change();
    change.append(&missing, world.samples.question(&missing));
    let outcome = store.commit(&[world.seal(change)]).await;
    let is_refused = outcome.is_err() || outcome.is_ok_and(|outcomes| outcomes[0].is_err());
    assert!(is_refused, "words need a ticket");
    assert_eq!(store.last_event(world.id()).await.unwrap(), before);
    assert_eq!(world.thread(missing.id).await, []);
}

/// Numbers follow the order of creation, in a batch and over batches, each tenant for itself.
pub async fn ticket_numbers_are_gap_free_in_order_of_creation(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let neighbour = world.neighbour().await;
    let mut expected = Vec::new();
    for _ in 0..4 {
        let tickets: Vec<_> = (0..3).map(|_| world.samples.ticket(world.inbox.id)).collect();
        expected.extend(tickets.iter().map(|ticket| ticket.id));
        let mut both = world.change();
        both.open_ticket(tickets[0].clone());
        both.open_ticket(tickets[1].clone());
        let mut theirs = neighbour.change();
        theirs.open_ticket(neighbour.samples.ticket(neighbour.inbox.id));
        let mut last = world.change();
        last.open_ticket(tickets[2].clone());
        for outcome in world.commit_batch([both, theirs, last]).await {
            outcome.unwrap();
        }
    }
    for (number, id) in (1..).zip(&expected) {
        let found = store.ticket_by_number(world.id(), number).await.unwrap().unwrap();
        assert_eq!((found.id, found.number), (*id, number));
    }
    assert_eq!(store.ticket_by_number(world.id(), 13).await.unwrap(), None);
    assert_eq!(neighbour.all_tickets().await.len(), 4);
}

/// Whom a change set tells inside the product is stored with it.
pub async fn notifications_are_stored_with_what_they_tell_of(store: Arc<dyn Store>) {
    use support_core::model::{Assignment, NotificationKind, Principal};

    let world = World::found(&store).await;
    let agent = world.add_agent(world.samples.agent()).await;
    let mut ticket = world.open_sample().await;
    let assignment = Assignment {
        agent: agent.id,
        at: world.samples.later(),
    };
    let (from, status) = (None, support_core::model::Status::Assigned);
    ticket.state = ticket.state.assign(assignment).unwrap();
    let mut change = world.change();
    let assigned = EventBody::TicketAssigned {
        ticket: ticket.id,
        from,
        to: agent.id,
        status,
    };
    change.update_ticket(ticket.clone(), [assigned]);
    world.commit(change).await;
    let ticket = world.ticket(ticket.id).await;
    world.ask(&ticket).await;

    let recipient = Principal::Agent(agent.id);
    let told = store.notifications(world.id(), recipient, true, ALL).await.unwrap();
    let kinds: Vec<_> = told.iter().map(|one| one.kind).collect();
    assert_eq!(
        kinds,
        [NotificationKind::NewMessage, NotificationKind::TicketAssigned],
        "newest first"
    );
    assert!(
        told.iter()
            .all(|one| one.ticket == Some(ticket.id) && one.recipient == recipient)
    );
    let newest = store.notifications(world.id(), recipient, false, 1).await.unwrap();
    assert_eq!(newest, told[..1]);
    let nobody = Principal::Customer(world.samples.customer().id);
    assert_eq!(store.notifications(world.id(), nobody, false, ALL).await.unwrap(), []);
}

/// Each is told on their own, and reads on their own: the first time counts.
pub async fn what_was_read_is_read_for_its_recipient_alone(store: Arc<dyn Store>) {
    use support_core::model::{Notification, Principal};

    let world = World::found(&store).await;
    let mara = Principal::Agent(world.samples.agent().id);
    let vera = Principal::Customer(world.samples.customer().id);
    let told: Vec<Notification> = [mara, mara, mara, vera]
        .map(|recipient| world.samples.notification(recipient))
        .into();
    let mut change = world.change();
    for one in &told {
        change.notify(one.clone());
    }
    world.commit(change).await;
    let ids = |some: &[usize]| some.iter().map(|one| told[*one].id).collect::<Vec<_>>();

    let mut changes = Vec::new();
    for read in [&[0, 1, 3][..], &[1, 1]] {
        let mut change = world.change();
        change.mark_notifications_read(mara, ids(read));
        changes.push(change);
    }
    let first_read = changes[0].at();
    for change in changes {
        world.commit(change).await;
    }

    let found = async |id| store.notification(world.id(), id).await.unwrap().unwrap();
    for (place, one) in told.iter().enumerate() {
        let read_at = (place < 2).then_some(first_read);
        assert_eq!(found(one.id).await, Notification { read_at, ..one.clone() });
    }
    let unread = store.notifications(world.id(), mara, true, ALL).await.unwrap();
    assert_eq!(unread, told[2..3]);
    let never = world.samples.notification(mara);
    assert_eq!(store.notification(world.id(), never.id).await.unwrap(), None);
}

/// Answers at hand are given out in the order of their shortcuts, which nobody else may have.
pub async fn canned_responses_are_stored_as_they_are_and_listed_by_shortcut(store: Arc<dyn Store>) {
    use support_core::{
        change::{Claim, Conflict, Record},
        model::CannedResponse,
    };

    let world = World::found(&store).await;
    let named = |shortcut: &str| CannedResponse {
        shortcut: shortcut.to_owned(),
        ..world.samples.canned_response()
    };
    let all = [named("b_1"), named("b-1"), named("a"), named("b1")];
    let mut change = world.change();
    for response in &all {
        change.put_canned_response(response.clone());
    }
    world.commit(change).await;
    let stored = |response: &CannedResponse, version| CannedResponse {
        version,
        ..response.clone()
    };
    let found = store.canned_responses(world.id()).await.unwrap();
    assert_eq!(found, [2, 1, 3, 0].map(|place: usize| stored(&all[place], 1)));

    assert!(!world.is_free(Claim::Shortcut("a".to_owned())).await);
    assert!(world.is_free(Claim::Shortcut("A".to_owned())).await);
    assert!(world.neighbour().await.is_free(Claim::Shortcut("a".to_owned())).await);
    let mut double = world.change();
    double.put_canned_response(named("a"));
    assert_eq!(
        world.try_commit(double).await,
        Err(Rejected::Conflict(Conflict::Concurrent))
    );

    let reworded = CannedResponse {
        content: "Bye, \\ \"{{agent.name}}\"\n’".to_owned(),
        shortcut: "z".to_owned(),
        ..found[0].clone()
    };
    let mut change = world.change();
    change.put_canned_response(reworded.clone());
    world.commit(change).await;
    let one = store.canned_response(world.id(), reworded.id).await.unwrap();
    assert_eq!(one, Some(stored(&reworded, 2)));
    let mut stale = world.change();
    stale.remove_canned_response(&reworded);
    let changed = Conflict::Changed(Record::CannedResponse(reworded.id));
    assert_eq!(world.try_commit(stale).await, Err(Rejected::Conflict(changed)));
    let mut removal = world.change();
    removal.remove_canned_response(&one.unwrap());
    world.commit(removal).await;
    assert_eq!(store.canned_response(world.id(), reworded.id).await.unwrap(), None);
    assert!(world.is_free(Claim::Shortcut("z".to_owned())).await);
}

/// One change set may say several things in several tickets.
pub async fn one_change_set_may_append_several_messages(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let old = world.open_sample().await;
    world.ask(&old).await;
    let new = world.samples.ticket(world.inbox.id);
    let mut change = world.change();
    change.open_ticket(new.clone());
    let mut said = Vec::new();
    for ticket in [&new, &old, &new, &old, &new] {
        let message = world.samples.message(ticket.id, Sender::System);
        assert_eq!(
            (message.sender.kind(), message.kind),
            (SenderKind::System, MessageKind::SystemNotification)
        );
        said.push(message.id);
        change.append(ticket, message);
    }
    let receipt = world.commit(change).await;
    let seqs: Vec<_> = said.iter().map(|id| receipt.seq_of(*id).unwrap()).collect();
    assert_eq!(seqs, [1, 2, 2, 3, 3]);
    assert_eq!(world.ticket(new.id).await.thread.last_seq, 3);
    assert_eq!(world.ticket(old.id).await.thread.last_seq, 3);
    assert_ne!(world.ticket(old.id).await.thread.last_message_at, None::<Timestamp>);
}

/// Tenants begin in one batch with others, each with what belongs to it and numbers of its own.
pub async fn several_tenants_begin_in_one_batch(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let mut founded = Vec::new();
    let mut batch = Vec::new();
    for _ in 0..3 {
        let mut own = world.clone();
        (own.tenant, own.inbox) = (own.samples.tenant(), own.samples.inbox());
        let mut change = own.change();
        change.put_tenant(own.tenant.clone(), EventBody::TenantSaved);
        change.put_inbox(own.inbox.clone());
        change.open_ticket(own.samples.ticket(own.inbox.id));
        founded.push(own);
        batch.push(change);
    }
    for outcome in world.commit_batch(batch).await {
        let receipt = outcome.unwrap();
        assert_eq!((receipt.first_event, receipt.tickets[0].1), (1, 1));
    }
    for own in founded {
        assert_eq!(own.all_tickets().await.len(), 1);
        assert_eq!(store.inboxes(own.id()).await.unwrap()[0].id, own.inbox.id);
        assert_eq!(store.last_event(own.id()).await.unwrap(), 3);
    }
}
