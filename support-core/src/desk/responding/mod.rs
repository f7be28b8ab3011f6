//! A bot that answers before people do: when it is its turn, and for how long.
//!
//! A ticket that the bot has is *held*: nobody is given it. What its customer writes is owed to
//! the bot by the queue of deliveries, in the commit that stores it. A hold never outlasts the
//! time that an answer may take, or that the customer may be silent for; a sweep hands over what
//! is held longer, whoever should have answered.

mod asking;
mod concluding;

use std::{sync::Arc, time::Duration};

use super::{Desk, DeskError};
use crate::{
    model::{Actor, Channel, Message, Office, Revision, SenderKind, TenantId, Ticket, TicketChannel, Timestamp},
    ports::Responder,
};

/// How long it may take until a question is put to the bot, and until its answer is stored.
const GRACE: Duration = Duration::from_secs(10);

/// How a responder has its turns, for the whole installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponderSettings {
    /// How long an answer may take. Then people take over.
    pub patience: Duration,
    /// When it is the bot's turn.
    pub turn: Turn,
    /// How long the bot keeps a conversation whose customer says no more.
    pub silence: Duration,
    /// Whether such a conversation is resolved when the bot had the last word. Else people take
    /// over.
    pub resolves_in_silence: bool,
    /// What the bot is called in conversations.
    pub name: String,
}

impl Default for ResponderSettings {
    fn default() -> Self {
        Self {
            patience: Duration::from_secs(10),
            turn: Turn::BeforePeople,
            silence: Duration::from_secs(30 * 60),
            resolves_in_silence: false,
            name: "Bot".to_owned(),
        }
    }
}

/// When it is the bot's turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// With every ticket that a customer opens.
    BeforePeople,
    /// With those for which nobody is there when they are opened.
    WhileNobodyIsThere,
}

/// The responder of a desk.
pub(super) struct Responding {
    responder: Arc<dyn Responder>,
    settings: ResponderSettings,
}

impl Responding {
    pub(super) const fn new(responder: Arc<dyn Responder>, settings: ResponderSettings) -> Self {
        Self { responder, settings }
    }

    fn has_turn(&self, office: Office) -> bool {
        match self.settings.turn {
            Turn::BeforePeople => true,
            Turn::WhileNobodyIsThere => office == Office::Empty,
        }
    }

    /// For how long a question may go without an answer.
    fn answer_time(&self) -> Duration {
        self.settings.patience.saturating_add(GRACE)
    }
}

impl Desk {
    pub(in crate::desk) fn responding(&self) -> Option<&Responding> {
        self.0.responding.as_ref()
    }

    /// Whether a bot may answer before people do.
    #[must_use]
    pub fn has_responder(&self) -> bool {
        self.responding().is_some()
    }

    /// For how long a node holds what it takes out of a lane.
    pub(crate) fn lease_of(&self, channel: Channel) -> Duration {
        match (channel, self.responding()) {
            (Channel::Bot, Some(responding)) => responding.answer_time(),
            _ => self.outbound_settings().lease,
        }
    }

    /// Until when the bot has a new ticket, which `actor` opens with these messages.
    pub(super) fn hold_of_new(
        &self,
        actor: &Actor,
        ticket: &Ticket,
        messages: &[Message],
        office: Office,
    ) -> Option<Timestamp> {
        let responding = self.responding().filter(|responding| responding.has_turn(office))?;
        let is_own = matches!(actor, Actor::Anyone | Actor::Visitor { .. } | Actor::Customer(_));
        let is_from_bot = |message: &Message| message.sender.kind() == SenderKind::Bot;
        // Whoever comes from a bot wants a human.
        let wants_human = ticket.channel == TicketChannel::Chatbot || messages.iter().any(is_from_bot);
        if !is_own || wants_human {
            return None;
        }
        let time = if messages.is_empty() {
            responding.settings.silence
        } else {
            responding.answer_time()
        };
        Some(self.now().plus(time))
    }

    /// The customer wrote: it is the bot's turn if the ticket is the bot's, or begins anew without
    /// anybody of the team ever having had it.
    pub(super) async fn take_turn(
        &self,
        tenant: TenantId,
        revision: &mut Revision,
        begins_anew: bool,
        office: Office,
    ) -> Result<(), DeskError> {
        let now = self.now();
        let is_held = revision.ticket().is_held_for_bot(now);
        let Some(responding) = self.responding() else {
            if is_held {
                let office = self.office(tenant, revision.ticket().department).await?;
                revision.hand_over(None, office, false)?;
            }
            return Ok(());
        };
        if is_held || (begins_anew && responding.has_turn(office)) {
            revision.hold_for_bot(now.plus(responding.answer_time()));
        }
        Ok(())
    }
}
