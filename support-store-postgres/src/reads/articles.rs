//! The knowledge base.

use async_trait::async_trait;
use sqlx::{Postgres, QueryBuilder};
use support_core::{
    model::{Article, ArticleId, ArticleSearch, SecretHash, TenantId, TermQuery},
    ports::{ArticleFilter, ArticleReads, COUNTED_TO, Page, PageRequest, StoreError},
};
use uuid::Uuid;

use super::offset;
use crate::{
    PostgresStore,
    error::store_error,
    rows::{ANY_PART, ArticleRow, PARTS, asked_terms, count, stored_count},
    statements::statements,
};

macro_rules! articles {
    () => {
        "select tenant_id, id, slug, title, content, category, category_key, tags, language, language_key, is_published,
            sort_order, views, helpful, unhelpful, version, created_at, updated_at
        from articles where tenant_id = "
    };
}

statements! {
    ARTICLE = concat!(articles!(), "$1 and id = $2");
    ARTICLES_WITH_SLUG = concat!(articles!(), "$1 and slug = $2 order by language");
    ARTICLES_BY_ID = concat!(articles!(), "$1 and id = any ($2)");
    ARTICLE_VOTE = "select is_helpful from article_votes where tenant_id = $1 and article_id = $2 and voter = $3";
}

const ARTICLES: &str = articles!();

const COUNT_ARTICLES: &str = "select count(*) from (select 1 from articles where tenant_id = ";

#[async_trait]
impl ArticleReads for PostgresStore {
    async fn article(&self, tenant: TenantId, article: ArticleId) -> Result<Option<Article>, StoreError> {
        let mut reader = self.reader(tenant).await?;
        let query = sqlx::query_as::<_, ArticleRow>(ARTICLE);
        let query = query.bind(tenant.uuid()).bind(article.uuid());
        let row = query.fetch_optional(&mut *reader).await.map_err(store_error)?;
        row.map(ArticleRow::into_article).transpose()
    }

    async fn articles_with_slug(&self, tenant: TenantId, slug: &str) -> Result<Vec<Article>, StoreError> {
        let mut reader = self.reader(tenant).await?;
        let query = sqlx::query_as::<_, ArticleRow>(ARTICLES_WITH_SLUG);
        let query = query.bind(tenant.uuid()).bind(slug);
        let rows = query.fetch_all(&mut *reader).await.map_err(store_error)?;
        rows.into_iter().map(ArticleRow::into_article).collect()
    }

    async fn articles(
        &self,
        tenant: TenantId,
        filter: &ArticleFilter,
        page: PageRequest,
    ) -> Result<Page<Article>, StoreError> {
        let listed = ListedArticles { tenant, filter, page };
        let mut reader = self.reader(tenant).await?;
        let mut query = listed.count();
        let query = query.build_query_scalar();
        let counted = query.fetch_one(&mut *reader).await.map_err(store_error)?;
        let mut query = listed.select();
        let query = query.build_query_as::<ArticleRow>();
        let rows = query.fetch_all(&mut *reader).await.map_err(store_error)?;
        let articles = rows.into_iter().map(ArticleRow::into_article);
        let articles = articles.collect::<Result<_, _>>()?;
        Ok(Page::of_counted(articles, count("articles", counted)?))
    }

    async fn articles_with_words(
        &self,
        tenant: TenantId,
        search: &ArticleSearch,
        limit: u32,
    ) -> Result<Vec<Article>, StoreError> {
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut reader = self.reader(tenant).await?;
        let mut ids: Vec<Uuid> = Vec::new();
        for step in &search.steps() {
            if ids.len() < most {
                let answering = AnsweringArticles {
                    tenant,
                    query: step,
                    limit,
                };
                let mut query = answering.select();
                let query = query.build_query_scalar::<Uuid>();
                let more = query.fetch_all(&mut *reader).await.map_err(store_error)?;
                ids.extend(more.into_iter().filter(|id| !ids.contains(id)).collect::<Vec<_>>());
            }
        }
        ids.truncate(most);
        let query = sqlx::query_as::<_, ArticleRow>(ARTICLES_BY_ID);
        let query = query.bind(tenant.uuid()).bind(ids);
        let rows = query.fetch_all(&mut *reader).await.map_err(store_error)?;
        rows.into_iter().map(ArticleRow::into_article).collect()
    }

    async fn article_vote(
        &self,
        tenant: TenantId,
        article: ArticleId,
        voter: &SecretHash,
    ) -> Result<Option<bool>, StoreError> {
        let mut reader = self.reader(tenant).await?;
        let query = sqlx::query_scalar::<_, bool>(ARTICLE_VOTE);
        let query = query.bind(tenant.uuid()).bind(article.uuid()).bind(voter.as_str());
        Ok(query.fetch_optional(&mut *reader).await.map_err(store_error)?)
    }
}

/// A list of articles as statements.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ListedArticles<'a> {
    pub(crate) tenant: TenantId,
    pub(crate) filter: &'a ArticleFilter,
    pub(crate) page: PageRequest,
}

impl ListedArticles<'_> {
    /// How many articles the whole list has, as far as that is counted.
    pub(crate) fn count(&self) -> QueryBuilder<Postgres> {
        let mut query = QueryBuilder::new(COUNT_ARTICLES);
        self.narrow(&mut query);
        query
            .push(" limit ")
            .push_bind(stored_count(COUNTED_TO.saturating_add(1)));
        query.push(") counted");
        query
    }

    /// The asked page of the list.
    pub(crate) fn select(&self) -> QueryBuilder<Postgres> {
        let mut query = QueryBuilder::new(ARTICLES);
        self.narrow(&mut query);
        query.push(" order by sort_order, id limit ");
        query.push_bind(i64::from(self.page.limit));
        query.push(" offset ").push_bind(offset(self.page));
        query
    }

    /// Whose they are, and what the filter asks of each.
    fn narrow(&self, query: &mut QueryBuilder<Postgres>) {
        let ArticleFilter {
            is_published,
            category,
            language,
        } = self.filter;
        query.push_bind(self.tenant.uuid());
        if let Some(is_published) = is_published {
            query.push(" and is_published = ").push_bind(*is_published);
        }
        if let Some(category) = category {
            query.push(" and category_key = ").push_bind(category.clone());
        }
        if let Some(language) = language {
            query.push(" and language_key = ").push_bind(language.clone());
        }
    }
}

/// Articles that answer a query, as a statement.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AnsweringArticles<'a> {
    pub(crate) tenant: TenantId,
    pub(crate) query: &'a TermQuery,
    pub(crate) limit: u32,
}

impl AnsweringArticles<'_> {
    /// Their ids: part by part, until there are enough.
    pub(crate) fn select(&self) -> QueryBuilder<Postgres> {
        let last = PARTS - 1;
        let mut query = QueryBuilder::new("select a.id from ");
        query.push(format_args!("generate_series(0, {last}) part"));
        query.push(" cross join lateral (select w.article_id from article_words w where w.words @@ replace(");
        query.push_bind(asked_terms(self.tenant, self.query));
        query.push(format_args!(", '{ANY_PART}', lpad(to_hex(part), 2, '0'))::tsquery"));
        query.push(" limit ").push_bind(i64::from(self.limit));
        query.push(") found join articles a on a.id = found.article_id and a.tenant_id = ");
        query.push_bind(self.tenant.uuid());
        query.push(" limit ").push_bind(i64::from(self.limit));
        query
    }
}
