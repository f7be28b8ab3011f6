//! Lists of tickets.

use axum::extract::State;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use support_core::{
    desk::Scope,
    model::{CustomerId, Input, Requester, Status, Ticket, VisitorId},
    ports::{AssigneeFilter, TicketCursor, TicketFilter, TicketPosition, TicketSort},
};
use utoipa::ToSchema;

use super::{
    Enveloped,
    stats::{Statistics, of_list},
};
use crate::{
    error::{ApiError, ErrorBody, finish},
    extract::Query,
    scope::AgentScope,
    state::SupportState,
    wire::{
        Envelope,
        cursor::LongList,
        dates::{Edge, edge},
        enveloped,
        named::{agent_named, department_named, given},
        pagination::{PageQuery, Pagination},
        sorting::SortQuery,
        tickets::TicketRow,
    },
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Search {
    status: Option<String>,
    agent_id: Option<String>,
    customer_id: Option<String>,
    priority: Option<String>,
    department: Option<String>,
    tag: Option<String>,
    date_from: Option<String>,
    date_to: Option<String>,
    cursor: Option<String>,
    #[serde(flatten)]
    sort: SortQuery,
    #[serde(flatten)]
    page: PageQuery,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Tickets {
    tickets: Vec<TicketRow>,
    pagination: Pagination,
    statistics: Statistics,
    /// What to send as `cursor` for the next part; none at the end.
    next_cursor: Option<String>,
}

/// Tickets as rows.
///
/// # Errors
/// [`ApiError`] when the store can't be asked.
pub(crate) async fn rows(state: &SupportState, scope: &Scope, tickets: &[Ticket]) -> Result<Vec<TicketRow>, ApiError> {
    let mut rows = Vec::with_capacity(tickets.len());
    for ticket in tickets {
        rows.push(super::row(state, scope, ticket).await?);
    }
    Ok(rows)
}

/// The tickets that the caller may see, newest first unless asked otherwise.
#[utoipa::path(get, path = "/api/tickets", tag = "tickets", security(("bearer" = [])),
    params(("status" = Option<String>, Query, description = "One status, or several with commas between them"),
        ("agentId" = Option<String>, Query, description = "An agent's id, `me` or `none`"),
        ("customerId" = Option<String>, Query, description = "A customer's id, or what your own system calls them"),
        ("priority" = Option<String>, Query), ("department" = Option<String>, Query),
        ("tag" = Option<String>, Query),
        ("dateFrom" = Option<String>, Query, description = "Opened at this time or later; a day counts in the tenant's time zone"),
        ("dateTo" = Option<String>, Query, description = "Opened before this time, or on this day or before"),
        ("sortBy" = Option<String>, Query, description = "`createdAt`, `updatedAt` or `priority`"),
        ("sortOrder" = Option<String>, Query, description = "`asc` or `desc`"),
        ("page" = Option<u32>, Query), ("limit" = Option<u32>, Query),
        ("cursor" = Option<String>, Query, description = "Instead of `page`: goes on where an earlier answer ended")),
    responses((status = 200, body = Envelope<Tickets>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
pub(super) async fn list(
    State(state): State<SupportState>,
    AgentScope(scope): AgentScope,
    Query(search): Query<Search>,
) -> Enveloped<Tickets> {
    let mut input = Input::new();
    let page = search.page.read(&mut input);
    let timezone = state.desk().timezone(scope.tenant()).await?;
    let filter = filter_of(&state, &scope, timezone, &search, &mut input).await?;
    let long_list = LongList::of_tickets(&state, scope.tenant(), &filter);
    let after = given(search.cursor.as_deref()).and_then(|cursor| long_list.ticket(cursor, &mut input));
    finish(input)?;
    let sort = filter.sort;
    let statistics = of_list(&state, &scope, timezone, &filter).await?;
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
    let last = found.items.last().filter(|_| is_more);
    Ok(enveloped(Tickets {
        next_cursor: last.map(|ticket| long_list.after_ticket(TicketCursor::of(ticket, sort))),
        tickets: rows(&state, &scope, &found.items).await?,
        pagination: Pagination::new(page, found.total).or_more(!found.is_total_exact),
        statistics,
    }))
}

async fn filter_of(
    state: &SupportState,
    scope: &Scope,
    timezone: Tz,
    search: &Search,
    input: &mut Input,
) -> Result<TicketFilter, ApiError> {
    let assignee = match given(search.agent_id.as_deref()) {
        None => None,
        Some("none") => Some(AssigneeFilter::Nobody),
        Some("me") => scope.actor().agent().map(|agent| AssigneeFilter::Is(agent.id)),
        Some(agent) => agent_named(input, "agent_id", agent).map(AssigneeFilter::Is),
    };
    let department = department_named(state.desk(), scope.tenant(), search.department.as_deref(), input).await?;
    let requester = match given(search.customer_id.as_deref()) {
        None => None,
        Some(customer) => Some(requester(state, scope, customer).await?),
    };
    let (sort, order) = search.sort.tickets(TicketSort::CreatedAt, input);
    Ok(TicketFilter {
        statuses: statuses(search.status.as_deref(), input),
        department,
        assignee,
        requester,
        priority: given(search.priority.as_deref()).and_then(|name| input.one_of("priority", name)),
        tag: given(search.tag.as_deref()).map(str::to_owned),
        created_from: edge(input, "date_from", search.date_from.as_deref(), timezone, Edge::First),
        created_before: edge(input, "date_to", search.date_to.as_deref(), timezone, Edge::Last),
        sort,
        order,
        ..TicketFilter::default()
    })
}

fn statuses(text: Option<&str>, input: &mut Input) -> Vec<Status> {
    let names = text.unwrap_or_default().split(',').map(str::trim);
    names
        .filter(|name| !name.is_empty())
        .filter_map(|name| input.one_of("status", name))
        .collect()
}

/// Whoever is named by their id or by what the tenant's own system calls them; visitors have ids
/// too. Nobody who is known has the nil id.
async fn requester(state: &SupportState, scope: &Scope, named: &str) -> Result<Requester, ApiError> {
    let people = &state.desk().stores().people;
    if let Some(known) = people.customer_by_external_id(scope.tenant(), named).await? {
        return Ok(Requester::Customer(known.id));
    }
    let Ok(id) = named.parse::<CustomerId>() else {
        return Ok(Requester::Customer(CustomerId::new(uuid::Uuid::nil())));
    };
    Ok(match people.visitor(scope.tenant(), VisitorId::new(id.uuid())).await? {
        Some(visitor) => Requester::Visitor(visitor.id),
        None => Requester::Customer(id),
    })
}
