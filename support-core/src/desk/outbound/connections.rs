//! Who is connected to which conversation right now.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::model::{TenantId, TicketId};

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

fn lock(counts: &Mutex<Counts>) -> MutexGuard<'_, Counts> {
    counts.lock().unwrap_or_else(PoisonError::into_inner)
}
