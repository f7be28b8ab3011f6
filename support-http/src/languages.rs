//! The language in which whoever calls would be answered best.

use std::convert::Infallible;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use support_core::model::Input;

/// The longest language tag that anybody uses (RFC 5646 §4.4.1).
const LONGEST_TAG: usize = 35;

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

/// The first tag of `Accept-Language` (RFC 9110 §12.5.4), which browsers write in order of
/// preference. What is no tag tells nothing.
fn first_asked(headers: &HeaderMap) -> Option<String> {
    let asked = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    let first = asked.split(',').next()?;
    let tag = first.split(';').next()?.trim();
    is_tag(tag).then(|| tag.to_owned())
}

/// Whether a text has the form of a language tag (RFC 5646 §2.1): a language of letters, and
/// subtags of letters and digits.
fn is_tag(text: &str) -> bool {
    let mut subtags = text.split('-');
    let is_language = subtags.next().is_some_and(|language| {
        (2..=8).contains(&language.len()) && language.bytes().all(|byte| byte.is_ascii_alphabetic())
    });
    let is_subtag =
        |subtag: &str| (1..=8).contains(&subtag.len()) && subtag.bytes().all(|byte| byte.is_ascii_alphanumeric());
    text.len() <= LONGEST_TAG && is_language && subtags.all(is_subtag)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use axum::http::{HeaderMap, HeaderValue, header};
    use support_core::model::Input;

    use super::{BrowserLanguage, first_asked, is_tag};

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
