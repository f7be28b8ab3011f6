//! What widgets tell of visits while a chat goes on.

use axum::{Router, extract::State, http::StatusCode, response::Response, routing::post};
use serde::Deserialize;
use serde_json::json;
use utoipa::{OpenApi, ToSchema};

use super::chat::{answer, visitors_chat};
use crate::{
    error::{ApiError, ErrorBody, both},
    extract::{Fields, Object},
    scope::PublicTenant,
    state::SupportState,
    wire::visits::PageIn,
};

/// What is documented of these calls.
#[derive(OpenApi)]
#[openapi(paths(move_on))]
pub(crate) struct Document;

pub(crate) fn routes() -> Router<SupportState> {
    Router::new().route("/api/v1/chat/context", post(move_on))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Step {
    #[schema(required)]
    session_id: Option<String>,
    /// The page that the visitor has come to.
    #[schema(required, value_type = PageIn)]
    page: Option<Object<PageIn>>,
}

/// The visitor has come to another page.
#[utoipa::path(
    post, path = "/api/v1/chat/context", tag = "chat", request_body = Step,
    responses((status = 200), (status = 400, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 429, body = ErrorBody)),
)]
async fn move_on(
    State(state): State<SupportState>,
    PublicTenant(tenant): PublicTenant,
    Fields { body, mut found }: Fields<Step>,
) -> Result<Response, ApiError> {
    let page = body.page.map(|Object(page)| page.told("page", &mut found));
    let (session, page) = both(found, ("session_id", body.session_id), ("page", page))?;
    let (scope, ticket, _) = visitors_chat(&state, tenant.id, Some(session)).await?;
    state.limits().step(ticket.id)?;
    state.desk().move_visitor(&scope, ticket.id, page).await?;
    Ok(answer(StatusCode::OK, &json!({})))
}
