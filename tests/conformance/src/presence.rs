//! Signs of life, who went, and what is forgotten in time.

use std::{sync::Arc, time::Duration};

use support_core::{
    model::{AgentId, LoginGuard, Presence, Principal, TenantId},
    ports::Store,
};

use crate::world::{ALL, World};

fn sorted(mut gone: Vec<(TenantId, AgentId)>) -> Vec<(TenantId, AgentId)> {
    gone.sort_unstable();
    gone
}

/// Signs of life make somebody online, and never move the time of the last one back.
pub async fn a_sign_of_life_makes_somebody_online(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let agent = world.add_agent(world.samples.agent()).await.id;
    let department = world.add_department(world.samples.department()).await.id;
    let (first, second) = (world.samples.later(), world.samples.later());
    assert_eq!(store.presences(world.id()).await.unwrap(), []);
    assert!(store.seen(world.id(), agent, second, Some(department)).await.unwrap());
    assert!(!store.seen(world.id(), agent, first, None).await.unwrap());
    let seen = Presence {
        agent,
        is_online: true,
        last_seen_at: second,
        department: Some(department),
    };
    assert_eq!(store.presences(world.id()).await.unwrap(), std::slice::from_ref(&seen));
    let third = world.samples.later();
    assert!(!store.seen(world.id(), agent, third, None).await.unwrap());
    let seen = Presence {
        last_seen_at: third,
        ..seen
    };
    assert_eq!(store.presences(world.id()).await.unwrap(), std::slice::from_ref(&seen));

    assert!(store.left(world.id(), agent).await.unwrap());
    assert!(!store.left(world.id(), agent).await.unwrap());
    let gone = Presence {
        is_online: false,
        ..seen
    };
    assert_eq!(store.presences(world.id()).await.unwrap(), [gone]);
    let stranger = world.samples.agent().id;
    assert!(!store.left(world.id(), stranger).await.unwrap());
}

/// Whoever falls silent is offline, once, and unhandled until somebody has seen to it.
pub async fn the_silent_lapse_and_stay_unhandled(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let neighbour = world.neighbour().await;
    let silent = [&world, &neighbour];
    let mut agents = Vec::new();
    for own in silent {
        let agent = own.add_agent(own.samples.agent()).await.id;
        store.seen(own.id(), agent, own.samples.later(), None).await.unwrap();
        agents.push((own.id(), agent));
    }
    let limit = world.samples.later();
    let lively = world.add_agent(world.samples.agent()).await.id;
    store.seen(world.id(), lively, limit, None).await.unwrap();

    assert_eq!(store.unhandled(ALL).await.unwrap(), []);
    let agents = sorted(agents);
    let first = store.lapse(limit, 1).await.unwrap();
    assert_eq!(first.len(), 1);
    let mut gone = store.lapse(limit, ALL).await.unwrap();
    gone.extend(first);
    assert_eq!(sorted(gone), agents);
    assert_eq!(store.lapse(limit, ALL).await.unwrap(), []);
    assert_eq!(sorted(store.unhandled(ALL).await.unwrap()), agents);
    assert_eq!(store.unhandled(1).await.unwrap().len(), 1);

    let (tenant, agent) = agents[0];
    store.handled(tenant, agent).await.unwrap();
    assert_eq!(store.unhandled(ALL).await.unwrap(), agents[1..]);
    let (tenant, agent) = agents[1];
    assert!(
        store.seen(tenant, agent, world.samples.later(), None).await.unwrap(),
        "back again"
    );
    assert_eq!(store.unhandled(ALL).await.unwrap(), []);
    store.left(world.id(), lively).await.unwrap();
    assert_eq!(store.unhandled(ALL).await.unwrap(), [(world.id(), lively)]);
}

/// Tenants with somebody online, each once.
pub async fn tenants_with_somebody_online_are_listed_once(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let (second, empty) = (world.neighbour().await, world.neighbour().await);
    for own in [&world, &world, &second, &empty] {
        let agent = own.add_agent(own.samples.agent()).await.id;
        store.seen(own.id(), agent, own.samples.later(), None).await.unwrap();
        if own.id() == empty.id() {
            store.left(own.id(), agent).await.unwrap();
        }
    }
    let mut online = store.tenants_online(ALL).await.unwrap();
    online.sort_unstable();
    let mut expected = vec![world.id(), second.id()];
    expected.sort_unstable();
    assert_eq!(online, expected);
    assert_eq!(store.tenants_online(1).await.unwrap().len(), 1);
}

/// Tokens that expired, old request keys and login guards that lock nobody are forgotten; others stay.
pub async fn what_has_served_its_time_is_forgotten(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let principal = Principal::Agent(world.samples.agent().id);
    let now = world.samples.later();
    let (past, future) = (now.minus(Duration::from_secs(60)), now.plus(Duration::from_secs(60)));
    let mut change = world.change();
    let tokens: Vec<_> = [past, past, future]
        .map(|expires_at| {
            let token = world.samples.agent().id.uuid();
            change.revoke_token(principal, token, expires_at);
            token
        })
        .to_vec();
    let guards =
        [(past, None), (past, Some(past)), (past, Some(future)), (future, None)].map(|(counted_from, locked_until)| {
            let guard = LoginGuard {
                email_hash: world.hash(),
                failures: 3,
                counted_from,
                locked_until,
            };
            change.count_login_failure(guard.clone());
            guard
        });
    world.commit(change).await;
    let old = world.request();
    world.commit(world.change_once(old.clone())).await;
    let requests_before = world.samples.later();
    let young = world.request();
    world.commit(world.change_once(young.clone())).await;

    let id = world.id();
    assert_eq!(
        store.forget_expired(now, past, past, past, ALL).await.unwrap(),
        2,
        "only the tokens"
    );
    let left = async |place: usize| {
        store
            .login_guard(id, &guards[place].email_hash)
            .await
            .unwrap()
            .is_some()
    };
    assert!(left(0).await && left(1).await);
    assert_eq!(
        store.forget_expired(now, requests_before, now, now, 1).await.unwrap(),
        2,
        "one of each"
    );
    assert_eq!(
        store.forget_expired(now, requests_before, now, now, ALL).await.unwrap(),
        1
    );
    assert_eq!(
        store.forget_expired(now, requests_before, now, now, ALL).await.unwrap(),
        0
    );

    assert!(!left(0).await && !left(1).await, "they locked nobody");
    assert!(left(2).await && left(3).await, "one locks, one is young");
    let is_revoked = async |place: usize| store.is_token_revoked(id, tokens[place]).await.unwrap();
    assert!(!is_revoked(0).await && !is_revoked(1).await && is_revoked(2).await);
    assert_eq!(store.request(id, &old.key).await.unwrap(), None);
    assert!(store.request(id, &young.key).await.unwrap().is_some());
    store.ping().await.unwrap();
}
