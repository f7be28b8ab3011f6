//! Telling of promises about time that are, or soon will be, broken.

use super::{Desk, DeskError, Scope, retry::Attempt};
use crate::{
    change::ChangeSet,
    model::{
        Agent, AgentId, Alarm, Escalation, EventBody, Notification, NotificationId, NotificationKind, Principal,
        Priority, Promise, Role, TenantId, Ticket, TicketId, Timestamp,
    },
};

/// Alarms seen to in one round.
const ALARMS_AT_ONCE: u32 = 200;
/// Supervisors and admins who are told of one alarm.
const MOST_TOLD: usize = 50;

impl Desk {
    /// Tells of every promise about time that is due to be told of, on whatever tenant: whoever
    /// has the ticket, supervisors and admins. What is broken escalates its ticket. Answers how
    /// many tickets were seen to.
    ///
    /// # Errors
    /// [`DeskError`] when the store can't be asked.
    pub async fn sweep_sla(&self) -> Result<usize, DeskError> {
        let due = self.stores().figures.alarms_due(self.now(), ALARMS_AT_ONCE).await?;
        let mut seen_to = 0;
        for (tenant, ticket) in due {
            match self.see_to_alarms(tenant, ticket).await {
                Ok(told) => seen_to += usize::from(told),
                // Somebody else tells of it, or it is not due any more.
                Err(DeskError::Conflict(_) | DeskError::NotFound) => {}
                Err(error) => tracing::warn!(%tenant, %ticket, %error, "an alarm could not be told and will be again"),
            }
        }
        Ok(seen_to)
    }

    async fn see_to_alarms(&self, tenant: TenantId, ticket: TicketId) -> Result<bool, DeskError> {
        let scope = Scope::system(tenant);
        self.decide(&scope, || self.try_tell_alarms(&scope, ticket)).await
    }

    async fn try_tell_alarms(&self, scope: &Scope, ticket: TicketId) -> Result<bool, Attempt> {
        let now = self.now();
        let Some(measures) = self.stores().figures.measures(scope.tenant(), ticket).await? else {
            return Ok(false);
        };
        let (alarms, Some(rings_at)) = (measures.alarms(now), measures.rings_at()) else {
            return Ok(false);
        };
        if alarms.is_empty() {
            return Ok(false);
        }
        let mut ticket = self.any_ticket(scope.tenant(), ticket.into()).await?;
        let mut change = ChangeSet::new(scope, now);
        for alarm in &alarms {
            change.note_alarm(&ticket, rings_at, *alarm);
        }
        let broken = alarms.iter().find(|alarm| alarm.is_breach);
        if let Some(alarm) = broken.filter(|_| ticket.escalation.is_none()) {
            ticket.escalation = Some(Escalation {
                at: now,
                by: None,
                reason: words_of(*alarm).to_owned(),
            });
            let body = EventBody::TicketEscalated { ticket: ticket.id };
            change.update_ticket(ticket.clone(), [body]);
        }
        for agent in self.told_of_alarms(scope.tenant(), &ticket).await? {
            for alarm in &alarms {
                change.notify(self.alarm_notification(agent, &ticket, *alarm, now));
            }
        }
        self.commit(change).await?;
        Ok(true)
    }

    /// Whoever has the ticket, supervisors and admins.
    async fn told_of_alarms(&self, tenant: TenantId, ticket: &Ticket) -> Result<Vec<AgentId>, Attempt> {
        let candidates = self.stores().assignment.candidates(tenant).await?;
        let is_told = |agent: &Agent| agent.role.includes(Role::Supervisor) || ticket.assignee() == Some(agent.id);
        let told = candidates.into_iter().map(|candidate| candidate.agent);
        Ok(told.filter(is_told).map(|agent| agent.id).take(MOST_TOLD).collect())
    }

    fn alarm_notification(&self, agent: AgentId, ticket: &Ticket, alarm: Alarm, now: Timestamp) -> Notification {
        Notification {
            id: NotificationId::new(self.ids().uuid()),
            recipient: Principal::Agent(agent),
            kind: NotificationKind::SlaBreach,
            title: format!("{}: {}", ticket.human_number(), words_of(alarm)),
            message: ticket.subject.clone(),
            priority: ticket.priority.max(Priority::High),
            ticket: Some(ticket.id),
            callback: None,
            created_at: now,
            read_at: None,
        }
    }
}

const fn words_of(alarm: Alarm) -> &'static str {
    match (alarm.promise, alarm.is_breach) {
        (Promise::FirstResponse, true) => "The first answer is overdue",
        (Promise::FirstResponse, false) => "The first answer is due soon",
        (Promise::NextResponse, true) => "An answer is overdue",
        (Promise::NextResponse, false) => "An answer is due soon",
        (Promise::Resolution, true) => "The resolution is overdue",
        (Promise::Resolution, false) => "The resolution is due soon",
    }
}
