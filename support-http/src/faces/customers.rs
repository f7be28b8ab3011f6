//! The known people of a tenant, for admins and servers.

use axum::{Json as Answer, Router, extract::State, http::StatusCode, response::Response, routing::get};
use serde::{Deserialize, Serialize};
use support_core::{
    desk::{CustomerChanges, NewCustomer},
    model::{CustomerId, Input, LONGEST_NAME},
    ports::CustomerFilter,
};
use utoipa::{OpenApi, ToSchema};

use crate::{
    error::{ApiError, ErrorBody, finish},
    extract::{Fields, Json, Path, Query},
    scope::{AdminScope, CustomersScope},
    state::SupportState,
    wire::{
        pagination::{PageQuery, Pagination},
        people::CustomerRow,
        sorting::SortQuery,
    },
};

/// What is documented of these calls.
#[derive(OpenApi)]
#[openapi(paths(list, create, show, update, remove, export))]
pub(crate) struct Document;

pub(crate) fn routes() -> Router<SupportState> {
    Router::new()
        .route("/api/customers", get(list).post(create))
        .route("/api/customers/{id}", get(show).patch(update).delete(remove))
        .route("/api/customers/{id}/export", get(export))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CustomerInput {
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    external_id: Option<String>,
    /// With a password, the customer can log in.
    password: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Search {
    q: Option<String>,
    #[serde(flatten)]
    sort: SortQuery,
    #[serde(flatten)]
    page: PageQuery,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Customers {
    customers: Vec<CustomerRow>,
    pagination: Pagination,
}

/// The customers, newest first unless asked otherwise.
#[utoipa::path(get, path = "/api/customers", tag = "customers", security(("bearer" = [])),
    params(("q" = Option<String>, Query, description = "Text in name or address"),
        ("sortBy" = Option<String>, Query, description = "`createdAt`, `updatedAt` or `name`"),
        ("sortOrder" = Option<String>, Query, description = "`asc` or `desc`"),
        ("page" = Option<u32>, Query), ("limit" = Option<u32>, Query)),
    responses((status = 200, body = Customers), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody)))]
async fn list(
    State(state): State<SupportState>,
    CustomersScope(scope): CustomersScope,
    Query(search): Query<Search>,
) -> Result<Answer<Customers>, ApiError> {
    let mut input = Input::new();
    let request = search.page.read(&mut input);
    let filter = CustomerFilter {
        order: search.sort.records(CustomerFilter::default().order, &mut input),
        text: search.q.filter(|text| !text.trim().is_empty()),
    };
    finish(input)?;
    let page = state.desk().customers(&scope, &filter, request).await?;
    Ok(Answer(Customers {
        customers: page.items.into_iter().map(CustomerRow::from).collect(),
        pagination: Pagination::new(request, page.total),
    }))
}

/// Adds a customer.
#[utoipa::path(post, path = "/api/customers", tag = "customers", security(("bearer" = [])),
    request_body = CustomerInput, responses((status = 201, body = CustomerRow), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 409, body = ErrorBody)))]
async fn create(
    State(state): State<SupportState>,
    CustomersScope(scope): CustomersScope,
    Fields { body, found }: Fields<CustomerInput>,
) -> Result<(StatusCode, Answer<CustomerRow>), ApiError> {
    check_new(&body, found)?;
    let new = NewCustomer {
        name: body.name,
        email: body.email,
        phone: body.phone,
        external_id: body.external_id,
        password: body.password,
    };
    let customer = state.desk().create_customer(&scope, new).await?;
    Ok((StatusCode::CREATED, Answer(customer.into())))
}

/// People whom an admin adds have a name and an address; those whom a server makes known need not.
fn check_new(body: &CustomerInput, mut input: Input) -> Result<(), ApiError> {
    input.line("name", body.name.as_deref().unwrap_or_default(), 1..=LONGEST_NAME);
    input.email("email", body.email.as_deref().unwrap_or_default());
    input.optional_phone("phone", body.phone.as_deref());
    input.optional_line("external_id", body.external_id.as_deref(), 200);
    if let Some(password) = &body.password {
        input.password("password", password);
    }
    finish(input)
}

/// One customer.
#[utoipa::path(get, path = "/api/customers/{id}", tag = "customers", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 200, body = CustomerRow), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
async fn show(
    State(state): State<SupportState>,
    CustomersScope(scope): CustomersScope,
    Path(id): Path<CustomerId>,
) -> Result<Answer<CustomerRow>, ApiError> {
    let customer = state.desk().customer(&scope, id).await?;
    Ok(Answer(customer.into()))
}

/// Changes a customer; what is not named stays.
#[utoipa::path(patch, path = "/api/customers/{id}", tag = "customers", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), request_body = CustomerInput, responses((status = 200, body = CustomerRow),
        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
async fn update(
    State(state): State<SupportState>,
    CustomersScope(scope): CustomersScope,
    Path(id): Path<CustomerId>,
    Json(body): Json<CustomerInput>,
) -> Result<Answer<CustomerRow>, ApiError> {
    let changes = CustomerChanges {
        name: body.name,
        email: body.email,
        phone: body.phone,
        external_id: body.external_id,
        password: body.password,
    };
    let customer = state.desk().update_customer(&scope, id, changes).await?;
    Ok(Answer(customer.into()))
}

/// Erases a customer, or the visitor that a ticket names as its customer: everything they said and
/// sent in, and who they are. Only what is counted stays.
#[utoipa::path(delete, path = "/api/customers/{id}", tag = "customers", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)), responses((status = 204), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
async fn remove(
    State(state): State<SupportState>,
    AdminScope(scope): AdminScope,
    Path(id): Path<uuid::Uuid>,
) -> Result<StatusCode, ApiError> {
    state.desk().erase_person(&scope, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// All that is kept of a customer, as they may see it themselves: who they are, their tickets with
/// everything said in them and how they rated them, their files, their calls, and what they were told.
#[utoipa::path(get, path = "/api/customers/{id}/export", tag = "customers", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path)),
    responses((status = 200, description = "All of it, in one document", content_type = "application/json"),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
async fn export(
    State(state): State<SupportState>,
    AdminScope(scope): AdminScope,
    Path(id): Path<CustomerId>,
) -> Result<Response, ApiError> {
    let own = state.desk().in_the_eyes_of(&scope, id).await?;
    crate::export::answer(state.desk(), own).await
}
