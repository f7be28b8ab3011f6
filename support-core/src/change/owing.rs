//! What events owe to the outside, by what the tenant has settled.

use super::{Plan, Policy};
use crate::{
    model::{
        AgentId, Callback, Channel, Delivery, DeliveryId, EventBody, Message, MessageId, MessageKind, Notice,
        SenderKind, Status, Ticket, TicketId,
    },
    ports::Ids,
};

/// The one recipient of what bots are asked.
const THE_BOT: &str = "bot";

/// Finds what a change owes to the outside.
pub(super) struct Owing<'a> {
    plan: &'a Plan<'a>,
    policy: &'a Policy,
    ids: &'a dyn Ids,
}

impl<'a> Owing<'a> {
    pub(super) fn new(plan: &'a Plan<'a>, ids: &'a dyn Ids) -> Self {
        Self {
            plan,
            policy: plan.policy,
            ids,
        }
    }

    pub(super) fn deliveries(&self) -> Vec<Delivery> {
        let mut owed = Vec::new();
        for event in self.plan.events {
            self.of_event(&event.body, &mut owed);
        }
        owed
    }

    fn of_event(&self, body: &EventBody, owed: &mut Vec<Delivery>) {
        match body {
            EventBody::TicketOpened { ticket, .. } => {
                if let Some(ticket) = self.plan.ticket(*ticket) {
                    self.of_opening(ticket, owed);
                }
            }
            EventBody::MessagePosted { ticket, message } => {
                if let (Some(ticket), Some(message)) = (self.plan.ticket(*ticket), self.plan.message(*message)) {
                    self.of_message(ticket, message, owed);
                }
            }
            EventBody::TicketHandedOver { ticket, since } => {
                if let Some(ticket) = self.plan.ticket(*ticket) {
                    self.of_handover(ticket, *since, owed);
                }
            }
            EventBody::TicketStatusChanged {
                ticket,
                to: Status::Resolved,
                ..
            } => owed.extend(self.plan.ticket(*ticket).and_then(|ticket| self.of_resolution(ticket))),
            EventBody::CallbackRequested { callback } => {
                if let Some(callback) = self.plan.callback(*callback) {
                    self.of_callback(callback, owed);
                }
            }
            _ => {}
        }
    }

    fn new_delivery(&self, channel: Channel, recipient: &str, notice: Notice) -> Delivery {
        let id = DeliveryId::new(self.ids.uuid());
        Delivery::new(id, channel, recipient.to_owned(), notice, self.plan.at)
    }

    fn of_opening(&self, ticket: &Ticket, owed: &mut Vec<Delivery>) {
        if let (true, Some(email), None) = (
            self.policy.sends_mail,
            &ticket.contact.email,
            ticket.channel.own_way_out(),
        ) {
            let confirmed = Notice::RequestConfirmed { ticket: ticket.id };
            owed.push(self.new_delivery(Channel::Email, email, confirmed).about(ticket.id));
        }
        if !self.plan.is_bots(ticket) {
            self.tell_team(ticket, owed);
        }
    }

    /// The team is told of a ticket that is theirs from now on.
    fn tell_team(&self, ticket: &Ticket, owed: &mut Vec<Delivery>) {
        let opened = Notice::TicketOpened { ticket: ticket.id };
        let team = self.policy.team_email(ticket.department, ticket.inbox);
        if let (true, Some(team)) = (self.policy.sends_mail, team) {
            owed.push(self.new_delivery(Channel::Email, team, opened.clone()).about(ticket.id));
        }
        if let Some(chat) = &self.policy.telegram_chat {
            owed.push(self.new_delivery(Channel::Telegram, chat, opened).about(ticket.id));
        }
    }

    fn of_handover(&self, ticket: &Ticket, since: Option<MessageId>, owed: &mut Vec<Delivery>) {
        self.tell_team(ticket, owed);
        if let (Some(since), Status::Waiting) = (since, ticket.state.status()) {
            self.of_waiting(ticket, since, owed);
        }
    }

    fn of_message(&self, ticket: &Ticket, message: &Message, owed: &mut Vec<Delivery>) {
        if !message.is_public() || message.kind == MessageKind::SystemNotification {
            return;
        }
        match message.sender.kind() {
            SenderKind::Customer => self.of_question(ticket, message, owed),
            SenderKind::Agent | SenderKind::Bot => owed.extend(self.of_answer(ticket, message)),
            SenderKind::System => {}
        }
    }

    fn of_question(&self, ticket: &Ticket, message: &Message, owed: &mut Vec<Delivery>) {
        if self.plan.is_bots(ticket) {
            let asked = Notice::QuestionAsked {
                ticket: ticket.id,
                message: message.id,
            };
            owed.push(self.new_delivery(Channel::Bot, THE_BOT, asked).about(ticket.id));
            return;
        }
        if ticket.state.status() == Status::Waiting {
            self.of_waiting(ticket, message.id, owed);
        }
        match ticket.assignee() {
            Some(agent) => owed.extend(self.to_absent_agent(ticket, message, agent)),
            None if !self.opens(ticket.id) => {
                let alert = Notice::MessageAlert {
                    ticket: ticket.id,
                    message: message.id,
                };
                let chat = self.policy.telegram_chat.as_ref();
                owed.extend(chat.map(|chat| self.new_delivery(Channel::Telegram, chat, alert).about(ticket.id)));
            }
            None => {}
        }
    }

    /// What opens a ticket is told of with it.
    fn opens(&self, id: TicketId) -> bool {
        let mut events = self.plan.events.iter();
        events.any(|event| matches!(event.body, EventBody::TicketOpened { ticket, .. } if ticket == id))
    }

    /// Each recipient has a digest of their own, since each may want no more of them.
    fn of_waiting(&self, ticket: &Ticket, first: MessageId, owed: &mut Vec<Delivery>) {
        if !self.policy.sends_mail {
            return;
        }
        for recipient in self.policy.digest_recipients(ticket.department, ticket.inbox) {
            let notice = Notice::OfflineDigest {
                ticket: ticket.id,
                first,
            };
            let digest = self.new_delivery(Channel::Email, &recipient, notice);
            let key = format!("digest:{}:{recipient}", ticket.id);
            owed.push(digest.about(ticket.id).gathering(key, self.policy.digest_delay));
        }
    }

    fn to_absent_agent(&self, ticket: &Ticket, message: &Message, agent: AgentId) -> Option<Delivery> {
        let email = self.policy.absent_agent_email(agent)?;
        let notice = Notice::CustomerReplied {
            ticket: ticket.id,
            first: message.id,
            agent,
        };
        let told = self.new_delivery(Channel::Email, email, notice);
        let key = format!("agent:{agent}:{}", ticket.id);
        Some(told.about(ticket.id).gathering(key, self.policy.reply_delay))
    }

    fn of_answer(&self, ticket: &Ticket, message: &Message) -> Option<Delivery> {
        let is_open = match ticket.channel.own_way_out() {
            Some(Channel::Messenger) => self.policy.has_messenger,
            Some(Channel::Telegram) => self.policy.has_telegram,
            Some(Channel::Email | Channel::Webhook | Channel::Sms | Channel::Bot) | None => false,
        };
        let own_channel = ticket.channel.own_way_out().filter(|_| is_open);
        if let (Some(channel), Some(session)) = (own_channel, &ticket.session) {
            let notice = Notice::ChannelMessage {
                ticket: ticket.id,
                message: message.id,
            };
            let said_there = message.metadata.get(ORIGIN).is_some();
            return (!said_there).then(|| self.new_delivery(channel, session, notice).about(ticket.id));
        }
        let email = ticket.contact.email.as_ref()?;
        if !self.policy.sends_mail
            || message.sender.kind() != SenderKind::Agent
            || ticket.channel.own_way_out().is_some()
        {
            return None;
        }
        let notice = Notice::AgentReplied {
            ticket: ticket.id,
            first: message.id,
        };
        let reply = self.new_delivery(Channel::Email, email, notice);
        let key = format!("reply:{}", ticket.id);
        Some(reply.about(ticket.id).gathering(key, self.policy.reply_delay))
    }

    /// Whoever wrote on a channel of its own is asked there, if at all.
    fn of_resolution(&self, ticket: &Ticket) -> Option<Delivery> {
        let email = ticket.contact.email.as_ref()?;
        let resolution = ticket.reopened_count;
        let is_rated = ticket
            .rating
            .as_ref()
            .is_some_and(|rating| rating.resolution == resolution);
        let is_asked = self.policy.asks_for_ratings && ticket.channel.own_way_out().is_none() && !is_rated;
        let asked = Notice::RatingRequested {
            ticket: ticket.id,
            resolution,
        };
        is_asked.then(|| self.new_delivery(Channel::Email, email, asked).about(ticket.id))
    }

    fn of_callback(&self, callback: &Callback, owed: &mut Vec<Delivery>) {
        let requested = |copies: &[String]| Notice::CallbackRequested {
            callback: callback.id,
            copies: copies.to_vec(),
        };
        let Policy {
            callback_to,
            callback_cc,
            ..
        } = self.policy;
        if self.policy.sends_mail && !callback_to.is_empty() {
            let all = [callback_to.as_slice(), callback_cc.as_slice()].concat().join(", ");
            owed.push(self.new_delivery(Channel::Email, &all, requested(callback_cc)));
        }
        if let Some(chat) = &self.policy.telegram_chat {
            owed.push(self.new_delivery(Channel::Telegram, chat, requested(&[])));
        }
        if let (true, Some(number)) = (self.policy.sends_sms, &callback.e164) {
            let confirmed = Notice::CallbackConfirmed { callback: callback.id };
            owed.push(self.new_delivery(Channel::Sms, number, confirmed));
        }
    }
}

/// The entry of a message's metadata that names the channel on which it was said by itself, so
/// that it isn't said there again.
pub const ORIGIN: &str = "origin";
