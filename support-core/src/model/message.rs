//! The entries of a conversation's thread.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{AgentId, Attachment, MessageId, Requester, TicketId, Timestamp, named};

named! {
    /// Which kind of party wrote a message.
    SenderKind {
        /// The customer or visitor whose ticket it is.
        Customer = "customer",
        /// A person who answers.
        Agent = "agent",
        /// A machine that answers.
        Bot = "bot",
        /// The software itself, telling what happened.
        System = "system",
    }
}

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sender {
    /// The customer or visitor whose ticket it is.
    Customer(Requester),
    /// A person who answers; none when a server answers in the team's name.
    Agent(Option<AgentId>),
    /// A machine that answers.
    Bot,
    /// The software itself.
    System,
}

impl Sender {
    /// Which kind of party this is.
    #[must_use]
    pub const fn kind(&self) -> SenderKind {
        match self {
            Self::Customer(_) => SenderKind::Customer,
            Self::Agent(_) => SenderKind::Agent,
            Self::Bot => SenderKind::Bot,
            Self::System => SenderKind::System,
        }
    }

    /// The bare id of the person, if a person it is.
    #[must_use]
    pub fn id(&self) -> Option<uuid::Uuid> {
        match self {
            Self::Customer(requester) => Some(requester.uuid()),
            Self::Agent(agent) => agent.map(AgentId::uuid),
            Self::Bot | Self::System => None,
        }
    }
}

named! {
    /// What a message is.
    MessageKind {
        /// Words.
        Text = "text",
        /// A file with or without words.
        File = "file",
        /// A picture with or without words.
        Image = "image",
        /// Something that happened, told by the software.
        SystemNotification = "system_notification",
        /// Words among agents; never for customers.
        Note = "note",
    }
}

named! {
    /// A side of the conversation, for read marks and typing.
    Side {
        /// The customer or visitor.
        Customer = "customer",
        /// Everybody who answers.
        Agents = "agents",
    }
}

impl Side {
    /// The side that reads what this one writes.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Customer => Self::Agents,
            Self::Agents => Self::Customer,
        }
    }
}

/// One entry of a thread.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// The conversation it is in.
    pub ticket: TicketId,
    /// Its place: 1, 2, 3… without a gap, given by the store when it is accepted; 0 before.
    pub seq: u64,
    /// Who wrote it.
    pub sender: Sender,
    /// Their name at that time.
    pub sender_name: String,
    /// What it is.
    pub kind: MessageKind,
    /// The words as typed; none only where files say it all.
    pub content: String,
    /// The files it carries.
    pub attachments: Vec<Attachment>,
    /// The sender's own id for it; the same one again is the same message again.
    pub client_id: Option<String>,
    /// Custom data, a JSON object.
    pub metadata: Value,
    /// When it was accepted.
    pub created_at: Timestamp,
}

impl Message {
    /// Whether customers may ever see it.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.kind != MessageKind::Note
    }

    /// The side that wrote it; what the software tells belongs to neither.
    #[must_use]
    pub fn side(&self) -> Option<Side> {
        match self.sender.kind() {
            SenderKind::Customer => Some(Side::Customer),
            SenderKind::Agent | SenderKind::Bot => Some(Side::Agents),
            SenderKind::System => None,
        }
    }

    /// The side for which it counts as unread until marked; notes and system words count for none.
    #[must_use]
    pub fn unread_by(&self) -> Option<Side> {
        if self.is_public() {
            self.side().map(Side::other)
        } else {
            None
        }
    }

    /// What it says where only words can be shown: its files by their names after what was typed.
    #[must_use]
    pub fn in_words(&self) -> String {
        let files = self.attachments.iter().map(|file| format!("[{}]", file.name));
        let typed = Some(self.content.clone()).filter(|content| !content.is_empty());
        typed.into_iter().chain(files).collect::<Vec<_>>().join("\n")
    }

    /// The first words, or the name of the file that comes without any, for lists; none for notes, which lists of customers' faces share, and none
    /// for what the software tells, which would hide what people said.
    #[must_use]
    pub fn preview(&self) -> Option<String> {
        let is_said = self.is_public() && self.side().is_some();
        let words = match self.attachments.first() {
            Some(file) if self.content.is_empty() => &file.name,
            _ => &self.content,
        };
        is_said.then(|| words.chars().take(120).collect())
    }
}
