//! What office hours change for those who write and those who answer.

use support_core::{
    desk::{
        CallbackChanges, DepartmentChanges, NewCallback, NewMessage, Scope, SlaChanges, SlaTargetChanges, Speaker,
        TenantChanges,
    },
    model::{
        Actor, Availability, CallbackStatus, EventBody, NewOfficeHours, NewOpeningInterval, Priority, Role, SlaTargets,
        Status, Ticket, TicketId, Timestamp,
    },
    ports::EventFilter,
};

use crate::office::{Office, eventually, id_of};

/// A Tuesday, an hour and some before it opens.
const EARLY: &str = "2026-11-17T07:45:00Z";
const OPENING: &str = "2026-11-17T09:00:00Z";
const CLOSING: &str = "2026-11-17T18:00:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn hours(from: &str, to: &str) -> NewOfficeHours {
    NewOfficeHours {
        weekly: vec![NewOpeningInterval {
            day: "tuesday".into(),
            from: from.into(),
            to: to.into(),
        }],
        holidays: vec![],
    }
}

async fn set_hours(office: &Office, hours: Option<NewOfficeHours>) {
    let changes = TenantChanges {
        office_hours: Some(hours),
        ..TenantChanges::default()
    };
    let tenant = office.tenant.id;
    office.desk.update_tenant(&office.admin, tenant, changes).await.unwrap();
}

async fn early_office() -> Office {
    let office = Office::open().await;
    office.clock.set(at(EARLY));
    set_hours(&office, Some(hours("09:00", "18:00"))).await;
    office
}

/// Somebody who is there, but has no room or no wish for tickets.
async fn busy_agent(office: &Office) {
    let scope = office.available_agent("mara", &[], 5).await;
    office
        .desk
        .set_availability(&scope, id_of(&scope), Availability::Busy)
        .await
        .unwrap();
}

/// Moves on; whoever is there still is.
async fn passes(office: &Office, to: &str) {
    office.clock.set(at(to));
    let online = office.desk.online_agents(&office.admin).await.unwrap();
    for seen in online {
        let scope = Scope::new(office.tenant.id, Actor::Agent((&seen.agent).into()));
        office.desk.heartbeat(&scope, None).await.unwrap();
    }
    office.desk.sweep_presence().await.unwrap();
}

async fn status_of(office: &Office, ticket: &Ticket) -> Status {
    office.ticket(ticket.id).await.state.status()
}

async fn announcements(office: &Office, ticket: &Ticket) -> usize {
    let stores = office.desk.stores();
    let filter = EventFilter {
        ticket: Some(ticket.id),
        ..EventFilter::default()
    };
    let events = stores.events.events(office.tenant.id, 0, &filter, 1_000).await.unwrap();
    let is_announcement = |body: &EventBody| matches!(body, EventBody::AgentBecameAvailable { .. });
    events.iter().filter(|event| is_announcement(&event.body)).count()
}

#[tokio::test]
async fn outside_office_hours_nobody_is_there_for_customers() {
    let office = early_office().await;
    busy_agent(&office).await;
    let opened = office.chat(None).await;
    assert!(!opened.somebody_is_online);
    assert!(opened.ticket.is_offline);
    assert_eq!(opened.ticket.state.status(), Status::Waiting);
    let tenant = office.tenant.id;
    assert!(!office.desk.somebody_is_online(tenant, None).await.unwrap());
    passes(&office, OPENING).await;
    assert!(office.desk.somebody_is_online(tenant, None).await.unwrap());
    assert!(!office.chat(None).await.ticket.is_offline);
}

#[tokio::test]
async fn agents_who_are_there_early_are_given_tickets_all_the_same() {
    let office = early_office().await;
    let mara = office.available_agent("mara", &[], 1).await;
    let opened = office.chat(None).await;
    assert_eq!(opened.ticket.assignee(), Some(id_of(&mara)));
    assert!(!opened.somebody_is_online);
    let second = office.chat(None).await.ticket;
    assert_eq!((second.assignee(), second.state.status()), (None, Status::Waiting));
    let ben = office.available_agent("ben", &[], 1).await;
    eventually(|| async {
        office.desk.sweep_presence().await.unwrap();
        let assignee = office.ticket(second.id).await.assignee();
        Some(()).filter(|()| assignee == Some(id_of(&ben)))
    })
    .await;
    assert_eq!(announcements(&office, &second).await, 0);
}

#[tokio::test]
async fn at_opening_time_what_waits_is_open_and_visitors_are_told_once() {
    let office = early_office().await;
    busy_agent(&office).await;
    let ticket = office.chat(None).await.ticket;
    passes(&office, "2026-11-17T08:59:59Z").await;
    assert_eq!(status_of(&office, &ticket).await, Status::Waiting);
    assert_eq!(announcements(&office, &ticket).await, 0);
    for _ in 0..2 {
        passes(&office, OPENING).await;
        assert_eq!(status_of(&office, &ticket).await, Status::Open);
        assert_eq!(announcements(&office, &ticket).await, 1);
    }
}

#[tokio::test]
async fn at_closing_time_what_nobody_has_waits() {
    let office = early_office().await;
    busy_agent(&office).await;
    passes(&office, OPENING).await;
    let ticket = office.chat(None).await.ticket;
    assert_eq!(ticket.state.status(), Status::Open);
    passes(&office, CLOSING).await;
    assert_eq!(status_of(&office, &ticket).await, Status::Waiting);
    let visitor = office.visitor_of(&ticket);
    let posted = office
        .desk
        .post(&visitor, ticket.id, NewMessage::text("Anybody?"), Speaker::Own)
        .await
        .unwrap();
    assert!(posted.ticket.is_offline);
}

#[tokio::test]
async fn a_department_has_its_own_hours_or_the_tenants() {
    let office = early_office().await;
    let departments = office.desk.departments(&office.admin).await.unwrap();
    let sales = departments
        .iter()
        .find(|department| department.slug == "sales")
        .unwrap();
    let change = async |hours: Option<NewOfficeHours>| {
        let changes = DepartmentChanges {
            office_hours: Some(hours),
            ..DepartmentChanges::default()
        };
        let changed = office.desk.update_department(&office.admin, sales.id, changes).await;
        changed.unwrap().office_hours.is_some()
    };
    let scope = office.agent("mara", Role::Agent, &["sales", "technical"], 5).await;
    office.desk.heartbeat(&scope, None).await.unwrap();
    let agent = id_of(&scope);
    office
        .desk
        .set_availability(&scope, agent, Availability::Busy)
        .await
        .unwrap();
    assert!(change(Some(hours("07:00", "08:00"))).await);
    assert!(office.chat(Some("sales")).await.somebody_is_online);
    assert!(!office.chat(Some("technical")).await.somebody_is_online);
    passes(&office, OPENING).await;
    assert!(!office.chat(Some("sales")).await.somebody_is_online);
    assert!(office.chat(Some("technical")).await.somebody_is_online);
    assert!(!change(None).await);
    assert!(office.chat(Some("sales")).await.somebody_is_online);
}

#[tokio::test]
async fn a_callback_is_overdue_after_a_working_day_of_whoever_sees_to_it() {
    let office = early_office().await;
    let sales = office.desk.departments(&office.admin).await.unwrap();
    let sales = sales.iter().find(|department| department.slug == "sales").unwrap();
    let changes = DepartmentChanges {
        office_hours: Some(Some(hours("08:00", "20:00"))),
        ..DepartmentChanges::default()
    };
    office
        .desk
        .update_department(&office.admin, sales.id, changes)
        .await
        .unwrap();
    let ticket = office.chat(Some("sales")).await.ticket.id;
    let wish = async |number: &str, ticket: Option<TicketId>| {
        let new = NewCallback {
            contact_number: number.into(),
            ticket,
            ..NewCallback::default()
        };
        let requested = office.desk.request_callback(&office.admin, new).await.unwrap();
        requested.callback
    };
    let of_nobody = wish("+49 30 1000001", None).await;
    let of_sales = wish("+49 30 1000002", Some(ticket)).await;
    assert_eq!(of_nobody.overdue_at, Some(at("2026-11-17T17:00:00Z")));
    assert_eq!(of_sales.overdue_at, Some(at("2026-11-17T16:00:00Z")));
    let is_found = async |to: &str| {
        office.clock.set(at(to));
        office.desk.sweep_callbacks().await.unwrap();
        let mut found = Vec::new();
        for wish in [&of_nobody, &of_sales] {
            let callback = office.desk.callback(&office.admin, wish.id).await.unwrap().callback;
            found.push(callback.escalated_at.is_some());
        }
        found
    };
    assert_eq!(is_found("2026-11-17T15:59:59Z").await, [false, false]);
    assert_eq!(is_found("2026-11-17T16:00:00Z").await, [false, true]);
    let pending = office.desk.callback_statistics(&office.admin, 1).await.unwrap().pending;
    assert_eq!((pending.overdue, pending.by_age.iter().sum::<u64>()), (1, 2));
    assert_eq!(is_found("2026-11-17T17:00:00Z").await, [true, true]);
}

#[tokio::test]
async fn a_callback_that_is_tried_again_or_put_off_has_a_whole_working_day_anew() {
    let office = early_office().await;
    let new = NewCallback {
        contact_number: "+49 30 1000001".into(),
        ..NewCallback::default()
    };
    let callback = office.desk.request_callback(&office.admin, new).await.unwrap().callback;
    let change = async |changes: CallbackChanges| {
        let changed = office.desk.update_callback(&office.admin, callback.id, changes).await;
        changed.unwrap().callback
    };
    let to = |status| CallbackChanges {
        status: Some(status),
        ..CallbackChanges::default()
    };
    office.clock.set(at("2026-11-17T18:00:00Z"));
    office.desk.sweep_callbacks().await.unwrap();
    change(to(CallbackStatus::Failed)).await;
    let again = change(to(CallbackStatus::Pending)).await;
    let expected = (None, Some(at("2026-11-24T17:00:00Z")));
    assert_eq!((again.escalated_at, again.overdue_at), expected);
    let later = CallbackChanges {
        scheduled_at: Some(Some(at("2026-11-24T12:00:00Z"))),
        ..CallbackChanges::default()
    };
    assert_eq!(change(later).await.overdue_at, Some(at("2026-12-01T11:00:00Z")));
}

#[tokio::test]
async fn without_hours_it_is_always_open_again() {
    let office = early_office().await;
    busy_agent(&office).await;
    let ticket = office.chat(None).await.ticket;
    set_hours(&office, None).await;
    office.desk.sweep_presence().await.unwrap();
    assert_eq!(status_of(&office, &ticket).await, Status::Open);
}

#[tokio::test]
async fn promises_are_settled_in_part_and_removed() {
    let office = Office::open().await;
    let settle = async |sla: Option<SlaChanges>| {
        let changes = TenantChanges {
            sla: Some(sla),
            ..TenantChanges::default()
        };
        let tenant = office.tenant.id;
        let changed = office.desk.update_tenant(&office.admin, tenant, changes).await;
        changed.unwrap().settings.sla
    };
    let urgent = |changes: SlaTargetChanges| SlaChanges {
        targets: [("urgent".to_owned(), Some(changes))].into(),
        ..SlaChanges::default()
    };
    let answer = SlaTargetChanges {
        first_response_minutes: Some(Some(15)),
        ..SlaTargetChanges::default()
    };
    let solution = SlaTargetChanges {
        resolution_minutes: Some(Some(240)),
        ..SlaTargetChanges::default()
    };
    settle(Some(urgent(answer))).await;
    let settled = settle(Some(urgent(solution))).await;
    let expected = SlaTargets {
        first_response_minutes: Some(15),
        next_response_minutes: None,
        resolution_minutes: Some(240),
    };
    assert_eq!(settled.targets, [(Priority::Urgent, expected)].into());
    assert_eq!(settled.warn_percent, 80);
    let none = SlaTargetChanges {
        first_response_minutes: Some(None),
        resolution_minutes: Some(None),
        ..SlaTargetChanges::default()
    };
    assert_eq!(settle(Some(urgent(none))).await.targets, [].into());
    let warned = SlaChanges {
        warn_percent: Some(50),
        ..SlaChanges::default()
    };
    assert_eq!(settle(Some(warned)).await.warn_percent, 50);
    assert_eq!(settle(None).await.warn_percent, 80);
}
