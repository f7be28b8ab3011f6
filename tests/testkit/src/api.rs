//! A client for the HTTP faces.

#![expect(
    clippy::panic,
    reason = "a server that does not answer is a failed test, not an error to handle"
)]

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(60);

/// Calls a server's HTTP interface, with the headers it was given.
#[derive(Debug, Clone)]
pub struct Api {
    client: Client,
    base: String,
    headers: HeaderMap,
}

/// What a call was answered.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as JSON; null when it is none.
    pub json: Value,
    /// The body as it came.
    pub text: String,
}

impl Api {
    /// A client of the server at this address (`http://127.0.0.1:8080`), not logged in.
    ///
    /// # Panics
    /// When the client cannot be built.
    pub fn new(base: &str) -> Self {
        let client = Client::builder().no_proxy().timeout(LIMIT).build();
        Self {
            client: client.unwrap_or_else(|error| panic!("an HTTP client: {error}")),
            base: base.trim_end_matches('/').to_owned(),
            headers: HeaderMap::new(),
        }
    }

    /// The same client with one header more on every call.
    ///
    /// # Panics
    /// When that is no header.
    #[must_use]
    pub fn with_header(&self, name: &str, value: &str) -> Self {
        let (Ok(header), Ok(content)) = (name.parse::<HeaderName>(), value.parse::<HeaderValue>()) else {
            panic!("no header: {name}: {value}");
        };
        let mut more = self.clone();
        more.headers.insert(header, content);
        more
    }

    /// The same client with a token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        self.with_header(AUTHORIZATION.as_str(), &format!("Bearer {token}"))
    }

    /// The same client, logged in.
    ///
    /// # Panics
    /// When the login is refused.
    pub async fn login(&self, email: &str, password: &str) -> Self {
        self.with_token(&self.token(email, password).await)
    }

    /// A token for an account.
    ///
    /// # Panics
    /// When the login is refused.
    pub async fn token(&self, email: &str, password: &str) -> String {
        let login = json!({ "email": email, "password": password });
        let answer = self.post("/api/auth/login", &login).await.expect(200);
        let token = answer.pointer("/token").and_then(Value::as_str);
        token
            .unwrap_or_else(|| panic!("a login without a token: {answer}"))
            .to_owned()
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    /// POST with a JSON body.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        send(self.request(Method::POST, path).json(body)).await
    }

    /// PATCH with a JSON body.
    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        send(self.request(Method::PATCH, path).json(body)).await
    }

    /// PUT with a JSON body.
    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        send(self.request(Method::PUT, path).json(body)).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Answer {
        send(self.request(Method::DELETE, path)).await
    }

    /// A call to be shaped further: for streams, odd bodies, and servers that may be gone.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.base);
        self.client.request(method, url).headers(self.headers.clone())
    }
}

impl Answer {
    /// The body of an answer that must have this status.
    ///
    /// # Panics
    /// When it has another one; the message shows the body.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.json
    }

    /// A header's text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

async fn send(request: RequestBuilder) -> Answer {
    let answer = request.send().await.unwrap_or_else(|error| panic!("{error:?}"));
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let text = answer.text().await.unwrap_or_else(|error| panic!("{error:?}"));
    let json = serde_json::from_str(&text).unwrap_or_default();
    Answer {
        status,
        headers,
        json,
        text,
    }
}
