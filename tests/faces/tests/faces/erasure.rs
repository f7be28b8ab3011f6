//! Erasing people: nothing of them is left in the database, nor among the files.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use support_faces::{Chat, Kind, World, form, got, id_of, on_both_stores, pdf, refused, sending, text_of};
use support_testkit::{Api, eventually};

use crate::portal::{agent_says, opened, path};

on_both_stores!(
    nothing_of_an_erased_customer_is_left,
    nothing_of_an_erased_visitor_is_left,
    admins_alone_erase_and_their_own_alone,
    old_conversations_are_erased_when_a_tenant_settled_so,
);

const SOON: Duration = Duration::from_secs(60);
const PASSWORD: &str = "a long enough password";
/// What leaves the server is kept for a while: nobody is there to take it.
const SETTINGS: [(&str, &str); 4] = [
    ("SMTP_SERVER", "127.0.0.1"),
    ("SMTP_PORT", "9"),
    ("FROM_EMAIL", "desk@example.com"),
    ("WEBHOOK_ALLOWED_CIDRS", "127.0.0.0/8"),
];
/// Who they are and what they say, in no other words.
const NAME: &str = "Zyxomma Quibblefish";
const EMAIL: &str = "zyxomma@quibblefish.example";
const PHONE: &str = "+49 30 98765431";
const WORDS: &str = "mumpsimus snollygoster";
/// What must not be found of them, however it is written.
const TRACES: [&str; 6] = [
    "zyxomma",
    "quibblefish",
    "98765431",
    "9876 5431",
    "mumpsimus",
    "snollygoster",
];

fn traces(world: &World) -> Vec<&'static str> {
    let kept = world.everything_kept().to_lowercase();
    TRACES.into_iter().filter(|trace| kept.contains(trace)).collect()
}

fn file_with_words() -> Vec<u8> {
    let mut file = pdf(60);
    file.extend_from_slice(WORDS.as_bytes());
    file
}

/// Everything that can be kept of a customer. Answers their id, their client and a ticket's id.
async fn customer_with_a_past(world: &World, admin: &Api, agent: &Api) -> (String, Api, String) {
    let hook = json!({ "url": "http://127.0.0.1:9/hook" });
    admin.post("/api/v1/admin/webhooks", &hook).await.expect(201);
    let ada = json!({ "name": NAME, "email": EMAIL, "phone": PHONE, "externalId": "zyxomma-1", "password": PASSWORD });
    let id = id_of(&admin.post("/api/customers", &ada).await.expect(201), "/id");
    let public = world.public();
    let number = json!({ "contactNumber": PHONE, "employeeId": "zyxomma-7" });
    public.post("/api/chat/callback-request", &number).await.expect(200);
    public
        .post("/api/auth/password/forgot", &json!({ "email": EMAIL }))
        .await
        .expect(200);
    let ada = public.login(EMAIL, PASSWORD).await;
    let keyed = ada.with_header("Idempotency-Key", "a-key-of-twenty-two-characters");
    let ticket = opened(&keyed, &format!("About {WORDS}")).await;
    opened(&ada, &format!("Once more {WORDS}")).await;
    let upload = got(sending(
        &ada,
        "/api/customers/me/attachments",
        form(&[], "mumpsimus.pdf", &file_with_words()),
    ));
    assert_eq!(upload.await.status, 201);
    let said = json!({ "body": format!("I am {NAME}: {WORDS}"), "clientMessageId": "zyxomma-m" });
    ada.post(&path(&ticket, "/messages"), &said).await.expect(201);
    let call = json!({ "ticketId": ticket["id"], "note": format!("Ask for {NAME}") });
    ada.post("/api/customers/me/calls", &call).await.expect(201);
    agent_says(agent, &ticket, &format!("Dear {NAME}, {WORDS}"), "text").await;
    agent_says(agent, &ticket, &format!("{NAME} again"), "note").await;
    let call = format!("/api/tickets/{}", text_of(&ticket, "/id"));
    let sent = got(sending(
        agent,
        &format!("{call}/attachments"),
        form(&[], "mumpsimus.pdf", &file_with_words()),
    ))
    .await;
    assert_eq!(sent.status, 201);
    let file = text_of(&sent.json(), "/data/id");
    let said = json!({ "content": "See here", "sender": "agent", "attachmentIds": [file] });
    agent.post(&format!("{call}/messages"), &said).await.expect(201);
    agent
        .patch(&format!("{call}/tags"), &json!({ "add": ["quibblefish"] }))
        .await
        .expect(200);
    let reason = json!({ "reason": format!("{NAME} is angry") });
    agent.post(&format!("{call}/escalate"), &reason).await.expect(200);
    agent
        .post(&format!("{call}/transcript"), &json!({ "email": EMAIL }))
        .await
        .expect(200);
    let resolved = json!({ "status": "resolved", "notes": format!("Told {NAME}") });
    agent.patch(&format!("{call}/status"), &resolved).await.expect(200);
    let rating = json!({ "ticketId": ticket["id"], "rating": 4, "comment": WORDS });
    ada.post("/api/customers/me/feedback", &rating).await.expect(201);
    agent
        .patch(&format!("{call}/status"), &json!({ "status": "closed" }))
        .await
        .expect(200);
    (id, ada, text_of(&ticket, "/id"))
}

async fn nothing_of_an_erased_customer_is_left(kind: Kind) {
    let mut world = World::with(kind, &SETTINGS).await;
    let admin = world.admin().await;
    let mara = world.agent_with(&admin, "mara", &json!({ "role": "supervisor" })).await;
    let (id, ada, ticket) = customer_with_a_past(&world, &admin, &mara.api).await;
    assert!(traces(&world).len() >= 5, "{:?}", traces(&world));
    let figures = "/api/v1/admin/chat/analytics?days=7";
    let before = admin.get(figures).await.expect(200)["data"]["ratingDistribution"].clone();
    let journal = events(&admin).await;

    let answer = admin.delete(&format!("/api/customers/{id}")).await;
    assert_eq!(answer.status, 204, "{}", answer.text);
    assert_eq!(ada.get("/api/customers/me").await.status, 401);
    refused(&admin.get(&format!("/api/customers/{id}")).await, 404, "NOT_FOUND");
    refused(&admin.delete(&format!("/api/customers/{id}")).await, 404, "NOT_FOUND");
    let erased = admin.get(&format!("/api/tickets/{ticket}")).await.expect(200)["data"]["ticket"].clone();
    assert_eq!(
        (&erased["subject"], &erased["status"]),
        (&json!("Erased"), &json!("closed"))
    );
    assert_eq!((&erased["messages"], &erased["tags"]), (&json!([]), &json!([])));
    assert_eq!(
        admin.get(figures).await.expect(200)["data"]["ratingDistribution"],
        before
    );
    let after = events(&admin).await;
    for (place, (event, former)) in after.iter().zip(&journal).enumerate() {
        assert_eq!(event["seq"], json!(place + 1), "without a gap");
        assert_eq!((&event["kind"], &event["at"]), (&former["kind"], &former["at"]));
    }
    assert!(
        after
            .iter()
            .any(|event| event["kind"] == "erasure_asked" && event["actor"]["kind"] == "agent")
    );
    let found = admin.get("/api/tickets/search/snollygoster").await.expect(200);
    assert_eq!(found["data"]["pagination"]["totalItems"], 0);

    world.server_mut().stop().await;
    assert_eq!(traces(&world), Vec::<&str>::new());
}

async fn events(admin: &Api) -> Vec<Value> {
    let mut all = Vec::new();
    loop {
        let path = format!("/api/v1/admin/events?limit=100&after={}", all.len());
        let part = admin.get(&path).await.expect(200)["data"]["events"]
            .as_array()
            .unwrap()
            .clone();
        if part.is_empty() {
            return all;
        }
        all.extend(part);
    }
}

async fn visitor_with_a_past(world: &World, admin: &Api) -> (Chat, String) {
    let public = world.public();
    let hello = json!({ "message": WORDS, "visitorName": NAME, "visitorEmail": EMAIL, "visitorPhone": PHONE });
    let chat = Chat::open_with(&public, &hello).await;
    let texts = [("sessionId", chat.session.as_str())];
    let upload = form(&texts, "mumpsimus.pdf", &file_with_words());
    let upload = got(sending(&public, "/api/v1/chat/upload", upload)).await;
    assert_eq!(upload.status, 200, "{}", upload.json());
    let url = text_of(&upload.json(), "/data/url");
    let said = json!({ "sessionId": chat.session, "message": WORDS, "fileUrl": url, "messageType": "FILE" });
    public.post("/api/v1/chat", &said).await.expect(200);
    chat.agent_says(admin, &format!("Dear {NAME}")).await;
    let ticket = admin.get(&format!("/api/tickets/{}", chat.id)).await.expect(200);
    let visitor = text_of(&ticket, "/data/ticket/customerId");
    (chat, visitor)
}

async fn nothing_of_an_erased_visitor_is_left(kind: Kind) {
    let mut world = World::with(kind, &SETTINGS).await;
    let admin = world.admin().await;
    let (chat, visitor) = visitor_with_a_past(&world, &admin).await;
    assert!(traces(&world).len() >= 4, "{:?}", traces(&world));
    let answer = admin.delete(&format!("/api/customers/{visitor}")).await;
    assert_eq!(answer.status, 204, "{}", answer.text);
    let session = format!("/api/v1/chat?sessionId={}", chat.session);
    refused(&world.public().get(&session).await, 404, "NOT_FOUND");
    let read = chat.read_as_agent(&admin).await;
    assert_eq!(
        (&read["messages"], &read["chat"]["status"]),
        (&json!([]), &json!("CLOSED"))
    );
    world.server_mut().stop().await;
    assert_eq!(traces(&world), Vec::<&str>::new());
}

async fn admins_alone_erase_and_their_own_alone(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let sue = world.agent_with(&admin, "sue", &json!({ "role": "supervisor" })).await;
    let (_, visitor) = visitor_with_a_past(&world, &admin).await;
    let call = format!("/api/customers/{visitor}");
    refused(&sue.api.delete(&call).await, 403, "FORBIDDEN");
    refused(&world.public().delete(&call).await, 401, "UNAUTHENTICATED");
    let other = world.tenant("other").await;
    refused(&other.admin.api.delete(&call).await, 404, "NOT_FOUND");
    let odd = admin.request(Method::DELETE, "/api/customers/x").send().await.unwrap();
    assert_eq!(odd.status().as_u16(), 404);
    assert!(traces(&world).len() >= 4);
    assert_eq!(admin.delete(&call).await.status, 204);
}

async fn old_conversations_are_erased_when_a_tenant_settled_so(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let settings = "/api/v1/admin/settings";
    assert_eq!(
        admin.get(settings).await.expect(200)["data"]["retentionDays"],
        Value::Null
    );
    for wrong in [json!(0), json!(36_501), json!("x"), json!(1.5), json!(-1)] {
        let answer = admin.put(settings, &json!({ "retentionDays": wrong })).await;
        assert_eq!(answer.status, 400, "{wrong}: {}", answer.text);
        assert!(answer.text.contains("retentionDays"), "{}", answer.text);
    }
    let settled = admin.put(settings, &json!({ "retentionDays": 30 })).await.expect(200);
    assert_eq!(settled["data"]["retentionDays"], 30);
    let untouched = admin.put(settings, &json!({ "name": "Other" })).await.expect(200);
    assert_eq!(untouched["data"]["retentionDays"], 30);
    // What is closed just now is kept.
    let (chat, _) = visitor_with_a_past(&world, &admin).await;
    chat.agent_sets(&admin, &json!({ "status": "CLOSED" })).await;
    let kept = eventually(SOON, async || {
        let read = chat.read_as_agent(&admin).await;
        (read["chat"]["status"] == "CLOSED").then_some(read)
    });
    assert!(kept.await["messages"].to_string().contains(WORDS));
    let forever = admin.put(settings, &json!({ "retentionDays": null })).await.expect(200);
    assert_eq!(forever["data"]["retentionDays"], Value::Null);
}
