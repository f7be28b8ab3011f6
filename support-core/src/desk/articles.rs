//! Keeping the knowledge base.

use super::{Desk, DeskError, Scope, lookup::require, retry::Committed};
use crate::{
    change::{ChangeSet, Claim, Expect},
    model::{
        Article, ArticleId, Input, LONGEST_ARTICLE, LONGEST_NAME, MOST_ARTICLE_TAGS, Role, Timestamp, USUAL_LANGUAGE,
        category_key, primary_language, slug_at, slug_of,
    },
    ports::{ArticleFilter, Page, PageRequest},
};

/// How many slugs are tried for a title that others have too.
const SLUGS_TRIED: u32 = 100;

/// An article to be added.
#[derive(Debug, Clone, Default)]
pub struct NewArticle {
    /// What it is about.
    pub title: String,
    /// Its place in addresses; made of the title unless said.
    pub slug: Option<String>,
    /// The text, in Markdown.
    pub content: String,
    /// What it belongs to.
    pub category: Option<String>,
    /// Further words that it is found by.
    pub tags: Vec<String>,
    /// The language that it is written in, as a tag such as `pt-BR`; English unless said.
    pub language: Option<String>,
    /// Whether everybody may read it at once; a draft unless said.
    pub is_published: Option<bool>,
    /// Its place in lists.
    pub sort_order: Option<i32>,
}

/// Changes to an article. What is not named stays.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the fields are those of `NewArticle`")]
pub struct ArticleChanges {
    pub title: Option<String>,
    pub slug: Option<String>,
    pub content: Option<String>,
    /// An empty one for none.
    pub category: Option<String>,
    pub tags: Option<Vec<String>>,
    pub language: Option<String>,
    pub is_published: Option<bool>,
    pub sort_order: Option<i32>,
}

impl Desk {
    /// A page of the knowledge base with its drafts, by place in lists. It is counted up to
    /// [`COUNTED_TO`](crate::ports::COUNTED_TO).
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than agents.
    pub async fn articles(
        &self,
        scope: &Scope,
        filter: &ArticleFilter,
        page: PageRequest,
    ) -> Result<Page<Article>, DeskError> {
        require(scope, Role::Agent)?;
        self.count_views_now().await;
        let filter = ArticleFilter {
            is_published: filter.is_published,
            category: filter.category.as_deref().map(category_key),
            language: filter.language.as_deref().map(primary_language),
        };
        Ok(self.stores().articles.articles(scope.tenant(), &filter, page).await?)
    }

    /// One article, be it a draft.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than agents, [`DeskError::NotFound`].
    pub async fn article(&self, scope: &Scope, article: ArticleId) -> Result<Article, DeskError> {
        require(scope, Role::Agent)?;
        self.count_views_now().await;
        self.article_record(scope, article).await
    }

    /// Adds an article.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than supervisors, [`DeskError::Invalid`],
    /// [`DeskError::Conflict`] when an article of this language has the slug.
    pub async fn create_article(&self, scope: &Scope, new: NewArticle) -> Result<Article, DeskError> {
        self.create_article_with(scope, new, Input::new()).await
    }

    /// As [`create_article`](Self::create_article), for callers who have found something wrong
    /// already: they are refused with that and with all that is wrong besides.
    ///
    /// # Errors
    /// As [`create_article`](Self::create_article).
    pub async fn create_article_with(
        &self,
        scope: &Scope,
        new: NewArticle,
        mut input: Input,
    ) -> Result<Article, DeskError> {
        require(scope, Role::Supervisor)?;
        let named = new.slug.as_deref().is_some_and(|slug| !slug.trim().is_empty());
        let article = self.new_article(&new, self.now(), &mut input);
        input.finish()?;
        let article = &article;
        let (committed, slug) = self
            .decide(scope, || async move {
                let slug = if named {
                    article.slug.clone()
                } else {
                    self.free_slug(scope, article).await?
                };
                let article = Article {
                    slug: slug.clone(),
                    ..article.clone()
                };
                let mut change = ChangeSet::new(scope, article.created_at);
                change.expect(Expect::Free(claim(&article)));
                change.put_article(article);
                Ok((self.commit(change).await?, slug))
            })
            .await?;
        match committed {
            Committed::Now(_) => self.article_record(scope, article.id).await,
            Committed::Before(_) => self.article_made_before(scope, article, &slug).await,
        }
    }

    /// What an article is to be, with all that is wrong with it in `input`.
    fn new_article(&self, new: &NewArticle, now: Timestamp, input: &mut Input) -> Article {
        let id = ArticleId::new(self.ids().uuid());
        let title = input.line("title", &new.title, 1..=LONGEST_NAME);
        let slug = match new.slug.as_deref().filter(|slug| !slug.trim().is_empty()) {
            Some(slug) => input.slug("slug", slug),
            None => slug_of(&title).unwrap_or_else(|| format!("article-{}", id.uuid().simple())),
        };
        let language = new.language.as_deref().filter(|language| !language.trim().is_empty());
        Article {
            id,
            slug,
            title,
            content: input.text("content", &new.content, 1..=LONGEST_ARTICLE),
            category: input.optional_category("category", new.category.as_deref()),
            tags: input.lines("tags", &new.tags, MOST_ARTICLE_TAGS),
            language: input.language("language", language.unwrap_or(USUAL_LANGUAGE)),
            is_published: new.is_published.unwrap_or(false),
            sort_order: new.sort_order.unwrap_or(0),
            views: 0,
            helpful: 0,
            unhelpful: 0,
            version: 0,
            created_at: now,
            updated_at: now,
        }
    }

    /// The slug of a new article's title, with a number behind it if others have it.
    async fn free_slug(&self, scope: &Scope, article: &Article) -> Result<String, DeskError> {
        for place in 1..=SLUGS_TRIED {
            let slug = slug_at(&article.slug, place);
            let known = self.stores().articles.articles_with_slug(scope.tenant(), &slug).await?;
            if known.iter().all(|known| known.language != article.language) {
                return Ok(slug);
            }
        }
        // Nobody looks for so many of one name by their addresses.
        let slug = format!("article-{}", article.id.uuid().simple());
        Ok(slug)
    }

    /// What the same request made when it came before: under the last slug that was not free.
    async fn article_made_before(&self, scope: &Scope, article: &Article, slug: &str) -> Result<Article, DeskError> {
        let mut made = None;
        for place in 1..=SLUGS_TRIED {
            let tried = slug_at(&article.slug, place);
            let known = self
                .stores()
                .articles
                .articles_with_slug(scope.tenant(), &tried)
                .await?;
            let known = known.into_iter().find(|known| known.language == article.language);
            made = known.filter(|known| known.title == article.title).or(made);
            if tried == slug {
                break;
            }
        }
        made.ok_or(DeskError::NotFound)
    }

    /// Changes an article.
    ///
    /// # Errors
    /// As [`create_article`](Self::create_article), and [`DeskError::NotFound`].
    pub async fn update_article(
        &self,
        scope: &Scope,
        article: ArticleId,
        changes: ArticleChanges,
    ) -> Result<Article, DeskError> {
        require(scope, Role::Supervisor)?;
        self.article_record(scope, article).await?;
        let mut input = Input::new();
        let checked = ArticleChanges {
            title: changes.title.map(|title| input.line("title", &title, 1..=LONGEST_NAME)),
            slug: changes.slug.map(|slug| input.slug("slug", &slug)),
            content: changes
                .content
                .map(|content| input.text("content", &content, 1..=LONGEST_ARTICLE)),
            category: changes.category.map(|category| {
                let category = input.optional_category("category", Some(&category));
                category.unwrap_or_default()
            }),
            tags: changes.tags.map(|tags| input.lines("tags", &tags, MOST_ARTICLE_TAGS)),
            language: changes.language.map(|language| input.language("language", &language)),
            ..changes
        };
        input.finish()?;
        let checked = &checked;
        self.decide(scope, || async move {
            let before = self.article_record(scope, article).await?;
            let address = claim(&before);
            let after = revised(before, checked, self.now());
            let mut change = ChangeSet::new(scope, after.updated_at);
            if claim(&after) != address {
                change.expect(Expect::Free(claim(&after)));
            }
            change.put_article(after);
            self.commit(change).await
        })
        .await?;
        self.article(scope, article).await
    }

    /// Removes an article.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than supervisors, [`DeskError::NotFound`].
    pub async fn remove_article(&self, scope: &Scope, article: ArticleId) -> Result<(), DeskError> {
        require(scope, Role::Supervisor)?;
        self.decide(scope, || async move {
            let article = self.article_record(scope, article).await?;
            let mut change = ChangeSet::new(scope, self.now());
            change.remove_article(&article);
            self.commit(change).await
        })
        .await?;
        Ok(())
    }

    async fn article_record(&self, scope: &Scope, article: ArticleId) -> Result<Article, DeskError> {
        let found = self.stores().articles.article(scope.tenant(), article);
        found.await?.ok_or(DeskError::NotFound)
    }

    /// What a new tenant's knowledge base begins with.
    pub(super) fn first_articles(&self, now: Timestamp) -> Result<Vec<Article>, DeskError> {
        let mut input = Input::new();
        let articles = self.0.first_articles.iter();
        let articles = articles.map(|new| self.new_article(new, now, &mut input)).collect();
        input.finish()?;
        Ok(articles)
    }
}

fn claim(article: &Article) -> Claim {
    Claim::ArticleSlug {
        slug: article.slug.clone(),
        language: article.language.clone(),
    }
}

fn revised(before: Article, changes: &ArticleChanges, now: Timestamp) -> Article {
    let ArticleChanges {
        title,
        slug,
        content,
        category,
        tags,
        language,
        is_published,
        sort_order,
    } = changes.clone();
    Article {
        title: title.unwrap_or(before.title),
        slug: slug.unwrap_or(before.slug),
        content: content.unwrap_or(before.content),
        category: match category {
            Some(category) => (!category.is_empty()).then_some(category),
            None => before.category,
        },
        tags: tags.unwrap_or(before.tags),
        language: language.unwrap_or(before.language),
        is_published: is_published.unwrap_or(before.is_published),
        sort_order: sort_order.unwrap_or(before.sort_order),
        updated_at: now,
        ..before
    }
}
