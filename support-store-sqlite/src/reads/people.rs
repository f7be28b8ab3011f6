//! Agents, customers and visitors.

use async_trait::async_trait;
use support_core::{
    model::{Agent, AgentId, Block, Customer, CustomerId, TenantId, TicketId, Visitor, VisitorContext, VisitorId},
    ports::{AgentFilter, CustomerFilter, Page, PageRequest, PeopleReads, StoreError},
};

use super::{containing, offset, ordered};
use crate::{
    SqliteStore,
    query::QueryBuilder,
    rows::{AgentRow, BlockRow, CustomerRow, VisitorContextRow, VisitorRow, count, to_json},
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
    AGENT = concat!(agents!(), "?1 and id = ?2");
    AGENTS_BY_ID = concat!(agents!(), "?1 and id in (select unhex(value, '-') from json_each(?2))");
    CUSTOMER = concat!(customers!(), "?1 and id = ?2");
    CUSTOMER_BY_EXTERNAL_ID = concat!(customers!(), "?1 and external_id = ?2");
    VISITOR = "select tenant_id, id, name, email, phone, created_at, updated_at
        from visitors where tenant_id = ?1 and id = ?2";
    VISITOR_CONTEXT = "select tenant_id, ticket_id, context from visitor_contexts where tenant_id = ?1 and ticket_id = ?2";
    BLOCKS = "select tenant_id, id, kind, value, reason, expires_at, created_by, created_at
        from blocks where tenant_id = ?1 order by created_at desc, id desc";
}

const AGENTS: &str = agents!();

const COUNT_AGENTS: &str = "select count(*) from agents where tenant_id = ";

const CUSTOMERS: &str = customers!();

const COUNT_CUSTOMERS: &str = "select count(*) from customers where tenant_id = ";

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
        let listed = ListedAgents { tenant, filter, page };
        let (counting, selecting) = (listed.count(), listed.select());
        let found = self.read(move |connection| {
            let rows = selecting.all::<AgentRow>(connection)?;
            let total = counting.one::<i64>(connection)?;
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
        let listed = ListedCustomers { tenant, filter, page };
        let (counting, selecting) = (listed.count(), listed.select());
        let found = self.read(move |connection| {
            let rows = selecting.all::<CustomerRow>(connection)?;
            let total = counting.one::<i64>(connection)?;
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

    async fn visitor_context(&self, tenant: TenantId, ticket: TicketId) -> Result<Option<VisitorContext>, StoreError> {
        let row = self
            .fetch_optional::<VisitorContextRow>(VISITOR_CONTEXT, (tenant.uuid(), ticket.uuid()))
            .await?;
        row.map(VisitorContextRow::into_context).transpose()
    }

    async fn blocks(&self, tenant: TenantId) -> Result<Vec<Block>, StoreError> {
        let rows = self.fetch_all::<BlockRow>(BLOCKS, (tenant.uuid(),)).await?;
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
    pub(crate) fn count(&self) -> QueryBuilder {
        let mut query = QueryBuilder::new(COUNT_AGENTS);
        self.narrow(&mut query);
        query
    }

    /// The asked page of the list.
    pub(crate) fn select(&self) -> QueryBuilder {
        let mut query = QueryBuilder::new(AGENTS);
        self.narrow(&mut query);
        query.push(ordered(self.filter.order, "name", "id"));
        query.push(" limit ").push_bind(self.page.limit);
        query.push(" offset ").push_bind(offset(self.page));
        query
    }

    /// Whose they are, and what the filter asks of each.
    fn narrow(&self, query: &mut QueryBuilder) {
        let AgentFilter {
            department,
            availability,
            is_active,
            order: _,
        } = self.filter;
        query.push_bind(self.tenant.uuid());
        query.push(" and role <> 'platform'");
        if let Some(department) = department {
            query.push(" and exists (select 1 from json_each(agents.departments) where value = ");
            query.push_bind(department.to_string()).push(")");
        }
        if let Some(availability) = availability {
            query
                .push(" and availability = ")
                .push_bind(availability.as_str().to_owned());
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
    pub(crate) fn count(&self) -> QueryBuilder {
        let mut query = QueryBuilder::new(COUNT_CUSTOMERS);
        self.narrow(&mut query);
        query
    }

    /// The asked page of the list.
    pub(crate) fn select(&self) -> QueryBuilder {
        let mut query = QueryBuilder::new(CUSTOMERS);
        self.narrow(&mut query);
        query.push(ordered(self.filter.order, "coalesce(name, '')", "id"));
        query.push(" limit ").push_bind(self.page.limit);
        query.push(" offset ").push_bind(offset(self.page));
        query
    }

    /// Whose they are, and what the filter asks of each.
    fn narrow(&self, query: &mut QueryBuilder) {
        let CustomerFilter { text, order: _ } = self.filter;
        query.push_bind(self.tenant.uuid());
        if let Some(text) = text {
            let text = containing(text);
            query.push(" and (name like ").push_bind(text.clone());
            query
                .push(r" escape '\' or email like ")
                .push_bind(text)
                .push(r" escape '\')");
        }
    }
}
