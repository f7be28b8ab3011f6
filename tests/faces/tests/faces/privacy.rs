//! Who may never see what: notes, other visitors, other tenants.

use serde_json::{Value, json};
use support_faces::{Chat, Events, Heard, Kind, Request, Socket, TenantWorld, World, on_both_stores, text_of};
use support_testkit::{Answer, Api};

on_both_stores!(
    notes_reach_no_visitor_on_any_path,
    notes_reach_no_user_of_a_chatbot,
    what_belongs_to_another_tenant_is_not_found,
    lists_of_one_tenant_hold_nothing_of_another,
    a_public_call_finds_its_own_tenant_only,
    numbers_are_each_tenants_own,
);

const SECRET: &str = "between-us-only";

async fn notes_reach_no_visitor_on_any_path(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let chat = Chat::open(&public, "Hello").await;
    let path = format!("/api/v1/chat/events?sessionId={}", chat.session);
    let mut live = Events::open(&public, &path).await;
    live.next_named("connected").await;
    let note = chat.agent_notes(&admin, SECRET).await;
    assert_eq!(note["data"]["message"]["isNote"], true);
    let note_id = text_of(&note, "/data/message/id");
    let mut heard = vec![chat.visitor_says(&public, "Still there?").await.to_string()];
    chat.agent_says(&admin, "Yes").await;
    heard.push(chat.read(&public).await.to_string());
    for after in 0..6 {
        let read = public
            .get(&format!("/api/v1/chat?sessionId={}&after={after}", chat.session))
            .await;
        heard.push(read.text);
    }
    let body = json!({ "sessionId": chat.session, "upTo": 100 });
    heard.push(public.post("/api/v1/chat/read", &body).await.text);
    heard.push(format!(
        "{:?}",
        live.until(|event| event.data["message"] == "Yes").await
    ));
    let mut replay = Events::open(&public, &format!("{path}&lastEventId=0")).await;
    heard.push(format!(
        "{:?}",
        replay.until(|event| event.data["message"] == "Yes").await
    ));
    heard.push(
        public
            .post("/api/v1/chat/close", &json!({ "sessionId": chat.session }))
            .await
            .text,
    );
    for heard in heard {
        assert!(!heard.contains(SECRET) && !heard.contains(&note_id), "{heard}");
        assert!(
            !heard.to_lowercase().contains("note"),
            "not even that there is one: {heard}"
        );
    }
    let row = chat.read_as_agent(&admin).await;
    assert!(row["messages"].to_string().contains(SECRET));
    assert_ne!(row["chat"]["lastMessage"], SECRET, "no preview");
}

async fn notes_reach_no_user_of_a_chatbot(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let request = Request::open(&public, "s", "Hello").await;
    let mut live =
        Socket::open(&world.socket_url(&format!("/human-support/ws/{}?token={}", request.id, request.token))).await;
    live.next_typed("connected").await;
    let note = json!({ "chatId": request.id, "message": SECRET, "isNote": true });
    admin.post("/api/v1/admin/chat", &note).await.expect(201);
    admin
        .post(&request.path("/messages"), &json!({ "message": "Yes" }))
        .await
        .expect(201);
    let mut heard = Vec::new();
    loop {
        let frame = live.next().await;
        heard.push(frame.to_string());
        if frame["message"] == "Yes" {
            break;
        }
    }
    let mut replay = Socket::open(&world.socket_url(&format!(
        "/human-support/ws/{}?token={}&after=0",
        request.id, request.token
    )))
    .await;
    heard.extend(replay.until_pong().await.iter().map(Value::to_string));
    heard.push(request.user.get(&request.path("/messages")).await.text);
    heard.push(request.user.get(&request.path("/messages?after=1")).await.text);
    heard.push(request.user.get(&request.path("")).await.text);
    for heard in heard {
        assert!(!heard.contains(SECRET), "{heard}");
    }
}

fn looks_absent(answer: &Answer, call: &str) {
    assert_eq!(answer.status, 404, "{call}: {}", answer.text);
    assert_eq!(answer.json["error"]["code"], "NOT_FOUND", "{call}");
}

/// What one tenant has, as its admin sees it.
async fn everything(tenant: &TenantWorld, chat: &Chat, request: &Request, paths: &[String]) -> Vec<String> {
    let api = &tenant.admin.api;
    let mut all = Vec::new();
    for path in paths {
        all.push(api.get(path).await.expect(200).to_string());
    }
    all.push(chat.read_as_agent(api).await.to_string());
    all.push(api.get(&request.path("/messages")).await.expect(200).to_string());
    all.push(api.get("/api/v1/admin/events?limit=100").await.expect(200).to_string());
    all
}

async fn what_belongs_to_another_tenant_is_not_found(kind: Kind) {
    let world = World::start(kind).await;
    let (one, two) = (world.tenant("one").await, world.tenant("two").await);
    let (mine, thief) = (&one.admin.api, &two.admin.api);
    let chat = Chat::open(&one.public, "Hello").await;
    let request = Request::open(&one.public, "s", "Hello").await;
    let agent = world.agent(mine, "mara").await;
    let customer = json!({ "name": "Ada", "email": "ada@example.com" });
    let customer = text_of(&mine.post("/api/customers", &customer).await.expect(201), "/id");
    let bot = json!({ "name": "Bot", "admin_email": "boss@example.com" });
    let bot = text_of(&mine.post("/api/chatbots", &bot).await.expect(201), "/id");
    let key = json!({ "name": "Key", "scopes": ["tickets"] });
    let key = text_of(&mine.post("/api/v1/admin/api-keys", &key).await.expect(201), "/data/id");
    let team = mine.get("/api/v1/admin/chat/departments").await.expect(200);
    let team = text_of(&team, "/data/0/id");
    let paths = [
        format!("/api/agents/{}", agent.id),
        format!("/api/customers/{customer}"),
        format!("/api/chatbots/{bot}"),
        "/api/v1/admin/api-keys".to_owned(),
        "/api/v1/admin/chat/departments".to_owned(),
    ];
    let before = everything(&one, &chat, &request, &paths).await;

    for path in &paths[..3] {
        looks_absent(&thief.get(path).await, path);
        looks_absent(&thief.delete(path).await, path);
        let body = json!({ "name": "Stolen", "admin_email": "thief@example.com" });
        let changed = if path.contains("chatbots") {
            thief.put(path, &body).await
        } else {
            thief.patch(path, &body).await
        };
        looks_absent(&changed, path);
    }
    let status = format!("{}/status", paths[0]);
    looks_absent(&thief.patch(&status, &json!({ "status": "away" })).await, &status);
    looks_absent(
        &thief.delete(&format!("/api/v1/admin/api-keys?id={key}")).await,
        "api key",
    );
    let departments = "/api/v1/admin/chat/departments";
    looks_absent(
        &thief.put(departments, &json!({ "id": team, "name": "Stolen" })).await,
        "put department",
    );
    looks_absent(
        &thief.delete(&format!("{departments}?id={team}")).await,
        "delete department",
    );

    looks_absent(&thief.get(&format!("/api/v1/admin/chat/{}", chat.id)).await, "chat");
    let answers = json!({ "chatId": chat.id, "message": "Stolen", "priority": "low", "upTo": 1, "isTyping": true });
    for call in [
        "/api/v1/admin/chat",
        "/api/v1/admin/chat/read",
        "/api/v1/admin/chat/typing",
    ] {
        looks_absent(&thief.post(call, &answers).await, call);
    }
    looks_absent(&thief.patch("/api/v1/admin/chat", &answers).await, "patch chat");
    let by_session = json!({ "sessionId": chat.session, "message": "Stolen" });
    looks_absent(&thief.post("/api/v1/admin/chat", &by_session).await, "by session");
    for call in ["", "/messages"] {
        looks_absent(&thief.get(&request.path(call)).await, call);
    }
    for call in ["/join", "/resolve", "/close", "/messages"] {
        looks_absent(
            &thief.post(&request.path(call), &json!({ "message": "Stolen" })).await,
            call,
        );
    }
    // Their own chat can't be given to a foreign agent or team.
    let own = Chat::open(&two.public, "Hello").await;
    for change in [json!({ "assignedTo": agent.id }), json!({ "department": team })] {
        let mut body = change;
        body["chatId"] = json!(own.id);
        let answer = thief.patch("/api/v1/admin/chat", &body).await;
        assert!(matches!(answer.status, 400 | 404), "{}", answer.text);
    }
    let foreign_bot = json!({ "session_id": "x", "initial_message": "x", "chatbot_id": bot });
    let foreign_bot = two.public.post("/human-support/request", &foreign_bot).await;
    assert!(matches!(foreign_bot.status, 400 | 404), "{}", foreign_bot.text);
    assert_eq!(
        everything(&one, &chat, &request, &paths).await,
        before,
        "something changed"
    );
}

async fn lists_of_one_tenant_hold_nothing_of_another(kind: Kind) {
    let world = World::start(kind).await;
    let (one, two) = (world.tenant("one").await, world.tenant("two").await);
    let mine = &one.admin.api;
    Chat::open_with(
        &one.public,
        &json!({ "message": "Only mine", "visitorName": "Onlymine" }),
    )
    .await;
    Request::open(&one.public, "onlymine", "Only mine").await;
    let onlymine = world.agent(mine, "onlymine").await;
    onlymine.goes_online().await;
    let customer = json!({ "name": "Onlymine", "email": "customer@onlymine.example" });
    mine.post("/api/customers", &customer).await.expect(201);
    mine.post(
        "/api/chatbots",
        &json!({ "name": "Onlymine", "admin_email": "b@onlymine.example" }),
    )
    .await
    .expect(201);
    for path in [
        "/api/v1/admin/chat",
        "/api/v1/admin/chat?q=only",
        "/api/agents",
        "/api/customers",
        "/api/customers?q=only",
        "/api/chatbots",
        "/api/v1/admin/presence",
        "/api/v1/admin/events",
        "/human-support/requests",
        "/human-support/requests/pending",
        "/human-support/requests/active",
        "/api/v1/admin/api-keys",
    ] {
        let own = mine.get(path).await.text.to_lowercase();
        let foreign = two.admin.api.get(path).await;
        assert_eq!(foreign.status, 200, "{path}: {}", foreign.text);
        let foreign = foreign.text.to_lowercase();
        assert!(
            !foreign.contains("onlymine") && !foreign.contains("only mine"),
            "{path}: {foreign}"
        );
        let is_empty_by_nature = path.contains("api-keys") || path.contains("active") || path.contains("pending");
        assert!(
            is_empty_by_nature || own.contains("only") || path.contains("events"),
            "{path}: {own}"
        );
    }
}

async fn a_public_call_finds_its_own_tenant_only(kind: Kind) {
    let world = World::start(kind).await;
    let (one, two) = (world.tenant("one").await, world.tenant("two").await);
    let by = |name: &str, value: &str| world.public().with_header(name, value);
    let opens = async |api: &Api, admin: &Api| {
        let chat = Chat::open(api, "Hello").await;
        admin.get(&format!("/api/v1/admin/chat/{}", chat.id)).await.expect(200);
    };
    opens(&by("X-Widget-Domain", "one.example"), &one.admin.api).await;
    opens(&by("X-Widget-Domain", "ONE.example"), &one.admin.api).await;
    opens(&by("Origin", "https://two.example"), &two.admin.api).await;
    opens(
        &by("Origin", "https://two.example").with_header("X-Widget-Domain", "one.example"),
        &one.admin.api,
    )
    .await;
    opens(
        &by("Origin", "https://two.example").with_header("X-Tenant", "one"),
        &two.admin.api,
    )
    .await;
    opens(&by("X-Tenant", "two"), &two.admin.api).await;
    for nobody in [
        by("X-Widget-Domain", "nobody.example"),
        by("Origin", "https://evil-one.example"),
        by("X-Tenant", "three"),
        by("Origin", "https://one.example.evil.example"),
        world.public(),
    ] {
        let answer = nobody.post("/api/v1/chat", &json!({ "message": "Hello" })).await;
        assert_eq!(
            (answer.status, answer.json["error"]["code"].as_str()),
            (404, Some("TENANT_NOT_FOUND")),
            "{}",
            answer.text
        );
    }
    // Somebody's session is worth nothing at another tenant's door.
    let chat = Chat::open(&one.public, "Hello").await;
    let elsewhere = two
        .public
        .get(&format!("/api/v1/chat?sessionId={}", chat.session))
        .await;
    looks_absent(&elsewhere, "session elsewhere");
    let elsewhere = two
        .public
        .get(&format!("/api/v1/chat/events?sessionId={}", chat.session))
        .await;
    looks_absent(&elsewhere, "events elsewhere");
    let body = json!({ "sessionId": chat.session, "message": "x", "upTo": 1, "isTyping": true });
    for path in [
        "/api/v1/chat",
        "/api/v1/chat/read",
        "/api/v1/chat/typing",
        "/api/v1/chat/close",
    ] {
        looks_absent(&two.public.post(path, &body).await, path);
    }
    let request = Request::open(&one.public, "s", "Hello").await;
    let key = json!({ "name": "K", "scopes": ["tickets"] });
    let key = text_of(
        &two.admin.api.post("/api/v1/admin/api-keys", &key).await.expect(201),
        "/data/key",
    );
    looks_absent(
        &world.public().with_token(&key).get(&request.path("")).await,
        "another tenant's server",
    );
    let socket = world.socket_url(&format!("/human-support/ws/{}?token={key}", request.id));
    if let Ok(mut socket) = Socket::try_open(&socket, None).await {
        assert!(matches!(socket.hear().await, Heard::Closed(Some(4401 | 4404))));
    }
}

async fn numbers_are_each_tenants_own(kind: Kind) {
    let world = World::start(kind).await;
    let (one, two) = (world.tenant("one").await, world.tenant("two").await);
    for expected in ["TKT-1", "TKT-2", "TKT-3"] {
        for tenant in [&one, &two] {
            assert_eq!(Chat::open(&tenant.public, "Hello").await.number, expected);
        }
    }
    let mine = one.admin.api.get("/api/v1/admin/chat/TKT-2").await.expect(200);
    let theirs = two.admin.api.get("/api/v1/admin/chat/TKT-2").await.expect(200);
    assert_ne!(mine["data"]["chat"]["chatId"], theirs["data"]["chat"]["chatId"]);
}
