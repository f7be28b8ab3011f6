//! What must hold before anything is written: what a change set expects, and what would be a
//! constraint in a database.

use super::{State, TenantState};
use crate::{
    change::{Claim, Conflict, Expect, Record, SealedParts, Write},
    model::{
        AgentId, ApiKey, Availability, DepartmentId, Role, Tenant, TenantId, Ticket, TicketId, counts_as_somebody,
    },
};

impl State {
    /// The first thing that does not hold.
    pub(super) fn conflict(&self, parts: &SealedParts) -> Option<Conflict> {
        let unexpected = parts
            .expects
            .iter()
            .find_map(|expect| self.broken(parts.tenant, expect));
        unexpected.or_else(|| self.unwritable(parts))
    }

    fn broken(&self, tenant: TenantId, expect: &Expect) -> Option<Conflict> {
        let own = self.of(tenant);
        match expect {
            Expect::Version { record, version } => {
                let stored = own.and_then(|own| own.version_of(record));
                (stored != Some(*version)).then(|| Conflict::Changed(record.clone()))
            }
            Expect::Free(claim) => self.is_taken(tenant, claim).then(|| Conflict::Taken(claim.clone())),
            Expect::AgentHasRoom(agent) => {
                let has_room = own.is_some_and(|own| own.has_room(*agent));
                (!has_room).then_some(Conflict::NoRoom(*agent))
            }
            Expect::DepartmentUnused(department) => {
                let is_used = own.is_some_and(|own| own.is_used(*department));
                is_used.then_some(Conflict::DepartmentInUse(*department))
            }
            Expect::AlarmAt { ticket, at } => {
                let rings = own
                    .and_then(|own| own.tickets.get(ticket))
                    .and_then(|stored| stored.measures.rings_at());
                (rings != Some(*at)).then_some(Conflict::AlarmElsewhere(*ticket))
            }
            Expect::WebhookAt { webhook, cursor } => {
                let stands = own
                    .and_then(|own| own.webhooks.get(webhook))
                    .map(|webhook| webhook.cursor);
                (stands != Some(*cursor)).then_some(Conflict::WebhookElsewhere(*webhook))
            }
            Expect::AgentIsThere(agent) => {
                let is_there = own.is_some_and(|own| own.is_there(*agent));
                (!is_there).then_some(Conflict::NotThere(*agent))
            }
            Expect::AdminBeside(agent) => {
                let has_another = own.is_some_and(|own| own.has_admin_beside(*agent));
                (!has_another).then_some(Conflict::LastAdmin(*agent))
            }
        }
    }

    fn is_taken(&self, tenant: TenantId, claim: &Claim) -> bool {
        match claim {
            Claim::TenantSlug(slug) => self.tenants.values().any(|other| other.tenant.slug == *slug),
            Claim::Domain(domain) => self.tenants.values().any(|other| other.tenant.domains.contains(domain)),
            Claim::DepartmentSlug(_)
            | Claim::DepartmentName(_)
            | Claim::AccountEmail(_)
            | Claim::ExternalId(_)
            | Claim::Shortcut(_)
            | Claim::ArticleSlug { .. }
            | Claim::Session(..)
            | Claim::ContactNumber { .. } => self.of(tenant).is_some_and(|own| own.is_taken(claim)),
        }
    }

    /// What a database's keys would refuse.
    fn unwritable(&self, parts: &SealedParts) -> Option<Conflict> {
        let Some(own) = self.of(parts.tenant) else {
            return self.unfounded(parts.tenant, &parts.writes);
        };
        let repeated = parts.deliveries.iter().any(|new| own.deliveries.contains_key(&new.id));
        if repeated {
            return Some(Conflict::Concurrent);
        }
        parts.writes.iter().find_map(|write| match write {
            Write::PutTenant(tenant) if tenant.version == 0 => Some(Conflict::Concurrent),
            Write::PutTenant(tenant) => self.overlaps(parts.tenant, tenant).then_some(Conflict::Concurrent),
            Write::PutApiKey(key) => self.has_another(key).then_some(Conflict::Concurrent),
            write => own.unwritable(write, &parts.writes),
        })
    }

    /// Why nothing can be written in a tenant that isn't there, unless this founds it.
    fn unfounded(&self, id: TenantId, writes: &[Write]) -> Option<Conflict> {
        let founded = writes.iter().find_map(|write| match write {
            Write::PutTenant(tenant) if tenant.version == 0 => Some(tenant),
            _ => None,
        });
        let Some(tenant) = founded else {
            return Some(Conflict::Changed(Record::Tenant));
        };
        if self.overlaps(id, tenant) {
            return Some(Conflict::Concurrent);
        }
        TenantState::new(Tenant::clone(tenant)).unwritable_among(writes)
    }

    fn overlaps(&self, id: TenantId, tenant: &Tenant) -> bool {
        let others = self.tenants.iter().filter(|(other, _)| **other != id);
        others.map(|(_, own)| &own.tenant).any(|other| {
            other.slug == tenant.slug || other.domains.iter().any(|domain| tenant.domains.contains(domain))
        })
    }

    fn has_another(&self, key: &ApiKey) -> bool {
        let mut keys = self.tenants.values().flat_map(|tenant| tenant.api_keys.values());
        keys.any(|other| other.hash == key.hash && other.id != key.id)
    }
}

impl TenantState {
    fn version_of(&self, record: &Record) -> Option<u64> {
        match record {
            Record::Tenant => Some(self.tenant.version),
            Record::Inbox(id) => self.inboxes.get(id).map(|inbox| inbox.version),
            Record::Department(id) => self.departments.get(id).map(|department| department.version),
            Record::Agent(id) => self.agents.get(id).map(|stored| stored.agent.version),
            Record::Customer(id) => self.customers.get(id).map(|customer| customer.version),
            Record::Account(id) => self.accounts.get(id).map(|account| account.version),
            Record::Ticket(id) => self.tickets.get(id).map(|stored| stored.ticket.version),
            Record::Callback(id) => self.callbacks.get(id).map(|callback| callback.version),
            Record::Webhook(id) => self.webhooks.get(id).map(|webhook| webhook.version),
            Record::CannedResponse(id) => self.canned_responses.get(id).map(|response| response.version),
            Record::File(id) => self.files.get(id).map(|file| file.version),
            Record::Article(id) => self.articles.get(id).map(|article| article.version),
        }
    }

    fn has_room(&self, id: AgentId) -> bool {
        self.agents.get(&id).map(|stored| &stored.agent).is_some_and(|agent| {
            agent.is_active
                && self.is_online(id)
                && agent.availability == Availability::Available
                && self.load_of(id) < agent.max_concurrent_tickets
        })
    }

    fn is_there(&self, id: AgentId) -> bool {
        self.agents
            .get(&id)
            .map(|stored| &stored.agent)
            .is_some_and(|agent| agent.is_active && counts_as_somebody(self.is_online(id), agent.availability))
    }

    fn is_online(&self, id: AgentId) -> bool {
        self.presences.get(&id).is_some_and(|stored| stored.presence.is_online)
    }

    fn has_admin_beside(&self, id: AgentId) -> bool {
        let mut agents = self.agents.values().map(|stored| &stored.agent);
        agents.any(|agent| agent.id != id && agent.role == Role::Admin && agent.is_active)
    }

    fn is_used(&self, department: DepartmentId) -> bool {
        let mut tickets = self.tickets.values().map(|stored| &stored.ticket);
        tickets.any(|ticket| ticket.department == Some(department) && ticket.state.status().is_unfinished())
    }

    fn is_taken(&self, claim: &Claim) -> bool {
        match claim {
            Claim::TenantSlug(slug) => self.tenant.slug == *slug,
            Claim::Domain(domain) => self.tenant.domains.contains(domain),
            Claim::DepartmentSlug(slug) => self.departments.values().any(|department| department.slug == *slug),
            Claim::DepartmentName(name) => self.departments.values().any(|department| department.name == *name),
            Claim::AccountEmail(email) => self.accounts.values().any(|account| account.email == *email),
            Claim::ExternalId(external_id) => {
                let mut known = self.customers.values();
                known.any(|customer| customer.external_id.as_ref() == Some(external_id))
            }
            Claim::Shortcut(shortcut) => {
                let mut known = self.canned_responses.values();
                known.any(|response| response.shortcut == *shortcut)
            }
            Claim::ArticleSlug { slug, language } => {
                let mut known = self.articles.values();
                known.any(|article| article.slug == *slug && article.language == *language)
            }
            Claim::Session(inbox, session) => self.tickets.values().any(|stored| {
                stored.ticket.inbox == *inbox
                    && stored.ticket.session.as_ref() == Some(session)
                    && stored.ticket.state.status().is_unfinished()
            }),
            Claim::ContactNumber { number, since } => {
                let mut callbacks = self.callbacks.values();
                callbacks.any(|callback| callback.created_at >= *since && callback.number_key() == *number)
            }
        }
    }

    fn unwritable_among(&self, writes: &[Write]) -> Option<Conflict> {
        writes.iter().find_map(|write| self.unwritable(write, writes))
    }

    fn unwritable(&self, write: &Write, all: &[Write]) -> Option<Conflict> {
        match write {
            Write::PutInbox(inbox) => self.misplaced(Record::Inbox(inbox.id), inbox.version),
            Write::PutDepartment(department) => {
                let mut others = self.departments.values().filter(|other| other.id != department.id);
                let is_double = others.any(|other| other.slug == department.slug || other.name == department.name);
                self.misplaced_or_double(Record::Department(department.id), department.version, is_double)
            }
            Write::PutAgent(agent) => self.misplaced(Record::Agent(agent.id), agent.version),
            Write::PutCustomer(customer) => {
                let mut others = self.customers.values().filter(|other| other.id != customer.id);
                let is_double =
                    customer.external_id.is_some() && others.any(|other| other.external_id == customer.external_id);
                self.misplaced_or_double(Record::Customer(customer.id), customer.version, is_double)
            }
            Write::PutAccount(account) => {
                let mut others = self
                    .accounts
                    .values()
                    .filter(|other| other.principal != account.principal);
                let is_double = others.any(|other| other.email == account.email);
                self.misplaced_or_double(Record::Account(account.principal), account.version, is_double)
            }
            Write::PutCallback(callback) | Write::EraseCallback(callback) => {
                self.misplaced(Record::Callback(callback.id), callback.version)
            }
            Write::PutWebhook(webhook) => self.misplaced(Record::Webhook(webhook.id), webhook.version),
            Write::PutCannedResponse(response) => {
                let mut others = self.canned_responses.values().filter(|other| other.id != response.id);
                let is_double = others.any(|other| other.shortcut == response.shortcut);
                self.misplaced_or_double(Record::CannedResponse(response.id), response.version, is_double)
            }
            Write::PutFile(file) => self.misplaced(Record::File(file.id), file.version),
            Write::PutArticle(article) => {
                let mut others = self.articles.values().filter(|other| other.id != article.id);
                let is_double = others.any(|other| other.slug == article.slug && other.language == article.language);
                self.misplaced_or_double(Record::Article(article.id), article.version, is_double)
            }
            Write::OpenTicket(ticket) => self.unopenable(ticket, all),
            Write::UpdateTicket(ticket) | Write::EraseTicket(ticket) => self.missing(ticket.id, all),
            Write::AppendMessage(message) => self.missing(message.ticket, all),
            Write::MarkRead { ticket, .. }
            | Write::NoteAlarm { ticket, .. }
            | Write::AddRating { ticket, .. }
            | Write::PutVisitorContext { ticket, .. } => self.missing(*ticket, all),
            Write::PutTenant(_)
            | Write::PutApiKey(_)
            | Write::AdvanceWebhook { .. }
            | Write::RemoveWebhook(_)
            | Write::RemoveDepartment(_)
            | Write::NoteAssignment { .. }
            | Write::RemoveCustomer(_)
            | Write::PutVisitor(_)
            | Write::RemoveAccount(_)
            | Write::PutLoginGuard(_)
            | Write::RemoveLoginGuard(_)
            | Write::RevokeToken { .. }
            | Write::RemoveCannedResponse(_)
            | Write::RemoveFile(_)
            | Write::RemoveArticle(_)
            | Write::CountArticleViews { .. }
            | Write::PutArticleVote(_)
            | Write::MarkNotificationsRead { .. }
            | Write::PutErasure(_)
            | Write::ForgetPerson { .. }
            | Write::StoreResponse { .. }
            | Write::PutBlock(_)
            | Write::RemoveBlock(_) => None,
        }
    }

    /// New records must not be there, others must.
    fn misplaced(&self, record: Record, version: u64) -> Option<Conflict> {
        match (version, self.version_of(&record)) {
            (0, Some(_)) => Some(Conflict::Concurrent),
            (1.., None) => Some(Conflict::Changed(record)),
            _ => None,
        }
    }

    fn misplaced_or_double(&self, record: Record, version: u64, is_double: bool) -> Option<Conflict> {
        let misplaced = self.misplaced(record, version);
        misplaced.or_else(|| is_double.then_some(Conflict::Concurrent))
    }

    fn unopenable(&self, ticket: &Ticket, all: &[Write]) -> Option<Conflict> {
        let has_inbox = self.inboxes.contains_key(&ticket.inbox)
            || all
                .iter()
                .any(|write| matches!(write, Write::PutInbox(inbox) if inbox.id == ticket.inbox));
        if !has_inbox {
            return Some(Conflict::Changed(Record::Inbox(ticket.inbox)));
        }
        let mut others = self.tickets.values().map(|stored| &stored.ticket);
        let is_double =
            others.any(|other| other.id == ticket.id || (other.access.is_some() && other.access == ticket.access));
        is_double.then_some(Conflict::Concurrent)
    }

    fn missing(&self, ticket: TicketId, all: &[Write]) -> Option<Conflict> {
        let is_there = self.tickets.contains_key(&ticket)
            || all
                .iter()
                .any(|write| matches!(write, Write::OpenTicket(opened) if opened.id == ticket));
        (!is_there).then_some(Conflict::Changed(Record::Ticket(ticket)))
    }
}
