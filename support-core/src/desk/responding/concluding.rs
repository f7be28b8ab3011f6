//! Doing what the bot says, and ending its turn.

use serde_json::json;

use super::super::{assignment::chosen_for, opening::TRIES_TO_GIVE, presence::log_failure};
use crate::{
    change::ChangeSet,
    desk::{Desk, DeskError, Scope, retry::Attempt},
    model::{
        Actor, Agent, AssignmentSettings, Message, MessageId, MessageKind, Office, Revised, Revision, Sender,
        SenderKind, Status, TenantId, Ticket, TicketId,
    },
    ports::{Conversation, Next, Response},
};

/// Tickets that the bot has had for too long that are seen to in one round.
const HOLDS_AT_ONCE: u32 = 1_000;

impl Response {
    /// Of a bot that has no answer.
    pub(super) const fn silent() -> Self {
        Self {
            replies: Vec::new(),
            then: Next::HandOver { summary: None },
        }
    }
}

/// What the client ids of the answers to a question begin with: whoever dies right after an answer
/// gives it no second time.
pub(super) fn answer_mark(question: MessageId) -> String {
    format!("bot:{question}:")
}

/// Who is there to take over a ticket.
struct Takers {
    office: Office,
    /// Who gets it at once.
    chosen: Option<Agent>,
    settings: AssignmentSettings,
}

impl Desk {
    /// Says what the bot answered and does what it wants, all in one commit, if the ticket is still
    /// the bot's. Answers whether it was. What comes too late is not said: people take over.
    pub(super) async fn conclude(
        &self,
        tenant: TenantId,
        conversation: &Conversation,
        response: Response,
    ) -> Result<bool, DeskError> {
        let scope = &Scope::new(tenant, Actor::Bot);
        let response = &response;
        let mut tries = 0;
        let concluded = self
            .decide(scope, || {
                tries += 1;
                self.try_conclude(scope, conversation, response, tries <= TRIES_TO_GIVE)
            })
            .await;
        match concluded {
            // Its ticket was erased meanwhile.
            Err(DeskError::NotFound) => Ok(false),
            concluded => concluded,
        }
    }

    async fn try_conclude(
        &self,
        scope: &Scope,
        conversation: &Conversation,
        response: &Response,
        try_to_give: bool,
    ) -> Result<bool, Attempt> {
        let ticket = self.any_ticket(scope.tenant(), conversation.ticket.id.into()).await?;
        if ticket.held_for_bot_until.is_none() {
            return Ok(false);
        }
        let now = self.now();
        let late = Response::silent();
        let Response { replies, then } = if ticket.is_held_for_bot(now) { response } else { &late };
        let is_asked_more = self.is_asked_more(&ticket, conversation).await?;
        let mut revision = Revision::of(ticket, now);
        let (mut note, mut takers) = (None, None);
        match then {
            // What was asked meanwhile has its own time.
            Next::Stay if is_asked_more => {}
            Next::Stay => revision.hold_for_bot(now.plus(self.silence())),
            Next::HandOver { summary } => {
                note = summary.as_ref();
                let there = self.takers(scope, revision.ticket(), try_to_give).await?;
                let since = first_asked(&conversation.messages);
                revision.hand_over(since, there.office, there.chosen.is_some())?;
                takers = Some(there);
            }
            Next::Resolve => revision.set_status(Status::Resolved, None, None, false, Office::Staffed)?,
        }
        let mut change = ChangeSet::new(scope, now);
        let (ticket, revised) = finished(revision);
        let question = conversation.question.id;
        for (place, reply) in replies.iter().enumerate() {
            let id = format!("{}{place}", answer_mark(question));
            change.append(
                &ticket,
                self.bots_message(&change, &ticket, MessageKind::Text, reply, id),
            );
        }
        let told = self.put_revision(&mut change, revised);
        if let Some(note) = note {
            let id = format!("{}summary", answer_mark(question));
            change.append(
                &ticket,
                self.bots_message(&change, &ticket, MessageKind::Note, note, id),
            );
        }
        self.tell(&mut change, &ticket, told);
        match takers {
            Some(takers) => self.commit_handover(change, ticket, takers).await?,
            None => drop(self.commit(change).await?),
        }
        Ok(true)
    }

    /// Whether the customer has written since the bot was asked.
    async fn is_asked_more(&self, ticket: &Ticket, asked: &Conversation) -> Result<bool, DeskError> {
        if ticket.thread.last_seq == asked.ticket.thread.last_seq {
            return Ok(false);
        }
        let said = self.said_lately(asked.tenant, ticket).await?;
        let mut since = said.iter().filter(|message| message.seq > asked.question.seq);
        Ok(since.any(|message| message.sender.kind() == SenderKind::Customer))
    }

    fn bots_message(
        &self,
        change: &ChangeSet,
        ticket: &Ticket,
        kind: MessageKind,
        content: &str,
        client_id: String,
    ) -> Message {
        let name = self.responding().map(|responding| responding.settings.name.clone());
        Message {
            id: MessageId::new(self.ids().uuid()),
            ticket: ticket.id,
            seq: 0,
            sender: Sender::Bot,
            sender_name: name.unwrap_or_else(|| "Bot".to_owned()),
            kind,
            content: content.to_owned(),
            attachments: Vec::new(),
            client_id: Some(client_id),
            metadata: json!({}),
            created_at: change.at(),
        }
    }

    fn silence(&self) -> std::time::Duration {
        self.responding()
            .map(|responding| responding.settings.silence)
            .unwrap_or_default()
    }

    async fn takers(&self, scope: &Scope, ticket: &Ticket, try_to_give: bool) -> Result<Takers, DeskError> {
        let candidates = self.candidates(scope.tenant()).await?;
        let settings = self.tenant_of(scope).await?.settings.assignment;
        let chosen = chosen_for(ticket, &candidates, settings).filter(|_| try_to_give);
        Ok(Takers {
            office: self.office(scope.tenant(), ticket.department).await?,
            chosen: chosen.map(|candidate| candidate.agent.clone()),
            settings,
        })
    }

    /// Commits that a ticket is people's from now on, and gives it to whoever takes it at once.
    async fn commit_handover(&self, mut change: ChangeSet, ticket: Ticket, takers: Takers) -> Result<(), Attempt> {
        let tenant = change.tenant();
        let is_given = takers.chosen.is_some();
        if let Some(agent) = takers.chosen {
            self.give(&mut change, ticket, &agent, takers.settings)?;
        }
        self.commit(change).await?;
        if !is_given {
            self.assign_waiting_soon(tenant);
        }
        Ok(())
    }

    /// Hands over what the bot has had for too long: its node died, it could not keep up, or the
    /// customer said no more. Called again and again by the sweep.
    ///
    /// # Errors
    /// [`DeskError`] when the store can't be asked.
    pub async fn sweep_holds(&self) -> Result<(), DeskError> {
        let lapsed = self.stores().tickets.lapsed_holds(self.now(), HOLDS_AT_ONCE).await?;
        for (tenant, ticket) in lapsed {
            let scope = &Scope::system(tenant);
            let mut tries = 0;
            let ended = self
                .decide(scope, || {
                    tries += 1;
                    self.try_end_hold(scope, ticket, tries <= TRIES_TO_GIVE)
                })
                .await;
            log_failure(tenant, ended);
        }
        Ok(())
    }

    async fn try_end_hold(&self, scope: &Scope, ticket: TicketId, try_to_give: bool) -> Result<(), Attempt> {
        let tenant = scope.tenant();
        let ticket = self.any_ticket(tenant, ticket.into()).await?;
        let now = self.now();
        if ticket.held_for_bot_until.is_none() || ticket.is_held_for_bot(now) {
            return Ok(());
        }
        let said = self.said_lately(tenant, &ticket).await?;
        let is_answered = said.last().is_some_and(|last| last.sender.kind() == SenderKind::Bot);
        let resolves = self.responding().is_some_and(|own| own.settings.resolves_in_silence);
        let mut change = ChangeSet::new(scope, now);
        let mut revision = Revision::of(ticket, now);
        if is_answered && resolves {
            revision.set_status(Status::Resolved, None, None, false, Office::Staffed)?;
            let (ticket, revised) = finished(revision);
            let told = self.put_revision(&mut change, revised);
            self.tell(&mut change, &ticket, told);
            self.commit(change).await?;
            return Ok(());
        }
        let takers = self.takers(scope, revision.ticket(), try_to_give).await?;
        revision.hand_over(first_asked(&said), takers.office, takers.chosen.is_some())?;
        let (ticket, revised) = finished(revision);
        let told = self.put_revision(&mut change, revised);
        self.tell(&mut change, &ticket, told);
        self.commit_handover(change, ticket, takers).await
    }
}

fn first_asked(said: &[Message]) -> Option<MessageId> {
    let mut asked = said
        .iter()
        .filter(|message| message.sender.kind() == SenderKind::Customer);
    asked.next().map(|message| message.id)
}

/// The ticket as it shall be, and what a revision came to.
fn finished(revision: Revision) -> (Ticket, Option<Revised>) {
    let unchanged = revision.ticket().clone();
    let revised = revision.finish();
    let ticket = revised.as_ref().map_or(unchanged, |revised| revised.ticket.clone());
    (ticket, revised)
}
