//! Changing tickets.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use support_core::{
    desk::{Scope, TicketChanges, TicketRef},
    model::{AgentId, Input, Ticket},
};
use utoipa::ToSchema;

use super::{Enveloped, OneTicket, agent_row, one, row};
use crate::{
    error::{ApiError, ErrorBody},
    extract::{Fields, Path},
    faces::chat::in_terms_of,
    scope::AgentScope,
    state::SupportState,
    wire::{
        Envelope, enveloped,
        named::{agent_named, given},
        people::AgentRow,
        tickets::TicketRow,
    },
};

const REQUIRED: &str = "This field is required";

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StatusChange {
    /// `open`, `waiting`, `assigned`, `pending`, `resolved` or `closed`.
    #[schema(required)]
    status: Option<String>,
    /// For `assigned`: who gets it. Else who did it, as servers tell.
    agent_id: Option<String>,
    /// What was done, for a resolution.
    notes: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChangedStatus {
    ticket: StatusRow,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StatusRow {
    id: String,
    ticket_id: String,
    status: &'static str,
    updated_at: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TicketAssignee {
    #[schema(required)]
    agent_id: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AssignedTicket {
    ticket: TicketRow,
    agent: Option<AgentRow>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Transfer {
    /// To whom; this or a department has to be named.
    agent_id: Option<String>,
    /// The slug of the team it goes to.
    department: Option<String>,
    /// What they should know; customers never see it.
    note: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PriorityChange {
    /// `low`, `normal`, `high` or `urgent`.
    #[schema(required)]
    priority: Option<String>,
    /// Who did it, as servers tell.
    agent_id: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct TagChange {
    add: Option<Vec<String>>,
    remove: Option<Vec<String>>,
}

#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct EscalationInput {
    #[schema(required)]
    reason: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct TranscriptInput {
    #[schema(required)]
    email: Option<String>,
}

async fn changed(
    state: &SupportState,
    scope: &Scope,
    ticket: &str,
    changes: TicketChanges,
    found: Input,
) -> Result<Ticket, ApiError> {
    let ticket = state.desk().ticket(scope, ticket.parse::<TicketRef>()?).await?;
    let changed = state.desk().update_ticket_with(scope, ticket.id, changes, found).await;
    changed.map_err(|error| in_terms_of(error, &[("assigned_to", "agent_id")]))
}

fn required(text: Option<&str>, field: &str, found: &mut Input) {
    if given(text).is_none() {
        found.refuse(field, REQUIRED);
    }
}

fn agent(text: Option<&str>, found: &mut Input) -> Option<AgentId> {
    given(text).and_then(|agent| agent_named(found, "agent_id", agent))
}

/// Moves a ticket to a status.
#[utoipa::path(patch, path = "/api/tickets/{ticketId}/status", tag = "tickets", security(("bearer" = [])),
    params(("ticketId" = String, Path)), request_body = StatusChange,
    responses((status = 200, body = Envelope<ChangedStatus>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody)))]
pub(super) async fn set_status(
    State(state): State<SupportState>,
    AgentScope(scope): AgentScope,
    Path(ticket): Path<String>,
    Fields { body, mut found }: Fields<StatusChange>,
) -> Enveloped<ChangedStatus> {
    required(body.status.as_deref(), "status", &mut found);
    let status = given(body.status.as_deref()).and_then(|name| found.one_of("status", name));
    let agent = agent(body.agent_id.as_deref(), &mut found);
    let is_assignment = status == Some(support_core::model::Status::Assigned);
    let changes = TicketChanges {
        // Whoever is given a ticket has it by that.
        status: status.filter(|_| !is_assignment || agent.is_none()),
        assignee: agent.filter(|_| is_assignment).map(Some),
        by: agent.filter(|_| !is_assignment),
        notes: body.notes,
        ..TicketChanges::default()
    };
    let ticket = changed(&state, &scope, &ticket, changes, found).await?;
    Ok(enveloped(ChangedStatus {
        ticket: StatusRow {
            id: ticket.id.to_string(),
            ticket_id: ticket.human_number(),
            status: ticket.state.status().as_str(),
            updated_at: ticket.updated_at.to_string(),
        },
    }))
}

/// Gives a ticket to an agent.
#[utoipa::path(patch, path = "/api/tickets/{ticketId}/assign", tag = "tickets", security(("bearer" = [])),
    params(("ticketId" = String, Path)), request_body = TicketAssignee,
    responses((status = 200, body = Envelope<AssignedTicket>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody)))]
pub(super) async fn assign(
    State(state): State<SupportState>,
    AgentScope(scope): AgentScope,
    Path(ticket): Path<String>,
    Fields { body, mut found }: Fields<TicketAssignee>,
) -> Enveloped<AssignedTicket> {
    required(body.agent_id.as_deref(), "agent_id", &mut found);
    let agent = agent(body.agent_id.as_deref(), &mut found);
    let changes = TicketChanges {
        assignee: agent.map(Some),
        ..TicketChanges::default()
    };
    let ticket = changed(&state, &scope, &ticket, changes, found).await?;
    Ok(enveloped(AssignedTicket {
        agent: agent_row(&state, &scope, ticket.assignee()).await?,
        ticket: row(&state, &scope, &ticket).await?,
    }))
}

/// Hands a ticket on, to an agent, a team or both. A team's agents get it as they get any other.
#[utoipa::path(patch, path = "/api/tickets/{ticketId}/transfer", tag = "tickets", security(("bearer" = [])),
    params(("ticketId" = String, Path)), request_body = Transfer,
    responses((status = 200, body = Envelope<OneTicket>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody)))]
pub(super) async fn transfer(
    State(state): State<SupportState>,
    AgentScope(scope): AgentScope,
    Path(ticket): Path<String>,
    Fields { body, mut found }: Fields<Transfer>,
) -> Enveloped<OneTicket> {
    let department = given(body.department.as_deref()).map(str::to_owned);
    if given(body.agent_id.as_deref()).is_none() && department.is_none() {
        found.refuse("agent_id", "An agent or a department has to be named");
    }
    let agent = agent(body.agent_id.as_deref(), &mut found);
    let changes = TicketChanges {
        // Whoever had it lets go of it, unless somebody gets it.
        assignee: Some(agent).filter(|agent| agent.is_some() || department.is_some()),
        department: department.map(Some),
        note: body.note,
        ..TicketChanges::default()
    };
    let ticket = changed(&state, &scope, &ticket, changes, found).await?;
    // Whoever handed it on need not see it any longer.
    one(&state, &scope, &ticket).await
}

/// Makes a ticket more or less urgent.
#[utoipa::path(patch, path = "/api/tickets/{ticketId}/priority", tag = "tickets", security(("bearer" = [])),
    params(("ticketId" = String, Path)), request_body = PriorityChange,
    responses((status = 200, body = Envelope<OneTicket>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(super) async fn set_priority(
    State(state): State<SupportState>,
    AgentScope(scope): AgentScope,
    Path(ticket): Path<String>,
    Fields { body, mut found }: Fields<PriorityChange>,
) -> Enveloped<OneTicket> {
    required(body.priority.as_deref(), "priority", &mut found);
    let changes = TicketChanges {
        priority: given(body.priority.as_deref()).and_then(|name| found.one_of("priority", name)),
        by: agent(body.agent_id.as_deref(), &mut found),
        ..TicketChanges::default()
    };
    let ticket = changed(&state, &scope, &ticket, changes, found).await?;
    one(&state, &scope, &ticket).await
}

/// Adds tags and takes others away.
#[utoipa::path(patch, path = "/api/tickets/{ticketId}/tags", tag = "tickets", security(("bearer" = [])),
    params(("ticketId" = String, Path)), request_body = TagChange,
    responses((status = 200, body = Envelope<OneTicket>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(super) async fn tag(
    State(state): State<SupportState>,
    AgentScope(scope): AgentScope,
    Path(ticket): Path<String>,
    Fields { body, mut found }: Fields<TagChange>,
) -> Enveloped<OneTicket> {
    let changes = TicketChanges {
        more_tags: body.add.unwrap_or_default(),
        fewer_tags: body.remove.unwrap_or_default(),
        ..TicketChanges::default()
    };
    if changes.more_tags.is_empty() && changes.fewer_tags.is_empty() {
        found.refuse("add", "A tag to add or to remove has to be named");
    }
    let ticket = changed(&state, &scope, &ticket, changes, found).await?;
    one(&state, &scope, &ticket).await
}

/// Says that a ticket needs more than its agent; supervisors are told.
#[utoipa::path(post, path = "/api/tickets/{ticketId}/escalate", tag = "tickets", security(("bearer" = [])),
    params(("ticketId" = String, Path)), request_body = EscalationInput,
    responses((status = 200, body = Envelope<OneTicket>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody)))]
pub(super) async fn escalate(
    State(state): State<SupportState>,
    AgentScope(scope): AgentScope,
    Path(ticket): Path<String>,
    Fields { body, found }: Fields<EscalationInput>,
) -> Enveloped<OneTicket> {
    let changes = TicketChanges {
        escalation: Some(body.reason.unwrap_or_default()),
        ..TicketChanges::default()
    };
    let ticket = changed(&state, &scope, &ticket, changes, found).await?;
    one(&state, &scope, &ticket).await
}

/// Mails what was said, without notes, to an address.
#[utoipa::path(post, path = "/api/tickets/{ticketId}/transcript", tag = "tickets", security(("bearer" = [])),
    params(("ticketId" = String, Path)), request_body = TranscriptInput,
    responses((status = 200), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "No mail can be sent"), (status = 429, body = ErrorBody)))]
pub(super) async fn send_transcript(
    State(state): State<SupportState>,
    AgentScope(scope): AgentScope,
    Path(ticket): Path<String>,
    Fields { body, mut found }: Fields<TranscriptInput>,
) -> Enveloped<Value> {
    let ticket = state.desk().ticket(&scope, ticket.parse::<TicketRef>()?).await?;
    let email = found.email("email", body.email.as_deref().unwrap_or_default());
    crate::error::finish(found)?;
    state.limits().creation(&scope)?;
    state.desk().send_transcript(&scope, ticket.id, &email).await?;
    Ok(enveloped(json!({ "email": email, "queued": true })))
}
