//! Telling people of what could not be sent: the agent whose words they were, the admins whose
//! webhook it was.

use crate::{
    change::ChangeSet,
    desk::{Desk, DeskError, Scope, retry::Attempt},
    model::{
        Channel, Delivery, EventBody, Message, MessageId, MessageKind, Notice, Principal, Sender, TenantId, TicketId,
        WEBHOOK_PATIENCE, WebhookId,
    },
};

impl Desk {
    /// Remembers since when a webhook's calls fail, and switches it off when that has been too
    /// long or it wants no more.
    pub(super) async fn note_webhook(
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
    pub(super) async fn tell_undelivered(
        &self,
        tenant: TenantId,
        delivery: &Delivery,
        reason: &str,
    ) -> Result<(), DeskError> {
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
            attachments: Vec::new(),
            // Whoever dies right after this says it no second time.
            client_id: Some(format!("undelivered:{}", delivery.id)),
            metadata: serde_json::json!({}),
            created_at: now,
        };
        change.append(&ticket, message);
        self.commit(change).await?;
        Ok(())
    }
}
