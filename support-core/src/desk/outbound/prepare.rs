//! Finding out what a delivery says, at the moment in which it is sent.

use std::time::Duration;

use super::{Purpose, routes::NoRoute};
use crate::{
    desk::{Desk, DeskError},
    model::{
        AgentId, CallbackId, Delivery, DeliveryStatus, Message, MessageId, Notice, Principal, Side, Status, Tenant,
        TenantId, Ticket, TicketId, Timestamp, WebhookId,
    },
    ports::{EventFilter, Letter, LetterKind, Outgoing, Route},
};

/// What is to be done with a delivery now.
#[derive(Debug)]
pub(crate) enum Prepared {
    /// It is sent.
    Send(Box<Outgoing>),
    /// It can't be sent for now.
    Blocked(&'static str),
    /// It is looked at again later.
    Later(Timestamp),
    /// Nothing has to be said any more.
    Nothing,
}

/// What is to be said, if anything.
enum Said {
    Letter(Box<Letter>),
    Later(Timestamp),
    Nothing,
}

impl From<Letter> for Said {
    fn from(letter: Letter) -> Self {
        Self::Letter(Box::new(letter))
    }
}

/// How long what a tenant owes is left alone while its doors are shut.
const CLOSED_DOORS: Duration = Duration::from_secs(60 * 60);
/// How many deliveries that gather under one key are looked at.
const LOOKED_AT: u32 = 10;

impl Desk {
    /// Puts a delivery into the hands of a notifier, in words of this moment.
    ///
    /// # Errors
    /// [`DeskError`] when the store can't be asked.
    pub(crate) async fn prepare(&self, tenant: TenantId, delivery: &Delivery) -> Result<Prepared, DeskError> {
        let Some(tenant) = self.stores().tenants.tenant(tenant).await? else {
            return Ok(Prepared::Nothing);
        };
        if !tenant.is_active {
            return Ok(Prepared::Later(self.now().plus(CLOSED_DOORS)));
        }
        let letter = match self.say(&tenant, delivery).await? {
            Said::Letter(letter) => *letter,
            Said::Later(at) => return Ok(Prepared::Later(at)),
            Said::Nothing => return Ok(Prepared::Nothing),
        };
        let route = match &delivery.notice {
            Notice::JournalEvent { webhook, .. } => match self.stores().webhooks.webhook(tenant.id, *webhook).await? {
                Some(webhook) if webhook.is_active => self.webhook_route(&tenant, &webhook),
                Some(_) | None => return Ok(Prepared::Nothing),
            },
            _ => self.route(&tenant, delivery.channel),
        };
        Ok(match route {
            Ok(route) => Prepared::Send(Box::new(self.outgoing(&tenant, delivery, route, letter))),
            Err(missing) => Prepared::Blocked(NoRoute::reason(missing)),
        })
    }

    fn outgoing(&self, tenant: &Tenant, delivery: &Delivery, route: Route, letter: Letter) -> Outgoing {
        Outgoing {
            id: delivery.id,
            tenant: tenant.id,
            route,
            recipients: Outgoing::recipients_of(delivery),
            letter,
            templates: tenant.settings.templates.clone(),
            now: self.now(),
            created_at: delivery.created_at,
        }
    }

    async fn say(&self, tenant: &Tenant, delivery: &Delivery) -> Result<Said, DeskError> {
        match &delivery.notice {
            Notice::TicketOpened { ticket } => self.say_opening(tenant, *ticket, LetterKind::TicketOpened).await,
            Notice::RequestConfirmed { ticket } => {
                self.say_opening(tenant, *ticket, LetterKind::RequestConfirmed).await
            }
            Notice::OfflineDigest { ticket, first } => self.say_digest(tenant, delivery, *ticket, *first).await,
            Notice::AgentReplied { ticket, first } => self.say_replies(tenant, delivery, *ticket, *first).await,
            Notice::CustomerReplied { ticket, first, agent } => {
                self.say_questions(tenant, delivery, *ticket, *first, *agent).await
            }
            Notice::MessageAlert { ticket, message } => {
                self.say_message(tenant, *ticket, *message, LetterKind::MessageAlert)
                    .await
            }
            Notice::ChannelMessage { ticket, message } => {
                self.say_message(tenant, *ticket, *message, LetterKind::ChannelMessage)
                    .await
            }
            Notice::CallbackRequested { callback, copies } => {
                self.say_callback(tenant, *callback, LetterKind::CallbackRequested, copies)
                    .await
            }
            Notice::CallbackConfirmed { callback } => {
                self.say_callback(tenant, *callback, LetterKind::CallbackConfirmed, &[])
                    .await
            }
            Notice::CallbackReminder { callback } => {
                self.say_callback(tenant, *callback, LetterKind::CallbackReminder, &[])
                    .await
            }
            Notice::CallbackOverdue { callback } => {
                self.say_callback(tenant, *callback, LetterKind::CallbackOverdue, &[])
                    .await
            }
            Notice::PasswordReset { principal, expires_at } => self.say_reset(tenant, *principal, *expires_at).await,
            Notice::ChannelPaused { channel, problem } => Ok(self
                .trouble_letter(LetterKind::ChannelPaused, tenant, *channel, problem)
                .into()),
            Notice::WebhookDisabled { problem, .. } => Ok(self
                .trouble_letter(
                    LetterKind::WebhookDisabled,
                    tenant,
                    crate::model::Channel::Webhook,
                    problem,
                )
                .into()),
            Notice::JournalEvent { webhook, seq } => self.say_event(tenant.id, tenant, *webhook, *seq).await,
            // The bot is asked, not told.
            Notice::QuestionAsked { .. } => Ok(Said::Nothing),
            Notice::Transcript { ticket } => self.say_transcript(tenant, *ticket).await,
            Notice::RatingRequested { ticket, resolution } => self.ask_for_rating(tenant, *ticket, *resolution).await,
        }
    }

    async fn say_opening(&self, tenant: &Tenant, ticket: TicketId, kind: LetterKind) -> Result<Said, DeskError> {
        let Some(ticket) = self.stores().tickets.ticket(tenant.id, ticket).await? else {
            return Ok(Said::Nothing);
        };
        // Whoever typed an address need not be its owner, who is to get no stranger's words by us.
        let is_unproven = kind == LetterKind::RequestConfirmed && ticket.requester.customer().is_none();
        let messages = if is_unproven {
            Vec::new()
        } else {
            self.opening_words(tenant.id, &ticket).await?
        };
        Ok(self.ticket_letter(kind, tenant, &ticket, &messages).await?.into())
    }

    async fn say_transcript(&self, tenant: &Tenant, ticket: TicketId) -> Result<Said, DeskError> {
        let Some(ticket) = self.stores().tickets.ticket(tenant.id, ticket).await? else {
            return Ok(Said::Nothing);
        };
        Ok(self.transcript_letter(tenant, &ticket).await?.into())
    }

    /// Nothing once it was rated or opened again: that is for the next resolution.
    async fn ask_for_rating(&self, tenant: &Tenant, ticket: TicketId, resolution: u32) -> Result<Said, DeskError> {
        let Some(ticket) = self.stores().tickets.ticket(tenant.id, ticket).await? else {
            return Ok(Said::Nothing);
        };
        let is_rated = ticket
            .rating
            .as_ref()
            .is_some_and(|rating| rating.resolution == resolution);
        let is_over = !ticket.state.status().is_unfinished() && ticket.reopened_count == resolution;
        if is_rated || !is_over {
            return Ok(Said::Nothing);
        }
        Ok(self.rating_letter(tenant, &ticket).await?.into())
    }

    async fn say_message(
        &self,
        tenant: &Tenant,
        ticket: TicketId,
        message: MessageId,
        kind: LetterKind,
    ) -> Result<Said, DeskError> {
        let Some(ticket) = self.stores().tickets.ticket(tenant.id, ticket).await? else {
            return Ok(Said::Nothing);
        };
        let message = self.stores().messages.message(tenant.id, ticket.id, message).await?;
        let Some(message) = message else {
            return Ok(Said::Nothing);
        };
        Ok(self.ticket_letter(kind, tenant, &ticket, &[message]).await?.into())
    }

    /// The ticket, what was written from `first` on until the next letter under the same key
    /// begins, and nothing when any of it is gone.
    async fn gathered(
        &self,
        tenant: TenantId,
        delivery: &Delivery,
        ticket: TicketId,
        first: MessageId,
        side: Side,
    ) -> Result<Option<(Ticket, Vec<Message>)>, DeskError> {
        let Some(ticket) = self.stores().tickets.ticket(tenant, ticket).await? else {
            return Ok(None);
        };
        let Some(first) = self.stores().messages.message(tenant, ticket.id, first).await? else {
            return Ok(None);
        };
        // The messages first: whatever is among them and belongs to a later letter came with it
        // in one commit, so that the later letter is found below.
        let written = self.written_since(tenant, &ticket, side, first.seq, None).await?;
        let before = self.begin_of_next(tenant, delivery, &ticket).await?;
        let written = written
            .into_iter()
            .filter(|message| before.is_none_or(|before| message.seq < before))
            .collect();
        Ok(Some((ticket, written)))
    }

    async fn begin_of_next(
        &self,
        tenant: TenantId,
        delivery: &Delivery,
        ticket: &Ticket,
    ) -> Result<Option<u64>, DeskError> {
        let Some(key) = &delivery.key else {
            return Ok(None);
        };
        let same = self.stores().owed.deliveries_with_key(tenant, key, LOOKED_AT).await?;
        let later = same
            .iter()
            .rev()
            .find(|other| (other.created_at, other.id) > (delivery.created_at, delivery.id));
        let first = match later.map(|later| &later.notice) {
            Some(
                Notice::OfflineDigest { first, .. }
                | Notice::AgentReplied { first, .. }
                | Notice::CustomerReplied { first, .. },
            ) => *first,
            _ => return Ok(None),
        };
        let first = self.stores().messages.message(tenant, ticket.id, first).await?;
        Ok(first.map(|message| message.seq))
    }

    async fn say_digest(
        &self,
        tenant: &Tenant,
        delivery: &Delivery,
        ticket: TicketId,
        first: MessageId,
    ) -> Result<Said, DeskError> {
        if let Some(earliest) = self.next_digest_at(tenant.id, delivery).await?
            && earliest > self.now()
        {
            return Ok(Said::Later(earliest));
        }
        let gathered = self
            .gathered(tenant.id, delivery, ticket, first, Side::Customer)
            .await?;
        let Some((ticket, written)) = gathered else {
            return Ok(Said::Nothing);
        };
        // Whoever has come since sees to it.
        let is_waiting = matches!(ticket.state.status(), Status::Waiting | Status::Open);
        if !is_waiting || written.is_empty() {
            return Ok(Said::Nothing);
        }
        let mut letter = self
            .ticket_letter(LetterKind::OfflineDigest, tenant, &ticket, &written)
            .await?;
        letter.unsubscribe = Some(self.unsubscribe_link(tenant.id, &delivery.recipient));
        Ok(letter.into())
    }

    async fn next_digest_at(&self, tenant: TenantId, delivery: &Delivery) -> Result<Option<Timestamp>, DeskError> {
        let Some(key) = &delivery.key else {
            return Ok(None);
        };
        let same = self.stores().owed.deliveries_with_key(tenant, key, LOOKED_AT).await?;
        let sent = same.iter().filter(|other| other.status == DeliveryStatus::Sent);
        let last = sent.filter_map(|sent| sent.sent_at).max();
        Ok(last.map(|at| at.plus(self.outbound().settings.digest_interval)))
    }

    async fn say_replies(
        &self,
        tenant: &Tenant,
        delivery: &Delivery,
        ticket: TicketId,
        first: MessageId,
    ) -> Result<Said, DeskError> {
        let gathered = self.gathered(tenant.id, delivery, ticket, first, Side::Agents).await?;
        let Some((ticket, written)) = gathered else {
            return Ok(Said::Nothing);
        };
        let read = ticket.thread.read_by(Side::Customer);
        let unread: Vec<Message> = written.into_iter().filter(|message| message.seq > read).collect();
        let Some(last) = unread.last() else {
            return Ok(Said::Nothing);
        };
        let delay = self.outbound().settings.reply_delay;
        let silent_at = last.created_at.plus(delay);
        if silent_at > self.now() {
            return Ok(Said::Later(silent_at));
        }
        let customer = ticket.requester.customer();
        if self.requester_is_connected(tenant.id, ticket.id, customer).await {
            return Ok(Said::Later(self.now().plus(delay)));
        }
        let letter = self
            .ticket_letter(LetterKind::AgentReplied, tenant, &ticket, &unread)
            .await?;
        Ok(letter.into())
    }

    async fn say_questions(
        &self,
        tenant: &Tenant,
        delivery: &Delivery,
        ticket: TicketId,
        first: MessageId,
        agent: AgentId,
    ) -> Result<Said, DeskError> {
        let gathered = self
            .gathered(tenant.id, delivery, ticket, first, Side::Customer)
            .await?;
        let Some((ticket, written)) = gathered else {
            return Ok(Said::Nothing);
        };
        let read = ticket.thread.read_by(Side::Agents);
        let unread: Vec<Message> = written.into_iter().filter(|message| message.seq > read).collect();
        let is_theirs = ticket.assignee() == Some(agent) && ticket.state.status().is_unfinished();
        if unread.is_empty() || !is_theirs || self.agent_is_online(tenant.id, agent).await? {
            return Ok(Said::Nothing);
        }
        let letter = self
            .ticket_letter(LetterKind::CustomerReplied, tenant, &ticket, &unread)
            .await?;
        Ok(letter.into())
    }

    async fn say_callback(
        &self,
        tenant: &Tenant,
        callback: CallbackId,
        kind: LetterKind,
        copies: &[String],
    ) -> Result<Said, DeskError> {
        let Some(callback) = self.stores().callbacks.callback(tenant.id, callback).await? else {
            return Ok(Said::Nothing);
        };
        let is_moot = matches!(kind, LetterKind::CallbackReminder | LetterKind::CallbackOverdue)
            && !callback.status.is_unfinished();
        if is_moot {
            return Ok(Said::Nothing);
        }
        let mut letter = self.callback_letter(kind, tenant, &callback).await?;
        letter.copies = copies.to_vec();
        Ok(letter.into())
    }

    async fn say_reset(&self, tenant: &Tenant, principal: Principal, expires_at: Timestamp) -> Result<Said, DeskError> {
        let account = self.stores().accounts.account(tenant.id, principal).await?;
        let Some(account) = account.filter(|_| expires_at > self.now()) else {
            return Ok(Said::Nothing);
        };
        let token = self.reset_token(tenant.id, &account, expires_at);
        let name = self.name_of(tenant.id, principal).await?;
        Ok(self.reset_letter(tenant, name, &token, expires_at).into())
    }

    async fn say_event(&self, id: TenantId, tenant: &Tenant, webhook: WebhookId, seq: u64) -> Result<Said, DeskError> {
        let after = seq.saturating_sub(1);
        let events = self
            .stores()
            .events
            .events(id, after, &EventFilter::default(), 1)
            .await?;
        let Some(event) = events.into_iter().find(|event| event.seq == seq) else {
            tracing::warn!(tenant = %id, %webhook, seq, "an entry of the journal is gone before it was told");
            return Ok(Said::Nothing);
        };
        let mut letter = self.bare_letter(LetterKind::JournalEvent, tenant);
        letter.event = Some(self.event_view(id, &event).await?);
        Ok(letter.into())
    }

    /// A text that lets whoever has it choose another password for an account, once: it is good
    /// only while the present password is.
    pub(in crate::desk) fn reset_token(
        &self,
        tenant: TenantId,
        account: &crate::model::Account,
        expires_at: Timestamp,
    ) -> String {
        let (kind, id) = match account.principal {
            Principal::Agent(agent) => ("agent", agent.uuid()),
            Principal::Customer(customer) => ("customer", customer.uuid()),
        };
        let parts = [
            tenant.to_string(),
            kind.to_owned(),
            id.to_string(),
            expires_at.millis().to_string(),
            account.password_mark(),
        ];
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        self.outbound().links.sign(Purpose::PasswordReset, &parts)
    }

    /// A text that says `parts` and is signed for this purpose.
    pub(in crate::desk) fn signed(&self, purpose: Purpose, parts: &[&str]) -> String {
        self.outbound().links.sign(purpose, parts)
    }

    /// What a signed text says, if it was signed here for this purpose.
    pub(in crate::desk) fn signed_parts(&self, purpose: Purpose, token: &str) -> Option<Vec<String>> {
        self.outbound().links.verify(purpose, token)
    }

    /// A mark that only this installation can make.
    pub(in crate::desk) fn signed_mark(&self, purpose: Purpose, about: &str) -> String {
        self.outbound().links.mark(purpose, about)
    }
}
