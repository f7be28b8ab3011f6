//! Getting in: passwords, lockout, tokens made void, API keys recognised.

use argon2::{Argon2, PasswordHash, PasswordHasher, PasswordVerifier};

use super::{Desk, DeskError, Scope};
use crate::{
    change::ChangeSet,
    model::{
        ActingAgent, Actor, Agent, Contact, Customer, Input, LoginGuard, Principal, Role, Secret, SecretHash, TenantId,
        Timestamp,
    },
    ports::{PageRequest, RecordOrder},
};

/// Somebody who got in.
#[derive(Debug, Clone)]
pub enum Identified {
    /// An agent of any role.
    Agent(Agent),
    /// A customer.
    Customer(Customer),
}

impl Identified {
    /// Whose account it is.
    #[must_use]
    pub const fn principal(&self) -> Principal {
        match self {
            Self::Agent(agent) => Principal::Agent(agent.id),
            Self::Customer(customer) => Principal::Customer(customer.id),
        }
    }

    /// As whom they act.
    #[must_use]
    pub fn actor(&self) -> Actor {
        match self {
            Self::Agent(agent) if agent.role == Role::Platform => Actor::Platform(agent.id),
            Self::Agent(agent) => Actor::Agent(ActingAgent::from(agent)),
            Self::Customer(customer) => Actor::Customer(customer.id),
        }
    }

    /// How to reach them.
    #[must_use]
    pub fn contact(&self) -> Contact {
        match self {
            Self::Agent(agent) => Contact {
                name: Some(agent.name.clone()),
                email: Some(agent.email.clone()),
                phone: None,
            },
            Self::Customer(customer) => customer.contact.clone(),
        }
    }
}

/// A login that succeeded.
#[derive(Debug, Clone)]
pub struct LoggedIn {
    /// Whose people they belong to.
    pub tenant: TenantId,
    /// Who got in.
    pub identified: Identified,
}

impl Desk {
    /// Lets somebody in by e-mail and password. Wrong ones cost the same time and give the same
    /// answer whether the account exists or not, and ten failures in a quarter of an hour shut
    /// the address out for as long.
    ///
    /// Without a `tenant`, the only one in which the address has an account is meant.
    ///
    /// # Errors
    /// [`DeskError::Invalid`] for missing fields, [`DeskError::Unauthenticated`],
    /// [`DeskError::RateLimited`] while the address is shut out.
    pub async fn log_in(&self, tenant: Option<TenantId>, email: &str, password: &str) -> Result<LoggedIn, DeskError> {
        let email = check_credentials(email, password)?;
        let door = match tenant {
            Some(tenant) => Some(Door { tenant, is_right: true }),
            None => self.door_of(&email).await?,
        };
        self.knock(door, &email, password).await
    }

    /// As [`log_in`](Self::log_in), to the tenant of this slug. A slug that is nobody's is as
    /// wrong as a wrong password.
    ///
    /// # Errors
    /// As [`log_in`](Self::log_in).
    pub async fn log_in_to(&self, slug: &str, email: &str, password: &str) -> Result<LoggedIn, DeskError> {
        let email = check_credentials(email, password)?;
        let named = self.stores().tenants.tenant_by_slug(slug.trim()).await?;
        let door = match named.filter(|tenant| tenant.is_active) {
            Some(tenant) => Some(Door {
                tenant: tenant.id,
                is_right: true,
            }),
            None => self.oldest_door().await?,
        };
        self.knock(door, &email, password).await
    }

    /// Where an address has its account.
    async fn door_of(&self, email: &str) -> Result<Option<Door>, DeskError> {
        match self.stores().accounts.tenants_with_account(email).await?.as_slice() {
            [only] => Ok(Some(Door {
                tenant: *only,
                is_right: true,
            })),
            _ => self.oldest_door().await,
        }
    }

    /// Where failures are counted for addresses that belong nowhere, so that being shut out tells
    /// nobody whether an account exists.
    async fn oldest_door(&self) -> Result<Option<Door>, DeskError> {
        let tenants = self
            .stores()
            .tenants
            .tenants(RecordOrder::OLDEST_FIRST, PageRequest { number: 1, limit: 1 })
            .await?;
        Ok(tenants.items.first().map(|tenant| Door {
            tenant: tenant.id,
            is_right: false,
        }))
    }

    async fn knock(&self, door: Option<Door>, email: &str, password: &str) -> Result<LoggedIn, DeskError> {
        let Some(Door { tenant, is_right }) = door else {
            self.check_password(None, password).await?;
            return Err(DeskError::Unauthenticated);
        };
        let guard_hash = Secret::presented(email).hash();
        let guard = self.stores().accounts.login_guard(tenant, &guard_hash).await?;
        if let Some(retry_after) = guard.as_ref().and_then(|guard| guard.locked_for(self.now())) {
            return Err(DeskError::RateLimited { retry_after });
        }
        let account = self
            .stores()
            .accounts
            .account_by_email(tenant, email)
            .await?
            .filter(|_| is_right);
        let stored = account.as_ref().and_then(|account| account.password_hash.clone());
        let is_proven = self.check_password(stored, password).await?;
        let identified = match account {
            Some(account) if is_proven => self.identify(tenant, account.principal).await?,
            _ => None,
        };
        match identified {
            Some(identified) => self.let_in(tenant, identified, guard.map(|_| guard_hash)).await,
            None => self.turn_away(tenant, guard_hash).await,
        }
    }

    async fn let_in(
        &self,
        tenant: TenantId,
        identified: Identified,
        guard: Option<SecretHash>,
    ) -> Result<LoggedIn, DeskError> {
        let scope = Scope::new(tenant, identified.actor());
        let (scope, guard, principal) = (&scope, &guard, identified.principal());
        self.decide(scope, || async move {
            let now = self.now();
            let mut change = ChangeSet::new(scope, now);
            if let Principal::Agent(agent) = principal {
                let agent = self.agent_record(tenant, agent).await?;
                change.stamp_agent(Agent {
                    last_login_at: Some(now),
                    ..agent
                });
            }
            change.log_in(principal, guard.clone());
            self.commit(change).await
        })
        .await?;
        Ok(LoggedIn { tenant, identified })
    }

    async fn turn_away(&self, tenant: TenantId, guard_hash: SecretHash) -> Result<LoggedIn, DeskError> {
        let scope = Scope::new(tenant, Actor::Anyone);
        let (scope, guard_hash) = (&scope, &guard_hash);
        // Each failure is counted on top of those before it, however many come at once.
        let _alone = self.counting_failures().lock().await;
        self.decide(scope, || async move {
            let now = self.now();
            let guard = self.stores().accounts.login_guard(tenant, guard_hash).await?;
            let mut change = ChangeSet::new(scope, now);
            change.count_login_failure(
                guard
                    .unwrap_or_else(|| LoginGuard::new(guard_hash.clone(), now))
                    .failed(now),
            );
            self.commit(change).await
        })
        .await?;
        Err(DeskError::Unauthenticated)
    }

    /// Who a principal is, as long as they may act at all.
    ///
    /// # Errors
    /// [`DeskError`] when the store can't be asked.
    pub async fn identify(&self, tenant: TenantId, principal: Principal) -> Result<Option<Identified>, DeskError> {
        let is_open = self
            .stores()
            .tenants
            .tenant(tenant)
            .await?
            .is_some_and(|tenant| tenant.is_active);
        if !is_open {
            return Ok(None);
        }
        Ok(match principal {
            Principal::Agent(agent) => self
                .stores()
                .people
                .agent(tenant, agent)
                .await?
                .filter(|agent| agent.is_active)
                .map(Identified::Agent),
            Principal::Customer(customer) => self
                .stores()
                .people
                .customer(tenant, customer)
                .await?
                .map(Identified::Customer),
        })
    }

    /// Who a token speaks for, unless it was made void: by logging out, or by a change of
    /// password or deactivation after `issued_at`, which is as exact as the token knows it.
    ///
    /// # Errors
    /// [`DeskError::Unauthenticated`] when it speaks for nobody any more.
    pub async fn identify_token(
        &self,
        tenant: TenantId,
        principal: Principal,
        token: uuid::Uuid,
        issued_at: Timestamp,
    ) -> Result<Identified, DeskError> {
        let identified = self
            .identify(tenant, principal)
            .await?
            .ok_or(DeskError::Unauthenticated)?;
        if self.stores().accounts.is_token_revoked(tenant, token).await? {
            return Err(DeskError::Unauthenticated);
        }
        let valid_from = self
            .stores()
            .accounts
            .account(tenant, principal)
            .await?
            .map(|account| account.tokens_valid_from);
        let is_void = valid_from.is_some_and(|from| issued_at < from);
        if is_void {
            Err(DeskError::Unauthenticated)
        } else {
            Ok(identified)
        }
    }

    /// The actor that an API key stands for, with its tenant.
    ///
    /// # Errors
    /// [`DeskError::Unauthenticated`] when the key is unknown or void.
    pub async fn identify_api_key(&self, key: &Secret) -> Result<Scope, DeskError> {
        let (tenant, key) = self
            .stores()
            .accounts
            .api_key_by_hash(&key.hash())
            .await?
            .ok_or(DeskError::Unauthenticated)?;
        let is_open = self
            .stores()
            .tenants
            .tenant(tenant)
            .await?
            .is_some_and(|tenant| tenant.is_active);
        if key.revoked_at.is_some() || !is_open {
            return Err(DeskError::Unauthenticated);
        }
        Ok(Scope::new(
            tenant,
            Actor::ApiKey {
                id: key.id,
                scopes: key.scopes,
            },
        ))
    }

    /// Makes a token void.
    ///
    /// # Errors
    /// [`DeskError`] when it can't be written.
    pub async fn log_out(&self, scope: &Scope, token: uuid::Uuid, expires_at: Timestamp) -> Result<(), DeskError> {
        let principal = principal_of(scope)?;
        self.decide(scope, || async move {
            let now = self.now();
            let mut change = ChangeSet::new(scope, now);
            if let Principal::Agent(agent) = principal {
                let agent = self.agent_record(scope.tenant(), agent).await?;
                change.stamp_agent(Agent {
                    last_logout_at: Some(now),
                    ..agent
                });
            }
            change.revoke_token(principal, token, expires_at);
            self.commit(change).await
        })
        .await?;
        Ok(())
    }

    /// Changes the actor's own password and makes their earlier tokens void.
    ///
    /// # Errors
    /// [`DeskError::Invalid`] when the current one is wrong or the new one won't do.
    pub async fn change_password(&self, scope: &Scope, current: &str, new: &str) -> Result<(), DeskError> {
        let mut input = Input::new();
        input.password("new_password", new);
        let principal = principal_of(scope)?;
        let account = self
            .stores()
            .accounts
            .account(scope.tenant(), principal)
            .await?
            .ok_or(DeskError::NotFound)?;
        if current.is_empty() {
            input.refuse("current_password", "This field is required");
        } else if !self.check_password(account.password_hash.clone(), current).await? {
            input.refuse("current_password", "This is not your current password");
        }
        input.finish()?;
        let hash = &self.hash_password(new).await?;
        self.decide(scope, || async move {
            let account = self
                .stores()
                .accounts
                .account(scope.tenant(), principal)
                .await?
                .ok_or(DeskError::NotFound)?;
            let mut change = ChangeSet::new(scope, self.now());
            change.change_password(account.with_password(hash.clone(), change.at()));
            self.commit(change).await
        })
        .await?;
        Ok(())
    }

    /// Argon2id with the library's defaults (OWASP's second recommendation), off the async threads.
    pub(super) async fn hash_password(&self, password: &str) -> Result<String, DeskError> {
        let password = password.to_owned();
        let hashed = tokio::task::spawn_blocking(move || {
            Argon2::default()
                .hash_password(password.as_bytes())
                .map(|hash| hash.to_string())
                .map_err(|error| error.to_string())
        });
        hashed
            .await
            .map_err(|error| DeskError::Internal(error.to_string()))?
            .map_err(DeskError::Internal)
    }

    /// Checks a password; against none, it takes as long and fails.
    async fn check_password(&self, stored: Option<String>, password: &str) -> Result<bool, DeskError> {
        let password = password.to_owned();
        let checked = tokio::task::spawn_blocking(move || match stored {
            Some(stored) => PasswordHash::new(&stored)
                .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok()),
            None => Argon2::default().hash_password(password.as_bytes()).is_err(),
        });
        checked.await.map_err(|error| DeskError::Internal(error.to_string()))
    }
}

/// A tenant at which somebody tries to get in.
#[derive(Debug, Clone, Copy)]
struct Door {
    tenant: TenantId,
    /// Whether it is the one they mean; at another, they never get in.
    is_right: bool,
}

fn check_credentials(email: &str, password: &str) -> Result<String, DeskError> {
    let mut input = Input::new();
    let email = input.line("email", email, 1..=254).to_lowercase();
    if password.is_empty() {
        input.refuse("password", "This field is required");
    }
    input.finish()?;
    Ok(email)
}

/// Whose account the actor has.
fn principal_of(scope: &Scope) -> Result<Principal, DeskError> {
    match scope.actor() {
        Actor::Agent(agent) => Ok(Principal::Agent(agent.id)),
        Actor::Platform(agent) => Ok(Principal::Agent(*agent)),
        Actor::Customer(customer) => Ok(Principal::Customer(*customer)),
        Actor::Anyone | Actor::Visitor { .. } | Actor::ApiKey { .. } | Actor::Bot | Actor::System => {
            Err(DeskError::Forbidden)
        }
    }
}
