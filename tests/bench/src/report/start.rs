//! Start to ready, and memory at rest.

use std::time::Duration;

use serde::Serialize;

use super::{MIB, bytes};
use crate::{
    start::Started,
    table::{number, render},
};

/// Starts with one store.
#[derive(Debug, Serialize)]
pub(crate) struct StartRow {
    store: &'static str,
    database: &'static str,
    starts: usize,
    listening_best_ms: Option<f64>,
    listening_median_ms: Option<f64>,
    ready_best_ms: Option<f64>,
    ready_median_ms: Option<f64>,
    idle_best_mib: Option<f64>,
    idle_median_mib: Option<f64>,
}

impl StartRow {
    pub(crate) fn of(store: &'static str, database: &'static str, starts: &[Started]) -> Self {
        let milliseconds = |duration: Duration| duration.as_secs_f64() * 1000.0;
        let [listening_best_ms, listening_median_ms] =
            best_and_median(starts.iter().map(|start| milliseconds(start.listening)));
        let [ready_best_ms, ready_median_ms] = best_and_median(starts.iter().map(|start| milliseconds(start.ready)));
        let [idle_best_mib, idle_median_mib] = best_and_median(starts.iter().map(|start| bytes(start.memory) / MIB));
        Self {
            store,
            database,
            starts: starts.len(),
            listening_best_ms,
            listening_median_ms,
            ready_best_ms,
            ready_median_ms,
            idle_best_mib,
            idle_median_mib,
        }
    }
}

/// The rows for people.
pub(super) fn table(rows: &[StartRow]) -> String {
    let columns = [
        "store",
        "database",
        "starts",
        "listening ms best",
        "median",
        "ready ms best",
        "median",
        "idle MiB best",
        "median",
    ];
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            let mut cells = vec![row.store.to_owned(), row.database.to_owned(), row.starts.to_string()];
            let numbers = [
                row.listening_best_ms,
                row.listening_median_ms,
                row.ready_best_ms,
                row.ready_median_ms,
                row.idle_best_mib,
                row.idle_median_mib,
            ];
            cells.extend(numbers.map(number));
            cells
        })
        .collect();
    render("Start to ready, and memory at rest", 2, &columns, &rows)
}

fn best_and_median(values: impl Iterator<Item = f64>) -> [Option<f64>; 2] {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    [values.first().copied(), values.get(values.len() / 2).copied()]
}
