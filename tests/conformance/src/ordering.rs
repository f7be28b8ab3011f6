//! Numbers and orders: threads, read marks and the journal.

use std::sync::Arc;

use support_core::{
    model::{Customer, EventBody, Message, MessageKind, Requester, Sender, Side, Thread, Ticket},
    ports::{EventFilter, Store},
};

use crate::world::{ALL, Dice, World};

/// Every message gets the next number, whoever writes, and is read back in that order.
pub async fn messages_are_numbered_without_gap(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let ticket = world.open_sample().await;
    let mut written = Vec::new();
    for round in 0..4 {
        let batch: Vec<_> = (0..=round).map(|_| world.samples.question(&ticket)).collect();
        let changes = batch.iter().map(|message| {
            let mut change = world.change();
            change.append(&ticket, message.clone());
            change
        });
        for (outcome, message) in world.commit_batch(changes).await.into_iter().zip(batch) {
            let seq = outcome.unwrap().seq_of(message.id).unwrap();
            written.push(Message { seq, ..message });
        }
    }
    let seqs: Vec<_> = written.iter().map(|message| message.seq).collect();
    assert_eq!(seqs, (1..=10).collect::<Vec<_>>());
    assert_eq!(world.thread(ticket.id).await, written);
    let part = store.messages(world.id(), ticket.id, 4, 3, true).await.unwrap();
    assert_eq!(part, written[4..7]);
    for message in written {
        let one = store.message(world.id(), ticket.id, message.id).await.unwrap();
        assert_eq!(one, Some(message));
    }
}

fn some_message(world: &World, ticket: &Ticket, dice: &mut Dice) -> Message {
    let sender = match dice.roll(5) {
        0 | 1 => Sender::Customer(ticket.requester),
        2 => Sender::Agent(None),
        3 => Sender::Bot,
        _ => Sender::System,
    };
    let mut message = world.samples.message(ticket.id, sender);
    if matches!(sender, Sender::Agent(_)) && dice.roll(3) == 0 {
        message.kind = MessageKind::Note;
    }
    if dice.roll(4) == 0 {
        message.content = "äöü🙂".repeat(60);
    }
    message
}

fn with_mark(mut thread: Thread, messages: &[Message], side: Side, up_to: u64) -> Thread {
    let mark = thread.read_by(side).max(up_to.min(thread.last_seq));
    let unread = messages
        .iter()
        .filter(|message| message.seq > mark && message.unread_by() == Some(side));
    let unread = u64::try_from(unread.count()).unwrap();
    match side {
        Side::Customer => (thread.read_by_customer, thread.unread_by_customer) = (mark, unread),
        Side::Agents => (thread.read_by_agents, thread.unread_by_agents) = (mark, unread),
    }
    thread
}

/// Over many mixed sequences of words, notes and read marks, in batches of many sizes, what the
/// store counts is what the model's rule counts.
pub async fn thread_counters_equal_the_models_rule(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    for seed in 0..6 {
        let mut dice = Dice::new(seed);
        let ticket = world.open_sample().await;
        let (mut expected, mut messages) = (Thread::default(), Vec::<Message>::new());
        for _ in 0..12 {
            let mut change = world.change();
            for _ in 0..=dice.roll(3) {
                let message = some_message(&world, &ticket, &mut dice);
                expected = expected.with(&message);
                let seq = expected.last_seq;
                change.append(&ticket, message.clone());
                messages.push(Message { seq, ..message });
            }
            if dice.roll(2) == 0 {
                let side = if dice.roll(2) == 0 {
                    Side::Customer
                } else {
                    Side::Agents
                };
                let up_to = dice.roll(expected.last_seq + 3);
                change.mark_read(&ticket, side, up_to);
                expected = with_mark(expected, &messages, side, up_to);
            }
            world.commit(change).await;
            assert_eq!(world.ticket(ticket.id).await.thread, expected, "seed {seed}");
        }
        assert_eq!(world.thread(ticket.id).await, messages, "seed {seed}");
        assert_eq!(world.ticket(ticket.id).await.version, 1, "words are no change of state");
    }
}

/// A mark never goes back, nor beyond what was written, and leaves the other side's alone.
pub async fn read_marks_only_move_forward(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let ticket = world.open_sample().await;
    for _ in 0..3 {
        world.ask(&ticket).await;
        world.say(&ticket, world.answer(&ticket)).await;
    }
    let mark = async |side, up_to| {
        let mut change = world.change();
        change.mark_read(&ticket, side, up_to);
        world.commit(change).await;
        let thread = world.ticket(ticket.id).await.thread;
        let agents = (thread.read_by_agents, thread.unread_by_agents);
        (agents, (thread.read_by_customer, thread.unread_by_customer))
    };
    assert_eq!(mark(Side::Agents, 3).await, ((3, 1), (0, 3)));
    assert_eq!(mark(Side::Agents, 1).await, ((3, 1), (0, 3)));
    assert_eq!(mark(Side::Customer, 2).await, ((3, 1), (2, 2)));
    assert_eq!(mark(Side::Customer, 99).await, ((3, 1), (6, 0)));
    assert_eq!(mark(Side::Agents, 6).await, ((6, 0), (6, 0)));
    world.ask(&ticket).await;
    assert_eq!(mark(Side::Customer, 7).await, ((6, 1), (7, 0)));
}

/// Notes are left out where they must be, without breaking the numbers of the rest.
pub async fn notes_are_read_only_when_asked_for(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let ticket = world.open_sample().await;
    world.ask(&ticket).await;
    let note = Message {
        kind: MessageKind::Note,
        ..world.answer(&ticket)
    };
    world.say(&ticket, note.clone()).await;
    world.say(&ticket, world.answer(&ticket)).await;
    let public = store.messages(world.id(), ticket.id, 0, ALL, false).await.unwrap();
    assert_eq!(public.iter().map(|message| message.seq).collect::<Vec<_>>(), [1, 3]);
    let one = store.messages(world.id(), ticket.id, 1, 1, false).await.unwrap();
    assert_eq!(one.iter().map(|message| message.seq).collect::<Vec<_>>(), [3]);
    assert_eq!(world.thread(ticket.id).await.len(), 3);
    let without = world.open_sample().await;
    let counted = store.notes(world.id(), &[ticket.id, without.id]).await.unwrap();
    assert_eq!(counted, [(ticket.id, 1)].into());
    assert_eq!(store.notes(world.id(), &[]).await.unwrap(), [].into());
    assert_ne!(
        world.ticket(ticket.id).await.thread.last_message_preview,
        Some(note.content)
    );
}

/// The journal tells all of it, in order, with the words joined in.
pub async fn events_are_gap_free_and_carry_their_messages(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let neighbour = world.neighbour().await;
    let ticket = world.samples.ticket(world.inbox.id);
    let (question, note) = (
        world.samples.question(&ticket),
        Message {
            kind: MessageKind::Note,
            ..world.answer(&ticket)
        },
    );
    let mut change = world.change();
    change.open_ticket(ticket.clone());
    change.append(&ticket, question.clone());
    change.append(&ticket, note);
    change.mark_read(&ticket, Side::Agents, 1);
    let sealed = world.seal(change);
    let receipt = store
        .commit(std::slice::from_ref(&sealed))
        .await
        .unwrap()
        .pop()
        .unwrap()
        .unwrap();
    neighbour.open_sample().await;
    world.update(world.ticket(ticket.id).await).await;

    let journal = world.journal().await;
    let seqs: Vec<_> = journal.iter().map(|event| event.seq).collect();
    assert_eq!(seqs, (1..=7).collect::<Vec<_>>());
    assert_eq!(store.last_event(world.id()).await.unwrap(), 7);
    assert_eq!(receipt.first_event, 3);
    assert_eq!(
        journal[2..6],
        sealed.events(&receipt),
        "read back as it was told at once"
    );
    let words = journal[3].message.as_deref().unwrap();
    assert_eq!(
        (words.id, words.seq, &words.content),
        (question.id, 1, &question.content)
    );
    assert!(
        journal
            .iter()
            .all(|event| event.message.is_some() == event.body.message().is_some())
    );
}

/// Cursor, limit, ticket and kind choose from the journal.
pub async fn events_are_chosen_by_cursor_ticket_and_kind(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let (ticket, other) = (world.open_sample().await, world.open_sample().await);
    for _ in 0..3 {
        world.ask(&ticket).await;
        world.ask(&other).await;
    }
    let read = async |after, ticket, kind: Option<&str>, limit| {
        let filter = EventFilter {
            ticket,
            kind: kind.map(str::to_owned),
            ..EventFilter::default()
        };
        let events = store.events(world.id(), after, &filter, limit).await.unwrap();
        events.iter().map(|event| event.seq).collect::<Vec<_>>()
    };
    assert_eq!(read(0, None, None, ALL).await, (1..=10).collect::<Vec<_>>());
    assert_eq!(read(4, None, None, 3).await, [5, 6, 7]);
    assert_eq!(read(0, Some(ticket.id), None, ALL).await, [3, 5, 7, 9]);
    assert_eq!(read(5, Some(other.id), None, 1).await, [6]);
    assert_eq!(read(0, None, Some("ticket_opened"), ALL).await, [3, 4]);
    assert_eq!(read(6, Some(ticket.id), Some("message_posted"), ALL).await, [7, 9]);
    assert_eq!(read(10, None, None, ALL).await, [0; 0]);
    let opened = store.events(world.id(), 2, &EventFilter::default(), 1).await.unwrap();
    assert!(matches!(opened[0].body, EventBody::TicketOpened { .. }));
}

/// Each customer's part of the journal is read for itself: what they are told, their tickets,
/// their callbacks.
pub async fn events_are_chosen_by_customer(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let (one, other) = (world.samples.customer(), world.samples.customer());
    for customer in [&one, &other] {
        world.add_customer(customer.clone()).await;
    }
    let of = |customer: &Customer| Ticket {
        requester: Requester::Customer(customer.id),
        ..world.samples.ticket(world.inbox.id)
    };
    let ticket = world.open(of(&one)).await;
    let second = world.open(of(&one)).await;
    let others = world.open(of(&other)).await;
    for ticket in [&ticket, &others, &second] {
        world.ask(ticket).await;
    }
    let read = async |after, ticket, kind: Option<&str>, limit| {
        let filter = EventFilter {
            ticket,
            customer: Some(one.id),
            kind: kind.map(str::to_owned),
        };
        let events = store.events(world.id(), after, &filter, limit).await.unwrap();
        let tickets = events
            .iter()
            .map(|event| (event.body.kind(), event.audience.ticket.unwrap()));
        tickets.collect::<Vec<_>>()
    };
    let (opened, said) = ("ticket_opened", "message_posted");
    let all = [
        (opened, ticket.id),
        (opened, second.id),
        (said, ticket.id),
        (said, second.id),
    ];
    assert_eq!(read(0, None, None, ALL).await, all);
    assert_eq!(read(0, None, None, 3).await, all[..3]);
    assert_eq!(read(0, None, Some(said), ALL).await, all[2..]);
    assert_eq!(read(0, Some(second.id), None, ALL).await, [all[1], all[3]]);
    assert_eq!(read(0, Some(others.id), None, ALL).await, []);
}

/// Words, marks and a changed state may share a batch; each takes effect in its place.
pub async fn words_and_marks_of_one_batch_take_effect_in_their_order(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let ticket = world.open_sample().await;
    world.ask(&ticket).await;
    let say = || {
        let mut change = world.change();
        change.append(&ticket, world.samples.question(&ticket));
        change
    };
    let mut marked_then_said = world.change();
    marked_then_said.mark_read(&ticket, Side::Agents, 99);
    marked_then_said.append(&ticket, world.samples.question(&ticket));
    let mut changed = world.change();
    let subject = "Changed".to_owned();
    changed.update_ticket(
        Ticket {
            subject,
            ..ticket.clone()
        },
        [],
    );
    for outcome in world.commit_batch([say(), marked_then_said, say(), changed]).await {
        outcome.unwrap();
    }
    let stored = world.ticket(ticket.id).await;
    let thread = &stored.thread;
    assert_eq!((stored.version, stored.subject.as_str()), (2, "Changed"));
    assert_eq!(
        (thread.last_seq, thread.read_by_agents, thread.unread_by_agents),
        (4, 2, 2)
    );
    assert!(
        world
            .thread(ticket.id)
            .await
            .iter()
            .map(|message| message.seq)
            .eq(1..=4)
    );
}
