//! Wishes to be phoned.

use std::{collections::HashMap, time::Duration};

use serde_json::Value;

use super::{Desk, DeskError, Rule, Scope, lookup::require, retry::Attempt};
use crate::{
    change::{ChangeSet, Claim, Conflict, Expect},
    model::{
        Actor, AgentId, AttemptOutcome, CALLBACK_REPEAT, Calendar, CallAttempt, Callback, CallbackId, CallbackStatus,
        Channel, CustomerId, Delivery, DeliveryStatus, EventBody, Input, LONGEST_MESSAGE, MOST_ATTEMPTS, Notice,
        Requester, Role, TicketId, Timestamp, Wanted, check_contact_number, choose, e164,
    },
    ports::{CallbackFilter, Page, PageRequest},
};

/// How often it is looked whether first attempts have been made, where nothing tells of them.
const LOOK_INTERVAL: Duration = Duration::from_millis(100);

/// A wish to be phoned.
#[derive(Debug, Clone, Default)]
pub struct NewCallback {
    /// The number as typed.
    pub contact_number: String,
    /// What a visitor who could not log in says they are known by.
    pub employee_id: Option<String>,
    /// Whose wish it is, when they are known.
    pub customer: Option<CustomerId>,
    /// The ticket it is about.
    pub ticket: Option<TicketId>,
    /// When they want to be phoned; as soon as possible when not given.
    pub scheduled_at: Option<Timestamp>,
    /// Anything else.
    pub notes: Option<String>,
    /// Custom data, a JSON object.
    pub metadata: Option<Value>,
}

/// What became of telling the team over one channel.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    /// Whether the other side took it.
    pub is_sent: bool,
    /// When.
    pub sent_at: Option<Timestamp>,
    /// Why the last attempt failed.
    pub error: Option<String>,
}

/// A callback with what became of telling the team of it.
#[derive(Debug, Clone, PartialEq)]
pub struct CallbackState {
    /// The callback.
    pub callback: Callback,
    /// By mail.
    pub email: Told,
    /// By Telegram.
    pub telegram: Told,
    /// Whether it is one that came in before, with the same number.
    pub is_repeat: bool,
}

/// Changes to a callback. What is not named stays.
#[derive(Debug, Clone, Default)]
pub struct CallbackChanges {
    /// Another status.
    pub status: Option<CallbackStatus>,
    /// Other notes; empty ones are none.
    pub notes: Option<String>,
    /// Who reached them, if it is not the actor.
    pub contacted_by: Option<AgentId>,
    /// Another time; none for as soon as possible.
    pub scheduled_at: Option<Option<Timestamp>>,
}

impl Desk {
    /// Takes in a wish to be phoned, gives it to an agent where that is automatic, and waits a
    /// moment for what becomes of telling the team. The same number within ten minutes is the
    /// same wish, of which nobody is told again.
    ///
    /// # Errors
    /// [`DeskError::Invalid`] with every bad field.
    pub async fn request_callback(&self, scope: &Scope, new: NewCallback) -> Result<CallbackState, DeskError> {
        let draft = self.draft_callback(scope, new).await?;
        self.refuse_blocked(scope, draft.customer.map(Requester::Customer), None)
            .await?;
        let since = draft.created_at.minus(CALLBACK_REPEAT);
        let number = draft.number_key();
        let (callback, is_repeat) = match self
            .decide(scope, || self.try_request(scope, &draft, &number, since))
            .await
        {
            Ok(requested) => requested,
            // Somebody submitted it at the very same moment.
            Err(DeskError::Conflict(_)) => {
                let first = self
                    .stores()
                    .callbacks
                    .callback_by_number(scope.tenant(), &number, since);
                (first.await?.ok_or_else(|| DeskError::from(Conflict::Concurrent))?, true)
            }
            Err(error) => return Err(error),
        };
        if !is_repeat {
            self.first_attempts(scope, callback.id).await?;
        }
        let mut state = self.callback_state(scope, callback).await?;
        state.is_repeat = is_repeat;
        Ok(state)
    }

    async fn draft_callback(&self, scope: &Scope, new: NewCallback) -> Result<Callback, DeskError> {
        let now = self.now();
        let mut input = Input::new();
        let contact_number = check_contact_number(&mut input, "contact_number", &new.contact_number);
        let employee_id = input.optional_line("employee_id", new.employee_id.as_deref(), 100);
        let notes = optional_text(&mut input, "notes", new.notes.as_deref());
        let metadata = input.metadata("metadata", new.metadata);
        if new.scheduled_at.is_some_and(|at| at < now) {
            input.refuse("scheduled_at", "Must not be in the past");
        }
        input.finish()?;
        let region = self.tenant_of(scope).await?.settings.phone_region;
        let e164 = understood(contact_number.clone(), region).await?;
        let mut draft = Callback {
            id: CallbackId::new(self.ids().uuid()),
            contact_number,
            e164,
            employee_id,
            customer: new.customer,
            ticket: new.ticket,
            status: CallbackStatus::Pending,
            scheduled_at: new.scheduled_at,
            assigned_to: None,
            notes,
            contacted_at: None,
            contacted_by: None,
            resolved_at: None,
            attempts: Vec::new(),
            reminded_at: None,
            overdue_at: None,
            escalated_at: None,
            metadata,
            version: 0,
            created_at: now,
            updated_at: now,
        };
        draft.promise(&self.calendar_of_callback(scope, draft.ticket).await?, now);
        Ok(draft)
    }

    /// By whose hours a callback is due: those of the department of its ticket, else the tenant's.
    async fn calendar_of_callback(&self, scope: &Scope, ticket: Option<TicketId>) -> Result<Calendar, DeskError> {
        let tenant = scope.tenant();
        let ticket = match ticket {
            Some(ticket) => self.stores().tickets.ticket(tenant, ticket).await?,
            None => None,
        };
        let department = ticket.and_then(|ticket| ticket.department);
        Ok(self.calendars(tenant).await?.of(department).clone())
    }

    async fn try_request(
        &self,
        scope: &Scope,
        draft: &Callback,
        number: &str,
        since: Timestamp,
    ) -> Result<(Callback, bool), Attempt> {
        let first = self
            .stores()
            .callbacks
            .callback_by_number(scope.tenant(), number, since)
            .await?;
        if let Some(first) = first {
            return Ok((first, true));
        }
        let mut callback = draft.clone();
        let mut bodies = vec![EventBody::CallbackRequested { callback: draft.id }];
        callback.assigned_to = self.agent_for_callback(scope).await?;
        if callback.assigned_to.is_some() {
            bodies.push(EventBody::CallbackAssigned {
                callback: draft.id,
                to: callback.assigned_to,
            });
        }
        let mut change = ChangeSet::new(scope, draft.created_at);
        change.expect(Expect::Free(Claim::ContactNumber {
            number: number.to_owned(),
            since,
        }));
        if let Some(agent) = callback.assigned_to {
            change.note_assignment(agent);
        }
        change.put_callback(callback.clone(), bodies);
        self.commit(change).await?;
        callback.version = 1;
        Ok((callback, false))
    }

    /// Who would be given a ticket that asks for nothing in particular.
    async fn agent_for_callback(&self, scope: &Scope) -> Result<Option<AgentId>, DeskError> {
        if !self.tenant_of(scope).await?.settings.assignment.automatic {
            return Ok(None);
        }
        let candidates = self.candidates(scope.tenant()).await?;
        Ok(choose(&candidates, &Wanted::default()).map(|candidate| candidate.agent.id))
    }

    /// Waits until each delivery that tells of a callback has been tried once, for as long as
    /// callers are made to wait.
    async fn first_attempts(&self, scope: &Scope, callback: CallbackId) -> Result<(), DeskError> {
        let wait = self.outbound_settings().callback_wait;
        let mut attempts = self.attempts();
        let all_tried = async {
            loop {
                let owed = self.deliveries_of(scope, &[callback]).await?;
                if owed.iter().all(was_tried) {
                    return Ok(());
                }
                // Others' attempts are no reason to look; another node's are told by nobody.
                let tried_here = async {
                    while !matches!(attempts.recv().await, Ok(tried) if owed.iter().any(|own| own.id == tried)) {}
                };
                drop(tokio::time::timeout(LOOK_INTERVAL, tried_here).await);
            }
        };
        tokio::time::timeout(wait, all_tried).await.unwrap_or(Ok(()))
    }

    async fn deliveries_of(&self, scope: &Scope, callbacks: &[CallbackId]) -> Result<Vec<Delivery>, DeskError> {
        let owed = &self.stores().owed;
        let all = owed.deliveries_of_callbacks(scope.tenant(), callbacks).await?;
        let requested = all
            .into_iter()
            .filter(|delivery| matches!(delivery.notice, Notice::CallbackRequested { .. }));
        Ok(requested.collect())
    }

    async fn callback_state(&self, scope: &Scope, callback: Callback) -> Result<CallbackState, DeskError> {
        let mut states = self.callback_states(scope, vec![callback]).await?;
        states.pop().ok_or(DeskError::NotFound)
    }

    async fn callback_states(&self, scope: &Scope, callbacks: Vec<Callback>) -> Result<Vec<CallbackState>, DeskError> {
        let ids: Vec<CallbackId> = callbacks.iter().map(|callback| callback.id).collect();
        let mut told: HashMap<(CallbackId, Channel), Told> = HashMap::new();
        if !ids.is_empty() {
            for delivery in self.deliveries_of(scope, &ids).await? {
                if let Some(callback) = delivery.callback {
                    told.insert((callback, delivery.channel), Told::of(delivery));
                }
            }
        }
        let states = callbacks.into_iter().map(|callback| CallbackState {
            email: told.remove(&(callback.id, Channel::Email)).unwrap_or_default(),
            telegram: told.remove(&(callback.id, Channel::Telegram)).unwrap_or_default(),
            callback,
            is_repeat: false,
        });
        Ok(states.collect())
    }

    /// Callbacks, newest first.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than agents, and customers who ask for their own.
    pub async fn callbacks(
        &self,
        scope: &Scope,
        filter: &CallbackFilter,
        page: PageRequest,
    ) -> Result<Page<CallbackState>, DeskError> {
        let own = match scope.actor() {
            Actor::Customer(customer) => Some(*customer),
            _ => {
                require(scope, Role::Agent)?;
                filter.customer
            }
        };
        let filter = CallbackFilter {
            customer: own,
            ..filter.clone()
        };
        let found = self.stores().callbacks.callbacks(scope.tenant(), &filter, page).await?;
        Ok(Page {
            items: self.callback_states(scope, found.items).await?,
            total: found.total,
            is_total_exact: found.is_total_exact,
        })
    }

    /// One callback.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than agents, [`DeskError::NotFound`].
    pub async fn callback(&self, scope: &Scope, callback: CallbackId) -> Result<CallbackState, DeskError> {
        let callback = self.callback_record(scope, callback).await?;
        self.callback_state(scope, callback).await
    }

    async fn callback_record(&self, scope: &Scope, callback: CallbackId) -> Result<Callback, DeskError> {
        require(scope, Role::Agent)?;
        let found = self.stores().callbacks.callback(scope.tenant(), callback).await?;
        found.ok_or(DeskError::NotFound)
    }

    /// Changes a callback.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than agents, [`DeskError::NotFound`],
    /// [`DeskError::Invalid`], [`Rule::InvalidCallbackTransition`].
    pub async fn update_callback(
        &self,
        scope: &Scope,
        callback: CallbackId,
        changes: CallbackChanges,
    ) -> Result<CallbackState, DeskError> {
        let ticket = self.callback_record(scope, callback).await?.ticket;
        let mut input = Input::new();
        let notes = changes
            .notes
            .as_deref()
            .map(|notes| optional_text(&mut input, "notes", Some(notes)));
        let now = self.now();
        if changes.scheduled_at.flatten().is_some_and(|at| at < now) {
            input.refuse("scheduled_at", "Must not be in the past");
        }
        input.finish()?;
        let by = match changes.contacted_by {
            Some(agent) => Some(self.active_agent(scope.tenant(), "contacted_by", agent).await?.id),
            None => scope.actor().agent().map(|agent| agent.id),
        };
        let calendar = &self.calendar_of_callback(scope, ticket).await?;
        let (changes, notes) = (&changes, &notes);
        self.decide(scope, || async move {
            let mut after = self.callback_record(scope, callback).await?;
            let from = after.status;
            let mut bodies = Vec::new();
            if let Some(to) = changes.status.filter(|to| *to != from) {
                after.set_status(to, by, now).map_err(DeskError::from)?;
                if to == CallbackStatus::Pending {
                    after.promise(calendar, now);
                }
                bodies.push(EventBody::CallbackStatusChanged { callback, from, to });
            }
            let mut is_updated = false;
            if let Some(notes) = notes {
                is_updated |= after.notes != *notes;
                after.notes.clone_from(notes);
            }
            if let Some(scheduled_at) = changes.scheduled_at.filter(|at| *at != after.scheduled_at) {
                after.scheduled_at = scheduled_at;
                after.reminded_at = None;
                after.escalated_at = None;
                after.promise(calendar, now);
                is_updated = true;
            }
            if let Some(agent) = changes.contacted_by.filter(|_| after.contacted_at.is_some()) {
                is_updated |= after.contacted_by != Some(agent);
                after.contacted_by = Some(agent);
            }
            if is_updated {
                bodies.push(EventBody::CallbackUpdated { callback });
            }
            self.put_callback(scope, after, bodies, now).await
        })
        .await?;
        self.callback(scope, callback).await
    }

    async fn put_callback(
        &self,
        scope: &Scope,
        mut callback: Callback,
        bodies: Vec<EventBody>,
        now: Timestamp,
    ) -> Result<(), Attempt> {
        if bodies.is_empty() {
            return Ok(());
        }
        callback.updated_at = now;
        let mut change = ChangeSet::new(scope, now);
        change.put_callback(callback, bodies);
        self.commit(change).await?;
        Ok(())
    }

    /// Gives a callback to an agent.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than agents, [`DeskError::NotFound`],
    /// [`DeskError::Invalid`] for an agent that isn't there, a conflict when it is finished.
    pub async fn assign_callback(
        &self,
        scope: &Scope,
        callback: CallbackId,
        agent: AgentId,
    ) -> Result<CallbackState, DeskError> {
        self.callback_record(scope, callback).await?;
        let agent = self.active_agent(scope.tenant(), "agent_id", agent).await?.id;
        self.decide(scope, || async move {
            let mut after = self.callback_record(scope, callback).await?;
            if !after.status.is_unfinished() {
                let finished = Rule::CallbackFinished(after.status);
                return Err(DeskError::Refused(finished).into());
            }
            if after.assigned_to == Some(agent) {
                return Ok(());
            }
            after.assigned_to = Some(agent);
            after.reminded_at = None;
            let to = Some(agent);
            self.put_callback(
                scope,
                after,
                vec![EventBody::CallbackAssigned { callback, to }],
                self.now(),
            )
            .await
        })
        .await?;
        self.callback(scope, callback).await
    }

    /// Remembers that the actor tried to phone.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than agents, [`DeskError::NotFound`],
    /// [`DeskError::Invalid`], a conflict when it is finished.
    pub async fn attempt_callback(
        &self,
        scope: &Scope,
        callback: CallbackId,
        outcome: AttemptOutcome,
        notes: Option<&str>,
    ) -> Result<CallbackState, DeskError> {
        let mut input = Input::new();
        let notes = &optional_text(&mut input, "notes", notes);
        if self.callback_record(scope, callback).await?.attempts.len() >= MOST_ATTEMPTS {
            input.refuse("outcome", format!("There can be at most {MOST_ATTEMPTS} attempts"));
        }
        input.finish()?;
        self.decide(scope, || async move {
            let mut after = self.callback_record(scope, callback).await?;
            let from = after.status;
            if !from.is_unfinished() {
                return Err(DeskError::Refused(Rule::CallbackFinished(from)).into());
            }
            let now = self.now();
            let attempt = CallAttempt {
                at: now,
                by: scope.actor().agent().map(|agent| agent.id),
                outcome,
                notes: notes.clone(),
            };
            after.attempt(attempt).map_err(DeskError::from)?;
            let mut bodies = vec![EventBody::CallbackAttempted { callback }];
            if after.status != from {
                let to = after.status;
                bodies.push(EventBody::CallbackStatusChanged { callback, from, to });
            }
            self.put_callback(scope, after, bodies, now).await
        })
        .await?;
        self.callback(scope, callback).await
    }
}

impl Told {
    fn of(delivery: Delivery) -> Self {
        let is_sent = delivery.status == DeliveryStatus::Sent;
        Self {
            is_sent,
            sent_at: delivery.sent_at,
            error: delivery.last_error.filter(|_| !is_sent),
        }
    }
}

fn was_tried(delivery: &Delivery) -> bool {
    match delivery.status {
        DeliveryStatus::Sent | DeliveryStatus::Dead | DeliveryStatus::Failed => true,
        DeliveryStatus::Queued => false,
        DeliveryStatus::Sending => delivery.attempts > 1,
    }
}

fn optional_text(input: &mut Input, field: &str, text: Option<&str>) -> Option<String> {
    let text = text.map(str::trim).filter(|text| !text.is_empty())?;
    Some(input.text(field, text, 1..=LONGEST_MESSAGE))
}

/// Understanding a number takes a fraction of a millisecond, but for the first one, which loads
/// the numbering plans of the world.
async fn understood(number: String, region: Option<String>) -> Result<Option<String>, DeskError> {
    let understood = tokio::task::spawn_blocking(move || e164(&number, region.as_deref()));
    understood.await.map_err(|error| DeskError::Internal(error.to_string()))
}
