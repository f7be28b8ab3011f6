//! What agents have on their desks: their tickets, and what they are told.

use axum::{
    Json as Answer, Router,
    extract::State,
    routing::{get, patch},
};
use serde::{Deserialize, Serialize};
use support_core::{
    desk::Scope,
    model::{AgentId, Input, NotificationId},
    ports::{AssigneeFilter, TicketFilter, TicketPosition, TicketSort},
};
use utoipa::{OpenApi, ToSchema};

use super::tickets::rows;
use crate::{
    error::{ApiError, ErrorBody, finish},
    extract::{Path, Query},
    scope::{AgentScope, ColleagueScope},
    state::SupportState,
    wire::{
        Envelope, enveloped,
        notifications::NotificationRow,
        pagination::{PageQuery, Pagination, number},
        tickets::TicketRow,
    },
};

/// What is documented of these calls.
#[derive(OpenApi)]
#[openapi(paths(tickets, notifications, mark_read))]
pub(crate) struct Document;

pub(crate) fn routes() -> Router<SupportState> {
    Router::new()
        .route("/api/agents/{agentId}/tickets", get(tickets))
        .route("/api/agents/{agentId}/notifications", get(notifications))
        .route(
            "/api/agents/{agentId}/notifications/{notificationId}/read",
            patch(mark_read),
        )
}

type Enveloped<T> = Result<Answer<Envelope<T>>, ApiError>;

#[derive(Debug, Deserialize)]
struct TicketSearch {
    status: Option<String>,
    #[serde(flatten)]
    page: PageQuery,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct NotificationSearch {
    unread_only: Option<String>,
    limit: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AgentTickets {
    tickets: Vec<TicketRow>,
    pagination: Pagination,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Notifications {
    notifications: Vec<NotificationRow>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OneNotification {
    notification: NotificationRow,
}

/// An agent's tickets as far as the caller may see them, last touched first.
#[utoipa::path(get, path = "/api/agents/{agentId}/tickets", tag = "agents", security(("bearer" = [])),
    params(("agentId" = uuid::Uuid, Path),
        ("status" = Option<String>, Query, description = "One status, or several with commas between them"),
        ("page" = Option<u32>, Query), ("limit" = Option<u32>, Query)),
    responses((status = 200, body = Envelope<AgentTickets>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
async fn tickets(
    State(state): State<SupportState>,
    AgentScope(scope): AgentScope,
    Path(agent): Path<AgentId>,
    Query(search): Query<TicketSearch>,
) -> Enveloped<AgentTickets> {
    let agent = state.desk().agent(&scope, agent).await?;
    let mut input = Input::new();
    let page = search.page.read(&mut input);
    let names = search.status.as_deref().unwrap_or_default().split(',').map(str::trim);
    let statuses = names
        .filter(|name| !name.is_empty())
        .filter_map(|name| input.one_of("status", name))
        .collect();
    finish(input)?;
    let filter = TicketFilter {
        statuses,
        assignee: Some(AssigneeFilter::Is(agent.id)),
        sort: TicketSort::UpdatedAt,
        ..TicketFilter::default()
    };
    let position = TicketPosition::Page(page.number);
    let found = state.desk().tickets(&scope, filter, position, page.limit).await?;
    Ok(enveloped(AgentTickets {
        tickets: rows(&state, &scope, &found.items).await?,
        pagination: Pagination::new(page, found.total).or_more(!found.is_total_exact),
    }))
}

/// What is another's is not there.
fn own(scope: &Scope, agent: AgentId) -> Result<(), ApiError> {
    let is_own = scope.actor().agent().is_some_and(|actor| actor.id == agent);
    if is_own { Ok(()) } else { Err(ApiError::not_found()) }
}

/// Whether only what was not read yet is asked for.
pub(crate) fn unread_only(text: Option<&str>, input: &mut Input) -> bool {
    match text.map(str::trim) {
        None | Some("" | "false") => false,
        Some("true") => true,
        Some(_) => {
            input.refuse("unread_only", "Must be true or false");
            false
        }
    }
}

/// What the agent was told, newest first.
#[utoipa::path(get, path = "/api/agents/{agentId}/notifications", tag = "agents", security(("bearer" = [])),
    params(("agentId" = uuid::Uuid, Path, description = "The caller"), ("unreadOnly" = Option<bool>, Query),
        ("limit" = Option<u32>, Query)),
    responses((status = 200, body = Envelope<Notifications>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
async fn notifications(
    State(state): State<SupportState>,
    ColleagueScope(scope): ColleagueScope,
    Path(agent): Path<AgentId>,
    Query(search): Query<NotificationSearch>,
) -> Enveloped<Notifications> {
    own(&scope, agent)?;
    let mut input = Input::new();
    let limit = number("limit", search.limit.as_deref(), 20, 1..=100, &mut input);
    let unread_only = unread_only(search.unread_only.as_deref(), &mut input);
    finish(input)?;
    let told = state.desk().notifications(&scope, unread_only, limit).await?;
    Ok(enveloped(Notifications {
        notifications: told.into_iter().map(NotificationRow::from).collect(),
    }))
}

/// The agent has read something they were told.
#[utoipa::path(patch, path = "/api/agents/{agentId}/notifications/{notificationId}/read", tag = "agents",
    security(("bearer" = [])), params(("agentId" = uuid::Uuid, Path, description = "The caller"),
        ("notificationId" = uuid::Uuid, Path)),
    responses((status = 200, body = Envelope<OneNotification>), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
async fn mark_read(
    State(state): State<SupportState>,
    ColleagueScope(scope): ColleagueScope,
    Path((agent, notification)): Path<(AgentId, NotificationId)>,
) -> Enveloped<OneNotification> {
    own(&scope, agent)?;
    let notification = state.desk().mark_notification_read(&scope, notification).await?;
    Ok(enveloped(OneNotification {
        notification: notification.into(),
    }))
}
