//! What customers' clients can ask for.

use std::net::IpAddr;

use serde::Deserialize;
use serde_json::{Value, json};
use support_core::{
    desk::{Continued, NewMessage, NewTicket, NewTicketRequester, Opened, Scope},
    model::{
        Actor, Contact, CustomerId, InboxKind, Input, Requester, Secret, Status, TenantId, TicketChannel, TicketId,
    },
    ports::{TicketFilter, TicketPosition, TicketSort},
};
use tokio::time::Instant;

use super::{
    agent::RESUME_LIMIT,
    agent_verbs::kind_of,
    connection::Done,
    credentials::address_of,
    customer::{Caller, Party, not_connected},
    incoming::{Incoming, Sequence, required},
};
use crate::{
    client_address::{Client, ClientAddress},
    error::{ApiError, finish},
    extract::Object,
    faces::{chat::in_terms_of, files::named_files},
    realtime::{
        proof::{Proof, requester_scope},
        socket::Over,
    },
    wire::tickets::{CLIENT, MessageRow},
};

/// What fields of a new ticket are called here.
const NAMES: [(&str, &str); 4] = [
    ("name", "customer_info.name"),
    ("email", "customer_info.email"),
    ("phone", "customer_info.phone"),
    ("message", "initial_message"),
];

/// The longest name of a browser that is kept.
const LONGEST_USER_AGENT: usize = 500;

/// How somebody comes. A bare id of a customer, which anybody could send, identifies nobody.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Arrival {
    session_id: Option<String>,
    token: Option<String>,
    customer_info: Option<Object<CustomerInfo>>,
    department: Option<String>,
    subject: Option<String>,
    initial_message: Option<String>,
    client_message_id: Option<String>,
    /// What browsers, which can send no headers here, got for passing a challenge.
    captcha_token: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CustomerInfo {
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    user_agent: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Words {
    content: Option<String>,
    message_type: Option<String>,
    client_message_id: Option<String>,
    metadata: Option<Value>,
    attachment_ids: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TypingIn {
    is_typing: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Resume {
    last_seq: Option<Sequence>,
}

/// A conversation to take part in.
struct Found {
    party: Party,
    ticket: TicketId,
    session: Option<Secret>,
    /// Whether it was there before.
    goes_on: bool,
}

impl Caller {
    /// Goes on with a conversation, or begins one.
    pub(super) async fn connect(&mut self, incoming: &mut Incoming) -> Result<Result<Done, ApiError>, Over> {
        let found = match incoming.fields::<Arrival>() {
            Ok((arrival, found)) => Box::pin(self.find(arrival, found)).await,
            Err(error) => Err(error),
        };
        let Found {
            party,
            ticket,
            session,
            goes_on,
        } = match found {
            Ok(found) => found,
            Err(error) => return Ok(Err(error)),
        };
        let greeting = self.enter(party, ticket, session.as_ref()).await?;
        self.held_until = goes_on.then(|| Instant::now() + RESUME_LIMIT);
        Ok(greeting.map(|greeting| Done::told("connection_established", greeting)))
    }

    /// Where the customer calls from.
    fn address(&self) -> IpAddr {
        let ClientAddress(address) = address_of(&self.connection.request(), &self.connection.state);
        address
    }

    async fn find(&self, arrival: Arrival, found: Input) -> Result<Found, ApiError> {
        if let Some(session) = arrival.session_id.clone().filter(|session| !session.is_empty()) {
            finish(found)?;
            let tenant = self.tenant().await?.id;
            let secret = Secret::presented(session);
            let ticket = self.connection.state.desk().ticket_of_secret(tenant, &secret).await?;
            return Ok(Found {
                party: Party {
                    scope: requester_scope(tenant, &ticket),
                    proof: Proof::Secret(secret.clone()),
                },
                ticket: ticket.id,
                session: Some(secret),
                goes_on: true,
            });
        }
        match arrival.token.clone() {
            Some(token) => self.as_customer(token, arrival, found).await,
            None => self.as_visitor(arrival, found).await,
        }
    }

    /// A known customer goes on with the conversation that was last touched, or begins one.
    async fn as_customer(&self, token: String, arrival: Arrival, found: Input) -> Result<Found, ApiError> {
        let state = &self.connection.state;
        let headers = self.connection.request().headers;
        let login = state
            .authenticator()
            .authenticate(state.desk(), &headers, Some(&token))
            .await?;
        let Actor::Customer(customer) = *login.scope.actor() else {
            return Err(ApiError::forbidden());
        };
        let tenant = login.scope.tenant();
        let scope = login.scope.from_address(self.address());
        let unfinished = self.unfinished(tenant, customer).await?;
        let goes_on = unfinished.is_some();
        let ticket = match unfinished {
            Some(ticket) => {
                finish(found)?;
                ticket
            }
            None => {
                state.limits().creation(&scope)?;
                let requester = |contact| NewTicketRequester::Customer(customer, contact);
                self.open(&scope, arrival, found, requester).await?.ticket.id
            }
        };
        let proof = Proof::Login {
            headers,
            token: Some(token),
            expires_at: login.expires_at,
        };
        Ok(Found {
            party: Party { scope, proof },
            ticket,
            session: None,
            goes_on,
        })
    }

    async fn unfinished(&self, tenant: TenantId, customer: CustomerId) -> Result<Option<TicketId>, ApiError> {
        let filter = TicketFilter {
            statuses: vec![Status::Open, Status::Waiting, Status::Assigned, Status::Pending],
            requester: Some(Requester::Customer(customer)),
            channel: Some(TicketChannel::Web),
            sort: TicketSort::UpdatedAt,
            ..TicketFilter::default()
        };
        let tickets = &self.connection.state.desk().stores().tickets;
        let found = tickets.tickets(tenant, &filter, TicketPosition::Page(1), 1).await?;
        Ok(found.items.first().map(|ticket| ticket.id))
    }

    async fn as_visitor(&self, arrival: Arrival, found: Input) -> Result<Found, ApiError> {
        let state = &self.connection.state;
        let tenant = self.tenant().await?.id;
        let request = self.connection.request();
        state.limits().creation(address_of(&request, state))?;
        let client = Client::of(&request, state);
        let client = Client {
            captcha: arrival.captcha_token.clone().or(client.captcha),
            ..client
        };
        client.pass_challenge(state).await?;
        let scope = Scope::new(tenant, Actor::Anyone).from_address(self.address());
        let opened = self.open(&scope, arrival, found, NewTicketRequester::Visitor).await?;
        let secret = opened.secret;
        let secret = secret.ok_or_else(|| ApiError::internal("a conversation was opened without a session"))?;
        Ok(Found {
            party: Party {
                scope: requester_scope(tenant, &opened.ticket),
                proof: Proof::Secret(secret.clone()),
            },
            ticket: opened.ticket.id,
            session: Some(secret),
            goes_on: false,
        })
    }

    async fn open(
        &self,
        scope: &Scope,
        arrival: Arrival,
        found: Input,
        requester: impl FnOnce(Contact) -> NewTicketRequester,
    ) -> Result<Opened, ApiError> {
        let desk = self.connection.state.desk();
        let inbox = desk.default_inbox(scope.tenant(), InboxKind::Widget).await?;
        let Object(info) = arrival.customer_info.unwrap_or(Object(CustomerInfo::default()));
        let contact = Contact {
            name: info.name,
            email: info.email,
            phone: info.phone,
        };
        let told: Option<String> = info
            .user_agent
            .map(|user_agent| user_agent.chars().take(LONGEST_USER_AGENT).collect());
        let client = Client::of(&self.connection.request(), &self.connection.state);
        let client = Client {
            user_agent: told.or(client.user_agent),
            ..client
        };
        let client_id = arrival.client_message_id;
        let new = NewTicket {
            subject: arrival.subject,
            department: arrival.department,
            message: arrival.initial_message.map(|content| NewMessage {
                client_id,
                ..NewMessage::text(content)
            }),
            metadata: Some(json!({ CLIENT: client.metadata() })),
            visit: Some(client.visit()),
            ..NewTicket::new(inbox.id, TicketChannel::Web, requester(contact))
        };
        let opened = desk.open_ticket_with(scope, new, found).await;
        opened.map_err(|error| in_terms_of(error, &NAMES))
    }

    /// The customer writes. To a closed ticket that opens another one, which they are moved to.
    pub(super) async fn say(&mut self, incoming: &mut Incoming) -> Result<Result<Done, ApiError>, Over> {
        let accepted = match incoming.fields::<Words>() {
            Ok((words, found)) => Box::pin(self.accept(words, found)).await,
            Err(error) => Err(error),
        };
        let (scope, continued) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => return Ok(Err(error)),
        };
        let opened = match continued {
            Continued::Same(posted) => {
                let urls = self.connection.state.file_urls(scope.tenant());
                let message = MessageRow::for_customer(&posted.message, Some(&posted.ticket.thread), &urls);
                let ticket = posted.ticket.human_number();
                return Ok(Ok(Done::silently(json!({ "ticketId": ticket, "message": message }))));
            }
            Continued::Successor(opened) => opened,
        };
        let party = match self.party_in(&scope, &opened) {
            Ok(party) => party,
            Err(error) => return Ok(Err(error)),
        };
        let greeting = match self.enter(party, opened.ticket.id, opened.secret.as_ref()).await? {
            Ok(greeting) => greeting,
            Err(error) => return Ok(Err(error)),
        };
        let listener = self.listener();
        self.connection
            .tell(listener.as_ref(), "connection_established", &greeting)
            .await?;
        let urls = self.connection.state.file_urls(scope.tenant());
        let message = opened.message.as_ref();
        let message = message.map(|message| MessageRow::for_customer(message, Some(&opened.ticket.thread), &urls));
        let data = json!({
            "ticketId": opened.ticket.human_number(),
            "sessionId": opened.secret.as_ref().map(Secret::reveal),
            "message": message,
        });
        Ok(Ok(Done::silently(data)))
    }

    async fn accept(&self, words: Words, mut found: Input) -> Result<(Scope, Continued), ApiError> {
        let visit = self.visit.as_ref().ok_or_else(not_connected)?;
        self.connection.state.limits().message(visit.ticket)?;
        let attachments = named_files(words.attachment_ids)?;
        let kinds = ["text", "file", "image"];
        kind_of(words.message_type.as_deref(), &attachments, &mut found, &kinds);
        let message = NewMessage {
            attachments,
            client_id: words.client_message_id,
            metadata: words.metadata,
            ..NewMessage::text(words.content.unwrap_or_default())
        };
        message.check(&mut found, "content");
        finish(found)?;
        let (scope, ticket) = self.present().await?;
        let scope = scope.from_address(self.address());
        let continued = self
            .connection
            .state
            .desk()
            .post_or_follow(&scope, ticket, message)
            .await
            .map_err(|error| in_terms_of(error, &[("message", "content")]))?;
        Ok((scope, continued))
    }

    /// Who the customer is in the ticket that follows theirs.
    fn party_in(&self, scope: &Scope, opened: &Opened) -> Result<Party, ApiError> {
        if let Some(secret) = &opened.secret {
            return Ok(Party {
                scope: requester_scope(scope.tenant(), &opened.ticket),
                proof: Proof::Secret(secret.clone()),
            });
        }
        let visit = self.visit.as_ref().ok_or_else(not_connected)?;
        let proof = visit.proof.again().ok_or_else(not_connected)?;
        let scope = scope.clone();
        Ok(Party { scope, proof })
    }

    pub(super) async fn type_on(&self, incoming: &mut Incoming) -> Result<Done, ApiError> {
        let (typing, mut found) = incoming.fields::<TypingIn>()?;
        let is_typing = required(&mut found, "is_typing", typing.is_typing);
        finish(found)?;
        let (scope, ticket) = self.present().await?;
        self.connection.state.desk().typing(&scope, &ticket, is_typing).await?;
        Ok(Done::silently(json!({})))
    }

    pub(super) async fn resume(&mut self, incoming: &mut Incoming) -> Result<Result<Done, ApiError>, Over> {
        let after = match read_resume(incoming) {
            Ok(after) => after,
            Err(error) => return Ok(Err(error)),
        };
        let told = self.replay(after).await?;
        Ok(told.map(|last| Done::silently(json!({ "lastSeq": last }))))
    }
}

fn read_resume(incoming: &mut Incoming) -> Result<u64, ApiError> {
    let (resume, mut found) = incoming.fields::<Resume>()?;
    if resume.last_seq.is_none() {
        found.refuse("last_seq", "This field is required");
    }
    finish(found)?;
    resume.last_seq.map(|last| last.0).ok_or_else(not_connected)
}
