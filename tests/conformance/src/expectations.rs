//! What a change set takes for granted, checked one expectation at a time.

use std::sync::Arc;

use support_core::{
    change::{ChangeSet, Claim, Conflict, Expect, Record, Rejected},
    model::{
        Agent, Assignment, Availability, Closing, Department, EventBody, Principal, Requester, Status, Tenant, Ticket,
        TicketState,
    },
    ports::Store,
};

use crate::world::World;

impl World {
    /// What becomes of a change set that only expects.
    pub(crate) async fn expecting(&self, expect: Expect) -> Result<(), Conflict> {
        let mut change = self.change();
        change.expect(expect);
        match self.try_commit(change).await {
            Ok(receipt) => {
                assert_eq!(receipt.first_event, 0, "nothing happened");
                Ok(())
            }
            Err(Rejected::Conflict(conflict)) => Err(conflict),
            Err(Rejected::Duplicate(receipt)) => panic!("not a repeat: {receipt:?}"),
        }
    }

    async fn expecting_version(&self, record: &Record, version: u64) -> Result<(), Conflict> {
        let record = record.clone();
        self.expecting(Expect::Version { record, version }).await
    }

    pub(crate) async fn is_free(&self, claim: Claim) -> bool {
        match self.expecting(Expect::Free(claim.clone())).await {
            Ok(()) => true,
            Err(conflict) => {
                assert_eq!(conflict, Conflict::Taken(claim));
                false
            }
        }
    }

    pub(crate) fn assigned(&self, ticket: Ticket, agent: &Agent) -> Ticket {
        let at = self.samples.later();
        let state = ticket.state.assign(Assignment { agent: agent.id, at }).unwrap();
        Ticket { state, ..ticket }
    }

    fn closed(&self, ticket: Ticket) -> Ticket {
        let at = self.samples.later();
        let state = ticket.state.close(Closing { at, by: None }).unwrap();
        Ticket { state, ..ticket }
    }
}

type Save = Box<dyn Fn(&mut ChangeSet)>;

/// Every record that counts its changes is stored with one more, and refuses whoever read it
/// before that.
pub async fn a_changed_record_refuses_who_read_it_before(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let customer = world.add_customer(world.samples.customer()).await;
    let agent = world.add_agent(world.samples.agent()).await;
    let department = world.add_department(world.samples.department()).await;
    let ticket = world.open_sample().await;
    let mut account = world.samples.account(Principal::Agent(agent.id));
    let mut change = world.change();
    change.put_account(account.clone());
    world.commit(change).await;
    account.version = 1;

    let callback = world.save_callback(world.samples.callback()).await;
    let webhook = world.save_webhook(world.samples.webhook()).await;

    let saves: [(Record, Save); 9] = [
        (Record::Tenant, {
            let tenant = world.tenant.clone();
            Box::new(move |change| change.put_tenant(tenant.clone(), EventBody::TenantSaved))
        }),
        (Record::Inbox(world.inbox.id), {
            let inbox = world.inbox.clone();
            Box::new(move |change| change.put_inbox(inbox.clone()))
        }),
        (
            Record::Department(department.id),
            Box::new(move |change| change.put_department(department.clone())),
        ),
        (Record::Agent(agent.id), {
            let body = EventBody::AgentUpdated { agent: agent.id };
            Box::new(move |change| change.put_agent(agent.clone(), body.clone()))
        }),
        (
            Record::Customer(customer.id),
            Box::new(move |change| change.put_customer(customer.clone())),
        ),
        (
            Record::Account(account.principal),
            Box::new(move |change| change.put_account(account.clone())),
        ),
        (
            Record::Ticket(ticket.id),
            Box::new(move |change| change.update_ticket(ticket.clone(), [])),
        ),
        (
            Record::Callback(callback.id),
            Box::new(move |change| change.put_callback(callback.clone(), [])),
        ),
        (
            Record::Webhook(webhook.id),
            Box::new(move |change| change.note_webhook_health(webhook.clone())),
        ),
    ];
    for (record, save) in saves {
        assert_eq!(world.expecting_version(&record, 1).await, Ok(()), "{record:?}");
        let mut change = world.change();
        save(&mut change);
        world.commit(change).await;
        let changed = Conflict::Changed(record.clone());
        assert_eq!(world.expecting_version(&record, 1).await, Err(changed.clone()));
        assert_eq!(world.expecting_version(&record, 2).await, Ok(()), "{record:?}");
        assert_eq!(world.expecting_version(&record, 3).await, Err(changed.clone()));
        let mut late = world.change();
        save(&mut late);
        assert_eq!(world.refusal(late).await, Rejected::Conflict(changed));
    }
}

/// What isn't there has no version to be read.
pub async fn a_missing_record_has_changed(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let samples = &world.samples;
    let agent = samples.agent().id;
    let records = [
        Record::Inbox(samples.inbox().id),
        Record::Department(samples.department().id),
        Record::Agent(agent),
        Record::Customer(samples.customer().id),
        Record::Account(Principal::Agent(agent)),
        Record::Ticket(samples.ticket(world.inbox.id).id),
        Record::Callback(samples.callback().id),
        Record::Webhook(samples.webhook().id),
    ];
    for record in records {
        let changed = Conflict::Changed(record.clone());
        assert_eq!(world.expecting_version(&record, 1).await, Err(changed));
    }
}

/// Names are taken when somebody has them, and free again when they are let go.
pub async fn a_taken_name_is_refused_until_it_is_let_go(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let neighbour = world.neighbour().await;
    let department = world.add_department(world.samples.department()).await;
    let customer = world.add_customer(world.samples.customer()).await;
    let principal = Principal::Customer(customer.id);
    let account = world.samples.account(principal);
    let mut change = world.change();
    change.put_account(account.clone());
    world.commit(change).await;

    let theirs = [
        Claim::DepartmentSlug(department.slug.clone()),
        Claim::DepartmentName(department.name.clone()),
        Claim::AccountEmail(account.email.clone()),
        Claim::ExternalId(customer.external_id.clone().unwrap()),
    ];
    for claim in &theirs {
        assert!(!world.is_free(claim.clone()).await, "{claim:?}");
        assert!(
            neighbour.is_free(claim.clone()).await,
            "{claim:?}: each tenant has its own"
        );
    }
    for claim in [
        Claim::TenantSlug(world.tenant.slug.clone()),
        Claim::Domain(world.tenant.domains[0].clone()),
    ] {
        assert!(
            !neighbour.is_free(claim.clone()).await,
            "{claim:?}: one for the whole installation"
        );
    }

    let mut change = world.change();
    change.remove_department(department.id, None);
    change.remove_customer(&customer);
    let moved = Tenant {
        slug: "elsewhere".to_owned(),
        domains: Vec::new(),
        ..world.tenant.clone()
    };
    change.put_tenant(moved, EventBody::TenantSaved);
    world.commit(change).await;
    let own = [
        Claim::TenantSlug(world.tenant.slug.clone()),
        Claim::Domain(world.tenant.domains[0].clone()),
    ];
    for claim in theirs.into_iter().chain(own) {
        assert!(world.is_free(claim.clone()).await, "{claim:?}");
    }
    assert_eq!(
        store.account(world.id(), principal).await.unwrap(),
        None,
        "gone with the customer"
    );
}

/// Whoever takes a taken name without asking is refused too, by the store's own keys.
pub async fn a_name_taken_without_asking_is_refused(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let stored = world.add_department(world.samples.department()).await;
    let double = Department {
        slug: stored.slug.clone(),
        ..world.samples.department()
    };
    let mut change = world.change();
    change.put_department(double.clone());
    let refused = world.refusal(change).await;
    assert!(
        matches!(refused, Rejected::Conflict(Conflict::Concurrent | Conflict::Taken(_))),
        "{refused:?}"
    );
    assert_eq!(store.department(world.id(), double.id).await.unwrap(), None);

    let mut neighbour = world.clone();
    neighbour.tenant = Tenant {
        domains: world.tenant.domains.clone(),
        ..world.samples.tenant()
    };
    let mut change = neighbour.change();
    change.put_tenant(neighbour.tenant.clone(), EventBody::TenantSaved);
    let refused = neighbour.refusal(change).await;
    assert!(
        matches!(refused, Rejected::Conflict(Conflict::Concurrent | Conflict::Taken(_))),
        "{refused:?}"
    );
    assert_eq!(store.tenant(neighbour.id()).await.unwrap(), None);
}

/// A chatbot's conversation has one unfinished ticket at a time.
pub async fn a_session_has_one_unfinished_ticket(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let other_inbox = world.samples.inbox();
    let mut change = world.change();
    change.put_inbox(other_inbox.clone());
    world.commit(change).await;
    let of_session = |inbox| Ticket {
        session: Some("s-1".to_owned()),
        ..world.samples.ticket(inbox)
    };
    let first = world.open(of_session(world.inbox.id)).await;
    world.open(of_session(other_inbox.id)).await;

    let mut second = world.change();
    second.open_ticket(of_session(world.inbox.id));
    let claim = Claim::Session(world.inbox.id, "s-1".to_owned());
    assert_eq!(world.refusal(second).await, Rejected::Conflict(Conflict::Taken(claim)));
    world.update(world.closed(first)).await;
    let third = world.open(of_session(world.inbox.id)).await;
    assert_eq!(third.number, 3);
    let found = store
        .unfinished_ticket_of_session(world.id(), world.inbox.id, "s-1")
        .await
        .unwrap();
    assert_eq!(found, Some(third));
}

/// The newest ticket of a session is found, finished or not.
pub async fn the_latest_ticket_of_a_session_may_be_finished(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let latest = async |session: &str| {
        let found = store
            .latest_ticket_of_session(world.id(), world.inbox.id, session)
            .await;
        found.unwrap().map(|ticket| ticket.id)
    };
    let of_session = || Ticket {
        session: Some("s-1".to_owned()),
        ..world.samples.ticket(world.inbox.id)
    };
    assert_eq!(latest("s-1").await, None);
    let first = world.open(of_session()).await;
    assert_eq!(latest("s-1").await, Some(first.id));
    let first = world.update(world.closed(first)).await;
    assert_eq!(latest("s-1").await, Some(first.id), "finished");
    let second = world.open(of_session()).await;
    world.ask(&first).await;
    assert_eq!(latest("s-1").await, Some(second.id));
    let second = world.update(world.closed(second)).await;
    assert_eq!(latest("s-1").await, Some(second.id), "newest of two finished ones");
    world.open_sample().await;
    assert_eq!(latest("s-2").await, None);
    let other = world.samples.inbox().id;
    let found = store.latest_ticket_of_session(world.id(), other, "s-1").await;
    assert_eq!(found.unwrap(), None);
}

/// An agent who is online has room while active, available and below their capacity.
pub async fn an_agent_has_room_below_their_capacity(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let mut agent = world
        .add_agent(Agent {
            max_concurrent_tickets: 2,
            ..world.samples.agent()
        })
        .await;
    store
        .seen(world.id(), agent.id, world.samples.later(), None)
        .await
        .unwrap();
    let has_room = async |agent: &Agent| world.expecting(Expect::AgentHasRoom(agent.id)).await;
    let full = Err(Conflict::NoRoom(agent.id));
    assert_eq!(has_room(&agent).await, Ok(()));
    let first = world.open_sample().await;
    let first = world.update(world.assigned(first, &agent)).await;
    assert_eq!(has_room(&agent).await, Ok(()));
    let mut second = world.open_sample().await;
    second.state = TicketState::Pending(Some(Assignment {
        agent: agent.id,
        at: world.samples.later(),
    }));
    world.update(second).await;
    assert_eq!(has_room(&agent).await, full, "pending tickets count");
    world.update(world.closed(first)).await;
    assert_eq!(has_room(&agent).await, Ok(()), "finished ones don't");

    for (availability, is_active) in [
        (Availability::Busy, true),
        (Availability::Away, true),
        (Availability::Offline, true),
        (Availability::Available, false),
    ] {
        let changed = Agent {
            availability,
            is_active,
            ..agent
        };
        agent = world.add_agent(changed).await;
        assert_eq!(has_room(&agent).await, full, "{availability}, active: {is_active}");
    }
    let nobody = world.samples.agent();
    assert_eq!(has_room(&nobody).await, Err(Conflict::NoRoom(nobody.id)));
}

/// A department with unfinished tickets stays; finished ones keep its id when it goes.
pub async fn a_department_in_use_stays(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let department = world.add_department(world.samples.department()).await;
    let mut ticket = world
        .open(Ticket {
            department: Some(department.id),
            ..world.samples.ticket(world.inbox.id)
        })
        .await;
    let remove = || {
        let mut change = world.change();
        change.remove_department(department.id, None);
        change
    };
    let in_use = Rejected::Conflict(Conflict::DepartmentInUse(department.id));
    for status in [Status::Open, Status::Pending] {
        if status == Status::Pending {
            ticket.state = ticket.state.pend().unwrap();
            ticket = world.update(ticket).await;
        }
        assert_eq!(world.refusal(remove()).await, in_use, "{status}");
    }
    let ticket = world.update(world.closed(ticket)).await;
    world.commit(remove()).await;
    assert_eq!(store.department(world.id(), department.id).await.unwrap(), None);
    assert_eq!(world.ticket(ticket.id).await.department, Some(department.id));
}

/// A customer's tickets stay when the customer goes.
pub async fn removing_a_customer_leaves_their_tickets(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let customer = world.add_customer(world.samples.customer()).await;
    let ticket = world
        .open(Ticket {
            requester: Requester::Customer(customer.id),
            ..world.samples.ticket(world.inbox.id)
        })
        .await;
    let mut change = world.change();
    change.remove_customer(&customer);
    world.commit(change).await;
    assert_eq!(store.customer(world.id(), customer.id).await.unwrap(), None);
    assert_eq!(world.ticket(ticket.id).await, ticket);
}
