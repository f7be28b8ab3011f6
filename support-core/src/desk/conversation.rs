//! Writing, reading and typing in a ticket.

use std::ops::RangeInclusive;

use serde_json::Value;

use super::{
    Desk, DeskError, Rule, Scope,
    lookup::{FormerAssignee, TicketRef},
    retry::{Attempt, Committed},
    uploads::Carried,
};
use crate::{
    change::{ChangeSet, Expect, Receipt},
    model::{
        Actor, FileId, Input, InvalidTransition, LONGEST_MESSAGE, MOST_ATTACHMENTS, Message, MessageId, MessageKind,
        Office, Revised, Revision, Sender, Status, Ticket, TicketId, Timestamp, Told,
    },
};

/// Words to be added to a thread.
#[derive(Debug, Clone, Default)]
pub struct NewMessage {
    /// The words as typed.
    pub content: String,
    /// Whether they are for agents only.
    pub is_note: bool,
    /// The sender's own id for them.
    pub client_id: Option<String>,
    /// Custom data, a JSON object.
    pub metadata: Option<Value>,
    /// The name of whoever answers for the team, for [`Speaker::Team`].
    pub sender_name: Option<String>,
    /// Files of the sender's that it carries; the words may be missing then.
    pub attachments: Vec<FileId>,
}

/// In whose name a server or the team speaks when that is not the actor's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    /// The actor's own.
    Own,
    /// A machine that answers.
    Bot,
    /// The customer whose ticket it is, for servers that speak for their users.
    Customer,
    /// The team, for the software itself: somebody answered outside of this desk.
    Team,
}

/// A message that was accepted, now or before.
#[derive(Debug, Clone)]
pub struct Posted {
    /// The message with its place.
    pub message: Message,
    /// The ticket as the decision left it.
    pub ticket: Ticket,
    /// Whether it was there already, by the same client id or request.
    pub is_repeat: bool,
}

struct Checked {
    content: String,
    kind: MessageKind,
    client_id: Option<String>,
    metadata: Value,
    sender_name: Option<String>,
}

impl NewMessage {
    /// Words with nothing else to them.
    #[must_use]
    pub fn text(content: impl Into<String>) -> Self {
        Self {
            content: content.into(),
            ..Self::default()
        }
    }

    /// Checks the words as part of a larger input.
    pub fn check(&self, input: &mut Input, content_field: &str) {
        input.text(content_field, &self.content, self.length());
        self.check_attachments(input);
        input.optional_line("client_message_id", self.client_id.as_deref(), 200);
        input.metadata("metadata", self.metadata.clone());
    }

    /// Words may be missing where files say it all.
    const fn length(&self) -> RangeInclusive<usize> {
        if self.attachments.is_empty() {
            1..=LONGEST_MESSAGE
        } else {
            0..=LONGEST_MESSAGE
        }
    }

    fn check_attachments(&self, input: &mut Input) {
        let first = self.attachments.iter().enumerate();
        let is_doubled = |(place, file)| self.attachments.iter().take(place).any(|earlier| earlier == file);
        if self.attachments.len() > MOST_ATTACHMENTS {
            input.refuse(
                "attachment_ids",
                format!("Must have at most {MOST_ATTACHMENTS} entries"),
            );
        } else if first.into_iter().any(is_doubled) {
            input.refuse("attachment_ids", "Must not name a file twice");
        }
    }

    fn checked(self) -> Result<Checked, DeskError> {
        let mut input = Input::new();
        let content = input.text("message", &self.content, self.length());
        self.check_attachments(&mut input);
        let client_id = input.optional_line("client_message_id", self.client_id.as_deref(), 200);
        let metadata = input.metadata("metadata", self.metadata);
        input.finish()?;
        let kind = if self.is_note {
            MessageKind::Note
        } else {
            MessageKind::Text
        };
        Ok(Checked {
            content,
            kind,
            client_id,
            metadata,
            sender_name: self.sender_name,
        })
    }
}

impl Desk {
    /// Adds a message to a ticket.
    ///
    /// A customer's message takes up a pending ticket and reopens a resolved one; an agent's
    /// public answer takes a ticket that nobody has.
    ///
    /// # Errors
    /// [`DeskError::Invalid`] for bad words, [`DeskError::NotFound`], [`DeskError::Forbidden`]
    /// for speaking as one may not, [`Rule::TicketClosed`].
    pub async fn post(
        &self,
        scope: &Scope,
        ticket: impl Into<TicketRef>,
        message: NewMessage,
        speaker: Speaker,
    ) -> Result<Posted, DeskError> {
        let ticket = self.ticket(scope, ticket).await?;
        self.post_to(scope, ticket, message, speaker).await
    }

    /// As [`post`](Self::post), to a ticket that the caller has just read with this scope: saves
    /// reading it again.
    ///
    /// # Errors
    /// As [`post`](Self::post).
    pub async fn post_to(
        &self,
        scope: &Scope,
        ticket: Ticket,
        message: NewMessage,
        speaker: Speaker,
    ) -> Result<Posted, DeskError> {
        if !scope.actor().sees(&ticket) {
            return Err(DeskError::NotFound);
        }
        self.refuse_blocked(scope, Some(ticket.requester), ticket.contact.email.as_deref())
            .await?;
        let files = message.attachments.clone();
        let message = self.message_from(scope, &ticket, message, speaker)?;
        // What was read serves the first try; whoever has to try again reads anew.
        let first = std::sync::Mutex::new(Some(ticket));
        let (message, files, first) = (&message, &files, &first);
        self.decide(scope, || async move {
            let known = first.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
            let ticket = match known {
                Some(ticket) => ticket,
                None => self.ticket(scope, message.ticket).await?,
            };
            self.try_post(scope, ticket, message, files).await
        })
        .await
    }

    /// Checks words and makes a message of them, which has no place in the thread yet.
    pub(super) fn message_from(
        &self,
        scope: &Scope,
        ticket: &Ticket,
        message: NewMessage,
        speaker: Speaker,
    ) -> Result<Message, DeskError> {
        let checked = message.checked()?;
        let sender = speaks_as(scope.actor(), ticket, speaker, checked.kind)?;
        Ok(Message {
            id: MessageId::new(self.ids().uuid()),
            ticket: ticket.id,
            seq: 0,
            sender,
            sender_name: match (speaker, checked.sender_name) {
                (Speaker::Team, Some(name)) => name,
                _ => sender_name(scope, ticket, &sender),
            },
            kind: checked.kind,
            content: checked.content,
            attachments: Vec::new(),
            client_id: checked.client_id,
            metadata: checked.metadata,
            created_at: self.now(),
        })
    }

    async fn try_post(
        &self,
        scope: &Scope,
        ticket: Ticket,
        message: &Message,
        files: &[FileId],
    ) -> Result<Posted, Attempt> {
        let id = ticket.id;
        let mut change = ChangeSet::new(scope, self.now());
        let carried = Carried { files, follows: None };
        let message = &self.with_files(scope, &mut change, message.clone(), carried).await?;
        let (revised, ticket) = self.take_up(scope, &mut change, ticket, message).await?;
        let is_revised = revised.is_some();
        let told = self.put_revision(&mut change, revised);
        // Who answers has joined first; what a customer's words lead to comes after them.
        if matches!(message.sender, Sender::Agent(_)) {
            self.tell(&mut change, &ticket, told);
            change.append(&ticket, message.clone());
        } else {
            change.append(&ticket, message.clone());
            self.tell(&mut change, &ticket, told);
        }
        let committed = match self.commit(change).await? {
            Committed::Now(receipt) => {
                let seq = receipt.seq_of(message.id).unwrap_or_default();
                return Ok(self
                    .posted(scope, ticket, Message { seq, ..message.clone() }, is_revised)
                    .await?);
            }
            Committed::Before(receipt) => receipt,
        };
        let message = self.first_posted(scope, id, &committed, message.sender).await?;
        let ticket = self.ticket(scope, id).await?;
        Ok(Posted {
            message,
            ticket,
            is_repeat: true,
        })
    }

    /// What `sender` said by the change set that `receipt` is of; the software may have said
    /// something before it.
    async fn first_posted(
        &self,
        scope: &Scope,
        ticket: TicketId,
        receipt: &Receipt,
        sender: Sender,
    ) -> Result<Message, DeskError> {
        for (message, _) in &receipt.messages {
            let message = self.stores().messages.message(scope.tenant(), ticket, *message).await?;
            if let Some(message) = message.filter(|message| message.sender == sender) {
                return Ok(message);
            }
        }
        Err(DeskError::NotFound)
    }

    async fn posted(
        &self,
        scope: &Scope,
        mut ticket: Ticket,
        message: Message,
        is_revised: bool,
    ) -> Result<Posted, DeskError> {
        if is_revised {
            self.assign_waiting_soon(scope.tenant());
            ticket = self.any_ticket(scope.tenant(), ticket.id.into()).await?;
        } else {
            ticket.thread = ticket.thread.with(&message);
        }
        if let Some(access) = &ticket.access {
            self.open_conversations()
                .remember((scope.tenant(), access.clone()), ticket.clone());
        }
        Ok(Posted {
            message,
            ticket,
            is_repeat: false,
        })
    }

    /// What a message does to the state of its ticket.
    async fn take_up(
        &self,
        scope: &Scope,
        change: &mut ChangeSet,
        ticket: Ticket,
        message: &Message,
    ) -> Result<(Option<Revised>, Ticket), DeskError> {
        let closed = |_: InvalidTransition| DeskError::Refused(Rule::TicketClosed);
        let mut revision = Revision::of(ticket, self.now());
        match message.sender {
            Sender::Customer(_) => {
                let status = revision.ticket().state.status();
                let unsettled = matches!(status, Status::Open | Status::Pending | Status::Resolved);
                let (former, office) = if unsettled {
                    self.assignee_and_office(scope.tenant(), revision.ticket()).await?
                } else {
                    (FormerAssignee::Gone, Office::Staffed)
                };
                let begins_anew = revision.ticket().state.is_resolved_by_nobody();
                let has_it_again = former != FormerAssignee::Gone;
                revision.customer_wrote(has_it_again, office).map_err(closed)?;
                if let (Status::Resolved, FormerAssignee::There, Some(agent)) =
                    (status, former, revision.ticket().assignee())
                {
                    change.expect(Expect::AgentIsThere(agent));
                }
                self.take_turn(scope.tenant(), &mut revision, begins_anew, office)
                    .await?;
            }
            Sender::Agent(_) | Sender::Bot if revision.ticket().state.status() == Status::Closed => {
                return Err(DeskError::Refused(Rule::TicketClosed));
            }
            Sender::Agent(_) if message.is_public() => {
                revision.release_from_bot();
                revision.take_up();
                let nobody_has_it =
                    revision.ticket().assignee().is_none() && revision.ticket().state.status().is_unfinished();
                if let (true, Some(agent)) = (nobody_has_it, scope.actor().agent()) {
                    revision.join(agent)?;
                }
            }
            Sender::Agent(Some(agent)) if revision.ticket().assignee() == Some(agent) => revision.take_up(),
            Sender::Agent(_) | Sender::Bot | Sender::System => {}
        }
        let ticket = revision.ticket().clone();
        let revised = revision.finish();
        let ticket = revised.as_ref().map_or(ticket, |revised| revised.ticket.clone());
        Ok((revised, ticket))
    }

    /// Writes a revision into a change set and gives back what the thread is to say.
    pub(super) fn put_revision(&self, change: &mut ChangeSet, revised: Option<Revised>) -> Vec<Told> {
        let Some(Revised {
            ticket,
            bodies,
            told,
            given_to,
        }) = revised
        else {
            return Vec::new();
        };
        if let Some(agent) = given_to {
            change.note_assignment(agent);
        }
        change.update_ticket(ticket, bodies);
        told
    }

    /// Lets the software add its lines to a thread.
    pub(super) fn tell(&self, change: &mut ChangeSet, ticket: &Ticket, told: Vec<Told>) {
        for Told { text, is_public } in told {
            let message = self.system_message(ticket.id, text, is_public, change.at());
            change.append(ticket, message);
        }
    }

    fn system_message(&self, ticket: TicketId, content: String, is_public: bool, at: Timestamp) -> Message {
        Message {
            id: MessageId::new(self.ids().uuid()),
            ticket,
            seq: 0,
            sender: Sender::System,
            sender_name: "System".to_owned(),
            kind: if is_public {
                MessageKind::SystemNotification
            } else {
                MessageKind::Note
            },
            content,
            attachments: Vec::new(),
            client_id: None,
            metadata: Value::Object(serde_json::Map::new()),
            created_at: at,
        }
    }
}

fn speaks_as(actor: &Actor, ticket: &Ticket, speaker: Speaker, kind: MessageKind) -> Result<Sender, DeskError> {
    let sender = match (actor, speaker) {
        (Actor::Visitor { requester, .. }, Speaker::Own | Speaker::Customer) => Sender::Customer(*requester),
        (Actor::Customer(_), Speaker::Own | Speaker::Customer) => Sender::Customer(ticket.requester),
        (Actor::Agent(agent), Speaker::Own) => Sender::Agent(Some(agent.id)),
        (Actor::ApiKey { .. }, Speaker::Own) => Sender::Agent(None),
        (Actor::ApiKey { .. }, Speaker::Customer) => Sender::Customer(ticket.requester),
        (Actor::ApiKey { .. } | Actor::Bot, Speaker::Bot) | (Actor::Bot, Speaker::Own) => Sender::Bot,
        (Actor::System, Speaker::Own) => Sender::System,
        (Actor::System, Speaker::Team) => Sender::Agent(None),
        _ => return Err(DeskError::Forbidden),
    };
    if kind == MessageKind::Note && !matches!(sender, Sender::Agent(_)) {
        return Err(DeskError::Forbidden);
    }
    Ok(sender)
}

fn sender_name(scope: &Scope, ticket: &Ticket, sender: &Sender) -> String {
    match sender {
        Sender::Customer(_) => ticket.requester_name().to_owned(),
        Sender::Agent(_) => scope
            .actor()
            .agent()
            .map_or_else(|| "Support".to_owned(), |agent| agent.name.clone()),
        Sender::Bot => "Bot".to_owned(),
        Sender::System => "System".to_owned(),
    }
}
