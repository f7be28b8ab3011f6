//! From the sender's POST to the receiver's frame.

use serde::Serialize;

use crate::{
    Failure,
    latency::Told,
    options::Plan,
    table::{number, render},
};

/// One program.
#[derive(Debug, Serialize)]
pub(crate) struct LatencyRow {
    program: &'static str,
    sockets: usize,
    per_second: f64,
    posted: usize,
    measured: usize,
    missing: usize,
    p50_ms: Option<f64>,
    p99_ms: Option<f64>,
    p50_times_bare: Option<f64>,
    p99_times_bare: Option<f64>,
}

impl LatencyRow {
    pub(crate) fn of(program: &'static str, plan: &Plan, told: &Told, bare: Option<&Self>) -> Result<Self, Failure> {
        let (p50_ms, p99_ms) = (told.took.milliseconds(0.5), told.took.milliseconds(0.99));
        if p50_ms.is_none() {
            return Err(format!("{program}: of {} messages none came back as a frame", told.posted).into());
        }
        Ok(Self {
            program,
            sockets: plan.sockets,
            per_second: plan.rate,
            posted: told.posted,
            measured: told.took.count(),
            missing: told.missing,
            p50_ms,
            p99_ms,
            p50_times_bare: times(p50_ms, bare.and_then(|bare| bare.p50_ms)),
            p99_times_bare: times(p99_ms, bare.and_then(|bare| bare.p99_ms)),
        })
    }
}

/// The rows for people.
pub(super) fn table(rows: &[LatencyRow]) -> String {
    let columns = [
        "program",
        "messages",
        "missing",
        "p50 ms",
        "p99 ms",
        "x bare p50",
        "x bare p99",
    ];
    let title = rows.first().map_or(String::new(), |row| {
        format!(
            "POST to frame, {} WebSockets, {} messages/s",
            row.sockets, row.per_second
        )
    });
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            let mut cells = vec![
                row.program.to_owned(),
                row.measured.to_string(),
                row.missing.to_string(),
            ];
            cells.extend([row.p50_ms, row.p99_ms, row.p50_times_bare, row.p99_times_bare].map(number));
            cells
        })
        .collect();
    render(&title, 1, &columns, &rows)
}

/// How many times another value one is.
pub(super) fn times(value: Option<f64>, bare: Option<f64>) -> Option<f64> {
    let (value, bare) = (value?, bare?);
    (bare > 0.0).then(|| value / bare)
}
