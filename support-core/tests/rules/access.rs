//! Who sees a ticket and who hears of an event, for every actor there is.

use std::sync::Arc;

use support_core::{
    model::{
        ActingAgent, Actor, ActorRef, ApiKeyId, ApiScope, Assignment, Audience, Customer, DepartmentId, Event,
        EventBody, InboxId, Message, MessageKind, Principal, Requester, Role, Sender, Status, Ticket, TicketId,
        TicketState, Visibility, customer_hears, requester_hears,
    },
    testing::Samples,
};
use uuid::Uuid;

const HOME: DepartmentId = DepartmentId::new(Uuid::from_u128(1));
const AWAY: DepartmentId = DepartmentId::new(Uuid::from_u128(2));

fn acting(samples: &Samples, role: Role) -> ActingAgent {
    let mut agent = ActingAgent::from(&samples.agent());
    agent.role = role;
    agent.departments = vec![HOME];
    agent
}

fn ticket(samples: &Samples, assignee: Option<&ActingAgent>, department: Option<DepartmentId>) -> Ticket {
    let at = samples.later();
    let held = assignee.map(|agent| TicketState::Assigned(Assignment { agent: agent.id, at }));
    Ticket {
        state: held.unwrap_or(TicketState::Open),
        department,
        ..samples.ticket(InboxId::new(Uuid::from_u128(9)))
    }
}

#[test]
fn agents_see_their_own_their_teams_and_what_they_could_take() {
    let samples = Samples::new();
    let (agent, other) = (acting(&samples, Role::Agent), acting(&samples, Role::Agent));
    for (assignee, department, is_seen) in [
        (None, None, true),
        (None, Some(HOME), true),
        (None, Some(AWAY), false),
        (Some(&agent), None, true),
        (Some(&agent), Some(AWAY), true),
        (Some(&other), None, false),
        (Some(&other), Some(HOME), true),
        (Some(&other), Some(AWAY), false),
    ] {
        let ticket = ticket(&samples, assignee, department);
        assert_eq!(
            Actor::Agent(agent.clone()).sees(&ticket),
            is_seen,
            "{assignee:?} {department:?}"
        );
        for role in [Role::Supervisor, Role::Admin] {
            assert!(Actor::Agent(acting(&samples, role)).sees(&ticket), "{role}");
        }
        let operator = Actor::Agent(acting(&samples, Role::Platform));
        assert!(!operator.sees(&ticket));
    }
}

#[test]
fn requesters_see_their_own_and_nobody_elses() {
    let samples = Samples::new();
    let customer = samples.customer().id;
    let own = Ticket {
        requester: Requester::Customer(customer),
        ..ticket(&samples, None, None)
    };
    let strange = ticket(&samples, None, None);
    let visitor = |ticket: TicketId| Actor::Visitor {
        requester: strange.requester,
        ticket,
    };
    assert!(Actor::Customer(customer).sees(&own) && !Actor::Customer(customer).sees(&strange));
    assert!(visitor(strange.id).sees(&strange) && !visitor(strange.id).sees(&own));
    let stranger = Actor::Customer(samples.customer().id);
    for actor in [Actor::Anyone, Actor::Platform(samples.agent().id), stranger] {
        assert!(!actor.sees(&own) && !actor.sees(&strange), "{actor:?}");
    }
    for actor in [Actor::System, Actor::Bot] {
        assert!(actor.sees(&own) && actor.sees(&strange), "{actor:?}");
    }
}

#[test]
fn keys_may_do_what_their_scopes_say() {
    let key = |scopes: &[ApiScope]| Actor::ApiKey {
        id: ApiKeyId::new(Uuid::from_u128(3)),
        scopes: scopes.to_vec(),
    };
    for (scopes, agent, admin) in [
        (&[][..], false, false),
        (&[ApiScope::Customers], false, false),
        (&[ApiScope::Tickets], true, false),
        (&[ApiScope::Administration], true, true),
    ] {
        assert_eq!(key(scopes).is_at_least(Role::Agent), agent, "{scopes:?}");
        assert_eq!(key(scopes).is_at_least(Role::Admin), admin, "{scopes:?}");
        assert_eq!(
            key(scopes).sees(&ticket(&Samples::new(), None, None)),
            agent,
            "{scopes:?}"
        );
    }
}

#[test]
fn roles_include_those_below_and_operators_none() {
    let order = [Role::Agent, Role::Supervisor, Role::Admin];
    for (place, role) in order.iter().enumerate() {
        for (needed_place, needed) in order.iter().enumerate() {
            assert_eq!(role.includes(*needed), place >= needed_place, "{role} {needed}");
        }
        assert!(!role.includes(Role::Platform) && !Role::Platform.includes(*role));
    }
    assert!(Role::Platform.includes(Role::Platform));
}

fn event(ticket: &Ticket, visibility: Visibility, body: EventBody) -> Event {
    Event {
        seq: 1,
        at: ticket.created_at,
        actor: ActorRef::System,
        audience: Audience::of_ticket(ticket, visibility),
        body,
        message: None,
    }
}

#[test]
fn agents_hear_of_their_own_and_of_what_nobody_has() {
    let samples = Samples::new();
    let (agent, other) = (acting(&samples, Role::Agent), acting(&samples, Role::Agent));
    let boss = acting(&samples, Role::Supervisor);
    for (assignee, department, is_heard) in [
        (None, None, true),
        (None, Some(HOME), true),
        (None, Some(AWAY), false),
        (Some(&agent), Some(AWAY), true),
        (Some(&other), Some(HOME), false),
        (Some(&other), None, false),
    ] {
        let ticket = ticket(&samples, assignee, department);
        let tagged = event(
            &ticket,
            Visibility::Agents,
            EventBody::TicketTagged { ticket: ticket.id },
        );
        assert_eq!(agent.hears(&tagged), is_heard, "{assignee:?} {department:?}");
        assert!(boss.hears(&tagged));
        assert!(!acting(&samples, Role::Platform).hears(&tagged));
    }
}

#[test]
fn agents_hear_that_somebody_took_what_they_had_or_could_have_had() {
    let samples = Samples::new();
    let (agent, other) = (acting(&samples, Role::Agent), acting(&samples, Role::Agent));
    let taken = ticket(&samples, Some(&other), Some(HOME));
    let assigned = |from: Option<&ActingAgent>| EventBody::TicketAssigned {
        ticket: taken.id,
        from: from.map(|agent| agent.id),
        to: other.id,
        status: Status::Assigned,
    };
    let third = acting(&samples, Role::Agent);
    assert!(agent.hears(&event(&taken, Visibility::Customer, assigned(None))));
    let far = ticket(&samples, Some(&other), Some(AWAY));
    assert!(!agent.hears(&event(&far, Visibility::Customer, assigned(None))));
    assert!(agent.hears(&event(&far, Visibility::Customer, assigned(Some(&agent)))));
    assert!(!agent.hears(&event(&taken, Visibility::Customer, assigned(Some(&third)))));

    let moved = |from| EventBody::TicketMoved {
        ticket: taken.id,
        from,
        to: Some(AWAY),
    };
    let left = ticket(&samples, None, Some(AWAY));
    assert!(
        agent.hears(&event(&left, Visibility::Agents, moved(Some(HOME)))),
        "it left their team"
    );
    assert!(!agent.hears(&event(&left, Visibility::Agents, moved(Some(AWAY)))));
}

#[test]
fn what_admins_hear_is_for_admins() {
    let samples = Samples::new();
    let event = Event {
        audience: Audience::admins(),
        ..event(
            &ticket(&samples, None, None),
            Visibility::Admins,
            EventBody::LoginFailed,
        )
    };
    for (role, is_heard) in [
        (Role::Agent, false),
        (Role::Supervisor, false),
        (Role::Admin, true),
        (Role::Platform, false),
    ] {
        assert_eq!(acting(&samples, role).hears(&event), is_heard, "{role}");
    }
}

#[test]
fn customers_hear_public_words_of_all_their_tickets_and_what_is_told_to_them_alone() {
    let samples = Samples::new();
    let (ada, bob) = (samples.customer(), samples.customer());
    let of = |customer: &Customer| Ticket {
        requester: Requester::Customer(customer.id),
        ..ticket(&samples, None, None)
    };
    let (own, second, others, visitors) = (of(&ada), of(&ada), of(&bob), ticket(&samples, None, None));
    let said = |ticket: &Ticket, visibility, kind| {
        let message = Message {
            kind,
            ..samples.message(ticket.id, Sender::Agent(None))
        };
        let body = EventBody::MessagePosted {
            ticket: ticket.id,
            message: message.id,
        };
        Event {
            message: Some(Arc::new(message)),
            ..event(ticket, visibility, body)
        }
    };
    for (ticket, visibility, kind, is_heard) in [
        (&own, Visibility::Customer, MessageKind::Text, true),
        (&second, Visibility::Customer, MessageKind::SystemNotification, true),
        (&own, Visibility::Agents, MessageKind::Text, false),
        (&own, Visibility::Customer, MessageKind::Note, false),
        (&others, Visibility::Customer, MessageKind::Text, false),
        (&visitors, Visibility::Customer, MessageKind::Text, false),
    ] {
        assert_eq!(
            customer_hears(&said(ticket, visibility, kind), ada.id),
            is_heard,
            "{kind}"
        );
    }
    for (recipient, is_heard) in [
        (Principal::Customer(ada.id), true),
        (Principal::Customer(bob.id), false),
        (Principal::Agent(samples.agent().id), false),
    ] {
        let body = EventBody::Notified {
            notification: samples.notification(recipient).id,
            recipient,
        };
        assert_eq!(
            customer_hears(&event(&own, Visibility::Customer, body), ada.id),
            is_heard
        );
    }
}

#[test]
fn requesters_hear_public_words_of_their_own_ticket_only() {
    let samples = Samples::new();
    let (own, other) = (ticket(&samples, None, None), ticket(&samples, None, None));
    let said = |ticket: &Ticket, visibility, kind| {
        let message = Message {
            kind,
            ..samples.message(ticket.id, Sender::Agent(None))
        };
        let body = EventBody::MessagePosted {
            ticket: ticket.id,
            message: message.id,
        };
        Event {
            message: Some(Arc::new(message)),
            ..event(ticket, visibility, body)
        }
    };
    assert!(requester_hears(
        &said(&own, Visibility::Customer, MessageKind::Text),
        own.id
    ));
    assert!(!requester_hears(
        &said(&other, Visibility::Customer, MessageKind::Text),
        own.id
    ));
    assert!(!requester_hears(
        &said(&own, Visibility::Agents, MessageKind::Text),
        own.id
    ));
    let leaked = said(&own, Visibility::Customer, MessageKind::Note);
    assert!(
        !requester_hears(&leaked, own.id),
        "a note stays private even when misaddressed"
    );
}
