//! A request's conversation over its WebSocket.

use serde_json::{Value, json};
use support_faces::{Heard, Kind, Person, Request, Socket, World, has_fields, is_time, is_uuid, on_both_stores};
use tokio_tungstenite::tungstenite::Message;

on_both_stores!(
    a_conversation_over_the_socket,
    what_was_missed_comes_first_and_once,
    a_repeated_message_is_the_first_one,
    frames_that_make_no_sense_are_answered,
    those_who_may_not_are_told_so,
    typing_and_reading_are_told,
    states_are_told,
    a_finished_request_takes_no_more,
    frames_of_the_wrong_kind_break_nothing,
);

fn url(world: &World, request: &Request, query: &str) -> String {
    world.socket_url(&format!("/human-support/ws/{}?{query}", request.id))
}

fn own(world: &World, request: &Request, query: &str) -> String {
    url(world, request, &format!("token={}{query}", request.token))
}

async fn agent_url(world: &World, agent: &Person, request: &Request) -> String {
    let token = world.public().token(&agent.email, &agent.password).await;
    url(world, request, &format!("token={token}"))
}

fn seq(frame: &Value) -> u64 {
    frame["seq"].as_u64().unwrap()
}

async fn a_conversation_over_the_socket(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let mara = world.agent(&admin, "mara").await;
    let request = Request::open(&world.public(), "s", "Hello").await;
    mara.api.post(&request.path("/join"), &json!({})).await.expect(200);
    let mut user = Socket::open(&own(&world, &request, "")).await;
    let connected = user.next().await;
    assert_eq!(
        (&connected["type"], &connected["request_id"], &connected["status"]),
        (&json!("connected"), &json!(request.id), &json!("active"))
    );
    let last = connected["last_seq"].as_u64().unwrap();
    let mut second_tab = Socket::open(&own(&world, &request, "")).await;
    second_tab.next_typed("connected").await;
    let mut agent = Socket::open(&agent_url(&world, &mara, &request).await).await;
    agent.next_typed("connected").await;

    user.send(&json!({ "type": "message", "message": "Hi \u{1F980}", "client_message_id": "c-1" }))
        .await;
    let ack = user.next_typed("ack").await;
    assert_eq!((&ack["client_message_id"], seq(&ack)), (&json!("c-1"), last + 1));
    is_uuid(&ack["id"]);
    for socket in [&mut second_tab, &mut agent] {
        let frame = socket.next_typed("message").await;
        has_fields(
            &frame,
            &["id", "seq", "sender_type", "sender_name", "message", "created_at"],
        );
        assert_eq!((&frame["id"], &frame["seq"]), (&ack["id"], &ack["seq"]));
        assert_eq!(
            (&frame["sender_type"], &frame["message"]),
            (&json!("user"), &json!("Hi \u{1F980}"))
        );
        assert_eq!(frame["client_message_id"], "c-1");
        is_time(&frame["created_at"]);
    }
    agent
        .send(&json!({ "type": "message", "message": "How can I help?" }))
        .await;
    let heard = loop {
        let frame = user.next_typed("message").await;
        if frame["sender_type"] == "admin" {
            break frame;
        }
    };
    assert_eq!(
        (&heard["message"], &heard["sender_name"]),
        (&json!("How can I help?"), &json!("mara"))
    );
    assert!(!heard.to_string().contains("@example.com"));
    // What is posted is heard as well.
    request
        .user
        .post(&request.path("/messages"), &json!({ "message": "By post" }))
        .await
        .expect(201);
    loop {
        if agent.next_typed("message").await["message"] == "By post" {
            break;
        }
    }
    let stored = request.user.get(&request.path("/messages")).await.expect(200);
    for (expected, message) in (1_u64..).zip(stored.as_array().unwrap()) {
        assert_eq!(seq(message), expected);
    }
}

async fn what_was_missed_comes_first_and_once(kind: Kind) {
    let world = World::start(kind).await;
    let request = Request::open(&world.public(), "s", "0").await;
    let path = request.path("/messages");
    for number in 1..=30 {
        request
            .user
            .post(&path, &json!({ "message": number.to_string() }))
            .await
            .expect(201);
    }
    let stored = request.user.get(&path).await.expect(200).as_array().unwrap().clone();
    let last = seq(stored.last().unwrap());
    for after in [0, 1, 10, last - 1, last, last + 1_000] {
        let mut socket = Socket::open(&own(&world, &request, &format!("&after={after}"))).await;
        let connected = socket.next().await;
        assert_eq!(
            (&connected["type"], &connected["last_seq"]),
            (&json!("connected"), &json!(last))
        );
        let frames = socket.until_pong().await;
        let seqs: Vec<u64> = frames
            .iter()
            .filter(|frame| frame["type"] == "message")
            .map(seq)
            .collect();
        assert_eq!(seqs, ((after + 1)..=last).collect::<Vec<_>>(), "after {after}");
    }
    // Those who connect while others write miss nothing and hear nothing twice.
    let mut sockets = Vec::new();
    for number in 31..=60 {
        request
            .user
            .post(&path, &json!({ "message": number.to_string() }))
            .await
            .expect(201);
        if number % 6 == 0 {
            sockets.push(Socket::open(&own(&world, &request, "&after=5")).await);
        }
    }
    let last = seq(request
        .user
        .get(&path)
        .await
        .expect(200)
        .as_array()
        .unwrap()
        .last()
        .unwrap());
    for mut socket in sockets {
        let mut next = 6;
        while next <= last {
            assert_eq!(seq(&socket.next_typed("message").await), next);
            next += 1;
        }
    }
    for after in ["x", "-1", "1.5"] {
        let refused = Socket::try_open(&own(&world, &request, &format!("&after={after}")), None).await;
        match refused {
            Err(status) => assert_eq!(status, 400),
            Ok(mut socket) => assert!(matches!(socket.hear().await, Heard::Frame(_) | Heard::Closed(Some(_)))),
        }
    }
}

async fn a_repeated_message_is_the_first_one(kind: Kind) {
    let world = World::start(kind).await;
    let request = Request::open(&world.public(), "s", "Hello").await;
    let mut socket = Socket::open(&own(&world, &request, "")).await;
    let frame = json!({ "type": "message", "message": "Once", "client_message_id": "same" });
    socket.send(&frame).await;
    let first = socket.next_typed("ack").await;
    socket.send(&frame).await;
    let again = socket.next_typed("ack").await;
    assert_eq!((&again["id"], &again["seq"]), (&first["id"], &first["seq"]));
    // After a break in the connection, and by post, too.
    drop(socket);
    let mut socket = Socket::open(&own(&world, &request, &format!("&after={}", first["seq"]))).await;
    socket.send(&frame).await;
    assert_eq!(socket.next_typed("ack").await["seq"], first["seq"]);
    let post = json!({ "message": "Once", "client_message_id": "same" });
    let post = request.user.post(&request.path("/messages"), &post).await;
    assert_eq!(post.json["seq"], first["seq"]);
    let stored = request.user.get(&request.path("/messages")).await.text;
    assert_eq!(stored.matches("\"Once\"").count(), 1);
}

async fn frames_that_make_no_sense_are_answered(kind: Kind) {
    let world = World::start(kind).await;
    let request = Request::open(&world.public(), "s", "Hello").await;
    let mut socket = Socket::open(&own(&world, &request, "")).await;
    socket.next_typed("connected").await;
    let before = request.user.get(&request.path("/messages")).await.text;
    let nested = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let odd = [
        "",
        "x",
        "null",
        "[]",
        "7",
        "\"message\"",
        "{",
        "{}",
        r#"{"type":null}"#,
        r#"{"type":"sing"}"#,
        r#"{"type":["message"]}"#,
        r#"{"type":"message"}"#,
        r#"{"type":"message","message":""}"#,
        r#"{"type":"message","message":7}"#,
        r#"{"type":"message","message":null}"#,
        r#"{"type":"message","message":{"a":1}}"#,
        r#"{"type":"message","message":"\u0000"}"#,
        r#"{"type":"message","message":"\ud800"}"#,
        r#"{"type":"typing"}"#,
        r#"{"type":"typing","is_typing":"yes"}"#,
        r#"{"type":"read"}"#,
        r#"{"type":"read","up_to":-1}"#,
        r#"{"type":"read","up_to":"x"}"#,
        r#"{"type":"read","up_to":1e99}"#,
        &nested,
    ];
    for frame in odd {
        socket.send_raw(Message::text(frame)).await;
        let error = socket.next().await;
        assert_eq!(error["type"], "error", "{frame:.80} was answered {error}");
        has_fields(&error, &["code", "message"]);
    }
    let long = json!({ "type": "message", "message": "x".repeat(5_001), "client_message_id": "long" });
    socket.send(&long).await;
    assert_eq!(socket.next().await["type"], "error");
    assert_eq!(request.user.get(&request.path("/messages")).await.text, before);
    let most = json!({ "type": "message", "message": "\u{1F980}".repeat(5_000), "client_message_id": "most" });
    socket.send(&most).await;
    assert_eq!(socket.next_typed("ack").await["client_message_id"], "most");
}

async fn those_who_may_not_are_told_so(kind: Kind) {
    let world = World::start(kind).await;
    let public = world.public();
    let admin = world.admin().await;
    let (mine, theirs) = (
        Request::open(&public, "a", "Mine").await,
        Request::open(&public, "b", "Theirs").await,
    );
    let code = async |url: String| match Socket::try_open(&url, None).await {
        Ok(mut socket) => socket.close_code().await,
        Err(status) => Some(4_000 + status),
    };
    for query in ["", "token=", "token=guess", "token=a.b.c"] {
        assert_eq!(code(url(&world, &theirs, query)).await, Some(4401), "{query}");
    }
    let stranger = code(url(&world, &theirs, &format!("token={}", mine.token))).await;
    assert!(matches!(stranger, Some(4401 | 4404)), "{stranger:?}");
    let token = world
        .public()
        .token(&world.server().admin().email, &world.server().admin().password)
        .await;
    for nobody in [uuid::Uuid::now_v7().to_string(), "x".to_owned()] {
        let url = world.socket_url(&format!("/human-support/ws/{nobody}?token={token}"));
        assert_eq!(code(url).await, Some(4404));
    }
    let other = world.tenant("other").await;
    let foreign = public.token(&other.admin.email, &other.admin.password).await;
    assert_eq!(
        code(url(&world, &theirs, &format!("token={foreign}"))).await,
        Some(4404),
        "another tenant's admin"
    );
    let mara = world.agent(&admin, "mara").await;
    let old = public.token(&mara.email, &mara.password).await;
    admin.delete(&format!("/api/agents/{}", mara.id)).await.expect(200);
    assert_eq!(
        code(url(&world, &theirs, &format!("token={old}"))).await,
        Some(4401),
        "a deactivated agent"
    );
    let operator = public.token("operator@example.com", "a long enough password").await;
    let operator = code(url(&world, &theirs, &format!("token={operator}"))).await;
    assert!(matches!(operator, Some(4401 | 4404)), "{operator:?}");
    let plain = theirs.user.get(&format!("/human-support/ws/{}", theirs.id)).await;
    assert!((400..500).contains(&plain.status), "{}", plain.text);
}

async fn typing_and_reading_are_told(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let mara = world.agent(&admin, "mara").await;
    let request = Request::open(&world.public(), "s", "Hello").await;
    mara.api.post(&request.path("/join"), &json!({})).await.expect(200);
    let mut user = Socket::open(&own(&world, &request, "")).await;
    let mut agent = Socket::open(&agent_url(&world, &mara, &request).await).await;
    user.next_typed("connected").await;
    let last = agent.next_typed("connected").await["last_seq"].clone();
    user.send(&json!({ "type": "typing", "is_typing": true })).await;
    let typing = agent.next_typed("typing").await;
    assert_eq!(
        (&typing["sender_type"], &typing["is_typing"]),
        (&json!("user"), &json!(true))
    );
    agent.send(&json!({ "type": "typing", "is_typing": true })).await;
    let typing = user.next_typed("typing").await;
    assert_eq!(
        (&typing["sender_type"], &typing["is_typing"]),
        (&json!("admin"), &json!(true))
    );
    agent.send(&json!({ "type": "read", "up_to": last })).await;
    let read = user.next_typed("read").await;
    assert_eq!((&read["sender_type"], &read["up_to"]), (&json!("admin"), &last));
}

async fn states_are_told(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let mara = world.agent(&admin, "mara").await;
    let request = Request::open(&world.public(), "s", "Hello").await;
    let mut user = Socket::open(&own(&world, &request, "")).await;
    assert_eq!(user.next_typed("connected").await["status"], "pending");
    mara.api.post(&request.path("/join"), &json!({})).await.expect(200);
    let active = user.next_typed("status").await;
    assert_eq!(
        (&active["status"], &active["agent_name"]),
        (&json!("active"), &json!("mara"))
    );
    mara.api.post(&request.path("/resolve"), &json!({})).await.expect(200);
    assert_eq!(user.next_typed("status").await["status"], "resolved");
    user.send(&json!({ "type": "message", "message": "Not yet!" })).await;
    assert_eq!(
        user.next_typed("status").await["status"],
        "active",
        "whose agent is still there"
    );
}

async fn a_finished_request_takes_no_more(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let request = Request::open(&world.public(), "s", "Hello").await;
    let mut user = Socket::open(&own(&world, &request, "")).await;
    admin.post(&request.path("/close"), &json!({})).await.expect(200);
    assert_eq!(user.next_typed("status").await["status"], "closed");
    user.send(&json!({ "type": "message", "message": "Too late", "client_message_id": "late" }))
        .await;
    let error = user.next_typed("error").await;
    assert_eq!(error["code"], "TICKET_CLOSED");
    assert!(
        !request
            .user
            .get(&request.path("/messages"))
            .await
            .text
            .contains("Too late")
    );
}

async fn frames_of_the_wrong_kind_break_nothing(kind: Kind) {
    let world = World::start(kind).await;
    let request = Request::open(&world.public(), "s", "Hello").await;
    let mut socket = Socket::open(&own(&world, &request, "")).await;
    socket.next_typed("connected").await;
    socket.send_raw(Message::binary(vec![0xff, 0xfe, 0])).await;
    match socket.hear().await {
        Heard::Frame(error) => assert_eq!(error["type"], "error"),
        Heard::Closed(code) => assert!(matches!(code, Some(1003 | 1007 | 1008)), "{code:?}"),
    }
    let mut socket = Socket::open(&own(&world, &request, "")).await;
    socket.next_typed("connected").await;
    socket
        .send_too_much(Message::text(format!("\"{}\"", "x".repeat(2_000_000))))
        .await;
    match socket.hear().await {
        Heard::Frame(error) => assert_eq!(error["type"], "error"),
        Heard::Closed(code) => assert!(matches!(code, Some(1009) | None), "{code:?}"),
    }
    assert_eq!(world.public().get("/healthz").await.status, 200);
}
