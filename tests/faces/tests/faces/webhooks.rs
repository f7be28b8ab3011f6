//! URLs that a tenant subscribes to what happens.

use std::{collections::BTreeSet, time::Duration};

use serde_json::{Value, json};
use support_faces::{
    Chat, Kind, World, fields_of, id_of, is_time, is_uuid, on_both_stores, refused, refused_fields, text_of,
};
use support_peers::{WebhookReceiver, webhook::Answer};
use support_testkit::{Api, eventually};

use crate::ways_out::{SOON, data, wish};

on_both_stores!(
    a_subscription_is_made_read_changed_and_ended,
    what_is_wrong_with_a_subscription_is_told_at_once,
    urls_inside_the_installation_are_refused,
    subscribers_are_told_what_they_subscribed_to_once_and_signed,
    a_new_secret_signs_beside_the_former_one,
    a_test_calls_right_now,
    another_tenants_subscriptions_are_not_there,
);

const WEBHOOKS: &str = "/api/v1/admin/webhooks";
const OPEN: [(&str, &str); 2] = [
    ("WEBHOOK_ALLOWED_CIDRS", "127.0.0.0/8"),
    ("DELIVERY_RETRY_SCHEDULE", "0,0"),
];

async fn subscribed(admin: &Api, url: &str, events: &[&str]) -> (String, String) {
    let made = data(
        admin.post(WEBHOOKS, &json!({ "url": url, "events": events })).await,
        201,
    );
    (id_of(&made, "/id"), text_of(&made, "/secret"))
}

async fn a_subscription_is_made_read_changed_and_ended(kind: Kind) {
    let world = World::with(kind, &OPEN).await;
    let admin = world.admin().await;
    let receiver = WebhookReceiver::start().await;
    let url = receiver.url();
    let made = data(admin.post(WEBHOOKS, &json!({ "url": url })).await, 201);
    let names = [
        "id",
        "url",
        "events",
        "isActive",
        "failingSince",
        "disabledReason",
        "createdAt",
        "updatedAt",
        "secret",
    ];
    assert_eq!(fields_of(&made), names.into_iter().collect());
    is_uuid(&made["id"]);
    is_time(&made["createdAt"]);
    assert_eq!((&made["events"], &made["isActive"]), (&json!(["*"]), &json!(true)));
    let secret = text_of(&made, "/secret");
    assert!(secret.starts_with("whsec_"), "{secret}");

    let listed = admin.get(WEBHOOKS).await;
    assert!(!listed.text.contains(&secret), "{}", listed.text);
    let listed = data(listed, 200);
    let mut shown = made.clone();
    shown.as_object_mut().unwrap().remove("secret");
    assert_eq!(listed, json!([shown]));

    let id = id_of(&made, "/id");
    let changes = json!({ "id": id, "events": ["ticket_opened", "ticket_opened"], "isActive": false });
    let changed = data(admin.put(WEBHOOKS, &changes).await, 200);
    assert_eq!(changed["events"], json!(["ticket_opened"]));
    assert_eq!((&changed["isActive"], &changed["url"]), (&json!(false), &json!(url)));
    assert!(changed.get("secret").is_none());
    let rotated = data(
        admin.put(WEBHOOKS, &json!({ "id": id, "rotateSecret": true })).await,
        200,
    );
    assert_ne!(text_of(&rotated, "/secret"), secret);
    assert_eq!(rotated["isActive"], false);

    let one = format!("{WEBHOOKS}?id={id}");
    assert_eq!(data(admin.delete(&one).await, 200), json!({ "id": id }));
    refused(&admin.delete(&one).await, 404, "NOT_FOUND");
    assert_eq!(data(admin.get(WEBHOOKS).await, 200), json!([]));
}

async fn what_is_wrong_with_a_subscription_is_told_at_once(kind: Kind) {
    let world = World::with(kind, &OPEN).await;
    let admin = world.admin().await;
    refused_fields(&admin.post(WEBHOOKS, &json!({})).await, &["url"]);
    for url in [
        "",
        "example.com/hook",
        "ftp://example.com/",
        "javascript:alert(1)",
        "http://",
    ] {
        let body = json!({ "url": url, "events": ["nothing_happens"] });
        refused_fields(&admin.post(WEBHOOKS, &body).await, &["url", "events"]);
    }
    let types = json!({ "url": 7, "events": "all", "isActive": "yes" });
    refused_fields(&admin.post(WEBHOOKS, &types).await, &["url", "events", "isActive"]);
    refused_fields(&admin.put(WEBHOOKS, &json!({ "isActive": true })).await, &["id"]);
    refused_fields(&admin.delete(WEBHOOKS).await, &["id"]);
    assert_eq!(data(admin.get(WEBHOOKS).await, 200), json!([]));
    let agent = world
        .agent_with(&admin, "super", &json!({ "role": "supervisor" }))
        .await
        .api;
    refused(&agent.get(WEBHOOKS).await, 403, "FORBIDDEN");
    refused(&agent.post(WEBHOOKS, &types).await, 403, "FORBIDDEN");
}

async fn urls_inside_the_installation_are_refused(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    for url in [
        "http://127.0.0.1:8080/",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://10.1.2.3/",
        "http://192.168.0.1/",
        "http://172.16.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://0.0.0.0/",
        "http://2130706433/",
        "http://localhost/",
        "http://user:word@93.184.216.34/",
    ] {
        let answer = admin.post(WEBHOOKS, &json!({ "url": url })).await;
        assert_eq!(answer.status, 400, "{url}: {}", answer.text);
        refused_fields(&answer, &["url"]);
    }
    let (id, _) = subscribed(&admin, "https://93.184.216.34/hook", &["ticket_opened"]).await;
    let inside = json!({ "id": id, "url": "http://127.0.0.1/" });
    refused_fields(&admin.put(WEBHOOKS, &inside).await, &["url"]);
    let kept = data(admin.get(WEBHOOKS).await, 200);
    assert_eq!(kept[0]["url"], "https://93.184.216.34/hook");
}

async fn subscribers_are_told_what_they_subscribed_to_once_and_signed(kind: Kind) {
    let world = World::with(kind, &OPEN).await;
    let (public, admin) = (world.public(), world.admin().await);
    let receiver = WebhookReceiver::start().await;
    let (id, secret) = subscribed(&admin, &receiver.url(), &["callback_requested", "ticket_opened"]).await;
    // Once is what it takes, and what it took.
    receiver.answer_once(Answer::status(500));
    let wished = wish(&public, "030 1234567").await.expect(200);
    let chat = Chat::open(&public, "Hello").await;
    let is_of = |kind: &'static str| move |call: &support_peers::webhook::Received| call.json()["type"] == kind;
    let callback = receiver.wait_for(is_of("callback_requested"), SOON).await;
    let ticket = receiver.wait_for(is_of("ticket_opened"), SOON).await;
    for call in [&callback, &ticket] {
        call.verify(&secret).unwrap();
    }
    assert_eq!(callback.json()["data"]["callback"]["id"], wished["requestId"]);
    assert_eq!(ticket.json()["data"]["ticket"]["id"], json!(chat.id));
    let path = format!("{WEBHOOKS}/{id}/deliveries");
    let rows = eventually(SOON, async || {
        let rows = data(admin.get(&path).await, 200);
        let all = rows["deliveries"].as_array().unwrap();
        let is_done = all.len() == 2 && all.iter().all(|row| row["status"] == "sent");
        is_done.then_some(rows)
    })
    .await;
    assert_eq!(rows["pagination"]["totalItems"], 2);
    let attempts: u64 = rows["deliveries"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|row| row["attempts"].as_u64())
        .sum();
    assert_eq!(attempts, 3);
    let calls = receiver.received();
    assert_eq!(calls.len(), 3);
    let ids: BTreeSet<&str> = calls.iter().map(support_peers::webhook::Received::id).collect();
    assert_eq!(ids.len(), 2, "a repeat has the id of what it repeats");
    // Who is switched off hears nothing more.
    data(admin.put(WEBHOOKS, &json!({ "id": id, "isActive": false })).await, 200);
    Chat::open(&public, "Is anybody there?").await;
    let (_, _) = subscribed(&admin, &receiver.url(), &["ticket_opened"]).await;
    let last = Chat::open(&public, "The last one").await;
    receiver
        .wait_for(|call| call.json()["data"]["ticket"]["id"] == json!(last.id), SOON)
        .await;
    assert_eq!(receiver.received().len(), 4);
}

async fn a_new_secret_signs_beside_the_former_one(kind: Kind) {
    let world = World::with(kind, &OPEN).await;
    let admin = world.admin().await;
    let receiver = WebhookReceiver::start().await;
    let (id, former) = subscribed(&admin, &receiver.url(), &[]).await;
    let rotated = data(
        admin.put(WEBHOOKS, &json!({ "id": id, "rotateSecret": true })).await,
        200,
    );
    let secret = text_of(&rotated, "/secret");
    data(admin.post(&format!("{WEBHOOKS}/{id}/test"), &json!({})).await, 200);
    let call = receiver.wait_for(|call| call.json()["type"] == "test", SOON).await;
    call.verify(&secret).unwrap();
    call.verify(&former).unwrap();
    call.verify("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap_err();
}

async fn a_test_calls_right_now(kind: Kind) {
    let world = World::with(kind, &OPEN).await;
    let admin = world.admin().await;
    let receiver = WebhookReceiver::start().await;
    let (id, secret) = subscribed(&admin, &receiver.url(), &["ticket_opened"]).await;
    let path = format!("{WEBHOOKS}/{id}/test");
    let tested = data(admin.post(&path, &json!({})).await, 200);
    assert_eq!(tested["delivered"], true);
    assert!(tested["response"].as_str().unwrap().contains("200"), "{tested}");
    let calls = receiver.received();
    assert_eq!(calls.len(), 1);
    calls[0].verify(&secret).unwrap();
    assert_eq!(calls[0].json()["type"], "test");
    for status in [302, 404, 410, 500] {
        receiver.answer_once(Answer::status(status));
        let tested = data(admin.post(&path, &json!({})).await, 200);
        assert_eq!(tested["delivered"], false, "{status}");
        assert!(
            tested["response"].as_str().unwrap().contains(&status.to_string()),
            "{tested}"
        );
    }
    receiver.answer_once(Answer::close());
    let tested = data(admin.post(&path, &json!({})).await, 200);
    assert_eq!(tested["delivered"], false);
    // A test is no delivery, and switches nothing off.
    let row = &data(admin.get(WEBHOOKS).await, 200)[0];
    assert_eq!((&row["isActive"], &row["failingSince"]), (&json!(true), &Value::Null));
    let deliveries = data(admin.get(&format!("{WEBHOOKS}/{id}/deliveries")).await, 200);
    assert_eq!(deliveries["deliveries"], json!([]));
}

async fn another_tenants_subscriptions_are_not_there(kind: Kind) {
    let world = World::with(kind, &OPEN).await;
    let (one, two) = (world.tenant("one").await, world.tenant("two").await);
    let receiver = WebhookReceiver::start().await;
    let (id, _) = subscribed(&one.admin.api, &receiver.url(), &["ticket_opened"]).await;
    let stranger = &two.admin.api;
    assert_eq!(data(stranger.get(WEBHOOKS).await, 200), json!([]));
    for id in [id.as_str(), "0190b6a0-0000-7000-8000-000000000000"] {
        let off = json!({ "id": id, "isActive": false });
        refused(&stranger.put(WEBHOOKS, &off).await, 404, "NOT_FOUND");
        refused(&stranger.delete(&format!("{WEBHOOKS}?id={id}")).await, 404, "NOT_FOUND");
        refused(
            &stranger.get(&format!("{WEBHOOKS}/{id}/deliveries")).await,
            404,
            "NOT_FOUND",
        );
        refused(
            &stranger.post(&format!("{WEBHOOKS}/{id}/test"), &json!({})).await,
            404,
            "NOT_FOUND",
        );
    }
    Chat::open(&two.public, "Not theirs").await;
    let own = Chat::open(&one.public, "Theirs").await;
    receiver.wait_for(|_| true, SOON).await;
    eventually(Duration::from_secs(2), async || {
        (receiver.received().len() == 1).then_some(())
    })
    .await;
    assert_eq!(receiver.received()[0].json()["data"]["ticket"]["id"], json!(own.id));
}
