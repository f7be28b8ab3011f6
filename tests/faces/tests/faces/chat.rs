//! The website chat, as a visitor's widget uses it.

use serde_json::{Value, json};
use support_faces::{Chat, Kind, World, has_fields, is_time, is_uuid, on_both_stores, refused, refused_fields};

on_both_stores!(
    a_chat_is_opened_read_and_continued,
    an_unknown_session_is_not_found,
    all_that_is_wrong_with_a_chat_is_told_at_once,
    a_message_is_kept_as_it_was_typed,
    a_message_has_up_to_five_thousand_characters,
    a_repeated_message_is_the_first_one,
    a_chat_may_name_a_department,
    what_was_read_is_marked,
    a_closed_chat_takes_no_more,
    a_resolved_chat_opens_again_when_its_visitor_writes,
    only_what_is_later_is_read,
    a_long_conversation_is_read_in_parts,
    typing_is_told_and_refused_like_all_else,
);

const CHAT: &[&str] = &[
    "sessionId",
    "chatId",
    "ticketId",
    "status",
    "department",
    "adminOnline",
    "assignedTo",
];
const MESSAGE: &[&str] = &[
    "id",
    "seq",
    "sender",
    "senderName",
    "message",
    "messageType",
    "fileUrl",
    "fileName",
    "fileSize",
    "isRead",
    "createdAt",
];

async fn a_chat_is_opened_read_and_continued(kind: Kind) {
    let world = World::start(kind).await;
    let public = world.public();
    let body = json!({
        "visitorName": "Ada", "visitorEmail": "ada@example.com", "visitorPhone": "+49 30 1234567",
        "message": "Hello", "messageType": "TEXT", "clientMessageId": "c-1", "nobodyKnows": { "this": 1 },
    });
    let opened = public.post("/api/v1/chat", &body).await.expect(201);
    assert_eq!(opened["success"], true);
    let data = &opened["data"];
    has_fields(data, CHAT);
    has_fields(&data["message"], MESSAGE);
    is_uuid(&data["chatId"]);
    is_uuid(&data["message"]["id"]);
    is_time(&data["message"]["createdAt"]);
    assert_eq!(data["ticketId"], "TKT-1");
    assert_eq!(data["status"], "WAITING", "nobody is online");
    assert_eq!(
        (&data["adminOnline"], &data["assignedTo"]),
        (&json!(false), &Value::Null)
    );
    assert_eq!(
        (&data["message"]["seq"], &data["message"]["sender"]),
        (&json!(1), &json!("VISITOR"))
    );
    assert_eq!(
        (&data["message"]["message"], &data["message"]["senderName"]),
        (&json!("Hello"), &json!("Ada"))
    );
    let session = data["sessionId"].as_str().unwrap();
    assert!(session.len() >= 22, "128 bits need 22 letters at least: {session}");

    let next = json!({ "sessionId": session, "message": "Are you there?" });
    let next = public.post("/api/v1/chat", &next).await.expect(200);
    has_fields(&next["data"], CHAT);
    assert_eq!(
        (&next["data"]["chatId"], &next["data"]["sessionId"]),
        (&data["chatId"], &data["sessionId"])
    );
    let second = next["data"]["message"]["seq"].as_u64().unwrap();

    let read = public
        .get(&format!("/api/v1/chat?sessionId={session}"))
        .await
        .expect(200);
    has_fields(&read["data"], CHAT);
    has_fields(&read["data"], &["messages", "rating"]);
    assert_eq!(read["data"]["rating"], Value::Null);
    let messages = read["data"]["messages"].as_array().unwrap();
    for (expected, message) in (1_u64..).zip(messages) {
        has_fields(message, MESSAGE);
        assert_eq!(message["seq"], expected);
    }
    let said: Vec<_> = messages
        .iter()
        .filter(|message| message["sender"] == "VISITOR")
        .collect();
    assert_eq!(said.len(), 2);
    assert_eq!(
        (&said[1]["seq"], &said[1]["message"]),
        (&json!(second), &json!("Are you there?"))
    );

    let other = public
        .post("/api/v1/chat", &json!({ "message": "Hello" }))
        .await
        .expect(201);
    assert_eq!(other["data"]["ticketId"], "TKT-2");
    assert_ne!(other["data"]["sessionId"], data["sessionId"]);
}

async fn an_unknown_session_is_not_found(kind: Kind) {
    let world = World::start(kind).await;
    let public = world.public();
    let chat = Chat::open(&public, "Hello").await;
    let turned: String = chat.session.chars().rev().collect();
    for session in [
        "nobody",
        &chat.id,
        &chat.number,
        &turned,
        &chat.session.to_lowercase(),
        "a b",
        "%",
        "\u{1F980}",
    ] {
        let body = json!({ "sessionId": session, "message": "x", "upTo": 1, "isTyping": true });
        for path in [
            "/api/v1/chat",
            "/api/v1/chat/read",
            "/api/v1/chat/typing",
            "/api/v1/chat/close",
        ] {
            refused(&public.post(path, &body).await, 404, "NOT_FOUND");
        }
        if session
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_')
        {
            refused(
                &public.get(&format!("/api/v1/chat?sessionId={session}")).await,
                404,
                "NOT_FOUND",
            );
            refused(
                &public.get(&format!("/api/v1/chat/events?sessionId={session}")).await,
                404,
                "NOT_FOUND",
            );
        }
    }
    refused(&public.get("/api/v1/chat?sessionId=%00").await, 400, "VALIDATION_ERROR");
    refused_fields(&public.get("/api/v1/chat").await, &["sessionId"]);
    refused_fields(&public.get("/api/v1/chat/events").await, &["sessionId"]);
}

async fn all_that_is_wrong_with_a_chat_is_told_at_once(kind: Kind) {
    let world = World::start(kind).await;
    let public = world.public();
    refused_fields(&public.post("/api/v1/chat", &json!({})).await, &["message"]);
    refused_fields(
        &public.post("/api/v1/chat", &json!({ "message": " \n\t " })).await,
        &["message"],
    );
    let wrong = json!({
        "message": "", "visitorEmail": "not an address", "visitorPhone": "call me", "messageType": "SONG",
        "department": "no-such-team", "visitorName": "x".repeat(5_000),
    });
    let wrong = public.post("/api/v1/chat", &wrong).await;
    refused_fields(
        &wrong,
        &[
            "message",
            "visitorEmail",
            "visitorPhone",
            "messageType",
            "department",
            "visitorName",
        ],
    );
    // A file that was never uploaded to this chat.
    let file =
        json!({ "message": "Look", "messageType": "FILE", "fileUrl": "https://evil.example/x", "fileName": "x" });
    let file = public.post("/api/v1/chat", &file).await;
    refused(&file, 400, "VALIDATION_ERROR");
    assert!(file.text.contains("fileUrl"), "{}", file.text);
    for (field, body) in [
        ("upTo", json!({ "upTo": -1 })),
        ("upTo", json!({ "upTo": "many" })),
        ("upTo", json!({})),
    ] {
        let chat = Chat::open(&public, "Hello").await;
        let mut body = body;
        body["sessionId"] = json!(chat.session);
        refused_fields(&public.post("/api/v1/chat/read", &body).await, &[field]);
    }
    refused_fields(
        &public.post("/api/v1/chat/read", &json!({})).await,
        &["sessionId", "upTo"],
    );
    refused_fields(
        &public.post("/api/v1/chat/typing", &json!({})).await,
        &["sessionId", "isTyping"],
    );
    refused_fields(&public.post("/api/v1/chat/close", &json!({})).await, &["sessionId"]);
    let list = world.admin().await.get("/api/v1/admin/chat").await.expect(200);
    assert_eq!(
        list["data"]["pagination"]["totalItems"], 3,
        "what was refused left something behind"
    );
}

async fn a_message_is_kept_as_it_was_typed(kind: Kind) {
    let world = World::start(kind).await;
    let public = world.public();
    let texts = [
        "<script>alert(1)</script> & \"quotes\" 'single' \\ back",
        "a\tb\nc",
        "Zo\u{eb} \u{1F980}\u{200D}\u{1F680} \u{5d0}\u{5d1} \u{202E}evil",
        "'; DROP TABLE messages; --",
        "{{customer.name}} %s ${x} \u{FFFD}",
        "[\"json\", {\"in\": \"it\"}]",
        "bom\u{FEFF} \u{2028} line",
    ];
    let chat = Chat::open(&public, texts[0]).await;
    for text in &texts[1..] {
        chat.visitor_says(&public, text).await;
    }
    let read = chat.read(&public).await;
    let said: Vec<_> = read["messages"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|message| message["sender"] == "VISITOR")
        .collect();
    let said: Vec<_> = said
        .iter()
        .map(|message| message["message"].as_str().unwrap())
        .collect();
    assert_eq!(said, texts);
    let trimmed = chat.visitor_says(&public, "  padded \n").await;
    assert_eq!(trimmed["data"]["message"]["message"], "padded");
    for text in ["a\u{0}b", "\u{7}", "a\u{1b}[31mred", "x\u{7f}y"] {
        let body = json!({ "sessionId": chat.session, "message": text });
        refused_fields(&public.post("/api/v1/chat", &body).await, &["message"]);
    }
}

async fn a_message_has_up_to_five_thousand_characters(kind: Kind) {
    let world = World::start(kind).await;
    let public = world.public();
    let chat = Chat::open(&public, "Hello").await;
    for letter in ["x", "\u{e9}", "\u{1F980}"] {
        let most = letter.repeat(5_000);
        let kept = chat.visitor_says(&public, &format!(" {most} ")).await;
        assert_eq!(kept["data"]["message"]["message"], most);
        let body = json!({ "sessionId": chat.session, "message": letter.repeat(5_001) });
        refused_fields(&public.post("/api/v1/chat", &body).await, &["message"]);
    }
    let opened = Chat::open(&public, &"\u{1F980}".repeat(5_000)).await;
    let row = opened.read_as_agent(&world.admin().await).await;
    assert!(row["chat"]["subject"].as_str().unwrap().chars().count() <= 200);
}

async fn a_repeated_message_is_the_first_one(kind: Kind) {
    let world = World::start(kind).await;
    let public = world.public();
    let chat = Chat::open_with(&public, &json!({ "message": "Hello", "clientMessageId": "first" })).await;
    let body = json!({ "sessionId": chat.session, "message": "Once", "clientMessageId": "m-1" });
    let first = public.post("/api/v1/chat", &body).await.expect(200);
    let again = public.post("/api/v1/chat", &body).await.expect(200);
    assert_eq!(
        (&again["data"]["message"]["id"], &again["data"]["message"]["seq"]),
        (&first["data"]["message"]["id"], &first["data"]["message"]["seq"])
    );
    // Whatever it says now, it is the first message that was accepted.
    let changed = json!({ "sessionId": chat.session, "message": "Twice", "clientMessageId": "m-1" });
    let changed = public.post("/api/v1/chat", &changed).await.expect(200);
    assert_eq!(changed["data"]["message"]["message"], "Once");
    // The one that opened the chat as well.
    let opening = json!({ "sessionId": chat.session, "message": "Hello", "clientMessageId": "first" });
    let opening = public.post("/api/v1/chat", &opening).await.expect(200);
    assert_eq!(opening["data"]["message"]["seq"], 1);
    // Another visitor's own id is another message.
    let other = Chat::open_with(&public, &json!({ "message": "Hi", "clientMessageId": "m-1" })).await;
    assert_ne!(other.id, chat.id);
    let admin = world.admin().await;
    let mine = json!({ "chatId": chat.id, "message": "Mine", "clientMessageId": "m-1" });
    let mine = admin.post("/api/v1/admin/chat", &mine).await.expect(201);
    assert_eq!(
        mine["data"]["message"]["message"], "Mine",
        "an agent's ids are the agent's"
    );
    for id in ["", &"x".repeat(10_000)] {
        let body = json!({ "sessionId": chat.session, "message": "x", "clientMessageId": id });
        let answer = public.post("/api/v1/chat", &body).await;
        assert!(matches!(answer.status, 200 | 400), "{}", answer.text);
    }
    let said = chat.read(&public).await["messages"].to_string();
    assert_eq!(said.matches("\"Once\"").count(), 1);
    assert_eq!(said.matches("Twice").count(), 0);
}

async fn a_chat_may_name_a_department(kind: Kind) {
    let world = World::start(kind).await;
    let public = world.public();
    let body = json!({ "message": "Hello", "department": "sales" });
    let opened = public.post("/api/v1/chat", &body).await.expect(201);
    assert_eq!(opened["data"]["department"], "sales");
    let none = public
        .post("/api/v1/chat", &json!({ "message": "Hello", "department": null }))
        .await
        .expect(201);
    assert_eq!(none["data"]["department"], Value::Null);
    for department in ["SALES", "no-such-team", "../sales"] {
        let body = json!({ "message": "Hello", "department": department });
        refused_fields(&public.post("/api/v1/chat", &body).await, &["department"]);
    }
}

async fn what_was_read_is_marked(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let chat = Chat::open(&public, "Hello").await;
    let answer = chat.agent_says(&admin, "Hi").await;
    let up_to = answer["data"]["message"]["seq"].as_u64().unwrap();
    let find = |read: &Value, text: &str| {
        let messages = read["messages"].as_array().unwrap();
        messages.iter().find(|message| message["message"] == text).unwrap()["isRead"].clone()
    };
    let read = chat.read(&public).await;
    assert_eq!(find(&read, "Hi"), false);

    let mark = json!({ "sessionId": chat.session, "upTo": up_to });
    public.post("/api/v1/chat/read", &mark).await.expect(200);
    assert_eq!(find(&chat.read(&public).await, "Hi"), true);

    let unread = async || chat.read_as_agent(&admin).await["chat"]["unreadCount"].clone();
    chat.visitor_says(&public, "One more").await;
    chat.visitor_says(&public, "And one").await;
    let before = unread().await.as_u64().unwrap();
    assert!(before >= 2, "{before}");
    // Beyond the end is up to the end; backwards is nothing.
    admin
        .post(
            "/api/v1/admin/chat/read",
            &json!({ "chatId": chat.id, "upTo": 9_999_999 }),
        )
        .await
        .expect(200);
    assert_eq!(unread().await, 0);
    admin
        .post("/api/v1/admin/chat/read", &json!({ "chatId": chat.id, "upTo": 1 }))
        .await
        .expect(200);
    assert_eq!(unread().await, 0);
    assert_eq!(find(&chat.read(&public).await, "And one"), true);
    chat.visitor_says(&public, "New").await;
    assert_eq!(unread().await, 1);
    let huge = json!({ "chatId": chat.id, "upTo": 18_446_744_073_709_551_615_u64 });
    let huge = admin.post("/api/v1/admin/chat/read", &huge).await;
    assert!(matches!(huge.status, 200 | 400), "{}", huge.text);
}

async fn a_closed_chat_takes_no_more(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let chat = Chat::open(&public, "Hello").await;
    let close = json!({ "sessionId": chat.session });
    let closed = public.post("/api/v1/chat/close", &close).await.expect(200);
    assert_eq!(closed["success"], true);
    let read = chat.read(&public).await;
    assert_eq!(read["status"], "CLOSED");
    let told = read["messages"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(told["sender"], "SYSTEM", "the thread tells the story: {told}");
    let late = json!({ "sessionId": chat.session, "message": "One more thing" });
    refused(&public.post("/api/v1/chat", &late).await, 409, "TICKET_CLOSED");
    let agent = json!({ "chatId": chat.id, "message": "Bye" });
    refused(&admin.post("/api/v1/admin/chat", &agent).await, 409, "TICKET_CLOSED");
    let again = public.post("/api/v1/chat/close", &close).await;
    assert!(again.status == 200 || again.status == 409, "{}", again.text);
    let after = chat.read(&public).await;
    assert_eq!(
        after["messages"], read["messages"],
        "what was refused left something behind"
    );
}

async fn a_resolved_chat_opens_again_when_its_visitor_writes(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let chat = Chat::open(&public, "Hello").await;
    chat.agent_says(&admin, "Hi").await;
    chat.agent_sets(&admin, &json!({ "status": "RESOLVED" })).await;
    assert_eq!(chat.read(&public).await["status"], "RESOLVED");
    let reply = chat.visitor_says(&public, "Still broken").await;
    assert_eq!(reply["data"]["status"], "ACTIVE", "its agent is still there: {reply}");
    assert_ne!(reply["data"]["assignedTo"], Value::Null);
}

async fn only_what_is_later_is_read(kind: Kind) {
    let world = World::start(kind).await;
    let public = world.public();
    let chat = Chat::open(&public, "1").await;
    for number in 2..=5 {
        chat.visitor_says(&public, &number.to_string()).await;
    }
    let all = chat.read(&public).await["messages"].as_array().unwrap().clone();
    let third = all[2]["seq"].as_u64().unwrap();
    let later = public
        .get(&format!("/api/v1/chat?sessionId={}&after={third}", chat.session))
        .await
        .expect(200);
    assert_eq!(later["data"]["messages"].as_array().unwrap()[..], all[3..]);
    let end = public
        .get(&format!("/api/v1/chat?sessionId={}&after=1000000", chat.session))
        .await
        .expect(200);
    assert_eq!(end["data"]["messages"], json!([]));
    for after in ["-1", "x", "1.5", "99999999999999999999999"] {
        let path = format!("/api/v1/chat?sessionId={}&after={after}", chat.session);
        refused_fields(&public.get(&path).await, &["after"]);
    }
    let most = public
        .get(&format!(
            "/api/v1/chat?sessionId={}&after=18446744073709551615",
            chat.session
        ))
        .await;
    assert!(matches!(most.status, 200 | 400), "{}", most.text);
}

async fn a_long_conversation_is_read_in_parts(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let chat = Chat::open(&public, "1").await;
    for number in 2..=230 {
        chat.visitor_says(&public, &number.to_string()).await;
    }
    let mut words = Vec::new();
    let mut after = 0;
    loop {
        let path = format!("/api/v1/chat?sessionId={}&after={after}", chat.session);
        let part = public.get(&path).await.expect(200)["data"]["messages"]
            .as_array()
            .unwrap()
            .clone();
        let Some(last) = part.last() else { break };
        assert_eq!(part[0]["seq"].as_u64().unwrap(), after + 1);
        after = last["seq"].as_u64().unwrap();
        words.extend(
            part.into_iter()
                .map(|message| message["message"].as_str().unwrap().to_owned()),
        );
    }
    let expected: Vec<_> = (1..=230).map(|number| number.to_string()).collect();
    assert_eq!(words, expected);
    let agent = chat.read_as_agent(&admin).await;
    let newest = agent["messages"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(newest["message"], "230", "agents see the end at once");
}

async fn typing_is_told_and_refused_like_all_else(kind: Kind) {
    let world = World::start(kind).await;
    let public = world.public();
    let chat = Chat::open(&public, "Hello").await;
    let before = chat.read(&public).await;
    let typing = json!({ "sessionId": chat.session, "isTyping": true });
    let answer = public.post("/api/v1/chat/typing", &typing).await;
    assert!((200..300).contains(&answer.status), "{}", answer.text);
    let wrong = json!({ "sessionId": chat.session, "isTyping": "yes" });
    refused_fields(&public.post("/api/v1/chat/typing", &wrong).await, &["isTyping"]);
    assert_eq!(chat.read(&public).await, before, "typing is never stored");
}
