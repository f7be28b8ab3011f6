//! What a mail server does wrong, and what becomes of the mail.

#![expect(clippy::indexing_slicing, reason = "what is not as expected fails the test")]

use std::time::Duration;

use support_faults::{
    node::{open_stores, told_to_admins},
    outgoing::{deliveries, delivery, doubles, ids_by_recipient, recipient, request, sending_to},
};
use support_peers::{
    SmtpSink,
    smtp::{Act, Stage},
};
use support_testkit::{Api, Postgres, Server, Store, eventually};

const LIMIT: Duration = Duration::from_secs(30);

async fn server(store: Store, sink: &SmtpSink) -> (Server, Api) {
    let server = sending_to(Server::builder().store(store), sink.port()).start().await;
    let admin = server.admin_api().await;
    (server, admin)
}

/// Waits until so many were sent, and nothing else is owed.
async fn all_sent(admin: &Api, count: usize) {
    eventually(LIMIT, || async {
        (deliveries(admin, "sent").await.len() == count).then_some(())
    })
    .await;
}

async fn what_is_refused_for_now_goes_again_under_the_same_id(store: Store) {
    let sink = SmtpSink::start().await;
    let (server, admin) = server(store, &sink).await;
    sink.answer_once(Stage::Mail, Act::Answer("451 4.3.0 try later".to_owned()));
    sink.answer_once(Stage::Recipient, Act::Answer("450 4.2.0 busy".to_owned()));
    sink.answer_data_once("451 4.7.1 greylisted");
    request(&server.api(), 0..3).await;
    all_sent(&admin, 3).await;
    assert_eq!(sink.refusals().len(), 3);
    assert_eq!(doubles(&sink.mails(), 3), 0);
    let attempts = deliveries(&admin, "sent").await;
    let attempts: u64 = attempts.iter().map(|sent| sent["attempts"].as_u64().unwrap_or(0)).sum();
    assert_eq!(attempts, 6, "one more for each refusal");
}

async fn what_is_refused_for_good_is_dead_at_once_and_listed(store: Store) {
    let sink = SmtpSink::start().await;
    let (server, admin) = server(store, &sink).await;
    let answers = [
        "550 5.1.1 no such user",
        "552 5.2.2 mailbox full",
        "554 5.7.1 not wanted",
    ];
    for (number, answer) in answers.iter().enumerate() {
        sink.refuse_recipient(&recipient(number), answer);
    }
    request(&server.api(), 0..4).await;
    for (number, answer) in answers.iter().enumerate() {
        let recipient = recipient(number);
        let dead = eventually(LIMIT, || delivery(&admin, "dead", &recipient)).await;
        assert_eq!(dead["attempts"], 1, "{dead}");
        let error = dead["lastError"].as_str().unwrap_or_default();
        assert!(error.contains(&answer[..3]), "{dead}");
    }
    all_sent(&admin, 1).await;
    assert_eq!(deliveries(&admin, "dead").await.len(), answers.len());

    // An admin has it tried again once the mailbox is back.
    sink.accept_recipient(&recipient(0));
    let dead = delivery(&admin, "dead", &recipient(0)).await;
    let id = dead.as_ref().and_then(|dead| dead["id"].as_str()).unwrap_or_default();
    let path = format!("/api/v1/admin/deliveries/{id}/retry");
    admin.post(&path, &serde_json::json!({})).await.expect(200);
    sink.wait_for_mail(|mail| mail.recipients == [recipient(0)], LIMIT)
        .await;
}

async fn refused_credentials_pause_the_channel_and_use_up_nobodys_attempts(store: Store) {
    let sink = SmtpSink::builder().credentials("desk", "right").start().await;
    let database = match &store {
        Store::Postgres(url) => Some(url.clone()),
        Store::Sqlite => None,
    };
    let server = sending_to(Server::builder().store(store), sink.port())
        .setting("SMTP_USER", "desk")
        .setting("SMTP_PASSWORD", "wrong")
        .start()
        .await;
    let admin = server.admin_api().await;
    let file = server.folder().join("data/support.db");
    let stores = open_stores(&database.unwrap_or_else(|| format!("sqlite://{}", file.display()))).await;

    request(&server.api(), 0..1).await;
    eventually(LIMIT, || async {
        let told = told_to_admins(&stores, "default").await;
        told.iter().any(|title| title.contains("email")).then_some(())
    })
    .await;
    let refused = sink.refusals().len();
    request(&server.api(), 1..20).await;
    // The worker has looked again since.
    request(&server.api(), 20..21).await;
    eventually(LIMIT, || async {
        (deliveries(&admin, "queued").await.len() >= 20).then_some(())
    })
    .await;
    let queued = deliveries(&admin, "queued").await;
    assert!(queued.iter().all(|queued| queued["attempts"] == 0), "{queued:?}");
    assert_eq!(sink.refusals().len(), refused, "nobody else tries");
    assert_eq!(deliveries(&admin, "dead").await.len(), 0);

    let changes = serde_json::json!({ "smtp": {
        "host": "127.0.0.1", "port": sink.port(), "tls": "none", "user": "desk", "password": "right",
        "fromEmail": "support@shop.example",
    } });
    admin.put("/api/v1/admin/settings", &changes).await.expect(200);
    all_sent(&admin, 21).await;
    assert_eq!(doubles(&sink.mails(), 21), 0);
}

async fn what_breaks_off_in_the_content_goes_again_under_the_same_id(store: Store) {
    let sink = SmtpSink::start().await;
    let (server, admin) = server(store, &sink).await;
    sink.drop_in_content(3);
    request(&server.api(), 0..6).await;
    all_sent(&admin, 6).await;
    assert_eq!(doubles(&sink.mails(), 6), 0);
}

async fn what_was_taken_without_an_answer_goes_twice_under_the_same_id(store: Store) {
    let sink = SmtpSink::start().await;
    let (server, admin) = server(store, &sink).await;
    sink.close_before_answer(1);
    request(&server.api(), 0..1).await;
    all_sent(&admin, 1).await;
    let ids = ids_by_recipient(&sink.mails());
    let ids = &ids[&recipient(0)];
    assert_eq!(ids.len(), 2);
    assert_eq!(ids[0], ids[1]);
    assert!(!sink.mails()[0].answered);
}

async fn what_was_owed_while_the_mail_server_was_away_arrives_when_it_is_back(store: Store) {
    let sink = SmtpSink::start().await;
    let (server, admin) = server(store, &sink).await;
    let port = sink.stop().await;
    request(&server.api(), 0..100).await;
    eventually(LIMIT, || async {
        (deliveries(&admin, "failed").await.len() >= 5).then_some(())
    })
    .await;
    let sink = SmtpSink::builder().port(port).start().await;
    all_sent(&admin, 100).await;
    assert_eq!(doubles(&sink.mails(), 100), 0);
}

macro_rules! on_both_stores {
    ($($test:ident;)*) => {$(
        mod $test {
            use super::*;

            #[tokio::test(flavor = "multi_thread")]
            async fn on_sqlite() {
                super::$test(Store::Sqlite).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn on_postgresql() {
                let postgres = Postgres::start().await;
                super::$test(Store::Postgres(postgres.database())).await;
            }
        }
    )*};
}

on_both_stores! {
    what_is_refused_for_now_goes_again_under_the_same_id;
    what_is_refused_for_good_is_dead_at_once_and_listed;
    refused_credentials_pause_the_channel_and_use_up_nobodys_attempts;
    what_breaks_off_in_the_content_goes_again_under_the_same_id;
    what_was_taken_without_an_answer_goes_twice_under_the_same_id;
    what_was_owed_while_the_mail_server_was_away_arrives_when_it_is_back;
}
