//! Errors of the Graph API.

use http::{HeaderValue, Response, StatusCode};
use serde_json::{Value, json};

use crate::http_server::{Payload, json as json_answer};

/// What happens to a message instead of being sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// 551: blocked the page, or deactivated.
    Unavailable,
    /// 100/2018001: no such person.
    NoSuchUser,
    /// 613: too many calls, with the usage header.
    TooManyCalls,
    /// 4: too many calls of the whole app.
    AppLimited,
    /// 1200: to be tried again.
    Temporary,
    /// 2: Meta's own trouble, HTTP 500, to be tried again.
    ServiceDown,
    /// 368: judged abusive.
    Abusive,
    /// 10/1893063: the page is restricted.
    Restricted,
    /// This status without JSON, as a proxy before the API answers.
    Status(u16),
    /// The message is sent, and the connection closed instead of an answer.
    SentWithoutAnswer,
    /// The connection is closed, and nothing is sent.
    NoAnswer,
    /// Nothing is sent, and the connection stays open without an answer.
    Hang,
}

/// An `error` object and its HTTP status.
#[derive(Clone, Debug)]
pub(super) struct GraphError {
    pub(super) status: u16,
    pub(super) code: u32,
    pub(super) subcode: Option<u32>,
    message: String,
}

impl GraphError {
    pub(super) fn new(code: u32, subcode: Option<u32>, message: &str) -> Self {
        Self {
            status: 400,
            code,
            subcode,
            message: format!("(#{code}) {message}"),
        }
    }

    pub(super) fn invalid(message: &str) -> Self {
        Self::new(100, None, message)
    }

    pub(super) fn invalid_token() -> Self {
        Self::new(190, None, "Invalid OAuth access token.")
    }

    pub(super) fn outside_window() -> Self {
        let message = "This message is sent outside of allowed window.";
        Self::new(10, Some(2_018_278), message)
    }

    /// The error this trouble is told by, if it is told at all.
    pub(super) fn of(trouble: Trouble) -> Option<Self> {
        let message = "This person isn't available right now.";
        Some(match trouble {
            Trouble::Unavailable => Self::new(551, Some(1_545_041), message),
            Trouble::NoSuchUser => Self::new(100, Some(2_018_001), "No matching user found"),
            Trouble::TooManyCalls => Self::new(613, None, "Calls to this API have exceeded the rate limit."),
            Trouble::AppLimited => Self::new(4, None, "Application request limit reached"),
            Trouble::Temporary => Self::new(1200, None, "Temporary send message failure. Please try again later."),
            Trouble::ServiceDown => Self {
                status: 500,
                ..Self::new(2, None, "Service temporarily unavailable")
            },
            Trouble::Abusive => Self::new(368, None, "The action attempted has been deemed abusive"),
            Trouble::Restricted => Self::new(10, Some(1_893_063), "The page is restricted from sending messages"),
            Trouble::Status(_) | Trouble::SentWithoutAnswer | Trouble::NoAnswer | Trouble::Hang => return None,
        })
    }

    pub(super) fn response(&self) -> Response<Payload> {
        let mut error = json!({
            "message": self.message, "type": "OAuthException", "code": self.code, "fbtrace_id": "AbCdEfGhIjK",
        });
        if let Some(subcode) = self.subcode {
            error
                .as_object_mut()
                .unwrap()
                .insert("error_subcode".to_owned(), json!(subcode));
        }
        let status = StatusCode::from_u16(self.status).unwrap();
        let mut response = json_answer(status, &json!({ "error": error }));
        if self.code == 613 {
            response.headers_mut().insert("x-business-use-case-usage", usage());
        }
        response
    }
}

fn usage() -> HeaderValue {
    let usage: Value = json!({ "page": [{
        "type": "messenger", "call_count": 100, "total_cputime": 20, "total_time": 20,
        "estimated_time_to_regain_access": 1,
    }]});
    HeaderValue::try_from(usage.to_string()).unwrap()
}
