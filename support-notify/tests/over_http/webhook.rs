//! Calls to subscribers.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::json;
use support_core::{
    model::{Channel, Secret, Timestamp},
    ports::{LetterKind, Notifier as _, NotifyError, Outgoing, Route, Sent, TelegramRoute, WebhookRoute},
};
use support_notify::{AddressGuard, HttpTimeouts, WebhookNotifier};
use support_peers::{WebhookReceiver, webhook::Answer};
use tokio::{io::AsyncWriteExt as _, net::TcpListener};

use crate::outgoing::{delivery_id, event, impatience, letter, outgoing, patience, permanent, refused, temporary};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=";
const FORMER: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDC2FVsBQIhro=";

fn notifier(timeouts: HttpTimeouts) -> WebhookNotifier {
    let peers = "127.0.0.0/8".parse().unwrap();
    WebhookNotifier::new(AddressGuard::new(vec![peers]), timeouts).unwrap()
}

fn signed_with(url: &str, secrets: &[&str]) -> Outgoing {
    let route = Route::Webhook(WebhookRoute {
        url: url.to_owned(),
        secrets: secrets.iter().map(|secret| Secret::presented(*secret)).collect(),
    });
    outgoing(
        route,
        "a webhook's id",
        event(json!({ "ticketId": "t-1", "note": "Grüße 😀\u{0}" })),
    )
}

fn to(url: &str) -> Outgoing {
    signed_with(url, &[SECRET])
}

/// What comes of a call that is answered so.
async fn answered(answer: Answer) -> Result<Sent, NotifyError> {
    let receiver = WebhookReceiver::start().await;
    receiver.answer_always(answer);
    let result = notifier(impatience()).send(&to(&receiver.url())).await;
    assert_eq!(
        receiver.received().len(),
        1,
        "it was called once, and no redirect followed"
    );
    result
}

#[tokio::test]
async fn an_event_arrives_signed() {
    let receiver = WebhookReceiver::start().await;
    receiver.secret(SECRET);
    let outgoing = to(&receiver.url());
    let sent = notifier(patience()).send(&outgoing).await.unwrap();
    assert_eq!(sent.response.as_deref(), Some("HTTP 200 OK"));

    let [call] = receiver.received().try_into().unwrap();
    assert_eq!(call.verified, Some(true));
    assert_eq!(call.method, "POST");
    assert_eq!(call.id(), delivery_id().to_string());
    assert!(!call.id().contains('.'));
    assert_eq!(call.timestamp(), outgoing.now.millis() / 1_000);
    assert_eq!(call.header("content-type"), Some("application/json"));
    assert!(call.header("user-agent").unwrap().starts_with("support-notify/"));
    let expected = json!({
        "type": "ticket.created",
        "timestamp": "2026-11-21T13:05:00.000Z",
        "data": { "ticketId": "t-1", "note": "Grüße 😀\u{0}", "seq": 12 },
    });
    assert_eq!(call.json(), expected);
}

#[tokio::test]
async fn an_event_is_an_object_whatever_it_was() {
    let receiver = WebhookReceiver::start().await;
    for (data, expected) in [
        (json!(null), json!({ "seq": 12 })),
        (json!([1]), json!({ "value": [1], "seq": 12 })),
        (json!({ "seq": "forged" }), json!({ "seq": 12 })),
    ] {
        receiver.clear();
        let outgoing = Outgoing {
            letter: event(data),
            ..to(&receiver.url())
        };
        notifier(patience()).send(&outgoing).await.unwrap();
        let [call] = receiver.received().try_into().unwrap();
        assert_eq!(call.json().get("data"), Some(&expected));
    }
}

#[tokio::test]
async fn while_secrets_change_each_of_them_verifies() {
    let receiver = WebhookReceiver::start().await;
    notifier(patience())
        .send(&signed_with(&receiver.url(), &[SECRET, FORMER]))
        .await
        .unwrap();
    let [call] = receiver.received().try_into().unwrap();
    assert_eq!(call.header("webhook-signature").unwrap().split(' ').count(), 2);
    call.verify(SECRET).unwrap();
    call.verify(FORMER).unwrap();
    call.verify("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
        .unwrap_err();
}

#[tokio::test]
async fn a_retry_has_the_same_id_and_its_own_time() {
    let receiver = WebhookReceiver::start().await;
    receiver.secret(SECRET);
    receiver.answer_once(Answer::status(500));
    let first = to(&receiver.url());
    let notifier = notifier(patience());
    temporary(notifier.send(&first).await.unwrap_err());
    let second = Outgoing {
        now: first.now.plus(Duration::from_secs(30)),
        ..first
    };
    notifier.send(&second).await.unwrap();

    let [one, two] = receiver.received().try_into().unwrap();
    assert_eq!(one.id(), two.id());
    assert_eq!(two.timestamp() - one.timestamp(), 30);
    assert_eq!(one.body, two.body);
    assert_eq!(two.verified, Some(true));
}

#[tokio::test]
async fn a_secret_that_nobody_can_verify_with_signs_nothing() {
    let receiver = WebhookReceiver::start().await;
    for secret in [
        "whsec_not base64",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw_-A",
        "whsec_ä",
    ] {
        let reason = refused(
            notifier(patience())
                .send(&signed_with(&receiver.url(), &[secret]))
                .await
                .unwrap_err(),
        );
        assert!(!reason.contains(secret), "{reason}");
    }
    permanent(
        notifier(patience())
            .send(&signed_with(&receiver.url(), &[]))
            .await
            .unwrap_err(),
    );
    assert!(receiver.received().is_empty());
}

#[tokio::test]
async fn only_2xx_is_success() {
    for status in [200, 201, 202, 204] {
        answered(Answer::status(status)).await.unwrap();
    }
    for status in [
        300, 304, 400, 401, 403, 404, 405, 409, 413, 422, 429, 451, 500, 501, 502, 503, 504, 599,
    ] {
        let (reason, retry_after) = temporary(answered(Answer::status(status)).await.unwrap_err());
        assert!(reason.starts_with(&format!("HTTP {status}")), "{reason}");
        assert_eq!(retry_after, None);
    }
}

#[tokio::test]
async fn redirects_are_failures() {
    let elsewhere = WebhookReceiver::start().await;
    for status in [301, 302, 303, 307, 308] {
        let redirect = Answer::status(status).header("location", &elsewhere.url());
        temporary(answered(redirect).await.unwrap_err());
    }
    assert!(elsewhere.received().is_empty());
}

#[tokio::test]
async fn who_is_gone_wants_to_hear_no_more() {
    let error = answered(Answer::status(410)).await.unwrap_err();
    assert_eq!(
        error,
        NotifyError::Gone {
            reason: "HTTP 410 Gone".to_owned()
        }
    );
}

#[tokio::test]
async fn a_receiver_says_when_to_come_back() {
    for status in [429, 502, 503] {
        let (_, pause) = temporary(
            answered(Answer::status(status).header("retry-after", "7"))
                .await
                .unwrap_err(),
        );
        assert_eq!(pause, Some(Duration::from_secs(7)));
    }
    let forever = Answer::status(503).header("retry-after", "99999999999");
    let (_, pause) = temporary(answered(forever).await.unwrap_err());
    assert_eq!(pause, Some(Duration::from_secs(24 * 60 * 60)));

    let receiver = WebhookReceiver::start().await;
    let outgoing = to(&receiver.url());
    let later = outgoing.now.to_datetime() + TimeDelta::seconds(90);
    let date = later.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    receiver.answer_always(Answer::status(503).header("retry-after", &date));
    let (_, pause) = temporary(notifier(patience()).send(&outgoing).await.unwrap_err());
    assert!((89..=90).contains(&pause.unwrap().as_secs()), "{pause:?}");
}

#[tokio::test]
async fn nothing_of_an_answer_is_told_but_its_status() {
    let secret = "root:x:0:0:an internal page";
    let sent = answered(Answer::status(200).body(secret)).await.unwrap();
    assert_eq!(
        sent,
        Sent {
            response: Some("HTTP 200 OK".to_owned()),
            ..Sent::default()
        }
    );
    let (reason, _) = temporary(answered(Answer::status(500).body(secret)).await.unwrap_err());
    assert_eq!(reason, "HTTP 500 Internal Server Error");
}

#[tokio::test]
async fn answers_of_any_size_and_speed_end() {
    answered(Answer::status(200).huge_body(300 * 1024 * 1024))
        .await
        .unwrap();
    temporary(
        answered(Answer::status(500).huge_body(300 * 1024 * 1024))
            .await
            .unwrap_err(),
    );
    assert_eq!(
        temporary(answered(Answer::hang()).await.unwrap_err()).0,
        "no answer in time"
    );
    temporary(
        answered(Answer::status(200).after(Duration::from_secs(60)))
            .await
            .unwrap_err(),
    );
    temporary(answered(Answer::close()).await.unwrap_err());
}

#[tokio::test]
async fn what_is_no_http_is_an_outage() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let speaking = tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.write_all(b"220 mail.example ESMTP\r\n").await;
        }
    });
    for scheme in ["http", "https"] {
        let url = format!("{scheme}://{address}/path?key=confidential");
        let (reason, _) = temporary(notifier(patience()).send(&to(&url)).await.unwrap_err());
        assert!(!reason.contains("confidential") && !reason.contains("://"), "{reason}");
    }
    speaking.abort();
    let _ = speaking.await;
    let url = format!("http://{address}/");
    let (reason, _) = temporary(notifier(patience()).send(&to(&url)).await.unwrap_err());
    assert!(reason.starts_with("no connection: "), "{reason}");
}

#[tokio::test]
async fn a_test_needs_no_event() {
    let receiver = WebhookReceiver::start().await;
    receiver.secret(SECRET);
    let test = Outgoing {
        letter: letter(LetterKind::Test),
        ..to(&receiver.url())
    };
    notifier(patience()).send(&test).await.unwrap();
    let [call] = receiver.received().try_into().unwrap();
    assert_eq!(call.verified, Some(true));
    let expected = json!({ "type": "test", "timestamp": test.now, "data": { "tenant": "acme" } });
    assert_eq!(call.json(), expected);

    let ticket = Outgoing {
        letter: letter(LetterKind::TicketOpened),
        ..test
    };
    permanent(notifier(patience()).send(&ticket).await.unwrap_err());
}

#[tokio::test]
async fn times_before_1970_are_times_too() {
    let receiver = WebhookReceiver::start().await;
    let outgoing = Outgoing {
        now: Timestamp::from_millis(-1),
        ..to(&receiver.url())
    };
    notifier(patience()).send(&outgoing).await.unwrap();
    assert_eq!(receiver.received().first().unwrap().timestamp(), -1);
}

#[tokio::test]
async fn only_webhooks_routes_are_taken() {
    let notifier = notifier(patience());
    assert_eq!(notifier.channel(), Channel::Webhook);
    let token = Secret::presented("t");
    let other = Route::Telegram(TelegramRoute {
        api_url: String::new(),
        token,
    });
    permanent(
        notifier
            .send(&outgoing(other.clone(), "7", event(json!({}))))
            .await
            .unwrap_err(),
    );
    permanent(
        notifier
            .register(&other, "https://x", &Secret::presented("s"))
            .await
            .unwrap_err(),
    );
}
