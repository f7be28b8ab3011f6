//! The receiver of webhooks, sent to by reqwest and signed by hand.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::{Client, Response, redirect};
use sha2::Sha256;
use support_peers::WebhookReceiver;
use support_peers::webhook::Answer;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OTHER: &str = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const BODY: &str = r#"{"type":"ticket.created","data":{"name":"Ünal"}}"#;
const SOON: Duration = Duration::from_secs(10);

fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(now.as_secs()).unwrap()
}

fn signature(id: &str, timestamp: i64) -> String {
    let key = STANDARD.decode(SECRET.strip_prefix("whsec_").unwrap()).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    mac.update(format!("{id}.{timestamp}.{BODY}").as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

async fn send(receiver: &WebhookReceiver, id: &str, timestamp: i64, signature: &str) -> reqwest::Result<Response> {
    let client = Client::builder().redirect(redirect::Policy::none()).build().unwrap();
    let request = client
        .post(receiver.url())
        .header("content-type", "application/json")
        .header("webhook-id", id)
        .header("webhook-timestamp", timestamp)
        .header("webhook-signature", signature);
    request.body(BODY).timeout(Duration::from_secs(1)).send().await
}

async fn send_now(receiver: &WebhookReceiver) -> reqwest::Result<Response> {
    send(receiver, "msg_1", now(), &signature("msg_1", now())).await
}

#[tokio::test]
async fn a_request_is_verified_by_each_secret_that_is_known() {
    let receiver = WebhookReceiver::start().await;
    let at = now();
    let rotating = format!("v1,AAAA {}", signature("msg_1", at));
    assert_eq!(send(&receiver, "msg_1", at, &rotating).await.unwrap().status(), 200);
    receiver.secret(OTHER);
    assert_eq!(send(&receiver, "msg_1", at, &rotating).await.unwrap().status(), 401);
    receiver.secret(SECRET);
    assert_eq!(send(&receiver, "msg_1", at, &rotating).await.unwrap().status(), 200);

    let received = receiver.received();
    let verified: Vec<_> = received.iter().map(|request| request.verified).collect();
    assert_eq!(verified, [None, Some(false), Some(true)]);
    let first = received.first().unwrap();
    assert_eq!((first.id(), first.timestamp()), ("msg_1", at));
    assert_eq!(first.json().pointer("/data/name").unwrap(), "Ünal");
    first.verify(SECRET).unwrap();
    first.verify(OTHER).unwrap_err();
}

#[tokio::test]
async fn wrong_times_ids_and_signatures_are_seen() {
    let receiver = WebhookReceiver::start().await;
    receiver.secret(SECRET);
    let (at, old) = (now(), now() - 301);
    let wrong = [
        ("msg_1", old, signature("msg_1", old)),
        ("msg_1", at, signature("msg_2", at)),
        ("msg.1", at, signature("msg.1", at)),
        ("msg_1", at, signature("msg_1", at).replace("v1,", "v2,")),
    ];
    for (id, timestamp, signature) in &wrong {
        assert_eq!(send(&receiver, id, *timestamp, signature).await.unwrap().status(), 401);
    }
    let by_then = receiver.received();
    let late = by_then.first().unwrap();
    late.verify_at(SECRET, old).unwrap();
    late.verify_at(SECRET, old + 301).unwrap_err();
    late.verify_at(OTHER, old).unwrap_err();
}

#[tokio::test]
async fn answers_come_in_the_order_of_the_script() {
    let receiver = WebhookReceiver::start().await;
    receiver.answer_always(Answer::status(500));
    receiver.answer_once(Answer::status(503).header("retry-after", "7"));
    receiver.answer_once(Answer::redirect("http://localhost/x"));
    receiver.answer_once(Answer::status(200).huge_body(3_000_000));
    receiver.answer_once(Answer::close());
    receiver.answer_once(Answer::hang());
    receiver.answer_once(Answer::status(410).after(Duration::from_millis(50)).body("gone"));

    let busy = send_now(&receiver).await.unwrap();
    assert_eq!(busy.headers().get("retry-after").unwrap(), "7");
    let redirected = send_now(&receiver).await.unwrap();
    assert_eq!(redirected.headers().get("location").unwrap(), "http://localhost/x");
    let huge = send_now(&receiver).await.unwrap();
    assert_eq!(huge.content_length(), None);
    assert_eq!(huge.bytes().await.unwrap().len(), 3_000_000);
    assert!(!send_now(&receiver).await.unwrap_err().is_timeout());
    assert!(send_now(&receiver).await.unwrap_err().is_timeout());
    assert_eq!(send_now(&receiver).await.unwrap().text().await.unwrap(), "gone");
    assert_eq!(send_now(&receiver).await.unwrap().status(), 500);

    let gone = receiver.wait_for(|received| received.answered == Some(410), SOON).await;
    assert_eq!(gone.path, "/hook");
    receiver.clear_script();
    assert_eq!(send_now(&receiver).await.unwrap().status(), 200);
}
