//! Agents, customers and visitors.

use async_trait::async_trait;
use support_core::{
    model::{Agent, AgentId, Customer, CustomerId, TenantId, Visitor, VisitorId},
    ports::{AgentFilter, CustomerFilter, Page, PageRequest, PeopleReads, StoreError},
};

use super::{containing, offset};
use crate::{
    SqliteStore,
    query::{all, one},
    rows::{AgentRow, CustomerRow, VisitorRow, count, to_json},
    statements::statements,
};

macro_rules! agents {
    () => {
        "select tenant_id, id, name, email, role, departments, skills, languages, max_concurrent_tickets, availability,
            is_active, last_login_at, last_logout_at, version, created_at, updated_at
        from agents where tenant_id = ?1"
    };
}

macro_rules! of_agent_filter {
    () => {
        " and role <> 'platform'
            and (?2 is null or exists (select 1 from json_each(agents.departments) where value = ?2))
            and (?3 is null or availability = ?3)
            and (?4 is null or is_active = ?4)"
    };
}

macro_rules! customers {
    () => {
        "select tenant_id, id, external_id, name, email, phone, version, created_at, updated_at
        from customers where tenant_id = ?1"
    };
}

macro_rules! of_customer_filter {
    () => {
        r" and (?2 is null or name like ?2 escape '\' or email like ?2 escape '\')"
    };
}

statements! {
    AGENT = concat!(agents!(), " and id = ?2");
    AGENTS_BY_ID = concat!(agents!(), " and id in (select unhex(value, '-') from json_each(?2))");
    AGENTS = concat!(agents!(), of_agent_filter!(), " order by name, id limit ?5 offset ?6");
    COUNT_AGENTS = concat!("select count(*) from agents where tenant_id = ?1", of_agent_filter!());
    CUSTOMER = concat!(customers!(), " and id = ?2");
    CUSTOMER_BY_EXTERNAL_ID = concat!(customers!(), " and external_id = ?2");
    CUSTOMERS = concat!(customers!(), of_customer_filter!(), " order by created_at desc, id desc limit ?3 offset ?4");
    COUNT_CUSTOMERS = concat!("select count(*) from customers where tenant_id = ?1", of_customer_filter!());
    VISITOR = "select tenant_id, id, name, email, phone, created_at, updated_at
        from visitors where tenant_id = ?1 and id = ?2";
}

#[async_trait]
impl PeopleReads for SqliteStore {
    async fn agent(&self, tenant: TenantId, agent: AgentId) -> Result<Option<Agent>, StoreError> {
        let row = self
            .fetch_optional::<AgentRow>(AGENT, (tenant.uuid(), agent.uuid()))
            .await?;
        row.map(AgentRow::into_agent).transpose()
    }

    async fn agents_by_id(&self, tenant: TenantId, agents: &[AgentId]) -> Result<Vec<Agent>, StoreError> {
        let rows = self
            .fetch_all::<AgentRow>(AGENTS_BY_ID, (tenant.uuid(), to_json(agents)?))
            .await?;
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
        let (tenant, is_active) = (tenant.uuid(), filter.is_active);
        let (limit, offset) = (page.limit, offset(page));
        let found = self.read(move |connection| {
            let found = (tenant, &department, availability, is_active, limit, offset);
            let rows = all::<AgentRow>(connection, AGENTS, found)?;
            let total = one::<i64>(connection, COUNT_AGENTS, (tenant, &department, availability, is_active))?;
            Ok((rows, total))
        });
        let (rows, total) = found.await?;
        Ok(Page {
            items: rows.into_iter().map(AgentRow::into_agent).collect::<Result<_, _>>()?,
            total: count("agents", total)?,
            is_total_exact: true,
        })
    }

    async fn customer(&self, tenant: TenantId, customer: CustomerId) -> Result<Option<Customer>, StoreError> {
        let row = self
            .fetch_optional::<CustomerRow>(CUSTOMER, (tenant.uuid(), customer.uuid()))
            .await?;
        row.map(CustomerRow::into_customer).transpose()
    }

    async fn customer_by_external_id(
        &self,
        tenant: TenantId,
        external_id: &str,
    ) -> Result<Option<Customer>, StoreError> {
        let row = self
            .fetch_optional::<CustomerRow>(CUSTOMER_BY_EXTERNAL_ID, (tenant.uuid(), external_id.to_owned()))
            .await?;
        row.map(CustomerRow::into_customer).transpose()
    }

    async fn customers(
        &self,
        tenant: TenantId,
        filter: &CustomerFilter,
        page: PageRequest,
    ) -> Result<Page<Customer>, StoreError> {
        let text = filter.text.as_deref().map(containing);
        let (tenant, limit, offset) = (tenant.uuid(), page.limit, offset(page));
        let found = self.read(move |connection| {
            let rows = all::<CustomerRow>(connection, CUSTOMERS, (tenant, &text, limit, offset))?;
            let total = one::<i64>(connection, COUNT_CUSTOMERS, (tenant, &text))?;
            Ok((rows, total))
        });
        let (rows, total) = found.await?;
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
        let row = self
            .fetch_optional::<VisitorRow>(VISITOR, (tenant.uuid(), visitor.uuid()))
            .await?;
        Ok(row.map(VisitorRow::into_visitor))
    }
}
