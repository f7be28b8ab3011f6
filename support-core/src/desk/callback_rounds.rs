//! What time brings to callbacks, and what is counted of them.

use super::{Desk, DeskError, Scope, lookup::require, retry::Attempt};
use crate::{
    change::ChangeSet,
    model::{
        Agent, AgentId, CALLBACK_REMINDER, Callback, CallbackId, CallbackStatistics, CallbackStatus, Channel,
        EventBody, Input, LastDays, Notice, Notification, NotificationId, NotificationKind, Principal, Priority, Role,
        TenantId, Timestamp, Wanted, choose,
    },
};

/// Callbacks seen to in one round.
const CALLBACKS_AT_ONCE: u32 = 100;
/// The longest span that is counted, in days.
const MOST_DAYS: u32 = 366;

impl Desk {
    /// What is counted of the callbacks of the last `days` days, today included.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than agents, [`DeskError::Invalid`] for a span that is
    /// too long.
    pub async fn callback_statistics(&self, scope: &Scope, days: u32) -> Result<CallbackStatistics, DeskError> {
        require(scope, Role::Agent)?;
        let mut input = Input::new();
        if !(1..=MOST_DAYS).contains(&days) {
            input.refuse("days", format!("Must be from 1 to {MOST_DAYS}"));
        }
        input.finish()?;
        let tenant = self.tenant_of(scope).await?;
        let now = self.now();
        let days = LastDays::new(now, days, tenant.timezone);
        let (from, to) = days.span();
        let counts = self.stores().callbacks.callback_counts(tenant.id, from, to).await?;
        let pending = self.stores().callbacks.pending_callbacks(tenant.id, now).await?;
        Ok(CallbackStatistics::new(counts, &days, pending))
    }

    /// Reminds of calls that are near and finds those that nobody makes. Called again and again
    /// by the sweep.
    ///
    /// # Errors
    /// [`DeskError`] when the store can't be asked.
    pub async fn sweep_callbacks(&self) -> Result<(), DeskError> {
        let now = self.now();
        let callbacks = &self.stores().callbacks;
        for (tenant, callback) in callbacks
            .callbacks_to_remind(now.plus(CALLBACK_REMINDER), CALLBACKS_AT_ONCE)
            .await?
        {
            let reminded = self.remind_of(tenant, callback).await;
            log_failure(tenant, reminded);
        }
        self.escalate_overdue(now).await
    }

    /// Place after place, so that one that can't be seen to holds up no other.
    async fn escalate_overdue(&self, now: Timestamp) -> Result<(), DeskError> {
        let mut after = None;
        loop {
            let callbacks = &self.stores().callbacks;
            let overdue = callbacks.callbacks_overdue(now, after, CALLBACKS_AT_ONCE).await?;
            for found in &overdue {
                let escalated = self.escalate(found.tenant, found.callback).await;
                log_failure(found.tenant, escalated);
            }
            after = overdue.last().copied();
            if overdue.len() < CALLBACKS_AT_ONCE as usize {
                return Ok(());
            }
        }
    }

    async fn remind_of(&self, tenant: TenantId, callback: CallbackId) -> Result<(), DeskError> {
        let scope = &Scope::system(tenant);
        self.decide(scope, || self.try_remind(scope, callback)).await
    }

    async fn try_remind(&self, scope: &Scope, callback: CallbackId) -> Result<(), Attempt> {
        let tenant = scope.tenant();
        let Some(mut callback) = self.stores().callbacks.callback(tenant, callback).await? else {
            return Ok(());
        };
        let now = self.now();
        let is_near = callback
            .scheduled_at
            .is_some_and(|at| at <= now.plus(CALLBACK_REMINDER));
        let is_wanted = is_near && callback.status.is_unfinished() && callback.reminded_at.is_none();
        let Some(agent) = callback.assigned_to.filter(|_| is_wanted) else {
            return Ok(());
        };
        callback.reminded_at = Some(now);
        let mut change = ChangeSet::new(scope, now);
        let title = "A call is near".to_owned();
        change.notify(self.callback_notification(agent, title, &callback, Priority::High));
        if let Some(agent) = self.stores().people.agent(tenant, agent).await?
            && self.policy(tenant).await?.sends_mail
        {
            let notice = Notice::CallbackReminder { callback: callback.id };
            change.owe(self.mail_to(agent.email, notice));
        }
        let body = EventBody::CallbackUpdated { callback: callback.id };
        change.put_callback(callback, [body]);
        self.commit(change).await?;
        Ok(())
    }

    async fn escalate(&self, tenant: TenantId, callback: CallbackId) -> Result<(), DeskError> {
        let scope = &Scope::system(tenant);
        self.decide(scope, || self.try_escalate(scope, callback)).await
    }

    async fn try_escalate(&self, scope: &Scope, callback: CallbackId) -> Result<(), Attempt> {
        let tenant = scope.tenant();
        let Some(mut callback) = self.stores().callbacks.callback(tenant, callback).await? else {
            return Ok(());
        };
        let now = self.now();
        if !callback.is_overdue(now) || callback.escalated_at.is_some() {
            return Ok(());
        }
        callback.escalated_at = Some(now);
        let mut change = ChangeSet::new(scope, now);
        for agent in self.those_in_charge(tenant, &callback).await? {
            let title = "Somebody still waits to be phoned".to_owned();
            change.notify(self.callback_notification(agent.id, title, &callback, Priority::Urgent));
        }
        let policy = self.policy(tenant).await?;
        let notice = Notice::CallbackOverdue { callback: callback.id };
        if policy.sends_mail && !policy.callback_to.is_empty() {
            change.owe(self.mail_to(policy.callback_to.join(", "), notice.clone()));
        }
        if let Some(chat) = &policy.telegram_chat {
            let mut alert = self.mail_to(chat.clone(), notice);
            alert.channel = Channel::Telegram;
            change.owe(alert);
        }
        let body = EventBody::CallbackOverdue { callback: callback.id };
        change.put_callback(callback, [body]);
        self.commit(change).await?;
        Ok(())
    }

    /// The agent who has it, and every active supervisor and admin.
    async fn those_in_charge(&self, tenant: TenantId, callback: &Callback) -> Result<Vec<Agent>, DeskError> {
        let candidates = self.candidates(tenant).await?;
        let agents = candidates.into_iter().map(|candidate| candidate.agent);
        let is_in_charge =
            |agent: &Agent| agent.role.includes(Role::Supervisor) || callback.assigned_to == Some(agent.id);
        Ok(agents.filter(is_in_charge).collect())
    }

    fn callback_notification(
        &self,
        agent: AgentId,
        title: String,
        callback: &Callback,
        priority: Priority,
    ) -> Notification {
        Notification {
            id: NotificationId::new(self.ids().uuid()),
            recipient: Principal::Agent(agent),
            kind: NotificationKind::CallbackRequested,
            title,
            message: callback.contact_number.clone(),
            priority,
            ticket: callback.ticket,
            callback: Some(callback.id),
            created_at: self.now(),
            read_at: None,
        }
    }

    /// Callbacks that nobody has and that are due soon.
    pub(super) async fn waiting_callbacks(&self, tenant: TenantId) -> Result<Vec<Callback>, DeskError> {
        let before = self.now().plus(CALLBACK_REMINDER);
        let callbacks = &self.stores().callbacks;
        Ok(callbacks
            .unassigned_callbacks(tenant, before, CALLBACKS_AT_ONCE)
            .await?)
    }

    /// Gives callbacks that nobody has to whoever is there.
    pub(super) async fn assign_callbacks(&self, tenant: TenantId, waiting: Vec<Callback>) -> Result<(), DeskError> {
        let scope = &Scope::system(tenant);
        for callback in waiting {
            // Each one given changes whose turn it is.
            let candidates = self.candidates(tenant).await?;
            let Some(chosen) = choose(&candidates, &Wanted::default()) else {
                return Ok(());
            };
            let agent = chosen.agent.id;
            self.decide(scope, || self.try_assign_callback(scope, callback.id, agent))
                .await?;
        }
        Ok(())
    }

    async fn try_assign_callback(&self, scope: &Scope, callback: CallbackId, agent: AgentId) -> Result<(), Attempt> {
        let found = self.stores().callbacks.callback(scope.tenant(), callback).await?;
        let is_waiting =
            |callback: &Callback| callback.assigned_to.is_none() && callback.status == CallbackStatus::Pending;
        let Some(mut callback) = found.filter(is_waiting) else {
            return Ok(());
        };
        callback.assigned_to = Some(agent);
        callback.updated_at = self.now();
        let mut change = ChangeSet::new(scope, self.now());
        change.note_assignment(agent);
        let body = EventBody::CallbackAssigned {
            callback: callback.id,
            to: Some(agent),
        };
        change.put_callback(callback, [body]);
        self.commit(change).await?;
        Ok(())
    }

    /// Takes unfinished callbacks from an agent who no longer works here.
    pub(super) async fn release_callbacks_of(&self, tenant: TenantId, agent: AgentId) -> Result<(), DeskError> {
        let scope = &Scope::system(tenant);
        loop {
            let theirs = self
                .stores()
                .callbacks
                .unfinished_callbacks_of_agent(tenant, agent, CALLBACKS_AT_ONCE)
                .await?;
            if theirs.is_empty() {
                return Ok(());
            }
            for callback in theirs {
                self.decide(scope, || self.try_release_callback(scope, callback.id, agent))
                    .await?;
            }
        }
    }

    async fn try_release_callback(&self, scope: &Scope, callback: CallbackId, agent: AgentId) -> Result<(), Attempt> {
        let found = self.stores().callbacks.callback(scope.tenant(), callback).await?;
        let Some(mut callback) = found.filter(|callback| callback.assigned_to == Some(agent)) else {
            return Ok(());
        };
        callback.assigned_to = None;
        callback.updated_at = self.now();
        let mut change = ChangeSet::new(scope, self.now());
        let body = EventBody::CallbackAssigned {
            callback: callback.id,
            to: None,
        };
        change.put_callback(callback, [body]);
        self.commit(change).await?;
        Ok(())
    }
}

fn log_failure(tenant: TenantId, done: Result<(), DeskError>) {
    if let Err(error) = done {
        tracing::warn!(%tenant, %error, "a callback could not be seen to and will be again");
    }
}
