//! Reading the knowledge base: what everybody may.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::{Desk, DeskError, Scope};
use crate::{
    change::ChangeSet,
    model::{
        ARTICLES_RANKED, Actor, Article, ArticleId, ArticleSearch, ArticleVote, ArticleWords, RankedArticle, Secret,
        Snippet, TenantId, WordQuery, category_key, primary_language, rank_articles,
    },
    ports::{ArticleFilter, PageRequest},
};

/// For how long views are gathered before they are stored.
const VIEWS_GATHERED: Duration = Duration::from_secs(1);

/// What somebody looks for in the knowledge base.
#[derive(Debug, Clone, Default)]
pub struct ArticleQuery {
    /// Words, as they were typed; without any, the list is given as it is.
    pub text: Option<String>,
    /// What the articles are to belong to.
    pub category: Option<String>,
    /// The language they are to be in. Where nothing in it is found, other languages will do.
    pub language: Option<String>,
    /// The languages that whoever asks understands, the best one first: of translations theirs is
    /// given.
    pub understood: Vec<String>,
    /// How many at most.
    pub limit: u32,
}

/// An article that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundArticle {
    /// The article.
    pub article: Article,
    /// How well it fits: the higher, the better; 0 in lists.
    pub score: u32,
    /// The piece of its text around what was found, or its beginning.
    pub snippet: Snippet,
}

/// How often articles were read since that was last stored. What is not stored yet is lost with the
/// process: nobody waits for it, and no reader costs a write.
#[derive(Debug, Default)]
pub(super) struct Views(Mutex<Gathered>);

#[derive(Debug, Default)]
struct Gathered {
    counts: HashMap<(TenantId, ArticleId), u64>,
    is_awaited: bool,
}

impl Views {
    fn lock(&self) -> MutexGuard<'_, Gathered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts one more; answers how many are not stored yet, and whether somebody has to see to it.
    fn add(&self, tenant: TenantId, article: ArticleId) -> (u64, bool) {
        let mut gathered = self.lock();
        let count = gathered.counts.entry((tenant, article)).or_default();
        *count = count.saturating_add(1);
        let count = *count;
        (count, !std::mem::replace(&mut gathered.is_awaited, true))
    }

    fn take(&self) -> HashMap<TenantId, Vec<(ArticleId, u64)>> {
        let mut gathered = self.lock();
        gathered.is_awaited = false;
        let mut taken: HashMap<TenantId, Vec<_>> = HashMap::new();
        for ((tenant, article), count) in gathered.counts.drain() {
            taken.entry(tenant).or_default().push((article, count));
        }
        taken
    }
}

impl Desk {
    /// Published articles with all words of a query in title, category, tags or text, best first; the
    /// last word may be the beginning of one. Nothing in a query is syntax.
    ///
    /// # Errors
    /// [`DeskError`] when the store can't be asked.
    pub async fn published_articles(
        &self,
        tenant: TenantId,
        query: &ArticleQuery,
    ) -> Result<Vec<FoundArticle>, DeskError> {
        let text = query.text.as_deref().map(str::trim).filter(|text| !text.is_empty());
        let Some(text) = text else {
            return self.listed_articles(tenant, query).await;
        };
        let Some(words) = WordQuery::new(text) else {
            return Ok(Vec::new());
        };
        let every = ArticleWords::Every(words.clone());
        let ranked = self.ranked_articles(tenant, every, query).await?;
        let found = ranked.into_iter().map(|RankedArticle { article, score }| FoundArticle {
            snippet: words.snippet(&article.text()),
            article,
            score,
        });
        Ok(found.collect())
    }

    /// Published articles that may answer a message, judged by its first words, best first.
    ///
    /// # Errors
    /// [`DeskError`] when the store can't be asked.
    pub async fn suggested_articles(
        &self,
        tenant: TenantId,
        message: &str,
        query: &ArticleQuery,
    ) -> Result<Vec<FoundArticle>, DeskError> {
        let Some(words) = ArticleWords::of_message(message) else {
            return Ok(Vec::new());
        };
        let ranked = self.ranked_articles(tenant, words, query).await?;
        Ok(ranked.into_iter().map(as_in_lists).collect())
    }

    async fn ranked_articles(
        &self,
        tenant: TenantId,
        words: ArticleWords,
        query: &ArticleQuery,
    ) -> Result<Vec<RankedArticle>, DeskError> {
        let mut search = ArticleSearch {
            words,
            category: query.category.clone(),
            language: query.language.clone(),
        };
        let reads = &self.stores().articles;
        let limit = query.limit.max(ARTICLES_RANKED);
        let mut found = reads.articles_with_words(tenant, &search, limit).await?;
        if found.is_empty() && search.language.take().is_some() {
            found = reads.articles_with_words(tenant, &search, limit).await?;
        }
        let mut ranked = rank_articles(&search.words, found, &query.preferred());
        ranked.truncate(usize::try_from(query.limit).unwrap_or(usize::MAX));
        Ok(ranked)
    }

    async fn listed_articles(&self, tenant: TenantId, query: &ArticleQuery) -> Result<Vec<FoundArticle>, DeskError> {
        let mut filter = ArticleFilter {
            is_published: Some(true),
            category: query.category.as_deref().map(category_key),
            language: query.language.as_deref().map(primary_language),
        };
        let page = PageRequest {
            number: 1,
            limit: query.limit,
        };
        let reads = &self.stores().articles;
        let mut listed = reads.articles(tenant, &filter, page).await?.items;
        if listed.is_empty() && filter.language.take().is_some() {
            listed = reads.articles(tenant, &filter, page).await?.items;
        }
        let listed = listed.into_iter().map(|article| RankedArticle { article, score: 0 });
        Ok(listed.map(as_in_lists).collect())
    }

    /// A published article, to be read: this counts.
    ///
    /// # Errors
    /// [`DeskError::NotFound`], for drafts too.
    pub async fn read_article(
        &self,
        tenant: TenantId,
        slug: &str,
        understood: &[String],
    ) -> Result<Article, DeskError> {
        let article = self.published_article(tenant, slug, understood).await?;
        let (uncounted, is_first) = self.views().add(tenant, article.id);
        if is_first {
            let desk = self.clone();
            tokio::spawn(async move {
                tokio::time::sleep(VIEWS_GATHERED).await;
                desk.count_views_now().await;
            });
        }
        Ok(Article {
            views: article.views.saturating_add(uncounted),
            ..article
        })
    }

    /// Of the published articles with a slug the one whose language is understood best.
    async fn published_article(
        &self,
        tenant: TenantId,
        slug: &str,
        understood: &[String],
    ) -> Result<Article, DeskError> {
        // Not every store can be asked for whatever stands in an address.
        let is_slug = slug.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !is_slug {
            return Err(DeskError::NotFound);
        }
        let found = self.stores().articles.articles_with_slug(tenant, slug).await?;
        let published = found.into_iter().filter(|article| article.is_published);
        let best = published.min_by_key(|article| (article.language_distance(understood), article.created_at));
        best.ok_or(DeskError::NotFound)
    }

    /// Says in a reader's name whether an article helped. `reader` tells readers apart: each has one
    /// vote, and the last one counts. Only a hash of it is stored.
    ///
    /// # Errors
    /// [`DeskError::NotFound`], for drafts too.
    pub async fn rate_article(
        &self,
        tenant: TenantId,
        slug: &str,
        understood: &[String],
        reader: &str,
        is_helpful: bool,
    ) -> Result<Article, DeskError> {
        let article = self.published_article(tenant, slug, understood).await?;
        let vote = &ArticleVote {
            article: article.id,
            voter: Secret::presented(format!("{} {reader}", article.id)).hash(),
            is_helpful,
        };
        let reads = &self.stores().articles;
        if reads.article_vote(tenant, article.id, &vote.voter).await? == Some(is_helpful) {
            return Ok(article);
        }
        let scope = &Scope::new(tenant, Actor::Anyone);
        self.decide(scope, || async move {
            let mut change = ChangeSet::new(scope, self.now());
            change.put_article_vote(vote.clone());
            self.commit(change).await
        })
        .await?;
        reads.article(tenant, article.id).await?.ok_or(DeskError::NotFound)
    }

    /// Stores how often articles were read until now. What can't be stored is counted again later.
    pub(super) async fn count_views_now(&self) {
        for (tenant, counts) in self.views().take() {
            let mut change = ChangeSet::new(&Scope::system(tenant), self.now());
            for (article, views) in &counts {
                change.count_article_views(*article, *views);
            }
            if self.commit(change).await.is_err() {
                tracing::debug!(%tenant, "views of articles could not be counted and will be later");
                self.views().put_back(tenant, &counts);
            }
        }
    }
}

impl Views {
    fn put_back(&self, tenant: TenantId, counts: &[(ArticleId, u64)]) {
        let mut gathered = self.lock();
        for (article, views) in counts {
            let count = gathered.counts.entry((tenant, *article)).or_default();
            *count = count.saturating_add(*views);
        }
    }
}

impl ArticleQuery {
    /// The languages to choose translations by: the one that was asked for, then those understood.
    fn preferred(&self) -> Vec<String> {
        self.language.iter().chain(&self.understood).cloned().collect()
    }
}

fn as_in_lists(RankedArticle { article, score }: RankedArticle) -> FoundArticle {
    FoundArticle {
        snippet: Snippet::beginning(&article.text()),
        article,
        score,
    }
}
