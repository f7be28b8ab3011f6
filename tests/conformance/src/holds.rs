//! Tickets that a bot has.

use std::{sync::Arc, time::Duration};

use support_core::{
    model::{TenantId, Ticket, TicketId, Timestamp},
    ports::Store,
};

use crate::world::{ALL, World};

/// Nobody is given what the bot has; what it has had for too long is found, over all tenants,
/// longest first.
pub async fn what_the_bot_has_is_nobody_elses_until_its_time_is_up(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let neighbour = world.neighbour().await;
    let at = |second| Timestamp::from_millis(1_700_000_000_000).plus(Duration::from_secs(second));
    let hold = async |world: &World, until| {
        let ticket = Ticket {
            held_for_bot_until: until,
            ..world.samples.ticket(world.inbox.id)
        };
        world.open(ticket).await
    };
    let free = hold(&world, None).await;
    let late = hold(&world, Some(at(20))).await;
    let early = hold(&world, Some(at(10))).await;
    let elsewhere = hold(&neighbour, Some(at(15))).await;
    let given_out = store.unassigned_tickets(world.id(), ALL).await.unwrap();
    assert_eq!(given_out, std::slice::from_ref(&free));
    let of_none = store.unassigned_tickets_of(world.id(), None, ALL).await.unwrap();
    assert_eq!(of_none, [free]);

    let lapsed =
        async |before, limit| -> Vec<(TenantId, TicketId)> { store.lapsed_holds(before, limit).await.unwrap() };
    let (first, second, third) = (
        (world.id(), early.id),
        (neighbour.id(), elsewhere.id),
        (world.id(), late.id),
    );
    assert_eq!(lapsed(at(9), ALL).await, []);
    assert_eq!(lapsed(at(10), ALL).await, [first]);
    assert_eq!(lapsed(at(30), ALL).await, [first, second, third]);
    assert_eq!(lapsed(at(30), 2).await, [first, second]);

    let left = world
        .update(Ticket {
            held_for_bot_until: None,
            ..early
        })
        .await;
    let later = world
        .update(Ticket {
            held_for_bot_until: Some(at(40)),
            ..late
        })
        .await;
    assert_eq!(later.held_for_bot_until, Some(at(40)));
    assert_eq!(lapsed(at(30), ALL).await, [second]);
    let given_out = store.unassigned_tickets(world.id(), ALL).await.unwrap();
    assert!(given_out.contains(&left) && given_out.len() == 2);
}
