//! Tickets as the live-chat desk calls them: by agents, and by servers that may handle tickets.

mod change;
mod create;
mod list;
mod messages;
mod search;
mod stats;

use axum::{
    Json as Answer, Router,
    extract::State,
    routing::{get, patch, post},
};
use serde::Serialize;
use support_core::{
    desk::{Scope, TicketRef},
    model::{AgentId, Message, Ticket},
};
use utoipa::{OpenApi, ToSchema};

use crate::{
    error::{ApiError, ErrorBody},
    extract::Path,
    scope::AgentScope,
    state::SupportState,
    wire::{
        Envelope, enveloped,
        people::{AgentRow, Colleagues},
        tickets::{MessageRow, TicketRow},
    },
};
pub(crate) use list::rows;

/// The end of a thread that comes with its ticket, in messages.
const MESSAGES_AT_ONCE: u32 = 500;

/// What is documented of these calls.
#[derive(OpenApi)]
#[openapi(paths(
    list::list,
    show,
    create::create,
    change::set_status,
    change::assign,
    change::transfer,
    change::set_priority,
    change::tag,
    change::escalate,
    change::send_transcript,
    messages::post_message,
    messages::read,
    messages::mark_read,
    search::search,
    stats::overview,
))]
pub(crate) struct Document;

pub(crate) fn routes() -> Router<SupportState> {
    Router::new()
        .route("/api/tickets", get(list::list).post(create::create))
        .route("/api/tickets/search/{query}", get(search::search))
        .route("/api/tickets/stats/overview", get(stats::overview))
        .route("/api/tickets/{ticketId}", get(show))
        .route("/api/tickets/{ticketId}/status", patch(change::set_status))
        .route("/api/tickets/{ticketId}/assign", patch(change::assign))
        .route("/api/tickets/{ticketId}/transfer", patch(change::transfer))
        .route("/api/tickets/{ticketId}/priority", patch(change::set_priority))
        .route("/api/tickets/{ticketId}/tags", patch(change::tag))
        .route("/api/tickets/{ticketId}/escalate", post(change::escalate))
        .route("/api/tickets/{ticketId}/transcript", post(change::send_transcript))
        .route(
            "/api/tickets/{ticketId}/messages",
            get(messages::read).post(messages::post_message),
        )
        .route("/api/tickets/{ticketId}/messages/read", patch(messages::mark_read))
}

type Enveloped<T> = Result<Answer<Envelope<T>>, ApiError>;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OneTicket {
    ticket: TicketRow,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WholeTicket {
    ticket: TicketWithThread,
}

/// A ticket with the end of its thread and whoever has it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TicketWithThread {
    #[serde(flatten)]
    ticket: TicketRow,
    agent: Option<AgentRow>,
    /// Serialised, since it borrows from what was read.
    #[schema(value_type = Vec<MessageRow<'_>>)]
    messages: serde_json::Value,
}

async fn row(state: &SupportState, scope: &Scope, ticket: &Ticket) -> Result<TicketRow, ApiError> {
    Ok(TicketRow::of(state.hub().directory(), scope.tenant(), ticket).await?)
}

async fn one(state: &SupportState, scope: &Scope, ticket: &Ticket) -> Enveloped<OneTicket> {
    let ticket = row(state, scope, ticket).await?;
    Ok(enveloped(OneTicket { ticket }))
}

async fn agent_row(state: &SupportState, scope: &Scope, agent: Option<AgentId>) -> Result<Option<AgentRow>, ApiError> {
    let Some(agent) = agent else {
        return Ok(None);
    };
    let found = state.desk().stores().people.agent(scope.tenant(), agent).await?;
    match found {
        Some(agent) => Ok(Some(Colleagues::of(state.desk(), scope).await?.row(agent))),
        None => Ok(None),
    }
}

fn written(
    state: &SupportState,
    scope: &Scope,
    messages: &[Message],
    ticket: &Ticket,
) -> Result<serde_json::Value, ApiError> {
    let urls = state.file_urls(scope.tenant());
    let rows: Vec<_> = messages
        .iter()
        .map(|message| MessageRow::new(message, Some(&ticket.thread), &urls))
        .collect();
    serde_json::to_value(rows).map_err(|error| ApiError::internal(error.to_string()))
}

/// A ticket with the end of its thread.
#[utoipa::path(get, path = "/api/tickets/{ticketId}", tag = "tickets", security(("bearer" = [])),
    params(("ticketId" = String, Path, description = "Its id, or its number: `TKT-42`")),
    responses((status = 200, body = Envelope<WholeTicket>), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
async fn show(
    State(state): State<SupportState>,
    AgentScope(scope): AgentScope,
    Path(ticket): Path<String>,
) -> Enveloped<WholeTicket> {
    let ticket = state.desk().ticket(&scope, ticket.parse::<TicketRef>()?).await?;
    let after = ticket.thread.last_seq.saturating_sub(u64::from(MESSAGES_AT_ONCE));
    let messages = state.desk().messages(&scope, &ticket, after, MESSAGES_AT_ONCE).await?;
    Ok(enveloped(WholeTicket {
        ticket: TicketWithThread {
            agent: agent_row(&state, &scope, ticket.assignee()).await?,
            messages: written(&state, &scope, &messages, &ticket)?,
            ticket: row(&state, &scope, &ticket).await?,
        },
    }))
}
