//! Names that nearly every answer carries and that hardly ever change, kept for a moment so that
//! a message costs no more reads than its own.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use support_core::{
    desk::{Desk, DeskError},
    model::{Agent, AgentId, Candidate, DepartmentId, TenantId, Ticket, TicketId, somebody_is_online},
};
use tokio::time::Instant;
use uuid::Uuid;

use crate::wire::{
    chat::{Assignee, ChatRow},
    files::FileUrls,
};

/// How long the names of departments are kept.
const DEPARTMENTS_KEPT: Duration = Duration::from_secs(1);
/// How long is remembered who is there.
const TEAM_KEPT: Duration = Duration::from_millis(200);
/// For how many times that long it still serves while somebody reads it anew.
const STALE_FACTOR: u32 = 4;
/// Tenants that are remembered at once.
const MOST_TENANTS: usize = 10_000;
/// Tickets whose numbers are remembered at once.
const MOST_NUMBERS: usize = 50_000;

type Slugs = HashMap<DepartmentId, String>;

/// What is remembered of the tenants' departments and agents.
#[derive(Debug)]
pub(crate) struct Directory {
    desk: Desk,
    departments: Memory<Slugs>,
    teams: Memory<Vec<Candidate>>,
    /// They never change.
    numbers: Mutex<HashMap<TicketId, u64>>,
}

#[derive(Debug)]
struct Memory<T>(Mutex<HashMap<TenantId, Remembered<T>>>);

#[derive(Debug)]
struct Remembered<T> {
    value: Arc<T>,
    read_at: Instant,
    is_being_read: bool,
}

impl<T> Default for Memory<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Memory<T> {
    /// What is remembered, unless it is too old or the caller is the one to read it anew.
    fn recall(&self, tenant: TenantId, kept: Duration) -> Option<Arc<T>> {
        let mut tenants = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let remembered = tenants.get_mut(&tenant)?;
        let age = remembered.read_at.elapsed();
        let is_fresh = age < kept;
        let may_serve = is_fresh || (remembered.is_being_read && age < kept * STALE_FACTOR);
        if !is_fresh {
            remembered.is_being_read = true;
        }
        may_serve.then(|| Arc::clone(&remembered.value))
    }

    fn remember(&self, tenant: TenantId, value: T, read_at: Instant) -> Arc<T> {
        let value = Arc::new(value);
        let mut tenants = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if tenants.len() >= MOST_TENANTS && !tenants.contains_key(&tenant) {
            tenants.clear();
        }
        let remembered = Remembered {
            value: Arc::clone(&value),
            read_at,
            is_being_read: false,
        };
        tenants.insert(tenant, remembered);
        value
    }
}

impl Directory {
    /// The addresses of a tenant's files.
    pub(crate) const fn file_urls(&self, tenant: TenantId) -> FileUrls<'_> {
        FileUrls::new(&self.desk, tenant)
    }

    /// Remembers nothing yet.
    pub(crate) fn new(desk: &Desk) -> Self {
        Self {
            desk: desk.clone(),
            departments: Memory::default(),
            teams: Memory::default(),
            numbers: Mutex::default(),
        }
    }

    /// The use cases.
    pub(crate) const fn desk(&self) -> &Desk {
        &self.desk
    }

    async fn departments(&self, tenant: TenantId) -> Result<Arc<Slugs>, DeskError> {
        match self.departments.recall(tenant, DEPARTMENTS_KEPT) {
            Some(slugs) => Ok(slugs),
            None => self.read_departments(tenant).await,
        }
    }

    async fn read_departments(&self, tenant: TenantId) -> Result<Arc<Slugs>, DeskError> {
        let read_at = Instant::now();
        let departments = self.desk.stores().departments.departments(tenant).await?;
        let slugs = departments
            .into_iter()
            .map(|department| (department.id, department.slug))
            .collect();
        Ok(self.departments.remember(tenant, slugs, read_at))
    }

    async fn team(&self, tenant: TenantId) -> Result<Arc<Vec<Candidate>>, DeskError> {
        if let Some(team) = self.teams.recall(tenant, TEAM_KEPT) {
            return Ok(team);
        }
        let read_at = Instant::now();
        let team = self.desk.stores().assignment.candidates(tenant).await?;
        Ok(self.teams.remember(tenant, team, read_at))
    }

    /// The short name of a department.
    ///
    /// # Errors
    /// [`DeskError`] when the store can't be asked.
    pub(crate) async fn slug(
        &self,
        tenant: TenantId,
        department: Option<DepartmentId>,
    ) -> Result<Option<String>, DeskError> {
        let Some(department) = department else {
            return Ok(None);
        };
        if let Some(slug) = self.departments(tenant).await?.get(&department) {
            return Ok(Some(slug.clone()));
        }
        let departments = self.read_departments(tenant).await?;
        Ok(departments.get(&department).cloned())
    }

    /// A ticket's number; none when there is no such ticket.
    ///
    /// # Errors
    /// [`DeskError`] when the store can't be asked.
    pub(crate) async fn number(&self, tenant: TenantId, ticket: TicketId) -> Result<Option<u64>, DeskError> {
        let lock = || self.numbers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(number) = lock().get(&ticket) {
            return Ok(Some(*number));
        }
        let Some(found) = self.desk.stores().tickets.ticket(tenant, ticket).await? else {
            return Ok(None);
        };
        let mut numbers = lock();
        if numbers.len() >= MOST_NUMBERS {
            numbers.clear();
        }
        numbers.insert(ticket, found.number);
        Ok(Some(found.number))
    }

    /// The name of whoever has a ticket.
    ///
    /// # Errors
    /// [`DeskError`] when the store can't be asked.
    pub(crate) async fn assignee(
        &self,
        tenant: TenantId,
        agent: Option<AgentId>,
    ) -> Result<Option<Assignee>, DeskError> {
        let Some(agent) = agent else {
            return Ok(None);
        };
        let team = self.team(tenant).await?;
        let known = team.iter().find(|candidate| candidate.agent.id == agent);
        let name = match known {
            Some(candidate) => candidate.agent.name.clone(),
            // They work here no longer, or only just began to.
            None => match self.desk.agent_names(tenant, &[agent]).await?.remove(&agent) {
                Some(name) => name,
                None => return Ok(None),
            },
        };
        let id: Uuid = agent.uuid();
        Ok(Some(Assignee { id, name }))
    }

    /// Whoever has a ticket.
    ///
    /// # Errors
    /// [`DeskError`] when the store can't be asked.
    pub(crate) async fn agent(&self, tenant: TenantId, agent: Option<AgentId>) -> Result<Option<Agent>, DeskError> {
        let Some(agent) = agent else {
            return Ok(None);
        };
        let team = self.team(tenant).await?;
        match team.iter().find(|candidate| candidate.agent.id == agent) {
            Some(candidate) => Ok(Some(candidate.agent.clone())),
            None => Ok(self.desk.stores().people.agent(tenant, agent).await?),
        }
    }

    /// Whether customers of a department may be told that somebody is there.
    ///
    /// # Errors
    /// [`DeskError`] when the store can't be asked.
    pub(crate) async fn somebody_is_online(
        &self,
        tenant: TenantId,
        department: Option<DepartmentId>,
    ) -> Result<bool, DeskError> {
        let calendars = self.desk.calendars(tenant).await?;
        let team = self.team(tenant).await?;
        Ok(somebody_is_online(&team, department, &calendars, self.desk.now()))
    }

    /// A ticket as agents see it in their list.
    ///
    /// # Errors
    /// [`DeskError`] when the store can't be asked.
    pub(crate) async fn row(&self, tenant: TenantId, ticket: &Ticket) -> Result<ChatRow, DeskError> {
        let department = self.slug(tenant, ticket.department).await?;
        let assigned_to = self.assignee(tenant, ticket.assignee()).await?;
        Ok(ChatRow::new(ticket, department, assigned_to))
    }
}
