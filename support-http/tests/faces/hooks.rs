//! What Messenger and Telegram call.

use aws_lc_rs::hmac;
use serde_json::{Value, json};
use support_core::{
    desk::{ChannelChanges, MessengerChanges, Scope, TelegramChanges, TenantChanges, TicketChanges},
    model::{InboxKind, Message, SenderKind, Status, Tenant, TenantId, Ticket},
    ports::{TicketFilter, TicketPosition},
};

use crate::world::{Answer, Call, World};

const ACME_SECRET: &str = "the secret of acme's app";
const OTHER_SECRET: &str = "the secret of the other's app";

async fn with_pages() -> World {
    let world = World::new().await;
    for (tenant, page, secret, token) in [
        (&world.acme, "111", ACME_SECRET, "acme's verify token"),
        (&world.other, "222", OTHER_SECRET, "the other's verify token"),
    ] {
        let messenger = MessengerChanges {
            page_id: Some(Some(page.to_owned())),
            app_secret: Some(Some(support_core::model::Secret::presented(secret))),
            verify_token: Some(Some(support_core::model::Secret::presented(token))),
            ..MessengerChanges::default()
        };
        let channels = ChannelChanges {
            messenger: Some(messenger),
            ..ChannelChanges::default()
        };
        set(&world, tenant.id, channels).await;
    }
    world
}

async fn set(world: &World, tenant: TenantId, channels: ChannelChanges) -> Tenant {
    let changes = TenantChanges {
        channels,
        ..TenantChanges::default()
    };
    let scope = Scope::system(tenant);
    world.desk.update_tenant(&scope, tenant, changes).await.unwrap()
}

fn signed(secret: &str, body: &str) -> Call {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let signature = hex::encode(hmac::sign(&key, body.as_bytes()));
    Call::new("POST", "/webhooks/messenger")
        .header("x-hub-signature-256", &format!("sha256={signature}"))
        .raw("application/json", body)
}

async fn tell(world: &World, secret: &str, body: &Value) -> Answer {
    world.call(signed(secret, &body.to_string())).await
}

fn body(entries: &[Value]) -> Value {
    json!({ "object": "page", "entry": entries })
}

fn entry(page: &str, messaging: &[Value]) -> Value {
    json!({ "id": page, "time": 1, "messaging": messaging })
}

fn message(page: &str, person: &str, mid: &str, text: &str, at: u64) -> Value {
    json!({ "sender": { "id": person }, "recipient": { "id": page }, "timestamp": at,
        "message": { "mid": mid, "text": text } })
}

async fn tickets(world: &World, tenant: TenantId) -> Vec<Ticket> {
    let (scope, filter) = (Scope::system(tenant), TicketFilter::default());
    let found = world.desk.tickets(&scope, filter, TicketPosition::Page(1), 50);
    found.await.unwrap().items
}

async fn thread(world: &World, tenant: TenantId, ticket: &Ticket) -> Vec<Message> {
    world
        .desk
        .messages(&Scope::system(tenant), ticket, 0, 100)
        .await
        .unwrap()
}

async fn said(world: &World, tenant: TenantId, ticket: &Ticket) -> Vec<String> {
    let thread = thread(world, tenant, ticket).await;
    let people = thread
        .into_iter()
        .filter(|message| message.sender.kind() != SenderKind::System);
    people.map(|message| message.content).collect()
}

async fn only_ticket(world: &World, tenant: TenantId) -> Ticket {
    let mut tickets = tickets(world, tenant).await;
    assert_eq!(tickets.len(), 1);
    tickets.remove(0)
}

#[tokio::test]
async fn meta_is_told_its_challenge_by_whoever_knows_the_verify_token() {
    let world = with_pages().await;
    let ask = |query: &str| world.call(Call::new("GET", &format!("/webhooks/messenger?{query}")));
    let answer =
        ask("hub.mode=subscribe&hub.verify_token=the%20other%27s%20verify%20token&hub.challenge=1158201444").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.text, "1158201444");
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
    for query in [
        "hub.mode=subscribe&hub.verify_token=wrong&hub.challenge=1",
        "hub.mode=unsubscribe&hub.verify_token=acme%27s%20verify%20token&hub.challenge=1",
        "hub.mode=subscribe&hub.verify_token=&hub.challenge=1",
        "hub.mode=subscribe&hub.challenge=1",
        "",
    ] {
        ask(query).await.refused(403, "FORBIDDEN");
    }
}

#[tokio::test]
async fn a_body_of_two_tenants_pages_needs_one_secret_that_is_both_theirs() {
    let world = with_pages().await;
    let both = body(&[
        entry("111", &[message("111", "ann", "m1", "to acme", 1)]),
        entry("222", &[message("222", "bob", "m2", "to the other", 2)]),
    ]);
    let foreign = body(&[entry("222", &[message("222", "bob", "m3", "forged", 1)])]);
    for (secret, told) in [(ACME_SECRET, &both), (OTHER_SECRET, &both), (ACME_SECRET, &foreign)] {
        tell(&world, secret, told).await.refused(401, "UNAUTHENTICATED");
    }
    assert!(tickets(&world, world.acme.id).await.is_empty());
    assert!(tickets(&world, world.other.id).await.is_empty());

    let shared = MessengerChanges {
        app_secret: Some(Some(support_core::model::Secret::presented(ACME_SECRET))),
        ..MessengerChanges::default()
    };
    let channels = ChannelChanges {
        messenger: Some(shared),
        ..ChannelChanges::default()
    };
    set(&world, world.other.id, channels).await;
    assert_eq!(tell(&world, ACME_SECRET, &both).await.status, 200);
    let acmes = only_ticket(&world, world.acme.id).await;
    assert_eq!(said(&world, world.acme.id, &acmes).await, ["to acme"]);
    let others = only_ticket(&world, world.other.id).await;
    assert_eq!(said(&world, world.other.id, &others).await, ["to the other"]);
}

#[tokio::test]
async fn what_is_not_signed_as_it_stands_is_refused_and_not_stored() {
    let world = with_pages().await;
    let good = body(&[entry("111", &[message("111", "ann", "m1", "Hi", 1)])]).to_string();
    let unsigned = Call::new("POST", "/webhooks/messenger").raw("application/json", good.clone());
    world.call(unsigned.clone()).await.refused(401, "UNAUTHENTICATED");
    for signature in ["", "sha256=", "sha256=00", "sha1=00", "sha256=zz"] {
        let call = unsigned.clone().header("x-hub-signature-256", signature);
        world.call(call).await.refused(401, "UNAUTHENTICATED");
    }
    let other = body(&[entry("333", &[message("333", "ann", "m1", "Hi", 1)])]);
    tell(&world, ACME_SECRET, &other).await.refused(401, "UNAUTHENTICATED");
    for empty in [body(&[]), json!({}), json!([])] {
        tell(&world, ACME_SECRET, &empty).await.refused(401, "UNAUTHENTICATED");
    }
    world
        .call(signed(ACME_SECRET, "{"))
        .await
        .refused(400, "MALFORMED_JSON");
    assert!(tickets(&world, world.acme.id).await.is_empty());
    // What was hashed are the bytes, however they say it.
    let escaped = good.replace("Hi", "Gr\\u00fc\\u00dfe");
    assert_eq!(world.call(signed(ACME_SECRET, &escaped)).await.status, 200);
    let ticket = only_ticket(&world, world.acme.id).await;
    assert_eq!(said(&world, world.acme.id, &ticket).await, ["Grüße"]);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let world = with_pages().await;
    let large = message("111", "ann", "m1", &"x".repeat(1024 * 1024), 1);
    let answer = tell(&world, ACME_SECRET, &body(&[entry("111", &[large])])).await;
    answer.refused(413, "PAYLOAD_TOO_LARGE");
}

#[tokio::test]
async fn messages_of_one_body_are_told_in_the_order_in_which_they_were_written() {
    let world = with_pages().await;
    let told = body(&[
        entry(
            "111",
            &[
                message("111", "ann", "m3", "three", 30),
                message("111", "ann", "m1", "one", 10),
            ],
        ),
        entry("111", &[message("111", "ann", "m2", "two", 20)]),
    ]);
    assert_eq!(tell(&world, ACME_SECRET, &told).await.status, 200);
    // Repeated as a whole, later.
    assert_eq!(tell(&world, ACME_SECRET, &told).await.status, 200);
    let ticket = only_ticket(&world, world.acme.id).await;
    assert_eq!(said(&world, world.acme.id, &ticket).await, ["one", "two", "three"]);
}

#[tokio::test]
async fn the_same_body_twice_at_once_is_one_message() {
    let world = with_pages().await;
    for round in 0..10 {
        let person = format!("person-{round}");
        let told = body(&[entry("111", &[message("111", &person, &format!("m-{round}"), "Hi", 1)])]);
        let calls = (0..4).map(|_| tell(&world, ACME_SECRET, &told));
        for answer in futures::future::join_all(calls).await {
            assert_eq!(answer.status, 200, "{}", answer.text);
        }
    }
    let tickets = tickets(&world, world.acme.id).await;
    assert_eq!(tickets.len(), 10);
    for ticket in &tickets {
        assert_eq!(said(&world, world.acme.id, ticket).await, ["Hi"]);
    }
}

#[tokio::test]
async fn two_first_messages_at_the_same_moment_open_one_ticket_with_both() {
    let world = with_pages().await;
    for round in 0..10 {
        let person = format!("person-{round}");
        let told = ["a", "b"].map(|text| {
            let mid = format!("m-{round}-{text}");
            body(&[entry("111", &[message("111", &person, &mid, text, 1)])])
        });
        let calls = told.iter().map(|told| tell(&world, ACME_SECRET, told));
        for answer in futures::future::join_all(calls).await {
            assert_eq!(answer.status, 200, "{}", answer.text);
        }
    }
    let tickets = tickets(&world, world.acme.id).await;
    assert_eq!(tickets.len(), 10);
    for ticket in &tickets {
        let mut said = said(&world, world.acme.id, ticket).await;
        said.sort();
        assert_eq!(said, ["a", "b"]);
    }
}

#[tokio::test]
async fn who_writes_to_a_closed_ticket_opens_another_that_names_it() {
    let world = with_pages().await;
    let first = body(&[entry("111", &[message("111", "ann", "m1", "Hi", 1)])]);
    tell(&world, ACME_SECRET, &first).await;
    let before = only_ticket(&world, world.acme.id).await;
    let closed = TicketChanges {
        status: Some(Status::Closed),
        ..TicketChanges::default()
    };
    let scope = Scope::system(world.acme.id);
    world.desk.update_ticket(&scope, before.id, closed).await.unwrap();
    let second = body(&[entry("111", &[message("111", "ann", "m2", "Me again", 2)])]);
    assert_eq!(tell(&world, ACME_SECRET, &second).await.status, 200);
    // What is told again opens nothing.
    assert_eq!(tell(&world, ACME_SECRET, &first).await.status, 200);
    let tickets = tickets(&world, world.acme.id).await;
    assert_eq!(tickets.len(), 2);
    let after = tickets.iter().find(|ticket| ticket.id != before.id).unwrap();
    assert_eq!(after.metadata["previousTicket"], json!(before.human_number()));
    assert_eq!(after.requester, before.requester);
    assert_eq!(said(&world, world.acme.id, after).await, ["Me again"]);
}

#[tokio::test]
async fn answers_from_elsewhere_are_the_teams_and_our_own_echoes_nobodys() {
    let world = with_pages().await;
    tell(
        &world,
        ACME_SECRET,
        &body(&[entry("111", &[message("111", "ann", "m1", "Hi", 1)])]),
    )
    .await;
    let echo = |mid: &str, text: &str, more: Value| {
        let mut message = json!({ "mid": mid, "text": text, "is_echo": true });
        message
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        json!({ "sender": { "id": "111" }, "recipient": { "id": "ann" }, "timestamp": 2, "message": message })
    };
    let told = body(&[entry(
        "111",
        &[
            echo("m2", "ours", json!({ "metadata": "support:0190" })),
            echo("m3", "theirs", json!({ "app_id": 26_390_203_743_090_u64 })),
        ],
    )]);
    assert_eq!(tell(&world, ACME_SECRET, &told).await.status, 200);
    assert_eq!(tell(&world, ACME_SECRET, &told).await.status, 200);
    let ticket = only_ticket(&world, world.acme.id).await;
    assert_eq!(said(&world, world.acme.id, &ticket).await, ["Hi", "theirs"]);
    let thread = thread(&world, world.acme.id, &ticket).await;
    let answer = thread.iter().find(|message| message.content == "theirs").unwrap();
    assert_eq!(answer.sender.kind(), SenderKind::Agent);
}

#[tokio::test]
async fn what_is_of_no_use_holds_up_nothing() {
    let world = with_pages().await;
    let odd = json!({ "sender": { "id": "x".repeat(10_000) }, "recipient": { "id": "111" }, "timestamp": 1,
        "message": { "mid": "m0", "text": "from nobody" } });
    let told = body(&[
        json!({ "id": "111", "standby": [message("111", "ann", "m9", "another app's", 1)] }),
        json!({ "id": "111", "changes": [{ "field": "feed" }] }),
        json!({ "id": "111", "messaging": "nothing" }),
        entry(
            "111",
            &[odd, json!(7), json!({ "sender": { "id": "ann" }, "reaction": {} })],
        ),
        entry(
            "111",
            &[
                json!({ "sender": { "id": "ann" }, "recipient": { "id": "111" }, "timestamp": 5,
            "postback": { "mid": "m1", "title": "Get started", "payload": "GO" } }),
            ],
        ),
    ]);
    assert_eq!(tell(&world, ACME_SECRET, &told).await.status, 200);
    let ticket = only_ticket(&world, world.acme.id).await;
    assert_eq!(said(&world, world.acme.id, &ticket).await, ["Get started"]);
}

#[tokio::test]
async fn what_a_page_saw_read_is_read() {
    let world = with_pages().await;
    tell(
        &world,
        ACME_SECRET,
        &body(&[entry("111", &[message("111", "ann", "m1", "Hi", 1)])]),
    )
    .await;
    let ticket = only_ticket(&world, world.acme.id).await;
    let (admin, _) = world.agent(support_core::model::Role::Admin).await;
    let scope = world.scope(&admin);
    let words = support_core::desk::NewMessage::text("Hello");
    let posted = world
        .desk
        .post(&scope, ticket.id, words, support_core::desk::Speaker::Own)
        .await
        .unwrap();
    let watermark = |kind: &str| {
        let now = world.desk.now().millis();
        body(&[entry(
            "111",
            &[
                json!({ "sender": { "id": "ann" }, "recipient": { "id": "111" }, "timestamp": now,
            kind: { "watermark": now } }),
            ],
        )])
    };
    for kind in ["delivery", "read"] {
        assert_eq!(tell(&world, ACME_SECRET, &watermark(kind)).await.status, 200);
    }
    let ticket = only_ticket(&world, world.acme.id).await;
    assert_eq!(
        ticket.thread.read_by(support_core::model::Side::Customer),
        posted.message.seq
    );
}

const BOT_SECRET: &str = "a-secret-of-the-bot";

async fn with_bot() -> (World, String) {
    let world = World::new().await;
    let telegram = TelegramChanges {
        chat_id: Some(Some("-100".to_owned())),
        webhook_secret: Some(Some(support_core::model::Secret::presented(BOT_SECRET))),
        ..TelegramChanges::default()
    };
    let channels = ChannelChanges {
        telegram: Some(telegram),
        ..ChannelChanges::default()
    };
    set(&world, world.acme.id, channels).await;
    let inbox = world
        .desk
        .channel_inbox(world.acme.id, InboxKind::Telegram)
        .await
        .unwrap();
    (world, format!("/webhooks/telegram/{}", inbox.id))
}

async fn update(world: &World, path: &str, secret: &str, update: &Value) -> Answer {
    let call = Call::new("POST", path).header("x-telegram-bot-api-secret-token", secret);
    world.call(call.json(update)).await
}

fn in_chat(update_id: i64, chat: i64, kind: &str, content: &Value) -> Value {
    let mut message = json!({ "message_id": update_id, "date": 1, "chat": { "id": chat, "type": kind },
        "from": { "id": 7, "is_bot": false, "first_name": "Ann", "last_name": "Lee" } });
    message
        .as_object_mut()
        .unwrap()
        .extend(content.as_object().unwrap().clone());
    json!({ "update_id": update_id, "message": message })
}

fn private(update_id: i64, content: &Value) -> Value {
    in_chat(update_id, 7, "private", content)
}

#[tokio::test]
async fn a_private_chat_opens_one_ticket_and_goes_on_in_it() {
    let (world, path) = with_bot().await;
    for told in [
        private(1, &json!({ "text": "Hi" })),
        private(2, &json!({ "photo": [{}], "caption": "My cat" })),
        private(1, &json!({ "text": "Hi" })),
        json!({ "update_id": 3, "edited_message": private(3, &json!({ "text": "x" }))["message"] }),
        json!({ "update_id": 4, "my_chat_member": {} }),
        in_chat(5, -5, "group", &json!({ "text": "among others" })),
    ] {
        let answer = update(&world, &path, BOT_SECRET, &told).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.text, "", "Telegram does what it is told in an answer");
    }
    let ticket = only_ticket(&world, world.acme.id).await;
    assert_eq!(ticket.contact.name.as_deref(), Some("Ann Lee"));
    assert_eq!(said(&world, world.acme.id, &ticket).await, ["Hi", "[photo]\nMy cat"]);
}

#[tokio::test]
async fn a_call_without_the_bots_secret_is_refused() {
    let (world, path) = with_bot().await;
    let told = private(1, &json!({ "text": "Hi" }));
    for secret in ["", "wrong", "a-secret-of-the-bo", "a-secret-of-the-bot2"] {
        update(&world, &path, secret, &told)
            .await
            .refused(401, "UNAUTHENTICATED");
    }
    let none = Call::new("POST", &path).json(&told);
    world.call(none).await.refused(401, "UNAUTHENTICATED");
    let nobodys = "/webhooks/telegram/00000000-0000-7000-8000-00000000dead";
    for path in [nobodys, "/webhooks/telegram/x"] {
        update(&world, path, BOT_SECRET, &told).await.refused(404, "NOT_FOUND");
    }
    let widget = world
        .desk
        .default_inbox(world.acme.id, InboxKind::Widget)
        .await
        .unwrap();
    let path_of_widget = format!("/webhooks/telegram/{}", widget.id);
    update(&world, &path_of_widget, BOT_SECRET, &told)
        .await
        .refused(404, "NOT_FOUND");
    let call = Call::new("POST", &path).header("x-telegram-bot-api-secret-token", BOT_SECRET);
    world
        .call(call.raw("application/json", "{"))
        .await
        .refused(400, "MALFORMED_JSON");
    assert!(tickets(&world, world.acme.id).await.is_empty());
}

#[tokio::test]
async fn only_replies_to_what_the_bot_said_of_a_ticket_leave_the_teams_chat() {
    let (world, path) = with_bot().await;
    update(&world, &path, BOT_SECRET, &private(1, &json!({ "text": "Hi" }))).await;
    let ticket = only_ticket(&world, world.acme.id).await;
    let reply = |update_id: i64, is_bot: bool, quoted: &str, text: &str| {
        let quoted = json!({ "from": { "id": 1, "is_bot": is_bot }, "text": quoted });
        in_chat(
            update_id,
            -100,
            "supergroup",
            &json!({ "text": text, "reply_to_message": quoted }),
        )
    };
    let alert = format!("New ticket {}: Hi", ticket.human_number());
    for told in [
        reply(2, true, &alert, "Hello Ann"),
        reply(2, true, &alert, "Hello Ann"),
        reply(3, false, &alert, "quoting a colleague"),
        reply(4, true, "New ticket TKT-999: gone", "to nobody"),
        reply(
            5,
            true,
            &format!("Callback requested\nEmployee ID: {}", ticket.human_number()),
            "to nobody",
        ),
        in_chat(6, -100, "supergroup", &json!({ "text": "among us" })),
    ] {
        assert_eq!(update(&world, &path, BOT_SECRET, &told).await.status, 200);
    }
    let ticket = only_ticket(&world, world.acme.id).await;
    assert_eq!(said(&world, world.acme.id, &ticket).await, ["Hi", "Hello Ann"]);
    let thread = thread(&world, world.acme.id, &ticket).await;
    let answer = thread.iter().find(|message| message.content == "Hello Ann").unwrap();
    assert_eq!(answer.sender.kind(), SenderKind::Agent);
}
