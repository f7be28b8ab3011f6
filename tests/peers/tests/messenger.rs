//! Messenger, called by reqwest as an app, and posting to a receiver that answers as scripted.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed unwrap is a failed test, and so is what is not there"
)]

use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::Client;
use serde_json::{Value, json};
use sha2::Sha256;
use support_peers::WebhookReceiver;
use support_peers::messenger::{Event, MessengerApi, Trouble, shuffle};
use support_peers::webhook::{Answer, Received};

const SOON: Duration = Duration::from_secs(10);
const DAY: Duration = Duration::from_secs(24 * 3600);
const SECRET: &str = "app secret";

async fn messenger() -> MessengerApi {
    let builder = MessengerApi::builder(SECRET).page("111", "token").page("222", "other");
    let meta = builder.first_pause(Duration::from_millis(5)).start().await;
    meta.acted_ago("ann", Duration::ZERO);
    meta
}

async fn call(meta: &MessengerApi, path: &str, body: &Value) -> (u16, Value) {
    let answer = Client::new()
        .post(format!("{}{path}", meta.base()))
        .json(body)
        .send()
        .await
        .unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// Code and subcode of the error.
async fn error(meta: &MessengerApi, path: &str, body: &Value) -> (u64, Option<u64>) {
    let (status, answer) = call(meta, path, body).await;
    assert!(status >= 400, "{body} was taken: {answer}");
    let error = &answer["error"];
    assert_eq!(error["type"], "OAuthException");
    (error["code"].as_u64().unwrap(), error["error_subcode"].as_u64())
}

fn hello(psid: &str) -> Value {
    json!({ "recipient": { "id": psid }, "messaging_type": "RESPONSE", "message": { "text": "Grüße" } })
}

const SEND: &str = "/v26.0/111/messages?access_token=token";

#[tokio::test]
async fn a_message_is_sent_by_page_or_me_with_or_without_version() {
    let meta = messenger().await;
    for path in [
        SEND,
        "/111/messages?access_token=token",
        "/me/messages?access_token=token",
    ] {
        let (status, answer) = call(&meta, path, &hello("ann")).await;
        assert_eq!((status, &answer["recipient_id"]), (200, &json!("ann")));
        assert_eq!(answer["message_id"], meta.sent().last().unwrap().mid);
    }
    let bearer = Client::new()
        .post(format!("{}/v26.0/me/messages", meta.base()))
        .bearer_auth("other");
    assert_eq!(bearer.json(&hello("ann")).send().await.unwrap().status(), 200);
    let pages: Vec<_> = meta.sent().into_iter().map(|sent| sent.page).collect();
    assert_eq!(pages, ["111", "111", "111", "222"]);
}

#[tokio::test]
async fn wrong_tokens_pages_and_proofs_are_refused() {
    let meta = messenger().await;
    assert_eq!(error(&meta, "/me/messages", &hello("ann")).await.0, 104);
    assert_eq!(error(&meta, "/me/messages?access_token=no", &hello("ann")).await.0, 190);
    assert_eq!(
        error(&meta, "/222/messages?access_token=token", &hello("ann")).await,
        (100, Some(33))
    );
    let wrong = format!("{SEND}&appsecret_proof=00");
    assert_eq!(error(&meta, &wrong, &hello("ann")).await.0, 100);
    let mut proof = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    proof.update(b"token");
    let right = format!("{SEND}&appsecret_proof={}", hex::encode(proof.finalize().into_bytes()));
    assert_eq!(call(&meta, &right, &hello("ann")).await.0, 200);
    meta.revoke_token("token");
    assert_eq!(error(&meta, SEND, &hello("ann")).await.0, 190);
}

#[tokio::test]
async fn what_the_send_api_refuses_is_refused() {
    let meta = messenger().await;
    let with = |changes: Value| {
        let mut body = hello("ann");
        body.as_object_mut()
            .unwrap()
            .extend(changes.as_object().unwrap().clone());
        body
    };
    let text = |text: String| with(json!({ "message": { "text": text } }));
    assert_eq!(call(&meta, SEND, &text("😀".repeat(999))).await.0, 200);
    let file = json!({ "type": "file", "payload": { "url": "https://x/y" } });
    assert_eq!(
        call(&meta, SEND, &with(json!({ "message": { "attachment": file } })))
            .await
            .0,
        200
    );
    let wrong = [
        text("😀".repeat(1000)),
        text(String::new()),
        with(json!({ "messaging_type": null })),
        with(json!({ "messaging_type": "NEWS" })),
        with(json!({ "messaging_type": "MESSAGE_TAG", "tag": "ACCOUNT_UPDATE" })),
        with(json!({ "messaging_type": "MESSAGE_TAG" })),
        with(json!({ "message": { "text": "a", "attachment": file } })),
        with(json!({ "message": { "text": "a", "metadata": "x".repeat(1000) } })),
        with(json!({ "message": {} })),
        with(json!({ "recipient": {} })),
        with(json!({ "sender_action": "typing_on" })),
        with(json!({ "text": "a" })),
    ];
    for body in &wrong {
        assert_eq!(error(&meta, SEND, body).await, (100, None), "{body}");
    }
    assert_eq!(error(&meta, SEND, &hello("stranger")).await, (100, Some(2_018_001)));
    let typing = json!({ "recipient": { "id": "ann" }, "sender_action": "typing_on" });
    assert_eq!(call(&meta, SEND, &typing).await.1, json!({ "recipient_id": "ann" }));
    assert_eq!(meta.sent().len(), 2);
}

#[tokio::test]
async fn an_answer_is_possible_for_24_hours_and_by_a_person_for_seven_days() {
    let strict = messenger().await;
    let approved = MessengerApi::builder(SECRET)
        .page("111", "token")
        .human_agent()
        .start()
        .await;
    let mut tagged = hello("ann");
    tagged["messaging_type"] = json!("MESSAGE_TAG");
    tagged["tag"] = json!("HUMAN_AGENT");

    strict.acted_ago("ann", DAY - Duration::from_secs(60));
    assert_eq!(call(&strict, SEND, &hello("ann")).await.0, 200);
    strict.acted_ago("ann", DAY);
    assert_eq!(error(&strict, SEND, &hello("ann")).await, (10, Some(2_018_278)));
    assert_eq!(error(&strict, SEND, &tagged).await, (10, None));
    strict.postback("111", "ann", "Start", "START");
    assert_eq!(call(&strict, SEND, &hello("ann")).await.0, 200);

    approved.acted_ago("ann", DAY * 6);
    assert_eq!(call(&approved, SEND, &tagged).await.0, 200);
    approved.acted_ago("ann", DAY * 7);
    assert_eq!(error(&approved, SEND, &tagged).await, (10, Some(2_018_278)));
}

#[tokio::test]
async fn troubles_of_a_person_are_theirs_and_end() {
    let meta = messenger().await;
    meta.acted_ago("ben", Duration::ZERO);
    meta.trouble("ann", Trouble::Unavailable);
    meta.trouble_once("ann", Trouble::Temporary);
    meta.trouble_once("ann", Trouble::ServiceDown);
    assert_eq!(error(&meta, SEND, &hello("ann")).await.0, 1200);
    assert_eq!(error(&meta, SEND, &hello("ann")).await.0, 2);
    assert_eq!(error(&meta, SEND, &hello("ann")).await.0, 551);
    assert_eq!(call(&meta, SEND, &hello("ben")).await.0, 200);
    meta.recover("ann");
    meta.trouble_once("ann", Trouble::TooManyCalls);
    let url = format!("{}{SEND}", meta.base());
    let limited = Client::new().post(&url).json(&hello("ann")).send().await.unwrap();
    assert!(limited.headers().contains_key("x-business-use-case-usage"));
    assert_eq!(limited.json::<Value>().await.unwrap()["error"]["code"], 613);
    meta.trouble_once("ann", Trouble::SentWithoutAnswer);
    Client::new().post(&url).json(&hello("ann")).send().await.unwrap_err();
    assert_eq!(meta.sent().last().unwrap().psid, "ann");
    assert_eq!(meta.calls().last().unwrap().answered, None);
}

#[tokio::test]
async fn a_profile_is_there_only_if_it_may_be_read() {
    let meta = messenger().await;
    meta.name("ann", "Ann", "Ünal");
    let get = |psid: &str| {
        let url = format!(
            "{}/v26.0/{psid}?fields=first_name,last_name&access_token=token",
            meta.base()
        );
        async {
            Client::new()
                .get(url)
                .send()
                .await
                .unwrap()
                .json::<Value>()
                .await
                .unwrap()
        }
    };
    assert_eq!(get("ann").await["last_name"], "Ünal");
    assert_eq!(get("ben").await["error"]["error_subcode"], 2_018_218);
}

#[tokio::test]
async fn a_body_is_escaped_and_signed_as_meta_does() {
    let meta = messenger().await;
    let first = meta.message("111", "ann", "Ünal 😀 a/b");
    let mid = first.mid().unwrap().to_owned();
    let events = [
        first.clone(),
        meta.sticker("222", "ben", 369),
        meta.delivery("111", "ann", None, 5).at(7),
        meta.message("111", "ann", "again")
            .in_reply_to(&mid)
            .by_quick_reply("YES"),
        first,
    ];
    let signed = meta.sign(&events);
    let text = str::from_utf8(&signed.body).unwrap();
    assert!(text.contains(r"\u00dcnal \ud83d\ude00 a\/b"), "{text}");
    assert!(text.is_ascii());
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(&signed.body);
    assert_eq!(
        signed.signature,
        format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
    );

    let body: Value = serde_json::from_slice(&signed.body).unwrap();
    assert_eq!(body["object"], "page");
    assert_eq!(body["entry"][1]["id"], "222");
    let of_first_page = body["entry"][0]["messaging"].as_array().unwrap();
    assert_eq!(of_first_page.len(), 4);
    assert_eq!(of_first_page[0], of_first_page[3]);
    assert_eq!(of_first_page[0]["message"]["text"], "Ünal 😀 a/b");
    assert_eq!(of_first_page[1]["timestamp"], 7);
    assert_eq!(of_first_page[2]["message"]["reply_to"]["mid"], json!(mid));
}

#[test]
fn shuffling_changes_the_order_the_same_way_each_time() {
    let event = |number: u64| Event {
        page: "111".to_owned(),
        content: json!({ "timestamp": number }),
    };
    let ordered: Vec<_> = (0..20).map(event).collect();
    let (mut once, mut twice, mut other) = (ordered.clone(), ordered.clone(), ordered.clone());
    shuffle(&mut once, 1);
    shuffle(&mut twice, 1);
    shuffle(&mut other, 2);
    assert_eq!(once, twice);
    assert_ne!(once, ordered);
    assert_ne!(once, other);
    assert!(ordered.iter().all(|event| once.contains(event)));
}

#[tokio::test]
async fn each_message_is_echoed_until_the_webhook_takes_it() {
    let meta = messenger().await;
    let receiver = WebhookReceiver::start().await;
    meta.webhook(&receiver.url());
    receiver.answer_once(Answer::status(500));
    let mut body = hello("ann");
    body["message"]["metadata"] = json!("ticket 5");
    call(&meta, SEND, &body).await;
    let is_taken = |received: &Received| received.answered == Some(200);
    let echo = receiver.wait_for(is_taken, SOON).await.json();
    let echo = &echo["entry"][0]["messaging"][0];
    assert_eq!(
        (&echo["sender"]["id"], &echo["recipient"]["id"]),
        (&json!("111"), &json!("ann"))
    );
    assert_eq!(echo["message"]["is_echo"], true);
    assert_eq!(echo["message"]["app_id"], meta.app_id());
    assert_eq!(echo["message"]["metadata"], "ticket 5");
    assert_eq!(echo["message"]["mid"], meta.sent()[0].mid);

    let typed = meta.inbox_echo("111", "ann", "From the inbox");
    assert_eq!(meta.post(&meta.sign(&[typed])).await, Some(200));
    let statuses: Vec<_> = meta.deliveries().iter().map(|delivery| delivery.status).collect();
    assert_eq!(statuses, [Some(500), Some(200), Some(200)]);
}

#[tokio::test]
async fn a_webhook_is_subscribed_only_if_it_answers_the_challenge() {
    let meta = messenger().await;
    let receiver = WebhookReceiver::start().await;
    assert!(!meta.subscribe(&receiver.url(), "verify me").await);
    let asked = &receiver.received()[0].path;
    assert!(
        asked.contains("hub.mode=subscribe&hub.verify_token=verify+me&hub.challenge="),
        "{asked}"
    );
    receiver.answer_once(Answer::status(200).body("<p>no</p>"));
    assert!(!meta.subscribe(&receiver.url(), "verify me").await);
}
