//! The knowledge base, for those who read it.

use std::net::IpAddr;

use aws_lc_rs::hmac;
use axum::{
    Json as Answer, Router,
    extract::State,
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use support_core::{
    desk::{ArticleQuery, FoundArticle},
    model::{Article, Input, TenantId},
};
use utoipa::{OpenApi, ToSchema};

use crate::{
    client_address::ClientAddress,
    error::{ApiError, ErrorBody, finish},
    extract::{Fields, Path, SearchQuery},
    languages::UnderstoodLanguages,
    limits::Who,
    markdown::html_of,
    scope::{CustomerScope, PublicTenant},
    state::SupportState,
    wire::{Envelope, enveloped, pagination::number},
};

/// The longest list.
const MOST_ARTICLES: u32 = 100;
/// The list nobody asked to be of another length.
const USUAL_ARTICLES: u32 = 20;
/// The suggestions nobody asked to be more or fewer.
const USUAL_SUGGESTIONS: u32 = 3;

/// What is documented of these calls.
#[derive(OpenApi)]
#[openapi(paths(search, read, rate, suggest, portal))]
pub(crate) struct Document;

pub(crate) fn public_routes() -> Router<SupportState> {
    Router::new()
        .route("/api/v1/chat/knowledge-base", get(search))
        .route("/api/v1/chat/knowledge-base/{slug}", get(read))
        .route("/api/v1/chat/knowledge-base/{slug}/feedback", post(rate))
        .route("/api/v1/chat/suggestions", get(suggest))
}

pub(crate) fn portal_routes() -> Router<SupportState> {
    Router::new().route("/api/customers/me/kb", get(portal))
}

/// An article that was found.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FoundArticle)]
pub(crate) struct FoundRow {
    id: String,
    title: String,
    slug: String,
    category: Option<String>,
    tags: Vec<String>,
    language: String,
    /// The piece of the text around what was found, as plain text.
    snippet: String,
    /// In Markdown.
    content: String,
    /// The content, rendered and safe.
    html: String,
    /// How well it fits; more is better.
    score: u32,
}

/// An article to be read.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PublishedArticle)]
pub(crate) struct PublishedRow {
    id: String,
    title: String,
    slug: String,
    category: Option<String>,
    tags: Vec<String>,
    language: String,
    /// In Markdown.
    content: String,
    /// The content, rendered and safe.
    html: String,
    views: u64,
    helpful_count: u64,
    unhelpful_count: u64,
    created_at: String,
    updated_at: String,
}

#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct ArticleFeedback {
    /// Whether the article helped.
    helpful: Option<bool>,
}

/// What readers said of an article.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FeedbackRow {
    helpful: bool,
    helpful_count: u64,
    unhelpful_count: u64,
}

#[derive(Debug, Deserialize)]
struct Search {
    q: Option<String>,
    category: Option<String>,
    language: Option<String>,
    limit: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Reading {
    language: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Suggesting {
    message: Option<String>,
    language: Option<String>,
    limit: Option<String>,
}

impl From<FoundArticle> for FoundRow {
    fn from(found: FoundArticle) -> Self {
        let FoundArticle {
            article,
            score,
            snippet,
        } = found;
        Self {
            id: article.id.to_string(),
            title: article.title,
            slug: article.slug,
            category: article.category,
            tags: article.tags,
            language: article.language,
            snippet: snippet.text,
            html: html_of(&article.content),
            content: article.content,
            score,
        }
    }
}

impl From<Article> for PublishedRow {
    fn from(article: Article) -> Self {
        Self {
            id: article.id.to_string(),
            title: article.title,
            slug: article.slug,
            category: article.category,
            tags: article.tags,
            language: article.language,
            html: html_of(&article.content),
            content: article.content,
            views: article.views,
            helpful_count: article.helpful,
            unhelpful_count: article.unhelpful,
            created_at: article.created_at.to_string(),
            updated_at: article.updated_at.to_string(),
        }
    }
}

impl Search {
    fn query(self, UnderstoodLanguages(understood): UnderstoodLanguages) -> Result<ArticleQuery, ApiError> {
        let mut input = Input::new();
        let query = ArticleQuery {
            text: self.q,
            category: self.category.filter(|category| !category.trim().is_empty()),
            language: asked_language(self.language, &mut input),
            understood,
            limit: number(
                "limit",
                self.limit.as_deref(),
                USUAL_ARTICLES,
                1..=MOST_ARTICLES,
                &mut input,
            ),
        };
        finish(input)?;
        Ok(query)
    }
}

fn asked_language(language: Option<String>, input: &mut Input) -> Option<String> {
    let language = language.filter(|language| !language.trim().is_empty())?;
    Some(input.language("language", &language))
}

/// The language that was asked for before those that are understood.
fn preferring(reading: Reading, UnderstoodLanguages(understood): UnderstoodLanguages) -> Result<Vec<String>, ApiError> {
    let mut input = Input::new();
    let asked = asked_language(reading.language, &mut input);
    finish(input)?;
    Ok(asked.into_iter().chain(understood).collect())
}

async fn found(state: &SupportState, tenant: TenantId, query: &ArticleQuery) -> Result<Vec<FoundRow>, ApiError> {
    let found = state.desk().published_articles(tenant, query).await?;
    Ok(found.into_iter().map(FoundRow::from).collect())
}

/// Published articles with all words of a question, best first, the last of which may be the
/// beginning of one; without a question those of a category, or all, in their order. A language in
/// which nothing is found gives way to the others.
#[utoipa::path(get, path = "/api/v1/chat/knowledge-base", tag = "knowledge base",
    params(("q" = Option<String>, Query), ("category" = Option<String>, Query),
        ("language" = Option<String>, Query), ("limit" = Option<u32>, Query)),
    responses((status = 200, body = Envelope<Vec<FoundRow>>), (status = 400, body = ErrorBody),
        (status = 404, body = ErrorBody)))]
async fn search(
    State(state): State<SupportState>,
    PublicTenant(tenant): PublicTenant,
    languages: UnderstoodLanguages,
    SearchQuery(search): SearchQuery<Search>,
) -> Result<Answer<Envelope<Vec<FoundRow>>>, ApiError> {
    let query = search.query(languages)?;
    Ok(enveloped(found(&state, tenant.id, &query).await?))
}

/// A published article, of several translations the one whose language was asked for or is
/// understood best.
#[utoipa::path(get, path = "/api/v1/chat/knowledge-base/{slug}", tag = "knowledge base",
    params(("slug" = String, Path), ("language" = Option<String>, Query)),
    responses((status = 200, body = Envelope<PublishedRow>), (status = 400, body = ErrorBody),
        (status = 404, body = ErrorBody)))]
async fn read(
    State(state): State<SupportState>,
    PublicTenant(tenant): PublicTenant,
    Path(slug): Path<String>,
    languages: UnderstoodLanguages,
    SearchQuery(reading): SearchQuery<Reading>,
) -> Result<Answer<Envelope<PublishedRow>>, ApiError> {
    let languages = preferring(reading, languages)?;
    let article = state.desk().read_article(tenant.id, &slug, &languages).await?;
    Ok(enveloped(article.into()))
}

/// Says whether an article helped: one vote for each address, of which the last counts.
#[utoipa::path(post, path = "/api/v1/chat/knowledge-base/{slug}/feedback", tag = "knowledge base",
    params(("slug" = String, Path), ("language" = Option<String>, Query)), request_body = ArticleFeedback,
    responses((status = 200, body = Envelope<FeedbackRow>), (status = 400, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 429, body = ErrorBody)))]
async fn rate(
    State(state): State<SupportState>,
    PublicTenant(tenant): PublicTenant,
    address: ClientAddress,
    Path(slug): Path<String>,
    languages: UnderstoodLanguages,
    SearchQuery(reading): SearchQuery<Reading>,
    Fields { body, mut found }: Fields<ArticleFeedback>,
) -> Result<Answer<Envelope<FeedbackRow>>, ApiError> {
    state.limits().creation(address)?;
    let helpful = body.helpful.unwrap_or_else(|| {
        if found.is_fine() {
            found.refuse("helpful", "This field is required");
        }
        false
    });
    finish(found)?;
    let languages = preferring(reading, languages)?;
    let reader = reader_at(&state, address);
    let article = state
        .desk()
        .rate_article(tenant.id, &slug, &languages, &reader, helpful);
    let article = article.await?;
    Ok(enveloped(FeedbackRow {
        helpful,
        helpful_count: article.helpful,
        unhelpful_count: article.unhelpful,
    }))
}

/// What stands for whoever reads at an address, from which nobody without the installation's secret
/// can tell the address.
fn reader_at(state: &SupportState, address: ClientAddress) -> String {
    let address = match Who::from(address) {
        Who::Address(IpAddr::V4(address)) => address.to_string(),
        Who::Address(IpAddr::V6(address)) => address.to_string(),
        Who::Principal(..) => String::new(),
    };
    let key = hmac::Key::new(hmac::HMAC_SHA256, state.settings().jwt.secret());
    hex::encode(hmac::sign(&key, format!("reader {address}").as_bytes()))
}

/// Published articles that may answer a message, judged by its first words: for showing them before
/// it is sent.
#[utoipa::path(get, path = "/api/v1/chat/suggestions", tag = "knowledge base",
    params(("message" = String, Query), ("language" = Option<String>, Query), ("limit" = Option<u32>, Query)),
    responses((status = 200, body = Envelope<Vec<FoundRow>>), (status = 400, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 429, body = ErrorBody)))]
async fn suggest(
    State(state): State<SupportState>,
    PublicTenant(tenant): PublicTenant,
    address: ClientAddress,
    UnderstoodLanguages(understood): UnderstoodLanguages,
    SearchQuery(asked): SearchQuery<Suggesting>,
) -> Result<Answer<Envelope<Vec<FoundRow>>>, ApiError> {
    state.limits().suggestion(address)?;
    let mut input = Input::new();
    let message = asked.message.unwrap_or_default();
    if message.trim().is_empty() {
        input.refuse("message", "This field is required");
    }
    let query = ArticleQuery {
        language: asked_language(asked.language, &mut input),
        understood,
        limit: number(
            "limit",
            asked.limit.as_deref(),
            USUAL_SUGGESTIONS,
            1..=MOST_ARTICLES,
            &mut input,
        ),
        ..ArticleQuery::default()
    };
    finish(input)?;
    let found = state.desk().suggested_articles(tenant.id, &message, &query).await?;
    Ok(enveloped(found.into_iter().map(FoundRow::from).collect()))
}

/// The same search for customers.
#[utoipa::path(get, path = "/api/customers/me/kb", tag = "portal", security(("bearer" = [])),
    params(("q" = Option<String>, Query), ("category" = Option<String>, Query),
        ("language" = Option<String>, Query), ("limit" = Option<u32>, Query)),
    responses((status = 200, body = Vec<FoundRow>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
async fn portal(
    State(state): State<SupportState>,
    CustomerScope { scope, .. }: CustomerScope,
    languages: UnderstoodLanguages,
    SearchQuery(search): SearchQuery<Search>,
) -> Result<Answer<Vec<FoundRow>>, ApiError> {
    let query = search.query(languages)?;
    Ok(Answer(found(&state, scope.tenant(), &query).await?))
}
