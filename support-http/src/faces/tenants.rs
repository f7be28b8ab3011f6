//! Companies on this installation, for its operators.

use axum::{Json as Answer, Router, extract::State, http::StatusCode, routing::get};
use serde::{Deserialize, Serialize};
use support_core::{
    desk::{FirstAdmin, NewTenant, TenantChanges},
    model::{Input, Tenant, TenantId},
    ports::RecordOrder,
};
use utoipa::{OpenApi, ToSchema};

use crate::{
    error::{ApiError, ErrorBody, finish, required_name},
    extract::{Json, Object, Query},
    scope::PlatformScope,
    state::SupportState,
    wire::{
        Envelope, enveloped,
        pagination::{PageQuery, Pagination},
        sorting::SortQuery,
    },
};

/// What is documented of these calls.
#[derive(OpenApi)]
#[openapi(paths(list, create, update, deactivate))]
pub(crate) struct Document;

pub(crate) fn routes() -> Router<SupportState> {
    Router::new().route(
        "/api/v1/platform/tenants",
        get(list).post(create).patch(update).delete(deactivate),
    )
}

#[derive(Debug, Default, Deserialize, ToSchema)]
pub(crate) struct FirstAdminInput {
    name: Option<String>,
    email: Option<String>,
    password: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct TenantInput {
    #[schema(required)]
    slug: Option<String>,
    #[schema(required)]
    name: Option<String>,
    /// An IANA time zone; UTC unless named.
    timezone: Option<String>,
    domains: Option<Vec<String>>,
    #[schema(required)]
    #[schema(value_type = Option<FirstAdminInput>)]
    admin: Option<Object<FirstAdminInput>>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TenantChangesInput {
    #[schema(required)]
    id: Option<String>,
    name: Option<String>,
    timezone: Option<String>,
    domains: Option<Vec<String>>,
    is_active: Option<bool>,
}

#[derive(Debug, Deserialize)]
struct Search {
    #[serde(flatten)]
    sort: SortQuery,
    #[serde(flatten)]
    page: PageQuery,
}

#[derive(Debug, Deserialize)]
struct Which {
    id: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Tenant)]
pub(crate) struct TenantRow {
    id: String,
    slug: String,
    name: String,
    timezone: String,
    domains: Vec<String>,
    is_active: bool,
    created_at: String,
    updated_at: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OneTenant {
    tenant: TenantRow,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Tenants {
    tenants: Vec<TenantRow>,
    pagination: Pagination,
}

impl From<Tenant> for TenantRow {
    fn from(tenant: Tenant) -> Self {
        Self {
            id: tenant.id.to_string(),
            slug: tenant.slug,
            name: tenant.name,
            timezone: tenant.timezone.name().to_owned(),
            domains: tenant.domains,
            is_active: tenant.is_active,
            created_at: tenant.created_at.to_string(),
            updated_at: tenant.updated_at.to_string(),
        }
    }
}

fn one(tenant: Tenant) -> Answer<Envelope<OneTenant>> {
    enveloped(OneTenant { tenant: tenant.into() })
}

/// All tenants, oldest first unless asked otherwise.
#[utoipa::path(get, path = "/api/v1/platform/tenants", tag = "tenants", security(("bearer" = [])),
    params(("sortBy" = Option<String>, Query, description = "`createdAt`, `updatedAt` or `name`"),
        ("sortOrder" = Option<String>, Query, description = "`asc` or `desc`"),
        ("page" = Option<u32>, Query), ("limit" = Option<u32>, Query)),
    responses((status = 200, body = Envelope<Tenants>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
async fn list(
    State(state): State<SupportState>,
    PlatformScope(scope): PlatformScope,
    Query(search): Query<Search>,
) -> Result<Answer<Envelope<Tenants>>, ApiError> {
    let mut input = Input::new();
    let request = search.page.read(&mut input);
    let order = search.sort.records(RecordOrder::OLDEST_FIRST, &mut input);
    finish(input)?;
    let page = state.desk().tenants(&scope, order, request).await?;
    Ok(enveloped(Tenants {
        tenants: page.items.into_iter().map(TenantRow::from).collect(),
        pagination: Pagination::new(request, page.total),
    }))
}

/// Makes a tenant with its first departments and its first admin.
#[utoipa::path(post, path = "/api/v1/platform/tenants", tag = "tenants", security(("bearer" = [])),
    request_body = TenantInput, responses((status = 201, body = Envelope<OneTenant>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 409, body = ErrorBody)))]
async fn create(
    State(state): State<SupportState>,
    PlatformScope(scope): PlatformScope,
    Json(body): Json<TenantInput>,
) -> Result<(StatusCode, Answer<Envelope<OneTenant>>), ApiError> {
    let Object(admin) = body.admin.unwrap_or_default();
    let new = NewTenant {
        slug: body.slug.unwrap_or_default(),
        name: body.name.unwrap_or_default(),
        timezone: body.timezone.unwrap_or_else(|| "UTC".to_owned()),
        domains: body.domains.unwrap_or_default(),
        admin: FirstAdmin {
            name: admin.name.unwrap_or_default(),
            email: admin.email.unwrap_or_default(),
            password: admin.password.unwrap_or_default(),
        },
    };
    let tenant = state.desk().create_tenant(&scope, new).await?;
    Ok((StatusCode::CREATED, one(tenant)))
}

/// Changes a tenant; what is not named stays.
#[utoipa::path(patch, path = "/api/v1/platform/tenants", tag = "tenants", security(("bearer" = [])),
    request_body = TenantChangesInput, responses((status = 200, body = Envelope<OneTenant>),
        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
async fn update(
    State(state): State<SupportState>,
    PlatformScope(scope): PlatformScope,
    Json(body): Json<TenantChangesInput>,
) -> Result<Answer<Envelope<OneTenant>>, ApiError> {
    let id: TenantId = required_name("id", body.id.as_deref())?;
    let changes = TenantChanges {
        name: body.name,
        timezone: body.timezone,
        domains: body.domains,
        is_active: body.is_active,
        ..TenantChanges::default()
    };
    Ok(one(state.desk().update_tenant(&scope, id, changes).await?))
}

/// Shuts a tenant's doors. What it has stays until it is erased.
#[utoipa::path(delete, path = "/api/v1/platform/tenants", tag = "tenants", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Query)), responses((status = 200, body = Envelope<OneTenant>),
        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody)))]
async fn deactivate(
    State(state): State<SupportState>,
    PlatformScope(scope): PlatformScope,
    Query(which): Query<Which>,
) -> Result<Answer<Envelope<OneTenant>>, ApiError> {
    let id: TenantId = required_name("id", which.id.as_deref())?;
    let changes = TenantChanges {
        is_active: Some(false),
        ..TenantChanges::default()
    };
    Ok(one(state.desk().update_tenant(&scope, id, changes).await?))
}
