use support_core::{
    model::{Article, ArticleWords, MOST_ARTICLE_WORDS, RankedArticle, WordQuery, rank_articles, terms_of_article},
    testing::Samples,
};

fn every(query: &str) -> ArticleWords {
    ArticleWords::Every(WordQuery::new(query).unwrap())
}

fn titled(samples: &Samples, title: &str) -> Article {
    Article {
        title: title.to_owned(),
        slug: title.to_owned(),
        content: "Nothing".to_owned(),
        category: None,
        tags: Vec::new(),
        ..samples.article()
    }
}

fn titles(ranked: &[RankedArticle]) -> Vec<&str> {
    ranked.iter().map(|ranked| ranked.article.title.as_str()).collect()
}

#[test]
fn whole_titles_come_before_parts_of_them_and_both_before_tags_and_texts() {
    let samples = Samples::new();
    let saying = |title: &str, content: &str| Article {
        content: content.to_owned(),
        ..titled(&samples, title)
    };
    let found = vec![
        saying("once", "A refund."),
        saying("often", "Refund, refund, *refund*; refund!"),
        Article {
            tags: vec!["refund".to_owned()],
            ..titled(&samples, "tagged")
        },
        titled(&samples, "Refunds for all of you"),
        titled(&samples, "Refund"),
        titled(&samples, "How to get a refund"),
    ];
    let ranked = rank_articles(&every("refund"), found, &[]);
    let order = [
        "Refund",
        "How to get a refund",
        "Refunds for all of you",
        "tagged",
        "often",
        "once",
    ];
    assert_eq!(titles(&ranked), order);
    assert!(ranked.windows(2).all(|pair| pair[0].score > pair[1].score));
}

#[test]
fn among_equals_the_place_in_lists_counts_then_how_many_were_helped() {
    let samples = Samples::new();
    let with = |title: &str, sort_order, helpful, unhelpful| Article {
        content: "money".to_owned(),
        sort_order,
        helpful,
        unhelpful,
        ..titled(&samples, title)
    };
    let found = vec![
        with("d", 1, 9, 0),
        with("c", 0, 1, 5),
        with("b", 0, 0, 0),
        with("a", 0, 3, 1),
    ];
    assert_eq!(
        titles(&rank_articles(&every("money"), found, &[])),
        ["a", "b", "c", "d"]
    );
}

#[test]
fn of_translations_the_one_stays_that_is_understood_best() {
    let samples = Samples::new();
    let in_language = |language: &str, title: &str| Article {
        language: language.to_owned(),
        slug: "shared".to_owned(),
        ..titled(&samples, title)
    };
    let found = || {
        vec![
            in_language("en", "Money"),
            in_language("pt-BR", "Money dinheiro"),
            in_language("de", "Money Geld"),
            titled(&samples, "Other money"),
        ]
    };
    for (understood, expected) in [
        (vec![], "en"),
        (vec!["sv"], "en"),
        (vec!["de-AT", "en"], "de"),
        (vec!["pt"], "pt-BR"),
        (vec!["EN"], "en"),
        (vec!["sv", "pt-BR", "de"], "pt-BR"),
    ] {
        let understood: Vec<String> = understood.into_iter().map(str::to_owned).collect();
        let ranked = rank_articles(&every("money"), found(), &understood);
        assert_eq!(ranked.len(), 2);
        assert_eq!(ranked[0].article.language, expected, "{understood:?}");
    }
}

#[test]
fn a_message_is_about_its_rare_words() {
    let samples = Samples::new();
    let words = ArticleWords::of_message("Where does my invoice go, and where is my other thing?").unwrap();
    let found = vec![
        titled(&samples, "Where is what"),
        titled(&samples, "Where to go"),
        titled(&samples, "Your invoice"),
        titled(&samples, "Where we are"),
    ];
    assert_eq!(titles(&rank_articles(&words, found, &[]))[0], "Your invoice");
    assert_eq!(rank_articles(&words, Vec::new(), &[]), []);
}

#[test]
fn short_words_tell_of_a_message_only_when_it_has_no_longer_ones() {
    let asked = |message: &str| match ArticleWords::of_message(message) {
        Some(ArticleWords::Any(words)) => words.words().iter().map(|word| word.text.clone()).collect(),
        _ => Vec::new(),
    };
    assert_eq!(asked("How do I pay the INVOICE?"), ["invoice"]);
    assert_eq!(asked("VAT? VAT!"), ["vat"]);
    assert_eq!(asked("我的发票"), ["我的", "的发", "发票", "票"]);
    assert_eq!(asked("… ?"), Vec::<String>::new());
    assert_eq!(asked(&"word ".repeat(500)), ["word"]);
    let beginning = asked(&format!("{} later", "x".repeat(400)));
    assert!(!beginning.contains(&"later".to_owned()));
}

#[test]
fn drafts_have_no_terms_and_long_articles_no_more_than_are_kept() {
    let samples = Samples::new();
    let long: String = (0..20_000).map(|word| format!("w{word} ")).collect();
    let article = Article {
        content: long,
        ..titled(&samples, "Title")
    };
    let terms = terms_of_article(&article);
    assert!(terms.contains("htitle") && terms.contains("wtitle") && terms.contains("len"));
    let words = terms.iter().filter(|term| term.starts_with('w')).count();
    assert_eq!(words, MOST_ARTICLE_WORDS);
    let draft = Article {
        is_published: false,
        ..article
    };
    assert!(terms_of_article(&draft).is_empty());
}
