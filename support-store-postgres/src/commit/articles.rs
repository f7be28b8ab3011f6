//! Writes articles, the terms they are found under, and what readers add to them.

use serde::Serialize;
use sqlx::PgConnection;
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
    REMOVE_ARTICLE_WORDS = "delete from article_words where (tenant_id, article_id) in
            (select tenant_id, article_id from json_to_recordset($1::json) as gone (tenant_id uuid, article_id uuid))";

    ADD_ARTICLE_WORDS = "insert into article_words (tenant_id, article_id, words)
        select tenant_id, article_id, array_to_tsvector(string_to_array(words, ' '))
        from json_to_recordset($1::json) as new (tenant_id uuid, article_id uuid, words text) where words <> ''";

    REMOVE_ARTICLES = "delete from articles where (tenant_id, id) in
            (select tenant_id, id from json_populate_recordset(null::articles, $1::json))";

    /// What readers add stays as it is.
    PUT_ARTICLES = "insert into articles select * from json_populate_recordset(null::articles, $1::json)
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
                sum(new.is_helpful::integer) - sum(coalesce(v.is_helpful::integer, 0)) as helpful,
                sum(1 - new.is_helpful::integer) - sum(coalesce(1 - v.is_helpful::integer, 0)) as unhelpful
            from json_populate_recordset(null::article_votes, $1::json) new
            left join article_votes v on v.tenant_id = new.tenant_id and v.article_id = new.article_id
                and v.voter = new.voter
            group by new.tenant_id, new.article_id) changed
        where articles.tenant_id = changed.tenant_id and articles.id = changed.article_id";

    PUT_ARTICLE_VOTES = "insert into article_votes (tenant_id, article_id, voter, is_helpful)
        select a.tenant_id, a.id, new.voter, new.is_helpful
        from json_populate_recordset(null::article_votes, $1::json) new
        join articles a on a.tenant_id = new.tenant_id and a.id = new.article_id
        on conflict (tenant_id, article_id, voter) do update set is_helpful = excluded.is_helpful";

    COUNT_ARTICLE_VIEWS = "update articles set views = articles.views + viewed.views
        from (select tenant_id, id, sum(views) as views
            from json_to_recordset($1::json) as read (tenant_id uuid, id uuid, views bigint) group by 1, 2) viewed
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

    pub(super) async fn write(self, connection: &mut PgConnection) -> Result<(), Failure> {
        let Self {
            removed,
            put,
            words,
            votes,
            views,
        } = self;
        write(connection, REMOVE_ARTICLE_WORDS, &words).await?;
        write(connection, REMOVE_ARTICLES, &removed).await?;
        write_all(connection, PUT_ARTICLES, &put).await?;
        write(connection, ADD_ARTICLE_WORDS, &words).await?;
        write(connection, COUNT_ARTICLE_VOTES, &votes).await?;
        write(connection, PUT_ARTICLE_VOTES, &votes).await?;
        write(connection, COUNT_ARTICLE_VIEWS, &views).await?;
        Ok(())
    }
}
