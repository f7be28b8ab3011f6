//! Who could be given a ticket right now.

use axum::{
    Json as Answer, Router,
    extract::{RawQuery, State},
    routing::get,
};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use crate::{
    error::{ApiError, ErrorBody},
    scope::AgentScope,
    state::SupportState,
    wire::{
        Envelope, enveloped,
        people::{AgentRow, Colleagues},
    },
};

/// What is documented of this call.
#[derive(OpenApi)]
#[openapi(paths(list))]
pub(crate) struct Document;

pub(crate) fn routes() -> Router<SupportState> {
    Router::new().route("/api/agents/available/for-assignment", get(list))
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AvailableAgents {
    available_agents: Vec<AgentRow>,
    total_available: usize,
}

/// What a ticket would ask for. Lists are named again and again, or hold commas.
#[derive(Debug, Default)]
struct Search {
    department: Option<String>,
    skills: Vec<String>,
    languages: Vec<String>,
}

impl Search {
    fn read(query: &str) -> Self {
        let mut search = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let values = value.split(',').map(str::trim).filter(|value| !value.is_empty());
            match name.as_ref() {
                "department" => search.department = values.map(str::to_owned).next(),
                "skills" | "skills[]" => search.skills.extend(values.map(str::to_owned)),
                "languages" | "languages[]" => search.languages.extend(values.map(str::to_owned)),
                _ => {}
            }
        }
        search
    }
}

/// Who could be given a ticket of a team that asks for these skills and languages right now, first
/// whoever would be: online, available, below their capacity, with all the skills.
#[utoipa::path(get, path = "/api/agents/available/for-assignment", tag = "agents", security(("bearer" = [])),
    params(("department" = Option<String>, Query), ("skills" = Option<Vec<String>>, Query),
        ("languages" = Option<Vec<String>>, Query)),
    responses((status = 200, body = Envelope<AvailableAgents>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
async fn list(
    State(state): State<SupportState>,
    AgentScope(scope): AgentScope,
    RawQuery(query): RawQuery,
) -> Result<Answer<Envelope<AvailableAgents>>, ApiError> {
    let Search {
        department,
        skills,
        languages,
    } = Search::read(query.as_deref().unwrap_or_default());
    let found = state
        .desk()
        .available_agents(&scope, department.as_deref(), &skills, &languages)
        .await?;
    let colleagues = Colleagues::of(state.desk(), &scope).await?;
    let available_agents: Vec<AgentRow> = found
        .into_iter()
        .map(|candidate| colleagues.row(candidate.agent))
        .collect();
    Ok(enveloped(AvailableAgents {
        total_available: available_agents.len(),
        available_agents,
    }))
}
