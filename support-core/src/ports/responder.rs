//! Who may answer before people do.

use async_trait::async_trait;

use crate::model::{Department, LONGEST_MESSAGE, Message, SenderKind, TenantId, Ticket, Timestamp};

/// The most replies that one answer may have.
pub const MOST_REPLIES: usize = 5;

/// A conversation as a responder sees it when it is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Conversation {
    /// Whose customer asks.
    pub tenant: TenantId,
    /// The ticket: whose it is, in which languages they are answered best, what a host keeps in
    /// its metadata.
    pub ticket: Ticket,
    /// The team that it is for.
    pub department: Option<Department>,
    /// Whether customers may be told that somebody is there. Outside of office hours nobody is.
    pub somebody_is_online: bool,
    /// When the office opens next: now while it is open, none when that isn't known.
    pub opens_at: Option<Timestamp>,
    /// What was said last, oldest first, the question among it. Nothing that only agents may see,
    /// and no lines of the software's.
    pub messages: Vec<Message>,
    /// What is to be answered: the last that the customer wrote.
    pub question: Message,
}

impl Conversation {
    /// What the bot has said in it, oldest first.
    pub fn said_by_bot(&self) -> impl DoubleEndedIterator<Item = &Message> {
        let said = self.messages.iter();
        said.filter(|message| message.sender.kind() == SenderKind::Bot)
    }
}

/// What a responder has to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// What the customer reads, each a message of its own: at most [`MOST_REPLIES`], none longer
    /// than any message may be.
    pub replies: Vec<String>,
    /// What happens to the conversation after that.
    pub then: Next,
}

/// What happens to a conversation after a responder's replies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// The responder is asked again when the customer writes again. It has to say something.
    Stay,
    /// People take over, at once.
    HandOver {
        /// What they should know; only they see it.
        summary: Option<String>,
    },
    /// Nothing is left to be done. The responder is asked again if the customer writes again.
    Resolve,
}

impl Response {
    /// One reply; the conversation goes on.
    #[must_use]
    pub fn reply(text: impl Into<String>) -> Self {
        Self {
            replies: vec![text.into()],
            then: Next::Stay,
        }
    }

    /// Leaves the conversation to people, who read the summary first.
    #[must_use]
    pub fn hand_over(summary: impl Into<String>) -> Self {
        Self {
            replies: Vec::new(),
            then: Next::HandOver {
                summary: Some(summary.into()),
            },
        }
    }

    /// The same, after this is said.
    #[must_use]
    pub fn saying(mut self, text: impl Into<String>) -> Self {
        self.replies.push(text.into());
        self
    }

    /// Trims the texts and checks that a thread can hold them.
    ///
    /// # Errors
    /// [`ResponderError`] saying what is wrong, never what was said.
    pub fn checked(self) -> Result<Self, ResponderError> {
        let replies: Vec<String> = self.replies.iter().map(|reply| reply.trim().to_owned()).collect();
        if replies.len() > MOST_REPLIES {
            let problem = format!("{} replies are more than {MOST_REPLIES}", replies.len());
            return Err(ResponderError(problem));
        }
        if replies.is_empty() && self.then == Next::Stay {
            return Err(ResponderError("it said nothing and stayed".to_owned()));
        }
        let then = match self.then {
            Next::HandOver { summary } => Next::HandOver {
                summary: summary
                    .map(|summary| summary.trim().to_owned())
                    .filter(|summary| !summary.is_empty()),
            },
            then @ (Next::Stay | Next::Resolve) => then,
        };
        let summary = match &then {
            Next::HandOver { summary } => summary.as_ref(),
            Next::Stay | Next::Resolve => None,
        };
        for text in replies.iter().chain(summary) {
            let length = text.chars().count();
            if !(1..=LONGEST_MESSAGE).contains(&length) {
                let problem = format!("a text of {length} characters does not have 1 to {LONGEST_MESSAGE}");
                return Err(ResponderError(problem));
            }
        }
        Ok(Self { replies, then })
    }
}

/// Why a responder has no answer. Admins and the log see the text, so it names nobody and repeats
/// nothing that was said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ResponderError(pub String);

/// A machine that may answer before people do, or instead of them: a bot, canned words, a
/// language model.
///
/// Given to [`DeskBuilder::responder`](crate::desk::DeskBuilder::responder), it has every ticket
/// that a customer or visitor opens until it leaves it to people, an agent takes or answers it,
/// or it is over; except those of chatbots, whose customers have asked for a human. What the
/// customer writes meanwhile is asked of it, one message at a time, the newest when several wait.
/// It is the bot's again only when the customer writes again in what was resolved without anybody
/// of the team.
///
/// Nobody waits long for it: when it fails, panics, or takes longer than
/// [`patience`](crate::desk::ResponderSettings::patience), people take over at once, and what it
/// says too late is not said. It may be asked the same again after a node has died; what it
/// answers is said once.
///
/// ```
/// use async_trait::async_trait;
/// use support_core::ports::{Conversation, Responder, ResponderError, Response};
///
/// /// Knows when the shop is open, and who knows the rest.
/// struct OpeningTimes;
///
/// #[async_trait]
/// impl Responder for OpeningTimes {
///     async fn respond(&self, conversation: &Conversation) -> Result<Response, ResponderError> {
///         if conversation.question.content.to_lowercase().contains("open") {
///             return Ok(Response::reply("We are open from 9 to 5, Monday to Friday."));
///         }
///         Ok(Response::hand_over("Asked something that is not about opening times.").saying("One moment, please."))
///     }
/// }
///
/// # #[cfg(feature = "memory")]
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// use std::sync::Arc;
/// use support_core::{desk::Desk, memory::MemoryStore};
///
/// let desk = Desk::builder(MemoryStore::new()).responder(Arc::new(OpeningTimes)).build();
/// // The bot is asked by `run_deliveries`; `run_sweeps` finds what it had when its node died.
/// # drop(desk);
/// # });
/// ```
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait Responder: Send + Sync {
    /// Answers the conversation's question.
    ///
    /// # Errors
    /// [`ResponderError`] when there is no answer: people take over.
    async fn respond(&self, conversation: &Conversation) -> Result<Response, ResponderError>;
}
