//! How an agent proves who they are.

use axum::http::{HeaderMap, request::Parts};
use serde::Deserialize;
use support_core::model::Input;

use super::incoming::Sequence;
use crate::{
    auth::Authenticated,
    client_address::ClientAddress,
    error::{ApiError, finish},
    faces::auth::{Login, Session, log_in},
    realtime::proof::Proof,
    state::SupportState,
};

/// What an agent's client sends to get in, with the connection or as `authenticate`.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Credentials {
    token: Option<String>,
    email: Option<String>,
    password: Option<String>,
    /// The slug of the tenant; needed only by those who have accounts with several.
    tenant: Option<String>,
    /// What the client heard last.
    pub(super) last_event_id: Option<Sequence>,
}

/// Somebody who may listen as an agent.
pub(super) struct Admitted {
    pub(super) login: Authenticated,
    pub(super) proof: Proof,
    /// What they were given for their password, to come back with.
    pub(super) issued: Option<Session>,
}

impl Credentials {
    /// Whether anything is presented at all.
    pub(super) const fn is_something(&self) -> bool {
        self.token.is_some() || self.email.is_some() || self.password.is_some()
    }

    /// Lets an agent in.
    ///
    /// # Errors
    /// [`ApiError`] for others than agents, and for wrong or missing credentials.
    pub(super) async fn admit(
        self,
        state: &SupportState,
        request: Parts,
        mut found: Input,
    ) -> Result<Admitted, ApiError> {
        let Self {
            token,
            email,
            password,
            tenant,
            ..
        } = self;
        if token.is_none() && (email.is_some() || password.is_some()) {
            finish(found)?;
            let address = address_of(&request, state);
            let login = Login {
                email,
                password,
                tenant,
            };
            let issued = log_in(state, address, login).await?;
            let token = Some(issued.token.clone());
            return admit_by(state, request.headers, token, Some(issued)).await;
        }
        if token.is_none() {
            found.refuse("token", "This field is required");
        }
        finish(found)?;
        admit_by(state, request.headers, token, None).await
    }
}

/// Lets an agent in by what their client's request brought, which is no token.
///
/// # Errors
/// As [`Credentials::admit`].
pub(super) async fn admit_by_request(state: &SupportState, request: Parts) -> Result<Admitted, ApiError> {
    admit_by(state, request.headers, None, None).await
}

async fn admit_by(
    state: &SupportState,
    headers: HeaderMap,
    token: Option<String>,
    issued: Option<Session>,
) -> Result<Admitted, ApiError> {
    let login = state
        .authenticator()
        .authenticate(state.desk(), &headers, token.as_deref())
        .await?;
    if login.scope.actor().agent().is_none() {
        return Err(ApiError::forbidden());
    }
    let proof = Proof::Login {
        headers,
        token,
        expires_at: login.expires_at,
    };
    Ok(Admitted { login, proof, issued })
}

/// Where a connection comes from.
pub(super) fn address_of(request: &Parts, state: &SupportState) -> ClientAddress {
    ClientAddress::of(request, state)
}
