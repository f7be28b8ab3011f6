//! A ticket being changed: the steps taken, what the journal tells of them, and what the thread
//! says, so that several steps become one change.

use super::{
    ActingAgent, Agent, AgentId, Assignment, Closing, Department, Escalation, EventBody, InvalidTransition, MessageId,
    Office, Priority, Resolution, Status, Ticket, TicketState, Timestamp,
};

/// A line that the software adds to the thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The words.
    pub text: String,
    /// Whether customers see it too.
    pub is_public: bool,
}

/// How an agent came to a ticket, for the words in its thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// They took it themselves.
    Joined,
    /// It was given to them.
    Given,
}

/// A ticket on its way from one state to another.
#[derive(Debug, Clone, PartialEq)]
pub struct Revision {
    ticket: Ticket,
    bodies: Vec<EventBody>,
    told: Vec<Told>,
    given_to: Option<AgentId>,
    /// Something changed of which nobody is told.
    is_marked: bool,
    now: Timestamp,
}

/// What a revision came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Revised {
    /// The ticket as it shall be.
    pub ticket: Ticket,
    /// What the journal tells.
    pub bodies: Vec<EventBody>,
    /// What the thread says.
    pub told: Vec<Told>,
    /// Who has it now and did not before.
    pub given_to: Option<AgentId>,
}

impl Revision {
    /// Nothing changed yet.
    #[must_use]
    pub const fn of(ticket: Ticket, now: Timestamp) -> Self {
        Self {
            ticket,
            bodies: Vec::new(),
            told: Vec::new(),
            given_to: None,
            is_marked: false,
            now,
        }
    }

    /// The ticket as it stands by now.
    #[must_use]
    pub const fn ticket(&self) -> &Ticket {
        &self.ticket
    }

    /// What it came to; nothing if no step was taken.
    #[must_use]
    pub fn finish(mut self) -> Option<Revised> {
        if self.bodies.is_empty() && !self.is_marked {
            return None;
        }
        // The bot leaves alone what somebody has and what is over.
        if !self.is_for_anybody() {
            self.ticket.held_for_bot_until = None;
        }
        self.ticket.updated_at = self.now;
        Some(Revised {
            ticket: self.ticket,
            bodies: self.bodies,
            told: self.told,
            given_to: self.given_to,
        })
    }

    fn say(&mut self, text: String) {
        self.told.push(Told { text, is_public: true });
    }

    fn note(&mut self, text: String) {
        self.told.push(Told { text, is_public: false });
    }

    /// Gives the ticket to an agent. Nothing happens when they have it.
    ///
    /// # Errors
    /// [`InvalidTransition`] when the ticket is finished.
    pub fn assign(&mut self, agent: &Agent, arrival: Arrival) -> Result<(), InvalidTransition> {
        self.hand_to(agent.id, &agent.name, arrival)
    }

    /// An agent takes the ticket, and takes it up if it was pending.
    ///
    /// # Errors
    /// [`InvalidTransition`] when the ticket is finished.
    pub fn join(&mut self, agent: &ActingAgent) -> Result<(), InvalidTransition> {
        self.hand_to(agent.id, &agent.name, Arrival::Joined)?;
        if self.ticket.state.status() == Status::Pending {
            self.resume(agent.id)?;
        }
        Ok(())
    }

    fn hand_to(&mut self, agent: AgentId, name: &str, arrival: Arrival) -> Result<(), InvalidTransition> {
        let from = self.ticket.assignee();
        let assignment = Assignment { agent, at: self.now };
        let state = self.ticket.state.clone().assign(assignment)?;
        if arrival == Arrival::Joined {
            self.take_up();
        }
        if from == Some(agent) {
            return Ok(());
        }
        self.ticket.accept_by = None;
        self.ticket.state = state;
        self.given_to = Some(agent);
        self.bodies.push(EventBody::TicketAssigned {
            ticket: self.ticket.id,
            from,
            to: agent,
            status: self.ticket.state.status(),
        });
        self.say(match arrival {
            Arrival::Joined => format!("{name} joined"),
            Arrival::Given => format!("You are now talking to {name}"),
        });
        Ok(())
    }

    /// Takes the ticket from its agent, who is gone or let go of it.
    ///
    /// # Errors
    /// [`InvalidTransition`] when nobody has it or it is finished.
    pub fn unassign(&mut self, office: Office) -> Result<(), InvalidTransition> {
        let from = self.ticket.assignee();
        self.ticket.state = self.ticket.state.clone().unassign(office)?;
        self.ticket.accept_by = None;
        self.given_to = None;
        self.bodies.push(EventBody::TicketUnassigned {
            ticket: self.ticket.id,
            from,
            status: self.ticket.state.status(),
        });
        self.say("Someone will be with you as soon as possible".to_owned());
        Ok(())
    }

    /// Somebody does something about the ticket: nobody is waited for any longer, and whoever let
    /// it pass may be given it again.
    pub fn take_up(&mut self) {
        self.is_marked |= self.ticket.accept_by.is_some() || !self.ticket.passed_over.is_empty();
        self.ticket.accept_by = None;
        self.ticket.passed_over.clear();
    }

    /// Its agent, of that name, did not take the ticket up in time. It still has to go to
    /// somebody else, or to nobody.
    pub fn pass_over(&mut self, name: &str) {
        let Some(agent) = self.ticket.assignee() else {
            return;
        };
        if !self.ticket.passed_over.contains(&agent) {
            self.ticket.passed_over.push(agent);
        }
        self.bodies.push(EventBody::TicketPassedOver {
            ticket: self.ticket.id,
            agent,
        });
        self.note(format!("{name} did not take it up"));
    }

    /// From `until` on the ticket is looked at again, unless somebody takes it up before.
    pub const fn await_acceptance(&mut self, until: Timestamp) {
        self.ticket.accept_by = Some(until);
        self.is_marked = true;
    }

    /// An agent moves the ticket to a status; what that means depends on where it stands.
    /// `agent` is who does it, `assignee_is_active` speaks of who has or had the ticket.
    ///
    /// # Errors
    /// [`InvalidTransition`] when there is no such step.
    pub fn set_status(
        &mut self,
        to: Status,
        agent: Option<AgentId>,
        notes: Option<String>,
        assignee_is_active: bool,
        office: Office,
    ) -> Result<(), InvalidTransition> {
        let from = self.ticket.state.status();
        let refused = InvalidTransition { from, attempted: to };
        match to {
            Status::Open | Status::Assigned if !from.is_unfinished() => self.reopen(assignee_is_active, office),
            Status::Open if from == Status::Waiting && office == Office::Staffed => {
                self.step(TicketState::stop_waiting)
            }
            Status::Open if matches!(from, Status::Assigned | Status::Pending) => self.unassign(Office::Staffed),
            Status::Waiting if office == Office::Staffed => Err(refused),
            Status::Waiting if matches!(from, Status::Assigned | Status::Pending) => self.unassign(Office::Empty),
            Status::Waiting => self.step(TicketState::wait),
            Status::Assigned if from == Status::Pending => match agent {
                Some(agent) => self.resume(agent),
                None => Err(refused),
            },
            Status::Pending => self.step(TicketState::pend),
            Status::Resolved => {
                let resolution = Resolution {
                    at: self.now,
                    by: agent,
                    notes,
                };
                self.step(|state| state.resolve(resolution))
            }
            Status::Closed => self.close(agent),
            Status::Open | Status::Assigned => Err(refused),
        }
    }

    /// The ticket is over; `by` is the agent who says so, if one does.
    ///
    /// # Errors
    /// [`InvalidTransition`] when it already was.
    pub fn close(&mut self, by: Option<AgentId>) -> Result<(), InvalidTransition> {
        let closing = Closing { at: self.now, by };
        self.step(|state| state.close(closing))
    }

    /// An agent opens a finished ticket again.
    ///
    /// # Errors
    /// [`InvalidTransition`] when it isn't finished.
    pub fn reopen(&mut self, assignee_is_active: bool, office: Office) -> Result<(), InvalidTransition> {
        self.step(|state| state.reopen(assignee_is_active, office))?;
        self.ticket.reopened_count = self.ticket.reopened_count.saturating_add(1);
        Ok(())
    }

    fn resume(&mut self, agent: AgentId) -> Result<(), InvalidTransition> {
        let assignment = Assignment { agent, at: self.now };
        self.step(|state| state.resume(assignment))
    }

    /// The customer wrote; nothing changes where nothing has to. `assignee_is_there` speaks of who
    /// had the ticket when it was resolved.
    ///
    /// # Errors
    /// [`InvalidTransition`] when the ticket is closed.
    pub fn customer_wrote(&mut self, assignee_is_there: bool, office: Office) -> Result<(), InvalidTransition> {
        let from = self.ticket.state.status();
        let state = self.ticket.state.clone().customer_wrote(assignee_is_there, office)?;
        if from == Status::Waiting && state.status() == from {
            self.is_marked |= !self.ticket.is_offline;
            self.ticket.is_offline = true;
        }
        if state.status() == from {
            return Ok(());
        }
        self.step(|_| Ok(state))?;
        if from == Status::Resolved {
            self.ticket.reopened_count = self.ticket.reopened_count.saturating_add(1);
        }
        if self.ticket.state.status() == Status::Waiting {
            self.ticket.is_offline = true;
        }
        Ok(())
    }

    /// The customer opens a resolved ticket again without a word. `assignee_is_there` speaks of who
    /// had the ticket when it was resolved.
    ///
    /// # Errors
    /// [`InvalidTransition`] unless it is resolved: a closed one is for an agent to open again.
    pub fn customer_reopened(&mut self, assignee_is_there: bool, office: Office) -> Result<(), InvalidTransition> {
        let from = self.ticket.state.status();
        if from == Status::Resolved {
            return self.customer_wrote(assignee_is_there, office);
        }
        let attempted = Status::Open;
        Err(InvalidTransition { from, attempted })
    }

    /// Whether it waits for somebody to take it.
    fn is_for_anybody(&self) -> bool {
        matches!(self.ticket.state.status(), Status::Open | Status::Waiting)
    }

    /// It is the bot's turn until a moment, if the ticket is nobody's. Nothing that anybody hears of.
    pub fn hold_for_bot(&mut self, until: Timestamp) {
        if self.is_for_anybody() && self.ticket.held_for_bot_until != Some(until) {
            self.ticket.held_for_bot_until = Some(until);
            self.is_marked = true;
        }
    }

    /// The bot has it no more, since somebody of the team sees to it.
    pub fn release_from_bot(&mut self) {
        self.is_marked |= self.ticket.held_for_bot_until.is_some();
        self.ticket.held_for_bot_until = None;
    }

    /// The bot leaves a ticket that it has to people, who were told of nothing that came from
    /// `since` on. Its customer is told to wait unless it is `taken` at once. Nothing happens when
    /// the bot doesn't have it.
    ///
    /// # Errors
    /// [`InvalidTransition`] never, since a held ticket is open or waiting.
    pub fn hand_over(
        &mut self,
        since: Option<MessageId>,
        office: Office,
        taken: bool,
    ) -> Result<(), InvalidTransition> {
        if self.ticket.held_for_bot_until.is_none() {
            return Ok(());
        }
        self.release_from_bot();
        match (self.ticket.state.status(), office) {
            (Status::Open, Office::Empty) => self.step(TicketState::wait)?,
            (Status::Waiting, Office::Staffed) => {
                let ticket = self.ticket.id;
                self.bodies.push(EventBody::AgentBecameAvailable { ticket });
                self.step(TicketState::stop_waiting)?;
            }
            _ => {}
        }
        self.ticket.is_offline |= self.ticket.state.status() == Status::Waiting;
        let ticket = self.ticket.id;
        self.bodies.push(EventBody::TicketHandedOver { ticket, since });
        if !taken {
            self.say("Someone will be with you as soon as possible".to_owned());
        }
        Ok(())
    }

    /// Takes one step of the table and tells of it.
    fn step(
        &mut self,
        step: impl FnOnce(TicketState) -> Result<TicketState, InvalidTransition>,
    ) -> Result<(), InvalidTransition> {
        let from = self.ticket.state.status();
        let former = self.ticket.assignee();
        self.ticket.state = step(self.ticket.state.clone())?;
        let to = self.ticket.state.status();
        let ticket = self.ticket.id;
        self.bodies.push(match (former, self.ticket.assignee()) {
            (Some(_), None) => EventBody::TicketUnassigned {
                ticket,
                from: former,
                status: to,
            },
            _ => EventBody::TicketStatusChanged { ticket, from, to },
        });
        // Waiting and open differ only in who happens to be there: nothing that was done to it.
        if to.is_unfinished()
            && from.is_unfinished()
            && matches!(
                (from, to),
                (Status::Open, Status::Waiting) | (Status::Waiting, Status::Open)
            )
        {
            return Ok(());
        }
        self.take_up();
        self.say(format!("Status changed to {to}"));
        Ok(())
    }

    /// Makes the ticket more or less urgent.
    pub fn set_priority(&mut self, to: Priority) {
        let from = self.ticket.priority;
        if from == to {
            return;
        }
        self.ticket.priority = to;
        self.bodies.push(EventBody::TicketPriorityChanged {
            ticket: self.ticket.id,
            from,
            to,
        });
        self.note(format!("Priority changed to {to}"));
    }

    /// Sends the ticket to another team, or to none in particular.
    pub fn move_to(&mut self, department: Option<&Department>) {
        let (from, to) = (self.ticket.department, department.map(|department| department.id));
        if from == to {
            return;
        }
        self.ticket.department = to;
        self.ticket.passed_over.clear();
        self.bodies.push(EventBody::TicketMoved {
            ticket: self.ticket.id,
            from,
            to,
        });
        if let Some(department) = department {
            self.say(format!("Moved to {}", department.name));
        }
    }

    /// Replaces the skills that whoever gets the ticket must have.
    pub fn require_skills(&mut self, skills: Vec<String>) {
        if self.ticket.required_skills == skills {
            return;
        }
        let words = words_of("Needed skills", &skills);
        self.ticket.required_skills = skills;
        self.tell_requirements(words);
    }

    /// Replaces the languages in which its requester would be answered best.
    pub fn set_languages(&mut self, languages: Vec<String>) {
        if self.ticket.languages == languages {
            return;
        }
        let words = words_of("Languages", &languages);
        self.ticket.languages = languages;
        self.tell_requirements(words);
    }

    fn tell_requirements(&mut self, words: String) {
        let body = EventBody::TicketRequirementsChanged { ticket: self.ticket.id };
        if !self.bodies.contains(&body) {
            self.bodies.push(body);
        }
        self.note(words);
    }

    /// Replaces the tags.
    pub fn set_tags(&mut self, tags: Vec<String>) {
        if self.ticket.tags != tags {
            self.ticket.tags = tags;
            self.bodies.push(EventBody::TicketTagged { ticket: self.ticket.id });
        }
    }

    /// Tells that the ticket needs more than its agent; `by` is the agent who says so, if one does.
    pub fn escalate(&mut self, by: Option<AgentId>, reason: String) {
        self.note(format!("Escalated: {reason}"));
        self.ticket.escalation = Some(Escalation {
            at: self.now,
            by,
            reason,
        });
        self.bodies.push(EventBody::TicketEscalated { ticket: self.ticket.id });
    }
}

fn words_of(what: &str, values: &[String]) -> String {
    if values.is_empty() {
        format!("{what}: none")
    } else {
        format!("{what}: {}", values.join(", "))
    }
}
