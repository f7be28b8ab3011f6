//! Servers' credentials.

use axum::{Json as Answer, Router, extract::State, http::StatusCode, routing::get};
use serde::{Deserialize, Serialize};
use support_core::{
    desk::NewApiKey,
    model::{ApiKey, ApiKeyId, ApiScope, Input, LONGEST_NAME},
};
use utoipa::{OpenApi, ToSchema};

use crate::{
    error::{ApiError, ErrorBody, finish, required_name},
    extract::{Json, Query},
    scope::{AdminScope, anew},
    state::SupportState,
    wire::{Envelope, Removed, enveloped},
};

/// What is documented of these calls.
#[derive(OpenApi)]
#[openapi(paths(list, create, revoke))]
pub(crate) struct Document;

pub(crate) fn routes() -> Router<SupportState> {
    Router::new().route("/api/v1/admin/api-keys", get(list).post(create).delete(revoke))
}

#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct ApiKeyInput {
    #[schema(required)]
    name: Option<String>,
    /// `tickets`, `customers`, `administration`.
    #[schema(required)]
    scopes: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
struct Which {
    id: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ApiKey)]
pub(crate) struct ApiKeyRow {
    id: String,
    name: String,
    /// The end of the key, to recognise it by.
    last_characters: String,
    scopes: Vec<&'static str>,
    created_at: String,
    /// The key itself: only in the answer that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
}

impl From<ApiKey> for ApiKeyRow {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id.to_string(),
            name: key.name,
            last_characters: key.last_characters,
            scopes: key.scopes.into_iter().map(ApiScope::as_str).collect(),
            created_at: key.created_at.to_string(),
            key: None,
        }
    }
}

/// All keys in use, newest first.
#[utoipa::path(get, path = "/api/v1/admin/api-keys", tag = "api-keys", security(("bearer" = [])),
    responses((status = 200, body = Envelope<Vec<ApiKeyRow>>), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody)))]
async fn list(
    State(state): State<SupportState>,
    AdminScope(scope): AdminScope,
) -> Result<Answer<Envelope<Vec<ApiKeyRow>>>, ApiError> {
    let keys = state.desk().api_keys(&scope).await?;
    Ok(enveloped(keys.into_iter().map(ApiKeyRow::from).collect()))
}

/// Makes a key, which is shown this once.
#[utoipa::path(post, path = "/api/v1/admin/api-keys", tag = "api-keys", security(("bearer" = [])),
    request_body = ApiKeyInput, responses((status = 201, body = Envelope<ApiKeyRow>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
async fn create(
    State(state): State<SupportState>,
    AdminScope(scope): AdminScope,
    Json(body): Json<ApiKeyInput>,
) -> Result<(StatusCode, Answer<Envelope<ApiKeyRow>>), ApiError> {
    let name = body.name.unwrap_or_default();
    let mut input = Input::new();
    input.line("name", &name, 1..=LONGEST_NAME);
    let named = body.scopes.unwrap_or_default();
    if named.is_empty() {
        input.refuse("scopes", "A key needs at least one scope");
    }
    let mut scopes: Vec<ApiScope> = named.iter().filter_map(|scope| input.one_of("scopes", scope)).collect();
    finish(input)?;
    scopes.sort_unstable();
    scopes.dedup();
    let (key, secret) = state
        .desk()
        .create_api_key(&anew(&scope), NewApiKey { name, scopes })
        .await?;
    let row = ApiKeyRow {
        key: Some(secret.reveal().to_owned()),
        ..ApiKeyRow::from(key)
    };
    Ok((StatusCode::CREATED, enveloped(row)))
}

/// Makes a key void at once.
#[utoipa::path(delete, path = "/api/v1/admin/api-keys", tag = "api-keys", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Query)), responses((status = 200, body = Envelope<Removed>),
        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody)))]
async fn revoke(
    State(state): State<SupportState>,
    AdminScope(scope): AdminScope,
    Query(which): Query<Which>,
) -> Result<Answer<Envelope<Removed>>, ApiError> {
    let id: ApiKeyId = required_name("id", which.id.as_deref())?;
    state.desk().revoke_api_key(&scope, id).await?;
    Ok(enveloped(Removed::new(id)))
}
