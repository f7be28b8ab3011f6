//! What people are told inside the product, and that they have read it.

use support_core::{
    desk::{DeskError, NewMessage, Scope, Speaker, TicketChanges},
    model::{Actor, EventBody, Notification, NotificationKind, Principal, Priority, Role, Status},
    ports::EventFilter,
};

use crate::office::{Office, eventually, id_of};

async fn told(office: &Office, scope: &Scope) -> Vec<NotificationKind> {
    let told = office.desk.notifications(scope, false, 100).await.unwrap();
    told.into_iter().rev().map(|one| one.kind).collect()
}

async fn unread(office: &Office, scope: &Scope) -> Vec<Notification> {
    office.desk.notifications(scope, true, 100).await.unwrap()
}

#[tokio::test]
async fn a_new_ticket_is_told_to_supervisors_and_to_those_who_are_there_and_could_take_it() {
    let office = Office::open().await;
    let supervisor = office.agent("sue", Role::Supervisor, &[], 5).await;
    let seller = office.agent("sol", Role::Agent, &["sales"], 5).await;
    let absent = office.agent("abe", Role::Agent, &["sales"], 5).await;
    let technician = office.agent("tom", Role::Agent, &["technical"], 5).await;
    office.desk.heartbeat(&seller, None).await.unwrap();
    office.desk.heartbeat(&technician, None).await.unwrap();

    let ticket = office.chat(Some("sales")).await.ticket;
    assert_eq!(ticket.assignee(), None, "nobody has chosen to be available");
    for who in [&office.admin, &supervisor, &seller] {
        assert_eq!(told(&office, who).await, [NotificationKind::NewTicket]);
    }
    for who in [&absent, &technician] {
        assert_eq!(told(&office, who).await, []);
    }
    let words = &unread(&office, &seller).await[0];
    assert_eq!(
        (words.title.as_str(), words.ticket),
        ("Vera asks for help", Some(ticket.id))
    );
}

#[tokio::test]
async fn whoever_gets_a_ticket_at_once_is_told_of_that_alone() {
    let office = Office::open().await;
    let mara = office.available_agent("mara", &[], 5).await;
    let ticket = office.chat(None).await.ticket;
    assert_eq!(ticket.assignee(), Some(id_of(&mara)));
    let kinds = told(&office, &mara).await;
    assert!(kinds.contains(&NotificationKind::TicketAssigned), "{kinds:?}");
    assert!(!kinds.contains(&NotificationKind::NewTicket), "{kinds:?}");
    assert_eq!(told(&office, &office.admin).await, []);
}

#[tokio::test]
async fn agents_are_told_of_what_others_do_to_their_tickets_and_never_of_their_own_doing() {
    let office = Office::open().await;
    let mara = office.agent("mara", Role::Agent, &[], 5).await;
    let ticket = office.chat(None).await.ticket;
    office.desk.join(&mara, ticket.id).await.unwrap();
    assert_eq!(told(&office, &mara).await, []);

    let visitor = office.visitor_of(&ticket);
    office
        .desk
        .post(&visitor, ticket.id, NewMessage::text("Still there?"), Speaker::Own)
        .await
        .unwrap();
    let urgent = TicketChanges {
        priority: Some(Priority::Urgent),
        ..TicketChanges::default()
    };
    office
        .desk
        .update_ticket(&office.admin, ticket.id, urgent)
        .await
        .unwrap();
    let low = TicketChanges {
        priority: Some(Priority::Low),
        ..TicketChanges::default()
    };
    office.desk.update_ticket(&office.admin, ticket.id, low).await.unwrap();
    office.desk.customer_disconnected(&visitor, ticket.id).await.unwrap();
    office.desk.close_own_ticket(&visitor, ticket.id).await.unwrap();
    assert_eq!(
        told(&office, &mara).await,
        [
            NotificationKind::NewMessage,
            NotificationKind::PriorityEscalation,
            NotificationKind::CustomerDisconnect,
            NotificationKind::TicketStatusChange,
        ]
    );
    office.desk.customer_disconnected(&visitor, ticket.id).await.unwrap();
    assert_eq!(
        told(&office, &mara).await.len(),
        4,
        "nobody waits for who left a closed ticket"
    );
}

#[tokio::test]
async fn supervisors_who_are_there_are_told_when_an_agent_goes() {
    let office = Office::open().await;
    let mara = office.agent("mara", Role::Agent, &[], 5).await;
    let supervisor = office.agent("sue", Role::Supervisor, &[], 5).await;
    office.desk.heartbeat(&mara, None).await.unwrap();
    office.desk.heartbeat(&supervisor, None).await.unwrap();
    office.desk.leave(&mara).await.unwrap();
    assert_eq!(told(&office, &supervisor).await, [NotificationKind::AgentOffline]);
    assert_eq!(unread(&office, &supervisor).await[0].message, "mara");
    assert_eq!(told(&office, &office.admin).await, [], "was not there either");
    assert_eq!(told(&office, &mara).await, []);
}

#[tokio::test]
async fn what_was_read_is_read_and_only_by_whom_it_was_told() {
    let office = Office::open().await;
    let mara = office.agent("mara", Role::Agent, &[], 5).await;
    let ticket = office.chat(None).await.ticket;
    office.desk.join(&mara, ticket.id).await.unwrap();
    let visitor = office.visitor_of(&ticket);
    for words in ["One", "Two", "Three"] {
        let message = NewMessage::text(words);
        office
            .desk
            .post(&visitor, ticket.id, message, Speaker::Own)
            .await
            .unwrap();
    }
    let all = unread(&office, &mara).await;
    assert_eq!(all.len(), 3);
    let first = all[2].id;
    let foreign = office.desk.mark_notification_read(&office.admin, first).await;
    assert!(matches!(foreign, Err(DeskError::NotFound)));

    let read = office.desk.mark_notification_read(&mara, first).await.unwrap();
    assert!(read.read_at.is_some());
    let again = office.desk.mark_notification_read(&mara, first).await.unwrap();
    assert_eq!(again, read);
    assert_eq!(unread(&office, &mara).await.len(), 2);

    let mut marked = office.desk.mark_all_notifications_read(&mara).await.unwrap();
    marked.sort();
    assert_eq!(marked, [all[1].id, all[0].id]);
    assert_eq!(unread(&office, &mara).await, []);
    assert_eq!(office.desk.mark_all_notifications_read(&mara).await.unwrap(), []);

    let anyone = Scope::new(office.tenant.id, Actor::Anyone);
    let refused = office.desk.notifications(&anyone, false, 1).await;
    assert!(matches!(refused, Err(DeskError::Forbidden)));
}

#[tokio::test]
async fn the_journal_tells_each_of_what_they_alone_are_told() {
    let office = Office::open().await;
    let mara = office.agent("mara", Role::Agent, &[], 5).await;
    let ticket = office.chat(None).await.ticket;
    office.desk.join(&mara, ticket.id).await.unwrap();
    let mut feed = office.desk.feed().subscribe(office.tenant.id).await.unwrap();
    let visitor = office.visitor_of(&ticket);
    let message = NewMessage::text("Hello?");
    office
        .desk
        .post(&visitor, ticket.id, message, Speaker::Own)
        .await
        .unwrap();
    let read = office.desk.mark_all_notifications_read(&mara).await.unwrap();

    let mut heard = Vec::new();
    while heard.len() < 2 {
        let event = feed.events.recv().await.unwrap();
        if event.body.recipient().is_some() {
            heard.push(event);
        }
    }
    let recipient = Principal::Agent(id_of(&mara));
    assert_eq!(
        [&heard[0].body, &heard[1].body],
        [
            &EventBody::Notified {
                notification: read[0],
                recipient
            },
            &EventBody::NotificationsRead {
                recipient,
                notifications: read
            }
        ]
    );
    for event in &heard {
        assert!(mara.actor().agent().unwrap().hears(event));
        assert!(!office.admin.actor().agent().unwrap().hears(event));
    }
    let told = EventFilter {
        kind: Some("notified".to_owned()),
        ..EventFilter::default()
    };
    let events = &office.desk.stores().events;
    let stored = eventually(|| async {
        let stored = events.events(office.tenant.id, 0, &told, 100).await.unwrap();
        (!stored.is_empty()).then_some(stored)
    })
    .await;
    assert!(stored.iter().any(|event| event.seq == heard[0].seq));
    assert_eq!(office.ticket(ticket.id).await.state.status(), Status::Assigned);
}
