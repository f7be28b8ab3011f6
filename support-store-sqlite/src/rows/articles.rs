//! Articles, what readers say of them, and the terms they are found under.

use support_core::{
    model::{Article, ArticleId, ArticleVote, TenantId, TermQuery, primary_language, terms_of_article},
    ports::StoreError,
};
use uuid::Uuid;

use super::{Raw, Time, count, from_json, row, search::key_of, stored_count, stored_time, time, to_json};

const TABLE: &str = "articles";

row! {
    /// A row of `articles`.
    ArticleRow {
        tenant_id: Uuid,
        id: Uuid,
        slug: String,
        title: String,
        content: String,
        category: Option<String>,
        category_key: Option<String>,
        tags: Raw,
        language: String,
        language_key: String,
        is_published: bool,
        sort_order: i32,
        views: i64,
        helpful: i64,
        unhelpful: i64,
        version: i64,
        created_at: Time,
        updated_at: Time,
    }
}

impl ArticleRow {
    /// The row as it will be stored.
    pub(crate) fn of(tenant: TenantId, article: &Article) -> Result<Self, StoreError> {
        Ok(Self {
            tenant_id: tenant.uuid(),
            id: article.id.uuid(),
            slug: article.slug.clone(),
            title: article.title.clone(),
            content: article.content.clone(),
            category: article.category.clone(),
            category_key: article.category_key(),
            tags: to_json(&article.tags)?,
            language: article.language.clone(),
            language_key: primary_language(&article.language),
            is_published: article.is_published,
            sort_order: article.sort_order,
            views: stored_count(article.views),
            helpful: stored_count(article.helpful),
            unhelpful: stored_count(article.unhelpful),
            version: stored_count(article.version.saturating_add(1)),
            created_at: stored_time(article.created_at),
            updated_at: stored_time(article.updated_at),
        })
    }

    /// The article.
    pub(crate) fn into_article(self) -> Result<Article, StoreError> {
        Ok(Article {
            id: self.id.into(),
            slug: self.slug,
            title: self.title,
            content: self.content,
            category: self.category,
            tags: from_json(TABLE, &self.tags)?,
            language: self.language,
            is_published: self.is_published,
            sort_order: self.sort_order,
            views: count(TABLE, self.views)?,
            helpful: count(TABLE, self.helpful)?,
            unhelpful: count(TABLE, self.unhelpful)?,
            version: count(TABLE, self.version)?,
            created_at: time(self.created_at),
            updated_at: time(self.updated_at),
        })
    }
}

row! {
    /// The terms of an article, as one text; none of one that is not to be found.
    ArticleWordsRow {
        tenant_id: Uuid,
        article_id: Uuid,
        words: String,
    }
}

impl ArticleWordsRow {
    /// The terms of an article.
    pub(crate) fn of(tenant: TenantId, article: &Article) -> Self {
        let key = key_of(tenant);
        let terms = terms_of_article(article).into_iter();
        let words: Vec<String> = terms.map(|term| format!("{key}{term}")).collect();
        Self {
            tenant_id: tenant.uuid(),
            article_id: article.id.uuid(),
            words: words.join(" "),
        }
    }

    /// Of an article that is gone.
    pub(crate) const fn gone(tenant: TenantId, article: ArticleId) -> Self {
        Self {
            tenant_id: tenant.uuid(),
            article_id: article.uuid(),
            words: String::new(),
        }
    }
}

/// A query in the index's own language. Terms are letters and digits alone, and in
/// quotation marks.
pub(crate) fn asked_terms(tenant: TenantId, query: &TermQuery) -> String {
    let key = key_of(tenant);
    let groups = query.groups().iter().map(|group| {
        let terms = group.iter().map(|term| {
            let prefix = if term.is_prefix { "*" } else { "" };
            format!("\"{key}{}\"{prefix}", term.text)
        });
        format!("({})", terms.collect::<Vec<_>>().join(" OR "))
    });
    groups.collect::<Vec<_>>().join(" AND ")
}

row! {
    /// A row of `article_votes`.
    ArticleVoteRow {
        tenant_id: Uuid,
        article_id: Uuid,
        voter: String,
        is_helpful: bool,
    }
}

impl ArticleVoteRow {
    /// The row as it will be stored.
    pub(crate) fn of(tenant: TenantId, vote: &ArticleVote) -> Self {
        Self {
            tenant_id: tenant.uuid(),
            article_id: vote.article.uuid(),
            voter: vote.voter.as_str().to_owned(),
            is_helpful: vote.is_helpful,
        }
    }

    /// Whether this is the same reader's vote on the same article.
    pub(crate) fn is_as(&self, other: &Self) -> bool {
        let key = |row: &Self| (row.tenant_id, row.article_id);
        key(self) == key(other) && self.voter == other.voter
    }
}
