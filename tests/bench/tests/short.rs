//! Each bench still measures every figure it promises. How large they are is no test's matter.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::process::{Command, Stdio};

use serde_json::Value;

#[test]
fn messages_are_counted_on_both_stores_beside_one_by_one() {
    let report = run("messages");
    let rows = rows(&report, "/messages/rows");
    for store in ["SQLite", "PostgreSQL"] {
        for connections in [1, 8] {
            let row = |program: &str| {
                let found = rows.iter().find(|row| {
                    row["store"] == store && row["program"] == program && row["connections"] == connections
                });
                assert!(found.is_some(), "no row of {program} on {store}: {report}");
                found.unwrap()
            };
            for program in ["support-server", "one by one"] {
                let row = row(program);
                measured(row, &["messages", "per_second", "p50_ms", "p99_ms"]);
                present(row, &["program_cpu_s_per_1000"]);
            }
            measured(row("support-server"), &["times_one_by_one"]);
            present(row("support-server"), &["generator_cpu_s_per_1000"]);
            if store == "PostgreSQL" {
                present(row("support-server"), &["database_cpu_s_per_1000"]);
            }
        }
    }
    let has_peer = rows.iter().any(|row| row["program"] == "node peer");
    let is_skipped = !report
        .pointer("/messages/skipped")
        .unwrap()
        .as_array()
        .unwrap()
        .is_empty();
    assert!(
        has_peer != is_skipped,
        "a peer that is not measured is said to be skipped: {report}"
    );
}

#[test]
fn customers_write_over_socket_io_and_the_agent_hears_them_all() {
    let report = run("socketio");
    let rows = rows(&report, "/socketio/rows");
    assert_eq!(rows.first().unwrap()["program"], "support-server");
    for row in rows {
        measured(
            row,
            &[
                "messages",
                "per_second",
                "acknowledged_p50_ms",
                "heard",
                "heard_p50_ms",
                "heard_p99_ms",
            ],
        );
    }
}

#[test]
fn the_way_from_post_to_frame_is_timed_beside_a_bare_echo() {
    let report = run("latency");
    let rows = rows(&report, "/latency");
    let programs: Vec<_> = rows.iter().map(|row| row["program"].as_str().unwrap()).collect();
    assert_eq!(programs, ["bare echo", "SQLite", "PostgreSQL"]);
    for row in rows {
        measured(row, &["measured", "p50_ms", "p99_ms"]);
        assert_eq!(row["missing"], 0, "{row}");
    }
    for row in rows.iter().skip(1) {
        measured(row, &["p50_times_bare", "p99_times_bare"]);
    }
}

#[test]
fn memory_is_read_with_and_without_idle_sockets() {
    let report = run("connections");
    let rows = rows(&report, "/connections");
    assert_eq!(rows.len(), 4, "{report}");
    for row in rows {
        measured(row, &["sockets", "conversations", "mib_without", "mib_with"]);
        present(row, &["kib_each"]);
    }
    let of_server = rows.iter().filter(|row| row["program"] == "support-server");
    assert_eq!(
        of_server.inspect(|row| present(row, &["kib_each_above_bare"])).count(),
        2
    );
}

#[test]
fn starts_are_timed_with_empty_and_filled_databases() {
    let report = run("start");
    let rows = rows(&report, "/start");
    assert_eq!(rows.len(), 4, "{report}");
    for row in rows {
        measured(
            row,
            &[
                "listening_best_ms",
                "listening_median_ms",
                "ready_best_ms",
                "ready_median_ms",
            ],
        );
        measured(row, &["idle_best_mib", "idle_median_mib"]);
    }
}

#[test]
fn a_queue_goes_out_beside_a_bare_client_and_alerts_are_timed_beside_a_dead_mail_server() {
    let report = run("deliveries");
    let drained = rows(&report, "/deliveries/drain");
    let programs: Vec<_> = drained.iter().map(|row| row["program"].as_str().unwrap()).collect();
    assert_eq!(programs, ["lettre's pool", "SQLite", "PostgreSQL"]);
    for row in drained {
        measured(row, &["deliveries", "per_second"]);
    }
    for row in drained.iter().skip(1) {
        measured(
            row,
            &["times_bare", "idle_mib", "owed_mib", "drain_most_mib", "end_mib"],
        );
        present(
            row,
            &["program_cpu_s_per_1000", "database_cpu_s_per_1000", "spread_mib"],
        );
    }
    let beside = rows(&report, "/deliveries/beside");
    assert_eq!(beside.len(), 4, "{report}");
    for row in beside {
        measured(row, &["measured", "p50_ms", "p99_ms"]);
    }
    let dead = beside.iter().filter(|row| row["mail_server"] == "dead");
    assert_eq!(dead.inspect(|row| measured(row, &["p99_times_alive"])).count(), 2);
}

#[test]
fn a_team_claims_from_one_queue_on_one_node_and_on_two() {
    let report = run("claims");
    let rows = rows(&report, "/claims");
    assert_eq!(rows.len(), 2, "{report}");
    for (row, nodes) in rows.iter().zip([1, 2]) {
        assert_eq!(row["nodes"], nodes, "{row}");
        measured(row, &["requests", "per_second", "most_at_once"]);
        present(row, &["taken", "outrun", "wait_p50_ms", "wait_p99_ms"]);
    }
}

#[test]
fn uploads_are_measured_by_themselves_and_together() {
    let report = run("files");
    let rows = rows(&report, "/files");
    assert_eq!(rows.len(), 2, "{report}");
    for row in rows {
        measured(row, &["at_once", "size_mib", "grown_mib"]);
        present(row, &["bare_grown_mib", "above_bare_mib"]);
    }
}

#[test]
fn a_desk_s_questions_are_timed_among_few_and_many_tickets() {
    let report = run("desk");
    let rows = rows(&report, "/desk");
    for store in ["SQLite", "PostgreSQL"] {
        let of_store: Vec<_> = rows.iter().filter(|row| row["store"] == store).collect();
        assert!(of_store.len() > 40, "{report}");
        for row in of_store {
            measured(
                row,
                &[
                    "tickets_few",
                    "tickets_many",
                    "few_p50_ms",
                    "many_p50_ms",
                    "many_p99_ms",
                ],
            );
            measured(row, &["p50_times_few", "p99_times_few"]);
        }
    }
}

fn run(command: &str) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.json");
    let mut bench = Command::new(env!("CARGO_BIN_EXE_support-bench"));
    bench.args([command, "--short", "--json"]).arg(&file);
    let output = bench.stdin(Stdio::null()).output().unwrap();
    let said = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    assert!(output.status.success(), "{command}:\n{}", said.concat());
    assert!(
        said.concat().lines().count() > 3,
        "a table for people:\n{}",
        said.concat()
    );
    serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap()
}

fn rows<'a>(report: &'a Value, pointer: &str) -> &'a [Value] {
    report.pointer(pointer).unwrap().as_array().unwrap()
}

#[track_caller]
fn measured(row: &Value, figures: &[&str]) {
    for figure in figures {
        assert!(row[figure].as_f64().is_some_and(|value| value > 0.0), "{figure}: {row}");
    }
}

/// Of so short a time a cost may well be nought.
#[track_caller]
fn present(row: &Value, figures: &[&str]) {
    for figure in figures {
        assert!(row[figure].is_number(), "{figure}: {row}");
    }
}
