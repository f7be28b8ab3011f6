use std::{sync::Arc, time::Duration};

use support_core::{
    desk::{NewMessage, Scope, Speaker, Stores, TenantChanges, TicketChanges},
    memory::MemoryStore,
    model::{AgentId, AssignmentSettings, EventBody, MessageKind, Priority, Status, TenantSettings, TicketId},
    ports::EventFilter,
    testing::{Fault, FaultyStore},
};

use crate::office::{Office, eventually, id_of};

const TIMEOUT: Duration = Duration::from_secs(60);

impl Office {
    async fn set_assignment(&self, assignment: AssignmentSettings) {
        let settings = TenantSettings {
            assignment,
            ..self.tenant.settings.clone()
        };
        let changes = TenantChanges {
            settings: Some(settings),
            ..TenantChanges::default()
        };
        let changed = self.desk.update_tenant(&self.admin, self.tenant.id, changes).await;
        changed.unwrap();
    }

    async fn ask_for_acceptance(&self) {
        self.set_assignment(AssignmentSettings {
            automatic: true,
            accept_timeout_seconds: Some(60),
        })
        .await;
    }

    /// Time goes by, in which everybody goes on giving signs of life.
    async fn pass(&self, time: Duration, present: &[&Scope]) {
        self.clock.advance(time);
        for scope in present {
            self.desk.heartbeat(scope, None).await.unwrap();
        }
        self.desk.sweep_acceptance().await.unwrap();
    }

    async fn has(&self, ticket: TicketId) -> Option<AgentId> {
        self.ticket(ticket).await.assignee()
    }

    async fn passed_over(&self) -> Vec<AgentId> {
        let everything = EventFilter::default();
        let read = self.desk.stores().events.events(self.tenant.id, 0, &everything, 10_000);
        let events = read.await.unwrap();
        let agents = events.into_iter().filter_map(|event| match event.body {
            EventBody::TicketPassedOver { agent, .. } => Some(agent),
            _ => None,
        });
        agents.collect()
    }
}

#[tokio::test]
async fn what_is_not_taken_up_goes_to_the_next_and_the_customer_is_told_once() {
    let office = Office::open().await;
    office.ask_for_acceptance().await;
    let mara = office.available_agent("mara", &[], 2).await;
    let ticket = office.chat(None).await.ticket.id;
    let ben = office.available_agent("ben", &[], 2).await;
    office.pass(TIMEOUT - Duration::from_secs(1), &[&mara, &ben]).await;
    assert_eq!(office.has(ticket).await, Some(id_of(&mara)), "there is still time");
    office.pass(Duration::from_secs(1), &[&mara, &ben]).await;
    assert_eq!(office.has(ticket).await, Some(id_of(&ben)));
    let thread = office.thread(ticket).await;
    let told: Vec<_> = thread
        .iter()
        .skip(2)
        .map(|message| (message.content.as_str(), message.kind == MessageKind::Note))
        .collect();
    assert_eq!(
        told,
        [("mara did not take it up", true), ("You are now talking to ben", false)]
    );
    assert_eq!(office.passed_over().await, [id_of(&mara)]);
    let notifications = &office.desk.stores().notifications;
    let recipient = support_core::model::Principal::Agent(id_of(&mara));
    let read = notifications.notifications(office.tenant.id, recipient, false, 10);
    let titles: Vec<_> = read.await.unwrap().into_iter().map(|one| one.title).collect();
    assert!(
        titles.contains(&"A ticket went on, since you did not take it up".to_owned()),
        "{titles:?}"
    );
}

#[tokio::test]
async fn an_answer_a_note_a_join_or_a_change_takes_a_ticket_up() {
    let office = Office::open().await;
    office.ask_for_acceptance().await;
    let mara = office.available_agent("mara", &[], 9).await;
    let mut taken_up = Vec::new();
    for way in 0..5 {
        let ticket = office.chat(None).await.ticket.id;
        let own = Speaker::Own;
        match way {
            0 => drop(
                office
                    .desk
                    .post(&mara, ticket, NewMessage::text("Hi"), own)
                    .await
                    .unwrap(),
            ),
            1 => {
                let note = NewMessage {
                    is_note: true,
                    ..NewMessage::text("on it")
                };
                office.desk.post(&mara, ticket, note, own).await.unwrap();
            }
            2 => drop(office.desk.join(&mara, ticket).await.unwrap()),
            3 => {
                let changes = TicketChanges {
                    priority: Some(Priority::High),
                    ..TicketChanges::default()
                };
                office.desk.update_ticket(&mara, ticket, changes).await.unwrap();
            }
            _ => {
                let changes = TicketChanges {
                    status: Some(Status::Pending),
                    ..TicketChanges::default()
                };
                office.desk.update_ticket(&office.admin, ticket, changes).await.unwrap();
            }
        }
        assert_eq!(office.ticket(ticket).await.accept_by, None, "way {way}");
        taken_up.push(ticket);
    }
    let ben = office.available_agent("ben", &[], 9).await;
    office.pass(TIMEOUT * 2, &[&mara, &ben]).await;
    for ticket in taken_up {
        assert_eq!(office.has(ticket).await, Some(id_of(&mara)));
    }
}

#[tokio::test]
async fn neither_reading_nor_somebody_elses_note_nor_the_customers_words_take_a_ticket_up() {
    let office = Office::open().await;
    office.ask_for_acceptance().await;
    let mara = office.available_agent("mara", &[], 2).await;
    let ticket = office.chat(None).await.ticket;
    office.desk.mark_read(&mara, ticket.id, 1).await.unwrap();
    let note = NewMessage {
        is_note: true,
        ..NewMessage::text("who has this?")
    };
    office
        .desk
        .post(&office.admin, ticket.id, note, Speaker::Own)
        .await
        .unwrap();
    let visitor = office.visitor_of(&ticket);
    let words = NewMessage::text("Anybody?");
    office
        .desk
        .post(&visitor, ticket.id, words, Speaker::Own)
        .await
        .unwrap();
    let ben = office.available_agent("ben", &[], 2).await;
    office.pass(TIMEOUT, &[&mara, &ben]).await;
    assert_eq!(office.has(ticket.id).await, Some(id_of(&ben)));
}

#[tokio::test]
async fn each_is_asked_once_in_a_round_and_after_a_pause_all_are_asked_anew() {
    let office = Office::open().await;
    office.ask_for_acceptance().await;
    let mara = office.available_agent("mara", &[], 2).await;
    let ticket = office.chat(None).await.ticket.id;
    let ben = office.available_agent("ben", &[], 2).await;
    office.pass(TIMEOUT, &[&mara, &ben]).await;
    assert_eq!(office.has(ticket).await, Some(id_of(&ben)));
    office.pass(TIMEOUT, &[&mara, &ben]).await;
    let stands = office.ticket(ticket).await;
    assert_eq!((stands.assignee(), stands.state.status()), (None, Status::Open));
    assert_eq!(stands.passed_over, [id_of(&mara), id_of(&ben)]);
    office.desk.assign_waiting(office.tenant.id).await.unwrap();
    assert_eq!(office.has(ticket).await, None, "both have let it pass");

    office.pass(TIMEOUT, &[&mara, &ben]).await;
    eventually(|| office.has(ticket)).await;
    assert_eq!(office.passed_over().await, [id_of(&mara), id_of(&ben)]);
    let stands = office.ticket(ticket).await;
    assert_eq!(stands.passed_over, []);
    assert!(stands.accept_by.is_some(), "another round");
}

#[tokio::test]
async fn whoever_comes_in_the_pause_is_asked_at_once() {
    let office = Office::open().await;
    office.ask_for_acceptance().await;
    let mara = office.available_agent("mara", &[], 2).await;
    let ticket = office.chat(None).await.ticket.id;
    office.pass(TIMEOUT, &[&mara]).await;
    assert_eq!(office.has(ticket).await, None);
    let ben = office.available_agent("ben", &[], 2).await;
    assert_eq!(eventually(|| office.has(ticket)).await, id_of(&ben));
}

#[tokio::test]
async fn an_answer_ends_the_round() {
    let office = Office::open().await;
    office.ask_for_acceptance().await;
    let mara = office.available_agent("mara", &[], 2).await;
    let ticket = office.chat(None).await.ticket.id;
    let ben = office.available_agent("ben", &[], 2).await;
    office.pass(TIMEOUT, &[&mara, &ben]).await;
    let words = NewMessage::text("Hello from Ben");
    office.desk.post(&ben, ticket, words, Speaker::Own).await.unwrap();
    let stands = office.ticket(ticket).await;
    assert_eq!((stands.passed_over.as_slice(), stands.accept_by), ([].as_slice(), None));
    office.desk.leave(&ben).await.unwrap();
    assert_eq!(office.has(ticket).await, Some(id_of(&mara)), "mara may be asked again");
}

#[tokio::test]
async fn what_a_person_chose_or_nobody_is_asked_for_stays_where_it_is() {
    let office = Office::open().await;
    let mara = office.available_agent("mara", &[], 2).await;
    let before = office.chat(None).await.ticket.id;
    office.ask_for_acceptance().await;
    let given = office.chat(None).await.ticket.id;
    let ben = office.available_agent("ben", &[], 2).await;
    let changes = TicketChanges {
        assignee: Some(Some(id_of(&ben))),
        ..TicketChanges::default()
    };
    office.desk.update_ticket(&office.admin, given, changes).await.unwrap();
    office.pass(TIMEOUT * 3, &[&mara, &ben]).await;
    assert_eq!(office.has(before).await, Some(id_of(&mara)));
    assert_eq!(office.has(given).await, Some(id_of(&ben)));
}

#[tokio::test]
async fn nothing_goes_on_once_the_tenant_stops_asking() {
    let office = Office::open().await;
    office.ask_for_acceptance().await;
    let mara = office.available_agent("mara", &[], 2).await;
    let ticket = office.chat(None).await.ticket.id;
    let ben = office.available_agent("ben", &[], 2).await;
    office.set_assignment(AssignmentSettings::default()).await;
    office.pass(TIMEOUT, &[&mara, &ben]).await;
    let stands = office.ticket(ticket).await;
    assert_eq!((stands.assignee(), stands.accept_by), (Some(id_of(&mara)), None));
}

#[tokio::test]
async fn many_nodes_that_find_it_at_once_pass_it_on_once() {
    let store = Arc::new(FaultyStore::new(MemoryStore::new()));
    let office = Office::over(Stores::of(&store)).await;
    office.ask_for_acceptance().await;
    let mara = office.available_agent("mara", &[], 2).await;
    let ticket = office.chat(None).await.ticket.id;
    for name in ["ben", "cleo", "dana"] {
        office.available_agent(name, &[], 2).await;
    }
    office.clock.advance(TIMEOUT);
    // What a node leaves undone that dies in the middle is found by the next.
    store.fail_next("commit", Fault::Before);
    office.desk.sweep_acceptance().await.unwrap();
    assert_eq!(office.has(ticket).await, Some(id_of(&mara)));
    let nodes: Vec<_> = (0..8)
        .map(|_| {
            let desk = support_core::desk::Desk::builder_over(Stores::of(&store))
                .clock(crate::office::SharedClock(Arc::clone(&office.clock)))
                .build();
            tokio::spawn(async move { desk.sweep_acceptance().await })
        })
        .collect();
    for node in nodes {
        node.await.unwrap().unwrap();
    }
    assert_eq!(office.passed_over().await, [id_of(&mara)]);
    let greetings = office.lines(ticket).await;
    let greetings = greetings.iter().filter(|line| line.starts_with("You are now"));
    assert_eq!(greetings.count(), 2, "mara's and the next one's");
}
