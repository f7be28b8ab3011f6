//! Teams: for visitors who choose one, and for those who manage them.

use axum::{Json as Answer, Router, extract::State, http::StatusCode, routing::get};
use serde::{Deserialize, Serialize};
use support_core::{
    desk::{DepartmentChanges, Desk, NewDepartment},
    model::{Department, DepartmentId, TenantId},
};
use utoipa::{OpenApi, ToSchema};

use super::settings::{Told, maybe};
use crate::{
    error::{ApiError, ErrorBody, required_name},
    extract::{Json, Object, Query},
    scope::{AdminScope, AgentScope, PublicTenant},
    state::SupportState,
    wire::{
        Envelope, Removed, enveloped,
        office_hours::{OfficeHoursInput, OfficeHoursRow, OpeningRow},
    },
};

/// What is documented of these calls.
#[derive(OpenApi)]
#[openapi(paths(choices, list, create, update, remove))]
pub(crate) struct Document;

pub(crate) fn public_routes() -> Router<SupportState> {
    Router::new().route("/api/v1/chat/departments", get(choices))
}

pub(crate) fn routes() -> Router<SupportState> {
    Router::new().route(
        "/api/v1/admin/chat/departments",
        get(list).post(create).put(update).delete(remove),
    )
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DepartmentChoice {
    name: String,
    slug: String,
    description: Option<String>,
    office_hours: OpeningRow,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Department)]
pub(crate) struct DepartmentRow {
    id: String,
    name: String,
    slug: String,
    description: Option<String>,
    email: Option<String>,
    is_active: bool,
    sort_order: i32,
    /// When somebody is there for it; as everywhere at the tenant's when null.
    office_hours: Option<OfficeHoursRow>,
    created_at: String,
    updated_at: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DepartmentInput {
    /// For changes: which.
    id: Option<String>,
    name: Option<String>,
    slug: Option<String>,
    description: Option<String>,
    email: Option<String>,
    is_active: Option<bool>,
    sort_order: Option<i32>,
    /// Null for the tenant's.
    #[serde(default, deserialize_with = "maybe")]
    #[schema(value_type = Option<OfficeHoursInput>)]
    office_hours: Told<Object<OfficeHoursInput>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Removal {
    id: Option<String>,
    move_to: Option<String>,
}

type Enveloped<T> = Result<Answer<Envelope<T>>, ApiError>;

impl From<Department> for DepartmentRow {
    fn from(department: Department) -> Self {
        Self {
            id: department.id.to_string(),
            name: department.name,
            slug: department.slug,
            description: department.description,
            email: department.email,
            is_active: department.is_active,
            sort_order: department.sort_order,
            office_hours: department.office_hours.as_deref().map(OfficeHoursRow::from),
            created_at: department.created_at.to_string(),
            updated_at: department.updated_at.to_string(),
        }
    }
}

impl DepartmentChoice {
    /// What visitors of a tenant may choose from.
    pub(crate) async fn of(desk: &Desk, tenant: TenantId) -> Result<Vec<Self>, ApiError> {
        let departments = desk.active_departments(tenant).await?;
        let calendars = desk.calendars(tenant).await?;
        let now = desk.now();
        let choices = departments.into_iter().map(|department| Self {
            office_hours: OpeningRow::new(calendars.of(Some(department.id)), now),
            name: department.name,
            slug: department.slug,
            description: department.description,
        });
        Ok(choices.collect())
    }
}

/// The teams that visitors may choose from.
#[utoipa::path(get, path = "/api/v1/chat/departments", tag = "departments",
    responses((status = 200, body = Envelope<Vec<DepartmentChoice>>), (status = 404, body = ErrorBody)))]
async fn choices(
    State(state): State<SupportState>,
    PublicTenant(tenant): PublicTenant,
) -> Enveloped<Vec<DepartmentChoice>> {
    Ok(enveloped(DepartmentChoice::of(state.desk(), tenant.id).await?))
}

/// All teams.
#[utoipa::path(get, path = "/api/v1/admin/chat/departments", tag = "departments", security(("bearer" = [])),
    responses((status = 200, body = Envelope<Vec<DepartmentRow>>), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody)))]
async fn list(State(state): State<SupportState>, AgentScope(scope): AgentScope) -> Enveloped<Vec<DepartmentRow>> {
    let departments = state.desk().departments(&scope).await?;
    Ok(enveloped(departments.into_iter().map(DepartmentRow::from).collect()))
}

/// Adds a team.
#[utoipa::path(post, path = "/api/v1/admin/chat/departments", tag = "departments", security(("bearer" = [])),
    request_body = DepartmentInput, responses((status = 201, body = Envelope<DepartmentRow>),
        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 409, body = ErrorBody)))]
async fn create(
    State(state): State<SupportState>,
    AdminScope(scope): AdminScope,
    Json(body): Json<DepartmentInput>,
) -> Result<(StatusCode, Answer<Envelope<DepartmentRow>>), ApiError> {
    let new = NewDepartment {
        name: body.name.unwrap_or_default(),
        slug: body.slug.unwrap_or_default(),
        description: body.description,
        email: body.email,
        is_active: body.is_active,
        sort_order: body.sort_order,
        office_hours: body.office_hours.flatten().map(|Object(hours)| hours.into()),
    };
    let department = state.desk().create_department(&scope, new).await?;
    Ok((StatusCode::CREATED, enveloped(department.into())))
}

/// Changes a team; what is not named stays.
#[utoipa::path(put, path = "/api/v1/admin/chat/departments", tag = "departments", security(("bearer" = [])),
    request_body = DepartmentInput, responses((status = 200, body = Envelope<DepartmentRow>),
        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
async fn update(
    State(state): State<SupportState>,
    AdminScope(scope): AdminScope,
    Json(body): Json<DepartmentInput>,
) -> Enveloped<DepartmentRow> {
    let id: DepartmentId = required_name("id", body.id.as_deref())?;
    let changes = DepartmentChanges {
        name: body.name,
        slug: body.slug,
        description: body.description,
        email: body.email,
        is_active: body.is_active,
        sort_order: body.sort_order,
        office_hours: body.office_hours.map(|hours| hours.map(|Object(hours)| hours.into())),
    };
    let department = state.desk().update_department(&scope, id, changes).await?;
    Ok(enveloped(department.into()))
}

/// Removes a team. Its unfinished tickets go to `moveTo`; without that, there must be none.
#[utoipa::path(delete, path = "/api/v1/admin/chat/departments", tag = "departments", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Query), ("moveTo" = Option<uuid::Uuid>, Query)),
    responses((status = 200, body = Envelope<Removed>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody)))]
async fn remove(
    State(state): State<SupportState>,
    AdminScope(scope): AdminScope,
    Query(removal): Query<Removal>,
) -> Enveloped<Removed> {
    let id: DepartmentId = required_name("id", removal.id.as_deref())?;
    let move_to = match removal.move_to.as_deref().filter(|target| !target.is_empty()) {
        Some(target) => Some(required_name("move_to", Some(target))?),
        None => None,
    };
    state.desk().remove_department(&scope, id, move_to).await?;
    Ok(enveloped(Removed::new(id)))
}
