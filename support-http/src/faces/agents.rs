//! The people who answer.

use axum::{
    Json as Answer, Router,
    extract::State,
    http::StatusCode,
    routing::{get, patch},
};
use serde::{Deserialize, Serialize};
use support_core::{
    desk::{AgentChanges, NewAgent, Scope},
    model::{Agent, AgentId, Availability, Input, LONGEST_NAME, Role, Status},
    ports::{AgentFilter, AssigneeFilter, TicketFilter, TicketPosition, TicketSort},
};
use utoipa::{OpenApi, ToSchema};

use super::tickets::rows;
use crate::{
    error::{ApiError, ErrorBody, finish, required_name},
    extract::{Fields, Json, Path, Query},
    scope::{AdminScope, AgentScope},
    state::SupportState,
    wire::{
        Envelope, enveloped,
        named::{department_named, given},
        pagination::{PageQuery, Pagination},
        people::{AgentRow, Colleagues},
        sorting::SortQuery,
        tickets::TicketRow,
    },
};

/// As many of an agent's tickets come with them.
const ACTIVE_AT_ONCE: u32 = 50;
const RECENT: u32 = 10;

/// What is documented of these calls.
#[derive(OpenApi)]
#[openapi(paths(list, create, show, update, deactivate, set_status))]
pub(crate) struct Document;

pub(crate) fn routes() -> Router<SupportState> {
    Router::new()
        .route("/api/agents", get(list).post(create))
        .route("/api/agents/{agentId}", get(show).patch(update).delete(deactivate))
        .route("/api/agents/{agentId}/status", patch(set_status))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AgentInput {
    name: Option<String>,
    email: Option<String>,
    password: Option<String>,
    /// `agent`, `supervisor` or `admin`.
    role: Option<String>,
    /// The slug of the only or main team.
    department: Option<String>,
    departments: Option<Vec<String>>,
    skills: Option<Vec<String>>,
    languages: Option<Vec<String>>,
    max_concurrent_tickets: Option<u32>,
    /// For changes only.
    is_active: Option<bool>,
}

#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct StatusInput {
    /// `available`, `busy`, `away` or `offline`.
    #[schema(required)]
    status: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Search {
    department: Option<String>,
    status: Option<String>,
    is_active: Option<String>,
    #[serde(flatten)]
    sort: SortQuery,
    #[serde(flatten)]
    page: PageQuery,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Agents {
    agents: Vec<AgentRow>,
    pagination: Pagination,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OneAgent {
    agent: AgentRow,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AgentDetails {
    agent: AgentRow,
    /// Those they have assigned or pending, as far as the caller may see them.
    active_tickets: Vec<TicketRow>,
    /// Those of theirs that were touched last.
    recent_tickets: Vec<TicketRow>,
    active_tickets_count: u32,
}

type Enveloped<T> = Result<Answer<Envelope<T>>, ApiError>;

impl AgentInput {
    /// All teams, the main one first.
    fn teams(&self) -> Option<Vec<String>> {
        let main = self.department.iter().filter(|slug| !slug.trim().is_empty());
        let others = self.departments.iter().flatten();
        let is_named = self.department.is_some() || self.departments.is_some();
        is_named.then(|| main.chain(others).cloned().collect())
    }
}

/// The tenant's agents, by name unless asked otherwise.
#[utoipa::path(get, path = "/api/agents", tag = "agents", security(("bearer" = [])),
    params(("department" = Option<String>, Query), ("status" = Option<String>, Query),
        ("isActive" = Option<bool>, Query),
        ("sortBy" = Option<String>, Query, description = "`name`, `createdAt` or `updatedAt`"),
        ("sortOrder" = Option<String>, Query, description = "`asc` or `desc`"), ("page" = Option<u32>, Query), ("limit" = Option<u32>, Query)),
    responses((status = 200, body = Envelope<Agents>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
async fn list(
    State(state): State<SupportState>,
    AgentScope(scope): AgentScope,
    Query(search): Query<Search>,
) -> Enveloped<Agents> {
    let mut input = Input::new();
    let request = search.page.read(&mut input);
    let filter = filter(&state, &scope, &search, &mut input).await?;
    finish(input)?;
    let page = state.desk().agents(&scope, &filter, request).await?;
    let colleagues = Colleagues::of(state.desk(), &scope).await?;
    Ok(enveloped(Agents {
        agents: page.items.into_iter().map(|agent| colleagues.row(agent)).collect(),
        pagination: Pagination::new(request, page.total),
    }))
}

async fn filter(
    state: &SupportState,
    scope: &Scope,
    search: &Search,
    input: &mut Input,
) -> Result<AgentFilter, ApiError> {
    let availability = given(search.status.as_deref()).and_then(|status| input.one_of("status", status));
    let is_active = match given(search.is_active.as_deref()) {
        None => None,
        Some("true") => Some(true),
        Some("false") => Some(false),
        Some(_) => {
            input.refuse("is_active", "Must be true or false");
            None
        }
    };
    let department = department_named(state.desk(), scope.tenant(), search.department.as_deref(), input);
    Ok(AgentFilter {
        department: department.await?,
        availability,
        is_active,
        order: search.sort.records(AgentFilter::default().order, input),
    })
}

/// Adds an agent, who starts offline.
#[utoipa::path(post, path = "/api/agents", tag = "agents", security(("bearer" = [])), request_body = AgentInput,
    responses((status = 201, body = Envelope<OneAgent>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 409, body = ErrorBody)))]
async fn create(
    State(state): State<SupportState>,
    AdminScope(scope): AdminScope,
    Fields { body, found }: Fields<AgentInput>,
) -> Result<(StatusCode, Answer<Envelope<OneAgent>>), ApiError> {
    let role = check_new(&body, found)?;
    let new = NewAgent {
        departments: body.teams().unwrap_or_default(),
        name: body.name.unwrap_or_default(),
        email: body.email.unwrap_or_default(),
        password: body.password.unwrap_or_default(),
        role,
        skills: body.skills.unwrap_or_default(),
        languages: body.languages.unwrap_or_default(),
        max_concurrent_tickets: body.max_concurrent_tickets,
    };
    let agent = state.desk().create_agent(&scope, new).await?;
    Ok((StatusCode::CREATED, one(&state, &scope, agent).await?))
}

/// A role that is none, or a field of a wrong type, stands in the way of asking the desk, so the
/// rest is checked beside it.
fn check_new(body: &AgentInput, mut input: Input) -> Result<Role, ApiError> {
    let role = match body.role.as_deref() {
        Some(role) => input.one_of("role", role),
        None => {
            input.refuse("role", "This field is required");
            None
        }
    };
    if let (Some(role), true) = (role, input.is_fine()) {
        return Ok(role);
    }
    input.line("name", body.name.as_deref().unwrap_or_default(), 1..=LONGEST_NAME);
    input.email("email", body.email.as_deref().unwrap_or_default());
    input.password("password", body.password.as_deref().unwrap_or_default());
    finish(input)?;
    role.ok_or_else(|| ApiError::field("role", "This field is required"))
}

async fn one(state: &SupportState, scope: &Scope, agent: Agent) -> Enveloped<OneAgent> {
    let colleagues = Colleagues::of(state.desk(), scope).await?;
    Ok(enveloped(OneAgent {
        agent: colleagues.row(agent),
    }))
}

/// One agent.
#[utoipa::path(get, path = "/api/agents/{agentId}", tag = "agents", security(("bearer" = [])),
    params(("agentId" = uuid::Uuid, Path)), responses((status = 200, body = Envelope<AgentDetails>),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
async fn show(
    State(state): State<SupportState>,
    AgentScope(scope): AgentScope,
    Path(id): Path<AgentId>,
) -> Enveloped<AgentDetails> {
    let agent = state.desk().agent(&scope, id).await?;
    let agent = Colleagues::of(state.desk(), &scope).await?.row(agent);
    let active = vec![Status::Assigned, Status::Pending];
    Ok(enveloped(AgentDetails {
        active_tickets_count: agent.active_tickets(),
        active_tickets: tickets_of(&state, &scope, id, active, ACTIVE_AT_ONCE).await?,
        recent_tickets: tickets_of(&state, &scope, id, Vec::new(), RECENT).await?,
        agent,
    }))
}

async fn tickets_of(
    state: &SupportState,
    scope: &Scope,
    agent: AgentId,
    statuses: Vec<Status>,
    limit: u32,
) -> Result<Vec<TicketRow>, ApiError> {
    let filter = TicketFilter {
        statuses,
        assignee: Some(AssigneeFilter::Is(agent)),
        sort: TicketSort::UpdatedAt,
        ..TicketFilter::default()
    };
    let found = state
        .desk()
        .tickets(scope, filter, TicketPosition::Page(1), limit)
        .await?;
    rows(state, scope, &found.items).await
}

/// Changes an agent; what is not named stays.
#[utoipa::path(patch, path = "/api/agents/{agentId}", tag = "agents", security(("bearer" = [])),
    params(("agentId" = uuid::Uuid, Path)), request_body = AgentInput,
    responses((status = 200, body = Envelope<OneAgent>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody)))]
async fn update(
    State(state): State<SupportState>,
    AdminScope(scope): AdminScope,
    Path(id): Path<AgentId>,
    Json(body): Json<AgentInput>,
) -> Enveloped<OneAgent> {
    let role = match &body.role {
        Some(role) => Some(required_name("role", Some(role))?),
        None => None,
    };
    let changes = AgentChanges {
        departments: body.teams(),
        name: body.name,
        email: body.email,
        password: body.password,
        role,
        skills: body.skills,
        languages: body.languages,
        max_concurrent_tickets: body.max_concurrent_tickets,
        is_active: body.is_active,
    };
    let agent = state.desk().update_agent(&scope, id, changes).await?;
    one(&state, &scope, agent).await
}

/// Ends an agent's work here. Their tickets go to others; their past stays.
#[utoipa::path(delete, path = "/api/agents/{agentId}", tag = "agents", security(("bearer" = [])),
    params(("agentId" = uuid::Uuid, Path)), responses((status = 200, body = Envelope<OneAgent>),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "The last admin has to stay")))]
async fn deactivate(
    State(state): State<SupportState>,
    AdminScope(scope): AdminScope,
    Path(id): Path<AgentId>,
) -> Enveloped<OneAgent> {
    let agent = state.desk().deactivate_agent(&scope, id).await?;
    one(&state, &scope, agent).await
}

/// An agent chooses to be available or not: for themselves, or a supervisor for others.
#[utoipa::path(patch, path = "/api/agents/{agentId}/status", tag = "agents", security(("bearer" = [])),
    params(("agentId" = uuid::Uuid, Path)), request_body = StatusInput,
    responses((status = 200, body = Envelope<OneAgent>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
async fn set_status(
    State(state): State<SupportState>,
    AgentScope(scope): AgentScope,
    Path(id): Path<AgentId>,
    Json(body): Json<StatusInput>,
) -> Enveloped<OneAgent> {
    let status: Availability = required_name("status", body.status.as_deref())?;
    let agent = state.desk().set_availability(&scope, id, status).await?;
    one(&state, &scope, agent).await
}
