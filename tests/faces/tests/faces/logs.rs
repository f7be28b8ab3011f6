//! What people write and who they are never stands in the log, however much is logged.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use support_faces::{
    Chat, Events, Kind, Request, Socket, World, fetch, form, got, id_of, on_both_stores, pdf, sending, text_of,
};
use support_testkit::{Api, eventually};

on_both_stores!(nobody_is_found_in_the_log,);

const SOON: Duration = Duration::from_secs(30);
const PASSWORD: &str = "Xenophontic-Passphrase";
const WRONG: &str = "Zygomorphic-Passphrase";
const NAME: &str = "Zyxomma Quibblefish";
const EMAIL: &str = "zyxomma@quibblefish.example";
const PHONE: &str = "+49 30 98765431";
const WORDS: &str = "mumpsimus snollygoster";
/// Everything at its loudest but what is not ours, which is as loud as operators ever have it.
const LOG: &str = "debug,support_core=trace,support_http=trace,support_store_sqlite=trace,support_store_postgres=trace,\
    support_notify=trace,support_files=trace,support_bus=trace,support_server=trace";

/// What is looked for, in lower case: words of people, and whatever lets somebody in.
struct Secrets(Vec<String>);

impl Secrets {
    fn add(&mut self, secret: impl Into<String>) {
        self.0.push(secret.into().to_lowercase());
    }
}

async fn nobody_is_found_in_the_log(kind: Kind) {
    let world = World::with(
        kind,
        &[
            ("LOG", LOG),
            ("WEBHOOK_ALLOWED_CIDRS", "127.0.0.0/8"),
            ("SMTP_SERVER", "127.0.0.1"),
            ("SMTP_PORT", "9"),
            ("FROM_EMAIL", "desk@example.com"),
            ("DELIVERY_RETRY_SCHEDULE", "0,0"),
        ],
    )
    .await;
    let mut secrets = Secrets(Vec::new());
    for one in [
        PASSWORD,
        WRONG,
        EMAIL,
        "zyxomma",
        "quibblefish",
        "98765431",
        "9876 5431",
        "mumpsimus",
        "snollygoster",
    ] {
        secrets.add(one);
    }
    let admin = world.admin().await;
    let hook = json!({ "url": "http://127.0.0.1:9/hook?key=snollygoster" });
    let hook = admin.post("/api/v1/admin/webhooks", &hook).await.expect(201);
    secrets.add(text_of(&hook, "/data/secret"));
    let smtp = json!({ "callbackEmailTo": [EMAIL], "smtp": { "host": "127.0.0.1", "port": 9, "user": EMAIL,
        "password": PASSWORD, "fromEmail": EMAIL }, "telegram": { "botToken": "99:snollygoster", "chatId": "1" } });
    admin.put("/api/v1/admin/settings", &smtp).await;
    admin
        .post(
            "/api/v1/admin/settings/test",
            &json!({ "channel": "email", "to": EMAIL }),
        )
        .await;
    as_agent(&world, &admin, &mut secrets).await;
    as_visitor(&world, &admin, &mut secrets).await;
    as_chatbot(&world, &admin, &mut secrets).await;
    as_customer(&world, &admin, &mut secrets).await;
    as_stranger(&world).await;
    // What is owed was tried, and has failed.
    eventually(SOON, async || {
        let dead = admin
            .get("/api/v1/admin/deliveries?status=dead&limit=100")
            .await
            .expect(200);
        let count = dead["data"]["pagination"]["totalItems"].as_u64().unwrap();
        (count > 3).then_some(())
    })
    .await;
    let log = format!("{}{}", world.server().stdout(), world.server().stderr());
    assert!(
        log.contains("DEBUG") || log.contains("TRACE"),
        "little is logged: {log}"
    );
    assert!(log.lines().count() > 100, "little is logged");
    let mut told = Vec::new();
    for line in log.lines() {
        let line = line.to_lowercase();
        if let Some(secret) = secrets.0.iter().find(|secret| line.contains(secret.as_str())) {
            told.push(format!("{secret}: {line}"));
        }
    }
    assert!(told.is_empty(), "{} lines:\n{}", told.len(), told.join("\n"));
}

async fn as_agent(world: &World, admin: &Api, secrets: &mut Secrets) {
    let mara = json!({ "name": NAME, "email": format!("agent-{EMAIL}"), "password": PASSWORD, "role": "agent" });
    admin.post("/api/agents", &mara).await.expect(201);
    let public = world.public();
    secrets.add(public.token(&format!("agent-{EMAIL}"), PASSWORD).await);
    let wrong = json!({ "email": EMAIL, "password": WRONG });
    assert_eq!(public.post("/api/auth/login", &wrong).await.status, 401);
    for body in [
        json!({ "email": EMAIL, "password": 7 }),
        json!({ "email": WORDS }),
        json!([EMAIL]),
    ] {
        assert_eq!(public.post("/api/auth/login", &body).await.status, 400);
    }
    let key = json!({ "name": NAME, "scopes": ["tickets", "customers"] });
    let key = admin.post("/api/v1/admin/api-keys", &key).await.expect(201);
    let key = text_of(&key, "/data/key");
    let server = public.with_token(&key);
    let minted = json!({ "externalId": "zyxomma-x", "name": NAME, "email": format!("x-{EMAIL}"), "phone": PHONE });
    let minted = server.post("/api/auth/customer-token", &minted).await.expect(200);
    secrets.add(text_of(&minted, "/token"));
    secrets.add(key);
    let canned = json!({ "shortcut": "quibblefish", "title": WORDS, "content": WORDS });
    admin.post("/api/v1/admin/canned-responses", &canned).await.expect(201);
    admin.post("/api/v1/admin/canned-responses", &canned).await.expect(409);
    let article = json!({ "title": WORDS, "content": WORDS, "isPublished": true });
    admin
        .post("/api/v1/admin/chat/knowledge-base", &article)
        .await
        .expect(201);
    public.get("/api/v1/chat/knowledge-base?q=mumpsimus").await.expect(200);
    for path in [
        "/api/tickets/search/mumpsimus",
        "/api/v1/admin/chat?q=quibblefish",
        "/api/customers?q=zyxomma",
    ] {
        admin.get(path).await.expect(200);
    }
}

async fn as_visitor(world: &World, admin: &Api, secrets: &mut Secrets) {
    let public = world.public();
    let hello = json!({ "message": WORDS, "visitorName": NAME, "visitorEmail": EMAIL, "visitorPhone": PHONE });
    let keyed = public.with_header("Idempotency-Key", "a-key-with-mumpsimus-in-it");
    let chat = Chat::open_with(&keyed, &hello).await;
    secrets.add(chat.session.clone());
    let mut live = Events::open(&public, &format!("/api/v1/chat/events?sessionId={}", chat.session)).await;
    live.next_named("connected").await;
    let upload = form(&[("sessionId", &chat.session)], "mumpsimus.pdf", &pdf(40));
    let upload = got(sending(&public, "/api/v1/chat/upload", upload)).await;
    let url = text_of(&upload.json(), "/data/url");
    secrets.add(url.split("token=").nth(1).unwrap_or(&url).to_owned());
    fetch(&url).await;
    let said = json!({ "sessionId": chat.session, "message": WORDS, "fileUrl": url, "messageType": "FILE" });
    public.post("/api/v1/chat", &said).await.expect(200);
    let wrong = form(&[("sessionId", &chat.session)], "mumpsimus.html", WORDS.as_bytes());
    assert_eq!(got(sending(&public, "/api/v1/chat/upload", wrong)).await.status, 415);
    chat.agent_says(admin, WORDS).await;
    chat.agent_notes(admin, WORDS).await;
    let transcript = json!({ "sessionId": chat.session, "email": EMAIL });
    public.post("/api/v1/chat/transcript", &transcript).await.expect(200);
    chat.agent_sets(admin, &json!({ "status": "RESOLVED", "tags": ["quibblefish"] }))
        .await;
    let rating = json!({ "sessionId": chat.session, "rating": 5, "comment": WORDS });
    public.post("/api/v1/chat/rate", &rating).await.expect(200);
    public.post("/api/v1/chat/rate", &rating).await.expect(409);
    let number = json!({ "contactNumber": PHONE, "employeeId": "zyxomma" });
    public.post("/api/chat/callback-request", &number).await.expect(200);
    for body in [
        json!({ "contactNumber": WORDS }),
        json!({ "contactNumber": EMAIL, "employeeId": 7 }),
    ] {
        public.post("/api/chat/callback-request", &body).await.expect(400);
    }
    public
        .post("/api/v1/chat", &json!({ "message": [WORDS], "visitorEmail": WORDS }))
        .await
        .expect(400);
}

async fn as_chatbot(world: &World, admin: &Api, secrets: &mut Secrets) {
    let asked = json!({ "session_id": "zyxomma-session", "initial_message": WORDS, "user_name": NAME,
        "user_email": EMAIL, "history": [{ "role": "user", "content": WORDS }] });
    let request = Request::open_with(&world.public(), &asked).await;
    secrets.add(request.token.clone());
    let url = world.socket_url(&format!("/human-support/ws/{}?token={}", request.id, request.token));
    let mut socket = Socket::open(&url).await;
    socket.next_typed("connected").await;
    socket
        .send(&json!({ "type": "message", "message": WORDS, "client_message_id": "mumpsimus" }))
        .await;
    socket.next_typed("ack").await;
    socket.send(&json!({ "type": "snollygoster", "message": EMAIL })).await;
    socket.next_typed("error").await;
    let said = json!({ "message": WORDS });
    admin.post(&request.path("/messages"), &said).await.expect(201);
    request
        .user
        .post(&request.path("/messages"), &json!({ "message": 7, "x": WORDS }))
        .await
        .expect(400);
}

async fn as_customer(world: &World, admin: &Api, secrets: &mut Secrets) {
    let ada = json!({ "name": NAME, "email": EMAIL, "phone": PHONE, "externalId": "zyxomma-1", "password": PASSWORD });
    let id = id_of(&admin.post("/api/customers", &ada).await.expect(201), "/id");
    admin.post("/api/customers", &ada).await.expect(409);
    let public = world.public();
    let token = public.token(EMAIL, PASSWORD).await;
    secrets.add(token.clone());
    let ada = public.with_token(&token);
    let me = "/api/customers/me";
    let stream = text_of(
        &ada.post(&format!("{me}/events/token"), &json!({})).await.expect(200),
        "/token",
    );
    let mut live = Events::open(&public, &format!("{me}/events?token={stream}")).await;
    live.next_named("connected").await;
    secrets.add(stream);
    let ticket = json!({ "title": WORDS, "description": format!("{WORDS}, {NAME}") });
    let ticket = ada.post(&format!("{me}/tickets"), &ticket).await.expect(201);
    let number = text_of(&ticket, "/ticketId");
    ada.post(&format!("{me}/tickets/{number}/messages"), &json!({ "body": WORDS }))
        .await
        .expect(201);
    ada.post(
        &format!("{me}/tickets/{number}/messages"),
        &json!({ "body": "", "x": EMAIL }),
    )
    .await
    .expect(400);
    ada.post(&format!("{me}/calls"), &json!({ "note": WORDS }))
        .await
        .expect(201);
    ada.patch(me, &json!({ "name": NAME, "phone": PHONE, "email": WORDS }))
        .await
        .expect(400);
    ada.get(&format!("{me}/export")).await.expect(200);
    let call = format!("/api/tickets/{}", text_of(&ticket, "/id"));
    let reply = json!({ "content": WORDS, "sender": "agent" });
    admin.post(&format!("{call}/messages"), &reply).await.expect(201);
    admin
        .post(&format!("{call}/escalate"), &json!({ "reason": WORDS }))
        .await
        .expect(200);
    public
        .post("/api/auth/password/forgot", &json!({ "email": EMAIL }))
        .await
        .expect(200);
    let reset = json!({ "token": "snollygoster", "password": PASSWORD });
    public.post("/api/auth/password/reset", &reset).await.expect(400);
    let change = json!({ "currentPassword": WRONG, "newPassword": PASSWORD });
    ada.post("/api/auth/password", &change).await;
    assert_eq!(admin.delete(&format!("/api/customers/{id}")).await.status, 204);
}

/// Calls that lead nowhere.
async fn as_stranger(world: &World) {
    let public = world.public();
    public.get("/mumpsimus/snollygoster?email=zyxomma").await;
    public
        .with_token("snollygoster.mumpsimus.zyxomma")
        .get("/api/auth/me")
        .await
        .expect(401);
    public.get("/api/v1/chat?sessionId=mumpsimus").await.expect(404);
    public.get("/api/files/mumpsimus?token=snollygoster").await;
    public
        .with_header("X-Tenant", "quibblefish")
        .get("/api/v1/chat/departments")
        .await;
    public
        .with_header("X-Widget-Domain", "quibblefish.example")
        .get("/api/v1/chat/departments")
        .await;
    public
        .with_header("Origin", "https://quibblefish.example")
        .get("/api/v1/chat/departments")
        .await;
    let garbage = public
        .request(Method::POST, "/api/v1/chat")
        .header("content-type", "application/json");
    garbage.body(format!("{{\"message\":\"{WORDS}")).send().await.unwrap();
    let hook = public.request(Method::POST, "/webhooks/messenger").body(WORDS);
    hook.send().await.unwrap();
    let sockets = [
        "/human-support/ws/mumpsimus?token=snollygoster",
        "/socket.io/?EIO=4&transport=websocket&token=mumpsimus",
    ];
    for path in sockets {
        drop(Socket::try_open(&world.socket_url(path), None).await);
    }
}
