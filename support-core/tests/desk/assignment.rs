use std::{collections::HashMap, pin::pin, sync::Arc, time::Duration};

use support_core::{
    desk::{AgentChanges, NewMessage, NewTicket, Scope, Speaker, Stores, TicketChanges},
    memory::MemoryStore,
    model::{Actor, Availability, Priority, Status, Ticket},
    testing::{Fault, FaultyStore},
};

use crate::office::{Office, at_once, eventually, id_of};

#[tokio::test]
async fn a_new_ticket_goes_to_whoever_is_there_and_available() {
    let office = Office::open().await;
    let mara = office.available_agent("mara", &[], 2).await;
    let opened = office.chat(None).await;
    assert_eq!(opened.ticket.assignee(), Some(id_of(&mara)));
    assert!(opened.somebody_is_online);
    assert_eq!(
        office.lines(opened.ticket.id).await,
        ["Hello?", "You are now talking to mara"]
    );
}

#[tokio::test]
async fn being_seen_is_not_enough_and_being_available_is_not_enough() {
    let office = Office::open().await;
    let seen = office.agent("seen", support_core::model::Role::Agent, &[], 2).await;
    office.desk.heartbeat(&seen, None).await.unwrap();
    let willing = office.agent("willing", support_core::model::Role::Agent, &[], 2).await;
    office
        .desk
        .set_availability(&willing, id_of(&willing), Availability::Available)
        .await
        .unwrap();
    let opened = office.chat(None).await;
    assert_eq!(opened.ticket.assignee(), None);
    assert!(!opened.somebody_is_online);
}

#[tokio::test]
async fn many_tickets_at_once_never_overfill_anybody() {
    let office = Office::open().await;
    for name in 0..10 {
        office.available_agent(&format!("agent{name}"), &[], 3).await;
    }
    let new = office.new_chat(None).await;
    let scope = Scope::new(office.tenant.id, Actor::Anyone);
    let opened = at_once((0..200).map(|_| office.desk.open_ticket(&scope, new.clone()))).await;
    let load = eventually(|| async {
        let mut load: HashMap<_, usize> = HashMap::new();
        for opened in &opened {
            if let Some(agent) = office.ticket(opened.ticket.id).await.assignee() {
                *load.entry(agent).or_default() += 1;
            }
        }
        assert!(load.values().all(|count| *count <= 3), "{load:?}");
        Some(load).filter(|load| load.values().sum::<usize>() == 30)
    })
    .await;
    assert_eq!(load.len(), 10);
}

#[tokio::test]
async fn what_waits_is_given_out_when_somebody_comes() {
    let office = Office::open().await;
    let waiting = office.chat(None).await.ticket;
    let mara = office.available_agent("mara", &[], 2).await;
    let ticket =
        eventually(|| async { Some(office.ticket(waiting.id).await).filter(|ticket| ticket.assignee().is_some()) })
            .await;
    assert_eq!(ticket.assignee(), Some(id_of(&mara)));
}

#[tokio::test]
async fn what_becomes_free_is_filled_again() {
    let office = Office::open().await;
    let mara = office.available_agent("mara", &[], 1).await;
    let (first, second) = (office.chat(None).await.ticket, office.chat(None).await.ticket);
    assert_eq!((first.assignee(), second.assignee()), (Some(id_of(&mara)), None));
    assert_eq!(
        second.state.status(),
        Status::Open,
        "somebody is there, but has no room"
    );
    let resolved = support_core::desk::TicketChanges {
        status: Some(Status::Resolved),
        ..Default::default()
    };
    office.desk.update_ticket(&mara, first.id, resolved).await.unwrap();
    eventually(|| async { office.ticket(second.id).await.assignee() }).await;
}

#[tokio::test]
async fn whoever_falls_silent_leaves_their_tickets_to_others() {
    let office = Office::open().await;
    let mara = office.available_agent("mara", &[], 2).await;
    let ticket = office.chat(None).await.ticket;
    assert_eq!(ticket.assignee(), Some(id_of(&mara)));
    office.clock.advance(Duration::from_secs(100));
    let ben = office.available_agent("ben", &[], 2).await;
    office.desk.sweep_presence().await.unwrap();
    assert_eq!(
        office.ticket(ticket.id).await.assignee(),
        Some(id_of(&mara)),
        "two minutes are not over"
    );
    office.clock.advance(Duration::from_secs(30));
    office.desk.sweep_presence().await.unwrap();
    assert_eq!(office.ticket(ticket.id).await.assignee(), Some(id_of(&ben)));
    assert!(
        office
            .lines(ticket.id)
            .await
            .contains(&"You are now talking to ben".to_owned())
    );
}

#[tokio::test]
async fn when_the_last_one_leaves_tickets_wait_and_customers_are_told() {
    let office = Office::open().await;
    let mara = office.available_agent("mara", &[], 2).await;
    let ticket = office.chat(None).await.ticket;
    office.desk.leave(&mara).await.unwrap();
    let ticket = office.ticket(ticket.id).await;
    assert_eq!((ticket.assignee(), ticket.state.status()), (None, Status::Waiting));
    let lines = office.lines(ticket.id).await;
    assert_eq!(lines.last().unwrap(), "Someone will be with you as soon as possible");
}

#[tokio::test]
async fn a_department_is_served_by_its_own_agents() {
    let office = Office::open().await;
    office.available_agent("sam", &["sales"], 5).await;
    let tess = office.available_agent("tess", &["technical"], 5).await;
    assert_eq!(
        office.chat(Some("technical")).await.ticket.assignee(),
        Some(id_of(&tess))
    );
    assert_eq!(office.chat(Some("finance")).await.ticket.assignee(), None);
}

/// Has a future begin, as a call whose caller goes away at once.
fn begin(call: impl Future) {
    let mut call = pin!(call);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(call.as_mut().poll(&mut context).is_pending());
}

#[tokio::test]
async fn whoever_goes_offline_and_hangs_up_leaves_their_tickets_to_others_all_the_same() {
    let office = Office::open().await;
    let mara = office.available_agent("mara", &[], 2).await;
    let ticket = office.chat(None).await.ticket;
    assert_eq!(ticket.assignee(), Some(id_of(&mara)));
    begin(office.desk.set_availability(&mara, id_of(&mara), Availability::Offline));
    eventually(|| async { office.ticket(ticket.id).await.assignee().is_none().then_some(()) }).await;
}

#[tokio::test]
async fn whoever_stops_working_here_leaves_their_tickets_even_if_the_admin_hangs_up() {
    let office = Office::open().await;
    let mara = office.available_agent("mara", &[], 2).await;
    let ticket = office.chat(None).await.ticket;
    begin(office.desk.deactivate_agent(&office.admin, id_of(&mara)));
    eventually(|| async { office.ticket(ticket.id).await.assignee().is_none().then_some(()) }).await;
}

#[tokio::test]
async fn going_offline_again_gives_away_what_a_fault_left_behind() {
    let store = Arc::new(FaultyStore::new(MemoryStore::new()));
    let office = Office::over(Stores::of(&store)).await;
    let mara = office.available_agent("mara", &[], 2).await;
    let ticket = office.chat(None).await.ticket;
    let go_offline = || office.desk.set_availability(&mara, id_of(&mara), Availability::Offline);
    store.fail_next("unfinished_tickets_of_agent", Fault::Before);
    go_offline().await.unwrap_err();
    go_offline().await.unwrap();
    assert_eq!(office.ticket(ticket.id).await.assignee(), None);
}

#[tokio::test]
async fn deactivating_again_gives_away_what_a_fault_left_behind() {
    let store = Arc::new(FaultyStore::new(MemoryStore::new()));
    let office = Office::over(Stores::of(&store)).await;
    let mara = office.available_agent("mara", &[], 2).await;
    let ticket = office.chat(None).await.ticket;
    let inactive = AgentChanges {
        is_active: Some(false),
        ..AgentChanges::default()
    };
    let deactivate = || office.desk.update_agent(&office.admin, id_of(&mara), inactive.clone());
    store.fail_next("unfinished_tickets_of_agent", Fault::Before);
    deactivate().await.unwrap_err();
    deactivate().await.unwrap();
    assert_eq!(office.ticket(ticket.id).await.assignee(), None);
}

#[tokio::test]
async fn a_fault_with_one_departure_does_not_hold_up_the_others() {
    let store = Arc::new(FaultyStore::new(MemoryStore::new()));
    let office = Office::over(Stores::of(&store)).await;
    let mara = office.available_agent("mara", &[], 1).await;
    let ben = office.available_agent("ben", &[], 1).await;
    let tickets = [office.chat(None).await.ticket.id, office.chat(None).await.ticket.id];
    office.clock.advance(Duration::from_secs(130));
    store.fail_next("unfinished_tickets_of_agent", Fault::Before);
    office.desk.sweep_presence().await.unwrap();
    let mut left = 0;
    for ticket in tickets {
        left += usize::from(office.ticket(ticket).await.assignee().is_none());
    }
    assert_eq!(left, 1, "one of {:?} and {:?} was seen to", id_of(&mara), id_of(&ben));
    office.desk.sweep_presence().await.unwrap();
    for ticket in tickets {
        assert_eq!(office.ticket(ticket).await.assignee(), None);
    }
}

#[tokio::test]
async fn a_long_queue_of_a_department_that_nobody_serves_does_not_hide_the_others() {
    let office = Office::open().await;
    let urgent = NewTicket {
        priority: Priority::Urgent,
        ..office.new_chat(Some("finance")).await
    };
    let anyone = Scope::new(office.tenant.id, Actor::Anyone);
    at_once((0..1_001).map(|_| office.desk.open_ticket(&anyone, urgent.clone()))).await;
    let unserved = office.chat(Some("finance")).await.ticket;
    let served = office.chat(Some("technical")).await.ticket;
    let tess = office.available_agent("tess", &["technical"], 5).await;
    office.desk.assign_waiting(office.tenant.id).await.unwrap();
    let assignee = eventually(|| async { office.ticket(served.id).await.assignee() }).await;
    assert_eq!(assignee, id_of(&tess));
    assert_eq!(office.ticket(unserved.id).await.assignee(), None);
}

#[tokio::test]
async fn the_most_urgent_and_of_those_the_oldest_is_given_out_first() {
    let office = Office::open().await;
    let anyone = Scope::new(office.tenant.id, Actor::Anyone);
    let mut waiting = Vec::new();
    for priority in [
        Priority::Low,
        Priority::Urgent,
        Priority::Normal,
        Priority::High,
        Priority::Urgent,
        Priority::Normal,
    ] {
        let new = NewTicket {
            priority,
            ..office.new_chat(None).await
        };
        waiting.push(office.desk.open_ticket(&anyone, new).await.unwrap().ticket.id);
        office.clock.advance(Duration::from_secs(1));
    }
    let mara = office.available_agent("mara", &[], 1).await;
    let mut order = Vec::new();
    for _ in &waiting {
        let given = eventually(|| async {
            for (place, ticket) in waiting.iter().enumerate() {
                let ticket = office.ticket(*ticket).await;
                if ticket.state.status() == Status::Assigned && ticket.assignee() == Some(id_of(&mara)) {
                    return Some((place, ticket));
                }
            }
            None
        });
        let (place, ticket): (usize, Ticket) = given.await;
        order.push(place);
        let resolved = TicketChanges {
            status: Some(Status::Resolved),
            ..TicketChanges::default()
        };
        office.desk.update_ticket(&mara, ticket.id, resolved).await.unwrap();
    }
    assert_eq!(order, [1, 4, 3, 2, 5, 0]);
}

#[tokio::test]
async fn skills_are_needed_and_languages_welcome() {
    let office = Office::open().await;
    let anyone = Scope::new(office.tenant.id, Actor::Anyone);
    let mut people = Vec::new();
    for (name, skills, languages) in [
        ("mara", vec!["billing"], vec!["de"]),
        ("ben", vec!["billing", "refunds"], vec!["en"]),
        ("cleo", vec!["billing", "refunds"], vec!["pt-PT"]),
    ] {
        let scope = office.available_agent(name, &[], 5).await;
        let words = |words: Vec<&str>| Some(words.into_iter().map(str::to_owned).collect());
        let changes = AgentChanges {
            skills: words(skills),
            languages: words(languages),
            ..AgentChanges::default()
        };
        office
            .desk
            .update_agent(&office.admin, id_of(&scope), changes)
            .await
            .unwrap();
        people.push(id_of(&scope));
    }
    let ask = async |skills: &[&str], languages: &[&str]| {
        let new = NewTicket {
            required_skills: skills.iter().map(|skill| (*skill).to_owned()).collect(),
            languages: languages.iter().map(|language| (*language).to_owned()).collect(),
            ..office.new_chat(None).await
        };
        office.desk.open_ticket(&anyone, new).await.unwrap().ticket
    };
    assert_eq!(ask(&["refunds"], &["pt-BR"]).await.assignee(), Some(people[2]));
    assert_eq!(ask(&["billing"], &["DE-at"]).await.assignee(), Some(people[0]));
    let unserved = ask(&["billing", "taxes"], &[]).await;
    assert_eq!((unserved.assignee(), unserved.state.status()), (None, Status::Open));

    let changes = TicketChanges {
        skills: Some(vec![" refunds ".to_owned()]),
        languages: Some(vec!["en-US".to_owned()]),
        ..TicketChanges::default()
    };
    office
        .desk
        .update_ticket(&office.admin, unserved.id, changes)
        .await
        .unwrap();
    let assignee = eventually(|| async { office.ticket(unserved.id).await.assignee() }).await;
    assert_eq!(assignee, people[1]);
    let lines = office.lines(unserved.id).await;
    assert!(lines.contains(&"Needed skills: refunds".to_owned()), "{lines:?}");
}

#[tokio::test]
async fn those_who_could_be_given_a_ticket_are_named_in_the_order_of_the_choice() {
    let office = Office::open().await;
    let mara = office.available_agent("mara", &["technical"], 2).await;
    office.chat(Some("technical")).await;
    let ben = office.available_agent("ben", &["technical"], 2).await;
    office.available_agent("sam", &["sales"], 2).await;
    office
        .agent("nora", support_core::model::Role::Agent, &["technical"], 2)
        .await;
    let named = async |department: Option<&str>, skills: &[String]| {
        let found = office
            .desk
            .available_agents(&mara, department, skills, &[])
            .await
            .unwrap();
        found
            .into_iter()
            .map(|candidate| candidate.agent.name)
            .collect::<Vec<_>>()
    };
    assert_eq!(named(Some("technical"), &[]).await, ["ben", "mara"]);
    assert_eq!(named(None, &[]).await.len(), 3);
    assert_eq!(named(None, &["taxes".to_owned()]).await, Vec::<String>::new());
    let unknown = office.desk.available_agents(&ben, Some("nowhere"), &[], &[]).await;
    unknown.unwrap_err();
    let anyone = Scope::new(office.tenant.id, Actor::Anyone);
    office.desk.available_agents(&anyone, None, &[], &[]).await.unwrap_err();
}

async fn resolve_and_reply(office: &Office, agent: &Scope, ticket: &Ticket, away: impl AsyncFn()) -> Ticket {
    let resolved = TicketChanges {
        status: Some(Status::Resolved),
        ..TicketChanges::default()
    };
    office.desk.update_ticket(agent, ticket.id, resolved).await.unwrap();
    away().await;
    let words = NewMessage::text("Still broken");
    let visitor = office.visitor_of(ticket);
    office
        .desk
        .post(&visitor, ticket.id, words, Speaker::Own)
        .await
        .unwrap()
        .ticket
}

#[tokio::test]
async fn a_resolved_ticket_goes_back_to_its_agent_unless_only_others_are_there() {
    let office = Office::open().await;
    let mara = office.available_agent("mara", &[], 2).await;
    let ticket = office.chat(None).await.ticket;
    let busy = async || {
        office
            .desk
            .set_availability(&mara, id_of(&mara), Availability::Busy)
            .await
            .unwrap();
    };
    let back = resolve_and_reply(&office, &mara, &ticket, busy).await;
    assert_eq!(back.assignee(), Some(id_of(&mara)));
    let gone = async || drop(office.desk.leave(&mara).await.unwrap());
    let back = resolve_and_reply(&office, &mara, &ticket, gone).await;
    assert_eq!(back.assignee(), Some(id_of(&mara)), "nobody could see to it sooner");
    let ben = office.available_agent("ben", &[], 2).await;
    let left = resolve_and_reply(&office, &mara, &ticket, async || ()).await;
    assert_ne!(left.assignee(), Some(id_of(&mara)));
    let assignee = eventually(|| async { office.ticket(ticket.id).await.assignee() }).await;
    assert_eq!(assignee, id_of(&ben));
}

#[tokio::test]
async fn two_admins_who_dismiss_each_other_at_once_leave_one() {
    for _ in 0..20 {
        let office = Office::open().await;
        let other = office.agent("olga", support_core::model::Role::Admin, &[], 2).await;
        let dismissing = [(&office.admin, id_of(&other)), (&other, id_of(&office.admin))].map(|(by, whom)| {
            let (desk, by) = (office.desk.clone(), by.clone());
            tokio::spawn(async move { desk.deactivate_agent(&by, whom).await })
        });
        let mut dismissed = 0;
        for one in dismissing {
            match one.await.unwrap() {
                Ok(_) => dismissed += 1,
                Err(error) => assert_eq!(error.to_string(), "the last admin has to stay"),
            }
        }
        assert_eq!(dismissed, 1);
    }
}
