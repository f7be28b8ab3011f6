//! Who is there.

use axum::{Json as Answer, Router, extract::State, routing::get};
use serde::{Deserialize, Serialize};
use support_core::desk::AgentPresence;
use utoipa::{OpenApi, ToSchema};

use crate::{
    error::{ApiError, ErrorBody},
    extract::Json,
    scope::{AgentScope, ColleagueScope},
    state::SupportState,
    wire::{Envelope, enveloped, people::slugs},
};

/// What is documented of these calls.
#[derive(OpenApi)]
#[openapi(paths(list, tell))]
pub(crate) struct Document;

pub(crate) fn routes() -> Router<SupportState> {
    Router::new().route("/api/v1/admin/presence", get(list).post(tell))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PresenceInput {
    #[schema(required)]
    is_online: Option<bool>,
    /// The slug of the team they work for now.
    department: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PresentUser {
    name: String,
    email: String,
    role: &'static str,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Presence)]
pub(crate) struct PresenceRow {
    user_id: String,
    is_online: bool,
    last_seen_at: String,
    /// The slug of the team they work for now.
    department: Option<String>,
    user: PresentUser,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OnePresence {
    presence: PresenceRow,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OnlineAdmins {
    online_admins: Vec<PresenceRow>,
    count: usize,
}

impl PresenceRow {
    fn new(AgentPresence { agent, presence }: AgentPresence, department: Option<String>) -> Self {
        Self {
            user_id: agent.id.to_string(),
            is_online: presence.is_online,
            last_seen_at: presence.last_seen_at.to_string(),
            department,
            user: PresentUser {
                name: agent.name,
                email: agent.email,
                role: agent.role.as_str(),
            },
        }
    }
}

/// Everybody who is online, by name.
#[utoipa::path(get, path = "/api/v1/admin/presence", tag = "presence", security(("bearer" = [])),
    responses((status = 200, body = Envelope<OnlineAdmins>), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody)))]
async fn list(
    State(state): State<SupportState>,
    AgentScope(scope): AgentScope,
) -> Result<Answer<Envelope<OnlineAdmins>>, ApiError> {
    let online = state.desk().online_agents(&scope).await?;
    let slugs = slugs(state.desk(), scope.tenant()).await?;
    let rows: Vec<PresenceRow> = online
        .into_iter()
        .map(|found| {
            let department = found.presence.department.and_then(|id| slugs.get(&id).cloned());
            PresenceRow::new(found, department)
        })
        .collect();
    Ok(enveloped(OnlineAdmins {
        count: rows.len(),
        online_admins: rows,
    }))
}

/// The agent's sign of life, every 30 seconds, or their leave.
#[utoipa::path(post, path = "/api/v1/admin/presence", tag = "presence", security(("bearer" = [])),
    request_body = PresenceInput, responses((status = 200, body = Envelope<OnePresence>),
        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
async fn tell(
    State(state): State<SupportState>,
    ColleagueScope(scope): ColleagueScope,
    Json(body): Json<PresenceInput>,
) -> Result<Answer<Envelope<OnePresence>>, ApiError> {
    let is_online = body
        .is_online
        .ok_or_else(|| ApiError::field("is_online", "This field is required"))?;
    let found = if is_online {
        state.desk().heartbeat(&scope, body.department.as_deref()).await?
    } else {
        state.desk().leave(&scope).await?
    };
    let department = match found.presence.department {
        Some(id) => slugs(state.desk(), scope.tenant()).await?.remove(&id),
        None => None,
    };
    Ok(enveloped(OnePresence {
        presence: PresenceRow::new(found, department),
    }))
}
