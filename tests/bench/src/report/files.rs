//! What uploads hold in memory.

use serde::Serialize;

use super::{MIB, as_number, bytes};
use crate::table::{number, render};

/// So many uploads at once.
#[derive(Debug, Serialize)]
pub(crate) struct FilesRow {
    at_once: usize,
    size_mib: f64,
    /// By how much the server's memory grew at most, for one of them.
    grown_mib: f64,
    bare_grown_mib: f64,
    /// What is the server's own.
    above_bare_mib: f64,
}

impl FilesRow {
    pub(crate) fn of(at_once: usize, size: usize, grown: u64, bare: u64) -> Self {
        let each = |grown| bytes(grown) / MIB / as_number(at_once);
        Self {
            at_once,
            size_mib: as_number(size) / MIB,
            grown_mib: each(grown),
            bare_grown_mib: each(bare),
            above_bare_mib: each(grown) - each(bare),
        }
    }
}

/// The rows for people.
pub(super) fn table(rows: &[FilesRow]) -> String {
    let columns = ["uploads at once", "MiB each", "memory MiB each", "bare", "above bare"];
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            let mut cells = vec![row.at_once.to_string()];
            let numbers = [row.size_mib, row.grown_mib, row.bare_grown_mib, row.above_bare_mib];
            cells.extend(numbers.map(|value| number(Some(value))));
            cells
        })
        .collect();
    render("Memory for uploads into a folder, at most", 0, &columns, &rows)
}
