//! Things as letters speak of them.

use chrono_tz::Tz;
use serde_json::{Value, json};

use super::routes::display_name;
use crate::{
    desk::{Desk, DeskError},
    model::{Callback, Event, Message, Tenant, TenantId, Ticket, Timestamp},
    ports::{CallbackView, EventView, MessageView, TenantView, TicketView},
};

pub(super) fn tenant_view(tenant: &Tenant) -> TenantView {
    TenantView {
        slug: tenant.slug.clone(),
        name: display_name(tenant),
        color: tenant.settings.branding.color.clone(),
        timezone: tenant.timezone.name().to_owned(),
    }
}

pub(super) fn message_view(message: &Message, timezone: Tz) -> MessageView {
    MessageView {
        sender: message.sender.kind().to_string(),
        sender_name: message.sender_name.clone(),
        content: message.in_words(),
        created_at: message.created_at.shown(timezone),
    }
}

impl Desk {
    pub(super) async fn ticket_view(&self, tenant: &Tenant, ticket: &Ticket) -> Result<TicketView, DeskError> {
        let department = match ticket.department {
            Some(department) => self.stores().departments.department(tenant.id, department).await?,
            None => None,
        };
        Ok(TicketView {
            id: ticket.id.to_string(),
            number: ticket.human_number(),
            subject: ticket.subject.clone(),
            status: ticket.state.status().to_string(),
            priority: ticket.priority.to_string(),
            channel: ticket.channel.to_string(),
            department: department.map(|department| department.name),
            requester_name: ticket.requester_name().to_owned(),
            requester_email: ticket.contact.email.clone(),
            requester_phone: ticket.contact.phone.clone(),
            created_at: ticket.created_at.shown(tenant.timezone),
        })
    }

    pub(super) async fn callback_view(&self, tenant: &Tenant, callback: &Callback) -> Result<CallbackView, DeskError> {
        let customer = match callback.customer {
            Some(customer) => self.stores().people.customer(tenant.id, customer).await?,
            None => None,
        };
        let agents: Vec<_> = callback.assigned_to.into_iter().collect();
        let names = self.agent_names(tenant.id, &agents).await?;
        let shown = |at: Timestamp| at.shown(tenant.timezone);
        Ok(CallbackView {
            id: callback.id.to_string(),
            contact_number: callback.contact_number.clone(),
            e164: callback.e164.clone(),
            employee_id: callback
                .employee_id
                .clone()
                .unwrap_or_else(|| "Not provided".to_owned()),
            customer_name: customer.and_then(|customer| customer.contact.name),
            status: callback.status.to_string(),
            requested_at: shown(callback.created_at),
            scheduled_at: callback.scheduled_at.map(shown),
            assigned_to: names.into_values().next(),
            notes: callback.notes.clone(),
            reference: format!("[Callback Request: {}|Tenant: {}]", callback.id, tenant.slug),
        })
    }

    /// An entry of the journal as subscribers get it: what it tells, and what it is about as that
    /// stands now.
    pub(super) async fn event_view(&self, tenant: TenantId, event: &Event) -> Result<EventView, DeskError> {
        let mut data = match serde_json::to_value(&event.body) {
            Ok(Value::Object(data)) => data,
            Ok(_) | Err(_) => serde_json::Map::new(),
        };
        data.remove("kind");
        data.insert("seq".to_owned(), json!(event.seq));
        data.insert("actor".to_owned(), json!(event.actor));
        if let Some(ticket) = event.audience.ticket
            && let Some(ticket) = self.stores().tickets.ticket(tenant, ticket).await?
        {
            data.insert("ticket".to_owned(), ticket_data(&ticket));
        }
        if let Some(message) = &event.message {
            data.insert("message".to_owned(), message_data(message));
        }
        if let Some(callback) = event.body.callback()
            && let Some(callback) = self.stores().callbacks.callback(tenant, callback).await?
        {
            data.insert("callback".to_owned(), callback_data(&callback));
        }
        Ok(EventView {
            seq: event.seq,
            kind: event.body.kind().to_owned(),
            at: event.at.to_string(),
            data: Value::Object(data),
        })
    }
}

fn ticket_data(ticket: &Ticket) -> Value {
    json!({
        "id": ticket.id,
        "ticketId": ticket.human_number(),
        "subject": ticket.subject,
        "status": ticket.state.status(),
        "priority": ticket.priority,
        "channel": ticket.channel,
        "department": ticket.department,
        "assignedTo": ticket.assignee(),
        "requester": {
            "name": ticket.contact.name,
            "email": ticket.contact.email,
            "phone": ticket.contact.phone,
        },
        "createdAt": ticket.created_at.to_string(),
    })
}

fn message_data(message: &Message) -> Value {
    json!({
        "id": message.id,
        "seq": message.seq,
        "sender": message.sender.kind(),
        "senderName": message.sender_name,
        "content": message.content,
        "createdAt": message.created_at.to_string(),
    })
}

fn callback_data(callback: &Callback) -> Value {
    json!({
        "id": callback.id,
        "contactNumber": callback.contact_number,
        "e164": callback.e164,
        "employeeId": callback.employee_id,
        "customerId": callback.customer,
        "ticketId": callback.ticket,
        "status": callback.status,
        "scheduledAt": callback.scheduled_at.map(|at| at.to_string()),
        "assignedTo": callback.assigned_to,
        "createdAt": callback.created_at.to_string(),
    })
}
