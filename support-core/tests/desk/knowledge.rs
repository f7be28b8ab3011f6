use std::{sync::Arc, time::Duration};

use support_core::{
    change::RequestKey,
    desk::{ArticleChanges, ArticleQuery, Desk, DeskError, NewArticle, Stores},
    memory::MemoryStore,
    model::{Article, Secret},
    ports::{ArticleFilter, PageRequest},
};

use crate::office::Office;

fn new(title: &str) -> NewArticle {
    NewArticle {
        title: title.to_owned(),
        content: "Some *words*".to_owned(),
        is_published: Some(true),
        ..NewArticle::default()
    }
}

impl Office {
    async fn listed_articles(&self) -> Vec<Article> {
        let page = PageRequest { number: 1, limit: 100 };
        let listed = self.desk.articles(&self.admin, &ArticleFilter::default(), page).await;
        listed.unwrap().items
    }

    async fn stored_views(&self, article: &Article) -> u64 {
        let stored = self.desk.stores().articles.article(self.tenant.id, article.id).await;
        stored.unwrap().unwrap().views
    }
}

#[tokio::test(start_paused = true)]
async fn views_are_stored_a_moment_later_all_at_once() {
    let office = Office::open().await;
    let article = office.desk.create_article(&office.admin, new("Refunds")).await.unwrap();
    for views in 1..=3 {
        let read = office
            .desk
            .read_article(office.tenant.id, "refunds", &[])
            .await
            .unwrap();
        assert_eq!(read.views, views);
    }
    assert_eq!(office.stored_views(&article).await, 0);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(office.stored_views(&article).await, 3);
    let read = office
        .desk
        .read_article(office.tenant.id, "refunds", &[])
        .await
        .unwrap();
    assert_eq!(read.views, 4);
    assert_eq!(office.listed_articles().await[0].views, 4, "who looks sees all");
    let after = office.desk.article(&office.admin, article.id).await.unwrap();
    assert_eq!((after.version, after.updated_at), (article.version, article.updated_at));
}

#[tokio::test]
async fn the_same_request_adds_one_article() {
    let office = Office::open().await;
    office.desk.create_article(&office.admin, new("Refunds")).await.unwrap();
    let request = RequestKey {
        key: Secret::presented("key").hash(),
        fingerprint: Secret::presented("body").hash(),
    };
    let scope = office.admin.clone().once(request);
    let made = office.desk.create_article(&scope, new("Refunds")).await.unwrap();
    let again = office.desk.create_article(&scope, new("Refunds")).await.unwrap();
    assert_eq!((again.id, again.slug.as_str()), (made.id, "refunds-2"));
    assert_eq!(office.listed_articles().await.len(), 2);
}

#[tokio::test]
async fn drafts_are_nobodys_to_read_or_rate() {
    let office = Office::open().await;
    let draft = NewArticle {
        is_published: None,
        ..new("Refunds")
    };
    let draft = office.desk.create_article(&office.admin, draft).await.unwrap();
    assert!(!draft.is_published);
    let read = office.desk.read_article(office.tenant.id, "refunds", &[]).await;
    assert!(matches!(read, Err(DeskError::NotFound)), "{read:?}");
    let rated = office
        .desk
        .rate_article(office.tenant.id, "refunds", &[], "me", true)
        .await;
    assert!(matches!(rated, Err(DeskError::NotFound)), "{rated:?}");
    let published = ArticleChanges {
        is_published: Some(true),
        ..ArticleChanges::default()
    };
    office
        .desk
        .update_article(&office.admin, draft.id, published)
        .await
        .unwrap();
    let rated = office
        .desk
        .rate_article(office.tenant.id, "refunds", &[], "me", true)
        .await;
    assert_eq!(rated.unwrap().helpful, 1);
    for slug in ["", "Refunds", "refunds\0", "refunds/", "../refunds"] {
        let read = office.desk.read_article(office.tenant.id, slug, &[]).await;
        assert!(matches!(read, Err(DeskError::NotFound)), "{slug:?} {read:?}");
    }
}

#[tokio::test]
async fn a_new_tenant_begins_with_the_articles_that_the_desk_was_given() {
    let store = Arc::new(MemoryStore::new());
    let builder = Desk::builder_over(Stores::of(&store)).first_articles(vec![new("One"), new("Two")]);
    let office = Office::with(builder).await;
    let listed = office.listed_articles().await;
    assert_eq!(
        listed.iter().map(|article| article.slug.as_str()).collect::<Vec<_>>(),
        ["one", "two"]
    );
    let query = ArticleQuery {
        text: Some("words".to_owned()),
        limit: 1,
        ..ArticleQuery::default()
    };
    let found = office.desk.published_articles(office.tenant.id, &query).await.unwrap();
    assert_eq!(found.len(), 1, "no more than asked for");
    assert_eq!(found[0].snippet.text, "Some words");
    assert_eq!(
        (found[0].snippet.found.len(), &found[0].snippet.found[0]),
        (1, &(5..10))
    );
}
