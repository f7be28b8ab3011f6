//! What changes owe to the outside, by what a tenant has settled.

mod bot;
mod callbacks;
mod messages;
mod openings;

use std::{collections::HashMap, time::Duration};

use support_core::{
    change::{ChangeSet, Policy},
    desk::Scope,
    model::{Agent, Channel, Delivery, DeliveryStatus, Department, Inbox, InboxKind, Notice, TenantId, Ticket},
    testing::Samples,
};

const CHAT: &str = "-1001";
const DIGEST_DELAY: Duration = Duration::from_secs(60);
const REPLY_DELAY: Duration = Duration::from_secs(30);

/// A tenant that has settled everything, to be taken away where a test cares.
struct Settled {
    samples: Samples,
    tenant: TenantId,
    inbox: Inbox,
    department: Department,
    /// Not there now.
    agent: Agent,
    policy: Policy,
}

/// What is owed to whom, over which channel.
type Owed = (Channel, String, Notice);

fn owed(channel: Channel, recipient: &str, notice: Notice) -> Owed {
    (channel, recipient.to_owned(), notice)
}

impl Settled {
    fn new() -> Self {
        let samples = Samples::new();
        let (inbox, department, agent) = (samples.inbox(), samples.department(), samples.agent());
        let policy = Policy {
            terms: std::sync::Arc::default(),
            sends_mail: true,
            asks_for_ratings: true,
            has_telegram: true,
            telegram_chat: Some(CHAT.to_owned()),
            has_messenger: true,
            sends_sms: true,
            has_responder: true,
            department_emails: HashMap::from([(department.id, "sales@shop.example".to_owned())]),
            inboxes: HashMap::from([(inbox.id, (InboxKind::Widget, Some("inbox@shop.example".to_owned())))]),
            admin_emails: vec!["ada@shop.example".to_owned(), "bo@shop.example".to_owned()],
            absent_agents: HashMap::from([(agent.id, "mara@shop.example".to_owned())]),
            unsubscribed: Vec::new(),
            callback_to: vec!["a@shop.example".to_owned(), "b@shop.example".to_owned()],
            callback_cc: vec!["c@shop.example".to_owned()],
            digest_delay: DIGEST_DELAY,
            reply_delay: REPLY_DELAY,
        };
        Self {
            tenant: samples.tenant().id,
            samples,
            inbox,
            department,
            agent,
            policy,
        }
    }

    /// Without an address for the inbox.
    fn without_inbox_address(mut self) -> Self {
        self.policy.inboxes.clear();
        self
    }

    fn without_mail(mut self) -> Self {
        self.policy.sends_mail = false;
        self
    }

    fn without_chat(mut self) -> Self {
        self.policy.telegram_chat = None;
        self
    }

    /// Only mail is left.
    fn with_mail_only(self) -> Self {
        let mut settled = self.without_chat();
        settled.policy.sends_sms = false;
        settled
    }

    /// One that the store has.
    fn ticket(&self) -> Ticket {
        Ticket {
            version: 1,
            number: 1,
            ..self.samples.ticket(self.inbox.id)
        }
    }

    fn deliveries(&self, fill: impl FnOnce(&mut ChangeSet)) -> Vec<Delivery> {
        let mut change = ChangeSet::new(&Scope::system(self.tenant), self.samples.later());
        fill(&mut change);
        let at = change.at();
        let deliveries = change
            .seal_under(&self.policy, &self.samples.ids)
            .parts()
            .deliveries
            .clone();
        for delivery in &deliveries {
            assert_eq!((delivery.status, delivery.attempts), (DeliveryStatus::Queued, 0));
            assert_eq!(delivery.created_at, at);
            assert!(
                delivery.key.is_some() || delivery.next_attempt_at == at,
                "nothing gathers, nothing waits"
            );
        }
        deliveries
    }

    fn owed(&self, fill: impl FnOnce(&mut ChangeSet)) -> Vec<Owed> {
        shown(self.deliveries(fill))
    }
}

fn shown(deliveries: Vec<Delivery>) -> Vec<Owed> {
    let shown = deliveries.into_iter();
    shown
        .map(|delivery| (delivery.channel, delivery.recipient, delivery.notice))
        .collect()
}

fn emails(owed: Vec<Owed>) -> Vec<Owed> {
    let mails = owed.into_iter();
    mails.filter(|(channel, ..)| *channel == Channel::Email).collect()
}
