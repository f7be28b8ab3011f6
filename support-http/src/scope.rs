//! In whose tenant and name a call is made, as handlers ask for it.

use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    http::{HeaderMap, header, request::Parts},
};
use serde::Deserialize;
use support_core::{
    change::RequestKey,
    desk::{DeskError, Scope},
    model::{Actor, ApiScope, Caller, CustomerId, Role, Tenant, TenantId},
};

use crate::{
    auth::{Authenticated, bearer},
    client_address::ClientAddress,
    error::ApiError,
    extract::SearchQuery,
    state::SupportState,
};

/// Anybody who proved who they are: agents, customers, servers, operators.
#[derive(Debug, Clone)]
pub struct CallerScope(pub Authenticated);

/// An agent of any role, or a server that may handle tickets.
#[derive(Debug, Clone)]
pub struct AgentScope(pub Scope);

/// An agent of any role in person: servers have no presence.
#[derive(Debug, Clone)]
pub(crate) struct ColleagueScope(pub(crate) Scope);

/// A supervisor or admin, or a server that may do the same.
#[derive(Debug, Clone)]
pub(crate) struct SupervisorScope(pub(crate) Scope);

/// An admin, or a server that may keep customers.
#[derive(Debug, Clone)]
pub(crate) struct CustomersScope(pub(crate) Scope);

/// An admin, or a server that may do the same.
#[derive(Debug, Clone)]
pub struct AdminScope(pub Scope);

/// A customer who logged in, or was let in by a server.
#[derive(Debug, Clone)]
pub(crate) struct CustomerScope {
    pub(crate) scope: Scope,
    pub(crate) customer: CustomerId,
}

/// A platform operator.
#[derive(Debug, Clone)]
pub struct PlatformScope(pub Scope);

/// The tenant that a public call is meant for: by `X-Widget-Domain`, else the host of `Origin`,
/// else `X-Tenant` or `?tenant=` (a slug), else the only tenant there is.
#[derive(Debug, Clone)]
pub struct PublicTenant(pub Tenant);

/// What makes this call the same call again, left in a request's extensions.
#[derive(Debug, Clone)]
pub(crate) struct Once(pub(crate) RequestKey);

impl PublicTenant {
    /// What is done here without proof of who does it.
    pub(crate) fn scope(&self, actor: Actor) -> Scope {
        Scope::new(self.0.id, actor)
    }
}

/// Who calls, asked once per call.
pub(crate) async fn caller(parts: &mut Parts, state: &SupportState) -> Result<Authenticated, DeskError> {
    if let Some(known) = parts.extensions.get::<Authenticated>() {
        return Ok(once(known.clone(), parts));
    }
    let authenticated = state
        .authenticator()
        .authenticate(state.desk(), &parts.headers, None)
        .await?;
    parts.extensions.insert(authenticated.clone());
    Ok(once(authenticated, parts))
}

fn once(mut authenticated: Authenticated, parts: &Parts) -> Authenticated {
    if let Some(Once(key)) = parts.extensions.get::<Once>() {
        authenticated.scope = authenticated.scope.once(key.clone());
    }
    authenticated
}

/// The same scope for verbs that can't find again what an earlier call with the same key made:
/// should that call have been cut off, what it made is made once more.
pub(crate) fn anew(scope: &Scope) -> Scope {
    scope.apart()
}

async fn at_least(parts: &mut Parts, state: &SupportState, role: Role) -> Result<Scope, ApiError> {
    let scope = caller(parts, state).await?.scope;
    if scope.actor().is_at_least(role) {
        Ok(scope)
    } else {
        Err(ApiError::forbidden())
    }
}

impl FromRequestParts<SupportState> for CallerScope {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &SupportState) -> Result<Self, ApiError> {
        Ok(Self(caller(parts, state).await?))
    }
}

impl OptionalFromRequestParts<SupportState> for CallerScope {
    type Rejection = ApiError;

    /// Nobody when no credential is sent; a bad one is refused all the same.
    async fn from_request_parts(parts: &mut Parts, state: &SupportState) -> Result<Option<Self>, ApiError> {
        if bearer(&parts.headers).is_none() {
            return Ok(None);
        }
        Ok(Some(Self(caller(parts, state).await?)))
    }
}

impl FromRequestParts<SupportState> for AgentScope {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &SupportState) -> Result<Self, ApiError> {
        at_least(parts, state, Role::Agent).await.map(Self)
    }
}

impl FromRequestParts<SupportState> for AdminScope {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &SupportState) -> Result<Self, ApiError> {
        at_least(parts, state, Role::Admin).await.map(Self)
    }
}

impl FromRequestParts<SupportState> for SupervisorScope {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &SupportState) -> Result<Self, ApiError> {
        at_least(parts, state, Role::Supervisor).await.map(Self)
    }
}

impl FromRequestParts<SupportState> for ColleagueScope {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &SupportState) -> Result<Self, ApiError> {
        let scope = caller(parts, state).await?.scope;
        if scope.actor().agent().is_some() {
            Ok(Self(scope))
        } else {
            Err(ApiError::forbidden())
        }
    }
}

impl FromRequestParts<SupportState> for CustomersScope {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &SupportState) -> Result<Self, ApiError> {
        let scope = caller(parts, state).await?.scope;
        let is_server = matches!(scope.actor(), Actor::ApiKey { scopes, .. } if scopes.contains(&ApiScope::Customers));
        if is_server || scope.actor().is_at_least(Role::Admin) {
            Ok(Self(scope))
        } else {
            Err(ApiError::forbidden())
        }
    }
}

impl FromRequestParts<SupportState> for CustomerScope {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &SupportState) -> Result<Self, ApiError> {
        let scope = caller(parts, state).await?.scope;
        let Actor::Customer(customer) = *scope.actor() else {
            return Err(ApiError::forbidden());
        };
        refuse_blocked_address(parts, state, scope.tenant()).await?;
        Ok(Self { scope, customer })
    }
}

impl FromRequestParts<SupportState> for PlatformScope {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &SupportState) -> Result<Self, ApiError> {
        let scope = caller(parts, state).await?.scope;
        if matches!(scope.actor(), Actor::Platform(_)) {
            Ok(Self(scope))
        } else {
            Err(ApiError::forbidden())
        }
    }
}

impl FromRequestParts<SupportState> for PublicTenant {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &SupportState) -> Result<Self, ApiError> {
        let tenant = public_tenant(parts, state).await?;
        refuse_blocked_address(parts, state, tenant.id).await?;
        Ok(Self(tenant))
    }
}

/// Whoever is kept out by their address may look, but neither open nor write anything, whatever the
/// call: asked here, where every public call and every customer's comes by.
async fn refuse_blocked_address(parts: &Parts, state: &SupportState, tenant: TenantId) -> Result<(), ApiError> {
    if parts.method.is_safe() {
        return Ok(());
    }
    let ClientAddress(address) = ClientAddress::of(parts, state);
    let caller = Caller {
        address: Some(address),
        ..Caller::default()
    };
    if state.desk().is_blocked(tenant, caller).await? {
        return Err(ApiError::forbidden());
    }
    Ok(())
}

#[derive(Deserialize)]
struct TenantQuery {
    tenant: Option<String>,
}

pub(crate) async fn public_tenant(parts: &mut Parts, state: &SupportState) -> Result<Tenant, ApiError> {
    let SearchQuery(query) = SearchQuery::<TenantQuery>::from_request_parts(parts, state).await?;
    let domain = text(&parts.headers, "x-widget-domain").or_else(|| origin(&parts.headers));
    let slug = text(&parts.headers, "x-tenant").or(query.tenant.as_deref());
    state
        .desk()
        .public_tenant(domain, slug)
        .await
        .map_err(|error| match error {
            DeskError::NotFound => ApiError::tenant_not_found(),
            error => error.into(),
        })
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let value = headers.get(name)?.to_str().ok()?.trim();
    (!value.is_empty()).then_some(value)
}

/// Where a browser says the calling page is from; nothing for pages that are from nowhere.
pub(crate) fn origin(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::ORIGIN)?.to_str().ok()?;
    (!value.is_empty() && value != "null").then_some(value)
}
