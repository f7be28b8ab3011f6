use std::time::Duration;

use support_core::{
    desk::{Desk, NewMessage, NewTicket, NewTicketRequester, ResponderSettings, Scope, Speaker, TicketChanges, Turn},
    memory::MemoryStore,
    model::{Actor, Contact, DeliveryStatus, InboxKind, MessageKind, SenderKind, Side, Status, TicketChannel},
    ports::{BusMessage, Next, Response, Signal},
    testing::RecordingNotifier,
};

use crate::{
    bot::{ANSWER_TIME, Act, BotOffice, PATIENCE, SILENCE, settings},
    office::{Office, eventually, id_of},
};

const WAIT: &str = "Someone will be with you as soon as possible";

#[tokio::test(start_paused = true)]
async fn the_bot_answers_before_anybody_is_given_the_ticket() {
    let bots = BotOffice::open().await;
    bots.agent("mara").await;
    let ticket = bots.answered_chat().await.ticket;
    assert_eq!(bots.said_by_bot(&ticket).await, ["Hello?!"]);
    bots.office.desk.assign_waiting(bots.office.tenant.id).await.unwrap();
    let ticket = bots.office.ticket(ticket.id).await;
    assert_eq!((ticket.assignee(), ticket.state.status()), (None, Status::Open));
    assert_eq!(ticket.held_for_bot_until, Some(bots.office.desk.now().plus(SILENCE)));
    assert_eq!(ticket.thread.first_response_at, None, "bots don't count");
}

#[tokio::test(start_paused = true)]
async fn the_bot_is_asked_with_what_was_said_and_nothing_that_only_agents_may_see() {
    let bots = BotOffice::open().await;
    let ticket = bots.answered_chat().await.ticket;
    let note = NewMessage {
        is_note: true,
        ..NewMessage::text("Beware")
    };
    let office = &bots.office;
    office
        .desk
        .post(&office.admin, ticket.id, note, Speaker::Own)
        .await
        .unwrap();
    bots.ask(&ticket, "Really").await;
    bots.hears(&ticket, 2).await;
    let asked = bots.bot.asked().pop().unwrap();
    let words: Vec<&str> = asked.messages.iter().map(|message| message.content.as_str()).collect();
    assert_eq!(words, ["Hello?", "Hello?!", "Really"]);
    assert_eq!(asked.question.content, "Really");
    assert_eq!(asked.said_by_bot().count(), 1);
    assert_eq!(
        (asked.tenant, asked.ticket.requester_name()),
        (office.tenant.id, "Vera")
    );
    assert!(!asked.somebody_is_online && asked.department.is_none());
    assert_eq!(asked.opens_at, Some(office.desk.now()), "no hours are set");
}

#[tokio::test(start_paused = true)]
async fn a_handover_tells_the_agent_what_the_customer_never_sees() {
    let bots = BotOffice::open().await;
    let mara = bots.agent("mara").await;
    let summary = Response::hand_over("Wants a refund").saying("One moment");
    bots.bot.act(Act::Say(summary));
    let ticket = bots.office.chat(None).await.ticket;
    let ticket = bots.is_given(&ticket).await;
    assert_eq!(ticket.assignee(), Some(id_of(&mara)));
    let lines = bots.office.lines(ticket.id).await;
    assert_eq!(
        lines,
        ["Hello?", "One moment", "Wants a refund", "You are now talking to mara"]
    );
    let notes = bots.said(&ticket, SenderKind::Bot).await;
    assert_eq!((notes[0].kind, notes[1].kind), (MessageKind::Text, MessageKind::Note));
    let visitor = bots.office.visitor_of(&ticket);
    let seen = bots.office.desk.messages(&visitor, &ticket, 0, 100).await.unwrap();
    assert!(seen.iter().all(|message| message.content != "Wants a refund"));
    let questions = eventually(|| async {
        let questions = bots.questions().await;
        (questions[0].status == DeliveryStatus::Sent).then_some(questions)
    });
    assert_eq!(questions.await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn who_was_handed_over_is_answered_by_people_only() {
    let bots = BotOffice::open().await;
    bots.bot.act(Act::Say(Response::hand_over("Help")));
    let ticket = bots.office.chat(None).await.ticket;
    let ticket = bots.is_left(&ticket).await;
    assert_eq!(ticket.state.status(), Status::Waiting);
    bots.ask(&ticket, "And now?").await;
    tokio::time::sleep(PATIENCE).await;
    assert_eq!(bots.bot.asked().len(), 1);
    assert_eq!(bots.questions().await.len(), 1);
}

async fn is_left_to_people_after(act: Act, reason: &str) {
    let bots = BotOffice::open().await;
    let mara = bots.agent("mara").await;
    bots.bot.act(act);
    let ticket = bots.office.chat(None).await.ticket;
    let ticket = bots.is_given(&ticket).await;
    assert_eq!(
        (ticket.assignee(), ticket.held_for_bot_until),
        (Some(id_of(&mara)), None)
    );
    assert_eq!(
        bots.office.lines(ticket.id).await,
        ["Hello?", "You are now talking to mara"]
    );
    let question = eventually(|| async {
        let question = bots.questions().await.remove(0);
        (question.status == DeliveryStatus::Dead).then_some(question)
    });
    assert_eq!(question.await.last_error.unwrap(), reason);
    tokio::time::sleep(PATIENCE * 2).await;
    assert_eq!(bots.bot.asked().len(), 1, "it is not asked again");
}

#[tokio::test(start_paused = true)]
async fn people_take_over_from_a_bot_that_fails() {
    is_left_to_people_after(Act::Fail, "out of order").await;
}

#[tokio::test(start_paused = true)]
async fn people_take_over_from_a_bot_that_panics() {
    is_left_to_people_after(Act::Panic, "it panicked").await;
}

#[tokio::test(start_paused = true)]
async fn people_take_over_from_a_bot_that_is_slow() {
    is_left_to_people_after(Act::Hang, "no answer within 2000 ms").await;
}

#[tokio::test(start_paused = true)]
async fn people_take_over_from_a_bot_that_says_what_no_thread_can_hold() {
    let six = Response {
        replies: vec!["So".to_owned(); 6],
        then: Next::Stay,
    };
    is_left_to_people_after(Act::Say(six), "6 replies are more than 5").await;
    let long = Response::reply("x".repeat(5_001));
    is_left_to_people_after(Act::Say(long), "a text of 5001 characters does not have 1 to 5000").await;
    let nothing = Response {
        replies: vec![],
        then: Next::Stay,
    };
    is_left_to_people_after(Act::Say(nothing), "it said nothing and stayed").await;
}

#[tokio::test(start_paused = true)]
async fn what_the_bot_says_after_an_agent_came_is_not_said() {
    let bots = BotOffice::open().await;
    let mara = bots.agent("mara").await;
    bots.bot.act(Act::SayLater(Response::reply("Too late")));
    let ticket = bots.office.chat(None).await.ticket;
    eventually(|| async { bots.bot.asked().pop() }).await;
    let joined = bots.office.desk.join(&mara, ticket.id).await.unwrap();
    assert_eq!(joined.held_for_bot_until, None);
    bots.bot.allow();
    eventually(|| async { bots.questions().await.is_empty().then_some(()) }).await;
    assert_eq!(bots.office.lines(ticket.id).await, ["Hello?", "mara joined"]);
    bots.ask(&ticket, "Are you real?").await;
    tokio::time::sleep(PATIENCE).await;
    assert_eq!(bots.bot.asked().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_answer_in_the_teams_name_ends_the_bots_turn() {
    let bots = BotOffice::open().await;
    let ticket = bots.answered_chat().await.ticket;
    let key = Actor::ApiKey {
        id: support_core::model::ApiKeyId::new(bots.office.desk.ids().uuid()),
        scopes: vec![support_core::model::ApiScope::Tickets],
    };
    let server = Scope::new(bots.office.tenant.id, key);
    let words = NewMessage::text("Here we are");
    let posted = bots
        .office
        .desk
        .post(&server, ticket.id, words, Speaker::Own)
        .await
        .unwrap();
    assert_eq!(posted.ticket.held_for_bot_until, None);
}

#[tokio::test(start_paused = true)]
async fn a_bot_is_asked_only_what_was_asked_last() {
    let mut bots = BotOffice::quiet().await;
    let ticket = bots.office.chat(None).await.ticket;
    bots.ask(&ticket, "Anybody").await;
    bots.ask(&ticket, "There").await;
    bots.work();
    bots.hears(&ticket, 1).await;
    eventually(|| async { (bots.questions().await.len() == 1).then_some(()) }).await;
    assert_eq!(bots.said_by_bot(&ticket).await, ["There!"]);
    let asked = bots.bot.asked().pop().unwrap();
    assert_eq!((asked.messages.len(), bots.bot.asked().len()), (3, 1));
}

#[tokio::test(start_paused = true)]
async fn what_is_asked_while_the_bot_thinks_is_answered_too() {
    let bots = BotOffice::open().await;
    bots.bot.act(Act::SayLater(Response::reply("First")));
    let ticket = bots.office.chat(None).await.ticket;
    eventually(|| async { bots.bot.asked().pop() }).await;
    bots.ask(&ticket, "Second").await;
    bots.bot.allow();
    bots.hears(&ticket, 2).await;
    assert_eq!(bots.said_by_bot(&ticket).await, ["First", "Second!"]);
}

#[tokio::test(start_paused = true)]
async fn a_note_among_agents_does_not_cut_the_bots_time() {
    let bots = BotOffice::open().await;
    bots.bot.act(Act::SayLater(Response::reply("Well")));
    let ticket = bots.office.chat(None).await.ticket;
    eventually(|| async { bots.bot.asked().pop() }).await;
    let note = NewMessage {
        is_note: true,
        ..NewMessage::text("Let it try")
    };
    let office = &bots.office;
    office
        .desk
        .post(&office.admin, ticket.id, note, Speaker::Own)
        .await
        .unwrap();
    bots.bot.allow();
    bots.hears(&ticket, 1).await;
    let held = office.ticket(ticket.id).await.held_for_bot_until;
    assert_eq!(held, Some(office.desk.now().plus(SILENCE)));
}

#[tokio::test(start_paused = true)]
async fn what_the_bot_says_when_its_time_is_up_is_not_said() {
    let bots = BotOffice::open().await;
    bots.bot
        .act(Act::SayLater(Response::hand_over("Late").saying("Too late")));
    let ticket = bots.office.chat(None).await.ticket;
    eventually(|| async { bots.bot.asked().pop() }).await;
    bots.office.clock.advance(ANSWER_TIME);
    bots.bot.allow();
    bots.is_left(&ticket).await;
    assert_eq!(bots.office.lines(ticket.id).await, ["Hello?", WAIT]);
}

#[tokio::test]
async fn a_bot_that_cannot_keep_up_is_not_asked_what_is_long_past() {
    let bots = BotOffice::quiet().await;
    let ticket = bots.office.chat(None).await.ticket;
    bots.office.clock.advance(ANSWER_TIME);
    bots.work_off().await;
    assert!(bots.bot.asked().is_empty());
    assert_eq!(bots.office.lines(ticket.id).await, ["Hello?", WAIT]);
}

#[tokio::test(start_paused = true)]
async fn what_the_bot_resolved_is_its_own_again_when_the_customer_writes_again() {
    let bots = BotOffice::open().await;
    bots.agent("mara").await;
    let bye = || Response {
        replies: vec!["You are welcome".to_owned()],
        then: Next::Resolve,
    };
    bots.bot.act(Act::Say(bye()));
    bots.bot.act(Act::Say(bye()));
    let ticket = bots.office.chat(None).await.ticket;
    let resolved = bots.is_left(&ticket).await;
    assert_eq!((resolved.state.status(), resolved.assignee()), (Status::Resolved, None));
    let reopened = bots.ask(&ticket, "One more thing").await.ticket;
    assert_eq!((reopened.state.status(), reopened.assignee()), (Status::Open, None));
    bots.hears(&ticket, 2).await;
    assert_eq!(bots.office.ticket(ticket.id).await.state.status(), Status::Resolved);
}

#[tokio::test(start_paused = true)]
async fn what_people_resolved_is_theirs_when_the_customer_writes_again() {
    let bots = BotOffice::open().await;
    let ticket = bots.answered_chat().await.ticket;
    let resolved = TicketChanges {
        status: Some(Status::Resolved),
        ..TicketChanges::default()
    };
    let office = &bots.office;
    office
        .desk
        .update_ticket(&office.admin, ticket.id, resolved)
        .await
        .unwrap();
    let reopened = bots.ask(&ticket, "One more thing").await.ticket;
    assert_eq!(
        (reopened.state.status(), reopened.held_for_bot_until),
        (Status::Waiting, None)
    );
    assert_eq!(bots.bot.asked().len(), 1);
}

#[tokio::test]
async fn who_asks_for_a_human_or_is_opened_for_by_an_agent_gets_no_bot() {
    let bots = BotOffice::quiet().await;
    let desk = &bots.office.desk;
    let anyone = Scope::new(bots.office.tenant.id, Actor::Anyone);
    let mut handed_over = bots.office.new_chat(None).await;
    handed_over.channel = TicketChannel::Chatbot;
    let opened = desk.open_ticket(&anyone, handed_over).await.unwrap();
    assert_eq!(opened.ticket.held_for_bot_until, None);
    let for_customer = bots.office.new_chat(None).await;
    let opened = desk.open_ticket(&bots.office.admin, for_customer).await.unwrap();
    assert_eq!(opened.ticket.held_for_bot_until, None);
    assert!(bots.questions().await.is_empty());
}

#[tokio::test]
async fn who_has_not_said_anything_yet_is_waited_for() {
    let bots = BotOffice::quiet().await;
    let desk = &bots.office.desk;
    let widget = desk
        .default_inbox(bots.office.tenant.id, InboxKind::Widget)
        .await
        .unwrap();
    let visitor = NewTicketRequester::Visitor(Contact::default());
    let silent = NewTicket::new(widget.id, TicketChannel::Web, visitor);
    let anyone = Scope::new(bots.office.tenant.id, Actor::Anyone);
    let ticket = desk.open_ticket(&anyone, silent).await.unwrap().ticket;
    assert_eq!(ticket.held_for_bot_until, Some(desk.now().plus(SILENCE)));
    bots.ask(&ticket, "Hi").await;
    bots.work_off().await;
    assert_eq!(bots.said_by_bot(&ticket).await, ["Hi!"]);
}

#[tokio::test(start_paused = true)]
async fn it_is_shown_that_the_bot_thinks() {
    let bots = BotOffice::open().await;
    bots.bot.act(Act::SayLater(Response::reply("Well")));
    let mut signals = bots.office.desk.bus().subscribe();
    let ticket = bots.office.chat(None).await.ticket;
    let mut typing = async || loop {
        if let BusMessage::Signal {
            signal:
                Signal::Typing {
                    ticket: there,
                    side: Side::Agents,
                    agent: None,
                    is_typing,
                    ..
                },
            ..
        } = signals.recv().await.unwrap()
        {
            assert_eq!(there, ticket.id);
            return is_typing;
        }
    };
    assert!(typing().await);
    bots.bot.allow();
    assert!(!typing().await);
}

#[tokio::test(start_paused = true)]
async fn who_says_no_more_is_left_to_people_after_a_while() {
    let bots = BotOffice::open().await;
    let mara = bots.agent("mara").await;
    let ticket = bots.answered_chat().await.ticket;
    bots.office.clock.advance(SILENCE - Duration::from_secs(1));
    bots.office.desk.sweep_holds().await.unwrap();
    assert!(bots.office.ticket(ticket.id).await.held_for_bot_until.is_some());
    bots.office.clock.advance(Duration::from_secs(1));
    bots.office.desk.heartbeat(&mara, None).await.unwrap();
    bots.office.desk.sweep_holds().await.unwrap();
    let ticket = bots.is_given(&ticket).await;
    assert_eq!(bots.office.lines(ticket.id).await[2..], ["You are now talking to mara"]);
}

#[tokio::test(start_paused = true)]
async fn a_conversation_in_which_the_bot_had_the_last_word_may_end_in_silence() {
    let settings = ResponderSettings {
        resolves_in_silence: true,
        ..settings()
    };
    let mut bots = BotOffice::with(Desk::builder(MemoryStore::new()), settings).await;
    bots.work();
    let answered = bots.answered_chat().await.ticket;
    bots.bot.act(Act::Hang);
    bots.office.clock.advance(SILENCE);
    bots.office.desk.sweep_holds().await.unwrap();
    assert_eq!(bots.office.ticket(answered.id).await.state.status(), Status::Resolved);
}

#[tokio::test]
async fn a_bot_for_empty_offices_leaves_tickets_to_who_is_there() {
    let settings = ResponderSettings {
        turn: Turn::WhileNobodyIsThere,
        ..settings()
    };
    let bots = BotOffice::with(Desk::builder(MemoryStore::new()), settings).await;
    let alone = bots.office.chat(None).await.ticket;
    assert!(alone.held_for_bot_until.is_some());
    let mara = bots.agent("mara").await;
    assert_eq!(bots.office.chat(None).await.ticket.assignee(), Some(id_of(&mara)));
    let full = bots.office.available_agent("ben", &["sales"], 1).await;
    assert_eq!(
        bots.office.chat(Some("sales")).await.ticket.assignee(),
        Some(id_of(&full))
    );
    assert_eq!(bots.office.chat(Some("sales")).await.ticket.held_for_bot_until, None);
}

#[tokio::test]
async fn a_team_is_told_by_mail_only_of_what_is_left_to_it() {
    let channels = crate::post::installation();
    let outbound = support_core::desk::OutboundSettings {
        channels,
        ..Default::default()
    };
    let telegram = RecordingNotifier::new(support_core::model::Channel::Telegram);
    let desk = Desk::builder(MemoryStore::new())
        .notifier(std::sync::Arc::new(telegram))
        .outbound(outbound);
    let bots = BotOffice::with(desk, settings()).await;
    let ticket = bots.office.chat(None).await.ticket;
    bots.ask(&ticket, "Hello").await;
    let of_telegram = async || {
        let filter = support_core::ports::DeliveryFilter {
            channel: Some(support_core::model::Channel::Telegram),
            ..Default::default()
        };
        let page = support_core::ports::PageRequest { number: 1, limit: 10 };
        let office = &bots.office;
        let found = office
            .desk
            .deliveries(&office.admin, &filter, page)
            .await
            .unwrap()
            .items;
        found.iter().map(|told| told.notice.kind()).collect::<Vec<_>>()
    };
    assert!(of_telegram().await.is_empty());
    bots.bot.act(Act::Say(Response::hand_over("Says hello")));
    bots.work_off().await;
    assert_eq!(of_telegram().await, ["ticket_opened"]);
}

#[tokio::test]
async fn agents_are_told_of_a_ticket_when_it_is_theirs_to_take() {
    let bots = BotOffice::quiet().await;
    let sam = bots
        .office
        .agent("sam", support_core::model::Role::Supervisor, &[], 5)
        .await;
    bots.office.desk.heartbeat(&sam, None).await.unwrap();
    let told = async || bots.office.desk.notifications(&sam, false, 10).await.unwrap();
    bots.office.chat(None).await;
    assert!(told().await.is_empty());
    bots.bot.act(Act::Say(Response::hand_over("Help")));
    bots.work_off().await;
    let told = told().await;
    assert_eq!((told.len(), told[0].title.as_str()), (1, "Vera asks for help"));
}

#[tokio::test]
async fn without_a_bot_nothing_is_held_and_nothing_is_asked() {
    let office = Office::open().await;
    let ticket = office.chat(None).await.ticket;
    assert_eq!(ticket.held_for_bot_until, None);
    assert!(!office.desk.has_responder());
    let owed = office.desk.stores().owed.deliveries_owed().await.unwrap();
    assert_eq!(owed, []);
}
