//! The website chat as its visitors call it. Whoever holds a session's id is its visitor.

use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use support_core::{
    desk::{DeskError, NewMessage, NewRating, NewTicket, NewTicketRequester, Opened, Scope, Speaker},
    model::{Actor, Contact, FileId, InboxKind, Input, Secret, Tenant, TenantId, Ticket, TicketChannel, Timestamp},
};
use utoipa::{OpenApi, ToSchema};

use crate::{
    client_address::{Client, ClientAddress},
    error::{ApiError, ErrorBody, both, finish},
    extract::{Fields, Json, Object, Query},
    faces::files::file_of_url,
    languages::BrowserLanguage,
    scope::{Once, PublicTenant},
    state::SupportState,
    wire::{
        chat::{PostedChat, ReadChat, VisitorChat},
        cursor::LongList,
        enveloped,
        identity::{Identified, IdentityIn},
        messages::ChatMessage,
        tickets::CLIENT,
        visits::VisitIn,
    },
};

/// Messages given at once.
const MESSAGES_AT_ONCE: u32 = 100;

/// What is documented of these calls.
#[derive(OpenApi)]
#[openapi(paths(say, read_thread, mark_read, show_typing, close, send_transcript, rate))]
pub(crate) struct Document;

pub(crate) fn routes() -> Router<SupportState> {
    Router::new()
        .route("/api/v1/chat", get(read_thread).post(say))
        .route("/api/v1/chat/read", post(mark_read))
        .route("/api/v1/chat/typing", post(show_typing))
        .route("/api/v1/chat/close", post(close))
        .route("/api/v1/chat/transcript", post(send_transcript))
        .route("/api/v1/chat/rate", post(rate))
}

/// What makes a public call the same call again, if it has a key.
pub(crate) type OnceKey = Option<axum::Extension<Once>>;

/// The same scope, for a call that may come again.
pub(crate) fn once(scope: Scope, key: OnceKey) -> Scope {
    match key {
        Some(axum::Extension(Once(key))) => scope.once(key),
        None => scope,
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VisitorWords {
    /// The chat to go on with; none for a new one.
    session_id: Option<String>,
    visitor_name: Option<String>,
    visitor_email: Option<String>,
    visitor_phone: Option<String>,
    #[schema(required)]
    message: Option<String>,
    /// The slug of the team that a new chat is for.
    department: Option<String>,
    /// The language in which the visitor would be answered best, such as `pt-BR`; what the browser
    /// asks for when not given.
    language: Option<String>,
    /// `TEXT`, `IMAGE` or `FILE`.
    message_type: Option<String>,
    /// What an upload of this session gave as `url`. The words may be missing then.
    file_url: Option<String>,
    client_message_id: Option<String>,
    /// Where the visitor comes from and what they looked at; heeded for a new chat.
    #[schema(value_type = Option<VisitIn>)]
    context: Option<Object<VisitIn>>,
    /// A user of the host application, with the proof of it.
    #[schema(value_type = Option<IdentityIn>)]
    identity: Option<Object<IdentityIn>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ThreadQuery {
    session_id: Option<String>,
    after: Option<String>,
    cursor: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VisitorRead {
    #[schema(required)]
    session_id: Option<String>,
    /// The `seq` of the last message that was read.
    #[schema(required)]
    up_to: Option<u64>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VisitorTyping {
    #[schema(required)]
    session_id: Option<String>,
    #[schema(required)]
    is_typing: Option<bool>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VisitorClose {
    #[schema(required)]
    session_id: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VisitorTranscript {
    #[schema(required)]
    session_id: Option<String>,
    #[schema(required)]
    email: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VisitorRating {
    #[schema(required)]
    session_id: Option<String>,
    /// One to five stars.
    #[schema(required)]
    rating: Option<i64>,
    /// In their own words.
    comment: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RatedChat {
    chat_id: uuid::Uuid,
    rating: Option<u8>,
    comment: Option<String>,
    #[schema(value_type = Option<String>)]
    rated_at: Option<Timestamp>,
}

/// An answer of this face. Written here, since it may borrow from what the call has read.
pub(crate) fn answer(status: StatusCode, data: &impl Serialize) -> Response {
    (status, enveloped(data)).into_response()
}

/// What this face calls the files that a message carries.
pub(crate) const FILE_URL: [(&str, &str); 1] = [("attachment_ids", "file_url")];

/// The file that a message is to carry, by the address that its upload gave.
pub(crate) fn file_meant(message_type: Option<&str>, file_url: Option<&str>, input: &mut Input) -> Vec<FileId> {
    let is_file = match message_type {
        None | Some("TEXT") => false,
        Some("IMAGE" | "FILE") => true,
        Some(kind) => {
            input.refuse("message_type", format!("`{kind}` is not one of: TEXT IMAGE FILE"));
            false
        }
    };
    let Some(url) = file_url.filter(|url| !url.is_empty()) else {
        if is_file {
            input.refuse("file_url", "This field is required");
        }
        return Vec::new();
    };
    let file = file_of_url(url);
    if file.is_none() {
        input.refuse("file_url", "There is no such upload");
    }
    file.into_iter().collect()
}

/// A refusal in which fields have the names that this call gives them.
pub(crate) fn in_terms_of(error: DeskError, names: &[(&str, &str)]) -> ApiError {
    let DeskError::Invalid(mut fields) = error else {
        return error.into();
    };
    for field in &mut fields {
        if let Some((_, own)) = names.iter().find(|(core, _)| *core == field.field) {
            (*own).clone_into(&mut field.field);
        }
    }
    DeskError::Invalid(fields).into()
}

/// The chat that a session's id opens, in whose visitor's name, and the id itself.
pub(crate) async fn visitors_chat(
    state: &SupportState,
    tenant: TenantId,
    session: Option<String>,
) -> Result<(Scope, Ticket, Secret), ApiError> {
    let secret = presented(session)?;
    let ticket = state.desk().ticket_of_secret(tenant, &secret).await?;
    Ok((visitor_of(tenant, &ticket), ticket, secret))
}

fn presented(session: Option<String>) -> Result<Secret, ApiError> {
    let session = session.filter(|session| !session.is_empty());
    session
        .map(Secret::presented)
        .ok_or_else(|| ApiError::field("session_id", "This field is required"))
}

fn visitor_of(tenant: TenantId, ticket: &Ticket) -> Scope {
    let actor = Actor::Visitor {
        requester: ticket.requester,
        ticket: ticket.id,
    };
    Scope::new(tenant, actor)
}

/// Begins a chat, or goes on with one.
#[utoipa::path(
    post, path = "/api/v1/chat", tag = "chat", request_body = VisitorWords,
    responses(
        (status = 201, description = "A new chat", body = PostedChat<'_>), (status = 200, description = "The chat goes on", body = PostedChat<'_>),
        (status = 400, body = ErrorBody), (status = 401, description = "Who they say they are is not proven", body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody), (status = 429, body = ErrorBody),
    ),
)]
async fn say(
    State(state): State<SupportState>,
    PublicTenant(tenant): PublicTenant,
    client: Client,
    key: OnceKey,
    browser: BrowserLanguage,
    words: Fields<VisitorWords>,
) -> Result<Response, ApiError> {
    let Fields {
        body: mut words,
        mut found,
    } = words;
    let identity = match words.identity.take() {
        Some(Object(identity)) => Some(Box::pin(identity.proven(&state, &tenant)).await?),
        None => None,
    };
    let files = file_meant(words.message_type.as_deref(), words.file_url.as_deref(), &mut found);
    match &words.session_id {
        None => {
            let languages = browser.or_told(words.language.clone(), &mut found);
            if !files.is_empty() {
                // Nobody has sent in anything for a chat that does not exist.
                found.refuse("file_url", "There is no such upload");
            }
            Box::pin(open(&state, &tenant, client, key, words, identity, languages, found)).await
        }
        Some(_) => Box::pin(go_on(&state, &tenant, key, words, identity, files, found)).await,
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "they are what the request consists of, taken apart by its one caller"
)]
async fn open(
    state: &SupportState,
    tenant: &Tenant,
    client: Client,
    key: OnceKey,
    words: VisitorWords,
    identity: Option<Identified>,
    languages: Vec<String>,
    mut found: Input,
) -> Result<Response, ApiError> {
    state.limits().creation(ClientAddress(client.address))?;
    if identity.is_none() {
        client.pass_challenge(state).await?;
    }
    let inbox = state.desk().default_inbox(tenant.id, InboxKind::Widget).await?;
    let metadata = json!({ CLIENT: client.metadata() });
    let Object(visit) = words.context.unwrap_or_default();
    let contact = Contact {
        name: words.visitor_name,
        email: words.visitor_email,
        phone: words.visitor_phone,
    };
    let requester = match identity {
        Some(Identified {
            customer,
            contact: told,
        }) => NewTicketRequester::CustomerInWidget(customer, first_told(told, contact)),
        None => NewTicketRequester::Visitor(contact),
    };
    let new = NewTicket {
        department: words.department,
        languages,
        message: Some(NewMessage {
            client_id: words.client_message_id,
            ..NewMessage::text(words.message.unwrap_or_default())
        }),
        metadata: Some(metadata),
        visit: Some(visit.told(client, &mut found)),
        ..NewTicket::new(inbox.id, TicketChannel::Web, requester)
    };
    let names = [
        ("name", "visitor_name"),
        ("email", "visitor_email"),
        ("phone", "visitor_phone"),
    ];
    let scope = once(Scope::new(tenant.id, Actor::Anyone), key);
    let opened = state.desk().open_ticket_with(&scope, new, found).await;
    let Opened {
        ticket,
        secret,
        message,
        somebody_is_online,
        ..
    } = opened.map_err(|error| in_terms_of(error, &names))?;
    let secret = secret.ok_or_else(|| ApiError::internal("a chat was opened without a session"))?;
    let chat = visitor_chat(state, tenant.id, secret.reveal(), &ticket, Some(somebody_is_online)).await?;
    let message = message
        .as_ref()
        .map(|message| ChatMessage::for_visitor(message, Some(&ticket.thread), &state.file_urls(tenant.id)));
    Ok(answer(StatusCode::CREATED, &PostedChat { chat, message }))
}

/// What was told of somebody, by whom it was told first.
fn first_told(first: Contact, second: Contact) -> Contact {
    Contact {
        name: first.name.or(second.name),
        email: first.email.or(second.email),
        phone: first.phone.or(second.phone),
    }
}

async fn go_on(
    state: &SupportState,
    tenant: &Tenant,
    key: OnceKey,
    words: VisitorWords,
    identity: Option<Identified>,
    files: Vec<FileId>,
    mut found: Input,
) -> Result<Response, ApiError> {
    let secret = presented(words.session_id)?;
    let mut ticket = state.desk().ticket_to_write_to(tenant.id, &secret).await?;
    if let Some(Identified { customer, contact }) = identity {
        let scope = visitor_of(tenant.id, &ticket);
        ticket = state.desk().claim_ticket(&scope, ticket.id, customer, contact).await?;
    }
    let scope = visitor_of(tenant.id, &ticket);
    state.limits().message(ticket.id)?;
    let message = NewMessage {
        client_id: words.client_message_id,
        attachments: files,
        ..NewMessage::text(words.message.unwrap_or_default())
    };
    message.check(&mut found, "message");
    finish(found)?;
    let posted = state
        .desk()
        .post_to(&once(scope, key), ticket, message, Speaker::Own)
        .await
        .map_err(|error| in_terms_of(error, &FILE_URL))?;
    let chat = visitor_chat(state, tenant.id, secret.reveal(), &posted.ticket, None).await?;
    let urls = state.file_urls(tenant.id);
    let message = ChatMessage::for_visitor(&posted.message, Some(&posted.ticket.thread), &urls);
    let message = Some(message);
    Ok(answer(StatusCode::OK, &PostedChat { chat, message }))
}

async fn visitor_chat<'a>(
    state: &SupportState,
    tenant: TenantId,
    session: &'a str,
    ticket: &Ticket,
    admin_online: Option<bool>,
) -> Result<VisitorChat<'a>, ApiError> {
    let directory = state.hub().directory();
    let admin_online = match admin_online {
        Some(admin_online) => admin_online,
        None => directory.somebody_is_online(tenant, ticket.department).await?,
    };
    let department = directory.slug(tenant, ticket.department).await?;
    let assigned_to = directory.assignee(tenant, ticket.assignee()).await?;
    Ok(VisitorChat::new(session, ticket, department, admin_online, assigned_to))
}

/// A chat and what was said in it after a `seq`, a hundred messages at a time.
#[utoipa::path(
    get, path = "/api/v1/chat", tag = "chat",
    params(("sessionId" = String, Query), ("after" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = ReadChat<'_>), (status = 404, body = ErrorBody)),
)]
async fn read_thread(
    State(state): State<SupportState>,
    PublicTenant(tenant): PublicTenant,
    Query(query): Query<ThreadQuery>,
) -> Result<Response, ApiError> {
    let (scope, ticket, secret) = visitors_chat(&state, tenant.id, query.session_id).await?;
    let long_list = LongList::of_messages(&state, tenant.id, ticket.id);
    let after = long_list.place(query.after.as_deref(), query.cursor.as_deref(), 0)?;
    let messages = state.desk().messages(&scope, &ticket, after, MESSAGES_AT_ONCE).await?;
    let chat = visitor_chat(&state, tenant.id, secret.reveal(), &ticket, None).await?;
    let next_cursor = long_list.after_messages(&messages, MESSAGES_AT_ONCE);
    let urls = state.file_urls(tenant.id);
    let messages = messages
        .iter()
        .map(|message| ChatMessage::for_visitor(message, Some(&ticket.thread), &urls))
        .collect();
    let chat = ReadChat {
        chat,
        messages,
        next_cursor,
        rating: ticket.rating.as_ref().map(|rating| rating.stars),
    };
    Ok(answer(StatusCode::OK, &chat))
}

/// The visitor has read up to a message.
#[utoipa::path(
    post, path = "/api/v1/chat/read", tag = "chat", request_body = VisitorRead,
    responses((status = 200), (status = 400, body = ErrorBody), (status = 404, body = ErrorBody)),
)]
async fn mark_read(
    State(state): State<SupportState>,
    PublicTenant(tenant): PublicTenant,
    Fields { body, found }: Fields<VisitorRead>,
) -> Result<Response, ApiError> {
    let (session, up_to) = both(found, ("session_id", body.session_id), ("up_to", body.up_to))?;
    let (scope, ticket, _) = visitors_chat(&state, tenant.id, Some(session)).await?;
    let marked = state.desk().mark_read(&scope, ticket.id, up_to).await?;
    Ok(answer(StatusCode::OK, &json!({ "markedCount": marked })))
}

/// The visitor types, or stopped.
#[utoipa::path(
    post, path = "/api/v1/chat/typing", tag = "chat", request_body = VisitorTyping,
    responses((status = 200), (status = 400, body = ErrorBody), (status = 404, body = ErrorBody)),
)]
async fn show_typing(
    State(state): State<SupportState>,
    PublicTenant(tenant): PublicTenant,
    Fields { body, found }: Fields<VisitorTyping>,
) -> Result<Response, ApiError> {
    let (session, is_typing) = both(found, ("session_id", body.session_id), ("is_typing", body.is_typing))?;
    let (scope, ticket, _) = visitors_chat(&state, tenant.id, Some(session)).await?;
    state.desk().typing(&scope, &ticket, is_typing).await?;
    Ok(answer(StatusCode::OK, &json!({})))
}

/// The visitor ends the chat.
#[utoipa::path(
    post, path = "/api/v1/chat/close", tag = "chat", request_body = VisitorClose,
    responses((status = 200, body = VisitorChat<'_>), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)),
)]
async fn close(
    State(state): State<SupportState>,
    PublicTenant(tenant): PublicTenant,
    Json(close): Json<VisitorClose>,
) -> Result<Response, ApiError> {
    let (scope, ticket, secret) = visitors_chat(&state, tenant.id, close.session_id).await?;
    let ticket = state.desk().close_own_ticket(&scope, ticket.id).await?;
    let chat = visitor_chat(&state, tenant.id, secret.reveal(), &ticket, None).await?;
    Ok(answer(StatusCode::OK, &chat))
}

/// The visitor has what was said mailed to an address.
#[utoipa::path(
    post, path = "/api/v1/chat/transcript", tag = "chat", request_body = VisitorTranscript,
    responses(
        (status = 200), (status = 400, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 409, description = "No mail can be sent", body = ErrorBody), (status = 429, body = ErrorBody),
    ),
)]
async fn send_transcript(
    State(state): State<SupportState>,
    PublicTenant(tenant): PublicTenant,
    address: ClientAddress,
    Fields { body, mut found }: Fields<VisitorTranscript>,
) -> Result<Response, ApiError> {
    let email = found.email("email", body.email.as_deref().unwrap_or_default());
    let (session, email) = both(found, ("session_id", body.session_id), ("email", Some(email)))?;
    let (scope, ticket, _) = visitors_chat(&state, tenant.id, Some(session)).await?;
    state.limits().creation(address)?;
    state.desk().send_transcript(&scope, ticket.id, &email).await?;
    Ok(answer(StatusCode::OK, &json!({ "email": email, "queued": true })))
}

/// The visitor says how they were helped, once it is over.
#[utoipa::path(
    post, path = "/api/v1/chat/rate", tag = "chat", request_body = VisitorRating,
    responses((status = 200, body = RatedChat), (status = 400, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody)),
)]
async fn rate(
    State(state): State<SupportState>,
    PublicTenant(tenant): PublicTenant,
    Fields { body, found }: Fields<VisitorRating>,
) -> Result<Response, ApiError> {
    let (session, stars) = both(found, ("session_id", body.session_id), ("rating", body.rating))?;
    let (scope, ticket, _) = visitors_chat(&state, tenant.id, Some(session)).await?;
    let rating = NewRating {
        stars,
        comment: body.comment,
    };
    let ticket = state.desk().rate(&scope, ticket.id, rating).await?;
    let rating = ticket.rating.as_ref();
    let rated = RatedChat {
        chat_id: ticket.id.uuid(),
        rating: rating.map(|rating| rating.stars),
        comment: rating.and_then(|rating| rating.comment.clone()),
        rated_at: rating.map(|rating| rating.at),
    };
    Ok(answer(StatusCode::OK, &rated))
}
