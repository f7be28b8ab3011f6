//! Agents, customers, visitors, and what lets them in.

use support_core::{
    model::{
        Account, Agent, ApiKey, Candidate, Contact, Customer, LoginGuard, Presence, SecretHash, TenantId, Visitor,
    },
    ports::StoreError,
};
use uuid::Uuid;

use super::{
    Raw, Time, count, from_json, parsed, principal, row, stored_count, stored_principal, stored_time, time, to_json,
};
use crate::query::{FromRow, SqliteRow};

row! {
    /// A row of `agents`, without when they were last given a ticket.
    AgentRow {
        tenant_id: Uuid,
        id: Uuid,
        name: String,
        email: String,
        role: String,
        departments: Raw,
        skills: Raw,
        languages: Raw,
        max_concurrent_tickets: i64,
        availability: String,
        is_active: bool,
        last_login_at: Option<Time>,
        last_logout_at: Option<Time>,
        version: i64,
        created_at: Time,
        updated_at: Time,
    }
}

impl AgentRow {
    /// The row as it will be stored.
    pub(crate) fn of(tenant: TenantId, agent: &Agent) -> Result<Self, StoreError> {
        Ok(Self {
            tenant_id: tenant.uuid(),
            id: agent.id.uuid(),
            name: agent.name.clone(),
            email: agent.email.clone(),
            role: agent.role.as_str().to_owned(),
            departments: to_json(&agent.departments)?,
            skills: to_json(&agent.skills)?,
            languages: to_json(&agent.languages)?,
            max_concurrent_tickets: stored_count(agent.max_concurrent_tickets),
            availability: agent.availability.as_str().to_owned(),
            is_active: agent.is_active,
            last_login_at: agent.last_login_at.map(stored_time),
            last_logout_at: agent.last_logout_at.map(stored_time),
            version: stored_count(agent.version.saturating_add(1)),
            created_at: stored_time(agent.created_at),
            updated_at: stored_time(agent.updated_at),
        })
    }

    /// The agent.
    pub(crate) fn into_agent(self) -> Result<Agent, StoreError> {
        Ok(Agent {
            id: self.id.into(),
            name: self.name,
            email: self.email,
            role: parsed("agents", &self.role)?,
            departments: from_json("agents", &self.departments)?,
            skills: from_json("agents", &self.skills)?,
            languages: from_json("agents", &self.languages)?,
            max_concurrent_tickets: count("agents", self.max_concurrent_tickets)?,
            availability: parsed("agents", &self.availability)?,
            is_active: self.is_active,
            last_login_at: self.last_login_at.map(time),
            last_logout_at: self.last_logout_at.map(time),
            version: count("agents", self.version)?,
            created_at: time(self.created_at),
            updated_at: time(self.updated_at),
        })
    }
}

/// An agent with what the choice of an agent looks at.
#[derive(Debug)]
pub(crate) struct CandidateRow {
    agent: AgentRow,
    is_online: bool,
    open_tickets: i64,
    last_assigned_at: Option<Time>,
}

impl FromRow for CandidateRow {
    fn from_row(row: &SqliteRow<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            agent: AgentRow::from_row(row)?,
            is_online: row.try_get("is_online")?,
            open_tickets: row.try_get("open_tickets")?,
            last_assigned_at: row.try_get("last_assigned_at")?,
        })
    }
}

impl CandidateRow {
    /// The candidate.
    pub(crate) fn into_candidate(self) -> Result<Candidate, StoreError> {
        Ok(Candidate {
            agent: self.agent.into_agent()?,
            is_online: self.is_online,
            open_tickets: count("tickets", self.open_tickets)?,
            last_assigned_at: self.last_assigned_at.map(time),
        })
    }
}

row! {
    /// A row of `customers`.
    CustomerRow {
        tenant_id: Uuid,
        id: Uuid,
        external_id: Option<String>,
        name: Option<String>,
        email: Option<String>,
        phone: Option<String>,
        version: i64,
        created_at: Time,
        updated_at: Time,
    }
}

impl CustomerRow {
    /// The row as it will be stored.
    pub(crate) fn of(tenant: TenantId, customer: &Customer) -> Self {
        Self {
            tenant_id: tenant.uuid(),
            id: customer.id.uuid(),
            external_id: customer.external_id.clone(),
            name: customer.contact.name.clone(),
            email: customer.contact.email.clone(),
            phone: customer.contact.phone.clone(),
            version: stored_count(customer.version.saturating_add(1)),
            created_at: stored_time(customer.created_at),
            updated_at: stored_time(customer.updated_at),
        }
    }

    /// The customer.
    pub(crate) fn into_customer(self) -> Result<Customer, StoreError> {
        Ok(Customer {
            id: self.id.into(),
            external_id: self.external_id,
            contact: Contact {
                name: self.name,
                email: self.email,
                phone: self.phone,
            },
            version: count("customers", self.version)?,
            created_at: time(self.created_at),
            updated_at: time(self.updated_at),
        })
    }
}

row! {
    /// A row of `visitors`.
    VisitorRow {
        tenant_id: Uuid,
        id: Uuid,
        name: Option<String>,
        email: Option<String>,
        phone: Option<String>,
        created_at: Time,
        updated_at: Time,
    }
}

impl VisitorRow {
    /// The row as it will be stored.
    pub(crate) fn of(tenant: TenantId, visitor: &Visitor) -> Self {
        Self {
            tenant_id: tenant.uuid(),
            id: visitor.id.uuid(),
            name: visitor.contact.name.clone(),
            email: visitor.contact.email.clone(),
            phone: visitor.contact.phone.clone(),
            created_at: stored_time(visitor.created_at),
            updated_at: stored_time(visitor.updated_at),
        }
    }

    /// The visitor.
    pub(crate) fn into_visitor(self) -> Visitor {
        Visitor {
            id: self.id.into(),
            contact: Contact {
                name: self.name,
                email: self.email,
                phone: self.phone,
            },
            created_at: time(self.created_at),
            updated_at: time(self.updated_at),
        }
    }
}

row! {
    /// A row of `accounts`.
    AccountRow {
        tenant_id: Uuid,
        principal_kind: String,
        principal_id: Uuid,
        email: String,
        password_hash: Option<String>,
        tokens_valid_from: Time,
        version: i64,
    }
}

impl AccountRow {
    /// The row as it will be stored.
    pub(crate) fn of(tenant: TenantId, account: &Account) -> Self {
        let (principal_kind, principal_id) = stored_principal(account.principal);
        Self {
            tenant_id: tenant.uuid(),
            principal_kind: principal_kind.to_owned(),
            principal_id,
            email: account.email.clone(),
            password_hash: account.password_hash.clone(),
            tokens_valid_from: stored_time(account.tokens_valid_from),
            version: stored_count(account.version.saturating_add(1)),
        }
    }

    /// The account.
    pub(crate) fn into_account(self) -> Result<Account, StoreError> {
        Ok(Account {
            principal: principal("accounts", &self.principal_kind, self.principal_id)?,
            email: self.email,
            password_hash: self.password_hash,
            tokens_valid_from: time(self.tokens_valid_from),
            version: count("accounts", self.version)?,
        })
    }
}

row! {
    /// A row of `login_guards`.
    LoginGuardRow {
        tenant_id: Uuid,
        email_hash: String,
        failures: i64,
        counted_from: Time,
        locked_until: Option<Time>,
    }
}

impl LoginGuardRow {
    /// The row as it will be stored.
    pub(crate) fn of(tenant: TenantId, guard: &LoginGuard) -> Self {
        Self {
            tenant_id: tenant.uuid(),
            email_hash: guard.email_hash.as_str().to_owned(),
            failures: stored_count(guard.failures),
            counted_from: stored_time(guard.counted_from),
            locked_until: guard.locked_until.map(stored_time),
        }
    }

    /// The guard.
    pub(crate) fn into_guard(self) -> Result<LoginGuard, StoreError> {
        Ok(LoginGuard {
            email_hash: SecretHash::stored(self.email_hash),
            failures: count("login_guards", self.failures)?,
            counted_from: time(self.counted_from),
            locked_until: self.locked_until.map(time),
        })
    }
}

row! {
    /// A row of `api_keys`.
    ApiKeyRow {
        tenant_id: Uuid,
        id: Uuid,
        name: String,
        hash: String,
        last_characters: String,
        scopes: Raw,
        created_at: Time,
        revoked_at: Option<Time>,
    }
}

impl ApiKeyRow {
    /// The row as it will be stored.
    pub(crate) fn of(tenant: TenantId, key: &ApiKey) -> Result<Self, StoreError> {
        Ok(Self {
            tenant_id: tenant.uuid(),
            id: key.id.uuid(),
            name: key.name.clone(),
            hash: key.hash.as_str().to_owned(),
            last_characters: key.last_characters.clone(),
            scopes: to_json(&key.scopes)?,
            created_at: stored_time(key.created_at),
            revoked_at: key.revoked_at.map(stored_time),
        })
    }

    /// The key.
    pub(crate) fn into_api_key(self) -> Result<ApiKey, StoreError> {
        Ok(ApiKey {
            id: self.id.into(),
            name: self.name,
            hash: SecretHash::stored(self.hash),
            last_characters: self.last_characters,
            scopes: from_json("api_keys", &self.scopes)?,
            created_at: time(self.created_at),
            revoked_at: self.revoked_at.map(time),
        })
    }
}

row! {
    /// A row of `presences`, as it is read.
    PresenceRow {
        agent_id: Uuid,
        is_online: bool,
        last_seen_at: Time,
        department_id: Option<Uuid>,
    }
}

impl PresenceRow {
    /// What was seen.
    pub(crate) fn into_presence(self) -> Presence {
        Presence {
            agent: self.agent_id.into(),
            is_online: self.is_online,
            last_seen_at: time(self.last_seen_at),
            department: self.department_id.map(Into::into),
        }
    }
}
