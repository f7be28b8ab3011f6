//! Parameters of a call: where they come from and what they may be.

use serde_json::{Map, Value};

use super::answer::Refusal;
use crate::http_server::Whole;

pub(super) type Parameters = Map<String, Value>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Integer,
    ChatId,
    Boolean,
    Object,
    Array,
}

use Kind::{Array, Boolean, ChatId, Integer, Object, Text};

/// Name, kind, and whether it must be there (Bot API 10.1).
type Known = (&'static str, Kind, bool);

const SEND_MESSAGE: &[Known] = &[
    ("chat_id", ChatId, true),
    ("text", Text, true),
    ("parse_mode", Text, false),
    ("entities", Array, false),
    ("link_preview_options", Object, false),
    ("disable_notification", Boolean, false),
    ("protect_content", Boolean, false),
    ("allow_paid_broadcast", Boolean, false),
    ("message_thread_id", Integer, false),
    ("direct_messages_topic_id", Integer, false),
    ("business_connection_id", Text, false),
    ("message_effect_id", Text, false),
    ("suggested_post_parameters", Object, false),
    ("reply_parameters", Object, false),
    ("reply_markup", Object, false),
];

const SET_WEBHOOK: &[Known] = &[
    ("url", Text, true),
    ("ip_address", Text, false),
    ("max_connections", Integer, false),
    ("allowed_updates", Array, false),
    ("drop_pending_updates", Boolean, false),
    ("secret_token", Text, false),
];

const ANSWER_CALLBACK_QUERY: &[Known] = &[
    ("callback_query_id", Text, true),
    ("text", Text, false),
    ("show_alert", Boolean, false),
    ("url", Text, false),
    ("cache_time", Integer, false),
];

fn known(method: &str) -> Option<&'static [Known]> {
    Some(match method {
        "getMe" | "getWebhookInfo" => &[],
        "sendMessage" => SEND_MESSAGE,
        "setWebhook" => SET_WEBHOOK,
        "deleteWebhook" => &[("drop_pending_updates", Boolean, false)],
        "answerCallbackQuery" => ANSWER_CALLBACK_QUERY,
        _ => return None,
    })
}

/// The parameters of a call. Unlike Telegram, which ignores names it does not know, this refuses them: they are
/// spelling mistakes or have left the reference.
pub(super) fn read(method: &str, request: &Whole) -> Result<Parameters, Refusal> {
    let Some(known) = known(method) else {
        return Err(Refusal::new(404, "Not Found"));
    };
    let mut parameters = as_sent(request)?;
    for (name, value) in &mut parameters {
        let Some((_, kind, _)) = known.iter().find(|(known, ..)| known == name) else {
            return Err(Refusal::bad_request(&format!("unknown parameter \"{name}\"")));
        };
        let Some(typed) = typed(*kind, value) else {
            return Err(Refusal::bad_request(&format!("can't parse {name}: expected {kind:?}")));
        };
        *value = typed;
    }
    for (name, _, required) in known {
        if *required && !parameters.contains_key(*name) {
            return Err(missing(name));
        }
    }
    Ok(parameters)
}

fn missing(name: &str) -> Refusal {
    match name {
        "chat_id" => Refusal::bad_request("chat_id is empty"),
        "text" => Refusal::bad_request("message text is empty"),
        name => Refusal::bad_request(&format!("parameter \"{name}\" is required")),
    }
}

fn as_sent(request: &Whole) -> Result<Parameters, Refusal> {
    let mut parameters = fields(request.uri.query().unwrap_or_default().as_bytes());
    match request.content_type() {
        _ if request.body.is_empty() => {}
        "application/json" => {
            let body = serde_json::from_slice(&request.body);
            let body: Parameters = body.map_err(|_| Refusal::bad_request("can't parse JSON object"))?;
            parameters.extend(body);
        }
        "application/x-www-form-urlencoded" => parameters.extend(fields(&request.body)),
        other => return Err(Refusal::bad_request(&format!("body of type {other:?}"))),
    }
    parameters.retain(|_, value| !value.is_null());
    Ok(parameters)
}

fn fields(encoded: &[u8]) -> Parameters {
    let fields = form_urlencoded::parse(encoded).into_owned();
    fields.map(|(name, value)| (name, Value::String(value))).collect()
}

/// The value as its kind: forms carry numbers, booleans and JSON as text.
fn typed(kind: Kind, value: &Value) -> Option<Value> {
    let is_typed = match kind {
        Text => value.is_string(),
        Integer | ChatId => value.is_i64(),
        Boolean => value.is_boolean(),
        Object => value.is_object(),
        Array => value.is_array(),
    };
    if is_typed {
        return Some(value.clone());
    }
    let text = value.as_str()?;
    match kind {
        Text => None,
        ChatId if text.starts_with('@') => Some(value.clone()),
        Integer | ChatId | Boolean | Object | Array => {
            let parsed = serde_json::from_str(text)
                .ok()
                .filter(|parsed: &Value| !parsed.is_string())?;
            typed(kind, &parsed)
        }
    }
}
