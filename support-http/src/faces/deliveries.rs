//! What was sent, what could not be, and trying it again.

use axum::{
    Json as Answer, Router,
    extract::State,
    routing::{get, post},
};
use serde::Deserialize;
use support_core::{
    model::{DeliveryId, Input},
    ports::DeliveryFilter,
};
use utoipa::OpenApi;

use crate::{
    error::{ApiError, ErrorBody, finish},
    extract::{Path, Query},
    scope::{AdminScope, anew},
    state::SupportState,
    wire::{
        Envelope,
        deliveries::{Deliveries, DeliveryRow},
        enveloped,
        named::given,
        pagination::{PageQuery, Pagination},
    },
};

/// What is documented of these calls.
#[derive(OpenApi)]
#[openapi(paths(list, retry))]
pub(crate) struct Document;

pub(crate) fn routes() -> Router<SupportState> {
    Router::new()
        .route("/api/v1/admin/deliveries", get(list))
        .route("/api/v1/admin/deliveries/{id}/retry", post(retry))
}

#[derive(Debug, Deserialize)]
struct Search {
    status: Option<String>,
    channel: Option<String>,
    #[serde(flatten)]
    page: PageQuery,
}

/// Deliveries, newest first.
#[utoipa::path(get, path = "/api/v1/admin/deliveries", tag = "deliveries", security(("bearer" = [])),
    params(("status" = Option<String>, Query, description = "`queued`, `sending`, `sent`, `failed`, `dead`"),
        ("channel" = Option<String>, Query, description = "`email`, `telegram`, `messenger`, `webhook`, `sms`, `bot`"),
        ("page" = Option<u32>, Query), ("limit" = Option<u32>, Query)),
    responses((status = 200, body = Envelope<Deliveries>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
async fn list(
    State(state): State<SupportState>,
    AdminScope(scope): AdminScope,
    Query(search): Query<Search>,
) -> Result<Answer<Envelope<Deliveries>>, ApiError> {
    let mut input = Input::new();
    let request = search.page.read(&mut input);
    let filter = DeliveryFilter {
        status: given(search.status.as_deref()).and_then(|status| input.one_of("status", status)),
        channel: given(search.channel.as_deref()).and_then(|channel| input.one_of("channel", channel)),
        recipient: None,
    };
    finish(input)?;
    let page = state.desk().deliveries(&scope, &filter, request).await?;
    let pagination = Pagination::new(request, page.total);
    Ok(enveloped(Deliveries::new(page.items, pagination)))
}

/// Sends again what was given up, or sooner what failed.
#[utoipa::path(post, path = "/api/v1/admin/deliveries/{id}/retry", tag = "deliveries", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 200, body = Envelope<DeliveryRow>),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody)))]
async fn retry(
    State(state): State<SupportState>,
    AdminScope(scope): AdminScope,
    Path(id): Path<DeliveryId>,
) -> Result<Answer<Envelope<DeliveryRow>>, ApiError> {
    let delivery = state.desk().retry_delivery(&anew(&scope), id).await?;
    Ok(enveloped(delivery.into()))
}
