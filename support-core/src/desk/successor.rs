//! What somebody writes after their ticket was closed opens another one, which names the first.

use serde_json::json;

use super::{Desk, DeskError, NewMessage, NewTicket, Opened, Posted, Rule, Scope, Speaker, inbound::known_requester};
use crate::{
    change::RequestKey,
    model::{Input, Message, Secret, Side, Status, Ticket},
};

/// Messages at the end of a closed ticket in which a repeat is looked for.
const LOOKED_AT: u32 = 200;

/// Words that were accepted, in the ticket they were meant for or in the one that follows it.
#[derive(Debug)]
pub enum Continued {
    /// In the same ticket.
    Same(Box<Posted>),
    /// In a new one.
    Successor(Box<Opened>),
}

impl Desk {
    /// Adds a customer's or visitor's message to their ticket, or opens another ticket with it when
    /// that one is closed. The same message again, by its client id, opens no second one.
    ///
    /// # Errors
    /// As [`post`](Self::post) and [`open_ticket`](Self::open_ticket).
    pub async fn post_or_follow(
        &self,
        scope: &Scope,
        ticket: Ticket,
        message: NewMessage,
    ) -> Result<Continued, DeskError> {
        if ticket.state.status() != Status::Closed {
            let posted = self.post_to(scope, ticket.clone(), message.clone(), Speaker::Own).await;
            match posted {
                Err(DeskError::Refused(Rule::TicketClosed)) => {}
                posted => return posted.map(|posted| Continued::Same(Box::new(posted))),
            }
        }
        let mut input = Input::new();
        message.check(&mut input, "message");
        input.finish()?;
        if let Some(message) = self.said_before(scope, &ticket, &message).await? {
            let is_repeat = true;
            let posted = Posted {
                message,
                ticket,
                is_repeat,
            };
            return Ok(Continued::Same(Box::new(posted)));
        }
        let opened = self.open_successor(scope, &ticket, message).await?;
        Ok(Continued::Successor(Box::new(opened)))
    }

    /// The message, if it was accepted before its ticket was closed.
    async fn said_before(
        &self,
        scope: &Scope,
        ticket: &Ticket,
        message: &NewMessage,
    ) -> Result<Option<Message>, DeskError> {
        let Some(client_id) = message.client_id.as_deref().map(str::trim) else {
            return Ok(None);
        };
        let after = ticket.thread.last_seq.saturating_sub(u64::from(LOOKED_AT));
        let said = self.messages(scope, ticket, after, LOOKED_AT).await?;
        let is_same =
            |said: &Message| said.side() == Some(Side::Customer) && said.client_id.as_deref() == Some(client_id);
        Ok(said.into_iter().find(is_same))
    }

    async fn open_successor(&self, scope: &Scope, before: &Ticket, message: NewMessage) -> Result<Opened, DeskError> {
        let departments = self.stores().departments.departments(scope.tenant()).await?;
        let department = departments
            .into_iter()
            .find(|department| Some(department.id) == before.department && department.is_active);
        let request = message.client_id.as_deref().map(|client_id| {
            let key = Secret::presented(format!("successor {} {}", before.id, client_id.trim())).hash();
            RequestKey {
                fingerprint: key.clone(),
                key,
            }
        });
        let scope = scope.apart();
        let scope = match request {
            Some(request) => scope.once(request),
            None => scope,
        };
        let new = NewTicket {
            department: department.map(|department| department.slug),
            source: before.source,
            message: Some(message),
            metadata: Some(json!({ "previousTicket": before.human_number() })),
            follows: Some(before.id),
            ..NewTicket::new(
                before.inbox,
                before.channel,
                known_requester(before, before.contact.clone()),
            )
        };
        self.open_ticket(&scope, new).await
    }
}
