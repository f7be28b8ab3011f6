//! Tokens that open a customer's event stream: a browser's `EventSource` can't send a header, and a
//! login has no place in an address.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use support_core::{
    desk::{Desk, DeskError, Identified},
    model::{CustomerId, Principal, Secret, SecretHash, TenantId, Timestamp},
};
use uuid::Uuid;

use crate::tokens::{JwtSettings, LIFETIME};

/// What they are for, so that they are good for nothing else.
const PURPOSE: &str = "support events";
/// How long they open a stream.
const OPENS_FOR: Duration = Duration::from_secs(60);

/// What opens one stream soon, and after that only that stream again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StreamToken {
    pub(crate) tenant: TenantId,
    pub(crate) customer: CustomerId,
    /// Its own id.
    pub(crate) id: Uuid,
    /// The id of the login it was given out for, with which it becomes void.
    login: Option<Uuid>,
    issued_at: Timestamp,
    /// When that login ends.
    pub(crate) expires_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    aud: String,
    tenant_id: TenantId,
    sub: CustomerId,
    jti: Uuid,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    login: Option<Uuid>,
    iat_ms: i64,
    exp_ms: i64,
}

impl StreamToken {
    /// A token for a customer whose login has this id and lasts so long; one that has no end lasts
    /// as long as one given out here.
    pub(crate) fn new(
        tenant: TenantId,
        customer: CustomerId,
        id: Uuid,
        (login, until): (Option<Uuid>, Option<Timestamp>),
        now: Timestamp,
    ) -> Self {
        Self {
            tenant,
            customer,
            id,
            login,
            issued_at: now,
            expires_at: until.unwrap_or_else(|| now.plus(LIFETIME)),
        }
    }

    /// As a text to put into an address.
    ///
    /// # Errors
    /// [`DeskError::Internal`] when it can't be signed.
    pub(crate) fn written(&self, jwt: &JwtSettings) -> Result<String, DeskError> {
        jwt.sign(&Claims {
            aud: PURPOSE.to_owned(),
            tenant_id: self.tenant,
            sub: self.customer,
            jti: self.id,
            login: self.login,
            iat_ms: self.issued_at.millis(),
            exp_ms: self.expires_at.millis(),
        })
    }

    /// What a text says that was given out here.
    ///
    /// # Errors
    /// [`DeskError::Unauthenticated`] for whatever is wrong with it.
    pub(crate) fn read(jwt: &JwtSettings, text: &str, now: Timestamp) -> Result<Self, DeskError> {
        let claims: Claims = jwt.signed(text, PURPOSE)?;
        let token = Self {
            tenant: claims.tenant_id,
            customer: claims.sub,
            id: claims.jti,
            login: claims.login,
            issued_at: Timestamp::from_millis(claims.iat_ms),
            expires_at: Timestamp::from_millis(claims.exp_ms),
        };
        if token.expires_at <= now {
            return Err(DeskError::Unauthenticated);
        }
        Ok(token)
    }

    /// Whether it still opens a stream that was not open before.
    pub(crate) fn opens(&self, now: Timestamp) -> bool {
        now <= self.issued_at.plus(OPENS_FOR)
    }

    /// By what is remembered that it has opened its stream.
    pub(crate) fn opening(&self) -> SecretHash {
        Secret::presented(format!("event stream {}", self.id)).hash()
    }

    /// The customer, unless they may be here no longer: logging out, another password and removal
    /// make it void like their login.
    ///
    /// # Errors
    /// [`DeskError::Unauthenticated`].
    pub(crate) async fn customer_now(&self, desk: &Desk) -> Result<CustomerId, DeskError> {
        let principal = Principal::Customer(self.customer);
        let login = self.login.unwrap_or(self.id);
        match desk
            .identify_token(self.tenant, principal, login, self.issued_at)
            .await?
        {
            Identified::Customer(customer) => Ok(customer.id),
            Identified::Agent(_) => Err(DeskError::Unauthenticated),
        }
    }
}
