//! `parse_mode: HTML` as Telegram reads it: few tags, and an error for everything else.

use serde_json::{Value, json};

/// The text without markup, and its entities with offsets in UTF-16 units.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    pub(super) text: String,
    pub(super) entities: Vec<Value>,
}

struct Tag {
    name: String,
    offset: usize,
    link: Option<String>,
}

struct Parser<'a> {
    html: &'a str,
    at: usize,
    parsed: Parsed,
    open: Vec<Tag>,
}

pub(super) fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// What Telegram makes of the text, or why it refuses it.
pub(super) fn parse(html: &str) -> Result<Parsed, String> {
    let (at, parsed, open) = (0, Parsed::default(), Vec::new());
    let mut parser = Parser { html, at, parsed, open };
    while let Some(next) = parser.rest().chars().next() {
        match next {
            '<' if parser.rest().starts_with("</") => parser.end_tag()?,
            '<' => parser.start_tag()?,
            '&' => parser.reference(),
            other => parser.literal(other),
        }
    }
    match parser.open.pop() {
        None => Ok(parser.parsed),
        Some(tag) => Err(format!(
            "Can't find end tag corresponding to start tag \"{}\"",
            tag.name
        )),
    }
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        self.html.get(self.at..).unwrap_or_default()
    }

    fn literal(&mut self, letter: char) {
        self.parsed.text.push(letter);
        self.at += letter.len_utf8();
    }

    /// A reference that is not known stays as it was typed.
    fn reference(&mut self) {
        let decoded = self.rest().split_once(';').and_then(|(reference, _)| {
            let letter = decode(reference.strip_prefix('&')?)?;
            Some((letter, reference.len() + 1))
        });
        let Some((letter, length)) = decoded else {
            return self.literal('&');
        };
        self.parsed.text.push(letter);
        self.at += length;
    }

    fn start_tag(&mut self) -> Result<(), String> {
        let at = self.at;
        let Some(end) = tag_end(self.rest()) else {
            return Err(format!("Unclosed start tag at byte offset {at}"));
        };
        let inside = self.rest().get(1..end).unwrap_or_default();
        let name_length = inside.find(|letter: char| letter.is_ascii_whitespace());
        let (name, attributes) = inside.split_at(name_length.unwrap_or(inside.len()));
        let name = name.to_ascii_lowercase();
        let attributes = attributes_of(attributes);
        let attribute = |wanted: &str| {
            attributes
                .iter()
                .find(|(name, _)| name == wanted)
                .map(|(_, value)| value)
        };
        if kind(&name).is_none() {
            return Err(format!("Unsupported start tag \"{name}\" at byte offset {at}"));
        }
        if name == "span" && attribute("class").is_none_or(|class| class != "tg-spoiler") {
            return Err(format!(
                "Tag \"span\" must have class \"tg-spoiler\" at byte offset {at}"
            ));
        }
        self.open.push(Tag {
            link: attribute("href").cloned(),
            offset: units(&self.parsed.text),
            name,
        });
        self.at += end + 1;
        Ok(())
    }

    fn end_tag(&mut self) -> Result<(), String> {
        let at = self.at;
        let Some(tag) = self.open.pop() else {
            return Err(format!("Unexpected end tag at byte offset {at}"));
        };
        let Some(end) = self.rest().find('>') else {
            return Err(format!("Unclosed end tag at byte offset {at}"));
        };
        let found = self
            .rest()
            .get(2..end)
            .unwrap_or_default()
            .trim_end()
            .to_ascii_lowercase();
        if !found.is_empty() && found != tag.name {
            let expected = &tag.name;
            return Err(format!(
                "Unmatched end tag at byte offset {at}, expected \"</{expected}>\", found \"</{found}>\""
            ));
        }
        self.at += end + 1;
        self.close(&tag);
        Ok(())
    }

    fn close(&mut self, tag: &Tag) {
        let length = units(&self.parsed.text) - tag.offset;
        let Some(kind) = kind(&tag.name).filter(|_| length > 0) else {
            return;
        };
        let mut entity = json!({ "type": kind, "offset": tag.offset, "length": length });
        if kind == "text_link" {
            // Without a link of a known kind the text stays and the link is silently gone.
            let Some(link) = tag.link.as_ref().filter(|link| is_link(link)) else {
                return;
            };
            entity.as_object_mut().unwrap().insert("url".to_owned(), json!(link));
        }
        self.parsed.entities.push(entity);
    }
}

fn kind(tag: &str) -> Option<&'static str> {
    Some(match tag {
        "b" | "strong" => "bold",
        "i" | "em" => "italic",
        "u" | "ins" => "underline",
        "s" | "strike" | "del" => "strikethrough",
        "code" => "code",
        "pre" => "pre",
        "blockquote" => "blockquote",
        "a" => "text_link",
        "span" | "tg-spoiler" => "spoiler",
        "tg-emoji" => "custom_emoji",
        "tg-time" => "date_time",
        _ => return None,
    })
}

fn is_link(link: &str) -> bool {
    let schemes = ["http://", "https://", "tg://", "mailto:", "tel:", "ton://"];
    let link = link.to_ascii_lowercase();
    schemes.iter().any(|scheme| link.starts_with(scheme))
}

fn decode(reference: &str) -> Option<char> {
    let number = |digits: &str, radix| u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
    match reference {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let digits = reference.strip_prefix('#')?;
            let hexadecimal = digits.strip_prefix(['x', 'X']);
            hexadecimal.map_or_else(|| number(digits, 10), |digits| number(digits, 16))
        }
    }
}

/// Where the tag ends that begins here: `>` within quotes does not count.
fn tag_end(tag: &str) -> Option<usize> {
    let mut quote = None;
    for (at, letter) in tag.char_indices() {
        match (quote, letter) {
            (None, '>') => return Some(at),
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), close) if open == close => quote = None,
            _ => {}
        }
    }
    None
}

fn attributes_of(mut text: &str) -> Vec<(String, String)> {
    let mut attributes = Vec::new();
    loop {
        text = text.trim_start();
        let end = text.find(|letter: char| letter == '=' || letter.is_ascii_whitespace());
        let (name, rest) = text.split_at(end.unwrap_or(text.len()));
        if name.is_empty() {
            return attributes;
        }
        let (value, rest) = attribute_value(rest);
        attributes.push((name.to_ascii_lowercase(), unescaped(value)));
        text = rest;
    }
}

fn attribute_value(rest: &str) -> (&str, &str) {
    let Some(value) = rest.strip_prefix('=') else {
        return ("", rest);
    };
    for quote in ['"', '\''] {
        if let Some(quoted) = value.strip_prefix(quote) {
            return quoted.split_once(quote).unwrap_or((quoted, ""));
        }
    }
    value.split_at(
        value
            .find(|letter: char| letter.is_ascii_whitespace())
            .unwrap_or(value.len()),
    )
}

fn unescaped(value: &str) -> String {
    let mut text = Parser {
        html: value,
        at: 0,
        parsed: Parsed::default(),
        open: Vec::new(),
    };
    while let Some(next) = text.rest().chars().next() {
        if next == '&' {
            text.reference();
        } else {
            text.literal(next);
        }
    }
    text.parsed.text
}
