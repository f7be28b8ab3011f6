//! The documented calls, and how to make one with this or that id in it.

use reqwest::Method;
use serde_json::{Map, Value, json};
use support_faces::{Heard, Socket, form, pdf, sending};
use support_testkit::{Answer, Api};

use super::{Named, called, things::Things};

/// Where something is given in a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Path,
    Query,
    Header,
    Body,
}

/// Something that a call is given.
#[derive(Debug, Clone)]
pub(super) struct Given {
    pub(super) name: String,
    pub(super) place: Place,
    is_uuid: bool,
    is_list: bool,
    is_required: bool,
}

/// A documented call.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) given: Vec<Given>,
    is_form: bool,
}

impl Given {
    pub(super) fn looks_like_an_id(&self) -> bool {
        let name = self.name.as_str();
        self.place == Place::Path
            || self.is_uuid
            || name == "id"
            || ["Id", "Ids", "_id", "_ids"].iter().any(|end| name.ends_with(end))
    }
}

/// All calls of a specification.
pub(super) fn calls(specification: &Value) -> Vec<Call> {
    let mut calls = Vec::new();
    for (path, methods) in specification["paths"].as_object().unwrap() {
        for (method, described) in methods.as_object().unwrap() {
            calls.push(Call::of(specification, path, method, described));
        }
    }
    assert!(calls.len() > 100, "only {} calls are documented", calls.len());
    calls
}

fn resolved<'s>(specification: &'s Value, schema: &'s Value) -> &'s Value {
    let name = schema["$ref"]
        .as_str()
        .and_then(|reference| reference.rsplit('/').next());
    name.map_or(schema, |name| &specification["components"]["schemas"][name])
}

impl Call {
    fn of(specification: &Value, path: &str, method: &str, described: &Value) -> Self {
        let mut given = Vec::new();
        for parameter in described["parameters"].as_array().into_iter().flatten() {
            given.push(Given {
                name: parameter["name"].as_str().unwrap().to_owned(),
                place: match parameter["in"].as_str().unwrap() {
                    "path" => Place::Path,
                    "query" => Place::Query,
                    _ => Place::Header,
                },
                is_uuid: parameter["schema"].to_string().contains("uuid"),
                is_list: false,
                is_required: parameter["required"] == true,
            });
        }
        let content = described["requestBody"]["content"].as_object();
        let mut is_form = false;
        for (kind, body) in content.into_iter().flatten() {
            is_form |= kind.starts_with("multipart/");
            let schema = resolved(specification, &body["schema"]);
            let required = schema["required"].as_array().cloned().unwrap_or_default();
            for (name, property) in schema["properties"].as_object().into_iter().flatten() {
                given.push(Given {
                    name: name.clone(),
                    place: Place::Body,
                    is_uuid: property.to_string().contains("\"uuid\""),
                    is_list: property["type"].to_string().contains("array"),
                    is_required: required.iter().any(|field| field == name.as_str()),
                });
            }
        }
        Self {
            method: method.to_uppercase(),
            path: path.to_owned(),
            given,
            is_form,
        }
    }

    pub(super) fn is_socket(&self) -> bool {
        self.path.starts_with("/human-support/ws/")
    }

    /// Makes the call with the id of `aim` where `at` is, and everything else of their own.
    pub(super) async fn made(&self, api: &Api, at: &Given, aim: &Things, own: &Things) -> Answer {
        let path = self.path_with(at, aim, own);
        if self.is_socket() {
            return by_socket(own, &path).await;
        }
        let request = self.request(api, &path, at, aim, own);
        let answer = request.send().await.unwrap_or_else(|error| panic!("{path}: {error:?}"));
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let text = answer.text().await.unwrap_or_else(|error| panic!("{path}: {error:?}"));
        let json = serde_json::from_str(&text).unwrap_or_default();
        Answer {
            status,
            headers,
            json,
            text,
        }
    }

    /// What the call is answered to those whose ids these are, without waiting for a stream's end.
    pub(super) async fn status(&self, api: &Api, at: &Given, own: &Things) -> u16 {
        let path = self.path_with(at, own, own);
        let request = self.request(api, &path, at, own, own);
        request
            .send()
            .await
            .unwrap_or_else(|error| panic!("{path}: {error:?}"))
            .status()
            .as_u16()
    }

    fn request(&self, api: &Api, path: &str, at: &Given, aim: &Things, own: &Things) -> reqwest::RequestBuilder {
        if self.is_form {
            let texts: Vec<(String, String)> = self
                .filled(at, aim, own)
                .into_iter()
                .filter_map(|(name, value)| Some((name, value.as_str()?.to_owned())))
                .filter(|(name, _)| name != "file")
                .collect();
            let texts: Vec<_> = texts
                .iter()
                .map(|(name, text)| (name.as_str(), text.as_str()))
                .collect();
            return sending(api, path, form(&texts, "a.pdf", &pdf(100)));
        }
        let request = api.request(Method::from_bytes(self.method.as_bytes()).unwrap(), path);
        if self.method == "GET" || self.method == "DELETE" {
            return request;
        }
        request.json(&Value::Object(self.filled(at, aim, own)))
    }

    fn path_with(&self, at: &Given, aim: &Things, own: &Things) -> String {
        let mut path = self.path.clone();
        let mut query = Vec::new();
        for given in &self.given {
            let whose = if given.name == at.name && given.place == at.place {
                aim
            } else {
                own
            };
            let value = match called(&self.path, given) {
                Some(named) => whose.id(named),
                None => sample(&self.path, given).map(|value| value.as_str().unwrap_or_default().to_owned()),
            };
            match given.place {
                Place::Path => {
                    let value = value.unwrap_or_else(|| panic!("nothing for {{{}}} in {}", given.name, self.path));
                    path = path.replace(&format!("{{{}}}", given.name), &value);
                }
                Place::Query if given.is_required || given.name == at.name => {
                    let value = value.unwrap_or_else(|| panic!("nothing for `{}` in {}", given.name, self.path));
                    query.push(format!("{}={value}", given.name));
                }
                // Without any, nothing at all is asked for.
                Place::Query if given.name == "id" && self.method == "DELETE" => {
                    query.push(format!("id={}", value.unwrap_or_default()));
                }
                Place::Query | Place::Header | Place::Body => {}
            }
        }
        if query.is_empty() {
            path
        } else {
            format!("{path}?{}", query.join("&"))
        }
    }

    fn filled(&self, at: &Given, aim: &Things, own: &Things) -> Map<String, Value> {
        let mut body = Map::new();
        for given in self.given.iter().filter(|given| given.place == Place::Body) {
            let is_aim = given.name == at.name && at.place == Place::Body;
            let named = called(&self.path, given);
            // Two ways to name a conversation: only one is taken.
            let is_other_way = at.place == Place::Body && !given.is_required && !is_aim;
            let value = match named {
                Some(named) if is_aim => aim.id(named).map(Value::from),
                Some(named) if given.is_required || !is_other_way && is_key(given) => own.id(named).map(Value::from),
                Some(_) => None,
                None => sample(&self.path, given),
            };
            let value = match value {
                Some(value) if given.is_list && !value.is_array() => json!([value]),
                Some(value) => value,
                None if given.is_required => panic!(
                    "{} {} needs `{}`: tell `sample` what to give",
                    self.method, self.path, given.name
                ),
                None => continue,
            };
            body.insert(given.name.clone(), value);
        }
        // What is sent about a conversation has to name one, though either name will do.
        if self.path == "/api/v1/admin/chat" && at.name == "fileUrl" {
            body.insert("chatId".to_owned(), Value::from(own.id(Named::Ticket)));
        }
        if self.path == "/api/v1/chat" && at.name == "fileUrl" {
            body.insert("sessionId".to_owned(), Value::from(own.id(Named::Session)));
        }
        body
    }
}

/// Whether what a call changes is named by it, though it is documented as if it could be left out.
fn is_key(given: &Given) -> bool {
    given.name == "id"
}

/// What to give where it is nobody's id: as little as the call is content with.
fn sample(path: &str, given: &Given) -> Option<Value> {
    if given.place != Place::Body {
        return match given.name.as_str() {
            "query" => Some(json!("words")),
            "name" => Some(json!("agent_reply")),
            "EIO" => Some(json!("4")),
            "transport" => Some(json!("polling")),
            _ => None,
        };
    }
    let value = match given.name.as_str() {
        "status" if path.contains("/callbacks/") => json!("contacted"),
        "status" if path.starts_with("/api/agents") => json!("away"),
        "status" if path == "/api/v1/admin/chat" => json!("RESOLVED"),
        "status" => json!("resolved"),
        "message" | "content" | "body" | "description" | "initialMessage" | "initial_message" => json!("Words"),
        "title" | "subject" | "reason" | "notes" | "note" => json!("Words"),
        "name" if !path.contains("webhooks") => json!("Stolen"),
        "shortcut" => json!("stolen"),
        "slug" => json!("stolen"),
        // One of the ways to say who is kept out.
        "email" if path == "/api/v1/admin/blocks" => return None,
        "page" => json!({ "url": "https://shop.example/" }),
        "email" if path == "/api/agents" => json!(format!("{}@example.com", uuid::Uuid::new_v4())),
        "email" | "admin_email" => json!("thief@example.com"),
        "sender" if path.ends_with("/read") => json!("customer"),
        "sender" => json!("agent"),
        "priority" => json!("low"),
        "rating" => json!(5),
        "helpful" => json!(true),
        "outcome" => json!("reached"),
        "upTo" => json!(1),
        "isTyping" | "isViewing" => json!(true),
        "isOnline" => json!(true),
        "role" => json!("agent"),
        "customerInfo" => json!({ "name": "Stolen" }),
        "add" => json!(["stolen"]),
        "session_id" => json!("a-session"),
        "file" => json!("file"),
        "externalId" if given.is_required => json!("external"),
        "contactNumber" if given.is_required => json!("+49 30 1234567"),
        "url" if given.is_required => json!("http://127.0.0.1:9/hook"),
        "password" if path == "/api/agents" => json!("a long enough password"),
        "password" | "currentPassword" | "newPassword" if given.is_required => json!("a long enough password"),
        "token" if given.is_required => json!("token"),
        "scopes" => json!(["tickets"]),
        "channel" if given.is_required => json!("email"),
        "admin" if given.is_required => {
            json!({ "name": "T", "email": "t@t.example", "password": "a long enough password" })
        }
        _ => return None,
    };
    Some(value)
}

async fn by_socket(own: &Things, path: &str) -> Answer {
    let url = own.socket_url(path);
    let status = match Socket::try_open(&url, None).await {
        Err(status) => status,
        Ok(mut socket) => match socket.hear().await {
            Heard::Closed(Some(4401)) => 401,
            Heard::Closed(Some(4404)) => 404,
            other => panic!("{path}: {other:?}"),
        },
    };
    Answer {
        status,
        headers: reqwest::header::HeaderMap::new(),
        json: Value::Null,
        text: String::new(),
    }
}
