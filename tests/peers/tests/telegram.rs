//! Telegram, called by reqwest as a bot, and posting to a receiver that answers as scripted.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed unwrap is a failed test, and so is what is not there"
)]

use std::time::Duration;

use reqwest::Client;
use serde_json::{Value, json};
use support_peers::WebhookReceiver;
use support_peers::telegram::{TelegramApi, Trouble};
use support_peers::webhook::Answer;
use support_testkit::eventually;

const TOKEN: &str = "4711:secret";
const SOON: Duration = Duration::from_secs(10);

async fn call(telegram: &TelegramApi, method: &str, parameters: Value) -> (u16, Value) {
    let url = format!("{}/bot{TOKEN}/{method}", telegram.base());
    let answer = Client::new().post(url).json(&parameters).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn send(telegram: &TelegramApi, parameters: Value) -> (u16, String) {
    let (status, answer) = call(telegram, "sendMessage", parameters).await;
    assert_eq!(answer["ok"], status == 200);
    let text = answer.pointer("/result/text").or_else(|| answer.get("description"));
    (status, text.unwrap().as_str().unwrap().to_owned())
}

async fn html(telegram: &TelegramApi, text: &str) -> (u16, String) {
    send(telegram, json!({ "chat_id": 7, "text": text, "parse_mode": "HTML" })).await
}

#[tokio::test]
async fn a_message_reaches_its_chat_by_json_and_by_form() {
    let telegram = TelegramApi::start(TOKEN).await;
    let (status, answer) = call(&telegram, "sendMessage", json!({ "chat_id": 7, "text": "Grüße" })).await;
    assert_eq!(status, 200);
    assert_eq!(answer["result"]["chat"], json!({ "id": 7, "type": "private" }));
    let id = answer["result"]["message_id"].as_i64().unwrap();

    let url = format!("{}/bot{TOKEN}/sendMessage", telegram.base());
    for (reply, status) in [("", 200), ("&reply_parameters=%7B%22message_id%22%3A1%7D", 400)] {
        // The message to reply to is in another chat.
        let form = format!("chat_id=-1001234567890&text=a%20%26%20b{reply}");
        let request = Client::new().post(&url).body(form);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        assert_eq!(request.send().await.unwrap().status(), status);
    }
    assert_eq!(id, 1);

    let reply = json!({ "chat_id": "7", "text": "b", "reply_parameters": { "message_id": id } });
    let (_, answer) = call(&telegram, "sendMessage", reply).await;
    assert_eq!(answer["result"]["reply_to_message"]["text"], "Grüße");
    let texts: Vec<_> = telegram.sent().into_iter().map(|sent| sent.text).collect();
    assert_eq!(texts, ["Grüße", "a & b", "b"]);
}

#[tokio::test]
async fn a_wrong_token_method_or_parameter_is_refused() {
    let telegram = TelegramApi::start(TOKEN).await;
    let url = format!("{}/bot4712:other/getMe", telegram.base());
    let answer = Client::new().get(url).send().await.unwrap();
    assert_eq!(answer.status(), 401);
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(
        answer,
        json!({ "ok": false, "error_code": 401, "description": "Unauthorized" })
    );

    assert_eq!(call(&telegram, "getMe", json!({})).await.1["result"]["id"], 4711);
    assert_eq!(call(&telegram, "sendFax", json!({})).await.0, 404);
    let wrong = [
        json!({ "text": "a" }),
        json!({ "chat_id": 7 }),
        json!({ "chat_id": 7, "text": "" }),
        json!({ "chat_id": 7, "text": " \n" }),
        json!({ "chat_id": 7, "text": 5 }),
        json!({ "chat_id": "seven", "text": "a" }),
        json!({ "chat_id": "@unknown", "text": "a" }),
        json!({ "chat_id": 7, "text": "a", "disable_web_page_preview": true }),
        json!({ "chat_id": 7, "text": "a", "disable_notification": "perhaps" }),
        json!({ "chat_id": 7, "text": "a", "reply_parameters": { "message_id": 99 } }),
        json!({ "chat_id": 7, "text": "a", "reply_markup": { "inline_keyboard": [{ "text": "a" }] } }),
        json!({ "chat_id": 7, "text": "a", "reply_markup": {
            "inline_keyboard": [[{ "text": "a", "callback_data": "x".repeat(65) }]] } }),
    ];
    for parameters in wrong {
        assert_eq!(send(&telegram, parameters.clone()).await.0, 400, "{parameters}");
    }
    telegram.revoke_token();
    assert_eq!(call(&telegram, "getMe", json!({})).await.0, 401);
    assert!(telegram.sent().is_empty());
}

#[tokio::test]
async fn a_text_has_up_to_4096_utf_16_units_once_its_markup_is_gone() {
    let telegram = TelegramApi::start(TOKEN).await;
    let fits = "😀".repeat(2048);
    assert_eq!(html(&telegram, &format!("<b>{fits}</b>")).await, (200, fits.clone()));
    assert_eq!(
        html(&telegram, &format!("{fits}.")).await.1,
        "Bad Request: message is too long"
    );
    let long = format!("{}a", "<b></b>".repeat(4682));
    assert_eq!(html(&telegram, &long).await.1, "Bad Request: text is too long");
}

#[tokio::test]
async fn markup_is_read_as_telegram_reads_it() {
    let telegram = TelegramApi::start(TOKEN).await;
    let good = [
        ("a & b > c &nbsp; &lt;i&gt; &#228;", "a & b > c &nbsp; <i> ä"),
        ("<b>x <i>y</i></b> <SPAN class='tg-spoiler'>z</span>", "x y z"),
        ("<a href=\"https://x/?a=1&amp;b='>'\">link</a>", "link"),
        ("<a href=\"javascript:alert(1)\">gone</a>", "gone"),
    ];
    for (markup, text) in good {
        assert_eq!(html(&telegram, markup).await, (200, text.to_owned()));
    }
    html(&telegram, "😀😀😀<b>y</b>").await;
    let entities: Vec<_> = telegram.sent().into_iter().map(|sent| sent.entities).collect();
    let [_, _, link, none, bold] = &entities[..] else {
        unreachable!()
    };
    assert_eq!(link[0]["url"], "https://x/?a=1&b='>'");
    assert!(none.is_empty());
    assert_eq!(bold[0], json!({ "type": "bold", "offset": 6, "length": 1 }));

    for bad in [
        "a < b",
        "a<br>b",
        "<p>x</p>",
        "<b>x",
        "x</b>",
        "<b><i>x</b></i>",
        "<span>x</span>",
        "<b",
    ] {
        let (status, description) = html(&telegram, bad).await;
        assert_eq!(status, 400, "{bad}");
        assert!(
            description.starts_with("Bad Request: can't parse entities: "),
            "{description}"
        );
    }
    assert_eq!(send(&telegram, json!({ "chat_id": 7, "text": "a < b" })).await.0, 200);
}

#[tokio::test]
async fn troubles_of_a_chat_are_its_own_and_end() {
    let telegram = TelegramApi::start(TOKEN).await;
    let hello = json!({ "chat_id": 7, "text": "a" });
    telegram.trouble(7, Trouble::Blocked);
    telegram.trouble_once(7, Trouble::Upgraded(-1_000_000_000_007));
    telegram.trouble_once(7, Trouble::ServerError(502));
    telegram.trouble_once(7, Trouble::ChatNotFound);
    let (status, answer) = call(&telegram, "sendMessage", hello.clone()).await;
    assert_eq!(
        (status, &answer["parameters"]["migrate_to_chat_id"]),
        (400, &json!(-1_000_000_000_007_i64))
    );
    assert_eq!(send(&telegram, hello.clone()).await.0, 502);
    assert_eq!(send(&telegram, hello.clone()).await.1, "Bad Request: chat not found");
    assert_eq!(
        send(&telegram, hello.clone()).await,
        (403, "Forbidden: bot was blocked by the user".to_owned())
    );
    assert_eq!(send(&telegram, json!({ "chat_id": 8, "text": "a" })).await.0, 200);
    telegram.recover(7);

    telegram.trouble_once(7, Trouble::TooManyRequests(3));
    let url = format!("{}/bot{TOKEN}/sendMessage", telegram.base());
    let limited = Client::new().post(url).json(&hello).send().await.unwrap();
    assert_eq!(limited.status(), 429);
    assert_eq!(limited.headers()["retry-after"], "3");
    assert_eq!(limited.json::<Value>().await.unwrap()["parameters"]["retry_after"], 3);

    telegram.trouble_once(7, Trouble::SentWithoutAnswer);
    let url = format!("{}/bot{TOKEN}/sendMessage", telegram.base());
    Client::new().post(url).json(&hello).send().await.unwrap_err();
    assert_eq!(telegram.sent().len(), 2);
    let answered: Vec<_> = telegram.calls().iter().map(|call| call.answered).collect();
    let codes = [400, 502, 400, 403, 200, 429].map(Some);
    assert_eq!(answered, [&codes[..], &[None]].concat());
}

#[tokio::test]
async fn a_chat_takes_one_message_a_second_if_so_wished() {
    let telegram = TelegramApi::builder(TOKEN).one_message_a_second().start().await;
    let to = |chat: i64| json!({ "chat_id": chat, "text": "a" });
    assert_eq!(send(&telegram, to(7)).await.0, 200);
    assert_eq!(send(&telegram, to(7)).await.0, 429);
    assert_eq!(send(&telegram, to(8)).await.0, 200);
}

#[tokio::test]
async fn updates_come_in_order_until_taken_and_a_failing_chat_holds_up_no_other() {
    let telegram = TelegramApi::builder(TOKEN)
        .first_pause(Duration::from_millis(5))
        .start()
        .await;
    let receiver = WebhookReceiver::start().await;
    let ann = TelegramApi::person(7, "Ann");
    let first = telegram.push_message(7, &ann, "first");
    let webhook = json!({ "url": receiver.url(), "secret_token": "s-1", "allowed_updates": ["message"] });
    receiver.answer_once(Answer::status(500));
    receiver.answer_once(Answer::close());
    assert_eq!(call(&telegram, "setWebhook", webhook).await.0, 200);
    let second = telegram.push_message(7, &ann, "second");
    telegram.push_update(7, "my_chat_member", json!({}));
    telegram.wait_for_delivery(second, SOON).await;
    telegram.repeat(first);

    receiver
        .wait_for(
            |received| received.answered == Some(200) && received.json()["update_id"] == second,
            SOON,
        )
        .await;
    telegram.push_message(8, &TelegramApi::person(8, "Ben"), "third");
    let third = receiver
        .wait_for(|received| received.json()["message"]["text"] == "third", SOON)
        .await;
    assert_eq!(third.header("x-telegram-bot-api-secret-token"), Some("s-1"));
    let of_ann = telegram
        .deliveries()
        .into_iter()
        .filter(|delivery| delivery.chat_id == 7);
    let ids: Vec<_> = of_ann
        .map(|delivery| (delivery.update_id, delivery.status))
        .take(4)
        .collect();
    assert_eq!(
        ids,
        [
            (first, Some(500)),
            (first, None),
            (first, Some(200)),
            (second, Some(200))
        ]
    );
    // Two failures, one success, and the repetition.
    eventually(SOON, || async {
        let received = receiver.received();
        let of_first = received.iter().filter(|received| received.json()["update_id"] == first);
        (of_first.count() == 4).then_some(())
    })
    .await;
}

#[tokio::test]
async fn replies_and_buttons_name_the_message_and_a_query_is_answered_once() {
    let telegram = TelegramApi::start(TOKEN).await;
    let receiver = WebhookReceiver::start().await;
    telegram.webhook(&receiver.url(), None);
    send(&telegram, json!({ "chat_id": 7, "text": "How was it?" })).await;
    let sent = telegram.wait_for_sent(|sent| sent.chat_id == 7, SOON).await;
    let ann = TelegramApi::person(7, "Ann");
    let reply = telegram.push_reply(7, &ann, sent.message_id, "Good");
    assert_eq!(
        telegram.update(reply).1["message"]["reply_to_message"]["message_id"],
        sent.message_id
    );
    let pressed = telegram.push_callback(7, &ann, sent.message_id, "rate:5");
    telegram.wait_for_delivery(pressed, SOON).await;

    let query = telegram.update(pressed).1["callback_query"]["id"].clone();
    let answer = json!({ "callback_query_id": query });
    assert_eq!(call(&telegram, "answerCallbackQuery", answer.clone()).await.0, 200);
    assert_eq!(call(&telegram, "answerCallbackQuery", answer).await.0, 400);
}

#[tokio::test]
#[should_panic(expected = "answered with a body")]
async fn an_answer_with_a_body_fails_the_test() {
    let telegram = TelegramApi::start(TOKEN).await;
    let receiver = WebhookReceiver::start().await;
    telegram.webhook(&receiver.url(), None);
    receiver.answer_once(Answer::status(200).body(r#"{"method":"sendMessage"}"#));
    let update = telegram.push_message(7, &TelegramApi::person(7, "Ann"), "a");
    telegram.wait_for_delivery(update, SOON).await;
}
