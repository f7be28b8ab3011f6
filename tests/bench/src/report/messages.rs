//! Messages accepted a second.

use serde::Serialize;

use super::as_number;
use crate::{
    load::Measured,
    options::Plan,
    table::{number, render},
};

/// All programs, with what is missing.
#[derive(Debug, Serialize)]
pub(crate) struct MessagesReport {
    chats: usize,
    /// What is missing and why.
    skipped: Vec<String>,
    pub(crate) rows: Vec<MessagesRow>,
}

/// One program with one number of connections.
#[derive(Debug, Serialize)]
pub(crate) struct MessagesRow {
    store: &'static str,
    program: &'static str,
    connections: usize,
    messages: usize,
    per_second: f64,
    p50_ms: Option<f64>,
    p99_ms: Option<f64>,
    /// Processor seconds for a thousand messages. The program that writes one by one is the bench itself.
    program_cpu_s_per_1000: Option<f64>,
    database_cpu_s_per_1000: Option<f64>,
    generator_cpu_s_per_1000: Option<f64>,
    times_one_by_one: Option<f64>,
    times_node_peer: Option<f64>,
}

impl MessagesReport {
    pub(crate) fn begin(plan: &Plan) -> Self {
        let mut skipped = Vec::new();
        if plan.peer.is_none() {
            skipped.push("the Node peer is skipped: PEER_NODE_CHAT (or --peer) does not name its folder".to_owned());
        }
        Self {
            chats: plan.chats,
            skipped,
            rows: Vec::new(),
        }
    }
}

impl MessagesRow {
    pub(crate) fn of(store: &'static str, program: &'static str, connections: usize, measured: &Measured) -> Self {
        let count = as_number(measured.count);
        let per_thousand = |seconds: f64| (measured.count > 0).then(|| seconds * 1000.0 / count);
        let is_own_generator = program == "one by one";
        Self {
            store,
            program,
            connections,
            messages: measured.count,
            per_second: count / measured.seconds,
            p50_ms: measured.took.milliseconds(0.5),
            p99_ms: measured.took.milliseconds(0.99),
            program_cpu_s_per_1000: per_thousand(measured.used.program),
            database_cpu_s_per_1000: (store == "PostgreSQL")
                .then(|| per_thousand(measured.used.database))
                .flatten(),
            generator_cpu_s_per_1000: if is_own_generator {
                None
            } else {
                per_thousand(measured.used.this)
            },
            times_one_by_one: None,
            times_node_peer: None,
        }
    }

    /// Says how often as many this one accepts.
    pub(crate) fn compare(&mut self, plain: &Self, peer: Option<&Self>) {
        let times = |other: &Self| (other.per_second > 0.0).then(|| self.per_second / other.per_second);
        let (plain, peer) = (times(plain), peer.and_then(times));
        self.times_one_by_one = plain;
        self.times_node_peer = peer;
    }
}

/// The rows for people.
pub(super) fn table(messages: &MessagesReport) -> String {
    let columns = [
        "store",
        "program",
        "connections",
        "messages/s",
        "p50 ms",
        "p99 ms",
        "cpu s/1000",
        "database",
        "load",
        "x one by one",
        "x node",
    ];
    let rows: Vec<_> = messages
        .rows
        .iter()
        .map(|row| {
            let mut cells = vec![
                row.store.to_owned(),
                row.program.to_owned(),
                row.connections.to_string(),
            ];
            let numbers = [
                Some(row.per_second),
                row.p50_ms,
                row.p99_ms,
                row.program_cpu_s_per_1000,
                row.database_cpu_s_per_1000,
                row.generator_cpu_s_per_1000,
                row.times_one_by_one,
                row.times_node_peer,
            ];
            cells.extend(numbers.map(number));
            cells
        })
        .collect();
    let title = format!("Messages accepted, every commit on disk ({} chats)", messages.chats);
    let notes = messages
        .skipped
        .iter()
        .map(|note| format!("{note}\n"))
        .collect::<String>();
    render(&title, 2, &columns, &rows) + &notes
}
