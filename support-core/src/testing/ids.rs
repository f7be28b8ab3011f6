//! Ids that a test can foretell.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use uuid::{Builder, Uuid};

use crate::{model::Secret, ports::Ids};

/// Gives out UUIDv7s and secrets that are the same in every run, each later than the one before.
/// Clones go on counting together.
#[derive(Debug, Clone, Default)]
pub struct SequentialIds(Arc<AtomicU64>);

impl SequentialIds {
    /// Begins with the first.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::SeqCst).saturating_add(1)
    }
}

impl Ids for SequentialIds {
    fn uuid(&self) -> Uuid {
        // The count stands where a UUIDv7 has its milliseconds, so it decides the order.
        Builder::from_unix_timestamp_millis(self.next(), &[0; 10]).into_uuid()
    }

    fn secret(&self, prefix: &str) -> Secret {
        let mut bytes = [0; 32];
        for (byte, count) in bytes.iter_mut().zip(self.next().to_be_bytes()) {
            *byte = count;
        }
        Secret::from_random(prefix, bytes)
    }
}
