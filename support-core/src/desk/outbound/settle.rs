//! What came of an attempt, and what follows from it.

use std::time::Duration;

use tokio::{sync::broadcast, time::Instant};
use uuid::Uuid;

use super::prepare::Prepared;
use crate::{
    change::ChangeSet,
    desk::{Desk, DeskError, Scope, retry::Attempt},
    model::{
        Channel, Delivery, DeliveryId, EventBody, Message, MessageId, MessageKind, Notice, Notification,
        NotificationId, NotificationKind, Pause, Principal, Priority, Role, Sender, Tenant, TenantId, TicketId,
        WEBHOOK_PATIENCE, WebhookId,
    },
    ports::{BusMessage, Lane, LeaseToken, Leased, NotifyError, Outgoing, Sent, Settled, Signal},
};

/// The longest pause between two tries to settle what was sent.
const SETTLING_PAUSE: Duration = Duration::from_secs(2);
/// How long other nodes have to say that they hold a connection.
const ASKING_LIMIT: Duration = Duration::from_millis(250);
/// After how long a channel whose credentials were refused is tried again by itself.
pub(crate) const PAUSE_PROBE: Duration = Duration::from_secs(15 * 60);
/// The longest reason that is kept, in characters.
const LONGEST_REASON: usize = 500;

/// How the way over which an attempt went seems to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempted {
    /// Nothing was learnt about it.
    Nothing,
    /// It works.
    Works,
    /// It did not work this time; nothing is to go over it for so long, if the other side said so.
    Fails(Option<Duration>),
    /// Its credentials are refused.
    Refused,
}

/// What is known of the way that a lane's deliveries go.
#[derive(Debug, Default)]
pub(crate) struct Way {
    /// Which account they go over, when all go over one.
    pub(crate) account: Option<String>,
    /// Why nothing may go over it.
    pub(crate) pause: Option<Pause>,
}

impl Desk {
    /// Tries to send a delivery that is held under a lease until a moment, once, and settles it.
    ///
    /// # Errors
    /// [`DeskError`] when the store can't be asked: the lease then runs out, and the delivery is
    /// offered again.
    pub async fn attempt(&self, leased: Leased, held_until: Instant) -> Result<Attempted, DeskError> {
        let Leased { lease, delivery } = leased;
        let prepared = self.prepare(lease.tenant, &delivery).await?;
        let route = match &prepared {
            Prepared::Send(outgoing) => outgoing.route.fingerprint(),
            Prepared::Blocked(_) | Prepared::Later(_) | Prepared::Nothing => String::new(),
        };
        let (settled, attempted) = match prepared {
            Prepared::Nothing => (Settled::Withdrawn, Attempted::Nothing),
            Prepared::Later(until) => (Settled::Postponed { until }, Attempted::Nothing),
            Prepared::Blocked(reason) => (self.try_again(&delivery, reason, None), Attempted::Nothing),
            Prepared::Send(outgoing) => self.send(lease.tenant, &delivery, &outgoing, held_until).await?,
        };
        if let Settled::Dead { reason } = &settled {
            self.tell_undelivered(lease.tenant, &delivery, reason).await?;
        }
        self.settle_delivery(lease, settled, held_until).await?;
        // Nobody may be waiting for it.
        let _ = self.outbound().attempts.send(delivery.id);
        if attempted == Attempted::Works {
            self.note_success(lease.tenant, &delivery, &route).await;
        }
        Ok(attempted)
    }

    /// Keeps trying as long as it is held: what was sent and isn't settled is sent again.
    async fn settle_delivery(&self, lease: LeaseToken, settled: Settled, held_until: Instant) -> Result<(), DeskError> {
        let mut pause = Duration::from_millis(50);
        loop {
            match self.stores().deliveries.settle(lease, settled.clone()).await {
                Ok(true) => return Ok(()),
                Ok(false) => {
                    tracing::debug!(tenant = %lease.tenant, delivery = %lease.delivery, "somebody else holds it by now");
                    return Ok(());
                }
                Err(error) if Instant::now() + pause > held_until => return Err(error.into()),
                Err(_) => {
                    tokio::time::sleep(pause).await;
                    pause = SETTLING_PAUSE.min(pause * 2);
                }
            }
        }
    }

    async fn send(
        &self,
        tenant: TenantId,
        delivery: &Delivery,
        outgoing: &Outgoing,
        held_until: Instant,
    ) -> Result<(Settled, Attempted), DeskError> {
        let Some(notifier) = self.notifier(delivery.channel) else {
            return Ok((
                self.try_again(delivery, "the channel is not configured", None),
                Attempted::Nothing,
            ));
        };
        // What is left of the lease is for settling it.
        let until = held_until - self.outbound().settings.lease / 6;
        let sending = tokio::time::timeout_at(until, notifier.send(outgoing));
        let outcome = sending.await.unwrap_or_else(|_| {
            Err(NotifyError::Temporary {
                reason: "no answer in time".to_owned(),
                retry_after: None,
            })
        });
        self.outbound().counters.count(delivery.channel, &outcome);
        match outcome {
            Ok(sent) => Ok((self.sent(sent), Attempted::Works)),
            Err(error) => self.after_failure(tenant, delivery, outgoing, error).await,
        }
    }

    fn sent(&self, sent: Sent) -> Settled {
        Settled::Sent {
            at: self.now(),
            provider_id: sent.provider_id,
            remark: sent.remark.map(|remark| short(&remark)),
        }
    }

    /// Only after it is settled, which must not fail for it; the next success makes up for it.
    async fn note_success(&self, tenant: TenantId, delivery: &Delivery, route: &str) {
        let noted = match &delivery.notice {
            Notice::JournalEvent { webhook, .. } => self.note_webhook(tenant, *webhook, None).await,
            _ => self.resume_channel(tenant, delivery.channel, route).await,
        };
        if let Err(error) = noted {
            tracing::warn!(%tenant, channel = %delivery.channel, %error, "that a channel works could not be noted");
        }
    }

    async fn after_failure(
        &self,
        tenant: TenantId,
        delivery: &Delivery,
        outgoing: &Outgoing,
        error: NotifyError,
    ) -> Result<(Settled, Attempted), DeskError> {
        let reason = short(&error.to_string());
        if let Notice::JournalEvent { webhook, .. } = &delivery.notice {
            let is_gone = matches!(error, NotifyError::Gone { .. });
            self.note_webhook(tenant, *webhook, Some((&reason, is_gone))).await?;
        }
        Ok(match error {
            NotifyError::Temporary { retry_after, .. } => {
                let settled = self.try_again(delivery, &reason, retry_after);
                (settled, Attempted::Fails(retry_after))
            }
            NotifyError::Permanent { .. } | NotifyError::Gone { .. } => (Settled::Dead { reason }, Attempted::Nothing),
            // Nothing else goes to a subscriber than over its own route.
            NotifyError::Refused { .. } if delivery.channel == Channel::Webhook => {
                (self.try_again(delivery, &reason, None), Attempted::Fails(None))
            }
            NotifyError::Refused { .. } => {
                let problem = reason.clone();
                self.pause_channel(tenant, delivery.channel, outgoing.route.fingerprint(), problem)
                    .await?;
                // The account is at fault, not this delivery: it goes as soon as the pause ends.
                let settled = Settled::Retry {
                    at: self.now(),
                    reason,
                    recipient: None,
                    is_counted: false,
                };
                (settled, Attempted::Refused)
            }
            NotifyError::Moved { to, .. } => {
                let settled = Settled::Retry {
                    at: self.now(),
                    reason,
                    recipient: Some(to),
                    is_counted: true,
                };
                (settled, Attempted::Nothing)
            }
            NotifyError::Partly { remaining, .. } => {
                let settled = match self.try_again(delivery, &reason, None) {
                    Settled::Retry { at, reason, .. } => Settled::Retry {
                        at,
                        reason,
                        recipient: Some(remaining.join(", ")),
                        is_counted: true,
                    },
                    other => other,
                };
                (settled, Attempted::Works)
            }
        })
    }

    /// Again after the schedule's pause, or the other side's if that is longer; or never.
    fn try_again(&self, delivery: &Delivery, reason: &str, retry_after: Option<Duration>) -> Settled {
        let dice = self.ids().uuid().as_bytes().last().copied().unwrap_or_default();
        let reason = reason.to_owned();
        match self.outbound().settings.retries.pause_after(delivery.attempts, dice) {
            Some(pause) => Settled::Retry {
                at: self.now().plus(pause.max(retry_after.unwrap_or_default())),
                reason,
                recipient: None,
                is_counted: true,
            },
            None => Settled::Dead { reason },
        }
    }

    /// Over what a lane's deliveries go, and whether nothing may because its credentials were
    /// refused; now and then one delivery may, to find out.
    pub(crate) async fn way_of(&self, lane: Lane) -> Result<Way, DeskError> {
        let Some(tenant) = self.stores().tenants.tenant(lane.tenant).await? else {
            return Ok(Way::default());
        };
        let Ok(route) = self.route(&tenant, lane.channel) else {
            return Ok(Way::default());
        };
        let account = route.fingerprint();
        let pause = tenant.settings.pauses.get(&lane.channel);
        let pause = pause.filter(|pause| pause.route == account).cloned();
        Ok(Way {
            account: Some(account),
            pause,
        })
    }

    async fn pause_channel(
        &self,
        tenant: TenantId,
        channel: Channel,
        route: String,
        problem: String,
    ) -> Result<(), DeskError> {
        let scope = Scope::system(tenant);
        let pause = Pause {
            since: self.now(),
            problem,
            route,
        };
        tracing::warn!(%tenant, %channel, "the channel's credentials are refused: it is paused");
        self.decide(&scope, || self.try_pause(&scope, channel, &pause)).await?;
        self.forget_policy();
        Ok(())
    }

    async fn try_pause(&self, scope: &Scope, channel: Channel, pause: &Pause) -> Result<(), Attempt> {
        let mut tenant = self.tenant_of(scope).await?;
        let is_current = self
            .route(&tenant, channel)
            .is_ok_and(|route| route.fingerprint() == pause.route);
        if !is_current {
            return Ok(());
        }
        let earlier = tenant.settings.pauses.insert(channel, pause.clone());
        let is_known = earlier.is_some_and(|earlier| earlier.route == pause.route);
        tenant.updated_at = self.now();
        let mut change = ChangeSet::new(scope, self.now());
        if !is_known {
            self.alarm(&mut change, &tenant, channel, &pause.problem).await?;
        }
        change.pause_channel(tenant, channel, true);
        self.commit(change).await?;
        Ok(())
    }

    /// Tells the admins inside the product, and by mail unless it is the mail that doesn't work.
    async fn alarm(
        &self,
        change: &mut ChangeSet,
        tenant: &Tenant,
        channel: Channel,
        problem: &str,
    ) -> Result<(), DeskError> {
        let title = format!("Nothing can be sent over {channel}");
        for admin in self.admins(tenant.id).await? {
            change.notify(self.trouble(Principal::Agent(admin.id), title.clone(), problem.to_owned(), None));
            if channel != Channel::Email && self.has_route(tenant, Channel::Email) {
                let notice = Notice::ChannelPaused {
                    channel,
                    problem: problem.to_owned(),
                };
                change.owe(self.mail_to(admin.email, notice));
            }
        }
        Ok(())
    }

    pub(in crate::desk) fn mail_to(&self, email: String, notice: Notice) -> Delivery {
        let id = DeliveryId::new(self.ids().uuid());
        Delivery::new(id, Channel::Email, email, notice, self.now())
    }

    /// Active admins of a tenant.
    pub(in crate::desk) async fn admins(&self, tenant: TenantId) -> Result<Vec<crate::model::Agent>, DeskError> {
        let candidates = self.candidates(tenant).await?;
        let agents = candidates.into_iter().map(|candidate| candidate.agent);
        Ok(agents.filter(|agent| agent.role == Role::Admin).collect())
    }

    pub(in crate::desk) fn trouble(
        &self,
        recipient: Principal,
        title: String,
        message: String,
        ticket: Option<TicketId>,
    ) -> Notification {
        Notification {
            id: NotificationId::new(self.ids().uuid()),
            recipient,
            kind: NotificationKind::DeliveryTrouble,
            title,
            message,
            priority: Priority::High,
            ticket,
            callback: None,
            created_at: self.now(),
            read_at: None,
        }
    }

    /// A channel turned out to work over a route.
    pub(super) async fn resume_channel(
        &self,
        tenant: TenantId,
        channel: Channel,
        route: &str,
    ) -> Result<(), DeskError> {
        let scope = &Scope::system(tenant);
        let is_paused = |tenant: &Tenant| {
            let pause = tenant.settings.pauses.get(&channel);
            pause.is_some_and(|pause| pause.route == route)
        };
        if !is_paused(&self.tenant_of(scope).await?) {
            return Ok(());
        }
        self.decide(scope, || async move {
            let mut tenant = self.tenant_of(scope).await?;
            if is_paused(&tenant) {
                tenant.settings.pauses.remove(&channel);
                tenant.updated_at = self.now();
                let mut change = ChangeSet::new(scope, self.now());
                change.pause_channel(tenant, channel, false);
                self.commit(change).await?;
            }
            Ok(())
        })
        .await?;
        self.forget_policy();
        self.tell_owed();
        Ok(())
    }

    /// Remembers since when a webhook's calls fail, and switches it off when that has been too
    /// long or it wants no more.
    async fn note_webhook(
        &self,
        tenant: TenantId,
        webhook: WebhookId,
        failure: Option<(&str, bool)>,
    ) -> Result<(), DeskError> {
        let scope = &Scope::system(tenant);
        self.decide(scope, || self.try_note_webhook(scope, webhook, failure))
            .await
    }

    async fn try_note_webhook(
        &self,
        scope: &Scope,
        webhook: WebhookId,
        failure: Option<(&str, bool)>,
    ) -> Result<(), Attempt> {
        let Some(mut webhook) = self.stores().webhooks.webhook(scope.tenant(), webhook).await? else {
            return Ok(());
        };
        let now = self.now();
        let mut change = ChangeSet::new(scope, now);
        match (failure, webhook.failing_since) {
            (None, None) => return Ok(()),
            (None, Some(_)) => {
                webhook.failing_since = None;
                change.note_webhook_health(webhook);
            }
            (Some((reason, is_gone)), since) => {
                let is_over = is_gone || since.is_some_and(|since| now.since(since) > WEBHOOK_PATIENCE);
                webhook.failing_since = since.or(Some(now));
                if is_over && webhook.is_active {
                    webhook.is_active = false;
                    webhook.updated_at = now;
                    webhook.disabled_reason = Some(reason.to_owned());
                    self.alarm_about_webhook(&mut change, scope, &webhook, reason).await?;
                    let body = EventBody::WebhookDisabled { webhook: webhook.id };
                    change.put_webhook(webhook, body);
                } else if since.is_none() {
                    change.note_webhook_health(webhook);
                } else {
                    return Ok(());
                }
            }
        }
        self.commit(change).await?;
        Ok(())
    }

    async fn alarm_about_webhook(
        &self,
        change: &mut ChangeSet,
        scope: &Scope,
        webhook: &crate::model::Webhook,
        reason: &str,
    ) -> Result<(), DeskError> {
        let tenant = self.tenant_of(scope).await?;
        let problem = format!("{} was switched off: {reason}", webhook.url);
        for admin in self.admins(tenant.id).await? {
            let title = "A webhook was switched off".to_owned();
            change.notify(self.trouble(Principal::Agent(admin.id), title, problem.clone(), None));
            if self.has_route(&tenant, Channel::Email) {
                let notice = Notice::WebhookDisabled {
                    webhook: webhook.id,
                    problem: problem.clone(),
                };
                change.owe(self.mail_to(admin.email, notice));
            }
        }
        Ok(())
    }

    /// Tells the agent that what they wrote did not reach its reader, in the thread and beside it.
    async fn tell_undelivered(&self, tenant: TenantId, delivery: &Delivery, reason: &str) -> Result<(), DeskError> {
        let Notice::ChannelMessage { ticket, .. } = &delivery.notice else {
            return Ok(());
        };
        let scope = &Scope::system(tenant);
        self.decide(scope, || self.try_tell_undelivered(scope, delivery, *ticket, reason))
            .await
    }

    async fn try_tell_undelivered(
        &self,
        scope: &Scope,
        delivery: &Delivery,
        ticket: TicketId,
        reason: &str,
    ) -> Result<(), Attempt> {
        let Some(ticket) = self.stores().tickets.ticket(scope.tenant(), ticket).await? else {
            return Ok(());
        };
        let now = self.now();
        let mut change = ChangeSet::new(scope, now);
        let title = format!("Your message did not reach {}", ticket.requester_name());
        if let Some(agent) = ticket.assignee() {
            let note = self.trouble(
                Principal::Agent(agent),
                title.clone(),
                reason.to_owned(),
                Some(ticket.id),
            );
            change.notify(note);
        }
        let message = Message {
            id: MessageId::new(self.ids().uuid()),
            ticket: ticket.id,
            seq: 0,
            sender: Sender::System,
            sender_name: "System".to_owned(),
            kind: MessageKind::Note,
            content: format!("{title}: {reason}"),
            // Whoever dies right after this says it no second time.
            client_id: Some(format!("undelivered:{}", delivery.id)),
            metadata: serde_json::json!({}),
            created_at: now,
        };
        change.append(&ticket, message);
        self.commit(change).await?;
        Ok(())
    }

    /// Whether the requester is connected to a conversation, here or at another node.
    pub(super) async fn requester_is_connected(&self, tenant: TenantId, ticket: TicketId) -> bool {
        if self.connections().has(tenant, ticket) {
            return true;
        }
        let question = self.ids().uuid();
        let mut answers = self.bus().subscribe();
        let signal = Signal::AskConnected { ticket, question };
        if self.bus().publish(BusMessage::Signal { tenant, signal }).await.is_err() {
            return false;
        }
        let answered = async {
            loop {
                match answers.recv().await {
                    Ok(BusMessage::Signal {
                        signal: Signal::IsConnected { question: answered },
                        ..
                    }) if answered == question => return true,
                    Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => {}
                    Err(broadcast::error::RecvError::Closed) => return false,
                }
            }
        };
        tokio::time::timeout(ASKING_LIMIT, answered).await.unwrap_or(false)
    }

    /// Answers another node that asks who is connected here.
    pub(crate) async fn answer_connected(&self, tenant: TenantId, ticket: TicketId, question: Uuid) {
        if self.connections().has(tenant, ticket) {
            let signal = Signal::IsConnected { question };
            // Whoever asked takes silence for nobody.
            let _ = self.bus().publish(BusMessage::Signal { tenant, signal }).await;
        }
    }

    /// Deliveries of which an attempt has just ended on this node.
    pub(in crate::desk) fn attempts(&self) -> broadcast::Receiver<DeliveryId> {
        self.outbound().attempts.subscribe()
    }
}

fn short(reason: &str) -> String {
    reason
        .chars()
        .filter(|character| !character.is_control())
        .take(LONGEST_REASON)
        .collect()
}
