//! Tenants, inboxes and departments.

use async_trait::async_trait;
use sqlx::{FromRow, Postgres, QueryBuilder, Row, postgres::PgRow};
use support_core::{
    model::{Department, DepartmentId, Inbox, InboxId, Tenant, TenantId},
    ports::{DepartmentReads, InboxReads, Page, PageRequest, RecordOrder, StoreError, TenantReads},
};

use super::{offset, ordered};
use crate::{
    PostgresStore,
    error::store_error,
    rows::{DepartmentRow, InboxRow, TenantRow, count},
    statements::statements,
};

macro_rules! tenants {
    () => {
        "select r.tenant_id, r.slug, r.name, r.timezone, r.settings, r.is_active, r.version, r.created_at, r.updated_at,
            array(select d.domain from tenant_domains d where d.tenant_id = r.tenant_id order by d.position) as domains
        from tenants r"
    };
}

macro_rules! inboxes {
    () => {
        "select tenant_id, id, kind, name, admin_email, allowed_origins, is_active, version, created_at, updated_at
        from inboxes where tenant_id = $1"
    };
}

macro_rules! departments {
    () => {
        "select tenant_id, id, name, slug, description, email, is_active, sort_order, version, created_at, updated_at,
            office_hours
        from departments where tenant_id = $1"
    };
}

statements! {
    TENANT = concat!(tenants!(), " where r.tenant_id = $1");
    TENANT_BY_SLUG = concat!(tenants!(), " where r.slug = $1");
    TENANT_BY_DOMAIN = concat!(
        tenants!(),
        " where r.tenant_id = (select c.tenant_id from tenant_domains c where c.domain = $1)"
    );
    COUNT_TENANTS = "select count(*) from tenants";
    ACTIVE_TENANTS = concat!(tenants!(), " where r.is_active order by r.created_at limit 2");
    TENANT_OF_INBOX = concat!(
        tenants!(),
        " where r.tenant_id = (select i.tenant_id from inboxes i where i.id = $1)"
    );
    TENANTS_BY_MESSENGER_PAGE = concat!(
        tenants!(),
        " where r.settings #>> '{messenger,pageId}' = $1 and r.is_active order by r.created_at, r.tenant_id limit 10"
    );
    INBOX = concat!(inboxes!(), " and id = $2");
    INBOXES = concat!(inboxes!(), " order by created_at, id");
    DEPARTMENT = concat!(departments!(), " and id = $2");
    DEPARTMENTS = concat!(departments!(), " order by sort_order, name, id");
}

const ALL_TENANTS: &str = tenants!();

fn tenant(row: &PgRow) -> Result<Tenant, StoreError> {
    let tenant = TenantRow::from_row(row).map_err(store_error)?;
    tenant.into_tenant(row.try_get("domains").map_err(store_error)?)
}

/// The asked page of all tenants, as a statement.
fn listed(order: RecordOrder, page: PageRequest) -> QueryBuilder<Postgres> {
    let mut query = QueryBuilder::new(ALL_TENANTS);
    query.push(ordered(order, r#"r.name collate "C""#, "r.tenant_id"));
    query.push(" limit ").push_bind(i64::from(page.limit));
    query.push(" offset ").push_bind(offset(page));
    query
}

#[async_trait]
impl TenantReads for PostgresStore {
    async fn tenant(&self, id: TenantId) -> Result<Option<Tenant>, StoreError> {
        let mut reader = self.reader(id).await?;
        let query = sqlx::query(TENANT).bind(id.uuid());
        let row = query.fetch_optional(&mut *reader).await.map_err(store_error)?;
        row.as_ref().map(tenant).transpose()
    }

    async fn tenant_by_slug(&self, slug: &str) -> Result<Option<Tenant>, StoreError> {
        let mut reader = self.overseer().await?;
        let query = sqlx::query(TENANT_BY_SLUG).bind(slug);
        let row = query.fetch_optional(&mut *reader).await.map_err(store_error)?;
        row.as_ref().map(tenant).transpose()
    }

    async fn tenant_by_domain(&self, domain: &str) -> Result<Option<Tenant>, StoreError> {
        let mut reader = self.overseer().await?;
        let query = sqlx::query(TENANT_BY_DOMAIN).bind(domain);
        let row = query.fetch_optional(&mut *reader).await.map_err(store_error)?;
        row.as_ref().map(tenant).transpose()
    }

    async fn tenants(&self, order: RecordOrder, page: PageRequest) -> Result<Page<Tenant>, StoreError> {
        let mut reader = self.overseer().await?;
        let mut listed = listed(order, page);
        let rows = listed.build().fetch_all(&mut *reader).await.map_err(store_error)?;
        let query = sqlx::query_scalar(COUNT_TENANTS);
        let total = query.fetch_one(&mut *reader).await.map_err(store_error)?;
        Ok(Page {
            items: rows.iter().map(tenant).collect::<Result<_, _>>()?,
            total: count("tenants", total)?,
            is_total_exact: true,
        })
    }

    async fn only_tenant(&self) -> Result<Option<Tenant>, StoreError> {
        let mut reader = self.overseer().await?;
        let query = sqlx::query(ACTIVE_TENANTS);
        let rows = query.fetch_all(&mut *reader).await.map_err(store_error)?;
        match rows.as_slice() {
            [only] => tenant(only).map(Some),
            _ => Ok(None),
        }
    }

    async fn tenant_of_inbox(&self, inbox: InboxId) -> Result<Option<Tenant>, StoreError> {
        let mut reader = self.overseer().await?;
        let query = sqlx::query(TENANT_OF_INBOX).bind(inbox.uuid());
        let row = query.fetch_optional(&mut *reader).await.map_err(store_error)?;
        row.as_ref().map(tenant).transpose()
    }

    async fn tenants_by_messenger_page(&self, page: &str) -> Result<Vec<Tenant>, StoreError> {
        let mut reader = self.overseer().await?;
        let query = sqlx::query(TENANTS_BY_MESSENGER_PAGE).bind(page);
        let rows = query.fetch_all(&mut *reader).await.map_err(store_error)?;
        rows.iter().map(tenant).collect()
    }
}

#[async_trait]
impl InboxReads for PostgresStore {
    async fn inbox(&self, tenant: TenantId, inbox: InboxId) -> Result<Option<Inbox>, StoreError> {
        let mut reader = self.reader(tenant).await?;
        let query = sqlx::query_as::<_, InboxRow>(INBOX)
            .bind(tenant.uuid())
            .bind(inbox.uuid());
        let row = query.fetch_optional(&mut *reader).await.map_err(store_error)?;
        row.map(InboxRow::into_inbox).transpose()
    }

    async fn inboxes(&self, tenant: TenantId) -> Result<Vec<Inbox>, StoreError> {
        let mut reader = self.reader(tenant).await?;
        let query = sqlx::query_as::<_, InboxRow>(INBOXES).bind(tenant.uuid());
        let rows = query.fetch_all(&mut *reader).await.map_err(store_error)?;
        rows.into_iter().map(InboxRow::into_inbox).collect()
    }
}

#[async_trait]
impl DepartmentReads for PostgresStore {
    async fn department(&self, tenant: TenantId, department: DepartmentId) -> Result<Option<Department>, StoreError> {
        let mut reader = self.reader(tenant).await?;
        let query = sqlx::query_as::<_, DepartmentRow>(DEPARTMENT);
        let query = query.bind(tenant.uuid()).bind(department.uuid());
        let row = query.fetch_optional(&mut *reader).await.map_err(store_error)?;
        row.map(DepartmentRow::into_department).transpose()
    }

    async fn departments(&self, tenant: TenantId) -> Result<Vec<Department>, StoreError> {
        let mut reader = self.reader(tenant).await?;
        let query = sqlx::query_as::<_, DepartmentRow>(DEPARTMENTS).bind(tenant.uuid());
        let rows = query.fetch_all(&mut *reader).await.map_err(store_error)?;
        rows.into_iter().map(DepartmentRow::into_department).collect()
    }
}
