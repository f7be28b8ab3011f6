//! What an update of a Telegram bot says.

use serde_json::Value;

/// A message that somebody wrote where the bot can see it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) update_id: i64,
    /// When, in Unix milliseconds.
    pub(super) at: i64,
    /// The chat's id.
    pub(super) chat: String,
    /// What settings may call the chat: its id, its public name.
    pub(super) chat_names: Vec<String>,
    /// Whether nobody but one person and the bot is there.
    pub(super) is_private: bool,
    /// Who wrote it.
    pub(super) sender_name: Option<String>,
    /// The number of the ticket that the bot's message was about to which this is a reply.
    pub(super) answers: Option<String>,
    pub(super) words: String,
}

/// What a message can hold besides words, in the order in which it is looked for, and how that is
/// called. Some kinds come with a simpler one beside them for old clients.
const KINDS: [(&str, &str); 18] = [
    ("animation", "animation"),
    ("photo", "photo"),
    ("video", "video"),
    ("video_note", "video message"),
    ("voice", "voice message"),
    ("audio", "audio"),
    ("document", "document"),
    ("sticker", "sticker"),
    ("contact", "contact"),
    ("venue", "place"),
    ("location", "location"),
    ("poll", "poll"),
    ("dice", "dice"),
    ("story", "story"),
    ("game", "game"),
    ("paid_media", "paid media"),
    ("invoice", "invoice"),
    ("checklist", "checklist"),
];

/// What tells of changes to a chat and is nobody's message.
const SERVICE: [&str; 6] = [
    "pinned_message",
    "message_auto_delete_timer_changed",
    "chat_background_set",
    "write_access_allowed",
    "migrate_to_chat_id",
    "migrate_from_chat_id",
];

/// Reads an update; nothing when it is of no use here.
pub(super) fn written(update: &Value) -> Option<Written> {
    let update_id = update.get("update_id")?.as_i64()?;
    let message = update.get("message")?;
    if SERVICE.iter().any(|kind| message.get(kind).is_some()) {
        return None;
    }
    let chat = message.get("chat")?;
    let id = chat.get("id")?.as_i64()?.to_string();
    let public_name = text(chat, "username").map(|name| format!("@{name}"));
    let seconds = message.get("date").and_then(Value::as_i64).unwrap_or_default();
    Some(Written {
        update_id,
        at: seconds.saturating_mul(1_000),
        chat_names: std::iter::once(id.clone()).chain(public_name).collect(),
        chat: id,
        is_private: text(chat, "type") == Some("private"),
        sender_name: message.get("from").and_then(name),
        answers: message.get("reply_to_message").and_then(ticket_named),
        words: words(message),
    })
}

fn text<'v>(holder: &'v Value, name: &str) -> Option<&'v str> {
    let text = holder.get(name)?.as_str()?;
    (!text.trim().is_empty()).then_some(text)
}

fn name(person: &Value) -> Option<String> {
    let parts = ["first_name", "last_name"].map(|part| text(person, part));
    let parts: Vec<&str> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// The ticket that a message of a bot is about. Its first line says so; the others may hold what
/// strangers typed.
fn ticket_named(message: &Value) -> Option<String> {
    let is_bot = message.get("from").and_then(|from| from.get("is_bot"));
    if is_bot.and_then(Value::as_bool) != Some(true) {
        return None;
    }
    let first = text(message, "text")?.lines().next()?;
    let (_, after) = first.split_once("TKT-")?;
    let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
    (!digits.is_empty()).then(|| format!("TKT-{digits}"))
}

/// What was written, and what came with it, as words.
fn words(message: &Value) -> String {
    let kind = KINDS
        .iter()
        .find_map(|(kind, called)| Some((*kind, *called, message.get(kind)?)));
    let shown = kind.map(|(kind, called, content)| match detail(kind, content) {
        Some(detail) => format!("[{called}] {detail}"),
        None => format!("[{called}]"),
    });
    let written = text(message, "text").or_else(|| text(message, "caption"));
    let lines: Vec<String> = shown.into_iter().chain(written.map(str::to_owned)).collect();
    lines.join("\n")
}

fn detail(kind: &str, content: &Value) -> Option<String> {
    let place = |content: &Value| {
        let (latitude, longitude) = (content.get("latitude")?.as_f64()?, content.get("longitude")?.as_f64()?);
        Some(format!("{latitude}, {longitude}"))
    };
    match kind {
        "document" | "audio" | "video" => text(content, "file_name").map(str::to_owned),
        "sticker" | "dice" => text(content, "emoji").map(str::to_owned),
        "contact" => {
            let parts = [name(content), text(content, "phone_number").map(str::to_owned)];
            let parts: Vec<String> = parts.into_iter().flatten().collect();
            (!parts.is_empty()).then(|| parts.join(", "))
        }
        "venue" => {
            let parts = [text(content, "title"), text(content, "address")];
            let parts: Vec<&str> = parts.into_iter().flatten().collect();
            (!parts.is_empty()).then(|| parts.join(", "))
        }
        "location" => place(content),
        "poll" => text(content, "question").map(str::to_owned),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use serde_json::json;

    use super::*;

    fn message(content: &Value) -> Value {
        let mut message = json!({
            "message_id": 1, "date": 42, "chat": { "id": 7, "type": "private" },
            "from": { "id": 7, "is_bot": false, "first_name": "Ann", "last_name": "Lee" },
        });
        if let (Value::Object(message), Value::Object(content)) = (&mut message, content) {
            message.extend(content.clone());
        }
        json!({ "update_id": 3, "message": message })
    }

    fn words_of(content: &Value) -> String {
        written(&message(content)).unwrap().words
    }

    #[test]
    fn whatever_is_sent_becomes_words() {
        assert_eq!(words_of(&json!({ "text": "Hi" })), "Hi");
        assert_eq!(
            words_of(&json!({ "photo": [{}], "caption": "My cat" })),
            "[photo]\nMy cat"
        );
        let gif = json!({ "animation": {}, "document": { "file_name": "a.mp4" } });
        assert_eq!(words_of(&gif), "[animation]");
        assert_eq!(
            words_of(&json!({ "document": { "file_name": "a.pdf" } })),
            "[document] a.pdf"
        );
        assert_eq!(words_of(&json!({ "voice": { "duration": 3 } })), "[voice message]");
        assert_eq!(words_of(&json!({ "sticker": { "emoji": "😀" } })), "[sticker] 😀");
        let contact = json!({ "contact": { "phone_number": "+49301234", "first_name": "Bo" } });
        assert_eq!(words_of(&contact), "[contact] Bo, +49301234");
        let place = json!({ "latitude": 52.5, "longitude": 13.25 });
        assert_eq!(words_of(&json!({ "location": place })), "[location] 52.5, 13.25");
        assert_eq!(words_of(&json!({ "something_new": {} })), "");
    }

    #[test]
    fn it_is_known_who_wrote_where() {
        let written = written(&message(&json!({ "text": "Hi" }))).unwrap();
        assert_eq!((written.update_id, written.at, written.chat.as_str()), (3, 42_000, "7"));
        assert_eq!(written.sender_name.as_deref(), Some("Ann Lee"));
        assert!(written.is_private);
        assert_eq!(written.answers, None);
    }

    #[test]
    fn only_the_first_line_of_a_bots_message_names_a_ticket() {
        let reply = |is_bot: bool, text: &str| {
            let quoted = json!({ "from": { "is_bot": is_bot }, "text": text });
            written(&message(&json!({ "text": "ok", "reply_to_message": quoted })))
                .unwrap()
                .answers
        };
        assert_eq!(reply(true, "New ticket TKT-12: about TKT-3"), Some("TKT-12".to_owned()));
        assert_eq!(reply(true, "TKT-4: Hello\n\nMara: hi"), Some("TKT-4".to_owned()));
        assert_eq!(reply(true, "Callback requested\nEmployee ID: TKT-1"), None);
        assert_eq!(reply(true, "TKT-"), None);
        assert_eq!(reply(false, "TKT-4: Hello"), None);
    }

    #[test]
    fn what_is_no_message_is_of_no_use() {
        assert_eq!(written(&json!({ "update_id": 1, "edited_message": {} })), None);
        assert_eq!(written(&json!({ "update_id": 1, "my_chat_member": {} })), None);
        assert_eq!(written(&json!([])), None);
        assert_eq!(written(&message(&json!({ "pinned_message": {} }))), None);
    }
}
