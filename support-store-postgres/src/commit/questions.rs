//! What a batch asks of what is stored.

use std::collections::BTreeSet;

use support_core::{
    change::{Claim, Expect, Record, SealedChange, Write},
    model::{AgentId, DepartmentId, Message, SecretHash, SenderKind, TenantId, TicketId, WebhookId},
};
use uuid::Uuid;

use crate::rows::{Time, stored_principal, stored_time};

/// A sender's own id for a message, and whose it is.
pub(super) type ClientId = (TenantId, TicketId, SenderKind, Option<Uuid>, String);

/// What a batch asks, each thing once where it is asked often.
#[derive(Default)]
pub(super) struct Questions<'a> {
    pub(super) tenants: BTreeSet<TenantId>,
    pub(super) tickets: BTreeSet<(TenantId, TicketId)>,
    pub(super) requests: Vec<(TenantId, &'a SecretHash)>,
    pub(super) client_ids: Vec<(TenantId, &'a Message, &'a str)>,
    pub(super) versions: Vec<(TenantId, &'a Record)>,
    pub(super) claims: Vec<(TenantId, &'a Claim)>,
    pub(super) room: Vec<(TenantId, AgentId)>,
    pub(super) use_of: Vec<(TenantId, DepartmentId)>,
    pub(super) cursors: Vec<(TenantId, WebhookId)>,
    pub(super) admins: Vec<(TenantId, AgentId)>,
}

impl<'a> Questions<'a> {
    pub(super) fn of(batch: &'a [SealedChange]) -> Self {
        let mut questions = Self::default();
        for change in batch {
            let parts = change.parts();
            questions.tenants.insert(parts.tenant);
            if let Some(request) = &parts.request {
                questions.requests.push((parts.tenant, &request.key));
            }
            for expect in &parts.expects {
                questions.expected(parts.tenant, expect);
            }
            for write in &parts.writes {
                questions.written(parts.tenant, write);
            }
        }
        questions
    }

    fn expected(&mut self, tenant: TenantId, expect: &'a Expect) {
        match expect {
            Expect::Version {
                record: Record::Ticket(ticket),
                ..
            } => {
                self.tickets.insert((tenant, *ticket));
            }
            Expect::Version { record, .. } => self.versions.push((tenant, record)),
            Expect::Free(claim) => self.claims.push((tenant, claim)),
            Expect::AgentHasRoom(agent) | Expect::AgentIsThere(agent) => self.room.push((tenant, *agent)),
            Expect::DepartmentUnused(department) => self.use_of.push((tenant, *department)),
            Expect::AlarmAt { ticket, .. } => {
                self.tickets.insert((tenant, *ticket));
            }
            Expect::WebhookAt { webhook, .. } => self.cursors.push((tenant, *webhook)),
            Expect::AdminBeside(agent) => self.admins.push((tenant, *agent)),
        }
    }

    fn written(&mut self, tenant: TenantId, write: &'a Write) {
        if let Some(ticket) = changed_ticket(write) {
            self.tickets.insert((tenant, ticket));
        }
        if let Write::AppendMessage(message) = write
            && let Some(client_id) = &message.client_id
        {
            self.client_ids.push((tenant, message, client_id));
        }
    }
}

/// The ticket that has to be there for a write.
pub(super) fn changed_ticket(write: &Write) -> Option<TicketId> {
    match write {
        Write::UpdateTicket(ticket) | Write::EraseTicket(ticket) => Some(ticket.id),
        Write::AppendMessage(message) => Some(message.ticket),
        Write::MarkRead { ticket, .. }
        | Write::NoteAlarm { ticket, .. }
        | Write::AddRating { ticket, .. }
        | Write::PutVisitorContext { ticket, .. } => Some(*ticket),
        _ => None,
    }
}

pub(super) fn client_id(tenant: TenantId, message: &Message) -> Option<ClientId> {
    let own = message.client_id.clone()?;
    let sender = message.sender;
    Some((tenant, message.ticket, sender.kind(), sender.id(), own))
}

/// Table, id and, for accounts, kind of principal. Tickets are asked for with their threads.
pub(super) fn stored_record(record: &Record) -> (&'static str, Option<Uuid>, Option<&'static str>) {
    match record {
        Record::Tenant => ("tenant", None, None),
        Record::Inbox(inbox) => ("inbox", Some(inbox.uuid()), None),
        Record::Department(department) => ("department", Some(department.uuid()), None),
        Record::Agent(agent) => ("agent", Some(agent.uuid()), None),
        Record::Customer(customer) => ("customer", Some(customer.uuid()), None),
        Record::Account(principal) => {
            let (kind, id) = stored_principal(*principal);
            ("account", Some(id), Some(kind))
        }
        Record::Ticket(ticket) => ("ticket", Some(ticket.uuid()), None),
        Record::Callback(callback) => ("callback", Some(callback.uuid()), None),
        Record::Webhook(webhook) => ("webhook", Some(webhook.uuid()), None),
        Record::CannedResponse(response) => ("canned_response", Some(response.uuid()), None),
        Record::File(file) => ("file", Some(file.uuid()), None),
        Record::Article(article) => ("article", Some(article.uuid()), None),
    }
}

/// Kind, name, for sessions inbox, and for numbers from when on they count.
pub(super) fn stored_claim(claim: &Claim) -> (&'static str, &str, Option<Uuid>, Option<Time>) {
    match claim {
        Claim::TenantSlug(slug) => ("tenant_slug", slug, None, None),
        Claim::Domain(domain) => ("domain", domain, None, None),
        Claim::DepartmentSlug(slug) => ("department_slug", slug, None, None),
        Claim::DepartmentName(name) => ("department_name", name, None, None),
        Claim::AccountEmail(email) => ("account_email", email, None, None),
        Claim::ExternalId(external_id) => ("external_id", external_id, None, None),
        Claim::Session(inbox, session) => ("session", session, Some(inbox.uuid()), None),
        Claim::Shortcut(shortcut) => ("shortcut", shortcut, None, None),
        Claim::ArticleSlug { slug, .. } => ("article_slug", slug, None, None),
        Claim::ContactNumber { number, since } => ("contact_number", number, None, Some(stored_time(*since))),
    }
}

/// For slugs of articles, the language among whose they are.
pub(super) fn claimed_language(claim: &Claim) -> Option<&str> {
    match claim {
        Claim::ArticleSlug { language, .. } => Some(language),
        _ => None,
    }
}
