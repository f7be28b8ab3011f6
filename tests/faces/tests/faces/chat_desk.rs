//! The website chat, as agents use it.

use serde_json::{Value, json};
use support_faces::{Chat, Kind, World, has_fields, is_time, on_both_stores, refused, refused_fields};

on_both_stores!(
    an_agent_lists_reads_and_answers,
    a_session_names_a_chat_as_well,
    all_that_is_wrong_with_an_answer_is_told_at_once,
    an_answer_takes_an_unassigned_chat,
    a_chat_is_changed_in_part,
    a_change_that_makes_no_sense_is_refused_whole,
    a_chat_goes_its_way_and_no_other,
    chats_are_found_by_what_they_are,
    a_long_list_is_read_by_cursor,
);

const ROW: &[&str] = &[
    "chatId",
    "ticketId",
    "status",
    "channel",
    "subject",
    "visitorName",
    "visitorEmail",
    "visitorPhone",
    "department",
    "priority",
    "tags",
    "skills",
    "languages",
    "assignedTo",
    "unreadCount",
    "lastMessage",
    "lastMessageAt",
    "rating",
    "isOffline",
    "version",
    "createdAt",
    "updatedAt",
];

async fn an_agent_lists_reads_and_answers(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let chat = Chat::open_with(&public, &json!({ "message": "Hello", "visitorName": "Ada" })).await;
    let list = admin.get("/api/v1/admin/chat").await.expect(200);
    assert_eq!(list["success"], true);
    let row = &list["data"]["chats"][0];
    has_fields(row, ROW);
    is_time(&row["createdAt"]);
    assert_eq!(
        (&row["chatId"], &row["ticketId"]),
        (&json!(chat.id), &json!(chat.number))
    );
    assert_eq!((&row["channel"], &row["visitorName"]), (&json!("web"), &json!("Ada")));
    assert_eq!(
        (&row["priority"], &row["lastMessage"], &row["isOffline"]),
        (&json!("normal"), &json!("Hello"), &json!(true))
    );
    assert_eq!(row["unreadCount"], 1);
    assert!(
        !list.to_string().contains(&chat.session),
        "agents need no visitor's key"
    );

    let posted = chat.agent_says(&admin, "Hi Ada").await;
    let message = &posted["data"]["message"];
    has_fields(
        message,
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
    assert_eq!(
        (&message["sender"], &message["message"]),
        (&json!("ADMIN"), &json!("Hi Ada"))
    );
    let seen = chat.read(&public).await;
    assert!(
        seen["messages"]
            .as_array()
            .unwrap()
            .iter()
            .any(|seen| seen["id"] == message["id"]),
        "{seen}"
    );
    assert!(
        !seen.to_string().contains("admin@example.com"),
        "visitors never see an agent's address"
    );

    for name in [&chat.id, &chat.number] {
        let read = admin.get(&format!("/api/v1/admin/chat/{name}")).await.expect(200);
        has_fields(&read["data"]["chat"], ROW);
        assert_eq!(read["data"]["chat"]["chatId"], chat.id);
        assert!(read["data"]["messages"].as_array().unwrap().len() >= 2);
    }
    for nobody in [
        "TKT-99",
        "TKT-0",
        "TKT-x",
        "TKT--1",
        "TKT-99999999999999999999",
        "x",
        &uuid::Uuid::now_v7().to_string(),
    ] {
        refused(
            &admin.get(&format!("/api/v1/admin/chat/{nobody}")).await,
            404,
            "NOT_FOUND",
        );
    }
}

async fn a_session_names_a_chat_as_well(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let chat = Chat::open(&public, "Hello").await;
    let body = json!({ "sessionId": chat.session, "message": "Hi" });
    admin.post("/api/v1/admin/chat", &body).await.expect(201);
    let body = json!({ "chatId": chat.number, "message": "Hi again" });
    admin.post("/api/v1/admin/chat", &body).await.expect(201);
    assert!(chat.read(&public).await.to_string().contains("Hi again"));
}

async fn all_that_is_wrong_with_an_answer_is_told_at_once(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let chat = Chat::open(&public, "Hello").await;
    let path = "/api/v1/admin/chat";
    let nothing = admin.post(path, &json!({})).await;
    refused_fields(&nothing, &["chatId", "message"]);
    let wrong = json!({ "chatId": chat.id, "message": " ", "messageType": "SONG" });
    refused_fields(&admin.post(path, &wrong).await, &["message", "messageType"]);
    let long = json!({ "chatId": chat.id, "message": "x".repeat(5_001) });
    refused_fields(&admin.post(path, &long).await, &["message"]);
    let nobody = json!({ "chatId": uuid::Uuid::now_v7(), "message": "Hi" });
    refused(&admin.post(path, &nobody).await, 404, "NOT_FOUND");
    let nobody = json!({ "sessionId": "nobody", "message": "Hi" });
    refused(&admin.post(path, &nobody).await, 404, "NOT_FOUND");
    refused(
        &public.post(path, &json!({ "chatId": chat.id, "message": "Hi" })).await,
        401,
        "UNAUTHENTICATED",
    );
    refused_fields(
        &admin.post("/api/v1/admin/chat/read", &json!({})).await,
        &["chatId", "upTo"],
    );
    refused_fields(
        &admin.post("/api/v1/admin/chat/typing", &json!({})).await,
        &["chatId", "isTyping"],
    );
}

async fn an_answer_takes_an_unassigned_chat(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let (mara, jo) = (world.agent(&admin, "mara").await, world.agent(&admin, "jo").await);
    let chat = Chat::open(&public, "Hello").await;
    chat.agent_notes(&mara.api, "Looks easy").await;
    assert_eq!(
        chat.read(&public).await["assignedTo"],
        Value::Null,
        "a note takes nothing"
    );
    chat.agent_says(&mara.api, "Hi").await;
    let read = chat.read(&public).await;
    assert_eq!(read["status"], "ACTIVE");
    assert_eq!(read["assignedTo"], json!({ "id": mara.id, "name": "mara" }));

    // Somebody else's chat can only be taken over by a supervisor.
    let take = json!({ "chatId": chat.id, "assignedTo": jo.id });
    let taken = jo.api.patch("/api/v1/admin/chat", &take).await;
    assert!(matches!(taken.status, 403 | 404 | 409), "{}", taken.text);
    let moved = admin.patch("/api/v1/admin/chat", &take).await.expect(200);
    assert_eq!(moved["data"]["chat"]["assignedTo"]["id"], jo.id);
}

async fn a_chat_is_changed_in_part(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let chat = Chat::open(&public, "Hello").await;
    let changed = chat
        .agent_sets(
            &admin,
            &json!({ "priority": "urgent", "tags": ["vip", "bug"], "ignored": 1 }),
        )
        .await;
    let row = &changed["data"]["chat"];
    has_fields(row, ROW);
    assert_eq!(
        (&row["priority"], &row["status"]),
        (&json!("urgent"), &json!("WAITING"))
    );
    let mut tags: Vec<_> = row["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| tag.as_str().unwrap())
        .collect();
    tags.sort_unstable();
    assert_eq!(tags, ["bug", "vip"]);
    let moved = chat.agent_sets(&admin, &json!({ "department": "sales" })).await;
    assert_eq!(
        (&moved["data"]["chat"]["department"], &moved["data"]["chat"]["priority"]),
        (&json!("sales"), &json!("urgent"))
    );
    let away = chat.agent_sets(&admin, &json!({ "department": null })).await;
    assert_eq!(away["data"]["chat"]["department"], Value::Null);
    let same = chat.agent_sets(&admin, &json!({})).await;
    assert_eq!(same["data"]["chat"]["tags"], row["tags"]);
}

async fn a_change_that_makes_no_sense_is_refused_whole(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let chat = Chat::open(&public, "Hello").await;
    let before = chat.read_as_agent(&admin).await;
    let path = "/api/v1/admin/chat";
    let wrong = json!({
        "chatId": chat.id, "status": "DONE", "priority": "medium-rare", "department": "no-such-team", "tags": [""],
    });
    refused_fields(
        &admin.patch(path, &wrong).await,
        &["status", "priority", "department", "tags"],
    );
    let half = json!({ "chatId": chat.id, "priority": "high", "status": "active" });
    refused_fields(&admin.patch(path, &half).await, &["status"]);
    for nobody in [json!(uuid::Uuid::now_v7()), json!("x"), json!("TKT-77")] {
        let answer = admin
            .patch(path, &json!({ "chatId": nobody, "priority": "high" }))
            .await;
        refused(&answer, 404, "NOT_FOUND");
    }
    refused_fields(&admin.patch(path, &json!({ "priority": "high" })).await, &["chatId"]);
    let stranger = json!({ "chatId": chat.id, "priority": "high", "assignedTo": uuid::Uuid::now_v7() });
    let stranger = admin.patch(path, &stranger).await;
    assert!(matches!(stranger.status, 400 | 404), "{}", stranger.text);
    let after = chat.read_as_agent(&admin).await;
    assert_eq!(after, before, "half of a refused change was kept");
}

async fn a_chat_goes_its_way_and_no_other(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let chat = Chat::open(&public, "Hello").await;
    let set = async |status: &str| {
        admin
            .patch("/api/v1/admin/chat", &json!({ "chatId": chat.id, "status": status }))
            .await
    };
    let status = async || chat.read(&public).await["status"].clone();
    chat.agent_says(&admin, "Hi").await;
    assert_eq!(status().await, "ACTIVE");
    assert_eq!(set("RESOLVED").await.expect(200)["data"]["chat"]["status"], "RESOLVED");
    let resolved_twice = set("RESOLVED").await;
    assert!(matches!(resolved_twice.status, 200 | 409), "{}", resolved_twice.text);
    assert_eq!(set("ACTIVE").await.expect(200)["data"]["chat"]["status"], "ACTIVE");
    assert_eq!(set("CLOSED").await.expect(200)["data"]["chat"]["status"], "CLOSED");
    let wrong = set("RESOLVED").await;
    refused(&wrong, 409, "INVALID_TRANSITION");
    let message = wrong.json["error"]["message"].as_str().unwrap();
    assert!(
        message.contains("closed") && message.contains("resolved"),
        "it names both states: {message}"
    );
    assert_eq!(status().await, "CLOSED");
    assert_eq!(
        set("ACTIVE").await.expect(200)["data"]["chat"]["status"],
        "ACTIVE",
        "agents reopen"
    );
    let story = chat.read(&public).await["messages"].as_array().unwrap().clone();
    let told = story.iter().filter(|message| message["sender"] == "SYSTEM").count();
    assert!(told >= 5, "the thread alone tells the story: {story:?}");
    for (expected, message) in (1_u64..).zip(&story) {
        assert_eq!(message["seq"], expected);
    }
}

async fn chats_are_found_by_what_they_are(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let mara = world
        .agent_with(&admin, "mara", &json!({ "department": "sales" }))
        .await;
    let one = Chat::open_with(
        &public,
        &json!({ "message": "The 100% printer_burns", "visitorName": "Ada", "visitorEmail": "ada@example.com" }),
    )
    .await;
    let two = Chat::open_with(&public, &json!({ "message": "Invoice", "department": "sales" })).await;
    let three = Chat::open(&public, "Something else").await;
    two.agent_says(&mara.api, "Hi").await;
    three.agent_sets(&admin, &json!({ "status": "CLOSED" })).await;
    let found = async |query: &str| {
        let list = admin.get(&format!("/api/v1/admin/chat?{query}")).await.expect(200);
        let mut ids: Vec<_> = list["data"]["chats"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["ticketId"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(list["data"]["pagination"]["totalItems"], ids.len(), "{query}");
        ids.sort();
        ids
    };
    assert_eq!(found("").await, [&*one.number, &two.number, &three.number]);
    assert_eq!(found("status=WAITING").await, [&*one.number]);
    assert_eq!(found("status=ACTIVE").await, [&*two.number]);
    assert_eq!(found("status=CLOSED").await, [&*three.number]);
    assert_eq!(found("status=RESOLVED").await, [""; 0]);
    assert_eq!(found("department=sales").await, [&*two.number]);
    assert_eq!(found(&format!("assignedTo={}", mara.id)).await, [&*two.number]);
    assert_eq!(found("q=printer").await, [&*one.number]);
    assert_eq!(found("q=PRINTER").await, [&*one.number]);
    assert_eq!(found("q=100%25").await, [&*one.number]);
    assert_eq!(found("q=%25").await, [""; 0], "signs stand nowhere");
    assert_eq!(found("q=printer_burns").await, [&*one.number]);
    assert_eq!(found("q=printerXburns").await, [""; 0]);
    assert_eq!(found("q=ada@example.com").await, [&*one.number]);
    assert_eq!(found("q=TKT-2").await, [&*two.number]);
    assert_eq!(
        found("status=&department=&assignedTo=&q=").await.len(),
        3,
        "what is empty asks for nothing"
    );
    refused_fields(
        &admin.get("/api/v1/admin/chat?status=DONE&page=0&limit=1000").await,
        &["status", "page", "limit"],
    );
    let page = admin.get("/api/v1/admin/chat?page=2&limit=2").await.expect(200);
    let pagination = json!({
        "currentPage": 2, "totalPages": 2, "totalItems": 3, "itemsPerPage": 2, "hasNextPage": false, "hasPrevPage": true,
    });
    assert_eq!(page["data"]["pagination"], pagination);
    assert_eq!(page["data"]["chats"].as_array().unwrap().len(), 1);
}

async fn a_long_list_is_read_by_cursor(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let mut expected = Vec::new();
    for number in 0..7 {
        expected.push(Chat::open(&public, &format!("Hello {number}")).await.id);
    }
    let mut seen = Vec::new();
    let mut path = "/api/v1/admin/chat?limit=3".to_owned();
    loop {
        let part = admin.get(&path).await.expect(200);
        let chats = part["data"]["chats"].as_array().unwrap();
        assert!(chats.len() <= 3);
        seen.extend(chats.iter().map(|chat| chat["chatId"].as_str().unwrap().to_owned()));
        // A chat that comes in between must not push another one onto the next part.
        Chat::open(&public, "in between").await;
        let Some(cursor) = part["data"]["nextCursor"].as_str() else {
            break;
        };
        path = format!("/api/v1/admin/chat?limit=3&cursor={cursor}");
    }
    expected.reverse();
    assert_eq!(seen, expected, "newest first, each once");
    refused(
        &admin.get("/api/v1/admin/chat?cursor=nonsense").await,
        400,
        "VALIDATION_ERROR",
    );
}
