//! Statistics.

use axum::{
    Router,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
    routing::get,
};
use chrono::Days;
use serde::Deserialize;
use support_core::{
    desk::{AnalyticsQuery, Scope},
    model::{AgentId, DepartmentId, FigureScope, Input},
};
use utoipa::OpenApi;
use uuid::Uuid;

use crate::{
    error::{ApiError, ErrorBody, finish},
    extract::Query,
    scope::AgentScope,
    state::SupportState,
    wire::{
        Envelope,
        analytics::AnalyticsRow,
        dates::day,
        enveloped,
        named::{agent_named, given},
        pagination::number,
    },
};

/// Days when nobody says how many.
const USUAL_DAYS: u64 = 7;
/// Ten years.
const MOST_DAYS: u64 = 3_660;

/// What is documented of these calls.
#[derive(OpenApi)]
#[openapi(paths(show))]
pub(crate) struct Document;

pub(crate) fn routes() -> Router<SupportState> {
    Router::new().route("/api/v1/admin/chat/analytics", get(show))
}

/// Which tickets statistics are asked of.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    days: Option<String>,
    from: Option<String>,
    to: Option<String>,
    department: Option<String>,
    agent_id: Option<String>,
    format: Option<String>,
}

/// The department of a slug. Nothing is counted under one that isn't there.
async fn department_of(
    state: &SupportState,
    scope: &Scope,
    slug: Option<&str>,
) -> Result<Option<DepartmentId>, ApiError> {
    let Some(slug) = given(slug) else {
        return Ok(None);
    };
    let departments = state.desk().departments(scope).await?;
    let found = departments.iter().find(|department| department.slug == slug);
    Ok(Some(
        found.map_or(DepartmentId::new(Uuid::max()), |department| department.id),
    ))
}

/// Statistics of the chats that were opened within some days, today included, in the tenant's time zone.
#[utoipa::path(get, path = "/api/v1/admin/chat/analytics", tag = "chat desk", security(("bearer" = [])),
    params(("days" = Option<u32>, Query, description = "The last days, today included; 7 if neither these nor a span is named"),
        ("from" = Option<String>, Query, description = "The first day"), ("to" = Option<String>, Query, description = "The last day"),
        ("department" = Option<String>, Query), ("agentId" = Option<uuid::Uuid>, Query),
        ("format" = Option<String>, Query, description = "`json`, or `csv` for spreadsheets")),
    responses((status = 200, body = Envelope<AnalyticsRow>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
async fn show(
    State(state): State<SupportState>,
    AgentScope(scope): AgentScope,
    Query(asked): Query<Asked>,
) -> Result<Response, ApiError> {
    let timezone = state.desk().timezone(scope.tenant()).await?;
    let mut input = Input::new();
    let is_table = match given(asked.format.as_deref()) {
        None | Some("json") => false,
        Some("csv") => true,
        Some(other) => {
            input.refuse("format", format!("`{other}` is not one of: json csv"));
            false
        }
    };
    let days = number("days", asked.days.as_deref(), USUAL_DAYS, 1..=MOST_DAYS, &mut input);
    let from = day(&mut input, "from", asked.from.as_deref(), timezone);
    let to = day(&mut input, "to", asked.to.as_deref(), timezone);
    let agent = given(asked.agent_id.as_deref()).and_then(|agent| agent_named(&mut input, "agent_id", agent));
    finish(input)?;
    let today = state.desk().now().day(timezone);
    let to = to.unwrap_or_else(|| today.max(from.unwrap_or_default()));
    let query = AnalyticsQuery {
        from: from.unwrap_or_else(|| to.checked_sub_days(Days::new(days - 1)).unwrap_or(to)),
        to,
        scope: FigureScope {
            department: department_of(&state, &scope, asked.department.as_deref()).await?,
            agent,
        },
    };
    let analytics = state.desk().analytics(&scope, query).await?;
    let agents: Vec<AgentId> = analytics.agents.iter().map(|(agent, _)| *agent).collect();
    let agents = state
        .desk()
        .stores()
        .people
        .agents_by_id(scope.tenant(), &agents)
        .await?;
    let departments = state.desk().departments(&scope).await?;
    let row = AnalyticsRow::new(analytics, timezone.to_string(), &departments, &agents);
    if !is_table {
        return Ok(enveloped(row).into_response());
    }
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/csv; charset=utf-8; header=present"),
        ),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment; filename=\"analytics.csv\""),
        ),
    ];
    Ok((headers, row.to_csv()).into_response())
}
