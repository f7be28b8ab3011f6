//! What the customer is told.

use axum::{Json as Answer, extract::State};
use serde::{Deserialize, Serialize};
use support_core::model::{Input, NotificationId};
use utoipa::ToSchema;

use crate::{
    error::{ApiError, ErrorBody, finish},
    extract::{Path, Query},
    faces::agent_desk::unread_only,
    scope::CustomerScope,
    state::SupportState,
    wire::{pagination::number, portal::PortalNotification},
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Search {
    unread_only: Option<String>,
    limit: Option<String>,
}

/// How many were marked.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MarkedRead {
    marked_count: usize,
}

/// What the customer was told, newest first.
#[utoipa::path(get, path = "/api/customers/me/notifications", tag = "portal", security(("bearer" = [])),
    params(("unreadOnly" = Option<bool>, Query), ("limit" = Option<u32>, Query)),
    responses((status = 200, body = Vec<PortalNotification>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
pub(super) async fn list(
    State(state): State<SupportState>,
    CustomerScope { scope, .. }: CustomerScope,
    Query(search): Query<Search>,
) -> Result<Answer<Vec<PortalNotification>>, ApiError> {
    let mut input = Input::new();
    let limit = number("limit", search.limit.as_deref(), 20, 1..=100, &mut input);
    let unread_only = unread_only(search.unread_only.as_deref(), &mut input);
    finish(input)?;
    let told = state.desk().notifications(&scope, unread_only, limit).await?;
    Ok(Answer(told.into_iter().map(PortalNotification::from).collect()))
}

/// The customer has read something they were told.
#[utoipa::path(patch, path = "/api/customers/me/notifications/{notificationId}/read", tag = "portal",
    security(("bearer" = [])), params(("notificationId" = uuid::Uuid, Path)),
    responses((status = 200, body = PortalNotification), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(super) async fn mark_read(
    State(state): State<SupportState>,
    CustomerScope { scope, .. }: CustomerScope,
    Path(notification): Path<NotificationId>,
) -> Result<Answer<PortalNotification>, ApiError> {
    let notification = state.desk().mark_notification_read(&scope, notification).await?;
    Ok(Answer(notification.into()))
}

/// The customer has read everything they were told.
#[utoipa::path(post, path = "/api/customers/me/notifications/read-all", tag = "portal", security(("bearer" = [])),
    responses((status = 200, body = MarkedRead), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
pub(super) async fn mark_all_read(
    State(state): State<SupportState>,
    CustomerScope { scope, .. }: CustomerScope,
) -> Result<Answer<MarkedRead>, ApiError> {
    let marked = state.desk().mark_all_notifications_read(&scope).await?;
    let marked_count = marked.len();
    Ok(Answer(MarkedRead { marked_count }))
}
