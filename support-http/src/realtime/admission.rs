//! Who may take part in the conversation of a request for a human over a WebSocket.

use axum::http::{HeaderMap, header};
use support_core::{
    desk::{DeskError, Scope, TicketRef},
    model::{Secret, Ticket, TicketChannel},
};

use super::{
    proof::{Proof, ending_of, requester_scope},
    queue::Ending,
};
use crate::{auth::bearer, scope::PublicTenant, state::SupportState};

/// Somebody who may take part in a conversation.
pub(super) struct Admitted {
    pub(super) scope: Scope,
    pub(super) ticket: Ticket,
    pub(super) proof: Proof,
}

/// Whether a page came from the very address that is called.
pub(super) fn is_same_origin(headers: &HeaderMap, origin: &str) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let page = origin.split_once("://").map(|(_, authority)| authority);
    host.zip(page)
        .is_some_and(|(host, page)| host.eq_ignore_ascii_case(page))
}

/// A user by the token of their request, or else an agent by their login.
pub(super) async fn admit(
    state: &SupportState,
    request: &str,
    token: Option<String>,
    tenant: Option<PublicTenant>,
    headers: HeaderMap,
) -> Result<Box<Admitted>, Ending> {
    let request: Option<TicketRef> = request.parse().ok();
    let presented = token.clone().or_else(|| {
        let header = headers.get("x-support-token")?.to_str().ok()?;
        Some(header.to_owned())
    });
    if let (Some(secret), Some(PublicTenant(tenant))) = (presented, tenant) {
        let secret = Secret::presented(secret);
        match state.desk().ticket_of_secret(tenant.id, &secret).await {
            Ok(ticket) => {
                let scope = requester_scope(tenant.id, &ticket);
                let is_meant = request.is_some_and(|request| is_named(&ticket, request));
                let proof = Proof::Secret(secret);
                return admit_to(scope, ticket, proof, is_meant);
            }
            Err(DeskError::NotFound) => {}
            Err(error) => return Err(ending_of(&error)),
        }
    }
    if token.is_none() && bearer(&headers).is_none() {
        return Err(Ending::NotAllowed);
    }
    let login = state
        .authenticator()
        .authenticate(state.desk(), &headers, token.as_deref())
        .await
        .map_err(|error| ending_of(&error))?;
    if login.scope.actor().agent().is_none() {
        return Err(Ending::NotAllowed);
    }
    let request = request.ok_or(Ending::NotFound)?;
    let ticket = state.desk().ticket(&login.scope, request).await.map_err(not_found)?;
    let proof = Proof::Login {
        headers,
        token,
        expires_at: login.expires_at,
    };
    admit_to(login.scope, ticket, proof, true)
}

fn admit_to(scope: Scope, ticket: Ticket, proof: Proof, is_meant: bool) -> Result<Box<Admitted>, Ending> {
    if !is_meant || ticket.channel != TicketChannel::Chatbot {
        return Err(Ending::NotFound);
    }
    Ok(Box::new(Admitted { scope, ticket, proof }))
}

fn is_named(ticket: &Ticket, by: TicketRef) -> bool {
    match by {
        TicketRef::Id(id) => ticket.id == id,
        TicketRef::Number(number) => ticket.number == number,
    }
}

pub(super) fn not_found(error: DeskError) -> Ending {
    match error {
        DeskError::NotFound => Ending::NotFound,
        error => ending_of(&error),
    }
}
