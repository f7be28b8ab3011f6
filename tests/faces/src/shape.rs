//! What answers have to look like.

#![expect(clippy::panic, reason = "an answer of another shape is a failed test")]

use std::collections::BTreeSet;

use serde_json::Value;
use support_testkit::Answer;

/// Checks a refusal: its status, its code, and that it looks as all refusals do.
#[track_caller]
pub fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{}", answer.text);
    let shown = &answer.text;
    let text = |path: &str| answer.json.pointer(path).and_then(Value::as_str);
    assert_eq!(text("/error/code"), Some(code), "{shown}");
    assert_eq!(answer.json.get("success"), Some(&Value::Bool(false)), "{shown}");
    let is_told = text("/error/message").is_some_and(|message| !message.is_empty());
    assert!(is_told, "a refusal without a message: {shown}");
    assert!(answer.header("x-request-id").is_some(), "no x-request-id: {shown}");
    if matches!(status, 429 | 503) {
        let wait = answer.header("retry-after").and_then(|wait| wait.parse::<u64>().ok());
        assert!(wait.is_some_and(|wait| wait > 0), "no Retry-After: {shown}");
    }
}

/// Checks that a body was refused because of exactly these fields, all told at once.
#[track_caller]
pub fn refused_fields(answer: &Answer, fields: &[&str]) {
    refused(answer, 400, "VALIDATION_ERROR");
    let details = answer.json.pointer("/error/details").and_then(Value::as_array);
    let details = details.unwrap_or_else(|| panic!("no details: {}", answer.text));
    let mut told = BTreeSet::new();
    for detail in details {
        let text = |name: &str| detail.get(name).and_then(Value::as_str).unwrap_or_default();
        assert!(!text("message").is_empty(), "{}", answer.text);
        told.insert(text("field"));
    }
    let expected: BTreeSet<&str> = fields.iter().copied().collect();
    assert_eq!(told, expected, "{}", answer.text);
}

/// The names of an object's fields.
#[track_caller]
pub fn fields_of(object: &Value) -> BTreeSet<&str> {
    let Value::Object(fields) = object else {
        panic!("not an object: {object}");
    };
    fields.keys().map(String::as_str).collect()
}

/// Checks that an object has these fields, whatever else it has.
#[track_caller]
pub fn has_fields(object: &Value, names: &[&str]) {
    let present = fields_of(object);
    let missing: Vec<_> = names.iter().filter(|name| !present.contains(**name)).collect();
    assert!(missing.is_empty(), "{missing:?} missing in {object}");
}

/// Checks a time: RFC 3339, UTC, milliseconds, `Z`.
#[track_caller]
pub fn is_time(value: &Value) {
    let text = value.as_str().unwrap_or_else(|| panic!("not a time: {value}"));
    let pattern = "dddd-dd-ddTdd:dd:dd.dddZ";
    let fits = text.len() == pattern.len()
        && text.chars().zip(pattern.chars()).all(|(given, wanted)| match wanted {
            'd' => given.is_ascii_digit(),
            literal => given == literal,
        });
    assert!(fits, "not a time: {text}");
}

/// Checks an id: a UUID.
#[track_caller]
pub fn is_uuid(value: &Value) {
    let text = value.as_str().unwrap_or_else(|| panic!("not an id: {value}"));
    let groups: Vec<usize> = text.split('-').map(str::len).collect();
    let is_hex = text.chars().all(|letter| letter == '-' || letter.is_ascii_hexdigit());
    assert!(is_hex && groups == [8, 4, 4, 4, 12], "not an id: {text}");
}
