//! Files: sending them in, through whichever face, and getting them.

use std::ops::Range;

use axum::{
    Router,
    body::Body,
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use support_core::{
    desk::{DeskError, NewFile, Rule, Scope, TicketRef},
    model::{File, FileId, FileKind},
    ports::FileReader,
};
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

use super::{
    chat::{answer, visitors_chat},
    chat_desk::meant,
};
use crate::{
    auth::bearer,
    client_address::ClientAddress,
    error::{ApiError, ErrorBody},
    extract::{Path, Query},
    form::{FileForm, FilledForm},
    scope::{AgentScope, CustomerScope, PublicTenant, caller},
    state::SupportState,
    wire::{Envelope, enveloped, files::AttachmentRow},
};

/// What is documented of these calls.
#[derive(OpenApi)]
#[openapi(paths(
    send_in_chat,
    send_in_desk_chat,
    send_in_ticket,
    send_in_own_ticket,
    send_in_own,
    download,
    thumbnail
))]
pub(crate) struct Document;

pub(crate) fn routes() -> Router<SupportState> {
    Router::new()
        .route("/api/v1/chat/upload", post(send_in_chat))
        .route("/api/v1/admin/chat/upload", post(send_in_desk_chat))
        .route("/api/tickets/{ticketId}/attachments", post(send_in_ticket))
        .route(
            "/api/customers/me/tickets/{ticketId}/attachments",
            post(send_in_own_ticket),
        )
        .route("/api/customers/me/attachments", post(send_in_own))
        .route("/api/files/{fileId}", get(download))
        .route("/api/files/{fileId}/thumbnail", get(thumbnail))
}

/// A form with a file.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it documents what the form's reader takes")]
pub(crate) struct Upload {
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// A form with a file and the chat that it is for.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it documents what the form's reader takes")]
pub(crate) struct ChatUpload {
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    #[schema(rename = "sessionId")]
    session_id: String,
}

/// A file that came in, as the website chat tells of it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UploadedFile {
    /// To be sent as `fileUrl` with a message, within 24 hours.
    url: String,
    public_id: Uuid,
    file_name: String,
    file_size: u64,
    /// The media type.
    file_type: &'static str,
}

impl From<AttachmentRow> for UploadedFile {
    fn from(row: AttachmentRow) -> Self {
        Self {
            url: row.url,
            public_id: row.id,
            file_name: row.filename,
            file_size: row.size,
            file_type: row.content_type,
        }
    }
}

/// Where a file can be had, below the installation's address.
const PATH: &str = "/api/files/";

/// The file that an address leads to which an upload gave.
pub(crate) fn file_of_url(url: &str) -> Option<FileId> {
    let (_, rest) = url.rsplit_once(PATH)?;
    let id = rest.split(['?', '#']).next().unwrap_or_default();
    id.parse().ok()
}

/// Files that a message names by their ids; what can't be an id is not found.
///
/// # Errors
/// [`ApiError`] 404.
pub(crate) fn named_files(ids: Option<Vec<String>>) -> Result<Vec<FileId>, ApiError> {
    let ids = ids.unwrap_or_default();
    let ids = ids
        .iter()
        .map(|id| id.trim().parse().map_err(|_| ApiError::not_found()));
    ids.collect()
}

async fn taken_in(
    state: &SupportState,
    scope: &Scope,
    ticket: Option<TicketRef>,
    form: FilledForm,
) -> Result<AttachmentRow, ApiError> {
    let (name, content) = form.into_file()?;
    let new = NewFile { ticket, name, content };
    let file = state.desk().upload(scope, new).await?;
    Ok(AttachmentRow::new(&file.attachment(), &state.file_urls(scope.tenant())))
}

/// Sends in a file for one's chat, to be sent with a message then.
#[utoipa::path(post, path = "/api/v1/chat/upload", tag = "chat",
    request_body(content = ChatUpload, content_type = "multipart/form-data"),
    responses((status = 200, body = Envelope<UploadedFile>), (status = 400, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 413, body = ErrorBody), (status = 415, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
async fn send_in_chat(
    State(state): State<SupportState>,
    PublicTenant(tenant): PublicTenant,
    address: ClientAddress,
    Query(query): Query<SessionQuery>,
    form: FileForm,
) -> Result<Response, ApiError> {
    state.limits().creation(address)?;
    let limits = state.desk().widget_file_limits(tenant.id).await?;
    let most = limits.ok_or(DeskError::Refused(Rule::NoFiles))?.largest;
    let wanted: &[&str] = if query.session_id.is_some() {
        &[]
    } else {
        &["sessionId"]
    };
    let form = form.filled(wanted, most).await?;
    let session = form.text("sessionId").or(query.session_id);
    let (scope, ticket, _) = visitors_chat(&state, tenant.id, session).await?;
    let row = taken_in(&state, &scope, Some(ticket.id.into()), form).await?;
    Ok(answer(StatusCode::OK, &UploadedFile::from(row)))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SessionQuery {
    session_id: Option<String>,
}

/// Sends in a file for a chat, to be sent with an answer then.
#[utoipa::path(post, path = "/api/v1/admin/chat/upload", tag = "chat desk", security(("bearer" = [])),
    request_body(content = ChatUpload, content_type = "multipart/form-data",
        description = "With `chatId` or `sessionId`"),
    responses((status = 200, body = Envelope<UploadedFile>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 404, body = ErrorBody), (status = 413, body = ErrorBody),
        (status = 415, body = ErrorBody), (status = 429, body = ErrorBody)))]
async fn send_in_desk_chat(
    State(state): State<SupportState>,
    AgentScope(scope): AgentScope,
    form: FileForm,
) -> Result<Response, ApiError> {
    state.limits().creation(&scope)?;
    // Which chat it is for is told when it is sent; whoever says so now learns at once that there is none.
    let form = form.filled(&[], 0).await?;
    let (chat, session) = (form.text("chatId"), form.text("sessionId"));
    let ticket = match (&chat, &session) {
        (None, None) => None,
        _ => Some(meant(&state, &scope, chat, session).await?.id.into()),
    };
    let row = taken_in(&state, &scope, ticket, form).await?;
    Ok(answer(StatusCode::OK, &UploadedFile::from(row)))
}

/// Sends in a file for a ticket, to be sent with a message then.
#[utoipa::path(post, path = "/api/tickets/{ticketId}/attachments", tag = "tickets", security(("bearer" = [])),
    params(("ticketId" = String, Path)), request_body(content = Upload, content_type = "multipart/form-data"),
    responses((status = 201, body = Envelope<AttachmentRow>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 413, body = ErrorBody), (status = 415, body = ErrorBody), (status = 429, body = ErrorBody)))]
async fn send_in_ticket(
    State(state): State<SupportState>,
    AgentScope(scope): AgentScope,
    Path(ticket): Path<String>,
    form: FileForm,
) -> Result<Response, ApiError> {
    state.limits().creation(&scope)?;
    let ticket = state.desk().ticket(&scope, ticket.parse::<TicketRef>()?).await?;
    let form = form.filled(&[], 0).await?;
    let row = taken_in(&state, &scope, Some(ticket.id.into()), form).await?;
    Ok((StatusCode::CREATED, enveloped(row)).into_response())
}

/// Sends in a file for one's ticket, to be sent with a message then.
#[utoipa::path(post, path = "/api/customers/me/tickets/{ticketId}/attachments", tag = "portal",
    security(("bearer" = [])), params(("ticketId" = String, Path)),
    request_body(content = Upload, content_type = "multipart/form-data"),
    responses((status = 201, body = AttachmentRow), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 413, body = ErrorBody),
        (status = 415, body = ErrorBody), (status = 429, body = ErrorBody)))]
async fn send_in_own_ticket(
    State(state): State<SupportState>,
    CustomerScope { scope, .. }: CustomerScope,
    Path(ticket): Path<String>,
    form: FileForm,
) -> Result<Response, ApiError> {
    state.limits().creation(&scope)?;
    let ticket = state.desk().ticket(&scope, ticket.parse::<TicketRef>()?).await?;
    let form = form.filled(&[], 0).await?;
    let row = taken_in(&state, &scope, Some(ticket.id.into()), form).await?;
    Ok((StatusCode::CREATED, axum::Json(row)).into_response())
}

/// Sends in a file for a ticket that is to be opened, or for any of one's own.
#[utoipa::path(post, path = "/api/customers/me/attachments", tag = "portal", security(("bearer" = [])),
    request_body(content = Upload, content_type = "multipart/form-data"),
    responses((status = 201, body = AttachmentRow), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 413, body = ErrorBody), (status = 415, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
async fn send_in_own(
    State(state): State<SupportState>,
    CustomerScope { scope, .. }: CustomerScope,
    form: FileForm,
) -> Result<Response, ApiError> {
    state.limits().creation(&scope)?;
    let form = form.filled(&[], 0).await?;
    let row = taken_in(&state, &scope, None, form).await?;
    Ok((StatusCode::CREATED, axum::Json(row)).into_response())
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProofQuery {
    token: Option<String>,
    session_id: Option<String>,
}

/// A file, for whoever may see the message that carries it: by a signed address, a bearer's
/// token, or a session.
#[utoipa::path(get, path = "/api/files/{fileId}", tag = "files", security((), ("bearer" = [])),
    params(("fileId" = String, Path), ("token" = Option<String>, Query), ("sessionId" = Option<String>, Query),
        ("range" = Option<String>, Header)),
    responses((status = 200, description = "The file", content_type = "application/octet-stream"),
        (status = 206, description = "A part of it", content_type = "application/octet-stream"),
        (status = 304, description = "It is as it was"), (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 416, body = ErrorBody)))]
async fn download(
    State(state): State<SupportState>,
    Path(id): Path<String>,
    Query(proof): Query<ProofQuery>,
    request: Request,
) -> Result<Response, ApiError> {
    let id: FileId = id.parse().map_err(|_| ApiError::not_found())?;
    let (mut parts, _) = request.into_parts();
    let file = permitted(&state, id, proof, &mut parts).await?;
    let tag = format!("\"{}\"", file.id);
    served(&state, &file, &tag, &parts).await
}

/// The small picture of an image, a JPEG or PNG, for whoever may have the image.
#[utoipa::path(get, path = "/api/files/{fileId}/thumbnail", tag = "files", security((), ("bearer" = [])),
    params(("fileId" = String, Path), ("token" = Option<String>, Query), ("sessionId" = Option<String>, Query),
        ("range" = Option<String>, Header)),
    responses((status = 200, description = "The picture", content_type = "image/png"),
        (status = 206, description = "A part of it", content_type = "image/png"),
        (status = 304, description = "It is as it was"), (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 416, body = ErrorBody)))]
async fn thumbnail(
    State(state): State<SupportState>,
    Path(id): Path<String>,
    Query(proof): Query<ProofQuery>,
    request: Request,
) -> Result<Response, ApiError> {
    let id: FileId = id.parse().map_err(|_| ApiError::not_found())?;
    let (mut parts, _) = request.into_parts();
    let file = permitted(&state, id, proof, &mut parts).await?;
    let small = file.thumbnail().ok_or_else(ApiError::not_found)?;
    let tag = format!("\"{}-thumbnail\"", file.id);
    served(&state, &small, &tag, &parts).await
}

/// The file, or the part of it that was asked for.
async fn served(state: &SupportState, file: &File, tag: &str, parts: &Parts) -> Result<Response, ApiError> {
    if matches_tag(&parts.headers, tag) {
        return Ok((StatusCode::NOT_MODIFIED, headers_of(file, tag)).into_response());
    }
    let (status, range) = match asked_range(&parts.headers, file.size, tag) {
        Asked::Whole => (StatusCode::OK, 0..file.size),
        Asked::Part(range) => (StatusCode::PARTIAL_CONTENT, range),
        Asked::Nothing => return Ok(unsatisfiable(file.size)),
    };
    let content = state.desk().open_file(file, range.clone()).await?;
    let mut headers = headers_of(file, tag);
    headers.insert(header::CONTENT_LENGTH, range.end.saturating_sub(range.start).into());
    if status == StatusCode::PARTIAL_CONTENT {
        let place = format!("bytes {}-{}/{}", range.start, range.end.saturating_sub(1), file.size);
        insert(&mut headers, header::CONTENT_RANGE, &place);
    }
    Ok((status, headers, body_of(content)).into_response())
}

async fn permitted(state: &SupportState, id: FileId, proof: ProofQuery, parts: &mut Parts) -> Result<File, ApiError> {
    if let Some(token) = proof.token {
        let (_, file) = state.desk().signed_file(id, &token).await?;
        return Ok(file);
    }
    let session = parts
        .headers
        .get("x-support-token")
        .and_then(|value| value.to_str().ok());
    let session = proof.session_id.or_else(|| session.map(str::to_owned));
    let scope = match session {
        Some(session) if bearer(&parts.headers).is_none() => {
            let PublicTenant(tenant) = PublicTenant::from_request_parts(parts, state).await?;
            visitors_chat(state, tenant.id, Some(session)).await?.0
        }
        _ => caller(parts, state).await?.scope,
    };
    match state.desk().file(&scope, id).await {
        Err(DeskError::Forbidden) => Err(ApiError::not_found()),
        found => Ok(found?),
    }
}

fn insert(headers: &mut HeaderMap, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// Only pictures without scripts are shown within a page; whatever else is saved. What is shown
/// all the same can do nothing (CSP Level 3, `sandbox`).
fn headers_of(file: &File, tag: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let content_type = match file.kind {
        FileKind::Txt | FileKind::Csv => format!("{}; charset=utf-8", file.kind.content_type()),
        kind => kind.content_type().to_owned(),
    };
    insert(&mut headers, header::CONTENT_TYPE, &content_type);
    insert(&mut headers, header::CONTENT_DISPOSITION, &disposition(file));
    insert(&mut headers, header::ETAG, tag);
    insert(&mut headers, header::ACCEPT_RANGES, "bytes");
    insert(&mut headers, header::CACHE_CONTROL, "private, max-age=600");
    insert(&mut headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    insert(
        &mut headers,
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; sandbox",
    );
    headers
}

/// The name in ASCII for old programs, and as it is for all others (RFC 6266 §4.3, RFC 8187).
fn disposition(file: &File) -> String {
    let how = if file.kind.is_image() { "inline" } else { "attachment" };
    let plain = |character: char| {
        let is_plain = character.is_ascii_alphanumeric() || matches!(character, ' ' | '.' | '-' | '_' | '(' | ')');
        if is_plain { character } else { '_' }
    };
    let ascii: String = file.name.chars().map(plain).collect();
    let encoded: String = file.name.bytes().map(percent_encoded).collect();
    format!("{how}; filename=\"{ascii}\"; filename*=UTF-8''{encoded}")
}

fn percent_encoded(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

fn matches_tag(headers: &HeaderMap, tag: &str) -> bool {
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    known.is_some_and(|known| {
        let mut tags = known.split(',').map(|one| one.trim().trim_start_matches("W/"));
        tags.any(|one| one == tag || one == "*")
    })
}

/// What part of a file was asked for.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    Whole,
    Part(Range<u64>),
    /// A part that lies beyond its end.
    Nothing,
}

/// One range of bytes is served (RFC 9110 §14.2); what can't be read, and several ranges, which
/// may be answered so, get all of it.
fn asked_range(headers: &HeaderMap, size: u64, tag: &str) -> Asked {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    if text(header::IF_RANGE).is_some_and(|known| known.trim() != tag) {
        return Asked::Whole;
    }
    let spec = text(header::RANGE).and_then(|range| range.trim().strip_prefix("bytes="));
    let Some((first, last)) = spec.and_then(|spec| spec.trim().split_once('-')) else {
        return Asked::Whole;
    };
    let range = match (first.trim().parse::<u64>(), last.trim().parse::<u64>()) {
        (Ok(first), Ok(last)) if first <= last => first..last.saturating_add(1).min(size),
        (Ok(first), Err(_)) if last.trim().is_empty() => first..size,
        (Err(_), Ok(count)) if first.trim().is_empty() => size.saturating_sub(count)..size,
        _ => return Asked::Whole,
    };
    if range.is_empty() {
        Asked::Nothing
    } else {
        Asked::Part(range)
    }
}

fn unsatisfiable(size: u64) -> Response {
    let refusal = ApiError::new(
        StatusCode::RANGE_NOT_SATISFIABLE,
        "VALIDATION_ERROR",
        "There is no such part of the file",
    );
    let mut response = refusal.into_response();
    insert(
        response.headers_mut(),
        header::CONTENT_RANGE,
        &format!("bytes */{size}"),
    );
    response
}

/// The bytes as they are asked for. One that can't be had cuts the answer off, which the client
/// sees by its length.
fn body_of(content: Box<dyn FileReader>) -> Body {
    let chunks = futures::stream::try_unfold(content, |mut content| async move {
        let next = content.read().await.inspect_err(|error| {
            tracing::error!(%error, "a file could not be given to its end");
        })?;
        Ok::<_, support_core::ports::FileStoreError>(next.map(|chunk| (Bytes::from(chunk), content)))
    });
    Body::from_stream(chunks)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(range: &'static str) -> Asked {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, HeaderValue::from_static(range));
        asked_range(&headers, 100, "\"tag\"")
    }

    #[test]
    fn ranges_are_read_as_the_rfc_says() {
        for (range, meant) in [
            ("bytes=0-9", Asked::Part(0..10)),
            ("bytes=90-", Asked::Part(90..100)),
            ("bytes=-10", Asked::Part(90..100)),
            ("bytes=-1000", Asked::Part(0..100)),
            ("bytes=50-1000", Asked::Part(50..100)),
            ("bytes=100-", Asked::Nothing),
            ("bytes=-0", Asked::Nothing),
            ("bytes=9-0", Asked::Whole),
            ("bytes=0-1,5-6", Asked::Whole),
            ("lines=0-1", Asked::Whole),
            ("bytes=", Asked::Whole),
            ("bytes=18446744073709551615-18446744073709551615", Asked::Nothing),
        ] {
            assert_eq!(asked(range), meant, "{range}");
        }
    }

    #[test]
    fn files_are_found_by_the_addresses_that_were_given_for_them() {
        let id = Uuid::from_u128(7);
        let given = format!("https://help.example/api/files/{id}?token=a.b");
        assert_eq!(file_of_url(&given), Some(FileId::new(id)));
        assert_eq!(file_of_url(&format!("/api/files/{id}")), Some(FileId::new(id)));
        for other in ["", "https://evil.example/x.png", "javascript:alert(1)", "/api/files/x"] {
            assert_eq!(file_of_url(other), None, "{other}");
        }
    }
}
