//! Requests for a human, as chatbots and their users make them.

use serde_json::{Value, json};
use support_faces::{
    Kind, Request, World, fields_of, has_fields, is_time, is_uuid, on_both_stores, refused, refused_fields, text_of,
};

on_both_stores!(
    a_request_is_made_and_read,
    a_session_has_one_unfinished_request,
    the_bots_conversation_comes_along,
    all_that_is_wrong_with_a_request_is_told_at_once,
    a_request_goes_its_way_and_no_other,
    both_sides_write_and_read,
    requests_are_listed_by_their_state,
    nobody_else_comes_in,
    a_request_belongs_to_its_chatbot,
);

const REQUEST: &[&str] = &[
    "request_id",
    "chatbot_id",
    "session_id",
    "user_name",
    "user_email",
    "initial_message",
    "status",
    "admin_joined_at",
    "resolved_at",
    "created_at",
    "updated_at",
];

async fn a_request_is_made_and_read(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let body = json!({
        "session_id": "bot-session-1", "initial_message": "A human, please", "user_name": "Ada",
        "user_email": "ada@example.com", "department": "sales", "nobody_knows": [],
    });
    let made = public.post("/human-support/request", &body).await.expect(201);
    has_fields(&made, &["request_id", "status", "user_token", "created_at"]);
    assert!(made.get("success").is_none(), "bare objects: {made}");
    is_uuid(&made["request_id"]);
    is_time(&made["created_at"]);
    assert_eq!(made["status"], "pending");
    let token = text_of(&made, "/user_token");
    assert!(token.len() >= 22, "{token}");

    let path = format!("/human-support/requests/{}", text_of(&made, "/request_id"));
    let user = public.with_header("X-Support-Token", &token);
    for reader in [&user, &admin] {
        let read = reader.get(&path).await.expect(200);
        has_fields(&read, REQUEST);
        assert_eq!(
            (&read["session_id"], &read["user_name"]),
            (&body["session_id"], &body["user_name"])
        );
        assert_eq!(
            (&read["user_email"], &read["initial_message"]),
            (&body["user_email"], &body["initial_message"])
        );
        assert_eq!(
            (&read["status"], &read["resolved_at"], &read["admin_joined_at"]),
            (&json!("pending"), &Value::Null, &Value::Null)
        );
        assert!(!read.to_string().contains(&token));
    }
    let by_query = public.get(&format!("{path}?token={token}")).await;
    assert_eq!(by_query.status, 200, "{}", by_query.text);
}

async fn a_session_has_one_unfinished_request(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let first = Request::open(&public, "s-1", "Hello").await;
    let body = json!({ "session_id": "s-1", "initial_message": "Hello again" });
    let again = public.post("/human-support/request", &body).await.expect(200);
    assert_eq!(again["request_id"], first.id);
    let other = Request::open(&public, "s-2", "Hello").await;
    assert_ne!(other.id, first.id);
    admin.post(&first.path("/close"), &json!({})).await.expect(200);
    let next = Request::open(&public, "s-1", "Something new").await;
    assert_ne!(next.id, first.id);
    let list = admin.get("/human-support/requests").await.expect(200);
    assert_eq!(list.as_array().unwrap().len(), 3);
}

async fn the_bots_conversation_comes_along(kind: Kind) {
    let world = World::start(kind).await;
    let public = world.public();
    let history = json!([
        { "role": "user", "content": "Where is my parcel?", "at": "2026-01-02T03:04:05.678Z" },
        { "role": "assistant", "content": "I don't know.", "at": "2026-01-02T03:04:06Z" },
        { "role": "user", "content": "<b>Human!</b>", "at": "2026-01-02T03:04:07+01:00" },
    ]);
    let body = json!({ "session_id": "s", "initial_message": "Human, please", "history": history });
    let request = Request::open_with(&public, &body).await;
    let messages = request.user.get(&request.path("/messages")).await.expect(200);
    let messages = messages.as_array().unwrap();
    for (expected, message) in (1_u64..).zip(messages) {
        assert_eq!(message["seq"], expected);
    }
    let told: Vec<_> = messages
        .iter()
        .filter(|message| message["sender_type"] != "system")
        .map(|message| {
            (
                message["sender_type"].as_str().unwrap(),
                message["message"].as_str().unwrap(),
            )
        })
        .collect();
    let expected = [
        ("user", "Where is my parcel?"),
        ("bot", "I don't know."),
        ("user", "<b>Human!</b>"),
        ("user", "Human, please"),
    ];
    assert_eq!(told, expected);

    let many = |count: usize| {
        let entry = json!({ "role": "user", "content": "x", "at": "2026-01-02T03:04:05Z" });
        json!({ "session_id": format!("s-{count}"), "initial_message": "x", "history": vec![entry; count] })
    };
    public.post("/human-support/request", &many(200)).await.expect(201);
    let too_many = public.post("/human-support/request", &many(201)).await;
    refused_fields(&too_many, &["history"]);
}

async fn all_that_is_wrong_with_a_request_is_told_at_once(kind: Kind) {
    let world = World::start(kind).await;
    let public = world.public();
    let path = "/human-support/request";
    refused_fields(&public.post(path, &json!({})).await, &["session_id", "initial_message"]);
    let wrong = json!({
        "session_id": "", "initial_message": " ", "user_email": "nobody", "user_name": "x".repeat(2_000),
        "department": "no-such-team",
    });
    refused_fields(
        &public.post(path, &wrong).await,
        &["session_id", "initial_message", "user_email", "user_name", "department"],
    );
    let long = json!({ "session_id": "s", "initial_message": "x".repeat(5_001) });
    refused_fields(&public.post(path, &long).await, &["initial_message"]);
    public
        .post(
            path,
            &json!({ "session_id": "s", "initial_message": "x".repeat(5_000) }),
        )
        .await
        .expect(201);
    for chatbot in [json!(uuid::Uuid::now_v7()), json!("no-id")] {
        let body = json!({ "session_id": "t", "initial_message": "x", "chatbot_id": chatbot });
        let answer = public.post(path, &body).await;
        assert!(matches!(answer.status, 400 | 404), "{}", answer.text);
    }
    for entry in [
        json!({}),
        json!({ "role": "root", "content": "x" }),
        json!({ "role": "user", "content": "\u{0}" }),
        json!("x"),
        json!(null),
    ] {
        let body = json!({ "session_id": "u", "initial_message": "x", "history": [entry] });
        let answer = public.post(path, &body).await;
        refused(&answer, 400, "VALIDATION_ERROR");
        assert!(answer.text.contains("history"), "{}", answer.text);
    }
}

async fn a_request_goes_its_way_and_no_other(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let (mara, jo) = (world.agent(&admin, "mara").await, world.agent(&admin, "jo").await);
    let request = Request::open(&public, "s", "Hello").await;
    for call in ["/join", "/resolve", "/close"] {
        refused(
            &public.post(&request.path(call), &json!({})).await,
            401,
            "UNAUTHENTICATED",
        );
        let user = request.user.post(&request.path(call), &json!({})).await;
        assert!(matches!(user.status, 401 | 403), "{}", user.text);
        let nobody = format!("/human-support/requests/{}{call}", uuid::Uuid::now_v7());
        refused(&mara.api.post(&nobody, &json!({})).await, 404, "NOT_FOUND");
    }
    let joined = mara.api.post(&request.path("/join"), &json!({})).await.expect(200);
    has_fields(&joined, REQUEST);
    assert_eq!(joined["status"], "active");
    is_time(&joined["admin_joined_at"]);
    let taken = jo.api.post(&request.path("/join"), &json!({})).await;
    refused(&taken, 409, "ALREADY_ASSIGNED");
    let resolved = mara.api.post(&request.path("/resolve"), &json!({})).await.expect(200);
    assert_eq!(resolved["status"], "resolved");
    is_time(&resolved["resolved_at"]);
    let closed = mara.api.post(&request.path("/close"), &json!({})).await.expect(200);
    assert_eq!(closed["status"], "closed");
    refused(
        &mara.api.post(&request.path("/resolve"), &json!({})).await,
        409,
        "INVALID_TRANSITION",
    );
    assert_eq!(mara.api.post(&request.path("/join"), &json!({})).await.status, 409);
    let late = request
        .user
        .post(&request.path("/messages"), &json!({ "message": "One more" }))
        .await;
    refused(&late, 409, "TICKET_CLOSED");
    assert_eq!(
        request.user.get(&request.path("")).await.expect(200)["status"],
        "closed"
    );

    // A supervisor takes over; a call without a body is a call all the same.
    let second = Request::open(&public, "t", "Hello").await;
    mara.api.post(&second.path("/join"), &json!({})).await.expect(200);
    let bare = admin
        .request(reqwest::Method::POST, &second.path("/join"))
        .send()
        .await
        .unwrap();
    assert_eq!(bare.status().as_u16(), 200);
}

async fn both_sides_write_and_read(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let mara = world.agent(&admin, "mara").await;
    let request = Request::open(&public, "s", "Hello").await;
    let path = request.path("/messages");
    let body = json!({ "message": "Anybody?", "client_message_id": "c-1" });
    let sent = request.user.post(&path, &body).await.expect(201);
    has_fields(
        &sent,
        &["id", "seq", "request_id", "sender_type", "message", "created_at"],
    );
    is_time(&sent["created_at"]);
    assert_eq!(
        (&sent["sender_type"], &sent["request_id"]),
        (&json!("user"), &json!(request.id))
    );
    let again = request.user.post(&path, &body).await;
    assert!(matches!(again.status, 200 | 201), "{}", again.text);
    assert_eq!((&again.json["id"], &again.json["seq"]), (&sent["id"], &sent["seq"]));

    mara.api.post(&request.path("/join"), &json!({})).await.expect(200);
    let answer = mara
        .api
        .post(&path, &json!({ "message": "I am here" }))
        .await
        .expect(201);
    assert_eq!(answer["sender_type"], "admin");

    let mut readings = Vec::new();
    for reader in [&request.user, &mara.api] {
        readings.push(reader.get(&path).await.expect(200));
    }
    assert_eq!(readings[0], readings[1]);
    let all = readings[0].as_array().unwrap();
    for (expected, message) in (1_u64..).zip(all) {
        assert_eq!(message["seq"], expected);
    }
    let later = request
        .user
        .get(&format!("{path}?after={}", sent["seq"]))
        .await
        .expect(200);
    assert_eq!(
        later.as_array().unwrap().first().unwrap()["seq"],
        sent["seq"].as_u64().unwrap() + 1
    );
    refused_fields(&request.user.get(&format!("{path}?after=x")).await, &["after"]);
    for wrong in [
        json!({}),
        json!({ "message": " " }),
        json!({ "message": null }),
        json!({ "message": "x".repeat(5_001) }),
        json!({ "message": 7 }),
    ] {
        refused_fields(&request.user.post(&path, &wrong).await, &["message"]);
    }
}

async fn requests_are_listed_by_their_state(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let mut requests = Vec::new();
    for session in ["a", "b", "c", "d"] {
        requests.push(Request::open(&public, session, "Hello").await);
    }
    admin.post(&requests[1].path("/join"), &json!({})).await.expect(200);
    admin.post(&requests[2].path("/close"), &json!({})).await.expect(200);
    let list = async |path: &str| {
        let list = admin.get(&format!("/human-support/requests{path}")).await.expect(200);
        list.as_array()
            .unwrap()
            .iter()
            .map(|row| text_of(row, "/request_id"))
            .collect::<Vec<_>>()
    };
    let ids: Vec<_> = requests.iter().map(|request| request.id.clone()).collect();
    assert_eq!(list("").await, [&*ids[3], &ids[2], &ids[1], &ids[0]], "newest first");
    assert_eq!(list("/pending").await, [&*ids[3], &ids[0]]);
    assert_eq!(list("/active").await, [&*ids[1]]);
    assert_eq!(list("?limit=2&offset=1").await, [&*ids[2], &ids[1]]);
    assert_eq!(list("?offset=100").await, [""; 0]);
    assert_eq!(list(&format!("?chatbot_id={}", uuid::Uuid::now_v7())).await, [""; 0]);
    refused_fields(
        &admin.get("/human-support/requests?limit=0&offset=-1").await,
        &["limit", "offset"],
    );
    refused_fields(&admin.get("/human-support/requests?limit=101").await, &["limit"]);
    refused(
        &admin.get("/human-support/requests?chatbot_id=x").await,
        400,
        "VALIDATION_ERROR",
    );
}

async fn nobody_else_comes_in(kind: Kind) {
    let world = World::start(kind).await;
    let public = world.public();
    let (mine, theirs) = (
        Request::open(&public, "a", "Mine").await,
        Request::open(&public, "b", "Theirs").await,
    );
    let write = json!({ "message": "I was here" });
    for call in ["", "/messages"] {
        refused(&public.get(&theirs.path(call)).await, 401, "UNAUTHENTICATED");
        let stranger = mine.user.get(&theirs.path(call)).await;
        assert!(matches!(stranger.status, 401 | 404), "{}", stranger.text);
        let guess = public
            .with_header("X-Support-Token", "guess")
            .get(&theirs.path(call))
            .await;
        assert!(matches!(guess.status, 401 | 404), "{}", guess.text);
        let nowhere = format!("/human-support/requests/{}{call}", uuid::Uuid::now_v7());
        let nowhere = mine.user.get(&nowhere).await;
        assert_eq!(
            nowhere.status, stranger.status,
            "what is there and what is not look alike"
        );
    }
    let stranger = mine.user.post(&theirs.path("/messages"), &write).await;
    assert!(matches!(stranger.status, 401 | 404), "{}", stranger.text);
    refused(
        &public.post(&theirs.path("/messages"), &write).await,
        401,
        "UNAUTHENTICATED",
    );
    assert!(
        !theirs
            .user
            .get(&theirs.path("/messages"))
            .await
            .text
            .contains("I was here")
    );
    for path in [
        "/human-support/requests",
        "/human-support/requests/pending",
        "/human-support/requests/active",
    ] {
        let list = mine.user.get(path).await;
        assert!(matches!(list.status, 401 | 403), "{}", list.text);
    }
    // Whoever names somebody's session is not let into their conversation by it.
    let body = json!({ "session_id": "b", "initial_message": "Let me in" });
    let again = public.post("/human-support/request", &body).await.expect(200);
    assert!(
        again.get("user_token").is_none_or(|token| *token != theirs.token),
        "the token is given to anybody: {again}"
    );
    let known = fields_of(&again);
    assert!(
        !known.contains("initial_message") && !known.contains("user_email"),
        "told to anybody: {again}"
    );
}

async fn a_request_belongs_to_its_chatbot(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let bot = json!({ "name": "Bot", "admin_email": "boss@example.com" });
    let bot = text_of(&admin.post("/api/chatbots", &bot).await.expect(201), "/id");
    let body = json!({ "session_id": "s", "initial_message": "Hello", "chatbot_id": bot });
    let request = Request::open_with(&public, &body).await;
    assert_eq!(admin.get(&request.path("")).await.expect(200)["chatbot_id"], bot);
    let other = json!({ "name": "Other", "admin_email": "boss@example.com" });
    let other = text_of(&admin.post("/api/chatbots", &other).await.expect(201), "/id");
    Request::open_with(
        &public,
        &json!({ "session_id": "t", "initial_message": "Hello", "chatbot_id": other }),
    )
    .await;
    let listed = admin
        .get(&format!("/human-support/requests?chatbot_id={bot}"))
        .await
        .expect(200);
    let listed: Vec<_> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["request_id"].clone())
        .collect();
    assert_eq!(listed, [json!(request.id)]);
    let pending = admin
        .get(&format!("/human-support/requests/pending?chatbot_id={bot}"))
        .await
        .expect(200);
    assert_eq!(pending.as_array().unwrap().len(), 1);

    admin.delete(&format!("/api/chatbots/{bot}")).await;
    request.user.get(&request.path("/messages")).await.expect(200);
    let late = json!({ "session_id": "u", "initial_message": "Hello", "chatbot_id": bot });
    let late = public.post("/human-support/request", &late).await;
    assert!(matches!(late.status, 400 | 404), "{}", late.text);
}
