//! What templates see of a letter.

use serde_json::{Value, json};
use support_core::ports::Letter;

use super::clean;

/// The colour of letters whose tenant has none that can be read.
const COLOR: &str = "#14665f";

/// A message has at most 5,000 characters; what is longer is no message.
const LONGEST_TEXT: usize = 8_000;
const LONGEST_NAME: usize = 200;

/// What is quoted altogether, so that every letter fits into a mail: escaped, a character takes up
/// to six bytes. Gmail clips long before that, and the link leads to the rest.
const MOST_QUOTED: usize = 100_000;
const MOST_MESSAGES: usize = 100;

/// Names whose values people type in several lines.
const TEXTS: [&str; 3] = ["content", "notes", "problem"];

/// Names whose values are opened when clicked.
const LINKS: [&str; 2] = ["link", "unsubscribe"];

/// The letter by its fields' names, with every text cut to a length that can be shown and without
/// hidden characters, only links that are safe to open, and `brand`: the tenant's `color` and an
/// `ink` that can be read on it.
pub(super) fn of(letter: &Letter) -> Value {
    let mut view = serde_json::to_value(letter).unwrap_or(Value::Null);
    quote(letter, &mut view);
    bound("", &mut view);
    let Some(fields) = view.as_object_mut() else {
        return view;
    };
    for name in LINKS {
        if let Some(link) = fields.get_mut(name).filter(|link| !is_safe_link(link)) {
            *link = Value::Null;
        }
    }
    let color = safe_color(&letter.tenant.color);
    fields.insert("brand".to_owned(), json!({ "color": color, "ink": ink_on(color) }));
    if let Some(own) = fields.get_mut("tenant").and_then(|tenant| tenant.get_mut("color")) {
        *own = Value::String(color.to_owned());
    }
    view
}

/// Leaves the oldest of very many messages out, and cuts each of very much text.
fn quote(letter: &Letter, view: &mut Value) {
    let left_out = letter.messages.len().saturating_sub(MOST_MESSAGES);
    let quoted = letter.messages.iter().skip(left_out);
    let much: usize = quoted.map(|message| message.content.chars().count()).sum();
    let Some(messages) = view.get_mut("messages").and_then(Value::as_array_mut) else {
        return;
    };
    messages.drain(..left_out);
    if much > MOST_QUOTED {
        let each = MOST_QUOTED / messages.len().max(1);
        for content in messages.iter_mut().filter_map(|message| message.get_mut("content")) {
            let cut = content.as_str().map(|text| clean::lines(text, each));
            *content = Value::String(cut.unwrap_or_default());
        }
    }
    let earlier = letter
        .earlier_messages
        .saturating_add(u64::try_from(left_out).unwrap_or(u64::MAX));
    if let Some(told) = view.get_mut("earlier_messages") {
        *told = json!(earlier);
    }
}

fn bound(name: &str, value: &mut Value) {
    match value {
        Value::String(text) if LINKS.contains(&name) => *text = text.trim().to_owned(),
        Value::String(text) if TEXTS.contains(&name) => *text = clean::lines(text, LONGEST_TEXT),
        Value::String(text) => *text = clean::one_line(text, LONGEST_NAME),
        Value::Array(values) => values.iter_mut().for_each(|value| bound(name, value)),
        Value::Object(fields) => fields.iter_mut().for_each(|(name, value)| bound(name, value)),
        _ => {}
    }
}

/// `http` and `https`, without anything that would end the attribute or header it stands in.
pub(super) fn is_link(link: &str) -> bool {
    let is_web = url::Url::parse(link).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let is_plain = link
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && !b"<>\"'".contains(&byte));
    is_web && is_plain && link.len() <= 2_000
}

fn is_safe_link(link: &Value) -> bool {
    link.as_str().is_some_and(is_link)
}

fn safe_color(color: &str) -> &str {
    let digits = color.strip_prefix('#').unwrap_or_default();
    let is_color = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_color { color } else { COLOR }
}

/// White or nearly black, whichever has the higher contrast (WCAG 2.2, "contrast ratio").
fn ink_on(color: &str) -> &'static str {
    let channel = |at: usize| {
        let digits = color.get(at..at + 2).unwrap_or_default();
        let share = f64::from(u8::from_str_radix(digits, 16).unwrap_or_default()) / 255.0;
        if share <= 0.040_45 {
            share / 12.92
        } else {
            ((share + 0.055) / 1.055).powf(2.4)
        }
    };
    let luminance = 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
    // Where both contrasts are the same, with #111111 for the dark one.
    if luminance > 0.188 { "#111111" } else { "#ffffff" }
}

#[cfg(test)]
mod tests {
    use super::{ink_on, is_link, safe_color};

    #[test]
    fn text_on_the_tenants_colour_can_be_read() {
        assert_eq!(ink_on("#ffffff"), "#111111");
        assert_eq!(ink_on("#ffdd00"), "#111111");
        assert_eq!(ink_on("#000000"), "#ffffff");
        assert_eq!(ink_on("#2f6feb"), "#ffffff");
    }

    #[test]
    fn only_colours_are_colours() {
        assert_eq!(safe_color("#A1b2C3"), "#A1b2C3");
        for wrong in ["red", "#fff", "#12345g", "#fff;}body{display:none", "#éé12", ""] {
            assert_eq!(safe_color(wrong), "#14665f");
        }
    }

    #[test]
    fn only_the_web_is_linked() {
        assert!(is_link("https://support.example.com/console#/tickets/1?a=b&c=d"));
        assert!(is_link("http://127.0.0.1:8080/x"));
        let wrong = [
            "javascript:alert(1)",
            "javascript://example.com/%0aalert(1)",
            "ftp://example.com/x",
            "data:text/html,x",
            "//example.com",
            "https://a.b/\"x",
            "https://a.b/ x",
            "",
        ];
        for wrong in wrong {
            assert!(!is_link(wrong), "{wrong}");
        }
    }
}
