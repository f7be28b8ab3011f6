//! Answers that agents have at hand.

use axum::{Json as Answer, Router, extract::State, http::StatusCode, routing::get};
use serde::{Deserialize, Serialize};
use support_core::{
    desk::{CannedResponseChanges, NewCannedResponse, TicketRef},
    model::{CannedResponse, CannedResponseId},
};
use utoipa::{OpenApi, ToSchema};

use crate::{
    error::{ApiError, ErrorBody, finish, required_name},
    extract::{Fields, Query},
    scope::{AgentScope, SupervisorScope},
    state::SupportState,
    wire::{Envelope, Removed, enveloped},
};

/// What is documented of these calls.
#[derive(OpenApi)]
#[openapi(paths(list, create, update, remove))]
pub(crate) struct Document;

pub(crate) fn routes() -> Router<SupportState> {
    Router::new().route(
        "/api/v1/admin/canned-responses",
        get(list).post(create).put(update).delete(remove),
    )
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CannedResponse)]
pub(crate) struct CannedResponseRow {
    id: String,
    shortcut: String,
    title: String,
    /// With `{{customer.name}}`, `{{agent.name}}` and `{{ticket.number}}` as typed.
    content: String,
    /// The same filled in, when a ticket was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    rendered: Option<String>,
    created_at: String,
    updated_at: String,
}

#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct CannedResponseInput {
    /// For changes: which.
    id: Option<String>,
    /// Lower-case letters, digits, `_` and `-`, at most 50.
    shortcut: Option<String>,
    title: Option<String>,
    content: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Search {
    ticket_id: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Removal {
    id: Option<String>,
}

type Enveloped<T> = Result<Answer<Envelope<T>>, ApiError>;

impl From<CannedResponse> for CannedResponseRow {
    fn from(response: CannedResponse) -> Self {
        Self {
            id: response.id.to_string(),
            shortcut: response.shortcut,
            title: response.title,
            content: response.content,
            rendered: None,
            created_at: response.created_at.to_string(),
            updated_at: response.updated_at.to_string(),
        }
    }
}

/// All canned responses by shortcut, filled in for a ticket if one is named.
#[utoipa::path(get, path = "/api/v1/admin/canned-responses", tag = "canned responses", security(("bearer" = [])),
    params(("ticketId" = Option<String>, Query)),
    responses((status = 200, body = Envelope<Vec<CannedResponseRow>>), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
async fn list(
    State(state): State<SupportState>,
    AgentScope(scope): AgentScope,
    Query(search): Query<Search>,
) -> Enveloped<Vec<CannedResponseRow>> {
    let named = search.ticket_id.filter(|ticket| !ticket.trim().is_empty());
    let Some(ticket) = named else {
        let responses = state.desk().canned_responses(&scope).await?;
        return Ok(enveloped(responses.into_iter().map(CannedResponseRow::from).collect()));
    };
    let ticket: TicketRef = ticket.trim().parse()?;
    let responses = state.desk().canned_responses_for(&scope, ticket).await?;
    let rows = responses.into_iter().map(|(response, rendered)| CannedResponseRow {
        rendered: Some(rendered),
        ..response.into()
    });
    Ok(enveloped(rows.collect()))
}

/// Adds a canned response.
#[utoipa::path(post, path = "/api/v1/admin/canned-responses", tag = "canned responses", security(("bearer" = [])),
    request_body = CannedResponseInput, responses((status = 201, body = Envelope<CannedResponseRow>),
        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 409, body = ErrorBody)))]
async fn create(
    State(state): State<SupportState>,
    SupervisorScope(scope): SupervisorScope,
    Fields { body, found }: Fields<CannedResponseInput>,
) -> Result<(StatusCode, Answer<Envelope<CannedResponseRow>>), ApiError> {
    let new = NewCannedResponse {
        shortcut: body.shortcut.unwrap_or_default(),
        title: body.title.unwrap_or_default(),
        content: body.content.unwrap_or_default(),
    };
    let response = state.desk().create_canned_response_with(&scope, new, found).await?;
    Ok((StatusCode::CREATED, enveloped(response.into())))
}

/// Changes a canned response; what is not named stays.
#[utoipa::path(put, path = "/api/v1/admin/canned-responses", tag = "canned responses", security(("bearer" = [])),
    request_body = CannedResponseInput, responses((status = 200, body = Envelope<CannedResponseRow>),
        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
async fn update(
    State(state): State<SupportState>,
    SupervisorScope(scope): SupervisorScope,
    Fields { body, found }: Fields<CannedResponseInput>,
) -> Enveloped<CannedResponseRow> {
    finish(found)?;
    let id: CannedResponseId = required_name("id", body.id.as_deref())?;
    let changes = CannedResponseChanges {
        shortcut: body.shortcut,
        title: body.title,
        content: body.content,
    };
    let response = state.desk().update_canned_response(&scope, id, changes).await?;
    Ok(enveloped(response.into()))
}

/// Removes a canned response.
#[utoipa::path(delete, path = "/api/v1/admin/canned-responses", tag = "canned responses", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Query)), responses((status = 200, body = Envelope<Removed>),
        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody)))]
async fn remove(
    State(state): State<SupportState>,
    SupervisorScope(scope): SupervisorScope,
    Query(removal): Query<Removal>,
) -> Enveloped<Removed> {
    let id: CannedResponseId = required_name("id", removal.id.as_deref())?;
    state.desk().remove_canned_response(&scope, id).await?;
    Ok(enveloped(Removed::new(id)))
}
