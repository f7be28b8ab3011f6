//! Who the customer is.

use axum::{Json as Answer, extract::State};
use serde::Deserialize;
use support_core::desk::OwnContact;
use utoipa::ToSchema;

use crate::{
    error::{ApiError, ErrorBody},
    extract::Fields,
    scope::CustomerScope,
    state::SupportState,
    wire::portal::Profile,
};

/// What is not named stays.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct ProfileInput {
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
}

/// Who the customer is, and how many tickets they have.
#[utoipa::path(get, path = "/api/customers/me", tag = "portal", security(("bearer" = [])),
    responses((status = 200, body = Profile), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
pub(super) async fn show(
    State(state): State<SupportState>,
    CustomerScope { scope, .. }: CustomerScope,
) -> Result<Answer<Profile>, ApiError> {
    let customer = state.desk().own_profile(&scope).await?;
    let tickets = state.desk().own_ticket_counts(&scope).await?;
    Ok(Answer(Profile::new(customer, tickets)))
}

/// Changes how the customer is called and reached. Whoever logs in does so with the new address.
#[utoipa::path(patch, path = "/api/customers/me", tag = "portal", security(("bearer" = [])),
    request_body = ProfileInput,
    responses((status = 200, body = Profile), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub(super) async fn update(
    State(state): State<SupportState>,
    CustomerScope { scope, .. }: CustomerScope,
    Fields { body, found }: Fields<ProfileInput>,
) -> Result<Answer<Profile>, ApiError> {
    let ProfileInput { name, email, phone } = body;
    let contact = OwnContact { name, email, phone };
    let customer = state.desk().update_own_profile(&scope, contact, found).await?;
    let tickets = state.desk().own_ticket_counts(&scope).await?;
    Ok(Answer(Profile::new(customer, tickets)))
}
