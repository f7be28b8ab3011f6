//! Building a change set, and sealing it.

mod files;
mod privacy;
mod records;
mod tickets;
mod visitors;

use std::sync::Arc;

use super::{Expect, Plan, Policy, Record, RequestKey, SealedChange, SealedParts, Teammate, Write};
use crate::{
    desk::Scope,
    model::{
        ActorRef, Article, ArticleId, ArticleVote, Audience, Callback, CannedResponse, Channel, Delivery, Department,
        EventBody, Notification, NotificationId, Principal, SecretHash, Tenant, TenantId, Terms, Ticket, Timestamp,
        Webhook, WebhookId,
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

    /// Adds or changes an article.
    pub fn put_article(&mut self, article: Article) {
        self.expect_version(Record::Article(article.id), article.version);
        self.tell(EventBody::ArticleSaved { article: article.id }, Audience::agents());
        self.writes.push(Write::PutArticle(article));
    }

    /// Removes an article.
    pub fn remove_article(&mut self, article: &Article) {
        self.expect_version(Record::Article(article.id), article.version);
        self.tell(EventBody::ArticleRemoved { article: article.id }, Audience::agents());
        self.writes.push(Write::RemoveArticle(article.id));
    }

    /// An article was read. Nothing that anybody hears of: strangers would fill the journal.
    pub fn count_article_views(&mut self, article: ArticleId, views: u64) {
        self.writes.push(Write::CountArticleViews { article, views });
    }

    /// A reader says whether an article helped. Nothing that anybody hears of, for the same reason.
    pub fn put_article_vote(&mut self, vote: ArticleVote) {
        self.writes.push(Write::PutArticleVote(vote));
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
