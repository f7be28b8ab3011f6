//! The knowledge base.

use async_trait::async_trait;
use support_core::{
    model::{Article, ArticleId, ArticleSearch, SecretHash, TenantId, TermQuery},
    ports::{ArticleFilter, ArticleReads, COUNTED_TO, Page, PageRequest, StoreError},
};
use uuid::Uuid;

use super::offset;
use crate::{
    SqliteStore,
    query::{QueryBuilder, all},
    rows::{ArticleRow, asked_terms, count, stored_count, to_json},
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
    ARTICLE = concat!(articles!(), "?1 and id = ?2");
    ARTICLES_WITH_SLUG = concat!(articles!(), "?1 and slug = ?2 order by language");
    ARTICLES_BY_ID = concat!(articles!(), "?1 and id in (select unhex(value, '-') from json_each(?2))");
    ARTICLE_VOTE = "select is_helpful from article_votes where tenant_id = ?1 and article_id = ?2 and voter = ?3";
}

const ARTICLES: &str = articles!();

const COUNT_ARTICLES: &str = "select count(*) from (select 1 from articles where tenant_id = ";

#[async_trait]
impl ArticleReads for SqliteStore {
    async fn article(&self, tenant: TenantId, article: ArticleId) -> Result<Option<Article>, StoreError> {
        let row = self
            .fetch_optional::<ArticleRow>(ARTICLE, (tenant.uuid(), article.uuid()))
            .await?;
        row.map(ArticleRow::into_article).transpose()
    }

    async fn articles_with_slug(&self, tenant: TenantId, slug: &str) -> Result<Vec<Article>, StoreError> {
        let rows = self
            .fetch_all::<ArticleRow>(ARTICLES_WITH_SLUG, (tenant.uuid(), slug.to_owned()))
            .await?;
        rows.into_iter().map(ArticleRow::into_article).collect()
    }

    async fn articles(
        &self,
        tenant: TenantId,
        filter: &ArticleFilter,
        page: PageRequest,
    ) -> Result<Page<Article>, StoreError> {
        let listed = ListedArticles { tenant, filter, page };
        let (counting, selecting) = (listed.count(), listed.select());
        let found = self.read(move |connection| {
            let counted = counting.one::<i64>(connection)?;
            let rows = selecting.all::<ArticleRow>(connection)?;
            Ok((rows, counted))
        });
        let (rows, counted) = found.await?;
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
        let steps = search.steps();
        let answering = steps.iter().map(|query| AnsweringArticles { tenant, query, limit });
        let answering: Vec<_> = answering.map(|answering| answering.select()).collect();
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        let found = self.read(move |connection| {
            let mut ids: Vec<Uuid> = Vec::new();
            for step in answering {
                if ids.len() < most {
                    let more = step.all::<Uuid>(connection)?;
                    ids.extend(more.into_iter().filter(|id| !ids.contains(id)).collect::<Vec<_>>());
                }
            }
            ids.truncate(most);
            Ok(all::<ArticleRow>(
                connection,
                ARTICLES_BY_ID,
                (tenant.uuid(), to_json(&ids)?),
            )?)
        });
        found.await?.into_iter().map(ArticleRow::into_article).collect()
    }

    async fn article_vote(
        &self,
        tenant: TenantId,
        article: ArticleId,
        voter: &SecretHash,
    ) -> Result<Option<bool>, StoreError> {
        let voter = voter.as_str().to_owned();
        self.fetch_optional::<bool>(ARTICLE_VOTE, (tenant.uuid(), article.uuid(), voter))
            .await
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
    pub(crate) fn count(&self) -> QueryBuilder {
        let mut query = QueryBuilder::new(COUNT_ARTICLES);
        self.narrow(&mut query);
        query
            .push(" limit ")
            .push_bind(stored_count(COUNTED_TO.saturating_add(1)));
        query.push(")");
        query
    }

    /// The asked page of the list.
    pub(crate) fn select(&self) -> QueryBuilder {
        let mut query = QueryBuilder::new(ARTICLES);
        self.narrow(&mut query);
        query.push(" order by sort_order, id limit ");
        query.push_bind(self.page.limit);
        query.push(" offset ").push_bind(offset(self.page));
        query
    }

    /// Whose they are, and what the filter asks of each.
    fn narrow(&self, query: &mut QueryBuilder) {
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
    /// Their ids. They come out of the index newest first, as far as there is room.
    pub(crate) fn select(&self) -> QueryBuilder {
        let mut query = QueryBuilder::new("select e.article_id from (select rowid as entry from article_words");
        query.push(" where article_words match ");
        query.push_bind(asked_terms(self.tenant, self.query));
        query.push(" order by rowid desc limit ").push_bind(self.limit);
        query.push(") found cross join article_entries e on e.entry = found.entry where e.tenant_id = ");
        query.push_bind(self.tenant.uuid());
        query
    }
}
