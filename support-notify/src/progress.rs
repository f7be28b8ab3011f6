//! Which parts of a long text have gone out already.
//!
//! Telegram and Messenger know no idempotency keys, so what a retry says again is read again. The
//! parts that went out are remembered by the adapter itself: a retry by the same process goes on
//! with the first part that didn't; another process, or this one after a restart, begins anew.

use std::{
    collections::VecDeque,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::{Mutex, MutexGuard, PoisonError},
};

use support_core::{
    model::DeliveryId,
    ports::{NotifyError, Sent},
};

/// Unfinished deliveries that are remembered; the oldest is forgotten first.
const CAPACITY: usize = 256;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Key {
    delivery: DeliveryId,
    /// Of the recipient and the parts: another text begins anew.
    words: u64,
}

/// What each unfinished delivery's parts are called by the other side.
#[derive(Debug, Default)]
pub(crate) struct Progress(Mutex<VecDeque<(Key, Vec<String>)>>);

impl Progress {
    /// Takes up a delivery where it was left.
    pub(crate) fn of<'a>(&'a self, delivery: DeliveryId, recipient: &str, parts: Vec<&'a str>) -> Course<'a> {
        let mut hasher = DefaultHasher::new();
        (recipient, &parts).hash(&mut hasher);
        let key = Key {
            delivery,
            words: hasher.finish(),
        };
        let known = self.entries();
        let known = known.iter().find(|(known, _)| *known == key);
        let done = known.map(|(_, done)| done.clone()).unwrap_or_default();
        Course {
            progress: self,
            key,
            parts,
            done,
        }
    }

    fn keep(&self, key: Key, done: Vec<String>) {
        let mut entries = self.entries();
        entries.retain(|(known, _)| known.delivery != key.delivery);
        entries.push_back((key, done));
        if entries.len() > CAPACITY {
            entries.pop_front();
        }
    }

    fn forget(&self, key: Key) {
        self.entries().retain(|(known, _)| known.delivery != key.delivery);
    }

    fn entries(&self) -> MutexGuard<'_, VecDeque<(Key, Vec<String>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One attempt at all parts, in order.
pub(crate) struct Course<'a> {
    progress: &'a Progress,
    key: Key,
    parts: Vec<&'a str>,
    done: Vec<String>,
}

impl<'a> Course<'a> {
    /// What is to be said next.
    pub(crate) fn next(&self) -> Option<&'a str> {
        self.parts.get(self.done.len()).copied()
    }

    /// The other side took a part and calls it so.
    pub(crate) fn took(&mut self, name: Option<String>) {
        self.done.push(name.unwrap_or_default());
        if self.parts.len() > 1 {
            self.progress.keep(self.key, self.done.clone());
        }
    }

    /// Tells at which part it failed. What never works is not taken up again.
    pub(crate) fn failed(&self, mut error: NotifyError) -> NotifyError {
        let is_over = !matches!(error, NotifyError::Temporary { .. } | NotifyError::Refused { .. });
        if is_over {
            self.progress.forget(self.key);
        }
        if self.parts.len() < 2 {
            return error;
        }
        let place = format!("part {} of {}: ", self.done.len() + 1, self.parts.len());
        match &mut error {
            NotifyError::Temporary { reason, .. }
            | NotifyError::Permanent { reason }
            | NotifyError::Refused { reason }
            | NotifyError::Gone { reason }
            | NotifyError::Moved { reason, .. }
            | NotifyError::Partly { reason, .. } => reason.insert_str(0, &place),
        }
        error
    }

    /// All parts are out: their names with commas between them.
    pub(crate) fn finished(self) -> Sent {
        self.progress.forget(self.key);
        let names: Vec<_> = self.done.into_iter().filter(|name| !name.is_empty()).collect();
        Sent {
            provider_id: (!names.is_empty()).then(|| names.join(",")),
            ..Sent::default()
        }
    }
}
