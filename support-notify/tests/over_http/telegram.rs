//! Letters in Telegram's chats.

use std::time::Duration;

use serde_json::{Value, json};
use support_core::{
    model::{Channel, Secret},
    ports::{Letter, LetterKind, Notifier as _, NotifyError, Outgoing, Route, Sent, TelegramRoute},
};
use support_notify::{HttpTimeouts, TelegramNotifier};
use support_peers::{TelegramApi, WebhookReceiver, telegram::Trouble, webhook::Answer};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use crate::outgoing::{impatience, letter, message, outgoing, patience, permanent, refused, temporary, words};

const TOKEN: &str = "4711:AAE-secret_token";
const CHAT: i64 = -1_001_234_567_890;

fn notifier() -> TelegramNotifier {
    TelegramNotifier::new(patience()).unwrap()
}

fn route(base: &str) -> Route {
    Route::Telegram(TelegramRoute {
        api_url: base.to_owned(),
        token: Secret::presented(TOKEN),
    })
}

fn to_chat(telegram: &TelegramApi, letter: Letter) -> Outgoing {
    outgoing(route(&telegram.base()), &CHAT.to_string(), letter)
}

async fn said(letter: Letter) -> String {
    let telegram = TelegramApi::start(TOKEN).await;
    notifier().send(&to_chat(&telegram, letter)).await.unwrap();
    let [sent] = telegram.sent().try_into().unwrap();
    sent.text
}

/// What comes of a letter that this happens to.
async fn failing(trouble: Trouble) -> NotifyError {
    let telegram = TelegramApi::start(TOKEN).await;
    telegram.trouble(CHAT, trouble);
    let notifier = TelegramNotifier::new(impatience()).unwrap();
    notifier.send(&to_chat(&telegram, words("hello"))).await.unwrap_err()
}

/// What comes of a letter that is answered so.
async fn answered(answer: Answer) -> Result<Sent, NotifyError> {
    let receiver = WebhookReceiver::start().await;
    receiver.answer_always(answer);
    let notifier = TelegramNotifier::new(impatience()).unwrap();
    let result = notifier
        .send(&outgoing(route(&receiver.url()), "7", words("hello")))
        .await;
    assert_eq!(
        receiver.received().len(),
        1,
        "it was called once, and no redirect followed"
    );
    result
}

#[tokio::test]
async fn a_message_goes_as_it_was_typed_and_is_found_by_its_id() {
    let telegram = TelegramApi::start(TOKEN).await;
    let text = "a < b & *c* _d_ [e](f) #1. https://example.com 👩‍👩‍👧 مرحبا שלום";
    let sent = notifier().send(&to_chat(&telegram, words(text))).await.unwrap();

    let [arrived] = telegram.sent().try_into().unwrap();
    assert_eq!(arrived.chat_id, CHAT);
    assert_eq!(arrived.text, text);
    assert_eq!(sent.provider_id, Some(arrived.message_id.to_string()));
    let previews = arrived.parameters.get("link_preview_options");
    assert_eq!(previews, Some(&json!({ "is_disabled": true })));
    assert_eq!(arrived.parameters.get("parse_mode"), None);
}

#[tokio::test]
async fn a_channel_is_named_as_text() {
    let receiver = WebhookReceiver::start().await;
    receiver.answer_always(Answer::status(200).body(r#"{"ok":true,"result":{"message_id":9}}"#));
    let sent = notifier()
        .send(&outgoing(route(&receiver.url()), "@team", words("hello")))
        .await
        .unwrap();
    assert_eq!(sent.provider_id.as_deref(), Some("9"));
    let [call] = receiver.received().try_into().unwrap();
    assert_eq!(call.json().get("chat_id"), Some(&Value::from("@team")));
}

#[tokio::test]
async fn the_team_is_told_of_a_ticket_with_all_it_needs() {
    let text = said(letter(LetterKind::TicketOpened)).await;
    let expected = "New ticket TKT-7: Invoice <b>4711</b> Reference: forged\nCompany: Acme & Söhne\n\
                    From: Ann (ann@example.com)\nChannel: web, priority: high\nTeam: Billing\n\
                    Opened: 2026-11-21 14:05 CET\n\nAnn: My invoice is wrong.\nAnn: Hello?\n\n\
                    https://desk.example/tickets/1\nReply to this message to answer.";
    assert_eq!(text, expected);
}

#[tokio::test]
async fn the_team_is_told_what_a_customer_wrote() {
    let text = said(letter(LetterKind::MessageAlert)).await;
    assert!(text.starts_with("TKT-7: Invoice"), "{text}");
    assert!(text.contains("\nAnn: Hello?\n"), "{text}");
    assert!(text.ends_with("\nReply to this message to answer."), "{text}");
}

#[tokio::test]
async fn the_team_is_told_whom_to_phone() {
    let text = said(letter(LetterKind::CallbackRequested)).await;
    let expected = "Callback requested\nContact number: 030 901820 (+4930901820)\nEmployee ID: Not provided\n\
                    Company: Acme & Söhne\nStatus: pending\nRequested: 2026-11-21 14:05 CET\n\n\
                    [Callback Request: c-1|Tenant: acme]\nhttps://desk.example/tickets/1";
    assert_eq!(text, expected);
    for kind in [LetterKind::CallbackReminder, LetterKind::CallbackOverdue] {
        let text = said(letter(kind)).await;
        assert!(text.contains("[Callback Request: c-1|Tenant: acme]"), "{text}");
    }
}

#[tokio::test]
async fn admins_are_told_of_trouble() {
    for kind in [LetterKind::ChannelPaused, LetterKind::WebhookDisabled] {
        let text = said(letter(kind)).await;
        assert!(
            text.contains("Company: Acme & Söhne\nChannel: email\nProblem: 535"),
            "{text}"
        );
    }
    assert_eq!(
        said(letter(LetterKind::Test)).await,
        "This is a test from Acme & Söhne: the channel works."
    );
}

#[tokio::test]
async fn an_alert_is_one_message_however_much_was_written() {
    let mut alert = letter(LetterKind::TicketOpened);
    alert.messages = vec![message(&"n".repeat(5_000), &"😀".repeat(500_000)); 20];
    alert.earlier_messages = 3;
    let text = said(alert).await;
    assert!(text.contains("(3 earlier messages)"), "{text}");
    assert!(text.contains("…\n\nhttps://desk.example/tickets/1\nReply to"), "{text}");
}

#[tokio::test]
async fn what_is_said_elsewhere_is_not_said_here() {
    let telegram = TelegramApi::start(TOKEN).await;
    for kind in [
        LetterKind::PasswordReset,
        LetterKind::JournalEvent,
        LetterKind::OfflineDigest,
    ] {
        permanent(notifier().send(&to_chat(&telegram, letter(kind))).await.unwrap_err());
    }
    for empty in ["", " \n\t ", "\u{0}\u{7}\u{1b}"] {
        permanent(notifier().send(&to_chat(&telegram, words(empty))).await.unwrap_err());
    }
    assert!(telegram.calls().is_empty());
}

#[tokio::test]
async fn control_characters_stay_away() {
    assert_eq!(said(words("a\u{0}b\u{7}\r\nc\rd\te\u{9f}")).await, "ab\nc\nd\te");
}

#[tokio::test]
async fn a_megabyte_arrives_whole_and_in_order() {
    let telegram = TelegramApi::start(TOKEN).await;
    let text = "Wörter und 😀 مرحبا\n".repeat(1_024 * 1_024 / 28);
    let timeouts = HttpTimeouts {
        delivery: Duration::from_secs(60),
        ..patience()
    };
    let notifier = TelegramNotifier::new(timeouts).unwrap();
    let sent = notifier.send(&to_chat(&telegram, words(&text))).await.unwrap();

    let arrived = telegram.sent();
    assert!(arrived.iter().all(|sent| sent.text.encode_utf16().count() <= 4_096));
    let ids: Vec<_> = arrived.iter().map(|sent| sent.message_id.to_string()).collect();
    assert_eq!(sent.provider_id, Some(ids.join(",")));
    let texts: Vec<_> = arrived.into_iter().map(|sent| sent.text).collect();
    assert_eq!(texts.join("\n"), text.trim_end());
}

#[tokio::test]
async fn a_retry_goes_on_with_the_part_that_failed() {
    let telegram = TelegramApi::start(TOKEN).await;
    let text = format!(
        "{}\n\n{}\n\n{}",
        "a".repeat(4_000),
        "b".repeat(4_000),
        "c".repeat(4_000)
    );
    let long = to_chat(&telegram, words(&text));
    let notifier = notifier();
    // The peer's own limit lets the first one through.
    let limited = TelegramApi::builder(TOKEN).one_message_a_second().start().await;
    let to_limited = Outgoing {
        route: route(&limited.base()),
        ..long.clone()
    };
    let (reason, retry_after) = temporary(notifier.send(&to_limited).await.unwrap_err());
    assert!(reason.starts_with("part 2 of 3: Too Many Requests"), "{reason}");
    assert!(retry_after.is_some());

    // Anywhere else the text would be the same one, to the same chat.
    let sent = notifier.send(&long).await.unwrap();
    let texts: String = telegram.sent().iter().map(|sent| &sent.text[..1]).collect();
    assert_eq!(texts, "bc");
    assert_eq!(sent.provider_id.unwrap().split(',').count(), 3);

    // What is finished is forgotten: the same delivery again is said again.
    notifier.send(&long).await.unwrap();
    assert_eq!(telegram.sent().len(), 5);
}

#[tokio::test]
async fn another_text_begins_anew() {
    let limited = TelegramApi::builder(TOKEN).one_message_a_second().start().await;
    let free = TelegramApi::start(TOKEN).await;
    let notifier = notifier();
    let text = "a ".repeat(4_000);
    temporary(notifier.send(&to_chat(&limited, words(&text))).await.unwrap_err());
    notifier
        .send(&to_chat(&free, words(&text.replace('a', "b"))))
        .await
        .unwrap();
    assert_eq!(free.sent().len(), 2);
}

#[tokio::test]
async fn too_much_at_once_waits_as_long_as_telegram_says() {
    let (reason, retry_after) = temporary(failing(Trouble::TooManyRequests(17)).await);
    assert_eq!(reason, "Too Many Requests: retry after 17");
    assert_eq!(retry_after, Some(Duration::from_secs(17)));

    let by_header = Answer::status(429)
        .header("retry-after", "21")
        .body(r#"{"ok":false,"error_code":429}"#);
    let (reason, retry_after) = temporary(answered(by_header).await.unwrap_err());
    assert_eq!(reason, "HTTP 429 Too Many Requests");
    assert_eq!(retry_after, Some(Duration::from_secs(21)));
}

#[tokio::test]
async fn a_group_that_became_another_one_is_found_there() {
    let NotifyError::Moved { reason, to } = failing(Trouble::Upgraded(-1_009_876_543_210)).await else {
        panic!("not moved");
    };
    assert_eq!(to, "-1009876543210");
    assert!(reason.contains("upgraded"), "{reason}");
}

#[tokio::test]
async fn people_who_cannot_be_reached_are_not_tried_again() {
    for trouble in [Trouble::Blocked, Trouble::Deactivated, Trouble::CannotInitiate] {
        assert!(permanent(failing(trouble).await).starts_with("Forbidden: "));
    }
    assert_eq!(
        permanent(failing(Trouble::ChatNotFound).await),
        "Bad Request: chat not found"
    );
}

#[tokio::test]
async fn a_token_that_opens_nothing_stops_the_bot() {
    let telegram = TelegramApi::start(TOKEN).await;
    telegram.revoke_token();
    assert_eq!(
        refused(notifier().send(&to_chat(&telegram, words("hello"))).await.unwrap_err()),
        "Unauthorized"
    );
    let unknown = Answer::status(404).body(r#"{"ok":false,"error_code":404,"description":"Not Found"}"#);
    assert_eq!(refused(answered(unknown).await.unwrap_err()), "Not Found");

    for token in ["", "a/b", "a?b", "a#b", "../x", "a b", "é"] {
        let token = Secret::presented(token);
        let route = Route::Telegram(TelegramRoute {
            api_url: telegram.base(),
            token,
        });
        refused(
            notifier()
                .send(&outgoing(route, "7", words("hello")))
                .await
                .unwrap_err(),
        );
    }
}

#[tokio::test]
async fn outages_pass() {
    for trouble in [Trouble::ServerError(500), Trouble::ServerError(502), Trouble::NoAnswer] {
        let (_, retry_after) = temporary(failing(trouble).await);
        assert_eq!(retry_after, None);
    }
    assert_eq!(temporary(failing(Trouble::Hang).await).0, "no answer in time");
    temporary(failing(Trouble::SentWithoutAnswer).await);

    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let nobody = route(&format!("http://{nobody}"));
    let (reason, _) = temporary(
        notifier()
            .send(&outgoing(nobody, "7", words("hello")))
            .await
            .unwrap_err(),
    );
    assert!(reason.starts_with("no connection: "), "{reason}");
}

#[tokio::test]
async fn answers_that_are_not_telegrams_count_for_nothing() {
    for body in [
        "",
        "<html>",
        "null",
        "[]",
        "{}",
        r#"{"ok":"yes"}"#,
        "{\"ok\":true",
        "\u{0}",
    ] {
        temporary(answered(Answer::status(200).body(body)).await.unwrap_err());
    }
    temporary(
        answered(Answer::status(200).huge_body(200 * 1024 * 1024))
            .await
            .unwrap_err(),
    );
    temporary(answered(Answer::redirect("http://127.0.0.1:1/")).await.unwrap_err());
    let padded = format!(
        "{}{}",
        " ".repeat(64 * 1_024),
        r#"{"ok":true,"result":{"message_id":1}}"#
    );
    temporary(answered(Answer::status(200).body(padded)).await.unwrap_err());
    let deep = "[".repeat(60_000);
    temporary(answered(Answer::status(200).body(deep)).await.unwrap_err());

    let without_id = answered(Answer::status(200).body(r#"{"ok":true,"result":true}"#))
        .await
        .unwrap();
    assert_eq!(without_id.provider_id, None);
}

#[tokio::test]
async fn an_answer_by_drops_ends_in_time() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let dripping = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 4_096]).await.unwrap();
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 60000\r\n\r\n")
            .await
            .unwrap();
        while stream.write_all(b" ").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    let notifier = TelegramNotifier::new(impatience()).unwrap();
    temporary(
        notifier
            .send(&outgoing(route(&base), "7", words("hello")))
            .await
            .unwrap_err(),
    );
    tokio::time::timeout(Duration::from_secs(10), dripping)
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn a_delivery_of_many_parts_ends_in_time_and_is_taken_up_later() {
    let receiver = WebhookReceiver::start().await;
    let slow = Answer::status(200).body(r#"{"ok":true,"result":{"message_id":1}}"#);
    receiver.answer_always(slow.clone().after(Duration::from_millis(100)));
    let timeouts = HttpTimeouts {
        delivery: Duration::from_millis(500),
        ..patience()
    };
    let notifier = TelegramNotifier::new(timeouts).unwrap();
    let long = outgoing(route(&receiver.url()), "7", words(&"a ".repeat(40_000)));
    temporary(notifier.send(&long).await.unwrap_err());
    let before = receiver.received().len();

    receiver.clear_script();
    receiver.answer_always(slow);
    notifier.send(&long).await.unwrap();
    let all = receiver.received().len();
    // One may have been on its way when the time was up.
    assert!((20..=21).contains(&all), "{before} and {} parts", all - before);
}

#[tokio::test]
async fn the_token_is_in_no_reason() {
    let echo = json!({ "ok": false, "error_code": 400, "description":
        format!("Bad Request: no /bot{TOKEN}/sendMessage at https://api.telegram.org/bot{TOKEN}\n{}", "x".repeat(900)) });
    let reason = permanent(answered(Answer::status(400).body(echo.to_string())).await.unwrap_err());
    assert!(!reason.contains(TOKEN) && !reason.contains("://"), "{reason}");
    assert!(reason.chars().count() <= 300);
    assert!(
        reason.starts_with("Bad Request: no /bot…/sendMessage at … "),
        "{reason}"
    );

    for base in [
        "http://no-such-host.invalid",
        "http://[::1",
        "ftp://x",
        "http://127.0.0.1:1",
    ] {
        let error = notifier()
            .send(&outgoing(route(base), "7", words("hello")))
            .await
            .unwrap_err();
        assert!(!format!("{error} {error:?}").contains("secret_token"), "{error:?}");
    }
    assert!(!format!("{:?}", route("http://x")).contains("secret_token"));
}

#[tokio::test]
async fn telegram_is_told_where_to_post_updates() {
    let telegram = TelegramApi::start(TOKEN).await;
    let secret = Secret::presented("hook-secret_1");
    let route = route(&telegram.base());
    notifier()
        .register(&route, "https://desk.example/webhooks/telegram/1", &secret)
        .await
        .unwrap();
    let [call] = telegram.calls().try_into().unwrap();
    assert_eq!(call.method, "setWebhook");
    assert_eq!(
        call.parameters.get("url").unwrap(),
        "https://desk.example/webhooks/telegram/1"
    );
    assert_eq!(call.parameters.get("secret_token").unwrap(), "hook-secret_1");
    assert_eq!(call.parameters.get("allowed_updates").unwrap(), &json!(["message"]));
    assert!(call.parameters.contains_key("max_connections"));

    let insecure = notifier()
        .register(&route, "http://desk.example/", &Secret::presented("spaces are wrong"))
        .await;
    permanent(insecure.unwrap_err());
    telegram.revoke_token();
    refused(
        notifier()
            .register(&route, "https://desk.example/", &secret)
            .await
            .unwrap_err(),
    );
}

#[tokio::test]
async fn only_telegrams_routes_are_taken() {
    assert_eq!(notifier().channel(), Channel::Telegram);
    let other = Route::Webhook(support_core::ports::WebhookRoute {
        url: String::new(),
        secrets: Vec::new(),
    });
    permanent(
        notifier()
            .send(&outgoing(other, "7", words("hello")))
            .await
            .unwrap_err(),
    );
    let mut nobody = outgoing(route("http://127.0.0.1:1"), "7", words("hello"));
    nobody.recipients.clear();
    permanent(notifier().send(&nobody).await.unwrap_err());
}
