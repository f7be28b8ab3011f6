//! Who takes part in the conversation of a request for a human: agents by their login, the user
//! by the token of this one request.

use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    http::request::Parts,
};
use serde::Deserialize;
use support_core::{
    desk::{Desk, DeskError, Scope, TicketRef},
    model::{Actor, Role, Secret, TenantId, Ticket, TicketChannel},
};

use super::chat::once;
use crate::{
    error::ApiError,
    extract::Query,
    scope::{CallerScope, Once, PublicTenant},
    state::SupportState,
};

/// An agent, or the user whose request it is.
pub(crate) enum Party {
    /// An agent, or a server in their place.
    Agent(Scope),
    /// Whoever holds the token of this one request.
    User(Scope, Box<Ticket>),
}

#[derive(Deserialize)]
struct TokenQuery {
    token: Option<String>,
}

impl FromRequestParts<SupportState> for Party {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &SupportState) -> Result<Self, ApiError> {
        let Query(query) = Query::<TokenQuery>::from_request_parts(parts, state).await?;
        let header = parts.headers.get("x-support-token");
        let token = header
            .and_then(|token| token.to_str().ok())
            .map(str::to_owned)
            .or(query.token);
        if let Some(token) = token {
            let PublicTenant(tenant) = PublicTenant::from_request_parts(parts, state).await?;
            return user(parts, state, tenant.id, token).await;
        }
        let caller = <CallerScope as OptionalFromRequestParts<SupportState>>::from_request_parts(parts, state).await?;
        let CallerScope(caller) = caller.ok_or_else(ApiError::unauthenticated)?;
        if caller.scope.actor().is_at_least(Role::Agent) {
            Ok(Self::Agent(caller.scope))
        } else {
            Err(ApiError::forbidden())
        }
    }
}

async fn user(parts: &Parts, state: &SupportState, tenant: TenantId, token: String) -> Result<Party, ApiError> {
    let found = state.desk().ticket_of_secret(tenant, &Secret::presented(token)).await;
    let ticket = found.map_err(|error| match error {
        DeskError::NotFound => ApiError::unauthenticated(),
        error => error.into(),
    })?;
    let actor = Actor::Visitor {
        requester: ticket.requester,
        ticket: ticket.id,
    };
    let key = parts.extensions.get::<Once>().cloned().map(axum::Extension);
    Ok(Party::User(once(Scope::new(tenant, actor), key), Box::new(ticket)))
}

impl Party {
    /// The request that is named, as far as this party may know of it.
    pub(crate) async fn request(self, desk: &Desk, named: &str) -> Result<(Scope, Ticket), ApiError> {
        let named: TicketRef = named.parse()?;
        let (scope, ticket) = match self {
            Self::Agent(scope) => {
                let ticket = desk.ticket(&scope, named).await?;
                (scope, ticket)
            }
            Self::User(scope, ticket) if named == ticket.id.into() || named == TicketRef::Number(ticket.number) => {
                (scope, *ticket)
            }
            Self::User(..) => return Err(ApiError::not_found()),
        };
        if ticket.channel == TicketChannel::Chatbot {
            Ok((scope, ticket))
        } else {
            Err(ApiError::not_found())
        }
    }
}
