//! The whole desk in memory: what really happens, without a database, a network or waiting.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::{sync::Arc, time::Duration};

use mocks::{WaitingRoom, report_lost_parcel};
use support_core::{
    desk::{Desk, DeskError, FirstAdmin, NewTenant, Scope, Stores, TicketChanges, TicketRef},
    memory::MemoryStore,
    model::{Contact, Priority, Status, TenantId},
    ports::Store,
    testing::{Fault, FaultyStore, ManualClock, MockCommitStore, SequentialIds},
};

/// A desk whose time stands still, and a shop on it.
async fn shop_on(store: impl Store, clock: &ManualClock) -> (Desk, TenantId) {
    let desk = Desk::builder(store)
        .clock(clock.clone())
        .ids(SequentialIds::new())
        .build();
    let new = NewTenant {
        slug: "shop".to_owned(),
        name: "Shop".to_owned(),
        timezone: "Europe/Berlin".to_owned(),
        domains: Vec::new(),
        admin: FirstAdmin {
            name: "Mara".to_owned(),
            email: "mara@shop.example".to_owned(),
            password: "correct horse".to_owned(),
        },
    };
    let installation = Scope::system(TenantId::new(desk.ids().uuid()));
    let shop = desk.create_tenant(&installation, new).await.unwrap().id;
    (desk, shop)
}

fn recipient() -> Contact {
    Contact {
        name: Some("Ada".to_owned()),
        email: Some("ada@mail.example".to_owned()),
        phone: None,
    }
}

#[tokio::test]
async fn a_lost_parcel_is_an_urgent_ticket_and_only_one() {
    let (desk, shop) = shop_on(MemoryStore::new(), &ManualClock::default()).await;
    let number = report_lost_parcel(&desk, shop, "PA-7", recipient()).await.unwrap();
    let again = report_lost_parcel(&desk, shop, "PA-7", recipient()).await.unwrap();
    assert_eq!(number, again);
    let other = report_lost_parcel(&desk, shop, "PA-8", recipient()).await.unwrap();
    assert_ne!(number, other);

    let ticket = desk
        .stores()
        .tickets
        .ticket_by_number(shop, number)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(ticket.priority, Priority::Urgent);
    assert_eq!(ticket.contact, recipient());
}

#[tokio::test]
async fn a_parcel_that_is_lost_again_after_all_was_settled_gets_a_new_ticket() {
    let (desk, shop) = shop_on(MemoryStore::new(), &ManualClock::default()).await;
    let number = report_lost_parcel(&desk, shop, "PA-7", recipient()).await.unwrap();
    let mara = desk
        .log_in(Some(shop), "mara@shop.example", "correct horse")
        .await
        .unwrap();
    let mara = Scope::new(shop, mara.identified.actor());
    let ticket = desk.join(&mara, TicketRef::Number(number)).await.unwrap();
    let resolved = TicketChanges {
        status: Some(Status::Resolved),
        ..TicketChanges::default()
    };
    desk.update_ticket(&mara, ticket.id, resolved).await.unwrap();

    let again = report_lost_parcel(&desk, shop, "PA-7", recipient()).await.unwrap();
    assert_ne!(number, again);
}

#[tokio::test]
async fn time_passes_when_the_test_says_so() {
    let clock = ManualClock::default();
    let (desk, shop) = shop_on(MemoryStore::new(), &clock).await;
    report_lost_parcel(&desk, shop, "PA-7", recipient()).await.unwrap();
    let room = WaitingRoom {
        tickets: Arc::clone(&desk.stores().tickets),
        clock: Arc::new(clock.clone()),
        patience: Duration::from_secs(60),
    };
    assert!(room.forgotten(shop).await.unwrap().is_empty());
    clock.advance(Duration::from_secs(61));
    assert_eq!(room.forgotten(shop).await.unwrap(), ["Parcel PA-7 is lost"]);
}

#[tokio::test]
async fn a_report_whose_answer_was_lost_can_be_repeated() {
    let store = Arc::new(FaultyStore::new(MemoryStore::new()));
    let (desk, shop) = shop_on(Arc::clone(&store), &ManualClock::default()).await;

    store.fail_next("commit", Fault::AnswerLost);
    let lost = report_lost_parcel(&desk, shop, "PA-7", recipient()).await;
    assert!(matches!(lost, Err(DeskError::Unavailable { .. })));

    let number = report_lost_parcel(&desk, shop, "PA-7", recipient()).await.unwrap();
    assert_eq!(number, 1, "the first report had been stored");
}

#[tokio::test]
async fn a_bad_address_is_refused_before_anything_is_written() {
    let store = Arc::new(MemoryStore::new());
    let (_, shop) = shop_on(Arc::clone(&store), &ManualClock::default()).await;
    // Everything is read from memory, and the write door is a mock that nobody may open.
    let stores = Stores {
        commit: Arc::new(unopened_door()),
        ..Stores::of(&store)
    };
    let desk = Desk::builder_over(stores).build();
    let nobody = Contact {
        email: Some("not an address".to_owned()),
        ..recipient()
    };
    let refused = report_lost_parcel(&desk, shop, "PA-7", nobody).await;
    assert!(matches!(refused, Err(DeskError::Invalid(_))));
}

fn unopened_door() -> MockCommitStore {
    let mut door = MockCommitStore::new();
    door.expect_lanes().return_const(1_usize);
    door.expect_commit().never();
    door
}
