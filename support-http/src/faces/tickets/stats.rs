//! Tickets in numbers.

use std::collections::BTreeMap;

use axum::extract::State;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use support_core::{
    desk::{AnalyticsQuery, DeskError, Scope},
    model::{FigureScope, Figures, Input, Priority, Span, Status, Tenant, Timestamp},
    ports::TicketFilter,
};
use utoipa::ToSchema;

use super::Enveloped;
use crate::{
    error::{ApiError, ErrorBody, finish},
    extract::Query,
    scope::AgentScope,
    state::SupportState,
    wire::{
        Envelope,
        dates::day,
        enveloped,
        figures::{count, days_before, rounded, seconds},
        named::{agent_named, department_named, given},
        people::slugs,
    },
};

/// How far a list's own figures look back, in days.
const LIST_DAYS: u64 = 30;
/// The longest span that is counted, in days: nearly ten years.
const MOST_DAYS: u64 = 3_650;

const UNDER_WAY: [Status; 3] = [Status::Open, Status::Waiting, Status::Assigned];

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Search {
    department: Option<String>,
    agent_id: Option<String>,
    date_from: Option<String>,
    date_to: Option<String>,
}

/// Of the last thirty days, or of those that the list was asked for.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Statistics {
    /// Open, waiting or assigned.
    total_open: i64,
    total_pending: i64,
    total_resolved: i64,
    total_closed: i64,
    /// In seconds; null without any.
    avg_response_time: Option<f64>,
    /// In seconds; null without any.
    avg_resolution_time: Option<f64>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Overview {
    total_tickets: i64,
    /// Open, waiting or assigned.
    open_tickets: i64,
    pending_tickets: i64,
    resolved_tickets: i64,
    closed_tickets: i64,
    /// In seconds; null without any.
    avg_response_time: Option<f64>,
    /// In seconds; null without any.
    avg_resolution_time: Option<f64>,
    /// The mean of one to five stars; null without any.
    customer_satisfaction_rating: Option<f64>,
    tickets_by_priority: BTreeMap<&'static str, i64>,
    /// By slug.
    tickets_by_department: BTreeMap<String, i64>,
    daily_ticket_counts: Vec<DayCount>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DayCount {
    /// In the tenant's time zone.
    date: String,
    count: i64,
}

impl From<&Figures> for Statistics {
    fn from(figures: &Figures) -> Self {
        Self {
            total_open: count(figures, &UNDER_WAY),
            total_pending: count(figures, &[Status::Pending]),
            total_resolved: count(figures, &[Status::Resolved]),
            total_closed: count(figures, &[Status::Closed]),
            avg_response_time: seconds(figures, Span::Response),
            avg_resolution_time: seconds(figures, Span::Resolution),
        }
    }
}

/// A list's own figures: of its days, department and agent.
///
/// # Errors
/// [`ApiError`] when the store can't be asked.
pub(super) async fn of_list(
    state: &SupportState,
    scope: &Scope,
    timezone: Tz,
    filter: &TicketFilter,
) -> Result<Statistics, ApiError> {
    let today = state.desk().now().day(timezone);
    // What ends at midnight ends with the day before.
    let last = |at: Timestamp| Timestamp::from_millis(at.millis().saturating_sub(1)).day(timezone);
    let to = filter.created_before.map_or(today, last).min(today);
    let from = filter
        .created_from
        .map_or_else(|| days_before(to, LIST_DAYS), |at| at.day(timezone));
    let query = AnalyticsQuery {
        from: from.clamp(days_before(to, MOST_DAYS), to),
        to,
        scope: FigureScope {
            department: filter.department,
            agent: match filter.assignee {
                Some(support_core::ports::AssigneeFilter::Is(agent)) => Some(agent),
                _ => None,
            },
        },
    };
    Ok((&state.desk().figures(scope, query).await?).into())
}

/// Tickets in numbers, by the day they were opened on: since the tenant began, unless asked
/// otherwise.
#[utoipa::path(get, path = "/api/tickets/stats/overview", tag = "tickets", security(("bearer" = [])),
    params(("department" = Option<String>, Query), ("agentId" = Option<uuid::Uuid>, Query),
        ("dateFrom" = Option<String>, Query, description = "The first day, in the tenant's time zone"),
        ("dateTo" = Option<String>, Query, description = "The last day, in the tenant's time zone")),
    responses((status = 200, body = Envelope<Overview>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
pub(super) async fn overview(
    State(state): State<SupportState>,
    AgentScope(scope): AgentScope,
    Query(search): Query<Search>,
) -> Enveloped<Overview> {
    let found = state.desk().stores().tenants.tenant(scope.tenant()).await?;
    let tenant: Tenant = found.ok_or(DeskError::NotFound)?;
    let mut input = Input::new();
    let agent = given(search.agent_id.as_deref()).and_then(|agent| agent_named(&mut input, "agent_id", agent));
    let department = search.department.as_deref();
    let department = department_named(state.desk(), scope.tenant(), department, &mut input).await?;
    let first = day(&mut input, "date_from", search.date_from.as_deref(), tenant.timezone);
    let last = day(&mut input, "date_to", search.date_to.as_deref(), tenant.timezone);
    let to = last.unwrap_or_else(|| state.desk().now().day(tenant.timezone));
    let began = tenant.created_at.day(tenant.timezone);
    let from = first.unwrap_or_else(|| began.clamp(days_before(to, MOST_DAYS), to));
    if to < from || days_before(to, MOST_DAYS) > from {
        input.refuse("date_from", "Must be a day before `dateTo`, ten years at most");
    }
    finish(input)?;
    let query = AnalyticsQuery {
        from,
        to,
        scope: FigureScope { department, agent },
    };
    let volume = state.desk().volume(&scope, query).await?;
    let slugs = slugs(state.desk(), scope.tenant()).await?;
    let figures = &volume.figures;
    let by_department = volume.departments.iter().map(|(department, figures)| {
        // Of those that are gone the id is left.
        let slug = slugs.get(department).cloned().unwrap_or_else(|| department.to_string());
        (slug, figures.counts.tickets)
    });
    Ok(enveloped(Overview {
        total_tickets: figures.counts.tickets,
        open_tickets: count(figures, &UNDER_WAY),
        pending_tickets: count(figures, &[Status::Pending]),
        resolved_tickets: count(figures, &[Status::Resolved]),
        closed_tickets: count(figures, &[Status::Closed]),
        avg_response_time: seconds(figures, Span::Response),
        avg_resolution_time: seconds(figures, Span::Resolution),
        customer_satisfaction_rating: figures.mean_stars().map(rounded),
        tickets_by_priority: Priority::ALL
            .iter()
            .map(|priority| (priority.as_str(), figures.with_priority(*priority)))
            .collect(),
        tickets_by_department: by_department.collect(),
        daily_ticket_counts: volume
            .daily
            .iter()
            .map(|(day, count)| DayCount {
                date: day.to_string(),
                count: *count,
            })
            .collect(),
    }))
}
