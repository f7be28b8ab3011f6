//! Who is connected to which conversation right now.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::broadcast;
use uuid::Uuid;

use crate::{
    desk::Desk,
    model::{TenantId, TicketId},
    ports::{BusMessage, Signal},
};

/// How long other nodes have to say that they hold a connection.
const ASKING_LIMIT: Duration = Duration::from_millis(250);

type Counts = HashMap<(TenantId, TicketId), usize>;

/// Counts the live connections of customers and visitors on this node, so that answers to
/// somebody who is there don't go by mail too. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Connections(Arc<Mutex<Counts>>);

/// One connection; it counts until it is dropped.
#[derive(Debug)]
pub struct Connected {
    counts: Arc<Mutex<Counts>>,
    key: (TenantId, TicketId),
}

impl Connections {
    /// Counts a connection to a conversation.
    #[must_use]
    pub fn joined(&self, tenant: TenantId, ticket: TicketId) -> Connected {
        let key = (tenant, ticket);
        *lock(&self.0).entry(key).or_default() += 1;
        Connected {
            counts: Arc::clone(&self.0),
            key,
        }
    }

    /// Whether anybody is connected to a conversation on this node.
    #[must_use]
    pub fn has(&self, tenant: TenantId, ticket: TicketId) -> bool {
        lock(&self.0).contains_key(&(tenant, ticket))
    }
}

impl Drop for Connected {
    fn drop(&mut self) {
        let mut counts = lock(&self.counts);
        if let Some(count) = counts.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.key);
            }
        }
    }
}

impl Desk {
    /// Whether the requester is connected to a conversation, here or at another node.
    pub async fn requester_is_connected(&self, tenant: TenantId, ticket: TicketId) -> bool {
        if self.connections().has(tenant, ticket) {
            return true;
        }
        let question = self.ids().uuid();
        let mut answers = self.bus().subscribe();
        let signal = Signal::AskConnected { ticket, question };
        if self.bus().publish(BusMessage::Signal { tenant, signal }).await.is_err() {
            return false;
        }
        let answered = async {
            loop {
                match answers.recv().await {
                    Ok(BusMessage::Signal {
                        signal: Signal::IsConnected { question: answered },
                        ..
                    }) if answered == question => return true,
                    Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => {}
                    Err(broadcast::error::RecvError::Closed) => return false,
                }
            }
        };
        tokio::time::timeout(ASKING_LIMIT, answered).await.unwrap_or(false)
    }

    /// Answers another node that asks who is connected here.
    pub(crate) async fn answer_connected(&self, tenant: TenantId, ticket: TicketId, question: Uuid) {
        if self.connections().has(tenant, ticket) {
            let signal = Signal::IsConnected { question };
            // Whoever asked takes silence for nobody.
            let _ = self.bus().publish(BusMessage::Signal { tenant, signal }).await;
        }
    }
}

fn lock(counts: &Mutex<Counts>) -> MutexGuard<'_, Counts> {
    counts.lock().unwrap_or_else(PoisonError::into_inner)
}
