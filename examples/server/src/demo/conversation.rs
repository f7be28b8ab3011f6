//! One conversation, from the first words to the stars: change sets in the order and at the times
//! at which all that would have happened.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use serde_json::{Map, Value};
use support_core::{
    change::{ChangeSet, SealedChange},
    desk::{DeskError, Rule, Scope},
    model::{
        Actor, Arrival, Escalation, EventBody, Message, MessageId, MessageKind, Office, Requester, Revised, Revision,
        Sender, Side, Status, Ticket, Timestamp, Visitor,
    },
    ports::RandomIds,
};

use super::{dice::Dice, shop::Shop};

/// Who is told of what, if it happened within this time and is not over.
const NEWS: Duration = Duration::from_secs(24 * 60 * 60);

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Speaker {
    /// Whoever asks.
    Customer,
    /// Whoever of the team, by their place.
    Agent(usize),
    /// A machine.
    Bot,
}

/// What somebody says.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) speaker: Speaker,
    pub(super) kind: MessageKind,
    pub(super) text: String,
}

/// What happens in a conversation.
#[derive(Debug)]
pub(super) enum Step {
    /// It begins, and is perhaps given to somebody at once.
    Open { said: Vec<Line>, given_to: Option<usize> },
    /// Somebody of the team takes it.
    Join(usize),
    /// Somebody says something.
    Say(Line),
    /// It needs more than its agent.
    Escalate { by: Option<usize>, reason: &'static str },
    /// It is moved on.
    Move {
        to: Status,
        by: Option<usize>,
        notes: Option<String>,
    },
    /// Its customer says how they were helped.
    Rate { stars: u8, comment: Option<String> },
}

/// A conversation that is being told.
#[derive(Debug)]
pub(crate) struct Story {
    pub(super) ticket: Ticket,
    pub(super) visitor: Option<Visitor>,
    pub(super) steps: VecDeque<(Timestamp, Step)>,
    /// How many messages there are.
    pub(super) messages: u64,
    pub(super) is_unfinished: bool,
}

impl Story {
    /// Whether all of it is told.
    pub(crate) fn is_over(&self) -> bool {
        self.steps.is_empty()
    }

    /// How many messages it has come to.
    pub(crate) const fn messages(&self) -> u64 {
        self.messages
    }

    /// Remembers the number that its ticket got.
    pub(crate) const fn number(&mut self, number: u64) {
        self.ticket.number = number;
    }

    /// What can be committed together of what comes next: what is said up to the next change of
    /// the ticket, and that.
    ///
    /// # Errors
    /// [`DeskError`] for a story in which something happens that can't.
    pub(crate) fn next_round(&mut self, shop: &Shop, dice: &mut Dice) -> Result<Vec<SealedChange>, DeskError> {
        let mut round = Vec::new();
        while let Some((at, step)) = self.steps.pop_front() {
            let is_said = matches!(step, Step::Say(_));
            let change = self.change(at, step, shop, dice)?;
            round.push(self.seal(change, shop));
            if !is_said {
                self.ticket.version += 1;
                break;
            }
        }
        Ok(round)
    }

    fn seal(&self, change: ChangeSet, shop: &Shop) -> SealedChange {
        if self.is_unfinished && shop.now.since(change.at()) < NEWS {
            change.seal_under(&shop.policy, &RandomIds)
        } else {
            change.seal_as_past(Arc::clone(&shop.policy.terms))
        }
    }

    fn change(&mut self, at: Timestamp, step: Step, shop: &Shop, dice: &mut Dice) -> Result<ChangeSet, DeskError> {
        match step {
            Step::Open { said, given_to } => self.open(at, said, given_to, shop, dice),
            Step::Join(agent) => {
                let mut change = self.begin(Speaker::Agent(agent), at, shop);
                let mut revision = Revision::of(self.ticket.clone(), at);
                if let Some(agent) = shop.agents.get(agent) {
                    revision.assign(agent, Arrival::Joined)?;
                }
                self.revise(&mut change, revision, dice);
                Ok(change)
            }
            Step::Say(line) => {
                let mut change = self.begin(line.speaker, at, shop);
                let is_read = self.is_unfinished && matches!(line.speaker, Speaker::Agent(_));
                self.say(&mut change, line, shop, dice);
                if is_read {
                    change.mark_read(&self.ticket, Side::Agents, self.messages);
                }
                Ok(change)
            }
            Step::Escalate { by, reason } => Ok(self.escalate(at, by, reason, shop)),
            Step::Move { to, by, notes } => {
                let mut change = match by {
                    Some(agent) => self.begin(Speaker::Agent(agent), at, shop),
                    None => ChangeSet::new(&Scope::system(shop.tenant), at),
                };
                let by = by.and_then(|agent| shop.agents.get(agent)).map(|agent| agent.id);
                let mut revision = Revision::of(self.ticket.clone(), at);
                revision.set_status(to, by, notes, true, Office::Staffed)?;
                self.revise(&mut change, revision, dice);
                change.mark_read(&self.ticket, Side::Agents, self.messages);
                Ok(change)
            }
            Step::Rate { stars, comment } => {
                let mut change = self.begin(Speaker::Customer, at, shop);
                change.mark_read(&self.ticket, Side::Customer, self.messages);
                self.ticket = self.ticket.clone().rate(stars, comment, at).map_err(Rule::from)?;
                if let Some(rating) = self.ticket.rating.clone() {
                    change.rate_ticket(self.ticket.clone(), rating);
                }
                Ok(change)
            }
        }
    }

    fn open(
        &mut self,
        at: Timestamp,
        said: Vec<Line>,
        given_to: Option<usize>,
        shop: &Shop,
        dice: &mut Dice,
    ) -> Result<ChangeSet, DeskError> {
        let mut change = self.begin(Speaker::Customer, at, shop);
        if let Some(visitor) = self.visitor.take() {
            change.put_visitor(visitor);
        }
        change.open_ticket(self.ticket.clone());
        for line in said {
            self.say(&mut change, line, shop, dice);
        }
        if let Some(agent) = given_to.and_then(|agent| shop.agents.get(agent)) {
            let mut revision = Revision::of(self.ticket.clone(), at);
            revision.assign(agent, Arrival::Given)?;
            self.revise(&mut change, revision, dice);
        }
        Ok(change)
    }

    fn escalate(&mut self, at: Timestamp, by: Option<usize>, reason: &str, shop: &Shop) -> ChangeSet {
        let mut change = match by {
            Some(agent) => self.begin(Speaker::Agent(agent), at, shop),
            None => ChangeSet::new(&Scope::system(shop.tenant), at),
        };
        self.ticket.escalation = Some(Escalation {
            at,
            by: by.and_then(|agent| shop.agents.get(agent)).map(|agent| agent.id),
            reason: reason.to_owned(),
        });
        self.ticket.updated_at = at;
        let body = EventBody::TicketEscalated { ticket: self.ticket.id };
        change.update_ticket(self.ticket.clone(), [body]);
        change
    }

    fn begin(&self, speaker: Speaker, at: Timestamp, shop: &Shop) -> ChangeSet {
        let actor = match (speaker, self.ticket.requester) {
            (Speaker::Agent(agent), _) => shop
                .agents
                .get(agent)
                .map_or(Actor::System, |agent| Actor::Agent(agent.into())),
            (Speaker::Bot, _) => Actor::Bot,
            (Speaker::Customer, Requester::Customer(customer)) => Actor::Customer(customer),
            (Speaker::Customer, requester @ Requester::Visitor(_)) => Actor::Visitor {
                requester,
                ticket: self.ticket.id,
            },
        };
        ChangeSet::new(&Scope::new(shop.tenant, actor), at)
    }

    fn revise(&mut self, change: &mut ChangeSet, revision: Revision, dice: &mut Dice) {
        let Some(Revised {
            ticket,
            bodies,
            told,
            given_to,
        }) = revision.finish()
        else {
            return;
        };
        if let Some(agent) = given_to {
            change.note_assignment(agent);
        }
        change.update_ticket(ticket.clone(), bodies);
        self.ticket = ticket;
        for told in told {
            let kind = if told.is_public {
                MessageKind::SystemNotification
            } else {
                MessageKind::Note
            };
            self.append(change, Sender::System, "System".to_owned(), kind, told.text, dice);
        }
    }

    fn say(&mut self, change: &mut ChangeSet, line: Line, shop: &Shop, dice: &mut Dice) {
        let Line { speaker, kind, text } = line;
        let (sender, name) = match speaker {
            Speaker::Customer => (
                Sender::Customer(self.ticket.requester),
                self.ticket.requester_name().to_owned(),
            ),
            Speaker::Bot => (Sender::Bot, "Bot".to_owned()),
            Speaker::Agent(agent) => match shop.agents.get(agent) {
                Some(agent) => (Sender::Agent(Some(agent.id)), agent.name.clone()),
                None => (Sender::Agent(None), shop.name.clone()),
            },
        };
        self.append(change, sender, name, kind, text, dice);
    }

    fn append(
        &mut self,
        change: &mut ChangeSet,
        sender: Sender,
        sender_name: String,
        kind: MessageKind,
        content: String,
        dice: &mut Dice,
    ) {
        self.messages += 1;
        let message = Message {
            id: MessageId::new(dice.id(change.at())),
            ticket: self.ticket.id,
            seq: 0,
            sender,
            sender_name,
            kind,
            content,
            attachments: Vec::new(),
            client_id: None,
            metadata: Value::Object(Map::new()),
            created_at: change.at(),
        };
        change.append(&self.ticket, message);
    }
}
