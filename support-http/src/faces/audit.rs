//! Who changed and who read what, for admins.

use std::collections::HashMap;

use axum::{Json as Answer, Router, extract::State, routing::get};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use support_core::{
    desk::{AuditQuery, Scope},
    model::{
        ActorRef, AgentId, CustomerId, Event, EventBody, Input, Principal, Requester, human_number, parse_human_number,
    },
};
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

use super::events::payload_of;
use crate::{
    error::{ApiError, ErrorBody, finish},
    extract::Query,
    scope::AdminScope,
    state::SupportState,
    wire::{
        Envelope,
        cursor::LongList,
        dates::{Edge, edge},
        enveloped,
        named::given,
        pagination::PageQuery,
    },
};

/// What is documented of these calls.
#[derive(OpenApi)]
#[openapi(paths(list))]
pub(crate) struct Document;

pub(crate) fn routes() -> Router<SupportState> {
    Router::new().route("/api/v1/admin/audit", get(list))
}

/// Kinds that tell of reading.
const READING: [&str; 4] = ["ticket_read", "file_read", "customer_exported", "transcript_taken"];
/// Kinds that tell of what the software did or showed by itself, and of what everybody does all day.
const CHATTER: [&str; 7] = [
    "notified",
    "notifications_read",
    "messages_read",
    "messages_delivered",
    "agent_presence_changed",
    "agent_became_available",
    "customer_disconnected",
];

#[derive(Debug, Deserialize)]
struct Search {
    actor: Option<String>,
    subject: Option<String>,
    kind: Option<String>,
    from: Option<String>,
    to: Option<String>,
    cursor: Option<String>,
    #[serde(flatten)]
    page: PageQuery,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditActor {
    /// `agent`, `api_key`, `customer`, `visitor`, `bot`, `system` or `anyone`.
    kind: &'static str,
    id: Option<Uuid>,
    /// Their name, where they are still known.
    name: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditSubject {
    /// What it is: `ticket`, `customer`, `agent`, `file`, …
    kind: &'static str,
    id: Option<Uuid>,
    /// A ticket's number, a person's name.
    label: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditEntry {
    id: String,
    at: String,
    kind: &'static str,
    actor: AuditActor,
    subject: AuditSubject,
    /// The ids and states that belong to it.
    #[schema(value_type = Object)]
    details: Value,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Audit {
    entries: Vec<AuditEntry>,
    /// What to send as `cursor` for what came before; null at the journal's beginning.
    next_cursor: Option<String>,
}

/// Who changed and who read what, newest first. A part may hold less than was asked for though
/// there is more: `nextCursor` tells.
#[utoipa::path(get, path = "/api/v1/admin/audit", tag = "events", security(("bearer" = [])),
    params(("actor" = Option<String>, Query, description = "Somebody's id, or `system`"),
        ("subject" = Option<String>, Query, description = "The id of what was changed or read, or a ticket's number"),
        ("kind" = Option<String>, Query, description = "A kind of entry, or `read` or `change` for all such kinds"),
        ("from" = Option<String>, Query, description = "A time, or a day in the tenant's time zone"),
        ("to" = Option<String>, Query, description = "A time, or the last day in the tenant's time zone"),
        ("cursor" = Option<String>, Query), ("limit" = Option<u32>, Query)),
    responses((status = 200, body = Envelope<Audit>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
async fn list(
    State(state): State<SupportState>,
    AdminScope(scope): AdminScope,
    Query(search): Query<Search>,
) -> Result<Answer<Envelope<Audit>>, ApiError> {
    let timezone = state.desk().timezone(scope.tenant()).await?;
    let long_list = LongList::of_audit(&state, scope.tenant());
    let mut input = Input::new();
    let limit = search.page.read(&mut input).limit;
    let before = long_list.read_place(None, search.cursor.as_deref(), 0, &mut input);
    let query = AuditQuery {
        before: Some(before).filter(|before| *before > 0),
        from: edge(&mut input, "from", search.from.as_deref(), timezone, Edge::First),
        to: edge(&mut input, "to", search.to.as_deref(), timezone, Edge::Last),
        limit: usize::try_from(limit).unwrap_or(usize::MAX),
    };
    let kind = given(search.kind.as_deref());
    if let Some(kind) = kind.filter(|kind| !is_kind(kind)) {
        input.refuse("kind", format!("There is no kind `{kind}`"));
    }
    finish(input)?;
    let wanted = Wanted {
        actor: given(search.actor.as_deref()),
        subject: subject_named(&state, &scope, given(search.subject.as_deref())).await?,
        kind,
    };
    let found = state.desk().audit(&scope, query, |event| wanted.holds(event)).await?;
    let mut names = Names::new(&state, &scope);
    let mut entries = Vec::new();
    for event in &found.entries {
        entries.push(names.entry(event).await?);
    }
    Ok(enveloped(Audit {
        entries,
        next_cursor: found.next.map(|next| long_list.after_number(next)),
    }))
}

fn is_kind(kind: &str) -> bool {
    ["read", "change"].contains(&kind) || EventBody::KINDS.contains(&kind)
}

/// What a subject's name stands for; a ticket's number for its id.
async fn subject_named(state: &SupportState, scope: &Scope, named: Option<&str>) -> Result<Option<String>, ApiError> {
    let Some(number) = named.and_then(parse_human_number) else {
        return Ok(named.map(str::to_owned));
    };
    let tickets = &state.desk().stores().tickets;
    let ticket = tickets.ticket_by_number(scope.tenant(), number).await?;
    Ok(Some(
        ticket.map_or_else(|| human_number(number), |ticket| ticket.id.to_string()),
    ))
}

/// Which entries are asked for.
struct Wanted<'a> {
    actor: Option<&'a str>,
    subject: Option<String>,
    kind: Option<&'a str>,
}

impl Wanted<'_> {
    fn holds(&self, event: &Event) -> bool {
        let kind = event.body.kind();
        let is_kind = match self.kind {
            None => !CHATTER.contains(&kind),
            Some("read") => READING.contains(&kind),
            Some("change") => !READING.contains(&kind) && !CHATTER.contains(&kind),
            Some(asked) => asked == kind,
        };
        let (actor_kind, actor) = actor_of(event.actor);
        let is_actor = |asked: &str| asked == actor_kind || actor.is_some_and(|id| id.to_string() == asked);
        let (_, subject) = subject_of(&event.body);
        let is_subject = |asked: &String| {
            let ticket = event.audience.ticket.map(support_core::model::TicketId::uuid);
            [subject, ticket]
                .into_iter()
                .flatten()
                .any(|id| id.to_string() == *asked)
        };
        is_kind && self.actor.is_none_or(is_actor) && self.subject.as_ref().is_none_or(is_subject)
    }
}

const fn actor_of(actor: ActorRef) -> (&'static str, Option<Uuid>) {
    match actor {
        ActorRef::Visitor(id) => ("visitor", Some(id.uuid())),
        ActorRef::Customer(id) => ("customer", Some(id.uuid())),
        ActorRef::Agent(id) => ("agent", Some(id.uuid())),
        ActorRef::ApiKey(id) => ("api_key", Some(id.uuid())),
        ActorRef::Bot => ("bot", None),
        ActorRef::System => ("system", None),
        ActorRef::Anyone => ("anyone", None),
    }
}

const fn principal(principal: Principal) -> (&'static str, Option<Uuid>) {
    match principal {
        Principal::Agent(agent) => ("agent", Some(agent.uuid())),
        Principal::Customer(customer) => ("customer", Some(customer.uuid())),
    }
}

/// What an entry is about.
const fn subject_of(body: &EventBody) -> (&'static str, Option<Uuid>) {
    match body {
        EventBody::TicketOpened { ticket, .. }
        | EventBody::MessagePosted { ticket, .. }
        | EventBody::MessagesRead { ticket, .. }
        | EventBody::TicketAssigned { ticket, .. }
        | EventBody::TicketUnassigned { ticket, .. }
        | EventBody::TicketStatusChanged { ticket, .. }
        | EventBody::TicketPriorityChanged { ticket, .. }
        | EventBody::TicketMoved { ticket, .. }
        | EventBody::TicketTagged { ticket }
        | EventBody::TicketRated { ticket, .. }
        | EventBody::SlaWarned { ticket, .. }
        | EventBody::SlaBreached { ticket, .. }
        | EventBody::AgentBecameAvailable { ticket }
        | EventBody::MessagesDelivered { ticket, .. }
        | EventBody::TicketEscalated { ticket }
        | EventBody::CustomerDisconnected { ticket }
        | EventBody::TicketRequirementsChanged { ticket }
        | EventBody::TicketPassedOver { ticket, .. }
        | EventBody::TicketHandedOver { ticket, .. }
        | EventBody::TicketErased { ticket }
        | EventBody::TicketIdentified { ticket, .. }
        | EventBody::TicketRead { ticket }
        | EventBody::TranscriptTaken { ticket } => ("ticket", Some(ticket.uuid())),
        EventBody::AgentCreated { agent }
        | EventBody::AgentUpdated { agent }
        | EventBody::AgentDeactivated { agent }
        | EventBody::AgentAvailabilityChanged { agent, .. }
        | EventBody::AgentPresenceChanged { agent, .. } => ("agent", Some(agent.uuid())),
        EventBody::CustomerSaved { customer }
        | EventBody::CustomerRemoved { customer }
        | EventBody::CustomerExported { customer } => ("customer", Some(customer.uuid())),
        EventBody::ErasureAsked { requester } => match requester {
            Requester::Customer(customer) => ("customer", Some(customer.uuid())),
            Requester::Visitor(visitor) => ("visitor", Some(visitor.uuid())),
        },
        EventBody::VisitorRemoved { visitor } => ("visitor", Some(visitor.uuid())),
        EventBody::DepartmentSaved { department } | EventBody::DepartmentRemoved { department, .. } => {
            ("department", Some(department.uuid()))
        }
        EventBody::InboxSaved { inbox } => ("inbox", Some(inbox.uuid())),
        EventBody::ApiKeyCreated { key } | EventBody::ApiKeyRevoked { key } => ("api_key", Some(key.uuid())),
        EventBody::LoggedIn { principal: who }
        | EventBody::LoggedOut { principal: who }
        | EventBody::PasswordChanged { principal: who }
        | EventBody::PasswordResetRequested { principal: who }
        | EventBody::Notified { recipient: who, .. }
        | EventBody::NotificationsRead { recipient: who, .. } => principal(*who),
        EventBody::CallbackRequested { callback }
        | EventBody::CallbackAssigned { callback, .. }
        | EventBody::CallbackStatusChanged { callback, .. }
        | EventBody::CallbackAttempted { callback }
        | EventBody::CallbackUpdated { callback }
        | EventBody::CallbackOverdue { callback }
        | EventBody::CallbackErased { callback } => ("callback", Some(callback.uuid())),
        EventBody::WebhookSaved { webhook }
        | EventBody::WebhookDisabled { webhook }
        | EventBody::WebhookRemoved { webhook } => ("webhook", Some(webhook.uuid())),
        EventBody::CannedResponseSaved { response } | EventBody::CannedResponseRemoved { response } => {
            ("canned_response", Some(response.uuid()))
        }
        EventBody::FileSaved { file } | EventBody::FileRemoved { file } | EventBody::FileRead { file } => {
            ("file", Some(file.uuid()))
        }
        EventBody::ArticleSaved { article } | EventBody::ArticleRemoved { article } => {
            ("article", Some(article.uuid()))
        }
        EventBody::ChannelPaused { .. } | EventBody::ChannelResumed { .. } => ("channel", None),
        EventBody::BlockSaved { block } | EventBody::BlockRemoved { block } => ("block", Some(block.uuid())),
        EventBody::LoginFailed => ("login", None),
        EventBody::TenantSaved | EventBody::TenantDeactivated => ("tenant", None),
    }
}

/// What ids are called, each looked up once.
struct Names<'s> {
    state: &'s SupportState,
    scope: &'s Scope,
    known: HashMap<(&'static str, Uuid), Option<String>>,
}

impl<'s> Names<'s> {
    fn new(state: &'s SupportState, scope: &'s Scope) -> Self {
        Self {
            state,
            scope,
            known: HashMap::new(),
        }
    }

    async fn entry(&mut self, event: &Event) -> Result<AuditEntry, ApiError> {
        let (actor_kind, actor) = actor_of(event.actor);
        let (subject_kind, subject) = subject_of(&event.body);
        let payload = serde_json::to_value(&event.body).map_err(|error| ApiError::internal(error.to_string()))?;
        Ok(AuditEntry {
            id: event.seq.to_string(),
            at: event.at.to_string(),
            kind: event.body.kind(),
            actor: AuditActor {
                kind: actor_kind,
                id: actor,
                name: self.of(actor_kind, actor).await?,
            },
            subject: AuditSubject {
                kind: subject_kind,
                id: subject,
                label: self.of(subject_kind, subject).await?,
            },
            details: payload_of(payload),
        })
    }

    async fn of(&mut self, kind: &'static str, id: Option<Uuid>) -> Result<Option<String>, ApiError> {
        let Some(id) = id else {
            return Ok(None);
        };
        if let Some(known) = self.known.get(&(kind, id)) {
            return Ok(known.clone());
        }
        let name = self.look_up(kind, id).await?;
        self.known.insert((kind, id), name.clone());
        Ok(name)
    }

    async fn look_up(&self, kind: &str, id: Uuid) -> Result<Option<String>, ApiError> {
        let (stores, tenant) = (self.state.desk().stores(), self.scope.tenant());
        Ok(match kind {
            "agent" => stores
                .people
                .agent(tenant, AgentId::new(id))
                .await?
                .map(|agent| agent.name),
            "customer" => {
                let customer = stores.people.customer(tenant, CustomerId::new(id)).await?;
                customer.and_then(|customer| customer.contact.name)
            }
            "ticket" => {
                let ticket = stores.tickets.ticket(tenant, id.into()).await?;
                ticket.map(|ticket| ticket.human_number())
            }
            _ => None,
        })
    }
}
