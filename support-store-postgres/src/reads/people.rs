//! Agents, customers and visitors.

use async_trait::async_trait;
use support_core::{
    model::{Agent, AgentId, Customer, CustomerId, TenantId, Visitor, VisitorId},
    ports::{AgentFilter, CustomerFilter, Page, PageRequest, PeopleReads, StoreError},
};

use super::{containing, offset};
use crate::{
    PostgresStore,
    error::store_error,
    rows::{AgentRow, CustomerRow, VisitorRow, count},
    statements::statements,
};

macro_rules! agents {
    () => {
        "select tenant_id, id, name, email, role, departments, skills, languages, max_concurrent_tickets, availability,
            is_active, last_login_at, last_logout_at, version, created_at, updated_at
        from agents where tenant_id = $1"
    };
}

macro_rules! of_agent_filter {
    () => {
        " and role <> 'platform'
            and ($2::text is null or departments ? $2)
            and ($3::text is null or availability = $3)
            and ($4::boolean is null or is_active = $4)"
    };
}

macro_rules! customers {
    () => {
        "select tenant_id, id, external_id, name, email, phone, version, created_at, updated_at
        from customers where tenant_id = $1"
    };
}

macro_rules! of_customer_filter {
    () => {
        " and ($2::text is null or name ilike $2 or email ilike $2)"
    };
}

statements! {
    AGENT = concat!(agents!(), " and id = $2");
    AGENTS_BY_ID = concat!(agents!(), " and id = any ($2)");
    AGENTS = concat!(agents!(), of_agent_filter!(), " order by name, id limit $5 offset $6");
    COUNT_AGENTS = concat!("select count(*) from agents where tenant_id = $1", of_agent_filter!());
    CUSTOMER = concat!(customers!(), " and id = $2");
    CUSTOMER_BY_EXTERNAL_ID = concat!(customers!(), " and external_id = $2");
    CUSTOMERS = concat!(customers!(), of_customer_filter!(), " order by created_at desc, id desc limit $3 offset $4");
    COUNT_CUSTOMERS = concat!("select count(*) from customers where tenant_id = $1", of_customer_filter!());
    VISITOR = "select tenant_id, id, name, email, phone, created_at, updated_at
        from visitors where tenant_id = $1 and id = $2";
}

#[async_trait]
impl PeopleReads for PostgresStore {
    async fn agent(&self, tenant: TenantId, agent: AgentId) -> Result<Option<Agent>, StoreError> {
        let mut reader = self.reader(tenant).await?;
        let query = sqlx::query_as::<_, AgentRow>(AGENT)
            .bind(tenant.uuid())
            .bind(agent.uuid());
        let row = query.fetch_optional(&mut *reader).await.map_err(store_error)?;
        row.map(AgentRow::into_agent).transpose()
    }

    async fn agents_by_id(&self, tenant: TenantId, agents: &[AgentId]) -> Result<Vec<Agent>, StoreError> {
        let mut reader = self.reader(tenant).await?;
        let query = sqlx::query_as::<_, AgentRow>(AGENTS_BY_ID);
        let agents: Vec<_> = agents.iter().map(|agent| agent.uuid()).collect();
        let query = query.bind(tenant.uuid()).bind(agents);
        let rows = query.fetch_all(&mut *reader).await.map_err(store_error)?;
        rows.into_iter().map(AgentRow::into_agent).collect()
    }

    async fn agents(
        &self,
        tenant: TenantId,
        filter: &AgentFilter,
        page: PageRequest,
    ) -> Result<Page<Agent>, StoreError> {
        let department = filter.department.map(|department| department.to_string());
        let availability = filter.availability.map(support_core::model::Availability::as_str);
        let mut reader = self.reader(tenant).await?;
        let query = sqlx::query_as::<_, AgentRow>(AGENTS).bind(tenant.uuid());
        let query = query.bind(&department).bind(availability).bind(filter.is_active);
        let query = query.bind(i64::from(page.limit)).bind(offset(page));
        let rows = query.fetch_all(&mut *reader).await.map_err(store_error)?;
        let query = sqlx::query_scalar(COUNT_AGENTS).bind(tenant.uuid());
        let query = query.bind(&department).bind(availability).bind(filter.is_active);
        let total = query.fetch_one(&mut *reader).await.map_err(store_error)?;
        Ok(Page {
            items: rows.into_iter().map(AgentRow::into_agent).collect::<Result<_, _>>()?,
            total: count("agents", total)?,
            is_total_exact: true,
        })
    }

    async fn customer(&self, tenant: TenantId, customer: CustomerId) -> Result<Option<Customer>, StoreError> {
        let mut reader = self.reader(tenant).await?;
        let query = sqlx::query_as::<_, CustomerRow>(CUSTOMER);
        let query = query.bind(tenant.uuid()).bind(customer.uuid());
        let row = query.fetch_optional(&mut *reader).await.map_err(store_error)?;
        row.map(CustomerRow::into_customer).transpose()
    }

    async fn customer_by_external_id(
        &self,
        tenant: TenantId,
        external_id: &str,
    ) -> Result<Option<Customer>, StoreError> {
        let mut reader = self.reader(tenant).await?;
        let query = sqlx::query_as::<_, CustomerRow>(CUSTOMER_BY_EXTERNAL_ID);
        let query = query.bind(tenant.uuid()).bind(external_id);
        let row = query.fetch_optional(&mut *reader).await.map_err(store_error)?;
        row.map(CustomerRow::into_customer).transpose()
    }

    async fn customers(
        &self,
        tenant: TenantId,
        filter: &CustomerFilter,
        page: PageRequest,
    ) -> Result<Page<Customer>, StoreError> {
        let text = filter.text.as_deref().map(containing);
        let mut reader = self.reader(tenant).await?;
        let query = sqlx::query_as::<_, CustomerRow>(CUSTOMERS)
            .bind(tenant.uuid())
            .bind(&text);
        let query = query.bind(i64::from(page.limit)).bind(offset(page));
        let rows = query.fetch_all(&mut *reader).await.map_err(store_error)?;
        let query = sqlx::query_scalar(COUNT_CUSTOMERS).bind(tenant.uuid()).bind(&text);
        let total = query.fetch_one(&mut *reader).await.map_err(store_error)?;
        Ok(Page {
            items: rows
                .into_iter()
                .map(CustomerRow::into_customer)
                .collect::<Result<_, _>>()?,
            total: count("customers", total)?,
            is_total_exact: true,
        })
    }

    async fn visitor(&self, tenant: TenantId, visitor: VisitorId) -> Result<Option<Visitor>, StoreError> {
        let mut reader = self.reader(tenant).await?;
        let query = sqlx::query_as::<_, VisitorRow>(VISITOR);
        let query = query.bind(tenant.uuid()).bind(visitor.uuid());
        let row = query.fetch_optional(&mut *reader).await.map_err(store_error)?;
        Ok(row.map(VisitorRow::into_visitor))
    }
}
