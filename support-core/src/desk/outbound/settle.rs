//! What came of an attempt, and what follows from it.

use std::time::Duration;

use tokio::{sync::broadcast, time::Instant};

use super::prepare::Prepared;
use crate::{
    desk::{Desk, DeskError},
    model::{Channel, Delivery, DeliveryId, Notice, TenantId},
    ports::{LeaseToken, Leased, NotifyError, Outgoing, Sent, Settled},
};

/// The longest pause between two tries to settle what was sent.
const SETTLING_PAUSE: Duration = Duration::from_secs(2);
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

impl Desk {
    /// Tries to send a delivery that is held under a lease until a moment, once, and settles it.
    ///
    /// # Errors
    /// [`DeskError`] when the store can't be asked: the lease then runs out, and the delivery is
    /// offered again.
    pub async fn attempt(&self, leased: Leased, held_until: Instant) -> Result<Attempted, DeskError> {
        if leased.delivery.channel == Channel::Bot {
            return Box::pin(self.answer(leased, held_until)).await;
        }
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
    pub(in crate::desk) async fn settle_delivery(
        &self,
        lease: LeaseToken,
        settled: Settled,
        held_until: Instant,
    ) -> Result<(), DeskError> {
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
        let outcome = sending.await.unwrap_or_else(|_| Err(NotifyError::no_answer()));
        self.count_attempt(delivery.channel, &outcome);
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

    /// Deliveries of which an attempt has just ended on this node.
    pub(in crate::desk) fn attempts(&self) -> broadcast::Receiver<DeliveryId> {
        self.outbound().attempts.subscribe()
    }
}

pub(in crate::desk) fn short(reason: &str) -> String {
    reason
        .chars()
        .filter(|character| !character.is_control())
        .take(LONGEST_REASON)
        .collect()
}
