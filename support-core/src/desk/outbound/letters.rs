//! Putting letters together from what is stored.

use std::time::Duration;

use super::{
    Purpose,
    routes::display_name,
    views::{message_view, tenant_view},
};
use crate::{
    desk::{Desk, DeskError},
    model::{AgentId, Callback, Channel, Message, Principal, Side, Tenant, TenantId, Ticket, TicketId, Timestamp},
    ports::{Letter, LetterKind, MailThread},
};

/// The most messages that one letter quotes.
const MOST_QUOTED: usize = 50;
/// The most messages of a transcript.
const MOST_TRANSCRIBED: usize = 100;
/// How many messages of a thread are looked at for one letter.
const LOOKED_AT: u32 = 500;
/// How long a mailed link into a conversation opens it.
const LINK_VALID: Duration = Duration::from_secs(30 * 24 * 60 * 60);

impl Desk {
    /// A letter that says nothing yet.
    pub(super) fn bare_letter(&self, kind: LetterKind, tenant: &Tenant) -> Letter {
        Letter {
            kind,
            tenant: tenant_view(tenant),
            recipient_name: None,
            copies: Vec::new(),
            ticket: None,
            messages: Vec::new(),
            earlier_messages: 0,
            callback: None,
            event: None,
            link: None,
            unsubscribe: None,
            thread: None,
            channel: None,
            problem: None,
            expires_at: None,
        }
    }

    /// A letter about a ticket, which quotes `messages`.
    pub(super) async fn ticket_letter(
        &self,
        kind: LetterKind,
        tenant: &Tenant,
        ticket: &Ticket,
        messages: &[Message],
    ) -> Result<Letter, DeskError> {
        let most = if kind == LetterKind::Transcript {
            MOST_TRANSCRIBED
        } else {
            MOST_QUOTED
        };
        let left_out = messages.len().saturating_sub(most);
        let quoted = messages.iter().skip(left_out);
        let is_to_requester = matches!(kind, LetterKind::AgentReplied | LetterKind::RequestConfirmed);
        let link = if is_to_requester {
            self.conversation_link(tenant.id, ticket.id)
        } else {
            self.console_link(&format!("ticket={}", ticket.id))
        };
        let mark = self.outbound().links.mark(Purpose::MailThread, &ticket.id.to_string());
        Ok(Letter {
            recipient_name: ticket.contact.name.clone().filter(|_| is_to_requester),
            ticket: Some(self.ticket_view(tenant, ticket).await?),
            messages: quoted.map(|message| message_view(message, tenant.timezone)).collect(),
            earlier_messages: u64::try_from(left_out).unwrap_or(u64::MAX),
            link: Some(link),
            thread: Some(MailThread {
                root: format!("ticket.{mark}"),
                is_root: kind == LetterKind::RequestConfirmed,
            }),
            ..self.bare_letter(kind, tenant)
        })
    }

    /// A letter with what was said for all to see. Without a way into the conversation, since it
    /// goes to whatever address was named. A visitor may have named somebody else's, who is to get
    /// no stranger's words by us: those are left out until a person of the team took part.
    pub(super) async fn transcript_letter(&self, tenant: &Tenant, ticket: &Ticket) -> Result<Letter, DeskError> {
        let after = ticket.thread.last_seq.saturating_sub(u64::from(LOOKED_AT));
        let messages = &self.stores().messages;
        let said = messages.messages(tenant.id, ticket.id, after, LOOKED_AT, false).await?;
        let is_proven = is_proven(ticket);
        let shown = |message: &&Message| is_proven || message.side() != Some(Side::Customer);
        let quoted: Vec<Message> = said.iter().filter(shown).cloned().collect();
        let mut letter = self
            .ticket_letter(LetterKind::Transcript, tenant, ticket, &quoted)
            .await?;
        // What a chat is about are its first words.
        if let Some(shown) = letter.ticket.as_mut().filter(|_| !is_proven) {
            shown.subject = harmless_subject(tenant);
        }
        Ok(Letter {
            earlier_messages: letter.earlier_messages.saturating_add(after),
            link: None,
            thread: None,
            ..letter
        })
    }

    /// A letter that asks how somebody was helped. Its link leads to the page that asks; with
    /// `&rating=` and a number of stars behind it, those are chosen already.
    pub(super) async fn rating_letter(&self, tenant: &Tenant, ticket: &Ticket) -> Result<Letter, DeskError> {
        let mut letter = self
            .ticket_letter(LetterKind::RatingRequested, tenant, ticket, &[])
            .await?;
        if let Some(shown) = letter.ticket.as_mut().filter(|_| !is_proven(ticket)) {
            shown.subject = harmless_subject(tenant);
        }
        let token = self.rating_token(tenant.id, ticket);
        let public_url = &self.outbound().settings.public_url;
        Ok(Letter {
            recipient_name: ticket.contact.name.clone().filter(|_| is_proven(ticket)),
            link: Some(format!("{public_url}/rate#token={token}")),
            ..letter
        })
    }

    /// A letter about a callback.
    pub(super) async fn callback_letter(
        &self,
        kind: LetterKind,
        tenant: &Tenant,
        callback: &Callback,
    ) -> Result<Letter, DeskError> {
        Ok(Letter {
            callback: Some(self.callback_view(tenant, callback).await?),
            link: Some(self.console_link(&format!("callback={}", callback.id))),
            ..self.bare_letter(kind, tenant)
        })
    }

    /// A letter with a way to choose another password.
    pub(super) fn reset_letter(
        &self,
        tenant: &Tenant,
        name: Option<String>,
        token: &str,
        expires_at: Timestamp,
    ) -> Letter {
        let public_url = &self.outbound().settings.public_url;
        Letter {
            recipient_name: name,
            link: Some(format!("{public_url}/reset-password#token={token}")),
            expires_at: Some(expires_at.shown(tenant.timezone)),
            ..self.bare_letter(LetterKind::PasswordReset, tenant)
        }
    }

    /// A letter about something that doesn't work.
    pub(super) fn trouble_letter(&self, kind: LetterKind, tenant: &Tenant, channel: Channel, problem: &str) -> Letter {
        Letter {
            channel: Some(channel.to_string()),
            problem: Some(problem.to_owned()),
            link: Some(self.console_link("settings")),
            ..self.bare_letter(kind, tenant)
        }
    }

    fn console_link(&self, fragment: &str) -> String {
        format!("{}/console#{fragment}", self.outbound().settings.public_url)
    }

    /// Straight into a conversation, without logging in, for whoever got the mail. In the
    /// fragment, which neither logs nor referrers see.
    fn conversation_link(&self, tenant: TenantId, ticket: TicketId) -> String {
        let until = self.now().plus(LINK_VALID).millis().to_string();
        let parts = [tenant.to_string(), ticket.to_string(), until];
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let token = self.outbound().links.sign(Purpose::Conversation, &parts);
        format!("{}/conversation#token={token}", self.outbound().settings.public_url)
    }

    /// The conversation that a mailed link opens, if it is good and not too old.
    pub(in crate::desk) fn conversation_of_link(&self, tenant: TenantId, token: &str) -> Option<TicketId> {
        let parts = self.outbound().links.verify(Purpose::Conversation, token)?;
        let [named, ticket, until] = parts.as_slice() else {
            return None;
        };
        let is_open = until.parse().is_ok_and(|until: i64| self.now().millis() < until);
        (is_open && *named == tenant.to_string())
            .then(|| ticket.parse().ok())
            .flatten()
    }

    /// What `side` wrote for others to see from `first` on, and up to `before` where another
    /// letter begins.
    pub(super) async fn written_since(
        &self,
        tenant: TenantId,
        ticket: &Ticket,
        side: Side,
        first: u64,
        before: Option<u64>,
    ) -> Result<Vec<Message>, DeskError> {
        let messages = self
            .stores()
            .messages
            .messages(tenant, ticket.id, first.saturating_sub(1), LOOKED_AT, false)
            .await?;
        Ok(messages
            .into_iter()
            .filter(|message| message.side() == Some(side) && before.is_none_or(|before| message.seq < before))
            .collect())
    }

    /// The first words of a ticket.
    pub(super) async fn opening_words(&self, tenant: TenantId, ticket: &Ticket) -> Result<Vec<Message>, DeskError> {
        let limit = u32::try_from(MOST_QUOTED).unwrap_or(u32::MAX);
        let messages = self
            .stores()
            .messages
            .messages(tenant, ticket.id, 0, limit, false)
            .await?;
        Ok(messages
            .into_iter()
            .filter(|message| message.side().is_some())
            .collect())
    }

    /// Whether an agent is there right now.
    pub(super) async fn agent_is_online(&self, tenant: TenantId, agent: AgentId) -> Result<bool, DeskError> {
        let presences = self.stores().presence.presences(tenant).await?;
        Ok(presences
            .iter()
            .any(|presence| presence.agent == agent && presence.is_online))
    }

    /// The name of whoever has an account.
    pub(super) async fn name_of(&self, tenant: TenantId, principal: Principal) -> Result<Option<String>, DeskError> {
        let people = &self.stores().people;
        Ok(match principal {
            Principal::Agent(agent) => people.agent(tenant, agent).await?.map(|agent| agent.name),
            Principal::Customer(customer) => people
                .customer(tenant, customer)
                .await?
                .and_then(|customer| customer.contact.name),
        })
    }

    /// A link by which `email` is told no more digests.
    pub(super) fn unsubscribe_link(&self, tenant: TenantId, email: &str) -> String {
        let token = self
            .outbound()
            .links
            .sign(Purpose::Unsubscribe, &[&tenant.to_string(), email]);
        format!("{}/unsubscribe?token={token}", self.outbound().settings.public_url)
    }
}

/// Whether the address that is named for a ticket need not be a stranger's: a visitor may have named
/// somebody else's, who is to get no stranger's words by us, until a person of the team took part.
pub(in crate::desk) fn is_proven(ticket: &Ticket) -> bool {
    ticket.requester.customer().is_some() || ticket.thread.first_response_at.is_some()
}

/// What a chat is about are its first words: this stands in their place where nobody is to read them.
pub(in crate::desk) fn harmless_subject(tenant: &Tenant) -> String {
    format!("Your conversation with {}", display_name(tenant))
}
