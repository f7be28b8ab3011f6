//! The people who answer.

use super::{Desk, DeskError, Scope, lookup::require, retry::Committed};
use crate::{
    change::{ChangeSet, Claim, Expect},
    model::{
        Account, Agent, AgentId, Availability, Candidate, DEFAULT_MAX_CONCURRENT_TICKETS, DepartmentId, EventBody,
        Input, LONGEST_NAME, Principal, Role, TenantId, Wanted, in_order,
    },
};

/// An agent to be added.
#[derive(Debug, Clone)]
pub struct NewAgent {
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Their first password.
    pub password: String,
    /// What they may do.
    pub role: Role,
    /// The slugs of their teams, first the main one.
    pub departments: Vec<String>,
    /// What they can handle.
    pub skills: Vec<String>,
    /// What they speak.
    pub languages: Vec<String>,
    /// How many tickets they may have at once.
    pub max_concurrent_tickets: Option<u32>,
}

/// Changes to an agent. What is not named stays.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the fields are those of `NewAgent`")]
pub struct AgentChanges {
    pub name: Option<String>,
    pub email: Option<String>,
    pub password: Option<String>,
    pub role: Option<Role>,
    pub departments: Option<Vec<String>>,
    pub skills: Option<Vec<String>>,
    pub languages: Option<Vec<String>>,
    pub max_concurrent_tickets: Option<u32>,
    pub is_active: Option<bool>,
}

impl Desk {
    /// Adds an agent, who starts `offline`.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than admins, [`DeskError::Invalid`] with every bad
    /// field, [`DeskError::Conflict`] when the address has an account.
    pub async fn create_agent(&self, scope: &Scope, new: NewAgent) -> Result<Agent, DeskError> {
        require(scope, Role::Admin)?;
        let mut input = Input::new();
        let name = input.line("name", &new.name, 1..=LONGEST_NAME);
        let email = input.email("email", &new.email);
        input.password("password", &new.password);
        let skills = input.lines("skills", &new.skills, 50);
        let languages = input.lines("languages", &new.languages, 50);
        let most = new.max_concurrent_tickets.unwrap_or(DEFAULT_MAX_CONCURRENT_TICKETS);
        check_capacity(&mut input, most);
        if new.role == Role::Platform {
            input.refuse("role", "An agent can be agent, supervisor or admin");
        }
        let departments = self
            .department_ids(scope.tenant(), &mut input, &new.departments)
            .await?;
        input.finish()?;
        let now = self.now();
        let agent = Agent {
            id: AgentId::new(self.ids().uuid()),
            name,
            email,
            role: new.role,
            departments,
            skills,
            languages,
            max_concurrent_tickets: most,
            availability: Availability::Offline,
            is_active: true,
            last_login_at: None,
            last_logout_at: None,
            version: 0,
            created_at: now,
            updated_at: now,
        };
        self.add_agent(scope, agent, &new.password).await
    }

    /// Adds an agent of any role with a password, as it is.
    pub(super) async fn add_agent(&self, scope: &Scope, agent: Agent, password: &str) -> Result<Agent, DeskError> {
        let password_hash = &self.hash_password(password).await?;
        let agent = &agent;
        let committed = self
            .decide(scope, || async move {
                let mut change = ChangeSet::new(scope, agent.created_at);
                change.expect(Expect::Free(Claim::AccountEmail(agent.email.clone())));
                change.put_agent(agent.clone(), EventBody::AgentCreated { agent: agent.id });
                change.put_account(Account {
                    principal: Principal::Agent(agent.id),
                    email: agent.email.clone(),
                    password_hash: Some(password_hash.clone()),
                    tokens_valid_from: agent.created_at,
                    version: 0,
                });
                self.commit(change).await
            })
            .await?;
        match committed {
            Committed::Now(_) => self.agent_record(scope.tenant(), agent.id).await,
            Committed::Before(_) => self.agent_by_email(scope.tenant(), &agent.email).await,
        }
    }

    async fn agent_by_email(&self, tenant: TenantId, email: &str) -> Result<Agent, DeskError> {
        let account = self
            .stores()
            .accounts
            .account_by_email(tenant, email)
            .await?
            .ok_or(DeskError::NotFound)?;
        match account.principal {
            Principal::Agent(agent) => self.agent_record(tenant, agent).await,
            Principal::Customer(_) => Err(DeskError::NotFound),
        }
    }

    /// An agent by id, whoever asks.
    pub(super) async fn agent_record(&self, tenant: TenantId, agent: AgentId) -> Result<Agent, DeskError> {
        self.stores()
            .people
            .agent(tenant, agent)
            .await?
            .ok_or(DeskError::NotFound)
    }

    /// One agent.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than agents, [`DeskError::NotFound`].
    pub async fn agent(&self, scope: &Scope, agent: AgentId) -> Result<Agent, DeskError> {
        require(scope, Role::Agent)?;
        let agent = self.agent_record(scope.tenant(), agent).await?;
        if agent.role == Role::Platform {
            Err(DeskError::NotFound)
        } else {
            Ok(agent)
        }
    }

    /// Who could be given a ticket of a team that asks for these skills and languages right now, in
    /// the order in which they would be.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than agents, [`DeskError::Invalid`] with every bad field.
    pub async fn available_agents(
        &self,
        scope: &Scope,
        department: Option<&str>,
        skills: &[String],
        languages: &[String],
    ) -> Result<Vec<Candidate>, DeskError> {
        require(scope, Role::Agent)?;
        let mut input = Input::new();
        let skills = input.lines("skills", skills, 50);
        let languages = input.lines("languages", languages, 50);
        let department = match department {
            None => None,
            Some(slug) => match self.active_department(scope.tenant(), "department", slug.trim()).await {
                Ok(department) => Some(department.id),
                Err(error) => {
                    input.join(error)?;
                    None
                }
            },
        };
        input.finish()?;
        let wanted = Wanted {
            department,
            skills,
            languages,
            passed_over: Vec::new(),
        };
        let candidates = self.candidates(scope.tenant()).await?;
        Ok(in_order(&candidates, &wanted).into_iter().cloned().collect())
    }

    /// Changes an agent. A new password or an end of work makes their tokens void; whoever stops
    /// working here leaves their tickets to others.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than admins, [`DeskError::NotFound`],
    /// [`DeskError::Invalid`] with every bad field, [`DeskError::Conflict`] when the address has
    /// an account or nobody would be left to administer.
    pub async fn update_agent(&self, scope: &Scope, agent: AgentId, changes: AgentChanges) -> Result<Agent, DeskError> {
        let (desk, scope) = (self.clone(), scope.clone());
        self.see_through(async move { desk.update_agent_and_tickets(&scope, agent, changes).await })
            .await
    }

    async fn update_agent_and_tickets(
        &self,
        scope: &Scope,
        agent: AgentId,
        changes: AgentChanges,
    ) -> Result<Agent, DeskError> {
        require(scope, Role::Admin)?;
        self.agent(scope, agent).await?;
        let mut input = Input::new();
        let name = changes
            .name
            .as_deref()
            .map(|name| input.line("name", name, 1..=LONGEST_NAME));
        let email = changes.email.as_deref().map(|email| input.email("email", email));
        if let Some(password) = &changes.password {
            input.password("password", password);
        }
        let skills = changes
            .skills
            .as_deref()
            .map(|skills| input.lines("skills", skills, 50));
        let languages = changes
            .languages
            .as_deref()
            .map(|languages| input.lines("languages", languages, 50));
        if let Some(most) = changes.max_concurrent_tickets {
            check_capacity(&mut input, most);
        }
        if changes.role == Some(Role::Platform) {
            input.refuse("role", "An agent can be agent, supervisor or admin");
        }
        let departments = match &changes.departments {
            Some(slugs) => Some(self.department_ids(scope.tenant(), &mut input, slugs).await?),
            None => None,
        };
        input.finish()?;
        let password_hash = match &changes.password {
            Some(password) => Some(self.hash_password(password).await?),
            None => None,
        };
        let revise = |mut agent: Agent| {
            agent.name = name.clone().unwrap_or(agent.name);
            agent.email = email.clone().unwrap_or(agent.email);
            agent.skills = skills.clone().unwrap_or(agent.skills);
            agent.languages = languages.clone().unwrap_or(agent.languages);
            agent.departments = departments.clone().unwrap_or(agent.departments);
            agent.role = changes.role.unwrap_or(agent.role);
            agent.max_concurrent_tickets = changes.max_concurrent_tickets.unwrap_or(agent.max_concurrent_tickets);
            agent.is_active = changes.is_active.unwrap_or(agent.is_active);
            agent
        };
        let (revise, password_hash) = (&revise, &password_hash);
        self.decide(scope, || async move {
            let before = self.agent_record(scope.tenant(), agent).await?;
            let now = self.now();
            let mut after = revise(before.clone());
            after.updated_at = now;
            if !after.is_active {
                after.availability = Availability::Offline;
            }
            let mut change = ChangeSet::new(scope, now);
            let account = self
                .stores()
                .accounts
                .account(scope.tenant(), Principal::Agent(agent))
                .await?
                .ok_or(DeskError::NotFound)?;
            let is_void = password_hash.is_some() || (before.is_active && !after.is_active);
            if after.email != account.email {
                change.expect(Expect::Free(Claim::AccountEmail(after.email.clone())));
            }
            if is_void || after.email != account.email {
                change.put_account(Account {
                    email: after.email.clone(),
                    password_hash: password_hash.clone().or(account.password_hash.clone()),
                    tokens_valid_from: if is_void { now } else { account.tokens_valid_from },
                    ..account
                });
            }
            let has_left = before.is_active && !after.is_active;
            if is_admin(&before) && !is_admin(&after) {
                change.expect(Expect::AdminBeside(agent));
            }
            let body = if has_left {
                EventBody::AgentDeactivated { agent }
            } else {
                EventBody::AgentUpdated { agent }
            };
            change.put_agent(after, body);
            self.commit(change).await
        })
        .await?;
        let after = self.agent_record(scope.tenant(), agent).await?;
        if !after.is_active {
            // Also when they had stopped before: that may not have got this far.
            self.stores().presence.left(scope.tenant(), agent).await?;
            self.release_tickets_of(scope.tenant(), agent).await?;
            self.release_callbacks_of(scope.tenant(), agent).await?;
        } else {
            self.assign_waiting_soon(scope.tenant());
        }
        Ok(after)
    }

    /// An agent stops working here; their past stays.
    ///
    /// # Errors
    /// As [`update_agent`](Self::update_agent).
    pub async fn deactivate_agent(&self, scope: &Scope, agent: AgentId) -> Result<Agent, DeskError> {
        self.update_agent(
            scope,
            agent,
            AgentChanges {
                is_active: Some(false),
                ..AgentChanges::default()
            },
        )
        .await
    }

    async fn department_ids(
        &self,
        tenant: TenantId,
        input: &mut Input,
        slugs: &[String],
    ) -> Result<Vec<DepartmentId>, DeskError> {
        if slugs.is_empty() {
            return Ok(Vec::new());
        }
        let departments = self.stores().departments.departments(tenant).await?;
        let mut ids = Vec::with_capacity(slugs.len().min(departments.len()));
        for slug in slugs {
            match departments.iter().find(|department| department.slug == slug.trim()) {
                Some(department) if !ids.contains(&department.id) => ids.push(department.id),
                Some(_) => {}
                None => input.refuse("departments", format!("There is no department `{slug}`")),
            }
        }
        Ok(ids)
    }
}

fn is_admin(agent: &Agent) -> bool {
    agent.role == Role::Admin && agent.is_active
}

fn check_capacity(input: &mut Input, most: u32) {
    if !(1..=1_000).contains(&most) {
        input.refuse("max_concurrent_tickets", "Must be between 1 and 1000");
    }
}
