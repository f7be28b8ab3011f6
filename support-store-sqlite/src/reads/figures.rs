//! Statistics.

use async_trait::async_trait;
use support_core::{
    model::{
        AgentId, DepartmentId, FigurePlace, FigureScope, Figures, Measures, Rating, TenantId, Ticket, TicketId,
        Timestamp,
    },
    ports::{FigureGroup, FigureQuery, FigureReads, StoreError},
};
use uuid::Uuid;

use super::tickets::columns;
use crate::{
    SqliteStore,
    rows::{FigureRow, Raw, StoredTicket, count, from_json, scope_name, stored_time},
    statements::statements,
};

statements! {
    FIGURES_OF_ONE = "select tenant_id, scope, day, department_id, agent_id, counts, lengths from figures
        where tenant_id = ?1 and scope = ?2 and day >= ?3 and day <= ?4
            and department_id = ?5 and agent_id = ?6
        order by day";
    COUNTS_OF_ONE = "select tenant_id, scope, day, department_id, agent_id, counts, '[{},{},{},{},{},{},{}]' as lengths
        from figures
        where tenant_id = ?1 and scope = ?2 and day >= ?3 and day <= ?4
            and department_id = ?5 and agent_id = ?6
        order by day";
    /// Without lengths, which nobody compares.
    FIGURES_OF_EACH = "select tenant_id, scope, day, department_id, agent_id, counts, '[{},{},{},{},{},{},{}]' as lengths
        from figures
        where tenant_id = ?1 and scope = ?2 and day >= ?3 and day <= ?4
            and (?5 is null or department_id = ?5) and (?6 is null or agent_id = ?6)
        order by day, department_id, agent_id";
    /// The newest of each number of stars, so that a short span needn't pass all that were rated before.
    TOP_RATED_TICKETS = concat!(
        columns!(),
        " from (select * from (select t.id, t.stars, t.created_at from tickets t
                where t.tenant_id = ?1 and t.stars = 5 and t.created_at >= ?2 and t.created_at < ?3
                    and (?4 is null or t.department_id = ?4) and (?5 is null or unhex(t.rating->>'agent', '-') = ?5)
                order by t.created_at desc, t.id desc limit ?6) of_5
            union all select * from (select t.id, t.stars, t.created_at from tickets t
                where t.tenant_id = ?1 and t.stars = 4 and t.created_at >= ?2 and t.created_at < ?3
                    and (?4 is null or t.department_id = ?4) and (?5 is null or unhex(t.rating->>'agent', '-') = ?5)
                order by t.created_at desc, t.id desc limit ?6) of_4
            union all select * from (select t.id, t.stars, t.created_at from tickets t
                where t.tenant_id = ?1 and t.stars = 3 and t.created_at >= ?2 and t.created_at < ?3
                    and (?4 is null or t.department_id = ?4) and (?5 is null or unhex(t.rating->>'agent', '-') = ?5)
                order by t.created_at desc, t.id desc limit ?6) of_3
            union all select * from (select t.id, t.stars, t.created_at from tickets t
                where t.tenant_id = ?1 and t.stars = 2 and t.created_at >= ?2 and t.created_at < ?3
                    and (?4 is null or t.department_id = ?4) and (?5 is null or unhex(t.rating->>'agent', '-') = ?5)
                order by t.created_at desc, t.id desc limit ?6) of_2
            union all select * from (select t.id, t.stars, t.created_at from tickets t
                where t.tenant_id = ?1 and t.stars = 1 and t.created_at >= ?2 and t.created_at < ?3
                    and (?4 is null or t.department_id = ?4) and (?5 is null or unhex(t.rating->>'agent', '-') = ?5)
                order by t.created_at desc, t.id desc limit ?6) of_1
            order by stars desc, created_at desc, id desc limit ?6) best
        cross join tickets t on t.tenant_id = ?1 and t.id = best.id
        cross join ticket_threads th on th.tenant_id = t.tenant_id and th.ticket_id = t.id
        order by t.stars desc, t.created_at desc, t.id desc"
    );
    RESOLVED_SINCE = "select count(*) as items from tickets
        where tenant_id = ?1 and resolved_at >= ?2 and status in ('resolved', 'closed')";
    MEASURES = "select measures from ticket_measures where tenant_id = ?1 and ticket_id = ?2";
    /// Over all tenants.
    ALARMS_DUE = "select tenant_id, ticket_id from ticket_measures
        where rings_at <= ?1 order by rings_at, tenant_id, ticket_id limit ?2";
    RATINGS = "select rating from ratings where tenant_id = ?1 and ticket_id = ?2 order by resolution";
}

/// Which rows a question is about: their scope, and the department and agent if one is named.
struct Asked {
    statement: &'static str,
    scope: &'static str,
    department: Option<Uuid>,
    agent: Option<Uuid>,
}

fn asked_of_one(statement: &'static str, of: FigureScope) -> Asked {
    let FigureScope { department, agent } = of;
    Asked {
        statement,
        scope: scope_name(department.is_some(), agent.is_some()),
        department: Some(department.map_or(Uuid::nil(), DepartmentId::uuid)),
        agent: Some(agent.map_or(Uuid::nil(), AgentId::uuid)),
    }
}

fn asked(group: FigureGroup) -> Asked {
    match group {
        FigureGroup::One(of) => asked_of_one(FIGURES_OF_ONE, of),
        FigureGroup::Counted(of) => asked_of_one(COUNTS_OF_ONE, of),
        FigureGroup::EachDepartment(agent) => Asked {
            statement: FIGURES_OF_EACH,
            scope: scope_name(true, agent.is_some()),
            department: None,
            agent: agent.map(AgentId::uuid),
        },
        FigureGroup::EachAgent(department) => Asked {
            statement: FIGURES_OF_EACH,
            scope: scope_name(department.is_some(), true),
            department: department.map(DepartmentId::uuid),
            agent: None,
        },
    }
}

#[async_trait]
impl FigureReads for SqliteStore {
    async fn figures(&self, tenant: TenantId, query: FigureQuery) -> Result<Vec<(FigurePlace, Figures)>, StoreError> {
        let Asked {
            statement,
            scope,
            department,
            agent,
        } = asked(query.of);
        let (from, to) = (query.from.to_string(), query.to.to_string());
        let parameters = (tenant.uuid(), scope, from, to, department, agent);
        let rows = self.fetch_all::<FigureRow>(statement, parameters).await?;
        rows.into_iter().map(FigureRow::into_figures).collect()
    }

    async fn top_rated_tickets(
        &self,
        tenant: TenantId,
        scope: FigureScope,
        from: Timestamp,
        before: Timestamp,
        limit: u32,
    ) -> Result<Vec<Ticket>, StoreError> {
        let FigureScope { department, agent } = scope;
        let parameters = (
            tenant.uuid(),
            stored_time(from),
            stored_time(before),
            department.map(DepartmentId::uuid),
            agent.map(AgentId::uuid),
            limit,
        );
        let rows = self.fetch_all::<StoredTicket>(TOP_RATED_TICKETS, parameters).await?;
        rows.into_iter().map(StoredTicket::into_ticket).collect()
    }

    async fn resolved_since(&self, tenant: TenantId, from: Timestamp) -> Result<u64, StoreError> {
        let parameters = (tenant.uuid(), stored_time(from));
        let items = self.fetch_optional::<i64>(RESOLVED_SINCE, parameters).await?;
        count("tickets", items.unwrap_or_default())
    }

    async fn measures(&self, tenant: TenantId, ticket: TicketId) -> Result<Option<Measures>, StoreError> {
        let stored = self
            .fetch_optional::<Raw>(MEASURES, (tenant.uuid(), ticket.uuid()))
            .await?;
        stored.map(|stored| from_json("ticket_measures", &stored)).transpose()
    }

    async fn alarms_due(&self, now: Timestamp, limit: u32) -> Result<Vec<(TenantId, TicketId)>, StoreError> {
        let due = self
            .fetch_all::<(Uuid, Uuid)>(ALARMS_DUE, (stored_time(now), limit))
            .await?;
        Ok(due
            .into_iter()
            .map(|(tenant, ticket)| (tenant.into(), ticket.into()))
            .collect())
    }

    async fn ratings(&self, tenant: TenantId, ticket: TicketId) -> Result<Vec<Rating>, StoreError> {
        let rows = self.fetch_all::<Raw>(RATINGS, (tenant.uuid(), ticket.uuid())).await?;
        rows.iter().map(|row| from_json("ratings", row)).collect()
    }
}
