//! A team at one queue.

use serde::Serialize;
use support_faults::claims::Claimed;

use super::as_number;
use crate::{
    load::Quantiles,
    table::{number, render},
};

/// One team on one store.
#[derive(Debug, Serialize)]
pub(crate) struct ClaimsRow {
    store: &'static str,
    nodes: usize,
    agents: usize,
    requests: usize,
    seconds: f64,
    per_second: f64,
    taken: usize,
    outrun: u64,
    most_at_once: usize,
    wait_p50_ms: Option<f64>,
    wait_p99_ms: Option<f64>,
}

impl ClaimsRow {
    pub(crate) fn of(store: &'static str, nodes: usize, agents: usize, claimed: Claimed) -> Self {
        let seconds = claimed.took.as_secs_f64();
        let waited = Quantiles::of(claimed.waited);
        Self {
            store,
            nodes,
            agents,
            requests: claimed.requests,
            seconds,
            per_second: as_number(claimed.requests) / seconds,
            taken: claimed.taken,
            outrun: claimed.outrun,
            most_at_once: claimed.most_at_once,
            wait_p50_ms: waited.milliseconds(0.5),
            wait_p99_ms: waited.milliseconds(0.99),
        }
    }
}

/// The rows for people.
pub(super) fn table(rows: &[ClaimsRow]) -> String {
    let columns = [
        "store",
        "nodes",
        "agents",
        "requests",
        "s",
        "per s",
        "taken",
        "outrun",
        "most at once",
        "wait p50 ms",
        "p99",
    ];
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            let counts = [row.nodes, row.agents, row.requests].map(|count| count.to_string());
            let mut cells = vec![row.store.to_owned()];
            cells.extend(counts);
            cells.extend([Some(row.seconds), Some(row.per_second)].map(number));
            cells.extend([
                row.taken.to_string(),
                row.outrun.to_string(),
                row.most_at_once.to_string(),
            ]);
            cells.extend([row.wait_p50_ms, row.wait_p99_ms].map(number));
            cells
        })
        .collect();
    render("A team at one queue", 1, &columns, &rows)
}
