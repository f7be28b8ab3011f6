//! The bus of a single node.

use async_trait::async_trait;
use tokio::sync::broadcast;

use super::{BusError, BusMessage, EventBus};

/// Messages that a reader may be behind before it misses some; a feed then reads the journal.
const CAPACITY: usize = 1_024;

/// A bus within one process. Clones share it.
#[derive(Debug, Clone)]
pub struct InProcessBus {
    sender: broadcast::Sender<BusMessage>,
}

impl InProcessBus {
    /// A bus that nobody listens to yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            sender: broadcast::Sender::new(CAPACITY),
        }
    }
}

impl Default for InProcessBus {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl EventBus for InProcessBus {
    async fn publish(&self, message: BusMessage) -> Result<(), BusError> {
        // Fails only when nobody listens, which is nobody's loss.
        let _ = self.sender.send(message);
        Ok(())
    }

    fn subscribe(&self) -> broadcast::Receiver<BusMessage> {
        self.sender.subscribe()
    }

    async fn ping(&self) -> Result<(), BusError> {
        Ok(())
    }
}
