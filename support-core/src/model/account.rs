//! Who may log in, what proves it, and when too many failures lock a door.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{AgentId, ApiKeyId, CustomerId, Secret, SecretHash, Timestamp, named};

/// Whose an account is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Principal {
    /// An agent, of any role.
    Agent(AgentId),
    /// A customer.
    Customer(CustomerId),
}

/// What lets somebody in by e-mail and password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Whose it is.
    pub principal: Principal,
    /// The address they log in with, lower-cased; unique within the tenant.
    pub email: String,
    /// Argon2id of the password in PHC form; none while no password is set.
    pub password_hash: Option<String>,
    /// Tokens issued before this are void: set by a change of password and by deactivation.
    pub tokens_valid_from: Timestamp,
    /// Counts changes.
    pub version: u64,
}

impl Account {
    /// The account with another password, by its hash; tokens issued before `now` are void.
    #[must_use]
    pub fn with_password(self, hash: String, now: Timestamp) -> Self {
        Self {
            password_hash: Some(hash),
            tokens_valid_from: now,
            ..self
        }
    }

    /// Tells the present password from any other without telling it: changes with the password,
    /// and when earlier tokens were made void.
    #[must_use]
    pub fn password_mark(&self) -> String {
        let password = self.password_hash.as_deref().unwrap_or_default();
        let state = format!("{password}\n{}", self.tokens_valid_from.millis());
        Secret::presented(state).hash().as_str().chars().take(32).collect()
    }
}

/// Failed logins that lock an address out.
pub const LOGIN_FAILURES_ALLOWED: u32 = 10;
/// The time in which they are counted, and for which they lock.
pub const LOGIN_LOCKOUT: Duration = Duration::from_secs(15 * 60);

/// How often logging in with one address failed of late. Kept whether the account exists or
/// not, so that a lock tells nobody whether it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginGuard {
    /// The address, hashed: attempts with strangers' addresses are not worth keeping in clear.
    pub email_hash: SecretHash,
    /// Failures since `counted_from`.
    pub failures: u32,
    /// When the counting began.
    pub counted_from: Timestamp,
    /// Until when nobody gets in.
    pub locked_until: Option<Timestamp>,
}

impl LoginGuard {
    /// A guard that has seen nothing.
    #[must_use]
    pub fn new(email_hash: SecretHash, now: Timestamp) -> Self {
        Self {
            email_hash,
            failures: 0,
            counted_from: now,
            locked_until: None,
        }
    }

    /// How long the door stays shut, if it is.
    #[must_use]
    pub fn locked_for(&self, now: Timestamp) -> Option<Duration> {
        self.locked_until
            .filter(|until| *until > now)
            .map(|until| until.since(now))
    }

    /// The guard after one more failure.
    #[must_use]
    pub fn failed(mut self, now: Timestamp) -> Self {
        if now.since(self.counted_from) > LOGIN_LOCKOUT {
            self = Self::new(self.email_hash, now);
        }
        self.failures = self.failures.saturating_add(1);
        if self.failures >= LOGIN_FAILURES_ALLOWED {
            self.locked_until = Some(now.plus(LOGIN_LOCKOUT));
            self.failures = 0;
            self.counted_from = now;
        }
        self
    }
}

named! {
    /// What an API key may be used for.
    ApiScope {
        /// Opening, reading and answering tickets.
        Tickets = "tickets",
        /// Creating customers and minting their tokens.
        Customers = "customers",
        /// What an admin may do.
        Administration = "administration",
    }
}

/// A server's credential. The key itself is shown once and never stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// What it is for.
    pub name: String,
    /// What it is found by.
    pub hash: SecretHash,
    /// The end of the key, for people to recognise it by.
    pub last_characters: String,
    /// What it may be used for.
    pub scopes: Vec<ApiScope>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when it is void.
    pub revoked_at: Option<Timestamp>,
}
