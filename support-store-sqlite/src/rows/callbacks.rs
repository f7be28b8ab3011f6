//! Callbacks.

use support_core::{
    model::{AgentId, Callback, CustomerId, TenantId, TicketId},
    ports::StoreError,
};
use uuid::Uuid;

use super::{Raw, Time, count, from_json, parsed, row, stored_count, stored_time, time, to_json};

const TABLE: &str = "callbacks";

row! {
    /// A row of `callbacks`.
    CallbackRow {
        tenant_id: Uuid,
        id: Uuid,
        contact_number: String,
        e164: Option<String>,
        number_key: String,
        employee_id: Option<String>,
        customer_id: Option<Uuid>,
        ticket_id: Option<Uuid>,
        status: String,
        scheduled_at: Option<Time>,
        due_at: Time,
        assignee_id: Option<Uuid>,
        notes: Option<String>,
        contacted_at: Option<Time>,
        contacted_by: Option<Uuid>,
        resolved_at: Option<Time>,
        attempts: Raw,
        reminded_at: Option<Time>,
        escalated_at: Option<Time>,
        metadata: Raw,
        version: i64,
        created_at: Time,
        updated_at: Time,
        overdue_at: Option<Time>,
    }
}

impl CallbackRow {
    /// The row as it will be stored.
    pub(crate) fn of(tenant: TenantId, callback: &Callback) -> Result<Self, StoreError> {
        Ok(Self {
            tenant_id: tenant.uuid(),
            id: callback.id.uuid(),
            contact_number: callback.contact_number.clone(),
            e164: callback.e164.clone(),
            number_key: callback.number_key(),
            employee_id: callback.employee_id.clone(),
            customer_id: callback.customer.map(CustomerId::uuid),
            ticket_id: callback.ticket.map(TicketId::uuid),
            status: callback.status.as_str().to_owned(),
            scheduled_at: callback.scheduled_at.map(stored_time),
            due_at: stored_time(callback.due_at()),
            assignee_id: callback.assigned_to.map(AgentId::uuid),
            notes: callback.notes.clone(),
            contacted_at: callback.contacted_at.map(stored_time),
            contacted_by: callback.contacted_by.map(AgentId::uuid),
            resolved_at: callback.resolved_at.map(stored_time),
            attempts: to_json(&callback.attempts)?,
            reminded_at: callback.reminded_at.map(stored_time),
            escalated_at: callback.escalated_at.map(stored_time),
            metadata: to_json(&callback.metadata)?,
            version: stored_count(callback.version.saturating_add(1)),
            created_at: stored_time(callback.created_at),
            updated_at: stored_time(callback.updated_at),
            overdue_at: callback.overdue_at.map(stored_time),
        })
    }

    /// The callback.
    pub(crate) fn into_callback(self) -> Result<Callback, StoreError> {
        Ok(Callback {
            id: self.id.into(),
            contact_number: self.contact_number,
            e164: self.e164,
            employee_id: self.employee_id,
            customer: self.customer_id.map(Into::into),
            ticket: self.ticket_id.map(Into::into),
            status: parsed(TABLE, &self.status)?,
            scheduled_at: self.scheduled_at.map(time),
            assigned_to: self.assignee_id.map(Into::into),
            notes: self.notes,
            contacted_at: self.contacted_at.map(time),
            contacted_by: self.contacted_by.map(Into::into),
            resolved_at: self.resolved_at.map(time),
            attempts: from_json(TABLE, &self.attempts)?,
            reminded_at: self.reminded_at.map(time),
            overdue_at: self.overdue_at.map(time),
            escalated_at: self.escalated_at.map(time),
            metadata: from_json(TABLE, &self.metadata)?,
            version: count(TABLE, self.version)?,
            created_at: time(self.created_at),
            updated_at: time(self.updated_at),
        })
    }
}
