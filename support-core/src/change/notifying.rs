//! What events owe to people inside the product.

use super::{Plan, Teammate};
use crate::{
    model::{
        ActorRef, AgentId, AttemptOutcome, Callback, CallbackStatus, CustomerId, EventBody, Message, Notification,
        NotificationId, NotificationKind, Principal, Priority, Role, SenderKind, Status, Ticket, TicketId,
    },
    ports::Ids,
};

/// The most people of a team who are told of one thing.
const MOST_TOLD: usize = 50;

/// What somebody is told, before it is known who that is.
struct Words {
    kind: NotificationKind,
    title: String,
    message: String,
}

/// Finds who is told of a change. Nobody is told of what they did themselves.
pub(super) struct Notifying<'a> {
    plan: &'a Plan<'a>,
    ids: &'a dyn Ids,
}

impl<'a> Notifying<'a> {
    pub(super) const fn new(plan: &'a Plan<'a>, ids: &'a dyn Ids) -> Self {
        Self { plan, ids }
    }

    pub(super) fn notifications(&self) -> Vec<Notification> {
        let mut told = Vec::new();
        for event in self.plan.events {
            self.of_event(&event.body, &mut told);
        }
        told
    }

    fn of_event(&self, body: &EventBody, told: &mut Vec<Notification>) {
        match body {
            EventBody::TicketOpened { ticket, .. } | EventBody::TicketHandedOver { ticket, .. } => {
                self.of_ticket(*ticket, told, Self::of_opening);
            }
            EventBody::TicketAssigned { ticket, to, .. } => self.of_ticket(*ticket, told, |this, ticket, told| {
                let title = "A ticket was assigned to you".to_owned();
                told.extend(this.to_agent(*to, ticket, NotificationKind::TicketAssigned, title));
            }),
            EventBody::TicketPassedOver { ticket, agent } => self.of_ticket(*ticket, told, |this, ticket, told| {
                let title = "A ticket went on, since you did not take it up".to_owned();
                told.extend(this.to_agent(*agent, ticket, NotificationKind::TicketStatusChange, title));
            }),
            EventBody::MessagePosted { ticket, message } => {
                if let (Some(ticket), Some(message)) = (self.plan.ticket(*ticket), self.plan.message(*message)) {
                    told.extend(self.of_message(ticket, message));
                }
            }
            EventBody::TicketStatusChanged { ticket, to, .. } => {
                self.of_ticket(*ticket, told, |this, ticket, told| this.of_status(ticket, *to, told));
            }
            EventBody::TicketPriorityChanged { ticket, from, to } if to > from => {
                self.of_ticket(*ticket, told, |this, ticket, told| {
                    let title = format!("{} is {to} now", ticket.human_number());
                    told.extend(this.to_assignee(ticket, NotificationKind::PriorityEscalation, title));
                });
            }
            EventBody::TicketEscalated { ticket } => self.of_ticket(*ticket, told, Self::of_escalation),
            EventBody::CustomerDisconnected { ticket } => self.of_ticket(*ticket, told, |this, ticket, told| {
                let title = format!("{} went away", ticket.requester_name());
                told.extend(this.to_assignee(ticket, NotificationKind::CustomerDisconnect, title));
            }),
            EventBody::AgentPresenceChanged {
                agent,
                is_online: false,
            } => self.of_departure(*agent, told),
            EventBody::CallbackAssigned {
                callback,
                to: Some(agent),
            } => told.extend(
                self.plan
                    .callback(*callback)
                    .and_then(|callback| self.of_callback(callback, *agent)),
            ),
            EventBody::CallbackStatusChanged { callback, to, .. } => {
                let callback = self.plan.callback(*callback);
                told.extend(callback.and_then(|callback| self.of_call(callback, call_is(*to))));
            }
            EventBody::CallbackAttempted { callback } => {
                let missed = self.plan.callback(*callback).filter(|callback| was_missed(callback));
                told.extend(missed.and_then(|callback| self.of_call(callback, "We tried to call you")));
            }
            _ => {}
        }
    }

    fn of_ticket(
        &self,
        ticket: TicketId,
        told: &mut Vec<Notification>,
        say: impl FnOnce(&Self, &Ticket, &mut Vec<Notification>),
    ) {
        if let Some(ticket) = self.plan.ticket(ticket) {
            say(self, ticket, told);
        }
    }

    /// Those who could take it, unless somebody has it at once, or the bot.
    fn of_opening(&self, ticket: &Ticket, told: &mut Vec<Notification>) {
        if ticket.assignee().is_some() || self.plan.is_bots(ticket) {
            return;
        }
        let title = format!("{} asks for help", ticket.requester_name());
        let could_take = |mate: &&Teammate| {
            mate.agent.role.includes(Role::Supervisor) || (mate.is_online && mate.agent.could_take(ticket.department))
        };
        for mate in self.told_of(could_take) {
            told.extend(self.to_agent(mate, ticket, NotificationKind::NewTicket, title.clone()));
        }
    }

    fn of_escalation(&self, ticket: &Ticket, told: &mut Vec<Notification>) {
        let title = format!("{} was escalated", ticket.human_number());
        let reason = ticket.escalation.as_ref().map(|escalation| escalation.reason.clone());
        let message = reason.filter(|reason| !reason.is_empty());
        let supervises = |mate: &&Teammate| mate.agent.role.includes(Role::Supervisor);
        let mut all = self.told_of(supervises);
        if let Some(assignee) = ticket.assignee().filter(|assignee| !all.contains(assignee)) {
            all.push(assignee);
        }
        for agent in all {
            let words = Words {
                kind: NotificationKind::PriorityEscalation,
                title: title.clone(),
                message: message.clone().unwrap_or_else(|| ticket.subject.clone()),
            };
            told.extend(self.say(Principal::Agent(agent), words, ticket));
        }
    }

    /// Supervisors who are there; who was away missed more than that.
    fn of_departure(&self, agent: AgentId, told: &mut Vec<Notification>) {
        let gone = self.plan.team.iter().find(|mate| mate.agent.id == agent);
        let Some(gone) = gone else {
            return;
        };
        let watches =
            |mate: &&Teammate| mate.is_online && mate.agent.id != agent && mate.agent.role.includes(Role::Supervisor);
        for supervisor in self.told_of(watches) {
            if self.plan.actor == ActorRef::Agent(supervisor) {
                continue;
            }
            told.push(Notification {
                id: NotificationId::new(self.ids.uuid()),
                recipient: Principal::Agent(supervisor),
                kind: NotificationKind::AgentOffline,
                title: "An agent went offline".to_owned(),
                message: gone.agent.name.clone(),
                priority: Priority::Normal,
                ticket: None,
                callback: None,
                created_at: self.plan.at,
                read_at: None,
            });
        }
    }

    /// Those of the team for whom `is_told` holds: who is there first, and not more than can be
    /// told of one thing.
    fn told_of(&self, is_told: impl Fn(&&Teammate) -> bool) -> Vec<AgentId> {
        let mut told: Vec<&Teammate> = self.plan.team.iter().filter(is_told).collect();
        told.sort_by_key(|mate| (!mate.is_online, mate.agent.id));
        told.into_iter().take(MOST_TOLD).map(|mate| mate.agent.id).collect()
    }

    fn of_callback(&self, callback: &Callback, agent: AgentId) -> Option<Notification> {
        (self.plan.actor != ActorRef::Agent(agent)).then(|| Notification {
            id: NotificationId::new(self.ids.uuid()),
            recipient: Principal::Agent(agent),
            kind: NotificationKind::CallbackRequested,
            title: "A callback was assigned to you".to_owned(),
            message: callback.contact_number.clone(),
            priority: Priority::Normal,
            ticket: callback.ticket,
            callback: Some(callback.id),
            created_at: self.plan.at,
            read_at: None,
        })
    }

    /// The customer whose call it is.
    fn of_call(&self, callback: &Callback, title: &str) -> Option<Notification> {
        let customer = callback.customer?;
        (self.plan.actor != ActorRef::Customer(customer)).then(|| Notification {
            id: NotificationId::new(self.ids.uuid()),
            recipient: Principal::Customer(customer),
            kind: NotificationKind::CallbackRequested,
            title: title.to_owned(),
            message: callback.contact_number.clone(),
            priority: Priority::Normal,
            ticket: callback.ticket,
            callback: Some(callback.id),
            created_at: self.plan.at,
            read_at: None,
        })
    }

    fn of_message(&self, ticket: &Ticket, message: &Message) -> Option<Notification> {
        let preview = message.preview()?;
        let (recipient, title) = match message.sender.kind() {
            SenderKind::Customer => (
                Principal::Agent(ticket.assignee()?),
                format!("{} wrote", ticket.requester_name()),
            ),
            SenderKind::Agent | SenderKind::Bot => (
                Principal::Customer(ticket.requester.customer()?),
                format!("{} answered", message.sender_name),
            ),
            SenderKind::System => return None,
        };
        let words = Words {
            kind: NotificationKind::NewMessage,
            title,
            message: preview,
        };
        self.say(recipient, words, ticket)
    }

    fn of_status(&self, ticket: &Ticket, to: Status, told: &mut Vec<Notification>) {
        if let Some(customer) = ticket.requester.customer() {
            told.extend(self.to_customer(customer, ticket, format!("Your request is {}", request_is(to))));
        }
        // What the customer wrote says it better.
        if to != Status::Assigned {
            let title = format!("{} is {to}", ticket.human_number());
            told.extend(self.to_assignee(ticket, NotificationKind::TicketStatusChange, title));
        }
    }

    fn to_customer(&self, customer: CustomerId, ticket: &Ticket, title: String) -> Option<Notification> {
        let words = Words {
            kind: NotificationKind::TicketStatusChange,
            title,
            message: ticket.subject.clone(),
        };
        self.say(Principal::Customer(customer), words, ticket)
    }

    fn to_assignee(&self, ticket: &Ticket, kind: NotificationKind, title: String) -> Option<Notification> {
        self.to_agent(ticket.assignee()?, ticket, kind, title)
    }

    fn to_agent(&self, agent: AgentId, ticket: &Ticket, kind: NotificationKind, title: String) -> Option<Notification> {
        let message = ticket.subject.clone();
        self.say(Principal::Agent(agent), Words { kind, title, message }, ticket)
    }

    fn say(&self, recipient: Principal, words: Words, ticket: &Ticket) -> Option<Notification> {
        let did_it = match recipient {
            Principal::Agent(agent) => ActorRef::Agent(agent),
            Principal::Customer(customer) => ActorRef::Customer(customer),
        };
        let Words { kind, title, message } = words;
        (self.plan.actor != did_it).then(|| Notification {
            id: NotificationId::new(self.ids.uuid()),
            recipient,
            kind,
            title,
            message,
            priority: ticket.priority,
            ticket: Some(ticket.id),
            callback: None,
            created_at: self.plan.at,
            read_at: None,
        })
    }
}

/// What customers are told of a status: they need not know how work is given out.
const fn request_is(status: Status) -> &'static str {
    match status {
        Status::Open | Status::Waiting => "open again",
        Status::Assigned => "in progress",
        Status::Pending => "waiting for your answer",
        Status::Resolved => "resolved",
        Status::Closed => "closed",
    }
}

/// What customers are told of their call.
const fn call_is(status: CallbackStatus) -> &'static str {
    match status {
        CallbackStatus::Pending => "You will be called again",
        CallbackStatus::Contacted => "You were called",
        CallbackStatus::Resolved => "Your call is settled",
        CallbackStatus::Failed => "You could not be reached by phone",
    }
}

/// Whether nobody was reached at the last try.
fn was_missed(callback: &Callback) -> bool {
    let last = callback.attempts.last();
    last.is_some_and(|attempt| attempt.outcome != AttemptOutcome::Reached)
}
