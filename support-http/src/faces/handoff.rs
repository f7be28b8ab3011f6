//! Requests for a human, out of a chatbot's conversation. Names in snake case, bare objects.

use axum::{
    Json as Answer, Router,
    extract::State,
    http::StatusCode,
    middleware::map_response,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use futures::future::try_join_all;
use serde::Deserialize;
use serde_json::json;
use support_core::{
    desk::{
        Desk, DeskError, HistoryEntry, NewMessage, NewTicket, NewTicketRequester, Scope, Speaker, TicketChanges,
        TicketRef,
    },
    model::{Actor, Contact, InboxId, InboxKind, Input, Status, TenantId, Ticket, TicketChannel, Timestamp},
    ports::{TicketFilter, TicketPosition},
};
use utoipa::{OpenApi, ToSchema};

use super::{
    chat::{OnceKey, in_terms_of, once},
    handoff_party::Party,
};
use crate::{
    client_address::{Client, ClientAddress},
    error::{ApiError, ErrorBody, finish, in_snake_case},
    extract::{Fields, Json, Object, Path, Query},
    languages::BrowserLanguage,
    scope::{AgentScope, PublicTenant},
    state::SupportState,
    wire::{
        handoff::{HandoffRequest, MadeRequest},
        messages::HandoffMessage,
        pagination::{number, sequence},
        tickets::CLIENT,
    },
};

/// The longest part of a list.
const LONGEST_PART: u32 = 100;
/// The part nobody asked to be of another length.
const USUAL_PART: u32 = 20;
/// How many may be passed over.
const LARGEST_OFFSET: u32 = 1_000_000;
/// What is said of ids that are no chatbot's.
const NO_SUCH_CHATBOT: &str = "There is no such chatbot";
/// Messages given at once.
const MESSAGES_AT_ONCE: u32 = 500;
/// Where a ticket remembers which message it was opened with.
const INITIAL_SEQ: &str = "initial_seq";

/// What is documented of these calls.
#[derive(OpenApi)]
#[openapi(paths(ask, list, pending, active, read_one, join, resolve, close, say, read_thread))]
pub(crate) struct Document;

pub(crate) fn routes() -> Router<SupportState> {
    Router::new()
        .route("/human-support/request", post(ask))
        .route("/human-support/requests", get(list))
        .route("/human-support/requests/pending", get(pending))
        .route("/human-support/requests/active", get(active))
        .route("/human-support/requests/{request_id}", get(read_one))
        .route("/human-support/requests/{request_id}/join", post(join))
        .route("/human-support/requests/{request_id}/resolve", post(resolve))
        .route("/human-support/requests/{request_id}/close", post(close))
        .route(
            "/human-support/requests/{request_id}/messages",
            get(read_thread).post(say),
        )
        .layer(map_response(in_snake_case))
}

#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct Ask {
    /// What the chatbot calls the conversation.
    #[schema(required)]
    session_id: Option<String>,
    #[schema(required)]
    initial_message: Option<String>,
    chatbot_id: Option<String>,
    user_name: Option<String>,
    user_email: Option<String>,
    /// The slug of a department.
    department: Option<String>,
    /// The language in which the user would be answered best, such as `pt-BR`; what the browser
    /// asks for when not given.
    language: Option<String>,
    /// What the user and the bot said before, at most 200 entries.
    #[serde(default)]
    #[schema(value_type = Option<Vec<Said>>)]
    history: Option<Vec<Object<Said>>>,
}

#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct Said {
    /// `user` or `customer`, or `bot` or `assistant`.
    #[schema(required)]
    role: Option<String>,
    #[schema(required)]
    content: Option<String>,
    #[schema(value_type = Option<String>)]
    at: Option<Timestamp>,
}

#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct Words {
    #[schema(required)]
    message: Option<String>,
    client_message_id: Option<String>,
}

#[derive(Debug, Deserialize)]
struct ListQuery {
    chatbot_id: Option<String>,
    limit: Option<String>,
    offset: Option<String>,
}

#[derive(Debug, Deserialize)]
struct ThreadQuery {
    after: Option<String>,
}

/// Asks for a human. A conversation has one unfinished request at a time.
#[utoipa::path(
    post, path = "/human-support/request", tag = "human support", request_body = Ask,
    responses(
        (status = 201, body = MadeRequest), (status = 200, description = "There is one already", body = MadeRequest),
        (status = 400, body = ErrorBody), (status = 404, body = ErrorBody), (status = 429, body = ErrorBody),
    ),
)]
async fn ask(
    State(state): State<SupportState>,
    tenant: PublicTenant,
    client: Client,
    key: OnceKey,
    browser: BrowserLanguage,
    ask: Fields<Ask>,
) -> Result<Response, ApiError> {
    state.limits().creation(ClientAddress(client.address))?;
    client.pass_challenge(&state).await?;
    let Fields { body: ask, mut found } = ask;
    let inbox = inbox_of(state.desk(), tenant.0.id, ask.chatbot_id.as_deref(), &mut found).await?;
    let languages = browser.or_told(ask.language.clone(), &mut found);
    let new = NewTicket {
        languages,
        ..new_ticket(inbox, ask, client, &mut found)
    };
    let scope = once(tenant.scope(Actor::Anyone), key);
    let names = [
        ("name", "user_name"),
        ("email", "user_email"),
        ("message", "initial_message"),
    ];
    let opened = Box::pin(state.desk().open_ticket_with(&scope, new, found)).await;
    let opened = opened.map_err(|error| in_terms_of(error, &names))?;
    let status = if opened.is_existing {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    let token = opened.secret.map(|secret| secret.reveal().to_owned());
    Ok((status, Answer(MadeRequest::new(&opened.ticket, token))).into_response())
}

/// The chatbot that is named, or else where requests come in that name none.
async fn inbox_of(
    desk: &Desk,
    tenant: TenantId,
    chatbot: Option<&str>,
    input: &mut Input,
) -> Result<InboxId, ApiError> {
    if let Some(chatbot) = chatbot.filter(|chatbot| !chatbot.is_empty()) {
        let named = match chatbot.parse() {
            Ok(id) => desk.active_chatbot(tenant, id).await,
            Err(_) => Err(DeskError::NotFound),
        };
        match named {
            Ok(inbox) => return Ok(inbox.id),
            Err(DeskError::NotFound) => input.refuse("chatbot_id", NO_SUCH_CHATBOT),
            Err(error) => return Err(error.into()),
        }
    }
    for kind in [InboxKind::Chatbot, InboxKind::Widget] {
        match desk.default_inbox(tenant, kind).await {
            Ok(inbox) => return Ok(inbox.id),
            Err(DeskError::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(ApiError::not_found())
}

fn new_ticket(inbox: InboxId, ask: Ask, client: Client, input: &mut Input) -> NewTicket {
    if ask.session_id.as_deref().unwrap_or_default().trim().is_empty() {
        input.refuse("session_id", "This field is required");
    }
    let mut history = Vec::new();
    for (place, Object(said)) in ask.history.unwrap_or_default().into_iter().enumerate() {
        let by_bot = match said.role.as_deref() {
            Some("bot" | "assistant") => true,
            Some("user" | "customer") => false,
            role => {
                let field = format!("history[{place}].role");
                let role = role.unwrap_or_default();
                input.refuse(&field, format!("`{role}` is not one of: user customer bot assistant"));
                false
            }
        };
        history.push(HistoryEntry {
            by_bot,
            content: said.content.unwrap_or_default(),
            at: said.at,
        });
    }
    let contact = Contact {
        name: ask.user_name,
        email: ask.user_email,
        phone: None,
    };
    NewTicket {
        department: ask.department,
        message: Some(NewMessage::text(ask.initial_message.unwrap_or_default())),
        metadata: Some(json!({ INITIAL_SEQ: history.len() + 1, CLIENT: client.metadata() })),
        visit: Some(client.visit()),
        history,
        session: ask.session_id,
        ..NewTicket::new(inbox, TicketChannel::Chatbot, NewTicketRequester::Visitor(contact))
    }
}

/// A request with the words it was made with.
async fn request_of(desk: &Desk, scope: &Scope, ticket: &Ticket) -> Result<HandoffRequest, ApiError> {
    let seq = ticket.metadata.get(INITIAL_SEQ).and_then(serde_json::Value::as_u64);
    let before = seq.unwrap_or(1).saturating_sub(1);
    let first = desk
        .stores()
        .messages
        .messages(scope.tenant(), ticket.id, before, 1, false)
        .await?;
    let words = first.into_iter().next().map(|message| message.content);
    Ok(match scope.actor() {
        Actor::Agent(_) | Actor::ApiKey { .. } => HandoffRequest::for_agents(ticket, words),
        _ => HandoffRequest::new(ticket, words),
    })
}

/// Requests that the agent may see, newest first.
#[utoipa::path(
    get, path = "/human-support/requests", tag = "human support", security(("bearer" = [])),
    params(("chatbot_id" = Option<String>, Query), ("limit" = Option<u32>, Query), ("offset" = Option<u32>, Query)),
    responses((status = 200, body = [HandoffRequest]), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)),
)]
async fn list(
    State(state): State<SupportState>,
    AgentScope(scope): AgentScope,
    Query(query): Query<ListQuery>,
) -> Result<Answer<Vec<HandoffRequest>>, ApiError> {
    requests(&state, &scope, &query, Vec::new()).await
}

/// Requests that nobody has taken.
#[utoipa::path(
    get, path = "/human-support/requests/pending", tag = "human support", security(("bearer" = [])),
    params(("chatbot_id" = Option<String>, Query), ("limit" = Option<u32>, Query), ("offset" = Option<u32>, Query)),
    responses((status = 200, body = [HandoffRequest]), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)),
)]
async fn pending(
    State(state): State<SupportState>,
    AgentScope(scope): AgentScope,
    Query(query): Query<ListQuery>,
) -> Result<Answer<Vec<HandoffRequest>>, ApiError> {
    requests(&state, &scope, &query, vec![Status::Open, Status::Waiting]).await
}

/// Requests that somebody works on.
#[utoipa::path(
    get, path = "/human-support/requests/active", tag = "human support", security(("bearer" = [])),
    params(("chatbot_id" = Option<String>, Query), ("limit" = Option<u32>, Query), ("offset" = Option<u32>, Query)),
    responses((status = 200, body = [HandoffRequest]), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)),
)]
async fn active(
    State(state): State<SupportState>,
    AgentScope(scope): AgentScope,
    Query(query): Query<ListQuery>,
) -> Result<Answer<Vec<HandoffRequest>>, ApiError> {
    requests(&state, &scope, &query, vec![Status::Assigned, Status::Pending]).await
}

async fn requests(
    state: &SupportState,
    scope: &Scope,
    query: &ListQuery,
    statuses: Vec<Status>,
) -> Result<Answer<Vec<HandoffRequest>>, ApiError> {
    let mut input = Input::new();
    let limit = number(
        "limit",
        query.limit.as_deref(),
        USUAL_PART,
        1..=LONGEST_PART,
        &mut input,
    );
    let offset = number("offset", query.offset.as_deref(), 0, 0..=LARGEST_OFFSET, &mut input);
    let inbox = match query.chatbot_id.as_deref().filter(|id| !id.is_empty()) {
        None => None,
        Some(id) => id.parse().map_err(|_| input.refuse("chatbot_id", NO_SUCH_CHATBOT)).ok(),
    };
    finish(input)?;
    let filter = TicketFilter {
        statuses,
        inbox,
        channel: Some(TicketChannel::Chatbot),
        ..TicketFilter::default()
    };
    let tickets = part(state.desk(), scope, filter, offset, limit).await?;
    let requests = tickets.iter().map(|ticket| request_of(state.desk(), scope, ticket));
    Ok(Answer(try_join_all(requests).await?))
}

/// `limit` tickets after the first `offset`: one page, or parts of two that follow one another.
async fn part(
    desk: &Desk,
    scope: &Scope,
    filter: TicketFilter,
    offset: u32,
    limit: u32,
) -> Result<Vec<Ticket>, ApiError> {
    let (page, skipped) = (offset / limit + 1, offset % limit);
    let mut tickets = desk
        .tickets(scope, filter.clone(), TicketPosition::Page(page), limit)
        .await?
        .items;
    if skipped > 0 {
        let next = desk
            .tickets(scope, filter, TicketPosition::Page(page + 1), limit)
            .await?;
        tickets.extend(next.items);
    }
    Ok(tickets
        .into_iter()
        .skip(skipped as usize)
        .take(limit as usize)
        .collect())
}

/// One request.
#[utoipa::path(
    get, path = "/human-support/requests/{request_id}", tag = "human support", params(("request_id" = String, Path)),
    responses((status = 200, body = HandoffRequest), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)),
)]
async fn read_one(
    State(state): State<SupportState>,
    Path(request): Path<String>,
    party: Party,
) -> Result<Answer<HandoffRequest>, ApiError> {
    let (scope, ticket) = party.request(state.desk(), &request).await?;
    Ok(Answer(request_of(state.desk(), &scope, &ticket).await?))
}

/// The agent takes a request.
#[utoipa::path(
    post, path = "/human-support/requests/{request_id}/join", tag = "human support", security(("bearer" = [])),
    params(("request_id" = String, Path)),
    responses((status = 200, body = HandoffRequest), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)),
)]
async fn join(
    State(state): State<SupportState>,
    AgentScope(scope): AgentScope,
    Path(request): Path<String>,
) -> Result<Answer<HandoffRequest>, ApiError> {
    let named = request.parse()?;
    if channel_of(state.desk(), scope.tenant(), named).await? != Some(TicketChannel::Chatbot) {
        return Err(ApiError::not_found());
    }
    let ticket = state.desk().join(&scope, named).await?;
    Ok(Answer(request_of(state.desk(), &scope, &ticket).await?))
}

/// The request is answered for good.
#[utoipa::path(
    post, path = "/human-support/requests/{request_id}/resolve", tag = "human support", security(("bearer" = [])),
    params(("request_id" = String, Path)),
    responses((status = 200, body = HandoffRequest), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)),
)]
async fn resolve(
    State(state): State<SupportState>,
    AgentScope(scope): AgentScope,
    Path(request): Path<String>,
) -> Result<Answer<HandoffRequest>, ApiError> {
    set_status(&state, &scope, &request, Status::Resolved).await
}

/// The request is over.
#[utoipa::path(
    post, path = "/human-support/requests/{request_id}/close", tag = "human support", security(("bearer" = [])),
    params(("request_id" = String, Path)),
    responses((status = 200, body = HandoffRequest), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)),
)]
async fn close(
    State(state): State<SupportState>,
    AgentScope(scope): AgentScope,
    Path(request): Path<String>,
) -> Result<Answer<HandoffRequest>, ApiError> {
    set_status(&state, &scope, &request, Status::Closed).await
}

/// Asked before joining: who could have taken a request is told that somebody else has it, though
/// they no longer see it.
async fn channel_of(desk: &Desk, tenant: TenantId, ticket: TicketRef) -> Result<Option<TicketChannel>, ApiError> {
    let tickets = &desk.stores().tickets;
    let found = match ticket {
        TicketRef::Id(id) => tickets.ticket(tenant, id).await?,
        TicketRef::Number(number) => tickets.ticket_by_number(tenant, number).await?,
    };
    Ok(found.map(|ticket| ticket.channel))
}

async fn handoff_ticket(desk: &Desk, scope: &Scope, request: &str) -> Result<Ticket, ApiError> {
    let (_, ticket) = Party::Agent(scope.clone()).request(desk, request).await?;
    Ok(ticket)
}

async fn set_status(
    state: &SupportState,
    scope: &Scope,
    request: &str,
    status: Status,
) -> Result<Answer<HandoffRequest>, ApiError> {
    let ticket = handoff_ticket(state.desk(), scope, request).await?;
    let changes = TicketChanges {
        status: Some(status),
        ..TicketChanges::default()
    };
    let ticket = state.desk().update_ticket(scope, ticket.id, changes).await?;
    Ok(Answer(request_of(state.desk(), scope, &ticket).await?))
}

/// Says something in the conversation of a request.
#[utoipa::path(
    post, path = "/human-support/requests/{request_id}/messages", tag = "human support",
    params(("request_id" = String, Path)), request_body = Words,
    responses(
        (status = 201, body = HandoffMessage<'_>), (status = 200, description = "It was accepted before", body = HandoffMessage<'_>),
        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody), (status = 429, body = ErrorBody),
    ),
)]
async fn say(
    State(state): State<SupportState>,
    Path(request): Path<String>,
    party: Party,
    Json(words): Json<Words>,
) -> Result<Response, ApiError> {
    let is_user = matches!(party, Party::User(..));
    let (scope, ticket) = party.request(state.desk(), &request).await?;
    if is_user {
        state.limits().message(ticket.id)?;
    }
    let message = NewMessage {
        client_id: words.client_message_id,
        ..NewMessage::text(words.message.unwrap_or_default())
    };
    let posted = state.desk().post_to(&scope, ticket, message, Speaker::Own).await?;
    let status = if posted.is_repeat {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    let urls = state.file_urls(scope.tenant());
    Ok((status, Answer(HandoffMessage::new(&posted.message, &urls))).into_response())
}

/// What was said after a `seq`, oldest first, five hundred messages at a time.
#[utoipa::path(
    get, path = "/human-support/requests/{request_id}/messages", tag = "human support",
    params(("request_id" = String, Path), ("after" = Option<u64>, Query)),
    responses((status = 200, body = [HandoffMessage<'_>]), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)),
)]
async fn read_thread(
    State(state): State<SupportState>,
    Path(request): Path<String>,
    party: Party,
    Query(query): Query<ThreadQuery>,
) -> Result<Response, ApiError> {
    let (scope, ticket) = party.request(state.desk(), &request).await?;
    let after = sequence("after", query.after.as_deref(), 0)?;
    let messages = state.desk().messages(&scope, &ticket, after, MESSAGES_AT_ONCE).await?;
    let urls = state.file_urls(scope.tenant());
    let messages = messages.iter().map(|message| HandoffMessage::new(message, &urls));
    let messages: Vec<HandoffMessage<'_>> = messages.collect();
    Ok(Answer(messages).into_response())
}
