//! Chatbots that may ask for a human. Names are written in snake case here.

use axum::{Json as Answer, Router, extract::State, http::StatusCode, middleware::map_response, routing::get};
use serde::{Deserialize, Serialize};
use support_core::{
    desk::{InboxChanges, NewInbox},
    model::{Inbox, InboxId},
};
use utoipa::{OpenApi, ToSchema};

use crate::{
    error::{ApiError, ErrorBody, in_snake_case},
    extract::{Json, Path},
    scope::{AdminScope, anew},
    state::SupportState,
};

/// What is documented of these calls.
#[derive(OpenApi)]
#[openapi(paths(list, create, show, update, remove))]
pub(crate) struct Document;

pub(crate) fn routes() -> Router<SupportState> {
    Router::new()
        .route("/api/chatbots", get(list).post(create))
        .route("/api/chatbots/{id}", get(show).put(update).delete(remove))
        .layer(map_response(in_snake_case))
}

#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct ChatbotInput {
    name: Option<String>,
    /// Who is told of its requests.
    admin_email: Option<String>,
    /// Web origins it may be used from; any of the tenant's own when empty.
    allowed_origins: Option<Vec<String>>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Chatbot {
    id: String,
    name: String,
    admin_email: Option<String>,
    allowed_origins: Vec<String>,
    is_active: bool,
    created_at: String,
    updated_at: String,
}

impl From<Inbox> for Chatbot {
    fn from(inbox: Inbox) -> Self {
        Self {
            id: inbox.id.to_string(),
            name: inbox.name,
            admin_email: inbox.admin_email,
            allowed_origins: inbox.allowed_origins,
            is_active: inbox.is_active,
            created_at: inbox.created_at.to_string(),
            updated_at: inbox.updated_at.to_string(),
        }
    }
}

/// All chatbots.
#[utoipa::path(get, path = "/api/chatbots", tag = "chatbots", security(("bearer" = [])),
    responses((status = 200, body = Vec<Chatbot>), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
async fn list(
    State(state): State<SupportState>,
    AdminScope(scope): AdminScope,
) -> Result<Answer<Vec<Chatbot>>, ApiError> {
    let chatbots = state.desk().chatbots(&scope).await?;
    Ok(Answer(chatbots.into_iter().map(Chatbot::from).collect()))
}

/// Adds a chatbot.
#[utoipa::path(post, path = "/api/chatbots", tag = "chatbots", security(("bearer" = [])), request_body = ChatbotInput,
    responses((status = 201, body = Chatbot), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody)))]
async fn create(
    State(state): State<SupportState>,
    AdminScope(scope): AdminScope,
    Json(body): Json<ChatbotInput>,
) -> Result<(StatusCode, Answer<Chatbot>), ApiError> {
    let new = NewInbox {
        name: body.name.unwrap_or_default(),
        admin_email: body.admin_email.unwrap_or_default(),
        allowed_origins: body.allowed_origins.unwrap_or_default(),
    };
    let chatbot = state.desk().create_chatbot(&anew(&scope), new).await?;
    Ok((StatusCode::CREATED, Answer(chatbot.into())))
}

/// One chatbot.
#[utoipa::path(get, path = "/api/chatbots/{id}", tag = "chatbots", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 200, body = Chatbot), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
async fn show(
    State(state): State<SupportState>,
    AdminScope(scope): AdminScope,
    Path(id): Path<InboxId>,
) -> Result<Answer<Chatbot>, ApiError> {
    Ok(Answer(state.desk().chatbot(&scope, id).await?.into()))
}

/// Changes a chatbot; what is not named stays.
#[utoipa::path(put, path = "/api/chatbots/{id}", tag = "chatbots", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), request_body = ChatbotInput, responses((status = 200, body = Chatbot),
        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody)))]
async fn update(
    State(state): State<SupportState>,
    AdminScope(scope): AdminScope,
    Path(id): Path<InboxId>,
    Json(body): Json<ChatbotInput>,
) -> Result<Answer<Chatbot>, ApiError> {
    let changes = InboxChanges {
        name: body.name,
        admin_email: body.admin_email,
        allowed_origins: body.allowed_origins,
    };
    Ok(Answer(state.desk().update_chatbot(&scope, id, changes).await?.into()))
}

/// Shuts a chatbot's door; its requests stay.
#[utoipa::path(delete, path = "/api/chatbots/{id}", tag = "chatbots", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 204), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
async fn remove(
    State(state): State<SupportState>,
    AdminScope(scope): AdminScope,
    Path(id): Path<InboxId>,
) -> Result<StatusCode, ApiError> {
    state.desk().remove_chatbot(&scope, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
