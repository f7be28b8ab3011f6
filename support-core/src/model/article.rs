//! What customers can read before they ask.

use super::{ArticleId, Input, SecretHash, Timestamp, markdown::text_of_markdown, search::folded};

/// The longest text of an article, in characters.
pub const LONGEST_ARTICLE: usize = 100_000;
/// The longest name of a category, in characters.
pub const LONGEST_CATEGORY: usize = 100;
/// The most tags of one article.
pub const MOST_ARTICLE_TAGS: usize = 20;
/// The language of an article for which none is named.
pub const USUAL_LANGUAGE: &str = "en";
/// The longest slug, in characters; as [`Input::slug`] takes it.
const LONGEST_SLUG: usize = 63;
/// The longest language tag that anybody uses (RFC 5646 §4.4.1).
const LONGEST_LANGUAGE: usize = 35;
/// How much of a category's name tells it from others, in characters.
const CATEGORY_KEY: usize = 200;

/// One answer, for everybody to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Article {
    /// Its id.
    pub id: ArticleId,
    /// Its place in addresses: unique among the tenant's articles of one language, so that the
    /// translations of an article can share it.
    pub slug: String,
    /// What it is about.
    pub title: String,
    /// The text, in Markdown.
    pub content: String,
    /// What it belongs to.
    pub category: Option<String>,
    /// Further words that it is found by.
    pub tags: Vec<String>,
    /// The language that it is written in, as a tag (RFC 5646).
    pub language: String,
    /// Whether others than agents may read it.
    pub is_published: bool,
    /// Its place in lists.
    pub sort_order: i32,
    /// How often it was read.
    pub views: u64,
    /// How many readers it helped.
    pub helpful: u64,
    /// How many readers it did not help.
    pub unhelpful: u64,
    /// Counts changes, other than of what readers add.
    pub version: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// What one reader said about an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArticleVote {
    /// The article.
    pub article: ArticleId,
    /// What stands for the reader, who has one vote and may change it.
    pub voter: SecretHash,
    /// Whether it helped.
    pub is_helpful: bool,
}

impl Article {
    /// The text without the signs of Markdown, as it is searched and quoted.
    #[must_use]
    pub fn text(&self) -> String {
        text_of_markdown(&self.content)
    }

    /// What [`category_key`] makes of its category.
    #[must_use]
    pub fn category_key(&self) -> Option<String> {
        self.category.as_deref().map(category_key)
    }

    /// Whether it is of a category and in a language, whatever their spelling and region.
    #[must_use]
    pub fn is_of(&self, category: Option<&str>, language: Option<&str>) -> bool {
        category.is_none_or(|category| self.category_key() == Some(category_key(category)))
            && language.is_none_or(|language| primary_language(&self.language) == primary_language(language))
    }

    /// How well its language fits readers who want `languages`, the best one first: less is better.
    #[must_use]
    pub fn language_distance(&self, languages: &[String]) -> usize {
        let is_same = |wanted: &String| wanted.eq_ignore_ascii_case(&self.language);
        let is_near = |wanted: &String| primary_language(wanted) == primary_language(&self.language);
        let near = languages.iter().position(is_near);
        let distance = near.unwrap_or(languages.len()).saturating_mul(2);
        distance + usize::from(!languages.iter().any(is_same))
    }
}

/// What categories are told apart by: their letters and digits, without case and diacritics.
///
/// ```
/// use support_core::model::category_key;
/// assert_eq!(category_key("Payments & Réfunds"), category_key("payments refunds"));
/// ```
#[must_use]
pub fn category_key(category: &str) -> String {
    let letters = folded(category);
    let letters = letters.chars().filter(|character| character.is_alphanumeric());
    letters.take(CATEGORY_KEY).collect()
}

/// The language of a tag without region or script: `pt` of `pt-BR`.
#[must_use]
pub fn primary_language(tag: &str) -> String {
    let primary = tag.trim().split('-').next().unwrap_or_default();
    let letters = primary.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|letter| letter.to_ascii_lowercase()).collect()
}

/// A language tag in its usual spelling (RFC 5646 §2.1.1), if it is one by its form.
///
/// ```
/// use support_core::model::language_tag;
/// assert_eq!(language_tag("PT-br").as_deref(), Some("pt-BR"));
/// assert_eq!(language_tag("Portuguese (Brazil)"), None);
/// ```
#[must_use]
pub fn language_tag(text: &str) -> Option<String> {
    let text = text.trim();
    let mut subtags = text.split('-');
    let language = subtags.next()?;
    let is_language = (2..=8).contains(&language.len()) && language.bytes().all(|byte| byte.is_ascii_alphabetic());
    if !is_language || text.len() > LONGEST_LANGUAGE {
        return None;
    }
    let mut tag = language.to_ascii_lowercase();
    for subtag in subtags {
        let is_subtag = (1..=8).contains(&subtag.len()) && subtag.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_subtag {
            return None;
        }
        tag.push('-');
        tag.push_str(&match subtag.len() {
            2 => subtag.to_ascii_uppercase(),
            4 => titled(subtag),
            _ => subtag.to_ascii_lowercase(),
        });
    }
    Some(tag)
}

fn titled(subtag: &str) -> String {
    let (first, rest) = subtag.split_at_checked(1).unwrap_or((subtag, ""));
    first.to_ascii_uppercase() + &rest.to_ascii_lowercase()
}

/// A slug made of a title; none when nothing of it can stand in one.
///
/// ```
/// use support_core::model::slug_of;
/// assert_eq!(slug_of("Où est mon colis ?").as_deref(), Some("ou-est-mon-colis"));
/// assert_eq!(slug_of("退款"), None);
/// ```
#[must_use]
pub fn slug_of(title: &str) -> Option<String> {
    let mut slug = String::new();
    for character in folded(title).chars() {
        if character.is_ascii_alphanumeric() {
            slug.push(character);
        } else if !slug.is_empty() && !slug.ends_with('-') && character != '\'' && character != '’' {
            slug.push('-');
        }
        if slug.len() >= LONGEST_SLUG {
            break;
        }
    }
    let slug = slug.trim_end_matches('-');
    (!slug.is_empty()).then(|| slug.to_owned())
}

/// The `place`th slug to try when those before it are taken: `refunds`, `refunds-2`, `refunds-3`…
#[must_use]
pub fn slug_at(slug: &str, place: u32) -> String {
    if place < 2 {
        return slug.to_owned();
    }
    let suffix = format!("-{place}");
    let most = LONGEST_SLUG - suffix.len();
    let kept = slug.get(..most).unwrap_or(slug).trim_end_matches('-');
    format!("{kept}{suffix}")
}

impl Input {
    /// A language tag in its usual spelling.
    pub fn language(&mut self, field: &str, value: &str) -> String {
        language_tag(value).unwrap_or_else(|| {
            self.refuse(field, "Must be a language tag such as pt-BR");
            String::new()
        })
    }

    /// The name of a category, which has to have a letter or digit; an empty one counts as none.
    pub fn optional_category(&mut self, field: &str, value: Option<&str>) -> Option<String> {
        let category = self.optional_line(field, value, LONGEST_CATEGORY)?;
        if category_key(&category).is_empty() {
            self.refuse(field, "Must have a letter or digit");
        }
        Some(category)
    }
}

#[cfg(test)]
mod tests {
    use super::{language_tag, slug_at, slug_of};

    #[test]
    fn slugs_are_what_addresses_take() {
        for (title, slug) in [
            ("  How do I reset my password?  ", Some("how-do-i-reset-my-password")),
            ("What's new in 2.0", Some("whats-new-in-2-0")),
            ("Straße & Œuvre", Some("strasse-oeuvre")),
            ("???", None),
            ("", None),
        ] {
            assert_eq!(slug_of(title).as_deref(), slug, "{title}");
        }
        let long = slug_of(&"word ".repeat(40)).unwrap_or_default();
        assert!(long.len() == 63 && long.starts_with("word-word-"), "{long}");
        assert_eq!(slug_at("refunds", 1), "refunds");
        assert_eq!(slug_at("refunds", 2), "refunds-2");
        let longest = "x".repeat(63);
        assert_eq!(slug_at(&longest, 12), format!("{}-12", "x".repeat(60)));
    }

    #[test]
    fn languages_are_spelt_as_usual() {
        for (text, tag) in [
            (" en ", Some("en")),
            ("ZH-hant-tw", Some("zh-Hant-TW")),
            ("de-1901", Some("de-1901")),
            ("x", None),
            ("de_AT", None),
            ("de--AT", None),
            ("12", None),
            ("", None),
        ] {
            assert_eq!(language_tag(text).as_deref(), tag, "{text}");
        }
    }
}
