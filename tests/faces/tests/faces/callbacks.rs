//! Wishes to be phoned: the widget's form, the team, and the portal.

use std::time::{Duration, Instant};

use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use support_faces::{
    Kind, World, fields_of, id_of, is_time, is_uuid, on_both_stores, refused, refused_fields, text_of,
};
use support_peers::{
    SmtpSink,
    smtp::{Act, Stage},
    telegram::Trouble,
};
use support_testkit::{Answer, Api, eventually};

use crate::ways_out::{BOT, SOON, TEAM, TEAM_CHAT, WaysOut, data, wish};

on_both_stores!(
    a_wish_is_taken_in_and_the_team_is_told,
    every_refusal_has_this_faces_own_words,
    the_same_number_is_the_same_wish_of_which_nobody_is_told_again,
    the_same_number_at_the_very_same_moment_is_one_wish,
    an_answer_tells_the_truth_of_each_channel_in_time,
    without_a_wait_nobody_waits,
    only_steps_that_exist_are_taken,
    tries_are_kept_in_order_and_reaching_somebody_is_contact,
    a_callback_is_given_to_agents_that_are_there,
    times_and_notes_are_changed_and_removed,
);

pub(crate) const LIST: &str = "/api/v1/admin/callbacks";

pub(crate) fn path(id: &str, call: &str) -> String {
    format!("{LIST}/{id}{call}")
}

pub(crate) async fn made(public: &Api, number: &str) -> String {
    id_of(&wish(public, number).await.expect(200), "/requestId")
}

#[track_caller]
fn bare(answer: &Answer, status: u16, words: &str) {
    assert_eq!(answer.status, status, "{}", answer.text);
    assert_eq!(answer.json, json!({ "error": words }), "{}", answer.text);
}

async fn a_wish_is_taken_in_and_the_team_is_told(kind: Kind) {
    let desk = WaysOut::start(kind, &[]).await;
    let body = json!({ "contactNumber": "+49 (30) 1234-567", "employeeId": "E-<7>" });
    let answer = desk
        .public()
        .post("/api/chat/callback-request", &body)
        .await
        .expect(200);
    let id = id_of(&answer, "/requestId");
    let expected = json!({
        "success": true, "requestId": id, "emailSent": true, "telegramSent": true,
        "message": "Callback request submitted successfully",
    });
    assert_eq!(answer, expected);

    let reference = format!("[Callback Request: {id}|Tenant: default]");
    let mail = desk.mail.wait_for_mail(|_| true, SOON).await;
    assert_eq!(mail.recipients, [TEAM]);
    let text = mail.text().unwrap();
    for part in ["+49 (30) 1234-567", "E-<7>", "pending", &reference] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert!(mail.html().unwrap().contains("E-&lt;7&gt;"));
    let alert = desk.telegram.wait_for_sent(|_| true, SOON).await;
    assert_eq!(alert.chat_id, TEAM_CHAT);
    for part in ["+49 (30) 1234-567", "E-<7>", &reference] {
        assert!(alert.text.contains(part), "{part} is not in {}", alert.text);
    }

    let admin = desk.admin().await;
    let row = data(admin.get(&path(&id, "")).await, 200);
    let names = [
        "id",
        "contactNumber",
        "e164",
        "employeeId",
        "customerId",
        "ticketId",
        "status",
        "scheduledAt",
        "assignedTo",
        "emailSent",
        "emailSentAt",
        "emailError",
        "telegramSent",
        "telegramSentAt",
        "telegramError",
        "notes",
        "contactedAt",
        "contactedBy",
        "attempts",
        "metadata",
        "createdAt",
        "updatedAt",
    ];
    assert_eq!(fields_of(&row), names.into_iter().collect());
    is_uuid(&row["id"]);
    for time in ["emailSentAt", "telegramSentAt", "createdAt", "updatedAt"] {
        is_time(&row[time]);
    }
    assert_eq!(row["e164"], "+49301234567");
    assert_eq!(row["status"], "pending");
    assert_eq!((&row["attempts"], &row["metadata"]), (&json!([]), &json!({})));
    assert_eq!(
        (&row["emailError"], &row["telegramError"]),
        (&Value::Null, &Value::Null)
    );
    let list = data(admin.get(LIST).await, 200);
    assert_eq!(list["callbacks"], json!([row]));
    assert_eq!(list["pagination"]["totalItems"], 1);
}

async fn every_refusal_has_this_faces_own_words(kind: Kind) {
    let world = World::with(kind, &[("RATE_LIMIT_MAX_REQUESTS", "30")]).await;
    let public = world.public();
    let call = "/api/chat/callback-request";
    let required = "Contact number is required";
    for body in [
        json!({}),
        json!({ "contactNumber": null }),
        json!({ "contactNumber": " \t" }),
    ] {
        bare(&public.post(call, &body).await, 400, required);
    }
    let invalid = "Invalid contact number format";
    let long = format!("+{}", "1".repeat(50));
    for number in [
        "1234567",
        "call me now",
        "+49+30123456",
        "1234-567-",
        "１２３４５６７８",
        &long,
    ] {
        bare(&wish(&public, number).await, 400, invalid);
    }
    for number in [json!(3_012_345_678_u64), json!(["03012345678"]), json!({}), json!(true)] {
        let body = json!({ "contactNumber": number });
        bare(&public.post(call, &body).await, 400, invalid);
    }
    let text = async |kind: &str, body: String| {
        let request = public
            .request(Method::POST, call)
            .header("content-type", kind)
            .body(body);
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let body: Value = answer.json().await.unwrap();
        let words = body["error"].as_str().unwrap_or_default().to_owned();
        assert_eq!(body, json!({ "error": words }));
        assert!(!words.is_empty());
        status
    };
    assert_eq!(text("application/json", "{".to_owned()).await, 400);
    assert_eq!(text("application/json", "[]".to_owned()).await, 400);
    assert_eq!(text("text/plain", "x".to_owned()).await, 415);
    let large = json!({ "contactNumber": "x".repeat(1024 * 1024) }).to_string();
    assert_eq!(text("application/json", large).await, 413);
    let other = public.request(Method::GET, call).send().await.unwrap();
    assert_eq!(other.status().as_u16(), 405);
    assert_eq!(other.headers()["allow"], "POST");
    assert!(other.json::<Value>().await.unwrap()["error"].is_string());
    let nobody = public.with_header("X-Tenant", "nobody").post(call, &json!({})).await;
    assert_eq!(nobody.status, 404);
    assert_eq!(fields_of(&nobody.json), ["error"].into_iter().collect());
    let over = eventually(SOON, async || {
        let answer = wish(&public, "030 1234567").await;
        (answer.status == 429).then_some(answer)
    })
    .await;
    assert!(over.header("retry-after").unwrap().parse::<u64>().unwrap() > 0);
    assert_eq!(fields_of(&over.json), ["error"].into_iter().collect());
    assert!(over.json["error"].is_string(), "{}", over.text);
}

async fn the_same_number_is_the_same_wish_of_which_nobody_is_told_again(kind: Kind) {
    let desk = WaysOut::start(kind, &[]).await;
    let public = desk.public();
    let first = wish(&public, "+49 30 1234567").await.expect(200);
    for again in ["+49 30 1234567", " +49301234567 ", "+49 (30) 123-4567"] {
        assert_eq!(wish(&public, again).await.expect(200), first);
    }
    let another = wish(&public, "+49 30 7654321").await.expect(200);
    assert_ne!(another["requestId"], first["requestId"]);
    let other = desk.world.tenant("other").await;
    let elsewhere = wish(&other.public, "+49 30 1234567").await.expect(200);
    assert_ne!(elsewhere["requestId"], first["requestId"]);
    // Both are there by now, so a second one of the first would be, too.
    desk.mail
        .wait_for_mail(|mail| mail.text().unwrap().contains("7654321"), SOON)
        .await;
    assert_eq!(desk.mail.mails().len(), 2);
    assert_eq!(
        desk.telegram.sent().len(),
        3 - usize::from(elsewhere["telegramSent"] == false)
    );
    let listed = data(desk.admin().await.get(LIST).await, 200);
    assert_eq!(listed["pagination"]["totalItems"], 2);
}

async fn the_same_number_at_the_very_same_moment_is_one_wish(kind: Kind) {
    let desk = WaysOut::start(kind, &[]).await;
    let public = desk.public();
    let answers = join_all((0..8).map(|_| wish(&public, "030 1234567"))).await;
    let mut ids: Vec<String> = answers
        .into_iter()
        .map(|answer| id_of(&answer.expect(200), "/requestId"))
        .collect();
    ids.dedup();
    assert_eq!(ids.len(), 1, "{ids:?}");
    wish(&public, "030 7654321").await.expect(200);
    desk.mail
        .wait_for_mail(|mail| mail.text().unwrap().contains("7654321"), SOON)
        .await;
    assert_eq!(desk.mail.mails().len(), 2);
    assert_eq!(desk.telegram.sent().len(), 2);
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Works,
    Fails,
    Hangs,
    IsMissing,
}

const WAYS: [Way; 4] = [Way::Works, Way::Fails, Way::Hangs, Way::IsMissing];

async fn an_answer_tells_the_truth_of_each_channel_in_time(kind: Kind) {
    const WAIT: Duration = Duration::from_millis(1_200);
    let (works, fails, hangs) = (
        SmtpSink::start().await,
        SmtpSink::start().await,
        SmtpSink::start().await,
    );
    fails.answer_always(Stage::Mail, Act::Answer("451 4.3.0 try later".to_owned()));
    hangs.hang(true);
    let telegram = support_peers::TelegramApi::start(BOT).await;
    let chat = |way: Way| match way {
        Way::Works => 1,
        Way::Fails => 2,
        Way::Hangs | Way::IsMissing => 3,
    };
    telegram.trouble(2, Trouble::ServerError(502));
    telegram.trouble(3, Trouble::Hang);
    let base = telegram.base();
    let settings = [
        ("TELEGRAM_API_URL", base.as_str()),
        ("CALLBACK_RESPONSE_WAIT_MS", "1200"),
    ];
    let world = World::with(kind, &settings).await;
    // The first number of all loads the numbering plans.
    wish(&world.public(), "030 1234567").await.expect(200);
    for mail in WAYS {
        for alert in WAYS {
            let slug = format!("{mail:?}-{alert:?}").to_lowercase();
            let tenant = world.tenant(&slug).await;
            let sink = match mail {
                Way::Works => Some(&works),
                Way::Fails => Some(&fails),
                Way::Hangs => Some(&hangs),
                Way::IsMissing => None,
            };
            let smtp = sink.map(|sink| {
                json!({ "host": "127.0.0.1", "port": sink.port(), "tls": "none", "fromEmail": "desk@example.com" })
            });
            let mut changes = json!({ "callbackEmailTo": [TEAM], "smtp": smtp });
            if alert != Way::IsMissing {
                changes["telegram"] = json!({ "botToken": BOT, "chatId": chat(alert) });
            }
            tenant
                .admin
                .api
                .put("/api/v1/admin/settings", &changes)
                .await
                .expect(200);
            let began = Instant::now();
            let answer = wish(&tenant.public, "030 1234567").await.expect(200);
            let took = began.elapsed();
            assert_eq!(answer["emailSent"], mail == Way::Works, "{slug}: {answer}");
            assert_eq!(answer["telegramSent"], alert == Way::Works, "{slug}: {answer}");
            if mail == Way::Hangs || alert == Way::Hangs {
                assert!(took >= WAIT - Duration::from_millis(50), "{slug}: {took:?}");
                assert!(took < WAIT + Duration::from_millis(1_500), "{slug}: {took:?}");
            } else {
                assert!(took < WAIT, "{slug}: {took:?}");
            }
            let row = data(
                tenant.admin.api.get(&path(&id_of(&answer, "/requestId"), "")).await,
                200,
            );
            assert_eq!(row["emailSent"], answer["emailSent"], "{slug}");
            assert_eq!(row["telegramSent"], answer["telegramSent"], "{slug}");
            assert_eq!(row["emailError"].is_string(), mail == Way::Fails, "{slug}: {row}");
            assert_eq!(row["telegramError"].is_string(), alert == Way::Fails, "{slug}: {row}");
        }
    }
}

async fn without_a_wait_nobody_waits(kind: Kind) {
    let desk = WaysOut::start(kind, &[("CALLBACK_RESPONSE_WAIT_MS", "0")]).await;
    desk.mail.hang(true);
    desk.telegram.trouble(TEAM_CHAT, Trouble::Hang);
    let public = desk.public();
    wish(&public, "030 1234567").await.expect(200);
    let began = Instant::now();
    let answer = wish(&public, "030 7654321").await.expect(200);
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    assert_eq!(
        (&answer["emailSent"], &answer["telegramSent"]),
        (&json!(false), &json!(false))
    );

    let quick = WaysOut::start(kind, &[("CALLBACK_RESPONSE_WAIT_MS", "0")]).await;
    let id = made(&quick.public(), "030 1234567").await;
    let admin = quick.admin().await;
    eventually(SOON, async || {
        let row = data(admin.get(&path(&id, "")).await, 200);
        (row["emailSent"] == true && row["telegramSent"] == true).then_some(())
    })
    .await;
    // A repeat tells how it is now.
    let again = wish(&quick.public(), "030 1234567").await.expect(200);
    assert_eq!(again["requestId"], json!(id));
    assert_eq!(
        (&again["emailSent"], &again["telegramSent"]),
        (&json!(true), &json!(true))
    );
}

async fn only_steps_that_exist_are_taken(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let me = text_of(&admin.get("/api/auth/me").await.expect(200), "/user/id");
    let ways: [(&str, &[&str], &[&str]); 4] = [
        ("pending", &[], &["contacted", "failed"]),
        ("contacted", &["contacted"], &["resolved", "failed"]),
        ("resolved", &["contacted", "resolved"], &[]),
        ("failed", &["failed"], &["pending"]),
    ];
    let mut number = 3_012_345_600_u64;
    for (from, way, steps) in ways {
        for to in ["pending", "contacted", "resolved", "failed"] {
            number += 1;
            let callback = path(&made(&public, &format!("0{number}")).await, "");
            for step in way {
                data(admin.patch(&callback, &json!({ "status": step })).await, 200);
            }
            let before = data(admin.get(&callback).await, 200);
            let answer = admin.patch(&callback, &json!({ "status": to })).await;
            if from == to || steps.contains(&to) {
                let after = data(answer, 200);
                assert_eq!(after["status"], to);
                let was_contacted = to == "contacted" || way.contains(&"contacted");
                assert_eq!(
                    after["contactedBy"],
                    if was_contacted { json!(me) } else { Value::Null }
                );
                assert_eq!(after["contactedAt"].is_string(), was_contacted);
            } else {
                refused(&answer, 409, "INVALID_TRANSITION");
                assert_eq!(data(admin.get(&callback).await, 200), before);
            }
        }
    }
    let colleague = world.agent(&admin, "colleague").await;
    let callback = path(&made(&public, "030 7777777").await, "");
    let body = json!({ "status": "contacted", "contactedBy": colleague.id });
    let by = data(admin.patch(&callback, &body).await, 200);
    assert_eq!(by["contactedBy"], json!(colleague.id));
    let unknown = json!({ "status": "done", "contactedBy": "x", "notes": 7, "scheduledAt": "tomorrow" });
    refused_fields(
        &admin.patch(&callback, &unknown).await,
        &["status", "contactedBy", "notes", "scheduledAt"],
    );
    let stranger = json!({ "contactedBy": "0190b6a0-0000-7000-8000-000000000000" });
    refused_fields(&admin.patch(&callback, &stranger).await, &["contactedBy"]);
}

async fn tries_are_kept_in_order_and_reaching_somebody_is_contact(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let agent = world.agent(&admin, "caller").await;
    let id = made(&public, "030 1234567").await;
    let tries = path(&id, "/attempts");
    for outcome in ["no_answer", "busy", "voicemail", "wrong_number"] {
        let after = data(agent.api.post(&tries, &json!({ "outcome": outcome })).await, 200);
        assert_eq!(after["status"], "pending");
    }
    let reached = json!({ "outcome": "reached", "notes": "Will order" });
    let after = data(agent.api.post(&tries, &reached).await, 200);
    assert_eq!(
        (&after["status"], &after["contactedBy"]),
        (&json!("contacted"), &json!(agent.id))
    );
    let attempts = after["attempts"].as_array().unwrap();
    let outcomes: Vec<&str> = attempts
        .iter()
        .filter_map(|attempt| attempt["outcome"].as_str())
        .collect();
    assert_eq!(outcomes, ["no_answer", "busy", "voicemail", "wrong_number", "reached"]);
    let last = &attempts[4];
    assert_eq!(fields_of(last), ["at", "by", "outcome", "notes"].into_iter().collect());
    is_time(&last["at"]);
    assert_eq!((&last["by"], &last["notes"]), (&json!(agent.id), &json!("Will order")));
    refused_fields(
        &admin.post(&tries, &json!({ "outcome": "hung_up" })).await,
        &["outcome"],
    );
    refused_fields(&admin.post(&tries, &json!({ "notes": 7 })).await, &["outcome", "notes"]);
    data(admin.patch(&path(&id, ""), &json!({ "status": "resolved" })).await, 200);
    refused(&admin.post(&tries, &reached).await, 409, "INVALID_TRANSITION");
}

async fn a_callback_is_given_to_agents_that_are_there(kind: Kind) {
    let world = World::start(kind).await;
    let public = world.public().with_header("X-Tenant", "default");
    let admin = world.admin().await;
    let one = world.agent(&admin, "one").await;
    let elsewhere = world.tenant("elsewhere").await;
    let id = made(&public, "030 1234567").await;
    let assign = path(&id, "/assign");
    let given = data(admin.patch(&assign, &json!({ "agentId": one.id })).await, 200);
    assert_eq!(given["assignedTo"], json!(one.id));
    for agent in [json!(elsewhere.admin.id), json!("nobody"), json!(7), Value::Null] {
        refused_fields(&admin.patch(&assign, &json!({ "agentId": agent })).await, &["agentId"]);
    }
    data(
        admin.patch(&path(&id, ""), &json!({ "status": "contacted" })).await,
        200,
    );
    data(admin.patch(&path(&id, ""), &json!({ "status": "resolved" })).await, 200);
    let finished = admin.patch(&assign, &json!({ "agentId": one.id })).await;
    refused(&finished, 409, "INVALID_TRANSITION");
    // Whoever is there and free is given one without anybody choosing.
    one.goes_online().await;
    let next = made(&public, "030 7654321").await;
    let row = data(admin.get(&path(&next, "")).await, 200);
    assert_eq!(row["assignedTo"], json!(one.id));
}

async fn times_and_notes_are_changed_and_removed(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let callback = path(&made(&public, "030 1234567").await, "");
    let later = json!({ "scheduledAt": "2099-01-02T03:04:05+01:00", "notes": "After lunch" });
    let after = data(admin.patch(&callback, &later).await, 200);
    assert_eq!(after["scheduledAt"], "2099-01-02T02:04:05.000Z");
    assert_eq!(after["notes"], "After lunch");
    refused_fields(
        &admin
            .patch(
                &callback,
                &json!({ "scheduledAt": "2020-01-01T00:00:00Z", "notes": "x".repeat(5_001) }),
            )
            .await,
        &["scheduledAt", "notes"],
    );
    assert_eq!(data(admin.get(&callback).await, 200), after);
    let none = data(
        admin
            .patch(&callback, &json!({ "scheduledAt": null, "notes": "" }))
            .await,
        200,
    );
    assert_eq!((&none["scheduledAt"], &none["notes"]), (&Value::Null, &Value::Null));
    assert_eq!(data(admin.patch(&callback, &json!({})).await, 200), none);
}
