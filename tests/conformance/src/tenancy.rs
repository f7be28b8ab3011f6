//! No read and no write ever crosses tenants: each is replayed in the name of another one.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use support_core::{
    change::{ChangeSet, RequestKey},
    desk::Scope,
    for_every_storage_port,
    model::{
        Account, Agent, ApiKey, Assignment, Customer, Department, EventBody, LoginGuard, Message, Principal, Side,
        TenantId, Ticket, TicketState, Visitor,
    },
    ports::{AgentFilter, CustomerFilter, EventFilter, Store, TicketFilter, TicketPosition},
};
use uuid::Uuid;

use crate::world::{ALL, WHOLE, World};

/// One of everything, as it is first written.
struct Filling {
    department: Department,
    agent: Agent,
    customer: Customer,
    visitor: Visitor,
    account: Account,
    guard: LoginGuard,
    token: Uuid,
    api_key: ApiKey,
    ticket: Ticket,
    message: Message,
    request: RequestKey,
}

impl Filling {
    fn of(world: &World) -> Self {
        let samples = &world.samples;
        let (agent, customer) = (samples.agent(), samples.customer());
        let at = samples.later();
        let ticket = Ticket {
            access: Some(world.hash()),
            session: Some("s-1".to_owned()),
            state: TicketState::Assigned(Assignment { agent: agent.id, at }),
            ..samples.ticket(world.inbox.id)
        };
        Self {
            department: samples.department(),
            account: samples.account(Principal::Customer(customer.id)),
            guard: LoginGuard::new(world.hash(), at),
            token: samples.visitor().id.uuid(),
            api_key: samples.api_key(),
            message: samples.question(&ticket),
            visitor: samples.visitor(),
            request: world.request(),
            agent,
            customer,
            ticket,
        }
    }

    /// The change sets that store all of it in a tenant, each with its name.
    fn writes(&self, tenant: TenantId, world: &World) -> Vec<(&'static str, ChangeSet)> {
        let mut all = Vec::new();
        let mut write = |name, fill: &dyn Fn(&mut ChangeSet)| {
            let mut change = ChangeSet::new(&Scope::system(tenant), world.samples.later());
            fill(&mut change);
            all.push((name, change));
        };
        let agent = self.agent.id;
        write("put_department", &|change| {
            change.put_department(self.department.clone());
        });
        write("put_agent", &|change| {
            change.put_agent(self.agent.clone(), EventBody::AgentCreated { agent });
        });
        write("put_customer", &|change| change.put_customer(self.customer.clone()));
        write("put_visitor", &|change| change.put_visitor(self.visitor.clone()));
        write("put_account", &|change| change.put_account(self.account.clone()));
        write("put_login_guard", &|change| {
            change.count_login_failure(self.guard.clone());
        });
        write("revoke_token", &|change| {
            change.revoke_token(self.principal(), self.token, world.tenant.created_at);
        });
        write("put_api_key", &|change| change.put_api_key(self.api_key.clone()));
        write("open_ticket", &|change| change.open_ticket(self.ticket.clone()));
        write("append", &|change| change.append(&self.ticket, self.message.clone()));
        write("owe", &|change| change.owe(world.samples.delivery()));
        let once = Scope::system(tenant).once(self.request.clone());
        all.push(("request", ChangeSet::new(&once, world.samples.later())));
        all
    }

    /// Change sets that would touch what is stored, if they reached it.
    fn meddling(&self, tenant: TenantId, world: &World) -> Vec<(&'static str, ChangeSet)> {
        let mut all = Vec::new();
        let mut write = |name, fill: &dyn Fn(&mut ChangeSet)| {
            let mut change = ChangeSet::new(&Scope::system(tenant), world.samples.later());
            fill(&mut change);
            all.push((name, change));
        };
        let agent = self.agent.id;
        let stored = Ticket {
            subject: "meddled with".to_owned(),
            version: 1,
            ..self.ticket.clone()
        };
        let renamed = Department {
            name: "meddled with".to_owned(),
            version: 1,
            ..self.department.clone()
        };
        let promoted = Agent {
            name: "meddled with".to_owned(),
            version: 1,
            ..self.agent.clone()
        };
        let opened = Account {
            password_hash: Some("meddled with".to_owned()),
            version: 1,
            ..self.account.clone()
        };
        let known = Customer {
            version: 1,
            ..self.customer.clone()
        };
        write("put_tenant", &|change| {
            change.put_tenant(world.tenant.clone(), EventBody::TenantSaved);
        });
        write("put_inbox", &|change| change.put_inbox(world.inbox.clone()));
        write("put_department", &|change| change.put_department(renamed.clone()));
        write("remove_department", &|change| {
            change.remove_department(self.department.id, None);
        });
        write("put_agent", &|change| {
            change.put_agent(promoted.clone(), EventBody::AgentUpdated { agent });
        });
        write("note_assignment", &|change| change.note_assignment(agent));
        write("put_customer", &|change| change.put_customer(known.clone()));
        write("remove_customer", &|change| change.remove_customer(&self.customer));
        write("put_account", &|change| change.put_account(opened.clone()));
        write("remove_login_guard", &|change| {
            change.log_in(self.principal(), Some(self.guard.email_hash.clone()));
        });
        write("update_ticket", &|change| change.update_ticket(stored.clone(), []));
        write("append", &|change| {
            change.append(&self.ticket, world.samples.question(&self.ticket));
        });
        write("append with version", &|change| {
            change.append(&stored, world.samples.question(&stored));
        });
        write("mark_read", &|change| change.mark_read(&self.ticket, Side::Agents, 1));
        write("store_response", &|change| {
            change.store_response(self.request.key.clone(), 418, String::new());
        });
        all
    }

    const fn principal(&self) -> Principal {
        Principal::Customer(self.customer.id)
    }
}

/// What each read that takes a tenant answers for `tenant`, asked for the filling's ids.
async fn read_all(
    store: &dyn Store,
    tenant: TenantId,
    filling: &Filling,
    inbox: &World,
) -> BTreeMap<&'static str, String> {
    let mut answers = BTreeMap::new();
    macro_rules! read {
        ($($method:ident($($argument:expr),*);)*) => {$(
            let answer = store.$method(tenant, $($argument),*).await.unwrap();
            answers.insert(stringify!($method), format!("{answer:?}"));
        )*};
    }
    let inbox = inbox.inbox.id;
    let ticket = filling.ticket.id;
    let access = filling.ticket.access.clone().unwrap();
    read! {
        tenant();
        inbox(inbox);
        inboxes();
        department(filling.department.id);
        departments();
        agent(filling.agent.id);
        agents_by_id(&[filling.agent.id]);
        agents(&AgentFilter::default(), WHOLE);
        customer(filling.customer.id);
        customer_by_external_id(filling.customer.external_id.as_deref().unwrap());
        customers(&CustomerFilter::default(), WHOLE);
        visitor(filling.visitor.id);
        account(filling.account.principal);
        account_by_email(&filling.account.email);
        login_guard(&filling.guard.email_hash);
        is_token_revoked(filling.token);
        api_keys();
        ticket(ticket);
        ticket_by_number(1);
        ticket_by_access(&access);
        unfinished_ticket_of_session(inbox, "s-1");
        tickets(&TicketFilter::default(), TicketPosition::Page(1), ALL);
        unassigned_tickets(ALL);
        unassigned_tickets_of(filling.ticket.department, ALL);
        unfinished_tickets_of_agent(filling.agent.id, ALL);
        message(ticket, filling.message.id);
        messages(ticket, 0, ALL, true);
        last_event();
        events(0, &EventFilter::default(), ALL);
        notifications(Principal::Agent(filling.agent.id), false, ALL);
        request(&filling.request.key);
        candidates();
        presences();
    }
    answers
}

/// The names of all methods of the storage ports that begin with a tenant.
fn methods_of_a_tenant() -> Vec<&'static str> {
    let mut names = Vec::new();
    macro_rules! collect {
        ($port:ident { $($method:ident($($argument:ident: $type:ty),* $(,)?) -> $answer:ty;)* }) => {$(
            if [$(stringify!($argument)),*].first() == Some(&"tenant") {
                names.push(stringify!($method));
            }
        )*};
    }
    for_every_storage_port!(collect);
    names
}

/// What a filled tenant has, a neighbour never sees, by any read of any port.
pub async fn another_tenant_reads_nothing_of_it(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let neighbour = world.neighbour().await;
    let filling = Filling::of(&world);
    let own_before = read_all(&*store, world.id(), &filling, &world).await;
    let before = read_all(&*store, neighbour.id(), &filling, &world).await;
    fill(&world, &filling).await;
    world.open_sample().await;

    let own = read_all(&*store, world.id(), &filling, &world).await;
    let unchanged = ["tenant", "inbox", "inboxes"];
    for (method, answer) in &own {
        let is_seen = unchanged.contains(method) || own_before[method] != *answer;
        assert!(
            is_seen,
            "`{method}` does not show what was stored, so replaying it shows nothing"
        );
    }
    assert_eq!(read_all(&*store, neighbour.id(), &filling, &world).await, before);

    let writes = ["seen", "left", "handled"];
    for method in methods_of_a_tenant() {
        let is_replayed = own.contains_key(method) || writes.contains(&method);
        assert!(is_replayed, "`{method}` is not replayed as another tenant");
    }
}

async fn fill(world: &World, filling: &Filling) {
    for (name, change) in filling.writes(world.id(), world) {
        let outcome = world.try_commit(change).await;
        assert!(outcome.is_ok(), "{name}: {outcome:?}");
    }
    let agent = filling.agent.id;
    world
        .store
        .seen(world.id(), agent, world.samples.later(), None)
        .await
        .unwrap();
}

/// What a filled tenant has, a neighbour never changes, by any write, whatever it is answered.
pub async fn another_tenant_changes_nothing_of_it(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let neighbour = world.neighbour().await;
    let filling = Filling::of(&world);
    fill(&world, &filling).await;
    let before = read_all(&*store, world.id(), &filling, &world).await;

    let repeated = filling.writes(neighbour.id(), &world);
    let meddling = filling.meddling(neighbour.id(), &world);
    for (name, change) in meddling.into_iter().chain(repeated) {
        // Refused or not is the store's affair; that it reaches nothing is not.
        let _ = store.commit(&[world.seal(change)]).await;
        let after = read_all(&*store, world.id(), &filling, &world).await;
        assert_eq!(after, before, "`{name}` reached another tenant");
    }
    let agent = filling.agent.id;
    store
        .seen(neighbour.id(), agent, world.samples.later(), None)
        .await
        .unwrap();
    store.left(neighbour.id(), agent).await.unwrap();
    store.handled(neighbour.id(), agent).await.unwrap();
    assert_eq!(read_all(&*store, world.id(), &filling, &world).await, before);
    let now = world.samples.later();
    let owed = store.claim(now, Duration::from_secs(60), ALL).await.unwrap();
    assert!(
        owed.iter().any(|leased| leased.lease.tenant == world.id()),
        "its own delivery is still there"
    );
}
