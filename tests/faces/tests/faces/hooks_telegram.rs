//! Telegram: what people write to a bot, and what the team answers from its own chat.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use support_faces::{Kind, World, on_both_stores, text_of};
use support_peers::telegram::TelegramApi;
use support_testkit::Api;

on_both_stores!(
    a_person_the_team_and_a_bot_talk,
    a_call_without_the_bots_secret_is_refused,
);

const SOON: Duration = Duration::from_secs(20);
const TEAM: i64 = -1_001_234_567_890;
const SECRET: &str = "a-secret-of-the-bot";

/// A server whose bot is registered; answers where its webhook is.
async fn world(kind: Kind, telegram: &TelegramApi) -> (World, String) {
    let (base, team) = (telegram.base(), TEAM.to_string());
    let settings = [
        ("TELEGRAM_BOT_TOKEN", "4711:token"),
        ("TELEGRAM_CHAT_ID", team.as_str()),
        ("TELEGRAM_API_URL", base.as_str()),
        // Telegram calls nothing but HTTPS.
        ("PUBLIC_URL", "https://support.example"),
    ];
    let world = World::with(kind, &settings).await;
    let admin = world.admin().await;
    let secret = json!({ "telegram": { "webhookSecret": SECRET } });
    admin.put("/api/v1/admin/settings", &secret).await.expect(200);
    let registered = admin
        .post("/api/v1/admin/settings/telegram/webhook", &json!({}))
        .await
        .expect(200);
    assert_eq!(registered["data"]["delivered"], true, "{registered}");
    let settings = admin.get("/api/v1/admin/settings").await.expect(200);
    let url = text_of(&settings, "/data/telegram/webhookUrl");
    let path = url.strip_prefix("https://support.example").unwrap().to_owned();
    telegram.webhook(&world.server().url(&path), Some(SECRET));
    (world, path)
}

async fn said(admin: &Api) -> Vec<String> {
    let listed = admin.get("/api/v1/admin/chat").await.expect(200);
    let chats = listed["data"]["chats"].as_array().unwrap();
    assert_eq!(chats.len(), 1, "{listed}");
    let path = format!("/api/v1/admin/chat/{}", text_of(&chats[0], "/chatId"));
    let read = admin.get(&path).await.expect(200);
    let messages = read["data"]["messages"].as_array().unwrap().clone();
    let said = messages.iter().filter(|message| message["sender"] != "SYSTEM");
    let line = |message: &Value| format!("{}: {}", text_of(message, "/senderName"), text_of(message, "/message"));
    said.map(line).collect()
}

async fn a_person_the_team_and_a_bot_talk(kind: Kind) {
    let telegram = TelegramApi::start("4711:token").await;
    let (world, _) = world(kind, &telegram).await;
    let admin = world.admin().await;
    let (ann, bo) = (TelegramApi::person(7, "Ann"), TelegramApi::person(8, "Bo"));
    let first = telegram.push_message(7, &ann, "Hello?");
    telegram.wait_for_delivery(first, SOON).await;
    telegram.repeat(first);
    let photo = json!({ "photo": [{ "file_id": "x" }], "caption": "My cat" });
    let photo = telegram.push_content(7, &ann, photo.as_object().unwrap().clone());
    telegram.wait_for_delivery(photo, SOON).await;
    assert_eq!(said(&admin).await, ["Ann: Hello?", "Ann: [photo]\nMy cat"]);

    let alert = telegram
        .wait_for_sent(|sent| sent.chat_id == TEAM && sent.text.contains("TKT-1"), SOON)
        .await;
    let among_us = telegram.push_message(TEAM, &bo, "Who takes this?");
    telegram.wait_for_delivery(among_us, SOON).await;
    let reply = telegram.push_reply(TEAM, &bo, alert.message_id, "Hello Ann, nice cat");
    telegram.wait_for_delivery(reply, SOON).await;
    telegram.repeat(reply);
    let answered = telegram.wait_for_sent(|sent| sent.chat_id == 7, SOON).await;
    assert_eq!(answered.text, "Hello Ann, nice cat");
    let expected = ["Ann: Hello?", "Ann: [photo]\nMy cat", "Bo: Hello Ann, nice cat"];
    assert_eq!(said(&admin).await, expected);
    assert!(
        telegram
            .deliveries()
            .iter()
            .all(|delivery| delivery.answer_body.is_empty())
    );
}

async fn a_call_without_the_bots_secret_is_refused(kind: Kind) {
    let telegram = TelegramApi::start("4711:token").await;
    let (world, path) = world(kind, &telegram).await;
    let (public, admin) = (world.public(), world.admin().await);
    let update = json!({ "update_id": 1, "message": { "message_id": 1, "date": 1, "text": "forged",
        "chat": { "id": 7, "type": "private" }, "from": { "id": 7, "is_bot": false, "first_name": "Ann" } } });
    let call = async |path: &str, secret: Option<&str>, body: String| {
        let mut call = public
            .request(Method::POST, path)
            .header("content-type", "application/json")
            .body(body);
        if let Some(secret) = secret {
            call = call.header("x-telegram-bot-api-secret-token", secret);
        }
        call.send().await.unwrap().status().as_u16()
    };
    assert_eq!(call(&path, None, update.to_string()).await, 401);
    for wrong in ["", "wrong", "a-secret-of-the-bo", "A-SECRET-OF-THE-BOT"] {
        assert_eq!(call(&path, Some(wrong), update.to_string()).await, 401, "{wrong}");
    }
    let nobodys = "/webhooks/telegram/0190b6a0-0000-7000-8000-000000000000";
    assert_eq!(call(nobodys, Some(SECRET), update.to_string()).await, 404);
    assert_eq!(call(&path, Some(SECRET), "{".to_owned()).await, 400);
    let listed = admin.get("/api/v1/admin/chat").await.expect(200);
    assert_eq!(listed["data"]["pagination"]["totalItems"], 0);
    assert_eq!(call(&path, Some(SECRET), update.to_string()).await, 200);
}
