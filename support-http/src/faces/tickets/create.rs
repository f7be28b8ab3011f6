//! Opening a ticket for a customer.

use std::net::IpAddr;

use axum::{Json as Answer, extract::State, http::StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use support_core::{
    desk::{DeskError, NewMessage, NewTicket, NewTicketRequester, Scope},
    model::{Contact, CustomerId, InboxKind, Input, LONGEST_NAME, LONGEST_SUBJECT, Priority, Source, TicketChannel},
};
use utoipa::ToSchema;

use super::{OneTicket, one};
use crate::{
    error::{ApiError, ErrorBody},
    extract::{Fields, Object},
    faces::chat::in_terms_of,
    scope::AgentScope,
    state::SupportState,
    wire::{Envelope, named::given, tickets::CLIENT},
};

const REQUIRED: &str = "This field is required";
const LONGEST_USER_AGENT: usize = 500;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TicketInput {
    /// A customer's id, or what your own system calls them.
    #[schema(required)]
    customer_id: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<CustomerInput>)]
    customer_info: Option<Object<CustomerInput>>,
    #[schema(required)]
    subject: Option<String>,
    /// A department's slug.
    #[schema(required)]
    department: Option<String>,
    /// `low`, `normal`, `high` or `urgent`.
    priority: Option<String>,
    /// What the customer asks.
    #[schema(required)]
    initial_message: Option<String>,
    /// `source`, `category` and `subcategory`, and whatever else is to be kept.
    #[schema(value_type = Option<Object>)]
    metadata: Option<Map<String, Value>>,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CustomerInput {
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    user_agent: Option<String>,
    ip_address: Option<String>,
}

/// Custom data without what tickets have fields for.
struct Told {
    source: Source,
    category: Option<String>,
    subcategory: Option<String>,
    rest: Map<String, Value>,
}

/// Opens a ticket for a customer, who becomes known by it if they weren't.
#[utoipa::path(post, path = "/api/tickets", tag = "tickets", security(("bearer" = [])), request_body = TicketInput,
    responses((status = 201, body = Envelope<OneTicket>), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub(super) async fn create(
    State(state): State<SupportState>,
    AgentScope(scope): AgentScope,
    Fields { body, mut found }: Fields<TicketInput>,
) -> Result<(StatusCode, Answer<Envelope<OneTicket>>), ApiError> {
    state.limits().creation(&scope)?;
    let Object(about) = body.customer_info.unwrap_or_default();
    let priority: Option<Priority> = given(body.priority.as_deref()).and_then(|name| found.one_of("priority", name));
    let contact = check_contact(&about, &mut found);
    let client = client(&about, &mut found);
    let told = told(body.metadata.unwrap_or_default(), client, &mut found);
    for (field, text) in [
        ("subject", &body.subject),
        ("department", &body.department),
        ("initial_message", &body.initial_message),
    ] {
        if given(text.as_deref()).is_none() {
            found.refuse(field, REQUIRED);
        }
    }
    if let Some(subject) = &body.subject {
        found.optional_line("subject", Some(subject), LONGEST_SUBJECT);
    }
    let customer = customer(&state, &scope, body.customer_id.as_deref(), contact.clone(), &mut found).await?;
    let inbox = state.desk().default_inbox(scope.tenant(), InboxKind::Api).await?;
    let requester = NewTicketRequester::Customer(customer.unwrap_or(NOBODY), contact);
    let new = NewTicket {
        source: told.source,
        subject: body.subject,
        department: body.department,
        priority: priority.unwrap_or(Priority::Normal),
        category: told.category,
        subcategory: told.subcategory,
        message: Some(NewMessage::text(body.initial_message.unwrap_or_default())),
        metadata: Some(Value::Object(told.rest)),
        ..NewTicket::new(inbox.id, TicketChannel::Api, requester)
    };
    let opened = state.desk().open_ticket_with(&scope, new, found).await;
    let opened = opened.map_err(|error| in_terms_of(error, &NAMES))?;
    Ok((StatusCode::CREATED, one(&state, &scope, &opened.ticket).await?))
}

/// As the core calls what this call calls otherwise.
const NAMES: [(&str, &str); 4] = [
    ("message", "initial_message"),
    ("name", "customerInfo.name"),
    ("email", "customerInfo.email"),
    ("phone", "customerInfo.phone"),
];
/// Stands for whoever was refused already.
const NOBODY: CustomerId = CustomerId::new(uuid::Uuid::nil());

/// Nobody when something is wrong already: then nobody becomes known.
async fn customer(
    state: &SupportState,
    scope: &Scope,
    id: Option<&str>,
    contact: Contact,
    found: &mut Input,
) -> Result<Option<CustomerId>, ApiError> {
    let Some(id) = given(id) else {
        found.refuse("customer_id", REQUIRED);
        return Ok(None);
    };
    if !found.is_fine() {
        return Ok(None);
    }
    match state.desk().customer_for_ticket(scope, id, contact).await {
        Ok(customer) => Ok(Some(customer)),
        Err(error @ DeskError::Invalid(_)) => {
            found.join(error)?;
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

fn check_contact(about: &CustomerInput, input: &mut Input) -> Contact {
    Contact {
        name: input.optional_line("customerInfo.name", about.name.as_deref(), LONGEST_NAME),
        email: input.optional_email("customerInfo.email", about.email.as_deref()),
        phone: input.optional_phone("customerInfo.phone", about.phone.as_deref()),
    }
}

/// What is known of the customer's program.
fn client(about: &CustomerInput, input: &mut Input) -> Option<Value> {
    let agent = about.user_agent.as_deref();
    let user_agent = input.optional_line("customerInfo.userAgent", agent, LONGEST_USER_AGENT);
    let address = given(about.ip_address.as_deref());
    let ip_address = address.and_then(|address| {
        let parsed = address.parse::<IpAddr>().ok();
        if parsed.is_none() {
            input.refuse("customerInfo.ipAddress", "Must be an IP address");
        }
        parsed
    });
    let is_known = user_agent.is_some() || ip_address.is_some();
    is_known.then(|| json!({ "userAgent": user_agent, "ipAddress": ip_address }))
}

fn told(mut all: Map<String, Value>, client: Option<Value>, input: &mut Input) -> Told {
    let mut text = |name: &str, input: &mut Input| match all.remove(name) {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text),
        Some(_) => {
            input.refuse(&format!("metadata.{name}"), "Must be a text");
            None
        }
    };
    let source = text("source", input);
    let category = text("category", input);
    let subcategory = text("subcategory", input);
    let source = given(source.as_deref()).and_then(|name| input.one_of("metadata.source", name));
    let category = input.optional_line("metadata.category", category.as_deref(), 100);
    let subcategory = input.optional_line("metadata.subcategory", subcategory.as_deref(), 100);
    all.remove(CLIENT);
    if let Some(client) = client {
        all.insert(CLIENT.to_owned(), client);
    }
    Told {
        source: source.unwrap_or(Source::Api),
        category,
        subcategory,
        rest: all,
    }
}
