//! Tenants, their inboxes and departments, and requests with a key.

use support_core::{
    change::{Receipt, RequestKey},
    model::{Department, Inbox, SecretHash, Tenant, TenantId, Timestamp},
    ports::{StoreError, StoredRequest},
};
use uuid::Uuid;

use super::{Raw, Time, count, from_json, inconsistent, parsed, row, stored_count, stored_time, time, to_json};

row! {
    /// A row of `tenants`; its domains are in `tenant_domains`.
    TenantRow {
        tenant_id: Uuid,
        slug: String,
        name: String,
        timezone: String,
        settings: Raw,
        is_active: bool,
        version: i64,
        created_at: Time,
        updated_at: Time,
    }
}

impl TenantRow {
    /// The row as it will be stored.
    pub(crate) fn of(tenant: TenantId, put: &Tenant) -> Result<Self, StoreError> {
        Ok(Self {
            tenant_id: tenant.uuid(),
            slug: put.slug.clone(),
            name: put.name.clone(),
            timezone: put.timezone.name().to_owned(),
            settings: to_json(&put.settings)?,
            is_active: put.is_active,
            version: stored_count(put.version.saturating_add(1)),
            created_at: stored_time(put.created_at),
            updated_at: stored_time(put.updated_at),
        })
    }

    /// The tenant with its domains.
    pub(crate) fn into_tenant(self, domains: Vec<String>) -> Result<Tenant, StoreError> {
        Ok(Tenant {
            id: self.tenant_id.into(),
            slug: self.slug,
            name: self.name,
            timezone: parsed("tenants", &self.timezone)?,
            domains,
            settings: from_json("tenants", &self.settings)?,
            is_active: self.is_active,
            version: count("tenants", self.version)?,
            created_at: time(self.created_at),
            updated_at: time(self.updated_at),
        })
    }
}

row! {
    /// A row of `tenant_domains`.
    DomainRow {
        tenant_id: Uuid,
        domain: String,
        position: i64,
    }
}

impl DomainRow {
    /// The rows of a tenant, in its own order.
    pub(crate) fn all_of(tenant: TenantId, put: &Tenant) -> Vec<Self> {
        let domains = put.domains.iter().enumerate();
        domains
            .map(|(position, domain)| Self {
                tenant_id: tenant.uuid(),
                domain: domain.clone(),
                position: stored_count(position),
            })
            .collect()
    }
}

row! {
    /// A row of `inboxes`.
    InboxRow {
        tenant_id: Uuid,
        id: Uuid,
        kind: String,
        name: String,
        admin_email: Option<String>,
        allowed_origins: Raw,
        is_active: bool,
        version: i64,
        created_at: Time,
        updated_at: Time,
    }
}

impl InboxRow {
    /// The row as it will be stored.
    pub(crate) fn of(tenant: TenantId, inbox: &Inbox) -> Result<Self, StoreError> {
        Ok(Self {
            tenant_id: tenant.uuid(),
            id: inbox.id.uuid(),
            kind: inbox.kind.as_str().to_owned(),
            name: inbox.name.clone(),
            admin_email: inbox.admin_email.clone(),
            allowed_origins: to_json(&inbox.allowed_origins)?,
            is_active: inbox.is_active,
            version: stored_count(inbox.version.saturating_add(1)),
            created_at: stored_time(inbox.created_at),
            updated_at: stored_time(inbox.updated_at),
        })
    }

    /// The inbox.
    pub(crate) fn into_inbox(self) -> Result<Inbox, StoreError> {
        Ok(Inbox {
            id: self.id.into(),
            kind: parsed("inboxes", &self.kind)?,
            name: self.name,
            admin_email: self.admin_email,
            allowed_origins: from_json("inboxes", &self.allowed_origins)?,
            is_active: self.is_active,
            version: count("inboxes", self.version)?,
            created_at: time(self.created_at),
            updated_at: time(self.updated_at),
        })
    }
}

row! {
    /// A row of `departments`.
    DepartmentRow {
        tenant_id: Uuid,
        id: Uuid,
        name: String,
        slug: String,
        description: Option<String>,
        email: Option<String>,
        is_active: bool,
        sort_order: i32,
        version: i64,
        created_at: Time,
        updated_at: Time,
        office_hours: Option<Raw>,
    }
}

impl DepartmentRow {
    /// The row as it will be stored.
    pub(crate) fn of(tenant: TenantId, department: &Department) -> Result<Self, StoreError> {
        Ok(Self {
            tenant_id: tenant.uuid(),
            id: department.id.uuid(),
            name: department.name.clone(),
            slug: department.slug.clone(),
            description: department.description.clone(),
            email: department.email.clone(),
            is_active: department.is_active,
            sort_order: department.sort_order,
            version: stored_count(department.version.saturating_add(1)),
            created_at: stored_time(department.created_at),
            updated_at: stored_time(department.updated_at),
            office_hours: department.office_hours.as_ref().map(to_json).transpose()?,
        })
    }

    /// The department.
    pub(crate) fn into_department(self) -> Result<Department, StoreError> {
        Ok(Department {
            id: self.id.into(),
            name: self.name,
            slug: self.slug,
            description: self.description,
            email: self.email,
            is_active: self.is_active,
            sort_order: self.sort_order,
            office_hours: self
                .office_hours
                .map(|hours| from_json("departments", &hours))
                .transpose()?,
            version: count("departments", self.version)?,
            created_at: time(self.created_at),
            updated_at: time(self.updated_at),
        })
    }
}

row! {
    /// A row of `requests`.
    RequestRow {
        tenant_id: Uuid,
        key: String,
        fingerprint: String,
        receipt: Raw,
        response_status: Option<i64>,
        response_body: Option<String>,
        created_at: Time,
    }
}

impl RequestRow {
    /// The row of a request that was just accepted, and not answered yet.
    pub(crate) fn of(
        tenant: TenantId,
        request: &RequestKey,
        receipt: &Receipt,
        at: Timestamp,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            tenant_id: tenant.uuid(),
            key: request.key.as_str().to_owned(),
            fingerprint: request.fingerprint.as_str().to_owned(),
            receipt: to_json(receipt)?,
            response_status: None,
            response_body: None,
            created_at: stored_time(at),
        })
    }

    /// The request and what it led to.
    pub(crate) fn into_request(self) -> Result<StoredRequest, StoreError> {
        let response = match (self.response_status, self.response_body) {
            (Some(status), Some(body)) => Some((count("requests", status)?, body)),
            (None, None) => None,
            _ => return Err(inconsistent("requests", "half of an answer")),
        };
        Ok(StoredRequest {
            fingerprint: SecretHash::stored(self.fingerprint),
            receipt: from_json("requests", &self.receipt)?,
            response,
        })
    }
}
