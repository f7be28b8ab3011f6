//! What a desk reads.

use serde::Serialize;

use super::latency::times;
use crate::{
    load::Quantiles,
    table::{number, render},
};

/// One question on one store.
#[derive(Debug, Serialize)]
pub(crate) struct DeskRow {
    store: &'static str,
    question: &'static str,
    tickets_few: u64,
    tickets_many: u64,
    few_p50_ms: Option<f64>,
    few_p99_ms: Option<f64>,
    many_p50_ms: Option<f64>,
    many_p99_ms: Option<f64>,
    p50_times_few: Option<f64>,
    p99_times_few: Option<f64>,
}

impl DeskRow {
    /// What a question took among few tickets and among many.
    pub(crate) fn of(
        store: &'static str,
        question: &'static str,
        [tickets_few, tickets_many]: [u64; 2],
        (few, many): (&Quantiles, &Quantiles),
    ) -> Self {
        let [few_p50_ms, few_p99_ms] = [0.5, 0.99].map(|share| few.milliseconds(share));
        let [many_p50_ms, many_p99_ms] = [0.5, 0.99].map(|share| many.milliseconds(share));
        Self {
            store,
            question,
            tickets_few,
            tickets_many,
            few_p50_ms,
            few_p99_ms,
            many_p50_ms,
            many_p99_ms,
            p50_times_few: times(many_p50_ms, few_p50_ms),
            p99_times_few: times(many_p99_ms, few_p99_ms),
        }
    }
}

/// The rows for people.
pub(super) fn table(rows: &[DeskRow]) -> String {
    let columns = [
        "store", "question", "tickets", "p50 ms", "p99 ms", "among", "p50 ms", "p99 ms", "x p50", "x p99",
    ];
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            let mut cells = vec![
                row.store.to_owned(),
                row.question.to_owned(),
                row.tickets_many.to_string(),
            ];
            cells.extend([row.many_p50_ms, row.many_p99_ms].map(number));
            cells.push(row.tickets_few.to_string());
            cells.extend([row.few_p50_ms, row.few_p99_ms, row.p50_times_few, row.p99_times_few].map(number));
            cells
        })
        .collect();
    render("What a desk reads", 2, &columns, &rows)
}
