//! What a peer has seen, in the order it saw it.

use std::panic::Location;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

/// Entries in order, and a way to wait for one.
#[derive(Debug)]
pub(crate) struct Journal<T> {
    entries: Mutex<Vec<T>>,
    changed: watch::Sender<()>,
}

impl<T> Default for Journal<T> {
    fn default() -> Self {
        Self {
            entries: Mutex::new(Vec::new()),
            changed: watch::Sender::new(()),
        }
    }
}

impl<T: Clone> Journal<T> {
    pub(crate) fn push(&self, entry: T) {
        self.entries().push(entry);
        self.changed.send_replace(());
    }

    pub(crate) fn all(&self) -> Vec<T> {
        self.entries().clone()
    }

    pub(crate) fn clear(&self) {
        self.entries().clear();
    }

    /// The first entry that fits, now or later.
    pub(crate) async fn wait_for(
        &self,
        fits: impl Fn(&T) -> bool,
        limit: Duration,
        what: &str,
        caller: &Location<'_>,
    ) -> T {
        let end = Instant::now() + limit;
        let mut changed = self.changed.subscribe();
        let mut looked_at = 0;
        loop {
            changed.mark_unchanged();
            if let Some(found) = self.first_from(&mut looked_at, &fits) {
                return found;
            }
            let change = timeout_at(end, changed.changed()).await;
            assert!(change.is_ok(), "{caller}: no such {what} within {limit:?}");
        }
    }

    /// Looks at what came since the last look only, so that waiting beside thousands stays cheap.
    fn first_from(&self, looked_at: &mut usize, fits: &impl Fn(&T) -> bool) -> Option<T> {
        let entries = self.entries();
        if entries.len() < *looked_at {
            *looked_at = 0;
        }
        let found = entries.iter().skip(*looked_at).find(|entry| fits(entry)).cloned();
        *looked_at = entries.len();
        found
    }

    fn entries(&self) -> MutexGuard<'_, Vec<T>> {
        self.entries.lock().unwrap()
    }
}
