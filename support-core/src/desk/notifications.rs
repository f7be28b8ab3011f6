//! What people are told inside the product, and that they have read it.

use std::sync::Arc;

use super::{Desk, DeskError, Scope, lookup::TicketRef};
use crate::{
    change::{ChangeSet, Teammate},
    model::{ActingAgent, Actor, Notification, NotificationId, Principal, TenantId},
    ports::StoreError,
};

/// How many are marked in one change set when all are.
const MARKED_AT_ONCE: u32 = 500;

impl Desk {
    /// What the acting agent or customer was told, newest first.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for actors who are told nothing.
    pub async fn notifications(
        &self,
        scope: &Scope,
        unread_only: bool,
        limit: u32,
    ) -> Result<Vec<Notification>, DeskError> {
        let recipient = recipient(scope)?;
        let notifications = &self.stores().notifications;
        Ok(notifications
            .notifications(scope.tenant(), recipient, unread_only, limit)
            .await?)
    }

    /// One thing that the acting agent or customer was told.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] when it isn't there or was told to somebody else.
    pub async fn notification(&self, scope: &Scope, id: NotificationId) -> Result<Notification, DeskError> {
        let recipient = recipient(scope)?;
        let found = self.stores().notifications.notification(scope.tenant(), id).await?;
        found
            .filter(|notification| notification.recipient == recipient)
            .ok_or(DeskError::NotFound)
    }

    /// The acting agent or customer has read one thing. Reading it again changes nothing.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] when it isn't there or was told to somebody else.
    pub async fn mark_notification_read(&self, scope: &Scope, id: NotificationId) -> Result<Notification, DeskError> {
        let notification = self.notification(scope, id).await?;
        if notification.read_at.is_some() {
            return Ok(notification);
        }
        self.commit_read(scope, notification.recipient, vec![id]).await?;
        self.notification(scope, id).await
    }

    /// The acting agent or customer has read everything up to now. Answers what they had not
    /// read before.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for actors who are told nothing.
    pub async fn mark_all_notifications_read(&self, scope: &Scope) -> Result<Vec<NotificationId>, DeskError> {
        let recipient = recipient(scope)?;
        let until = self.now();
        let mut marked: Vec<NotificationId> = Vec::new();
        loop {
            let unread = self.notifications(scope, true, MARKED_AT_ONCE).await?;
            let is_last = unread.len() < MARKED_AT_ONCE as usize;
            let known = unread.into_iter().filter(|one| one.created_at <= until);
            let read: Vec<NotificationId> = known.map(|one| one.id).collect();
            if read.is_empty() {
                return Ok(marked);
            }
            self.commit_read(scope, recipient, read.clone()).await?;
            marked.extend(read);
            if is_last {
                return Ok(marked);
            }
        }
    }

    async fn commit_read(
        &self,
        scope: &Scope,
        recipient: Principal,
        read: Vec<NotificationId>,
    ) -> Result<(), DeskError> {
        let read = &read;
        self.decide(scope, || async move {
            let mut change = ChangeSet::new(&Scope::new(scope.tenant(), scope.actor().clone()), self.now());
            change.mark_notifications_read(recipient, read.clone());
            self.commit(change).await
        })
        .await?;
        Ok(())
    }

    /// The ticket's customer or visitor went away: its agent is told. Faces that know of
    /// connections call it when the last one of that side has ended.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] when the ticket isn't there or is none of the actor's business.
    pub async fn customer_disconnected(&self, scope: &Scope, ticket: impl Into<TicketRef>) -> Result<(), DeskError> {
        let ticket: TicketRef = ticket.into();
        self.decide(scope, || async move {
            let ticket = self.ticket(scope, ticket).await?;
            if !ticket.state.status().is_unfinished() {
                return Ok(());
            }
            let mut change = ChangeSet::new(scope, self.now());
            change.tell_disconnected(&ticket);
            self.commit(change).await?;
            Ok(())
        })
        .await
    }

    /// Who works for a tenant and is there, as of a moment ago.
    pub(super) async fn team(&self, tenant: TenantId) -> Result<Arc<[Teammate]>, StoreError> {
        if let Some(team) = self.teams().recall(&tenant) {
            return Ok(team);
        }
        let candidates = self.stores().assignment.candidates(tenant).await?;
        let team: Arc<[Teammate]> = candidates
            .iter()
            .map(|candidate| Teammate {
                agent: ActingAgent::from(&candidate.agent),
                is_online: candidate.is_online,
            })
            .collect();
        self.teams().remember(tenant, Arc::clone(&team));
        Ok(team)
    }
}

/// Who is told what `scope`'s actor is told.
fn recipient(scope: &Scope) -> Result<Principal, DeskError> {
    match scope.actor() {
        Actor::Agent(agent) => Ok(Principal::Agent(agent.id)),
        Actor::Customer(customer) => Ok(Principal::Customer(*customer)),
        _ => Err(DeskError::Forbidden),
    }
}
