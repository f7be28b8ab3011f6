//! Gives numbers to what is accepted and turns it into rows.

use std::collections::{BTreeMap, HashMap, HashSet};

use support_core::{
    change::{NewEvent, Receipt, SealedParts, Write},
    model::{
        ActorRef, Contact, Contribution, Delivery, FigureChanges, FigurePlace, Figures, Measures, Message, Side,
        TenantId, Terms, Thread, Ticket, TicketId, Timestamp,
    },
    ports::StoreError,
};

use super::{
    facts::{Counters, Facts},
    keys::{AssignmentRow, CounterRow, CursorRow, PrincipalKey, ReadRow, RecordKey, ResponseRow, TextKey, TokenRow},
    write::Rows,
};
use crate::rows::{
    AccountRow, AgentRow, ApiKeyRow, CallbackRow, CannedResponseRow, CustomerRow, DeliveryRow, DepartmentRow,
    DomainRow, EventRow, FigureRow, FileRow, InboxRow, LoginGuardRow, MeasuresRow, MessageRow, NotificationRow,
    RatingRow, RequestRow, TenantRow, ThreadRow, TicketRow, Time, VisitorRow, WebhookRow, WordsRow, stored_count,
    stored_principal, stored_time,
};

/// A thread as it stands in the course of the batch.
#[derive(Debug)]
struct OpenThread {
    subject: String,
    contact: Contact,
    thread: Thread,
    last_activity_at: Time,
    is_changed: bool,
    measured: Measured,
}

/// What is measured of a ticket in the course of the batch.
#[derive(Debug, Default)]
struct Measured {
    /// What it added to the figures before the batch; known once that changes.
    before: Option<Contribution>,
    now: Option<Measures>,
    is_changed: bool,
}

impl Measured {
    fn change(&mut self, again: impl FnOnce(Measures) -> Measures) {
        let Some(measures) = self.now.take() else {
            return;
        };
        if !self.is_changed {
            self.before = Some(measures.contribution());
            self.is_changed = true;
        }
        self.now = Some(again(measures));
    }
}

/// Numbers the accepted change sets of a batch in their order.
#[derive(Debug)]
pub(super) struct Numbering {
    counters: HashMap<TenantId, Counters>,
    changed_counters: BTreeMap<TenantId, Counters>,
    threads: HashMap<(TenantId, TicketId), OpenThread>,
    gathering: HashSet<(TenantId, String)>,
    rows: Rows,
}

impl Numbering {
    /// Goes on from where the facts stand.
    pub(super) fn new(facts: Facts) -> Self {
        let threads = facts.tickets.into_iter().map(|(key, known)| {
            let open = OpenThread {
                subject: known.subject,
                contact: known.contact,
                thread: known.thread,
                last_activity_at: known.last_activity_at,
                is_changed: false,
                measured: Measured {
                    now: known.measures,
                    ..Measured::default()
                },
            };
            (key, open)
        });
        Self {
            counters: facts.counters,
            changed_counters: BTreeMap::new(),
            threads: threads.collect(),
            gathering: HashSet::new(),
            rows: Rows::default(),
        }
    }

    /// Numbers one change set and keeps its rows.
    pub(super) fn accept(&mut self, parts: &SealedParts) -> Result<Receipt, StoreError> {
        let SealedParts {
            tenant,
            actor,
            at,
            request,
            // Checked before.
            expects: _,
            writes,
            events,
            notifications,
            deliveries,
            terms,
        } = parts;
        let mut receipt = Receipt::default();
        for write in writes {
            self.add(*tenant, write, *at, terms, &mut receipt)?;
        }
        self.tell(*tenant, *actor, *at, events, &mut receipt)?;
        for notification in notifications {
            self.rows.notifications.push(NotificationRow::of(*tenant, notification));
        }
        for delivery in deliveries {
            self.owe(*tenant, delivery)?;
        }
        if let Some(request) = request {
            let row = RequestRow::of(*tenant, request, &receipt, *at)?;
            self.rows.requests.push(row);
        }
        Ok(receipt)
    }

    fn add(
        &mut self,
        tenant: TenantId,
        write: &Write,
        at: Timestamp,
        terms: &Terms,
        receipt: &mut Receipt,
    ) -> Result<(), StoreError> {
        let rows = &mut self.rows;
        match write {
            Write::PutTenant(put) => {
                rows.domains.extend(DomainRow::all_of(tenant, put));
                rows.tenants.push(TenantRow::of(tenant, put)?);
                let counters = *self.counters.entry(tenant).or_default();
                self.changed_counters.insert(tenant, counters);
            }
            Write::PutInbox(inbox) => rows.inboxes.push(InboxRow::of(tenant, inbox)?),
            Write::PutDepartment(department) => rows.departments.push(DepartmentRow::of(tenant, department)?),
            Write::RemoveDepartment(department) => {
                rows.removed_departments.push(RecordKey::of(tenant, department.uuid()));
            }
            Write::PutAgent(agent) => rows.agents.push(AgentRow::of(tenant, agent)?),
            Write::NoteAssignment { agent, at } => rows.assignments.push(AssignmentRow {
                tenant_id: tenant.uuid(),
                agent_id: agent.uuid(),
                at: stored_time(*at),
            }),
            Write::PutCustomer(customer) => rows.customers.push(CustomerRow::of(tenant, customer)),
            Write::RemoveCustomer(customer) => rows.removed_customers.push(RecordKey::of(tenant, customer.uuid())),
            Write::PutVisitor(visitor) => rows.visitors.push(VisitorRow::of(tenant, visitor)),
            Write::PutAccount(account) => rows.accounts.push(AccountRow::of(tenant, account)),
            Write::RemoveAccount(principal) => {
                let (kind, id) = stored_principal(*principal);
                rows.removed_accounts.push(PrincipalKey::of(tenant, kind, id));
            }
            Write::PutLoginGuard(guard) => rows.login_guards.push(LoginGuardRow::of(tenant, guard)),
            Write::RemoveLoginGuard(hash) => rows.removed_login_guards.push(TextKey::of(tenant, hash.as_str())),
            Write::RevokeToken { token, expires_at } => rows.revoked_tokens.push(TokenRow {
                tenant_id: tenant.uuid(),
                token: *token,
                expires_at: stored_time(*expires_at),
            }),
            Write::PutApiKey(key) => rows.api_keys.push(ApiKeyRow::of(tenant, key)?),
            Write::OpenTicket(ticket) => self.open_ticket(tenant, ticket, terms, receipt)?,
            Write::UpdateTicket(ticket) => self.update_ticket(tenant, ticket, at, terms)?,
            Write::AppendMessage(message) => self.append_message(tenant, message, terms, receipt)?,
            Write::NoteAlarm { ticket, alarm } => {
                if let Some(open) = self.threads.get_mut(&(tenant, *ticket)) {
                    open.measured.change(|measures| measures.with_alarm(*alarm));
                }
            }
            Write::AddRating { ticket, rating } => rows.ratings.push(RatingRow::of(tenant, *ticket, rating)?),
            Write::MarkRead { ticket, side, up_to } => self.mark_read(tenant, *ticket, *side, *up_to),
            Write::PutCallback(callback) => rows.callbacks.push(CallbackRow::of(tenant, callback)?),
            Write::PutWebhook(webhook) => rows.webhooks.push(WebhookRow::of(tenant, webhook)?),
            Write::AdvanceWebhook { webhook, to } => rows.cursors.push(CursorRow {
                tenant_id: tenant.uuid(),
                id: webhook.uuid(),
                cursor: stored_count(*to),
            }),
            Write::RemoveWebhook(webhook) => rows.removed_webhooks.push(RecordKey::of(tenant, webhook.uuid())),
            Write::PutCannedResponse(response) => rows.canned_responses.push(CannedResponseRow::of(tenant, response)),
            Write::RemoveCannedResponse(response) => {
                rows.removed_canned_responses
                    .push(RecordKey::of(tenant, response.uuid()));
            }
            Write::PutFile(file) => rows.files.push(FileRow::of(tenant, file)?),
            Write::RemoveFile(file) => rows.removed_files.push(RecordKey::of(tenant, file.uuid())),
            Write::PutArticle(article) => rows.articles.put(tenant, article)?,
            Write::RemoveArticle(article) => rows.articles.remove(tenant, *article),
            Write::CountArticleViews { article, views } => rows.articles.count_views(tenant, *article, *views),
            Write::PutArticleVote(vote) => rows.articles.put_vote(tenant, vote),
            Write::MarkNotificationsRead {
                recipient,
                notifications,
                at,
            } => {
                let (recipient_kind, recipient_id) = stored_principal(*recipient);
                rows.read_notifications
                    .extend(notifications.iter().map(|notification| ReadRow {
                        tenant_id: tenant.uuid(),
                        id: notification.uuid(),
                        recipient_kind,
                        recipient_id,
                        read_at: stored_time(*at),
                    }));
            }
            Write::EraseTicket(ticket) => self.erase_ticket(tenant, ticket, at)?,
            Write::EraseCallback(callback) => {
                rows.callbacks.push(CallbackRow::of(tenant, callback)?);
                rows.erased.callback(tenant, callback.id.uuid());
            }
            Write::PutErasure(erasure) => rows.erased.begin(tenant, erasure),
            Write::ForgetPerson { requester, addresses } => rows.erased.person(tenant, *requester, addresses),
            Write::StoreResponse { key, status, body } => rows.responses.push(ResponseRow {
                tenant_id: tenant.uuid(),
                key: key.as_str().to_owned(),
                status: i64::from(*status),
                body: body.clone(),
            }),
            Write::PutVisitorContext { ticket, context } => rows.visits.put_context(tenant, *ticket, context)?,
            Write::PutBlock(block) => rows.visits.put_block(tenant, block),
            Write::RemoveBlock(block) => rows.visits.remove_block(tenant, *block),
        }
        Ok(())
    }

    fn open_ticket(
        &mut self,
        tenant: TenantId,
        ticket: &Ticket,
        terms: &Terms,
        receipt: &mut Receipt,
    ) -> Result<(), StoreError> {
        let counters = self.counters.entry(tenant).or_default();
        counters.last_ticket = counters.last_ticket.saturating_add(1);
        self.changed_counters.insert(tenant, *counters);
        receipt.tickets.push((ticket.id, counters.last_ticket));
        let row = TicketRow::of(tenant, ticket, counters.last_ticket, 1)?;
        self.rows.opened_tickets.push(row);
        let words = WordsRow::of_head(tenant, ticket, counters.last_ticket, counters.last_event);
        self.rows.words.push(words);
        let thread = OpenThread {
            subject: ticket.subject.clone(),
            contact: ticket.contact.clone(),
            thread: Thread::default(),
            last_activity_at: stored_time(ticket.updated_at),
            is_changed: true,
            measured: Measured {
                now: Some(Measures::of_new(ticket, terms)),
                is_changed: true,
                before: None,
            },
        };
        self.threads.insert((tenant, ticket.id), thread);
        Ok(())
    }

    fn update_ticket(
        &mut self,
        tenant: TenantId,
        ticket: &Ticket,
        at: Timestamp,
        terms: &Terms,
    ) -> Result<(), StoreError> {
        let row = TicketRow::of(tenant, ticket, ticket.number, ticket.version.saturating_add(1))?;
        self.rows.updated_tickets.push(row);
        if let Some(open) = self.threads.get_mut(&(tenant, ticket.id)) {
            open.last_activity_at = open.last_activity_at.max(stored_time(ticket.updated_at));
            open.is_changed = true;
            open.measured.change(|measures| measures.with_ticket(ticket, at, terms));
            if open.subject != ticket.subject || open.contact != ticket.contact {
                let place = self.counters.entry(tenant).or_default().last_event;
                self.rows.words.retain(|words| !words.is_head_of(tenant, ticket));
                self.rows
                    .words
                    .push(WordsRow::of_head(tenant, ticket, ticket.number, place));
                open.subject.clone_from(&ticket.subject);
                open.contact.clone_from(&ticket.contact);
            }
        }
        Ok(())
    }

    /// What is measured of it stays as it is.
    fn erase_ticket(&mut self, tenant: TenantId, ticket: &Ticket, at: Timestamp) -> Result<(), StoreError> {
        let row = TicketRow::of(tenant, ticket, ticket.number, ticket.version.saturating_add(1))?;
        self.rows.updated_tickets.push(row);
        self.rows.words.retain(|words| !words.is_head_of(tenant, ticket));
        let place = self.counters.entry(tenant).or_default().last_event;
        self.rows
            .words
            .push(WordsRow::of_head(tenant, ticket, ticket.number, place));
        self.rows.erased.ticket(tenant, ticket.id.uuid(), stored_time(at));
        Ok(())
    }

    fn append_message(
        &mut self,
        tenant: TenantId,
        message: &Message,
        terms: &Terms,
        receipt: &mut Receipt,
    ) -> Result<(), StoreError> {
        let Some(open) = self.threads.get_mut(&(tenant, message.ticket)) else {
            return Err(StoreError::Failed(format!("no ticket {} to append to", message.ticket)));
        };
        open.thread = std::mem::take(&mut open.thread).with(message);
        open.measured.change(|measures| measures.with_message(message, terms));
        open.last_activity_at = open.last_activity_at.max(stored_time(message.created_at));
        open.is_changed = true;
        let seq = open.thread.last_seq;
        receipt.messages.push((message.id, seq));
        let place = self.counters.entry(tenant).or_default().last_event;
        self.rows
            .words
            .extend(WordsRow::of_message(tenant, message, seq, place));
        self.rows.messages.push(MessageRow::of(tenant, message, seq)?);
        Ok(())
    }

    fn mark_read(&mut self, tenant: TenantId, ticket: TicketId, side: Side, up_to: u64) {
        let Some(open) = self.threads.get_mut(&(tenant, ticket)) else {
            return;
        };
        let thread = &mut open.thread;
        let (mark, unread, recounted) = match side {
            Side::Agents => (
                &mut thread.read_by_agents,
                &mut thread.unread_by_agents,
                &mut self.rows.recounted_for_agents,
            ),
            Side::Customer => (
                &mut thread.read_by_customer,
                &mut thread.unread_by_customer,
                &mut self.rows.recounted_for_customer,
            ),
        };
        let reached = up_to.min(thread.last_seq);
        if reached <= *mark {
            return;
        }
        *mark = reached;
        open.is_changed = true;
        if reached == thread.last_seq {
            *unread = 0;
        } else {
            // What lies after the mark is counted once all of the batch is written.
            recounted.push(RecordKey::of(tenant, ticket.uuid()));
        }
    }

    fn tell(
        &mut self,
        tenant: TenantId,
        actor: ActorRef,
        at: Timestamp,
        events: &[NewEvent],
        receipt: &mut Receipt,
    ) -> Result<(), StoreError> {
        if events.is_empty() {
            return Ok(());
        }
        let counters = self.counters.entry(tenant).or_default();
        receipt.first_event = counters.last_event.saturating_add(1);
        for event in events {
            counters.last_event = counters.last_event.saturating_add(1);
            let message_seq = event.body.message().and_then(|message| receipt.seq_of(message));
            let row = EventRow::of(tenant, event, counters.last_event, at, actor, message_seq)?;
            self.rows.events.push(row);
        }
        self.changed_counters.insert(tenant, *counters);
        Ok(())
    }

    /// Of several that gather under one key the first says it all.
    fn owe(&mut self, tenant: TenantId, delivery: &Delivery) -> Result<(), StoreError> {
        let key = delivery.key.as_ref().map(|key| (tenant, key.clone()));
        if key.is_none_or(|key| self.gathering.insert(key)) {
            self.rows.deliveries.push(DeliveryRow::of(tenant, delivery)?);
        }
        Ok(())
    }

    /// How what was accepted moves the figures, each to be added to what is stored.
    pub(super) fn figures(&self) -> Vec<(TenantId, FigurePlace, Figures)> {
        let mut changes: BTreeMap<TenantId, FigureChanges> = BTreeMap::new();
        for ((tenant, _), open) in &self.threads {
            let Measured {
                before,
                now: Some(now),
                is_changed: true,
            } = &open.measured
            else {
                continue;
            };
            let changes = changes.entry(*tenant).or_default();
            changes.replace(before.as_ref(), Some(&now.contribution()));
        }
        let each = changes.into_iter().flat_map(|(tenant, changes)| {
            let changes = changes.into_changes();
            changes.map(move |(place, change)| (tenant, place, change))
        });
        each.collect()
    }

    /// All rows of what was accepted, with the figures as they shall stand.
    pub(super) fn finish(mut self, figures: Vec<FigureRow>) -> Result<Rows, StoreError> {
        self.rows.figures = figures;
        for ((tenant, ticket), open) in &self.threads {
            if let Some(measures) = open.measured.now.as_ref().filter(|_| open.measured.is_changed) {
                self.rows.measures.push(MeasuresRow::of(*tenant, *ticket, measures)?);
            }
        }
        let changed = self.threads.iter().filter(|(_, open)| open.is_changed);
        self.rows.threads.extend(
            changed
                .map(|((tenant, ticket), open)| ThreadRow::of(*tenant, *ticket, &open.thread, open.last_activity_at)),
        );
        let counters = self.changed_counters.iter().map(|(tenant, counters)| CounterRow {
            tenant_id: tenant.uuid(),
            last_event: stored_count(counters.last_event),
            last_ticket: stored_count(counters.last_ticket),
        });
        self.rows.counters.extend(counters);
        Ok(self.rows)
    }
}
