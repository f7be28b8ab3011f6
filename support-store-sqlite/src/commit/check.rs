//! What was there before the batch means for each of its change sets.

use support_core::{
    change::{Conflict, Expect, Receipt, Record, Rejected, SealedParts, Write},
    model::{TenantId, TicketId, Timestamp},
};

use super::{
    facts::Facts,
    questions::{changed_ticket, client_id},
};

impl Facts {
    /// Whether a change set may be written: it isn't a repetition, and all that it takes for
    /// granted holds.
    pub(super) fn check(&self, parts: &SealedParts) -> Result<(), Rejected> {
        self.check_repetition(parts)?;
        let broken = self.missing(parts).or_else(|| {
            parts
                .expects
                .iter()
                .find_map(|expect| self.broken(parts.tenant, expect))
        });
        broken.map_or(Ok(()), |conflict| Err(Rejected::Conflict(conflict)))
    }

    fn check_repetition(&self, parts: &SealedParts) -> Result<(), Rejected> {
        let stored = parts.request.as_ref();
        let stored = stored.and_then(|request| self.requests.get(&(parts.tenant, request.key.clone())));
        if let Some(receipt) = stored {
            return Err(Rejected::Duplicate(receipt.clone()));
        }
        if self.client_ids.is_empty() {
            return Ok(());
        }
        let repeated = parts.writes.iter().filter_map(|write| match write {
            Write::AppendMessage(message) => self.client_ids.get(&client_id(parts.tenant, message)?).copied(),
            _ => None,
        });
        let messages: Vec<_> = repeated.collect();
        if messages.is_empty() {
            return Ok(());
        }
        Err(Rejected::Duplicate(Receipt {
            messages,
            ..Receipt::default()
        }))
    }

    /// What a change set builds on without saying so: its tenant, and the tickets it writes to.
    fn missing(&self, parts: &SealedParts) -> Option<Conflict> {
        let is_made_here = |write: &Write| matches!(write, Write::PutTenant(tenant) if tenant.version == 0);
        if !self.counters.contains_key(&parts.tenant) && !parts.writes.iter().any(is_made_here) {
            return Some(Conflict::Changed(Record::Tenant));
        }
        let is_opened_here = |id: TicketId| {
            let mut writes = parts.writes.iter();
            writes.any(|write| matches!(write, Write::OpenTicket(ticket) if ticket.id == id))
        };
        let mut changed = parts.writes.iter().filter_map(changed_ticket);
        let missing = changed.find(|id| !self.tickets.contains_key(&(parts.tenant, *id)) && !is_opened_here(*id));
        missing.map(|id| Conflict::Changed(Record::Ticket(id)))
    }

    fn broken(&self, tenant: TenantId, expect: &Expect) -> Option<Conflict> {
        let (holds, conflict) = match expect {
            Expect::Version { record, version } => (
                self.version(tenant, record) == Some(*version),
                Conflict::Changed(record.clone()),
            ),
            Expect::Free(claim) => (
                !self.taken.contains(&(tenant, claim.clone())),
                Conflict::Taken(claim.clone()),
            ),
            Expect::AgentHasRoom(agent) => (self.with_room.contains(&(tenant, *agent)), Conflict::NoRoom(*agent)),
            Expect::DepartmentUnused(department) => (
                !self.in_use.contains(&(tenant, *department)),
                Conflict::DepartmentInUse(*department),
            ),
            Expect::AlarmAt { ticket, at } => (
                self.rings_at(tenant, *ticket) == Some(*at),
                Conflict::AlarmElsewhere(*ticket),
            ),
            Expect::WebhookAt { webhook, cursor } => (
                self.cursors.get(&(tenant, *webhook)) == Some(cursor),
                Conflict::WebhookElsewhere(*webhook),
            ),
            Expect::AgentIsThere(agent) => (self.there.contains(&(tenant, *agent)), Conflict::NotThere(*agent)),
            Expect::AdminBeside(agent) => (
                self.with_others.contains(&(tenant, *agent)),
                Conflict::LastAdmin(*agent),
            ),
        };
        (!holds).then_some(conflict)
    }

    fn rings_at(&self, tenant: TenantId, ticket: TicketId) -> Option<Timestamp> {
        self.tickets.get(&(tenant, ticket))?.measures.as_ref()?.rings_at()
    }

    fn version(&self, tenant: TenantId, record: &Record) -> Option<u64> {
        match record {
            Record::Ticket(ticket) => self.tickets.get(&(tenant, *ticket)).map(|known| known.version),
            _ => self.versions.get(&(tenant, record.clone())).copied(),
        }
    }
}
