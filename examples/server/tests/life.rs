//! The server's life: first start, later starts, what it serves where, and its end.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::{os::unix::fs::PermissionsExt, path::Path, time::Duration};

use serde_json::{Value, json};
use support_peers::{SmtpSink, TelegramApi};
use support_testkit::{Api, Postgres, Server, Store, eventually};

const SOON: Duration = Duration::from_secs(10);

/// What stands after `name: ` in the server's output.
fn said(server: &Server, name: &str) -> Option<String> {
    let stdout = server.stdout();
    let line = stdout
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    line.map(|line| line.split(' ').next().unwrap().to_owned())
}

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}

async fn chat(visitor: &Api, message: &str) -> String {
    let opened = visitor.post("/api/v1/chat", &json!({ "message": message })).await;
    let session = opened.expect(201).pointer("/data/sessionId").cloned();
    session.unwrap().as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_first_start_tells_how_to_get_in_and_later_ones_do_not() {
    let mut server = Server::builder()
        .setting("ADMIN_EMAIL", "")
        .setting("ADMIN_PASSWORD", "")
        .start()
        .await;
    assert_eq!(said(&server, "admin").unwrap(), "admin@localhost");
    let password = said(&server, "password").unwrap();
    let admin = server.api().login("admin@localhost", &password).await;
    let data = server.folder().join("data");
    assert_eq!(mode(&data), 0o700);
    assert_eq!(mode(&data.join("jwt-secret")), 0o600);

    assert!(server.stop().await.success());
    server.restart().await;
    admin.get("/api/auth/me").await.expect(200);
    server.api().login("admin@localhost", &password).await;
    assert_eq!(server.stdout().matches("password: ").count(), 1);
    let ready = server
        .stdout()
        .lines()
        .filter(|line| line.starts_with("listening on http://"))
        .count();
    assert_eq!(ready, 2, "one line for each start");
}

#[tokio::test]
async fn a_given_password_is_not_shown() {
    let server = Server::start().await;
    assert_eq!(said(&server, "password"), None);
    assert!(!server.stdout().contains(&server.admin().password));
    assert_eq!(said(&server, "console").unwrap(), server.url("/console"));
    let page = server.api().get("/console").await;
    assert_eq!(page.status, 200);
}

#[tokio::test]
async fn links_lead_to_the_public_url() {
    let server = Server::builder()
        .setting("PUBLIC_URL", "https://support.shop.example/")
        .start()
        .await;
    assert_eq!(
        said(&server, "console").unwrap(),
        "https://support.shop.example/console"
    );
}

#[tokio::test]
async fn an_operator_gets_in_and_manages_tenants() {
    let server = Server::builder()
        .setting("PLATFORM_EMAIL", "operator@shop.example")
        .setting("PLATFORM_PASSWORD", "a long password")
        .start()
        .await;
    let operator = server.api().login("operator@shop.example", "a long password").await;
    let tenants = operator.get("/api/v1/platform/tenants").await.expect(200);
    assert!(tenants.to_string().contains("\"default\""), "{tenants}");
    let admin = server.admin_api().await;
    admin.get("/api/v1/platform/tenants").await.expect(403);
}

#[tokio::test]
async fn nodes_that_start_at_once_share_one_tenant_and_one_admin() {
    let postgres = Postgres::start().await;
    let store = Store::Postgres(postgres.database());
    let node = || Server::builder().store(store.clone()).start();
    let (one, other, third) = tokio::join!(node(), node(), node());
    for server in [&one, &other, &third] {
        let admin = server.admin_api().await;
        let agents = admin.get("/api/agents").await.expect(200);
        assert_eq!(
            agents.pointer("/data/agents").unwrap().as_array().unwrap().len(),
            1,
            "{agents}"
        );
    }
    chat(&one.api(), "hello").await;
}

#[tokio::test]
async fn what_was_accepted_is_there_after_a_crash() {
    let mut server = Server::start().await;
    let visitor = server.api();
    let session = chat(&visitor, "message 0").await;
    for number in 1..20 {
        let message = json!({ "sessionId": session, "message": format!("message {number}") });
        visitor.post("/api/v1/chat", &message).await.expect(200);
    }
    server.kill_9();
    server.restart().await;
    let thread = visitor
        .get(&format!("/api/v1/chat?sessionId={session}"))
        .await
        .expect(200);
    let messages = thread.pointer("/data/messages").unwrap().as_array().unwrap();
    let texts = messages.iter().filter_map(|message| message.get("message")?.as_str());
    let expected: Vec<_> = (0..20).map(|number| format!("message {number}")).collect();
    let mut kept: Vec<_> = texts.map(str::to_owned).collect();
    kept.retain(|text| text.starts_with("message "));
    assert_eq!(kept, expected);
}

#[tokio::test]
async fn metrics_can_have_a_port_of_their_own() {
    let server = Server::builder().setting("METRICS_ADDR", "127.0.0.1:0").start().await;
    assert_eq!(server.api().get("/metrics").await.status, 404);
    assert_eq!(server.api().get("/healthz").await.status, 200);
    let metrics = said(&server, "metrics").unwrap();
    let apart = Api::new(metrics.strip_suffix("/metrics").unwrap());
    assert_eq!(apart.get("/metrics").await.status, 200);
    assert_eq!(apart.get("/healthz").await.status, 404);

    let together = Server::start().await;
    assert_eq!(together.api().get("/metrics").await.status, 200);
}

#[tokio::test]
async fn logs_tell_what_happened_but_nothing_about_people() {
    let bot = "123456:a-token-that-opens-the-bot";
    let (mails, telegram) = (SmtpSink::start().await, TelegramApi::start(bot).await);
    let server = Server::builder()
        .setting("LOG", "trace")
        .setting("LOG_FORMAT", "json")
        .setting("SMTP_SERVER", "127.0.0.1")
        .setting("SMTP_PORT", &mails.port().to_string())
        .setting("SMTP_USE_TLS", "none")
        .setting("TELEGRAM_API_URL", &telegram.base())
        .setting("TELEGRAM_BOT_TOKEN", bot)
        .setting("TELEGRAM_CHAT_ID", "-100")
        .setting("CALLBACK_EMAIL_TO", "calls@shop.example")
        .start()
        .await;
    let admin = server.admin_api().await;
    let wish = json!({ "contactNumber": "+49 30 7654321", "employeeId": "E-4711" });
    server.api().post("/api/chat/callback-request", &wish).await.expect(200);
    let told = json!({
        "message": "my secret question",
        "visitorName": "Ada Lovelace",
        "visitorEmail": "ada@mail.example",
        "visitorPhone": "+49 30 7654321",
    });
    let opened = server.api().post("/api/v1/chat", &told).await.expect(201);
    let session = opened.pointer("/data/sessionId").unwrap().as_str().unwrap().to_owned();
    let answer = server.api().get(&format!("/api/v1/chat?sessionId={session}")).await;
    answer.expect(200);
    let token = admin.token(&server.admin().email, &server.admin().password).await;
    admin.with_token(&token).get("/api/auth/me").await.expect(200);

    let log = eventually(SOON, || async {
        let log = server.stderr();
        log.contains("/api/auth/me").then_some(log)
    })
    .await;
    for line in log.lines() {
        assert!(serde_json::from_str::<Value>(line).is_ok(), "{line}");
    }
    eventually(SOON, || async {
        (mails.accepted() == 2 && telegram.sent().len() == 2).then_some(())
    })
    .await;
    let log = server.stderr();
    for private in [
        "secret question",
        "Lovelace",
        "ada@mail.example",
        "7654321",
        "E-4711",
        "calls@shop.example",
        bot,
        &session,
        &token,
        &server.admin().password,
        &server.admin().email,
    ] {
        let line = log.lines().find(|line| line.contains(private));
        assert_eq!(line, None, "{private}");
    }
}
