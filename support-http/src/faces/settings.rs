//! What a tenant has settled for itself.

use axum::{Json as Answer, Router, extract::State, routing::get};
use serde::{Deserialize, Deserializer, Serialize};
use support_core::{
    desk::{ChannelChanges, TenantChanges},
    model::{Branding, Tenant, TenantSettings},
};
use utoipa::{OpenApi, ToSchema};

use crate::{
    error::{ApiError, ErrorBody},
    extract::Json,
    scope::AdminScope,
    state::SupportState,
    wire::{Envelope, enveloped},
};

/// What is documented of these calls.
#[derive(OpenApi)]
#[openapi(paths(show, update))]
pub(crate) struct Document;

pub(crate) fn routes() -> Router<SupportState> {
    Router::new().route("/api/v1/admin/settings", get(show).put(update))
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Settings {
    slug: String,
    name: String,
    timezone: String,
    domains: Vec<String>,
    branding: BrandingRow,
    assignment: AssignmentRow,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Branding)]
pub(crate) struct BrandingRow {
    /// Name over the chat; the tenant's own when null.
    name: Option<String>,
    color: String,
    greeting: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Assignment)]
pub(crate) struct AssignmentRow {
    automatic: bool,
}

#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct SettingsInput {
    name: Option<String>,
    /// An IANA time zone.
    timezone: Option<String>,
    domains: Option<Vec<String>>,
    branding: Option<BrandingInput>,
    assignment: Option<AssignmentInput>,
}

#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct BrandingInput {
    #[serde(default, deserialize_with = "told")]
    #[schema(value_type = Option<String>)]
    name: Option<Option<String>>,
    /// `#rrggbb`.
    color: Option<String>,
    greeting: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct AssignmentInput {
    /// Whether tickets find agents without anybody choosing.
    automatic: Option<bool>,
}

/// Keeps apart what is not named and what is named as null.
fn told<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

impl From<Tenant> for Settings {
    fn from(tenant: Tenant) -> Self {
        let TenantSettings { assignment, branding, .. } = tenant.settings;
        Self {
            slug: tenant.slug,
            name: tenant.name,
            timezone: tenant.timezone.name().to_owned(),
            domains: tenant.domains,
            branding: BrandingRow {
                name: branding.name,
                color: branding.color,
                greeting: branding.greeting,
            },
            assignment: AssignmentRow {
                automatic: assignment.automatic,
            },
        }
    }
}

/// The tenant's settings.
#[utoipa::path(get, path = "/api/v1/admin/settings", tag = "settings", security(("bearer" = [])),
    responses((status = 200, body = Envelope<Settings>), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody)))]
async fn show(
    State(state): State<SupportState>,
    AdminScope(scope): AdminScope,
) -> Result<Answer<Envelope<Settings>>, ApiError> {
    let tenant = state.desk().tenant(&scope, scope.tenant()).await?;
    Ok(enveloped(tenant.into()))
}

/// Changes settings; what is not named stays.
#[utoipa::path(put, path = "/api/v1/admin/settings", tag = "settings", security(("bearer" = [])),
    request_body = SettingsInput, responses((status = 200, body = Envelope<Settings>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 409, body = ErrorBody)))]
async fn update(
    State(state): State<SupportState>,
    AdminScope(scope): AdminScope,
    Json(body): Json<SettingsInput>,
) -> Result<Answer<Envelope<Settings>>, ApiError> {
    let desk = state.desk();
    let before = desk.tenant(&scope, scope.tenant()).await?;
    let settings = changed(before.settings, body.branding, body.assignment);
    let changes = TenantChanges {
        name: body.name,
        timezone: body.timezone,
        domains: body.domains,
        is_active: None,
        settings,
        channels: ChannelChanges::default(),
    };
    let tenant = desk.update_tenant(&scope, scope.tenant(), changes).await?;
    Ok(enveloped(tenant.into()))
}

fn changed(
    mut settings: TenantSettings,
    branding: Option<BrandingInput>,
    assignment: Option<AssignmentInput>,
) -> Option<TenantSettings> {
    if branding.is_none() && assignment.is_none() {
        return None;
    }
    if let Some(automatic) = assignment.and_then(|assignment| assignment.automatic) {
        settings.assignment.automatic = automatic;
    }
    if let Some(BrandingInput { name, color, greeting }) = branding {
        settings.branding = Branding {
            name: name.unwrap_or(settings.branding.name),
            color: color.unwrap_or(settings.branding.color),
            greeting: greeting.unwrap_or(settings.branding.greeting),
        };
    }
    Some(settings)
}
