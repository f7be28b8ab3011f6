//! The knowledge base: what is stored of articles, what they are found under, and what readers add.

use std::{collections::BTreeSet, sync::Arc};

use support_core::{
    change::{Claim, Conflict, Record, Rejected},
    model::{Article, ArticleId, ArticleSearch, ArticleVote, ArticleWords, SecretHash, WordQuery, terms_of_article},
    ports::{ArticleFilter, PageRequest, Store},
};

use crate::world::{ALL, Dice, WHOLE, World};

impl World {
    async fn put_articles(&self, articles: &[Article]) {
        let mut change = self.change();
        for article in articles {
            change.put_article(article.clone());
        }
        self.commit(change).await;
    }

    async fn listed_articles(&self, filter: &ArticleFilter) -> Vec<ArticleId> {
        let page = self.store.articles(self.id(), filter, WHOLE).await.unwrap();
        assert_eq!((page.total, page.is_total_exact), (page.items.len() as u64, true));
        page.items.iter().map(|article| article.id).collect()
    }

    async fn found_articles(&self, search: &ArticleSearch) -> BTreeSet<ArticleId> {
        let found = self.store.articles_with_words(self.id(), search, ALL).await.unwrap();
        let ids: BTreeSet<_> = found.iter().map(|article| article.id).collect();
        assert_eq!(ids.len(), found.len(), "each article once");
        ids
    }

    async fn stored_article(&self, article: ArticleId) -> Article {
        self.store.article(self.id(), article).await.unwrap().unwrap()
    }

    async fn vote(&self, article: ArticleId, voter: &SecretHash, is_helpful: bool) {
        let mut change = self.change();
        change.put_article_vote(ArticleVote {
            article,
            voter: voter.clone(),
            is_helpful,
        });
        self.commit(change).await;
    }
}

fn every(query: &str) -> ArticleSearch {
    ArticleSearch {
        words: ArticleWords::Every(WordQuery::new(query).unwrap()),
        category: None,
        language: None,
    }
}

fn stored(article: &Article, version: u64) -> Article {
    Article {
        version,
        ..article.clone()
    }
}

/// Articles come back as they went in, in their place in lists, and are gone when removed.
pub async fn articles_are_stored_as_they_are_and_listed_in_order(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let sample = || world.samples.article();
    let articles = [
        Article {
            sort_order: 7,
            content: "\\ \"quoted\"\n'%_ 東京 \u{1f600}".to_owned(),
            tags: vec!["a b".to_owned(), "\"".to_owned()],
            ..sample()
        },
        Article {
            sort_order: -3,
            category: None,
            tags: Vec::new(),
            ..sample()
        },
        sample(),
        Article {
            is_published: false,
            language: "pt-BR".to_owned(),
            category: Some("Réfunds!".to_owned()),
            ..sample()
        },
    ];
    world.put_articles(&articles).await;
    let [first, second, third, draft] = &articles;
    for article in &articles {
        assert_eq!(world.stored_article(article.id).await, stored(article, 1));
    }
    let all = ArticleFilter::default();
    assert_eq!(
        world.listed_articles(&all).await,
        [second.id, third.id, draft.id, first.id]
    );
    let page = PageRequest { number: 2, limit: 3 };
    let rest = store.articles(world.id(), &all, page).await.unwrap();
    assert_eq!((rest.items, rest.total), (vec![stored(first, 1)], 4));
    let published = |is_published| ArticleFilter {
        is_published: Some(is_published),
        ..ArticleFilter::default()
    };
    assert_eq!(world.listed_articles(&published(false)).await, [draft.id]);
    let of = |category: &str| ArticleFilter {
        category: Some(category.to_owned()),
        ..ArticleFilter::default()
    };
    assert_eq!(
        world.listed_articles(&of("refunds")).await,
        [third.id, draft.id, first.id]
    );
    assert_eq!(world.listed_articles(&of("Refunds")).await, [], "a key, not a name");
    let in_portuguese = ArticleFilter {
        language: Some("pt".to_owned()),
        ..published(false)
    };
    assert_eq!(world.listed_articles(&in_portuguese).await, [draft.id]);

    let reworded = Article {
        title: "Another".to_owned(),
        views: 99,
        helpful: 99,
        unhelpful: 99,
        ..stored(first, 1)
    };
    world.put_articles(std::slice::from_ref(&reworded)).await;
    let after = world.stored_article(first.id).await;
    let counts = (after.views, after.helpful, after.unhelpful);
    assert_eq!((after.title.as_str(), after.version, counts), ("Another", 2, (0, 0, 0)));
    let mut stale = world.change();
    stale.remove_article(&reworded);
    let changed = Conflict::Changed(Record::Article(first.id));
    assert_eq!(world.try_commit(stale).await, Err(Rejected::Conflict(changed)));
    let mut removal = world.change();
    removal.remove_article(&after);
    world.commit(removal).await;
    assert_eq!(store.article(world.id(), first.id).await.unwrap(), None);
    assert_eq!(world.found_articles(&every("another")).await, BTreeSet::new());
}

/// Translations share a slug; of one language nobody else may have it.
pub async fn a_slug_is_one_articles_of_its_language(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let claim = |slug: &str, language: &str| Claim::ArticleSlug {
        slug: slug.to_owned(),
        language: language.to_owned(),
    };
    let article = |slug: &str, language: &str| Article {
        slug: slug.to_owned(),
        language: language.to_owned(),
        ..world.samples.article()
    };
    let (english, german) = (article("refunds", "en"), article("refunds", "de"));
    world.put_articles(&[english.clone(), german.clone()]).await;
    let shared = store.articles_with_slug(world.id(), "refunds").await.unwrap();
    assert_eq!(shared, [stored(&german, 1), stored(&english, 1)]);
    assert_eq!(store.articles_with_slug(world.id(), "Refunds").await.unwrap(), []);
    assert!(!world.is_free(claim("refunds", "en")).await);
    assert!(world.is_free(claim("refunds", "fr")).await);
    assert!(world.is_free(claim("en", "refunds")).await);
    assert!(world.neighbour().await.is_free(claim("refunds", "en")).await);
    let mut double = world.change();
    double.put_article(article("refunds", "en"));
    let concurrent = Rejected::Conflict(Conflict::Concurrent);
    assert_eq!(world.try_commit(double).await, Err(concurrent));
}

/// Title, category, tags and text are searched together, in published articles alone.
pub async fn articles_are_found_by_all_their_words(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let article = Article {
        title: "Où est mon colis?".to_owned(),
        content: "Look at the **tracking** page, or [ask us](https://parcels.example). 東京都".to_owned(),
        category: Some("Delivery & Shipping".to_owned()),
        tags: vec!["post office".to_owned()],
        language: "fr-CA".to_owned(),
        ..world.samples.article()
    };
    world.put_articles(&[article.clone(), world.samples.article()]).await;
    let own = BTreeSet::from([article.id]);
    for query in [
        "COLIS",
        "ou col",
        "tracking office colis",
        "shipping post",
        "東京",
        "\"colis\" + (page*)",
    ] {
        assert_eq!(world.found_articles(&every(query)).await, own, "{query}");
    }
    for query in [
        "colis AND page",
        "lis",
        "colis refunds",
        "parcels",
        "hcolis",
        "NEAR(colis page)",
    ] {
        assert_eq!(world.found_articles(&every(query)).await, BTreeSet::new(), "{query}");
    }
    let narrowed = |category: Option<&str>, language: Option<&str>| ArticleSearch {
        category: category.map(str::to_owned),
        language: language.map(str::to_owned),
        ..every("colis")
    };
    for (category, language, is_found) in [
        (Some("delivery SHIPPING"), None, true),
        (Some("Delivery"), None, false),
        (Some("&"), None, false),
        (None, Some("fr"), true),
        (None, Some("FR-be"), true),
        (None, Some("en"), false),
        (None, Some("\" OR \""), false),
        (Some("Delivery & Shipping"), Some("fr-CA"), true),
        (Some("Refunds"), Some("fr"), false),
    ] {
        let found = world.found_articles(&narrowed(category, language)).await;
        assert_eq!(!found.is_empty(), is_found, "{category:?} {language:?}");
    }
    assert_eq!(
        world.neighbour().await.found_articles(&every("colis")).await,
        BTreeSet::new()
    );

    let draft = Article {
        is_published: false,
        ..stored(&article, 1)
    };
    world.put_articles(std::slice::from_ref(&draft)).await;
    assert_eq!(world.found_articles(&every("colis")).await, BTreeSet::new());
    let renamed = Article {
        title: "Suivi".to_owned(),
        is_published: true,
        ..stored(&article, 2)
    };
    world.put_articles(std::slice::from_ref(&renamed)).await;
    assert_eq!(world.found_articles(&every("colis")).await, BTreeSet::new());
    assert_eq!(world.found_articles(&every("suivi")).await, own);
}

/// Where there is not room for all, those with the words in their heads come before the others.
pub async fn articles_with_the_words_above_their_text_come_first(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let said = |content: &str| Article {
        content: content.to_owned(),
        ..world.samples.article()
    };
    let titled = |title: &str| Article {
        title: title.to_owned(),
        ..world.samples.article()
    };
    let articles = [
        said("invoice"),
        titled("Your invoice"),
        said("An invoice"),
        titled("Invoice 2"),
        said("invoices"),
    ];
    world.put_articles(&articles).await;
    let found = async |limit| {
        let found = store.articles_with_words(world.id(), &every("invoice"), limit).await;
        let ids = found.unwrap().into_iter().map(|article| article.id);
        ids.collect::<BTreeSet<_>>()
    };
    let heads = BTreeSet::from([articles[1].id, articles[3].id]);
    assert_eq!(found(2).await, heads);
    assert!(found(4).await.is_superset(&heads));
    assert_eq!(found(4).await.len(), 4);
    assert_eq!(found(5).await.len(), 5);
}

/// Whatever is written and asked, the index answers as the rule over the terms does.
pub async fn articles_found_are_those_that_the_rule_of_terms_says(store: Arc<dyn Store>) {
    const WORDS: [&str; 8] = ["pay", "payment", "päy", "invoice", "東京", "京都", "x", "42"];
    let world = World::found(&store).await;
    let mut dice = Dice::new(7);
    let mut text = |most: u64| {
        let words = (0..=dice.roll(most)).map(|_| WORDS[usize::try_from(dice.roll(8)).unwrap()]);
        words.collect::<Vec<_>>().join(" ")
    };
    let articles: Vec<Article> = (0..40)
        .map(|place| Article {
            title: text(2),
            content: text(4),
            category: (place % 3 > 0).then(|| text(1)),
            tags: vec![text(1)],
            language: ["en", "de", "de-AT"][place % 3].to_owned(),
            is_published: place % 5 > 0,
            ..world.samples.article()
        })
        .collect();
    world.put_articles(&articles).await;
    for turn in 0..60 {
        let (words, category) = (text(2), text(1));
        let any = ArticleWords::of_message(&words);
        let words = match any {
            Some(any) if turn % 2 == 0 => any,
            _ => every(&words).words,
        };
        let search = ArticleSearch {
            words,
            category: (turn % 3 == 0).then_some(category),
            language: (turn % 4 == 0).then(|| "de".to_owned()),
        };
        let steps = search.steps();
        let answers = |article: &&Article| {
            let terms = terms_of_article(article);
            steps.iter().any(|step| step.is_answered_by(&terms))
        };
        let expected: BTreeSet<_> = articles.iter().filter(answers).map(|article| article.id).collect();
        assert_eq!(world.found_articles(&search).await, expected, "{search:?}");
    }
}

/// A reader has one vote on each article, and the last one counts.
pub async fn each_reader_has_one_vote_on_an_article(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let articles = [world.samples.article(), world.samples.article()];
    world.put_articles(&articles).await;
    let article = articles[0].id;
    let counts = async || {
        let article = world.stored_article(article).await;
        (article.helpful, article.unhelpful, article.version)
    };
    let (mara, vera) = (world.hash(), world.hash());
    world.vote(article, &mara, true).await;
    world.vote(article, &mara, true).await;
    assert_eq!(counts().await, (1, 0, 1));
    world.vote(article, &vera, false).await;
    assert_eq!(counts().await, (1, 1, 1));
    world.vote(article, &mara, false).await;
    assert_eq!(counts().await, (0, 2, 1));
    assert_eq!(
        store.article_vote(world.id(), article, &mara).await.unwrap(),
        Some(false)
    );
    let never = store.article_vote(world.id(), articles[1].id, &mara).await.unwrap();
    assert_eq!(never, None);

    let voting = |is_helpful: bool| {
        let mut change = world.change();
        let voter = world.hash();
        change.put_article_vote(ArticleVote {
            article,
            voter,
            is_helpful,
        });
        change
    };
    let batch = (0..10).map(|place| voting(place < 7));
    assert!(world.commit_batch(batch).await.iter().all(Result::is_ok));
    assert_eq!(counts().await, (7, 5, 1));

    let stranger = ArticleId::new(world.samples.article().id.uuid());
    world.vote(stranger, &mara, true).await;
    assert_eq!(store.article_vote(world.id(), stranger, &mara).await.unwrap(), None);
    let mut removal = world.change();
    removal.remove_article(&world.stored_article(article).await);
    world.commit(removal).await;
    assert_eq!(store.article_vote(world.id(), article, &mara).await.unwrap(), None);
    world.put_articles(std::slice::from_ref(&articles[0])).await;
    assert_eq!(
        counts().await,
        (0, 0, 1),
        "what was said of the one before is forgotten"
    );
}

/// Views add up, and are no change of the article.
pub async fn views_of_articles_add_up(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let articles = [world.samples.article(), world.samples.article()];
    world.put_articles(&articles).await;
    let viewed = |views: &[(usize, u64)]| {
        let mut change = world.change();
        for (place, views) in views {
            change.count_article_views(articles[*place].id, *views);
        }
        change
    };
    let batch = [viewed(&[(0, 1), (1, 5)]), viewed(&[(0, 2), (0, 3)])];
    assert!(world.commit_batch(batch).await.iter().all(Result::is_ok));
    world.commit(viewed(&[(0, 4)])).await;
    let mut gone = world.change();
    gone.count_article_views(world.samples.article().id, 1);
    world.commit(gone).await;
    let stored = [
        world.stored_article(articles[0].id).await,
        world.stored_article(articles[1].id).await,
    ];
    assert_eq!(
        stored.each_ref().map(|article| (article.views, article.version)),
        [(10, 1), (5, 1)]
    );
}
