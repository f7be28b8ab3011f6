//! Erasing people and conversations, and who looked at what.

use std::{sync::Arc, time::Duration};

use support_core::{
    desk::{AuditQuery, Desk, DeskError, Scope, Stores, TenantChanges, TicketChanges},
    memory::MemoryStore,
    model::{Actor, Contact, CustomerId, EventBody, Status, TicketId},
    ports::{EventFilter, PageRequest, RecordOrder, RecordSort, SortOrder},
    testing::{Fault, FaultyStore},
    workers::run_sweeps,
};

use crate::office::Office;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Office {
    async fn keeps_for(&self, days: Option<u32>) {
        let changes = TenantChanges {
            retention_days: Some(days),
            ..TenantChanges::default()
        };
        self.desk
            .update_tenant(&self.admin, self.tenant.id, changes)
            .await
            .unwrap();
    }

    async fn closed_chat(&self) -> TicketId {
        let ticket = self.chat(None).await.ticket.id;
        let changes = TicketChanges {
            status: Some(Status::Closed),
            ..TicketChanges::default()
        };
        self.desk.update_ticket(&self.admin, ticket, changes).await.unwrap();
        ticket
    }

    async fn is_erased(&self, ticket: TicketId) -> bool {
        let ticket = self.ticket(ticket).await;
        let words = self.desk.messages(&self.admin, &ticket, 0, 100).await.unwrap();
        assert_eq!(words.is_empty(), ticket.contact == Contact::default(), "all or nothing");
        words.is_empty()
    }
}

#[tokio::test]
async fn a_conversation_is_erased_once_it_has_been_closed_for_as_long_as_settled() {
    let office = Office::open().await;
    let (old, open) = (office.closed_chat().await, office.chat(None).await.ticket.id);
    office.clock.advance(DAY * 400);
    assert_eq!(office.desk.apply_retention(100).await.unwrap(), 0, "nothing is settled");
    office.keeps_for(Some(30)).await;
    let (young, younger) = (office.closed_chat().await, office.closed_chat().await);
    office.clock.advance(DAY * 30 - Duration::from_secs(1));
    assert_eq!(office.desk.apply_retention(100).await.unwrap(), 1);
    for (ticket, is_erased) in [(old, true), (open, false), (young, false), (younger, false)] {
        assert_eq!(office.is_erased(ticket).await, is_erased);
    }
    office.clock.advance(Duration::from_secs(2));
    assert_eq!(office.desk.apply_retention(1).await.unwrap(), 1, "so many at most");
    assert_eq!(office.desk.apply_retention(1).await.unwrap(), 1);
    assert_eq!(
        office.desk.apply_retention(1).await.unwrap(),
        0,
        "nothing is erased twice"
    );
    assert!(office.is_erased(young).await && office.is_erased(younger).await && !office.is_erased(open).await);
    office.keeps_for(None).await;
    let kept = office.closed_chat().await;
    office.clock.advance(DAY * 36_500);
    assert_eq!(office.desk.apply_retention(100).await.unwrap(), 0);
    assert!(!office.is_erased(kept).await);
}

#[tokio::test]
async fn what_is_erased_still_counts() {
    let office = Office::open().await;
    let ticket = office.closed_chat().await;
    let visitor = office.ticket(ticket).await.requester;
    office.keeps_for(Some(1)).await;
    let page = PageRequest { number: 1, limit: 10 };
    let order = RecordOrder {
        sort: RecordSort::CreatedAt,
        order: SortOrder::Ascending,
    };
    let tenants = office.desk.stores().tenants.tenants(order, page).await.unwrap();
    assert_eq!(tenants.items[0].settings.retention_days, Some(1));
    let measures = office
        .desk
        .stores()
        .figures
        .measures(office.tenant.id, ticket)
        .await
        .unwrap();
    office.clock.advance(DAY * 2);
    office.desk.apply_retention(100).await.unwrap();
    let after = office
        .desk
        .stores()
        .figures
        .measures(office.tenant.id, ticket)
        .await
        .unwrap();
    assert_eq!(after, measures);
    let erased = office.ticket(ticket).await;
    assert_eq!(erased.state.status(), Status::Closed);
    assert_ne!(erased.requester, visitor);
    let known = office
        .desk
        .stores()
        .people
        .visitor(office.tenant.id, visitor.uuid().into())
        .await
        .unwrap();
    assert_eq!(
        known, None,
        "a visitor is kept for the sake of their conversations alone"
    );
}

#[tokio::test(start_paused = true)]
async fn a_node_by_itself_erases_what_is_due() {
    let office = Office::open().await;
    office.keeps_for(Some(1)).await;
    let ticket = office.closed_chat().await;
    office.clock.advance(DAY * 2);
    let sweeping = tokio::spawn(run_sweeps(office.desk.clone(), std::future::pending()));
    for _ in 0..1_000 {
        if office.ticket(ticket).await.contact == Contact::default() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(office.is_erased(ticket).await);
    sweeping.abort();
}

#[tokio::test]
async fn erasing_that_was_cut_off_is_gone_on_with() {
    let store = Arc::new(FaultyStore::new(MemoryStore::new()));
    let office = Office::over(Stores::of(&store)).await;
    let tickets = [office.chat(None).await.ticket, office.chat(None).await.ticket];
    let visitor = tickets[0].requester.uuid();
    store.fail_next("files_of_ticket", Fault::Broken);
    office.desk.erase_person(&office.admin, visitor).await.unwrap_err();
    assert!(!office.is_erased(tickets[0].id).await);
    assert_eq!(office.ticket(tickets[0].id).await.state.status(), Status::Closed);
    office.desk.finish_erasures().await.unwrap();
    assert!(office.is_erased(tickets[0].id).await && !office.is_erased(tickets[1].id).await);
    assert!(office.desk.stores().erasures.erasures(10).await.unwrap().is_empty());
    let gone = office.desk.erase_person(&office.admin, visitor).await;
    assert!(matches!(gone, Err(DeskError::NotFound)), "{gone:?}");
}

#[tokio::test]
async fn a_reader_is_told_of_once_an_hour_and_nobody_of_their_own() {
    let office = Office::open().await;
    let ticket = office.chat(None).await.ticket;
    let visitor = office.visitor_of(&ticket);
    office.desk.messages(&visitor, &ticket, 0, 10).await.unwrap();
    let reads = async |desk: &Desk| {
        let query = AuditQuery {
            before: None,
            from: None,
            to: None,
            limit: 100,
        };
        let is_read = |event: &support_core::model::Event| matches!(event.body, EventBody::TicketRead { .. });
        desk.audit(&office.admin, query, is_read).await.unwrap().entries.len()
    };
    assert_eq!(reads(&office.desk).await, 0);
    for _ in 0..3 {
        office.desk.messages(&office.admin, &ticket, 0, 10).await.unwrap();
    }
    assert_eq!(reads(&office.desk).await, 1);
    let customer = Scope::new(
        office.tenant.id,
        Actor::Customer(CustomerId::new(ticket.requester.uuid())),
    );
    let refused = office.desk.audit(
        &customer,
        AuditQuery {
            before: None,
            from: None,
            to: None,
            limit: 1,
        },
        |_| true,
    );
    assert!(matches!(refused.await, Err(DeskError::Forbidden)));
    let journal = office
        .desk
        .stores()
        .events
        .events(office.tenant.id, 0, &EventFilter::default(), 100)
        .await
        .unwrap();
    assert!(journal.iter().zip(1..).all(|(event, seq)| event.seq == seq));
}
