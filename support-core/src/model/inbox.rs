//! Entry points of a tenant.

use super::{InboxId, Timestamp, named};

named! {
    /// What kind of entry point an inbox is.
    InboxKind {
        /// The chat bubble on the tenant's own pages.
        Widget = "widget",
        /// A bot of the tenant's that can ask for a human.
        Chatbot = "chatbot",
        /// A server that speaks for its users.
        Api = "api",
        /// A page on Messenger.
        Messenger = "messenger",
        /// A bot on Telegram.
        Telegram = "telegram",
    }
}

/// One entry point. Every ticket knows the one it came through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inbox {
    /// Its id.
    pub id: InboxId,
    /// What it is.
    pub kind: InboxKind,
    /// Its name.
    pub name: String,
    /// Who is told of its requests; chatbots must have one.
    pub admin_email: Option<String>,
    /// Web origins it may be used from; none means any of the tenant's own.
    pub allowed_origins: Vec<String>,
    /// Whether it may still be used.
    pub is_active: bool,
    /// Counts changes.
    pub version: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}
