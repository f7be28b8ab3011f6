//! Wishes to be phoned, as agents see to them.

use axum::{
    Json as Answer, Router,
    extract::State,
    routing::{get, patch, post},
};
use serde::{Deserialize, Deserializer, Serialize};
use support_core::{
    desk::{CallbackChanges, CallbackState},
    model::{AttemptOutcome, CallbackId, CallbackStatistics, CallbackStatus, Input, LONGEST_MESSAGE, Timestamp},
    ports::CallbackFilter,
};
use utoipa::{OpenApi, ToSchema};

use crate::{
    error::{ApiError, ErrorBody, finish},
    extract::{Fields, Path, Query},
    scope::{AgentScope, anew},
    state::SupportState,
    wire::{
        Envelope,
        callbacks::CallbackRow,
        dates::{Edge, edge},
        enveloped,
        named::{agent_named, given},
        pagination::{PageQuery, Pagination, number},
    },
};

/// The span nobody asked to be of another length, in days.
const USUAL_DAYS: u32 = 30;
/// The longest span that is counted, in days.
const MOST_DAYS: u32 = 366;

/// What is documented of these calls.
#[derive(OpenApi)]
#[openapi(paths(list, count, show, update, assign, attempt))]
pub(crate) struct Document;

pub(crate) fn routes() -> Router<SupportState> {
    Router::new()
        .route("/api/v1/admin/callbacks", get(list))
        .route("/api/v1/admin/callbacks/stats", get(count))
        .route("/api/v1/admin/callbacks/{id}", get(show).patch(update))
        .route("/api/v1/admin/callbacks/{id}/assign", patch(assign))
        .route("/api/v1/admin/callbacks/{id}/attempts", post(attempt))
}

type Enveloped<T> = Result<Answer<Envelope<T>>, ApiError>;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Search {
    status: Option<String>,
    from: Option<String>,
    to: Option<String>,
    assigned_to: Option<String>,
    #[serde(flatten)]
    page: PageQuery,
}

#[derive(Debug, Deserialize)]
struct Span {
    days: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CallbackInput {
    /// `pending`, `contacted`, `resolved`, `failed`.
    status: Option<String>,
    /// Empty or null for none.
    #[serde(default, deserialize_with = "told")]
    #[schema(value_type = Option<String>)]
    notes: Option<Option<String>>,
    /// The agent who reached them, if it is not the caller.
    contacted_by: Option<String>,
    /// Null for as soon as possible.
    #[serde(default, deserialize_with = "told")]
    #[schema(value_type = Option<String>)]
    scheduled_at: Option<Option<Timestamp>>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CallbackAssignee {
    #[schema(required)]
    agent_id: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct AttemptInput {
    /// `no_answer`, `reached`, `wrong_number`, `busy`, `voicemail`.
    #[schema(required)]
    outcome: Option<String>,
    notes: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Callbacks {
    callbacks: Vec<CallbackRow>,
    pagination: Pagination,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Statistics {
    by_status: ByStatus,
    daily: Vec<Day>,
    /// From coming in to first contact; null while nobody was reached.
    avg_response_hours: Option<f64>,
    /// In percent.
    resolution_rate: f64,
    top_employee_ids: Vec<Counted>,
    pending_by_age: ByAge,
    /// How many of those that are pending nobody has followed for too long.
    overdue: u64,
}

#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct ByStatus {
    pending: u64,
    contacted: u64,
    resolved: u64,
    failed: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Day {
    /// In the tenant's time zone.
    date: String,
    requests: u64,
    resolved: u64,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Counted {
    employee_id: String,
    count: u64,
}

/// By how long they have been due.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ByAge {
    under_one_hour: u64,
    under_four_hours: u64,
    under_one_day: u64,
    older: u64,
}

/// Keeps apart what is not named and what is named as null.
fn told<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

fn one(callback: CallbackState) -> Answer<Envelope<CallbackRow>> {
    enveloped(callback.into())
}

/// Callbacks, newest first.
#[utoipa::path(get, path = "/api/v1/admin/callbacks", tag = "callbacks", security(("bearer" = [])),
    params(("status" = Option<String>, Query), ("assignedTo" = Option<uuid::Uuid>, Query),
        ("from" = Option<String>, Query, description = "A time, or a day in the tenant's time zone"),
        ("to" = Option<String>, Query, description = "A time, or the last day in the tenant's time zone"),
        ("page" = Option<u32>, Query), ("limit" = Option<u32>, Query)),
    responses((status = 200, body = Envelope<Callbacks>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
async fn list(
    State(state): State<SupportState>,
    AgentScope(scope): AgentScope,
    Query(search): Query<Search>,
) -> Enveloped<Callbacks> {
    let timezone = state.desk().timezone(scope.tenant()).await?;
    let mut input = Input::new();
    let request = search.page.read(&mut input);
    let filter = CallbackFilter {
        status: given(search.status.as_deref()).and_then(|status| input.one_of("status", status)),
        assigned_to: given(search.assigned_to.as_deref())
            .and_then(|agent| agent_named(&mut input, "assigned_to", agent)),
        customer: None,
        from: edge(&mut input, "from", search.from.as_deref(), timezone, Edge::First),
        to: edge(&mut input, "to", search.to.as_deref(), timezone, Edge::Last),
    };
    finish(input)?;
    let page = state.desk().callbacks(&scope, &filter, request).await?;
    Ok(enveloped(Callbacks {
        callbacks: page.items.into_iter().map(CallbackRow::from).collect(),
        pagination: Pagination::new(request, page.total),
    }))
}

/// What is counted of the last days, today included.
#[utoipa::path(get, path = "/api/v1/admin/callbacks/stats", tag = "callbacks", security(("bearer" = [])),
    params(("days" = Option<u32>, Query)), responses((status = 200, body = Envelope<Statistics>),
        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
async fn count(
    State(state): State<SupportState>,
    AgentScope(scope): AgentScope,
    Query(span): Query<Span>,
) -> Enveloped<Statistics> {
    let mut input = Input::new();
    let days = number("days", span.days.as_deref(), USUAL_DAYS, 1..=MOST_DAYS, &mut input);
    finish(input)?;
    let statistics = state.desk().callback_statistics(&scope, days).await?;
    Ok(enveloped(statistics.into()))
}

/// One callback.
#[utoipa::path(get, path = "/api/v1/admin/callbacks/{id}", tag = "callbacks", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 200, body = Envelope<CallbackRow>),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
async fn show(
    State(state): State<SupportState>,
    AgentScope(scope): AgentScope,
    Path(id): Path<CallbackId>,
) -> Enveloped<CallbackRow> {
    Ok(one(state.desk().callback(&scope, id).await?))
}

/// Changes a callback; what is not named stays.
#[utoipa::path(patch, path = "/api/v1/admin/callbacks/{id}", tag = "callbacks", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), request_body = CallbackInput,
    responses((status = 200, body = Envelope<CallbackRow>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody)))]
async fn update(
    State(state): State<SupportState>,
    AgentScope(scope): AgentScope,
    Path(id): Path<CallbackId>,
    Fields { body, mut found }: Fields<CallbackInput>,
) -> Enveloped<CallbackRow> {
    let changes = CallbackChanges {
        status: body.status.and_then(|status| found.one_of("status", &status)),
        notes: body.notes.map(Option::unwrap_or_default),
        contacted_by: body
            .contacted_by
            .and_then(|agent| agent_named(&mut found, "contacted_by", &agent)),
        scheduled_at: body.scheduled_at,
    };
    if let Some(notes) = &changes.notes {
        found.text("notes", notes, 0..=LONGEST_MESSAGE);
    }
    if changes.scheduled_at.flatten().is_some_and(|at| at < state.desk().now()) {
        found.refuse("scheduled_at", "Must not be in the past");
    }
    finish(found)?;
    Ok(one(state.desk().update_callback(&scope, id, changes).await?))
}

/// Gives a callback to an agent.
#[utoipa::path(patch, path = "/api/v1/admin/callbacks/{id}/assign", tag = "callbacks", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), request_body = CallbackAssignee,
    responses((status = 200, body = Envelope<CallbackRow>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody)))]
async fn assign(
    State(state): State<SupportState>,
    AgentScope(scope): AgentScope,
    Path(id): Path<CallbackId>,
    Fields { body, mut found }: Fields<CallbackAssignee>,
) -> Enveloped<CallbackRow> {
    let agent = match body.agent_id {
        Some(agent) => agent_named(&mut found, "agent_id", &agent),
        None => {
            found.refuse("agent_id", "This field is required");
            None
        }
    };
    finish(found)?;
    let agent = agent.ok_or_else(|| ApiError::field("agent_id", "This field is required"))?;
    Ok(one(state.desk().assign_callback(&scope, id, agent).await?))
}

/// Remembers a try to phone.
#[utoipa::path(post, path = "/api/v1/admin/callbacks/{id}/attempts", tag = "callbacks", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), request_body = AttemptInput,
    responses((status = 200, body = Envelope<CallbackRow>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody)))]
async fn attempt(
    State(state): State<SupportState>,
    AgentScope(scope): AgentScope,
    Path(id): Path<CallbackId>,
    Fields { body, mut found }: Fields<AttemptInput>,
) -> Enveloped<CallbackRow> {
    let outcome: Option<AttemptOutcome> = match &body.outcome {
        Some(outcome) => found.one_of("outcome", outcome),
        None => {
            found.refuse("outcome", "This field is required");
            None
        }
    };
    if let Some(notes) = &body.notes {
        found.text("notes", notes, 0..=LONGEST_MESSAGE);
    }
    finish(found)?;
    let outcome = outcome.ok_or_else(|| ApiError::field("outcome", "This field is required"))?;
    let tried = state
        .desk()
        .attempt_callback(&anew(&scope), id, outcome, body.notes.as_deref())
        .await?;
    Ok(one(tried))
}

fn rounded(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

impl ByStatus {
    fn add(mut self, status: CallbackStatus, count: u64) -> Self {
        match status {
            CallbackStatus::Pending => self.pending += count,
            CallbackStatus::Contacted => self.contacted += count,
            CallbackStatus::Resolved => self.resolved += count,
            CallbackStatus::Failed => self.failed += count,
        }
        self
    }
}

impl From<CallbackStatistics> for Statistics {
    fn from(statistics: CallbackStatistics) -> Self {
        let by_status = statistics.by_status.into_iter();
        let [under_one_hour, under_four_hours, under_one_day, older] = statistics.pending.by_age;
        Self {
            by_status: by_status.fold(ByStatus::default(), |all, (status, count)| all.add(status, count)),
            daily: statistics
                .daily
                .into_iter()
                .map(|day| Day {
                    date: day.date.to_string(),
                    requests: day.requests,
                    resolved: day.resolved,
                })
                .collect(),
            avg_response_hours: statistics.average_response_hours.map(rounded),
            resolution_rate: rounded(statistics.resolution_rate),
            top_employee_ids: statistics
                .top_employee_ids
                .into_iter()
                .map(|(employee_id, count)| Counted { employee_id, count })
                .collect(),
            pending_by_age: ByAge {
                under_one_hour,
                under_four_hours,
                under_one_day,
                older,
            },
            overdue: statistics.pending.overdue,
        }
    }
}
