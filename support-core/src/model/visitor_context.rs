//! Where visitors come from and what they looked at, as far as their browser tells.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::Timestamp;

/// The longest address of a page that is kept, in characters.
pub const LONGEST_PAGE_URL: usize = 2_000;
/// The longest title of a page that is kept, in characters.
pub const LONGEST_PAGE_TITLE: usize = 200;
/// How many pages of one visit are kept.
pub const MOST_VISITED_PAGES: usize = 50;
/// The longest name of a browser that is kept, in characters.
const LONGEST_USER_AGENT: usize = 500;
/// The longest language tag that is kept, in characters.
const LONGEST_LANGUAGE: usize = 35;

/// A page that a visitor looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitedPage {
    /// Its address.
    pub url: String,
    /// Its title.
    pub title: Option<String>,
    /// When they came to it.
    pub at: Timestamp,
}

/// What is known of a visit beside what was said. It helps agents to understand a question; who
/// somebody is must not be concluded from it, since a browser may tell anything.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct VisitorContext {
    /// The page that they look at now.
    pub page: Option<VisitedPage>,
    /// Where they came from to the site.
    pub referrer: Option<String>,
    /// What their browser speaks, as a BCP 47 tag.
    pub language: Option<String>,
    /// How their browser calls itself.
    pub user_agent: Option<String>,
    /// Where they called from.
    pub address: Option<IpAddr>,
    /// The pages of the visit, oldest first.
    pub pages: Vec<VisitedPage>,
}

/// A page as a browser tells of it.
#[derive(Debug, Clone, Default)]
pub struct ToldPage {
    /// Its address.
    pub url: String,
    /// Its title.
    pub title: Option<String>,
    /// When they came to it; now, if that isn't told.
    pub at: Option<Timestamp>,
}

/// A visit as a browser tells of it.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the fields are those of `VisitorContext`")]
pub struct ToldVisit {
    pub page: Option<ToldPage>,
    pub referrer: Option<String>,
    pub language: Option<String>,
    pub user_agent: Option<String>,
    pub address: Option<IpAddr>,
    pub pages: Vec<ToldPage>,
}

impl VisitorContext {
    /// What is kept of what a browser told. What is too long is cut or left out: nobody is refused
    /// help because of where they come from.
    ///
    /// ```
    /// use support_core::model::{Timestamp, ToldPage, ToldVisit, VisitorContext};
    /// let told = ToldVisit {
    ///     page: Some(ToldPage { url: "https://shop.example/cart".to_owned(), ..ToldPage::default() }),
    ///     referrer: Some("javascript:alert(1)".to_owned()),
    ///     ..ToldVisit::default()
    /// };
    /// let context = VisitorContext::of(told, Timestamp::from_millis(0));
    /// assert_eq!(context.pages.len(), 1);
    /// assert_eq!(context.referrer, None);
    /// ```
    #[must_use]
    pub fn of(told: ToldVisit, now: Timestamp) -> Self {
        let ToldVisit {
            page,
            referrer,
            language,
            user_agent,
            address,
            pages,
        } = told;
        // Who tells of more than is kept tells of the newest last.
        let earlier = pages.len().saturating_sub(MOST_VISITED_PAGES);
        let mut kept: Vec<VisitedPage> = pages
            .into_iter()
            .skip(earlier)
            .filter_map(|page| page.kept(now))
            .collect();
        kept.sort_by_key(|page| page.at);
        let context = Self {
            page: None,
            referrer: referrer.and_then(|url| kept_url(&url)),
            language: language.and_then(|language| kept_line(&language, LONGEST_LANGUAGE)),
            user_agent: user_agent.and_then(|agent| kept_line(&agent, LONGEST_USER_AGENT)),
            address: address.map(|address| address.to_canonical()),
            pages: kept,
        };
        match page {
            Some(page) => context.moved_to(page, now),
            None => context,
        }
    }

    /// The visitor has come to another page, or tells more of the one that they are on.
    #[must_use]
    pub fn moved_to(mut self, page: ToldPage, now: Timestamp) -> Self {
        let Some(mut page) = page.kept(now) else {
            return self;
        };
        match self.pages.last_mut().filter(|last| last.url == page.url) {
            Some(last) => {
                page.at = last.at;
                page.title = page.title.or_else(|| last.title.take());
                *last = page.clone();
            }
            None => self.pages.push(page.clone()),
        }
        let too_many = self.pages.len().saturating_sub(MOST_VISITED_PAGES);
        self.pages.drain(..too_many);
        self.page = Some(page);
        self
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl ToldPage {
    fn kept(self, now: Timestamp) -> Option<VisitedPage> {
        Some(VisitedPage {
            url: kept_url(&self.url)?,
            title: self.title.and_then(|title| kept_line(&title, LONGEST_PAGE_TITLE)),
            at: self.at.map_or(now, |at| at.min(now)),
        })
    }
}

/// Agents follow these addresses, so they are of the web and nothing else.
fn kept_url(url: &str) -> Option<String> {
    let url = url.trim();
    let scheme = url.split_once("://")?.0;
    let is_web = scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http");
    let is_plain = !url
        .chars()
        .any(|character| character.is_control() || character.is_whitespace());
    (is_web && is_plain && url.chars().count() <= LONGEST_PAGE_URL).then(|| url.to_owned())
}

fn kept_line(text: &str, longest: usize) -> Option<String> {
    let line: String = text
        .chars()
        .map(|character| if character.is_control() { ' ' } else { character })
        .collect();
    let line: String = line.trim().chars().take(longest).collect();
    (!line.is_empty()).then_some(line)
}
