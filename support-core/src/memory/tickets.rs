//! Reading tickets, threads and the journal.

use std::{cmp::Ordering, collections::HashMap, sync::Arc};

use async_trait::async_trait;

use super::{
    MemoryStore, TenantState,
    reads::{most, page_of},
    state::{StoredEvent, StoredTicket},
};
use crate::{
    model::{
        AgentId, DepartmentId, Event, InboxId, Message, MessageId, SecretHash, Status, TenantId, Ticket, TicketId,
        Timestamp,
    },
    ports::{
        AssigneeFilter, EventFilter, EventReads, MessageReads, Page, PageRequest, SortOrder, StoreError, TicketCursor,
        TicketFilter, TicketPosition, TicketReads, VisibleTo,
    },
};

fn is_wanted(stored: &StoredTicket, filter: &TicketFilter) -> bool {
    let TicketFilter {
        statuses,
        department,
        assignee,
        requester,
        priority,
        inbox,
        channel,
        stars,
        tag,
        text,
        created_from,
        created_before,
        visible_to,
        sort: _,
        order: _,
    } = filter;
    let ticket = &stored.ticket;
    (statuses.is_empty() || statuses.contains(&ticket.state.status()))
        && department.is_none_or(|wanted| ticket.department == Some(wanted))
        && assignee.is_none_or(|wanted| match wanted {
            AssigneeFilter::Is(agent) => ticket.assignee() == Some(agent),
            AssigneeFilter::Nobody => ticket.assignee().is_none(),
        })
        && requester.is_none_or(|wanted| ticket.requester == wanted)
        && priority.is_none_or(|wanted| ticket.priority == wanted)
        && inbox.is_none_or(|wanted| ticket.inbox == wanted)
        && channel.is_none_or(|wanted| ticket.channel == wanted)
        && stars.is_none_or(|wanted| ticket.rating.as_ref().is_some_and(|rating| rating.stars == wanted))
        && tag.as_ref().is_none_or(|wanted| ticket.tags.contains(wanted))
        && text
            .as_ref()
            .is_none_or(|wanted| !stored.places_with(wanted).is_empty())
        && created_from.is_none_or(|from| ticket.created_at >= from)
        && created_before.is_none_or(|before| ticket.created_at < before)
        && visible_to.as_ref().is_none_or(|eyes| is_visible(ticket, eyes))
}

/// Whether nobody has it, the bot included.
fn is_to_be_given(ticket: &Ticket) -> bool {
    matches!(ticket.state.status(), Status::Open | Status::Waiting) && ticket.held_for_bot_until.is_none()
}

pub(super) fn is_visible(ticket: &Ticket, eyes: &VisibleTo) -> bool {
    ticket.assignee() == Some(eyes.agent)
        || ticket
            .department
            .is_some_and(|department| eyes.departments.contains(&department))
        || (ticket.assignee().is_none() && ticket.department.is_none())
}

fn ordered(first: TicketCursor, second: TicketCursor, order: SortOrder) -> Ordering {
    let ascending = (first.value, first.id).cmp(&(second.value, second.id));
    match order {
        SortOrder::Ascending => ascending,
        SortOrder::Descending => ascending.reverse(),
    }
}

fn part_of(all: Vec<Ticket>, filter: &TicketFilter, position: TicketPosition, limit: u32) -> Page<Ticket> {
    match position {
        TicketPosition::Page(number) => {
            let Page { items, total, .. } = page_of(all, PageRequest { number, limit });
            Page::of_counted(items, total)
        }
        TicketPosition::After(cursor) => {
            let total = u64::try_from(all.len()).unwrap_or(u64::MAX);
            let is_after = |ticket: &Ticket| {
                ordered(TicketCursor::of(ticket, filter.sort), cursor, filter.order) == Ordering::Greater
            };
            let items = all.into_iter().filter(is_after).take(most(limit)).collect();
            Page::of_counted(items, total)
        }
    }
}

impl TenantState {
    fn find_ticket(&self, is_it: impl Fn(&Ticket) -> bool) -> Option<Ticket> {
        let mut tickets = self.tickets.values().map(|stored| &stored.ticket);
        tickets.find(|ticket| is_it(ticket)).cloned()
    }

    /// The tickets for which `is_wanted` holds, in the order of `key`, at most `limit`.
    fn first_tickets<K: Ord>(
        &self,
        is_wanted: impl Fn(&Ticket) -> bool,
        key: impl Fn(&Ticket) -> K,
        limit: u32,
    ) -> Vec<Ticket> {
        let tickets = self.tickets.values().map(|stored| &stored.ticket);
        let mut wanted: Vec<_> = tickets.filter(|ticket| is_wanted(ticket)).cloned().collect();
        wanted.sort_by_key(key);
        wanted.truncate(most(limit));
        wanted
    }

    fn with_message(&self, stored: &StoredEvent) -> Event {
        let message = stored.message_seq.and_then(|seq| {
            let ticket = self.tickets.get(&stored.event.audience.ticket?)?;
            ticket.message_at(seq).map(Arc::clone)
        });
        Event {
            message,
            ..stored.event.clone()
        }
    }
}

#[async_trait]
impl TicketReads for MemoryStore {
    async fn ticket(&self, tenant: TenantId, ticket: TicketId) -> Result<Option<Ticket>, StoreError> {
        self.read_in(tenant, |own| {
            own.tickets.get(&ticket).map(|stored| stored.ticket.clone())
        })
    }

    async fn ticket_by_number(&self, tenant: TenantId, number: u64) -> Result<Option<Ticket>, StoreError> {
        self.read_in(tenant, |own| own.find_ticket(|ticket| ticket.number == number))
    }

    async fn ticket_by_access(&self, tenant: TenantId, access: &SecretHash) -> Result<Option<Ticket>, StoreError> {
        self.read_in(tenant, |own| {
            own.find_ticket(|ticket| ticket.access.as_ref() == Some(access))
        })
    }

    async fn unfinished_ticket_of_session(
        &self,
        tenant: TenantId,
        inbox: InboxId,
        session: &str,
    ) -> Result<Option<Ticket>, StoreError> {
        let is_it = |ticket: &Ticket| {
            ticket.inbox == inbox && ticket.session.as_deref() == Some(session) && ticket.state.status().is_unfinished()
        };
        let newest = |ticket: &Ticket| std::cmp::Reverse((ticket.created_at, ticket.id));
        self.read_in(tenant, |own| own.first_tickets(is_it, newest, 1).pop())
    }

    async fn latest_ticket_of_session(
        &self,
        tenant: TenantId,
        inbox: InboxId,
        session: &str,
    ) -> Result<Option<Ticket>, StoreError> {
        let is_it = |ticket: &Ticket| ticket.inbox == inbox && ticket.session.as_deref() == Some(session);
        let newest = |ticket: &Ticket| std::cmp::Reverse((ticket.created_at, ticket.id));
        self.read_in(tenant, |own| own.first_tickets(is_it, newest, 1).pop())
    }

    async fn tickets(
        &self,
        tenant: TenantId,
        filter: &TicketFilter,
        position: TicketPosition,
        limit: u32,
    ) -> Result<Page<Ticket>, StoreError> {
        let all = self.read_in(tenant, |own| {
            let wanted = own.tickets.values().filter(|stored| is_wanted(stored, filter));
            let mut all: Vec<_> = wanted.map(|stored| stored.ticket.clone()).collect();
            all.sort_by(|first, second| {
                ordered(
                    TicketCursor::of(first, filter.sort),
                    TicketCursor::of(second, filter.sort),
                    filter.order,
                )
            });
            all
        })?;
        Ok(part_of(all, filter, position, limit))
    }

    async fn unassigned_tickets(&self, tenant: TenantId, limit: u32) -> Result<Vec<Ticket>, StoreError> {
        let urgency = |ticket: &Ticket| (std::cmp::Reverse(ticket.priority), ticket.created_at, ticket.id);
        self.read_in(tenant, |own| own.first_tickets(is_to_be_given, urgency, limit))
    }

    async fn unassigned_tickets_of(
        &self,
        tenant: TenantId,
        department: Option<DepartmentId>,
        limit: u32,
    ) -> Result<Vec<Ticket>, StoreError> {
        let is_waiting = |ticket: &Ticket| ticket.department == department && is_to_be_given(ticket);
        let urgency = |ticket: &Ticket| (std::cmp::Reverse(ticket.priority), ticket.created_at, ticket.id);
        self.read_in(tenant, |own| own.first_tickets(is_waiting, urgency, limit))
    }

    async fn unfinished_tickets_of_agent(
        &self,
        tenant: TenantId,
        agent: AgentId,
        limit: u32,
    ) -> Result<Vec<Ticket>, StoreError> {
        let is_theirs = |ticket: &Ticket| {
            ticket.assignee() == Some(agent) && matches!(ticket.state.status(), Status::Assigned | Status::Pending)
        };
        let age = |ticket: &Ticket| (ticket.created_at, ticket.id);
        self.read_in(tenant, |own| own.first_tickets(is_theirs, age, limit))
    }

    async fn lapsed_holds(&self, before: Timestamp, limit: u32) -> Result<Vec<(TenantId, TicketId)>, StoreError> {
        self.read(|state| {
            let mut found = Vec::new();
            for (tenant, own) in &state.tenants {
                let held = own.tickets.values().map(|stored| &stored.ticket);
                found.extend(held.filter_map(|ticket| Some((ticket.held_for_bot_until?, *tenant, ticket.id))));
            }
            found.retain(|(until, ..)| *until <= before);
            found.sort_unstable();
            let found = found.into_iter().map(|(_, tenant, ticket)| (tenant, ticket));
            found.take(most(limit)).collect()
        })
    }
}

#[async_trait]
impl MessageReads for MemoryStore {
    async fn message(
        &self,
        tenant: TenantId,
        ticket: TicketId,
        message: MessageId,
    ) -> Result<Option<Message>, StoreError> {
        self.read_in(tenant, |own| {
            let mut thread = own.tickets.get(&ticket)?.messages.iter();
            thread.find(|one| one.id == message).map(|one| one.as_ref().clone())
        })
    }

    async fn messages(
        &self,
        tenant: TenantId,
        ticket: TicketId,
        after: u64,
        limit: u32,
        with_notes: bool,
    ) -> Result<Vec<Message>, StoreError> {
        self.read_in(tenant, |own| {
            let threads = own.tickets.get(&ticket).into_iter();
            threads
                .flat_map(|stored| &stored.messages)
                .filter(|message| message.seq > after && (with_notes || message.is_public()))
                .take(most(limit))
                .map(|message| message.as_ref().clone())
                .collect()
        })
    }

    async fn notes(&self, tenant: TenantId, tickets: &[TicketId]) -> Result<HashMap<TicketId, u64>, StoreError> {
        self.read_in(tenant, |own| {
            let asked = tickets
                .iter()
                .filter_map(|ticket| Some((*ticket, own.tickets.get(ticket)?)));
            let counted = asked.map(|(ticket, stored)| {
                let notes = stored.messages.iter().filter(|message| !message.is_public());
                (ticket, u64::try_from(notes.count()).unwrap_or(u64::MAX))
            });
            counted.filter(|(_, notes)| *notes > 0).collect()
        })
    }
}

#[async_trait]
impl EventReads for MemoryStore {
    async fn last_event(&self, tenant: TenantId) -> Result<u64, StoreError> {
        self.read_in(tenant, TenantState::last_event)
    }

    async fn events(
        &self,
        tenant: TenantId,
        after: u64,
        filter: &EventFilter,
        limit: u32,
    ) -> Result<Vec<Event>, StoreError> {
        let EventFilter { ticket, customer, kind } = filter;
        let is_wanted = |stored: &&StoredEvent| {
            ticket.is_none_or(|wanted| stored.event.audience.ticket == Some(wanted))
                && customer.is_none_or(|wanted| stored.event.audience.customer == Some(wanted))
                && kind.as_ref().is_none_or(|wanted| stored.event.body.kind() == wanted)
        };
        self.read_in(tenant, |own| {
            // Events are kept in order, so those before the cursor need not be looked at.
            let start = own.events.partition_point(|stored| stored.event.seq <= after);
            own.events
                .iter()
                .skip(start)
                .filter(is_wanted)
                .take(most(limit))
                .map(|stored| own.with_message(stored))
                .collect()
        })
    }
}
