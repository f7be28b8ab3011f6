//! What a tenant has settled, gathered for finding what its events owe.

use std::sync::Arc;

use crate::{
    change::Policy,
    desk::{Desk, DeskError, Scope},
    model::{Calendars, Channel, Department, Role, Tenant, TenantId, Terms},
    ports::StoreError,
};

impl Desk {
    /// By what a tenant's events owe something to the outside, as of a moment ago.
    pub(in crate::desk) async fn policy(&self, tenant: TenantId) -> Result<Arc<Policy>, StoreError> {
        if let Some(policy) = self.outbound().policies.recall(&tenant) {
            return Ok(policy);
        }
        let Some(found) = self.stores().tenants.tenant(tenant).await? else {
            return Ok(Arc::default());
        };
        let policy = Arc::new(self.policy_of(&found).await?);
        self.outbound().policies.remember(tenant, Arc::clone(&policy));
        Ok(policy)
    }

    /// By what a tenant's tickets are measured, as of a moment ago: for hosts that write change
    /// sets of their own.
    ///
    /// # Errors
    /// [`DeskError`] when the store can't be asked.
    pub async fn terms(&self, scope: &Scope) -> Result<Arc<Terms>, DeskError> {
        Ok(Arc::clone(&self.policy(scope.tenant()).await?.terms))
    }

    async fn policy_of(&self, tenant: &Tenant) -> Result<Policy, StoreError> {
        let departments = self.stores().departments.departments(tenant.id).await?;
        let terms = Arc::new(terms_of(tenant, &departments));
        if self.outbound().notifiers.is_empty() {
            return Ok(Policy {
                terms,
                has_responder: self.has_responder(),
                ..Policy::default()
            });
        }
        let sends_mail = self.has_route(tenant, Channel::Email);
        let has_telegram = self.has_route(tenant, Channel::Telegram);
        let settings = &self.outbound().settings;
        let (callback_to, callback_cc) = self.callback_recipients(tenant);
        let mut policy = Policy {
            terms,
            sends_mail,
            asks_for_ratings: sends_mail && tenant.settings.rating.by_mail,
            has_telegram,
            telegram_chat: self.telegram_chat(tenant).filter(|_| has_telegram),
            has_messenger: self.has_route(tenant, Channel::Messenger),
            sends_sms: self.has_route(tenant, Channel::Sms),
            has_responder: self.has_responder(),
            unsubscribed: tenant.settings.unsubscribed.clone(),
            callback_to,
            callback_cc,
            digest_delay: settings.digest_delay,
            reply_delay: settings.reply_delay,
            ..Policy::default()
        };
        if sends_mail {
            self.add_addresses(tenant.id, departments, &mut policy).await?;
        }
        Ok(policy)
    }

    async fn add_addresses(
        &self,
        tenant: TenantId,
        departments: Vec<Department>,
        policy: &mut Policy,
    ) -> Result<(), StoreError> {
        for department in departments {
            if let Some(email) = department.email {
                policy.department_emails.insert(department.id, email);
            }
        }
        for inbox in self.stores().inboxes.inboxes(tenant).await? {
            policy.inboxes.insert(inbox.id, (inbox.kind, inbox.admin_email));
        }
        for candidate in self.stores().assignment.candidates(tenant).await? {
            let agent = candidate.agent;
            if agent.role == Role::Admin {
                policy.admin_emails.push(agent.email.clone());
            }
            if !candidate.is_online {
                policy.absent_agents.insert(agent.id, agent.email);
            }
        }
        Ok(())
    }
}

fn terms_of(tenant: &Tenant, departments: &[Department]) -> Terms {
    Terms {
        calendars: Calendars::new(tenant, departments),
        sla: tenant.settings.sla.clone(),
    }
}
