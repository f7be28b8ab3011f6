//! One port mocked: what the code asks of it, and what it makes of the answer.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::{sync::Arc, time::Duration};

use mockall::predicate::{always, eq};
use mocks::WaitingRoom;
use support_core::{
    model::{TenantId, Ticket},
    ports::{Ids, StoreError},
    testing::{MockTicketReads, Samples},
};

const PATIENCE: Duration = Duration::from_secs(60 * 60);

fn waiting_room(samples: &Samples, tickets: MockTicketReads) -> WaitingRoom {
    WaitingRoom {
        tickets: Arc::new(tickets),
        clock: Arc::new(samples.clock.clone()),
        patience: PATIENCE,
    }
}

#[tokio::test]
async fn whoever_waits_for_longer_than_the_patience_is_forgotten() {
    let samples = Samples::new();
    let shop = TenantId::new(samples.ids.uuid());
    let early = Ticket {
        subject: "Where is my parcel?".to_owned(),
        ..samples.ticket(samples.inbox().id)
    };
    // A clock of our own: an hour and a second pass at once.
    samples.clock.advance(PATIENCE + Duration::from_secs(1));
    let late = samples.ticket(samples.inbox().id);

    let mut tickets = MockTicketReads::new();
    tickets
        .expect_unassigned_tickets()
        .with(eq(shop), always())
        .once()
        .return_once(|_, _| Ok(vec![early, late]));

    let forgotten = waiting_room(&samples, tickets).forgotten(shop).await;
    assert_eq!(forgotten.unwrap(), ["Where is my parcel?"]);
}

#[tokio::test]
async fn a_store_that_is_away_is_not_taken_for_an_empty_one() {
    let samples = Samples::new();
    let shop = TenantId::new(samples.ids.uuid());
    let mut tickets = MockTicketReads::new();
    tickets
        .expect_unassigned_tickets()
        .returning(|_, _| Err(StoreError::Unavailable("gone for a moment".to_owned())));

    let forgotten = waiting_room(&samples, tickets).forgotten(shop).await;
    assert!(matches!(forgotten, Err(StoreError::Unavailable(_))));
}
