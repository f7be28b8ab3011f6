//! The language in which whoever calls would be answered best.

use std::convert::Infallible;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use support_core::model::{Input, language_tag};

/// How many languages of a browser count.
const MOST_LANGUAGES: usize = 10;

/// The first language that a browser asks for, if it asks for one.
#[derive(Debug, Clone, Default)]
pub(crate) struct BrowserLanguage(Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for BrowserLanguage {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self(first_asked(&parts.headers)))
    }
}

impl BrowserLanguage {
    /// The languages of a new ticket: the one that is told, or else what the browser asks for.
    pub(crate) fn or_told(self, told: Option<String>, input: &mut Input) -> Vec<String> {
        let told = told.map(|tag| tag.trim().to_owned()).filter(|tag| !tag.is_empty());
        if told.as_deref().is_some_and(|tag| !is_tag(tag)) {
            input.refuse("language", "Must be a language tag such as pt-BR");
        }
        told.or(self.0).into_iter().collect()
    }
}

/// All languages that a browser asks for, the best one first.
#[derive(Debug, Clone, Default)]
pub(crate) struct UnderstoodLanguages(pub(crate) Vec<String>);

impl<S: Send + Sync> FromRequestParts<S> for UnderstoodLanguages {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self(all_asked(&parts.headers)))
    }
}

/// The tags of `Accept-Language` by their weights (RFC 9110 §12.4.2), those without one first.
fn all_asked(headers: &HeaderMap) -> Vec<String> {
    let asked = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok());
    let asked = asked.into_iter().flat_map(|asked| asked.split(','));
    let weighted = asked.filter_map(|range| {
        let (tag, weight) = range.split_once(";q=").unwrap_or((range, "1"));
        let weight: f32 = weight.trim().parse().ok()?;
        language_tag(tag).filter(|_| weight > 0.0).map(|tag| (tag, weight))
    });
    let mut weighted: Vec<_> = weighted.take(MOST_LANGUAGES).collect();
    weighted.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    weighted.into_iter().map(|(tag, _)| tag).collect()
}

/// The first tag of `Accept-Language` (RFC 9110 §12.5.4), which browsers write in order of
/// preference. What is no tag tells nothing.
fn first_asked(headers: &HeaderMap) -> Option<String> {
    let asked = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    let first = asked.split(',').next()?;
    let tag = first.split(';').next()?.trim();
    is_tag(tag).then(|| tag.to_owned())
}

/// Whether a text has the form of a language tag (RFC 5646 §2.1).
fn is_tag(text: &str) -> bool {
    language_tag(text).is_some()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use axum::http::{HeaderMap, HeaderValue, header};
    use support_core::model::Input;

    use super::{BrowserLanguage, all_asked, first_asked, is_tag};

    fn asked(value: &'static str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(value));
        first_asked(&headers)
    }

    #[test]
    fn the_first_tag_of_the_header_counts() {
        assert_eq!(asked("de-AT,de;q=0.9,en;q=0.8").as_deref(), Some("de-AT"));
        assert_eq!(asked(" zh-Hant-TW ; q=1").as_deref(), Some("zh-Hant-TW"));
        for nothing in ["*", "", ",en", "d", "de_AT", "de--AT", "12", "x\u{7f}y"] {
            assert_eq!(first_asked(&HeaderMap::new()), None);
            let mut headers = HeaderMap::new();
            if let Ok(value) = HeaderValue::from_str(nothing) {
                headers.insert(header::ACCEPT_LANGUAGE, value);
            }
            assert_eq!(first_asked(&headers), None, "{nothing}");
        }
    }

    #[test]
    fn all_that_a_browser_asks_for_comes_by_weight() {
        let mut headers = HeaderMap::new();
        assert_eq!(all_asked(&headers), Vec::<String>::new());
        let value = HeaderValue::from_static("fr;q=0.5, de-at, *;q=0.1, en;q=0.9, it;q=0, rubbish;q=x");
        headers.insert(header::ACCEPT_LANGUAGE, value);
        assert_eq!(all_asked(&headers), ["de-AT", "en", "fr"]);
    }

    #[test]
    fn tags_are_as_long_as_any_in_use() {
        assert!(is_tag("de-Latn-CH-1901-x-abcdefgh-ijklmnop"));
        assert!(!is_tag("de-Latn-CH-1901-x-abcdefgh-ijklmnop-q"));
    }

    #[test]
    fn what_is_told_counts_more_than_the_browser_and_has_to_be_a_tag() {
        let browser = || BrowserLanguage(Some("en".to_owned()));
        let mut input = Input::new();
        assert_eq!(browser().or_told(Some(" fr ".to_owned()), &mut input), ["fr"]);
        assert_eq!(browser().or_told(Some(" ".to_owned()), &mut input), ["en"]);
        assert_eq!(BrowserLanguage(None).or_told(None, &mut input), Vec::<String>::new());
        assert!(input.is_fine());
        browser().or_told(Some("not a tag".to_owned()), &mut input);
        assert_eq!(input.finish().unwrap_err().len(), 1);
    }
}
