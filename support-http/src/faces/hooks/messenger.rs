//! Messenger's webhook (Meta, "Webhooks for Messenger Platform").

use std::collections::BTreeMap;

use aws_lc_rs::hmac;
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use futures::{StreamExt, stream};
use serde::Deserialize;
use serde_json::Value;
use support_core::{
    desk::{Desk, DeskError, InboundMessage},
    model::{Inbox, InboxKind, Secret, TenantId, TicketChannel, Timestamp},
};

use super::{
    RETRY_AFTER, Raw, Taken,
    messenger_event::{Happened, What, happened},
};
use crate::{
    client_address::ClientAddress,
    error::{ApiError, ErrorBody},
    extract::Query,
    state::SupportState,
};

/// Conversations that are taken in at the same time; what happened in one goes one by one.
const AT_ONCE: usize = 16;

/// How Meta asks whether the address is a webhook.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Handshake {
    #[serde(rename = "hub.mode")]
    mode: Option<String>,
    #[serde(rename = "hub.verify_token")]
    verify_token: Option<String>,
    #[serde(rename = "hub.challenge")]
    challenge: Option<String>,
}

/// Answers Meta's question whether this is the webhook of a page.
#[utoipa::path(get, path = "/webhooks/messenger", tag = "hooks",
    params(("hub.mode" = String, Query), ("hub.verify_token" = String, Query), ("hub.challenge" = String, Query)),
    responses((status = 200, description = "The challenge", content_type = "text/plain", body = String),
    (status = 403, body = ErrorBody, description = "Nobody's verify token")))]
pub(crate) async fn handshake(
    State(state): State<SupportState>,
    address: ClientAddress,
    Query(asked): Query<Handshake>,
) -> Result<Response, ApiError> {
    let (Some("subscribe"), Some(token), Some(challenge)) =
        (asked.mode.as_deref(), asked.verify_token, asked.challenge)
    else {
        return Err(ApiError::forbidden());
    };
    // A guess costs a look at every tenant, and a provider asks once.
    state.limits().creation(address)?;
    if !state.desk().knows_verify_token(&token).await? {
        return Err(ApiError::forbidden());
    }
    Ok(challenge.into_response())
}

/// Takes in what happened on pages. The signature is checked over the very bytes of the body, with
/// the secret of every page that the body names.
#[utoipa::path(post, path = "/webhooks/messenger", tag = "hooks", request_body = Value,
    params(("X-Hub-Signature-256" = String, Header)),
    responses((status = 200, description = "All of it is stored"),
    (status = 401, body = ErrorBody, description = "The signature is not that of every page's app"),
    (status = 503, body = ErrorBody, description = "To be sent again")))]
pub(crate) async fn events(
    State(state): State<SupportState>,
    headers: HeaderMap,
    Raw(body): Raw,
) -> Result<StatusCode, ApiError> {
    let signature = signature(&headers).ok_or_else(ApiError::unauthenticated)?;
    let told: Value = serde_json::from_slice(&body).map_err(|_| ApiError::malformed_json())?;
    let entries = told.get("entry").and_then(Value::as_array).map(Vec::as_slice);
    let entries = entries.unwrap_or_default();
    let tenants = tenants_of(state.desk(), &body, &signature, entries).await?;
    let conversations = by_conversation(entries);
    let taken = stream::iter(conversations)
        .map(|((page, _), events)| {
            let tenant = tenants.get(&page).copied();
            let desk = state.desk();
            async move {
                match tenant {
                    Some(tenant) => take_in_order(desk, tenant, events).await,
                    None => Taken::Done,
                }
            }
        })
        .buffer_unordered(AT_ONCE)
        .collect::<Vec<Taken>>()
        .await;
    if taken.contains(&Taken::Again) {
        return Err(ApiError::unavailable(RETRY_AFTER));
    }
    Ok(StatusCode::OK)
}

fn signature(headers: &HeaderMap) -> Option<Vec<u8>> {
    let header = headers.get("x-hub-signature-256")?.to_str().ok()?;
    hex::decode(header.strip_prefix("sha256=")?).ok()
}

/// Whose pages a body names. It must be signed with the secret of each: whoever knows the secret
/// of one tenant's app must not speak about another's page.
async fn tenants_of(
    desk: &Desk,
    body: &[u8],
    signature: &[u8],
    entries: &[Value],
) -> Result<BTreeMap<String, TenantId>, ApiError> {
    let mut tenants = BTreeMap::new();
    for entry in entries {
        let page = page_of(entry).ok_or_else(ApiError::unauthenticated)?;
        if tenants.contains_key(&page) {
            continue;
        }
        let named = desk.tenants_of_page(&page).await?;
        let mut signed = named
            .into_iter()
            .filter(|(_, secret)| is_signed(body, signature, secret));
        let (tenant, _) = signed.next().ok_or_else(ApiError::unauthenticated)?;
        tenants.insert(page, tenant.id);
    }
    if tenants.is_empty() {
        return Err(ApiError::unauthenticated());
    }
    Ok(tenants)
}

/// Compared in constant time.
fn is_signed(body: &[u8], signature: &[u8], secret: &Secret) -> bool {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.reveal().as_bytes());
    hmac::verify(&key, body, signature).is_ok()
}

fn page_of(entry: &Value) -> Option<String> {
    super::messenger_event::id(entry.get("id")?)
}

/// What happened, by page and person, in the order in which it happened: none is promised on the way.
fn by_conversation(entries: &[Value]) -> BTreeMap<(String, String), Vec<Happened>> {
    let mut conversations: BTreeMap<(String, String), Vec<Happened>> = BTreeMap::new();
    for entry in entries {
        let Some(page) = page_of(entry) else { continue };
        // Other kinds (`standby`, `changes`) are about threads that others have, or about no thread.
        let messaging = entry.get("messaging").and_then(Value::as_array);
        for element in messaging.into_iter().flatten() {
            if let Some(event) = happened(&page, entry, element) {
                let key = (page.clone(), event.person.clone());
                conversations.entry(key).or_default().push(event);
            }
        }
    }
    for events in conversations.values_mut() {
        events.sort_by_key(|event| event.at);
    }
    conversations
}

async fn take_in_order(desk: &Desk, tenant: TenantId, events: Vec<Happened>) -> Taken {
    let inbox = match desk.channel_inbox(tenant, InboxKind::Messenger).await {
        Ok(inbox) => inbox,
        Err(error) => {
            let latest = events.last().map_or(0, |event| event.at);
            return Taken::by::<()>(Err(error), Timestamp::from_millis(latest), desk.now());
        }
    };
    let mut taken = Taken::Done;
    for event in events {
        let happened_at = Timestamp::from_millis(event.at);
        let done = take(desk, tenant, &inbox, event).await;
        if Taken::by(done, happened_at, desk.now()) == Taken::Again {
            taken = Taken::Again;
        }
    }
    taken
}

async fn take(desk: &Desk, tenant: TenantId, inbox: &Inbox, event: Happened) -> Result<(), DeskError> {
    let Happened { person, what, .. } = event;
    let message = |mid: String, words: String| InboundMessage {
        inbox: inbox.id,
        channel: TicketChannel::Messenger,
        session: person.clone(),
        sender_name: None,
        external_id: mid,
        content: words,
    };
    match what {
        What::Said { mid, words } => desk.receive(tenant, message(mid, words)).await.map(drop),
        What::Answered { mid, words } => desk.receive_answer(tenant, message(mid, words)).await,
        What::Delivered { until } => {
            let until = Timestamp::from_millis(until);
            desk.mark_up_to(tenant, inbox.id, &person, until, false).await
        }
        What::Read { until } => {
            let until = Timestamp::from_millis(until);
            desk.mark_up_to(tenant, inbox.id, &person, until, true).await
        }
    }
}
