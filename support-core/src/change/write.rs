//! What a store is asked to write.

use crate::model::{
    Account, Agent, AgentId, Alarm, ApiKey, Article, ArticleId, ArticleVote, Block, BlockId, Callback, CannedResponse,
    CannedResponseId, Customer, CustomerId, Department, DepartmentId, Erasure, File, FileId, Inbox, LoginGuard,
    Message, NotificationId, Principal, Rating, Requester, SecretHash, Side, Tenant, Ticket, TicketId, Timestamp,
    Visitor, VisitorContext, Webhook, WebhookId,
};

/// One write. Records that count their changes are stored with one more than they carry;
/// those that carry 0 are new.
#[derive(Debug, Clone, PartialEq)]
pub enum Write {
    /// Adds or replaces the change set's own tenant.
    PutTenant(Box<Tenant>),
    /// Adds or replaces an inbox.
    PutInbox(Inbox),
    /// Adds or replaces a department.
    PutDepartment(Department),
    /// Removes a department; finished tickets keep their id of it.
    RemoveDepartment(DepartmentId),
    /// Adds or replaces an agent.
    PutAgent(Agent),
    /// Remembers when an agent was last given a ticket. Does not count as a change of the agent.
    NoteAssignment {
        /// Who.
        agent: AgentId,
        /// When.
        at: Timestamp,
    },
    /// Adds or replaces a customer.
    PutCustomer(Customer),
    /// Removes a customer; their tickets stay, with the contact as it was told for each.
    RemoveCustomer(CustomerId),
    /// Adds or replaces a visitor.
    PutVisitor(Visitor),
    /// Adds or replaces an account.
    PutAccount(Account),
    /// Removes an account, if there is one.
    RemoveAccount(Principal),
    /// Adds or replaces a login guard.
    PutLoginGuard(LoginGuard),
    /// Forgets a login guard, if there is one.
    RemoveLoginGuard(SecretHash),
    /// Makes a token void until it would have expired anyway.
    RevokeToken {
        /// The token's own id.
        token: uuid::Uuid,
        /// When it may be forgotten.
        expires_at: Timestamp,
    },
    /// Adds or replaces an API key.
    PutApiKey(ApiKey),
    /// Adds a ticket and gives it the next number. Its thread starts empty, and its measures as
    /// [`Measures::of_new`] says; each later write keeps them by their rules.
    ///
    /// [`Measures::of_new`]: crate::model::Measures::of_new
    OpenTicket(Ticket),
    /// Replaces all of a ticket but its number and thread.
    UpdateTicket(Ticket),
    /// Adds a message, gives it the next `seq` and keeps the thread as [`Thread::with`] says.
    ///
    /// [`Thread::with`]: crate::model::Thread::with
    AppendMessage(Message),
    /// Remembers that somebody was told of a promise about time, as [`Measures::with_alarm`] says.
    ///
    /// [`Measures::with_alarm`]: crate::model::Measures::with_alarm
    NoteAlarm {
        /// The ticket.
        ticket: TicketId,
        /// What of.
        alarm: Alarm,
    },
    /// Adds a rating to the ticket's history of them; the ticket itself carries the latest.
    AddRating {
        /// The ticket.
        ticket: TicketId,
        /// What was said.
        rating: Rating,
    },
    /// Moves a side's read mark forward, never back, and counts what stays unread.
    MarkRead {
        /// The ticket.
        ticket: TicketId,
        /// Who has read.
        side: Side,
        /// Up to which `seq`.
        up_to: u64,
    },
    /// Adds or replaces a callback.
    PutCallback(Callback),
    /// Adds or replaces a webhook, all but its cursor, which only a new one brings.
    PutWebhook(Webhook),
    /// Remembers up to which journal entry a webhook was looked at for. Does not count as a
    /// change of the webhook.
    AdvanceWebhook {
        /// The webhook.
        webhook: WebhookId,
        /// The `seq` of the last entry.
        to: u64,
    },
    /// Removes a webhook; what is owed to it and not sent yet is removed with it.
    RemoveWebhook(WebhookId),
    /// Adds or replaces a canned response.
    PutCannedResponse(CannedResponse),
    /// Removes a canned response.
    RemoveCannedResponse(CannedResponseId),
    /// Adds or replaces a file.
    PutFile(File),
    /// Removes a file.
    RemoveFile(FileId),
    /// Adds or replaces an article, all but what its readers add: views and votes, which only a new
    /// one brings.
    PutArticle(Article),
    /// Removes an article with the votes on it.
    RemoveArticle(ArticleId),
    /// Adds to how often an article was read, if it is there. Does not count as a change of it.
    CountArticleViews {
        /// The article.
        article: ArticleId,
        /// How often since this was last counted.
        views: u64,
    },
    /// Adds or replaces somebody's vote on an article, if it is there, and keeps its counts by it.
    /// Does not count as a change of it.
    PutArticleVote(ArticleVote),
    /// Notes when somebody read what they were told, as far as they had not before.
    MarkNotificationsRead {
        /// Who.
        recipient: Principal,
        /// What they read.
        notifications: Vec<NotificationId>,
        /// When.
        at: Timestamp,
    },
    /// Remembers what a request with a key was answered, to answer the same again.
    StoreResponse {
        /// The request's key, as in [`RequestKey`](super::RequestKey).
        key: SecretHash,
        /// The status of the answer.
        status: u16,
        /// The body of the answer.
        body: String,
    },
    /// Replaces what is known of the visit from which a ticket was opened.
    PutVisitorContext {
        /// The ticket.
        ticket: TicketId,
        /// What is known.
        context: Box<VisitorContext>,
    },
    /// Adds or replaces a block.
    PutBlock(Block),
    /// Removes a block, if there is one.
    RemoveBlock(BlockId),
    /// Replaces all of a ticket but its number, and forgets its thread but for how far it was
    /// counted: messages, preview, words that are searched for, what raters said, who is named in
    /// the journal's entries about it, and what people were told and are owed of it. What is
    /// measured of it stays.
    EraseTicket(Ticket),
    /// Replaces a callback, and forgets what people were told and are owed of it.
    EraseCallback(Callback),
    /// Remembers who is being erased, until they are [forgotten](Self::ForgetPerson).
    PutErasure(Erasure),
    /// Removes a customer or visitor with their account, what they were told, and what is owed or
    /// was sent to their addresses; and the memory of erasing them.
    ForgetPerson {
        /// Who.
        requester: Requester,
        /// Where they were reached.
        addresses: Vec<String>,
    },
}

impl Write {
    /// Whether it changes what decides what later events owe.
    #[must_use]
    pub const fn decides_policy(&self) -> bool {
        matches!(
            self,
            Self::PutTenant(_)
                | Self::PutInbox(_)
                | Self::PutDepartment(_)
                | Self::RemoveDepartment(_)
                | Self::PutAgent(_)
        )
    }
}
