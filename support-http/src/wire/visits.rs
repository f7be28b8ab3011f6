//! Shapes of visits.

use serde::{Deserialize, Serialize};
use support_core::model::{Input, Timestamp, ToldPage, ToldVisit, VisitedPage, VisitorContext};
use utoipa::ToSchema;

use crate::{client_address::Client, extract::Object};

/// Pages that are read of one call; the newest of them are kept.
const MOST_PAGES_READ: usize = 500;

/// A page as the widget tells of it.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(crate) struct PageIn {
    /// At most 2,000 characters; what is no address of the web is left out.
    #[schema(required)]
    url: Option<String>,
    /// Cut after 200 characters.
    title: Option<String>,
    /// When the visitor came to it; now when not given.
    #[schema(value_type = Option<String>)]
    at: Option<Timestamp>,
}

/// A visit as the widget tells of it. The browser's name and the address come with the call.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(crate) struct VisitIn {
    /// The page that the visitor looks at.
    #[schema(value_type = Option<PageIn>)]
    page: Option<Object<PageIn>>,
    /// Where they came from to the site.
    referrer: Option<String>,
    /// What their browser speaks.
    language: Option<String>,
    /// The pages seen before, of which the newest 50 are kept.
    #[schema(value_type = Option<Vec<PageIn>>)]
    pages: Option<Vec<Object<PageIn>>>,
}

impl PageIn {
    /// The page; one without an address is refused.
    pub(crate) fn told(self, field: &str, found: &mut Input) -> ToldPage {
        if self.url.is_none() {
            found.refuse(&format!("{field}.url"), "This field is required");
        }
        ToldPage {
            url: self.url.unwrap_or_default(),
            title: self.title,
            at: self.at,
        }
    }
}

impl VisitIn {
    /// The visit, made by this client.
    pub(crate) fn told(self, client: Client, found: &mut Input) -> ToldVisit {
        let pages = self.pages.unwrap_or_default();
        if pages.len() > MOST_PAGES_READ {
            found.refuse("context.pages", format!("Must have at most {MOST_PAGES_READ} entries"));
        }
        let numbered = pages.into_iter().take(MOST_PAGES_READ).enumerate();
        ToldVisit {
            pages: numbered
                .map(|(place, Object(page))| page.told(&format!("context.pages[{place}]"), found))
                .collect(),
            page: self.page.map(|Object(page)| page.told("context.page", found)),
            referrer: self.referrer,
            language: self.language,
            ..client.visit()
        }
    }
}

/// A page that a visitor looked at.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PageRow {
    url: String,
    title: Option<String>,
    #[schema(value_type = String)]
    at: Timestamp,
}

/// What is known of a visit.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VisitorContextRow {
    /// The page that they look at, or last did.
    page: Option<PageRow>,
    referrer: Option<String>,
    language: Option<String>,
    user_agent: Option<String>,
    ip_address: Option<String>,
    /// Oldest first.
    pages: Vec<PageRow>,
}

impl From<VisitedPage> for PageRow {
    fn from(page: VisitedPage) -> Self {
        Self {
            url: page.url,
            title: page.title,
            at: page.at,
        }
    }
}

impl From<VisitorContext> for VisitorContextRow {
    fn from(context: VisitorContext) -> Self {
        Self {
            page: context.page.map(Into::into),
            referrer: context.referrer,
            language: context.language,
            user_agent: context.user_agent,
            ip_address: context.address.map(|address| address.to_string()),
            pages: context.pages.into_iter().map(Into::into).collect(),
        }
    }
}
