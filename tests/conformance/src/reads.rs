//! Finding tenants, people, accounts and what the choice of an agent needs.

use std::sync::Arc;

use support_core::{
    model::{
        Agent, AgentId, Assignment, Availability, Candidate, Contact, Customer, Department, EventBody, Inbox,
        LoginGuard, Principal, Role, Tenant, Ticket, TicketState,
    },
    ports::{AgentFilter, CustomerFilter, Page, PageRequest, RecordOrder, Store},
};

use crate::world::{WHOLE, World};

/// By id, slug and each domain; in pages, oldest first; and the only active one.
pub async fn tenants_are_found_by_slug_and_domain(store: Arc<dyn Store>) {
    assert_eq!(store.only_tenant().await.unwrap(), None);
    let world = World::found(&store).await;
    assert_eq!(store.only_tenant().await.unwrap(), Some(world.tenant.clone()));
    let mut all = vec![world.tenant.clone()];
    for _ in 0..4 {
        all.push(world.neighbour().await.tenant);
    }
    let mut moved = Tenant {
        domains: vec!["b.example".to_owned(), "a.example".to_owned()],
        is_active: false,
        ..all[2].clone()
    };
    let mut owner = world.clone();
    owner.tenant = moved.clone();
    let mut change = owner.change();
    change.put_tenant(moved.clone(), EventBody::TenantSaved);
    owner.commit(change).await;
    moved.version = 2;
    let left_domain = all[2].domains[0].clone();
    all[2] = moved.clone();

    for tenant in &all {
        assert_eq!(store.tenant(tenant.id).await.unwrap().as_ref(), Some(tenant));
        assert_eq!(store.tenant_by_slug(&tenant.slug).await.unwrap().as_ref(), Some(tenant));
        for domain in &tenant.domains {
            assert_eq!(store.tenant_by_domain(domain).await.unwrap().as_ref(), Some(tenant));
        }
    }
    assert_eq!(store.tenant_by_domain(&left_domain).await.unwrap(), None);
    assert_eq!(store.tenant_by_slug("nobody").await.unwrap(), None);
    assert_eq!(store.only_tenant().await.unwrap(), None, "there are several");
    let page = |number, limit| store.tenants(RecordOrder::OLDEST_FIRST, PageRequest { number, limit });
    for (number, part) in (1..).zip([&all[..2], &all[2..4], &all[4..], &[]]) {
        let expected = Page {
            items: part.to_vec(),
            total: 5,
            is_total_exact: true,
        };
        assert_eq!(page(number, 2).await.unwrap(), expected);
    }
    assert_eq!(page(u32::MAX, u32::MAX).await.unwrap().items, []);
}

/// Of several, only the active ones count.
pub async fn the_only_active_tenant_is_found_among_inactive_ones(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let other = world.neighbour().await;
    let shut = Tenant {
        is_active: false,
        ..other.tenant.clone()
    };
    let mut change = other.change();
    change.put_tenant(shut, EventBody::TenantDeactivated);
    other.commit(change).await;
    assert_eq!(store.only_tenant().await.unwrap(), Some(world.tenant));
}

/// By any entry point of theirs, and, while active, by the page that their settings name.
pub async fn tenants_are_found_by_entry_point_and_page(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let (same_page, shut) = (world.neighbour().await, world.neighbour().await);
    for (owner, is_active) in [(&world, true), (&same_page, true), (&shut, false)] {
        let mut tenant = owner.tenant.clone();
        tenant.settings.messenger.page_id = Some("page-1".to_owned());
        tenant.is_active = is_active;
        let mut change = owner.change();
        change.put_tenant(tenant, EventBody::TenantSaved);
        owner.commit(change).await;
    }
    let named = store.tenants_by_messenger_page("page-1").await.unwrap();
    let named: Vec<_> = named.into_iter().map(|tenant| tenant.id).collect();
    assert_eq!(named, [world.id(), same_page.id()]);
    assert_eq!(store.tenants_by_messenger_page("page-2").await.unwrap(), []);

    let inbox = world.samples.inbox();
    let mut change = same_page.change();
    change.put_inbox(inbox.clone());
    same_page.commit(change).await;
    let owner = store.tenant_of_inbox(inbox.id).await.unwrap();
    assert_eq!(owner.map(|tenant| tenant.id), Some(same_page.id()));
    assert_eq!(store.tenant_of_inbox(world.samples.inbox().id).await.unwrap(), None);
}

/// Departments by their place, then by name; inboxes by age.
pub async fn departments_and_inboxes_come_in_their_order(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let mut departments = Vec::new();
    for (name, sort_order) in [("sales", 2), ("billing", 1), ("advice", 2), ("first", -5)] {
        let department = Department {
            name: name.to_owned(),
            sort_order,
            is_active: name != "billing",
            ..world.samples.department()
        };
        departments.push(world.add_department(department).await);
    }
    let found = store.departments(world.id()).await.unwrap();
    let names: Vec<_> = found.iter().map(|department| department.name.as_str()).collect();
    assert_eq!(names, ["first", "billing", "advice", "sales"]);
    assert!(departments.iter().all(|department| found.contains(department)));

    let (second, third) = (world.samples.inbox(), world.samples.inbox());
    let mut change = world.change();
    change.put_inbox(third.clone());
    change.put_inbox(second.clone());
    world.commit(change).await;
    let stored = |inbox: Inbox| Inbox { version: 1, ..inbox };
    let all = [world.inbox.clone(), stored(second.clone()), stored(third)];
    assert_eq!(store.inboxes(world.id()).await.unwrap(), all);
    assert_eq!(store.inbox(world.id(), second.id).await.unwrap(), Some(stored(second)));
}

/// Agents by name, filtered, in pages; operators are in no list.
pub async fn agents_are_listed_by_name(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let department = world.add_department(world.samples.department()).await.id;
    let mut agents = Vec::new();
    for (place, name) in ["dora", "anna", "carl", "bert", "anna"].into_iter().enumerate() {
        let agent = Agent {
            name: name.to_owned(),
            departments: if place % 2 == 0 { vec![department] } else { Vec::new() },
            availability: if place < 2 {
                Availability::Busy
            } else {
                Availability::Away
            },
            is_active: place != 3,
            ..world.samples.agent()
        };
        agents.push(world.add_agent(agent).await);
    }
    let operator = Agent {
        role: Role::Platform,
        ..world.samples.agent()
    };
    let operator = world.add_agent(operator).await;
    agents.sort_by(|first, second| (&first.name, first.id).cmp(&(&second.name, second.id)));

    let list = async |filter: AgentFilter, page| store.agents(world.id(), &filter, page).await.unwrap();
    assert_eq!(list(AgentFilter::default(), WHOLE).await.items, agents);
    let second = PageRequest { number: 2, limit: 2 };
    let page = list(AgentFilter::default(), second).await;
    assert_eq!((page.items.as_slice(), page.total), (&agents[2..4], 5));
    let filters = [
        AgentFilter {
            department: Some(department),
            ..AgentFilter::default()
        },
        AgentFilter {
            availability: Some(Availability::Busy),
            ..AgentFilter::default()
        },
        AgentFilter {
            is_active: Some(false),
            ..AgentFilter::default()
        },
        AgentFilter {
            department: Some(department),
            availability: Some(Availability::Away),
            is_active: Some(true),
            ..AgentFilter::default()
        },
    ];
    for filter in filters {
        let is_wanted = |agent: &&Agent| {
            filter
                .department
                .is_none_or(|wanted| agent.departments.contains(&wanted))
                && filter.availability.is_none_or(|wanted| agent.availability == wanted)
                && filter.is_active.is_none_or(|wanted| agent.is_active == wanted)
        };
        let expected: Vec<_> = agents.iter().filter(is_wanted).cloned().collect();
        assert!(!expected.is_empty());
        let page = list(filter.clone(), WHOLE).await;
        assert_eq!(page.total, u64::try_from(expected.len()).unwrap());
        assert_eq!(page.items, expected, "{filter:?}");
    }

    let ids = [agents[0].id, world.samples.agent().id, agents[3].id];
    let mut known = store.agents_by_id(world.id(), &ids).await.unwrap();
    known.sort_by_key(|agent| agent.id);
    let mut expected = vec![agents[0].clone(), agents[3].clone()];
    expected.sort_by_key(|agent| agent.id);
    assert_eq!(known, expected);
    assert_eq!(store.agents_by_id(world.id(), &[]).await.unwrap(), []);
    assert_eq!(store.agent(world.id(), operator.id).await.unwrap(), Some(operator));
}

/// Customers newest first, by text in name or address as it is written, in pages.
pub async fn customers_are_searched_by_name_and_address(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let mut customers = Vec::new();
    for (name, email) in [
        (Some("Ada Lovelace"), Some("ada@one.example")),
        (Some("100% Cotton"), None),
        (None, Some("love_letters@two.example")),
        (Some("Grace"), Some("grace@lovely.example")),
        (None, None),
    ] {
        let contact = Contact {
            name: name.map(str::to_owned),
            email: email.map(str::to_owned),
            phone: Some("love".to_owned()),
        };
        let customer = Customer {
            contact,
            external_id: None,
            ..world.samples.customer()
        };
        customers.push(world.add_customer(customer).await);
    }
    customers.reverse();
    let search = async |text: Option<&str>| {
        let text = text.map(str::to_owned);
        let filter = CustomerFilter {
            text,
            ..CustomerFilter::default()
        };
        let page = store.customers(world.id(), &filter, WHOLE).await.unwrap();
        assert_eq!(page.total, u64::try_from(page.items.len()).unwrap());
        page.items
    };
    assert_eq!(search(None).await, customers);
    let (none, grace, letters, cotton, ada) = (
        &customers[0],
        &customers[1],
        &customers[2],
        &customers[3],
        &customers[4],
    );
    assert_eq!(
        search(Some("love")).await,
        [grace.clone(), letters.clone(), ada.clone()]
    );
    assert_eq!(search(Some("ADA")).await, std::slice::from_ref(ada));
    assert_eq!(search(Some("0%")).await, std::slice::from_ref(cotton));
    assert_eq!(search(Some("_")).await, std::slice::from_ref(letters));
    assert_eq!(search(Some("\\")).await, []);
    assert_eq!(search(Some("' or 1=1 --")).await, []);
    let page = PageRequest { number: 2, limit: 3 };
    let page = store
        .customers(world.id(), &CustomerFilter::default(), page)
        .await
        .unwrap();
    assert_eq!((page.items.as_slice(), page.total), (&customers[3..], 5));
    assert_eq!(store.customer(world.id(), none.id).await.unwrap().as_ref(), Some(none));

    let known = world.add_customer(world.samples.customer()).await;
    let external_id = known.external_id.clone().unwrap();
    let found = store.customer_by_external_id(world.id(), &external_id).await.unwrap();
    assert_eq!(found, Some(known));
    assert_eq!(store.customer_by_external_id(world.id(), "nobody").await.unwrap(), None);
}

/// Accounts by whose they are and by address, also over the active tenants.
pub async fn accounts_are_found_by_person_and_address(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let principal = Principal::Agent(world.samples.agent().id);
    let mut account = world.samples.account(principal);
    let mut expected = Vec::new();
    let neighbours = [world.clone(), world.neighbour().await, world.neighbour().await];
    for own in &neighbours {
        let mut change = own.change();
        change.put_account(account.clone());
        own.commit(change).await;
        expected.push(own.id());
        let found = store.tenants_with_account(&account.email).await.unwrap();
        assert_eq!(found.len(), expected.len().min(2));
        assert!(found.iter().all(|tenant| expected.contains(tenant)));
    }
    for own in &neighbours[1..] {
        let shut = Tenant {
            is_active: false,
            ..own.tenant.clone()
        };
        let mut change = own.change();
        change.put_tenant(shut, EventBody::TenantDeactivated);
        own.commit(change).await;
    }
    assert_eq!(store.tenants_with_account(&account.email).await.unwrap(), [world.id()]);
    assert_eq!(store.tenants_with_account("nobody@login.example").await.unwrap(), []);

    account.version = 1;
    assert_eq!(
        store.account(world.id(), principal).await.unwrap(),
        Some(account.clone())
    );
    let found = store.account_by_email(world.id(), &account.email).await.unwrap();
    assert_eq!(found, Some(account.clone()));
    account.password_hash = Some("$argon2id$…".to_owned());
    let mut change = world.change();
    change.change_password(account.clone());
    world.commit(change).await;
    account.version = 2;
    assert_eq!(store.account(world.id(), principal).await.unwrap(), Some(account));
}

/// Guards and keys are replaced whole, guards go on a login, and keys are found by their hash.
pub async fn guards_and_keys_are_replaced_whole(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let mut guard = LoginGuard::new(world.hash(), world.samples.later());
    for failures in 1..4 {
        guard.failures = failures;
        guard.locked_until = Some(world.samples.later());
        let mut change = world.change();
        change.count_login_failure(guard.clone());
        world.commit(change).await;
        let stored = store.login_guard(world.id(), &guard.email_hash).await.unwrap();
        assert_eq!(stored.as_ref(), Some(&guard));
    }
    let mut change = world.change();
    let principal = Principal::Agent(world.samples.agent().id);
    change.log_in(principal, Some(guard.email_hash.clone()));
    world.commit(change).await;
    assert_eq!(store.login_guard(world.id(), &guard.email_hash).await.unwrap(), None);

    let (first, mut second) = (world.samples.api_key(), world.samples.api_key());
    let mut change = world.change();
    change.put_api_key(first.clone());
    change.put_api_key(second.clone());
    world.commit(change).await;
    second.revoked_at = Some(world.samples.later());
    let mut change = world.change();
    change.put_api_key(second.clone());
    world.commit(change).await;
    let found = store.api_key_by_hash(&second.hash).await.unwrap();
    assert_eq!(found, Some((world.id(), second.clone())));
    assert_eq!(store.api_key_by_hash(&world.hash()).await.unwrap(), None);
    assert_eq!(store.api_keys(world.id()).await.unwrap(), [second, first]);
}

/// Every active agent with what the choice depends on, as it stands.
pub async fn candidates_are_as_the_choice_sees_them(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let busy = world.add_agent(world.samples.agent()).await;
    let idle = world.add_agent(world.samples.agent()).await;
    for (role, is_active) in [(Role::Platform, true), (Role::Agent, false)] {
        let agent = Agent {
            role,
            is_active,
            ..world.samples.agent()
        };
        world.add_agent(agent).await;
    }
    let at = world.samples.later();
    store.seen(world.id(), busy.id, at, None).await.unwrap();
    let given = |agent: AgentId, state: fn(Assignment) -> TicketState| Ticket {
        state: state(Assignment { agent, at }),
        ..world.samples.ticket(world.inbox.id)
    };
    let mut change = world.change();
    change.open_ticket(given(busy.id, TicketState::Assigned));
    change.open_ticket(given(busy.id, |assignment| TicketState::Pending(Some(assignment))));
    change.open_ticket(world.samples.ticket(world.inbox.id));
    change.note_assignment(busy.id);
    let noted = change.at();
    world.commit(change).await;
    let mut ticket = world.open(given(busy.id, TicketState::Assigned)).await;
    let closing = support_core::model::Closing { at, by: None };
    ticket.state = ticket.state.close(closing).unwrap();
    world.update(ticket).await;

    let mut found = store.candidates(world.id()).await.unwrap();
    found.sort_by_key(|candidate| candidate.agent.id);
    let expected = [
        Candidate {
            agent: busy,
            is_online: true,
            open_tickets: 2,
            last_assigned_at: Some(noted),
        },
        Candidate {
            agent: idle,
            is_online: false,
            open_tickets: 0,
            last_assigned_at: None,
        },
    ];
    assert_eq!(found, expected);
}
