//! Choosing another password without the one that was forgotten.

use std::time::Duration;

use serde_json::json;
use support_faces::{Kind, World, on_both_stores, refused, refused_fields};
use support_peers::SmtpSink;

on_both_stores!(
    a_mailed_link_changes_the_password_once,
    nobody_learns_who_has_an_account,
);

const SOON: Duration = Duration::from_secs(20);
const NEW: &str = "another long enough password";

async fn world(kind: Kind, sink: &SmtpSink) -> World {
    let port = sink.port().to_string();
    let settings = [
        ("SMTP_SERVER", "127.0.0.1"),
        ("SMTP_PORT", port.as_str()),
        ("SMTP_USE_TLS", "none"),
        ("FROM_EMAIL", "support@shop.example"),
    ];
    World::with(kind, &settings).await
}

fn token_in(text: &str) -> String {
    let (_, after) = text.split_once("/reset-password#token=").unwrap();
    let is_part = |letter: &char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    after.chars().take_while(is_part).collect()
}

async fn a_mailed_link_changes_the_password_once(kind: Kind) {
    let sink = SmtpSink::start().await;
    let world = world(kind, &sink).await;
    let public = world.public();
    let mara = world.agent(&world.admin().await, "mara").await;
    let asked = public
        .post("/api/auth/password/forgot", &json!({ "email": mara.email }))
        .await;
    asked.expect(200);
    let mail = sink
        .wait_for_mail(|mail| mail.recipients.contains(&mara.email), SOON)
        .await;
    let token = token_in(&mail.text().unwrap());
    let reset = |password: &str| {
        let body = json!({ "token": token, "password": password });
        let public = public.clone();
        async move { public.post("/api/auth/password/reset", &body).await }
    };
    refused_fields(&reset("short").await, &["password"]);
    reset(NEW).await.expect(200);
    refused_fields(&reset("yet another long password").await, &["token"]);
    refused(&mara.api.get("/api/auth/me").await, 401, "UNAUTHENTICATED");
    let old = json!({ "email": mara.email, "password": mara.password });
    refused(&public.post("/api/auth/login", &old).await, 401, "UNAUTHENTICATED");
    public
        .login(&mara.email, NEW)
        .await
        .get("/api/auth/me")
        .await
        .expect(200);
}

async fn nobody_learns_who_has_an_account(kind: Kind) {
    let sink = SmtpSink::start().await;
    let world = world(kind, &sink).await;
    let public = world.public();
    let mara = world.agent(&world.admin().await, "mara").await;
    let ask = async |email: &str| {
        public
            .post("/api/auth/password/forgot", &json!({ "email": email }))
            .await
    };
    let known = ask(&mara.email).await.expect(200);
    let unknown = ask("nobody@example.com").await.expect(200);
    assert_eq!(known, unknown);
    refused_fields(&public.post("/api/auth/password/forgot", &json!({})).await, &["email"]);
    sink.wait_for_mail(|mail| mail.recipients.contains(&mara.email), SOON)
        .await;
    assert_eq!(sink.mails().len(), 1);
    for token in ["", "x", "a.b"] {
        let body = json!({ "token": token, "password": NEW });
        refused_fields(&public.post("/api/auth/password/reset", &body).await, &["token"]);
    }
}
