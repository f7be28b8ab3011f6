//! What was sent, what could not be, and trying it again.

use serde_json::{Value, json};
use support_faces::{Kind, fields_of, id_of, is_time, is_uuid, on_both_stores, refused, refused_fields};
use support_peers::smtp::{Act, Stage};
use support_testkit::{Api, eventually};

use crate::ways_out::{SOON, TEAM, WaysOut, data, wish};

on_both_stores!(
    what_is_owed_is_listed,
    what_was_given_up_is_really_sent_again,
    another_tenants_deliveries_are_not_there,
);

const DELIVERIES: &str = "/api/v1/admin/deliveries";

async fn listed(admin: &Api, query: &str) -> Vec<Value> {
    let list = data(admin.get(&format!("{DELIVERIES}?{query}")).await, 200);
    list["deliveries"].as_array().unwrap().clone()
}

async fn what_is_owed_is_listed(kind: Kind) {
    let desk = WaysOut::start(kind, &[]).await;
    let admin = desk.admin().await;
    assert_eq!(listed(&admin, "").await, Vec::<Value>::new());
    let wished = wish(&desk.public(), "030 1234567").await.expect(200);
    let rows = listed(&admin, "status=&channel=").await;
    assert_eq!(rows.len(), 2);
    for row in &rows {
        let names = [
            "id",
            "channel",
            "kind",
            "recipient",
            "ticketId",
            "callbackId",
            "status",
            "attempts",
            "lastError",
            "nextAttemptAt",
            "sentAt",
            "providerId",
            "createdAt",
        ];
        assert_eq!(fields_of(row), names.into_iter().collect());
        is_uuid(&row["id"]);
        for time in ["nextAttemptAt", "sentAt", "createdAt"] {
            is_time(&row[time]);
        }
        assert_eq!(
            (&row["kind"], &row["status"]),
            (&json!("callback_requested"), &json!("sent"))
        );
        assert_eq!((&row["attempts"], &row["lastError"]), (&json!(1), &Value::Null));
        assert_eq!(
            (&row["callbackId"], &row["ticketId"]),
            (&wished["requestId"], &Value::Null)
        );
    }
    let mails = listed(&admin, "channel=email&status=sent").await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0]["recipient"], TEAM);
    assert_eq!(listed(&admin, "channel=telegram").await.len(), 1);
    assert_eq!(listed(&admin, "channel=webhook").await.len(), 0);
    assert_eq!(listed(&admin, "status=dead").await.len(), 0);
    assert_eq!(listed(&admin, "limit=1&page=2").await, rows[1..]);
    refused_fields(
        &admin
            .get(&format!("{DELIVERIES}?status=lost&channel=pigeon&page=0"))
            .await,
        &["status", "channel", "page"],
    );
    let sent = format!("{DELIVERIES}/{}/retry", id_of(&rows[0], "/id"));
    refused(&admin.post(&sent, &json!({})).await, 409, "CONFLICT");
    let supervisor = desk
        .world
        .agent_with(&admin, "super", &json!({ "role": "supervisor" }))
        .await
        .api;
    refused(&supervisor.get(DELIVERIES).await, 403, "FORBIDDEN");
    refused(&supervisor.post(&sent, &json!({})).await, 403, "FORBIDDEN");
}

async fn what_was_given_up_is_really_sent_again(kind: Kind) {
    let desk = WaysOut::start(kind, &[("DELIVERY_RETRY_SCHEDULE", "0")]).await;
    let admin = desk.admin().await;
    desk.mail
        .answer_always(Stage::Mail, Act::Answer("451 4.3.0 our disk is full".to_owned()));
    let wished = wish(&desk.public(), "030 1234567").await.expect(200);
    assert_eq!(
        (&wished["emailSent"], &wished["telegramSent"]),
        (&json!(false), &json!(true))
    );
    let dead = eventually(SOON, async || listed(&admin, "status=dead").await.pop()).await;
    assert_eq!((&dead["channel"], &dead["attempts"]), (&json!("email"), &json!(2)));
    assert!(
        dead["lastError"].as_str().unwrap().contains("our disk is full"),
        "{dead}"
    );
    let callback = format!("/api/v1/admin/callbacks/{}", id_of(&wished, "/requestId"));
    let row = data(admin.get(&callback).await, 200);
    assert_eq!(row["emailSent"], false);
    assert!(
        row["emailError"].as_str().unwrap().contains("our disk is full"),
        "{row}"
    );
    assert_eq!(desk.mail.mails().len(), 0);

    desk.mail.clear_script();
    let retry = format!("{DELIVERIES}/{}/retry", id_of(&dead, "/id"));
    let revived = data(admin.post(&retry, &json!({})).await, 200);
    assert_eq!(revived["id"], dead["id"]);
    assert_ne!(revived["status"], "dead");
    desk.mail.wait_for_mail(|mail| mail.recipients == [TEAM], SOON).await;
    let row = eventually(SOON, async || {
        let row = data(admin.get(&callback).await, 200);
        (row["emailSent"] == true).then_some(row)
    })
    .await;
    assert_eq!(row["emailError"], Value::Null);
    assert_eq!(desk.mail.mails().len(), 1);
    refused(&admin.post(&retry, &json!({})).await, 409, "CONFLICT");
}

async fn another_tenants_deliveries_are_not_there(kind: Kind) {
    let desk = WaysOut::start(kind, &[]).await;
    let admin = desk.admin().await;
    wish(&desk.public(), "030 1234567").await.expect(200);
    let own = listed(&admin, "").await;
    let stranger = desk.world.tenant("other").await.admin.api;
    assert_eq!(listed(&stranger, "").await, Vec::<Value>::new());
    for id in [
        own[0]["id"].as_str().unwrap(),
        "0190b6a0-0000-7000-8000-000000000000",
        "x",
    ] {
        refused(
            &stranger.post(&format!("{DELIVERIES}/{id}/retry"), &json!({})).await,
            404,
            "NOT_FOUND",
        );
    }
}
