//! Writing what was found to be in order, numbering it on the way.

use std::sync::Arc;

use super::{
    State, TenantState,
    state::{KeptRequest, StoredAgent, StoredDelivery, StoredEvent, StoredTicket},
};
use crate::{
    change::{NewEvent, Receipt, SealedParts, Write},
    model::{
        Account, Agent, Callback, CannedResponse, Channel, Contribution, Customer, Delivery, DeliveryStatus,
        Department, Event, FigureChanges, File, Inbox, Measures, Message, NotificationId, Principal, Side, Tenant,
        Terms, Thread, Ticket, TicketId, Timestamp, Visitor, VisitorContext, Webhook, WebhookId,
    },
    ports::StoredRequest,
};

impl State {
    /// Writes a change set that holds no conflict.
    pub(super) fn write(&mut self, parts: &SealedParts) -> Receipt {
        let SealedParts {
            tenant,
            actor: _,
            at: _,
            request: _,
            expects: _,
            writes,
            events: _,
            notifications: _,
            deliveries: _,
            terms: _,
        } = parts;
        for write in writes {
            if let Write::PutTenant(founded) = write {
                self.tenants.entry(*tenant).or_insert_with(|| {
                    TenantState::new(Tenant {
                        id: *tenant,
                        ..Tenant::clone(founded)
                    })
                });
            }
        }
        self.tenants
            .get_mut(tenant)
            .map(|own| own.write(parts))
            .unwrap_or_default()
    }
}

impl TenantState {
    fn write(&mut self, parts: &SealedParts) -> Receipt {
        let SealedParts {
            tenant: _,
            actor: _,
            at,
            request,
            expects: _,
            writes,
            events,
            notifications,
            deliveries,
            terms,
        } = parts;
        let mut receipt = Receipt::default();
        for write in writes {
            self.apply(write, *at, terms, &mut receipt);
        }
        if !events.is_empty() {
            receipt.first_event = self.last_event().saturating_add(1);
        }
        for event in events {
            self.record(event, parts, &receipt);
        }
        self.notifications.extend(notifications.iter().cloned());
        for delivery in deliveries.clone() {
            if self.is_gathered(&delivery) {
                continue;
            }
            self.deliveries
                .insert(delivery.id, StoredDelivery { delivery, lease: None });
        }
        if let Some(request) = request {
            let stored = StoredRequest {
                fingerprint: request.fingerprint.clone(),
                receipt: receipt.clone(),
                response: None,
            };
            let kept = KeptRequest {
                stored,
                created_at: *at,
            };
            self.requests.insert(request.key.clone(), kept);
        }
        receipt
    }

    fn record(&mut self, NewEvent { body, audience }: &NewEvent, parts: &SealedParts, receipt: &Receipt) {
        let event = Event {
            seq: self.last_event().saturating_add(1),
            at: parts.at,
            actor: parts.actor,
            audience: *audience,
            body: body.clone(),
            message: None,
        };
        let message_seq = body.message().and_then(|message| receipt.seq_of(message));
        self.events.push(StoredEvent { event, message_seq });
    }

    fn apply(&mut self, write: &Write, at: Timestamp, terms: &Terms, receipt: &mut Receipt) {
        match write {
            Write::PutTenant(tenant) => self.put_tenant(Tenant::clone(tenant)),
            Write::PutInbox(inbox) => self.put_inbox(inbox.clone()),
            Write::PutDepartment(department) => self.put_department(department.clone()),
            Write::RemoveDepartment(department) => {
                self.departments.remove(department);
            }
            Write::PutAgent(agent) => self.put_agent(agent.clone()),
            Write::NoteAssignment { agent, at } => {
                if let Some(stored) = self.agents.get_mut(agent) {
                    stored.last_assigned_at = Some(*at);
                }
            }
            Write::PutCustomer(customer) => self.put_customer(customer.clone()),
            Write::RemoveCustomer(customer) => {
                self.customers.remove(customer);
            }
            Write::PutVisitor(visitor) => self.put_visitor(visitor.clone()),
            Write::PutAccount(account) => self.put_account(account.clone()),
            Write::RemoveAccount(principal) => {
                self.accounts.remove(principal);
            }
            Write::PutLoginGuard(guard) => {
                self.login_guards.insert(guard.email_hash.clone(), guard.clone());
            }
            Write::RemoveLoginGuard(email_hash) => {
                self.login_guards.remove(email_hash);
            }
            Write::RevokeToken { token, expires_at } => {
                self.revoked_tokens.insert(*token, *expires_at);
            }
            Write::PutApiKey(key) => {
                self.api_keys.insert(key.id, key.clone());
            }
            Write::OpenTicket(ticket) => self.open_ticket(ticket.clone(), terms, receipt),
            Write::UpdateTicket(ticket) => self.update_ticket(ticket.clone(), at, terms),
            Write::AppendMessage(message) => self.append(message, terms, receipt),
            Write::NoteAlarm { ticket, alarm } => {
                self.measure(*ticket, |measures| measures.with_alarm(*alarm));
            }
            Write::AddRating { ticket, rating } => self.ratings.push((*ticket, rating.clone())),
            Write::MarkRead { ticket, side, up_to } => self.mark_read(*ticket, *side, *up_to),
            Write::PutCallback(callback) => {
                let version = callback.version.saturating_add(1);
                let callback = Callback {
                    version,
                    ..callback.clone()
                };
                self.callbacks.insert(callback.id, callback);
            }
            Write::PutWebhook(webhook) => self.put_webhook(webhook.clone()),
            Write::AdvanceWebhook { webhook, to } => {
                if let Some(webhook) = self.webhooks.get_mut(webhook) {
                    webhook.cursor = *to;
                }
            }
            Write::RemoveWebhook(webhook) => self.remove_webhook(*webhook),
            Write::PutCannedResponse(response) => {
                let version = response.version.saturating_add(1);
                let response = CannedResponse {
                    version,
                    ..response.clone()
                };
                self.canned_responses.insert(response.id, response);
            }
            Write::RemoveCannedResponse(response) => {
                self.canned_responses.remove(response);
            }
            Write::PutFile(file) => {
                let version = file.version.saturating_add(1);
                let file = File {
                    version,
                    ..file.clone()
                };
                self.files.insert(file.id, file);
            }
            Write::RemoveFile(file) => {
                self.files.remove(file);
            }
            Write::PutArticle(article) => self.put_article(article.clone()),
            Write::RemoveArticle(article) => self.remove_article(*article),
            Write::CountArticleViews { article, views } => self.count_article_views(*article, *views),
            Write::PutArticleVote(vote) => self.put_article_vote(vote),
            Write::MarkNotificationsRead {
                recipient,
                notifications,
                at,
            } => self.mark_notifications_read(*recipient, notifications, *at),
            Write::EraseTicket(ticket) => self.erase_ticket(ticket.clone()),
            Write::EraseCallback(callback) => self.erase_callback(callback.clone()),
            Write::PutErasure(erasure) => self.put_erasure(*erasure),
            Write::ForgetPerson { requester, addresses } => self.forget_person(*requester, addresses),
            Write::StoreResponse { key, status, body } => {
                if let Some(kept) = self.requests.get_mut(key) {
                    kept.stored.response = Some((*status, body.clone()));
                }
            }
            Write::PutVisitorContext { ticket, context } => {
                if let Some(stored) = self.tickets.get_mut(ticket) {
                    stored.context = Some(VisitorContext::clone(context));
                }
            }
            Write::PutBlock(block) => {
                self.blocks.insert(block.id, block.clone());
            }
            Write::RemoveBlock(block) => {
                self.blocks.remove(block);
            }
        }
    }

    fn mark_notifications_read(&mut self, recipient: Principal, read: &[NotificationId], at: Timestamp) {
        for one in &mut self.notifications {
            if one.recipient == recipient && read.contains(&one.id) {
                one.read_at.get_or_insert(at);
            }
        }
    }

    /// Whether something queued says this too.
    fn is_gathered(&self, delivery: &Delivery) -> bool {
        let mut others = self.deliveries.values().map(|stored| &stored.delivery);
        delivery.key.is_some()
            && others.any(|other| other.status == DeliveryStatus::Queued && other.key == delivery.key)
    }

    fn put_webhook(&mut self, webhook: Webhook) {
        let cursor = self
            .webhooks
            .get(&webhook.id)
            .map_or(webhook.cursor, |stored| stored.cursor);
        let version = webhook.version.saturating_add(1);
        let webhook = Webhook {
            cursor,
            version,
            ..webhook
        };
        self.webhooks.insert(webhook.id, webhook);
    }

    fn remove_webhook(&mut self, webhook: WebhookId) {
        self.webhooks.remove(&webhook);
        let recipient = webhook.to_string();
        self.deliveries.retain(|_, stored| {
            stored.delivery.channel != Channel::Webhook
                || stored.delivery.recipient != recipient
                || !stored.is_unfinished()
        });
    }

    fn put_tenant(&mut self, tenant: Tenant) {
        self.tenant = Tenant {
            id: self.tenant.id,
            version: tenant.version.saturating_add(1),
            ..tenant
        };
    }

    fn put_inbox(&mut self, inbox: Inbox) {
        let version = inbox.version.saturating_add(1);
        self.inboxes.insert(inbox.id, Inbox { version, ..inbox });
    }

    fn put_department(&mut self, department: Department) {
        let version = department.version.saturating_add(1);
        self.departments
            .insert(department.id, Department { version, ..department });
    }

    fn put_agent(&mut self, agent: Agent) {
        let version = agent.version.saturating_add(1);
        let agent = Agent { version, ..agent };
        let last_assigned_at = self.agents.get(&agent.id).and_then(|stored| stored.last_assigned_at);
        let stored = StoredAgent {
            agent,
            last_assigned_at,
        };
        self.agents.insert(stored.agent.id, stored);
    }

    fn put_customer(&mut self, customer: Customer) {
        let version = customer.version.saturating_add(1);
        self.customers.insert(customer.id, Customer { version, ..customer });
    }

    fn put_visitor(&mut self, visitor: Visitor) {
        self.visitors.insert(visitor.id, visitor);
    }

    fn put_account(&mut self, account: Account) {
        let version = account.version.saturating_add(1);
        self.accounts.insert(account.principal, Account { version, ..account });
    }

    fn open_ticket(&mut self, ticket: Ticket, terms: &Terms, receipt: &mut Receipt) {
        self.last_ticket = self.last_ticket.saturating_add(1);
        receipt.tickets.push((ticket.id, self.last_ticket));
        let ticket = Ticket {
            number: self.last_ticket,
            version: 1,
            thread: Thread::default(),
            ..ticket
        };
        let measures = Measures::of_new(&ticket, terms);
        self.recount(None, Some(&measures.contribution()));
        let stored = StoredTicket {
            ticket,
            messages: Vec::new(),
            measures,
            context: None,
            is_erased: false,
        };
        self.tickets.insert(stored.ticket.id, stored);
    }

    /// Measures a ticket anew and moves the figures by the difference.
    fn measure(&mut self, ticket: TicketId, again: impl FnOnce(Measures) -> Measures) {
        let Some(stored) = self.tickets.get_mut(&ticket) else {
            return;
        };
        let before = stored.measures.contribution();
        stored.measures = again(stored.measures.clone());
        let after = stored.measures.contribution();
        self.recount(Some(&before), Some(&after));
    }

    fn recount(&mut self, before: Option<&Contribution>, after: Option<&Contribution>) {
        let mut changes = FigureChanges::default();
        changes.replace(before, after);
        for (place, change) in changes.into_changes() {
            self.figures.entry(place).or_default().add(&change);
        }
    }

    fn update_ticket(&mut self, ticket: Ticket, at: Timestamp, terms: &Terms) {
        self.measure(ticket.id, |measures| measures.with_ticket(&ticket, at, terms));
        if let Some(stored) = self.tickets.get_mut(&ticket.id) {
            let thread = std::mem::take(&mut stored.ticket.thread);
            stored.ticket = Ticket {
                number: stored.ticket.number,
                version: ticket.version.saturating_add(1),
                created_at: stored.ticket.created_at,
                thread,
                ..ticket
            };
        }
    }

    fn append(&mut self, message: &Message, terms: &Terms, receipt: &mut Receipt) {
        self.measure(message.ticket, |measures| measures.with_message(message, terms));
        if let Some(stored) = self.tickets.get_mut(&message.ticket) {
            let thread = std::mem::take(&mut stored.ticket.thread).with(message);
            let seq = thread.last_seq;
            stored.ticket.thread = thread;
            stored.messages.push(Arc::new(Message { seq, ..message.clone() }));
            receipt.messages.push((message.id, seq));
        }
    }

    fn mark_read(&mut self, ticket: TicketId, side: Side, up_to: u64) {
        if let Some(StoredTicket { ticket, messages, .. }) = self.tickets.get_mut(&ticket) {
            let thread = &mut ticket.thread;
            let mark = thread.read_by(side).max(up_to.min(thread.last_seq));
            let is_unread = |message: &&Arc<Message>| message.seq > mark && message.unread_by() == Some(side);
            let unread = u64::try_from(messages.iter().filter(is_unread).count()).unwrap_or(u64::MAX);
            match side {
                Side::Customer => {
                    thread.read_by_customer = mark;
                    thread.unread_by_customer = unread;
                }
                Side::Agents => {
                    thread.read_by_agents = mark;
                    thread.unread_by_agents = unread;
                }
            }
        }
    }
}
