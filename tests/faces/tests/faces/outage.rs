//! The database is away for a moment.

use std::time::Duration;

use serde_json::json;
use support_faces::{Chat, refused};
use support_testkit::{Postgres, Server, Store, eventually};

const SOON: Duration = Duration::from_secs(30);

#[tokio::test]
async fn callers_are_told_to_come_back_and_may() {
    let mut postgres = Postgres::start_own().await;
    let server = Server::builder()
        .store(Store::Postgres(postgres.database()))
        .start()
        .await;
    let (public, admin) = (server.api(), server.admin_api().await);
    let chat = Chat::open(&public, "Before").await;

    postgres.down().await;
    let post = json!({ "sessionId": chat.session, "message": "Meanwhile" });
    let login = json!({ "email": server.admin().email, "password": server.admin().password });
    refused(&public.post("/api/v1/chat", &post).await, 503, "UNAVAILABLE");
    refused(
        &public.get(&format!("/api/v1/chat?sessionId={}", chat.session)).await,
        503,
        "UNAVAILABLE",
    );
    refused(&public.post("/api/auth/login", &login).await, 503, "UNAVAILABLE");
    refused(&admin.get("/api/v1/admin/chat").await, 503, "UNAVAILABLE");
    refused(&public.get("/readyz").await, 503, "UNAVAILABLE");
    assert_eq!(public.get("/healthz").await.status, 200, "the process itself is alive");

    postgres.up().await;
    eventually(SOON, || async {
        (public.get("/readyz").await.status == 200).then_some(())
    })
    .await;
    chat.visitor_says(&public, "After").await;
    let read = chat.read(&public).await.to_string();
    assert!(read.contains("Before") && read.contains("After"));
    assert!(!read.contains("Meanwhile"), "what was refused is not there");
    admin.get("/api/v1/admin/chat").await.expect(200);
}
