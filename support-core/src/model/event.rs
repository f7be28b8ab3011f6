//! What happened: the entries of a tenant's journal.
//!
//! Payloads hold ids and states, never what people wrote or who they are: a message's words are
//! joined in from the thread when the journal is read, so that erasing a person erases them here too.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    AgentId, ApiKeyId, ArticleId, Availability, BlockId, CallbackId, CallbackStatus, CannedResponseId, Channel,
    CustomerId, DepartmentId, FileId, InboxId, Message, MessageId, NotificationId, Principal, Priority, Promise,
    Requester, Side, Status, Ticket, TicketId, Timestamp, VisitorId, WebhookId, named,
};

/// Who did something, as the journal remembers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum ActorRef {
    /// Somebody in a widget.
    Visitor(VisitorId),
    /// A known person.
    Customer(CustomerId),
    /// An agent of any role.
    Agent(AgentId),
    /// A server.
    ApiKey(ApiKeyId),
    /// A machine that answers.
    Bot,
    /// The software itself.
    System,
    /// Nobody in particular: a call without proof of who makes it.
    Anyone,
}

named! {
    /// Who may ever hear of an event.
    Visibility {
        /// The ticket's own customer or visitor, and agents.
        Customer = "customer",
        /// Agents only.
        Agents = "agents",
        /// Admins only.
        Admins = "admins",
    }
}

/// Who hears of an event. About tickets it is the ticket's state after the change that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Audience {
    /// Who may hear of it at all.
    pub visibility: Visibility,
    /// The ticket it is about.
    pub ticket: Option<TicketId>,
    /// The known person whose ticket it is.
    pub customer: Option<CustomerId>,
    /// Who has the ticket.
    pub assignee: Option<AgentId>,
    /// The team the ticket is for.
    pub department: Option<DepartmentId>,
}

impl Audience {
    /// Those who hear of a ticket.
    #[must_use]
    pub fn of_ticket(ticket: &Ticket, visibility: Visibility) -> Self {
        Self {
            visibility,
            ticket: Some(ticket.id),
            customer: ticket.requester.customer(),
            assignee: ticket.assignee(),
            department: ticket.department,
        }
    }

    /// All agents of the tenant.
    #[must_use]
    pub const fn agents() -> Self {
        Self {
            visibility: Visibility::Agents,
            ticket: None,
            customer: None,
            assignee: None,
            department: None,
        }
    }

    /// All agents of the tenant, and the customer whose callback it is.
    #[must_use]
    pub const fn of_callback(customer: Option<CustomerId>) -> Self {
        let visibility = if customer.is_some() {
            Visibility::Customer
        } else {
            Visibility::Agents
        };
        Self {
            visibility,
            customer,
            ..Self::agents()
        }
    }

    /// One person; [`EventBody::recipient`] says who.
    #[must_use]
    pub const fn of_one(recipient: Principal) -> Self {
        match recipient {
            Principal::Agent(_) => Self::agents(),
            Principal::Customer(customer) => Self {
                visibility: Visibility::Customer,
                customer: Some(customer),
                ..Self::agents()
            },
        }
    }

    /// The tenant's admins.
    #[must_use]
    pub const fn admins() -> Self {
        Self {
            visibility: Visibility::Admins,
            ticket: None,
            customer: None,
            assignee: None,
            department: None,
        }
    }
}

/// What happened, with the ids and states that belong to it.
#[expect(
    missing_docs,
    reason = "each variant's sentence covers its fields, which are ids and states"
)]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EventBody {
    /// A ticket was opened.
    TicketOpened {
        ticket: TicketId,
        status: Status,
        priority: Priority,
    },
    /// A message was accepted; [`Event::message`] carries it.
    MessagePosted { ticket: TicketId, message: MessageId },
    /// A side has read up to a message.
    MessagesRead { ticket: TicketId, side: Side, up_to: u64 },
    /// A ticket got an agent.
    TicketAssigned {
        ticket: TicketId,
        from: Option<AgentId>,
        to: AgentId,
        status: Status,
    },
    /// A ticket lost its agent.
    TicketUnassigned {
        ticket: TicketId,
        from: Option<AgentId>,
        status: Status,
    },
    /// A ticket changed its status with its agent unchanged.
    TicketStatusChanged { ticket: TicketId, from: Status, to: Status },
    /// A ticket became more or less urgent.
    TicketPriorityChanged {
        ticket: TicketId,
        from: Priority,
        to: Priority,
    },
    /// A ticket went to another team.
    TicketMoved {
        ticket: TicketId,
        from: Option<DepartmentId>,
        to: Option<DepartmentId>,
    },
    /// A ticket's tags changed.
    TicketTagged { ticket: TicketId },
    /// A ticket's customer said how they were helped.
    TicketRated { ticket: TicketId, stars: u8 },
    /// What was promised about time soon can't be kept.
    SlaWarned { ticket: TicketId, promise: Promise },
    /// What was promised about time was not kept.
    SlaBreached { ticket: TicketId, promise: Promise },
    /// Somebody is there for a waiting visitor.
    AgentBecameAvailable { ticket: TicketId },
    /// An agent was added.
    AgentCreated { agent: AgentId },
    /// An agent's profile, role or teams changed.
    AgentUpdated { agent: AgentId },
    /// An agent stopped working here.
    AgentDeactivated { agent: AgentId },
    /// An agent chose to be something.
    AgentAvailabilityChanged {
        agent: AgentId,
        from: Availability,
        to: Availability,
    },
    /// An agent was seen to come or go.
    AgentPresenceChanged { agent: AgentId, is_online: bool },
    /// A customer became known or changed.
    CustomerSaved { customer: CustomerId },
    /// A customer was removed.
    CustomerRemoved { customer: CustomerId },
    /// A team was added or changed.
    DepartmentSaved { department: DepartmentId },
    /// A team was removed.
    DepartmentRemoved {
        department: DepartmentId,
        moved_to: Option<DepartmentId>,
    },
    /// An entry point was added or changed.
    InboxSaved { inbox: InboxId },
    /// The tenant was added or changed.
    TenantSaved,
    /// The tenant's door was shut for good.
    TenantDeactivated,
    /// A server's key was made.
    ApiKeyCreated { key: ApiKeyId },
    /// A server's key was made void.
    ApiKeyRevoked { key: ApiKeyId },
    /// Somebody got in.
    LoggedIn { principal: Principal },
    /// Somebody left, and their token is void.
    LoggedOut { principal: Principal },
    /// Somebody did not get in.
    LoginFailed,
    /// Somebody's password changed, and their tokens are void.
    PasswordChanged { principal: Principal },
    /// Somebody asked for a way to choose another password.
    PasswordResetRequested { principal: Principal },
    /// The requester's device has messages up to one.
    MessagesDelivered { ticket: TicketId, up_to: u64 },
    /// Somebody asked to be phoned.
    CallbackRequested { callback: CallbackId },
    /// A callback was given to an agent, or to nobody.
    CallbackAssigned { callback: CallbackId, to: Option<AgentId> },
    /// A callback changed its status.
    CallbackStatusChanged {
        callback: CallbackId,
        from: CallbackStatus,
        to: CallbackStatus,
    },
    /// Somebody tried to phone.
    CallbackAttempted { callback: CallbackId },
    /// A callback's notes or time changed, or its agent was reminded.
    CallbackUpdated { callback: CallbackId },
    /// Nobody has phoned for too long.
    CallbackOverdue { callback: CallbackId },
    /// A subscription was added or changed.
    WebhookSaved { webhook: WebhookId },
    /// A subscription was switched off by the software.
    WebhookDisabled { webhook: WebhookId },
    /// A subscription was removed.
    WebhookRemoved { webhook: WebhookId },
    /// A channel's credentials were refused; nothing is sent over it.
    ChannelPaused { channel: Channel },
    /// A channel works again.
    ChannelResumed { channel: Channel },
    /// Somebody was told something inside the product. They alone hear of it.
    Notified {
        notification: NotificationId,
        recipient: Principal,
    },
    /// Somebody read what they were told. They alone hear of it.
    NotificationsRead {
        recipient: Principal,
        notifications: Vec<NotificationId>,
    },
    /// A ticket needs more than its agent.
    TicketEscalated { ticket: TicketId },
    /// A ticket's customer or visitor went away.
    CustomerDisconnected { ticket: TicketId },
    /// An answer that agents have at hand was added or changed.
    CannedResponseSaved { response: CannedResponseId },
    /// An answer that agents had at hand was removed.
    CannedResponseRemoved { response: CannedResponseId },
    /// What a ticket asks of its agent changed: skills or languages.
    TicketRequirementsChanged { ticket: TicketId },
    /// An agent let a ticket pass that they had been given.
    TicketPassedOver { ticket: TicketId, agent: AgentId },
    /// The bot left a ticket to people; `since` is the first of its requester's messages that
    /// nobody of the team was told of.
    TicketHandedOver { ticket: TicketId, since: Option<MessageId> },
    /// A file came in whole.
    FileSaved { file: FileId },
    /// A file was removed.
    FileRemoved { file: FileId },
    /// An article of the knowledge base was added or changed.
    ArticleSaved { article: ArticleId },
    /// An article of the knowledge base was removed.
    ArticleRemoved { article: ArticleId },
    /// Somebody may not write from now on, or for longer.
    BlockSaved { block: BlockId },
    /// Somebody may write again.
    BlockRemoved { block: BlockId },
    /// A visitor proved to be a known person, whose ticket it is from now on.
    TicketIdentified { ticket: TicketId, customer: CustomerId },
    /// Somebody is to be erased with all that they said.
    ErasureAsked { requester: Requester },
    /// A conversation was erased: who it was with, and every word of it.
    TicketErased { ticket: TicketId },
    /// Whoever asked for a callback, and what was noted of it, was erased.
    CallbackErased { callback: CallbackId },
    /// A visitor was erased.
    VisitorRemoved { visitor: VisitorId },
    /// An agent opened a conversation: told once an hour for each.
    TicketRead { ticket: TicketId },
    /// An agent had a file, as often told.
    FileRead { file: FileId },
    /// Somebody had all that is kept of a customer, as often told.
    CustomerExported { customer: CustomerId },
    /// An agent had what was said in a conversation written out, as often told.
    TranscriptTaken { ticket: TicketId },
}

impl EventBody {
    /// The names of all kinds.
    pub const KINDS: &'static [&'static str] = &[
        "ticket_opened",
        "message_posted",
        "messages_read",
        "ticket_assigned",
        "ticket_unassigned",
        "ticket_status_changed",
        "ticket_priority_changed",
        "ticket_moved",
        "ticket_tagged",
        "ticket_rated",
        "sla_warned",
        "sla_breached",
        "agent_became_available",
        "agent_created",
        "agent_updated",
        "agent_deactivated",
        "agent_availability_changed",
        "agent_presence_changed",
        "customer_saved",
        "customer_removed",
        "department_saved",
        "department_removed",
        "inbox_saved",
        "tenant_saved",
        "tenant_deactivated",
        "api_key_created",
        "api_key_revoked",
        "logged_in",
        "logged_out",
        "login_failed",
        "password_changed",
        "password_reset_requested",
        "messages_delivered",
        "callback_requested",
        "callback_assigned",
        "callback_status_changed",
        "callback_attempted",
        "callback_updated",
        "callback_overdue",
        "webhook_saved",
        "webhook_disabled",
        "webhook_removed",
        "channel_paused",
        "channel_resumed",
        "notified",
        "notifications_read",
        "ticket_escalated",
        "customer_disconnected",
        "canned_response_saved",
        "canned_response_removed",
        "ticket_requirements_changed",
        "ticket_passed_over",
        "ticket_handed_over",
        "file_saved",
        "file_removed",
        "article_saved",
        "article_removed",
        "block_saved",
        "block_removed",
        "ticket_identified",
        "erasure_asked",
        "ticket_erased",
        "callback_erased",
        "visitor_removed",
        "ticket_read",
        "file_read",
        "customer_exported",
        "transcript_taken",
    ];

    /// The kind's name, as stored, filtered and shown.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::TicketOpened { .. } => "ticket_opened",
            Self::MessagePosted { .. } => "message_posted",
            Self::MessagesRead { .. } => "messages_read",
            Self::TicketAssigned { .. } => "ticket_assigned",
            Self::TicketUnassigned { .. } => "ticket_unassigned",
            Self::TicketStatusChanged { .. } => "ticket_status_changed",
            Self::TicketPriorityChanged { .. } => "ticket_priority_changed",
            Self::TicketMoved { .. } => "ticket_moved",
            Self::TicketTagged { .. } => "ticket_tagged",
            Self::TicketRated { .. } => "ticket_rated",
            Self::SlaWarned { .. } => "sla_warned",
            Self::SlaBreached { .. } => "sla_breached",
            Self::AgentBecameAvailable { .. } => "agent_became_available",
            Self::AgentCreated { .. } => "agent_created",
            Self::AgentUpdated { .. } => "agent_updated",
            Self::AgentDeactivated { .. } => "agent_deactivated",
            Self::AgentAvailabilityChanged { .. } => "agent_availability_changed",
            Self::AgentPresenceChanged { .. } => "agent_presence_changed",
            Self::CustomerSaved { .. } => "customer_saved",
            Self::CustomerRemoved { .. } => "customer_removed",
            Self::DepartmentSaved { .. } => "department_saved",
            Self::DepartmentRemoved { .. } => "department_removed",
            Self::InboxSaved { .. } => "inbox_saved",
            Self::TenantSaved => "tenant_saved",
            Self::TenantDeactivated => "tenant_deactivated",
            Self::ApiKeyCreated { .. } => "api_key_created",
            Self::ApiKeyRevoked { .. } => "api_key_revoked",
            Self::LoggedIn { .. } => "logged_in",
            Self::LoggedOut { .. } => "logged_out",
            Self::LoginFailed => "login_failed",
            Self::PasswordChanged { .. } => "password_changed",
            Self::PasswordResetRequested { .. } => "password_reset_requested",
            Self::MessagesDelivered { .. } => "messages_delivered",
            Self::CallbackRequested { .. } => "callback_requested",
            Self::CallbackAssigned { .. } => "callback_assigned",
            Self::CallbackStatusChanged { .. } => "callback_status_changed",
            Self::CallbackAttempted { .. } => "callback_attempted",
            Self::CallbackUpdated { .. } => "callback_updated",
            Self::CallbackOverdue { .. } => "callback_overdue",
            Self::WebhookSaved { .. } => "webhook_saved",
            Self::WebhookDisabled { .. } => "webhook_disabled",
            Self::WebhookRemoved { .. } => "webhook_removed",
            Self::ChannelPaused { .. } => "channel_paused",
            Self::ChannelResumed { .. } => "channel_resumed",
            Self::Notified { .. } => "notified",
            Self::NotificationsRead { .. } => "notifications_read",
            Self::TicketEscalated { .. } => "ticket_escalated",
            Self::CustomerDisconnected { .. } => "customer_disconnected",
            Self::CannedResponseSaved { .. } => "canned_response_saved",
            Self::CannedResponseRemoved { .. } => "canned_response_removed",
            Self::TicketRequirementsChanged { .. } => "ticket_requirements_changed",
            Self::TicketPassedOver { .. } => "ticket_passed_over",
            Self::TicketHandedOver { .. } => "ticket_handed_over",
            Self::FileSaved { .. } => "file_saved",
            Self::FileRemoved { .. } => "file_removed",
            Self::ArticleSaved { .. } => "article_saved",
            Self::ArticleRemoved { .. } => "article_removed",
            Self::BlockSaved { .. } => "block_saved",
            Self::BlockRemoved { .. } => "block_removed",
            Self::TicketIdentified { .. } => "ticket_identified",
            Self::ErasureAsked { .. } => "erasure_asked",
            Self::TicketErased { .. } => "ticket_erased",
            Self::CallbackErased { .. } => "callback_erased",
            Self::VisitorRemoved { .. } => "visitor_removed",
            Self::TicketRead { .. } => "ticket_read",
            Self::FileRead { .. } => "file_read",
            Self::CustomerExported { .. } => "customer_exported",
            Self::TranscriptTaken { .. } => "transcript_taken",
        }
    }

    /// The callback it is about.
    #[must_use]
    pub const fn callback(&self) -> Option<CallbackId> {
        match self {
            Self::CallbackRequested { callback }
            | Self::CallbackAssigned { callback, .. }
            | Self::CallbackStatusChanged { callback, .. }
            | Self::CallbackAttempted { callback }
            | Self::CallbackUpdated { callback }
            | Self::CallbackOverdue { callback } => Some(*callback),
            _ => None,
        }
    }

    /// The one person who hears of it, if it is of nobody else's business.
    #[must_use]
    pub const fn recipient(&self) -> Option<Principal> {
        match self {
            Self::Notified { recipient, .. } | Self::NotificationsRead { recipient, .. } => Some(*recipient),
            _ => None,
        }
    }

    /// The message it is about.
    #[must_use]
    pub const fn message(&self) -> Option<MessageId> {
        match self {
            Self::MessagePosted { message, .. } => Some(*message),
            _ => None,
        }
    }
}

/// One entry of a tenant's journal.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Its place in the tenant's journal: 1, 2, 3… without a gap, in the order of commits.
    pub seq: u64,
    /// When it happened.
    pub at: Timestamp,
    /// Who did it.
    pub actor: ActorRef,
    /// Who hears of it.
    pub audience: Audience,
    /// What it was.
    pub body: EventBody,
    /// The message of a [`EventBody::MessagePosted`]; none when it has been erased since.
    pub message: Option<Arc<Message>>,
}
