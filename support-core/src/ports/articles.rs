//! The knowledge base, for reading.

use async_trait::async_trait;

use super::{Page, PageRequest, StoreError};
use crate::model::{Article, ArticleId, ArticleSearch, SecretHash, TenantId};

/// Which articles a list shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ArticleFilter {
    /// Those that everybody may read, or those that agents alone may.
    pub is_published: Option<bool>,
    /// Those of one category, by its [`category_key`](crate::model::category_key).
    pub category: Option<String>,
    /// Those in one language, by its [`primary_language`](crate::model::primary_language).
    pub language: Option<String>,
}

/// Articles and the words in them.
///
/// `commit` keeps for each article that is put the [`terms`](crate::model::terms_of_article) under
/// which it is found, in the same transaction, and forgets them with it. Terms are compared as they
/// are: nothing in a query is ever syntax.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait ArticleReads: Send + Sync {
    /// By id.
    async fn article(&self, tenant: TenantId, article: ArticleId) -> Result<Option<Article>, StoreError>;
    /// Those that share a slug, by language.
    async fn articles_with_slug(&self, tenant: TenantId, slug: &str) -> Result<Vec<Article>, StoreError>;
    /// A page of a list, by place in lists, then oldest first. It is counted up to
    /// [`COUNTED_TO`](super::COUNTED_TO).
    async fn articles(
        &self,
        tenant: TenantId,
        filter: &ArticleFilter,
        page: PageRequest,
    ) -> Result<Page<Article>, StoreError>;
    /// Articles that answer one of a search's [`steps`](ArticleSearch::steps), in any order, at
    /// most `limit`: those that answer a later step only where those before it leave room.
    async fn articles_with_words(
        &self,
        tenant: TenantId,
        search: &ArticleSearch,
        limit: u32,
    ) -> Result<Vec<Article>, StoreError>;
    /// What somebody said about an article, if they did: whether it helped.
    async fn article_vote(
        &self,
        tenant: TenantId,
        article: ArticleId,
        voter: &SecretHash,
    ) -> Result<Option<bool>, StoreError>;
}
