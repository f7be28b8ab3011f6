//! A tenant in the store under test, and short ways to write into it.

use std::sync::Arc;

use support_core::{
    change::{ChangeSet, Outcome, Receipt, Rejected, RequestKey, SealedChange},
    desk::Scope,
    model::{
        Agent, Customer, Department, Event, EventBody, Inbox, Message, SecretHash, Sender, Tenant, TenantId, Ticket,
        TicketId,
    },
    ports::{EventFilter, Ids, PageRequest, Store, TicketFilter, TicketPosition},
    testing::Samples,
};

/// More than any case stores.
pub(crate) const ALL: u32 = 10_000;
/// The page with everything.
pub(crate) const WHOLE: PageRequest = PageRequest { number: 1, limit: ALL };

/// A tenant with one inbox. Those of one store share their samples, so nothing is double.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) samples: Samples,
    pub(crate) tenant: Tenant,
    pub(crate) inbox: Inbox,
}

impl World {
    pub(crate) async fn found(store: &Arc<dyn Store>) -> Self {
        Self::found_with(store, Samples::new()).await
    }

    /// Another tenant of the same store.
    pub(crate) async fn neighbour(&self) -> Self {
        Self::found_with(&self.store, self.samples.clone()).await
    }

    async fn found_with(store: &Arc<dyn Store>, samples: Samples) -> Self {
        let (tenant, inbox) = (samples.tenant(), samples.inbox());
        let mut world = Self {
            store: Arc::clone(store),
            samples,
            tenant,
            inbox,
        };
        let mut change = world.change();
        change.put_tenant(world.tenant.clone(), EventBody::TenantSaved);
        change.put_inbox(world.inbox.clone());
        world.commit(change).await;
        world.tenant.version = 1;
        world.inbox.version = 1;
        world
    }

    pub(crate) const fn id(&self) -> TenantId {
        self.tenant.id
    }

    pub(crate) fn change(&self) -> ChangeSet {
        ChangeSet::new(&Scope::system(self.id()), self.samples.later())
    }

    /// A change set for a request that may come again.
    pub(crate) fn change_once(&self, request: RequestKey) -> ChangeSet {
        ChangeSet::new(&Scope::system(self.id()).once(request), self.samples.later())
    }

    pub(crate) fn request(&self) -> RequestKey {
        RequestKey {
            key: self.hash(),
            fingerprint: self.hash(),
        }
    }

    pub(crate) fn hash(&self) -> SecretHash {
        self.samples.ids.secret("").hash()
    }

    pub(crate) fn seal(&self, change: ChangeSet) -> SealedChange {
        change.seal(&self.samples.ids)
    }

    /// Commits one change set on its own.
    pub(crate) async fn try_commit(&self, change: ChangeSet) -> Outcome {
        let batch = [self.seal(change)];
        let mut outcomes = self.store.commit(&batch).await.unwrap();
        assert_eq!(outcomes.len(), 1, "one outcome for each change set");
        outcomes.pop().unwrap()
    }

    pub(crate) async fn commit(&self, change: ChangeSet) -> Receipt {
        self.try_commit(change).await.unwrap()
    }

    pub(crate) async fn refusal(&self, change: ChangeSet) -> Rejected {
        self.try_commit(change).await.unwrap_err()
    }

    pub(crate) async fn commit_batch(&self, batch: impl IntoIterator<Item = ChangeSet>) -> Vec<Outcome> {
        let batch: Vec<_> = batch.into_iter().map(|change| self.seal(change)).collect();
        let outcomes = self.store.commit(&batch).await.unwrap();
        assert_eq!(outcomes.len(), batch.len(), "one outcome for each change set");
        outcomes
    }

    /// Opens a ticket, and gives it back as it is stored.
    pub(crate) async fn open(&self, ticket: Ticket) -> Ticket {
        let id = ticket.id;
        let mut change = self.change();
        change.open_ticket(ticket);
        self.commit(change).await;
        self.ticket(id).await
    }

    pub(crate) async fn open_sample(&self) -> Ticket {
        self.open(self.samples.ticket(self.inbox.id)).await
    }

    /// Stores a ticket's changed state, and gives it back as it is stored.
    pub(crate) async fn update(&self, ticket: Ticket) -> Ticket {
        let id = ticket.id;
        let mut change = self.change();
        change.update_ticket(ticket, [EventBody::TicketTagged { ticket: id }]);
        self.commit(change).await;
        self.ticket(id).await
    }

    pub(crate) async fn say(&self, ticket: &Ticket, message: Message) -> u64 {
        let id = message.id;
        let mut change = self.change();
        change.append(ticket, message);
        self.commit(change).await.seq_of(id).unwrap()
    }

    pub(crate) async fn ask(&self, ticket: &Ticket) -> u64 {
        self.say(ticket, self.samples.question(ticket)).await
    }

    pub(crate) fn answer(&self, ticket: &Ticket) -> Message {
        self.samples.message(ticket.id, Sender::Agent(None))
    }

    pub(crate) async fn add_agent(&self, agent: Agent) -> Agent {
        let id = agent.id;
        let mut change = self.change();
        change.put_agent(agent, EventBody::AgentCreated { agent: id });
        self.commit(change).await;
        self.store.agent(self.id(), id).await.unwrap().unwrap()
    }

    pub(crate) async fn add_department(&self, department: Department) -> Department {
        let id = department.id;
        let mut change = self.change();
        change.put_department(department);
        self.commit(change).await;
        self.store.department(self.id(), id).await.unwrap().unwrap()
    }

    pub(crate) async fn add_customer(&self, customer: Customer) -> Customer {
        let id = customer.id;
        let mut change = self.change();
        change.put_customer(customer);
        self.commit(change).await;
        self.store.customer(self.id(), id).await.unwrap().unwrap()
    }

    pub(crate) async fn ticket(&self, id: TicketId) -> Ticket {
        self.store.ticket(self.id(), id).await.unwrap().unwrap()
    }

    pub(crate) async fn thread(&self, ticket: TicketId) -> Vec<Message> {
        self.store.messages(self.id(), ticket, 0, ALL, true).await.unwrap()
    }

    pub(crate) async fn journal(&self) -> Vec<Event> {
        let everything = EventFilter::default();
        self.store.events(self.id(), 0, &everything, ALL).await.unwrap()
    }

    pub(crate) async fn all_tickets(&self) -> Vec<Ticket> {
        self.list(&TicketFilter::default()).await
    }

    pub(crate) async fn list(&self, filter: &TicketFilter) -> Vec<Ticket> {
        let position = TicketPosition::Page(1);
        let page = self.store.tickets(self.id(), filter, position, ALL).await.unwrap();
        assert_eq!(page.total, u64::try_from(page.items.len()).unwrap());
        page.items
    }
}

/// Numbers that look random and are the same in every run.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed ^ 0x9e37_79b9_7f4a_7c15)
    }

    /// One of 0, 1, … `sides - 1`.
    pub(crate) const fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) % sides
    }
}
