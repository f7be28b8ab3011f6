//! Who is there.

use super::{Desk, DeskError, Scope, retry::Attempt};
use crate::{
    change::ChangeSet,
    model::{Agent, AgentId, Availability, DepartmentId, EventBody, Presence, Role, TenantId},
    ports::{AgentFilter, PageRequest},
};

/// An agent and what was seen of them.
#[derive(Debug, Clone)]
pub struct AgentPresence {
    /// Who.
    pub agent: Agent,
    /// What was seen.
    pub presence: Presence,
}

/// Agents who came or went that are seen to in one round.
const AGENTS_AT_ONCE: u32 = 100;
/// Tenants whose waiting tickets are looked at in one round: more than are ever online at once,
/// since the rest would be passed over in every round.
const TENANTS_AT_ONCE: u32 = 10_000;

impl Desk {
    /// The acting agent gives a sign of life. Whoever comes gets what waits, if they are
    /// available.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than agents, [`DeskError::Invalid`] for a department
    /// that isn't there.
    pub async fn heartbeat(&self, scope: &Scope, department: Option<&str>) -> Result<AgentPresence, DeskError> {
        let agent = self.acting_agent(scope).await?;
        let department = self.department_for_presence(scope, department).await?;
        let now = self.now();
        if self
            .stores()
            .presence
            .seen(scope.tenant(), agent.id, now, department)
            .await?
        {
            self.tell_presence(scope, agent.id, true).await?;
            self.assign_waiting_soon(scope.tenant());
        }
        let presence = Presence {
            agent: agent.id,
            is_online: true,
            last_seen_at: now,
            department,
        };
        Ok(AgentPresence { agent, presence })
    }

    /// The acting agent leaves. Their tickets go to others.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than agents.
    pub async fn leave(&self, scope: &Scope) -> Result<AgentPresence, DeskError> {
        let agent = self.acting_agent(scope).await?;
        if self.stores().presence.left(scope.tenant(), agent.id).await? {
            self.see_to_departure(scope.tenant(), agent.id).await?;
        }
        let presence = Presence {
            agent: agent.id,
            is_online: false,
            last_seen_at: self.now(),
            department: None,
        };
        Ok(AgentPresence { agent, presence })
    }

    /// Everybody of the tenant who is online, by name.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than agents.
    pub async fn online_agents(&self, scope: &Scope) -> Result<Vec<AgentPresence>, DeskError> {
        super::lookup::require(scope, Role::Agent)?;
        let presences = self.stores().presence.presences(scope.tenant()).await?;
        let online: Vec<Presence> = presences.into_iter().filter(|presence| presence.is_online).collect();
        let ids: Vec<AgentId> = online.iter().map(|presence| presence.agent).collect();
        let agents = self.stores().people.agents_by_id(scope.tenant(), &ids).await?;
        let mut found: Vec<AgentPresence> = online
            .into_iter()
            .filter_map(|presence| {
                let agent = agents
                    .iter()
                    .find(|agent| agent.id == presence.agent && agent.is_active)?;
                Some(AgentPresence {
                    agent: agent.clone(),
                    presence,
                })
            })
            .collect();
        found.sort_by(|first, second| {
            first
                .agent
                .name
                .cmp(&second.agent.name)
                .then(first.agent.id.cmp(&second.agent.id))
        });
        Ok(found)
    }

    /// An agent chooses to be available or not. Agents choose for themselves, supervisors for all.
    ///
    /// # Errors
    /// [`DeskError::NotFound`], [`DeskError::Forbidden`].
    pub async fn set_availability(&self, scope: &Scope, agent: AgentId, to: Availability) -> Result<Agent, DeskError> {
        let is_own = scope.actor().agent().is_some_and(|actor| actor.id == agent);
        if !is_own {
            super::lookup::require(scope, Role::Supervisor)?;
        }
        let (desk, scope) = (self.clone(), scope.clone());
        self.see_through(async move {
            let chosen = desk
                .decide(&scope, || desk.try_set_availability(&scope, agent, to))
                .await?;
            match to {
                // Whoever chose that before may not have got this far.
                Availability::Offline => desk.release_tickets_of(scope.tenant(), agent).await?,
                _ => desk.assign_waiting_soon(scope.tenant()),
            }
            Ok(chosen)
        })
        .await
    }

    async fn try_set_availability(&self, scope: &Scope, agent: AgentId, to: Availability) -> Result<Agent, Attempt> {
        let mut agent = self.agent_record(scope.tenant(), agent).await?;
        let from = agent.availability;
        if from == to {
            return Ok(agent);
        }
        agent.availability = to;
        agent.updated_at = self.now();
        let mut change = ChangeSet::new(scope, agent.updated_at);
        change.put_agent(
            agent.clone(),
            EventBody::AgentAvailabilityChanged {
                agent: agent.id,
                from,
                to,
            },
        );
        self.commit(change).await?;
        agent.version += 1;
        Ok(agent)
    }

    /// Finds who has fallen silent and sees to what they leave behind, also after a node that
    /// died in the middle of it. Called again and again by the sweep.
    ///
    /// # Errors
    /// [`DeskError`] when the store can't be asked.
    pub async fn sweep_presence(&self) -> Result<(), DeskError> {
        let silent_since = self.now().minus(self.settings().presence_timeout);
        self.stores().presence.lapse(silent_since, AGENTS_AT_ONCE).await?;
        for (tenant, agent) in self.stores().presence.unhandled(AGENTS_AT_ONCE).await? {
            let seen_to = self.see_to_departure(tenant, agent).await;
            log_failure(tenant, seen_to);
        }
        for tenant in self.stores().presence.tenants_online(TENANTS_AT_ONCE).await? {
            let assigned = self.assign_waiting(tenant).await;
            log_failure(tenant, assigned);
        }
        Ok(())
    }

    async fn see_to_departure(&self, tenant: TenantId, agent: AgentId) -> Result<(), DeskError> {
        self.tell_presence(&Scope::system(tenant), agent, false).await?;
        self.release_tickets_of(tenant, agent).await?;
        self.stores().presence.handled(tenant, agent).await?;
        Ok(())
    }

    async fn tell_presence(&self, scope: &Scope, agent: AgentId, is_online: bool) -> Result<(), DeskError> {
        self.decide(scope, || async move {
            let mut change = ChangeSet::new(&Scope::new(scope.tenant(), scope.actor().clone()), self.now());
            change.tell_presence(agent, is_online);
            self.commit(change).await
        })
        .await?;
        Ok(())
    }

    async fn acting_agent(&self, scope: &Scope) -> Result<Agent, DeskError> {
        let agent = scope.actor().agent().ok_or(DeskError::Forbidden)?;
        self.agent_record(scope.tenant(), agent.id).await
    }

    async fn department_for_presence(
        &self,
        scope: &Scope,
        department: Option<&str>,
    ) -> Result<Option<DepartmentId>, DeskError> {
        match department.map(str::trim).filter(|slug| !slug.is_empty()) {
            Some(slug) => Ok(Some(
                self.active_department(scope.tenant(), "department", slug).await?.id,
            )),
            None => Ok(None),
        }
    }

    /// Agents of the tenant.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than agents.
    pub async fn agents(
        &self,
        scope: &Scope,
        filter: &AgentFilter,
        page: PageRequest,
    ) -> Result<crate::ports::Page<Agent>, DeskError> {
        super::lookup::require(scope, Role::Agent)?;
        Ok(self.stores().people.agents(scope.tenant(), filter, page).await?)
    }
}

/// What fails for one tenant is tried again in the next round and holds up nobody else's.
pub(super) fn log_failure<T>(tenant: TenantId, done: Result<T, DeskError>) {
    if let Err(error) = done {
        tracing::warn!(%tenant, %error, "a tenant could not be swept and will be again");
    }
}
