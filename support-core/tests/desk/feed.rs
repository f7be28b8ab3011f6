use std::sync::Arc;

use support_core::{
    change::RequestKey,
    desk::{Desk, NewMessage, Scope, Speaker, Stores},
    memory::MemoryStore,
    model::{EventBody, Secret},
    ports::{BusMessage, EventBus, InProcessBus},
};

use crate::office::Office;

#[tokio::test]
async fn listeners_hear_each_event_in_order_and_once() {
    let office = Office::open().await;
    let ticket = office.chat(None).await.ticket;
    let visitor = office.visitor_of(&ticket);
    let mut heard = office.desk.feed().subscribe(office.tenant.id).await.unwrap();
    for place in 0..50 {
        office
            .desk
            .post(&visitor, ticket.id, NewMessage::text(format!("{place}")), Speaker::Own)
            .await
            .unwrap();
    }
    let mut last = heard.position;
    for place in 0..50 {
        let event = heard.events.recv().await.unwrap();
        assert_eq!(event.seq, last + 1);
        last = event.seq;
        assert!(matches!(event.body, EventBody::MessagePosted { .. }));
        assert_eq!(event.message.as_ref().unwrap().content, place.to_string());
    }
}

#[tokio::test]
async fn two_desks_on_one_store_hear_each_other() {
    let store = Arc::new(MemoryStore::new());
    let bus = Arc::new(InProcessBus::new());
    let desk = || Desk::builder_over(Stores::of(&store)).bus(bus.clone()).build();
    let (here, there) = (desk(), desk());
    let tenant = first_tenant(&here).await;
    let mut heard = there.feed().subscribe(tenant).await.unwrap();
    let scope = Scope::system(tenant);
    let new = support_core::desk::NewDepartment {
        name: "Returns".into(),
        slug: "returns".into(),
        ..Default::default()
    };
    here.create_department(&scope, new).await.unwrap();
    let event = heard.events.recv().await.unwrap();
    assert_eq!(event.seq, heard.position + 1);
    assert!(matches!(event.body, EventBody::DepartmentSaved { .. }));
}

#[tokio::test(start_paused = true)]
async fn a_desk_that_gets_no_hint_looks_by_itself() {
    let store = Arc::new(MemoryStore::new());
    let (here, there) = (
        Desk::builder_over(Stores::of(&store)).build(),
        Desk::builder_over(Stores::of(&store)).build(),
    );
    let tenant = first_tenant(&here).await;
    let mut heard = there.feed().subscribe(tenant).await.unwrap();
    let new = support_core::desk::NewDepartment {
        name: "Returns".into(),
        slug: "returns".into(),
        ..Default::default()
    };
    here.create_department(&Scope::system(tenant), new).await.unwrap();
    let event = tokio::time::timeout(std::time::Duration::from_secs(3), heard.events.recv())
        .await
        .unwrap()
        .unwrap();
    assert!(matches!(event.body, EventBody::DepartmentSaved { .. }));
}

#[tokio::test]
async fn other_nodes_are_told_how_far_a_journal_grew_whatever_is_committed_with_it() {
    let store = Arc::new(MemoryStore::new());
    let bus = Arc::new(InProcessBus::new());
    let desk = Desk::builder_over(Stores::of(&store)).bus(bus.clone()).build();
    let tenant = first_tenant(&desk).await;
    let scope = Scope::system(tenant);
    let request = RequestKey {
        key: Secret::presented("key").hash(),
        fingerprint: Secret::presented("body").hash(),
    };
    desk.store_response(tenant, &request, 200, "{}".into()).await.unwrap();
    let before = desk.feed().subscribe(tenant).await.unwrap().position;
    let mut hints = bus.subscribe();
    let new = support_core::desk::NewDepartment {
        name: "Returns".into(),
        slug: "returns".into(),
        ..Default::default()
    };
    // Both wait for the committer before it runs, so they are committed together, in this order.
    let (created, stored) = tokio::join!(
        desk.create_department(&scope, new),
        desk.store_response(tenant, &request, 200, "{}".into())
    );
    created.unwrap();
    stored.unwrap();
    let hint = hints.recv().await.unwrap();
    assert_eq!(
        hint,
        BusMessage::Journal {
            tenant,
            seq: before + 1
        }
    );
}

async fn first_tenant(desk: &Desk) -> support_core::model::TenantId {
    let admin = support_core::desk::FirstAdmin {
        name: "Ada".into(),
        email: "ada@shop.example".into(),
        password: "correct horse".into(),
    };
    let new = support_core::desk::NewTenant {
        slug: "shop".into(),
        name: "Shop".into(),
        timezone: "UTC".into(),
        domains: vec![],
        admin,
    };
    let system = Scope::system(support_core::model::TenantId::new(desk.ids().uuid()));
    desk.create_tenant(&system, new).await.unwrap().id
}
