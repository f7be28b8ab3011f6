//! Who may be given what, while others come, go and change who they are.

use std::{sync::Arc, time::Duration};

use support_core::{
    change::{Conflict, Expect, Rejected},
    model::{Agent, AgentId, Assignment, Availability, EventBody, Role, TenantId, Ticket, TicketId, TicketState},
    ports::Store,
};

use crate::world::{ALL, World};

impl World {
    /// An agent who was seen.
    async fn add_present_agent(&self, agent: Agent) -> Agent {
        let agent = self.add_agent(agent).await;
        self.store
            .seen(self.id(), agent.id, self.samples.later(), None)
            .await
            .unwrap();
        agent
    }

    /// A ticket that waits until `accept_by` for its agent to take it up.
    async fn awaited(&self, accept_by: support_core::model::Timestamp) -> (TenantId, TicketId) {
        let ticket = Ticket {
            accept_by: Some(accept_by),
            ..self.samples.ticket(self.inbox.id)
        };
        (self.id(), self.open(ticket).await.id)
    }

    async fn change_agent(&self, agent: Agent, expect: Option<Expect>) -> Result<(), Rejected> {
        let id = agent.id;
        let mut change = self.change();
        if let Some(expect) = expect {
            change.expect(expect);
        }
        change.put_agent(agent, EventBody::AgentUpdated { agent: id });
        self.try_commit(change).await.map(drop)
    }
}

/// Nobody has room who was never seen, or has left, however available they are.
pub async fn whoever_is_not_online_has_no_room(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let agent = world.add_agent(world.samples.agent()).await;
    let has_room = async || world.expecting(Expect::AgentHasRoom(agent.id)).await;
    let none = Err(Conflict::NoRoom(agent.id));
    assert_eq!(has_room().await, none, "never seen");
    let neighbour = world.neighbour().await;
    let seen = store.seen(neighbour.id(), agent.id, world.samples.later(), None);
    seen.await.unwrap();
    assert_eq!(has_room().await, none, "seen elsewhere");
    store
        .seen(world.id(), agent.id, world.samples.later(), None)
        .await
        .unwrap();
    assert_eq!(has_room().await, Ok(()));
    store.left(world.id(), agent.id).await.unwrap();
    assert_eq!(has_room().await, none, "left");
}

/// Whoever is busy is there, but takes nothing; whoever is away or offline is not there.
pub async fn whoever_is_online_and_not_away_is_there(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let mut agent = world
        .add_present_agent(Agent {
            max_concurrent_tickets: 1,
            ..world.samples.agent()
        })
        .await;
    let ticket = world.open_sample().await;
    world.update(world.assigned(ticket, &agent)).await;
    for (availability, is_active, is_there) in [
        (Availability::Available, true, true),
        (Availability::Busy, true, true),
        (Availability::Away, true, false),
        (Availability::Offline, true, false),
        (Availability::Available, false, false),
    ] {
        let changed = Agent {
            availability,
            is_active,
            ..agent
        };
        agent = world.add_agent(changed).await;
        let expected = if is_there {
            Ok(())
        } else {
            Err(Conflict::NotThere(agent.id))
        };
        let found = world.expecting(Expect::AgentIsThere(agent.id)).await;
        assert_eq!(found, expected, "{availability}, active: {is_active}");
    }
    world
        .add_agent(Agent {
            is_active: true,
            ..agent.clone()
        })
        .await;
    store.left(world.id(), agent.id).await.unwrap();
    let found = world.expecting(Expect::AgentIsThere(agent.id)).await;
    assert_eq!(found, Err(Conflict::NotThere(agent.id)), "left");
}

/// Of somebody who leaves while they are given a ticket, either the ticket is found afterwards, or
/// they were not given it.
pub async fn whoever_leaves_finds_what_they_were_given_before(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    for _ in 0..40 {
        let agent = world.add_present_agent(world.samples.agent()).await;
        let giving = {
            let (world, agent) = (world.clone(), agent.id);
            tokio::spawn(async move {
                let mut ticket = world.samples.ticket(world.inbox.id);
                let mut change = world.change();
                let at = change.at();
                ticket.state = TicketState::Assigned(Assignment { agent, at });
                change.expect(Expect::AgentHasRoom(agent));
                change.open_ticket(ticket);
                match world.try_commit(change).await {
                    Ok(_) => true,
                    Err(Rejected::Conflict(Conflict::NoRoom(_))) => false,
                    Err(other) => panic!("{other:?}"),
                }
            })
        };
        let leaving = {
            let (world, agent) = (world.clone(), agent.id);
            tokio::spawn(async move {
                world.store.left(world.id(), agent).await.unwrap();
                let left = world.store.unfinished_tickets_of_agent(world.id(), agent, ALL).await;
                left.unwrap().len()
            })
        };
        let (was_given, found) = (giving.await.unwrap(), leaving.await.unwrap());
        assert_eq!(
            found,
            usize::from(was_given),
            "given and not found, or found and not given"
        );
    }
}

/// An admin may go only while another one is active.
pub async fn an_admin_may_go_while_another_is_left(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let admin = |is_active| Agent {
        role: Role::Admin,
        is_active,
        ..world.samples.agent()
    };
    let first = world.add_agent(admin(true)).await;
    world.add_agent(admin(false)).await;
    world.add_agent(world.samples.agent()).await;
    let neighbour = world.neighbour().await;
    let elsewhere = Agent {
        role: Role::Admin,
        ..world.samples.agent()
    };
    neighbour.add_agent(elsewhere).await;
    let beside = async |agent: AgentId| world.expecting(Expect::AdminBeside(agent)).await;
    assert_eq!(beside(first.id).await, Err(Conflict::LastAdmin(first.id)));
    assert_eq!(
        beside(world.samples.agent().id).await,
        Ok(()),
        "the first is beside others"
    );
    let second = world.add_agent(admin(true)).await;
    assert_eq!(beside(first.id).await, Ok(()));
    assert_eq!(beside(second.id).await, Ok(()));
}

/// Of two admins who take each other's office at once, one keeps it.
pub async fn two_admins_at_once_leave_one(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    for _ in 0..10 {
        let mut admins = Vec::new();
        for _ in 0..2 {
            let admin = Agent {
                role: Role::Admin,
                ..world.samples.agent()
            };
            admins.push(world.add_agent(admin).await);
        }
        let demoting: Vec<_> = admins
            .into_iter()
            .map(|admin| {
                let world = world.clone();
                tokio::spawn(async move {
                    let expect = Expect::AdminBeside(admin.id);
                    let demoted = Agent {
                        role: Role::Agent,
                        ..admin.clone()
                    };
                    (admin, world.change_agent(demoted, Some(expect)).await)
                })
            })
            .collect();
        let mut left = Vec::new();
        for demoted in demoting {
            let (admin, outcome) = demoted.await.unwrap();
            match outcome {
                Ok(()) => {}
                Err(Rejected::Conflict(Conflict::LastAdmin(_))) => left.push(admin),
                Err(other) => panic!("{other:?}"),
            }
        }
        assert_eq!(left.len(), 1, "one admin is left");
        for admin in left {
            let demoted = Agent {
                role: Role::Agent,
                ..admin
            };
            world.change_agent(demoted, None).await.unwrap();
        }
    }
}

/// Tickets that wait to be taken up are found when their time has come, earliest first, of all
/// tenants.
pub async fn tickets_to_accept_come_earliest_first(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let neighbour = world.neighbour().await;
    let at = |minutes: u64| world.tenant.created_at.plus(Duration::from_secs(minutes * 60));
    let third = world.awaited(at(30)).await;
    let second = world.awaited(at(20)).await;
    let first = neighbour.awaited(at(10)).await;
    world.open_sample().await;
    let due = async |now, limit| -> Vec<(TenantId, TicketId)> { store.tickets_to_accept(now, limit).await.unwrap() };
    assert_eq!(due(at(10).minus(Duration::from_millis(1)), ALL).await, []);
    assert_eq!(due(at(10), ALL).await, [first]);
    assert_eq!(due(at(60), ALL).await, [first, second, third]);
    assert_eq!(due(at(60), 1).await, [first]);
    let mut ticket = world.ticket(second.1).await;
    ticket.accept_by = None;
    world.update(ticket).await;
    assert_eq!(due(at(60), ALL).await, [first, third], "taken up");
}
