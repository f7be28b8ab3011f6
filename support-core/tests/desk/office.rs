//! A tenant with an admin, for the tests to work in.

use std::{sync::Arc, task::Poll, time::Duration};

use support_core::{
    desk::{
        Desk, DeskBuilder, DeskError, FirstAdmin, NewAgent, NewMessage, NewTenant, NewTicket, NewTicketRequester,
        Opened, Scope, Stores,
    },
    memory::MemoryStore,
    model::{
        Actor, Availability, Contact, InboxKind, Message, Role, Tenant, TenantId, Ticket, TicketChannel, TicketId,
        Timestamp,
    },
    ports::Clock,
    testing::ManualClock,
};

/// A clock that the desk and the test share.
#[derive(Debug, Clone)]
pub(crate) struct SharedClock(pub(crate) Arc<ManualClock>);

impl Clock for SharedClock {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

pub(crate) struct Office {
    pub(crate) desk: Desk,
    pub(crate) tenant: Tenant,
    pub(crate) admin: Scope,
    pub(crate) clock: Arc<ManualClock>,
}

pub(crate) const PASSWORD: &str = "correct horse";

impl Office {
    pub(crate) async fn open() -> Self {
        Self::over(Stores::of(&Arc::new(MemoryStore::new()))).await
    }

    pub(crate) async fn over(stores: Stores) -> Self {
        Self::with(Desk::builder_over(stores)).await
    }

    pub(crate) async fn with(desk: DeskBuilder) -> Self {
        let clock = Arc::new(ManualClock::at(Timestamp::from_millis(1_700_000_000_000)));
        let desk = desk.clock(SharedClock(Arc::clone(&clock))).build();
        let system = Scope::system(TenantId::new(desk.ids().uuid()));
        let admin = FirstAdmin {
            name: "Ada".into(),
            email: "ada@shop.example".into(),
            password: PASSWORD.into(),
        };
        let new = NewTenant {
            slug: "shop".into(),
            name: "Shop".into(),
            timezone: "UTC".into(),
            domains: vec![],
            admin,
        };
        let tenant = desk.create_tenant(&system, new).await.unwrap();
        let ada = desk
            .log_in(Some(tenant.id), "ada@shop.example", PASSWORD)
            .await
            .unwrap();
        let admin = Scope::new(tenant.id, ada.identified.actor());
        Self {
            desk,
            tenant,
            admin,
            clock,
        }
    }

    pub(crate) async fn agent(&self, name: &str, role: Role, departments: &[&str], most: u32) -> Scope {
        let new = NewAgent {
            name: name.into(),
            email: format!("{name}@shop.example"),
            password: PASSWORD.into(),
            role,
            departments: departments.iter().map(|slug| (*slug).to_owned()).collect(),
            skills: vec![],
            languages: vec![],
            max_concurrent_tickets: Some(most),
        };
        let agent = self.desk.create_agent(&self.admin, new).await.unwrap();
        Scope::new(self.tenant.id, Actor::Agent((&agent).into()))
    }

    /// An agent who is there and takes tickets.
    pub(crate) async fn available_agent(&self, name: &str, departments: &[&str], most: u32) -> Scope {
        let scope = self.agent(name, Role::Agent, departments, most).await;
        self.desk.heartbeat(&scope, None).await.unwrap();
        self.desk
            .set_availability(&scope, id_of(&scope), Availability::Available)
            .await
            .unwrap();
        scope
    }

    pub(crate) async fn new_chat(&self, department: Option<&str>) -> NewTicket {
        let widget = self
            .desk
            .default_inbox(self.tenant.id, InboxKind::Widget)
            .await
            .unwrap();
        let visitor = NewTicketRequester::Visitor(Contact {
            name: Some("Vera".into()),
            ..Contact::default()
        });
        let mut new = NewTicket::new(widget.id, TicketChannel::Web, visitor);
        new.department = department.map(str::to_owned);
        new.message = Some(NewMessage::text("Hello?"));
        new
    }

    pub(crate) async fn chat(&self, department: Option<&str>) -> Opened {
        let new = self.new_chat(department).await;
        self.desk
            .open_ticket(&Scope::new(self.tenant.id, Actor::Anyone), new)
            .await
            .unwrap()
    }

    pub(crate) fn visitor_of(&self, ticket: &Ticket) -> Scope {
        Scope::new(
            self.tenant.id,
            Actor::Visitor {
                requester: ticket.requester,
                ticket: ticket.id,
            },
        )
    }

    pub(crate) async fn ticket(&self, ticket: TicketId) -> Ticket {
        self.desk.ticket(&self.admin, ticket).await.unwrap()
    }

    pub(crate) async fn thread(&self, ticket: TicketId) -> Vec<Message> {
        let ticket = self.ticket(ticket).await;
        self.desk.messages(&self.admin, &ticket, 0, 1_000).await.unwrap()
    }

    pub(crate) async fn lines(&self, ticket: TicketId) -> Vec<String> {
        self.thread(ticket)
            .await
            .into_iter()
            .map(|message| message.content)
            .collect()
    }
}

pub(crate) fn id_of(scope: &Scope) -> support_core::model::AgentId {
    scope.actor().agent().unwrap().id
}

/// Waits for what happens in the background, for five seconds at most.
pub(crate) async fn eventually<T, F: Future<Output = Option<T>>>(mut look: impl FnMut() -> F) -> T {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(5);
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(tokio::time::Instant::now() < deadline, "it never happened");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Drives everything at the same time and gathers what comes of it, as it comes.
pub(crate) async fn at_once<T, F: Future<Output = Result<T, DeskError>>>(all: impl Iterator<Item = F>) -> Vec<T> {
    let mut running: Vec<_> = all.map(Box::pin).collect();
    let mut done = Vec::new();
    std::future::poll_fn(|context| {
        running.retain_mut(|future| match future.as_mut().poll(context) {
            Poll::Ready(result) => {
                done.push(result.unwrap());
                false
            }
            Poll::Pending => true,
        });
        if running.is_empty() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    done
}
