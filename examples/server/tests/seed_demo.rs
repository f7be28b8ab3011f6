//! The tenant that is made up.

#![expect(clippy::unwrap_used, clippy::panic, reason = "what panics here is a failed test")]

mod program;

use std::collections::BTreeMap;

use program::{Ended, Folder};
use serde_json::Value;
use support_testkit::{Api, Server};

fn seed(server: &Server, arguments: &[&str]) -> Ended {
    let url = format!("sqlite://{}", server.folder().join("data/support.db").display());
    let arguments = [&["seed-demo"], arguments].concat();
    Folder::new().run(&arguments, &[("DATABASE_URL", &url)])
}

/// Logs in with what stands after `role: ` in the program's output.
async fn login(server: &Server, output: &str, role: &str) -> Api {
    let told = output
        .lines()
        .find_map(|line| line.strip_prefix(role)?.strip_prefix(": "));
    let words: Vec<&str> = told.unwrap().split(' ').collect();
    let [email, "password:", password, ..] = words.as_slice() else {
        panic!("no login: {words:?}");
    };
    server.api().login(email, password).await
}

fn text<'a>(of: &'a Value, field: &str) -> &'a str {
    of.get(field).and_then(Value::as_str).unwrap_or_default()
}

#[tokio::test]
async fn a_made_up_tenant_has_what_its_lists_and_statistics_say() {
    let server = Server::start().await;
    let output = seed(&server, &["--tickets", "50"]).succeeded();
    let supervisor = login(&server, &output, "agent").await;
    let admin = login(&server, &output, "admin").await;

    let answer = supervisor.get("/api/tickets?limit=100").await.expect(200);
    let listed = answer.pointer("/data/tickets").unwrap().as_array().unwrap();
    assert_eq!(listed.len(), 50);
    let counted = |field| {
        let mut counted: BTreeMap<&str, i64> = BTreeMap::new();
        for ticket in listed {
            *counted.entry(text(ticket, field)).or_default() += 1;
        }
        counted
    };
    let by_status = counted("status");
    assert!(
        by_status.len() >= 3,
        "some are finished and some are not: {by_status:?}"
    );

    let answer = supervisor.get("/api/tickets/stats/overview").await.expect(200);
    let figures = answer.get("data").unwrap();
    let said = |field: &str| figures.get(field).and_then(Value::as_i64).unwrap();
    let listed_as = |statuses: &[&str]| statuses.iter().filter_map(|status| by_status.get(status)).sum::<i64>();
    assert_eq!(said("totalTickets"), 50);
    assert_eq!(said("openTickets"), listed_as(&["open", "waiting", "assigned"]));
    assert_eq!(said("pendingTickets"), listed_as(&["pending"]));
    assert_eq!(said("resolvedTickets"), listed_as(&["resolved"]));
    assert_eq!(said("closedTickets"), listed_as(&["closed"]));
    for (priority, count) in counted("priority") {
        assert_eq!(
            figures.pointer(&format!("/ticketsByPriority/{priority}")),
            Some(&count.into())
        );
    }
    let stars = figures
        .get("customerSatisfactionRating")
        .and_then(Value::as_f64)
        .unwrap();
    assert!(stars > 3.5, "mostly good ratings");

    let callbacks = admin.get("/api/v1/admin/callbacks?limit=100").await.expect(200);
    for status in ["pending", "resolved"] {
        assert!(
            callbacks.to_string().contains(status),
            "no callback is {status}: {callbacks}"
        );
    }
}

#[tokio::test]
async fn a_tenant_with_tickets_is_left_alone() {
    let server = Server::start().await;
    seed(&server, &["--tickets", "3", "--agents", "1"]).succeeded();
    let again = seed(&server, &["--tickets", "3", "--agents", "1"]);
    assert_eq!(again.code, Some(1), "{again:?}");
    assert!(
        again.stderr.contains("the tenant `demo` has tickets already"),
        "{again:?}"
    );
}
