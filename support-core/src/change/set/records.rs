//! The tenant, its teams and people, and what lets them in.

use super::ChangeSet;
use crate::{
    change::{Expect, Record, Write},
    model::{
        Account, Agent, AgentId, ApiKey, Audience, Customer, Department, DepartmentId, EventBody, Inbox, LoginGuard,
        Principal, SecretHash, Tenant, Timestamp, Visitor,
    },
};

impl ChangeSet {
    /// Adds or changes the tenant.
    pub fn put_tenant(&mut self, tenant: Tenant, body: EventBody) {
        self.expect_version(Record::Tenant, tenant.version);
        self.tell(body, Audience::admins());
        self.writes.push(Write::PutTenant(Box::new(tenant)));
    }

    /// Adds or changes an inbox.
    pub fn put_inbox(&mut self, inbox: Inbox) {
        self.expect_version(Record::Inbox(inbox.id), inbox.version);
        self.tell(EventBody::InboxSaved { inbox: inbox.id }, Audience::admins());
        self.writes.push(Write::PutInbox(inbox));
    }

    /// Adds or changes a department.
    pub fn put_department(&mut self, department: Department) {
        self.expect_version(Record::Department(department.id), department.version);
        self.tell(
            EventBody::DepartmentSaved {
                department: department.id,
            },
            Audience::agents(),
        );
        self.writes.push(Write::PutDepartment(department));
    }

    /// Removes a department that no unfinished ticket names.
    pub fn remove_department(&mut self, department: DepartmentId, moved_to: Option<DepartmentId>) {
        self.expect(Expect::DepartmentUnused(department));
        self.tell(
            EventBody::DepartmentRemoved { department, moved_to },
            Audience::agents(),
        );
        self.writes.push(Write::RemoveDepartment(department));
    }

    /// Adds or changes an agent.
    pub fn put_agent(&mut self, agent: Agent, body: EventBody) {
        self.expect_version(Record::Agent(agent.id), agent.version);
        self.tell(body, Audience::agents());
        self.writes.push(Write::PutAgent(agent));
    }

    /// Tells that an agent came or went. What was seen is kept by the presence port; the journal
    /// only tells of it.
    pub fn tell_presence(&mut self, agent: AgentId, is_online: bool) {
        self.tell(EventBody::AgentPresenceChanged { agent, is_online }, Audience::agents());
    }

    /// Adds or changes a customer.
    pub fn put_customer(&mut self, customer: Customer) {
        self.expect_version(Record::Customer(customer.id), customer.version);
        self.tell(EventBody::CustomerSaved { customer: customer.id }, Audience::admins());
        self.writes.push(Write::PutCustomer(customer));
    }

    /// Removes a customer and their account.
    pub fn remove_customer(&mut self, customer: &Customer) {
        self.expect_version(Record::Customer(customer.id), customer.version);
        self.tell(EventBody::CustomerRemoved { customer: customer.id }, Audience::admins());
        self.writes.push(Write::RemoveCustomer(customer.id));
        self.writes.push(Write::RemoveAccount(Principal::Customer(customer.id)));
    }

    /// Adds or changes a visitor; the ticket they open in the same change set tells of them.
    pub fn put_visitor(&mut self, visitor: Visitor) {
        self.writes.push(Write::PutVisitor(visitor));
    }

    /// Adds or changes what somebody logs in with; the agent or customer changed in the same
    /// change set tells of it.
    pub fn put_account(&mut self, account: Account) {
        self.expect_version(Record::Account(account.principal), account.version);
        self.writes.push(Write::PutAccount(account));
    }

    /// Changes somebody's password.
    pub fn change_password(&mut self, account: Account) {
        self.tell(
            EventBody::PasswordChanged {
                principal: account.principal,
            },
            Audience::admins(),
        );
        self.put_account(account);
    }

    /// An agent came or went by logging in or out; the login or logout itself tells of it.
    pub fn stamp_agent(&mut self, agent: Agent) {
        self.expect_version(Record::Agent(agent.id), agent.version);
        self.writes.push(Write::PutAgent(agent));
    }

    /// Somebody got in: what was counted against them is forgotten.
    pub fn log_in(&mut self, principal: Principal, guard: Option<SecretHash>) {
        self.tell(EventBody::LoggedIn { principal }, Audience::admins());
        if let Some(guard) = guard {
            self.writes.push(Write::RemoveLoginGuard(guard));
        }
    }

    /// Somebody did not get in.
    pub fn count_login_failure(&mut self, guard: LoginGuard) {
        self.tell(EventBody::LoginFailed, Audience::admins());
        self.writes.push(Write::PutLoginGuard(guard));
    }

    /// Makes a token void.
    pub fn revoke_token(&mut self, principal: Principal, token: uuid::Uuid, expires_at: Timestamp) {
        self.tell(EventBody::LoggedOut { principal }, Audience::admins());
        self.writes.push(Write::RevokeToken { token, expires_at });
    }

    /// Adds an API key, or makes one void.
    pub fn put_api_key(&mut self, key: ApiKey) {
        let body = if key.revoked_at.is_some() {
            EventBody::ApiKeyRevoked { key: key.id }
        } else {
            EventBody::ApiKeyCreated { key: key.id }
        };
        self.tell(body, Audience::admins());
        self.writes.push(Write::PutApiKey(key));
    }
}
