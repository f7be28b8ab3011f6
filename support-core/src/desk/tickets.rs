//! Changing the state of tickets, and listing them.

use super::{
    Desk, DeskError, Rule, Scope, Speaker,
    conversation::NewMessage,
    lookup::{TicketRef, require},
    retry::Attempt,
};
use crate::{
    change::{ChangeSet, Expect},
    model::{
        Actor, AgentId, Arrival, Department, Input, LONGEST_MESSAGE, Message, Priority, Requester, Revision, Role,
        Secret, Status, TenantId, Ticket,
    },
    ports::{COUNTED_TO, Page, TicketFilter, TicketPosition},
};

/// Changes to a ticket, all or none. What is not named stays.
#[derive(Debug, Clone, Default)]
pub struct TicketChanges {
    /// Another status.
    pub status: Option<Status>,
    /// What was done, for a resolution.
    pub notes: Option<String>,
    /// Somebody else has it; `Some(None)` is nobody.
    pub assignee: Option<Option<AgentId>>,
    /// The slug of another team; `Some(None)` is none.
    pub department: Option<Option<String>>,
    /// More or less urgent.
    pub priority: Option<Priority>,
    /// Other tags.
    pub tags: Option<Vec<String>>,
    /// Other skills that whoever gets it must have.
    pub skills: Option<Vec<String>>,
    /// Other languages in which its requester would be answered best.
    pub languages: Option<Vec<String>>,
    /// Tags to be added to those it has.
    pub more_tags: Vec<String>,
    /// Tags to be taken away.
    pub fewer_tags: Vec<String>,
    /// Why it needs more than its agent.
    pub escalation: Option<String>,
    /// The agent who changes it, as a server tells; agents act for themselves.
    pub by: Option<AgentId>,
    /// A note to those who get it.
    pub note: Option<String>,
}

/// The most tags of a ticket.
const MOST_TAGS: usize = 50;
/// The longest reason for an escalation, in characters.
const LONGEST_REASON: usize = 1_000;

impl TicketChanges {
    /// The tags of a ticket that has these.
    fn tags_from(&self, tags: &[String]) -> Vec<String> {
        let mut tags = self.tags.clone().unwrap_or_else(|| tags.to_vec());
        tags.retain(|tag| !self.fewer_tags.contains(tag));
        for tag in &self.more_tags {
            if !tags.contains(tag) {
                tags.push(tag.clone());
            }
        }
        tags
    }
}

/// What goes into the same change set as a revision.
#[derive(Debug, Default)]
pub(super) struct Companions {
    /// An agent's note on it.
    pub(super) note: Option<Message>,
    /// The department that the ticket goes to, which must not be removed at the same moment.
    pub(super) department: Option<Department>,
    /// Who gets the ticket back, and must not go away at the same moment.
    pub(super) takes_it_back: Option<AgentId>,
}

impl Desk {
    /// An agent takes a ticket.
    ///
    /// # Errors
    /// [`DeskError::NotFound`], [`DeskError::Forbidden`] for others than agents,
    /// [`Rule::AlreadyAssigned`] when somebody else has it and the actor is no supervisor,
    /// [`Rule::InvalidTransition`] when it is finished.
    pub async fn join(&self, scope: &Scope, ticket: impl Into<TicketRef>) -> Result<Ticket, DeskError> {
        let agent = scope.actor().agent().ok_or(DeskError::Forbidden)?;
        let ticket: TicketRef = ticket.into();
        self.decide(scope, || async move {
            let ticket = self.any_ticket(scope.tenant(), ticket).await?;
            if !agent.sees(ticket.assignee(), ticket.department) && !agent.could_take(ticket.department) {
                return Err(DeskError::NotFound.into());
            }
            let others = ticket.assignee().is_some_and(|assignee| assignee != agent.id);
            if others && ticket.state.status().is_unfinished() && !agent.role.includes(Role::Supervisor) {
                return Err(DeskError::Refused(Rule::AlreadyAssigned).into());
            }
            let mut revision = Revision::of(ticket.clone(), self.now());
            revision.join(agent)?;
            self.commit_revision(scope, revision, Companions::default()).await
        })
        .await
    }

    /// Changes a ticket: status, agent, team, priority, tags and what it asks of its agent at once,
    /// all or nothing.
    ///
    /// # Errors
    /// [`DeskError::NotFound`], [`DeskError::Forbidden`] for others than agents,
    /// [`DeskError::Invalid`] for what isn't there, [`Rule::InvalidTransition`],
    /// [`Rule::AlreadyAssigned`] when a mere agent gives away what somebody else has.
    pub async fn update_ticket(
        &self,
        scope: &Scope,
        ticket: impl Into<TicketRef>,
        changes: TicketChanges,
    ) -> Result<Ticket, DeskError> {
        self.update_ticket_with(scope, ticket, changes, Input::new()).await
    }

    /// As [`update_ticket`](Self::update_ticket), for callers who have found something wrong
    /// already: they are refused with that and with all that is wrong besides.
    ///
    /// # Errors
    /// As [`update_ticket`](Self::update_ticket).
    pub async fn update_ticket_with(
        &self,
        scope: &Scope,
        ticket: impl Into<TicketRef>,
        changes: TicketChanges,
        mut input: Input,
    ) -> Result<Ticket, DeskError> {
        require(scope, Role::Agent)?;
        let tenant = scope.tenant();
        if let Some(Some(slug)) = &changes.department
            && let Err(error) = self.active_department(tenant, "department", slug).await
        {
            input.join(error)?;
        }
        if let Some(Some(agent)) = changes.assignee
            && let Err(error) = self.active_agent(tenant, "assigned_to", agent).await
        {
            input.join(error)?;
        }
        let notes = changes
            .notes
            .as_deref()
            .map(|notes| input.text("notes", notes, 0..=LONGEST_MESSAGE))
            .filter(|notes| !notes.is_empty());
        let note = changes
            .note
            .as_deref()
            .map(|note| input.text("note", note, 0..=LONGEST_MESSAGE))
            .filter(|note| !note.is_empty());
        let mut lines = |field: &str, values: &Option<Vec<String>>| {
            let values = values.as_deref();
            values.map(|values| input.lines(field, values, 50))
        };
        let tags = lines("tags", &changes.tags);
        let skills = lines("skills", &changes.skills);
        let languages = lines("languages", &changes.languages);
        let more_tags = input.lines("add", &changes.more_tags, MOST_TAGS);
        let fewer_tags = input.lines("remove", &changes.fewer_tags, MOST_TAGS);
        let escalation = changes
            .escalation
            .as_deref()
            .map(|reason| input.text("reason", reason, 1..=LONGEST_REASON));
        self.check_named_agent(scope, changes.by, &mut input).await?;
        input.finish()?;
        let changes = TicketChanges {
            notes,
            note,
            tags,
            skills,
            languages,
            more_tags,
            fewer_tags,
            escalation,
            ..changes
        };
        let (changes, ticket): (&TicketChanges, TicketRef) = (&changes, ticket.into());
        self.decide(scope, || self.try_update(scope, ticket, changes)).await
    }

    /// Agents are nobody else; servers may speak of any agent of the tenant.
    async fn check_named_agent(
        &self,
        scope: &Scope,
        named: Option<AgentId>,
        input: &mut Input,
    ) -> Result<(), DeskError> {
        match (named, scope.actor().agent()) {
            (None, _) => {}
            (Some(named), Some(actor)) if named == actor.id => {}
            (Some(_), Some(_)) => input.refuse("agent_id", "You act in your own name"),
            (Some(named), None) => {
                if let Err(error) = self.active_agent(scope.tenant(), "agent_id", named).await {
                    input.join(error)?;
                }
            }
        }
        Ok(())
    }

    async fn try_update(&self, scope: &Scope, ticket: TicketRef, changes: &TicketChanges) -> Result<Ticket, Attempt> {
        let ticket = self.ticket(scope, ticket).await?;
        if self.was_done(scope).await? {
            return Ok(ticket);
        }
        let actor = scope.actor().agent();
        let mut revision = Revision::of(ticket.clone(), self.now());
        if actor.is_some_and(|agent| ticket.assignee() == Some(agent.id)) {
            revision.take_up();
        }
        if let Some(priority) = changes.priority {
            revision.set_priority(priority);
        }
        let tags = changes.tags_from(&revision.ticket().tags);
        if tags.len() > MOST_TAGS {
            let message = format!("A ticket has at most {MOST_TAGS} tags");
            return Err(DeskError::field("add", message).into());
        }
        revision.set_tags(tags);
        let by = actor.map(|agent| agent.id).or(changes.by);
        if let Some(reason) = &changes.escalation {
            if ticket.state.status() == Status::Closed {
                return Err(DeskError::Refused(Rule::TicketClosed).into());
            }
            revision.escalate(by, reason.clone());
        }
        if let Some(skills) = &changes.skills {
            revision.require_skills(skills.clone());
        }
        if let Some(languages) = &changes.languages {
            revision.set_languages(languages.clone());
        }
        let department = match &changes.department {
            Some(Some(slug)) => Some(self.active_department(scope.tenant(), "department", slug).await?),
            Some(None) | None => None,
        };
        if changes.department.is_some() {
            revision.move_to(department.as_ref());
        }
        if let Some(assignee) = changes.assignee {
            self.reassign(scope, &mut revision, assignee).await?;
        }
        if let Some(status) = changes.status {
            let is_active = self.assignee_is_active(scope.tenant(), revision.ticket()).await?;
            let office = self.office(scope.tenant(), revision.ticket().department).await?;
            match (status, actor) {
                (Status::Assigned, Some(agent))
                    if matches!(revision.ticket().state.status(), Status::Open | Status::Waiting) =>
                {
                    revision.join(agent)?;
                }
                _ => revision.set_status(status, by, changes.notes.clone(), is_active, office)?,
            }
        }
        let note = match &changes.note {
            Some(note) => Some(self.note(scope, revision.ticket(), note)?),
            None => None,
        };
        let companions = Companions {
            note,
            department,
            ..Companions::default()
        };
        self.commit_revision(scope, revision, companions).await
    }

    fn note(&self, scope: &Scope, ticket: &Ticket, words: &str) -> Result<Message, DeskError> {
        let note = NewMessage {
            is_note: true,
            ..NewMessage::text(words)
        };
        self.message_from(scope, ticket, note, Speaker::Own)
    }

    /// Commits a revision with what the thread says of it and what goes with it, and looks for
    /// who may be given what has become free.
    pub(super) async fn commit_revision(
        &self,
        scope: &Scope,
        revision: Revision,
        companions: Companions,
    ) -> Result<Ticket, Attempt> {
        let Companions {
            note,
            department,
            takes_it_back,
        } = companions;
        let ticket = revision.ticket().clone();
        let revised = revision.finish();
        if revised.is_none() && note.is_none() {
            return Ok(ticket);
        }
        let ticket = revised.as_ref().map_or(ticket, |revised| revised.ticket.clone());
        let mut change = ChangeSet::new(scope, self.now());
        if let Some(department) = &department {
            change.expect_unchanged_department(department);
        }
        if let Some(agent) = takes_it_back {
            change.expect(Expect::AgentIsThere(agent));
        }
        let told = self.put_revision(&mut change, revised);
        self.tell(&mut change, &ticket, told);
        if let Some(note) = note {
            change.append(&ticket, note);
        }
        self.commit(change).await?;
        self.assign_waiting_soon(scope.tenant());
        Ok(self.any_ticket(scope.tenant(), ticket.id.into()).await?)
    }

    async fn reassign(
        &self,
        scope: &Scope,
        revision: &mut Revision,
        assignee: Option<AgentId>,
    ) -> Result<(), DeskError> {
        let has = revision.ticket().assignee();
        let is_mine = |agent: AgentId| scope.actor().agent().is_some_and(|actor| actor.id == agent);
        if has.is_some_and(|has| !is_mine(has)) && has != assignee && !scope.actor().is_at_least(Role::Supervisor) {
            return Err(DeskError::Refused(Rule::AlreadyAssigned));
        }
        if has != assignee {
            revision.take_up();
        }
        match assignee {
            None if has.is_none() => Ok(()),
            None => {
                let office = self.office(scope.tenant(), revision.ticket().department).await?;
                Ok(revision.unassign(office)?)
            }
            Some(agent) => {
                let agent = self.active_agent(scope.tenant(), "assigned_to", agent).await?;
                let arrival = if is_mine(agent.id) {
                    Arrival::Joined
                } else {
                    Arrival::Given
                };
                Ok(revision.assign(&agent, arrival)?)
            }
        }
    }

    /// The customer or visitor ends their own conversation.
    ///
    /// # Errors
    /// [`DeskError::NotFound`], [`Rule::InvalidTransition`] when it is over already.
    pub async fn close_own_ticket(&self, scope: &Scope, ticket: impl Into<TicketRef>) -> Result<Ticket, DeskError> {
        let ticket: TicketRef = ticket.into();
        self.decide(scope, || async move {
            let ticket = self.ticket(scope, ticket).await?;
            if self.was_done(scope).await? {
                return Ok(ticket);
            }
            let mut revision = Revision::of(ticket, self.now());
            revision.close(scope.actor().agent().map(|agent| agent.id))?;
            self.commit_revision(scope, revision, Companions::default()).await
        })
        .await
    }

    /// A part of the list of tickets that the actor may see, which are their own for a customer. It
    /// is counted up to [`COUNTED_TO`], and has pages that far; further on, parts are asked for by
    /// the place after which they begin.
    ///
    /// # Errors
    /// [`DeskError::Invalid`] naming `page` when it lies further on,
    /// [`DeskError::Forbidden`] for actors who may list nothing.
    pub async fn tickets(
        &self,
        scope: &Scope,
        filter: TicketFilter,
        position: TicketPosition,
        limit: u32,
    ) -> Result<Page<Ticket>, DeskError> {
        if let TicketPosition::Page(number) = position
            && u64::from(number) * u64::from(limit) > COUNTED_TO.max(u64::from(limit))
        {
            let message = format!("Pages end after {COUNTED_TO} tickets: go on with `cursor`");
            return Err(DeskError::field("page", &message));
        }
        let filter = match scope.actor() {
            Actor::Customer(customer) => TicketFilter {
                requester: Some(Requester::Customer(*customer)),
                ..filter
            },
            _ => TicketFilter {
                visible_to: self.visible_to(scope)?,
                ..filter
            },
        };
        Ok(self
            .stores()
            .tickets
            .tickets(scope.tenant(), &filter, position, limit)
            .await?)
    }

    /// The ticket that a secret opens, perhaps as it was a moment ago: good for
    /// [`post_to`](Self::post_to), which notices when it commits.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] when it opens none.
    pub async fn ticket_to_write_to(&self, tenant: TenantId, secret: &Secret) -> Result<Ticket, DeskError> {
        match self.open_conversations().recall(&(tenant, secret.hash())) {
            Some(ticket) => Ok(ticket),
            None => self.ticket_of_secret(tenant, secret).await,
        }
    }

    /// The ticket that a secret opens, or the link of a mail.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] when it opens none.
    pub async fn ticket_of_secret(&self, tenant: TenantId, secret: &Secret) -> Result<Ticket, DeskError> {
        if let Some(ticket) = self.conversation_of_link(tenant, secret.reveal()) {
            return self.any_ticket(tenant, ticket.into()).await;
        }
        self.stores()
            .tickets
            .ticket_by_access(tenant, &secret.hash())
            .await?
            .ok_or(DeskError::NotFound)
    }
}
