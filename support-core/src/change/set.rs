//! Building a change set, and sealing it.

use std::sync::Arc;

use super::{Claim, Expect, Plan, Policy, Record, RequestKey, SealedChange, SealedParts, Teammate, Write};
use crate::{
    desk::Scope,
    model::{
        Account, ActorRef, Agent, AgentId, Alarm, ApiKey, Audience, Callback, CannedResponse, Channel, Customer,
        Delivery, Department, DepartmentId, EventBody, Inbox, LoginGuard, Message, Notification, NotificationId,
        Principal, Rating, SecretHash, Side, Tenant, TenantId, Terms, Ticket, Timestamp, Visibility, Visitor, Webhook,
        WebhookId,
    },
    ports::Ids,
};

/// An event before the store has given it a place in the journal.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvent {
    /// What happened.
    pub body: EventBody,
    /// Who hears of it.
    pub audience: Audience,
}

/// All that one decision changes: writes, the events that tell of them, and what it takes for
/// granted. Each method takes a write together with its event, so none can be forgotten.
#[derive(Debug, Clone)]
#[must_use = "a change set does nothing until it is sealed and committed"]
pub struct ChangeSet {
    tenant: TenantId,
    actor: ActorRef,
    at: Timestamp,
    request: Option<RequestKey>,
    expects: Vec<Expect>,
    writes: Vec<Write>,
    events: Vec<NewEvent>,
    notifications: Vec<Notification>,
    deliveries: Vec<Delivery>,
    tickets: Vec<Ticket>,
    team: Arc<[Teammate]>,
}

impl ChangeSet {
    /// Nothing yet, in the tenant and name of `scope`.
    pub fn new(scope: &Scope, now: Timestamp) -> Self {
        Self {
            tenant: scope.tenant(),
            actor: scope.actor_ref(),
            at: now,
            request: scope.request().cloned(),
            expects: Vec::new(),
            writes: Vec::new(),
            events: Vec::new(),
            notifications: Vec::new(),
            deliveries: Vec::new(),
            tickets: Vec::new(),
            team: Arc::default(),
        }
    }

    /// Whose it is.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// When it is decided.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// Takes something more for granted.
    pub fn expect(&mut self, expect: Expect) {
        if !self.expects.contains(&expect) {
            self.expects.push(expect);
        }
    }

    /// Takes for granted that nobody changes or removes a department that a ticket is to name.
    pub fn expect_unchanged_department(&mut self, department: &Department) {
        self.expect_version(Record::Department(department.id), department.version);
    }

    fn expect_version(&mut self, record: Record, version: u64) {
        if version > 0 {
            self.expect(Expect::Version { record, version });
        }
    }

    fn tell(&mut self, body: EventBody, audience: Audience) {
        self.events.push(NewEvent { body, audience });
    }

    /// Opens a ticket.
    pub fn open_ticket(&mut self, ticket: Ticket) {
        if let Some(session) = &ticket.session {
            self.expect(Expect::Free(Claim::Session(ticket.inbox, session.clone())));
        }
        let body = EventBody::TicketOpened {
            ticket: ticket.id,
            status: ticket.state.status(),
            priority: ticket.priority,
        };
        self.tell(body, Audience::of_ticket(&ticket, Visibility::Customer));
        self.tickets.push(ticket.clone());
        self.writes.push(Write::OpenTicket(ticket));
    }

    /// Changes a ticket's state, for the reasons told by `bodies`. Later calls for the same
    /// ticket, and those on one opened here, replace the earlier state.
    pub fn update_ticket(&mut self, ticket: Ticket, bodies: impl IntoIterator<Item = EventBody>) {
        let audience = Audience::of_ticket(&ticket, Visibility::Customer);
        for body in bodies {
            let audience = match body {
                EventBody::TicketPriorityChanged { .. }
                | EventBody::TicketTagged { .. }
                | EventBody::TicketEscalated { .. }
                | EventBody::TicketRequirementsChanged { .. }
                | EventBody::TicketPassedOver { .. }
                | EventBody::TicketRated { .. } => Audience {
                    visibility: Visibility::Agents,
                    ..audience
                },
                _ => audience,
            };
            self.tell(body, audience);
        }
        self.remember(&ticket);
        for write in &mut self.writes {
            match write {
                Write::OpenTicket(earlier) | Write::UpdateTicket(earlier) if earlier.id == ticket.id => {
                    *earlier = ticket;
                    return;
                }
                _ => {}
            }
        }
        self.expect_version(Record::Ticket(ticket.id), ticket.version);
        self.writes.push(Write::UpdateTicket(ticket));
    }

    /// Adds a message to a ticket, which is given as it stands after this change set.
    pub fn append(&mut self, ticket: &Ticket, message: Message) {
        self.expect_version(Record::Ticket(ticket.id), ticket.version);
        let visibility = if message.is_public() {
            Visibility::Customer
        } else {
            Visibility::Agents
        };
        self.tell(
            EventBody::MessagePosted {
                ticket: ticket.id,
                message: message.id,
            },
            Audience::of_ticket(ticket, visibility),
        );
        self.remember(ticket);
        self.writes.push(Write::AppendMessage(message));
    }

    /// A ticket's customer says how they were helped.
    pub fn rate_ticket(&mut self, ticket: Ticket, rating: Rating) {
        let body = EventBody::TicketRated {
            ticket: ticket.id,
            stars: rating.stars,
        };
        self.writes.push(Write::AddRating {
            ticket: ticket.id,
            rating,
        });
        self.update_ticket(ticket, [body]);
    }

    /// Tells of a promise about time that was due to be told of at `due`.
    pub fn note_alarm(&mut self, ticket: &Ticket, due: Timestamp, alarm: Alarm) {
        let (ticket_id, promise) = (ticket.id, alarm.promise);
        let body = if alarm.is_breach {
            EventBody::SlaBreached {
                ticket: ticket_id,
                promise,
            }
        } else {
            EventBody::SlaWarned {
                ticket: ticket_id,
                promise,
            }
        };
        self.tell(body, Audience::of_ticket(ticket, Visibility::Agents));
        self.expect(Expect::AlarmAt {
            ticket: ticket_id,
            at: due,
        });
        self.writes.push(Write::NoteAlarm {
            ticket: ticket_id,
            alarm,
        });
    }

    /// Moves a side's read mark.
    pub fn mark_read(&mut self, ticket: &Ticket, side: Side, up_to: u64) {
        self.tell(
            EventBody::MessagesRead {
                ticket: ticket.id,
                side,
                up_to,
            },
            Audience::of_ticket(ticket, Visibility::Customer),
        );
        self.writes.push(Write::MarkRead {
            ticket: ticket.id,
            side,
            up_to,
        });
    }

    /// Tells a waiting visitor that somebody is there.
    pub fn announce_agent(&mut self, ticket: &Ticket) {
        self.tell(
            EventBody::AgentBecameAvailable { ticket: ticket.id },
            Audience::of_ticket(ticket, Visibility::Customer),
        );
    }

    /// Remembers that an agent was given a ticket.
    pub fn note_assignment(&mut self, agent: AgentId) {
        self.writes.push(Write::NoteAssignment { agent, at: self.at });
    }

    /// Adds or changes the tenant.
    pub fn put_tenant(&mut self, tenant: Tenant, body: EventBody) {
        self.expect_version(Record::Tenant, tenant.version);
        self.tell(body, Audience::admins());
        self.writes.push(Write::PutTenant(Box::new(tenant)));
    }

    /// Adds or changes an inbox.
    pub fn put_inbox(&mut self, inbox: Inbox) {
        self.expect_version(Record::Inbox(inbox.id), inbox.version);
        self.tell(EventBody::InboxSaved { inbox: inbox.id }, Audience::admins());
        self.writes.push(Write::PutInbox(inbox));
    }

    /// Adds or changes a department.
    pub fn put_department(&mut self, department: Department) {
        self.expect_version(Record::Department(department.id), department.version);
        self.tell(
            EventBody::DepartmentSaved {
                department: department.id,
            },
            Audience::agents(),
        );
        self.writes.push(Write::PutDepartment(department));
    }

    /// Removes a department that no unfinished ticket names.
    pub fn remove_department(&mut self, department: DepartmentId, moved_to: Option<DepartmentId>) {
        self.expect(Expect::DepartmentUnused(department));
        self.tell(
            EventBody::DepartmentRemoved { department, moved_to },
            Audience::agents(),
        );
        self.writes.push(Write::RemoveDepartment(department));
    }

    /// Adds or changes an agent.
    pub fn put_agent(&mut self, agent: Agent, body: EventBody) {
        self.expect_version(Record::Agent(agent.id), agent.version);
        self.tell(body, Audience::agents());
        self.writes.push(Write::PutAgent(agent));
    }

    /// Tells that an agent came or went. What was seen is kept by the presence port; the journal
    /// only tells of it.
    pub fn tell_presence(&mut self, agent: AgentId, is_online: bool) {
        self.tell(EventBody::AgentPresenceChanged { agent, is_online }, Audience::agents());
    }

    /// Adds or changes a customer.
    pub fn put_customer(&mut self, customer: Customer) {
        self.expect_version(Record::Customer(customer.id), customer.version);
        self.tell(EventBody::CustomerSaved { customer: customer.id }, Audience::admins());
        self.writes.push(Write::PutCustomer(customer));
    }

    /// Removes a customer and their account.
    pub fn remove_customer(&mut self, customer: &Customer) {
        self.expect_version(Record::Customer(customer.id), customer.version);
        self.tell(EventBody::CustomerRemoved { customer: customer.id }, Audience::admins());
        self.writes.push(Write::RemoveCustomer(customer.id));
        self.writes.push(Write::RemoveAccount(Principal::Customer(customer.id)));
    }

    /// Adds or changes a visitor; the ticket they open in the same change set tells of them.
    pub fn put_visitor(&mut self, visitor: Visitor) {
        self.writes.push(Write::PutVisitor(visitor));
    }

    /// Adds or changes what somebody logs in with; the agent or customer changed in the same
    /// change set tells of it.
    pub fn put_account(&mut self, account: Account) {
        self.expect_version(Record::Account(account.principal), account.version);
        self.writes.push(Write::PutAccount(account));
    }

    /// Changes somebody's password.
    pub fn change_password(&mut self, account: Account) {
        self.tell(
            EventBody::PasswordChanged {
                principal: account.principal,
            },
            Audience::admins(),
        );
        self.put_account(account);
    }

    /// An agent came or went by logging in or out; the login or logout itself tells of it.
    pub fn stamp_agent(&mut self, agent: Agent) {
        self.expect_version(Record::Agent(agent.id), agent.version);
        self.writes.push(Write::PutAgent(agent));
    }

    /// Somebody got in: what was counted against them is forgotten.
    pub fn log_in(&mut self, principal: Principal, guard: Option<SecretHash>) {
        self.tell(EventBody::LoggedIn { principal }, Audience::admins());
        if let Some(guard) = guard {
            self.writes.push(Write::RemoveLoginGuard(guard));
        }
    }

    /// Somebody did not get in.
    pub fn count_login_failure(&mut self, guard: LoginGuard) {
        self.tell(EventBody::LoginFailed, Audience::admins());
        self.writes.push(Write::PutLoginGuard(guard));
    }

    /// Makes a token void.
    pub fn revoke_token(&mut self, principal: Principal, token: uuid::Uuid, expires_at: Timestamp) {
        self.tell(EventBody::LoggedOut { principal }, Audience::admins());
        self.writes.push(Write::RevokeToken { token, expires_at });
    }

    /// Adds an API key, or makes one void.
    pub fn put_api_key(&mut self, key: ApiKey) {
        let body = if key.revoked_at.is_some() {
            EventBody::ApiKeyRevoked { key: key.id }
        } else {
            EventBody::ApiKeyCreated { key: key.id }
        };
        self.tell(body, Audience::admins());
        self.writes.push(Write::PutApiKey(key));
    }

    /// Adds a callback, or changes it for the reasons told by `bodies`.
    pub fn put_callback(&mut self, callback: Callback, bodies: impl IntoIterator<Item = EventBody>) {
        self.expect_version(Record::Callback(callback.id), callback.version);
        for body in bodies {
            let customer = match body {
                EventBody::CallbackRequested { .. } => callback.customer,
                _ => None,
            };
            self.tell(body, Audience::of_callback(customer));
        }
        for write in &mut self.writes {
            match write {
                Write::PutCallback(earlier) if earlier.id == callback.id => {
                    *earlier = callback;
                    return;
                }
                _ => {}
            }
        }
        self.writes.push(Write::PutCallback(callback));
    }

    /// Adds or changes a webhook.
    pub fn put_webhook(&mut self, webhook: Webhook, body: EventBody) {
        self.expect_version(Record::Webhook(webhook.id), webhook.version);
        self.tell(body, Audience::admins());
        self.writes.push(Write::PutWebhook(webhook));
    }

    /// Notes whether a webhook's calls succeed. Nothing that anybody hears of.
    pub fn note_webhook_health(&mut self, webhook: Webhook) {
        self.expect_version(Record::Webhook(webhook.id), webhook.version);
        self.writes.push(Write::PutWebhook(webhook));
    }

    /// Removes a webhook.
    pub fn remove_webhook(&mut self, webhook: &Webhook) {
        self.expect_version(Record::Webhook(webhook.id), webhook.version);
        self.tell(EventBody::WebhookRemoved { webhook: webhook.id }, Audience::admins());
        self.writes.push(Write::RemoveWebhook(webhook.id));
    }

    /// Owes a webhook what the journal tells up to `to`. Nothing that anybody hears of: it would
    /// have no end.
    pub fn advance_webhook(&mut self, webhook: WebhookId, from: u64, to: u64) {
        self.expect(Expect::WebhookAt { webhook, cursor: from });
        self.writes.push(Write::AdvanceWebhook { webhook, to });
    }

    /// Stops or resumes a channel in the tenant's settings.
    pub fn pause_channel(&mut self, tenant: Tenant, channel: Channel, is_paused: bool) {
        let body = if is_paused {
            EventBody::ChannelPaused { channel }
        } else {
            EventBody::ChannelResumed { channel }
        };
        self.put_tenant(tenant, body);
    }

    /// Tells that the requester's device has messages.
    pub fn tell_delivered(&mut self, ticket: &Ticket, up_to: u64) {
        let body = EventBody::MessagesDelivered {
            ticket: ticket.id,
            up_to,
        };
        self.tell(body, Audience::of_ticket(ticket, Visibility::Agents));
    }

    /// Tells that somebody asked for a way to choose another password.
    pub fn tell_password_reset(&mut self, principal: Principal) {
        self.tell(EventBody::PasswordResetRequested { principal }, Audience::admins());
    }

    /// Tells somebody inside the product beyond what [`Plan`] finds by itself.
    pub fn notify(&mut self, notification: Notification) {
        self.notifications.push(notification);
    }

    /// Adds or changes a canned response.
    pub fn put_canned_response(&mut self, response: CannedResponse) {
        self.expect_version(Record::CannedResponse(response.id), response.version);
        let body = EventBody::CannedResponseSaved { response: response.id };
        self.tell(body, Audience::agents());
        self.writes.push(Write::PutCannedResponse(response));
    }

    /// Removes a canned response.
    pub fn remove_canned_response(&mut self, response: &CannedResponse) {
        self.expect_version(Record::CannedResponse(response.id), response.version);
        let body = EventBody::CannedResponseRemoved { response: response.id };
        self.tell(body, Audience::agents());
        self.writes.push(Write::RemoveCannedResponse(response.id));
    }

    /// Somebody read what they were told.
    pub fn mark_notifications_read(&mut self, recipient: Principal, notifications: Vec<NotificationId>) {
        let body = EventBody::NotificationsRead {
            recipient,
            notifications: notifications.clone(),
        };
        self.tell(body, Audience::of_one(recipient));
        self.writes.push(Write::MarkNotificationsRead {
            recipient,
            notifications,
            at: self.at,
        });
    }

    /// Tells that a ticket's customer or visitor went away.
    pub fn tell_disconnected(&mut self, ticket: &Ticket) {
        let body = EventBody::CustomerDisconnected { ticket: ticket.id };
        self.tell(body, Audience::of_ticket(ticket, Visibility::Agents));
        self.remember(ticket);
    }

    /// Remembers an answer, to give it again when the same request comes again. Nothing that
    /// anybody hears of.
    pub fn store_response(&mut self, key: SecretHash, status: u16, body: String) {
        self.writes.push(Write::StoreResponse { key, status, body });
    }

    /// Whether somebody of the team is told of it besides those it names, so that it takes to
    /// [know the team](Self::know_team).
    #[must_use]
    pub fn concerns_team(&self) -> bool {
        self.events.iter().any(|event| Plan::concerns_team(&event.body))
    }

    /// Brings the tenant's active agents, among whom those are found who are told of it.
    pub fn know_team(&mut self, team: Arc<[Teammate]>) {
        self.team = team;
    }

    /// Owes something to the outside beyond what [`Plan`] finds by itself.
    pub fn owe(&mut self, delivery: Delivery) {
        self.deliveries.push(delivery);
    }

    fn remember(&mut self, ticket: &Ticket) {
        match self.tickets.iter_mut().find(|known| known.id == ticket.id) {
            Some(known) => *known = ticket.clone(),
            None => self.tickets.push(ticket.clone()),
        }
    }

    /// Plans what these events owe to people inside the product, and closes the set. Nothing is
    /// owed to the outside but what [`owe`](Self::owe) says.
    pub fn seal(self, ids: &dyn Ids) -> SealedChange {
        self.seal_under(&Policy::default(), ids)
    }

    /// Closes the set for what happened some time ago, elsewhere or in a story: it is measured by
    /// `terms` and the journal tells of it, but nobody is told now and nothing is owed.
    pub fn seal_as_past(self, terms: Arc<Terms>) -> SealedChange {
        SealedChange::new(SealedParts {
            tenant: self.tenant,
            actor: self.actor,
            at: self.at,
            request: self.request,
            expects: self.expects,
            writes: self.writes,
            events: self.events,
            notifications: Vec::new(),
            deliveries: Vec::new(),
            terms,
        })
    }

    /// Plans what these events owe to people and, by the tenant's policy, to the outside, and
    /// closes the set.
    pub fn seal_under(self, policy: &Policy, ids: &dyn Ids) -> SealedChange {
        let Self {
            tenant,
            actor,
            at,
            request,
            expects,
            writes,
            mut events,
            mut notifications,
            mut deliveries,
            tickets,
            team,
        } = self;
        let planned = Plan {
            policy,
            team: &team,
            actor,
            at,
            events: &events,
            writes: &writes,
            tickets: &tickets,
        }
        .made(ids);
        notifications.extend(planned.notifications);
        deliveries.extend(planned.deliveries);
        events.extend(notifications.iter().map(|notification| NewEvent {
            body: EventBody::Notified {
                notification: notification.id,
                recipient: notification.recipient,
            },
            audience: Audience::of_one(notification.recipient),
        }));
        SealedChange::new(SealedParts {
            tenant,
            actor,
            at,
            request,
            expects,
            writes,
            events,
            notifications,
            deliveries,
            terms: Arc::clone(&policy.terms),
        })
    }
}
