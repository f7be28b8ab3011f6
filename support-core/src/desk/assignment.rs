//! Who gets what, without anybody choosing.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{Desk, DeskError, Scope, retry::Attempt};
use crate::{
    change::{ChangeSet, Expect},
    model::{
        Agent, AgentId, Arrival, AssignmentSettings, Candidate, Office, Revision, Status, TenantId, Ticket, TicketId,
        Wanted, choose, somebody_is_online,
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
    /// Gives the ticket to an agent who must still have room when it is committed, and who has to
    /// take it up in time where the tenant asks for that.
    pub(super) fn give(
        &self,
        change: &mut ChangeSet,
        ticket: Ticket,
        agent: &Agent,
        settings: AssignmentSettings,
    ) -> Result<Ticket, DeskError> {
        let mut revision = Revision::of(ticket.clone(), change.at());
        revision.assign(agent, Arrival::Given)?;
        if let (Status::Assigned, Some(timeout)) = (revision.ticket().state.status(), settings.accept_timeout()) {
            revision.await_acceptance(change.at().plus(timeout));
        }
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
        let settings = self.tenant_of(&scope).await?.settings.assignment;
        if settings.automatic {
            self.assign_callbacks(tenant, callbacks).await?;
        }
        let mut candidates = self.candidates(tenant).await?;
        let calendars = self.calendars(tenant).await?;
        let mut assigned = 0;
        for ticket in queue {
            // Most tickets of a long queue can't be helped; finding that out costs no reads.
            let is_online = somebody_is_online(&candidates, ticket.department, &calendars, self.now());
            if !is_actionable(&ticket, &candidates, settings, is_online) {
                continue;
            }
            let id = ticket.id;
            let mut given = self.try_assign_waiting(&scope, ticket, &candidates, settings).await;
            match &given {
                Ok(Some(agent)) => self.count_given(&mut candidates, *agent),
                Ok(None) | Err(Attempt::Failed(_)) => {}
                // Somebody was quicker: only now it costs a look at how things stand.
                Err(Attempt::Again(_)) => {
                    let decided = self.decide(&scope, || self.assign_anew(&scope, id, settings)).await;
                    given = decided.map_err(Attempt::Failed);
                    candidates = self.candidates(tenant).await?;
                }
            }
            match given {
                Ok(agent) => assigned += usize::from(agent.is_some()),
                // Others were quicker each time: the next round finds it, and those behind it go on.
                Err(Attempt::Failed(error @ (DeskError::Conflict(_) | DeskError::NotFound))) => {
                    tracing::debug!(%tenant, %error, "a ticket was passed over");
                }
                Err(Attempt::Failed(error)) => return Err(error),
                Err(Attempt::Again(_)) => {}
            }
        }
        Ok(assigned)
    }

    /// Keeps what is known of the agents true to what was just given, without reading it again.
    fn count_given(&self, candidates: &mut [Candidate], agent: AgentId) {
        if let Some(candidate) = candidates.iter_mut().find(|candidate| candidate.agent.id == agent) {
            candidate.open_tickets = candidate.open_tickets.saturating_add(1);
            candidate.last_assigned_at = Some(self.now());
        }
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

    /// As [`try_assign_waiting`](Self::try_assign_waiting), by how things stand now.
    async fn assign_anew(
        &self,
        scope: &Scope,
        ticket: TicketId,
        settings: AssignmentSettings,
    ) -> Result<Option<AgentId>, Attempt> {
        let ticket = self.any_ticket(scope.tenant(), ticket.into()).await?;
        let candidates = self.candidates(scope.tenant()).await?;
        self.try_assign_waiting(scope, ticket, &candidates, settings).await
    }

    /// Gives a ticket to whoever can take it, or has it stand as open or waiting as the office
    /// says. Answers who got it.
    async fn try_assign_waiting(
        &self,
        scope: &Scope,
        ticket: Ticket,
        candidates: &[Candidate],
        settings: AssignmentSettings,
    ) -> Result<Option<AgentId>, Attempt> {
        let was_waiting = match ticket.state.status() {
            Status::Open => false,
            Status::Waiting => true,
            Status::Assigned | Status::Pending | Status::Resolved | Status::Closed => return Ok(None),
        };
        let chosen = chosen_for(&ticket, candidates, settings);
        let calendars = self.calendars(scope.tenant()).await?;
        let is_online = somebody_is_online(candidates, ticket.department, &calendars, self.now());
        if chosen.is_none() && was_waiting != is_online {
            return Ok(None);
        }
        let mut change = ChangeSet::new(scope, self.now());
        if was_waiting && is_online {
            change.announce_agent(&ticket);
        }
        match chosen {
            Some(candidate) => drop(self.give(&mut change, ticket, &candidate.agent, settings)?),
            None => self.settle(&mut change, ticket, is_online)?,
        }
        self.commit(change).await?;
        Ok(chosen.map(|candidate| candidate.agent.id))
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
        let settings = self.tenant_of(&scope).await?.settings.assignment;
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
                self.decide(&scope, || self.try_release(&scope, ticket.id, agent, settings))
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
        ticket: TicketId,
        agent: AgentId,
        settings: AssignmentSettings,
    ) -> Result<(), Attempt> {
        let ticket = self.any_ticket(scope.tenant(), ticket.into()).await?;
        if ticket.assignee() != Some(agent) || !ticket.state.status().is_unfinished() {
            return Ok(());
        }
        let candidates: Vec<Candidate> = self
            .candidates(scope.tenant())
            .await?
            .into_iter()
            .filter(|candidate| candidate.agent.id != agent)
            .collect();
        let mut change = ChangeSet::new(scope, self.now());
        if let Some(candidate) = chosen_for(&ticket, &candidates, settings) {
            self.give(&mut change, ticket, &candidate.agent, settings)?;
        } else {
            let calendars = self.calendars(scope.tenant()).await?;
            let is_online = somebody_is_online(&candidates, ticket.department, &calendars, self.now());
            let mut revision = Revision::of(ticket, self.now());
            revision.unassign(Office::from_online(is_online))?;
            let ticket = revision.ticket().clone();
            let told = self.put_revision(&mut change, revision.finish());
            self.tell(&mut change, &ticket, told);
        }
        self.commit(change).await?;
        Ok(())
    }
}

/// Who gets a ticket without anybody choosing, if anybody does.
pub(super) fn chosen_for<'a>(
    ticket: &Ticket,
    candidates: &'a [Candidate],
    settings: AssignmentSettings,
) -> Option<&'a Candidate> {
    if settings.automatic {
        choose(candidates, &Wanted::of(ticket))
    } else {
        None
    }
}

/// Whether a ticket that nobody has could be given to somebody, or stands as open or waiting
/// although the office says otherwise.
fn is_actionable(ticket: &Ticket, candidates: &[Candidate], settings: AssignmentSettings, is_online: bool) -> bool {
    let is_waiting = ticket.state.status() == Status::Waiting;
    is_waiting == is_online || chosen_for(ticket, candidates, settings).is_some()
}
