//! Statistics: what is measured of tickets and what they come to.

use std::{sync::Arc, time::Duration};

use chrono::NaiveDate;
use support_core::{
    change::{ChangeSet, Conflict, Policy, Rejected},
    desk::Scope,
    memory::MemoryStore,
    model::{
        AgentId, Alarm, Assignment, Calendar, Closing, DepartmentId, EventBody, FigureScope, MessageKind, Office,
        Priority, Promise, Resolution, Sender, SlaSettings, SlaTargets, Terms, Ticket, TicketState, Timestamp,
    },
    ports::{FigureGroup, FigureQuery, FigureReads, Store},
};

use crate::world::{ALL, Dice, World};

/// A tenant whose days begin in Berlin and that answers within an hour.
fn terms() -> Arc<Terms> {
    let within_an_hour = SlaTargets {
        first_response_minutes: Some(60),
        next_response_minutes: Some(60),
        resolution_minutes: Some(24 * 60),
    };
    Arc::new(Terms {
        calendars: Calendar::new(chrono_tz::Europe::Berlin, None).into(),
        sla: SlaSettings {
            targets: Priority::ALL
                .iter()
                .map(|priority| (*priority, within_an_hour))
                .collect(),
            ..SlaSettings::default()
        },
    })
}

/// The store under test beside one that keeps the model's rules by calling them.
struct Twins {
    world: World,
    reference: MemoryStore,
    now: Timestamp,
    policy: Policy,
}

impl Twins {
    async fn found(store: &Arc<dyn Store>) -> Self {
        let world = World::found(store).await;
        let reference = MemoryStore::new();
        let mut founding = world.change();
        let founded = support_core::model::Tenant {
            version: 0,
            ..world.tenant.clone()
        };
        founding.put_tenant(founded, EventBody::TenantSaved);
        founding.put_inbox(support_core::model::Inbox {
            version: 0,
            ..world.inbox.clone()
        });
        let founding = [world.seal(founding)];
        support_core::ports::CommitStore::commit(&reference, &founding)
            .await
            .unwrap();
        Self {
            world,
            reference,
            now: "2026-03-28T21:30:00Z".parse().unwrap(),
            policy: Policy {
                terms: terms(),
                ..Policy::default()
            },
        }
    }

    fn change(&mut self, later: Duration) -> ChangeSet {
        self.now = self.now.plus(later);
        ChangeSet::new(&Scope::system(self.world.id()), self.now)
    }

    async fn commit(&self, change: ChangeSet) {
        let batch = [change.seal_under(&self.policy, &self.world.samples.ids)];
        for store in [
            &*self.world.store as &dyn support_core::ports::CommitStore,
            &self.reference,
        ] {
            let outcomes = store.commit(&batch).await.unwrap();
            assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
        }
    }

    async fn ticket(&self, ticket: &Ticket) -> Ticket {
        self.world.ticket(ticket.id).await
    }

    async fn assert_alike(&self, tickets: &[Ticket], departments: &[DepartmentId], agents: &[AgentId]) {
        let (tenant, store) = (self.world.id(), &self.world.store);
        let (from, to): (NaiveDate, NaiveDate) = ("2026-03-01".parse().unwrap(), "2026-05-31".parse().unwrap());
        let departments = departments.iter().copied().map(Some).chain([None]);
        for department in departments {
            for agent in agents.iter().copied().map(Some).chain([None]) {
                let scope = FigureScope { department, agent };
                let groups = [
                    FigureGroup::One(scope),
                    FigureGroup::Counted(scope),
                    FigureGroup::EachDepartment(agent),
                    FigureGroup::EachAgent(department),
                ];
                for of in groups {
                    for (from, to) in [(from, to), (from, from + chrono::Days::new(29))] {
                        let query = FigureQuery { from, to, of };
                        let told = store.figures(tenant, query).await.unwrap();
                        let told = told.into_iter().filter(|(_, figures)| *figures != Default::default());
                        let expected = self.reference.figures(tenant, query).await.unwrap();
                        let expected = expected
                            .into_iter()
                            .filter(|(_, figures)| *figures != Default::default());
                        assert_eq!(told.collect::<Vec<_>>(), expected.collect::<Vec<_>>(), "{query:?}");
                    }
                }
                let span = (Timestamp::from_millis(0), self.now.plus(Duration::from_secs(1)));
                let best = store.top_rated_tickets(tenant, scope, span.0, span.1, 5).await.unwrap();
                let expected = self
                    .reference
                    .top_rated_tickets(tenant, scope, span.0, span.1, 5)
                    .await
                    .unwrap();
                assert_eq!(best, expected, "{scope:?}");
            }
        }
        for ticket in tickets {
            let told = store.measures(tenant, ticket.id).await.unwrap();
            assert_eq!(told, self.reference.measures(tenant, ticket.id).await.unwrap());
            let told = store.ratings(tenant, ticket.id).await.unwrap();
            assert_eq!(told, self.reference.ratings(tenant, ticket.id).await.unwrap());
        }
        let due = store.alarms_due(self.now, ALL).await.unwrap();
        assert_eq!(due, self.reference.alarms_due(self.now, ALL).await.unwrap());
        let yesterday = self.now.minus(Duration::from_secs(86_400));
        let resolved = store.resolved_since(tenant, yesterday).await.unwrap();
        assert_eq!(
            resolved,
            self.reference.resolved_since(tenant, yesterday).await.unwrap()
        );
    }
}

fn another_state(ticket: &Ticket, agent: AgentId, at: Timestamp, roll: u64) -> Option<TicketState> {
    let state = ticket.state.clone();
    let assignment = Assignment { agent, at };
    let resolution = Resolution {
        at,
        by: Some(agent),
        notes: None,
    };
    match roll {
        0 | 1 => state.assign(assignment).ok(),
        2 => state.pend().ok(),
        3 => state.resume(assignment).ok(),
        4 => state.resolve(resolution).ok(),
        5 => state.close(Closing { at, by: Some(agent) }).ok(),
        6 => state.reopen(true, Office::Staffed).ok(),
        _ => state.unassign(Office::Empty).ok(),
    }
}

/// Whatever happens to tickets, the figures, measures, alarms and ratings are those of the
/// model's own rules, for everybody, each department, each agent and each within the other.
pub async fn figures_are_those_of_the_models_rules(store: Arc<dyn Store>) {
    let mut twins = Twins::found(&store).await;
    let mut dice = Dice::new(7);
    let departments = [twins.world.samples.department().id, twins.world.samples.department().id];
    let agents = [twins.world.samples.agent().id, twins.world.samples.agent().id];
    let mut tickets: Vec<Ticket> = Vec::new();
    for round in 0..160 {
        let mut change = twins.change(Duration::from_secs(dice.roll(9_000)));
        let agent = agents[usize::try_from(dice.roll(2)).unwrap()];
        if tickets.len() < 3 || dice.roll(12) == 0 {
            let mut ticket = twins.world.samples.ticket(twins.world.inbox.id);
            ticket.created_at = twins.now;
            ticket.updated_at = twins.now;
            ticket.department =
                [None, Some(departments[0]), Some(departments[1])][usize::try_from(dice.roll(3)).unwrap()];
            change.open_ticket(ticket.clone());
            tickets.push(ticket);
        } else {
            let place = usize::try_from(dice.roll(u64::try_from(tickets.len()).unwrap())).unwrap();
            let mut ticket = twins.ticket(&tickets[place]).await;
            match dice.roll(10) {
                0..=5 => {
                    let sender = match dice.roll(8) {
                        0..=3 => Sender::Customer(ticket.requester),
                        4 | 5 => Sender::Agent(Some(agent)),
                        6 => Sender::Bot,
                        _ => Sender::Agent(None),
                    };
                    let mut message = twins.world.samples.message(ticket.id, sender);
                    message.created_at = twins.now;
                    if matches!(sender, Sender::Agent(_)) && dice.roll(4) == 0 {
                        message.kind = MessageKind::Note;
                    }
                    change.append(&ticket, message);
                }
                6 => {
                    ticket.department = Some(departments[usize::try_from(dice.roll(2)).unwrap()]);
                    ticket.priority = Priority::ALL[usize::try_from(dice.roll(4)).unwrap()];
                    change.update_ticket(ticket.clone(), [EventBody::TicketTagged { ticket: ticket.id }]);
                }
                7 => {
                    let stars = u8::try_from(dice.roll(5)).unwrap() + 1;
                    if let Ok(rated) = ticket.rate(stars, None, twins.now) {
                        let rating = rated.rating.clone().unwrap();
                        change.rate_ticket(rated, rating);
                    }
                }
                _ => {
                    let Some(state) = another_state(&ticket, agent, twins.now, dice.roll(8)) else {
                        continue;
                    };
                    if !ticket.state.status().is_unfinished() && state.status().is_unfinished() {
                        ticket.reopened_count += 1;
                    }
                    ticket.state = state;
                    change.update_ticket(ticket.clone(), [EventBody::TicketTagged { ticket: ticket.id }]);
                }
            }
        }
        twins.commit(change).await;
        if round % 40 == 39 {
            twins.assert_alike(&tickets, &departments, &agents).await;
        }
    }
}

/// Figures of a tenant are nobody else's.
pub async fn figures_are_the_tenants_own(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let ticket = world.open_sample().await;
    let other = world.neighbour().await;
    let day = Calendar::new(chrono_tz::UTC, None).day(ticket.created_at);
    let query = FigureQuery {
        from: day,
        to: day,
        of: FigureGroup::One(FigureScope::default()),
    };
    let own = store.figures(world.id(), query).await.unwrap();
    assert_eq!(own.iter().map(|(_, figures)| figures.counts.tickets).sum::<i64>(), 1);
    assert_eq!(store.figures(other.id(), query).await.unwrap(), []);
    assert_eq!(store.measures(other.id(), ticket.id).await.unwrap(), None);
    let all = (
        Timestamp::from_millis(0),
        Timestamp::from_millis(i64::from(u32::MAX) * 1_000),
    );
    let rated = store.top_rated_tickets(other.id(), FigureScope::default(), all.0, all.1, 5);
    assert_eq!(rated.await.unwrap(), []);
    assert_eq!(store.resolved_since(other.id(), all.0).await.unwrap(), 0);
}

/// Of two who tell of the same alarm one is refused, and so is whoever tells of what isn't due.
pub async fn an_alarm_is_told_of_once(store: Arc<dyn Store>) {
    let mut twins = Twins::found(&store).await;
    let mut ticket = twins.world.samples.ticket(twins.world.inbox.id);
    ticket.created_at = twins.now;
    let mut change = twins.change(Duration::ZERO);
    change.open_ticket(ticket.clone());
    let mut question = twins.world.samples.question(&ticket);
    question.created_at = twins.now;
    change.append(&ticket, question);
    twins.commit(change).await;

    let overdue = twins.now.plus(Duration::from_secs(3_601));
    assert_eq!(store.alarms_due(twins.now, ALL).await.unwrap(), []);
    assert_eq!(
        store.alarms_due(overdue, ALL).await.unwrap(),
        [(twins.world.id(), ticket.id)]
    );
    let ticket = twins.ticket(&ticket).await;
    let measures = store.measures(twins.world.id(), ticket.id).await.unwrap().unwrap();
    let due = measures.rings_at().unwrap();
    let alarm = measures.alarms(overdue)[0];
    assert_eq!(
        alarm,
        Alarm {
            promise: Promise::FirstResponse,
            is_breach: true
        }
    );
    let tell = |twins: &mut Twins, due| {
        let mut change = twins.change(Duration::from_secs(1));
        change.note_alarm(&ticket, due, alarm);
        change.seal_under(&twins.policy, &twins.world.samples.ids)
    };
    let early = tell(&mut twins, due.plus(Duration::from_secs(1)));
    let first = tell(&mut twins, due);
    let second = tell(&mut twins, due);
    let refused = Err(Rejected::Conflict(Conflict::AlarmElsewhere(ticket.id)));
    assert_eq!(store.commit(&[early]).await.unwrap(), std::slice::from_ref(&refused));
    assert!(store.commit(&[first]).await.unwrap()[0].is_ok());
    assert_eq!(store.commit(&[second]).await.unwrap(), [refused]);
    assert_eq!(store.alarms_due(overdue, ALL).await.unwrap(), []);
}
