//! What was said, to be kept as a file.

use axum::{
    Router,
    extract::State,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use serde::{Deserialize, Serialize};
use support_core::{
    desk::{Scope, TicketRef},
    model::{Input, Message, Timestamp, Transcript, TranscriptFormat},
};
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

use super::chat::visitors_chat;
use crate::{
    error::{ApiError, ErrorBody, finish},
    extract::{Path, Query},
    scope::{AgentScope, CustomerScope, PublicTenant},
    state::SupportState,
    wire::named::given,
};

/// What is documented of these calls.
#[derive(OpenApi)]
#[openapi(paths(of_visitor, of_agent, of_customer), components(schemas(TranscriptFile<'_>)))]
pub(crate) struct Document;

/// What visitors and customers call.
pub(crate) fn public_routes() -> Router<SupportState> {
    Router::new()
        .route("/api/v1/chat/transcript", get(of_visitor))
        .route("/api/customers/me/tickets/{ticketId}/transcript", get(of_customer))
}

/// What agents call.
pub(crate) fn routes() -> Router<SupportState> {
    Router::new().route("/api/tickets/{ticketId}/transcript", get(of_agent))
}

#[derive(Debug, Deserialize)]
struct Wanted {
    format: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WantedChat {
    session_id: Option<String>,
    format: Option<String>,
}

/// A transcript for programs.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TranscriptFile<'a> {
    company: &'a str,
    chat_id: Uuid,
    /// `TKT-1`.
    ticket_id: String,
    subject: &'a str,
    status: &'static str,
    #[schema(value_type = String)]
    created_at: Timestamp,
    messages: Vec<TranscriptMessage<'a>>,
    /// How many messages came before these.
    earlier_messages: u64,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TranscriptMessage<'a> {
    seq: u64,
    /// `customer`, `agent`, `bot` or `system`.
    sender: &'static str,
    sender_name: &'a str,
    content: &'a str,
    /// The names of the files that it carries.
    files: Vec<&'a str>,
    #[schema(value_type = String)]
    created_at: Timestamp,
}

impl<'a> From<&'a Message> for TranscriptMessage<'a> {
    fn from(message: &'a Message) -> Self {
        Self {
            seq: message.seq,
            sender: message.sender.kind().as_str(),
            sender_name: &message.sender_name,
            content: &message.content,
            files: message.attachments.iter().map(|file| file.name.as_str()).collect(),
            created_at: message.created_at,
        }
    }
}

impl<'a> From<&'a Transcript> for TranscriptFile<'a> {
    fn from(transcript: &'a Transcript) -> Self {
        let ticket = &transcript.ticket;
        Self {
            company: &transcript.company,
            chat_id: ticket.id.uuid(),
            ticket_id: ticket.human_number(),
            subject: &ticket.subject,
            status: ticket.state.status().as_str(),
            created_at: ticket.created_at,
            messages: transcript.messages.iter().map(Into::into).collect(),
            earlier_messages: transcript.earlier_messages,
        }
    }
}

/// What was said in the visitor's chat, as a file.
#[utoipa::path(
    get, path = "/api/v1/chat/transcript", tag = "chat",
    params(("sessionId" = String, Query), ("format" = Option<String>, Query, description = "`text`, `html` or `json`; `text` when not given")),
    responses((status = 200, description = "A file", content_type = "text/plain"), (status = 400, body = ErrorBody),
        (status = 404, body = ErrorBody)),
)]
async fn of_visitor(
    State(state): State<SupportState>,
    PublicTenant(tenant): PublicTenant,
    Query(wanted): Query<WantedChat>,
) -> Result<Response, ApiError> {
    let format = format_named(wanted.format.as_deref())?;
    let (scope, ticket, _) = visitors_chat(&state, tenant.id, wanted.session_id).await?;
    file(&state, &scope, ticket.id.into(), format).await
}

/// What was said for the customer to see, as a file.
#[utoipa::path(
    get, path = "/api/tickets/{ticketId}/transcript", tag = "tickets", security(("bearer" = [])),
    params(("ticketId" = String, Path), ("format" = Option<String>, Query, description = "`text`, `html` or `json`; `text` when not given")),
    responses((status = 200, description = "A file", content_type = "text/plain"), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)),
)]
async fn of_agent(
    State(state): State<SupportState>,
    AgentScope(scope): AgentScope,
    Path(ticket): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, ApiError> {
    let format = format_named(wanted.format.as_deref())?;
    file(&state, &scope, ticket.parse()?, format).await
}

/// What was said in the customer's ticket, as a file.
#[utoipa::path(
    get, path = "/api/customers/me/tickets/{ticketId}/transcript", tag = "portal", security(("bearer" = [])),
    params(("ticketId" = String, Path), ("format" = Option<String>, Query, description = "`text`, `html` or `json`; `text` when not given")),
    responses((status = 200, description = "A file", content_type = "text/plain"), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)),
)]
async fn of_customer(
    State(state): State<SupportState>,
    CustomerScope { scope, .. }: CustomerScope,
    Path(ticket): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, ApiError> {
    let format = format_named(wanted.format.as_deref())?;
    file(&state, &scope, ticket.parse()?, format).await
}

fn format_named(name: Option<&str>) -> Result<TranscriptFormat, ApiError> {
    let mut input = Input::new();
    let format = given(name).map_or(Some(TranscriptFormat::Text), |name| input.one_of("format", name));
    finish(input)?;
    format.ok_or_else(|| ApiError::field("format", "This field is required"))
}

async fn file(
    state: &SupportState,
    scope: &Scope,
    ticket: TicketRef,
    format: TranscriptFormat,
) -> Result<Response, ApiError> {
    let transcript = state.desk().transcript(scope, ticket).await?;
    let (content_type, ending, body) = match format {
        TranscriptFormat::Text => ("text/plain; charset=utf-8", "txt", transcript.to_text()),
        TranscriptFormat::Html => ("text/html; charset=utf-8", "html", transcript.to_html()),
        TranscriptFormat::Json => {
            let body = serde_json::to_string(&TranscriptFile::from(&transcript));
            let body = body.map_err(|error| ApiError::internal(error.to_string()))?;
            ("application/json", "json", body)
        }
    };
    let number = transcript.ticket.human_number();
    let disposition = format!("attachment; filename=\"transcript-{number}.{ending}\"");
    let fixed: [(HeaderName, &'static str); 4] = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
    ];
    let mut response = (StatusCode::OK, fixed, body).into_response();
    let disposition = HeaderValue::try_from(disposition).map_err(|error| ApiError::internal(error.to_string()))?;
    response.headers_mut().insert(header::CONTENT_DISPOSITION, disposition);
    Ok(response)
}
