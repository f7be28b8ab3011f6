//! How a call can be refused, in the one shape that all faces share.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use support_core::{
    desk::{DeskError, Rule},
    model::{FieldError, Input, NotRateable},
    ports::StoreError,
};
use utoipa::ToSchema;

/// One bad field, by its name in the core (snake case); it is written as the face writes names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Detail {
    /// The field.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
}

impl Detail {
    /// One bad field.
    #[must_use]
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            message: message.into(),
        }
    }
}

/// A refusal: a status, a code for programs and a text for people.
#[derive(Debug, Clone)]
pub struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
    details: Vec<Detail>,
    retry_after: Option<Duration>,
    cause: Option<Arc<str>>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct ErrorBody {
    success: bool,
    error: ErrorContent,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct ErrorContent {
    #[schema(value_type = String)]
    code: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    details: Vec<Detail>,
}

/// How a face writes the names of fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Naming {
    Camel,
    Snake,
}

impl ApiError {
    /// A refusal with a code of the caller's choice.
    #[must_use]
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            details: Vec::new(),
            retry_after: None,
            cause: None,
        }
    }

    /// 400 with every bad field.
    #[must_use]
    pub fn validation(details: Vec<Detail>) -> Self {
        Self {
            details,
            ..Self::new(StatusCode::BAD_REQUEST, "VALIDATION_ERROR", "Validation failed")
        }
    }

    /// 400 for one bad field.
    #[must_use]
    pub fn field(field: &str, message: impl Into<String>) -> Self {
        Self::validation(vec![Detail::new(field, message)])
    }

    /// 400 for what is no JSON.
    #[must_use]
    pub fn malformed_json() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "MALFORMED_JSON", "The body is not valid JSON")
    }

    /// 401.
    #[must_use]
    pub fn unauthenticated() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "UNAUTHENTICATED",
            "Authentication is required",
        )
    }

    /// 403.
    #[must_use]
    pub fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "FORBIDDEN", "You may not do this")
    }

    /// 404.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "NOT_FOUND", "Not found")
    }

    /// 404 for calls that are meant for no tenant.
    #[must_use]
    pub fn tenant_not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "TENANT_NOT_FOUND",
            "This is not set up for any tenant",
        )
    }

    /// 409.
    #[must_use]
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "CONFLICT", message)
    }

    /// 413.
    #[must_use]
    pub fn payload_too_large() -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "PAYLOAD_TOO_LARGE",
            "The body is too large",
        )
    }

    /// 415.
    #[must_use]
    pub fn unsupported_media_type() -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "UNSUPPORTED_MEDIA_TYPE",
            "The body must be JSON, with Content-Type: application/json",
        )
    }

    fn payload_too_large_for(rule: &Rule) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE", rule.to_string())
    }

    fn unsupported_file(rule: &Rule) -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "UNSUPPORTED_MEDIA_TYPE",
            rule.to_string(),
        )
    }

    /// 429.
    #[must_use]
    pub fn rate_limited(retry_after: Duration) -> Self {
        Self {
            retry_after: Some(retry_after),
            ..Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "RATE_LIMITED",
                "Too many requests; try again later",
            )
        }
    }

    /// 500; `cause` is logged with the request's id and shown to nobody.
    #[must_use]
    pub fn internal(cause: impl Into<String>) -> Self {
        Self {
            cause: Some(cause.into().into()),
            ..Self::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "INTERNAL",
                "Something went wrong on our side",
            )
        }
    }

    /// 503.
    #[must_use]
    pub fn unavailable(retry_after: Duration) -> Self {
        Self {
            retry_after: Some(retry_after),
            ..Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "UNAVAILABLE",
                "Not available now; try again soon",
            )
        }
    }

    /// The status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// The code for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.code
    }

    /// The text for people.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The bad fields, as the core names them.
    #[must_use]
    pub fn details(&self) -> &[Detail] {
        &self.details
    }

    /// What is for the log only.
    pub(crate) fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// The body that all faces share but those that say otherwise.
    fn body(&self, naming: Naming) -> ErrorBody {
        let mut details: Vec<Detail> = Vec::with_capacity(self.details.len());
        for Detail { field, message } in &self.details {
            let field = match naming {
                Naming::Camel => camel_case(field),
                Naming::Snake => field.clone(),
            };
            // What is of a wrong type is missing besides: the first word on a field is enough.
            if details.iter().all(|detail| detail.field != field) {
                details.push(Detail::new(field, message));
            }
        }
        ErrorBody {
            success: false,
            error: ErrorContent {
                code: self.code,
                message: self.message.clone(),
                details,
            },
        }
    }

    /// As the answer to an event of Socket.IO.
    #[cfg(feature = "socketio")]
    pub(crate) fn acknowledgement(&self) -> serde_json::Value {
        serde_json::to_value(self.body(Naming::Camel)).unwrap_or_default()
    }

    fn response(self, naming: Naming) -> Response {
        let body = self.body(naming);
        let mut response = (self.status, Json(body)).into_response();
        if let Some(retry_after) = self.retry_after {
            let seconds = retry_after.as_millis().div_ceil(1_000).max(1);
            if let Ok(seconds) = HeaderValue::from_str(&seconds.to_string()) {
                response.headers_mut().insert(header::RETRY_AFTER, seconds);
            }
        }
        if self.status == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Bearer");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        self.response(Naming::Camel)
    }
}

/// Rewrites a refusal for faces that write names in snake case: to be put around their routes by
/// [`axum::middleware::map_response`].
pub(crate) async fn in_snake_case(mut response: Response) -> Response {
    match response.extensions_mut().remove::<ApiError>() {
        Some(refusal) => refusal.response(Naming::Snake),
        None => response,
    }
}

pub(crate) fn camel_case(name: &str) -> String {
    let mut written = String::with_capacity(name.len());
    let mut is_word_start = false;
    for character in name.chars() {
        if character == '_' {
            is_word_start = !written.is_empty();
        } else if std::mem::take(&mut is_word_start) {
            written.extend(character.to_uppercase());
        } else {
            written.push(character);
        }
    }
    written
}

impl From<FieldError> for Detail {
    fn from(error: FieldError) -> Self {
        Self::new(error.field, error.message)
    }
}

impl From<DeskError> for ApiError {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::Invalid(fields) => Self::validation(fields.into_iter().map(Detail::from).collect()),
            DeskError::NotFound => Self::not_found(),
            DeskError::Forbidden => Self::forbidden(),
            DeskError::Unauthenticated => Self::unauthenticated(),
            DeskError::Refused(rule) => rule.into(),
            DeskError::Conflict(message) => Self::conflict(message),
            DeskError::RateLimited { retry_after } => Self::rate_limited(retry_after),
            DeskError::Unavailable { retry_after } => Self::unavailable(retry_after),
            DeskError::Internal(cause) => Self::internal(cause),
        }
    }
}

impl From<Rule> for ApiError {
    fn from(rule: Rule) -> Self {
        let code = match rule {
            Rule::InvalidTransition(_) | Rule::InvalidCallbackTransition(_) | Rule::CallbackFinished(_) => {
                "INVALID_TRANSITION"
            }
            Rule::FileTooLarge { .. } => return Self::payload_too_large_for(&rule),
            Rule::FileKind | Rule::HarmfulFile => return Self::unsupported_file(&rule),
            Rule::NoFiles | Rule::NothingToRetry | Rule::NotRateable(NotRateable::Unfinished(_)) => "CONFLICT",
            Rule::NotRateable(NotRateable::AlreadyRated) => "ALREADY_RATED",
            Rule::TicketClosed => "TICKET_CLOSED",
            Rule::AlreadyAssigned => "ALREADY_ASSIGNED",
        };
        Self::new(StatusCode::CONFLICT, code, rule.to_string())
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        DeskError::from(error).into()
    }
}

/// What a face itself found wrong, as a refusal.
///
/// # Errors
/// [`ApiError`] with every refused field.
pub(crate) fn finish(input: Input) -> Result<(), ApiError> {
    input.finish().map_err(|fields| DeskError::from(fields).into())
}

/// Two values that both have to be there.
///
/// # Errors
/// [`ApiError`] with those that are missing, and with what was found before.
pub(crate) fn both<A, B>(
    mut found: Input,
    (first, a): (&str, Option<A>),
    (second, b): (&str, Option<B>),
) -> Result<(A, B), ApiError> {
    let required = "This field is required";
    if a.is_none() {
        found.refuse(first, required);
    }
    if b.is_none() {
        found.refuse(second, required);
    }
    finish(found)?;
    a.zip(b).ok_or_else(|| ApiError::field(first, required))
}

/// A value that has to be named, of an enumeration.
///
/// # Errors
/// [`ApiError`] for what is missing or names nothing.
pub(crate) fn required_name<T>(field: &str, name: Option<&str>) -> Result<T, ApiError>
where
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    let name = name.ok_or_else(|| ApiError::field(field, "This field is required"))?;
    name.parse()
        .map_err(|unknown: T::Err| ApiError::field(field, unknown.to_string()))
}

#[cfg(test)]
mod tests {
    use super::camel_case;

    #[test]
    fn names_of_the_core_are_written_as_the_face_writes_them() {
        for (core, face) in [
            ("email", "email"),
            ("client_message_id", "clientMessageId"),
            ("admin.password", "admin.password"),
            ("history[0].content", "history[0].content"),
            ("visitorName", "visitorName"),
        ] {
            assert_eq!(camel_case(core), face);
        }
    }
}
