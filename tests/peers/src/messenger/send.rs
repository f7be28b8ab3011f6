//! The Send API, as far as it refuses things.

use std::time::{Duration, SystemTime};

use http::{Method, Response, StatusCode};
use serde_json::{Map, Value, json};

use super::answer::{GraphError, Trouble};
use super::event::{hmac_hex, object};
use super::{Call, Sent, Shared};
use crate::http_server::{Payload, Whole, empty, json as json_answer};

/// "Less than 2000 characters".
const TEXT_LIMIT: usize = 2000;
const METADATA_LIMIT: usize = 1000;
const WINDOW: Duration = Duration::from_secs(24 * 3600);
const HUMAN_AGENT_WINDOW: Duration = Duration::from_secs(7 * 24 * 3600);

const PARAMETERS: [&str; 7] = [
    "recipient",
    "messaging_type",
    "message",
    "sender_action",
    "tag",
    "notification_type",
    "persona_id",
];
const MESSAGE_FIELDS: [&str; 4] = ["text", "attachment", "quick_replies", "metadata"];
const ATTACHMENTS: [&str; 5] = ["image", "audio", "video", "file", "template"];

/// What becomes of a call.
enum Outcome {
    Answer(Value),
    Status(u16),
    NoAnswer,
    Hang,
}

type Outcomes = Result<Outcome, GraphError>;

impl Shared {
    pub(super) async fn serve(&self, request: Whole) -> Option<Response<Payload>> {
        let body = body_of(&request);
        let outcome = self.outcome(&request, &body);
        let error = outcome.as_ref().err();
        self.calls.push(Call {
            method: request.method.to_string(),
            path: request.uri.path().to_owned(),
            body: Value::Object(body),
            answered: match &outcome {
                Ok(Outcome::Answer(_)) => Some(StatusCode::OK.as_u16()),
                Ok(Outcome::Status(status)) => Some(*status),
                Ok(Outcome::NoAnswer | Outcome::Hang) => None,
                Err(error) => Some(error.status),
            },
            error: error.map(|error| (error.code, error.subcode)),
        });
        match outcome {
            Ok(Outcome::Answer(answer)) => Some(json_answer(StatusCode::OK, &answer)),
            Ok(Outcome::Status(status)) => Some(empty(StatusCode::from_u16(status).unwrap())),
            Ok(Outcome::NoAnswer) => None,
            Ok(Outcome::Hang) => std::future::pending().await,
            Err(error) => Some(error.response()),
        }
    }

    fn outcome(&self, request: &Whole, body: &Map<String, Value>) -> Outcomes {
        let page = self.authorized(request)?;
        let path: Vec<_> = request.uri.path().split('/').skip(1).collect();
        let path = match path.split_first() {
            Some((first, rest)) if is_version(first) => rest,
            _ => &path[..],
        };
        match (request.method.clone(), path) {
            (Method::POST, [node, "messages"]) if *node == "me" || *node == page => self.send(&page, body),
            (Method::GET, [person]) => self.profile(person),
            _ => Err(GraphError::new(
                100,
                Some(33),
                "Unsupported request: no such object for this token",
            )),
        }
    }

    /// The page whose token this is.
    fn authorized(&self, request: &Whole) -> Result<String, GraphError> {
        let query: Vec<_> = form_urlencoded::parse(request.uri.query().unwrap_or_default().as_bytes())
            .into_owned()
            .collect();
        let in_query = |wanted: &str| {
            query
                .iter()
                .find(|(name, _)| name == wanted)
                .map(|(_, value)| value.clone())
        };
        let header = request.headers.get(http::header::AUTHORIZATION);
        let header = header
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "));
        let Some(token) = in_query("access_token").or_else(|| header.map(str::to_owned)) else {
            return Err(GraphError::new(
                104,
                None,
                "An access token is required to request this resource.",
            ));
        };
        let page = self.state().page_of(&token).ok_or_else(GraphError::invalid_token)?;
        let proof = in_query("appsecret_proof");
        if proof.is_some_and(|proof| proof != hmac_hex(&self.app_secret, token.as_bytes())) {
            return Err(GraphError::invalid(
                "Invalid appsecret_proof provided in the API argument",
            ));
        }
        Ok(page)
    }

    fn profile(&self, person: &str) -> Outcomes {
        let profile = self.state().profile(person);
        let none = || GraphError::new(100, Some(2_018_218), "No profile available for this user.");
        profile.map(Outcome::Answer).ok_or_else(none)
    }

    fn send(&self, page: &str, body: &Map<String, Value>) -> Outcomes {
        if let Some(unknown) = body.keys().find(|name| !PARAMETERS.contains(&name.as_str())) {
            return Err(GraphError::invalid(&format!("Unknown parameter {unknown}")));
        }
        let recipient = body.get("recipient").and_then(|recipient| recipient.get("id"));
        let Some(psid) = recipient.and_then(Value::as_str) else {
            return Err(GraphError::invalid("Param recipient must be an object with an id"));
        };
        if let Some(action) = body.get("sender_action") {
            check_action(action, body)?;
            return Ok(Outcome::Answer(json!({ "recipient_id": psid })));
        }
        let message = checked_message(body)?;
        let trouble = self.state().next_trouble(psid);
        match trouble {
            Some(Trouble::Hang) => return Ok(Outcome::Hang),
            Some(Trouble::NoAnswer) => return Ok(Outcome::NoAnswer),
            Some(Trouble::Status(status)) => return Ok(Outcome::Status(status)),
            trouble => trouble.and_then(GraphError::of).map_or(Ok(()), Err)?,
        }
        self.check_window(psid, body)?;
        let sent = Sent {
            page: page.to_owned(),
            psid: psid.to_owned(),
            mid: self.state().new_mid(),
            text: message.get("text").and_then(Value::as_str).map(str::to_owned),
            message: Value::Object(message.clone()),
            messaging_type: text(body, "messaging_type").to_owned(),
            tag: body.get("tag").and_then(Value::as_str).map(str::to_owned),
        };
        let answer = object(&[("recipient_id", json!(psid)), ("message_id", json!(sent.mid))]);
        self.echo(&sent);
        self.sent.push(sent);
        if trouble == Some(Trouble::SentWithoutAnswer) {
            return Ok(Outcome::NoAnswer);
        }
        Ok(Outcome::Answer(Value::Object(answer)))
    }

    fn check_window(&self, psid: &str, body: &Map<String, Value>) -> Result<(), GraphError> {
        let Some(last) = self.state().last_action(psid) else {
            return Err(GraphError::of(Trouble::NoSuchUser).unwrap());
        };
        let since = SystemTime::now().duration_since(last).unwrap_or_default();
        let limit = match text(body, "messaging_type") {
            "RESPONSE" | "UPDATE" => WINDOW,
            "MESSAGE_TAG" => match text(body, "tag") {
                "HUMAN_AGENT" if self.human_agent => HUMAN_AGENT_WINDOW,
                "HUMAN_AGENT" => return Err(GraphError::new(10, None, "The tag HUMAN_AGENT needs approval")),
                // Retired 2026-04-27, or never there.
                _ => return Err(GraphError::invalid("Invalid parameter")),
            },
            // UTILITY wants an approved template, which there is none of.
            _ => {
                return Err(GraphError::invalid(
                    "Param messaging_type must be one of {RESPONSE, UPDATE, MESSAGE_TAG}",
                ));
            }
        };
        (since < limit).then_some(()).ok_or_else(GraphError::outside_window)
    }
}

fn body_of(request: &Whole) -> Map<String, Value> {
    if request.content_type() == "application/json" {
        return serde_json::from_slice(&request.body).unwrap_or_default();
    }
    // Objects come as JSON within form fields.
    let fields = form_urlencoded::parse(&request.body).into_owned();
    let typed = |value: String| serde_json::from_str(&value).unwrap_or(Value::String(value));
    fields.map(|(name, value)| (name, typed(value))).collect()
}

fn is_version(segment: &str) -> bool {
    let version = segment.strip_prefix('v').and_then(|version| version.split_once('.'));
    version.is_some_and(|(major, minor)| major.parse::<u8>().is_ok() && minor.parse::<u8>().is_ok())
}

fn text<'a>(body: &'a Map<String, Value>, name: &str) -> &'a str {
    body.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn check_action(action: &Value, body: &Map<String, Value>) -> Result<(), GraphError> {
    if body.contains_key("message") {
        return Err(GraphError::invalid("Param sender_action cannot be used with message"));
    }
    let known = ["typing_on", "typing_off", "mark_seen"];
    let is_known = action.as_str().is_some_and(|action| known.contains(&action));
    is_known
        .then_some(())
        .ok_or_else(|| GraphError::invalid("Param sender_action must be one of {typing_on, …}"))
}

fn checked_message(body: &Map<String, Value>) -> Result<&Map<String, Value>, GraphError> {
    let Some(message) = body.get("message").and_then(Value::as_object) else {
        return Err(GraphError::invalid("Param message must be an object"));
    };
    if let Some(unknown) = message.keys().find(|name| !MESSAGE_FIELDS.contains(&name.as_str())) {
        return Err(GraphError::invalid(&format!("Unknown field message[{unknown}]")));
    }
    if !matches!(
        text(body, "messaging_type"),
        "RESPONSE" | "UPDATE" | "MESSAGE_TAG" | "UTILITY"
    ) {
        return Err(GraphError::invalid(
            "Param messaging_type must be one of {RESPONSE, UPDATE, MESSAGE_TAG, UTILITY}",
        ));
    }
    if text(message, "metadata").len() >= METADATA_LIMIT {
        return Err(GraphError::invalid(
            "Param message[metadata] must be less than 1000 characters",
        ));
    }
    match (message.get("text"), message.get("attachment")) {
        (Some(Value::String(text)), None) if text.is_empty() => Err(GraphError::invalid("Empty text")),
        (Some(Value::String(text)), None) if text.encode_utf16().count() >= TEXT_LIMIT => Err(GraphError::invalid(
            "Length of param message[text] must be less than 2000",
        )),
        (Some(Value::String(_)), None) => Ok(message),
        (None, Some(attachment))
            if ATTACHMENTS
                .iter()
                .any(|kind| attachment.get("type") == Some(&json!(kind))) =>
        {
            Ok(message)
        }
        _ => Err(GraphError::invalid("Param message must have either text or attachment")),
    }
}
