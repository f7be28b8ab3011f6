//! What was given to somebody who does not take it up.
//!
//! A ticket that was given without anybody choosing counts as taken up when its agent answers,
//! writes a note, joins or changes it, or anybody of the team answers in public or moves it to
//! another status. Reading it is not enough. By when that has to happen stands on the ticket, so
//! any node finds it, also after the one that gave it away died; of several that find it at once,
//! one commits, since the others have read an older version of it.

use std::collections::BTreeSet;

use super::{Desk, DeskError, Scope, retry::Attempt};
use crate::{
    change::{ChangeSet, Expect},
    model::{Arrival, Office, Revision, Status, TicketId, Wanted, choose, somebody_is_online},
};

/// Tickets that were not taken up which are seen to in one round.
const PASSED_ON_AT_ONCE: u32 = 200;

impl Desk {
    /// Gives tickets that were not taken up in time to the next agent who did not let them pass
    /// yet. When there is none, nobody has the ticket until the same time has passed once more or
    /// somebody else comes; then all are asked anew. Called again and again by the sweep.
    ///
    /// # Errors
    /// [`DeskError`] when the store can't be asked.
    pub async fn sweep_acceptance(&self) -> Result<(), DeskError> {
        let due = self
            .stores()
            .assignment
            .tickets_to_accept(self.now(), PASSED_ON_AT_ONCE)
            .await?;
        let mut seen_to = BTreeSet::new();
        for (tenant, ticket) in due {
            let scope = Scope::system(tenant);
            match self.decide(&scope, || self.try_pass_on(&scope, ticket)).await {
                Ok(()) => {
                    seen_to.insert(tenant);
                }
                Err(error) => tracing::warn!(%tenant, %error, "a ticket could not be passed on and will be later"),
            }
        }
        for tenant in seen_to {
            self.assign_waiting_soon(tenant);
        }
        Ok(())
    }

    async fn try_pass_on(&self, scope: &Scope, ticket: TicketId) -> Result<(), Attempt> {
        let now = self.now();
        let ticket = self.any_ticket(scope.tenant(), ticket.into()).await?;
        if ticket.accept_by.is_none_or(|until| until > now) {
            return Ok(());
        }
        let settings = self.tenant_of(scope).await?.settings.assignment;
        let mut change = ChangeSet::new(scope, now);
        let mut revision = Revision::of(ticket, now);
        let holder = revision
            .ticket()
            .assignee()
            .filter(|_| revision.ticket().state.status() == Status::Assigned);
        match (holder, settings.accept_timeout()) {
            (Some(agent), Some(timeout)) => {
                let names = self.agent_names(scope.tenant(), &[agent]).await?;
                revision.pass_over(names.get(&agent).map_or("The agent", String::as_str));
                let candidates = self.candidates(scope.tenant()).await?;
                let calendars = self.calendars(scope.tenant()).await?;
                match choose(&candidates, &Wanted::of(revision.ticket())) {
                    Some(next) => {
                        revision.assign(&next.agent, Arrival::Given)?;
                        change.expect(Expect::AgentHasRoom(next.agent.id));
                    }
                    None => {
                        let department = revision.ticket().department;
                        let is_online = somebody_is_online(&candidates, department, &calendars, self.now());
                        revision.unassign(Office::from_online(is_online))?;
                    }
                }
                revision.await_acceptance(now.plus(timeout));
            }
            // All have let it pass and are asked anew, or nobody is asked any longer.
            (None, _) | (_, None) => revision.take_up(),
        }
        let revised = revision.finish();
        let ticket = revised.as_ref().map(|revised| revised.ticket.clone());
        let told = self.put_revision(&mut change, revised);
        if let Some(ticket) = ticket {
            self.tell(&mut change, &ticket, told);
        }
        self.commit(change).await?;
        Ok(())
    }
}
