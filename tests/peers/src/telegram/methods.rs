//! The methods of the Bot API.

use http::{Method, Response, StatusCode};
use serde_json::{Map, Value, json};

use super::answer::{Refusal, Trouble, success};
use super::parameters::{Parameters, read};
use super::updates::Webhook;
use super::{Call, Sent, Shared, markup};
use crate::http_server::{Payload, Whole};

const LONGEST_TEXT: usize = 4096;
const LONGEST_RAW_TEXT: usize = 32_768;
const LONGEST_CALLBACK_DATA: usize = 64;
const LONGEST_ALERT: usize = 200;
const MOST_ENTITIES: usize = 100;

/// What becomes of a call.
enum Outcome {
    Result(Value),
    NoAnswer,
    Hang,
}

type Outcomes = Result<Outcome, Refusal>;

impl Shared {
    pub(super) async fn serve(&self, request: Whole) -> Option<Response<Payload>> {
        let path = request.uri.path().to_owned();
        let (token, method) = path
            .strip_prefix("/bot")
            .and_then(|path| path.split_once('/'))
            .unwrap_or_default();
        let parameters = read(method, &request);
        let outcome = self.outcome(&request, token, method, parameters.as_ref());
        self.calls.push(Call {
            method: method.to_owned(),
            parameters: parameters.unwrap_or_default(),
            answered: match &outcome {
                Ok(Outcome::Result(_)) => Some(StatusCode::OK.as_u16()),
                Ok(_) => None,
                Err(refusal) => Some(refusal.code),
            },
            description: outcome.as_ref().err().map(|refusal| refusal.description.clone()),
        });
        match outcome {
            Ok(Outcome::Result(result)) => Some(success(&result)),
            Ok(Outcome::NoAnswer) => None,
            Ok(Outcome::Hang) => std::future::pending().await,
            Err(refusal) => Some(refusal.response()),
        }
    }

    fn outcome(
        &self,
        request: &Whole,
        token: &str,
        method: &str,
        parameters: Result<&Parameters, &Refusal>,
    ) -> Outcomes {
        if method.is_empty() || !matches!(request.method, Method::GET | Method::POST) {
            return Err(Refusal::new(404, "Not Found"));
        }
        if !self.knows(token) {
            return Err(Refusal::new(401, "Unauthorized"));
        }
        let parameters = parameters.map_err(Clone::clone)?;
        match method {
            "sendMessage" => self.send_message(parameters),
            "setWebhook" => self.set_webhook(parameters),
            "deleteWebhook" => {
                self.webhook.send_replace(None);
                Ok(Outcome::Result(json!(true)))
            }
            "getWebhookInfo" => {
                let url = self.webhook.borrow().as_ref().map(|webhook| webhook.url.clone());
                Ok(Outcome::Result(json!({ "url": url.unwrap_or_default() })))
            }
            "answerCallbackQuery" => self.answer_callback_query(parameters),
            _ => Ok(Outcome::Result(self.bot())),
        }
    }

    pub(super) fn bot(&self) -> Value {
        let id = self.token.split(':').next().and_then(|id| id.parse::<i64>().ok());
        json!({ "id": id, "is_bot": true, "first_name": "Desk", "username": "desk_bot" })
    }

    fn send_message(&self, parameters: &Parameters) -> Outcomes {
        let chat = parameters.get("chat_id").and_then(Value::as_i64);
        let chat = chat.ok_or_else(|| Refusal::bad_request("chat not found"))?;
        let parsed = parsed_text(parameters)?;
        let trouble = self.state().next_trouble(chat);
        match trouble {
            Some(Trouble::Hang) => return Ok(Outcome::Hang),
            Some(Trouble::NoAnswer) => return Ok(Outcome::NoAnswer),
            trouble => trouble.and_then(Refusal::of).map_or(Ok(()), Err)?,
        }
        check_keyboard(parameters.get("reply_markup"))?;
        if self.one_message_a_second && self.state().is_too_fast(chat) {
            return Err(Refusal::too_many_requests(1));
        }
        let mut content = Map::new();
        content.insert("text".to_owned(), json!(parsed.text));
        if !parsed.entities.is_empty() {
            content.insert("entities".to_owned(), json!(parsed.entities));
        }
        if let Some(quoted) = self.quoted(chat, parameters.get("reply_parameters"))? {
            content.insert("reply_to_message".to_owned(), quoted);
        }
        let message = self.state().add_message(chat, &self.bot(), content);
        self.sent.push(Sent {
            chat_id: chat,
            message_id: message.get("message_id").and_then(Value::as_i64).unwrap(),
            text: parsed.text,
            entities: parsed.entities,
            parameters: parameters.clone(),
        });
        if trouble == Some(Trouble::SentWithoutAnswer) {
            return Ok(Outcome::NoAnswer);
        }
        Ok(Outcome::Result(message))
    }

    fn quoted(&self, chat: i64, reply: Option<&Value>) -> Result<Option<Value>, Refusal> {
        let Some(reply) = reply else {
            return Ok(None);
        };
        let id = reply.get("message_id").and_then(Value::as_i64);
        let id = id.ok_or_else(|| Refusal::bad_request("can't parse reply parameters: message_id is required"))?;
        let quoted = self.state().message(chat, id).cloned();
        let may_miss = reply.get("allow_sending_without_reply") == Some(&json!(true));
        if quoted.is_none() && !may_miss {
            return Err(Refusal::bad_request("message to be replied not found"));
        }
        Ok(quoted)
    }

    /// As a server started with `--local`, which takes webhooks over plain HTTP on any port.
    fn set_webhook(&self, parameters: &Parameters) -> Outcomes {
        let text = |name: &str| parameters.get(name).and_then(Value::as_str).map(str::to_owned);
        let url = text("url").unwrap_or_default();
        if url.is_empty() {
            self.webhook.send_replace(None);
            return Ok(Outcome::Result(json!(true)));
        }
        if !url.starts_with("https://") && !url.starts_with("http://") {
            return Err(Refusal::bad_request("bad webhook: invalid webhook URL specified"));
        }
        let secret = text("secret_token");
        let is_secret = |secret: &String| {
            let permitted = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
            (1..=256).contains(&secret.len()) && secret.bytes().all(permitted)
        };
        if secret.as_ref().is_some_and(|secret| !is_secret(secret)) {
            return Err(Refusal::bad_request("secret token contains unallowed characters"));
        }
        let connections = parameters.get("max_connections").and_then(Value::as_i64);
        if connections.is_some_and(|connections| !(1..=100).contains(&connections)) {
            return Err(Refusal::bad_request("max_connections must be from 1 to 100"));
        }
        let allowed = parameters.get("allowed_updates").and_then(Value::as_array);
        let allowed = allowed
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned);
        let allowed_updates = allowed.collect();
        self.webhook.send_replace(Some(Webhook {
            url,
            secret,
            allowed_updates,
        }));
        Ok(Outcome::Result(json!(true)))
    }

    fn answer_callback_query(&self, parameters: &Parameters) -> Outcomes {
        let text = |name: &str| parameters.get(name).and_then(Value::as_str).unwrap_or_default();
        if text("text").chars().count() > LONGEST_ALERT {
            return Err(Refusal::bad_request("MESSAGE_TOO_LONG"));
        }
        if !self.state().take_query(text("callback_query_id")) {
            let late = "query is too old and response timeout expired or query ID is invalid";
            return Err(Refusal::bad_request(late));
        }
        Ok(Outcome::Result(json!(true)))
    }
}

fn parsed_text(parameters: &Parameters) -> Result<markup::Parsed, Refusal> {
    let raw = parameters.get("text").and_then(Value::as_str).unwrap_or_default();
    if raw.len() > LONGEST_RAW_TEXT {
        return Err(Refusal::bad_request("text is too long"));
    }
    let mut parsed = match parameters.get("parse_mode").and_then(Value::as_str).unwrap_or_default() {
        "" => markup::Parsed {
            text: raw.to_owned(),
            entities: Vec::new(),
        },
        mode if mode.eq_ignore_ascii_case("html") => {
            markup::parse(raw).map_err(|why| Refusal::bad_request(&format!("can't parse entities: {why}")))?
        }
        // Markdown is real, but nobody here should send it: one bare dot fails the whole message.
        _ => return Err(Refusal::bad_request("unsupported parse_mode")),
    };
    if parsed.text.trim().is_empty() {
        return Err(Refusal::bad_request("message text is empty"));
    }
    if markup::units(&parsed.text) > LONGEST_TEXT {
        return Err(Refusal::bad_request("message is too long"));
    }
    parsed.entities.truncate(MOST_ENTITIES);
    Ok(parsed)
}

fn check_keyboard(markup: Option<&Value>) -> Result<(), Refusal> {
    let Some(rows) = markup.and_then(|markup| markup.get("inline_keyboard")) else {
        return Ok(());
    };
    let wrong = |why: &str| Err(Refusal::bad_request(why));
    let rows: Option<Vec<_>> = rows
        .as_array()
        .and_then(|rows| rows.iter().map(Value::as_array).collect());
    let Some(rows) = rows else {
        return wrong("field \"inline_keyboard\" of the InlineKeyboardMarkup should be an Array of Arrays");
    };
    if rows.iter().any(|row| row.len() > 8) || rows.iter().map(|row| row.len()).sum::<usize>() > 100 {
        return wrong("reply markup is too long");
    }
    for button in rows.into_iter().flatten() {
        let Some(fields) = button.as_object() else {
            return wrong("an inline keyboard button should be an Object");
        };
        if fields.get("text").and_then(Value::as_str).is_none_or(str::is_empty) || fields.len() != 2 {
            return wrong("inline keyboard button must have a text and exactly one action");
        }
        let data = fields
            .get("callback_data")
            .map(|data| data.as_str().unwrap_or_default().len());
        if data.is_some_and(|length| !(1..=LONGEST_CALLBACK_DATA).contains(&length)) {
            return wrong("BUTTON_DATA_INVALID");
        }
    }
    Ok(())
}
