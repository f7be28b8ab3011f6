//! What a tenant has settled that decides what its events owe to the outside.

use std::{collections::HashMap, sync::Arc, time::Duration};

use crate::model::{AgentId, DepartmentId, InboxId, InboxKind, Terms};

/// What a tenant has settled that decides what its events owe to the outside, and how its tickets
/// are measured. By default nothing leaves and nothing is promised.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// By what tickets are measured.
    pub terms: Arc<Terms>,
    /// Whether mail can be sent at all.
    pub sends_mail: bool,
    /// Whether requesters are asked by mail how they were helped.
    pub asks_for_ratings: bool,
    /// Whether the tenant has a Telegram bot.
    pub has_telegram: bool,
    /// The team's chat there.
    pub telegram_chat: Option<String>,
    /// Whether the tenant has a Messenger page.
    pub has_messenger: bool,
    /// Whether text messages can be sent.
    pub sends_sms: bool,
    /// Whether a bot may answer before people do.
    pub has_responder: bool,
    /// Addresses of departments.
    pub department_emails: HashMap<DepartmentId, String>,
    /// What entry points are, and their addresses.
    pub inboxes: HashMap<InboxId, (InboxKind, Option<String>)>,
    /// Addresses of the admins.
    pub admin_emails: Vec<String>,
    /// Addresses of the active agents who are not online.
    pub absent_agents: HashMap<AgentId, String>,
    /// Addresses that want no digests.
    pub unsubscribed: Vec<String>,
    /// Who is told of callbacks by mail.
    pub callback_to: Vec<String>,
    /// Who gets copies of that.
    pub callback_cc: Vec<String>,
    /// How long what customers write while nobody is there is gathered.
    pub digest_delay: Duration,
    /// How long answers to somebody who has left are gathered.
    pub reply_delay: Duration,
}

impl Policy {
    /// Where an agent who isn't there is told what happens to their tickets.
    #[must_use]
    pub fn absent_agent_email(&self, agent: AgentId) -> Option<&String> {
        self.absent_agents.get(&agent).filter(|_| self.sends_mail)
    }

    /// Who is told by mail of what happens to tickets of a department that came through an entry
    /// point: whoever is named for it.
    #[must_use]
    pub fn team_email(&self, department: Option<DepartmentId>, inbox: InboxId) -> Option<&String> {
        let of_department = department.and_then(|department| self.department_emails.get(&department));
        of_department.or_else(|| self.inboxes.get(&inbox).and_then(|(_, email)| email.as_ref()))
    }

    /// Who is told of what waits while nobody is there: whoever is named for it, else the admins;
    /// but those who don't want to.
    #[must_use]
    pub fn digest_recipients(&self, department: Option<DepartmentId>, inbox: InboxId) -> Vec<String> {
        let named = self.team_email(department, inbox);
        let all = named.map_or_else(|| self.admin_emails.clone(), |email| vec![email.clone()]);
        all.into_iter()
            .filter(|email| !self.unsubscribed.contains(email))
            .collect()
    }
}
