//! Who gets what, without anybody choosing.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{Desk, DeskError, Scope, retry::Attempt};
use crate::{
    change::{ChangeSet, Expect},
    model::{
        Agent, AgentId, Arrival, Candidate, Office, Revision, Status, TenantId, Ticket, Wanted, choose,
        somebody_is_online,
    },
};

/// Tickets looked at in one round of giving out what waits.
const QUEUE_AT_ONCE: u32 = 1_000;
/// Tickets of an agent who left that are seen to in one round.
const TICKETS_AT_ONCE: u32 = 200;

/// Which tenants' waiting tickets are being given out by this desk, and whether once more after.
#[derive(Debug, Default)]
pub(super) struct Rounds(Mutex<HashMap<TenantId, bool>>);

impl Rounds {
    /// Asks for a round. `true` if nobody is at it, so that the caller has to be.
    fn request(&self, tenant: TenantId) -> bool {
        self.lock().insert(tenant, true).is_none()
    }

    /// Begins a round if one was asked for; else the tenant is done with.
    fn begin(&self, tenant: TenantId) -> bool {
        let mut rounds = self.lock();
        match rounds.get_mut(&tenant) {
            Some(is_wanted) if *is_wanted => {
                *is_wanted = false;
                true
            }
            _ => {
                rounds.remove(&tenant);
                false
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TenantId, bool>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whoever sees to a tenant's rounds; should they fall over, others may.
struct Attending<'a> {
    desk: &'a Desk,
    tenant: TenantId,
    is_done: bool,
}

impl<'a> Attending<'a> {
    const fn new(desk: &'a Desk, tenant: TenantId) -> Self {
        Self {
            desk,
            tenant,
            is_done: false,
        }
    }
}

impl Drop for Attending<'_> {
    fn drop(&mut self) {
        if !self.is_done {
            self.desk.rounds().lock().remove(&self.tenant);
        }
    }
}

impl Desk {
    /// Gives the ticket to an agent who must still have room when it is committed.
    pub(super) fn give(&self, change: &mut ChangeSet, ticket: Ticket, agent: &Agent) -> Result<Ticket, DeskError> {
        let mut revision = Revision::of(ticket.clone(), change.at());
        revision.assign(agent, Arrival::Given)?;
        let Some(revised) = revision.finish() else {
            return Ok(ticket);
        };
        let ticket = revised.ticket.clone();
        change.expect(Expect::AgentHasRoom(agent.id));
        let told = self.put_revision(change, Some(revised));
        self.tell(change, &ticket, told);
        Ok(ticket)
    }

    /// Gives out what waits, soon and in the background: whoever caused it need not wait for it.
    /// One round at a time for each tenant; a request during a round is another round after it.
    pub(super) fn assign_waiting_soon(&self, tenant: TenantId) {
        if !self.rounds().request(tenant) {
            return;
        }
        let desk = self.clone();
        tokio::spawn(async move {
            let mut attending = Attending::new(&desk, tenant);
            while desk.rounds().begin(tenant) {
                if let Err(error) = desk.assign_waiting(tenant).await {
                    tracing::warn!(%tenant, %error, "what waits could not be given out and will be later");
                }
            }
            attending.is_done = true;
        });
    }

    /// Gives the tickets that nobody has to agents who have room: most urgent first, then
    /// oldest. Waiting ones for which somebody is there are open from then on, and their
    /// visitors are told. Answers how many got an agent.
    ///
    /// # Errors
    /// [`DeskError`] when the store can't be asked.
    pub async fn assign_waiting(&self, tenant: TenantId) -> Result<usize, DeskError> {
        let queue = self.queue(tenant).await?;
        let callbacks = self.waiting_callbacks(tenant).await?;
        if queue.is_empty() && callbacks.is_empty() {
            return Ok(0);
        }
        let scope = Scope::system(tenant);
        let is_automatic = self.tenant_of(&scope).await?.settings.assignment.automatic;
        let mut candidates = self.candidates(tenant).await?;
        if is_automatic {
            self.assign_callbacks(tenant, callbacks).await?;
        }
        let mut assigned = 0;
        for ticket in queue {
            // Most tickets of a long queue can't be helped; finding that out costs no reads.
            if !is_actionable(&ticket, &candidates, is_automatic) {
                continue;
            }
            let given = self
                .decide(&scope, || {
                    self.try_assign_waiting(&scope, ticket.id.into(), is_automatic)
                })
                .await;
            match given {
                Ok(is_given) => assigned += usize::from(is_given),
                // Others were quicker each time: the next round finds it, and those behind it go on.
                Err(error @ (DeskError::Conflict(_) | DeskError::NotFound)) => {
                    tracing::debug!(%tenant, %error, "a ticket was passed over");
                }
                Err(error) => return Err(error),
            }
            candidates = self.candidates(tenant).await?;
        }
        Ok(assigned)
    }

    /// The tickets that nobody has, most urgent first. Of more than are looked at in one round it
    /// is the first of each department: those of one that nobody serves must not hide the others'.
    async fn queue(&self, tenant: TenantId) -> Result<Vec<Ticket>, DeskError> {
        let stores = self.stores();
        let queue = stores.tickets.unassigned_tickets(tenant, QUEUE_AT_ONCE).await?;
        if queue.len() < QUEUE_AT_ONCE as usize {
            return Ok(queue);
        }
        let departments = stores.departments.departments(tenant).await?;
        let departments = departments.iter().map(|department| Some(department.id));
        let mut queue = Vec::new();
        for department in departments.chain([None]) {
            let waiting = stores.tickets.unassigned_tickets_of(tenant, department, QUEUE_AT_ONCE);
            queue.extend(waiting.await?);
        }
        queue.sort_by_key(|ticket| (std::cmp::Reverse(ticket.priority), ticket.created_at, ticket.id));
        Ok(queue)
    }

    async fn try_assign_waiting(
        &self,
        scope: &Scope,
        ticket: super::TicketRef,
        is_automatic: bool,
    ) -> Result<bool, Attempt> {
        let ticket = self.any_ticket(scope.tenant(), ticket).await?;
        let was_waiting = match ticket.state.status() {
            Status::Open => false,
            Status::Waiting => true,
            Status::Assigned | Status::Pending | Status::Resolved | Status::Closed => return Ok(false),
        };
        let candidates = self.candidates(scope.tenant()).await?;
        let wanted = Wanted {
            department: ticket.department,
            ..Wanted::default()
        };
        let chosen = if is_automatic {
            choose(&candidates, &wanted)
        } else {
            None
        };
        let is_online = somebody_is_online(&candidates, ticket.department);
        if chosen.is_none() && was_waiting != is_online {
            return Ok(false);
        }
        let mut change = ChangeSet::new(scope, self.now());
        if was_waiting && is_online {
            change.announce_agent(&ticket);
        }
        match chosen {
            Some(candidate) => drop(self.give(&mut change, ticket, &candidate.agent)?),
            None => self.settle(&mut change, ticket, is_online)?,
        }
        self.commit(change).await?;
        Ok(chosen.is_some())
    }

    /// Whom nobody has is open while somebody is there, and waits while nobody is.
    fn settle(&self, change: &mut ChangeSet, ticket: Ticket, is_online: bool) -> Result<(), DeskError> {
        let to = if is_online { Status::Open } else { Status::Waiting };
        let mut revision = Revision::of(ticket, change.at());
        revision.set_status(to, None, None, false, Office::from_online(is_online))?;
        let revised = revision.finish();
        let ticket = revised.as_ref().map(|revised| revised.ticket.clone());
        let told = self.put_revision(change, revised);
        if let Some(ticket) = ticket {
            self.tell(change, &ticket, told);
        }
        Ok(())
    }

    /// Sees to the tickets of an agent who is gone: each goes to somebody else at once, or to
    /// nobody; their customers are told.
    ///
    /// # Errors
    /// [`DeskError`] when the store can't be asked.
    pub async fn release_tickets_of(&self, tenant: TenantId, agent: AgentId) -> Result<(), DeskError> {
        let scope = Scope::system(tenant);
        let is_automatic = self.tenant_of(&scope).await?.settings.assignment.automatic;
        loop {
            let tickets = self
                .stores()
                .tickets
                .unfinished_tickets_of_agent(tenant, agent, TICKETS_AT_ONCE)
                .await?;
            if tickets.is_empty() {
                break;
            }
            for ticket in tickets {
                self.decide(&scope, || {
                    self.try_release(&scope, ticket.id.into(), agent, is_automatic)
                })
                .await?;
            }
        }
        // Without them, those who wait may have nobody left.
        self.assign_waiting(tenant).await?;
        Ok(())
    }

    async fn try_release(
        &self,
        scope: &Scope,
        ticket: super::TicketRef,
        agent: AgentId,
        is_automatic: bool,
    ) -> Result<(), Attempt> {
        let ticket = self.any_ticket(scope.tenant(), ticket).await?;
        if ticket.assignee() != Some(agent) || !ticket.state.status().is_unfinished() {
            return Ok(());
        }
        let candidates: Vec<Candidate> = self
            .candidates(scope.tenant())
            .await?
            .into_iter()
            .filter(|candidate| candidate.agent.id != agent)
            .collect();
        let wanted = Wanted {
            department: ticket.department,
            ..Wanted::default()
        };
        let chosen = if is_automatic {
            choose(&candidates, &wanted)
        } else {
            None
        };
        let mut change = ChangeSet::new(scope, self.now());
        if let Some(candidate) = chosen {
            self.give(&mut change, ticket, &candidate.agent)?;
        } else {
            let mut revision = Revision::of(ticket, self.now());
            revision.unassign(Office::from_online(somebody_is_online(&candidates, wanted.department)))?;
            let ticket = revision.ticket().clone();
            let told = self.put_revision(&mut change, revision.finish());
            self.tell(&mut change, &ticket, told);
        }
        self.commit(change).await?;
        Ok(())
    }
}

/// Whether a ticket that nobody has could be given to somebody, or stands as open or waiting
/// although the office says otherwise.
fn is_actionable(ticket: &Ticket, candidates: &[Candidate], is_automatic: bool) -> bool {
    let wanted = Wanted {
        department: ticket.department,
        ..Wanted::default()
    };
    let is_waiting = ticket.state.status() == Status::Waiting;
    let is_online = somebody_is_online(candidates, ticket.department);
    is_waiting == is_online || (is_automatic && choose(candidates, &wanted).is_some())
}
