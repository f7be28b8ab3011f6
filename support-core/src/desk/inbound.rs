//! What comes in over channels that others run: Messenger, Telegram.

use serde_json::json;

use super::{
    Desk, DeskError, NewMessage, NewTicket, NewTicketRequester, Rule, Scope, Speaker, TicketRef, outbound::Purpose,
    retry::Attempt,
};
use crate::{
    change::{ChangeSet, ORIGIN, RequestKey},
    model::{
        Actor, Caller, Contact, Inbox, InboxId, InboxKind, LONGEST_MESSAGE, LONGEST_NAME, Requester, Secret, Side,
        Status, Tenant, TenantId, Ticket, TicketChannel, Timestamp,
    },
    ports::{PageRequest, RecordOrder},
};

/// Something that somebody wrote on a channel.
#[derive(Debug, Clone)]
pub struct InboundMessage {
    /// The entry point it came through.
    pub inbox: InboxId,
    /// The channel.
    pub channel: TicketChannel,
    /// Who it is there: a page's user, a chat.
    pub session: String,
    /// Their name there, where it is known.
    pub sender_name: Option<String>,
    /// What the channel calls this message, by which a repeat is known.
    pub external_id: String,
    /// The words; what is too long is cut.
    pub content: String,
}

/// Messages looked at to find those that a mark in time speaks of.
const LOOKED_AT: u32 = 200;
/// Tenants looked at at once to find one by its page.
const TENANTS_AT_ONCE: u32 = 100;

impl Desk {
    /// The tenant's entry point of a channel, which is made when it is first asked for.
    ///
    /// # Errors
    /// [`DeskError`] when it can't be made.
    pub async fn channel_inbox(&self, tenant: TenantId, kind: InboxKind) -> Result<Inbox, DeskError> {
        match self.default_inbox(tenant, kind).await {
            Err(DeskError::NotFound) => {}
            found => return found,
        }
        let name = match kind {
            InboxKind::Messenger => "Messenger",
            InboxKind::Telegram => "Telegram",
            InboxKind::Widget => "Website",
            InboxKind::Chatbot => "Chatbot",
            InboxKind::Api => "API",
        };
        let now = self.now();
        let inbox = Inbox {
            // Whoever asks at the same moment makes the same one.
            id: InboxId::new(self.derived_id(&format!("inbox {tenant} {kind}"))),
            kind,
            name: name.to_owned(),
            admin_email: None,
            allowed_origins: Vec::new(),
            is_active: true,
            version: 0,
            created_at: now,
            updated_at: now,
        };
        let scope = &Scope::system(tenant);
        let mut change = ChangeSet::new(scope, now);
        change.put_inbox(inbox);
        match self.commit(change).await {
            Ok(_) | Err(Attempt::Again(_)) => self.default_inbox(tenant, kind).await,
            Err(Attempt::Failed(error)) => Err(error),
        }
    }

    /// The same id for the same text, at every node with the same key.
    fn derived_id(&self, text: &str) -> uuid::Uuid {
        let mark = self.signed_mark(Purpose::MailThread, text);
        let bytes = hex::decode(mark).unwrap_or_default();
        bytes.try_into().map_or_else(
            |_| self.ids().uuid(),
            |bytes| uuid::Builder::from_random_bytes(bytes).into_uuid(),
        )
    }

    /// What proves that a call for a tenant's bot comes from Telegram.
    #[must_use]
    pub fn telegram_webhook_secret(&self, tenant: &Tenant, inbox: InboxId) -> Secret {
        let own = tenant.settings.telegram.webhook_secret.as_ref();
        let own = own.and_then(|sealed| self.vault().open(tenant.id, sealed));
        own.unwrap_or_else(|| Secret::presented(self.signed_mark(Purpose::TelegramWebhook, &inbox.to_string())))
    }

    /// The tenant and entry point that a call from Telegram names, whoever calls.
    ///
    /// # Errors
    /// [`DeskError::NotFound`].
    pub async fn telegram_inbox(&self, inbox: InboxId) -> Result<(Tenant, Inbox), DeskError> {
        let tenant = self.stores().tenants.tenant_of_inbox(inbox).await?;
        let tenant = tenant.filter(|tenant| tenant.is_active).ok_or(DeskError::NotFound)?;
        let found = self.stores().inboxes.inbox(tenant.id, inbox).await?;
        let found = found.filter(|found| found.kind == InboxKind::Telegram && found.is_active);
        Ok((tenant, found.ok_or(DeskError::NotFound)?))
    }

    /// The open tenants that name a Messenger page as theirs, each with what would prove that a
    /// call about it comes from Messenger. Only whose secret does is the page's.
    ///
    /// # Errors
    /// [`DeskError`] when the store can't be asked.
    pub async fn tenants_of_page(&self, page: &str) -> Result<Vec<(Tenant, Secret)>, DeskError> {
        let mut tenants = self.stores().tenants.tenants_by_messenger_page(page).await?;
        let installations = self.tenant_with_installations_page(page).await?;
        if let Some(tenant) = installations.filter(|own| tenants.iter().all(|tenant| tenant.id != own.id)) {
            tenants.push(tenant);
        }
        let with_secret = |tenant: Tenant| {
            let secret = self.messenger_app_secret(&tenant)?;
            Some((tenant, secret))
        };
        Ok(tenants.into_iter().filter_map(with_secret).collect())
    }

    /// The tenant whose page the installation's settings name, if it is this one.
    async fn tenant_with_installations_page(&self, page: &str) -> Result<Option<Tenant>, DeskError> {
        let channels = &self.outbound_settings().channels;
        if channels.messenger_page_id.as_deref() != Some(page) {
            return Ok(None);
        }
        let own = self.stores().tenants.tenant_by_slug(&channels.own_tenant).await?;
        Ok(own.filter(|own| own.is_active && self.messenger_page(own).as_deref() == Some(page)))
    }

    /// Whether the set-up call of a Messenger page knows a tenant's verify token. Compared by hash,
    /// which takes the same time whatever was guessed.
    ///
    /// # Errors
    /// [`DeskError`] when the store can't be asked.
    pub async fn knows_verify_token(&self, token: &str) -> Result<bool, DeskError> {
        let given = Secret::presented(token).hash();
        let found = self.find_tenant(|tenant| {
            let expected = self.messenger_verify_token(tenant)?;
            (expected.hash() == given).then_some(())
        });
        Ok(found.await?.is_some())
    }

    async fn find_tenant<T>(&self, wanted: impl Fn(&Tenant) -> Option<T>) -> Result<Option<(Tenant, T)>, DeskError> {
        let mut number = 1;
        loop {
            let limit = TENANTS_AT_ONCE;
            let request = PageRequest { number, limit };
            let page = self
                .stores()
                .tenants
                .tenants(RecordOrder::OLDEST_FIRST, request)
                .await?;
            let is_last = page.items.len() < usize::try_from(limit).unwrap_or(usize::MAX);
            for tenant in page.items.into_iter().filter(|tenant| tenant.is_active) {
                if let Some(found) = wanted(&tenant) {
                    return Ok(Some((tenant, found)));
                }
            }
            if is_last {
                return Ok(None);
            }
            number += 1;
        }
    }

    /// Takes in what somebody wrote on a channel: it continues their conversation, or opens one.
    /// What came before is not taken again.
    ///
    /// # Errors
    /// [`DeskError`] when it can't be stored; it may be sent again then.
    pub async fn receive(&self, tenant: TenantId, message: InboundMessage) -> Result<Ticket, DeskError> {
        let InboundMessage {
            inbox,
            channel,
            session,
            sender_name,
            external_id,
            content,
        } = message;
        let request = request_key(inbox, &external_id);
        let words = NewMessage {
            content: fitting(&content),
            client_id: Some(external_id),
            ..NewMessage::default()
        };
        let latest = self
            .stores()
            .tickets
            .latest_ticket_of_session(tenant, inbox, &session)
            .await?;
        if let (Some(ticket), true) = (&latest, self.was_taken(tenant, &request).await?) {
            return Ok(ticket.clone());
        }
        if let Some(ticket) = &latest {
            let caller = Caller {
                requester: Some(ticket.requester),
                ..Caller::default()
            };
            // Who is kept out is not heard, and the provider need not try again.
            if self.is_blocked(tenant, caller).await? {
                return Ok(ticket.clone());
            }
        }
        if let Some(ticket) = latest.clone().filter(|ticket| ticket.state.status() != Status::Closed) {
            match self
                .continue_conversation(tenant, &ticket, words.clone(), &request)
                .await
            {
                // Somebody closed it at this very moment.
                Err(DeskError::Refused(Rule::TicketClosed)) => {}
                done => return done.map(|()| ticket),
            }
        }
        let contact = Contact {
            name: sender_name.map(|name| line(&name)).filter(|name| !name.is_empty()),
            ..Contact::default()
        };
        let requester = match &latest {
            Some(before) => known_requester(before, contact),
            None => NewTicketRequester::Visitor(contact),
        };
        let mut new = NewTicket::new(inbox, channel, requester);
        new.session = Some(session);
        new.message = Some(words.clone());
        new.metadata = latest.map(|before| json!({ "previousTicket": before.human_number() }));
        let scope = Scope::new(tenant, Actor::Anyone).once(request.clone());
        let opened = self.open_ticket(&scope, new).await?;
        if opened.is_existing {
            self.continue_conversation(tenant, &opened.ticket, words, &request)
                .await?;
        }
        Ok(opened.ticket)
    }

    /// Whether this message came in before, perhaps in an earlier conversation.
    async fn was_taken(&self, tenant: TenantId, request: &RequestKey) -> Result<bool, DeskError> {
        let taken = self.stores().requests.request(tenant, &request.key).await?;
        Ok(taken.is_some())
    }

    async fn continue_conversation(
        &self,
        tenant: TenantId,
        ticket: &Ticket,
        words: NewMessage,
        request: &RequestKey,
    ) -> Result<(), DeskError> {
        let actor = Actor::Visitor {
            requester: ticket.requester,
            ticket: ticket.id,
        };
        let scope = Scope::new(tenant, actor).once(request.clone());
        self.post(&scope, ticket.id, words, Speaker::Own).await?;
        Ok(())
    }

    /// Takes in what the team answered on the channel itself, outside of this desk. Nothing
    /// happens when there is no conversation that goes on.
    ///
    /// # Errors
    /// As [`receive`](Self::receive).
    pub async fn receive_answer(&self, tenant: TenantId, message: InboundMessage) -> Result<(), DeskError> {
        let request = request_key(message.inbox, &message.external_id);
        if self.was_taken(tenant, &request).await? {
            return Ok(());
        }
        let latest = self
            .stores()
            .tickets
            .latest_ticket_of_session(tenant, message.inbox, &message.session)
            .await?;
        let Some(ticket) = latest.filter(|ticket| ticket.state.status() != Status::Closed) else {
            return Ok(());
        };
        let origin = message.channel.to_string();
        let answer = TeamAnswer {
            content: message.content,
            sender_name: message.sender_name,
            request,
            external_id: message.external_id,
            origin: Some(origin),
        };
        self.answer_for_team(tenant, ticket.id.into(), answer).await
    }

    /// Takes in what somebody of the team answered to an alert in the team's own chat.
    ///
    /// # Errors
    /// As [`receive`](Self::receive); [`DeskError::NotFound`] when there is no such ticket.
    pub async fn receive_team_reply(
        &self,
        tenant: TenantId,
        ticket: TicketRef,
        message: InboundMessage,
    ) -> Result<(), DeskError> {
        let answer = TeamAnswer {
            content: message.content,
            sender_name: message.sender_name,
            request: request_key(message.inbox, &message.external_id),
            external_id: message.external_id,
            origin: None,
        };
        self.answer_for_team(tenant, ticket, answer).await
    }

    async fn answer_for_team(&self, tenant: TenantId, ticket: TicketRef, answer: TeamAnswer) -> Result<(), DeskError> {
        let scope = Scope::system(tenant).once(answer.request);
        let words = NewMessage {
            content: fitting(&answer.content),
            client_id: Some(answer.external_id),
            metadata: answer.origin.map(|origin| json!({ ORIGIN: origin })),
            sender_name: answer
                .sender_name
                .map(|name| line(&name))
                .filter(|name| !name.is_empty()),
            ..NewMessage::default()
        };
        self.post(&scope, ticket, words, Speaker::Team).await?;
        Ok(())
    }

    /// The requester's device has, or they have read, everything up to a moment.
    ///
    /// # Errors
    /// [`DeskError`] when it can't be stored.
    pub async fn mark_up_to(
        &self,
        tenant: TenantId,
        inbox: InboxId,
        session: &str,
        until: Timestamp,
        is_read: bool,
    ) -> Result<(), DeskError> {
        let latest = self
            .stores()
            .tickets
            .latest_ticket_of_session(tenant, inbox, session)
            .await?;
        let Some(ticket) = latest else {
            return Ok(());
        };
        let after = ticket.thread.last_seq.saturating_sub(u64::from(LOOKED_AT));
        let messages = self
            .stores()
            .messages
            .messages(tenant, ticket.id, after, LOOKED_AT, false)
            .await?;
        let seen = messages
            .iter()
            .filter(|message| message.side() == Some(Side::Agents) && message.created_at <= until);
        let Some(up_to) = seen.map(|message| message.seq).max() else {
            return Ok(());
        };
        let actor = Actor::Visitor {
            requester: ticket.requester,
            ticket: ticket.id,
        };
        let scope = &Scope::new(tenant, actor);
        if is_read {
            self.mark_read(scope, ticket.id, up_to).await?;
            return Ok(());
        }
        let ticket = &ticket;
        self.decide(scope, || async move {
            let mut change = ChangeSet::new(scope, self.now());
            change.tell_delivered(ticket, up_to);
            self.commit(change).await
        })
        .await?;
        Ok(())
    }

    /// Whether a chat is the team's own, in which alerts are answered.
    #[must_use]
    pub fn is_team_chat(&self, tenant: &Tenant, chat: &str) -> bool {
        self.telegram_chat(tenant).as_deref() == Some(chat)
    }
}

struct TeamAnswer {
    content: String,
    sender_name: Option<String>,
    external_id: String,
    request: RequestKey,
    origin: Option<String>,
}

/// Channels repeat themselves: the same message again is the same request again.
fn request_key(inbox: InboxId, external_id: &str) -> RequestKey {
    let key = Secret::presented(format!("inbound {inbox} {external_id}")).hash();
    RequestKey {
        fingerprint: key.clone(),
        key,
    }
}

/// Words that a thread can hold, whatever a channel sends.
fn fitting(content: &str) -> String {
    let allowed = |character: &char| !character.is_control() || matches!(character, '\t' | '\n' | '\r');
    let words: String = content.trim().chars().filter(allowed).take(LONGEST_MESSAGE).collect();
    if words.trim().is_empty() {
        "(a message without words)".to_owned()
    } else {
        words
    }
}

fn line(text: &str) -> String {
    let text: String = text.chars().filter(|character| !character.is_control()).collect();
    text.trim().chars().take(LONGEST_NAME).collect()
}

/// Who opened the earlier conversation opens this one.
pub(super) fn known_requester(before: &Ticket, contact: Contact) -> NewTicketRequester {
    let contact = Contact {
        name: contact.name.or_else(|| before.contact.name.clone()),
        email: before.contact.email.clone(),
        phone: before.contact.phone.clone(),
    };
    match before.requester {
        Requester::Visitor(visitor) => NewTicketRequester::KnownVisitor(visitor, contact),
        Requester::Customer(customer) if before.access.is_some() => {
            NewTicketRequester::CustomerInWidget(customer, contact)
        }
        Requester::Customer(customer) => NewTicketRequester::Customer(customer, contact),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_channel_sends_fits_into_a_thread() {
        assert_eq!(fitting(" a\u{0}b\u{7}\n"), "ab");
        assert_eq!(fitting("\u{0}"), "(a message without words)");
        assert_eq!(fitting(&"ä".repeat(9_000)).chars().count(), LONGEST_MESSAGE);
        assert_eq!(line("Mara\r\nBcc: x"), "MaraBcc: x");
    }

    #[test]
    fn a_repeat_is_known_by_entry_point_and_id() {
        let inbox = |number| InboxId::new(uuid::Uuid::from_u128(number));
        assert_eq!(request_key(inbox(1), "m"), request_key(inbox(1), "m"));
        assert_ne!(request_key(inbox(1), "m"), request_key(inbox(2), "m"));
    }
}
