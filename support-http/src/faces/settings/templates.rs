//! A tenant's own words for its mails.

use axum::{
    Router,
    extract::State,
    routing::{get, post, put},
};
use serde::{Deserialize, Serialize};
use support_core::{
    desk::{MailTemplateState, MailWords, Scope},
    model::MailTemplate,
};
use utoipa::{OpenApi, ToSchema};

use super::Enveloped;
use crate::{
    error::{ApiError, ErrorBody},
    extract::{Json, Path},
    scope::{AdminScope, anew},
    state::SupportState,
    wire::{Envelope, enveloped},
};

/// What is documented of these calls.
#[derive(OpenApi)]
#[openapi(paths(list, update, reset, preview))]
pub(crate) struct Document;

pub(crate) fn routes() -> Router<SupportState> {
    Router::new()
        .route("/api/v1/admin/settings/templates", get(list))
        .route("/api/v1/admin/settings/templates/{name}", put(update).delete(reset))
        .route("/api/v1/admin/settings/templates/{name}/preview", post(preview))
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MailTemplate)]
pub(crate) struct TemplateRow {
    name: &'static str,
    /// Whether these words are the tenant's own.
    is_own: bool,
    subject: String,
    text: String,
    html: String,
}

/// A mail as it would read.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Preview {
    subject: String,
    text: String,
    html: String,
}

/// What is not named is as the mail reads now.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct WordsInput {
    subject: Option<String>,
    text: Option<String>,
    html: Option<String>,
}

impl From<WordsInput> for MailWords {
    fn from(words: WordsInput) -> Self {
        Self {
            subject: words.subject,
            text: words.text,
            html: words.html,
        }
    }
}

impl From<MailTemplateState> for TemplateRow {
    fn from(state: MailTemplateState) -> Self {
        let MailTemplate { subject, text, html } = state.template;
        Self {
            name: state.kind.as_str(),
            is_own: state.is_own,
            subject,
            text,
            html,
        }
    }
}

async fn row(state: &SupportState, scope: &Scope, name: &str) -> Enveloped<TemplateRow> {
    let all = state.desk().mail_words(scope).await?;
    let found = all.into_iter().find(|words| words.kind.as_str() == name);
    Ok(enveloped(found.ok_or_else(ApiError::not_found)?.into()))
}

/// The words of all mails.
#[utoipa::path(get, path = "/api/v1/admin/settings/templates", tag = "settings", security(("bearer" = [])),
    responses((status = 200, body = Envelope<Vec<TemplateRow>>), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody)))]
async fn list(State(state): State<SupportState>, AdminScope(scope): AdminScope) -> Enveloped<Vec<TemplateRow>> {
    let all = state.desk().mail_words(&scope).await?;
    Ok(enveloped(all.into_iter().map(TemplateRow::from).collect()))
}

/// Sets a mail's words, if they read as a mail.
#[utoipa::path(put, path = "/api/v1/admin/settings/templates/{name}", tag = "settings", security(("bearer" = [])),
    params(("name" = String, Path)), request_body = WordsInput,
    responses((status = 200, body = Envelope<TemplateRow>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
async fn update(
    State(state): State<SupportState>,
    AdminScope(scope): AdminScope,
    Path(name): Path<String>,
    Json(words): Json<WordsInput>,
) -> Enveloped<TemplateRow> {
    state.desk().set_mail_words(&scope, &name, words.into()).await?;
    row(&state, &scope, &name).await
}

/// Gives a mail back the words that it has by itself.
#[utoipa::path(delete, path = "/api/v1/admin/settings/templates/{name}", tag = "settings", security(("bearer" = [])),
    params(("name" = String, Path)), responses((status = 200, body = Envelope<TemplateRow>),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
async fn reset(
    State(state): State<SupportState>,
    AdminScope(scope): AdminScope,
    Path(name): Path<String>,
) -> Enveloped<TemplateRow> {
    state.desk().reset_mail_words(&scope, &name).await?;
    row(&state, &scope, &name).await
}

/// A mail as it would read with these words, about made-up people.
#[utoipa::path(post, path = "/api/v1/admin/settings/templates/{name}/preview", tag = "settings",
    security(("bearer" = [])), params(("name" = String, Path)), request_body = WordsInput,
    responses((status = 200, body = Envelope<Preview>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
async fn preview(
    State(state): State<SupportState>,
    AdminScope(scope): AdminScope,
    Path(name): Path<String>,
    Json(words): Json<WordsInput>,
) -> Enveloped<Preview> {
    let read = state.desk().preview_mail(&anew(&scope), &name, words.into()).await?;
    let MailTemplate { subject, text, html } = read;
    Ok(enveloped(Preview { subject, text, html }))
}
