//! The sub-commands that end by themselves, and starts that fail.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod program;

use std::net::TcpListener;

use program::Folder;
use serde_json::Value;
use support_testkit::Server;

/// What stands after `name: ` in the program's output.
fn said<'a>(output: &'a str, name: &str) -> &'a str {
    let line = output
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    line.unwrap().split(' ').next().unwrap()
}

/// Runs a command beside a running server, on its database.
fn beside(server: &Server, arguments: &[&str]) -> program::Ended {
    let url = format!("sqlite://{}", server.folder().join("data/support.db").display());
    Folder::new().run(arguments, &[("DATABASE_URL", &url)])
}

#[test]
fn migrate_makes_the_database_and_may_be_repeated() {
    let folder = Folder::new();
    for _ in 0..2 {
        let output = folder.run(&["migrate"], &[]).succeeded();
        assert_eq!(output, "the database is up to date\n");
        assert!(folder.path().join("data/support.db").is_file());
    }
}

#[test]
fn openapi_prints_the_description_and_needs_no_settings() {
    let output = Folder::new()
        .run(&["openapi"], &[("LISTEN_ADDR", "nonsense")])
        .succeeded();
    let document: Value = serde_json::from_str(&output).unwrap();
    assert!(document.get("openapi").unwrap().as_str().unwrap().starts_with("3."));
    assert!(document.pointer("/paths/~1healthz/get").is_some());
}

#[tokio::test]
async fn an_admin_made_beside_a_running_server_gets_in() {
    let server = Server::start().await;
    let output = beside(
        &server,
        &["create-admin", "--email", "second@shop.example", "--name", "Mara"],
    )
    .succeeded();
    assert_eq!(said(&output, "admin"), "second@shop.example");
    let second = server
        .api()
        .login("second@shop.example", said(&output, "password"))
        .await;
    let me = second.get("/api/auth/me").await.expect(200);
    assert_eq!(me.to_string().matches("Mara").count(), 1, "{me}");
}

#[tokio::test]
async fn a_given_password_is_taken_and_not_repeated() {
    let server = Server::start().await;
    let arguments = [
        "create-admin",
        "--email",
        "second@shop.example",
        "--password",
        "a long password",
    ];
    assert_eq!(beside(&server, &arguments).succeeded(), "admin: second@shop.example\n");
    server.api().login("second@shop.example", "a long password").await;

    let again = beside(&server, &arguments);
    assert_eq!(again.code, Some(1), "{again:?}");
}

#[tokio::test]
async fn a_tenant_is_made_with_its_admin() {
    let server = Server::start().await;
    let output = beside(
        &server,
        &[
            "create-tenant",
            "--slug",
            "shop",
            "--title",
            "The Shop",
            "--timezone",
            "Europe/Berlin",
            "--domain",
            "shop.example",
            "--email",
            "admin@shop.example",
        ],
    )
    .succeeded();
    assert_eq!(said(&output, "tenant"), "shop");
    let admin = server
        .api()
        .login("admin@shop.example", said(&output, "password"))
        .await;
    admin.get("/api/auth/me").await.expect(200);
}

#[test]
fn what_cannot_be_made_is_said_in_one_line() {
    let folder = Folder::new();
    let cases: [(&[&str], &str); 3] = [
        (
            &["create-admin", "--email", "a@shop.example"],
            "there is no tenant `default`",
        ),
        (
            &[
                "create-tenant",
                "--slug",
                "Shop!",
                "--email",
                "nobody",
                "--password",
                "short",
            ],
            "admin.password: Must have at least 8 characters",
        ),
        (
            &[
                "create-tenant",
                "--slug",
                "shop",
                "--email",
                "a@shop.example",
                "--timezone",
                "Mars",
            ],
            "timezone: ",
        ),
    ];
    for (arguments, told) in cases {
        let ended = folder.run(arguments, &[]);
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(
            ended.stderr.starts_with("error: ") && ended.stderr.contains(told),
            "{ended:?}"
        );
        assert_eq!(ended.stderr.lines().count(), 1, "{ended:?}");
    }
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ended = Folder::new().run(&["serve", "--listen-addr", &address], &[]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(
        ended.stderr.starts_with(&format!("error: LISTEN_ADDR: {address}: ")),
        "{ended:?}"
    );
}

#[test]
fn a_database_that_is_away_is_named_without_its_password() {
    let url = "postgres://me:sesame@127.0.0.1:1/support";
    let ended = Folder::new().run(&["serve", "--listen-addr", "127.0.0.1:0"], &[("DATABASE_URL", url)]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let complaint = ended.stderr.lines().last().unwrap();
    assert!(complaint.starts_with("error: DATABASE_URL: "), "{ended:?}");
    assert!(!ended.stderr.contains("sesame"), "{ended:?}");
}

#[tokio::test]
async fn a_customer_is_exported_by_id_address_or_the_hosts_own_name() {
    let server = Server::start().await;
    let admin = server.admin_api().await;
    let ada = serde_json::json!({ "name": "Ada", "email": "ada@mail.example", "externalId": "c-1" });
    let made = admin.post("/api/customers", &ada).await.expect(201);
    let id = made.pointer("/id").unwrap().as_str().unwrap();
    let file = Folder::new();
    let path = file.path().join("ada.json");
    for who in [id, "ADA@mail.example", "c-1"] {
        let output = beside(&server, &["export-customer", "--customer", who]).succeeded();
        let all: Value = serde_json::from_str(&output).unwrap();
        assert_eq!(all.pointer("/customer/id").unwrap(), id);
        let to = path.display().to_string();
        let quiet = beside(&server, &["export-customer", "--customer", who, "--output", &to]).succeeded();
        assert_eq!(quiet, "");
        #[expect(clippy::disallowed_methods, reason = "nothing else runs on this thread")]
        let written = std::fs::read_to_string(&path).unwrap();
        let written: Value = serde_json::from_str(&written).unwrap();
        assert_eq!(written.pointer("/customer/name").unwrap(), "Ada");
    }
    let nobody = beside(&server, &["export-customer", "--customer", "nobody@mail.example"]);
    assert_eq!(nobody.code, Some(1));
    assert!(nobody.stderr.contains("no such customer"), "{}", nobody.stderr);
}
