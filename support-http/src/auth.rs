//! Who calls.

use std::fmt::Debug;

use async_trait::async_trait;
use axum::http::{HeaderMap, header};
use support_core::{
    desk::{Desk, DeskError, Scope},
    model::{Secret, Timestamp},
};
use uuid::Uuid;

use crate::tokens::JwtSettings;

/// Somebody who proved who they are.
#[derive(Debug, Clone)]
pub struct Authenticated {
    /// In whose tenant and name they act.
    pub scope: Scope,
    /// The token's own id, by which it can be made void.
    pub token: Option<Uuid>,
    /// Until when the proof is good.
    pub expires_at: Option<Timestamp>,
}

/// Tells who calls. A host with accounts of its own puts its own in place of the default.
#[async_trait]
pub trait Authenticator: Send + Sync + Debug {
    /// Who makes a call with these headers. Live connections of browsers, which can't send
    /// headers, bring their `token` in the address instead.
    ///
    /// # Errors
    /// [`DeskError::Unauthenticated`] when nobody can be recognised,
    /// [`DeskError::Forbidden`] for somebody who has no business here.
    async fn authenticate(
        &self,
        desk: &Desk,
        headers: &HeaderMap,
        token: Option<&str>,
    ) -> Result<Authenticated, DeskError>;
}

/// Tokens as [`JwtSettings`] say, and API keys.
#[derive(Debug, Clone)]
pub struct DefaultAuthenticator {
    jwt: JwtSettings,
}

/// What every API key begins with; no token does.
const API_KEY_PREFIX: &str = "sk_";

impl DefaultAuthenticator {
    /// Recognises tokens that these settings sign or check.
    #[must_use]
    pub const fn new(jwt: JwtSettings) -> Self {
        Self { jwt }
    }
}

#[async_trait]
impl Authenticator for DefaultAuthenticator {
    async fn authenticate(
        &self,
        desk: &Desk,
        headers: &HeaderMap,
        token: Option<&str>,
    ) -> Result<Authenticated, DeskError> {
        let credential = token.or_else(|| bearer(headers)).ok_or(DeskError::Unauthenticated)?;
        if credential.starts_with(API_KEY_PREFIX) {
            let scope = desk.identify_api_key(&Secret::presented(credential)).await?;
            return Ok(Authenticated {
                scope,
                token: None,
                expires_at: None,
            });
        }
        let token = self.jwt.read(credential, desk.now())?;
        let identified = desk
            .identify_token(token.tenant, token.principal, token.id, token.issued_at)
            .await?;
        Ok(Authenticated {
            scope: Scope::new(token.tenant, identified.actor()),
            token: Some(token.id),
            expires_at: Some(token.expires_at),
        })
    }
}

/// The credential of an `Authorization: Bearer` header.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, credential) = value.split_once(' ')?;
    let credential = credential.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !credential.is_empty()).then_some(credential)
}
