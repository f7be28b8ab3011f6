//! Checking what came from outside: all bad fields at once, each with its name.

use serde_json::Value;

/// One field that can't be accepted, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field's name, as the core knows it (snake case); faces translate it to theirs.
    pub field: String,
    /// What is wrong, for people.
    pub message: String,
}

/// The longest message a person may write, in characters after trimming.
pub const LONGEST_MESSAGE: usize = 5_000;
/// The longest subject, in characters.
pub const LONGEST_SUBJECT: usize = 200;
/// The longest name of a person or thing, in characters.
pub const LONGEST_NAME: usize = 200;
/// The largest custom metadata, in bytes of JSON.
pub const LARGEST_METADATA: usize = 16 * 1024;

/// Collects what is wrong with an input, so that a caller learns all of it in one answer.
///
/// ```
/// use support_core::model::Input;
/// let mut input = Input::new();
/// let name = input.text("name", "  Mara ", 1..=200);
/// input.email("email", "nobody");
/// assert_eq!(name, "Mara");
/// let wrong = input.finish().unwrap_err();
/// assert_eq!(wrong[0].field, "email");
/// ```
#[derive(Debug, Default)]
pub struct Input {
    errors: Vec<FieldError>,
}

impl Input {
    /// Nothing checked yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Records that `field` can't be accepted.
    pub fn refuse(&mut self, field: &str, message: impl Into<String>) {
        self.errors.push(FieldError {
            field: field.to_owned(),
            message: message.into(),
        });
    }

    /// A trimmed text whose length in characters lies in `length`; control characters other
    /// than tab and line breaks are refused.
    pub fn text(&mut self, field: &str, value: &str, length: std::ops::RangeInclusive<usize>) -> String {
        let trimmed = value.trim();
        let count = trimmed.chars().count();
        if count < *length.start() {
            let message = if count == 0 {
                "This field is required".to_owned()
            } else {
                format!("Must have at least {} characters", length.start())
            };
            self.refuse(field, message);
        } else if count > *length.end() {
            self.refuse(field, format!("Must have at most {} characters", length.end()));
        } else if trimmed.chars().any(is_refused_control) {
            self.refuse(field, "Must not contain control characters");
        }
        trimmed.to_owned()
    }

    /// A one-line text such as a name: as [`text`](Self::text), without line breaks or tabs.
    pub fn line(&mut self, field: &str, value: &str, length: std::ops::RangeInclusive<usize>) -> String {
        let text = self.text(field, value, length);
        if text.contains(['\n', '\r', '\t']) {
            self.refuse(field, "Must be a single line");
        }
        text
    }

    /// An optional one-line text; an empty one counts as none.
    pub fn optional_line(&mut self, field: &str, value: Option<&str>, longest: usize) -> Option<String> {
        let value = value.map(str::trim).filter(|value| !value.is_empty())?;
        Some(self.line(field, value, 1..=longest))
    }

    /// An e-mail address, lower-cased, at most 254 characters (RFC 5321 §4.5.3.1).
    pub fn email(&mut self, field: &str, value: &str) -> String {
        let email = value.trim().to_lowercase();
        let options = email_address::Options::default()
            .without_display_text()
            .without_domain_literal();
        let well_formed = email_address::EmailAddress::parse_with_options(&email, options).is_ok();
        let harmless = !email
            .chars()
            .any(|character| character.is_control() || character.is_whitespace());
        if email.is_empty() {
            self.refuse(field, "This field is required");
        } else if !well_formed || !harmless || email.len() > 254 || is_undotted(&email) {
            self.refuse(field, "Invalid email format");
        }
        email
    }

    /// An optional e-mail address; an empty one counts as none.
    pub fn optional_email(&mut self, field: &str, value: Option<&str>) -> Option<String> {
        let value = value.filter(|value| !value.trim().is_empty())?;
        Some(self.email(field, value))
    }

    /// An optional phone number: digits, blanks, `-`, `(`, `)` and a leading `+`, at most 50.
    pub fn optional_phone(&mut self, field: &str, value: Option<&str>) -> Option<String> {
        let value = value.map(str::trim).filter(|value| !value.is_empty())?;
        let body = value.strip_prefix('+').unwrap_or(value);
        let plausible = body
            .chars()
            .all(|character| character.is_ascii_digit() || matches!(character, ' ' | '-' | '(' | ')'));
        if !plausible || value.len() > 50 || !body.contains(|character: char| character.is_ascii_digit()) {
            self.refuse(field, "Invalid phone format");
        }
        Some(value.to_owned())
    }

    /// A password that somebody chose: 8 to 200 characters.
    pub fn password(&mut self, field: &str, value: &str) {
        match value.chars().count() {
            0 => self.refuse(field, "This field is required"),
            1..=7 => self.refuse(field, "Must have at least 8 characters"),
            8..=200 => {}
            _ => self.refuse(field, "Must have at most 200 characters"),
        }
    }

    /// A slug: lower-case letters, digits and inner hyphens, 1 to 63 characters.
    pub fn slug(&mut self, field: &str, value: &str) -> String {
        let slug = value.trim().to_owned();
        let well_formed = !slug.is_empty()
            && slug.len() <= 63
            && !slug.starts_with('-')
            && !slug.ends_with('-')
            && slug
                .chars()
                .all(|character| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-');
        if !well_formed {
            self.refuse(field, "Must be 1 to 63 lower-case letters, digits or inner hyphens");
        }
        slug
    }

    /// A list of short one-line texts, such as tags: trimmed, without doubles, in order.
    pub fn lines(&mut self, field: &str, values: &[String], most: usize) -> Vec<String> {
        if values.len() > most {
            self.refuse(field, format!("Must have at most {most} entries"));
            return Vec::new();
        }
        let mut kept: Vec<String> = Vec::with_capacity(values.len());
        for value in values {
            let line = self.line(field, value, 1..=50);
            if !kept.contains(&line) {
                kept.push(line);
            }
        }
        kept
    }

    /// Custom metadata: a JSON object of at most [`LARGEST_METADATA`] bytes; absent is `{}`.
    pub fn metadata(&mut self, field: &str, value: Option<Value>) -> Value {
        let value = value
            .filter(|value| !value.is_null())
            .unwrap_or_else(|| Value::Object(serde_json::Map::new()));
        if !value.is_object() {
            self.refuse(field, "Must be a JSON object");
        } else if has_nul(&value) {
            self.refuse(field, "Must not contain NUL characters");
        } else if value.to_string().len() > LARGEST_METADATA {
            self.refuse(field, format!("Must have at most {LARGEST_METADATA} bytes"));
        }
        value
    }

    /// A value named by an enumeration.
    pub fn one_of<T: std::str::FromStr>(&mut self, field: &str, value: &str) -> Option<T>
    where
        T::Err: std::fmt::Display,
    {
        value
            .parse()
            .map_err(|unknown| self.refuse(field, format!("{unknown}")))
            .ok()
    }

    /// Whether nothing was wrong so far.
    #[must_use]
    pub fn is_fine(&self) -> bool {
        self.errors.is_empty()
    }

    /// All that was wrong, if anything was.
    ///
    /// # Errors
    /// The refused fields, in the order of the checks.
    pub fn finish(self) -> Result<(), Vec<FieldError>> {
        if self.errors.is_empty() {
            Ok(())
        } else {
            Err(self.errors)
        }
    }
}

fn is_refused_control(character: char) -> bool {
    character.is_control() && !matches!(character, '\t' | '\n' | '\r')
}

/// `a@localhost` is allowed for first steps on one's own machine; other dotless hosts are typing errors.
fn is_undotted(email: &str) -> bool {
    email
        .rsplit_once('@')
        .is_none_or(|(_, host)| host != "localhost" && !host.contains('.'))
}

/// PostgreSQL can't store NUL in JSON, and nobody means to send it.
fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(values) => values.iter().any(has_nul),
        Value::Object(entries) => entries.iter().any(|(key, value)| key.contains('\0') || has_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
