//! Messenger: what people write to a page, and what comes back to them.

use std::time::Duration;

use serde_json::{Value, json};
use support_faces::{Kind, World, on_both_stores};
use support_peers::messenger::{Event, MessengerApi, Signed, shuffle};
use support_testkit::{Api, Postgres, Server, Store, eventually};

on_both_stores!(
    a_page_is_set_up_by_whoever_knows_the_verify_token,
    a_person_and_an_agent_talk,
    batches_come_repeated_and_in_any_order_and_are_one_thread,
    two_first_messages_at_once_are_one_conversation,
    a_tenant_can_not_speak_about_anothers_page,
    names_that_no_store_can_hold_are_nobodys,
    whoever_writes_after_the_end_begins_anew,
);

const SOON: Duration = Duration::from_secs(20);
const PAGE: &str = "1001";
const SECRET: &str = "the secret of the installation's app";

async fn meta() -> MessengerApi {
    let api = MessengerApi::builder(SECRET).page(PAGE, "token of the page");
    api.page("2002", "token of another").start().await
}

fn settings(meta: &MessengerApi) -> Vec<(&'static str, String)> {
    vec![
        ("MESSENGER_VERIFY_TOKEN", "known to Meta".to_owned()),
        ("MESSENGER_APP_SECRET", SECRET.to_owned()),
        ("MESSENGER_PAGE_ID", PAGE.to_owned()),
        ("MESSENGER_PAGE_TOKEN", "token of the page".to_owned()),
        ("MESSENGER_API_URL", meta.base()),
    ]
}

async fn world(kind: Kind, meta: &MessengerApi) -> World {
    let settings = settings(meta);
    let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let world = World::with(kind, &settings).await;
    meta.webhook(&world.server().url("/webhooks/messenger"));
    world
}

async fn chats(admin: &Api) -> Vec<Value> {
    let listed = admin.get("/api/v1/admin/chat?limit=100").await.expect(200);
    listed["data"]["chats"].as_array().unwrap().clone()
}

async fn names_that_no_store_can_hold_are_nobodys(kind: Kind) {
    let meta = meta().await;
    let world = world(kind, &meta).await;
    let post = async |entries: Value| {
        let body = json!({ "object": "page", "entry": entries }).to_string();
        let signed = Signed::by(SECRET, body.into_bytes());
        meta.post(&signed).await.unwrap()
    };
    for page in ["10\u{0}01", ""] {
        assert_eq!(post(json!([{ "id": page, "messaging": [] }])).await, 401, "{page:?}");
    }
    let message = json!({ "sender": { "id": "1\u{0}2" }, "recipient": { "id": PAGE }, "timestamp": 1,
        "message": { "mid": "m1", "text": "Hello" } });
    assert_eq!(
        post(json!([{ "id": PAGE, "time": 1, "messaging": [message] }])).await,
        200
    );
    assert_eq!(chats(&world.admin().await).await, Vec::<Value>::new());
}

async fn only(admin: &Api) -> Value {
    let mut chats = chats(admin).await;
    assert_eq!(chats.len(), 1);
    chats.remove(0)
}

/// The one chat beside another.
async fn other_than(admin: &Api, chat: &Value) -> Value {
    let chats = chats(admin).await;
    assert_eq!(chats.len(), 2);
    chats
        .into_iter()
        .find(|other| other["chatId"] != chat["chatId"])
        .unwrap()
}

/// What people said in a chat, without what the software tells.
async fn said(admin: &Api, chat: &Value) -> Vec<(String, String)> {
    let id = chat["chatId"].as_str().unwrap();
    let read = admin.get(&format!("/api/v1/admin/chat/{id}")).await.expect(200);
    let messages = read["data"]["messages"].as_array().unwrap().clone();
    let text = |message: &Value, name: &str| message[name].as_str().unwrap_or_default().to_owned();
    let said = messages.iter().filter(|message| message["sender"] != "SYSTEM");
    said.map(|message| (text(message, "sender"), text(message, "message")))
        .collect()
}

async fn words(admin: &Api, chat: &Value) -> Vec<String> {
    said(admin, chat).await.into_iter().map(|(_, words)| words).collect()
}

async fn a_page_is_set_up_by_whoever_knows_the_verify_token(kind: Kind) {
    let meta = meta().await;
    let world = world(kind, &meta).await;
    let url = world.server().url("/webhooks/messenger");
    assert!(meta.subscribe(&url, "known to Meta").await);
    assert!(!meta.subscribe(&url, "guessed").await);
    assert!(!meta.subscribe(&url, "").await);
}

async fn a_person_and_an_agent_talk(kind: Kind) {
    let meta = meta().await;
    let world = world(kind, &meta).await;
    let admin = world.admin().await;
    let now = meta.now_ms();
    let hello = meta.message(PAGE, "ann", "Grüße aus 東京 😀");
    assert_eq!(meta.post(&meta.sign(&[hello])).await, Some(200));
    let sticker = meta.sticker(PAGE, "ann", 369_239_263_222_822).at(now + 1);
    let pressed = meta.postback(PAGE, "ann", "Talk to a human", "HUMAN").at(now + 2);
    assert_eq!(meta.post(&meta.sign(&[pressed, sticker])).await, Some(200));
    let chat = only(&admin).await;
    let sticker = "[sticker] https://scontent.xx.fbcdn.net/sticker.png";
    let mut expected = vec!["Grüße aus 東京 😀", sticker, "Talk to a human"];
    assert_eq!(words(&admin, &chat).await, expected);

    let body = json!({ "chatId": chat["chatId"], "message": "Hello Ann" });
    admin.post("/api/v1/admin/chat", &body).await.expect(201);
    let sent = meta.wait_for_sent(|sent| sent.psid == "ann", SOON).await;
    assert_eq!((sent.page.as_str(), sent.text.as_deref()), (PAGE, Some("Hello Ann")));
    // Meta tells of what was sent, which is no second answer; what was typed elsewhere is.
    let is_echo = |body: &[u8]| String::from_utf8_lossy(body).contains("is_echo");
    meta.wait_for_delivery(|told| is_echo(&told.signed.body) && told.status == Some(200), SOON)
        .await;
    assert_eq!(meta.post(&meta.sign(&[meta.echo(&sent)])).await, Some(200));
    let elsewhere = meta.inbox_echo(PAGE, "ann", "And from Meta's own inbox");
    assert_eq!(meta.post(&meta.sign(&[elsewhere])).await, Some(200));
    expected.extend(["Hello Ann", "And from Meta's own inbox"]);
    assert_eq!(words(&admin, &chat).await, expected);
    let senders: Vec<String> = said(&admin, &chat)
        .await
        .into_iter()
        .map(|(sender, _)| sender)
        .collect();
    assert_eq!(senders, ["VISITOR", "VISITOR", "VISITOR", "ADMIN", "ADMIN"]);
    assert_eq!(meta.sent().len(), 1, "what came from Messenger does not go there again");
}

async fn batches_come_repeated_and_in_any_order_and_are_one_thread(kind: Kind) {
    let meta = meta().await;
    let world = world(kind, &meta).await;
    let admin = world.admin().await;
    let start = meta.now_ms();
    let mut events: Vec<Event> = (0..12)
        .map(|number| {
            let at = start + number;
            meta.message(PAGE, "ann", &format!("number {number}")).at(at)
        })
        .collect();
    shuffle(&mut events, 7);
    let batch = meta.sign(&events);
    let statuses = futures::future::join_all((0..3).map(|_| meta.post(&batch))).await;
    assert!(statuses.iter().all(|status| *status == Some(200)), "{statuses:?}");
    assert_eq!(meta.post(&batch).await, Some(200));
    let chat = only(&admin).await;
    let mut heard = words(&admin, &chat).await;
    heard.sort();
    let mut expected: Vec<String> = (0..12).map(|number| format!("number {number}")).collect();
    expected.sort();
    assert_eq!(heard, expected);

    // One call by itself keeps the order.
    let mut later: Vec<Event> = (0..5)
        .map(|number| meta.message(PAGE, "bob", &format!("{number}")).at(start + 100 + number))
        .collect();
    shuffle(&mut later, 3);
    assert_eq!(meta.post(&meta.sign(&later)).await, Some(200));
    let bobs = other_than(&admin, &chat).await;
    assert_eq!(words(&admin, &bobs).await, ["0", "1", "2", "3", "4"]);
}

async fn two_first_messages_at_once_are_one_conversation(kind: Kind) {
    let meta = meta().await;
    let world = world(kind, &meta).await;
    let admin = world.admin().await;
    for person in ["ann", "bob", "cai"] {
        let bodies = ["a", "b"].map(|text| meta.sign(&[meta.message(PAGE, person, text)]));
        let statuses = futures::future::join_all(bodies.iter().map(|body| meta.post(body))).await;
        assert!(statuses.iter().all(|status| *status == Some(200)), "{statuses:?}");
    }
    let chats = chats(&admin).await;
    assert_eq!(chats.len(), 3);
    for chat in &chats {
        let mut heard = words(&admin, chat).await;
        heard.sort();
        assert_eq!(heard, ["a", "b"]);
    }
}

async fn a_tenant_can_not_speak_about_anothers_page(kind: Kind) {
    let meta = meta().await;
    let world = world(kind, &meta).await;
    let (admin, one) = (world.admin().await, world.tenant("one").await);
    let theirs = "the secret of their own app";
    let messenger = json!({ "messenger": { "pageId": "2002", "appSecret": theirs } });
    one.admin
        .api
        .put("/api/v1/admin/settings", &messenger)
        .await
        .expect(200);
    let both = [
        meta.message(PAGE, "ann", "to the first"),
        meta.message("2002", "bob", "to the second"),
    ];
    let honest = meta.sign(&both[1..]);
    let forged = [
        meta.sign(&both),
        Signed::by(theirs, meta.sign(&both).body),
        Signed::by(theirs, meta.sign(&both[..1]).body),
        honest.clone(),
        Signed::by("nobody's", meta.sign(&both[..1]).body),
        meta.sign(&[meta.message("3003", "ann", "to nobody's page")]),
    ];
    for signed in &forged {
        assert_eq!(meta.post(signed).await, Some(401));
    }
    assert!(chats(&admin).await.is_empty() && chats(&one.admin.api).await.is_empty());
    assert_eq!(meta.post(&Signed::by(theirs, honest.body)).await, Some(200));
    assert!(chats(&admin).await.is_empty());
    let chat = only(&one.admin.api).await;
    assert_eq!(words(&one.admin.api, &chat).await, ["to the second"]);
}

async fn whoever_writes_after_the_end_begins_anew(kind: Kind) {
    let meta = meta().await;
    let world = world(kind, &meta).await;
    let admin = world.admin().await;
    let first = meta.sign(&[meta.message(PAGE, "ann", "Hello")]);
    assert_eq!(meta.post(&first).await, Some(200));
    let chat = only(&admin).await;
    let closed = json!({ "chatId": chat["chatId"], "status": "CLOSED" });
    admin.patch("/api/v1/admin/chat", &closed).await.expect(200);
    assert_eq!(meta.post(&first).await, Some(200), "what is known is not said again");
    only(&admin).await;
    assert_eq!(
        meta.post(&meta.sign(&[meta.message(PAGE, "ann", "Me again")])).await,
        Some(200)
    );
    let new = other_than(&admin, &chat).await;
    assert_eq!(words(&admin, &new).await, ["Me again"]);
}

#[tokio::test]
async fn what_can_not_be_stored_is_asked_for_again_and_not_lost() {
    let meta = meta().await;
    let mut postgres = Postgres::start_own().await;
    let mut builder = Server::builder().store(Store::Postgres(postgres.database()));
    for (name, value) in settings(&meta) {
        builder = builder.setting(name, &value);
    }
    let server = builder.start().await;
    let admin = server.admin_api().await;
    meta.webhook(&server.url("/webhooks/messenger"));
    let hello = meta.sign(&[meta.message(PAGE, "ann", "Is anybody there?")]);
    postgres.down().await;
    assert_eq!(meta.post(&hello).await, Some(503));
    postgres.up().await;
    eventually(SOON, || async { (meta.post(&hello).await == Some(200)).then_some(()) }).await;
    let chat = only(&admin).await;
    assert_eq!(words(&admin, &chat).await, ["Is anybody there?"]);
}
