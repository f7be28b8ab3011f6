//! Statistics as the website chat's desk shows them.

use std::collections::BTreeMap;

use serde::Serialize;
use support_core::{
    desk::Analytics,
    model::{Agent, Department, Figures, Kept, Priority, Promise, Span, Status, Ticket, Timestamp},
};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{csv::Csv, figures::rounded};

/// Statistics of the chats that were opened within a span of days.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AnalyticsRow {
    range: Range,
    summary: Summary,
    /// By the department's slug.
    department_stats: BTreeMap<String, DepartmentFigures>,
    /// Chats by the day they were opened, days without any included.
    daily_volume: BTreeMap<String, i64>,
    by_priority: BTreeMap<&'static str, i64>,
    /// Ratings by stars.
    rating_distribution: BTreeMap<String, i64>,
    top_rated_chats: Vec<RatedChat>,
    agent_stats: Vec<AgentFigures>,
}

/// The days, in the tenant's time zone, both included.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Range {
    from: String,
    to: String,
    timezone: String,
}

/// Over all of them. Times are in seconds; what there is nothing of is null.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Summary {
    total_chats: i64,
    /// Open, assigned or pending.
    active_chats: i64,
    waiting_chats: i64,
    /// Resolved or closed.
    resolved_chats: i64,
    closed_chats: i64,
    /// Per cent.
    resolution_rate: f64,
    avg_rating: Option<f64>,
    total_ratings: i64,
    /// Per cent of four and five stars.
    csat: Option<f64>,
    avg_messages_per_chat: Option<f64>,
    /// From the customer's first message to the first answer by a person.
    avg_first_response_time: Option<f64>,
    /// From the first message of each turn of the customer's to the next answer by a person.
    avg_response_time: Option<f64>,
    /// From opening to the latest resolution.
    avg_resolution_time: Option<f64>,
    avg_session_duration: Option<f64>,
    longest_response_time: Option<u64>,
    shortest_response_time: Option<u64>,
    first_response_time: Lengths,
    response_time: Lengths,
    resolution_time: Lengths,
    session_duration: Lengths,
    sla: Promises,
}

/// How long something took, in seconds.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Lengths {
    count: i64,
    average: Option<f64>,
    median: Option<u64>,
    p90: Option<u64>,
    /// The same in office hours; null where none are set.
    in_office_hours: Option<OfficeLengths>,
}

/// How long something took in office hours, in seconds.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OfficeLengths {
    average: Option<f64>,
    median: Option<u64>,
    p90: Option<u64>,
}

/// How promises about time were kept.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Promises {
    first_response: Attainment,
    next_response: Attainment,
    resolution: Attainment,
}

/// How one promise was kept.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Attainment {
    met: i64,
    breached: i64,
    /// Per cent.
    attainment: Option<f64>,
}

/// One department's chats.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DepartmentFigures {
    name: String,
    count: i64,
    resolved: i64,
}

/// One agent's chats and answers.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AgentFigures {
    agent_id: Uuid,
    name: Option<String>,
    handled: i64,
    resolved: i64,
    avg_first_response_time: Option<f64>,
    avg_response_time: Option<f64>,
    avg_resolution_time: Option<f64>,
    avg_rating: Option<f64>,
    total_ratings: i64,
}

/// A chat that was rated.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RatedChat {
    chat_id: Uuid,
    ticket_id: String,
    subject: String,
    visitor_name: Option<String>,
    rating: u8,
    comment: Option<String>,
    #[schema(value_type = String)]
    rated_at: Timestamp,
}

/// Milliseconds are what there is.
fn seconds(number: f64) -> f64 {
    (number * 1_000.0).round() / 1_000.0
}

fn mean(figures: &Figures, span: Span) -> Option<f64> {
    figures.span(span).mean_seconds().map(seconds)
}

fn finished(figures: &Figures) -> i64 {
    figures.with_status(Status::Resolved) + figures.with_status(Status::Closed)
}

impl Lengths {
    fn of(figures: &Figures, span: Span, in_office: Option<Span>) -> Self {
        let office = in_office.filter(|span| figures.span(*span).count > 0);
        Self {
            count: figures.span(span).count,
            average: mean(figures, span),
            median: figures.percentile(span, 50),
            p90: figures.percentile(span, 90),
            in_office_hours: office.map(|span| OfficeLengths {
                average: mean(figures, span),
                median: figures.percentile(span, 50),
                p90: figures.percentile(span, 90),
            }),
        }
    }
}

impl From<Kept> for Attainment {
    fn from(kept: Kept) -> Self {
        Self {
            met: kept.met,
            breached: kept.breached,
            attainment: kept.percent().map(rounded),
        }
    }
}

impl From<&Figures> for Summary {
    fn from(figures: &Figures) -> Self {
        let counts = &figures.counts;
        let with = |status| figures.with_status(status);
        let responses = figures.extremes(Span::Response);
        Self {
            total_chats: counts.tickets,
            active_chats: with(Status::Open) + with(Status::Assigned) + with(Status::Pending),
            waiting_chats: with(Status::Waiting),
            resolved_chats: finished(figures),
            closed_chats: with(Status::Closed),
            resolution_rate: support_core::model::percent(finished(figures), counts.tickets).map_or(0.0, rounded),
            avg_rating: figures.mean_stars().map(rounded),
            total_ratings: figures.ratings(),
            csat: figures.satisfied_percent().map(rounded),
            avg_messages_per_chat: support_core::model::percent(counts.messages, counts.tickets)
                .map(|hundredfold| rounded(hundredfold / 100.0)),
            avg_first_response_time: mean(figures, Span::FirstResponse),
            avg_response_time: mean(figures, Span::Response),
            avg_resolution_time: mean(figures, Span::Resolution),
            avg_session_duration: mean(figures, Span::Session),
            longest_response_time: responses.map(|(_, longest)| longest),
            shortest_response_time: responses.map(|(shortest, _)| shortest),
            first_response_time: Lengths::of(figures, Span::FirstResponse, Some(Span::FirstResponseInOffice)),
            response_time: Lengths::of(figures, Span::Response, Some(Span::ResponseInOffice)),
            resolution_time: Lengths::of(figures, Span::Resolution, Some(Span::ResolutionInOffice)),
            session_duration: Lengths::of(figures, Span::Session, None),
            sla: Promises {
                first_response: figures.promise(Promise::FirstResponse).into(),
                next_response: figures.promise(Promise::NextResponse).into(),
                resolution: figures.promise(Promise::Resolution).into(),
            },
        }
    }
}

fn rated(ticket: Ticket) -> Option<RatedChat> {
    let rating = ticket.rating.clone()?;
    Some(RatedChat {
        chat_id: ticket.id.uuid(),
        ticket_id: ticket.human_number(),
        subject: ticket.subject,
        visitor_name: ticket.contact.name,
        rating: rating.stars,
        comment: rating.comment,
        rated_at: rating.at,
    })
}

impl AnalyticsRow {
    /// Statistics with the names of whom they are about; departments that are gone keep their id.
    pub(crate) fn new(analytics: Analytics, timezone: String, departments: &[Department], agents: &[Agent]) -> Self {
        let figures = &analytics.volume.figures;
        let by_department = analytics.volume.departments.iter().map(|(id, figures)| {
            let known = departments.iter().find(|department| department.id == *id);
            let slug = known.map_or_else(|| id.to_string(), |department| department.slug.clone());
            let figures = DepartmentFigures {
                name: known.map_or_else(|| slug.clone(), |department| department.name.clone()),
                count: figures.counts.tickets,
                resolved: finished(figures),
            };
            (slug, figures)
        });
        let by_agent = analytics.agents.iter().map(|(id, figures)| AgentFigures {
            agent_id: id.uuid(),
            name: agents
                .iter()
                .find(|agent| agent.id == *id)
                .map(|agent| agent.name.clone()),
            handled: figures.counts.tickets,
            resolved: finished(figures),
            avg_first_response_time: mean(figures, Span::FirstResponse),
            avg_response_time: mean(figures, Span::Response),
            avg_resolution_time: mean(figures, Span::Resolution),
            avg_rating: figures.mean_stars().map(rounded),
            total_ratings: figures.ratings(),
        });
        let of_priority = |priority: &Priority| (priority.as_str(), figures.with_priority(*priority));
        let of_stars = (1..).zip(figures.counts.stars);
        Self {
            range: Range {
                from: analytics.query.from.to_string(),
                to: analytics.query.to.to_string(),
                timezone,
            },
            summary: figures.into(),
            department_stats: by_department.collect(),
            daily_volume: analytics
                .volume
                .daily
                .iter()
                .map(|(day, count)| (day.to_string(), *count))
                .collect(),
            by_priority: Priority::ALL.iter().map(of_priority).collect(),
            rating_distribution: of_stars.map(|(stars, count)| (i32::to_string(&stars), count)).collect(),
            agent_stats: by_agent.collect(),
            top_rated_chats: analytics.top_rated.into_iter().filter_map(rated).collect(),
        }
    }

    /// The same as a table for spreadsheets: a row for each number, saying what it is of.
    pub(crate) fn to_csv(&self) -> String {
        let mut csv = Csv::default();
        csv.row(["section", "name", "metric", "value"]);
        let whole = serde_json::to_value(&self.summary).unwrap_or_default();
        add(&mut csv, "summary", "", "", &whole);
        for (day, count) in &self.daily_volume {
            csv.row(["day", day, "chats", &count.to_string()]);
        }
        for (priority, count) in &self.by_priority {
            csv.row(["priority", priority, "chats", &count.to_string()]);
        }
        for (stars, count) in &self.rating_distribution {
            csv.row(["rating", stars, "chats", &count.to_string()]);
        }
        for department in self.department_stats.values() {
            csv.row(["department", &department.name, "count", &department.count.to_string()]);
            csv.row([
                "department",
                &department.name,
                "resolved",
                &department.resolved.to_string(),
            ]);
        }
        for agent in &self.agent_stats {
            let name = agent.name.clone().unwrap_or_else(|| agent.agent_id.to_string());
            add(
                &mut csv,
                "agent",
                &name,
                "",
                &serde_json::to_value(agent).unwrap_or_default(),
            );
        }
        for chat in &self.top_rated_chats {
            add(
                &mut csv,
                "topRated",
                &chat.ticket_id,
                "",
                &serde_json::to_value(chat).unwrap_or_default(),
            );
        }
        csv.finish()
    }
}

/// A row for each value, named by the way to it.
fn add(csv: &mut Csv, section: &str, name: &str, way: &str, value: &serde_json::Value) {
    match value {
        serde_json::Value::Object(fields) => {
            for (field, value) in fields {
                let way = if way.is_empty() {
                    field.clone()
                } else {
                    format!("{way}.{field}")
                };
                add(csv, section, name, &way, value);
            }
        }
        serde_json::Value::Null => csv.row([section, name, way, ""]),
        serde_json::Value::String(text) => csv.row([section, name, way, text]),
        other => csv.row([section, name, way, &other.to_string()]),
    }
}
