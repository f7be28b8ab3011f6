//! The knowledge base, for those who keep it.

use axum::{Json as Answer, Router, extract::State, http::StatusCode, routing::get};
use serde::{Deserialize, Serialize};
use support_core::{
    desk::{ArticleChanges, NewArticle},
    model::{Article, ArticleId, Input},
    ports::ArticleFilter,
};
use utoipa::{OpenApi, ToSchema};

use super::settings::{Told, maybe};
use crate::{
    error::{ApiError, ErrorBody, finish, required_name},
    extract::{Fields, Query},
    scope::{AgentScope, SupervisorScope},
    state::SupportState,
    wire::{
        Envelope, Removed, enveloped,
        pagination::{PageQuery, Pagination},
    },
};

/// What is documented of these calls.
#[derive(OpenApi)]
#[openapi(paths(list, create, update, remove))]
pub(crate) struct Document;

pub(crate) fn routes() -> Router<SupportState> {
    Router::new().route(
        "/api/v1/admin/chat/knowledge-base",
        get(list).post(create).put(update).delete(remove),
    )
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Article)]
pub(crate) struct ArticleRow {
    id: String,
    title: String,
    slug: String,
    /// In Markdown.
    content: String,
    category: Option<String>,
    tags: Vec<String>,
    language: String,
    is_published: bool,
    sort_order: i32,
    views: u64,
    helpful_count: u64,
    unhelpful_count: u64,
    created_at: String,
    updated_at: String,
}

/// A page of articles.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ArticlePage {
    success: bool,
    data: Vec<ArticleRow>,
    pagination: Pagination,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ArticleInput {
    /// For changes: which.
    id: Option<String>,
    title: Option<String>,
    /// Made of the title when not given; unique among the articles of one language.
    slug: Option<String>,
    /// In Markdown.
    content: Option<String>,
    /// Null for none.
    #[serde(default, deserialize_with = "maybe")]
    #[schema(value_type = Option<String>)]
    category: Told<String>,
    tags: Option<Vec<String>>,
    /// A tag such as `pt-BR`; `en` when not given.
    language: Option<String>,
    /// Whether everybody may read it; a draft when not given.
    is_published: Option<bool>,
    sort_order: Option<i32>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listing {
    category: Option<String>,
    language: Option<String>,
    is_published: Option<String>,
    #[serde(flatten)]
    page: PageQuery,
}

#[derive(Debug, Deserialize)]
struct Removal {
    id: Option<String>,
}

type Enveloped<T> = Result<Answer<Envelope<T>>, ApiError>;

impl From<Article> for ArticleRow {
    fn from(article: Article) -> Self {
        Self {
            id: article.id.to_string(),
            title: article.title,
            slug: article.slug,
            content: article.content,
            category: article.category,
            tags: article.tags,
            language: article.language,
            is_published: article.is_published,
            sort_order: article.sort_order,
            views: article.views,
            helpful_count: article.helpful,
            unhelpful_count: article.unhelpful,
            created_at: article.created_at.to_string(),
            updated_at: article.updated_at.to_string(),
        }
    }
}

/// All articles with the drafts among them, by place in lists.
#[utoipa::path(get, path = "/api/v1/admin/chat/knowledge-base", tag = "knowledge base", security(("bearer" = [])),
    params(("category" = Option<String>, Query), ("language" = Option<String>, Query),
        ("isPublished" = Option<bool>, Query), ("page" = Option<u32>, Query), ("limit" = Option<u32>, Query)),
    responses((status = 200, body = ArticlePage), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody)))]
async fn list(
    State(state): State<SupportState>,
    AgentScope(scope): AgentScope,
    Query(listing): Query<Listing>,
) -> Result<Answer<ArticlePage>, ApiError> {
    let mut input = Input::new();
    let page = listing.page.read(&mut input);
    let given = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let filter = ArticleFilter {
        is_published: given(listing.is_published).and_then(|text| truth("is_published", &text, &mut input)),
        category: given(listing.category),
        language: given(listing.language).map(|language| input.language("language", &language)),
    };
    finish(input)?;
    let articles = state.desk().articles(&scope, &filter, page).await?;
    Ok(Answer(ArticlePage {
        success: true,
        data: articles.items.into_iter().map(ArticleRow::from).collect(),
        pagination: Pagination::new(page, articles.total).or_more(!articles.is_total_exact),
    }))
}

fn truth(field: &str, text: &str, input: &mut Input) -> Option<bool> {
    let parsed = text.trim().parse();
    parsed.map_err(|_| input.refuse(field, "Must be true or false")).ok()
}

/// Adds an article.
#[utoipa::path(post, path = "/api/v1/admin/chat/knowledge-base", tag = "knowledge base", security(("bearer" = [])),
    request_body = ArticleInput, responses((status = 201, body = Envelope<ArticleRow>),
        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 409, body = ErrorBody)))]
async fn create(
    State(state): State<SupportState>,
    SupervisorScope(scope): SupervisorScope,
    Fields { body, found }: Fields<ArticleInput>,
) -> Result<(StatusCode, Answer<Envelope<ArticleRow>>), ApiError> {
    let new = NewArticle {
        title: body.title.unwrap_or_default(),
        slug: body.slug,
        content: body.content.unwrap_or_default(),
        category: body.category.flatten(),
        tags: body.tags.unwrap_or_default(),
        language: body.language,
        is_published: body.is_published,
        sort_order: body.sort_order,
    };
    let article = state.desk().create_article_with(&scope, new, found).await?;
    Ok((StatusCode::CREATED, enveloped(article.into())))
}

/// Changes an article; what is not named stays.
#[utoipa::path(put, path = "/api/v1/admin/chat/knowledge-base", tag = "knowledge base", security(("bearer" = [])),
    request_body = ArticleInput, responses((status = 200, body = Envelope<ArticleRow>),
        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
async fn update(
    State(state): State<SupportState>,
    SupervisorScope(scope): SupervisorScope,
    Fields { body, found }: Fields<ArticleInput>,
) -> Enveloped<ArticleRow> {
    finish(found)?;
    let id: ArticleId = required_name("id", body.id.as_deref())?;
    let changes = ArticleChanges {
        title: body.title,
        slug: body.slug,
        content: body.content,
        category: body.category.map(Option::unwrap_or_default),
        tags: body.tags,
        language: body.language,
        is_published: body.is_published,
        sort_order: body.sort_order,
    };
    let article = state.desk().update_article(&scope, id, changes).await?;
    Ok(enveloped(article.into()))
}

/// Removes an article.
#[utoipa::path(delete, path = "/api/v1/admin/chat/knowledge-base", tag = "knowledge base", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Query)), responses((status = 200, body = Envelope<Removed>),
        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody)))]
async fn remove(
    State(state): State<SupportState>,
    SupervisorScope(scope): SupervisorScope,
    Query(removal): Query<Removal>,
) -> Enveloped<Removed> {
    let id: ArticleId = required_name("id", removal.id.as_deref())?;
    state.desk().remove_article(&scope, id).await?;
    Ok(enveloped(Removed::new(id)))
}
