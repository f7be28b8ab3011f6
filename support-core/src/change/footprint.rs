//! What a change set touches, so that two in one batch never build on each other's absence.

use std::collections::HashSet;

use super::{Claim, Expect, Record, SealedParts, Touch, Write};
use crate::model::{Principal, Requester, TenantId, Ticket, Timestamp};

/// What a change set looks at and what it changes.
#[derive(Debug, Clone, Default)]
pub struct Footprint {
    /// Everything it looks at or changes.
    pub touches: HashSet<Touch>,
    /// What it changes.
    pub writes: HashSet<Touch>,
}

impl Footprint {
    pub(super) fn of(parts: &SealedParts) -> Self {
        let SealedParts {
            tenant,
            request,
            expects,
            writes,
            deliveries,
            ..
        } = parts;
        let mut footprint = Self::default();
        if let Some(request) = request {
            footprint.write(Touch::Request(*tenant, request.key.clone()));
        }
        for expect in expects {
            footprint.look_at(*tenant, expect);
        }
        for write in writes {
            footprint.change(*tenant, write);
        }
        for key in deliveries.iter().filter_map(|delivery| delivery.key.clone()) {
            footprint.write(Touch::DeliveryKey(*tenant, key));
        }
        footprint
    }

    /// Whether this change set has to wait until those that wrote `earlier` are committed.
    #[must_use]
    pub fn meets(&self, earlier: &HashSet<Touch>) -> bool {
        let (fewer, more) = if self.touches.len() < earlier.len() {
            (&self.touches, earlier)
        } else {
            (earlier, &self.touches)
        };
        fewer.iter().any(|touch| more.contains(touch))
    }

    fn write(&mut self, touch: Touch) {
        self.touches.insert(touch.clone());
        self.writes.insert(touch);
    }

    fn look_at(&mut self, tenant: TenantId, expect: &Expect) {
        match expect {
            Expect::Version { record, .. } => {
                self.touches.insert(Touch::Record(tenant, record.clone()));
            }
            // Whoever finds it free takes it.
            Expect::Free(claim) => self.write(claimed(tenant, claim)),
            Expect::AgentHasRoom(agent) => {
                self.touches.insert(Touch::Load(tenant, *agent));
                self.touches.insert(Touch::Record(tenant, Record::Agent(*agent)));
            }
            Expect::DepartmentUnused(department) => {
                self.touches.insert(Touch::DepartmentUse(tenant, *department));
            }
            Expect::AlarmAt { ticket, .. } => {
                self.touches.insert(Touch::Measures(tenant, *ticket));
            }
            Expect::WebhookAt { webhook, .. } => {
                self.touches.insert(Touch::WebhookCursor(tenant, *webhook));
            }
            Expect::AgentIsThere(agent) => {
                self.touches.insert(Touch::Record(tenant, Record::Agent(*agent)));
            }
            // Only who takes an admin away looks whether another one is left.
            Expect::AdminBeside(_) => self.write(Touch::Admins(tenant)),
        }
    }

    fn change(&mut self, tenant: TenantId, write: &Write) {
        match write {
            Write::PutTenant(_) => self.write(Touch::Record(tenant, Record::Tenant)),
            Write::PutInbox(inbox) => self.write(Touch::Record(tenant, Record::Inbox(inbox.id))),
            Write::PutDepartment(department) => self.write(Touch::Record(tenant, Record::Department(department.id))),
            Write::RemoveDepartment(department) => {
                self.write(Touch::Record(tenant, Record::Department(*department)));
                self.write(Touch::DepartmentUse(tenant, *department));
            }
            Write::PutAgent(agent) => self.write(Touch::Record(tenant, Record::Agent(agent.id))),
            Write::PutCustomer(customer) => self.write(Touch::Record(tenant, Record::Customer(customer.id))),
            Write::RemoveCustomer(customer) => self.write(Touch::Record(tenant, Record::Customer(*customer))),
            Write::PutAccount(account) => self.write(Touch::Record(tenant, Record::Account(account.principal))),
            Write::RemoveAccount(principal) => self.write(Touch::Record(tenant, Record::Account(*principal))),
            Write::PutLoginGuard(guard) => self.write(Touch::LoginGuard(tenant, guard.email_hash.clone())),
            Write::RemoveLoginGuard(guard) => self.write(Touch::LoginGuard(tenant, guard.clone())),
            Write::OpenTicket(ticket) | Write::UpdateTicket(ticket) => self.change_ticket(tenant, ticket),
            Write::AppendMessage(message) => {
                if let Some(client_id) = &message.client_id {
                    self.write(Touch::ClientId(
                        tenant,
                        message.ticket,
                        message.sender.id(),
                        client_id.clone(),
                    ));
                }
            }
            Write::NoteAlarm { ticket, .. } => self.write(Touch::Measures(tenant, *ticket)),
            // Goes with the ticket that carries it.
            Write::AddRating { .. } => {}
            Write::MarkRead { ticket, side, .. } => self.write(Touch::ReadMark(tenant, *ticket, *side)),
            Write::PutCannedResponse(response) => {
                self.write(Touch::Record(tenant, Record::CannedResponse(response.id)));
            }
            Write::RemoveCannedResponse(response) => {
                self.write(Touch::Record(tenant, Record::CannedResponse(*response)));
            }
            Write::PutFile(file) => self.write(Touch::Record(tenant, Record::File(file.id))),
            Write::RemoveFile(file) => self.write(Touch::Record(tenant, Record::File(*file))),
            Write::PutArticle(article) => self.write(Touch::Record(tenant, Record::Article(article.id))),
            Write::RemoveArticle(article) => self.write(Touch::Record(tenant, Record::Article(*article))),
            // Sums are the same in any order.
            Write::CountArticleViews { .. } => {}
            Write::PutArticleVote(vote) => {
                self.write(Touch::ArticleVote(tenant, vote.article, vote.voter.clone()));
            }
            // Whoever reads twice has read once.
            Write::MarkNotificationsRead { .. } => {}
            Write::EraseTicket(ticket) => self.change_ticket(tenant, ticket),
            Write::EraseCallback(callback) => self.write(Touch::Record(tenant, Record::Callback(callback.id))),
            Write::PutErasure(erasure) => self.change_requester(tenant, erasure.requester),
            Write::ForgetPerson { requester, .. } => self.change_requester(tenant, *requester),
            Write::StoreResponse { key, .. } => self.write(Touch::Request(tenant, key.clone())),
            Write::NoteAssignment { agent, .. } => self.write(Touch::Load(tenant, *agent)),
            Write::PutVisitor(visitor) => self.write(Touch::Visitor(tenant, visitor.id)),
            Write::RevokeToken { token, .. } => self.write(Touch::Token(tenant, *token)),
            Write::PutApiKey(key) => self.write(Touch::ApiKey(tenant, key.id)),
            Write::PutCallback(callback) => self.write(Touch::Record(tenant, Record::Callback(callback.id))),
            Write::PutWebhook(webhook) => self.write(Touch::Record(tenant, Record::Webhook(webhook.id))),
            Write::AdvanceWebhook { webhook, .. } => self.write(Touch::WebhookCursor(tenant, *webhook)),
            Write::RemoveWebhook(webhook) => {
                self.write(Touch::Record(tenant, Record::Webhook(*webhook)));
                self.write(Touch::WebhookCursor(tenant, *webhook));
            }
            Write::PutVisitorContext { ticket, .. } => self.write(Touch::VisitorContext(tenant, *ticket)),
            Write::PutBlock(block) => self.write(Touch::Block(tenant, block.id)),
            Write::RemoveBlock(block) => self.write(Touch::Block(tenant, *block)),
        }
    }

    fn change_requester(&mut self, tenant: TenantId, requester: Requester) {
        match requester {
            Requester::Customer(customer) => {
                self.write(Touch::Record(tenant, Record::Customer(customer)));
                self.write(Touch::Record(tenant, Record::Account(Principal::Customer(customer))));
            }
            Requester::Visitor(visitor) => self.write(Touch::Visitor(tenant, visitor)),
        }
    }

    fn change_ticket(&mut self, tenant: TenantId, ticket: &Ticket) {
        self.write(Touch::Record(tenant, Record::Ticket(ticket.id)));
        if let Some(agent) = ticket.assignee() {
            self.write(Touch::Load(tenant, agent));
        }
        if let Some(department) = ticket.department {
            self.write(Touch::DepartmentUse(tenant, department));
        }
    }
}

fn claimed(tenant: TenantId, claim: &Claim) -> Touch {
    match claim {
        Claim::TenantSlug(_) | Claim::Domain(_) => Touch::Claim(None, claim.clone()),
        Claim::DepartmentSlug(_)
        | Claim::DepartmentName(_)
        | Claim::AccountEmail(_)
        | Claim::ExternalId(_)
        | Claim::Shortcut(_)
        | Claim::ArticleSlug { .. }
        | Claim::Session(..) => Touch::Claim(Some(tenant), claim.clone()),
        // The number is what two have in common, whenever they came.
        Claim::ContactNumber { number, .. } => {
            let since = Timestamp::from_millis(0);
            let number = number.clone();
            Touch::Claim(Some(tenant), Claim::ContactNumber { number, since })
        }
    }
}
