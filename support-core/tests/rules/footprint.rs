//! Change sets that must not share a batch meet, and others don't.

use support_core::{
    change::{ChangeSet, Claim, Expect, Footprint, RequestKey},
    desk::Scope,
    model::{
        Agent, Assignment, Department, EventBody, Inbox, LoginGuard, Message, Side, TenantId, Ticket, TicketState,
        Visitor,
    },
    ports::Ids,
    testing::Samples,
};

struct World {
    samples: Samples,
    tenants: [TenantId; 2],
    agent: Agent,
    department: Department,
    inbox: Inbox,
    visitor: Visitor,
    tickets: [Ticket; 2],
}

impl World {
    fn new() -> Self {
        let samples = Samples::new();
        let inbox = samples.inbox();
        let stored = || Ticket {
            version: 1,
            ..samples.ticket(inbox.id)
        };
        Self {
            tenants: [samples.tenant().id, samples.tenant().id],
            agent: Agent {
                version: 1,
                ..samples.agent()
            },
            department: samples.department(),
            visitor: samples.visitor(),
            tickets: [stored(), stored()],
            inbox,
            samples,
        }
    }

    fn in_tenant(&self, tenant: usize, fill: impl FnOnce(&mut ChangeSet)) -> Footprint {
        let mut change = ChangeSet::new(&Scope::system(self.tenants[tenant]), self.samples.later());
        fill(&mut change);
        change.seal(&self.samples.ids).footprint()
    }

    fn of(&self, fill: impl FnOnce(&mut ChangeSet)) -> Footprint {
        self.in_tenant(0, fill)
    }

    fn update(&self, ticket: usize) -> Footprint {
        self.of(|change| change.update_ticket(self.tickets[ticket].clone(), []))
    }

    fn say(&self, ticket: usize, client_id: Option<&str>) -> Footprint {
        let ticket = &self.tickets[ticket];
        let client_id = client_id.map(str::to_owned);
        let message = Message {
            client_id,
            ..self.samples.question(ticket)
        };
        self.of(|change| change.append(ticket, message))
    }

    fn open(&self, fill: impl FnOnce(&mut Ticket)) -> Footprint {
        let mut ticket = self.samples.ticket(self.inbox.id);
        fill(&mut ticket);
        self.of(|change| change.open_ticket(ticket))
    }

    fn expecting(&self, tenant: usize, expect: Expect) -> Footprint {
        self.in_tenant(tenant, |change| change.expect(expect))
    }
}

fn meet(earlier: &Footprint, later: &Footprint) -> bool {
    later.meets(&earlier.writes)
}

fn assigned_to(agent: &Agent) -> TicketState {
    let at = agent.created_at;
    TicketState::Assigned(Assignment { agent: agent.id, at })
}

#[test]
fn words_share_a_batch_and_wait_for_a_changed_state() {
    let world = World::new();
    assert!(!meet(&world.say(0, None), &world.say(0, None)));
    assert!(!meet(&world.say(0, Some("a")), &world.say(0, Some("b"))));
    assert!(meet(&world.say(0, Some("a")), &world.say(0, Some("a"))));
    assert!(!meet(&world.say(0, Some("a")), &world.say(1, Some("a"))));
    assert!(meet(&world.update(0), &world.say(0, None)));
    assert!(
        !meet(&world.say(0, None), &world.update(0)),
        "words first, then the state"
    );
}

#[test]
fn changes_of_one_record_meet_and_of_two_do_not() {
    let world = World::new();
    assert!(meet(&world.update(0), &world.update(0)));
    assert!(!meet(&world.update(0), &world.update(1)));
    let save = |agent: &Agent| {
        let body = EventBody::AgentUpdated { agent: agent.id };
        world.of(|change| change.put_agent(agent.clone(), body))
    };
    assert!(meet(&save(&world.agent), &save(&world.agent)));
    assert!(!meet(&save(&world.agent), &save(&world.samples.agent())));
    let read = |side| world.of(|change| change.mark_read(&world.tickets[0], side, 1));
    assert!(meet(&read(Side::Agents), &read(Side::Agents)));
    assert!(!meet(&read(Side::Agents), &read(Side::Customer)));
}

#[test]
fn records_without_versions_are_written_once_a_batch() {
    let world = World::new();
    let visit = || world.of(|change| change.put_visitor(world.visitor.clone()));
    assert!(meet(&visit(), &visit()));
    let key = world.samples.api_key();
    let put = || world.of(|change| change.put_api_key(key.clone()));
    assert!(meet(&put(), &put()));
    let guard = LoginGuard::new(world.samples.ids.secret("").hash(), world.samples.later());
    let fail = || world.of(|change| change.count_login_failure(guard.clone()));
    assert!(meet(&fail(), &fail()));
    let principal = support_core::model::Principal::Agent(world.agent.id);
    let leave = || world.of(|change| change.revoke_token(principal, world.visitor.id.uuid(), guard.counted_from));
    assert!(meet(&leave(), &leave()));
}

#[test]
fn whoever_counts_on_room_waits_for_whoever_fills_it() {
    let world = World::new();
    let filling = world.open(|ticket| ticket.state = assigned_to(&world.agent));
    let counting = world.expecting(0, Expect::AgentHasRoom(world.agent.id));
    assert!(meet(&filling, &counting));
    let body = EventBody::AgentUpdated { agent: world.agent.id };
    let changed = world.of(|change| change.put_agent(world.agent.clone(), body));
    assert!(meet(&changed, &counting));
    let other = world.samples.agent();
    assert!(!meet(&filling, &world.expecting(0, Expect::AgentHasRoom(other.id))));
}

#[test]
fn those_who_take_admins_away_wait_for_each_other() {
    let world = World::new();
    let other = world.samples.agent();
    let taking_away = |agent: &Agent| world.expecting(0, Expect::AdminBeside(agent.id));
    assert!(meet(&taking_away(&world.agent), &taking_away(&other)));
    let body = EventBody::AgentUpdated { agent: other.id };
    let changed = world.of(|change| change.put_agent(other.clone(), body));
    assert!(
        !meet(&changed, &taking_away(&world.agent)),
        "other changes need not wait"
    );
}

#[test]
fn whoever_counts_on_somebody_waits_for_what_they_become() {
    let world = World::new();
    let body = EventBody::AgentUpdated { agent: world.agent.id };
    let changed = world.of(|change| change.put_agent(world.agent.clone(), body));
    assert!(meet(
        &changed,
        &world.expecting(0, Expect::AgentIsThere(world.agent.id))
    ));
}

#[test]
fn a_department_is_not_removed_in_one_batch_with_its_tickets() {
    let world = World::new();
    let id = world.department.id;
    let opening = world.open(|ticket| ticket.department = Some(id));
    let removing = world.of(|change| change.remove_department(id, None));
    assert!(meet(&opening, &removing));
    assert!(meet(&removing, &opening));
    assert!(!meet(&world.open(|_| {}), &removing));
}

#[test]
fn claims_on_one_name_meet_within_their_reach() {
    let world = World::new();
    let free = |tenant, claim: &Claim| world.expecting(tenant, Expect::Free(claim.clone()));
    for claim in [Claim::TenantSlug("a".to_owned()), Claim::Domain("a.example".to_owned())] {
        assert!(meet(&free(0, &claim), &free(1, &claim)), "{claim:?}");
    }
    for claim in [
        Claim::DepartmentSlug("a".to_owned()),
        Claim::DepartmentName("a".to_owned()),
        Claim::AccountEmail("a@b.example".to_owned()),
        Claim::ExternalId("a".to_owned()),
        Claim::Session(world.inbox.id, "a".to_owned()),
    ] {
        assert!(meet(&free(0, &claim), &free(0, &claim)), "{claim:?}");
        assert!(!meet(&free(0, &claim), &free(1, &claim)), "{claim:?}");
    }
}

#[test]
fn a_request_and_its_repeat_meet() {
    let world = World::new();
    let secret = || world.samples.ids.secret("").hash();
    let request = RequestKey {
        key: secret(),
        fingerprint: secret(),
    };
    let ask = |tenant: usize| {
        let scope = Scope::system(world.tenants[tenant]).once(request.clone());
        ChangeSet::new(&scope, world.samples.later())
            .seal(&world.samples.ids)
            .footprint()
    };
    assert!(meet(&ask(0), &ask(0)));
    assert!(!meet(&ask(0), &ask(1)));
}

#[test]
fn tenants_never_meet_over_what_is_their_own() {
    let world = World::new();
    let ticket = &world.tickets[0];
    let update = |tenant| world.in_tenant(tenant, |change| change.update_ticket(ticket.clone(), []));
    assert!(meet(&update(0), &update(0)));
    assert!(!meet(&update(0), &update(1)));
}
