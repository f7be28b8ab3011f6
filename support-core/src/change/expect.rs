//! What a change set takes for granted, as values that the store checks before it writes.

use crate::model::{
    AgentId, ApiKeyId, ArticleId, BlockId, CallbackId, CannedResponseId, CustomerId, DepartmentId, FileId, InboxId,
    Principal, SecretHash, TenantId, TicketId, Timestamp, VisitorId, WebhookId,
};

/// A stored thing that counts its changes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Record {
    /// The change set's own tenant.
    Tenant,
    /// An inbox.
    Inbox(InboxId),
    /// A department.
    Department(DepartmentId),
    /// An agent.
    Agent(AgentId),
    /// A customer.
    Customer(CustomerId),
    /// An account.
    Account(Principal),
    /// A ticket's state.
    Ticket(TicketId),
    /// A callback.
    Callback(CallbackId),
    /// A webhook, other than its cursor.
    Webhook(WebhookId),
    /// A canned response.
    CannedResponse(CannedResponseId),
    /// A file.
    File(FileId),
    /// An article, other than what its readers add.
    Article(ArticleId),
}

/// A name or place that only one may have.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Claim {
    /// A tenant's slug, on this installation.
    TenantSlug(String),
    /// A web domain, on this installation.
    Domain(String),
    /// A department's slug.
    DepartmentSlug(String),
    /// A department's name.
    DepartmentName(String),
    /// The address of an account, lower-cased.
    AccountEmail(String),
    /// What the tenant's own system calls a customer.
    ExternalId(String),
    /// The one unfinished request of a chatbot's conversation.
    Session(InboxId, String),
    /// The number of a callback that came in at `since` or later.
    ContactNumber {
        /// The number's key, as in [`number_key`](crate::model::number_key).
        number: String,
        /// From when on it counts.
        since: Timestamp,
    },
    /// A canned response's shortcut.
    Shortcut(String),
    /// An article's slug among those of its language.
    ArticleSlug {
        /// The slug.
        slug: String,
        /// The language, as the article has it.
        language: String,
    },
}

/// What must hold when a change set is committed, or none of it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Expect {
    /// Nobody changed `record` since it was read at `version`.
    Version {
        /// The record.
        record: Record,
        /// Its version when it was read.
        version: u64,
    },
    /// Nobody has taken it.
    Free(Claim),
    /// The agent is active, online and available, and has fewer tickets assigned or pending than
    /// they may. Whoever leaves afterwards finds what is committed with it: stores keep signs of
    /// life apart from that.
    AgentHasRoom(AgentId),
    /// No unfinished ticket names the department.
    DepartmentUnused(DepartmentId),
    /// The ticket's next alarm is due when it was read to be.
    AlarmAt {
        /// The ticket.
        ticket: TicketId,
        /// When it rings.
        at: Timestamp,
    },
    /// The webhook's cursor stands where it was read.
    WebhookAt {
        /// The webhook.
        webhook: WebhookId,
        /// The `seq` at which it stands.
        cursor: u64,
    },
    /// The agent is active, online, and available or busy; as with
    /// [`AgentHasRoom`](Self::AgentHasRoom), whoever leaves afterwards finds what is committed.
    AgentIsThere(AgentId),
    /// The tenant has an active admin other than this agent.
    AdminBeside(AgentId),
}

/// The expectation that did not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Conflict {
    /// Somebody changed it first, or it is gone.
    Changed(Record),
    /// Somebody has it already.
    Taken(Claim),
    /// The agent has no room left, or takes nothing now.
    NoRoom(AgentId),
    /// The department still has unfinished tickets.
    DepartmentInUse(DepartmentId),
    /// Somebody else told of the ticket's alarm, or it is not due any more.
    AlarmElsewhere(TicketId),
    /// Somebody else looked at the journal for the webhook, or it is gone.
    WebhookElsewhere(WebhookId),
    /// The agent is gone, or away.
    NotThere(AgentId),
    /// Nobody else would be left to administer.
    LastAdmin(AgentId),
    /// Somebody did something at the very same moment: look again.
    Concurrent,
}

impl Conflict {
    /// What kind of conflict it is, without whose: for logs, where names and addresses have no place.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Changed(_) => "changed",
            Self::Taken(_) => "taken",
            Self::NoRoom(_) => "no room",
            Self::DepartmentInUse(_) => "department in use",
            Self::AlarmElsewhere(_) => "alarm elsewhere",
            Self::WebhookElsewhere(_) => "webhook elsewhere",
            Self::NotThere(_) => "not there",
            Self::LastAdmin(_) => "last admin",
            Self::Concurrent => "concurrent",
        }
    }
}

/// What a change set touches, for the committer: one that meets what an earlier one of the same
/// batch writes has to wait for the next batch.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Touch {
    /// A record's version.
    Record(TenantId, Record),
    /// A claim. Those on slugs and domains hold for the whole installation.
    Claim(Option<TenantId>, Claim),
    /// How many tickets an agent has.
    Load(TenantId, AgentId),
    /// Who administers a tenant.
    Admins(TenantId),
    /// The unfinished tickets of a department.
    DepartmentUse(TenantId, DepartmentId),
    /// A sender's own id for a message.
    ClientId(TenantId, TicketId, Option<uuid::Uuid>, String),
    /// A side's read mark.
    ReadMark(TenantId, TicketId, crate::model::Side),
    /// A request's key.
    Request(TenantId, SecretHash),
    /// A login guard.
    LoginGuard(TenantId, SecretHash),
    /// A visitor.
    Visitor(TenantId, VisitorId),
    /// An API key.
    ApiKey(TenantId, ApiKeyId),
    /// A token made void.
    Token(TenantId, uuid::Uuid),
    /// What is measured of a ticket.
    Measures(TenantId, TicketId),
    /// Where a webhook stands in the journal.
    WebhookCursor(TenantId, WebhookId),
    /// Whatever gathers under a delivery's key.
    DeliveryKey(TenantId, String),
    /// Somebody's vote on an article.
    ArticleVote(TenantId, ArticleId, SecretHash),
    /// What is known of a visit.
    VisitorContext(TenantId, TicketId),
    /// A block.
    Block(TenantId, BlockId),
}
