//! Every step from every state, against the table of the domain written out.

use std::collections::BTreeSet;

use support_core::model::{
    AgentId, Assignment, Closing, InvalidTransition,
    Office::{self, Empty, Staffed},
    Resolution,
    Status::{self, Assigned, Closed, Open, Pending, Resolved, Waiting},
    TicketState, Timestamp,
};
use uuid::Uuid;

const AGENT: AgentId = AgentId::new(Uuid::from_u128(1));
const OTHER: AgentId = AgentId::new(Uuid::from_u128(2));

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn held() -> Assignment {
    Assignment {
        agent: AGENT,
        at: at(1),
    }
}

fn taken() -> Assignment {
    Assignment {
        agent: OTHER,
        at: at(5),
    }
}

fn resolution() -> Resolution {
    Resolution {
        at: at(2),
        by: Some(AGENT),
        notes: Some("Sent anew".to_owned()),
    }
}

fn closing() -> Closing {
    Closing {
        at: at(3),
        by: Some(AGENT),
    }
}

/// Every state with and without what may belong to it.
fn states() -> Vec<TicketState> {
    let mut all = vec![TicketState::Open, TicketState::Waiting, TicketState::Assigned(held())];
    for assignment in [None, Some(held())] {
        all.push(TicketState::Pending(assignment));
        all.push(TicketState::Resolved(assignment, resolution()));
        all.push(TicketState::Closed(assignment, None, closing()));
        all.push(TicketState::Closed(assignment, Some(resolution()), closing()));
    }
    all
}

type Step = (
    &'static str,
    Box<dyn Fn(TicketState) -> Result<TicketState, InvalidTransition>>,
);

fn steps() -> Vec<Step> {
    let mut all: Vec<Step> = vec![
        ("assign", Box::new(|state| state.assign(taken()))),
        ("wait", Box::new(TicketState::wait)),
        ("stop waiting", Box::new(TicketState::stop_waiting)),
        ("pend", Box::new(TicketState::pend)),
        ("resume", Box::new(|state| state.resume(taken()))),
        ("resolve", Box::new(|state| state.resolve(resolution()))),
        ("close", Box::new(|state| state.close(closing()))),
    ];
    for office in [Staffed, Empty] {
        all.push(("unassign", Box::new(move |state| state.unassign(office))));
        for is_active in [true, false] {
            all.push(("reopen", Box::new(move |state| state.reopen(is_active, office))));
            all.push((
                "customer wrote",
                Box::new(move |state| state.customer_wrote(is_active, office)),
            ));
        }
    }
    all
}

/// The table of the domain: from where, to where.
const TABLE: [(Status, &[Status]); 6] = [
    (Open, &[Waiting, Assigned, Pending, Resolved, Closed]),
    (Waiting, &[Open, Assigned, Pending, Resolved, Closed]),
    (Assigned, &[Open, Waiting, Assigned, Pending, Resolved, Closed]),
    (Pending, &[Open, Waiting, Assigned, Resolved, Closed]),
    (Resolved, &[Open, Waiting, Assigned, Closed]),
    (Closed, &[Open, Assigned]),
];

#[test]
fn the_steps_lead_where_the_table_says_and_nowhere_else() {
    let mut reached = BTreeSet::new();
    for state in states() {
        for (step, take) in steps() {
            let from = state.status();
            if let Ok(to) = take(state.clone()) {
                let stays = from == to.status() && matches!(step, "customer wrote" | "assign");
                if !stays || from == Assigned {
                    reached.insert((from, to.status()));
                }
            }
        }
    }
    let table = TABLE
        .iter()
        .flat_map(|(from, to)| to.iter().map(move |to| (*from, *to)));
    assert_eq!(reached, table.collect());
}

/// What each step does, by the status it is taken from; `None` is a refusal.
fn expected(step: &str, from: &TicketState, office: Office, is_active: bool) -> Option<Status> {
    let nobodys = if office == Staffed { Open } else { Waiting };
    let has_agent = from.assignment().is_some();
    let again = if has_agent && is_active { Assigned } else { nobodys };
    match (step, from.status()) {
        ("assign", Open | Waiting | Assigned) | ("resume", Pending) => Some(Assigned),
        ("assign", Pending) | ("pend", Open | Waiting | Assigned) => Some(Pending),
        ("unassign", Assigned | Pending) => Some(nobodys),
        ("wait", Open) => Some(Waiting),
        ("stop waiting", Waiting) => Some(Open),
        ("resolve", Open | Waiting | Assigned | Pending) => Some(Resolved),
        ("close", Open | Waiting | Assigned | Pending | Resolved) => Some(Closed),
        ("reopen", Closed) if again == Waiting => Some(Open),
        ("reopen", Resolved | Closed) | ("customer wrote", Resolved) => Some(again),
        ("customer wrote", Open) => Some(nobodys),
        ("customer wrote", Waiting) => Some(Waiting),
        ("customer wrote", Assigned) => Some(Assigned),
        ("customer wrote", Pending) => Some(if has_agent { Assigned } else { nobodys }),
        _ => None,
    }
}

#[test]
fn each_step_from_each_state_does_what_its_rule_says() {
    for state in states() {
        for office in [Staffed, Empty] {
            for is_active in [true, false] {
                let taken: [Step; 9] = [
                    ("assign", Box::new(|state| state.assign(taken()))),
                    ("unassign", Box::new(move |state| state.unassign(office))),
                    ("wait", Box::new(TicketState::wait)),
                    ("stop waiting", Box::new(TicketState::stop_waiting)),
                    ("pend", Box::new(TicketState::pend)),
                    ("resume", Box::new(|state| state.resume(taken()))),
                    ("resolve", Box::new(|state| state.resolve(resolution()))),
                    ("close", Box::new(|state| state.close(closing()))),
                    ("reopen", Box::new(move |state| state.reopen(is_active, office))),
                ];
                let wrote: Step = (
                    "customer wrote",
                    Box::new(move |state| state.customer_wrote(is_active, office)),
                );
                for (step, take) in taken.into_iter().chain([wrote]) {
                    let became = take(state.clone()).ok().map(|state| state.status());
                    let wanted = expected(step, &state, office, is_active);
                    assert_eq!(became, wanted, "{step} from {state:?}, {office:?}, active: {is_active}");
                }
            }
        }
    }
}

#[test]
fn a_refusal_names_where_the_ticket_stands_and_where_it_was_to_go() {
    let refused = TicketState::Closed(None, None, closing())
        .resolve(resolution())
        .unwrap_err();
    assert_eq!((refused.from, refused.attempted), (Closed, Resolved));
    assert_eq!(refused.to_string(), "a ticket that is closed can't become resolved");
    for state in states() {
        for (step, take) in steps() {
            if let Err(refused) = take(state.clone()) {
                assert_eq!(refused.from, state.status(), "{step}");
            }
        }
    }
}

#[test]
fn stamps_are_set_on_the_way_in_and_cleared_on_reopening() {
    let resolved = TicketState::Assigned(held()).resolve(resolution()).unwrap();
    assert_eq!(resolved.resolution(), Some(&resolution()));
    assert_eq!((resolved.assignment(), resolved.closing()), (Some(held()), None));
    let closed = resolved.close(closing()).unwrap();
    assert_eq!(closed.resolution(), Some(&resolution()), "it was resolved before");
    assert_eq!((closed.assignment(), closed.closing()), (Some(held()), Some(closing())));
    let reopened = closed.reopen(true, Empty).unwrap();
    assert_eq!(reopened, TicketState::Assigned(held()), "whoever had it has it again");
    assert_eq!((reopened.resolution(), reopened.closing()), (None, None));
}

#[test]
fn a_pending_ticket_keeps_its_agent_until_it_gets_another() {
    let pending = TicketState::Assigned(held()).pend().unwrap();
    assert_eq!(pending.clone().resume(taken()), Ok(TicketState::Assigned(held())));
    assert_eq!(pending.assign(taken()), Ok(TicketState::Pending(Some(taken()))));
    assert_eq!(
        TicketState::Pending(None).resume(taken()),
        Ok(TicketState::Assigned(taken()))
    );
    assert_eq!(
        TicketState::Assigned(held()).assign(taken()),
        Ok(TicketState::Assigned(taken()))
    );
}
