//! What the choice of an agent needs.

use async_trait::async_trait;
use support_core::{
    model::{Candidate, TenantId, TicketId, Timestamp},
    ports::{AssignmentReads, StoreError},
};
use uuid::Uuid;

use crate::{
    SqliteStore,
    rows::{CandidateRow, stored_time},
    statements::statements,
};

statements! {
    CANDIDATES = "select a.tenant_id, a.id, a.name, a.email, a.role, a.departments, a.skills, a.languages,
            a.max_concurrent_tickets, a.availability, a.is_active, a.last_login_at, a.last_logout_at, a.version,
            a.created_at, a.updated_at, a.last_assigned_at, coalesce(p.is_online, 0) as is_online,
            (select count(*) from tickets t
                where t.tenant_id = a.tenant_id and t.assignee_id = a.id and t.status in ('assigned', 'pending')
            ) as open_tickets
        from agents a left join presences p on p.tenant_id = a.tenant_id and p.agent_id = a.id
        where a.tenant_id = ?1 and a.is_active and a.role <> 'platform'
        order by a.id";

    /// Over all tenants.
    TICKETS_TO_ACCEPT = "select tenant_id, id from tickets where accept_by <= ?1
        order by accept_by, tenant_id, id limit ?2";
}

#[async_trait]
impl AssignmentReads for SqliteStore {
    async fn candidates(&self, tenant: TenantId) -> Result<Vec<Candidate>, StoreError> {
        let rows = self.fetch_all::<CandidateRow>(CANDIDATES, (tenant.uuid(),)).await?;
        rows.into_iter().map(CandidateRow::into_candidate).collect()
    }

    async fn tickets_to_accept(&self, now: Timestamp, limit: u32) -> Result<Vec<(TenantId, TicketId)>, StoreError> {
        let found = self.fetch_all(TICKETS_TO_ACCEPT, (stored_time(now), limit)).await?;
        Ok(found.into_iter().map(ticket_of).collect())
    }
}

fn ticket_of((tenant, ticket): (Uuid, Uuid)) -> (TenantId, TicketId) {
    (tenant.into(), ticket.into())
}
