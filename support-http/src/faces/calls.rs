//! Calls that customers ask for themselves.

use axum::{
    Json as Answer, Router,
    extract::State,
    http::{HeaderName, StatusCode},
    routing::get,
};
use serde::Deserialize;
use support_core::{
    desk::{NewCallback, Scope, TicketRef},
    model::{CustomerId, Input, LONGEST_MESSAGE, TicketId, Timestamp, check_contact_number},
    ports::CallbackFilter,
};
use utoipa::{OpenApi, ToSchema};

use crate::{
    error::{ApiError, ErrorBody, finish},
    extract::{Fields, Query},
    scope::{CustomerScope, anew},
    state::SupportState,
    wire::{callbacks::CallRow, pagination::PageQuery},
};

const TOTAL: HeaderName = HeaderName::from_static("x-total-count");

/// What is documented of these calls.
#[derive(OpenApi)]
#[openapi(paths(list, ask))]
pub(crate) struct Document;

pub(crate) fn routes() -> Router<SupportState> {
    Router::new().route("/api/customers/me/calls", get(list).post(ask))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CallInput {
    /// One of their own tickets, by id or number.
    ticket_id: Option<String>,
    /// As soon as possible when not given.
    #[schema(value_type = Option<String>)]
    scheduled_at: Option<Timestamp>,
    note: Option<String>,
    /// Their own number when not given.
    contact_number: Option<String>,
}

/// The customer's calls, newest first.
#[utoipa::path(get, path = "/api/customers/me/calls", tag = "portal", security(("bearer" = [])),
    params(("page" = Option<u32>, Query), ("limit" = Option<u32>, Query)),
    responses((status = 200, body = Vec<CallRow>, headers(("X-Total-Count" = u64))),
        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
async fn list(
    State(state): State<SupportState>,
    CustomerScope { scope, .. }: CustomerScope,
    Query(page): Query<PageQuery>,
) -> Result<([(HeaderName, String); 1], Answer<Vec<CallRow>>), ApiError> {
    let request = page.request()?;
    let page = state
        .desk()
        .callbacks(&scope, &CallbackFilter::default(), request)
        .await?;
    let calls = page.items.into_iter().map(|state| CallRow::from(state.callback));
    Ok(([(TOTAL, page.total.to_string())], Answer(calls.collect())))
}

/// Asks for a call.
#[utoipa::path(post, path = "/api/customers/me/calls", tag = "portal", security(("bearer" = [])),
    request_body = CallInput, responses((status = 201, body = CallRow), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
async fn ask(
    State(state): State<SupportState>,
    CustomerScope { scope, customer }: CustomerScope,
    Fields { body, mut found }: Fields<CallInput>,
) -> Result<(StatusCode, Answer<CallRow>), ApiError> {
    state.limits().creation(&scope)?;
    let number = number_of(&state, &scope, customer, body.contact_number.as_deref()).await?;
    check(&mut found, number.as_deref(), &body, state.desk().now());
    finish(found)?;
    let ticket = own_ticket(&state, &scope, body.ticket_id.as_deref()).await?;
    let new = NewCallback {
        contact_number: number.unwrap_or_default(),
        customer: Some(customer),
        ticket,
        scheduled_at: body.scheduled_at,
        notes: body.note,
        ..NewCallback::default()
    };
    let heard = state.desk().request_callback(&anew(&scope), new).await?;
    Ok((StatusCode::CREATED, Answer(CallRow::from(heard.callback))))
}

/// The number as given, else the customer's own, if there is any.
async fn number_of(
    state: &SupportState,
    scope: &Scope,
    customer: CustomerId,
    given: Option<&str>,
) -> Result<Option<String>, ApiError> {
    if let Some(given) = given.filter(|given| !given.trim().is_empty()) {
        return Ok(Some(given.to_owned()));
    }
    let known = state.desk().stores().people.customer(scope.tenant(), customer).await?;
    Ok(known.and_then(|customer| customer.contact.phone))
}

fn check(input: &mut Input, number: Option<&str>, body: &CallInput, now: Timestamp) {
    match number {
        Some(number) => {
            check_contact_number(input, "contact_number", number);
        }
        None => input.refuse("contact_number", "Contact number is required"),
    }
    if let Some(note) = &body.note {
        input.text("note", note, 0..=LONGEST_MESSAGE);
    }
    if body.scheduled_at.is_some_and(|at| at < now) {
        input.refuse("scheduled_at", "Must not be in the past");
    }
}

async fn own_ticket(state: &SupportState, scope: &Scope, named: Option<&str>) -> Result<Option<TicketId>, ApiError> {
    let Some(named) = named.map(str::trim).filter(|named| !named.is_empty()) else {
        return Ok(None);
    };
    let named: TicketRef = named.parse()?;
    Ok(Some(state.desk().ticket(scope, named).await?.id))
}
