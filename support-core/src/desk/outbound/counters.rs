//! What came of the attempts of this node, counted for its operator.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::{
    model::Channel,
    ports::{NotifyError, Sent},
};

/// What came of an attempt, as counted.
const OUTCOMES: [&str; 4] = ["sent", "failed", "dead", "refused"];

/// Attempts by channel and outcome since the start.
#[derive(Debug, Default)]
pub(crate) struct Counters([[AtomicU64; OUTCOMES.len()]; Channel::ALL.len()]);

impl Counters {
    pub(super) fn count(&self, channel: Channel, outcome: &Result<Sent, NotifyError>) {
        let outcome = match outcome {
            Ok(_) => "sent",
            Err(NotifyError::Temporary { .. } | NotifyError::Moved { .. } | NotifyError::Partly { .. }) => "failed",
            Err(NotifyError::Permanent { .. } | NotifyError::Gone { .. }) => "dead",
            Err(NotifyError::Refused { .. }) => "refused",
        };
        let row = Channel::ALL.iter().position(|known| *known == channel);
        let column = OUTCOMES.iter().position(|known| *known == outcome);
        let counter = row.zip(column).and_then(|(row, column)| self.0.get(row)?.get(column));
        if let Some(counter) = counter {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// All of them: channel, outcome, how many.
    pub(super) fn all(&self) -> Vec<(Channel, &'static str, u64)> {
        let rows = Channel::ALL.iter().zip(&self.0);
        rows.flat_map(|(channel, row)| {
            OUTCOMES
                .iter()
                .zip(row)
                .map(|(outcome, count)| (*channel, *outcome, count.load(Ordering::Relaxed)))
        })
        .collect()
    }
}
