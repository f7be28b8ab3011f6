//! What is owed to the outside.

use serde::Serialize;

use super::{MIB, as_number, bytes};
use crate::{
    deliveries::Drained,
    load::Quantiles,
    table::{number, render},
};

/// Both parts.
#[derive(Debug, Serialize)]
pub(crate) struct DeliveriesReport {
    pub(crate) drain: Vec<DrainRow>,
    pub(crate) beside: Vec<BesideRow>,
}

/// One queue, or the bare client's.
#[derive(Debug, Serialize)]
pub(crate) struct DrainRow {
    program: &'static str,
    deliveries: usize,
    per_second: f64,
    times_bare: Option<f64>,
    program_cpu_s_per_1000: Option<f64>,
    database_cpu_s_per_1000: Option<f64>,
    peers_cpu_s_per_1000: Option<f64>,
    idle_mib: Option<f64>,
    owed_mib: Option<f64>,
    drain_least_mib: Option<f64>,
    drain_most_mib: Option<f64>,
    end_mib: Option<f64>,
    spread_mib: Option<f64>,
}

impl DrainRow {
    pub(crate) fn of_bare(deliveries: usize, per_second: f64) -> Self {
        Self {
            program: "lettre's pool",
            deliveries,
            per_second,
            times_bare: None,
            program_cpu_s_per_1000: None,
            database_cpu_s_per_1000: None,
            peers_cpu_s_per_1000: None,
            idle_mib: None,
            owed_mib: None,
            drain_least_mib: None,
            drain_most_mib: None,
            end_mib: None,
            spread_mib: None,
        }
    }

    pub(crate) fn of(drained: &Drained, bare: f64) -> Self {
        let per_second = as_number(drained.owed) / drained.seconds;
        let cost = |seconds: f64| Some(seconds * 1000.0 / as_number(drained.owed));
        let mib = |held: u64| Some(bytes(held) / MIB);
        Self {
            program: drained.store,
            deliveries: drained.owed,
            per_second,
            times_bare: (bare > 0.0).then(|| per_second / bare),
            program_cpu_s_per_1000: cost(drained.used.program),
            database_cpu_s_per_1000: cost(drained.used.database),
            peers_cpu_s_per_1000: cost(drained.used.this),
            idle_mib: mib(drained.idle),
            owed_mib: mib(drained.loaded),
            drain_least_mib: mib(drained.least),
            drain_most_mib: mib(drained.most),
            end_mib: mib(drained.end),
            spread_mib: mib(drained.most.max(drained.end) - drained.least.min(drained.end)),
        }
    }
}

/// Alerts on one store, with one kind of mail server beside.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct BesideRow {
    store: &'static str,
    mail_server: &'static str,
    measured: usize,
    p50_ms: Option<f64>,
    p99_ms: Option<f64>,
    p99_times_alive: Option<f64>,
}

impl BesideRow {
    pub(crate) fn of(store: &'static str, mail_server: &'static str, took: &Quantiles, alive: Option<&Self>) -> Self {
        let p99_ms = took.milliseconds(0.99);
        let alive = alive.and_then(|alive| alive.p99_ms);
        Self {
            store,
            mail_server,
            measured: took.count(),
            p50_ms: took.milliseconds(0.5),
            p99_ms,
            p99_times_alive: p99_ms.zip(alive).map(|(dead, alive)| dead / alive),
        }
    }
}

/// The rows for people.
pub(super) fn table(report: &DeliveriesReport) -> String {
    drain_table(&report.drain) + "\n" + &beside_table(&report.beside)
}

fn drain_table(rows: &[DrainRow]) -> String {
    let columns = [
        "program",
        "mails",
        "per s",
        "x bare",
        "cpu s/1000",
        "database",
        "peers",
        "idle MiB",
        "owed",
        "least",
        "most",
        "end",
        "spread",
    ];
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            let mut cells = vec![row.program.to_owned(), row.deliveries.to_string()];
            let numbers = [
                Some(row.per_second),
                row.times_bare,
                row.program_cpu_s_per_1000,
                row.database_cpu_s_per_1000,
                row.peers_cpu_s_per_1000,
                row.idle_mib,
                row.owed_mib,
                row.drain_least_mib,
                row.drain_most_mib,
                row.end_mib,
                row.spread_mib,
            ];
            cells.extend(numbers.map(number));
            cells
        })
        .collect();
    render("A queue of mails goes out", 1, &columns, &rows)
}

fn beside_table(rows: &[BesideRow]) -> String {
    let columns = ["store", "mail server", "alerts", "p50 ms", "p99 ms", "x alive p99"];
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            let mut cells = vec![
                row.store.to_owned(),
                row.mail_server.to_owned(),
                row.measured.to_string(),
            ];
            cells.extend([row.p50_ms, row.p99_ms, row.p99_times_alive].map(number));
            cells
        })
        .collect();
    render("Request to alert in Telegram", 2, &columns, &rows)
}
