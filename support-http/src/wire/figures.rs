//! Figures as the live-chat desk writes them.

use std::collections::HashMap;

use chrono::{Days, NaiveDate};
use serde::Serialize;
use support_core::{
    desk::{Desk, Scope},
    model::{AgentId, Figures, Span, Status},
    ports::{FigureGroup, FigureQuery},
};
use utoipa::ToSchema;

use crate::error::ApiError;

/// How far agents' figures look back, in days.
const YEAR: u64 = 365;

/// Seconds or stars as people read them.
pub(crate) fn rounded(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

/// What an agent has done in a year.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AgentMetrics {
    total_tickets_handled: i64,
    /// In seconds, from each of a customer's turns to the answer; null without any.
    avg_response_time: Option<f64>,
    /// In seconds, from opening to resolution; null without any.
    avg_resolution_time: Option<f64>,
    /// The mean of one to five stars; null without any.
    customer_satisfaction_rating: Option<f64>,
    total_ratings: i64,
}

impl From<&Figures> for AgentMetrics {
    fn from(figures: &Figures) -> Self {
        Self {
            total_tickets_handled: figures.counts.tickets,
            avg_response_time: seconds(figures, Span::Response),
            avg_resolution_time: seconds(figures, Span::Resolution),
            customer_satisfaction_rating: figures.mean_stars().map(rounded),
            total_ratings: figures.ratings(),
        }
    }
}

/// The mean of a span in seconds.
pub(crate) fn seconds(figures: &Figures, span: Span) -> Option<f64> {
    figures.span(span).mean_seconds().map(rounded)
}

/// Tickets in any of some states.
pub(crate) fn count(figures: &Figures, statuses: &[Status]) -> i64 {
    statuses.iter().map(|status| figures.with_status(*status)).sum()
}

/// What each agent has done in a year.
///
/// # Errors
/// [`ApiError`] when the store can't be asked.
pub(crate) async fn metrics(desk: &Desk, scope: &Scope) -> Result<HashMap<AgentId, AgentMetrics>, ApiError> {
    let to = desk.today(scope).await?;
    let query = FigureQuery {
        from: days_before(to, YEAR),
        to,
        of: FigureGroup::EachAgent(None),
    };
    let mut sums: HashMap<AgentId, Figures> = HashMap::new();
    for (place, day) in desk.stores().figures.figures(scope.tenant(), query).await? {
        if let Some(agent) = place.scope.agent {
            sums.entry(agent).or_default().add(&day);
        }
    }
    let metrics = sums
        .iter()
        .map(|(agent, figures)| (*agent, AgentMetrics::from(figures)));
    Ok(metrics.collect())
}

/// The day so many days ago.
pub(crate) fn days_before(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_sub_days(Days::new(days)).unwrap_or(day)
}
