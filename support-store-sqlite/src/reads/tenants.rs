//! Tenants, inboxes and departments.

use async_trait::async_trait;
use support_core::{
    model::{Department, DepartmentId, Inbox, InboxId, Tenant, TenantId},
    ports::{DepartmentReads, InboxReads, Page, PageRequest, RecordOrder, StoreError, TenantReads},
};

use super::{offset, ordered};
use crate::{
    SqliteStore,
    query::{FromRow, QueryBuilder, SqliteRow, one},
    rows::{DepartmentRow, InboxRow, Raw, TenantRow, count, from_json},
    statements::statements,
};

macro_rules! tenants {
    () => {
        "select r.tenant_id, r.slug, r.name, r.timezone, r.settings, r.is_active, r.version, r.created_at, r.updated_at,
            (select json_group_array(domain) from
                (select d.domain from tenant_domains d where d.tenant_id = r.tenant_id order by d.position)) as domains
        from tenants r"
    };
}

macro_rules! inboxes {
    () => {
        "select tenant_id, id, kind, name, admin_email, allowed_origins, is_active, version, created_at, updated_at
        from inboxes where tenant_id = ?1"
    };
}

macro_rules! departments {
    () => {
        "select tenant_id, id, name, slug, description, email, is_active, sort_order, version, created_at, updated_at,
            office_hours
        from departments where tenant_id = ?1"
    };
}

statements! {
    TENANT = concat!(tenants!(), " where r.tenant_id = ?1");
    TENANT_BY_SLUG = concat!(tenants!(), " where r.slug = ?1");
    TENANT_BY_DOMAIN = concat!(
        tenants!(),
        " where r.tenant_id = (select c.tenant_id from tenant_domains c where c.domain = ?1)"
    );
    COUNT_TENANTS = "select count(*) from tenants";
    ACTIVE_TENANTS = concat!(tenants!(), " where r.is_active order by r.created_at limit 2");
    TENANT_OF_INBOX = concat!(
        tenants!(),
        " where r.tenant_id = (select i.tenant_id from inboxes i where i.id = ?1)"
    );
    TENANTS_BY_MESSENGER_PAGE = concat!(
        tenants!(),
        " where r.settings ->> '$.messenger.pageId' = ?1 and r.is_active order by r.created_at, r.tenant_id limit 10"
    );
    INBOX = concat!(inboxes!(), " and id = ?2");
    INBOXES = concat!(inboxes!(), " order by created_at, id");
    DEPARTMENT = concat!(departments!(), " and id = ?2");
    DEPARTMENTS = concat!(departments!(), " order by sort_order, name, id");
}

const ALL_TENANTS: &str = tenants!();

impl FromRow for (TenantRow, Raw) {
    fn from_row(row: &SqliteRow<'_>) -> rusqlite::Result<Self> {
        Ok((TenantRow::from_row(row)?, row.try_get("domains")?))
    }
}

fn tenant((tenant, domains): (TenantRow, Raw)) -> Result<Tenant, StoreError> {
    tenant.into_tenant(from_json("tenant_domains", &domains)?)
}

/// The asked page of all tenants, as a statement.
fn listed(order: RecordOrder, page: PageRequest) -> QueryBuilder {
    let mut query = QueryBuilder::new(ALL_TENANTS);
    query.push(ordered(order, "r.name", "r.tenant_id"));
    query.push(" limit ").push_bind(page.limit);
    query.push(" offset ").push_bind(offset(page));
    query
}

#[async_trait]
impl TenantReads for SqliteStore {
    async fn tenant(&self, id: TenantId) -> Result<Option<Tenant>, StoreError> {
        let row = self.fetch_optional(TENANT, (id.uuid(),)).await?;
        row.map(tenant).transpose()
    }

    async fn tenant_by_slug(&self, slug: &str) -> Result<Option<Tenant>, StoreError> {
        let row = self.fetch_optional(TENANT_BY_SLUG, (slug.to_owned(),)).await?;
        row.map(tenant).transpose()
    }

    async fn tenant_by_domain(&self, domain: &str) -> Result<Option<Tenant>, StoreError> {
        let row = self.fetch_optional(TENANT_BY_DOMAIN, (domain.to_owned(),)).await?;
        row.map(tenant).transpose()
    }

    async fn tenants(&self, order: RecordOrder, page: PageRequest) -> Result<Page<Tenant>, StoreError> {
        let listed = listed(order, page);
        let found = self.read(move |connection| {
            let rows = listed.all(connection)?;
            let total = one::<i64>(connection, COUNT_TENANTS, ())?;
            Ok((rows, total))
        });
        let (rows, total) = found.await?;
        Ok(Page {
            items: rows.into_iter().map(tenant).collect::<Result<_, _>>()?,
            total: count("tenants", total)?,
            is_total_exact: true,
        })
    }

    async fn only_tenant(&self) -> Result<Option<Tenant>, StoreError> {
        let rows = self.fetch_all(ACTIVE_TENANTS, ()).await?;
        match <[_; 1]>::try_from(rows) {
            Ok([only]) => tenant(only).map(Some),
            Err(_) => Ok(None),
        }
    }

    async fn tenant_of_inbox(&self, inbox: InboxId) -> Result<Option<Tenant>, StoreError> {
        let row = self.fetch_optional(TENANT_OF_INBOX, (inbox.uuid(),)).await?;
        row.map(tenant).transpose()
    }

    async fn tenants_by_messenger_page(&self, page: &str) -> Result<Vec<Tenant>, StoreError> {
        let rows = self.fetch_all(TENANTS_BY_MESSENGER_PAGE, (page.to_owned(),)).await?;
        rows.into_iter().map(tenant).collect()
    }
}

#[async_trait]
impl InboxReads for SqliteStore {
    async fn inbox(&self, tenant: TenantId, inbox: InboxId) -> Result<Option<Inbox>, StoreError> {
        let row = self
            .fetch_optional::<InboxRow>(INBOX, (tenant.uuid(), inbox.uuid()))
            .await?;
        row.map(InboxRow::into_inbox).transpose()
    }

    async fn inboxes(&self, tenant: TenantId) -> Result<Vec<Inbox>, StoreError> {
        let rows = self.fetch_all::<InboxRow>(INBOXES, (tenant.uuid(),)).await?;
        rows.into_iter().map(InboxRow::into_inbox).collect()
    }
}

#[async_trait]
impl DepartmentReads for SqliteStore {
    async fn department(&self, tenant: TenantId, department: DepartmentId) -> Result<Option<Department>, StoreError> {
        let row = self
            .fetch_optional::<DepartmentRow>(DEPARTMENT, (tenant.uuid(), department.uuid()))
            .await?;
        row.map(DepartmentRow::into_department).transpose()
    }

    async fn departments(&self, tenant: TenantId) -> Result<Vec<Department>, StoreError> {
        let rows = self.fetch_all::<DepartmentRow>(DEPARTMENTS, (tenant.uuid(),)).await?;
        rows.into_iter().map(DepartmentRow::into_department).collect()
    }
}
