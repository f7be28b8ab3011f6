//! Tickets and what messages make of them.

use support_core::{
    model::{
        AgentId, Assignment, Closing, Contact, Escalation, Resolution, SecretHash, Status, TenantId, Thread, Ticket,
        TicketId, TicketState,
    },
    ports::StoreError,
};
use uuid::Uuid;

use super::{
    Raw, Time, count, from_json, inconsistent, parsed, priority_at, priority_place, requester, row, stored_count,
    stored_requester, stored_time, time, to_json,
};
use crate::query::{FromRow, SqliteRow};

const TABLE: &str = "tickets";

row! {
    /// A row of `tickets`.
    TicketRow {
        tenant_id: Uuid,
        id: Uuid,
        number: i64,
        version: i64,
        inbox_id: Uuid,
        channel: String,
        source: String,
        requester_kind: String,
        requester_id: Uuid,
        contact_name: Option<String>,
        contact_email: Option<String>,
        contact_phone: Option<String>,
        access_hash: Option<String>,
        session: Option<String>,
        subject: String,
        department_id: Option<Uuid>,
        priority: i64,
        category: Option<String>,
        subcategory: Option<String>,
        tags: Raw,
        required_skills: Raw,
        languages: Raw,
        status: String,
        assignee_id: Option<Uuid>,
        assigned_at: Option<Time>,
        resolved_at: Option<Time>,
        resolved_by: Option<Uuid>,
        resolution_notes: Option<String>,
        closed_at: Option<Time>,
        closed_by: Option<Uuid>,
        escalated_at: Option<Time>,
        escalated_by: Option<Uuid>,
        escalation_reason: Option<String>,
        rating: Option<Raw>,
        stars: Option<i64>,
        reopened_count: i64,
        is_offline: bool,
        accept_by: Option<Time>,
        passed_over: Raw,
        held_for_bot_until: Option<Time>,
        metadata: Raw,
        created_at: Time,
        updated_at: Time,
    }
}

impl TicketRow {
    /// The row of a ticket as it will be stored under `version`.
    pub(crate) fn of(tenant: TenantId, ticket: &Ticket, number: u64, version: u64) -> Result<Self, StoreError> {
        let (requester_kind, requester_id) = stored_requester(ticket.requester);
        let assignment = ticket.state.assignment();
        let resolution = ticket.state.resolution();
        let closing = ticket.state.closing();
        let escalation = ticket.escalation.as_ref();
        Ok(Self {
            tenant_id: tenant.uuid(),
            id: ticket.id.uuid(),
            number: stored_count(number),
            version: stored_count(version),
            inbox_id: ticket.inbox.uuid(),
            channel: ticket.channel.as_str().to_owned(),
            source: ticket.source.as_str().to_owned(),
            requester_kind: requester_kind.to_owned(),
            requester_id,
            contact_name: ticket.contact.name.clone(),
            contact_email: ticket.contact.email.clone(),
            contact_phone: ticket.contact.phone.clone(),
            access_hash: ticket.access.as_ref().map(|access| access.as_str().to_owned()),
            session: ticket.session.clone(),
            subject: ticket.subject.clone(),
            department_id: ticket.department.map(support_core::model::DepartmentId::uuid),
            priority: priority_place(ticket.priority),
            category: ticket.category.clone(),
            subcategory: ticket.subcategory.clone(),
            tags: to_json(&ticket.tags)?,
            required_skills: to_json(&ticket.required_skills)?,
            languages: to_json(&ticket.languages)?,
            status: ticket.state.status().as_str().to_owned(),
            assignee_id: assignment.map(|assignment| assignment.agent.uuid()),
            assigned_at: assignment.map(|assignment| stored_time(assignment.at)),
            resolved_at: resolution.map(|resolution| stored_time(resolution.at)),
            resolved_by: resolution.and_then(|resolution| resolution.by).map(AgentId::uuid),
            resolution_notes: resolution.and_then(|resolution| resolution.notes.clone()),
            closed_at: closing.map(|closing| stored_time(closing.at)),
            closed_by: closing.and_then(|closing| closing.by).map(AgentId::uuid),
            escalated_at: escalation.map(|escalation| stored_time(escalation.at)),
            escalated_by: escalation.and_then(|escalation| escalation.by).map(AgentId::uuid),
            escalation_reason: escalation.map(|escalation| escalation.reason.clone()),
            rating: ticket.rating.as_ref().map(to_json).transpose()?,
            stars: ticket.rating.as_ref().map(|rating| i64::from(rating.stars)),
            reopened_count: stored_count(ticket.reopened_count),
            is_offline: ticket.is_offline,
            accept_by: ticket.accept_by.map(stored_time),
            passed_over: to_json(&ticket.passed_over)?,
            held_for_bot_until: ticket.held_for_bot_until.map(stored_time),
            metadata: to_json(&ticket.metadata)?,
            created_at: stored_time(ticket.created_at),
            updated_at: stored_time(ticket.updated_at),
        })
    }

    /// Where the ticket stands: the columns that belong to its status.
    fn state(&self) -> Result<TicketState, StoreError> {
        let assignment = self.assignment()?;
        Ok(match parsed(TABLE, &self.status)? {
            Status::Open => TicketState::Open,
            Status::Waiting => TicketState::Waiting,
            Status::Assigned => TicketState::Assigned(assignment.ok_or_else(|| self.lacks("an assignee"))?),
            Status::Pending => TicketState::Pending(assignment),
            Status::Resolved => {
                let resolution = self.resolution().ok_or_else(|| self.lacks("a resolution"))?;
                TicketState::Resolved(assignment, resolution)
            }
            Status::Closed => {
                let closing = self.closing().ok_or_else(|| self.lacks("a closing"))?;
                TicketState::Closed(assignment, self.resolution(), closing)
            }
        })
    }

    fn lacks(&self, what: &str) -> StoreError {
        inconsistent(TABLE, format!("{} is {} without {what}", self.id, self.status))
    }

    fn assignment(&self) -> Result<Option<Assignment>, StoreError> {
        match (self.assignee_id, self.assigned_at) {
            (Some(agent), Some(at)) => Ok(Some(Assignment {
                agent: agent.into(),
                at: time(at),
            })),
            (None, None) => Ok(None),
            _ => Err(self.lacks("half of its assignment")),
        }
    }

    fn resolution(&self) -> Option<Resolution> {
        self.resolved_at.map(|at| Resolution {
            at: time(at),
            by: self.resolved_by.map(Into::into),
            notes: self.resolution_notes.clone(),
        })
    }

    fn closing(&self) -> Option<Closing> {
        self.closed_at.map(|at| Closing {
            at: time(at),
            by: self.closed_by.map(Into::into),
        })
    }

    fn escalation(&self) -> Option<Escalation> {
        self.escalated_at.map(|at| Escalation {
            at: time(at),
            by: self.escalated_by.map(Into::into),
            reason: self.escalation_reason.clone().unwrap_or_default(),
        })
    }

    /// The ticket with what its messages have made of it.
    pub(crate) fn into_ticket(self, thread: Thread) -> Result<Ticket, StoreError> {
        Ok(Ticket {
            state: self.state()?,
            escalation: self.escalation(),
            id: self.id.into(),
            number: count(TABLE, self.number)?,
            version: count(TABLE, self.version)?,
            inbox: self.inbox_id.into(),
            channel: parsed(TABLE, &self.channel)?,
            source: parsed(TABLE, &self.source)?,
            requester: requester(TABLE, &self.requester_kind, self.requester_id)?,
            contact: Contact {
                name: self.contact_name,
                email: self.contact_email,
                phone: self.contact_phone,
            },
            access: self.access_hash.map(SecretHash::stored),
            session: self.session,
            subject: self.subject,
            department: self.department_id.map(Into::into),
            priority: priority_at(TABLE, self.priority)?,
            category: self.category,
            subcategory: self.subcategory,
            tags: from_json(TABLE, &self.tags)?,
            required_skills: from_json(TABLE, &self.required_skills)?,
            languages: from_json(TABLE, &self.languages)?,
            rating: self.rating.map(|rating| from_json(TABLE, &rating)).transpose()?,
            reopened_count: count(TABLE, self.reopened_count)?,
            is_offline: self.is_offline,
            accept_by: self.accept_by.map(time),
            passed_over: from_json(TABLE, &self.passed_over)?,
            held_for_bot_until: self.held_for_bot_until.map(time),
            metadata: from_json(TABLE, &self.metadata)?,
            created_at: time(self.created_at),
            updated_at: time(self.updated_at),
            thread,
        })
    }
}

row! {
    /// A row of `ticket_threads`.
    ThreadRow {
        tenant_id: Uuid,
        ticket_id: Uuid,
        last_seq: i64,
        last_activity_at: Time,
        last_message_at: Option<Time>,
        last_message_preview: Option<String>,
        first_response_at: Option<Time>,
        first_customer_message_at: Option<Time>,
        unread_by_agents: i64,
        unread_by_customer: i64,
        read_by_agents: i64,
        read_by_customer: i64,
    }
}

impl ThreadRow {
    /// The row of a thread.
    pub(crate) fn of(tenant: TenantId, ticket: TicketId, thread: &Thread, last_activity_at: Time) -> Self {
        Self {
            tenant_id: tenant.uuid(),
            ticket_id: ticket.uuid(),
            last_seq: stored_count(thread.last_seq),
            last_activity_at,
            last_message_at: thread.last_message_at.map(stored_time),
            last_message_preview: thread.last_message_preview.clone(),
            first_response_at: thread.first_response_at.map(stored_time),
            first_customer_message_at: thread.first_customer_message_at.map(stored_time),
            unread_by_agents: stored_count(thread.unread_by_agents),
            unread_by_customer: stored_count(thread.unread_by_customer),
            read_by_agents: stored_count(thread.read_by_agents),
            read_by_customer: stored_count(thread.read_by_customer),
        }
    }

    /// The thread.
    pub(crate) fn into_thread(self) -> Result<Thread, StoreError> {
        const TABLE: &str = "ticket_threads";
        Ok(Thread {
            last_seq: count(TABLE, self.last_seq)?,
            last_message_at: self.last_message_at.map(time),
            last_message_preview: self.last_message_preview,
            first_response_at: self.first_response_at.map(time),
            first_customer_message_at: self.first_customer_message_at.map(time),
            unread_by_agents: count(TABLE, self.unread_by_agents)?,
            unread_by_customer: count(TABLE, self.unread_by_customer)?,
            read_by_agents: count(TABLE, self.read_by_agents)?,
            read_by_customer: count(TABLE, self.read_by_customer)?,
        })
    }
}

/// A ticket and its thread, as one statement reads them.
#[derive(Debug)]
pub(crate) struct StoredTicket {
    ticket: TicketRow,
    thread: ThreadRow,
}

impl FromRow for StoredTicket {
    fn from_row(row: &SqliteRow<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            ticket: TicketRow::from_row(row)?,
            thread: ThreadRow::from_row(row)?,
        })
    }
}

impl StoredTicket {
    /// The ticket.
    pub(crate) fn into_ticket(self) -> Result<Ticket, StoreError> {
        self.ticket.into_ticket(self.thread.into_thread()?)
    }
}
