//! Letters in a page's conversations.

use std::time::Duration;

use serde_json::{Value, json};
use support_core::{
    model::{Channel, Secret},
    ports::{Letter, LetterKind, MessengerRoute, Notifier as _, NotifyError, Outgoing, Route, Sent},
};
use support_notify::MessengerNotifier;
use support_peers::{
    WebhookReceiver,
    messenger::{MessengerApi, Trouble},
    webhook::Answer,
};

use crate::outgoing::{delivery_id, impatience, letter, outgoing, patience, permanent, refused, temporary, words};

const PAGE: &str = "111";
const PERSON: &str = "ann";
const TOKEN: &str = "EAAG/secret+token=&%";

fn notifier() -> MessengerNotifier {
    MessengerNotifier::new(patience()).unwrap()
}

fn route(base: &str, token: &str) -> Route {
    Route::Messenger(MessengerRoute {
        api_url: format!("{base}/v23.0"),
        page_id: PAGE.to_owned(),
        token: Secret::presented(token),
    })
}

/// Meta, where Ann has just written to the page.
async fn meta() -> MessengerApi {
    let meta = MessengerApi::builder("app secret").page(PAGE, TOKEN).start().await;
    let _ = meta.message(PAGE, PERSON, "hello");
    meta
}

fn to_person(meta: &MessengerApi, letter: Letter) -> Outgoing {
    outgoing(route(&meta.base(), TOKEN), PERSON, letter)
}

/// What comes of a message that this happens to.
async fn failing(trouble: Trouble) -> NotifyError {
    let meta = meta().await;
    meta.trouble(PERSON, trouble);
    let notifier = MessengerNotifier::new(impatience()).unwrap();
    notifier.send(&to_person(&meta, words("hello"))).await.unwrap_err()
}

/// What comes of a message that is answered so.
async fn answered(answer: Answer) -> Result<Sent, NotifyError> {
    let receiver = WebhookReceiver::start().await;
    receiver.answer_always(answer);
    let notifier = MessengerNotifier::new(impatience()).unwrap();
    let result = notifier
        .send(&outgoing(route(&receiver.url(), TOKEN), PERSON, words("hello")))
        .await;
    assert_eq!(
        receiver.received().len(),
        1,
        "it was called once, and no redirect followed"
    );
    result
}

fn error(status: u16, error: Value) -> Answer {
    Answer::status(status).body(Value::from_iter([("error", error)]).to_string())
}

#[tokio::test]
async fn a_message_goes_as_it_was_typed_and_its_echo_is_known() {
    let meta = meta().await;
    let text = "<b>Grüße</b> & 😀 مرحبا";
    let sent = notifier().send(&to_person(&meta, words(text))).await.unwrap();
    let [arrived] = meta.sent().try_into().unwrap();
    assert_eq!((arrived.page.as_str(), arrived.psid.as_str()), (PAGE, PERSON));
    assert_eq!(arrived.text.as_deref(), Some(text));
    assert_eq!(arrived.messaging_type, "RESPONSE");
    assert_eq!(arrived.tag, None);
    let metadata = arrived.message.get("metadata").unwrap();
    assert_eq!(*metadata, format!("support:{}", delivery_id()));
    assert_eq!(sent.provider_id, Some(arrived.mid));
}

#[tokio::test]
async fn a_long_text_arrives_whole_and_in_order() {
    let meta = meta().await;
    let text = "Wörter und 😀 مرحبا\n".repeat(3_000);
    let sent = notifier().send(&to_person(&meta, words(&text))).await.unwrap();
    let arrived = meta.sent();
    let texts: Vec<_> = arrived.iter().map(|sent| sent.text.clone().unwrap()).collect();
    assert!(texts.iter().all(|text| text.encode_utf16().count() <= 1_999));
    assert_eq!(texts.join("\n"), text.trim_end());
    let mids: Vec<_> = arrived.into_iter().map(|sent| sent.mid).collect();
    assert_eq!(sent.provider_id, Some(mids.join(",")));
}

#[tokio::test]
async fn a_retry_goes_on_with_the_part_that_failed() {
    let receiver = WebhookReceiver::start().await;
    let notifier = notifier();
    let text = ["a", "b", "c"].map(|letter| letter.repeat(1_900)).join("\n");
    let long = outgoing(route(&receiver.url(), TOKEN), PERSON, words(&text));
    receiver.answer_once(Answer::status(200).body(r#"{"message_id":"m.1"}"#));
    receiver.answer_once(Answer::status(502));
    let (reason, _) = temporary(notifier.send(&long).await.unwrap_err());
    assert_eq!(reason, "part 2 of 3: HTTP 502 Bad Gateway");

    receiver.answer_once(Answer::status(200).body(r#"{"message_id":"m.2"}"#));
    receiver.answer_once(Answer::status(200).body(r#"{"message_id":"m.3"}"#));
    let sent = notifier.send(&long).await.unwrap();
    assert_eq!(sent.provider_id.as_deref(), Some("m.1,m.2,m.3"));
    assert_eq!(receiver.received().len(), 4);
}

#[tokio::test]
async fn limits_and_hiccups_pass() {
    for (trouble, code) in [
        (Trouble::TooManyCalls, "613"),
        (Trouble::AppLimited, "4"),
        (Trouble::Temporary, "1200"),
        (Trouble::ServiceDown, "2"),
    ] {
        let (reason, _) = temporary(failing(trouble).await);
        assert!(reason.starts_with(code), "{reason}");
    }
    for trouble in [
        Trouble::Status(429),
        Trouble::Status(502),
        Trouble::NoAnswer,
        Trouble::SentWithoutAnswer,
    ] {
        temporary(failing(trouble).await);
    }
    assert_eq!(temporary(failing(Trouble::Hang).await).0, "no answer in time");
    temporary(
        answered(error(400, json!({ "code": 80006, "message": "m" })))
            .await
            .unwrap_err(),
    );
    temporary(
        answered(error(400, json!({ "code": 9999, "is_transient": true })))
            .await
            .unwrap_err(),
    );
    let limited = error(429, json!({ "code": 613, "message": "m" })).header("retry-after", "9");
    assert_eq!(
        temporary(answered(limited).await.unwrap_err()).1,
        Some(Duration::from_secs(9))
    );
}

#[tokio::test]
async fn what_meta_refuses_for_good_is_not_tried_again() {
    for (trouble, code) in [
        (Trouble::Unavailable, "551"),
        (Trouble::NoSuchUser, "100/2018001"),
        (Trouble::Abusive, "368"),
        (Trouble::Restricted, "10/1893063"),
    ] {
        let reason = permanent(failing(trouble).await);
        assert!(reason.starts_with(code), "{reason}");
    }
    // The status may say otherwise.
    for code in [10, 100, 200, 230, 368, 551] {
        permanent(
            answered(error(500, json!({ "code": code, "message": "m" })))
                .await
                .unwrap_err(),
        );
    }
    permanent(
        answered(error(400, json!({ "code": 9999, "message": "m" })))
            .await
            .unwrap_err(),
    );
    permanent(answered(Answer::status(413)).await.unwrap_err());
}

#[tokio::test]
async fn after_a_day_of_silence_only_the_customer_can_begin() {
    let meta = meta().await;
    meta.acted_ago(PERSON, Duration::from_secs(25 * 3_600));
    let reason = permanent(notifier().send(&to_person(&meta, words("hello"))).await.unwrap_err());
    assert!(reason.starts_with("10/2018278: "), "{reason}");
}

#[tokio::test]
async fn a_token_that_opens_nothing_stops_the_page() {
    let meta = meta().await;
    meta.revoke_token(TOKEN);
    let reason = refused(notifier().send(&to_person(&meta, words("hello"))).await.unwrap_err());
    assert!(reason.starts_with("190"), "{reason}");

    for page in ["", "a/b", "../me", "1?x", "1#x"] {
        let Route::Messenger(mut wrong) = route(&meta.base(), TOKEN) else {
            panic!("not Messenger's");
        };
        wrong.page_id = page.to_owned();
        let wrong = outgoing(Route::Messenger(wrong), PERSON, words("hello"));
        refused(notifier().send(&wrong).await.unwrap_err());
    }
}

#[tokio::test]
async fn the_token_is_in_no_reason() {
    let encoded = "EAAG%2Fsecret%2Btoken%3D%26%25";
    let echo = format!("at https://graph.facebook.com/?access_token={encoded} with {TOKEN} or {encoded}\u{0}\n");
    let reason = permanent(
        answered(error(400, json!({ "code": 100, "message": echo })))
            .await
            .unwrap_err(),
    );
    assert_eq!(reason, "100: at … with … or …");
    for base in [
        "http://no-such-host.invalid",
        "http://[::1",
        "ftp://x",
        "http://127.0.0.1:1",
    ] {
        let outgoing = outgoing(route(base, TOKEN), PERSON, words("hello"));
        let error = notifier().send(&outgoing).await.unwrap_err();
        let told = format!("{error} {error:?} {outgoing:?}");
        assert!(!told.contains("secret") && !told.contains("EAAG"), "{told}");
    }
}

#[tokio::test]
async fn answers_that_are_not_metas_count_for_nothing() {
    for body in ["", "<html>", "null", "[]", "{\"message_id\":", "\u{0}"] {
        temporary(answered(Answer::status(200).body(body)).await.unwrap_err());
    }
    temporary(
        answered(Answer::status(200).huge_body(200 * 1024 * 1024))
            .await
            .unwrap_err(),
    );
    temporary(answered(Answer::redirect("http://127.0.0.1:1/")).await.unwrap_err());
    // Errors come with 200 as well.
    permanent(
        answered(error(200, json!({ "code": 100, "message": "m" })))
            .await
            .unwrap_err(),
    );
    temporary(answered(error(200, json!("a text"))).await.unwrap_err());
    let without_id = answered(Answer::status(200).body("{}")).await.unwrap();
    assert_eq!(without_id.provider_id, None);
}

#[tokio::test]
async fn what_cannot_be_said_is_not_sent() {
    let meta = meta().await;
    assert_eq!(notifier().channel(), Channel::Messenger);
    for letter in [
        words(" \u{0} "),
        letter(LetterKind::PasswordReset),
        letter(LetterKind::JournalEvent),
    ] {
        permanent(notifier().send(&to_person(&meta, letter)).await.unwrap_err());
    }
    let nobody = Outgoing {
        recipients: Vec::new(),
        ..to_person(&meta, words("hello"))
    };
    permanent(notifier().send(&nobody).await.unwrap_err());
    assert!(meta.calls().is_empty());
}
