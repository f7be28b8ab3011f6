//! What is kept, as plain maps by id under each tenant.

use std::{collections::BTreeMap, sync::Arc};

use uuid::Uuid;

use crate::{
    model::{
        Account, Agent, AgentId, ApiKey, ApiKeyId, Article, ArticleId, Block, BlockId, Callback, CallbackId,
        CannedResponse, CannedResponseId, Customer, CustomerId, Delivery, DeliveryId, Department, DepartmentId,
        Erasure, Event, FigurePlace, Figures, File, FileId, Inbox, InboxId, LoginGuard, Measures, Message,
        Notification, Presence, Principal, Rating, SecretHash, Status, Tenant, TenantId, Ticket, TicketId, Timestamp,
        Visitor, VisitorContext, VisitorId, Webhook, WebhookId,
    },
    ports::StoredRequest,
};

/// All tenants.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) tenants: BTreeMap<TenantId, TenantState>,
    /// Leases given out so far, from which their tokens are made.
    pub(super) leases: u128,
}

/// All of one tenant.
#[derive(Debug)]
pub(super) struct TenantState {
    pub(super) tenant: Tenant,
    pub(super) inboxes: BTreeMap<InboxId, Inbox>,
    pub(super) departments: BTreeMap<DepartmentId, Department>,
    pub(super) agents: BTreeMap<AgentId, StoredAgent>,
    pub(super) customers: BTreeMap<CustomerId, Customer>,
    pub(super) visitors: BTreeMap<VisitorId, Visitor>,
    pub(super) accounts: BTreeMap<Principal, Account>,
    pub(super) login_guards: BTreeMap<SecretHash, LoginGuard>,
    pub(super) revoked_tokens: BTreeMap<Uuid, Timestamp>,
    pub(super) api_keys: BTreeMap<ApiKeyId, ApiKey>,
    pub(super) tickets: BTreeMap<TicketId, StoredTicket>,
    pub(super) last_ticket: u64,
    pub(super) figures: BTreeMap<FigurePlace, Figures>,
    pub(super) ratings: Vec<(TicketId, Rating)>,
    pub(super) events: Vec<StoredEvent>,
    pub(super) notifications: Vec<Notification>,
    pub(super) deliveries: BTreeMap<DeliveryId, StoredDelivery>,
    pub(super) callbacks: BTreeMap<CallbackId, Callback>,
    pub(super) webhooks: BTreeMap<WebhookId, Webhook>,
    pub(super) canned_responses: BTreeMap<CannedResponseId, CannedResponse>,
    pub(super) files: BTreeMap<FileId, File>,
    pub(super) articles: BTreeMap<ArticleId, Article>,
    pub(super) article_votes: BTreeMap<(ArticleId, SecretHash), bool>,
    pub(super) presences: BTreeMap<AgentId, StoredPresence>,
    pub(super) requests: BTreeMap<SecretHash, KeptRequest>,
    pub(super) blocks: BTreeMap<BlockId, Block>,
    pub(super) erasures: Vec<Erasure>,
}

#[derive(Debug)]
pub(super) struct StoredAgent {
    pub(super) agent: Agent,
    /// Kept apart: being given a ticket is no change of the agent.
    pub(super) last_assigned_at: Option<Timestamp>,
}

#[derive(Debug)]
pub(super) struct StoredTicket {
    pub(super) ticket: Ticket,
    /// In order of `seq`, the first with 1 unless what came before was erased.
    pub(super) messages: Vec<Arc<Message>>,
    pub(super) measures: Measures,
    /// The visit from which it was opened.
    pub(super) context: Option<VisitorContext>,
    pub(super) is_erased: bool,
}

#[derive(Debug)]
pub(super) struct StoredEvent {
    /// Without its message, which is joined in on reading.
    pub(super) event: Event,
    pub(super) message_seq: Option<u64>,
}

#[derive(Debug)]
pub(super) struct StoredDelivery {
    pub(super) delivery: Delivery,
    pub(super) lease: Option<Lease>,
}

#[derive(Debug)]
pub(super) struct Lease {
    pub(super) token: Uuid,
    pub(super) until: Timestamp,
}

#[derive(Debug)]
pub(super) struct StoredPresence {
    pub(super) presence: Presence,
    pub(super) is_unhandled: bool,
}

#[derive(Debug)]
pub(super) struct KeptRequest {
    pub(super) stored: StoredRequest,
    pub(super) created_at: Timestamp,
}

impl State {
    pub(super) fn of(&self, tenant: TenantId) -> Option<&TenantState> {
        self.tenants.get(&tenant)
    }
}

impl TenantState {
    pub(super) const fn new(tenant: Tenant) -> Self {
        Self {
            tenant,
            inboxes: BTreeMap::new(),
            departments: BTreeMap::new(),
            agents: BTreeMap::new(),
            customers: BTreeMap::new(),
            visitors: BTreeMap::new(),
            accounts: BTreeMap::new(),
            login_guards: BTreeMap::new(),
            revoked_tokens: BTreeMap::new(),
            api_keys: BTreeMap::new(),
            tickets: BTreeMap::new(),
            last_ticket: 0,
            figures: BTreeMap::new(),
            ratings: Vec::new(),
            events: Vec::new(),
            notifications: Vec::new(),
            deliveries: BTreeMap::new(),
            callbacks: BTreeMap::new(),
            webhooks: BTreeMap::new(),
            canned_responses: BTreeMap::new(),
            files: BTreeMap::new(),
            articles: BTreeMap::new(),
            article_votes: BTreeMap::new(),
            presences: BTreeMap::new(),
            requests: BTreeMap::new(),
            blocks: BTreeMap::new(),
            erasures: Vec::new(),
        }
    }

    pub(super) fn last_event(&self) -> u64 {
        self.events.last().map_or(0, |last| last.event.seq)
    }

    /// How many tickets an agent has assigned or pending.
    pub(super) fn load_of(&self, agent: AgentId) -> u32 {
        let load = self
            .tickets
            .values()
            .filter(|stored| stored.is_in_work_of(agent))
            .count();
        u32::try_from(load).unwrap_or(u32::MAX)
    }
}

impl StoredTicket {
    pub(super) fn is_in_work_of(&self, agent: AgentId) -> bool {
        matches!(self.ticket.state.status(), Status::Assigned | Status::Pending)
            && self.ticket.assignee() == Some(agent)
    }

    pub(super) fn message_at(&self, seq: u64) -> Option<&Arc<Message>> {
        let place = self.messages.binary_search_by_key(&seq, |message| message.seq).ok()?;
        self.messages.get(place)
    }
}
