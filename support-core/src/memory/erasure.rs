//! Forgetting people and conversations.

use async_trait::async_trait;

use super::{MemoryStore, reads::most, state::TenantState};
use crate::{
    model::{
        ActorRef, Callback, CallbackId, CustomerId, Erasure, Principal, Requester, Status, TenantId, Ticket, TicketId,
        Timestamp,
    },
    ports::{ErasureReads, StoreError},
};

impl TenantState {
    pub(super) fn erase_ticket(&mut self, ticket: Ticket) {
        let id = ticket.id;
        if let Some(stored) = self.tickets.get_mut(&id) {
            let mut thread = std::mem::take(&mut stored.ticket.thread);
            thread.last_message_preview = None;
            (thread.unread_by_agents, thread.unread_by_customer) = (0, 0);
            (thread.read_by_agents, thread.read_by_customer) = (thread.last_seq, thread.last_seq);
            stored.ticket = Ticket {
                number: stored.ticket.number,
                version: ticket.version.saturating_add(1),
                created_at: stored.ticket.created_at,
                thread,
                ..ticket
            };
            stored.messages.clear();
            stored.context = None;
            stored.is_erased = true;
        }
        for (rated, rating) in &mut self.ratings {
            if *rated == id {
                rating.comment = None;
            }
        }
        self.anonymise_events(id);
        self.notifications.retain(|told| told.ticket != Some(id));
        self.deliveries.retain(|_, stored| stored.delivery.ticket != Some(id));
    }

    fn anonymise_events(&mut self, ticket: TicketId) {
        let about_it = |audience: &crate::model::Audience| audience.ticket == Some(ticket);
        for stored in &mut self.events {
            if !about_it(&stored.event.audience) {
                continue;
            }
            stored.event.audience.customer = None;
            if matches!(stored.event.actor, ActorRef::Visitor(_) | ActorRef::Customer(_)) {
                stored.event.actor = ActorRef::Anyone;
            }
        }
    }

    pub(super) fn erase_callback(&mut self, callback: Callback) {
        let id: CallbackId = callback.id;
        let version = callback.version.saturating_add(1);
        self.callbacks.insert(id, Callback { version, ..callback });
        self.notifications.retain(|told| told.callback != Some(id));
        self.deliveries.retain(|_, stored| stored.delivery.callback != Some(id));
    }

    pub(super) fn forget_person(&mut self, requester: Requester, addresses: &[String]) {
        match requester {
            Requester::Customer(customer) => {
                let principal = Principal::Customer(customer);
                self.customers.remove(&customer);
                self.accounts.remove(&principal);
                self.notifications.retain(|told| told.recipient != principal);
            }
            Requester::Visitor(visitor) => {
                self.visitors.remove(&visitor);
            }
        }
        self.deliveries
            .retain(|_, stored| !addresses.contains(&stored.delivery.recipient));
        self.erasures.retain(|erasure| erasure.requester != requester);
    }

    pub(super) fn put_erasure(&mut self, erasure: Erasure) {
        if self.erasures.iter().all(|known| known.requester != erasure.requester) {
            self.erasures.push(erasure);
        }
    }
}

#[async_trait]
impl ErasureReads for MemoryStore {
    async fn erasures(&self, limit: u32) -> Result<Vec<(TenantId, Erasure)>, StoreError> {
        self.read(|state| {
            let all = state.tenants.iter();
            let mut all: Vec<_> = all
                .flat_map(|(tenant, own)| own.erasures.iter().map(|erasure| (*tenant, *erasure)))
                .collect();
            all.sort_by_key(|(tenant, erasure)| (erasure.asked_at, *tenant, erasure.requester.uuid()));
            all.truncate(most(limit));
            all
        })
    }

    async fn tickets_of_requester(
        &self,
        tenant: TenantId,
        requester: Requester,
        limit: u32,
    ) -> Result<Vec<Ticket>, StoreError> {
        self.read_in(tenant, |own| {
            let tickets = own.tickets.values().map(|stored| &stored.ticket);
            let mut tickets: Vec<_> = tickets
                .filter(|ticket| ticket.requester == requester)
                .cloned()
                .collect();
            tickets.sort_by_key(|ticket| (ticket.created_at, ticket.id));
            tickets.truncate(most(limit));
            tickets
        })
    }

    async fn tickets_to_forget(
        &self,
        tenant: TenantId,
        before: Timestamp,
        limit: u32,
    ) -> Result<Vec<Ticket>, StoreError> {
        self.read_in(tenant, |own| {
            let kept = own.tickets.values().filter(|stored| !stored.is_erased);
            let closed = kept.filter(|stored| stored.ticket.state.status() == Status::Closed);
            let mut old: Vec<_> = closed
                .filter_map(|stored| Some((stored.ticket.state.closing()?.at, stored.ticket.clone())))
                .filter(|(at, _)| *at < before)
                .collect();
            old.sort_by_key(|(at, ticket)| (*at, ticket.id));
            old.truncate(most(limit));
            old.into_iter().map(|(_, ticket)| ticket).collect()
        })
    }

    async fn callbacks_to_forget(
        &self,
        tenant: TenantId,
        customer: CustomerId,
        number: Option<String>,
        limit: u32,
    ) -> Result<Vec<Callback>, StoreError> {
        self.read_in(tenant, |own| {
            let is_theirs = |callback: &&Callback| {
                callback.customer == Some(customer)
                    || (callback.customer.is_none()
                        && number.as_ref().is_some_and(|number| callback.number_key() == *number))
            };
            own.callbacks
                .values()
                .filter(is_theirs)
                .take(most(limit))
                .cloned()
                .collect()
        })
    }
}
