//! What a careful server demands of a mail's content, and the answer when it is not so.

use std::collections::BTreeMap;

/// RFC 5322 §2.1.1, without the line's end.
const LONGEST_LINE: usize = 998;

/// Headers that must be there exactly once. RFC 5322 asks for the first two; big providers refuse mail without the
/// others.
const ONCE: [&str; 6] = ["from", "date", "to", "subject", "message-id", "mime-version"];

/// Headers that may be there once (RFC 5322 §3.6).
const AT_MOST_ONCE: [&str; 6] = ["sender", "reply-to", "cc", "bcc", "in-reply-to", "references"];

/// The refusal this content deserves.
pub(super) fn refusal(content: &[u8], eight_bit: bool) -> Option<String> {
    wrong_bytes(content, eight_bit)
        .or_else(|| wrong_headers(content))
        .map(str::to_owned)
}

fn wrong_bytes(content: &[u8], eight_bit: bool) -> Option<&'static str> {
    if content.contains(&0) {
        return Some("554 5.6.0 NUL in the message");
    }
    if !eight_bit && !content.is_ascii() {
        return Some("554 5.6.3 8-bit content without BODY=8BITMIME");
    }
    let mut lines = content.split(|byte| *byte == b'\n').peekable();
    while let Some(line) = lines.next() {
        let is_last = lines.peek().is_none();
        let text = match line.strip_suffix(b"\r") {
            Some(text) => text,
            None if is_last => line,
            None => return Some("550 5.6.11 bare LF in the message"),
        };
        if text.contains(&b'\r') {
            return Some("550 5.6.11 bare CR in the message");
        }
        if text.len() > LONGEST_LINE {
            return Some("554 5.6.0 line longer than 998 octets");
        }
    }
    None
}

fn wrong_headers(content: &[u8]) -> Option<&'static str> {
    let end = content.windows(4).position(|four| four == b"\r\n\r\n");
    let headers = content.get(..end.unwrap_or(content.len())).unwrap_or(content);
    // Header text outside ASCII must be encoded as long as SMTPUTF8 (RFC 6531) is not agreed on.
    let Ok(headers) = str::from_utf8(headers) else {
        return Some("554 5.6.0 header not in ASCII");
    };
    if !headers.is_ascii() {
        return Some("554 5.6.0 header not in ASCII");
    }
    let mut seen = BTreeMap::new();
    for line in headers.split("\r\n").filter(|line| !line.starts_with([' ', '\t'])) {
        let Some((name, _)) = line.split_once(':') else {
            return Some("554 5.6.0 line in the headers that is no header");
        };
        *seen.entry(name.trim_end().to_ascii_lowercase()).or_insert(0) += 1;
    }
    if ONCE.iter().any(|name| seen.get(*name) != Some(&1)) {
        return Some("554 5.6.0 From, To, Date, Subject, Message-ID and MIME-Version must each be there once");
    }
    if AT_MOST_ONCE
        .iter()
        .any(|name| seen.get(*name).is_some_and(|count| *count > 1))
    {
        return Some("554 5.6.0 header that may be there once is there twice");
    }
    None
}
