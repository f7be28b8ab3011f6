//! The customer's own tickets.

use axum::{
    Json as Answer,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use serde::Deserialize;
use serde_json::json;
use support_core::{
    desk::{NewMessage, NewTicket, NewTicketRequester, Scope},
    model::{Contact, InboxKind, Input, LONGEST_SUBJECT, Priority, Status, Ticket, TicketChannel},
    ports::{TicketCursor, TicketFilter, TicketPosition},
};
use utoipa::ToSchema;

use super::{NEXT_CURSOR, TOTAL, own_ticket};
use crate::{
    error::{ApiError, ErrorBody, finish},
    extract::{Fields, Path, Query},
    faces::{chat::in_terms_of, files::named_files},
    scope::CustomerScope,
    state::SupportState,
    wire::{
        cursor::LongList,
        named::given,
        pagination::PageQuery,
        portal::{KIND, PRIORITIES, PortalTicket, STATUSES, WholePortalTicket},
    },
};

const REQUIRED: &str = "This field is required";
/// The longest name of a kind of matter.
const LONGEST_KIND: usize = 100;
/// The end of a thread that comes with its ticket, in messages.
const MESSAGES_AT_ONCE: u32 = 500;

#[derive(Debug, Deserialize)]
pub(super) struct Search {
    status: Option<String>,
    priority: Option<String>,
    cursor: Option<String>,
    #[serde(flatten)]
    page: PageQuery,
}

#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct PortalTicketInput {
    #[schema(required)]
    title: Option<String>,
    /// What the customer asks: the first message.
    #[schema(required)]
    description: Option<String>,
    category: Option<String>,
    /// `low`, `medium`, `high` or `urgent`.
    priority: Option<String>,
    /// What kind of matter it is, in the words of the tenant's pages.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// Files that were sent in for the first message, by their ids.
    #[serde(rename = "attachmentIds")]
    attachment_ids: Option<Vec<String>>,
}

/// The customer's tickets, newest first. `X-Total-Count` has their number, `X-Next-Cursor` what to
/// send as `cursor` for those that follow.
#[utoipa::path(get, path = "/api/customers/me/tickets", tag = "portal", security(("bearer" = [])),
    params(("status" = Option<String>, Query, description = "`open`, `in_progress`, `pending`, `resolved` or `closed`, or several with commas between them"),
        ("priority" = Option<String>, Query, description = "`low`, `medium`, `high` or `urgent`"),
        ("page" = Option<u32>, Query), ("limit" = Option<u32>, Query),
        ("cursor" = Option<String>, Query, description = "Instead of `page`: goes on where an earlier answer ended")),
    responses((status = 200, body = Vec<PortalTicket>, headers(("X-Total-Count" = u64), ("X-Next-Cursor" = String))),
        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
pub(super) async fn list(
    State(state): State<SupportState>,
    CustomerScope { scope, customer }: CustomerScope,
    Query(search): Query<Search>,
) -> Result<(HeaderMap, Answer<Vec<PortalTicket>>), ApiError> {
    let mut input = Input::new();
    let page = search.page.read(&mut input);
    let filter = TicketFilter {
        statuses: statuses(search.status.as_deref(), &mut input),
        priority: priority(search.priority.as_deref(), &mut input),
        requester: Some(support_core::model::Requester::Customer(customer)),
        ..TicketFilter::default()
    };
    let long_list = LongList::of_tickets(&state, scope.tenant(), &filter);
    let after = given(search.cursor.as_deref()).and_then(|cursor| long_list.ticket(cursor, &mut input));
    finish(input)?;
    let sort = filter.sort;
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
    let mut headers = HeaderMap::new();
    headers.insert(TOTAL, found.total.into());
    let last = found.items.last().filter(|_| is_more);
    let next = last.map(|ticket| long_list.after_ticket(TicketCursor::of(ticket, sort)));
    if let Some(next) = next.and_then(|next| next.parse().ok()) {
        headers.insert(NEXT_CURSOR, next);
    }
    Ok((headers, Answer(rows(&state, &scope, &found.items).await?)))
}

/// Tickets as rows, each with as many messages as its customer may see.
async fn rows(state: &SupportState, scope: &Scope, tickets: &[Ticket]) -> Result<Vec<PortalTicket>, ApiError> {
    let ids: Vec<_> = tickets.iter().map(|ticket| ticket.id).collect();
    let notes = state.desk().stores().messages.notes(scope.tenant(), &ids).await?;
    let rows = tickets
        .iter()
        .map(|ticket| PortalTicket::new(ticket, notes.get(&ticket.id).copied().unwrap_or_default()));
    Ok(rows.collect())
}

async fn row(state: &SupportState, scope: &Scope, ticket: &Ticket) -> Result<PortalTicket, ApiError> {
    let notes = notes_in(state, scope, ticket).await?;
    Ok(PortalTicket::new(ticket, notes))
}

async fn notes_in(state: &SupportState, scope: &Scope, ticket: &Ticket) -> Result<u64, ApiError> {
    let messages = &state.desk().stores().messages;
    let notes = messages.notes(scope.tenant(), &[ticket.id]).await?;
    Ok(notes.get(&ticket.id).copied().unwrap_or_default())
}

fn statuses(text: Option<&str>, input: &mut Input) -> Vec<Status> {
    let mut wanted = Vec::new();
    let names = text.unwrap_or_default().split(',').map(str::trim);
    for name in names.filter(|name| !name.is_empty()) {
        match STATUSES.iter().find(|(known, _)| *known == name) {
            Some((_, statuses)) => wanted.extend_from_slice(statuses),
            None => refuse_name(input, "status", name, &STATUSES.map(|(known, _)| known)),
        }
    }
    wanted
}

fn priority(name: Option<&str>, input: &mut Input) -> Option<Priority> {
    let name = given(name)?;
    let known = PRIORITIES.iter().find(|(known, _)| *known == name);
    if known.is_none() {
        refuse_name(input, "priority", name, &PRIORITIES.map(|(known, _)| known));
    }
    known.map(|(_, priority)| *priority)
}

fn refuse_name(input: &mut Input, field: &str, name: &str, known: &[&str]) {
    input.refuse(field, format!("`{name}` is not one of: {}", known.join(" ")));
}

/// Opens a ticket.
#[utoipa::path(post, path = "/api/customers/me/tickets", tag = "portal", security(("bearer" = [])),
    request_body = PortalTicketInput,
    responses((status = 201, body = WholePortalTicket), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 429, body = ErrorBody)))]
pub(super) async fn create(
    State(state): State<SupportState>,
    CustomerScope { scope, customer }: CustomerScope,
    Fields { body, mut found }: Fields<PortalTicketInput>,
) -> Result<(StatusCode, Answer<WholePortalTicket>), ApiError> {
    state.limits().creation(&scope)?;
    let priority = priority(body.priority.as_deref(), &mut found);
    let kind = found.optional_line("type", body.kind.as_deref(), LONGEST_KIND);
    for (field, text) in [("title", &body.title), ("description", &body.description)] {
        if given(text.as_deref()).is_none() {
            found.refuse(field, REQUIRED);
        }
    }
    // Under its own name, since the desk calls it otherwise.
    let title = found.optional_line("title", body.title.as_deref(), LONGEST_SUBJECT);
    let inbox = state.desk().default_inbox(scope.tenant(), InboxKind::Api).await?;
    let requester = NewTicketRequester::Customer(customer, Contact::default());
    let message = NewMessage {
        attachments: named_files(body.attachment_ids)?,
        ..NewMessage::text(body.description.unwrap_or_default())
    };
    let new = NewTicket {
        subject: title.filter(|title| title.chars().count() <= LONGEST_SUBJECT),
        priority: priority.unwrap_or(Priority::Normal),
        category: body.category,
        message: Some(message),
        metadata: kind.map(|kind| json!({ KIND: kind })),
        ..NewTicket::new(inbox.id, TicketChannel::Portal, requester)
    };
    let opened = state.desk().open_ticket_with(&scope, new, found).await;
    let names = [("message", "description"), ("subject", "title")];
    let opened = opened.map_err(|error| in_terms_of(error, &names))?;
    let whole = whole(&state, &scope, &opened.ticket).await?;
    Ok((StatusCode::CREATED, Answer(whole)))
}

async fn whole(state: &SupportState, scope: &Scope, ticket: &Ticket) -> Result<WholePortalTicket, ApiError> {
    let after = ticket.thread.last_seq.saturating_sub(u64::from(MESSAGES_AT_ONCE));
    let messages = state.desk().messages(scope, ticket, after, MESSAGES_AT_ONCE).await?;
    let notes = notes_in(state, scope, ticket).await?;
    let urls = state.file_urls(scope.tenant());
    Ok(WholePortalTicket::new(ticket, notes, &messages, &urls))
}

/// A ticket with the end of its thread, which the customer has read by that.
#[utoipa::path(get, path = "/api/customers/me/tickets/{ticketId}", tag = "portal", security(("bearer" = [])),
    params(("ticketId" = String, Path, description = "Its id, or its number: `TKT-42`")),
    responses((status = 200, body = WholePortalTicket), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(super) async fn show(
    State(state): State<SupportState>,
    CustomerScope { scope, .. }: CustomerScope,
    Path(ticket): Path<String>,
) -> Result<Answer<WholePortalTicket>, ApiError> {
    let mut ticket = own_ticket(&state, &scope, &ticket).await?;
    let shown = ticket.thread.last_seq;
    if ticket.thread.unread_by_customer > 0 && state.desk().mark_read(&scope, ticket.id, shown).await? > 0 {
        ticket = state.desk().ticket(&scope, ticket.id).await?;
    }
    Ok(Answer(whole(&state, &scope, &ticket).await?))
}

/// The customer ends the conversation.
#[utoipa::path(post, path = "/api/customers/me/tickets/{ticketId}/close", tag = "portal", security(("bearer" = [])),
    params(("ticketId" = String, Path)),
    responses((status = 200, body = PortalTicket), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub(super) async fn close(
    State(state): State<SupportState>,
    CustomerScope { scope, .. }: CustomerScope,
    Path(ticket): Path<String>,
) -> Result<Answer<PortalTicket>, ApiError> {
    let ticket = own_ticket(&state, &scope, &ticket).await?;
    let ticket = state.desk().close_own_ticket(&scope, ticket.id).await?;
    Ok(Answer(row(&state, &scope, &ticket).await?))
}

/// The customer opens a resolved ticket again. A closed one is for an agent to open again; what is
/// written to it opens another.
#[utoipa::path(post, path = "/api/customers/me/tickets/{ticketId}/reopen", tag = "portal", security(("bearer" = [])),
    params(("ticketId" = String, Path)),
    responses((status = 200, body = PortalTicket), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub(super) async fn reopen(
    State(state): State<SupportState>,
    CustomerScope { scope, .. }: CustomerScope,
    Path(ticket): Path<String>,
) -> Result<Answer<PortalTicket>, ApiError> {
    let ticket = own_ticket(&state, &scope, &ticket).await?;
    let ticket = state.desk().reopen_own_ticket(&scope, ticket.id).await?;
    Ok(Answer(row(&state, &scope, &ticket).await?))
}
