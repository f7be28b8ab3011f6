//! What idle WebSockets cost in memory.

use serde::Serialize;

use super::{KIB, MIB, as_number, bytes};
use crate::table::{number, render};

/// One program with one number of sockets.
#[derive(Debug, Serialize)]
pub(crate) struct ConnectionsRow {
    program: &'static str,
    sockets: usize,
    conversations: usize,
    mib_without: f64,
    mib_with: f64,
    kib_each: f64,
    kib_each_above_bare: Option<f64>,
}

impl ConnectionsRow {
    pub(crate) fn of(
        program: &'static str,
        conversations: usize,
        sockets: usize,
        [without, with]: [u64; 2],
        bare: Option<&Self>,
    ) -> Self {
        let (without, with) = (bytes(without), bytes(with));
        let kib_each = (with - without) / KIB / as_number(sockets.max(1));
        Self {
            program,
            sockets,
            conversations,
            mib_without: without / MIB,
            mib_with: with / MIB,
            kib_each,
            kib_each_above_bare: bare.map(|bare| kib_each - bare.kib_each),
        }
    }
}

/// The rows for people.
pub(super) fn table(rows: &[ConnectionsRow]) -> String {
    let columns = [
        "program",
        "sockets",
        "conversations",
        "MiB without",
        "MiB with",
        "KiB each",
        "above bare",
    ];
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            let mut cells = vec![
                row.program.to_owned(),
                row.sockets.to_string(),
                row.conversations.to_string(),
            ];
            let numbers = [
                Some(row.mib_without),
                Some(row.mib_with),
                Some(row.kib_each),
                row.kib_each_above_bare,
            ];
            cells.extend(numbers.map(number));
            cells
        })
        .collect();
    render("Memory for idle WebSockets", 1, &columns, &rows)
}
