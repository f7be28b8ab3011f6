//! Agents, customers and visitors.

use async_trait::async_trait;
use sqlx::{Postgres, QueryBuilder};
use support_core::{
    model::{Agent, AgentId, Block, Customer, CustomerId, TenantId, TicketId, Visitor, VisitorContext, VisitorId},
    ports::{AgentFilter, CustomerFilter, Page, PageRequest, PeopleReads, StoreError},
};

use super::{containing, offset, ordered};
use crate::{
    PostgresStore,
    error::store_error,
    rows::{AgentRow, BlockRow, CustomerRow, VisitorContextRow, VisitorRow, count},
    statements::statements,
};

macro_rules! agents {
    () => {
        "select tenant_id, id, name, email, role, departments, skills, languages, max_concurrent_tickets, availability,
            is_active, last_login_at, last_logout_at, version, created_at, updated_at
        from agents where tenant_id = "
    };
}

macro_rules! customers {
    () => {
        "select tenant_id, id, external_id, name, email, phone, version, created_at, updated_at
        from customers where tenant_id = "
    };
}

statements! {
    AGENT = concat!(agents!(), "$1 and id = $2");
    AGENTS_BY_ID = concat!(agents!(), "$1 and id = any ($2)");
    CUSTOMER = concat!(customers!(), "$1 and id = $2");
    CUSTOMER_BY_EXTERNAL_ID = concat!(customers!(), "$1 and external_id = $2");
    VISITOR = "select tenant_id, id, name, email, phone, created_at, updated_at
        from visitors where tenant_id = $1 and id = $2";
    VISITOR_CONTEXT = "select tenant_id, ticket_id, context from visitor_contexts where tenant_id = $1 and ticket_id = $2";
    BLOCKS = "select tenant_id, id, kind, value, reason, expires_at, created_by, created_at
        from blocks where tenant_id = $1 order by created_at desc, id desc";
}

const AGENTS: &str = agents!();

const COUNT_AGENTS: &str = "select count(*) from agents where tenant_id = ";

const CUSTOMERS: &str = customers!();

const COUNT_CUSTOMERS: &str = "select count(*) from customers where tenant_id = ";

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
        let listed = ListedAgents { tenant, filter, page };
        let mut reader = self.reader(tenant).await?;
        let mut selecting = listed.select();
        let query = selecting.build_query_as::<AgentRow>();
        let rows = query.fetch_all(&mut *reader).await.map_err(store_error)?;
        let mut counting = listed.count();
        let query = counting.build_query_scalar();
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
        let listed = ListedCustomers { tenant, filter, page };
        let mut reader = self.reader(tenant).await?;
        let mut selecting = listed.select();
        let query = selecting.build_query_as::<CustomerRow>();
        let rows = query.fetch_all(&mut *reader).await.map_err(store_error)?;
        let mut counting = listed.count();
        let query = counting.build_query_scalar();
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

    async fn visitor_context(&self, tenant: TenantId, ticket: TicketId) -> Result<Option<VisitorContext>, StoreError> {
        let mut reader = self.reader(tenant).await?;
        let query = sqlx::query_as::<_, VisitorContextRow>(VISITOR_CONTEXT);
        let query = query.bind(tenant.uuid()).bind(ticket.uuid());
        let row = query.fetch_optional(&mut *reader).await.map_err(store_error)?;
        row.map(VisitorContextRow::into_context).transpose()
    }

    async fn blocks(&self, tenant: TenantId) -> Result<Vec<Block>, StoreError> {
        let mut reader = self.reader(tenant).await?;
        let query = sqlx::query_as::<_, BlockRow>(BLOCKS).bind(tenant.uuid());
        let rows = query.fetch_all(&mut *reader).await.map_err(store_error)?;
        rows.into_iter().map(BlockRow::into_block).collect()
    }
}

/// A list of agents as statements.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ListedAgents<'a> {
    pub(crate) tenant: TenantId,
    pub(crate) filter: &'a AgentFilter,
    pub(crate) page: PageRequest,
}

impl ListedAgents<'_> {
    /// How many agents the whole list has.
    pub(crate) fn count(&self) -> QueryBuilder<Postgres> {
        let mut query = QueryBuilder::new(COUNT_AGENTS);
        self.narrow(&mut query);
        query
    }

    /// The asked page of the list.
    pub(crate) fn select(&self) -> QueryBuilder<Postgres> {
        let mut query = QueryBuilder::new(AGENTS);
        self.narrow(&mut query);
        query.push(ordered(self.filter.order, r#"name collate "C""#, "id"));
        query.push(" limit ").push_bind(i64::from(self.page.limit));
        query.push(" offset ").push_bind(offset(self.page));
        query
    }

    /// Whose they are, and what the filter asks of each.
    fn narrow(&self, query: &mut QueryBuilder<Postgres>) {
        let AgentFilter {
            department,
            availability,
            is_active,
            order: _,
        } = self.filter;
        query.push_bind(self.tenant.uuid());
        query.push(" and role <> 'platform'");
        if let Some(department) = department {
            query.push(" and departments ? ").push_bind(department.to_string());
        }
        if let Some(availability) = availability {
            query.push(" and availability = ").push_bind(availability.as_str());
        }
        if let Some(is_active) = is_active {
            query.push(" and is_active = ").push_bind(*is_active);
        }
    }
}

/// A list of customers as statements.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ListedCustomers<'a> {
    pub(crate) tenant: TenantId,
    pub(crate) filter: &'a CustomerFilter,
    pub(crate) page: PageRequest,
}

impl ListedCustomers<'_> {
    /// How many customers the whole list has.
    pub(crate) fn count(&self) -> QueryBuilder<Postgres> {
        let mut query = QueryBuilder::new(COUNT_CUSTOMERS);
        self.narrow(&mut query);
        query
    }

    /// The asked page of the list.
    pub(crate) fn select(&self) -> QueryBuilder<Postgres> {
        let mut query = QueryBuilder::new(CUSTOMERS);
        self.narrow(&mut query);
        query.push(ordered(self.filter.order, r#"coalesce(name, '') collate "C""#, "id"));
        query.push(" limit ").push_bind(i64::from(self.page.limit));
        query.push(" offset ").push_bind(offset(self.page));
        query
    }

    /// Whose they are, and what the filter asks of each.
    fn narrow(&self, query: &mut QueryBuilder<Postgres>) {
        let CustomerFilter { text, order: _ } = self.filter;
        query.push_bind(self.tenant.uuid());
        if let Some(text) = text {
            let text = containing(text);
            query.push(" and (name ilike ").push_bind(text.clone());
            query.push(" or email ilike ").push_bind(text).push(")");
        }
    }
}
