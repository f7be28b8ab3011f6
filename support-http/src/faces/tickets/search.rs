//! Finding tickets by words.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use support_core::model::{Input, Snippet};
use utoipa::ToSchema;

use super::{Enveloped, row};
use crate::{
    error::{ErrorBody, finish},
    extract::{Path, Query},
    scope::AgentScope,
    state::SupportState,
    wire::{
        Envelope, enveloped,
        pagination::{PageQuery, Pagination},
        tickets::TicketRow,
    },
};

/// The longest question, in characters.
const LONGEST_QUERY: usize = 200;

#[derive(Debug, Deserialize)]
pub(super) struct Search {
    #[serde(flatten)]
    page: PageQuery,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FoundTickets {
    tickets: Vec<FoundRow>,
    pagination: Pagination,
}

/// A ticket and why it was found.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FoundRow {
    #[serde(flatten)]
    ticket: TicketRow,
    /// How well it fits; more is better.
    score: u32,
    /// The `seq` of the message in which the words stand; none when they stand in the ticket's own fields.
    message_seq: Option<u64>,
    /// The subject or message around what was found, in pieces: every second one is what was found.
    snippet: Vec<String>,
}

/// Tickets by their number, or by words in their subject, their messages, or their customer's
/// name or address: best first.
#[utoipa::path(get, path = "/api/tickets/search/{query}", tag = "tickets", security(("bearer" = [])),
    params(("query" = String, Path), ("page" = Option<u32>, Query), ("limit" = Option<u32>, Query)),
    responses((status = 200, body = Envelope<FoundTickets>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
pub(super) async fn search(
    State(state): State<SupportState>,
    AgentScope(scope): AgentScope,
    Path(query): Path<String>,
    Query(search): Query<Search>,
) -> Enveloped<FoundTickets> {
    let mut input = Input::new();
    let page = search.page.read(&mut input);
    let query = input.line("query", &query, 1..=LONGEST_QUERY);
    finish(input)?;
    let found = state.desk().search_tickets(&scope, &query, page).await?;
    let mut tickets = Vec::with_capacity(found.items.len());
    for found in &found.items {
        tickets.push(FoundRow {
            ticket: row(&state, &scope, &found.ticket).await?,
            score: found.score,
            message_seq: found.message.as_ref().map(|message| message.seq),
            snippet: pieces(&found.snippet),
        });
    }
    Ok(enveloped(FoundTickets {
        tickets,
        pagination: Pagination::new(page, found.total),
    }))
}

/// What lies before, within and between what was found.
fn pieces(snippet: &Snippet) -> Vec<String> {
    let mut pieces = Vec::with_capacity(snippet.found.len() * 2 + 1);
    let mut passed = 0;
    for found in &snippet.found {
        for piece in [passed..found.start, found.clone()] {
            pieces.push(snippet.text.get(piece).unwrap_or_default().to_owned());
        }
        passed = found.end;
    }
    pieces.push(snippet.text.get(passed..).unwrap_or_default().to_owned());
    pieces
}
