//! The knowledge base, by looking at everything.

use std::collections::BTreeSet;

use async_trait::async_trait;

use super::{
    MemoryStore,
    reads::{most, page_of},
    state::TenantState,
};
use crate::{
    model::{Article, ArticleId, ArticleSearch, ArticleVote, SecretHash, TenantId, primary_language, terms_of_article},
    ports::{ArticleFilter, ArticleReads, Page, PageRequest, StoreError},
};

impl TenantState {
    pub(super) fn put_article(&mut self, article: Article) {
        let version = article.version.saturating_add(1);
        let known = self.articles.get(&article.id).unwrap_or(&article);
        let (views, helpful, unhelpful) = (known.views, known.helpful, known.unhelpful);
        let article = Article {
            version,
            views,
            helpful,
            unhelpful,
            ..article
        };
        self.articles.insert(article.id, article);
    }

    pub(super) fn remove_article(&mut self, article: ArticleId) {
        self.articles.remove(&article);
        self.article_votes.retain(|(voted, _), _| *voted != article);
    }

    pub(super) fn count_article_views(&mut self, article: ArticleId, views: u64) {
        if let Some(article) = self.articles.get_mut(&article) {
            article.views = article.views.saturating_add(views);
        }
    }

    pub(super) fn put_article_vote(&mut self, vote: &ArticleVote) {
        let Some(article) = self.articles.get_mut(&vote.article) else {
            return;
        };
        let key = (vote.article, vote.voter.clone());
        match self.article_votes.insert(key, vote.is_helpful) {
            Some(true) => article.helpful = article.helpful.saturating_sub(1),
            Some(false) => article.unhelpful = article.unhelpful.saturating_sub(1),
            None => {}
        }
        if vote.is_helpful {
            article.helpful = article.helpful.saturating_add(1);
        } else {
            article.unhelpful = article.unhelpful.saturating_add(1);
        }
    }
}

fn is_listed(article: &Article, filter: &ArticleFilter) -> bool {
    let ArticleFilter {
        is_published,
        category,
        language,
    } = filter;
    is_published.is_none_or(|wanted| article.is_published == wanted)
        && (category.is_none() || article.category_key() == *category)
        && language
            .as_ref()
            .is_none_or(|language| primary_language(&article.language) == *language)
}

#[async_trait]
impl ArticleReads for MemoryStore {
    async fn article(&self, tenant: TenantId, article: ArticleId) -> Result<Option<Article>, StoreError> {
        self.read_in(tenant, |own| own.articles.get(&article).cloned())
    }

    async fn articles_with_slug(&self, tenant: TenantId, slug: &str) -> Result<Vec<Article>, StoreError> {
        self.read_in(tenant, |own| {
            let found = own.articles.values().filter(|article| article.slug == slug);
            let mut found: Vec<_> = found.cloned().collect();
            found.sort_by(|one, other| one.language.cmp(&other.language));
            found
        })
    }

    async fn articles(
        &self,
        tenant: TenantId,
        filter: &ArticleFilter,
        page: PageRequest,
    ) -> Result<Page<Article>, StoreError> {
        let mut listed: Vec<Article> = self.read_in(tenant, |own| {
            let listed = own.articles.values().filter(|article| is_listed(article, filter));
            listed.cloned().collect()
        })?;
        listed.sort_by_key(|article| (article.sort_order, article.id));
        let Page { items, total, .. } = page_of(listed, page);
        Ok(Page::of_counted(items, total))
    }

    async fn articles_with_words(
        &self,
        tenant: TenantId,
        search: &ArticleSearch,
        limit: u32,
    ) -> Result<Vec<Article>, StoreError> {
        self.read_in(tenant, |own| {
            let known = own.articles.values();
            let known: Vec<_> = known.map(|article| (article, terms_of_article(article))).collect();
            let mut found = Vec::new();
            let mut seen = BTreeSet::new();
            for step in search.steps() {
                let answering = known.iter().filter(|(_, terms)| step.is_answered_by(terms));
                found.extend(answering.map(|(article, _)| *article).filter(|one| seen.insert(one.id)));
            }
            found.into_iter().take(most(limit)).cloned().collect()
        })
    }

    async fn article_vote(
        &self,
        tenant: TenantId,
        article: ArticleId,
        voter: &SecretHash,
    ) -> Result<Option<bool>, StoreError> {
        let key = (article, voter.clone());
        self.read_in(tenant, |own| own.article_votes.get(&key).copied())
    }
}
