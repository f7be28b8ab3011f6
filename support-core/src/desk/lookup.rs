//! Finding what a call names, as far as its actor may know of it.

use std::{collections::HashMap, str::FromStr, sync::Arc};

use chrono_tz::Tz;

use super::{Desk, DeskError, Scope};
use crate::{
    model::{
        Agent, AgentId, Calendar, Calendars, Candidate, Department, DepartmentId, Office, Role, Tenant, TenantId,
        Ticket, TicketId, parse_human_number, somebody_is_online,
    },
    ports::VisibleTo,
};

/// A ticket as a path names it: by id or by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TicketRef {
    /// By id.
    Id(TicketId),
    /// By number: `TKT-42`.
    Number(u64),
}

impl From<TicketId> for TicketRef {
    fn from(id: TicketId) -> Self {
        Self::Id(id)
    }
}

impl FromStr for TicketRef {
    type Err = DeskError;

    /// What names nothing is not found.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(number) = parse_human_number(text) {
            return Ok(Self::Number(number));
        }
        text.parse().map(Self::Id).map_err(|_| DeskError::NotFound)
    }
}

/// Whoever has or had a ticket, when its customer writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FormerAssignee {
    /// They are there to read it.
    There,
    /// They are away, and so is everybody else.
    Away,
    /// They work here no longer, or are away while others are there.
    Gone,
}

impl Desk {
    /// A ticket that the actor may know of.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] when it isn't there or is none of the actor's business.
    pub async fn ticket(&self, scope: &Scope, ticket: impl Into<TicketRef>) -> Result<Ticket, DeskError> {
        let ticket = self.any_ticket(scope.tenant(), ticket.into()).await?;
        if scope.actor().sees(&ticket) {
            Ok(ticket)
        } else {
            Err(DeskError::NotFound)
        }
    }

    pub(super) async fn any_ticket(&self, tenant: TenantId, ticket: TicketRef) -> Result<Ticket, DeskError> {
        let found = match ticket {
            TicketRef::Id(id) => self.stores().tickets.ticket(tenant, id).await?,
            TicketRef::Number(number) => self.stores().tickets.ticket_by_number(tenant, number).await?,
        };
        found.ok_or(DeskError::NotFound)
    }

    pub(super) async fn tenant_of(&self, scope: &Scope) -> Result<Tenant, DeskError> {
        self.stores()
            .tenants
            .tenant(scope.tenant())
            .await?
            .ok_or(DeskError::NotFound)
    }

    /// An active department by its slug, for a new ticket or a transfer.
    pub(super) async fn active_department(
        &self,
        tenant: TenantId,
        field: &str,
        slug: &str,
    ) -> Result<Department, DeskError> {
        let departments = self.stores().departments.departments(tenant).await?;
        departments
            .into_iter()
            .find(|department| department.slug == slug && department.is_active)
            .ok_or_else(|| DeskError::field(field, "There is no such department"))
    }

    /// An active agent of the tenant, to be given something.
    pub(super) async fn active_agent(&self, tenant: TenantId, field: &str, agent: AgentId) -> Result<Agent, DeskError> {
        self.stores()
            .people
            .agent(tenant, agent)
            .await?
            .filter(|agent| agent.is_active && agent.role != Role::Platform)
            .ok_or_else(|| DeskError::field(field, "There is no such agent"))
    }

    /// Whether whoever has or had the ticket still works here.
    pub(super) async fn assignee_is_active(&self, tenant: TenantId, ticket: &Ticket) -> Result<bool, DeskError> {
        let Some(agent) = ticket.assignee() else {
            return Ok(false);
        };
        Ok(self
            .stores()
            .people
            .agent(tenant, agent)
            .await?
            .is_some_and(|agent| agent.is_active))
    }

    /// To whom a ticket goes whose customer writes, and whether anybody is whom it could go to.
    pub(super) async fn assignee_and_office(
        &self,
        tenant: TenantId,
        ticket: &Ticket,
    ) -> Result<(FormerAssignee, Office), DeskError> {
        let candidates = self.candidates(tenant).await?;
        let former = candidates
            .iter()
            .find(|candidate| Some(candidate.agent.id) == ticket.assignee());
        let calendars = self.calendars(tenant).await?;
        let is_online = somebody_is_online(&candidates, ticket.department, &calendars, self.now());
        let former = match former {
            Some(former) if former.is_somebody_for(None) => FormerAssignee::There,
            // Nobody else could see to it sooner: they are told by mail.
            Some(_) if !is_online => FormerAssignee::Away,
            _ => FormerAssignee::Gone,
        };
        Ok((former, Office::from_online(is_online)))
    }

    pub(super) async fn candidates(&self, tenant: TenantId) -> Result<Vec<Candidate>, DeskError> {
        Ok(self.stores().assignment.candidates(tenant).await?)
    }

    pub(super) async fn office(&self, tenant: TenantId, department: Option<DepartmentId>) -> Result<Office, DeskError> {
        let candidates = self.candidates(tenant).await?;
        let calendars = self.calendars(tenant).await?;
        let is_online = somebody_is_online(&candidates, department, &calendars, self.now());
        Ok(Office::from_online(is_online))
    }

    /// When the tenant's offices are open, as of a moment ago; always, where there is no tenant.
    ///
    /// # Errors
    /// [`DeskError`] when the store can't be asked.
    pub async fn calendars(&self, tenant: TenantId) -> Result<Arc<Calendars>, DeskError> {
        if let Some(calendars) = self.recent_calendars().recall(&tenant) {
            return Ok(calendars);
        }
        let Some(found) = self.stores().tenants.tenant(tenant).await? else {
            return Ok(Arc::new(Calendar::new(Tz::UTC, None).into()));
        };
        let departments = self.stores().departments.departments(tenant).await?;
        let calendars = Arc::new(Calendars::new(&found, &departments));
        self.recent_calendars().remember(tenant, Arc::clone(&calendars));
        Ok(calendars)
    }

    /// The time zone by which the tenant's days are counted, as of a moment ago.
    ///
    /// # Errors
    /// [`DeskError`] when the store can't be asked.
    pub async fn timezone(&self, tenant: TenantId) -> Result<Tz, DeskError> {
        Ok(self.calendars(tenant).await?.of(None).timezone())
    }

    /// Whether customers of `department` may be told that somebody is there: an agent who is, within
    /// office hours.
    ///
    /// # Errors
    /// [`DeskError`] when the store can't be asked.
    pub async fn somebody_is_online(
        &self,
        tenant: TenantId,
        department: Option<DepartmentId>,
    ) -> Result<bool, DeskError> {
        Ok(self.office(tenant, department).await? == Office::Staffed)
    }

    /// The names of agents, for showing who has what.
    ///
    /// # Errors
    /// [`DeskError`] when the store can't be asked.
    pub async fn agent_names(
        &self,
        tenant: TenantId,
        agents: &[AgentId],
    ) -> Result<HashMap<AgentId, String>, DeskError> {
        if agents.is_empty() {
            return Ok(HashMap::new());
        }
        let agents = self.stores().people.agents_by_id(tenant, agents).await?;
        Ok(agents.into_iter().map(|agent| (agent.id, agent.name)).collect())
    }

    /// The restriction to put on lists for this actor: none for those who may see all.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for actors who may list nothing.
    pub fn visible_to(&self, scope: &Scope) -> Result<Option<VisibleTo>, DeskError> {
        match scope.actor() {
            actor if actor.is_at_least(Role::Supervisor) => Ok(None),
            actor => match actor.agent() {
                Some(agent) => Ok(Some(VisibleTo {
                    agent: agent.id,
                    departments: agent.departments.clone(),
                })),
                None if actor.is_at_least(Role::Agent) => Ok(None),
                None => Err(DeskError::Forbidden),
            },
        }
    }
}

/// Refuses actors whose role is too low.
pub(super) fn require(scope: &Scope, role: Role) -> Result<(), DeskError> {
    if scope.actor().is_at_least(role) {
        Ok(())
    } else {
        Err(DeskError::Forbidden)
    }
}
