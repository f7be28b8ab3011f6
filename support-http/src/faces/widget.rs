//! What a widget must know before its visitor says anything.

use axum::{Json as Answer, Router, extract::State, routing::get};
use serde::Serialize;
use support_core::{
    desk::{ArticleQuery, FileLimits},
    model::FileKind,
};
use utoipa::{OpenApi, ToSchema};

use crate::{
    error::{ApiError, ErrorBody},
    faces::departments::DepartmentChoice,
    scope::PublicTenant,
    state::SupportState,
    wire::{Envelope, enveloped, office_hours::OpeningRow},
};

/// What is documented of this call.
#[derive(OpenApi)]
#[openapi(paths(introduce))]
pub(crate) struct Document;

pub(crate) fn routes() -> Router<SupportState> {
    Router::new().route("/api/v1/chat/widget", get(introduce))
}

/// How a tenant's widget looks and what it can do.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Widget)]
pub(crate) struct WidgetRow {
    /// What stands over the chat.
    name: String,
    /// First words that a visitor sees.
    greeting: String,
    /// Accent colour as `#rrggbb`.
    color: String,
    /// Whether somebody is there to answer.
    admin_online: bool,
    /// Null where no hours are set.
    office_hours: Option<OpeningRow>,
    departments: Vec<DepartmentChoice>,
    /// Null where no files are taken.
    upload: Option<UploadRow>,
    /// Whether there are articles to be searched.
    has_knowledge_base: bool,
}

/// What may be sent in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WidgetUpload)]
pub(crate) struct UploadRow {
    /// The largest file.
    max_bytes: u64,
    content_types: Vec<&'static str>,
}

impl From<FileLimits> for UploadRow {
    fn from(limits: FileLimits) -> Self {
        Self {
            max_bytes: limits.largest,
            content_types: limits.kinds.into_iter().map(FileKind::content_type).collect(),
        }
    }
}

/// How the widget looks, who is there, and what may be sent.
#[utoipa::path(get, path = "/api/v1/chat/widget", tag = "chat",
    responses((status = 200, body = Envelope<WidgetRow>), (status = 404, body = ErrorBody)))]
async fn introduce(
    State(state): State<SupportState>,
    PublicTenant(tenant): PublicTenant,
) -> Result<Answer<Envelope<WidgetRow>>, ApiError> {
    let desk = state.desk();
    let calendars = desk.calendars(tenant.id).await?;
    let calendar = calendars.of(None);
    let any_article = ArticleQuery {
        limit: 1,
        ..ArticleQuery::default()
    };
    let articles = desk.published_articles(tenant.id, &any_article).await?;
    let departments = DepartmentChoice::of(desk, tenant.id).await?;
    Ok(enveloped(WidgetRow {
        office_hours: calendar.has_hours().then(|| OpeningRow::new(calendar, desk.now())),
        admin_online: state.hub().directory().somebody_is_online(tenant.id, None).await?,
        departments,
        upload: desk.widget_file_limits(tenant.id).await?.map(UploadRow::from),
        has_knowledge_base: !articles.is_empty(),
        name: tenant.settings.branding.name.unwrap_or(tenant.name),
        greeting: tenant.settings.branding.greeting,
        color: tenant.settings.branding.color,
    }))
}
