//! The same call again is not done again.

use std::{
    collections::HashSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{FromRequest, FromRequestParts, MatchedPath, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use support_core::{
    change::RequestKey,
    model::{Secret, SecretHash, TenantId},
    ports::StoredRequest,
};

use crate::{
    auth::bearer,
    client_address::ClientAddress,
    error::ApiError,
    extract::body_refusal,
    realtime::STREAM_TOKEN_PATH,
    scope::{Once, PublicTenant, caller},
    sealing::Seal,
    state::SupportState,
};

/// The longest key.
const LONGEST_KEY: usize = 255;
/// Keys from this length on are as good as random: nobody else has the same one.
const UNGUESSABLE: usize = 22;

/// Calls with a key that are being answered by this process.
#[derive(Debug, Default)]
pub(crate) struct InFlight(Mutex<HashSet<SecretHash>>);

impl InFlight {
    fn calls(&self) -> MutexGuard<'_, HashSet<SecretHash>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nothing when the same call is being answered already.
    fn begin(&self, key: &SecretHash) -> Option<Running<'_>> {
        self.calls().insert(key.clone()).then(|| Running {
            calls: self,
            key: key.clone(),
        })
    }
}

struct Running<'c> {
    calls: &'c InFlight,
    key: SecretHash,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.calls.calls().remove(&self.key);
    }
}

/// Answers a repeated call with the first answer. What lets somebody in is never kept, so calls
/// that do so are always made anew.
pub(crate) async fn once(State(state): State<SupportState>, request: Request, next: Next) -> Response {
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map(|path| path.as_str().to_owned());
    let has_key = request.headers().contains_key("idempotency-key");
    match route {
        Some(route) if has_key && request.method() == Method::POST && !lets_in(&route) => {
            answer_once(&state, &route, request, next)
                .await
                .unwrap_or_else(IntoResponse::into_response)
        }
        _ => next.run(request).await,
    }
}

/// Whether a call's answer lets somebody in.
fn lets_in(route: &str) -> bool {
    route.contains("/api/auth/") || route.ends_with(STREAM_TOKEN_PATH)
}

async fn answer_once(state: &SupportState, route: &str, request: Request, next: Next) -> Result<Response, ApiError> {
    let key = presented_key(request.headers())?;
    let (mut parts, body) = request.into_parts();
    let (tenant, caller) = caller_identity(&mut parts, state, &key).await?;
    // A form with a file is not held here, and its parts are separated differently each time.
    let (body, read) = if is_form(&parts) {
        (body, Bytes::new())
    } else {
        let read = whole_body(&parts, body, state).await?;
        (Body::from(read.clone()), read)
    };
    let request_key = RequestKey {
        key: hash(&[&caller, route, &key]),
        fingerprint: fingerprint(&parts, &read),
    };
    let seal = Seal::of(&state.settings().jwt, request_key.key.as_str(), &key)
        .map_err(|error| ApiError::internal(error.to_string()))?;
    let Some(running) = state.in_flight().begin(&request_key.key) else {
        return Err(ApiError::conflict("The first call with this key is still running"));
    };
    if let Some(answer) = earlier_answer(state, tenant, &request_key, &seal).await? {
        return Ok(answer);
    }
    parts.extensions.insert(Once(request_key.clone()));
    let response = next.run(Request::from_parts(parts, body)).await;
    let response = keep(state, tenant, &request_key, &seal, response).await;
    drop(running);
    response
}

fn presented_key(headers: &HeaderMap) -> Result<String, ApiError> {
    let refuse = || {
        ApiError::field(
            "Idempotency-Key",
            format!("Must have 1 to {LONGEST_KEY} visible characters"),
        )
    };
    let value = headers.get("idempotency-key").ok_or_else(refuse)?;
    let text = value.to_str().map_err(|_| refuse())?.trim();
    let bare = text
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(text);
    if bare.is_empty() || bare.len() > LONGEST_KEY {
        return Err(refuse());
    }
    Ok(bare.to_owned())
}

/// Whose key it is. Of those nobody knows, a short key could be anybody's, so their address
/// belongs to it; phones change theirs between two tries, so it does not to a long one.
async fn caller_identity(parts: &mut Parts, state: &SupportState, key: &str) -> Result<(TenantId, String), ApiError> {
    if bearer(&parts.headers).is_some() {
        let scope = caller(parts, state).await?.scope;
        return Ok((scope.tenant(), format!("{:?}", scope.actor_ref())));
    }
    let PublicTenant(tenant) = PublicTenant::from_request_parts(parts, state).await?;
    let Ok(ClientAddress(address)) = ClientAddress::from_request_parts(parts, state).await;
    let caller = if key.len() < UNGUESSABLE {
        address.to_string()
    } else {
        "anyone".to_owned()
    };
    Ok((tenant.id, caller))
}

fn is_form(parts: &Parts) -> bool {
    let content_type = parts.headers.get(header::CONTENT_TYPE);
    content_type.is_some_and(|value| value.as_bytes().to_ascii_lowercase().starts_with(b"multipart/"))
}

async fn whole_body(parts: &Parts, body: Body, state: &SupportState) -> Result<Bytes, ApiError> {
    // The extractor keeps to the route's own limit, which stands in the extensions.
    let mut request = Request::new(body);
    *request.extensions_mut() = parts.extensions.clone();
    Bytes::from_request(request, state).await.map_err(body_refusal)
}

/// What was asked: body, and address with what stands for the caller's place in a conversation.
fn fingerprint(parts: &Parts, body: &[u8]) -> SecretHash {
    let address = parts.uri.path_and_query().map_or("", |address| address.as_str());
    let token = parts
        .headers
        .get("x-support-token")
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    hash(&[address, token, &String::from_utf8_lossy(body)])
}

/// The parts' lengths keep apart what would else read the same.
fn hash(parts: &[&str]) -> SecretHash {
    let joined: String = parts.iter().map(|part| format!("{}:{part}", part.len())).collect();
    Secret::presented(joined).hash()
}

async fn earlier_answer(
    state: &SupportState,
    tenant: TenantId,
    request: &RequestKey,
    seal: &Seal,
) -> Result<Option<Response>, ApiError> {
    let Some(stored) = state.desk().stored_request(tenant, &request.key).await? else {
        return Ok(None);
    };
    let StoredRequest {
        fingerprint, response, ..
    } = stored;
    if fingerprint != request.fingerprint {
        return Err(ApiError::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "IDEMPOTENCY_MISMATCH",
            "This key was used for another call",
        ));
    }
    // Without an answer, the first call may have been cut off: the desk knows what it did.
    Ok(response.and_then(|(status, sealed)| Some(replayed(status, seal.open(&sealed)?))))
}

fn replayed(status: u16, body: String) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let mut response = (status, [(header::CONTENT_TYPE, "application/json")], body).into_response();
    let told = HeaderValue::from_static("true");
    response.headers_mut().insert("idempotency-replayed", told);
    response
}

/// Remembers a successful answer. Not being able to is no reason to withhold it.
async fn keep(
    state: &SupportState,
    tenant: TenantId,
    request: &RequestKey,
    seal: &Seal,
    response: Response,
) -> Result<Response, ApiError> {
    if !response.status().is_success() {
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX)
        .await
        .map_err(|error| ApiError::internal(error.to_string()))?;
    let sealed = std::str::from_utf8(&bytes).ok().and_then(|text| seal.close(text).ok());
    if let Some(sealed) = sealed {
        let kept = state
            .desk()
            .store_response(tenant, request, parts.status.as_u16(), sealed)
            .await;
        if let Err(error) = kept {
            tracing::warn!(%error, "an answer could not be kept for a repeated call");
        }
    }
    Ok(Response::from_parts(parts, Body::from(bytes)))
}
