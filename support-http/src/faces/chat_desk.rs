//! The website chat as agents call it.

use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::json;
use support_core::{
    desk::{DeskError, NewMessage, Scope, Speaker, TicketChanges, TicketRef},
    model::{Input, Secret, Status, Ticket, WordQuery},
    ports::{AssigneeFilter, TicketCursor, TicketFilter, TicketPosition, TicketSort},
};
use utoipa::{OpenApi, ToSchema};

use super::chat::{FILE_URL, answer, file_meant, in_terms_of};
use crate::{
    error::{ApiError, ErrorBody, both, finish},
    extract::{Fields, Path, Query},
    realtime::Viewer,
    scope::{AgentScope, ColleagueScope},
    state::SupportState,
    wire::{
        chat::ChatRow,
        cursor::LongList,
        messages::ChatMessage,
        named::{agent_named, given},
        pagination::{PageQuery, Pagination},
        sorting::SortQuery,
        visits::VisitorContextRow,
    },
};

/// The end of a thread that comes with its chat, in messages.
const MESSAGES_AT_ONCE: u32 = 500;

/// What is documented of these calls.
#[derive(OpenApi)]
#[openapi(paths(list, read_one, say, change, mark_read, show_typing, show_viewing))]
pub(crate) struct Document;

pub(crate) fn routes() -> Router<SupportState> {
    Router::new()
        .route("/api/v1/admin/chat", get(list).post(say).patch(change))
        .route("/api/v1/admin/chat/read", post(mark_read))
        .route("/api/v1/admin/chat/typing", post(show_typing))
        .route("/api/v1/admin/chat/viewing", post(show_viewing))
        .route("/api/v1/admin/chat/{chat_id}", get(read_one))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListQuery {
    status: Option<String>,
    department: Option<String>,
    assigned_to: Option<String>,
    rating: Option<String>,
    q: Option<String>,
    cursor: Option<String>,
    #[serde(flatten)]
    sort: SortQuery,
    #[serde(flatten)]
    page: PageQuery,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChatList {
    chats: Vec<ChatRow>,
    pagination: Pagination,
    /// What to send as `cursor` for the next part; none at the end.
    next_cursor: Option<String>,
}

#[derive(Debug, Deserialize)]
struct ThreadQuery {
    after: Option<String>,
    cursor: Option<String>,
}

/// A chat with what is known of its visit.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChatWithVisit {
    #[serde(flatten)]
    chat: ChatRow,
    visitor_context: Option<VisitorContextRow>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WholeChat<'a> {
    chat: ChatWithVisit,
    messages: Vec<ChatMessage<'a>>,
    /// What to send as `cursor` for what was said next; none at the end.
    #[serde(rename = "nextCursor")]
    next_cursor: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OneChat {
    chat: ChatRow,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OneMessage<'a> {
    message: ChatMessage<'a>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AgentWords {
    chat_id: Option<String>,
    session_id: Option<String>,
    #[schema(required)]
    message: Option<String>,
    /// `TEXT`, `IMAGE` or `FILE`.
    message_type: Option<String>,
    file_url: Option<String>,
    /// For agents only.
    is_note: Option<bool>,
    client_message_id: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChatChange {
    #[schema(required)]
    chat_id: Option<String>,
    /// `ACTIVE`, `WAITING`, `RESOLVED` or `CLOSED`.
    status: Option<String>,
    /// An agent's id; `null` for nobody.
    #[serde(default, deserialize_with = "named")]
    #[schema(value_type = Option<String>)]
    assigned_to: Option<Option<String>>,
    /// A department's slug; `null` for none.
    #[serde(default, deserialize_with = "named")]
    #[schema(value_type = Option<String>)]
    department: Option<Option<String>>,
    /// `low`, `normal`, `high` or `urgent`.
    priority: Option<String>,
    tags: Option<Vec<String>>,
    /// What whoever gets it must be able to handle.
    skills: Option<Vec<String>>,
    /// Languages in which the visitor would be answered best, such as `pt-BR`.
    languages: Option<Vec<String>>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AgentRead {
    #[schema(required)]
    chat_id: Option<String>,
    /// The `seq` of the last message that was read.
    #[schema(required)]
    up_to: Option<u64>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AgentTyping {
    #[schema(required)]
    chat_id: Option<String>,
    #[schema(required)]
    is_typing: Option<bool>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AgentViewing {
    #[schema(required)]
    chat_id: Option<String>,
    #[schema(required)]
    is_viewing: Option<bool>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OtherViewers {
    viewers: Vec<Viewer>,
}

/// Tells what is named `null` from what is not named.
fn named<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

fn text_named(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

/// The chats that the agent may see, last touched first.
#[utoipa::path(
    get, path = "/api/v1/admin/chat", tag = "chat desk", security(("bearer" = [])),
    params(
        ("status" = Option<String>, Query), ("department" = Option<String>, Query), ("assignedTo" = Option<String>, Query, description = "An agent's id, `me` or `none`"),
        ("rating" = Option<u8>, Query), ("q" = Option<String>, Query), ("page" = Option<u32>, Query), ("limit" = Option<u32>, Query),
        ("sortBy" = Option<String>, Query, description = "`createdAt`, `updatedAt` or `priority`"), ("sortOrder" = Option<String>, Query, description = "`asc` or `desc`"),
        ("cursor" = Option<String>, Query, description = "Instead of `page`: goes on where an earlier answer ended, whatever has come since"),
    ),
    responses((status = 200, body = ChatList), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)),
)]
async fn list(
    State(state): State<SupportState>,
    AgentScope(scope): AgentScope,
    Query(query): Query<ListQuery>,
) -> Result<Response, ApiError> {
    let mut input = Input::new();
    let page = query.page.read(&mut input);
    let Some((filter, after)) = filter_of(&state, &scope, &query, input).await? else {
        let nothing = ChatList {
            chats: Vec::new(),
            pagination: Pagination::new(page, 0),
            next_cursor: None,
        };
        return Ok(answer(StatusCode::OK, &nothing));
    };
    let sort = filter.sort;
    let long_list = LongList::of_tickets(&state, scope.tenant(), &filter);
    let position = after.map_or(TicketPosition::Page(page.number), TicketPosition::After);
    // One more than is given, to know whether there is more; pages know by counting.
    let asked = page.limit + u32::from(after.is_some());
    let mut found = state.desk().tickets(&scope, filter, position, asked).await?;
    let is_more = match position {
        TicketPosition::After(_) => found.items.len() > page.limit as usize,
        TicketPosition::Page(number) => {
            !found.is_total_exact || u64::from(number) * u64::from(page.limit) < found.total
        }
    };
    found.items.truncate(page.limit as usize);
    let mut chats = Vec::with_capacity(found.items.len());
    for ticket in &found.items {
        chats.push(state.hub().directory().row(scope.tenant(), ticket).await?);
    }
    let last = found.items.last().filter(|_| is_more);
    let list = ChatList {
        chats,
        pagination: Pagination::new(page, found.total).or_more(!found.is_total_exact),
        next_cursor: last.map(|ticket| long_list.after_ticket(TicketCursor::of(ticket, sort))),
    };
    Ok(answer(StatusCode::OK, &list))
}

/// Which tickets are meant, and after which place; none when there can be no such ticket.
async fn filter_of(
    state: &SupportState,
    scope: &Scope,
    query: &ListQuery,
    mut input: Input,
) -> Result<Option<(TicketFilter, Option<TicketCursor>)>, ApiError> {
    let statuses = match given(query.status.as_deref()) {
        None => Vec::new(),
        Some(status) => statuses_of(status).unwrap_or_else(|| {
            refuse_status(status, &mut input);
            Vec::new()
        }),
    };
    let assignee = match given(query.assigned_to.as_deref()) {
        None => None,
        Some("none" | "unassigned") => Some(AssigneeFilter::Nobody),
        Some("me") => scope.actor().agent().map(|agent| AssigneeFilter::Is(agent.id)),
        Some(agent) => agent_named(&mut input, "assigned_to", agent).map(AssigneeFilter::Is),
    };
    let stars = given(query.rating.as_deref()).and_then(|rating| {
        let stars = rating.parse().ok().filter(|stars| (1..=5).contains(stars));
        if stars.is_none() {
            input.refuse("rating", "Must be a number from 1 to 5");
        }
        stars
    });
    let (sort, order) = query.sort.tickets(TicketSort::UpdatedAt, &mut input);
    let department = match given(query.department.as_deref()) {
        None => None,
        Some(slug) => {
            let departments = state.desk().departments(scope).await?;
            let found = departments.into_iter().find(|department| department.slug == slug);
            let Some(found) = found else {
                finish(input)?;
                return Ok(None);
            };
            Some(found.id)
        }
    };
    let text = given(query.q.as_deref());
    let words = text.and_then(WordQuery::new);
    if text.is_some() && words.is_none() {
        // Signs alone stand nowhere.
        finish(input)?;
        return Ok(None);
    }
    let filter = TicketFilter {
        statuses,
        department,
        assignee,
        stars,
        text: words,
        sort,
        order,
        ..TicketFilter::default()
    };
    let long_list = LongList::of_tickets(state, scope.tenant(), &filter);
    let after = given(query.cursor.as_deref()).and_then(|cursor| long_list.ticket(cursor, &mut input));
    finish(input)?;
    Ok(Some((filter, after)))
}

fn statuses_of(name: &str) -> Option<Vec<Status>> {
    match name {
        "ACTIVE" => Some(vec![Status::Open, Status::Assigned, Status::Pending]),
        "WAITING" => Some(vec![Status::Waiting]),
        "RESOLVED" => Some(vec![Status::Resolved]),
        "CLOSED" => Some(vec![Status::Closed]),
        _ => None,
    }
}

fn refuse_status(given: &str, input: &mut Input) {
    input.refuse(
        "status",
        format!("`{given}` is not one of: ACTIVE WAITING RESOLVED CLOSED"),
    );
}

/// A chat with its messages: the last ones, or those after a `seq`.
#[utoipa::path(
    get, path = "/api/v1/admin/chat/{chatId}", tag = "chat desk", security(("bearer" = [])),
    params(("chatId" = String, Path), ("after" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = WholeChat<'_>), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)),
)]
async fn read_one(
    State(state): State<SupportState>,
    AgentScope(scope): AgentScope,
    Path(chat): Path<String>,
    Query(query): Query<ThreadQuery>,
) -> Result<Response, ApiError> {
    let ticket = state.desk().ticket(&scope, chat.parse::<TicketRef>()?).await?;
    let newest = ticket.thread.last_seq.saturating_sub(u64::from(MESSAGES_AT_ONCE));
    let long_list = LongList::of_messages(&state, scope.tenant(), ticket.id);
    let after = long_list.place(query.after.as_deref(), query.cursor.as_deref(), newest)?;
    let messages = state.desk().messages(&scope, &ticket, after, MESSAGES_AT_ONCE).await?;
    let visit = state.desk().visitor_context(&scope, ticket.id).await?;
    let chat = ChatWithVisit {
        chat: state.hub().directory().row(scope.tenant(), &ticket).await?,
        visitor_context: visit.map(Into::into),
    };
    let next_cursor = long_list.after_messages(&messages, MESSAGES_AT_ONCE);
    let urls = state.file_urls(scope.tenant());
    let messages = messages
        .iter()
        .map(|message| ChatMessage::for_agent(message, Some(&ticket.thread), &urls))
        .collect();
    let chat = WholeChat {
        chat,
        messages,
        next_cursor,
    };
    Ok(answer(StatusCode::OK, &chat))
}

/// Answers in a chat, or leaves a note there. Takes a chat that nobody has.
#[utoipa::path(
    post, path = "/api/v1/admin/chat", tag = "chat desk", security(("bearer" = [])), request_body = AgentWords,
    responses(
        (status = 201, body = OneMessage<'_>), (status = 200, description = "It was accepted before", body = OneMessage<'_>),
        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
    ),
)]
async fn say(
    State(state): State<SupportState>,
    AgentScope(scope): AgentScope,
    words: Fields<AgentWords>,
) -> Result<Response, ApiError> {
    let Fields { body: words, mut found } = words;
    let files = file_meant(words.message_type.as_deref(), words.file_url.as_deref(), &mut found);
    let message = NewMessage {
        is_note: words.is_note.unwrap_or(false),
        client_id: words.client_message_id,
        attachments: files,
        ..NewMessage::text(words.message.unwrap_or_default())
    };
    message.check(&mut found, "message");
    let (chat, session) = (text_named(words.chat_id), text_named(words.session_id));
    if chat.is_none() && session.is_none() {
        found.refuse("chat_id", "This field is required");
    }
    finish(found)?;
    let ticket = meant(&state, &scope, chat, session).await?;
    let posted = state.desk().post_to(&scope, ticket, message, Speaker::Own).await;
    let posted = posted.map_err(|error| in_terms_of(error, &FILE_URL))?;
    let status = if posted.is_repeat {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    let urls = state.file_urls(scope.tenant());
    let message = ChatMessage::for_agent(&posted.message, Some(&posted.ticket.thread), &urls);
    Ok(answer(status, &OneMessage { message }))
}

/// The chat of this id or number, else the one of this session.
pub(crate) async fn meant(
    state: &SupportState,
    scope: &Scope,
    chat: Option<String>,
    session: Option<String>,
) -> Result<Ticket, ApiError> {
    if let Some(chat) = chat {
        return Ok(state.desk().ticket(scope, chat.parse::<TicketRef>()?).await?);
    }
    let secret = Secret::presented(session.unwrap_or_default());
    let ticket = state.desk().ticket_of_secret(scope.tenant(), &secret).await?;
    if scope.actor().sees(&ticket) {
        Ok(ticket)
    } else {
        Err(DeskError::NotFound.into())
    }
}

/// Changes a chat: status, agent, team, priority, tags; all or nothing.
#[utoipa::path(
    patch, path = "/api/v1/admin/chat", tag = "chat desk", security(("bearer" = [])), request_body = ChatChange,
    responses(
        (status = 200, body = OneChat), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
    ),
)]
async fn change(
    State(state): State<SupportState>,
    AgentScope(scope): AgentScope,
    change: Fields<ChatChange>,
) -> Result<Response, ApiError> {
    let Fields {
        body: change,
        mut found,
    } = change;
    let desk = state.desk();
    let ticket = match text_named(change.chat_id.clone()) {
        Some(chat) => Some(desk.ticket(&scope, chat.parse::<TicketRef>()?).await?),
        None => {
            found.refuse("chat_id", "This field is required");
            None
        }
    };
    let status = ticket.as_ref().map_or(Status::Open, |ticket| ticket.state.status());
    let changes = changes_of(status, change, &mut found);
    // Without a ticket there is a refusal already, and the desk looks at the rest before any ticket.
    let named = ticket.map_or(TicketRef::Number(0), |ticket| ticket.id.into());
    let ticket = desk.update_ticket_with(&scope, named, changes, found).await?;
    let chat = state.hub().directory().row(scope.tenant(), &ticket).await?;
    Ok(answer(StatusCode::OK, &OneChat { chat }))
}

fn changes_of(from: Status, change: ChatChange, input: &mut Input) -> TicketChanges {
    let assignee = change
        .assigned_to
        .map(|agent| agent.and_then(|agent| agent_named(input, "assigned_to", &agent)));
    let priority = change.priority.and_then(|name| input.one_of("priority", &name));
    let status = match change.status.as_deref() {
        None => None,
        Some(name) => status_meant(from, name, matches!(assignee, Some(Some(_)))).unwrap_or_else(|| {
            refuse_status(name, input);
            None
        }),
    };
    TicketChanges {
        status,
        assignee,
        department: change.department,
        priority,
        tags: change.tags,
        skills: change.skills,
        languages: change.languages,
        ..TicketChanges::default()
    }
}

/// The step that leads to what this face calls by `name`, where there is one to take. None for
/// names that mean nothing.
fn status_meant(from: Status, name: &str, is_given_away: bool) -> Option<Option<Status>> {
    Some(match (name, from) {
        // Nothing to do: three states are one here.
        ("ACTIVE", Status::Open | Status::Assigned) => None,
        ("ACTIVE", Status::Waiting) if is_given_away => None,
        ("ACTIVE", Status::Waiting | Status::Pending) => Some(Status::Assigned),
        ("ACTIVE", Status::Resolved | Status::Closed) => Some(Status::Open),
        ("WAITING", Status::Waiting) => None,
        ("WAITING", _) => Some(Status::Waiting),
        ("RESOLVED", _) => Some(Status::Resolved),
        ("CLOSED", _) => Some(Status::Closed),
        _ => return None,
    })
}

/// An agent has read up to a message.
#[utoipa::path(
    post, path = "/api/v1/admin/chat/read", tag = "chat desk", security(("bearer" = [])), request_body = AgentRead,
    responses((status = 200), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)),
)]
async fn mark_read(
    State(state): State<SupportState>,
    AgentScope(scope): AgentScope,
    Fields { body, found }: Fields<AgentRead>,
) -> Result<Response, ApiError> {
    let (chat, up_to) = both(found, ("chat_id", text_named(body.chat_id)), ("up_to", body.up_to))?;
    let marked = state
        .desk()
        .mark_read(&scope, chat.parse::<TicketRef>()?, up_to)
        .await?;
    Ok(answer(StatusCode::OK, &json!({ "markedCount": marked })))
}

/// An agent types, or stopped.
#[utoipa::path(
    post, path = "/api/v1/admin/chat/typing", tag = "chat desk", security(("bearer" = [])), request_body = AgentTyping,
    responses((status = 200), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)),
)]
async fn show_typing(
    State(state): State<SupportState>,
    AgentScope(scope): AgentScope,
    Fields { body, found }: Fields<AgentTyping>,
) -> Result<Response, ApiError> {
    let (chat, is_typing) = both(
        found,
        ("chat_id", text_named(body.chat_id)),
        ("is_typing", body.is_typing),
    )?;
    let ticket = state.desk().ticket(&scope, chat.parse::<TicketRef>()?).await?;
    state.desk().typing(&scope, &ticket, is_typing).await?;
    Ok(answer(StatusCode::OK, &json!({})))
}

/// The agent looks at the chat, or no longer does; to be said again every 30 seconds. Answers which
/// colleagues look at it too.
#[utoipa::path(
    post, path = "/api/v1/admin/chat/viewing", tag = "chat desk", security(("bearer" = [])), request_body = AgentViewing,
    responses((status = 200, body = OtherViewers), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)),
)]
async fn show_viewing(
    State(state): State<SupportState>,
    ColleagueScope(scope): ColleagueScope,
    Fields { body, found }: Fields<AgentViewing>,
) -> Result<Response, ApiError> {
    let (chat, is_viewing) = both(
        found,
        ("chat_id", text_named(body.chat_id)),
        ("is_viewing", body.is_viewing),
    )?;
    let agent = scope.actor().agent().ok_or_else(ApiError::forbidden)?.id;
    let ticket = state.desk().ticket(&scope, chat.parse::<TicketRef>()?).await?;
    // All desks that speak for themselves by calls are one.
    state.desk().viewing(&scope, &ticket, agent.uuid(), is_viewing).await?;
    let viewers = state.hub().viewers().of(scope.tenant(), ticket.id, agent);
    Ok(answer(StatusCode::OK, &OtherViewers { viewers }))
}
