//! Answers of the Bot API, good and bad.

use http::{HeaderValue, Response, StatusCode};
use serde_json::{Map, Value, json};

use crate::http_server::{Payload, json as json_answer};

/// What a chat, or Telegram itself, does instead of taking a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// 400: no such chat.
    ChatNotFound,
    /// 403: the user blocked the bot.
    Blocked,
    /// 403: the user's account is gone.
    Deactivated,
    /// 403: the user never wrote to the bot.
    CannotInitiate,
    /// 400 with `migrate_to_chat_id`: the group became a supergroup with this id.
    Upgraded(i64),
    /// 429 with `retry_after` in body and header, in seconds.
    TooManyRequests(u64),
    /// This 5xx status.
    ServerError(u16),
    /// The message is sent, and the connection closed instead of an answer.
    SentWithoutAnswer,
    /// The connection is closed, and nothing is sent.
    NoAnswer,
    /// Nothing is sent, and the connection stays open without an answer.
    Hang,
}

/// An answer with `ok: false`.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub(super) code: u16,
    pub(super) description: String,
    parameters: Map<String, Value>,
}

impl Refusal {
    pub(super) fn new(code: u16, description: &str) -> Self {
        Self {
            code,
            description: description.to_owned(),
            parameters: Map::new(),
        }
    }

    pub(super) fn bad_request(why: &str) -> Self {
        Self::new(400, &format!("Bad Request: {why}"))
    }

    pub(super) fn too_many_requests(retry_after_s: u64) -> Self {
        let mut refusal = Self::new(429, &format!("Too Many Requests: retry after {retry_after_s}"));
        refusal
            .parameters
            .insert("retry_after".to_owned(), json!(retry_after_s));
        refusal
    }

    /// The answer to this trouble, if it has one.
    pub(super) fn of(trouble: Trouble) -> Option<Self> {
        Some(match trouble {
            Trouble::ChatNotFound => Self::bad_request("chat not found"),
            Trouble::Blocked => Self::new(403, "Forbidden: bot was blocked by the user"),
            Trouble::Deactivated => Self::new(403, "Forbidden: user is deactivated"),
            Trouble::CannotInitiate => Self::new(403, "Forbidden: bot can't initiate conversation with a user"),
            Trouble::Upgraded(to) => {
                let mut refusal = Self::bad_request("group chat was upgraded to a supergroup chat");
                refusal.parameters.insert("migrate_to_chat_id".to_owned(), json!(to));
                refusal
            }
            Trouble::TooManyRequests(retry_after_s) => Self::too_many_requests(retry_after_s),
            Trouble::ServerError(status) => Self::new(status, "Internal Server Error"),
            Trouble::SentWithoutAnswer | Trouble::NoAnswer | Trouble::Hang => return None,
        })
    }

    /// The HTTP status equals `error_code`.
    pub(super) fn response(&self) -> Response<Payload> {
        let mut body = json!({ "ok": false, "error_code": self.code, "description": self.description });
        let retry_after = self.parameters.get("retry_after").cloned();
        if !self.parameters.is_empty() {
            let body = body.as_object_mut().unwrap();
            body.insert("parameters".to_owned(), self.parameters.clone().into());
        }
        let mut response = json_answer(StatusCode::from_u16(self.code).unwrap(), &body);
        if let Some(seconds) = retry_after.and_then(|seconds| seconds.as_u64()) {
            response.headers_mut().insert("retry-after", HeaderValue::from(seconds));
        }
        response
    }
}

pub(super) fn success(result: &Value) -> Response<Payload> {
    json_answer(StatusCode::OK, &json!({ "ok": true, "result": result }))
}
