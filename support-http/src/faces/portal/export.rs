//! All that is kept of a customer, for themselves.

use axum::{extract::State, response::Response};

use crate::{
    error::{ApiError, ErrorBody},
    scope::CustomerScope,
    state::SupportState,
};

/// All that is kept of the customer: who they are, their tickets with everything said in them and
/// how they rated them, their files, their calls, and what they were told.
#[utoipa::path(get, path = "/api/customers/me/export", tag = "portal", security(("bearer" = [])),
    responses((status = 200, description = "All of it, in one document", content_type = "application/json"),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
pub(super) async fn export(
    State(state): State<SupportState>,
    CustomerScope { scope, .. }: CustomerScope,
) -> Result<Response, ApiError> {
    crate::export::answer(state.desk(), scope).await
}
