//! What can't be told, and who is told what.

use std::{sync::Arc, time::Duration};

use support_core::{
    desk::{Desk, NewCallback, NewMessage, NewTicket, NewTicketRequester, Scope, Stores},
    memory::MemoryStore,
    model::{Actor, Contact, InboxKind, Role, TicketChannel, TicketId},
    ports::{EventBus, InProcessBus},
    testing::{Fault, FaultyStore},
};
use tokio::time::timeout;

use crate::{
    server::{PATIENCE, Server, unlimited},
    sockets::Client,
    streams::Stream,
};

/// A server over a store that fails when told to, and another desk that nothing fails.
async fn faulty_server() -> (Server, Arc<FaultyStore<MemoryStore>>, Desk) {
    let inner = MemoryStore::new();
    let bus: Arc<dyn EventBus> = Arc::new(InProcessBus::new());
    let store = Arc::new(FaultyStore::new(inner.clone()));
    let desk = Desk::builder_over(Stores::of(&store)).bus(Arc::clone(&bus)).build();
    let server = Server::over(desk, unlimited()).await;
    (server, store, Desk::builder(inner).bus(bus).build())
}

async fn open_ticket(desk: &Desk, server: &Server, words: &str) -> TicketId {
    let inbox = desk.default_inbox(server.tenant, InboxKind::Widget).await.unwrap();
    let requester = NewTicketRequester::Visitor(Contact::default());
    let mut new = NewTicket::new(inbox.id, TicketChannel::Web, requester);
    new.message = Some(NewMessage::text(words));
    let scope = Scope::new(server.tenant, Actor::Anyone);
    desk.open_ticket(&scope, new).await.unwrap().ticket.id
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_can_not_be_told_holds_up_none_behind_it() {
    let (server, store, other) = faulty_server().await;
    let admin = server.admin(server.tenant).await;
    let login = server.login(server.tenant, &admin);
    let mut console = Stream::console(&server, &login, None).await;
    console.expect("presence").await;
    // Only the row of the new ticket is read from the store to be told.
    store.fail_next("ticket", Fault::Broken);
    open_ticket(&other, &server, "First").await;
    let told = console.next().await.unwrap();
    assert_eq!(
        (told.name.as_str(), &told.data["message"]["message"]),
        ("message", &"First".into())
    );
    open_ticket(&other, &server, "Second").await;
    console.expect("chat").await;
    assert_eq!(console.next().await.unwrap().data["message"]["message"], "Second");

    // Nor does it hold up those who come back and are told again.
    let before = told.id.unwrap() - 2;
    store.fail_next("ticket", Fault::Broken);
    let mut resumed = Stream::console(&server, &login, Some(before)).await;
    assert_eq!(resumed.next().await.unwrap().data["message"]["message"], "First");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_store_can_not_say_now_is_told_when_it_can() {
    let (server, store, other) = faulty_server().await;
    let admin = server.admin(server.tenant).await;
    let login = server.login(server.tenant, &admin);
    let mut console = Stream::console(&server, &login, None).await;
    console.expect("presence").await;
    for _ in 0..2 {
        store.fail_next("ticket", Fault::Before);
    }
    open_ticket(&other, &server, "Hello").await;
    assert_eq!(console.next().await.unwrap().name, "chat");
    assert_eq!(console.next().await.unwrap().name, "message");
}

async fn until_away(server: &Server, ticket: TicketId) {
    let connections = server.desk().connections().clone();
    let left = async {
        while connections.has(server.tenant, ticket, None) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, left).await.expect("nobody there any more");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_known_which_visitors_are_connected() {
    let server = Server::start().await;
    let (session, _) = server.chat("Hello").await;
    let ticket = server.ticket(&session).await.id;
    let connections = server.desk().connections().clone();
    let is_there = || connections.has(server.tenant, ticket, None);
    let admin = server.admin(server.tenant).await;
    let login = server.login(server.tenant, &admin);
    let _console = Stream::console(&server, &login, None).await;
    assert!(!is_there(), "an agent's console is nobody's to be answered");

    let first = Stream::visitor(&server, &session, None).await;
    let second = Stream::visitor(&server, &session, None).await;
    assert!(is_there());
    drop(first);
    drop(second);
    until_away(&server, ticket).await;

    let request = server.ask("bot-1").await;
    let asked = server.ticket(&request.token).await.id;
    let agent = Client::agent(&server, &request, &login).await;
    assert!(!connections.has(server.tenant, asked, None));
    let user = Client::user(&server, &request).await;
    assert!(connections.has(server.tenant, asked, None));
    drop(user);
    until_away(&server, asked).await;
    drop(agent);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn consoles_hear_of_callbacks_by_their_ids_and_visitors_do_not() {
    let server = Server::start().await;
    let admin = server.admin(server.tenant).await;
    assert_eq!(admin.role, Role::Admin);
    let login = server.login(server.tenant, &admin);
    let mut console = Stream::console(&server, &login, None).await;
    let (session, _) = server.chat("Hello").await;
    let mut visitor = Stream::visitor(&server, &session, None).await;
    let new = NewCallback {
        contact_number: "+49 30 901820".to_owned(),
        ..NewCallback::default()
    };
    let scope = Scope::new(server.tenant, Actor::Anyone);
    let requested = server.desk().request_callback(&scope, new).await.unwrap();
    let told = console.expect("callback_requested").await;
    assert_eq!(told.data["callbackId"], requested.callback.id.to_string());
    let number = told.data.to_string();
    assert!(!number.contains("901820"), "{number}");
    let ticket = server.ticket(&session).await;
    server.note(&admin, &ticket, "not for visitors").await;
    server.say(&ticket, "More").await;
    assert_eq!(visitor.next().await.unwrap().data["message"], "More");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn consoles_hear_what_their_own_agent_is_told_and_has_read() {
    let server = Server::start().await;
    let admin = server.admin(server.tenant).await;
    let mara = server.agent("Mara").await;
    let mut supervising = Stream::console(&server, &server.login(server.tenant, &admin), None).await;
    let mut working = Stream::console(&server, &server.login(server.tenant, &mara), None).await;
    let (session, _) = server.chat("Hello").await;
    let ticket = server.ticket(&session).await;
    let scope = server.as_agent(&mara);
    server.desk().join(&scope, ticket.id).await.unwrap();
    server.say(&ticket, "Anybody?").await;

    let unread = async || server.desk().notifications(&scope, true, 100).await.unwrap();
    let mut told = working.expect("notification").await.data;
    while told["notification"]["type"] != "new_message" {
        told = working.expect("notification").await.data;
    }
    let newest = &unread().await[0];
    assert_eq!(told["notification"]["id"], newest.id.to_string());
    assert_eq!(told["notification"]["message"], "Anybody?");
    assert_eq!(told["notification"]["ticketId"], ticket.id.to_string());

    let read = server.desk().mark_all_notifications_read(&scope).await.unwrap();
    let marked = working.expect("notifications_marked_read").await.data;
    assert_eq!(marked["notificationIds"].as_array().unwrap().len(), read.len());

    server.say(&ticket, "The end").await;
    loop {
        let heard = supervising.next().await.unwrap();
        assert_ne!(heard.name, "notifications_marked_read");
        assert_ne!(heard.data["notification"]["type"], "new_message", "told to Mara");
        if heard.data["message"]["message"] == "The end" {
            break;
        }
    }
}
