//! Telling other nodes how far journals have grown.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use tokio::sync::Notify;

use crate::{
    model::TenantId,
    ports::{BusMessage, EventBus},
};

/// What other nodes are still to be told. One task tells them, so that commits never wait for the
/// bus; when it is slow, what has been overtaken is never said.
pub(super) struct Hints(Arc<Waiting>);

struct Waiting {
    ends: Mutex<HashMap<TenantId, u64>>,
    more: Arc<Notify>,
    bus: Arc<dyn EventBus>,
}

impl Hints {
    /// Starts the task. It ends when this is dropped.
    pub(super) fn start(bus: Arc<dyn EventBus>) -> Self {
        let more = Arc::new(Notify::new());
        let waiting = Arc::new(Waiting {
            ends: Mutex::default(),
            more: Arc::clone(&more),
            bus,
        });
        tokio::spawn(tell(Arc::downgrade(&waiting), more));
        Self(waiting)
    }

    /// Has the others told that these journals end here now.
    pub(super) fn add(&self, grown: impl IntoIterator<Item = (TenantId, u64)>) {
        let mut ends = self.0.ends.lock().unwrap_or_else(PoisonError::into_inner);
        // What a change set without events grew is no news.
        for (tenant, seq) in grown.into_iter().filter(|(_, seq)| *seq > 0) {
            let end = ends.entry(tenant).or_default();
            *end = seq.max(*end);
        }
        if !ends.is_empty() {
            self.0.more.notify_one();
        }
    }
}

impl Waiting {
    fn take(&self) -> HashMap<TenantId, u64> {
        std::mem::take(&mut *self.ends.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.more.notify_one();
    }
}

async fn tell(hints: Weak<Waiting>, more: Arc<Notify>) {
    loop {
        more.notified().await;
        let Some(waiting) = hints.upgrade() else { return };
        for (tenant, seq) in waiting.take() {
            if let Err(error) = waiting.bus.publish(BusMessage::Journal { tenant, seq }).await {
                tracing::debug!(%error, "other nodes were not told and will look by themselves");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use async_trait::async_trait;
    use tokio::sync::{Semaphore, broadcast};
    use uuid::Uuid;

    use super::*;
    use crate::ports::{BusError, InProcessBus};

    /// A bus that takes only as many messages as it is let.
    struct SlowBus {
        inner: InProcessBus,
        asked: Notify,
        lets: Semaphore,
    }

    impl SlowBus {
        fn new() -> Self {
            Self {
                inner: InProcessBus::new(),
                asked: Notify::new(),
                lets: Semaphore::new(0),
            }
        }
    }

    #[async_trait]
    impl EventBus for SlowBus {
        async fn publish(&self, message: BusMessage) -> Result<(), BusError> {
            self.asked.notify_one();
            self.lets.acquire().await.unwrap().forget();
            self.inner.publish(message).await
        }

        fn subscribe(&self) -> broadcast::Receiver<BusMessage> {
            self.inner.subscribe()
        }

        async fn ping(&self) -> Result<(), BusError> {
            Ok(())
        }
    }

    fn tenant() -> TenantId {
        TenantId::from(Uuid::max())
    }

    fn hint(seq: u64) -> BusMessage {
        BusMessage::Journal { tenant: tenant(), seq }
    }

    #[tokio::test]
    async fn what_was_overtaken_while_the_bus_was_slow_is_not_said() {
        let bus = Arc::new(SlowBus::new());
        let mut heard = bus.subscribe();
        let hints = Hints::start(bus.clone());
        hints.add([(tenant(), 1)]);
        bus.asked.notified().await;
        for seq in [3, 4, 2] {
            hints.add([(tenant(), seq)]);
        }
        bus.lets.add_permits(2);
        assert_eq!(heard.recv().await, Ok(hint(1)));
        assert_eq!(heard.recv().await, Ok(hint(4)));
    }

    #[tokio::test]
    async fn the_task_ends_with_its_owner() {
        let bus = Arc::new(InProcessBus::new());
        let hints = Hints::start(bus.clone());
        hints.add([(tenant(), 1)]);
        drop(hints);
        while Arc::strong_count(&bus) > 1 {
            tokio::task::yield_now().await;
        }
    }
}
