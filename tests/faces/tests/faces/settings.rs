//! Ways out and in as admins settle them: secrets, tests, and words of mails.

use std::path::Path;

use serde_json::{Value, json};
use support_faces::{Kind, World, fields_of, on_both_stores, refused, refused_fields};
use support_peers::{
    SmtpSink, TelegramApi,
    smtp::{Act, Stage},
};

use crate::ways_out::{BOT, SOON, TEAM, WaysOut, data, wish};

on_both_stores!(
    ways_out_are_settled_in_part_and_read_back,
    what_is_wrong_with_ways_out_is_told_at_once,
    secrets_are_told_to_nobody,
    what_was_read_changes_nothing_when_it_is_sent_back,
    a_test_answers_the_other_sides_own_words,
    telegram_is_told_where_to_bring_messages,
    a_mail_can_have_other_words,
    words_that_are_no_mail_are_refused_by_part_and_line,
    a_preview_escapes_what_people_type,
    settings_of_ways_out_are_for_admins,
);

const SETTINGS: &str = "/api/v1/admin/settings";
const TEST: &str = "/api/v1/admin/settings/test";
const REGISTER: &str = "/api/v1/admin/settings/telegram/webhook";
const TEMPLATES: &str = "/api/v1/admin/settings/templates";
const SECRETS: [&str; 7] = [
    "smtp-password-7d1f",
    "110201543:telegram-token-7d1f",
    "webhook-secret-7d1f",
    "page-token-7d1f",
    "app-secret-7d1f",
    "verify-token-7d1f",
    "sms-secret-7d1f",
];

fn all_secrets() -> Value {
    let [password, bot, webhook, page, app, verify, sms] = SECRETS;
    json!({
        "smtp": { "host": "mail.example.com", "user": "desk", "password": password, "fromEmail": "desk@example.com" },
        "telegram": { "botToken": bot, "chatId": -100_123, "webhookSecret": webhook },
        "messenger": { "pageId": "42", "pageToken": page, "appSecret": app, "verifyToken": verify },
        "sms": { "url": "https://93.184.216.34/sms", "secret": sms },
    })
}

async fn ways_out_are_settled_in_part_and_read_back(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let before = data(admin.get(SETTINGS).await, 200);
    for (name, value) in [
        ("callbackEmailTo", json!([])),
        ("callbackEmailCc", json!([])),
        ("logRequestEmailTo", json!([])),
        ("smtp", Value::Null),
        ("sms", Value::Null),
        ("phoneRegion", Value::Null),
        ("digestUnsubscribed", json!([])),
        ("pausedChannels", json!([])),
    ] {
        assert_eq!(before[name], value, "{name}");
    }
    let lists = json!({
        "callbackEmailTo": "One@Example.com, two@example.com,", "callbackEmailCc": ["cc@example.com"],
        "logRequestEmailTo": ["log@example.com"], "digestUnsubscribed": ["no@example.com"], "phoneRegion": "de",
    });
    let after = data(admin.put(SETTINGS, &lists).await, 200);
    assert_eq!(after["callbackEmailTo"], json!(["one@example.com", "two@example.com"]));
    assert_eq!(after["phoneRegion"], "DE");
    assert_eq!(after["digestUnsubscribed"], json!(["no@example.com"]));
    assert_eq!(after["name"], before["name"]);

    let smtp = json!({ "smtp": { "host": "mail.example.com", "tls": true } });
    let after = data(admin.put(SETTINGS, &smtp).await, 200);
    let expected = json!({
        "host": "mail.example.com", "port": 587, "user": null, "password": false, "tls": "starttls",
        "fromEmail": null, "fromName": null,
    });
    assert_eq!(after["smtp"], expected);
    assert_eq!(after["callbackEmailCc"], json!(["cc@example.com"]));
    for (written, read) in [
        (json!("tls"), "tls"),
        (json!(false), "none"),
        (json!("starttls"), "starttls"),
    ] {
        let after = data(admin.put(SETTINGS, &json!({ "smtp": { "tls": written } })).await, 200);
        assert_eq!(
            (&after["smtp"]["tls"], &after["smtp"]["port"]),
            (&json!(read), &json!(587))
        );
    }
    let none = json!({ "smtp": null, "phoneRegion": null, "callbackEmailTo": null, "callbackEmailCc": [] });
    let after = data(admin.put(SETTINGS, &none).await, 200);
    assert_eq!((&after["smtp"], &after["phoneRegion"]), (&Value::Null, &Value::Null));
    assert_eq!(
        (&after["callbackEmailTo"], &after["callbackEmailCc"]),
        (&json!([]), &json!([]))
    );
    assert_eq!(after["logRequestEmailTo"], json!(["log@example.com"]));
}

async fn what_is_wrong_with_ways_out_is_told_at_once(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let before = data(admin.get(SETTINGS).await, 200);
    let wrong = json!({
        "callbackEmailTo": ["nobody"], "callbackEmailCc": "a@b.example, x", "phoneRegion": "Germany",
        "digestUnsubscribed": ["@"], "smtp": { "port": 0, "fromEmail": "x" }, "sms": {},
    });
    refused_fields(
        &admin.put(SETTINGS, &wrong).await,
        &[
            "callbackEmailTo",
            "callbackEmailCc",
            "phoneRegion",
            "digestUnsubscribed",
            "smtp.host",
            "smtp.port",
            "smtp.fromEmail",
            "sms.url",
        ],
    );
    let types = json!({
        "callbackEmailTo": 7, "smtp": { "port": "x", "tls": "ssl", "password": 7 }, "telegram": { "chatId": [] },
        "messenger": 7, "sms": { "secret": {} },
    });
    refused_fields(
        &admin.put(SETTINGS, &types).await,
        &[
            "callbackEmailTo",
            "smtp.port",
            "smtp.tls",
            "smtp.password",
            "telegram.chatId",
            "messenger",
            "sms.secret",
        ],
    );
    // A provider inside the installation's own network is none.
    for url in [
        "http://127.0.0.1:9/sms",
        "http://169.254.169.254/",
        "ftp://example.com/",
    ] {
        refused_fields(
            &admin.put(SETTINGS, &json!({ "sms": { "url": url } })).await,
            &["sms.url"],
        );
    }
    assert_eq!(data(admin.get(SETTINGS).await, 200), before);
}

/// Everything under a folder, as it lies on disk.
fn bytes_below(folder: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(bytes_below(&path));
        } else {
            all.extend(std::fs::read(&path).unwrap());
        }
    }
    all
}

fn holds(all: &[u8], part: &str) -> bool {
    all.windows(part.len()).any(|window| window == part.as_bytes())
}

async fn secrets_are_told_to_nobody(kind: Kind) {
    let world = World::with(kind, &[("LOG", "debug")]).await;
    let admin = world.admin().await;
    let set = admin.put(SETTINGS, &all_secrets()).await;
    let read = admin.get(SETTINGS).await;
    let audit = admin.get("/api/v1/admin/events?limit=100").await;
    for answer in [&set, &read, &audit] {
        assert_eq!(answer.status, 200, "{}", answer.text);
        for secret in SECRETS {
            assert!(!answer.text.contains(secret), "{secret} is told: {}", answer.text);
        }
    }
    assert!(audit.text.contains("tenant_saved"), "{}", audit.text);
    let row = &read.json["data"];
    let told = [
        &row["smtp"]["password"],
        &row["telegram"]["botToken"],
        &row["telegram"]["webhookSecret"],
        &row["messenger"]["pageToken"],
        &row["messenger"]["appSecret"],
        &row["messenger"]["verifyToken"],
        &row["sms"]["secret"],
    ];
    assert!(told.iter().all(|is_set| **is_set == json!(true)), "{row}");
    assert_eq!(
        (&row["telegram"]["chatId"], &row["messenger"]["pageId"]),
        (&json!("-100123"), &json!("42"))
    );
    // One that can't be used tells nothing either.
    let refused = admin
        .put(SETTINGS, &json!({ "smtp": { "password": SECRETS[0], "port": 0 } }))
        .await;
    assert_eq!(refused.status, 400);
    assert!(!refused.text.contains(SECRETS[0]));

    let stored = bytes_below(world.server().folder());
    if kind == Kind::Sqlite {
        assert!(holds(&stored, "mail.example.com"), "the database was not read");
    }
    let written = format!("{}{}", world.server().stdout(), world.server().stderr());
    for secret in SECRETS {
        assert!(!holds(&stored, secret), "{secret} lies in clear");
        assert!(!written.contains(secret), "{secret} is logged");
    }
}

async fn what_was_read_changes_nothing_when_it_is_sent_back(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    data(admin.put(SETTINGS, &all_secrets()).await, 200);
    let read = data(admin.get(SETTINGS).await, 200);
    assert_eq!(data(admin.put(SETTINGS, &read).await, 200), read);
    let one =
        json!({ "telegram": { "botToken": null }, "messenger": { "appSecret": "" }, "smtp": { "password": false } });
    let after = data(admin.put(SETTINGS, &one).await, 200);
    assert_eq!(after["telegram"]["botToken"], false);
    assert_eq!(after["telegram"]["webhookSecret"], true);
    assert_eq!(after["messenger"]["appSecret"], false);
    assert_eq!(after["messenger"]["pageToken"], true);
    assert_eq!(after["smtp"]["password"], true);
    let none = json!({ "telegram": null, "messenger": null, "sms": null });
    let after = data(admin.put(SETTINGS, &none).await, 200);
    assert_eq!(
        (&after["telegram"]["chatId"], &after["sms"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(after["messenger"]["pageToken"], false);
}

async fn a_test_answers_the_other_sides_own_words(kind: Kind) {
    let desk = WaysOut::start(kind, &[]).await;
    let admin = desk.admin().await;
    let sent = data(
        admin
            .post(TEST, &json!({ "channel": "email", "to": "me@example.com" }))
            .await,
        200,
    );
    assert_eq!(sent["delivered"], true);
    assert!(sent["response"].as_str().unwrap().contains("250"), "{sent}");
    let mail = desk.mail.wait_for_mail(|_| true, SOON).await;
    assert_eq!(mail.recipients, ["me@example.com"]);
    data(admin.post(TEST, &json!({ "channel": "email" })).await, 200);
    desk.mail.wait_for_mail(|mail| mail.recipients == [TEAM], SOON).await;
    desk.mail
        .answer_once(Stage::Mail, Act::Answer("550 5.7.1 not from you, desk".to_owned()));
    let refused_by_peer = data(admin.post(TEST, &json!({ "channel": "email" })).await, 200);
    assert_eq!(refused_by_peer["delivered"], false);
    let words = refused_by_peer["response"].as_str().unwrap();
    assert!(words.contains("not from you, desk"), "{words}");

    let alert = data(admin.post(TEST, &json!({ "channel": "telegram" })).await, 200);
    assert_eq!(alert["delivered"], true);
    data(admin.post(TEST, &json!({ "channel": "telegram", "to": 77 })).await, 200);
    desk.telegram.wait_for_sent(|sent| sent.chat_id == 77, SOON).await;
    desk.telegram.revoke_token();
    let refused_by_peer = data(admin.post(TEST, &json!({ "channel": "telegram" })).await, 200);
    assert_eq!(refused_by_peer["delivered"], false);
    let words = refused_by_peer["response"].as_str().unwrap();
    assert!(words.contains("Unauthorized") && !words.contains(BOT), "{words}");

    for body in [
        json!({}),
        json!({ "channel": "sms" }),
        json!({ "channel": "pigeon" }),
        json!({ "channel": 7 }),
    ] {
        refused_fields(&admin.post(TEST, &body).await, &["channel"]);
    }
    let both = json!({ "channel": "email", "to": "nobody" });
    refused_fields(&admin.post(TEST, &both).await, &["to"]);
    let nothing = World::start(kind).await;
    let bare = nothing.admin().await;
    for channel in ["email", "telegram"] {
        let body = json!({ "channel": channel, "to": "me@example.com" });
        refused_fields(&bare.post(TEST, &body).await, &["channel"]);
    }
    refused_fields(&bare.post(REGISTER, &json!({})).await, &["channel"]);
}

async fn telegram_is_told_where_to_bring_messages(kind: Kind) {
    let telegram = TelegramApi::start(BOT).await;
    let (base, public_url) = (telegram.base(), "https://desk.example");
    let settings = [("TELEGRAM_API_URL", base.as_str()), ("PUBLIC_URL", public_url)];
    let world = World::with(kind, &settings).await;
    let admin = world.admin().await;
    let own = json!({ "telegram": { "botToken": BOT, "webhookSecret": "a-secret_of-ours" } });
    let before = data(admin.put(SETTINGS, &own).await, 200);
    assert_eq!(before["telegram"]["inboxId"], Value::Null);
    let told = data(admin.post(REGISTER, &json!({})).await, 200);
    assert_eq!(told["delivered"], true, "{told}");
    let after = data(admin.get(SETTINGS).await, 200);
    let inbox = after["telegram"]["inboxId"].as_str().unwrap();
    let url = format!("{public_url}/webhooks/telegram/{inbox}");
    assert_eq!(after["telegram"]["webhookUrl"], json!(url));
    let call = telegram.wait_for_call(|call| call.method == "setWebhook", SOON).await;
    assert_eq!(call.parameters["url"], json!(url));
    assert_eq!(call.parameters["secret_token"], "a-secret_of-ours");
    // Again is the same place.
    data(admin.post(REGISTER, &json!({})).await, 200);
    assert_eq!(
        data(admin.get(SETTINGS).await, 200)["telegram"]["inboxId"],
        json!(inbox)
    );
    telegram.revoke_token();
    let told = data(admin.post(REGISTER, &json!({})).await, 200);
    assert_eq!(told["delivered"], false);
    assert!(!told["response"].as_str().unwrap().contains(BOT), "{told}");
}

async fn a_mail_can_have_other_words(kind: Kind) {
    let desk = WaysOut::start(kind, &[]).await;
    let admin = desk.admin().await;
    let all = data(admin.get(TEMPLATES).await, 200);
    let all = all.as_array().unwrap();
    let find = |name: &str| all.iter().find(|row| row["name"] == name).unwrap().clone();
    let built_in = find("callback_requested");
    assert_eq!(
        fields_of(&built_in),
        ["name", "isOwn", "subject", "text", "html"].into_iter().collect()
    );
    assert_eq!(built_in["isOwn"], false);
    for part in ["subject", "text", "html"] {
        assert!(!built_in[part].as_str().unwrap().is_empty());
    }
    find("password_reset");
    let path = format!("{TEMPLATES}/callback_requested");
    let words =
        json!({ "subject": "Ring {{ callback.contact_number }}", "text": "Now: {{ callback.contact_number }}" });
    let own = data(admin.put(&path, &words).await, 200);
    assert_eq!((&own["isOwn"], &own["subject"]), (&json!(true), &words["subject"]));
    assert_eq!(own["html"], built_in["html"]);
    wish(&desk.public(), "030 1234567").await.expect(200);
    let mail = desk.mail.wait_for_mail(|_| true, SOON).await;
    assert_eq!(mail.header("Subject").as_deref(), Some("Ring 030 1234567"));
    assert!(mail.text().unwrap().contains("Now: 030 1234567"));
    assert_eq!(data(admin.delete(&path).await, 200), built_in);
    assert_eq!(data(admin.get(TEMPLATES).await, 200), json!(all));
    for (method, name) in [("put", "nothing"), ("delete", "nothing"), ("preview", "nothing")] {
        let path = format!("{TEMPLATES}/{name}");
        let answer = match method {
            "put" => admin.put(&path, &words).await,
            "delete" => admin.delete(&path).await,
            _ => admin.post(&format!("{path}/preview"), &words).await,
        };
        refused(&answer, 404, "NOT_FOUND");
    }
}

async fn words_that_are_no_mail_are_refused_by_part_and_line(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let path = format!("{TEMPLATES}/callback_requested");
    let wrong = json!({ "subject": "{{ x", "text": "one\ntwo\n{% if %}", "html": "<p>\n{{ no_such.thing.here }}</p>" });
    for answer in [
        admin.put(&path, &wrong).await,
        admin.post(&format!("{path}/preview"), &wrong).await,
    ] {
        refused(&answer, 400, "VALIDATION_ERROR");
        let details = answer.json["error"]["details"].as_array().unwrap();
        let of = |part: &str| {
            let found = details.iter().find(|detail| detail["field"] == part);
            found.unwrap_or(&Value::Null)["message"]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        };
        assert!(of("subject").starts_with("line 1: "), "{}", answer.text);
        assert!(of("text").starts_with("line 3: "), "{}", answer.text);
        assert!(of("html").starts_with("line 2: "), "{}", answer.text);
    }
    refused_fields(
        &admin.put(&path, &json!({ "text": "x".repeat(64 * 1024 + 1) })).await,
        &["text"],
    );
    let controls = json!({ "subject": "a\nb", "text": "a\u{0}b", "html": "a\u{7}b" });
    refused_fields(&admin.put(&path, &controls).await, &["subject", "text", "html"]);
    refused_fields(
        &admin.put(&path, &json!({ "text": 7, "html": [] })).await,
        &["text", "html"],
    );
    let all = data(admin.get(TEMPLATES).await, 200);
    assert!(all.as_array().unwrap().iter().all(|row| row["isOwn"] == false));
}

async fn a_preview_escapes_what_people_type(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let path = format!("{TEMPLATES}/agent_replied/preview");
    let words = json!({
        "subject": "About {{ ticket.number }}",
        "text": "{% for message in messages %}{{ message.content }}\n{% endfor %}",
        "html": "{% for message in messages %}<p>{{ message.content }}</p>{% endfor %}",
    });
    let read = data(admin.post(&path, &words).await, 200);
    assert_eq!(fields_of(&read), ["subject", "text", "html"].into_iter().collect());
    assert_eq!(read["subject"], "About TKT-42");
    assert!(
        read["text"].as_str().unwrap().contains("& should be there <tomorrow>."),
        "{read}"
    );
    let html = read["html"].as_str().unwrap();
    assert!(html.contains("&amp; should be there &lt;tomorrow&gt;."), "{html}");
    assert!(!html.contains("<tomorrow>"), "{html}");
    let as_it_is = data(admin.post(&path, &json!({})).await, 200);
    assert!(
        as_it_is["html"].as_str().unwrap().contains("&lt;tomorrow&gt;"),
        "{as_it_is}"
    );
    let all = data(admin.get(TEMPLATES).await, 200);
    assert!(all.as_array().unwrap().iter().all(|row| row["isOwn"] == false));
}

async fn settings_of_ways_out_are_for_admins(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let supervisor = world
        .agent_with(&admin, "super", &json!({ "role": "supervisor" }))
        .await
        .api;
    let path = format!("{TEMPLATES}/test");
    for answer in [
        supervisor.get(SETTINGS).await,
        supervisor.put(SETTINGS, &json!({ "smtp": null })).await,
        supervisor.post(TEST, &json!({ "channel": "email" })).await,
        supervisor.post(REGISTER, &json!({})).await,
        supervisor.get(TEMPLATES).await,
        supervisor.put(&path, &json!({})).await,
        supervisor.delete(&path).await,
        supervisor.post(&format!("{path}/preview"), &json!({})).await,
    ] {
        refused(&answer, 403, "FORBIDDEN");
    }
    // One tenant's channels are another's in nothing.
    let sink = SmtpSink::start().await;
    let other = world.tenant("other").await.admin.api;
    let smtp = json!({ "host": "127.0.0.1", "port": sink.port(), "tls": "none", "fromEmail": "a@example.com" });
    data(other.put(SETTINGS, &json!({ "smtp": smtp })).await, 200);
    let body = json!({ "channel": "email", "to": "me@example.com" });
    refused_fields(&admin.post(TEST, &body).await, &["channel"]);
    assert_eq!(data(other.post(TEST, &body).await, 200)["delivered"], true);
}
