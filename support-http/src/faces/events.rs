//! The journal, for admins: who did what and when.

use axum::{Json as Answer, Router, extract::State, routing::get};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use support_core::{
    model::{ActorRef, Event, Input},
    ports::EventFilter,
};
use utoipa::{OpenApi, ToSchema};

use crate::{
    error::{ApiError, ErrorBody, camel_case, finish},
    extract::Query,
    scope::AdminScope,
    state::SupportState,
    wire::{Envelope, cursor::LongList, enveloped, pagination::PageQuery},
};

/// What is documented of these calls.
#[derive(OpenApi)]
#[openapi(paths(list))]
pub(crate) struct Document;

pub(crate) fn routes() -> Router<SupportState> {
    Router::new().route("/api/v1/admin/events", get(list))
}

#[derive(Debug, Deserialize)]
struct Search {
    after: Option<String>,
    cursor: Option<String>,
    kind: Option<String>,
    #[serde(flatten)]
    page: PageQuery,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Actor {
    kind: &'static str,
    id: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Event)]
pub(crate) struct EventRow {
    /// Its place in the journal: 1, 2, 3… without a gap.
    seq: u64,
    at: String,
    kind: &'static str,
    actor: Actor,
    ticket_id: Option<String>,
    /// The ids and states that belong to it.
    #[schema(value_type = Object)]
    payload: Value,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Events {
    events: Vec<EventRow>,
    /// What to send as `cursor` for the next part; none at the end.
    next_cursor: Option<String>,
}

impl From<ActorRef> for Actor {
    fn from(actor: ActorRef) -> Self {
        let (kind, id) = match actor {
            ActorRef::Visitor(id) => ("visitor", Some(id.uuid())),
            ActorRef::Customer(id) => ("customer", Some(id.uuid())),
            ActorRef::Agent(id) => ("agent", Some(id.uuid())),
            ActorRef::ApiKey(id) => ("api_key", Some(id.uuid())),
            ActorRef::Bot => ("bot", None),
            ActorRef::System => ("system", None),
            ActorRef::Anyone => ("anyone", None),
        };
        Self {
            kind,
            id: id.map(|id| id.to_string()),
        }
    }
}

impl EventRow {
    fn new(event: &Event) -> Result<Self, ApiError> {
        let payload = serde_json::to_value(&event.body).map_err(|error| ApiError::internal(error.to_string()))?;
        Ok(Self {
            seq: event.seq,
            at: event.at.to_string(),
            kind: event.body.kind(),
            actor: event.actor.into(),
            ticket_id: event.audience.ticket.map(|ticket| ticket.to_string()),
            payload: payload_of(payload),
        })
    }
}

/// The fields of the event but its kind, named as this face names things.
pub(super) fn payload_of(body: Value) -> Value {
    let Value::Object(fields) = body else {
        return Value::Object(Map::new());
    };
    let fields = fields.into_iter().filter(|(name, _)| name != "kind");
    Value::Object(fields.map(|(name, value)| (camel_case(&name), value)).collect())
}

/// A part of the journal, oldest first.
#[utoipa::path(get, path = "/api/v1/admin/events", tag = "events", security(("bearer" = [])),
    params(("after" = Option<u64>, Query), ("cursor" = Option<String>, Query), ("limit" = Option<u32>, Query),
        ("kind" = Option<String>, Query)),
    responses((status = 200, body = Envelope<Events>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
async fn list(
    State(state): State<SupportState>,
    AdminScope(scope): AdminScope,
    Query(search): Query<Search>,
) -> Result<Answer<Envelope<Events>>, ApiError> {
    let kind = search.kind.filter(|kind| !kind.trim().is_empty());
    let long_list = LongList::of_events(&state, scope.tenant(), kind.as_deref());
    let mut input = Input::new();
    let limit = search.page.read(&mut input).limit;
    let after = long_list.read_place(search.after.as_deref(), search.cursor.as_deref(), 0, &mut input);
    finish(input)?;
    let filter = EventFilter {
        kind,
        ..EventFilter::default()
    };
    let events = &state.desk().stores().events;
    // One more than is given, to know whether there is more.
    let mut found = events.events(scope.tenant(), after, &filter, limit + 1).await?;
    let is_more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let last = found.last().filter(|_| is_more);
    let next_cursor = last.map(|event| long_list.after_number(event.seq));
    Ok(enveloped(Events {
        events: found.iter().map(EventRow::new).collect::<Result<_, _>>()?,
        next_cursor,
    }))
}
