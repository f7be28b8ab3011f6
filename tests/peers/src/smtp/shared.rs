//! What all connections of one server share.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;

use super::encryption::{Encryption, When};
use super::mail::Mail;
use super::script::Script;
use crate::journal::Journal;

/// A command the server answered with anything but success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The command's line, of AUTH the verb only; `DATA` for a refused content.
    pub command: String,
    /// Code and text of the answer.
    pub answer: String,
}

#[derive(Debug)]
pub(super) struct Settings {
    pub(super) credentials: Option<(String, String)>,
    pub(super) size_limit: usize,
    pub(super) count_only: bool,
    pub(super) encryption: Option<Encryption>,
}

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) settings: Settings,
    pub(super) script: Script,
    pub(super) mails: Journal<Mail>,
    pub(super) refusals: Journal<Refusal>,
    accepted: AtomicU64,
    latency_us: AtomicU64,
    hanging: watch::Sender<bool>,
    connections: AtomicU64,
    open: AtomicUsize,
    most_open: AtomicUsize,
}

impl Shared {
    pub(super) fn new(settings: Settings) -> Self {
        Self {
            settings,
            script: Script::default(),
            mails: Journal::default(),
            refusals: Journal::default(),
            accepted: AtomicU64::new(0),
            latency_us: AtomicU64::new(0),
            hanging: watch::Sender::new(false),
            connections: AtomicU64::new(0),
            open: AtomicUsize::new(0),
            most_open: AtomicUsize::new(0),
        }
    }

    pub(super) fn offers_start_tls(&self) -> bool {
        let encryption = self.settings.encryption.as_ref();
        encryption.is_some_and(|encryption| encryption.when == When::Asked)
    }

    pub(super) fn keep(&self, mail: Mail) {
        self.accepted.fetch_add(1, Ordering::Relaxed);
        if !self.settings.count_only {
            self.mails.push(mail);
        }
    }

    pub(super) fn accepted(&self) -> u64 {
        self.accepted.load(Ordering::Relaxed)
    }

    pub(super) fn set_latency(&self, latency: Duration) {
        let latency = u64::try_from(latency.as_micros()).unwrap();
        self.latency_us.store(latency, Ordering::Relaxed);
    }

    pub(super) fn set_hanging(&self, hanging: bool) {
        self.hanging.send_replace(hanging);
    }

    /// The time every answer takes, which has no end while the server hangs.
    pub(super) async fn hesitate(&self) {
        if *self.hanging.borrow() {
            // The sender lives in here, so that this cannot fail.
            self.hanging.subscribe().wait_for(|hanging| !hanging).await.unwrap();
        }
        let latency = self.latency_us.load(Ordering::Relaxed);
        if latency > 0 {
            sleep(Duration::from_micros(latency)).await;
        }
    }

    pub(super) fn connections(&self) -> u64 {
        self.connections.load(Ordering::Relaxed)
    }

    pub(super) fn most_open(&self) -> usize {
        self.most_open.load(Ordering::Relaxed)
    }

    pub(super) fn clear(&self) {
        self.mails.clear();
        self.refusals.clear();
        self.accepted.store(0, Ordering::Relaxed);
    }

    /// Counts a connection as open until the guard is gone.
    pub(super) fn open(&self) -> Open<'_> {
        self.connections.fetch_add(1, Ordering::Relaxed);
        let open = self.open.fetch_add(1, Ordering::Relaxed) + 1;
        self.most_open.fetch_max(open, Ordering::Relaxed);
        Open(self)
    }
}

pub(super) struct Open<'a>(&'a Shared);

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}
