//! Nodes that share what the bot is asked, and die.

use std::{collections::HashMap, sync::Arc};

use support_core::{
    desk::{Desk, Stores},
    memory::MemoryStore,
    model::{DeliveryStatus, Status},
    ports::Response,
    testing::{Fault, FaultyStore},
    workers::{run_deliveries, run_sweeps},
};
use tokio::time::Instant;

use crate::{
    bot::{ANSWER_TIME, Act, BotOffice, SILENCE, settings},
    office::{SharedClock, eventually, id_of},
};

#[tokio::test(start_paused = true)]
async fn a_bot_whose_node_died_is_not_waited_for() {
    let bots = BotOffice::quiet().await;
    let mara = bots.agent("mara").await;
    let ticket = bots.office.chat(None).await.ticket;
    assert_eq!(bots.take().await.len(), 1, "by a node that dies then");
    bots.office.desk.sweep_holds().await.unwrap();
    assert!(bots.office.ticket(ticket.id).await.held_for_bot_until.is_some());
    bots.office.clock.advance(ANSWER_TIME);
    let sweeping = tokio::spawn(run_sweeps(bots.office.desk.clone(), std::future::pending()));
    let ticket = bots.is_given(&ticket).await;
    sweeping.abort();
    assert_eq!(ticket.assignee(), Some(id_of(&mara)));
    bots.work_off().await;
    assert!(bots.questions().await.is_empty(), "nobody is to be asked any more");
    assert!(bots.bot.asked().is_empty());
}

#[tokio::test]
async fn whatever_killed_a_node_is_not_asked_of_the_next_one() {
    let bots = BotOffice::quiet().await;
    let ticket = bots.office.chat(None).await.ticket;
    assert_eq!(bots.take().await.len(), 1, "by a node that dies then");
    // Its customer is patient, and writes nothing that is owed anew.
    let mut held = bots.office.ticket(ticket.id).await;
    held.held_for_bot_until = Some(bots.office.desk.now().plus(SILENCE));
    let mut change = support_core::change::ChangeSet::new(&bots.office.admin, bots.office.desk.now());
    change.update_ticket(held, []);
    let sealed = change.seal(bots.office.desk.ids());
    bots.office.desk.stores().commit.commit(&[sealed]).await.unwrap();
    bots.office.clock.advance(ANSWER_TIME);
    bots.work_off().await;
    assert!(bots.bot.asked().is_empty());
    assert_eq!(bots.office.ticket(ticket.id).await.held_for_bot_until, None);
    assert_eq!(bots.questions().await[0].status, DeliveryStatus::Dead);
}

async fn is_said_once_despite(method: &'static str, fault: Fault) {
    let store = Arc::new(FaultyStore::new(MemoryStore::new()));
    let bots = BotOffice::over(Stores::of(&store), settings()).await;
    let ticket = bots.office.chat(None).await.ticket;
    bots.bot.act(Act::Say(Response::reply("Once").saying("Twice")));
    let leased = bots.take().await.remove(0);
    store.fail_next(method, fault);
    bots.office.desk.attempt(leased, Instant::now()).await.unwrap_err();
    bots.office.clock.advance(ANSWER_TIME);
    bots.work_off().await;
    assert_eq!(bots.said_by_bot(&ticket).await, ["Once", "Twice"]);
    assert_eq!(bots.bot.asked().len(), 1);
    assert_eq!(bots.questions().await[0].status, DeliveryStatus::Sent);
    assert!(bots.office.ticket(ticket.id).await.held_for_bot_until.is_some());
}

#[tokio::test]
async fn an_answer_is_said_once_though_its_node_dies_before_it_is_settled() {
    is_said_once_despite("settle", Fault::Before).await;
}

#[tokio::test]
async fn an_answer_is_said_once_though_nobody_hears_that_it_was_stored() {
    is_said_once_despite("commit", Fault::AnswerLost).await;
}

#[tokio::test(start_paused = true)]
async fn of_two_nodes_one_asks_and_what_is_answered_is_said_once() {
    let stores = Stores::of(&Arc::new(MemoryStore::new()));
    let mut bots = BotOffice::over(stores.clone(), settings()).await;
    let mut tickets = Vec::new();
    for _ in 0..30 {
        tickets.push(bots.office.chat(None).await.ticket);
    }
    let other = Desk::builder_over(stores)
        .clock(SharedClock(Arc::clone(&bots.office.clock)))
        .responder(bots.bot.clone())
        .responder_settings(settings())
        .build();
    bots.work();
    let others_work = tokio::spawn(run_deliveries(other, std::future::pending()));
    for ticket in &tickets {
        bots.hears(ticket, 1).await;
    }
    for ticket in &tickets {
        bots.ask(ticket, "More").await;
    }
    for ticket in &tickets {
        bots.hears(ticket, 2).await;
        assert_eq!(bots.said_by_bot(ticket).await, ["Hello?!", "More!"]);
    }
    others_work.abort();
    let mut times: HashMap<_, usize> = HashMap::new();
    for asked in bots.bot.asked() {
        *times.entry(asked.question.id).or_default() += 1;
    }
    assert_eq!(times.len(), 60);
    assert!(times.values().all(|times| *times == 1));
}

#[tokio::test]
async fn a_node_without_the_bot_leaves_to_people_what_it_comes_upon() {
    let stores = Stores::of(&Arc::new(MemoryStore::new()));
    let bots = BotOffice::over(stores.clone(), settings()).await;
    let (asked, again) = (bots.office.chat(None).await.ticket, bots.office.chat(None).await.ticket);
    let without = Desk::builder_over(stores)
        .clock(SharedClock(Arc::clone(&bots.office.clock)))
        .build();
    let visitor = bots.office.visitor_of(&again);
    let words = support_core::desk::NewMessage::text("Hello");
    let posted = without.post(&visitor, again.id, words, support_core::desk::Speaker::Own);
    let ticket = posted.await.unwrap().ticket;
    assert_eq!(
        (ticket.held_for_bot_until, ticket.state.status()),
        (None, Status::Waiting)
    );
    let working = tokio::spawn(run_deliveries(without, std::future::pending()));
    bots.is_left(&asked).await;
    eventually(|| async { (bots.questions().await.len() == 1).then_some(()) }).await;
    working.abort();
    let question = bots.questions().await.remove(0);
    assert_eq!(question.last_error.as_deref(), Some("there is no responder"));
    assert!(bots.bot.asked().is_empty());
}
