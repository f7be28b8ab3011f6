//! URLs that a tenant subscribes to what happens.

use axum::{
    Json as Answer, Router,
    extract::State,
    http::StatusCode,
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use support_core::{
    desk::{NewWebhook, WebhookChanges},
    model::{Secret, Webhook, WebhookId},
};
use utoipa::{OpenApi, ToSchema};

use crate::{
    error::{ApiError, ErrorBody, required_name},
    extract::{Json, Path, Query},
    scope::{AdminScope, anew},
    state::SupportState,
    wire::{
        Envelope, Removed,
        deliveries::{ChannelTested, Deliveries},
        enveloped,
        pagination::{PageQuery, Pagination},
    },
};

/// What is documented of these calls.
#[derive(OpenApi)]
#[openapi(paths(list, create, update, remove, deliveries, test))]
pub(crate) struct Document;

pub(crate) fn routes() -> Router<SupportState> {
    Router::new()
        .route(
            "/api/v1/admin/webhooks",
            get(list).post(create).put(update).delete(remove),
        )
        .route("/api/v1/admin/webhooks/{id}/deliveries", get(deliveries))
        .route("/api/v1/admin/webhooks/{id}/test", post(test))
}

type Enveloped<T> = Result<Answer<Envelope<T>>, ApiError>;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WebhookInput {
    #[schema(required)]
    url: Option<String>,
    /// Kinds of events; all when none is named.
    events: Option<Vec<String>>,
    /// Whether it is called at once; it is when not given.
    is_active: Option<bool>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WebhookChangesInput {
    #[schema(required)]
    id: Option<String>,
    url: Option<String>,
    events: Option<Vec<String>>,
    is_active: Option<bool>,
    /// Whether to make a new secret; the former one signs too for a day.
    rotate_secret: Option<bool>,
}

#[derive(Debug, Deserialize)]
struct Which {
    id: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Webhook)]
pub(crate) struct WebhookRow {
    id: String,
    url: String,
    events: Vec<String>,
    is_active: bool,
    /// Since when no call has succeeded.
    failing_since: Option<String>,
    /// Why it was switched off, where nobody has switched it off.
    disabled_reason: Option<String>,
    created_at: String,
    updated_at: String,
    /// What calls are signed with: only in the answer that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

impl WebhookRow {
    fn new(webhook: Webhook, secret: Option<&Secret>) -> Self {
        Self {
            id: webhook.id.to_string(),
            url: webhook.url,
            events: webhook.events,
            is_active: webhook.is_active,
            failing_since: webhook.failing_since.map(|since| since.to_string()),
            disabled_reason: webhook.disabled_reason,
            created_at: webhook.created_at.to_string(),
            updated_at: webhook.updated_at.to_string(),
            secret: secret.map(|secret| secret.reveal().to_owned()),
        }
    }
}

/// All subscriptions, oldest first.
#[utoipa::path(get, path = "/api/v1/admin/webhooks", tag = "webhooks", security(("bearer" = [])),
    responses((status = 200, body = Envelope<Vec<WebhookRow>>), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody)))]
async fn list(State(state): State<SupportState>, AdminScope(scope): AdminScope) -> Enveloped<Vec<WebhookRow>> {
    let webhooks = state.desk().webhooks(&scope).await?;
    let rows = webhooks.into_iter().map(|webhook| WebhookRow::new(webhook, None));
    Ok(enveloped(rows.collect()))
}

/// Subscribes a URL. The secret is shown this once.
#[utoipa::path(post, path = "/api/v1/admin/webhooks", tag = "webhooks", security(("bearer" = [])),
    request_body = WebhookInput, responses((status = 201, body = Envelope<WebhookRow>),
        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
async fn create(
    State(state): State<SupportState>,
    AdminScope(scope): AdminScope,
    Json(body): Json<WebhookInput>,
) -> Result<(StatusCode, Answer<Envelope<WebhookRow>>), ApiError> {
    let new = NewWebhook {
        url: body.url.unwrap_or_default(),
        events: body.events.unwrap_or_default(),
        is_active: body.is_active.unwrap_or(true),
    };
    let (webhook, secret) = state.desk().create_webhook(&anew(&scope), new).await?;
    let row = WebhookRow::new(webhook, Some(&secret));
    Ok((StatusCode::CREATED, enveloped(row)))
}

/// Changes a subscription; what is not named stays.
#[utoipa::path(put, path = "/api/v1/admin/webhooks", tag = "webhooks", security(("bearer" = [])),
    request_body = WebhookChangesInput, responses((status = 200, body = Envelope<WebhookRow>),
        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody)))]
async fn update(
    State(state): State<SupportState>,
    AdminScope(scope): AdminScope,
    Json(body): Json<WebhookChangesInput>,
) -> Enveloped<WebhookRow> {
    let id: WebhookId = required_name("id", body.id.as_deref())?;
    let changes = WebhookChanges {
        url: body.url,
        events: body.events,
        is_active: body.is_active,
        rotates_secret: body.rotate_secret.unwrap_or(false),
    };
    let (webhook, secret) = state.desk().update_webhook(&scope, id, changes).await?;
    Ok(enveloped(WebhookRow::new(webhook, secret.as_ref())))
}

/// Ends a subscription.
#[utoipa::path(delete, path = "/api/v1/admin/webhooks", tag = "webhooks", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Query)), responses((status = 200, body = Envelope<Removed>),
        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody)))]
async fn remove(
    State(state): State<SupportState>,
    AdminScope(scope): AdminScope,
    Query(which): Query<Which>,
) -> Enveloped<Removed> {
    let id: WebhookId = required_name("id", which.id.as_deref())?;
    state.desk().remove_webhook(&scope, id).await?;
    Ok(enveloped(Removed::new(id)))
}

/// What one subscriber was told, or is owed, newest first.
#[utoipa::path(get, path = "/api/v1/admin/webhooks/{id}/deliveries", tag = "webhooks", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path), ("page" = Option<u32>, Query), ("limit" = Option<u32>, Query)),
    responses((status = 200, body = Envelope<Deliveries>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
async fn deliveries(
    State(state): State<SupportState>,
    AdminScope(scope): AdminScope,
    Path(id): Path<WebhookId>,
    Query(page): Query<PageQuery>,
) -> Enveloped<Deliveries> {
    let request = page.request()?;
    let page = state.desk().deliveries_of_webhook(&scope, id, request).await?;
    let pagination = Pagination::new(request, page.total);
    Ok(enveloped(Deliveries::new(page.items, pagination)))
}

/// Calls a subscriber right now with an event of kind `test`, signed as all others are.
#[utoipa::path(post, path = "/api/v1/admin/webhooks/{id}/test", tag = "webhooks", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 200, body = Envelope<ChannelTested>),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
async fn test(
    State(state): State<SupportState>,
    AdminScope(scope): AdminScope,
    Path(id): Path<WebhookId>,
) -> Enveloped<ChannelTested> {
    Ok(enveloped(state.desk().test_webhook(&scope, id).await?.into()))
}
