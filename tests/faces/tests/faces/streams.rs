//! Server-sent events of visitors and of agents.

use serde_json::json;
use support_faces::{Chat, Event, Events, Kind, World, has_fields, on_both_stores, refused};
use support_testkit::Api;

on_both_stores!(
    a_visitor_hears_the_conversation,
    a_visitor_resumes_without_loss_or_doubles,
    a_visitor_hears_of_nothing_private,
    agents_hear_what_they_may_see,
    an_agent_resumes_without_loss_or_doubles,
    an_agent_hears_of_no_other_tenant,
);

async fn of_visitor(api: &Api, chat: &Chat) -> Events {
    Events::open(api, &format!("/api/v1/chat/events?sessionId={}", chat.session)).await
}

fn says(event: &Event, text: &str) -> bool {
    event.name == "message" && event.data.to_string().contains(text)
}

async fn a_visitor_hears_the_conversation(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let mara = world.agent(&admin, "mara").await;
    let chat = Chat::open(&public, "Hello").await;
    let mut events = of_visitor(&public, &chat).await;
    let connected = events.next().await;
    assert_eq!(connected.name, "connected");
    has_fields(&connected.data, &["lastEventId"]);

    chat.agent_says(&mara.api, "Hi Ada").await;
    let heard = events.until(|event| says(event, "Hi Ada")).await;
    let message = heard.last().unwrap();
    has_fields(
        &message.data,
        &[
            "id",
            "seq",
            "sender",
            "senderName",
            "message",
            "messageType",
            "isRead",
            "createdAt",
        ],
    );
    assert_eq!(message.data["sender"], "ADMIN");
    assert!(
        message.id.as_ref().is_some_and(|id| id.parse::<u64>().is_ok()),
        "{message:?}"
    );
    let named = |name: &str| heard.iter().find(|event| event.name == name);
    assert!(
        named("status").is_some() || named("agent_assigned").is_some(),
        "{heard:?}"
    );

    mara.api
        .post(
            "/api/v1/admin/chat/typing",
            &json!({ "chatId": chat.id, "isTyping": true }),
        )
        .await
        .expect(200);
    let typing = events.next_named("typing").await;
    assert_eq!(typing.data, json!({ "sender": "ADMIN", "isTyping": true }));
    assert_eq!(typing.id, None, "typing is never stored");
    chat.agent_sets(&mara.api, &json!({ "status": "RESOLVED" })).await;
    let status = events.next_named("status").await;
    assert_eq!(status.data["status"], "RESOLVED");
    // One's own words from another tab.
    chat.visitor_says(&public, "Thanks").await;
    events.until(|event| says(event, "Thanks")).await;
    // The end, in all of the visitor's tabs and at the agents' desks.
    let mut desk = Events::open(&mara.api, "/api/v1/admin/chat/events").await;
    desk.next_named("connected").await;
    public
        .post("/api/v1/chat/close", &json!({ "sessionId": chat.session }))
        .await
        .expect(200);
    events
        .until(|event| event.name == "status" && event.data["status"] == "CLOSED")
        .await;
    desk.until(|event| event.name == "chat" && event.data["chat"]["status"] == "CLOSED")
        .await;
}

async fn a_visitor_resumes_without_loss_or_doubles(kind: Kind) {
    let world = World::start(kind).await;
    let public = world.public();
    let chat = Chat::open(&public, "0").await;
    let other = Chat::open(&public, "another chat").await;
    let mut events = of_visitor(&public, &chat).await;
    events.next_named("connected").await;
    chat.visitor_says(&public, "word 1").await;
    let first = events.until(|event| says(event, "word 1")).await;
    let seen = first.iter().rev().find_map(|event| event.id.clone()).unwrap();
    drop(events);
    for number in 2..=40 {
        chat.visitor_says(&public, &format!("word {number}")).await;
        other.visitor_says(&public, "noise").await;
    }
    let path = format!("/api/v1/chat/events?sessionId={}", chat.session);
    let by_header = Events::open(
        &public.with_header("Last-Event-ID", &seen),
        &format!("{path}&lastEventId=1"),
    )
    .await;
    let by_query = Events::open(&public, &format!("{path}&lastEventId={seen}")).await;
    for mut events in [by_header, by_query] {
        let missed = events.until(|event| says(event, "word 40")).await;
        let words: Vec<_> = missed
            .iter()
            .filter(|event| event.name == "message")
            .map(|event| event.data["message"].as_str().unwrap())
            .collect();
        let expected: Vec<_> = (2..=40).map(|number| format!("word {number}")).collect();
        assert_eq!(words, expected);
        let ids: Vec<u64> = missed
            .iter()
            .filter_map(|event| event.id.as_ref()?.parse().ok())
            .collect();
        assert!(ids.is_sorted_by(|a, b| a < b) || ids.is_sorted(), "{ids:?}");
        chat.visitor_says(&public, "word 40").await;
        events.until(|event| says(event, "word 40")).await;
    }
    for id in ["x", "-1", "99999999999999999999999"] {
        let answer = public
            .request(reqwest::Method::GET, &path)
            .header("Last-Event-ID", id)
            .send()
            .await
            .unwrap();
        assert!(matches!(answer.status().as_u16(), 200 | 400), "{id}");
    }
}

async fn a_visitor_hears_of_nothing_private(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let (chat, other) = (Chat::open(&public, "Hello").await, Chat::open(&public, "Other").await);
    let mut events = of_visitor(&public, &chat).await;
    events.next_named("connected").await;
    chat.agent_notes(&admin, "SECRET note").await;
    other.visitor_says(&public, "FOREIGN words").await;
    chat.agent_sets(&admin, &json!({ "tags": ["SECRETTAG"], "priority": "low" }))
        .await;
    chat.agent_says(&admin, "The end").await;
    let heard = events.until(|event| says(event, "The end")).await;
    let heard = format!("{heard:?}");
    for private in [
        "SECRET",
        "FOREIGN",
        "SECRETTAG",
        "admin@example.com",
        &other.session,
        &chat.session,
    ] {
        assert!(!heard.contains(private), "{private}: {heard}");
    }
}

async fn agents_hear_what_they_may_see(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let seller = world
        .agent_with(&admin, "seller", &json!({ "department": "sales" }))
        .await;
    let fixer = world
        .agent_with(&admin, "fixer", &json!({ "department": "technical" }))
        .await;
    let mut of_seller = Events::open(&seller.api, "/api/v1/admin/chat/events").await;
    let mut of_fixer = Events::open(&fixer.api, "/api/v1/admin/chat/events").await;
    for events in [&mut of_seller, &mut of_fixer] {
        has_fields(&events.next_named("connected").await.data, &["lastEventId"]);
    }
    let sale = Chat::open_with(&public, &json!({ "message": "SALE please", "department": "sales" })).await;
    let chat = of_seller.next_named("chat").await;
    has_fields(
        &chat.data["chat"],
        &[
            "chatId",
            "ticketId",
            "status",
            "unreadCount",
            "lastMessage",
            "assignedTo",
        ],
    );
    assert_eq!(chat.data["chat"]["chatId"], sale.id);
    sale.agent_notes(&seller.api, "A note on the SALE").await;
    let note = of_seller.until(|event| says(event, "A note")).await;
    let note = &note.last().unwrap().data;
    assert_eq!(
        (&note["chatId"], &note["message"]["isNote"]),
        (&json!(sale.id), &json!(true))
    );
    let typing = json!({ "sessionId": sale.session, "isTyping": true });
    let told = public.post("/api/v1/chat/typing", &typing).await;
    assert!((200..300).contains(&told.status));
    let typing = of_seller.next_named("typing").await;
    assert_eq!(
        typing.data,
        json!({ "chatId": sale.id, "sender": "VISITOR", "isTyping": true })
    );

    let repair = Chat::open_with(
        &public,
        &json!({ "message": "REPAIR please", "department": "technical" }),
    )
    .await;
    let heard = of_fixer
        .until(|event| event.name == "chat" && event.data["chat"]["chatId"] == repair.id)
        .await;
    assert!(
        !format!("{heard:?}").contains("SALE"),
        "another department's chat: {heard:?}"
    );
    refused(&public.get("/api/v1/admin/chat/events").await, 401, "UNAUTHENTICATED");
    let visitor = public
        .get(&format!("/api/v1/admin/chat/events?token={}", repair.session))
        .await;
    refused(&visitor, 401, "UNAUTHENTICATED");
}

async fn an_agent_resumes_without_loss_or_doubles(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let chat = Chat::open(&public, "0").await;
    let path = "/api/v1/admin/chat/events";
    let mut events = Events::open(&admin, path).await;
    let start = events.next_named("connected").await.data["lastEventId"].to_string();
    drop(events);
    for number in 1..=30 {
        chat.visitor_says(&public, &format!("word {number}.")).await;
    }
    let start = start.trim_matches('"');
    let mut events = Events::open(&admin.with_header("Last-Event-ID", start), path).await;
    let missed = events.until(|event| says(event, "word 30.")).await;
    let words: Vec<_> = missed
        .iter()
        .filter(|event| event.name == "message")
        .map(|event| event.data["message"]["message"].as_str().unwrap())
        .collect();
    let expected: Vec<_> = (1..=30).map(|number| format!("word {number}.")).collect();
    assert_eq!(words, expected);
}

async fn an_agent_hears_of_no_other_tenant(kind: Kind) {
    let world = World::start(kind).await;
    let (one, two) = (world.tenant("one").await, world.tenant("two").await);
    let path = "/api/v1/admin/chat/events?lastEventId=0";
    let mut events = Events::open(&two.admin.api, path).await;
    Chat::open(&one.public, "FOREIGN words").await;
    Chat::open(&two.public, "own words").await;
    let heard = events.until(|event| says(event, "own words")).await;
    assert!(!format!("{heard:?}").contains("FOREIGN"));
    let mut from_start = Events::open(&two.admin.api, path).await;
    let replayed = from_start.until(|event| says(event, "own words")).await;
    assert!(!format!("{replayed:?}").contains("FOREIGN"));
}
