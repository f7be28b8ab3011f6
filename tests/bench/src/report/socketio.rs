//! Customers who write over Socket.IO, and one agent who hears them all.

use serde::Serialize;

use super::as_number;
use crate::{
    options::Plan,
    socketio::Exchanged,
    table::{number, render},
};

/// All programs, with what is missing.
#[derive(Debug, Serialize)]
pub(crate) struct SocketIoReport {
    /// What is missing and why.
    skipped: Vec<String>,
    rows: Vec<SocketIoRow>,
}

/// One program with one number of customers.
#[derive(Debug, Serialize)]
struct SocketIoRow {
    program: &'static str,
    customers: usize,
    /// Acknowledged in the measured time.
    messages: usize,
    per_second: f64,
    /// From sending to the acknowledgement.
    acknowledged_p50_ms: Option<f64>,
    acknowledged_p99_ms: Option<f64>,
    /// Sent in the measured time and heard by the agent.
    heard: usize,
    /// From sending to the agent's event.
    heard_p50_ms: Option<f64>,
    heard_p99_ms: Option<f64>,
    program_cpu_s_per_1000: Option<f64>,
    times_node_peer: Option<f64>,
}

impl SocketIoRow {
    fn of(program: &'static str, customers: usize, exchanged: &Exchanged) -> Self {
        let Exchanged { accepted, heard, took } = exchanged;
        let count = as_number(accepted.count);
        Self {
            program,
            customers,
            messages: accepted.count,
            per_second: count / accepted.seconds,
            acknowledged_p50_ms: accepted.took.milliseconds(0.5),
            acknowledged_p99_ms: accepted.took.milliseconds(0.99),
            heard: *heard,
            heard_p50_ms: took.milliseconds(0.5),
            heard_p99_ms: took.milliseconds(0.99),
            program_cpu_s_per_1000: (accepted.count > 0).then(|| accepted.used.program * 1000.0 / count),
            times_node_peer: None,
        }
    }
}

impl SocketIoReport {
    pub(crate) fn begin(plan: &Plan) -> Self {
        let mut skipped = Vec::new();
        if plan.peer.is_none() {
            skipped.push("the Node peer is skipped: PEER_NODE_CHAT (or --peer) does not name its folder".to_owned());
        }
        Self {
            skipped,
            rows: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, customers: usize, own: &Exchanged, peer: Option<&Exchanged>) {
        let mut own = SocketIoRow::of("support-server", customers, own);
        let peer = peer.map(|peer| SocketIoRow::of("node peer", customers, peer));
        let other = peer.as_ref().map(|peer| peer.per_second);
        own.times_node_peer = other.filter(|other| *other > 0.0).map(|other| own.per_second / other);
        self.rows.push(own);
        self.rows.extend(peer);
    }
}

/// The rows for people.
pub(super) fn table(report: &SocketIoReport) -> String {
    let columns = [
        "program",
        "customers",
        "messages/s",
        "ack p50 ms",
        "ack p99 ms",
        "heard",
        "heard p50 ms",
        "heard p99 ms",
        "cpu s/1000",
        "x node",
    ];
    let rows: Vec<_> = report
        .rows
        .iter()
        .map(|row| {
            let mut cells = vec![row.program.to_owned(), row.customers.to_string()];
            cells.extend([Some(row.per_second), row.acknowledged_p50_ms, row.acknowledged_p99_ms].map(number));
            cells.push(row.heard.to_string());
            let numbers = [
                row.heard_p50_ms,
                row.heard_p99_ms,
                row.program_cpu_s_per_1000,
                row.times_node_peer,
            ];
            cells.extend(numbers.map(number));
            cells
        })
        .collect();
    let notes: String = report.skipped.iter().map(|note| format!("{note}\n")).collect();
    render(
        "Socket.IO on PostgreSQL: customers write, one agent hears",
        1,
        &columns,
        &rows,
    ) + &notes
}
