//! A mail server that says nothing holds up neither other channels nor other tenants.

use std::time::Duration;

use serde_json::json;
use support_faults::outgoing::{recipient, request, sending_to};
use support_peers::{SmtpSink, TelegramApi};
use support_testkit::{Api, Postgres, Server, Store, eventually};

const OWED: usize = 200;
const LIMIT: Duration = Duration::from_secs(30);
const TOKEN: &str = "123456:dead-mail-server";
const CHAT: i64 = -100_200_300;
const PASSWORD: &str = "correct horse battery staple";

/// A tenant with a mail server of its own, and its public side.
async fn tenant_with_mail_server(server: &Server, slug: &str, port: u16) -> Api {
    let email = format!("admin@{slug}.example");
    let operator = server.api().login("operator@example.com", PASSWORD).await;
    let tenant = json!({
        "slug": slug, "name": slug, "timezone": "UTC", "domains": [],
        "admin": { "name": "Otto", "email": email, "password": PASSWORD },
    });
    operator.post("/api/v1/platform/tenants", &tenant).await.expect(201);
    let public = server.api().with_header("X-Tenant", slug);
    let admin = public.login(&email, PASSWORD).await;
    let settings = json!({ "smtp": {
        "host": "127.0.0.1", "port": port, "tls": "none", "fromEmail": format!("support@{slug}.example"),
    } });
    admin.put("/api/v1/admin/settings", &settings).await.expect(200);
    public
}

async fn all_arrive_while_dead_mail_servers_hang(store: Store) {
    let dead = SmtpSink::start().await;
    dead.hang(true);
    let dead_too = SmtpSink::start().await;
    dead_too.hang(true);
    let alive = SmtpSink::start().await;
    let telegram = TelegramApi::start(TOKEN).await;
    let server = sending_to(Server::builder().store(store), dead.port())
        .setting("TELEGRAM_BOT_TOKEN", TOKEN)
        .setting("TELEGRAM_CHAT_ID", &CHAT.to_string())
        .setting("TELEGRAM_API_URL", &telegram.base())
        .setting("PLATFORM_EMAIL", "operator@example.com")
        .setting("PLATFORM_PASSWORD", PASSWORD)
        .start()
        .await;
    let with_dead = tenant_with_mail_server(&server, "with-dead", dead_too.port()).await;
    let with_alive = tenant_with_mail_server(&server, "with-alive", alive.port()).await;

    // Alerts of all three go to the installation's chat, over whose bot they share; only the
    // default tenant's and the dead one's mail hangs.
    request(&with_dead, 0..50).await;
    let default = server.api().with_header("X-Tenant", "default");
    request(&default, 0..OWED).await;
    request(&with_alive, 0..OWED).await;
    eventually(LIMIT, || async {
        let arrived = alive.mails();
        (0..OWED)
            .all(|number| arrived.iter().any(|mail| mail.recipients == [recipient(number)]))
            .then_some(())
    })
    .await;
    eventually(LIMIT, || async {
        (telegram.sent().len() >= 2 * OWED + 50).then_some(())
    })
    .await;
    assert_eq!((dead.accepted(), dead_too.accepted()), (0, 0));
    assert!(dead.connections() > 0 && dead_too.connections() > 0, "both were tried");
    assert!(dead.refusals().is_empty(), "and hang");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_arrive_while_dead_mail_servers_hang_on_sqlite() {
    all_arrive_while_dead_mail_servers_hang(Store::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_arrive_while_dead_mail_servers_hang_on_postgresql() {
    let postgres = Postgres::start().await;
    all_arrive_while_dead_mail_servers_hang(Store::Postgres(postgres.database())).await;
}
