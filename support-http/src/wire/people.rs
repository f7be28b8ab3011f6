//! How agents and customers are written.

use std::collections::HashMap;

use serde::Serialize;
use support_core::{
    desk::{Desk, Scope},
    model::{Agent, AgentId, Customer, Department, DepartmentId, TenantId},
};
use utoipa::ToSchema;

use super::figures::{AgentMetrics, metrics};
use crate::error::ApiError;

/// An agent, for colleagues.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Agent)]
pub(crate) struct AgentRow {
    #[schema(value_type = uuid::Uuid)]
    id: AgentId,
    #[schema(value_type = uuid::Uuid)]
    agent_id: AgentId,
    name: String,
    email: String,
    /// The slug of the main team.
    department: Option<String>,
    departments: Vec<String>,
    role: &'static str,
    /// What they have chosen to be.
    status: &'static str,
    skills: Vec<String>,
    languages: Vec<String>,
    max_concurrent_tickets: u32,
    active_tickets_count: u32,
    is_active: bool,
    last_login_at: Option<String>,
    last_logout_at: Option<String>,
    metrics: AgentMetrics,
    created_at: String,
    updated_at: String,
}

impl AgentRow {
    /// How many tickets they have assigned or pending.
    pub(crate) const fn active_tickets(&self) -> u32 {
        self.active_tickets_count
    }
}

/// What rows of agents are made from besides the agents.
pub(crate) struct Colleagues {
    slugs: HashMap<DepartmentId, String>,
    open_tickets: HashMap<AgentId, u32>,
    metrics: HashMap<AgentId, AgentMetrics>,
}

impl Colleagues {
    /// Looks up what all rows of a tenant need.
    ///
    /// # Errors
    /// [`ApiError`] when the store can't be asked.
    pub(crate) async fn of(desk: &Desk, scope: &Scope) -> Result<Self, ApiError> {
        let stores = desk.stores();
        let candidates = stores.assignment.candidates(scope.tenant()).await?;
        let open_tickets = candidates
            .into_iter()
            .map(|candidate| (candidate.agent.id, candidate.open_tickets));
        Ok(Self {
            slugs: slugs(desk, scope.tenant()).await?,
            open_tickets: open_tickets.collect(),
            metrics: metrics(desk, scope).await?,
        })
    }

    /// One agent's row.
    pub(crate) fn row(&self, agent: Agent) -> AgentRow {
        let departments: Vec<String> = agent
            .departments
            .iter()
            .filter_map(|department| self.slugs.get(department).cloned())
            .collect();
        AgentRow {
            id: agent.id,
            agent_id: agent.id,
            name: agent.name,
            email: agent.email,
            department: departments.first().cloned(),
            departments,
            role: agent.role.as_str(),
            status: agent.availability.as_str(),
            skills: agent.skills,
            languages: agent.languages,
            max_concurrent_tickets: agent.max_concurrent_tickets,
            active_tickets_count: self.open_tickets.get(&agent.id).copied().unwrap_or_default(),
            is_active: agent.is_active,
            last_login_at: agent.last_login_at.map(|at| at.to_string()),
            last_logout_at: agent.last_logout_at.map(|at| at.to_string()),
            metrics: self.metrics.get(&agent.id).cloned().unwrap_or_default(),
            created_at: agent.created_at.to_string(),
            updated_at: agent.updated_at.to_string(),
        }
    }
}

/// The slugs of a tenant's departments, inactive ones too.
///
/// # Errors
/// [`ApiError`] when the store can't be asked.
pub(crate) async fn slugs(desk: &Desk, tenant: TenantId) -> Result<HashMap<DepartmentId, String>, ApiError> {
    let departments = desk.stores().departments.departments(tenant).await?;
    let slugs = departments.into_iter().map(|Department { id, slug, .. }| (id, slug));
    Ok(slugs.collect())
}

/// A customer, for admins and servers.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Customer)]
pub(crate) struct CustomerRow {
    id: String,
    external_id: Option<String>,
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    created_at: String,
    updated_at: String,
}

impl From<Customer> for CustomerRow {
    fn from(customer: Customer) -> Self {
        Self {
            id: customer.id.to_string(),
            external_id: customer.external_id,
            name: customer.contact.name,
            email: customer.contact.email,
            phone: customer.contact.phone,
            created_at: customer.created_at.to_string(),
            updated_at: customer.updated_at.to_string(),
        }
    }
}
