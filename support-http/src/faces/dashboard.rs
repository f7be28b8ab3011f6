//! How it goes, at a glance.

use axum::{Json as Answer, Router, extract::State, routing::get};
use serde::Serialize;
use support_core::{
    desk::AnalyticsQuery,
    model::{FigureScope, Span, Status},
    ports::{TicketFilter, TicketPosition, TicketSort},
};
use utoipa::{OpenApi, ToSchema};

use super::tickets::rows;
use crate::{
    error::{ApiError, ErrorBody},
    scope::AgentScope,
    state::SupportState,
    wire::{
        Envelope, enveloped,
        figures::{count, days_before, rounded, seconds},
        people::{AgentRow, Colleagues},
        tickets::TicketRow,
    },
};

/// Tickets that moved last, as many as are shown.
const RECENT: u32 = 10;
/// How far the figures look back, in days: nearly ten years.
const MOST_DAYS: u64 = 3_650;

/// What is documented of these calls.
#[derive(OpenApi)]
#[openapi(paths(stats, agents))]
pub(crate) struct Document;

pub(crate) fn routes() -> Router<SupportState> {
    Router::new()
        .route("/api/dashboard/stats", get(stats))
        .route("/api/dashboard/agents", get(agents))
}

type Enveloped<T> = Result<Answer<Envelope<T>>, ApiError>;

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DashboardStats {
    total_tickets: i64,
    /// Open, waiting or assigned.
    active_tickets: i64,
    pending_tickets: i64,
    /// Since midnight where the tenant is, and still so.
    resolved_today: u64,
    /// In seconds; null without any.
    avg_response_time: Option<f64>,
    online_agents: usize,
    total_agents: usize,
    /// The share of four and five stars, in per cent; null without any.
    customer_satisfaction: Option<f64>,
    /// The tickets that moved last, of those the caller may see.
    recent_activity: Vec<TicketRow>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DashboardAgents {
    online_agents: Vec<AgentRow>,
    /// All who work here.
    agent_stats: Vec<AgentRow>,
}

/// The tenant at a glance.
#[utoipa::path(get, path = "/api/dashboard/stats", tag = "dashboard", security(("bearer" = [])),
    responses((status = 200, body = Envelope<DashboardStats>), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody)))]
async fn stats(State(state): State<SupportState>, AgentScope(scope): AgentScope) -> Enveloped<DashboardStats> {
    let desk = state.desk();
    let to = desk.today(&scope).await?;
    let query = AnalyticsQuery {
        from: days_before(to, MOST_DAYS),
        to,
        scope: FigureScope::default(),
    };
    let figures = desk.figures(&scope, query).await?;
    let team = desk.stores().assignment.candidates(scope.tenant()).await?;
    let recent = TicketFilter {
        sort: TicketSort::UpdatedAt,
        ..TicketFilter::default()
    };
    let recent = desk.tickets(&scope, recent, TicketPosition::Page(1), RECENT).await?;
    Ok(enveloped(DashboardStats {
        total_tickets: figures.counts.tickets,
        active_tickets: count(&figures, &[Status::Open, Status::Waiting, Status::Assigned]),
        pending_tickets: count(&figures, &[Status::Pending]),
        resolved_today: desk.resolved_today(&scope).await?,
        avg_response_time: seconds(&figures, Span::Response),
        online_agents: team.iter().filter(|candidate| candidate.is_online).count(),
        total_agents: team.len(),
        customer_satisfaction: figures.satisfied_percent().map(rounded),
        recent_activity: rows(&state, &scope, &recent.items).await?,
    }))
}

/// Who works here, and how it goes for each.
#[utoipa::path(get, path = "/api/dashboard/agents", tag = "dashboard", security(("bearer" = [])),
    responses((status = 200, body = Envelope<DashboardAgents>), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody)))]
async fn agents(State(state): State<SupportState>, AgentScope(scope): AgentScope) -> Enveloped<DashboardAgents> {
    let colleagues = Colleagues::of(state.desk(), &scope).await?;
    let mut team = state.desk().stores().assignment.candidates(scope.tenant()).await?;
    team.sort_by(|first, second| first.agent.name.cmp(&second.agent.name));
    let online = team.iter().filter(|candidate| candidate.is_online);
    Ok(enveloped(DashboardAgents {
        online_agents: online
            .map(|candidate| colleagues.row(candidate.agent.clone()))
            .collect(),
        agent_stats: team
            .into_iter()
            .map(|candidate| colleagues.row(candidate.agent))
            .collect(),
    }))
}
