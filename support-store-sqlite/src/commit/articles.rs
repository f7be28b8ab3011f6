//! Writes articles, the terms they are found under, and what readers add to them.

use rusqlite::Connection;
use serde::Serialize;
use support_core::{
    model::{Article, ArticleId, ArticleVote, TenantId},
    ports::StoreError,
};
use uuid::Uuid;

use super::{
    keys::RecordKey,
    write::{write, write_all},
};
use crate::{
    error::Failure,
    rows::{ArticleRow, ArticleVoteRow, ArticleWordsRow, stored_count},
    statements::statements,
};

statements! {
    REMOVE_ARTICLE_WORDS = "delete from article_words where rowid in (
            select e.entry from json_each(?1) new
            cross join article_entries e on e.tenant_id = unhex(new.value->>'tenant_id', '-')
                and e.article_id = unhex(new.value->>'article_id', '-'))";

    REMOVE_ARTICLE_ENTRIES = "delete from article_entries where (tenant_id, article_id) in
            (select unhex(value->>'tenant_id', '-'), unhex(value->>'article_id', '-') from json_each(?1))";

    ADD_ARTICLE_ENTRIES = "insert into article_entries (tenant_id, article_id)
        select unhex(value->>'tenant_id', '-'), unhex(value->>'article_id', '-')
        from json_each(?1) where value->>'words' <> ''";

    ADD_ARTICLE_WORDS = "insert into article_words (rowid, words)
        select e.entry, new.value->>'words'
        from json_each(?1) new
        cross join article_entries e on e.tenant_id = unhex(new.value->>'tenant_id', '-')
            and e.article_id = unhex(new.value->>'article_id', '-')";

    REMOVE_ARTICLES = "delete from articles where (tenant_id, id) in
            (select unhex(value->>'tenant_id', '-'), unhex(value->>'id', '-') from json_each(?1))";

    /// What readers add stays as it is.
    PUT_ARTICLES = "insert into articles (tenant_id, id, slug, title, content, category, category_key, tags, language, language_key,
            is_published, sort_order, views, helpful, unhelpful, version, created_at, updated_at)
        select unhex(value->>'tenant_id', '-'), unhex(value->>'id', '-'), value->>'slug', value->>'title',
            value->>'content', value->>'category', value->>'category_key', value->>'tags', value->>'language',
            value->>'language_key', value->>'is_published', value->>'sort_order', value->>'views',
            value->>'helpful', value->>'unhelpful', value->>'version', value->>'created_at', value->>'updated_at'
        from json_each(?1) where true
        on conflict (tenant_id, id) do update set slug = excluded.slug, title = excluded.title, content = excluded.content,
            category = excluded.category, category_key = excluded.category_key, tags = excluded.tags,
            language = excluded.language, language_key = excluded.language_key,
            is_published = excluded.is_published, sort_order = excluded.sort_order, version = excluded.version,
            updated_at = excluded.updated_at
        where articles.version = excluded.version - 1";

    /// Before the votes themselves: what a reader said before is taken back.
    COUNT_ARTICLE_VOTES = "update articles set helpful = articles.helpful + changed.helpful,
            unhelpful = articles.unhelpful + changed.unhelpful
        from (select new.tenant_id, new.article_id,
                sum(new.is_helpful) - sum(coalesce(v.is_helpful, 0)) as helpful,
                sum(1 - new.is_helpful) - sum(coalesce(1 - v.is_helpful, 0)) as unhelpful
            from (select unhex(value->>'tenant_id', '-') as tenant_id,
                unhex(value->>'article_id', '-') as article_id, value->>'voter' as voter,
                value->>'is_helpful' as is_helpful from json_each(?1)) new
            left join article_votes v on v.tenant_id = new.tenant_id and v.article_id = new.article_id
                and v.voter = new.voter
            group by new.tenant_id, new.article_id) changed
        where articles.tenant_id = changed.tenant_id and articles.id = changed.article_id";

    PUT_ARTICLE_VOTES = "insert into article_votes (tenant_id, article_id, voter, is_helpful)
        select a.tenant_id, a.id, new.value->>'voter', new.value->>'is_helpful'
        from json_each(?1) new
        cross join articles a on a.tenant_id = unhex(new.value->>'tenant_id', '-')
            and a.id = unhex(new.value->>'article_id', '-')
        where true
        on conflict (tenant_id, article_id, voter) do update set is_helpful = excluded.is_helpful";

    COUNT_ARTICLE_VIEWS = "update articles set views = articles.views + viewed.views
        from (select unhex(value->>'tenant_id', '-') as tenant_id, unhex(value->>'id', '-') as id,
            sum(value->>'views') as views from json_each(?1) group by 1, 2) viewed
        where articles.tenant_id = viewed.tenant_id and articles.id = viewed.id";
}

/// How often an article was read.
#[derive(Debug, Serialize)]
struct ViewsRow {
    tenant_id: Uuid,
    id: Uuid,
    views: i64,
}

/// What becomes of a batch's articles.
#[derive(Debug, Default)]
pub(super) struct ArticleRows {
    removed: Vec<RecordKey>,
    put: Vec<ArticleRow>,
    words: Vec<ArticleWordsRow>,
    votes: Vec<ArticleVoteRow>,
    views: Vec<ViewsRow>,
}

impl ArticleRows {
    pub(super) fn put(&mut self, tenant: TenantId, article: &Article) -> Result<(), StoreError> {
        self.put.push(ArticleRow::of(tenant, article)?);
        self.words.push(ArticleWordsRow::of(tenant, article));
        Ok(())
    }

    pub(super) fn remove(&mut self, tenant: TenantId, article: ArticleId) {
        self.removed.push(RecordKey::of(tenant, article.uuid()));
        self.words.push(ArticleWordsRow::gone(tenant, article));
    }

    pub(super) fn count_views(&mut self, tenant: TenantId, article: ArticleId, views: u64) {
        self.views.push(ViewsRow {
            tenant_id: tenant.uuid(),
            id: article.uuid(),
            views: stored_count(views),
        });
    }

    /// Of several that one reader gives in one change set the last counts.
    pub(super) fn put_vote(&mut self, tenant: TenantId, vote: &ArticleVote) {
        let row = ArticleVoteRow::of(tenant, vote);
        self.votes.retain(|earlier| !earlier.is_as(&row));
        self.votes.push(row);
    }

    pub(super) fn write(self, connection: &Connection) -> Result<(), Failure> {
        let Self {
            removed,
            put,
            words,
            votes,
            views,
        } = self;
        write(connection, REMOVE_ARTICLE_WORDS, &words)?;
        write(connection, REMOVE_ARTICLE_ENTRIES, &words)?;
        write(connection, REMOVE_ARTICLES, &removed)?;
        write_all(connection, PUT_ARTICLES, &put)?;
        write(connection, ADD_ARTICLE_ENTRIES, &words)?;
        write(connection, ADD_ARTICLE_WORDS, &words)?;
        write(connection, COUNT_ARTICLE_VOTES, &votes)?;
        write(connection, PUT_ARTICLE_VOTES, &votes)?;
        write(connection, COUNT_ARTICLE_VIEWS, &views)?;
        Ok(())
    }
}
