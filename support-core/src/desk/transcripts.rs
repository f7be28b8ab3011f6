//! What was said, by mail and as a file.

use std::time::Duration;

use super::{Desk, DeskError, Scope, lookup::TicketRef, outbound::display_name};
use crate::{
    change::ChangeSet,
    model::{Channel, EventBody, Input, Notice, Transcript},
};

/// The most transcripts of one ticket in the time below, whoever asks for them: each may go to an
/// address whose owner never asked.
const MOST_TRANSCRIPTS: u32 = 3;
const COUNTED_FOR: Duration = Duration::from_secs(60 * 60);

/// The most messages of a transcript that is kept as a file, the last ones.
const MOST_MESSAGES: u64 = 5_000;
/// Messages read from a thread at once.
const READ_AT_ONCE: u32 = 500;

impl Desk {
    /// What was said in a conversation for its customer or visitor to see: for them, and for agents
    /// who see it. Who asks holds what opens the conversation, so that nothing of it is kept from
    /// them as it is from an address that somebody named.
    ///
    /// # Errors
    /// [`DeskError::NotFound`].
    pub async fn transcript(&self, scope: &Scope, ticket: impl Into<TicketRef>) -> Result<Transcript, DeskError> {
        let ticket = self.ticket(scope, ticket).await?;
        let tenant = self.tenant_of(scope).await?;
        let before = ticket.thread.last_seq.saturating_sub(MOST_MESSAGES);
        let mut said = Vec::new();
        let mut after = before;
        while after < ticket.thread.last_seq {
            let messages = &self.stores().messages;
            let read = messages
                .messages(tenant.id, ticket.id, after, READ_AT_ONCE, false)
                .await?;
            let Some(last) = read.last() else { break };
            after = last.seq;
            said.extend(read);
        }
        Ok(Transcript {
            company: display_name(&tenant),
            timezone: tenant.timezone,
            ticket,
            messages: said,
            earlier_messages: before,
        })
    }

    /// Mails what was said in a conversation, without notes, to one address. Its customer or
    /// visitor may ask for it, and agents who see it.
    ///
    /// # Errors
    /// [`DeskError::Invalid`] when it is no address, [`DeskError::NotFound`],
    /// [`DeskError::Conflict`] when no mail can be sent, [`DeskError::RateLimited`].
    pub async fn send_transcript(
        &self,
        scope: &Scope,
        ticket: impl Into<TicketRef>,
        email: &str,
    ) -> Result<(), DeskError> {
        let ticket = self.ticket(scope, ticket).await?;
        self.refuse_blocked(scope, None, ticket.contact.email.as_deref())
            .await?;
        let mut input = Input::new();
        let email = input.email("email", email);
        input.finish()?;
        self.note_access(scope, EventBody::TranscriptTaken { ticket: ticket.id })
            .await?;
        let tenant = self.tenant_of(scope).await?;
        if !self.has_route(&tenant, Channel::Email) {
            return Err(DeskError::Conflict("no mail can be sent: it is not set up".to_owned()));
        }
        let hour = i64::try_from(COUNTED_FOR.as_millis()).unwrap_or(i64::MAX);
        let now = self.now();
        let slot = now.millis().div_euclid(hour);
        let owed = &self.stores().owed;
        for place in 0..MOST_TRANSCRIPTS {
            let key = format!("transcript:{}:{slot}:{place}", ticket.id);
            let taken = owed.deliveries_with_key(scope.tenant(), &key, 1).await?;
            if taken.is_empty() {
                let (key, email) = (&key, &email);
                self.decide(scope, || async move {
                    let mut change = ChangeSet::new(scope, now);
                    let mail = self.mail_to(email.clone(), Notice::Transcript { ticket: ticket.id });
                    change.owe(mail.about(ticket.id).gathering(key.clone(), Duration::ZERO));
                    self.commit(change).await
                })
                .await?;
            }
            // Somebody else's may have taken the place at the same moment.
            let taken = owed.deliveries_with_key(scope.tenant(), &key, 1).await?;
            if taken
                .iter()
                .any(|mail| mail.recipient == email && mail.created_at >= now)
            {
                return Ok(());
            }
            if taken.is_empty() {
                // The same request came before, and its mail went then.
                return Ok(());
            }
        }
        let wait = (slot + 1).saturating_mul(hour).saturating_sub(now.millis());
        Err(DeskError::RateLimited {
            retry_after: Duration::from_millis(wait.max(1).unsigned_abs()),
        })
    }
}
