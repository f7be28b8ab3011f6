//! A reference server under test is killed, started again and stopped.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::time::Duration;

use support_testkit::{Postgres, Server, Store, eventually};

const SOON: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_killed_server_comes_back_at_the_same_address() {
    let mut server = Server::start().await;
    let (address, first) = (server.base().to_owned(), server.pid());
    assert_eq!(server.api().get("/healthz").await.status, 200);

    server.kill_9();
    assert!(reqwest::get(server.url("/healthz")).await.is_err());

    server.restart().await;
    assert_eq!(server.base(), address);
    assert_ne!(server.pid(), first);
    assert_eq!(server.api().get("/healthz").await.status, 200);
}

#[tokio::test]
async fn a_server_on_postgres_knows_its_admin() {
    let postgres = Postgres::start().await;
    let store = Store::Postgres(postgres.database());
    let server = Server::builder().store(store).start().await;
    let admin = server.admin_api().await;
    admin.get("/api/auth/me").await.expect(200);
}

#[tokio::test]
async fn a_server_stops_when_asked() {
    let mut server = Server::start().await;
    assert!(server.stop().await.success());
}

#[tokio::test]
async fn a_server_and_its_folder_are_gone_after_the_test() {
    let server = Server::start().await;
    let (process, folder) = (format!("/proc/{}", server.pid()), server.folder().to_owned());
    assert!(std::fs::exists(&process).unwrap());
    drop(server);
    eventually(SOON, || async {
        let left = std::fs::exists(&process).unwrap() || folder.exists();
        (!left).then_some(())
    })
    .await;
}
