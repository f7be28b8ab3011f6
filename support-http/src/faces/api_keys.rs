//! Under construction.

use axum::Router;
use utoipa::OpenApi;

use crate::state::SupportState;

/// What is documented of these calls.
#[derive(OpenApi)]
#[openapi(paths())]
pub(crate) struct Document;

pub(crate) fn routes() -> Router<SupportState> {
    Router::new()
}
