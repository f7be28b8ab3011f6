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
    model::{CustomerId, TenantId, TicketId},
    ports::{BusMessage, Signal},
};

/// How long other nodes have to say that they hold a connection.
const ASKING_LIMIT: Duration = Duration::from_millis(250);

type Counts = HashMap<(TenantId, Place), usize>;

/// What a connection is to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Place {
    /// One conversation.
    Ticket(TicketId),
    /// All of a customer's.
    Customer(CustomerId),
}

/// Counts the live connections of customers and visitors on this node, so that answers to
/// somebody who is there don't go by mail too. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Connections(Arc<Mutex<Counts>>);

/// One connection; it counts until it is dropped.
#[derive(Debug)]
pub struct Connected {
    counts: Arc<Mutex<Counts>>,
    key: (TenantId, Place),
}

impl Connections {
    /// Counts a connection to a conversation.
    #[must_use]
    pub fn joined(&self, tenant: TenantId, ticket: TicketId) -> Connected {
        self.counted((tenant, Place::Ticket(ticket)))
    }

    /// Counts a connection of a customer to all of their conversations.
    #[must_use]
    pub fn customer_joined(&self, tenant: TenantId, customer: CustomerId) -> Connected {
        self.counted((tenant, Place::Customer(customer)))
    }

    fn counted(&self, key: (TenantId, Place)) -> Connected {
        *lock(&self.0).entry(key).or_default() += 1;
        Connected {
            counts: Arc::clone(&self.0),
            key,
        }
    }

    /// Whether anybody is connected on this node to a conversation, or to all of its customer's.
    #[must_use]
    pub fn has(&self, tenant: TenantId, ticket: TicketId, customer: Option<CustomerId>) -> bool {
        let counts = lock(&self.0);
        counts.contains_key(&(tenant, Place::Ticket(ticket)))
            || customer.is_some_and(|customer| counts.contains_key(&(tenant, Place::Customer(customer))))
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
    /// Whether the requester is connected to a conversation, or as `customer` to all of theirs, here
    /// or at another node.
    pub async fn requester_is_connected(
        &self,
        tenant: TenantId,
        ticket: TicketId,
        customer: Option<CustomerId>,
    ) -> bool {
        if self.connections().has(tenant, ticket, customer) {
            return true;
        }
        let question = self.ids().uuid();
        let mut answers = self.bus().subscribe();
        let signal = Signal::AskConnected {
            ticket,
            customer,
            question,
        };
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
    pub(crate) async fn answer_connected(
        &self,
        tenant: TenantId,
        ticket: TicketId,
        customer: Option<CustomerId>,
        question: Uuid,
    ) {
        if self.connections().has(tenant, ticket, customer) {
            let signal = Signal::IsConnected { question };
            // Whoever asked takes silence for nobody.
            let _ = self.bus().publish(BusMessage::Signal { tenant, signal }).await;
        }
    }
}

fn lock(counts: &Mutex<Counts>) -> MutexGuard<'_, Counts> {
    counts.lock().unwrap_or_else(PoisonError::into_inner)
}
