//! The event stream of a customer's portal.

use std::time::Duration;

use axum::{Json as Answer, extract::State, http::HeaderMap, response::Response};
use serde::{Deserialize, Serialize};
use support_core::{
    desk::DeskError,
    model::{Actor, CustomerId, TenantId},
    ports::{BusMessage, Signal},
};
use tokio::time::{Instant, sleep};
use utoipa::ToSchema;

use super::{
    listener::{Listener, StreamPass},
    proof::Proof,
    streams::{begin, last_event},
};
use crate::{
    error::{ApiError, ErrorBody},
    extract::Query,
    scope::CallerScope,
    state::SupportState,
    stream_tokens::StreamToken,
};

/// Where tokens for the stream are given out.
pub(crate) const TOKEN_PATH: &str = "/api/customers/me/events/token";
/// How long a stream that is just being closed may stand in the way of the one that follows it.
const CLOSING_TIME: Duration = Duration::from_secs(1);
/// How often it is looked whether it is gone.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What opens the event stream.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventsToken {
    token: String,
}

/// Who opens it, and where it begins.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PortalQuery {
    token: Option<String>,
    last_event_id: Option<String>,
}

/// Who opens a stream, and by what right.
struct Opening {
    tenant: TenantId,
    customer: CustomerId,
    pass: Option<StreamPass>,
    proof: Proof,
}

/// Gives out a token that opens one event stream within a minute, and is then good for that
/// stream's reconnects as long as the login it was given out for; for nothing else.
#[utoipa::path(post, path = TOKEN_PATH, tag = "portal", security(("bearer" = [])),
    responses((status = 200, body = EventsToken), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
pub(crate) async fn token(
    State(state): State<SupportState>,
    CallerScope(login): CallerScope,
) -> Result<Answer<EventsToken>, ApiError> {
    let Actor::Customer(customer) = *login.scope.actor() else {
        return Err(ApiError::forbidden());
    };
    let desk = state.desk();
    let of_login = (login.token, login.expires_at);
    let id = desk.ids().uuid();
    let token = StreamToken::new(login.scope.tenant(), customer, id, of_login, desk.now());
    let token = token.written(&state.settings().jwt)?;
    Ok(Answer(EventsToken { token }))
}

/// Live events of all that is the customer's: `ticket_created`, `new_message`, `call_requested`,
/// `status_change`, `notification`. The stream begins with `connected`, and with `reset` where what
/// was missed is more than can be told again; a `heartbeat` comes every 15 seconds. Its `id`s are
/// given back as `Last-Event-ID` or `lastEventId` to go on behind them. A page makes another
/// `EventSource` when its own has ended for good, which any status but 200 does to it.
#[utoipa::path(
    get, path = "/api/customers/me/events", tag = "portal",
    params(("token" = Option<String>, Query, description = "Instead of a bearer"),
        ("lastEventId" = Option<u64>, Query), ("Last-Event-ID" = Option<u64>, Header)),
    responses((status = 200, description = "A stream of events", content_type = "text/event-stream"),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)),
    security(("bearer" = []), ()),
)]
pub(crate) async fn events(
    State(state): State<SupportState>,
    Query(query): Query<PortalQuery>,
    headers: HeaderMap,
    login: Result<Option<CallerScope>, ApiError>,
) -> Result<Response, ApiError> {
    let last = last_event(&headers, query.last_event_id.as_deref());
    let Opening {
        tenant,
        customer,
        pass,
        proof,
    } = match query.token.as_deref() {
        Some(token) => by_token(&state, token, last.is_some()).await?,
        None => by_login(login?, headers)?,
    };
    let seat = state.hub().seat(tenant, Listener::portal(customer, pass)).await?;
    // What changed between the check and this moment was told to nobody here.
    seat.listener.queue.ask_to_recheck();
    if let Some(StreamPass { token, connection }) = pass {
        let signal = Signal::StreamOpened {
            customer,
            token,
            connection,
        };
        if let Err(error) = state.desk().bus().publish(BusMessage::Signal { tenant, signal }).await {
            tracing::debug!(%error, "other nodes were not told of a stream");
        }
    }
    Ok(begin(state, seat, proof, last))
}

fn by_login(login: Option<CallerScope>, headers: HeaderMap) -> Result<Opening, ApiError> {
    let CallerScope(login) = login.ok_or_else(ApiError::unauthenticated)?;
    let Actor::Customer(customer) = *login.scope.actor() else {
        return Err(ApiError::forbidden());
    };
    let proof = Proof::Login {
        headers,
        token: None,
        expires_at: login.expires_at,
    };
    Ok(Opening {
        tenant: login.scope.tenant(),
        customer,
        pass: None,
        proof,
    })
}

/// A token opens its stream once; from then on whoever knows where that stream stood goes on with
/// it. Without such a place it must not be open.
async fn by_token(state: &SupportState, token: &str, knows_place: bool) -> Result<Opening, ApiError> {
    let desk = state.desk();
    let token = StreamToken::read(&state.settings().jwt, token, desk.now())?;
    let customer = token.customer_now(desk).await?;
    let opening = token.opening();
    let was_opened = desk.stored_request(token.tenant, &opening).await?.is_some();
    let may_go_on = if was_opened {
        knows_place || is_closed(state, &token).await
    } else {
        token.opens(desk.now()) && desk.claim_once(token.tenant, &opening).await?
    };
    if !may_go_on {
        return Err(DeskError::Unauthenticated.into());
    }
    let pass = StreamPass {
        token: token.id,
        connection: desk.ids().uuid(),
    };
    Ok(Opening {
        tenant: token.tenant,
        customer,
        pass: Some(pass),
        proof: Proof::Stream(token),
    })
}

/// Whether the stream that a token opened is closed, or is so in a moment.
async fn is_closed(state: &SupportState, token: &StreamToken) -> bool {
    let until = Instant::now() + CLOSING_TIME;
    while state.hub().has_stream(token.tenant, token.customer, token.id) {
        if Instant::now() >= until {
            return false;
        }
        sleep(LOOK_EVERY).await;
    }
    true
}
