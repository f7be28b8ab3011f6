//! Reading what is stored. Every method but those that find a tenant takes the tenant first.
//!
//! Every method fails with [`StoreError`] when the store can't be asked; what isn't there, or
//! belongs to another tenant, is `None` or missing from the list.

use std::collections::HashMap;

use async_trait::async_trait;
use chrono::NaiveDate;
use uuid::Uuid;

use super::{RecordOrder, StoreError};
use crate::{
    change::Receipt,
    model::{
        Account, Agent, AgentId, ApiKey, Block, Candidate, Customer, CustomerId, Department, DepartmentId, Event,
        FigurePlace, FigureScope, Figures, Inbox, InboxId, LoginGuard, Measures, Message, MessageId, Notification,
        NotificationId, Principal, Priority, Rating, Requester, SecretHash, Status, Tenant, TenantId, Ticket,
        TicketChannel, TicketId, Timestamp, Visitor, VisitorContext, VisitorId, WordQuery,
    },
};

/// A part of a list by number: the page that begins after `limit × (number - 1)` items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    /// 1, 2, 3…
    pub number: u32,
    /// Items on a page.
    pub limit: u32,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// How many there are in all; the least that there are when they were not counted to the end.
    pub total: u64,
    /// Whether they were counted to the end. Only lists of tickets are ever too long for that.
    pub is_total_exact: bool,
}

impl<T> Page<T> {
    /// All of a list.
    #[must_use]
    pub fn of_all(items: Vec<T>) -> Self {
        Self {
            total: u64::try_from(items.len()).unwrap_or(u64::MAX),
            is_total_exact: true,
            items,
        }
    }

    /// Part of a list of which `counted` items were counted, one more than [`COUNTED_TO`] at most.
    #[must_use]
    pub fn of_counted(items: Vec<T>, counted: u64) -> Self {
        Self {
            items,
            total: counted.min(COUNTED_TO),
            is_total_exact: counted <= COUNTED_TO,
        }
    }
}

/// How far lists of tickets are counted.
pub const COUNTED_TO: u64 = 10_000;

/// The direction of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SortOrder {
    /// Smallest or oldest first.
    Ascending,
    /// Largest or newest first.
    #[default]
    Descending,
}

/// What a list of tickets is sorted by. Equals are sorted by id in the same direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TicketSort {
    /// When they were opened.
    #[default]
    CreatedAt,
    /// When anything last happened in them: a message or a change.
    UpdatedAt,
    /// How urgent they are.
    Priority,
}

/// A place in a list of tickets: the sort value and id of the last one seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TicketCursor {
    /// Milliseconds of the sorted time, or the priority's place in its order (0 = low).
    pub value: i64,
    /// The ticket.
    pub id: TicketId,
}

impl TicketCursor {
    /// The place of a ticket in a list that is sorted so.
    #[must_use]
    pub fn of(ticket: &Ticket, sort: TicketSort) -> Self {
        let value = match sort {
            TicketSort::CreatedAt => ticket.created_at.millis(),
            TicketSort::UpdatedAt => {
                let changed = ticket.updated_at;
                let touched = ticket.thread.last_message_at.map_or(changed, |at| at.max(changed));
                touched.millis()
            }
            TicketSort::Priority => match ticket.priority {
                Priority::Low => 0,
                Priority::Normal => 1,
                Priority::High => 2,
                Priority::Urgent => 3,
            },
        };
        Self { value, id: ticket.id }
    }
}

/// Where a part of a list of tickets begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TicketPosition {
    /// At the page of this number.
    Page(u32),
    /// After this place.
    After(TicketCursor),
}

/// Whom tickets must belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssigneeFilter {
    /// This agent.
    Is(AgentId),
    /// Nobody.
    Nobody,
}

/// The agent for whose eyes a list is, when they may not see all: see
/// [`ActingAgent::sees`](crate::model::ActingAgent::sees).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisibleTo {
    /// Who.
    pub agent: AgentId,
    /// Their teams.
    pub departments: Vec<DepartmentId>,
}

/// Which tickets a list has, and in what order. What is not named is not asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TicketFilter {
    /// In one of these states; any when empty.
    pub statuses: Vec<Status>,
    /// For this team.
    pub department: Option<DepartmentId>,
    /// Whose they are.
    pub assignee: Option<AssigneeFilter>,
    /// Of this customer or visitor.
    pub requester: Option<Requester>,
    /// This urgent.
    pub priority: Option<Priority>,
    /// Through this entry point.
    pub inbox: Option<InboxId>,
    /// Come in this way.
    pub channel: Option<TicketChannel>,
    /// Rated with so many stars.
    pub stars: Option<u8>,
    /// With this tag.
    pub tag: Option<String>,
    /// With these words in one place, as [`SearchReads`](super::SearchReads) finds them: among the
    /// newest [`PLACES_LOOKED_AT`](super::PLACES_LOOKED_AT) places.
    pub text: Option<WordQuery>,
    /// Opened at or after.
    pub created_from: Option<Timestamp>,
    /// Opened before.
    pub created_before: Option<Timestamp>,
    /// For the eyes of an agent who may not see all.
    pub visible_to: Option<VisibleTo>,
    /// Sorted by.
    pub sort: TicketSort,
    /// In this direction.
    pub order: SortOrder,
}

/// Which agents a list has, and in which order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentFilter {
    /// In this team.
    pub department: Option<DepartmentId>,
    /// Having chosen to be this.
    pub availability: Option<crate::model::Availability>,
    /// Still working here, or not.
    pub is_active: Option<bool>,
    /// The order; by name unless told otherwise.
    pub order: RecordOrder,
}

impl Default for AgentFilter {
    fn default() -> Self {
        Self {
            department: None,
            availability: None,
            is_active: None,
            order: RecordOrder::BY_NAME,
        }
    }
}

/// Which customers a list has, and in which order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerFilter {
    /// With this text in name or address.
    pub text: Option<String>,
    /// The order; newest first unless told otherwise.
    pub order: RecordOrder,
}

impl Default for CustomerFilter {
    fn default() -> Self {
        Self {
            text: None,
            order: RecordOrder::NEWEST_FIRST,
        }
    }
}

/// Which events of a journal are read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EventFilter {
    /// About this ticket.
    pub ticket: Option<TicketId>,
    /// About a ticket or callback of this customer, or told to them.
    pub customer: Option<CustomerId>,
    /// Of this kind.
    pub kind: Option<String>,
}

/// What a request with a key led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRequest {
    /// Hash of what was asked.
    pub fingerprint: SecretHash,
    /// What the store gave out.
    pub receipt: Receipt,
    /// The answer, once it was given.
    pub response: Option<(u16, String)>,
}

/// Tenants. These reads find a tenant, so they take none.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait TenantReads: Send + Sync {
    /// By id.
    async fn tenant(&self, tenant: TenantId) -> Result<Option<Tenant>, StoreError>;
    /// By slug.
    async fn tenant_by_slug(&self, slug: &str) -> Result<Option<Tenant>, StoreError>;
    /// By a domain it claims, lower-cased.
    async fn tenant_by_domain(&self, domain: &str) -> Result<Option<Tenant>, StoreError>;
    /// All, inactive ones too.
    async fn tenants(&self, order: RecordOrder, page: PageRequest) -> Result<Page<Tenant>, StoreError>;
    /// The active one, if there is exactly one.
    async fn only_tenant(&self) -> Result<Option<Tenant>, StoreError>;
    /// The tenant that has an entry point, whatever tenant that is.
    async fn tenant_of_inbox(&self, inbox: InboxId) -> Result<Option<Tenant>, StoreError>;
    /// Active tenants whose settings name a Messenger page, oldest first, ten at most: whoever
    /// names it need not own it.
    async fn tenants_by_messenger_page(&self, page: &str) -> Result<Vec<Tenant>, StoreError>;
}

/// Inboxes.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait InboxReads: Send + Sync {
    /// By id.
    async fn inbox(&self, tenant: TenantId, inbox: InboxId) -> Result<Option<Inbox>, StoreError>;
    /// All of a tenant, inactive ones too, oldest first.
    async fn inboxes(&self, tenant: TenantId) -> Result<Vec<Inbox>, StoreError>;
}

/// Departments.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait DepartmentReads: Send + Sync {
    /// By id.
    async fn department(&self, tenant: TenantId, department: DepartmentId) -> Result<Option<Department>, StoreError>;
    /// All of a tenant, inactive ones too, by sort order, then name.
    async fn departments(&self, tenant: TenantId) -> Result<Vec<Department>, StoreError>;
}

/// People.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait PeopleReads: Send + Sync {
    /// An agent by id.
    async fn agent(&self, tenant: TenantId, agent: AgentId) -> Result<Option<Agent>, StoreError>;
    /// The agents among `agents` that there are, in no order, inactive ones too.
    async fn agents_by_id(&self, tenant: TenantId, agents: &[AgentId]) -> Result<Vec<Agent>, StoreError>;
    /// Agents; platform operators are not among them.
    async fn agents(
        &self,
        tenant: TenantId,
        filter: &AgentFilter,
        page: PageRequest,
    ) -> Result<Page<Agent>, StoreError>;
    /// A customer by id.
    async fn customer(&self, tenant: TenantId, customer: CustomerId) -> Result<Option<Customer>, StoreError>;
    /// A customer by what the tenant's own system calls them.
    async fn customer_by_external_id(
        &self,
        tenant: TenantId,
        external_id: &str,
    ) -> Result<Option<Customer>, StoreError>;
    /// Customers.
    async fn customers(
        &self,
        tenant: TenantId,
        filter: &CustomerFilter,
        page: PageRequest,
    ) -> Result<Page<Customer>, StoreError>;
    /// A visitor by id.
    async fn visitor(&self, tenant: TenantId, visitor: VisitorId) -> Result<Option<Visitor>, StoreError>;
    /// What is known of the visit from which a ticket was opened.
    async fn visitor_context(&self, tenant: TenantId, ticket: TicketId) -> Result<Option<VisitorContext>, StoreError>;
    /// Who may not write, newest first, with what no longer holds.
    async fn blocks(&self, tenant: TenantId) -> Result<Vec<Block>, StoreError>;
}

/// What lets people and servers in.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait AccountReads: Send + Sync {
    /// By whose it is.
    async fn account(&self, tenant: TenantId, principal: Principal) -> Result<Option<Account>, StoreError>;
    /// By address, lower-cased.
    async fn account_by_email(&self, tenant: TenantId, email: &str) -> Result<Option<Account>, StoreError>;
    /// The active tenants in which an address has an account, at most two: for finding the
    /// tenant of somebody who logs in without naming it.
    async fn tenants_with_account(&self, email: &str) -> Result<Vec<TenantId>, StoreError>;
    /// What is counted against an address, by its hash.
    async fn login_guard(&self, tenant: TenantId, email_hash: &SecretHash) -> Result<Option<LoginGuard>, StoreError>;
    /// Whether a token was made void.
    async fn is_token_revoked(&self, tenant: TenantId, token: Uuid) -> Result<bool, StoreError>;
    /// A key by its hash, with its tenant, which it finds. Void ones too.
    async fn api_key_by_hash(&self, hash: &SecretHash) -> Result<Option<(TenantId, ApiKey)>, StoreError>;
    /// All keys of a tenant, void ones too, newest first.
    async fn api_keys(&self, tenant: TenantId) -> Result<Vec<ApiKey>, StoreError>;
}

/// Tickets.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait TicketReads: Send + Sync {
    /// By id.
    async fn ticket(&self, tenant: TenantId, ticket: TicketId) -> Result<Option<Ticket>, StoreError>;
    /// By number.
    async fn ticket_by_number(&self, tenant: TenantId, number: u64) -> Result<Option<Ticket>, StoreError>;
    /// By the secret that opens it.
    async fn ticket_by_access(&self, tenant: TenantId, access: &SecretHash) -> Result<Option<Ticket>, StoreError>;
    /// The newest unfinished one of a chatbot's conversation.
    async fn unfinished_ticket_of_session(
        &self,
        tenant: TenantId,
        inbox: InboxId,
        session: &str,
    ) -> Result<Option<Ticket>, StoreError>;
    /// The newest one of a session, finished or not.
    async fn latest_ticket_of_session(
        &self,
        tenant: TenantId,
        inbox: InboxId,
        session: &str,
    ) -> Result<Option<Ticket>, StoreError>;
    /// A part of a list. `total` counts the whole list, wherever the part begins.
    async fn tickets(
        &self,
        tenant: TenantId,
        filter: &TicketFilter,
        position: TicketPosition,
        limit: u32,
    ) -> Result<Page<Ticket>, StoreError>;
    /// Unfinished tickets that nobody has, the bot included, `open` and `waiting`: most urgent
    /// first, then oldest.
    async fn unassigned_tickets(&self, tenant: TenantId, limit: u32) -> Result<Vec<Ticket>, StoreError>;
    /// The same, for one department, or for those that name none.
    ///
    /// Asked only of tenants where more tickets wait than are looked at in one go. This default
    /// reads them all; a store that has an index for it should use that.
    async fn unassigned_tickets_of(
        &self,
        tenant: TenantId,
        department: Option<DepartmentId>,
        limit: u32,
    ) -> Result<Vec<Ticket>, StoreError> {
        let mut tickets = self.unassigned_tickets(tenant, u32::MAX).await?;
        tickets.retain(|ticket| ticket.department == department);
        tickets.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(tickets)
    }
    /// Tickets that an agent has assigned or pending, oldest first.
    async fn unfinished_tickets_of_agent(
        &self,
        tenant: TenantId,
        agent: AgentId,
        limit: u32,
    ) -> Result<Vec<Ticket>, StoreError>;
    /// Tickets that the bot has had since before its time was up (`held_for_bot_until` is at or
    /// before `before`), over all tenants, longest first.
    async fn lapsed_holds(&self, before: Timestamp, limit: u32) -> Result<Vec<(TenantId, TicketId)>, StoreError>;
}

/// Which figures are asked for, of tickets created from one day to another, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FigureQuery {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
    /// Added up for whom.
    pub of: FigureGroup,
}

/// For whom figures are added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FigureGroup {
    /// For one scope, with lengths.
    One(FigureScope),
    /// For one scope, in counts alone: a busy day's lengths are a hundred times as much to read.
    Counted(FigureScope),
    /// For each department by itself, of one agent or of all.
    EachDepartment(Option<AgentId>),
    /// For each agent by themself, in one department or in all.
    EachAgent(Option<DepartmentId>),
}

/// Statistics.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait FigureReads: Send + Sync {
    /// Figures by day and scope, in order of days; those of nothing may be missing. Lengths come
    /// with [`FigureGroup::One`] only: what is compared is counts.
    async fn figures(&self, tenant: TenantId, query: FigureQuery) -> Result<Vec<(FigurePlace, Figures)>, StoreError>;
    /// Rated tickets that were opened at or after `from` and before `before`, most stars first,
    /// then the newest.
    async fn top_rated_tickets(
        &self,
        tenant: TenantId,
        scope: FigureScope,
        from: Timestamp,
        before: Timestamp,
        limit: u32,
    ) -> Result<Vec<Ticket>, StoreError>;
    /// How many tickets are resolved, or closed after that, since `from`.
    async fn resolved_since(&self, tenant: TenantId, from: Timestamp) -> Result<u64, StoreError>;
    /// What is measured of a ticket.
    async fn measures(&self, tenant: TenantId, ticket: TicketId) -> Result<Option<Measures>, StoreError>;
    /// Tickets of all tenants whose alarm is due, longest due first.
    async fn alarms_due(&self, now: Timestamp, limit: u32) -> Result<Vec<(TenantId, TicketId)>, StoreError>;
    /// All ratings of a ticket, oldest first.
    async fn ratings(&self, tenant: TenantId, ticket: TicketId) -> Result<Vec<Rating>, StoreError>;
}

/// Threads.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait MessageReads: Send + Sync {
    /// One message.
    async fn message(
        &self,
        tenant: TenantId,
        ticket: TicketId,
        message: MessageId,
    ) -> Result<Option<Message>, StoreError>;
    /// Messages with a `seq` above `after`, in order; without notes unless asked.
    async fn messages(
        &self,
        tenant: TenantId,
        ticket: TicketId,
        after: u64,
        limit: u32,
        with_notes: bool,
    ) -> Result<Vec<Message>, StoreError>;
    /// How many notes are in threads, for each of `tickets` that has any.
    async fn notes(&self, tenant: TenantId, tickets: &[TicketId]) -> Result<HashMap<TicketId, u64>, StoreError>;
}

/// The journal.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait EventReads: Send + Sync {
    /// The `seq` of the last event; 0 while there is none.
    async fn last_event(&self, tenant: TenantId) -> Result<u64, StoreError>;
    /// Events with a `seq` above `after`, in order, with their messages joined in.
    async fn events(
        &self,
        tenant: TenantId,
        after: u64,
        filter: &EventFilter,
        limit: u32,
    ) -> Result<Vec<Event>, StoreError>;
}

/// In-app notifications.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait NotificationReads: Send + Sync {
    /// By id.
    async fn notification(
        &self,
        tenant: TenantId,
        notification: NotificationId,
    ) -> Result<Option<Notification>, StoreError>;
    /// Somebody's notifications, newest first.
    async fn notifications(
        &self,
        tenant: TenantId,
        recipient: Principal,
        unread_only: bool,
        limit: u32,
    ) -> Result<Vec<Notification>, StoreError>;
}

/// Requests with a key.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait RequestReads: Send + Sync {
    /// By the key's hash.
    async fn request(&self, tenant: TenantId, key: &SecretHash) -> Result<Option<StoredRequest>, StoreError>;
}

/// What the choice of an agent needs.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait AssignmentReads: Send + Sync {
    /// Every active agent of a tenant as the choice sees them; platform operators are not among them.
    async fn candidates(&self, tenant: TenantId) -> Result<Vec<Candidate>, StoreError>;

    /// Of all tenants: tickets whose [`accept_by`](Ticket::accept_by) is `now` or earlier, the
    /// earliest first, at most `limit`.
    async fn tickets_to_accept(&self, now: Timestamp, limit: u32) -> Result<Vec<(TenantId, TicketId)>, StoreError>;
}
