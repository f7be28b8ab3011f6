//! The journal as it grows: each tenant's events in order, without a gap, each once.
//!
//! What this node commits comes by itself; what others commit is read from the journal, when the
//! bus hints at it or, without any hint, every two seconds. Nothing is kept for tenants that
//! nobody listens to.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use tokio::sync::{Notify, broadcast};

use super::hints::Hints;
use crate::{
    model::{Event, TenantId},
    ports::{BusMessage, EventBus, EventFilter, EventReads, StoreError},
};

/// How often a tenant with listeners is looked at without any hint.
const LOOK_INTERVAL: Duration = Duration::from_secs(2);
/// Events that a listener may be behind before it has to read the journal itself.
const BACKLOG: usize = 4_096;
/// Events read from the journal at once.
const READ_AT_ONCE: u32 = 500;

/// The live end of every tenant's journal.
#[derive(Debug, Clone)]
pub struct Feed(Arc<Inner>);

struct Inner {
    channels: Mutex<HashMap<TenantId, Channel>>,
    reads: Arc<dyn EventReads>,
    hints: Hints,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Feed").finish_non_exhaustive()
    }
}

struct Channel {
    last: u64,
    sender: broadcast::Sender<Arc<Event>>,
    look: Arc<Notify>,
}

/// A listener's place: everything after `position` comes through `events`.
#[derive(Debug)]
pub struct Subscription {
    /// The last event before those that will come.
    pub position: u64,
    /// The events. A listener that lags reads the journal from its own place on.
    pub events: broadcast::Receiver<Arc<Event>>,
}

impl Feed {
    pub(super) fn start(reads: Arc<dyn EventReads>, bus: Arc<dyn EventBus>) -> Self {
        let mut hints = bus.subscribe();
        let feed = Self(Arc::new(Inner {
            channels: Mutex::default(),
            reads,
            hints: Hints::start(bus),
        }));
        let weak = Arc::downgrade(&feed.0);
        tokio::spawn(async move {
            loop {
                let hint = hints.recv().await;
                let Some(inner) = weak.upgrade() else { return };
                match hint {
                    Ok(BusMessage::Journal { tenant, seq }) => inner.hint(tenant, seq),
                    Ok(BusMessage::Signal { .. }) => {}
                    Err(broadcast::error::RecvError::Lagged(_)) => inner.look_everywhere(),
                    Err(broadcast::error::RecvError::Closed) => return,
                }
            }
        });
        feed
    }

    /// Listens to a tenant's journal from its present end on.
    ///
    /// # Errors
    /// [`StoreError`] when the journal's end can't be read.
    pub async fn subscribe(&self, tenant: TenantId) -> Result<Subscription, StoreError> {
        if let Some(subscription) = self.0.join(tenant) {
            return Ok(subscription);
        }
        let last = self.0.reads.last_event(tenant).await?;
        Ok(self.0.open(tenant, last))
    }

    /// Tells listeners here of what was just committed. `events` makes them, following one
    /// another without a gap, and is called only when somebody listens.
    pub(super) fn publish(&self, tenant: TenantId, events: impl FnOnce() -> Vec<Event>) {
        if self.0.last(tenant).is_some() {
            self.0.append(tenant, events());
        }
    }

    /// Tells other nodes how far the journals of these tenants have grown.
    pub(super) fn hint_others(&self, ends: HashMap<TenantId, u64>) {
        self.0.hints.add(ends);
    }
}

impl Inner {
    fn channels(&self) -> MutexGuard<'_, HashMap<TenantId, Channel>> {
        self.channels.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn join(&self, tenant: TenantId) -> Option<Subscription> {
        let channels = self.channels();
        let channel = channels.get(&tenant)?;
        Some(Subscription {
            position: channel.last,
            events: channel.sender.subscribe(),
        })
    }

    fn open(self: &Arc<Self>, tenant: TenantId, last: u64) -> Subscription {
        let mut channels = self.channels();
        let channel = channels.entry(tenant).or_insert_with(|| {
            let look = Arc::new(Notify::new());
            tokio::spawn(look_after(Arc::downgrade(self), tenant, Arc::clone(&look)));
            Channel {
                last,
                sender: broadcast::channel(BACKLOG).0,
                look,
            }
        });
        let subscription = Subscription {
            position: channel.last,
            events: channel.sender.subscribe(),
        };
        // Something may have been committed between reading the end and opening the channel.
        channel.look.notify_one();
        subscription
    }

    /// Passes on what follows the last event; a gap is filled from the journal.
    fn append(&self, tenant: TenantId, events: Vec<Event>) {
        let mut channels = self.channels();
        let Some(channel) = channels.get_mut(&tenant) else {
            return;
        };
        for event in events {
            if event.seq <= channel.last {
                continue;
            }
            if event.seq > channel.last + 1 {
                channel.look.notify_one();
                return;
            }
            channel.last = event.seq;
            // Without a listener the channel is about to be closed.
            drop(channel.sender.send(Arc::new(event)));
        }
    }

    fn hint(&self, tenant: TenantId, seq: u64) {
        if let Some(channel) = self.channels().get(&tenant)
            && seq > channel.last
        {
            channel.look.notify_one();
        }
    }

    fn look_everywhere(&self) {
        for channel in self.channels().values() {
            channel.look.notify_one();
        }
    }

    fn last(&self, tenant: TenantId) -> Option<u64> {
        self.channels().get(&tenant).map(|channel| channel.last)
    }

    /// Reads what the journal has more. `false` when the tenant is listened to no longer.
    async fn catch_up(&self, tenant: TenantId) -> bool {
        loop {
            let Some(last) = self.last(tenant) else { return false };
            match self
                .reads
                .events(tenant, last, &EventFilter::default(), READ_AT_ONCE)
                .await
            {
                Ok(events) if events.is_empty() => return true,
                Ok(events) => self.append(tenant, events),
                Err(error) => {
                    tracing::warn!(%error, "the journal could not be read; looking again soon");
                    return true;
                }
            }
        }
    }

    /// Closes the channel of a tenant that nobody listens to.
    fn close_if_unheard(&self, tenant: TenantId) -> bool {
        let mut channels = self.channels();
        let unheard = channels
            .get(&tenant)
            .is_none_or(|channel| channel.sender.receiver_count() == 0);
        if unheard {
            channels.remove(&tenant);
        }
        unheard
    }
}

async fn look_after(feed: Weak<Inner>, tenant: TenantId, look: Arc<Notify>) {
    loop {
        // Either way it is time to look: a hint came, or none came for long enough.
        let _hinted = tokio::time::timeout(LOOK_INTERVAL, look.notified()).await;
        let Some(inner) = feed.upgrade() else { return };
        if inner.close_if_unheard(tenant) || !inner.catch_up(tenant).await {
            return;
        }
    }
}
