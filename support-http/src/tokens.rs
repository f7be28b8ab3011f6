//! Signing and checking tokens.

use std::{fmt, time::Duration};

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use support_core::{
    desk::{DeskError, Identified},
    model::{AgentId, CustomerId, Principal, TenantId, Timestamp},
};
use uuid::Uuid;

/// How long a token is good.
pub(crate) const LIFETIME: Duration = Duration::from_secs(12 * 60 * 60);
/// How far the clocks of issuer and reader may be apart.
const CLOCK_SKEW: Duration = Duration::from_secs(60);
/// The shortest secret for HS256 (RFC 7518 §3.2).
const SHORTEST_SECRET: usize = 32;
/// The role of a customer's token.
const CUSTOMER: &str = "customer";

/// A key that can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnusableKey {
    /// Too short to be safe.
    #[error("the secret must have at least {SHORTEST_SECRET} bytes")]
    ShortSecret,
    /// Neither an Ed25519 nor an RSA public key in PEM form.
    #[error("the public key must be an Ed25519 or RSA key in PEM form")]
    UnknownPublicKey,
}

/// How tokens are signed and checked.
#[derive(Clone)]
pub struct JwtSettings {
    signing: EncodingKey,
    checking: DecodingKey,
    public: Option<(Algorithm, DecodingKey)>,
    issuer: String,
    audience: String,
}

impl fmt::Debug for JwtSettings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("JwtSettings")
            .field("issuer", &self.issuer)
            .field("audience", &self.audience)
            .finish_non_exhaustive()
    }
}

/// A token that was given out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// The token.
    pub token: String,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

/// What a token that was checked says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) tenant: TenantId,
    pub(crate) principal: Principal,
    pub(crate) id: Uuid,
    pub(crate) issued_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: Audience,
    sub: String,
    role: String,
    tenant_id: TenantId,
    #[serde(rename = "customerId", default, skip_serializing_if = "Option::is_none")]
    customer_id: Option<CustomerId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    jti: Option<String>,
    iat: u64,
    /// The same in milliseconds, so that a token given out in the second in which a password
    /// changed is known to be from before or after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    iat_ms: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nbf: Option<u64>,
    exp: u64,
}

/// One audience or several (RFC 7519 §4.1.3).
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl JwtSettings {
    /// Tokens signed with a secret (HS256).
    ///
    /// # Errors
    /// [`UnusableKey::ShortSecret`].
    pub fn new(secret: impl AsRef<[u8]>) -> Result<Self, UnusableKey> {
        let secret = secret.as_ref();
        if secret.len() < SHORTEST_SECRET {
            return Err(UnusableKey::ShortSecret);
        }
        Ok(Self {
            signing: EncodingKey::from_secret(secret),
            checking: DecodingKey::from_secret(secret),
            public: None,
            issuer: "support".to_owned(),
            audience: "support".to_owned(),
        })
    }

    /// Takes tokens of somebody else's as well, signed for this public key (EdDSA or RS256).
    ///
    /// # Errors
    /// [`UnusableKey::UnknownPublicKey`].
    pub fn public_key(mut self, pem: impl AsRef<[u8]>) -> Result<Self, UnusableKey> {
        let pem = pem.as_ref();
        let ed25519 = DecodingKey::from_ed_pem(pem).map(|key| (Algorithm::EdDSA, key));
        let key = ed25519.or_else(|_| DecodingKey::from_rsa_pem(pem).map(|key| (Algorithm::RS256, key)));
        self.public = Some(key.map_err(|_| UnusableKey::UnknownPublicKey)?);
        Ok(self)
    }

    /// Another issuer than `support`.
    #[must_use]
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = issuer.into();
        self
    }

    /// Another audience than `support`.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = audience.into();
        self
    }

    /// What everything secret of this installation is made from.
    pub(crate) fn secret(&self) -> &[u8] {
        self.signing.as_bytes()
    }

    /// A token for somebody who got in.
    ///
    /// # Errors
    /// [`DeskError::Internal`] when it can't be signed.
    pub fn issue(&self, tenant: TenantId, who: &Identified, id: Uuid, now: Timestamp) -> Result<Issued, DeskError> {
        let issued_at = seconds(now);
        let expires_at = Timestamp::from_millis(now.millis() / 1_000 * 1_000).plus(LIFETIME);
        let (sub, role, customer_id) = match who {
            Identified::Agent(agent) => (agent.id.to_string(), agent.role.as_str(), None),
            Identified::Customer(customer) => (customer.id.to_string(), CUSTOMER, Some(customer.id)),
        };
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: Audience::One(self.audience.clone()),
            sub,
            role: role.to_owned(),
            tenant_id: tenant,
            customer_id,
            jti: Some(id.to_string()),
            iat: issued_at,
            iat_ms: Some(now.millis()),
            nbf: None,
            exp: seconds(expires_at),
        };
        let token = encode(&Header::new(Algorithm::HS256), &claims, &self.signing)
            .map_err(|error| DeskError::Internal(error.to_string()))?;
        Ok(Issued { token, expires_at })
    }

    /// Signs something else than who somebody is. `purpose` is its audience, so that it is good
    /// for nothing else.
    ///
    /// # Errors
    /// [`DeskError::Internal`] when it can't be signed.
    pub(crate) fn sign(&self, claims: &impl Serialize) -> Result<String, DeskError> {
        encode(&Header::new(Algorithm::HS256), claims, &self.signing)
            .map_err(|error| DeskError::Internal(error.to_string()))
    }

    /// What was signed here for a `purpose`. When it was is the caller's to look at.
    ///
    /// # Errors
    /// [`DeskError::Unauthenticated`] for whatever is wrong with it.
    pub(crate) fn signed<T: DeserializeOwned>(&self, token: &str, purpose: &str) -> Result<T, DeskError> {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_audience(&[purpose]);
        validation.set_required_spec_claims(&["aud"]);
        validation.validate_exp = false;
        let read = decode::<T>(token, &self.checking, &validation);
        read.map(|token| token.claims).map_err(|_| DeskError::Unauthenticated)
    }

    /// Checks a token.
    ///
    /// # Errors
    /// [`DeskError::Unauthenticated`] for whatever is wrong with it, [`DeskError::Forbidden`] for
    /// a customer's token that names no customer.
    pub(crate) fn read(&self, token: &str, now: Timestamp) -> Result<Token, DeskError> {
        let refuse = |_| DeskError::Unauthenticated;
        let claimed = decode_header(token).map_err(refuse)?.alg;
        let (algorithm, key) = match &self.public {
            Some((algorithm, key)) if *algorithm == claimed => (*algorithm, key),
            _ => (Algorithm::HS256, &self.checking),
        };
        let mut validation = Validation::new(algorithm);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[&self.audience]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        // The desk's clock decides, not the machine's.
        validation.validate_exp = false;
        let claims = decode::<Claims>(token, key, &validation).map_err(refuse)?.claims;
        let skewed = seconds(now.plus(CLOCK_SKEW));
        let is_current =
            claims.exp > seconds(now) && claims.iat <= skewed && claims.nbf.is_none_or(|nbf| nbf <= skewed);
        if !is_current {
            return Err(DeskError::Unauthenticated);
        }
        Ok(Token {
            tenant: claims.tenant_id,
            principal: principal(&claims)?,
            id: token_id(claims.jti.as_deref().unwrap_or(token)),
            issued_at: issued_at(&claims),
            expires_at: timestamp(claims.exp),
        })
    }
}

/// When a token was given out. Those of others carry whole seconds only; theirs count as from
/// the end of that second, so that none is void before its time.
fn issued_at(claims: &Claims) -> Timestamp {
    let second = timestamp(claims.iat);
    match claims.iat_ms {
        Some(millis) if millis.div_euclid(1_000) == second.millis() / 1_000 => Timestamp::from_millis(millis),
        _ => second.plus(Duration::from_millis(999)),
    }
}

fn principal(claims: &Claims) -> Result<Principal, DeskError> {
    if claims.role == CUSTOMER {
        let customer = claims.customer_id.ok_or(DeskError::Forbidden)?;
        return Ok(Principal::Customer(customer));
    }
    let agent: AgentId = claims.sub.parse().map_err(|_| DeskError::Unauthenticated)?;
    Ok(Principal::Agent(agent))
}

/// What a token is made void by; others than ours need not name themselves by a UUID.
fn token_id(name: &str) -> Uuid {
    Uuid::parse_str(name).unwrap_or_else(|_| {
        let digest: [u8; 32] = Sha256::digest(name.as_bytes()).into();
        let mut bytes = [0; 16];
        for (byte, digested) in bytes.iter_mut().zip(digest) {
            *byte = digested;
        }
        uuid::Builder::from_custom_bytes(bytes).into_uuid()
    })
}

fn seconds(at: Timestamp) -> u64 {
    u64::try_from(at.millis() / 1_000).unwrap_or(0)
}

fn timestamp(seconds: u64) -> Timestamp {
    Timestamp::from_millis(i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1_000))
}
