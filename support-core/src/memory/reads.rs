//! Reading tenants, people, accounts, notifications and requests. Tickets and threads are in `tickets`.

use async_trait::async_trait;
use uuid::Uuid;

use super::MemoryStore;
use crate::{
    model::{
        Account, Agent, AgentId, ApiKey, Block, Candidate, Customer, CustomerId, Department, DepartmentId, Inbox,
        InboxId, LoginGuard, Notification, NotificationId, Principal, Role, SecretHash, Tenant, TenantId, TicketId,
        Timestamp, Visitor, VisitorContext, VisitorId,
    },
    ports::{
        AccountReads, AgentFilter, AssignmentReads, CustomerFilter, DepartmentReads, InboxReads, NotificationReads,
        Page, PageRequest, PeopleReads, RecordOrder, RecordSort, RequestReads, SortOrder, StoreError, StoredRequest,
        TenantReads,
    },
};

/// How many tenants that name one page are looked at.
const TENANTS_OF_A_PAGE: usize = 10;

/// The page of a whole list.
pub(super) fn page_of<T>(all: Vec<T>, page: PageRequest) -> Page<T> {
    let total = u64::try_from(all.len()).unwrap_or(u64::MAX);
    let before = u64::from(page.number.saturating_sub(1)) * u64::from(page.limit);
    let items = all
        .into_iter()
        .skip(usize::try_from(before).unwrap_or(usize::MAX))
        .take(most(page.limit))
        .collect();
    Page {
        items,
        total,
        is_total_exact: true,
    }
}

pub(super) fn most(limit: u32) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}

/// What records are sorted by.
struct SortKey<'a> {
    created_at: Timestamp,
    updated_at: Timestamp,
    name: &'a str,
    id: Uuid,
}

fn sort<T>(records: &mut [T], order: RecordOrder, key: impl Fn(&T) -> SortKey<'_>) {
    records.sort_by(|first, second| {
        let (first, second) = (key(first), key(second));
        let by_value = match order.sort {
            RecordSort::CreatedAt => first.created_at.cmp(&second.created_at),
            RecordSort::UpdatedAt => first.updated_at.cmp(&second.updated_at),
            RecordSort::Name => first.name.cmp(second.name),
        };
        let ascending = by_value.then(first.id.cmp(&second.id));
        match order.order {
            SortOrder::Ascending => ascending,
            SortOrder::Descending => ascending.reverse(),
        }
    });
}

/// Whether any of `texts` has `wanted` in it, whatever the case.
pub(super) fn any_has(texts: [Option<&str>; 3], wanted: &str) -> bool {
    let wanted = wanted.to_lowercase();
    let mut texts = texts.into_iter().flatten();
    texts.any(|text| text.to_lowercase().contains(&wanted))
}

#[async_trait]
impl TenantReads for MemoryStore {
    async fn tenant(&self, tenant: TenantId) -> Result<Option<Tenant>, StoreError> {
        self.read(|state| state.of(tenant).map(|own| own.tenant.clone()))
    }

    async fn tenant_by_slug(&self, slug: &str) -> Result<Option<Tenant>, StoreError> {
        self.read(|state| {
            let mut tenants = state.tenants.values().map(|own| &own.tenant);
            tenants.find(|tenant| tenant.slug == slug).cloned()
        })
    }

    async fn tenant_by_domain(&self, domain: &str) -> Result<Option<Tenant>, StoreError> {
        self.read(|state| {
            let mut tenants = state.tenants.values().map(|own| &own.tenant);
            tenants
                .find(|tenant| tenant.domains.iter().any(|own| own == domain))
                .cloned()
        })
    }

    async fn tenants(&self, order: RecordOrder, page: PageRequest) -> Result<Page<Tenant>, StoreError> {
        self.read(|state| {
            let mut all: Vec<_> = state.tenants.values().map(|own| own.tenant.clone()).collect();
            sort(&mut all, order, |tenant| SortKey {
                created_at: tenant.created_at,
                updated_at: tenant.updated_at,
                name: &tenant.name,
                id: tenant.id.uuid(),
            });
            page_of(all, page)
        })
    }

    async fn only_tenant(&self) -> Result<Option<Tenant>, StoreError> {
        self.read(|state| {
            let mut active = state
                .tenants
                .values()
                .map(|own| &own.tenant)
                .filter(|tenant| tenant.is_active);
            active.next().filter(|_| active.next().is_none()).cloned()
        })
    }

    async fn tenant_of_inbox(&self, inbox: InboxId) -> Result<Option<Tenant>, StoreError> {
        self.read(|state| {
            let mut tenants = state.tenants.values();
            let found = tenants.find(|own| own.inboxes.contains_key(&inbox))?;
            Some(found.tenant.clone())
        })
    }

    async fn tenants_by_messenger_page(&self, page: &str) -> Result<Vec<Tenant>, StoreError> {
        self.read(|state| {
            let tenants = state.tenants.values().map(|own| &own.tenant);
            let named =
                tenants.filter(|tenant| tenant.is_active && tenant.settings.messenger.page_id.as_deref() == Some(page));
            let mut named: Vec<_> = named.cloned().collect();
            named.sort_by_key(|tenant| (tenant.created_at, tenant.id));
            named.truncate(TENANTS_OF_A_PAGE);
            named
        })
    }
}

#[async_trait]
impl InboxReads for MemoryStore {
    async fn inbox(&self, tenant: TenantId, inbox: InboxId) -> Result<Option<Inbox>, StoreError> {
        self.read_in(tenant, |own| own.inboxes.get(&inbox).cloned())
    }

    async fn inboxes(&self, tenant: TenantId) -> Result<Vec<Inbox>, StoreError> {
        self.read_in(tenant, |own| {
            let mut all: Vec<_> = own.inboxes.values().cloned().collect();
            all.sort_by_key(|inbox| (inbox.created_at, inbox.id));
            all
        })
    }
}

#[async_trait]
impl DepartmentReads for MemoryStore {
    async fn department(&self, tenant: TenantId, department: DepartmentId) -> Result<Option<Department>, StoreError> {
        self.read_in(tenant, |own| own.departments.get(&department).cloned())
    }

    async fn departments(&self, tenant: TenantId) -> Result<Vec<Department>, StoreError> {
        self.read_in(tenant, |own| {
            let mut all: Vec<_> = own.departments.values().cloned().collect();
            all.sort_by(|first, second| (first.sort_order, &first.name).cmp(&(second.sort_order, &second.name)));
            all
        })
    }
}

fn is_wanted(agent: &Agent, filter: &AgentFilter) -> bool {
    let AgentFilter {
        department,
        availability,
        is_active,
        order: _,
    } = filter;
    agent.role != Role::Platform
        && department.is_none_or(|wanted| agent.departments.contains(&wanted))
        && availability.is_none_or(|wanted| agent.availability == wanted)
        && is_active.is_none_or(|wanted| agent.is_active == wanted)
}

#[async_trait]
impl PeopleReads for MemoryStore {
    async fn agent(&self, tenant: TenantId, agent: AgentId) -> Result<Option<Agent>, StoreError> {
        self.read_in(tenant, |own| own.agents.get(&agent).map(|stored| stored.agent.clone()))
    }

    async fn agents_by_id(&self, tenant: TenantId, agents: &[AgentId]) -> Result<Vec<Agent>, StoreError> {
        self.read_in(tenant, |own| {
            let known = own.agents.values().map(|stored| &stored.agent);
            known.filter(|agent| agents.contains(&agent.id)).cloned().collect()
        })
    }

    async fn agents(
        &self,
        tenant: TenantId,
        filter: &AgentFilter,
        page: PageRequest,
    ) -> Result<Page<Agent>, StoreError> {
        let all = self.read_in(tenant, |own| {
            let agents = own.agents.values().map(|stored| &stored.agent);
            let mut all: Vec<_> = agents.filter(|agent| is_wanted(agent, filter)).cloned().collect();
            sort(&mut all, filter.order, |agent| SortKey {
                created_at: agent.created_at,
                updated_at: agent.updated_at,
                name: &agent.name,
                id: agent.id.uuid(),
            });
            all
        })?;
        Ok(page_of(all, page))
    }

    async fn customer(&self, tenant: TenantId, customer: CustomerId) -> Result<Option<Customer>, StoreError> {
        self.read_in(tenant, |own| own.customers.get(&customer).cloned())
    }

    async fn customer_by_external_id(
        &self,
        tenant: TenantId,
        external_id: &str,
    ) -> Result<Option<Customer>, StoreError> {
        self.read_in(tenant, |own| {
            let mut customers = own.customers.values();
            customers
                .find(|customer| customer.external_id.as_deref() == Some(external_id))
                .cloned()
        })
    }

    async fn customers(
        &self,
        tenant: TenantId,
        filter: &CustomerFilter,
        page: PageRequest,
    ) -> Result<Page<Customer>, StoreError> {
        let CustomerFilter { text, order } = filter;
        let is_wanted = |customer: &&Customer| {
            let contact = &customer.contact;
            let texts = [contact.name.as_deref(), contact.email.as_deref(), None];
            text.as_ref().is_none_or(|text| any_has(texts, text))
        };
        let all = self.read_in(tenant, |own| {
            let mut all: Vec<_> = own.customers.values().filter(is_wanted).cloned().collect();
            sort(&mut all, *order, |customer| SortKey {
                created_at: customer.created_at,
                updated_at: customer.updated_at,
                name: customer.contact.name.as_deref().unwrap_or_default(),
                id: customer.id.uuid(),
            });
            all
        })?;
        Ok(page_of(all, page))
    }

    async fn visitor(&self, tenant: TenantId, visitor: VisitorId) -> Result<Option<Visitor>, StoreError> {
        self.read_in(tenant, |own| own.visitors.get(&visitor).cloned())
    }

    async fn visitor_context(&self, tenant: TenantId, ticket: TicketId) -> Result<Option<VisitorContext>, StoreError> {
        self.read_in(tenant, |own| own.tickets.get(&ticket)?.context.clone())
    }

    async fn blocks(&self, tenant: TenantId) -> Result<Vec<Block>, StoreError> {
        self.read_in(tenant, |own| {
            let mut all: Vec<_> = own.blocks.values().cloned().collect();
            all.sort_by_key(|block| std::cmp::Reverse((block.created_at, block.id)));
            all
        })
    }
}

#[async_trait]
impl AccountReads for MemoryStore {
    async fn account(&self, tenant: TenantId, principal: Principal) -> Result<Option<Account>, StoreError> {
        self.read_in(tenant, |own| own.accounts.get(&principal).cloned())
    }

    async fn account_by_email(&self, tenant: TenantId, email: &str) -> Result<Option<Account>, StoreError> {
        self.read_in(tenant, |own| {
            own.accounts.values().find(|account| account.email == email).cloned()
        })
    }

    async fn tenants_with_account(&self, email: &str) -> Result<Vec<TenantId>, StoreError> {
        self.read(|state| {
            let active = state.tenants.values().filter(|own| own.tenant.is_active);
            let with_account = active.filter(|own| own.accounts.values().any(|account| account.email == email));
            with_account.map(|own| own.tenant.id).take(2).collect()
        })
    }

    async fn login_guard(&self, tenant: TenantId, email_hash: &SecretHash) -> Result<Option<LoginGuard>, StoreError> {
        self.read_in(tenant, |own| own.login_guards.get(email_hash).cloned())
    }

    async fn is_token_revoked(&self, tenant: TenantId, token: Uuid) -> Result<bool, StoreError> {
        self.read_in(tenant, |own| own.revoked_tokens.contains_key(&token))
    }

    async fn api_key_by_hash(&self, hash: &SecretHash) -> Result<Option<(TenantId, ApiKey)>, StoreError> {
        self.read(|state| {
            state.tenants.iter().find_map(|(tenant, own)| {
                let key = own.api_keys.values().find(|key| key.hash == *hash)?;
                Some((*tenant, key.clone()))
            })
        })
    }

    async fn api_keys(&self, tenant: TenantId) -> Result<Vec<ApiKey>, StoreError> {
        self.read_in(tenant, |own| {
            let mut all: Vec<_> = own.api_keys.values().cloned().collect();
            all.sort_by_key(|key| std::cmp::Reverse((key.created_at, key.id)));
            all
        })
    }
}

#[async_trait]
impl NotificationReads for MemoryStore {
    async fn notification(
        &self,
        tenant: TenantId,
        notification: NotificationId,
    ) -> Result<Option<Notification>, StoreError> {
        self.read_in(tenant, |own| {
            let mut all = own.notifications.iter();
            all.find(|one| one.id == notification).cloned()
        })
    }

    async fn notifications(
        &self,
        tenant: TenantId,
        recipient: Principal,
        unread_only: bool,
        limit: u32,
    ) -> Result<Vec<Notification>, StoreError> {
        self.read_in(tenant, |own| {
            let theirs = own.notifications.iter().filter(|one| one.recipient == recipient);
            let wanted = theirs.filter(|one| !unread_only || one.read_at.is_none());
            let mut all: Vec<_> = wanted.cloned().collect();
            all.sort_by_key(|one| std::cmp::Reverse((one.created_at, one.id)));
            all.truncate(most(limit));
            all
        })
    }
}

#[async_trait]
impl RequestReads for MemoryStore {
    async fn request(&self, tenant: TenantId, key: &SecretHash) -> Result<Option<StoredRequest>, StoreError> {
        self.read_in(tenant, |own| own.requests.get(key).map(|kept| kept.stored.clone()))
    }
}

#[async_trait]
impl AssignmentReads for MemoryStore {
    async fn candidates(&self, tenant: TenantId) -> Result<Vec<Candidate>, StoreError> {
        self.read_in(tenant, |own| {
            let working = own
                .agents
                .values()
                .filter(|stored| stored.agent.is_active && stored.agent.role != Role::Platform);
            let candidates = working.map(|stored| Candidate {
                agent: stored.agent.clone(),
                is_online: own
                    .presences
                    .get(&stored.agent.id)
                    .is_some_and(|seen| seen.presence.is_online),
                open_tickets: own.load_of(stored.agent.id),
                last_assigned_at: stored.last_assigned_at,
            });
            candidates.collect()
        })
    }
    async fn tickets_to_accept(&self, now: Timestamp, limit: u32) -> Result<Vec<(TenantId, TicketId)>, StoreError> {
        self.read(|state| {
            let mut due: Vec<_> = state
                .tenants
                .iter()
                .flat_map(|(tenant, own)| own.tickets.values().map(|stored| (*tenant, &stored.ticket)))
                .filter_map(|(tenant, ticket)| {
                    Some((ticket.accept_by.filter(|until| *until <= now)?, tenant, ticket.id))
                })
                .collect();
            due.sort_unstable();
            due.into_iter()
                .take(most(limit))
                .map(|(_, tenant, ticket)| (tenant, ticket))
                .collect()
        })
    }
}
