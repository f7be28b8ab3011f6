//! Finding articles: the terms they are found under, and how well they fit.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap},
};

use super::{
    Article, QueryWord, WordQuery, category_key, primary_language,
    search::{words_in_order, words_of_length},
};

/// How many different words of one article are searched for; those after them are not found.
pub const MOST_ARTICLE_WORDS: usize = 5_000;
/// How many articles with the words are put in order.
pub const ARTICLES_RANKED: u32 = 50;
/// What words in title, category and tags are stored under, what those anywhere in the article,
/// what its category and what its language.
const HEAD: char = 'h';
const ANYWHERE: char = 'w';
const CATEGORY: char = 'k';
const LANGUAGE: char = 'l';
/// The longest beginning of a message that is looked at, in characters, and how many of its words.
const BEGINNING: usize = 400;
const MOST_MESSAGE_WORDS: usize = 32;
/// Words from this length on say what a message is about, in characters.
const TELLING: usize = 4;

/// Which published articles a search finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArticleSearch {
    /// What they are to say.
    pub words: ArticleWords,
    /// What they are to belong to.
    pub category: Option<String>,
    /// The language they are to be written in, whatever its region.
    pub language: Option<String>,
}

/// What articles are to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ArticleWords {
    /// All of these words.
    Every(WordQuery),
    /// One of these words in title, category or tags.
    Any(WordQuery),
}

/// What the terms of an article have to hold: one of each group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TermQuery(Vec<Vec<QueryWord>>);

impl TermQuery {
    /// The groups; each has at least one term.
    #[must_use]
    pub fn groups(&self) -> &[Vec<QueryWord>] {
        &self.0
    }

    /// Whether terms hold one of each group.
    #[must_use]
    pub fn is_answered_by(&self, terms: &BTreeSet<String>) -> bool {
        let is_among = |wanted: &QueryWord| wanted.is_among(terms);
        self.0.iter().all(|group| group.iter().any(is_among))
    }
}

impl ArticleSearch {
    /// What is looked for, the best first: articles that answer what comes later are only wanted
    /// where those before do not suffice.
    #[must_use]
    pub fn steps(&self) -> Vec<TermQuery> {
        match &self.words {
            ArticleWords::Every(words) => [HEAD, ANYWHERE]
                .map(|part| {
                    let groups = words.words().iter().map(|word| vec![term(part, word)]);
                    self.narrowed(groups.collect())
                })
                .into(),
            ArticleWords::Any(words) => {
                let group = words.words().iter().map(|word| term(HEAD, word));
                vec![self.narrowed(vec![group.collect()])]
            }
        }
    }

    fn narrowed(&self, mut groups: Vec<Vec<QueryWord>>) -> TermQuery {
        let whole = |part: char, text: String| QueryWord {
            text: format!("{part}{text}"),
            is_prefix: false,
        };
        if let Some(category) = &self.category {
            groups.push(vec![whole(CATEGORY, category_key(category))]);
        }
        if let Some(language) = &self.language {
            groups.push(vec![whole(LANGUAGE, primary_language(language))]);
        }
        TermQuery(groups)
    }
}

fn term(part: char, word: &QueryWord) -> QueryWord {
    QueryWord {
        text: format!("{part}{}", word.text),
        is_prefix: word.is_prefix,
    }
}

/// The terms under which an article is found; none while it is a draft.
#[must_use]
pub fn terms_of_article(article: &Article) -> BTreeSet<String> {
    if !article.is_published {
        return BTreeSet::new();
    }
    let head = head_of(article);
    let text = article.text();
    let head = words_in_order(&head, usize::MAX);
    let mut words: BTreeSet<String> = head.collect();
    let mut terms: BTreeSet<String> = words.iter().map(|word| format!("{HEAD}{word}")).collect();
    for word in words_in_order(&text, usize::MAX) {
        if words.len() >= MOST_ARTICLE_WORDS {
            break;
        }
        words.insert(word);
    }
    terms.extend(words.into_iter().map(|word| format!("{ANYWHERE}{word}")));
    terms.extend(article.category_key().map(|key| format!("{CATEGORY}{key}")));
    terms.insert(format!("{LANGUAGE}{}", primary_language(&article.language)));
    terms
}

/// What stands above the text, and is found first.
fn head_of(article: &Article) -> String {
    format!("{}\n{}", article.title, beside_title(article))
}

fn beside_title(article: &Article) -> String {
    let category = article.category.as_deref().unwrap_or_default();
    format!("{category}\n{}", article.tags.join("\n"))
}

impl ArticleWords {
    /// The words that tell what a message is about, from its beginning; none when it has none.
    ///
    /// ```
    /// use support_core::model::ArticleWords;
    /// assert!(ArticleWords::of_message("I can not find my invoice").is_some());
    /// assert!(ArticleWords::of_message("?!").is_none());
    /// ```
    #[must_use]
    pub fn of_message(message: &str) -> Option<Self> {
        let words = words_in_order(message, BEGINNING).take(MOST_MESSAGE_WORDS);
        let words: Vec<String> = words.collect();
        let telling = |least: usize| words_of_length(&words, least);
        let query = [TELLING, 2].into_iter().map(telling).find(|words| !words.is_empty());
        WordQuery::of_words(query?).map(Self::Any)
    }

    fn query(&self) -> &WordQuery {
        match self {
            Self::Every(words) | Self::Any(words) => words,
        }
    }
}

/// An article that a search found, and how well it fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RankedArticle {
    /// The article.
    pub article: Article,
    /// The higher, the better.
    pub score: u32,
}

/// What it counts that a word is the title's, that it begins one of the title's, and likewise for
/// what stands beside the title and for the text.
const IN_TITLE: (u32, u32) = (40, 30);
const BESIDE_TITLE: (u32, u32) = (20, 15);
const IN_TEXT: (u32, u32) = (4, 3);
/// What each further time counts that the text has the word, and how many of them do.
const AGAIN_IN_TEXT: u32 = 2;
const MOST_TIMES: u32 = 5;
/// What it counts that the title has nothing but what was searched for.
const WHOLE_TITLE: u32 = 50;

/// Puts articles in order: those whose titles have the words first, then those that have them in
/// category or tags, then those that say them most often; among equals by their place in lists, by
/// how many readers they helped, and by age. Of several translations of one article that was found
/// the one stays which readers of `languages` like best.
#[must_use]
pub fn rank_articles(words: &ArticleWords, found: Vec<Article>, languages: &[String]) -> Vec<RankedArticle> {
    let query = words.query();
    let fits: Vec<Vec<u32>> = found.iter().map(|article| fits_of(query, article)).collect();
    let rarity = match words {
        ArticleWords::Every(_) => vec![1; query.words().len()],
        ArticleWords::Any(_) => rarity_of(&fits, query.words().len()),
    };
    let ranked = found.into_iter().zip(&fits).map(|(article, fits)| {
        let words = fits
            .iter()
            .zip(&rarity)
            .map(|(fit, rarity)| fit.saturating_mul(*rarity));
        let score = words.fold(coverage(query, &article), u32::saturating_add);
        RankedArticle { article, score }
    });
    let mut ranked: Vec<RankedArticle> = ranked.collect();
    ranked.sort_by_key(|ranked| {
        let article = &ranked.article;
        let helped = i128::from(article.helpful) - i128::from(article.unhelpful);
        (Reverse(ranked.score), article.sort_order, Reverse(helped), article.id)
    });
    one_translation_each(ranked, languages)
}

/// How well each word of a query fits an article.
fn fits_of(query: &WordQuery, article: &Article) -> Vec<u32> {
    let parts = [
        (counted(&article.title), IN_TITLE),
        (counted(&beside_title(article)), BESIDE_TITLE),
        (counted(&article.text()), IN_TEXT),
    ];
    let fit = |word: &QueryWord| {
        let [title, beside, text] = &parts;
        let in_text = times(word, &text.0).min(MOST_TIMES);
        let heads = [title, beside]
            .into_iter()
            .map(|(words, counts)| fit_of(word, words, *counts));
        let again = in_text.saturating_sub(1) * AGAIN_IN_TEXT;
        heads.sum::<u32>() + fit_of(word, &text.0, text.1) + again
    };
    query.words().iter().map(fit).collect()
}

fn counted(text: &str) -> BTreeMap<String, u32> {
    let mut words = BTreeMap::new();
    for word in words_in_order(text, usize::MAX) {
        let times: &mut u32 = words.entry(word).or_default();
        *times = times.saturating_add(1);
    }
    words
}

fn times(word: &QueryWord, words: &BTreeMap<String, u32>) -> u32 {
    let from = words.range(word.text.clone()..);
    let meant = from.take_while(|(found, _)| word.is(found));
    meant.map(|(_, times)| *times).fold(0, u32::saturating_add)
}

fn fit_of(word: &QueryWord, words: &BTreeMap<String, u32>, (whole, beginning): (u32, u32)) -> u32 {
    if words.contains_key(&word.text) {
        whole
    } else if times(word, words) > 0 {
        beginning
    } else {
        0
    }
}

/// How much of the title was searched for.
fn coverage(query: &WordQuery, article: &Article) -> u32 {
    let words: BTreeSet<String> = words_in_order(&article.title, usize::MAX).collect();
    let is_wanted = |word: &&String| query.words().iter().any(|wanted| wanted.is(word));
    let wanted = u32::try_from(words.iter().filter(is_wanted).count()).unwrap_or(u32::MAX);
    let all = u32::try_from(words.len()).unwrap_or(u32::MAX);
    wanted.saturating_mul(WHOLE_TITLE).checked_div(all).unwrap_or_default()
}

/// A word that few of those found have says more than one that all have.
fn rarity_of(fits: &[Vec<u32>], words: usize) -> Vec<u32> {
    let having = |word: usize| {
        let having = fits.iter().filter(|fits| fits.get(word).is_some_and(|fit| *fit > 0));
        having.count().max(1)
    };
    let rarity = (0..words).map(|word| (2 * fits.len()).div_ceil(having(word)).max(2).ilog2());
    rarity.collect()
}

/// Of articles with one slug the one in the language that is liked best, at the best one's place.
fn one_translation_each(ranked: Vec<RankedArticle>, languages: &[String]) -> Vec<RankedArticle> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut kept: Vec<RankedArticle> = Vec::with_capacity(ranked.len());
    for one in ranked {
        let Some(place) = places.get(&one.article.slug).copied() else {
            places.insert(one.article.slug.clone(), kept.len());
            kept.push(one);
            continue;
        };
        let Some(known) = kept.get_mut(place) else { continue };
        if one.article.language_distance(languages) < known.article.language_distance(languages) {
            known.article = one.article;
        }
    }
    kept
}
