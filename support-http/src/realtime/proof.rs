//! What lets somebody listen, kept so that it can be looked at again.

use std::time::Duration;

use axum::http::HeaderMap;
use support_core::{
    desk::{Desk, DeskError, Scope},
    model::{ActingAgent, Actor, HEARTBEAT_INTERVAL, Principal, Secret, TenantId, Ticket, Timestamp},
};

use super::{hub::Seat, queue::Ending};
use crate::{auth::Authenticated, state::SupportState, stream_tokens::StreamToken};

/// What lets somebody listen.
#[derive(Debug)]
pub(crate) enum Proof {
    /// The secret of one conversation.
    Secret(Secret),
    /// What tells an authenticator who calls.
    Login {
        headers: HeaderMap,
        token: Option<String>,
        expires_at: Option<Timestamp>,
    },
    /// A token for an event stream.
    Stream(StreamToken),
}

impl Proof {
    /// Whether it is too old.
    pub(crate) fn is_expired(&self, now: Timestamp) -> bool {
        match self {
            Self::Secret(_) => false,
            Self::Login { expires_at, .. } => expires_at.is_some_and(|until| until <= now),
            Self::Stream(token) => token.expires_at <= now,
        }
    }

    /// The same for another conversation, unless it opens one alone.
    #[cfg(feature = "socketio")]
    pub(crate) fn again(&self) -> Option<Self> {
        match self {
            Self::Secret(_) | Self::Stream(_) => None,
            Self::Login {
                headers,
                token,
                expires_at,
            } => Some(Self::Login {
                headers: headers.clone(),
                token: token.clone(),
                expires_at: *expires_at,
            }),
        }
    }

    /// Makes sure that whoever listens still may. Agents act as what they are by now.
    ///
    /// # Errors
    /// Why the connection has to end.
    pub(crate) async fn recheck(&self, state: &SupportState, seat: &Seat) -> Result<(), Ending> {
        match self {
            Self::Secret(secret) => {
                let found = state.desk().ticket_of_secret(seat.tenant(), secret).await;
                let ticket = found.map_err(|error| ending_of(&error))?;
                if seat.listener.ticket == Some(ticket.id) {
                    Ok(())
                } else {
                    Err(Ending::NotAllowed)
                }
            }
            Self::Login { headers, token, .. } => {
                let login = state
                    .authenticator()
                    .authenticate(state.desk(), headers, token.as_deref())
                    .await
                    .map_err(|error| ending_of(&error))?;
                still_the_same(&login, seat)
            }
            Self::Stream(token) => {
                let found = token.customer_now(state.desk()).await;
                let customer = found.map_err(|error| ending_of(&error))?;
                if token.tenant == seat.tenant() && seat.listener.is_of(Principal::Customer(customer)) {
                    Ok(())
                } else {
                    Err(Ending::NotAllowed)
                }
            }
        }
    }
}

fn still_the_same(login: &Authenticated, seat: &Seat) -> Result<(), Ending> {
    if login.scope.tenant() != seat.tenant() {
        return Err(Ending::NotAllowed);
    }
    match (login.scope.actor(), seat.listener.acting()) {
        (Actor::Agent(now), Some(before)) if now.id == before.id && now.role == before.role => {
            seat.listener.acts_as(&std::sync::Arc::new(now.clone()));
            Ok(())
        }
        (Actor::Customer(customer), None) if seat.listener.is_of(Principal::Customer(*customer)) => Ok(()),
        _ => Err(Ending::NotAllowed),
    }
}

/// How a connection ends whose proof could not be found good.
pub(crate) const fn ending_of(error: &DeskError) -> Ending {
    match error {
        DeskError::Unavailable { .. } | DeskError::Internal(_) => Ending::Unavailable,
        _ => Ending::NotAllowed,
    }
}

/// In the name of the customer or visitor of a ticket, who holds its secret.
pub(crate) fn requester_scope(tenant: TenantId, ticket: &Ticket) -> Scope {
    Scope::new(
        tenant,
        Actor::Visitor {
            requester: ticket.requester,
            ticket: ticket.id,
        },
    )
}

/// How often a live connection gives its agent's sign of life: in time even where silence counts soon.
pub(crate) fn sign_of_life_every(desk: &Desk) -> Duration {
    HEARTBEAT_INTERVAL.min(desk.settings().presence_timeout / 3)
}

/// A live connection is a sign of life by itself.
pub(crate) fn give_sign_of_life(desk: &Desk, tenant: TenantId, agent: &ActingAgent) {
    let desk = desk.clone();
    let scope = Scope::new(tenant, Actor::Agent(agent.clone()));
    tokio::spawn(async move {
        if let Err(error) = desk.heartbeat(&scope, None).await {
            tracing::debug!(%error, "a live connection's sign of life was lost");
        }
    });
}
