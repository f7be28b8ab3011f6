//! The same call twice, and many at once.

use futures::future::join_all;
use serde_json::{Value, json};
use support_faces::{Chat, Kind, Request, World, on_both_stores, refused, text_of};
use support_testkit::Api;

on_both_stores!(
    a_repeated_key_replays_the_first_answer,
    a_key_belongs_to_its_body,
    a_key_belongs_to_its_caller_and_route,
    simultaneous_calls_with_one_key_open_one_chat,
    a_refused_call_does_not_use_its_key_up,
    keys_work_wherever_something_is_made,
    sixty_four_messages_at_once_are_numbered_without_a_gap,
    simultaneous_repeats_are_one_message,
    simultaneous_requests_of_one_session_are_one,
    simultaneous_joins_have_one_winner,
    simultaneous_changes_lose_nothing,
);

fn keyed(api: &Api, key: &str) -> Api {
    api.with_header("Idempotency-Key", key)
}

async fn count(admin: &Api) -> u64 {
    let list = admin.get("/api/v1/admin/chat").await.expect(200);
    list["data"]["pagination"]["totalItems"].as_u64().unwrap()
}

async fn a_repeated_key_replays_the_first_answer(kind: Kind) {
    let world = World::start(kind).await;
    let body = json!({ "message": "Hello" });
    let key = uuid::Uuid::new_v4().to_string();
    let bare = keyed(&world.public(), &key);
    let first = bare.post("/api/v1/chat", &body).await;
    assert_eq!(first.status, 201, "{}", first.text);
    let again = bare.post("/api/v1/chat", &body).await;
    assert_eq!((again.status, &again.text), (201, &first.text));
    let quoted = keyed(&world.public(), &format!("\"{key}\""))
        .post("/api/v1/chat", &body)
        .await;
    assert_eq!((quoted.status, &quoted.text), (201, &first.text), "quoted or bare");
    assert!(again.header("x-request-id").is_some());
    assert_ne!(
        again.header("x-request-id"),
        first.header("x-request-id"),
        "it is another request"
    );
    assert_eq!(count(&world.admin().await).await, 1);

    let other = keyed(&world.public(), &uuid::Uuid::new_v4().to_string())
        .post("/api/v1/chat", &body)
        .await
        .expect(201);
    assert_ne!(other["data"]["chatId"], first.json["data"]["chatId"]);
    for wrong in ["", "\"\"", " ", &"k".repeat(300)] {
        let answer = keyed(&world.public(), wrong).post("/api/v1/chat", &body).await;
        assert_eq!(answer.status, 400, "{wrong:?}: {}", answer.text);
    }
}

async fn a_key_belongs_to_its_body(kind: Kind) {
    let world = World::start(kind).await;
    let api = keyed(&world.public(), &uuid::Uuid::new_v4().to_string());
    let first = api
        .post("/api/v1/chat", &json!({ "message": "Hello" }))
        .await
        .expect(201);
    let other = api.post("/api/v1/chat", &json!({ "message": "Something else" })).await;
    refused(&other, 422, "IDEMPOTENCY_MISMATCH");
    let again = api
        .post("/api/v1/chat", &json!({ "message": "Hello" }))
        .await
        .expect(201);
    assert_eq!(again, first);
    assert_eq!(count(&world.admin().await).await, 1);
}

async fn a_key_belongs_to_its_caller_and_route(kind: Kind) {
    let world = World::start(kind).await;
    let (one, two) = (world.tenant("one").await, world.tenant("two").await);
    let key = uuid::Uuid::new_v4().to_string();
    let body = json!({ "message": "Hello", "session_id": "s", "initial_message": "Hello" });
    let mine = keyed(&one.public, &key).post("/api/v1/chat", &body).await.expect(201);
    let theirs = keyed(&two.public, &key).post("/api/v1/chat", &body).await.expect(201);
    assert_ne!(
        mine["data"]["sessionId"], theirs["data"]["sessionId"],
        "another tenant's answer"
    );
    keyed(&one.public, &key)
        .post("/human-support/request", &body)
        .await
        .expect(201);

    let (mara, jo) = (
        world.agent(&one.admin.api, "mara").await,
        world.agent(&one.admin.api, "jo").await,
    );
    let chat = mine["data"]["chatId"].as_str().unwrap();
    let write = json!({ "chatId": chat, "message": "Hi" , "isNote": true });
    let first = keyed(&mara.api, &key)
        .post("/api/v1/admin/chat", &write)
        .await
        .expect(201);
    let second = keyed(&jo.api, &key)
        .post("/api/v1/admin/chat", &write)
        .await
        .expect(201);
    assert_ne!(
        first["data"]["message"]["id"], second["data"]["message"]["id"],
        "another agent's answer"
    );
    let again = keyed(&mara.api, &key)
        .post("/api/v1/admin/chat", &write)
        .await
        .expect(201);
    assert_eq!(again, first);
    // A key is no key to anything: the caller must still be allowed in.
    let void = keyed(&world.public().with_token("void"), &key)
        .post("/api/v1/admin/chat", &write)
        .await;
    refused(&void, 401, "UNAUTHENTICATED");
}

async fn simultaneous_calls_with_one_key_open_one_chat(kind: Kind) {
    let world = World::start(kind).await;
    let api = keyed(&world.public(), &uuid::Uuid::new_v4().to_string());
    let body = json!({ "message": "Hello" });
    let answers = join_all((0..24).map(|_| api.post("/api/v1/chat", &body))).await;
    let mut opened = std::collections::BTreeSet::new();
    for answer in &answers {
        match answer.status {
            201 => {
                opened.insert(text_of(&answer.json, "/data/sessionId"));
            }
            _ => refused(answer, 409, "CONFLICT"),
        }
    }
    assert_eq!(opened.len(), 1);
    assert_eq!(count(&world.admin().await).await, 1);
    api.post("/api/v1/chat", &body).await.expect(201);
}

async fn a_refused_call_does_not_use_its_key_up(kind: Kind) {
    let world = World::start(kind).await;
    let api = keyed(&world.public(), &uuid::Uuid::new_v4().to_string());
    refused(
        &api.post("/api/v1/chat", &json!({ "message": "" })).await,
        400,
        "VALIDATION_ERROR",
    );
    api.post("/api/v1/chat", &json!({ "message": "Hello" }))
        .await
        .expect(201);
}

async fn keys_work_wherever_something_is_made(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let operator = world.operator().await;
    let request = Request::open(&public, "made", "Hello").await;
    let chat = Chat::open(&public, "Hello").await;
    let password = "a long enough password";
    let calls: Vec<(&Api, String, Value)> = vec![
        (
            &admin,
            "/api/agents".into(),
            json!({ "name": "M", "email": "m@example.com", "password": password, "role": "agent" }),
        ),
        (
            &admin,
            "/api/customers".into(),
            json!({ "name": "C", "email": "c@example.com" }),
        ),
        (
            &admin,
            "/api/chatbots".into(),
            json!({ "name": "B", "admin_email": "b@example.com" }),
        ),
        (
            &admin,
            "/api/v1/admin/api-keys".into(),
            json!({ "name": "K", "scopes": ["tickets"] }),
        ),
        (
            &admin,
            "/api/v1/admin/chat/departments".into(),
            json!({ "name": "D", "slug": "d" }),
        ),
        (
            &admin,
            "/api/v1/admin/chat".into(),
            json!({ "chatId": chat.id, "message": "Hi" }),
        ),
        (
            &public,
            "/human-support/request".into(),
            json!({ "session_id": "s", "initial_message": "Hello" }),
        ),
        (&request.user, request.path("/messages"), json!({ "message": "Hi" })),
        (
            &operator,
            "/api/v1/platform/tenants".into(),
            json!({
                "slug": "t", "name": "T", "timezone": "UTC", "domains": ["t.example"],
                "admin": { "name": "A", "email": "a@t.example", "password": password },
            }),
        ),
    ];
    for (api, path, body) in calls {
        let api = keyed(api, &uuid::Uuid::new_v4().to_string()).with_header("X-Tenant", "default");
        let first = api.post(&path, &body).await;
        assert_eq!(first.status, 201, "{path}: {}", first.text);
        let again = api.post(&path, &body).await;
        assert_eq!((again.status, &again.text), (201, &first.text), "{path}");
        let mut other = body.clone();
        other["nobody_knows"] = json!(1);
        refused(&api.post(&path, &other).await, 422, "IDEMPOTENCY_MISMATCH");
    }
}

async fn sixty_four_messages_at_once_are_numbered_without_a_gap(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let chat = Chat::open(&public, "0").await;
    chat.agent_says(&admin, "I take it").await;
    let before = chat.read(&public).await["messages"].as_array().unwrap().len();
    let visitor = join_all((0..32).map(|number| {
        let body = json!({ "sessionId": chat.session, "message": format!("visitor {number}.") });
        let public = &public;
        async move { public.post("/api/v1/chat", &body).await.expect(200) }
    }));
    let agent = join_all((0..32).map(|number| {
        let body = json!({ "chatId": chat.id, "message": format!("agent {number}.") });
        let admin = &admin;
        async move { admin.post("/api/v1/admin/chat", &body).await.expect(201) }
    }));
    let (visitor, agent) = futures::join!(visitor, agent);
    let mut told: Vec<u64> = visitor
        .iter()
        .chain(&agent)
        .map(|answer| answer["data"]["message"]["seq"].as_u64().unwrap())
        .collect();
    told.sort_unstable();
    told.dedup();
    assert_eq!(told.len(), 64, "a number was given twice");
    let messages = chat.read(&public).await["messages"].as_array().unwrap().clone();
    assert_eq!(messages.len(), before + 64);
    for (expected, message) in (1_u64..).zip(&messages) {
        assert_eq!(message["seq"], expected);
    }
    for answer in visitor.iter().chain(&agent) {
        let message = &answer["data"]["message"];
        let stored = messages.iter().find(|stored| stored["id"] == message["id"]).unwrap();
        assert_eq!(
            (&stored["seq"], &stored["message"]),
            (&message["seq"], &message["message"])
        );
    }
}

async fn simultaneous_repeats_are_one_message(kind: Kind) {
    let world = World::start(kind).await;
    let public = world.public();
    let chat = Chat::open(&public, "Hello").await;
    let body = json!({ "sessionId": chat.session, "message": "Once", "clientMessageId": "same" });
    let answers = join_all((0..32).map(|_| public.post("/api/v1/chat", &body))).await;
    let seqs: std::collections::BTreeSet<u64> = answers
        .into_iter()
        .map(|answer| answer.expect(200)["data"]["message"]["seq"].as_u64().unwrap())
        .collect();
    assert_eq!(seqs.len(), 1);
    assert_eq!(
        chat.read(&public).await["messages"]
            .to_string()
            .matches("\"Once\"")
            .count(),
        1
    );
}

async fn simultaneous_requests_of_one_session_are_one(kind: Kind) {
    let world = World::start(kind).await;
    let public = world.public();
    let body = json!({ "session_id": "same", "initial_message": "Hello" });
    let answers = join_all((0..24).map(|_| public.post("/human-support/request", &body))).await;
    let mut ids = std::collections::BTreeSet::new();
    let mut made = 0;
    for answer in answers {
        assert!(matches!(answer.status, 200 | 201), "{}", answer.text);
        made += u32::from(answer.status == 201);
        ids.insert(text_of(&answer.json, "/request_id"));
    }
    assert_eq!((ids.len(), made), (1, 1));
    let list = world.admin().await.get("/human-support/requests").await.expect(200);
    assert_eq!(list.as_array().unwrap().len(), 1);
}

async fn simultaneous_joins_have_one_winner(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let request = Request::open(&world.public(), "s", "Hello").await;
    let mut agents = Vec::new();
    for name in ["a", "b", "c", "d", "e", "f"] {
        agents.push(world.agent(&admin, name).await);
    }
    let path = request.path("/join");
    let nothing = json!({});
    let answers = join_all(agents.iter().map(|agent| agent.api.post(&path, &nothing))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        refused(answer, 409, "ALREADY_ASSIGNED");
    }
}

async fn simultaneous_changes_lose_nothing(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let chat = Chat::open(&public, "Hello").await;
    let changes = [
        json!({ "priority": "high" }),
        json!({ "department": "sales" }),
        json!({ "tags": ["vip"] }),
    ];
    let patches = join_all(changes.iter().map(|change| chat.agent_sets(&admin, change)));
    let talk = join_all((0..8).map(|_| chat.visitor_says(&public, "meanwhile")));
    futures::join!(patches, talk);
    let row = chat.read_as_agent(&admin).await["chat"].clone();
    assert_eq!(
        (&row["priority"], &row["department"], &row["tags"]),
        (&json!("high"), &json!("sales"), &json!(["vip"]))
    );
}
