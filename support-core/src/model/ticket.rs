//! One conversation, whatever a face calls it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    AgentId, Channel, Contact, CustomerId, DepartmentId, InboxId, Message, Rating, SecretHash, SenderKind, Side,
    TicketId, TicketState, Timestamp, VisitorId, named,
};

named! {
    /// How urgent a ticket is, least first.
    Priority {
        /// Can wait.
        Low = "low",
        /// As it comes.
        Normal = "normal",
        /// Before others.
        High = "high",
        /// Now.
        Urgent = "urgent",
    }
}

named! {
    /// The way a ticket came in.
    TicketChannel {
        /// The widget on a web page.
        Web = "web",
        /// A bot that asked for a human.
        Chatbot = "chatbot",
        /// The customer portal.
        Portal = "portal",
        /// A Messenger page.
        Messenger = "messenger",
        /// A Telegram bot.
        Telegram = "telegram",
        /// Mail.
        Email = "email",
        /// A server.
        Api = "api",
    }
}

impl TicketChannel {
    /// The way on which its requester is answered where they wrote; the others are answered by
    /// mail when they have left.
    #[must_use]
    pub const fn own_way_out(self) -> Option<Channel> {
        match self {
            Self::Messenger => Some(Channel::Messenger),
            Self::Telegram => Some(Channel::Telegram),
            Self::Web | Self::Chatbot | Self::Portal | Self::Email | Self::Api => None,
        }
    }
}

named! {
    /// The kind of program it was opened with.
    Source {
        /// A browser.
        Web = "web",
        /// An app.
        Mobile = "mobile",
        /// A server.
        Api = "api",
    }
}

/// Whose ticket it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Requester {
    /// Somebody in a widget.
    Visitor(VisitorId),
    /// A known person.
    Customer(CustomerId),
}

impl Requester {
    /// The bare id.
    #[must_use]
    pub const fn uuid(self) -> uuid::Uuid {
        match self {
            Self::Visitor(visitor) => visitor.uuid(),
            Self::Customer(customer) => customer.uuid(),
        }
    }

    /// The known person, if it is one.
    #[must_use]
    pub const fn customer(self) -> Option<CustomerId> {
        match self {
            Self::Visitor(_) => None,
            Self::Customer(customer) => Some(customer),
        }
    }
}

/// That a ticket needs more than its agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Escalation {
    /// Since when.
    pub at: Timestamp,
    /// Who said so; none when the software did.
    pub by: Option<AgentId>,
    /// Why.
    pub reason: String,
}

/// One conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct Ticket {
    /// Its id.
    pub id: TicketId,
    /// Its number for people, 1, 2, 3… within the tenant without a gap; 0 until it is accepted.
    pub number: u64,
    /// Moves with status, assignee, department, priority, tags and what it asks of its agent, not
    /// with messages.
    pub version: u64,
    /// The entry point it came through.
    pub inbox: InboxId,
    /// The way it came in.
    pub channel: TicketChannel,
    /// The kind of program it was opened with.
    pub source: Source,
    /// Whose it is.
    pub requester: Requester,
    /// How to reach them, as they told for this ticket.
    pub contact: Contact,
    /// What opens this one conversation without a login, hashed.
    pub access: Option<SecretHash>,
    /// The conversation of a chatbot it belongs to, as the chatbot calls it.
    pub session: Option<String>,
    /// What it is about.
    pub subject: String,
    /// The team it is for.
    pub department: Option<DepartmentId>,
    /// How urgent it is.
    pub priority: Priority,
    /// What kind of matter it is.
    pub category: Option<String>,
    /// The same, finer.
    pub subcategory: Option<String>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Skills all of which whoever gets it must have.
    pub required_skills: Vec<String>,
    /// Languages in which its requester would be answered best, as BCP 47 tags.
    pub languages: Vec<String>,
    /// Where it stands and who has it.
    pub state: TicketState,
    /// That it needs more than its agent.
    pub escalation: Option<Escalation>,
    /// What its customer said of the latest resolution that they rated.
    pub rating: Option<Rating>,
    /// How often it was reopened.
    pub reopened_count: u32,
    /// Whether it came, or went on, while nobody was there.
    pub is_offline: bool,
    /// Until when somebody is waited for: whoever was given it without anybody choosing has to
    /// take it up until then, or, when all have let it pass, who it is offered to anew.
    pub accept_by: Option<Timestamp>,
    /// Who was given it and let it pass since it was last taken up.
    pub passed_over: Vec<AgentId>,
    /// Until when the bot has it, and nobody is given it. It is the bot's turn while that is to
    /// come; once it has passed, the ticket is handed over to people.
    pub held_for_bot_until: Option<Timestamp>,
    /// Custom data, a JSON object.
    pub metadata: Value,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When its state last changed.
    pub updated_at: Timestamp,
    /// What the messages have made of it.
    pub thread: Thread,
}

/// What the messages have made of a ticket. Kept by the store with each accepted message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Thread {
    /// The `seq` of the last message; 0 while there is none.
    pub last_seq: u64,
    /// When the last message came.
    pub last_message_at: Option<Timestamp>,
    /// The first words of the last public message that somebody wrote.
    pub last_message_preview: Option<String>,
    /// When a person of the team first answered the customer in public.
    pub first_response_at: Option<Timestamp>,
    /// When the customer first wrote.
    pub first_customer_message_at: Option<Timestamp>,
    /// Customer's messages that no agent has read.
    pub unread_by_agents: u64,
    /// Public answers that the customer has not read.
    pub unread_by_customer: u64,
    /// Up to which `seq` agents have read.
    pub read_by_agents: u64,
    /// Up to which `seq` the customer has read.
    pub read_by_customer: u64,
}

/// A ticket's number as people write it.
#[must_use]
pub fn human_number(number: u64) -> String {
    format!("TKT-{number}")
}

impl Ticket {
    /// The number as people write it.
    #[must_use]
    pub fn human_number(&self) -> String {
        human_number(self.number)
    }

    /// Who has it.
    #[must_use]
    pub fn assignee(&self) -> Option<AgentId> {
        self.state.assignment().map(|assignment| assignment.agent)
    }

    /// Whether it is the bot's turn.
    #[must_use]
    pub fn is_held_for_bot(&self, now: Timestamp) -> bool {
        self.held_for_bot_until.is_some_and(|until| now < until)
    }

    /// The name to show for whoever asked.
    #[must_use]
    pub fn requester_name(&self) -> &str {
        self.contact.name.as_deref().unwrap_or("Visitor")
    }
}

/// Reads a ticket's number as people write it: `TKT-42`.
#[must_use]
pub fn parse_human_number(text: &str) -> Option<u64> {
    let digits = text.strip_prefix("TKT-").or_else(|| text.strip_prefix("tkt-"))?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok().filter(|number| *number > 0)
}

impl Thread {
    /// The thread with one more message, whose `seq` it gives. The one rule of numbering and
    /// counting: stores apply it in bulk, and the conformance suite compares them with it.
    #[must_use]
    pub fn with(mut self, message: &Message) -> Self {
        self.last_seq = self.last_seq.saturating_add(1);
        self.last_message_at = Some(message.created_at);
        if let Some(preview) = message.preview() {
            self.last_message_preview = Some(preview);
        }
        match message.unread_by() {
            Some(Side::Agents) => self.unread_by_agents = self.unread_by_agents.saturating_add(1),
            Some(Side::Customer) => self.unread_by_customer = self.unread_by_customer.saturating_add(1),
            None => {}
        }
        match message.sender.kind() {
            SenderKind::Customer => {
                self.first_customer_message_at.get_or_insert(message.created_at);
            }
            SenderKind::Agent if message.is_public() && self.first_customer_message_at.is_some() => {
                self.first_response_at.get_or_insert(message.created_at);
            }
            SenderKind::Agent | SenderKind::Bot | SenderKind::System => {}
        }
        self
    }

    /// Up to which `seq` a side has read.
    #[must_use]
    pub const fn read_by(&self, side: Side) -> u64 {
        match side {
            Side::Customer => self.read_by_customer,
            Side::Agents => self.read_by_agents,
        }
    }

    /// How many messages a side has not read.
    #[must_use]
    pub const fn unread_by(&self, side: Side) -> u64 {
        match side {
            Side::Customer => self.unread_by_customer,
            Side::Agents => self.unread_by_agents,
        }
    }
}
