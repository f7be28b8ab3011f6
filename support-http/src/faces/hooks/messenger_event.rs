//! What one element of a Messenger webhook's body says.

use serde_json::Value;

/// What echoes of this system's own messages carry as `metadata` begins so.
const OWN: &str = "support:";
/// The longest id of a page, a person or a message.
const LONGEST_ID: usize = 200;
/// The longest address that is repeated in a thread.
const LONGEST_URL: usize = 2_000;
/// The longest name of a kind that is repeated in a thread.
const LONGEST_KIND: usize = 32;

/// Something that happened between a page and a person.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Happened {
    /// When, in Unix milliseconds.
    pub(super) at: i64,
    /// The person, by the id that they have for this page.
    pub(super) person: String,
    pub(super) what: What,
}

/// What happened.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum What {
    /// The person wrote, or pressed a button.
    Said { mid: String, words: String },
    /// The page's people wrote, in Meta's own inbox or with another app.
    Answered { mid: String, words: String },
    /// The person's device has everything up to a moment.
    Delivered { until: i64 },
    /// The person has read everything up to a moment.
    Read { until: i64 },
}

/// Reads one element of `messaging`; nothing when it is of no use here.
pub(super) fn happened(page: &str, entry: &Value, element: &Value) -> Option<Happened> {
    let moment = |holder: &Value, name: &str| holder.get(name).and_then(Value::as_i64);
    let at = moment(element, "timestamp").or_else(|| moment(entry, "time"));
    let at = at.unwrap_or_default();
    let (sender, recipient) = (party(element, "sender"), party(element, "recipient"));
    let until = |holder: &Value| moment(holder, "watermark").unwrap_or(at);
    let (person, what) = if let Some(message) = element.get("message") {
        let words = words(message);
        if message.get("is_echo").and_then(Value::as_bool) == Some(true) {
            if is_own(message) {
                return None;
            }
            // The page is the sender; some of Meta's own examples have it the other way round.
            let person = recipient.filter(|id| id != page).or(sender)?;
            let mid = mid(message, &person, at);
            (person, What::Answered { mid, words })
        } else {
            let person = sender?;
            let mid = mid(message, &person, at);
            (person, What::Said { mid, words })
        }
    } else if let Some(postback) = element.get("postback") {
        let person = sender?;
        let mid = mid(postback, &person, at);
        let words = text(postback, "title").or_else(|| text(postback, "payload"));
        let words = words.unwrap_or_default().to_owned();
        (person, What::Said { mid, words })
    } else if let Some(delivery) = element.get("delivery") {
        (sender?, What::Delivered { until: until(delivery) })
    } else if let Some(read) = element.get("read") {
        (sender?, What::Read { until: until(read) })
    } else {
        return None;
    };
    (person != page).then_some(Happened { at, person, what })
}

/// Whether a text can be an id at all: no store has to know another.
fn is_plain(id: &str) -> bool {
    !id.is_empty() && id.len() <= LONGEST_ID && !id.chars().any(char::is_control)
}

/// An id, which is text that looks like a number.
pub(super) fn id(value: &Value) -> Option<String> {
    match value {
        Value::String(id) if is_plain(id) => Some(id.clone()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    }
}

fn party(element: &Value, role: &str) -> Option<String> {
    id(element.get(role)?.get("id")?)
}

fn text<'v>(holder: &'v Value, name: &str) -> Option<&'v str> {
    let text = holder.get(name)?.as_str()?;
    (!text.trim().is_empty()).then_some(text)
}

/// By what a repeat is known. Old postbacks have no id of their own.
fn mid(holder: &Value, person: &str, at: i64) -> String {
    text(holder, "mid").map_or_else(|| format!("{person}:{at}"), str::to_owned)
}

fn is_own(message: &Value) -> bool {
    text(message, "metadata").is_some_and(|metadata| metadata.starts_with(OWN))
}

/// What was written, and what came with it, as words.
fn words(message: &Value) -> String {
    let attachments = message.get("attachments").and_then(Value::as_array);
    let shown = attachments.into_iter().flatten().map(attachment);
    let lines: Vec<String> = text(message, "text")
        .map(str::to_owned)
        .into_iter()
        .chain(shown)
        .collect();
    lines.join("\n")
}

fn attachment(attachment: &Value) -> String {
    let kind = text(attachment, "type")
        .filter(|kind| is_name(kind))
        .unwrap_or("attachment");
    let payload = attachment.get("payload").unwrap_or(&Value::Null);
    let place = || {
        let coordinates = payload.get("coordinates")?;
        let (lat, long) = (coordinates.get("lat")?.as_f64()?, coordinates.get("long")?.as_f64()?);
        Some(format!("{lat}, {long}"))
    };
    let title = text(attachment, "title").or_else(|| text(payload, "title"));
    let url = text(payload, "url").or_else(|| text(attachment, "url"));
    let details = [
        title.map(str::to_owned),
        place(),
        url.filter(|url| is_https(url)).map(str::to_owned),
    ];
    let mut shown = format!("[{kind}]");
    for detail in details.into_iter().flatten() {
        shown.push(' ');
        shown.push_str(&detail);
    }
    shown
}

fn is_name(kind: &str) -> bool {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | ' ');
    kind.len() <= LONGEST_KIND && kind.chars().all(is_plain)
}

/// Whether an address is safe to show: nothing else than a place on the web, and readable as that.
fn is_https(url: &str) -> bool {
    let uri: Result<http::Uri, _> = url.parse();
    url.len() <= LONGEST_URL && uri.is_ok_and(|uri| uri.scheme_str() == Some("https") && uri.host().is_some())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use serde_json::json;

    use super::*;

    fn read(element: &Value) -> Option<Happened> {
        happened("page", &json!({ "id": "page", "time": 7 }), element)
    }

    fn from(sender: &str, recipient: &str, kind: &str, detail: &Value) -> Value {
        json!({ "sender": { "id": sender }, "recipient": { "id": recipient }, "timestamp": 42, kind: detail })
    }

    fn said(detail: &Value) -> Option<What> {
        read(&from("ann", "page", "message", detail)).map(|event| event.what)
    }

    fn words(words: &str) -> Option<What> {
        let (mid, words) = ("m".to_owned(), words.to_owned());
        Some(What::Said { mid, words })
    }

    #[test]
    fn attachments_become_words_and_only_addresses_on_the_web_are_repeated() {
        let sent =
            |kind: &str, payload: Value| json!({ "mid": "m", "attachments": [{ "type": kind, "payload": payload }] });
        let url = "https://cdn.example/a.jpg?x=1";
        assert_eq!(
            said(&sent("image", json!({ "url": url }))),
            words(&format!("[image] {url}"))
        );
        for bad in [
            "http://cdn.example/a",
            "javascript:alert(1)",
            "https://",
            "https://a b",
            "",
        ] {
            assert_eq!(said(&sent("file", json!({ "url": bad }))), words("[file]"), "{bad}");
        }
        assert_eq!(said(&sent("sticker", json!({ "sticker_id": 1 }))), words("[sticker]"));
        assert_eq!(said(&sent("not\n[a] kind", json!({}))), words("[attachment]"));
        let place = json!({ "coordinates": { "lat": 52.5, "long": -13.25 } });
        assert_eq!(said(&sent("location", place)), words("[location] 52.5, -13.25"));
        let both = json!({ "mid": "m", "text": "Look", "attachments": [{ "type": "reel" }, 7] });
        assert_eq!(said(&both), words("Look\n[reel]\n[attachment]"));
        assert_eq!(said(&json!({ "mid": "m" })), words(""));
    }

    #[test]
    fn echoes_are_answers_of_others_whichever_way_round_they_are() {
        let echo = json!({ "mid": "m", "text": "Hello", "is_echo": true, "app_id": 1 });
        for (sender, recipient) in [("page", "ann"), ("ann", "page")] {
            let event = read(&from(sender, recipient, "message", &echo)).unwrap();
            assert_eq!(event.person, "ann");
            let (mid, words) = ("m".to_owned(), "Hello".to_owned());
            assert_eq!(event.what, What::Answered { mid, words });
        }
        let own = json!({ "mid": "m", "text": "Hello", "is_echo": true, "metadata": "support:1" });
        assert_eq!(read(&from("page", "ann", "message", &own)), None);
    }

    #[test]
    fn watermarks_and_buttons_are_read_and_the_rest_is_of_no_use() {
        let event = |kind: &str, detail: Value| read(&from("ann", "page", kind, &detail)).map(|event| event.what);
        assert_eq!(
            event("delivery", json!({ "watermark": 5 })),
            Some(What::Delivered { until: 5 })
        );
        assert_eq!(event("read", json!({ "watermark": 6 })), Some(What::Read { until: 6 }));
        let (mid, words) = ("m".to_owned(), "Start".to_owned());
        let pressed = json!({ "mid": "m", "title": "Start", "payload": "GO" });
        assert_eq!(event("postback", pressed), Some(What::Said { mid, words }));
        let (mid, words) = ("ann:42".to_owned(), "GO".to_owned());
        assert_eq!(
            event("postback", json!({ "payload": "GO" })),
            Some(What::Said { mid, words })
        );
        assert_eq!(event("reaction", json!({ "emoji": "x" })), None);
        assert_eq!(read(&json!(null)), None);
        assert_eq!(read(&json!({ "message": { "mid": "m", "text": "from nobody" } })), None);
        assert_eq!(
            read(&from(
                "page",
                "ann",
                "message",
                &json!({ "mid": "m", "text": "by itself" })
            )),
            None
        );
    }
}
