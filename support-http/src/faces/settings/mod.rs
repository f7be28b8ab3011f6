//! What a tenant has settled for itself.

mod files;
mod input;
mod rows;
mod sla;
pub(crate) mod templates;

use axum::{
    Json as Answer, Router,
    extract::State,
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use support_core::{
    desk::Scope,
    model::{Channel, Inbox, InboxKind, Input, Tenant, TenantSettings},
};
use utoipa::{OpenApi, ToSchema};

pub(super) use self::input::{Told, maybe};
use self::{files::FilesRow, input::SettingsInput, rows::ChannelRows, sla::SlaRow};
use super::chat::in_terms_of;
use crate::{
    error::{ApiError, ErrorBody, finish},
    extract::{Fields, Json},
    scope::{AdminScope, anew},
    state::SupportState,
    wire::{Envelope, deliveries::ChannelTested, enveloped, office_hours::OfficeHoursRow},
};

/// What is documented of these calls.
#[derive(OpenApi)]
#[openapi(paths(show, update, test, register, rotate_identity_secret))]
pub(crate) struct Document;

pub(crate) fn routes() -> Router<SupportState> {
    Router::new()
        .route("/api/v1/admin/settings", get(show).put(update))
        .route("/api/v1/admin/settings/test", post(test))
        .route("/api/v1/admin/settings/telegram/webhook", post(register))
        .route("/api/v1/admin/settings/identity-secret", post(rotate_identity_secret))
        .merge(templates::routes())
}

type Enveloped<T> = Result<Answer<Envelope<T>>, ApiError>;

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Settings {
    slug: String,
    name: String,
    timezone: String,
    domains: Vec<String>,
    branding: BrandingRow,
    assignment: AssignmentRow,
    /// When somebody is there; always when null.
    office_hours: Option<OfficeHoursRow>,
    sla: SlaRow,
    files: FilesRow,
    /// Whether there is a secret by which visitors prove to be known people.
    identity_secret: bool,
    rating_by_mail: bool,
    /// After how many days a closed conversation is erased; never when null.
    retention_days: Option<u32>,
    #[serde(flatten)]
    channels: ChannelRows,
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
#[serde(rename_all = "camelCase")]
#[schema(as = Assignment)]
pub(crate) struct AssignmentRow {
    automatic: bool,
    /// Null when whoever is given a ticket has all the time in the world.
    accept_timeout_seconds: Option<u32>,
}

#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct TestInput {
    /// `email` or `telegram`.
    #[schema(required)]
    channel: Option<String>,
    /// Whom it goes to; who is told of callbacks when not given.
    #[serde(default, deserialize_with = "input::text_or_number")]
    #[schema(value_type = Option<String>)]
    to: Told<String>,
}

impl Settings {
    fn new(tenant: Tenant, telegram: Option<&Inbox>, public_url: &str) -> Self {
        let channels = ChannelRows::new(&tenant.settings, telegram, public_url);
        let TenantSettings {
            assignment,
            branding,
            office_hours,
            sla,
            files,
            identity,
            rating,
            retention_days,
            ..
        } = tenant.settings;
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
                accept_timeout_seconds: assignment.accept_timeout_seconds,
            },
            office_hours: office_hours.as_deref().map(OfficeHoursRow::from),
            sla: SlaRow::from(&sla),
            files: FilesRow::from(&files),
            identity_secret: identity.secret.is_some(),
            rating_by_mail: rating.by_mail,
            retention_days,
            channels,
        }
    }
}

async fn settings(state: &SupportState, scope: &Scope, tenant: Tenant) -> Enveloped<Settings> {
    let desk = state.desk();
    let inboxes = desk.stores().inboxes.inboxes(scope.tenant()).await?;
    let telegram = inboxes.iter().find(|inbox| inbox.kind == InboxKind::Telegram);
    let public_url = &desk.outbound_settings().public_url;
    Ok(enveloped(Settings::new(tenant, telegram, public_url)))
}

/// The tenant's settings. Of secrets it is only told whether the tenant has its own.
#[utoipa::path(get, path = "/api/v1/admin/settings", tag = "settings", security(("bearer" = [])),
    responses((status = 200, body = Envelope<Settings>), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody)))]
async fn show(State(state): State<SupportState>, AdminScope(scope): AdminScope) -> Enveloped<Settings> {
    let tenant = state.desk().tenant(&scope, scope.tenant()).await?;
    settings(&state, &scope, tenant).await
}

/// Changes settings; what is not named stays. Secrets are written as texts, removed by null, and
/// left as they are by what was read of them, `true` and `false`.
#[utoipa::path(put, path = "/api/v1/admin/settings", tag = "settings", security(("bearer" = [])),
    request_body = SettingsInput, responses((status = 200, body = Envelope<Settings>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 409, body = ErrorBody)))]
async fn update(
    State(state): State<SupportState>,
    AdminScope(scope): AdminScope,
    Json(body): Json<SettingsInput>,
) -> Enveloped<Settings> {
    let desk = state.desk();
    let before = desk.tenant(&scope, scope.tenant()).await?;
    let changes = body.changes(before.settings);
    let changed = desk.update_tenant(&scope, scope.tenant(), changes).await;
    let tenant = changed.map_err(|error| in_terms_of(error, &[("unsubscribed", "digest_unsubscribed")]))?;
    settings(&state, &scope, tenant).await
}

/// Sends a test over a channel right now, and answers the other side's own words.
#[utoipa::path(post, path = "/api/v1/admin/settings/test", tag = "settings", security(("bearer" = [])),
    request_body = TestInput, responses((status = 200, body = Envelope<ChannelTested>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
async fn test(
    State(state): State<SupportState>,
    AdminScope(scope): AdminScope,
    Fields { body, mut found }: Fields<TestInput>,
) -> Enveloped<ChannelTested> {
    let channel = channel_named(&mut found, body.channel.as_deref());
    let to = body.to.flatten().filter(|to| !to.trim().is_empty());
    let to = match (channel, to) {
        (Some(Channel::Email), Some(to)) => Some(found.email("to", &to)),
        (_, to) => to.map(|to| found.line("to", &to, 1..=LONGEST_RECIPIENT)),
    };
    finish(found)?;
    let channel = channel.ok_or_else(|| ApiError::field("channel", "This field is required"))?;
    // A test goes to any address at once: it must not become a way to fill mailboxes.
    state.limits().creation(&scope)?;
    let tested = state.desk().test_channel(&anew(&scope), channel, to).await?;
    Ok(enveloped(tested.into()))
}

/// The longest id of a chat: a public channel's name is shorter.
const LONGEST_RECIPIENT: usize = 100;

fn channel_named(input: &mut Input, name: Option<&str>) -> Option<Channel> {
    match name {
        Some("email") => Some(Channel::Email),
        Some("telegram") => Some(Channel::Telegram),
        Some(other) => {
            input.refuse("channel", format!("`{other}` is not one of: email telegram"));
            None
        }
        None => {
            input.refuse("channel", "This field is required");
            None
        }
    }
}

/// What is shown once.
#[derive(Serialize, ToSchema)]
pub(crate) struct IdentitySecret {
    secret: String,
}

/// Makes another secret with which the host application signs its users' ids. It is shown once, and
/// what was signed with the former one proves nothing any more.
#[utoipa::path(post, path = "/api/v1/admin/settings/identity-secret", tag = "settings", security(("bearer" = [])),
    responses((status = 200, body = Envelope<IdentitySecret>), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody)))]
async fn rotate_identity_secret(
    State(state): State<SupportState>,
    AdminScope(scope): AdminScope,
) -> Enveloped<IdentitySecret> {
    let secret = state.desk().rotate_identity_secret(&anew(&scope)).await?;
    let secret = secret.reveal().to_owned();
    Ok(enveloped(IdentitySecret { secret }))
}

/// Tells Telegram where the tenant's bot is to bring what people write to it.
#[utoipa::path(post, path = "/api/v1/admin/settings/telegram/webhook", tag = "settings", security(("bearer" = [])),
    responses((status = 200, body = Envelope<ChannelTested>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
async fn register(State(state): State<SupportState>, AdminScope(scope): AdminScope) -> Enveloped<ChannelTested> {
    Ok(enveloped(state.desk().register_telegram(&anew(&scope)).await?.into()))
}
