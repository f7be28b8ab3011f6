//! Lists of tickets: filters, orders, pages and places, against a naive reading of the contract.

use std::{cmp::Ordering, sync::Arc};

use support_core::{
    model::{
        AgentId, Assignment, Closing, DepartmentId, Message, Office, Priority, Requester, Source, Status, Ticket,
        TicketChannel, TicketState, WordQuery,
    },
    ports::{AssigneeFilter, SortOrder, Store, TicketCursor, TicketFilter, TicketPosition, TicketSort, VisibleTo},
};

use crate::world::{ALL, Dice, World};

/// Tickets of all sorts, with what they refer to.
struct Desk {
    world: World,
    agents: [AgentId; 2],
    departments: [DepartmentId; 2],
    tickets: Vec<Ticket>,
}

impl Desk {
    async fn with_tickets(store: &Arc<dyn Store>, count: usize) -> Self {
        let world = World::found(store).await;
        let mut desk = Self {
            agents: [world.samples.agent().id, world.samples.agent().id],
            departments: [world.samples.department().id, world.samples.department().id],
            tickets: Vec::new(),
            world,
        };
        let mut dice = Dice::new(7);
        let mut change = desk.world.change();
        let mut opened = Vec::new();
        for _ in 0..count {
            let ticket = desk.some_ticket(&mut dice);
            opened.push(ticket.id);
            change.open_ticket(ticket);
        }
        desk.world.commit(change).await;
        for id in opened {
            let ticket = desk.world.ticket(id).await;
            if dice.roll(3) == 0 {
                desk.world.ask(&ticket).await;
            }
            if dice.roll(4) == 0 {
                let updated_at = desk.world.samples.later();
                desk.world.update(Ticket { updated_at, ..ticket }).await;
            }
            desk.tickets.push(desk.world.ticket(id).await);
        }
        desk
    }

    fn some_ticket(&self, dice: &mut Dice) -> Ticket {
        let samples = &self.world.samples;
        let at = samples.later();
        let agent = self.agents[usize::from(dice.roll(2) == 0)];
        let assignment = Assignment { agent, at };
        let state = match dice.roll(7) {
            0 => TicketState::new(Office::Staffed),
            1 => TicketState::new(Office::Empty),
            2 => TicketState::Pending(None),
            3 => TicketState::Pending(Some(assignment)),
            4 => TicketState::Closed(Some(assignment), None, Closing { at, by: None }),
            _ => TicketState::Assigned(assignment),
        };
        let sample = samples.ticket(self.world.inbox.id);
        // Several of one millisecond, so that ids must decide.
        let created_at = self
            .world
            .tenant
            .created_at
            .plus(std::time::Duration::from_millis(dice.roll(9)));
        Ticket {
            state,
            created_at,
            updated_at: created_at,
            department: [None, Some(self.departments[0]), Some(self.departments[1])]
                [usize::try_from(dice.roll(3)).unwrap()],
            priority: Priority::ALL[usize::try_from(dice.roll(4)).unwrap()],
            channel: if dice.roll(2) == 0 {
                TicketChannel::Chatbot
            } else {
                TicketChannel::Web
            },
            source: Source::Mobile,
            requester: match dice.roll(2) {
                0 => Requester::Customer(samples.customer().id),
                _ => sample.requester,
            },
            tags: [vec![], vec!["vip".to_owned()], vec!["new".to_owned(), "vip".to_owned()]]
                [usize::try_from(dice.roll(3)).unwrap()]
            .clone(),
            ..sample
        }
    }
}

fn place(ticket: &Ticket, sort: TicketSort) -> TicketCursor {
    let value = match sort {
        TicketSort::CreatedAt => ticket.created_at.millis(),
        TicketSort::UpdatedAt => ticket
            .updated_at
            .max(ticket.thread.last_message_at.unwrap_or(ticket.updated_at))
            .millis(),
        TicketSort::Priority => match ticket.priority {
            Priority::Low => 0,
            Priority::Normal => 1,
            Priority::High => 2,
            Priority::Urgent => 3,
        },
    };
    TicketCursor { value, id: ticket.id }
}

fn sorted(mut tickets: Vec<Ticket>, sort: TicketSort, order: SortOrder) -> Vec<Ticket> {
    tickets.sort_by(|first, second| {
        let (first, second) = (place(first, sort), place(second, sort));
        let ascending = first.value.cmp(&second.value).then(first.id.cmp(&second.id));
        match order {
            SortOrder::Ascending => ascending,
            SortOrder::Descending => Ordering::reverse(ascending),
        }
    });
    tickets
}

type Filtered<'a> = (TicketFilter, Box<dyn Fn(&Ticket) -> bool + 'a>);

fn filters(desk: &Desk) -> Vec<Filtered<'_>> {
    let any = TicketFilter::default;
    let (agent, department) = (desk.agents[0], desk.departments[0]);
    let requester = desk.tickets[0].requester;
    let edge = desk.tickets[3].created_at;
    let eyes = VisibleTo {
        agent,
        departments: vec![department],
    };
    let statuses = vec![Status::Open, Status::Pending];
    vec![
        (any(), Box::new(|_| true)),
        (
            TicketFilter { statuses, ..any() },
            Box::new(|ticket| matches!(ticket.state.status(), Status::Open | Status::Pending)),
        ),
        (
            TicketFilter {
                department: Some(department),
                ..any()
            },
            Box::new(move |ticket| ticket.department == Some(department)),
        ),
        (
            TicketFilter {
                assignee: Some(AssigneeFilter::Is(agent)),
                ..any()
            },
            Box::new(move |ticket| ticket.assignee() == Some(agent)),
        ),
        (
            TicketFilter {
                assignee: Some(AssigneeFilter::Nobody),
                ..any()
            },
            Box::new(|ticket| ticket.assignee().is_none()),
        ),
        (
            TicketFilter {
                requester: Some(requester),
                ..any()
            },
            Box::new(move |ticket| ticket.requester == requester),
        ),
        (
            TicketFilter {
                priority: Some(Priority::High),
                ..any()
            },
            Box::new(|ticket| ticket.priority == Priority::High),
        ),
        (
            TicketFilter {
                inbox: Some(desk.world.inbox.id),
                ..any()
            },
            Box::new(|_| true),
        ),
        (
            TicketFilter {
                inbox: Some(desk.world.samples.inbox().id),
                ..any()
            },
            Box::new(|_| false),
        ),
        (
            TicketFilter {
                channel: Some(TicketChannel::Chatbot),
                ..any()
            },
            Box::new(|ticket| ticket.channel == TicketChannel::Chatbot),
        ),
        (
            TicketFilter {
                tag: Some("vip".to_owned()),
                ..any()
            },
            Box::new(|ticket| ticket.tags.iter().any(|tag| tag == "vip")),
        ),
        (
            TicketFilter {
                tag: Some("vi".to_owned()),
                ..any()
            },
            Box::new(|_| false),
        ),
        (
            TicketFilter {
                created_from: Some(edge),
                ..any()
            },
            Box::new(move |ticket| ticket.created_at >= edge),
        ),
        (
            TicketFilter {
                created_before: Some(edge),
                ..any()
            },
            Box::new(move |ticket| ticket.created_at < edge),
        ),
        (
            TicketFilter {
                visible_to: Some(eyes),
                ..any()
            },
            Box::new(move |ticket| {
                let nobodys = ticket.assignee().is_none() && ticket.department.is_none();
                nobodys || ticket.assignee() == Some(agent) || ticket.department == Some(department)
            }),
        ),
        (
            TicketFilter {
                statuses: vec![Status::Assigned],
                priority: Some(Priority::Low),
                tag: Some("vip".to_owned()),
                ..any()
            },
            Box::new(|ticket| {
                ticket.state.status() == Status::Assigned
                    && ticket.priority == Priority::Low
                    && ticket.tags.contains(&"vip".to_owned())
            }),
        ),
    ]
}

const ORDERS: [SortOrder; 2] = [SortOrder::Ascending, SortOrder::Descending];
const SORTS: [TicketSort; 3] = [TicketSort::CreatedAt, TicketSort::UpdatedAt, TicketSort::Priority];

/// A tag that was taken away leads to nothing, one that was added leads to its ticket.
pub async fn a_ticket_is_listed_by_the_tags_it_has_now(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let tags = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect();
    let sample = world.samples.ticket(world.inbox.id);
    let ticket = world
        .open(Ticket {
            tags: tags(&["late", "vip"]),
            ..sample
        })
        .await;
    let ticket = world
        .update(Ticket {
            tags: tags(&["refund", "vip"]),
            ..ticket
        })
        .await;
    for (tag, count) in [("late", 0), ("vip", 1), ("refund", 1)] {
        for sort in [TicketSort::CreatedAt, TicketSort::UpdatedAt, TicketSort::Priority] {
            let filter = TicketFilter {
                tag: Some(tag.to_owned()),
                sort,
                ..TicketFilter::default()
            };
            let listed = world
                .store
                .tickets(world.id(), &filter, TicketPosition::Page(1), 10)
                .await;
            let listed = listed.unwrap();
            assert_eq!(
                (listed.total, listed.items.len()),
                (count, usize::try_from(count).unwrap()),
                "{tag}"
            );
            assert!(listed.items.iter().all(|listed| listed.id == ticket.id));
        }
    }
    let ticket = world
        .update(Ticket {
            tags: tags(&[]),
            ..ticket
        })
        .await;
    let filter = TicketFilter {
        tag: Some("vip".to_owned()),
        ..TicketFilter::default()
    };
    let listed = world
        .store
        .tickets(world.id(), &filter, TicketPosition::Page(1), 10)
        .await;
    assert_eq!(listed.unwrap().items, Vec::new(), "{}", ticket.id);
}

/// Every filter, in every order, gives what a naive reading of it gives.
pub async fn tickets_are_filtered_and_sorted_as_asked(store: Arc<dyn Store>) {
    let desk = Desk::with_tickets(&store, 40).await;
    for (filter, is_wanted) in filters(&desk) {
        for (sort, order) in SORTS.iter().flat_map(|sort| ORDERS.map(|order| (*sort, order))) {
            let wanted: Vec<_> = desk
                .tickets
                .iter()
                .filter(|ticket| is_wanted(ticket))
                .cloned()
                .collect();
            let filter = TicketFilter {
                sort,
                order,
                ..filter.clone()
            };
            assert_eq!(
                desk.world.list(&filter).await,
                sorted(wanted, sort, order),
                "{filter:?}"
            );
        }
    }
}

/// A list with words has the tickets in which they stand in one place, whatever else is asked and
/// however it is sorted.
pub async fn tickets_are_searched_by_words(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    for subject in ["Where is my parcel", "Ada's invoice", "It's broken"] {
        let subject = subject.to_owned();
        let sample = world.samples.ticket(world.inbox.id);
        world.open(Ticket { subject, ..sample }).await;
    }
    let said = Message {
        content: "My parcel is broken too".to_owned(),
        ..world.samples.question(&world.all_tickets().await[1])
    };
    let ticket = world.ticket(said.ticket).await;
    world.say(&ticket, said).await;
    for (sort, order) in SORTS.iter().flat_map(|sort| ORDERS.map(|order| (*sort, order))) {
        let found = async |text: &str, statuses: Vec<Status>| {
            let filter = TicketFilter {
                text: WordQuery::new(text),
                statuses,
                sort,
                order,
                ..TicketFilter::default()
            };
            let found = world.list(&filter).await;
            assert_eq!(found, sorted(found.clone(), sort, order));
            let mut numbers: Vec<_> = found.iter().map(|ticket| ticket.number).collect();
            numbers.sort_unstable();
            numbers
        };
        assert_eq!(found("PARCEL", vec![]).await, [1, 2]);
        assert_eq!(found("brok", vec![]).await, [2, 3]);
        assert_eq!(found("parcel brok", vec![Status::Open]).await, [2]);
        assert_eq!(found("parcel", vec![Status::Closed]).await, [0; 0]);
        assert_eq!(found("TKT-3", vec![]).await, [3]);
        assert_eq!(found("99999999999999999999999999", vec![]).await, [0; 0]);
    }
}

/// Pages and places give every ticket once, in order.
pub async fn pages_and_places_cover_a_list_without_doubles(store: Arc<dyn Store>) {
    let desk = Desk::with_tickets(&store, 23).await;
    let id = desk.world.id();
    for (sort, order) in SORTS.iter().flat_map(|sort| ORDERS.map(|order| (*sort, order))) {
        // A list of all, and one that is narrowed to the same.
        for inbox in [None, Some(desk.world.inbox.id)] {
            let filter = TicketFilter {
                inbox,
                sort,
                order,
                ..TicketFilter::default()
            };
            let whole = desk.world.list(&filter).await;
            let (mut by_page, mut by_place) = (Vec::new(), Vec::new());
            for number in 1..=6 {
                let page = store
                    .tickets(id, &filter, TicketPosition::Page(number), 5)
                    .await
                    .unwrap();
                assert_eq!(page.total, 23);
                by_page.extend(page.items);
            }
            let mut position = TicketPosition::Page(1);
            loop {
                let page = store.tickets(id, &filter, position, 4).await.unwrap();
                assert_eq!(page.total, 23, "wherever the part begins");
                let Some(last) = page.items.last() else { break };
                position = TicketPosition::After(place(last, sort));
                by_place.extend(page.items);
            }
            assert_eq!(by_page, whole, "{sort:?} {order:?}");
            assert_eq!(by_place, whole, "{sort:?} {order:?}");
        }
    }
}

/// Whoever reads on from a place misses none and sees none again, though new ones come in.
pub async fn places_hold_while_tickets_come_in(store: Arc<dyn Store>) {
    let desk = Desk::with_tickets(&store, 12).await;
    let filter = TicketFilter::default();
    let whole = desk.world.list(&filter).await;
    let (mut read, mut position) = (Vec::new(), TicketPosition::Page(1));
    loop {
        let page = store.tickets(desk.world.id(), &filter, position, 5).await.unwrap();
        let Some(last) = page.items.last() else { break };
        position = TicketPosition::After(place(last, TicketSort::CreatedAt));
        read.extend(page.items);
        desk.world.open_sample().await;
    }
    assert_eq!(read, whole);
}

/// Waiting tickets: most urgent first, then oldest. An agent's: oldest first.
pub async fn unfinished_tickets_come_in_the_order_of_work(store: Arc<dyn Store>) {
    let desk = Desk::with_tickets(&store, 40).await;
    let mut waiting: Vec<_> = desk
        .tickets
        .iter()
        .filter(|ticket| matches!(ticket.state.status(), Status::Open | Status::Waiting))
        .cloned()
        .collect();
    waiting.sort_by_key(|ticket| (std::cmp::Reverse(ticket.priority), ticket.created_at, ticket.id));
    assert!(waiting.len() > 3);
    assert_eq!(store.unassigned_tickets(desk.world.id(), ALL).await.unwrap(), waiting);
    assert_eq!(
        store.unassigned_tickets(desk.world.id(), 3).await.unwrap(),
        waiting[..3]
    );
    let departments: std::collections::BTreeSet<_> = waiting.iter().map(|ticket| ticket.department).collect();
    for department in departments {
        let theirs: Vec<_> = waiting
            .iter()
            .filter(|ticket| ticket.department == department)
            .cloned()
            .collect();
        for limit in [1, ALL] {
            let found = store.unassigned_tickets_of(desk.world.id(), department, limit).await;
            let wanted: Vec<_> = theirs.iter().take(limit as usize).cloned().collect();
            assert_eq!(found.unwrap(), wanted);
        }
    }

    for agent in desk.agents {
        let mut theirs: Vec<_> = desk
            .tickets
            .iter()
            .filter(|ticket| ticket.assignee() == Some(agent))
            .filter(|ticket| matches!(ticket.state.status(), Status::Assigned | Status::Pending))
            .cloned()
            .collect();
        theirs.sort_by_key(|ticket| (ticket.created_at, ticket.id));
        assert!(theirs.len() > 2);
        let all = store
            .unfinished_tickets_of_agent(desk.world.id(), agent, ALL)
            .await
            .unwrap();
        assert_eq!(all, theirs);
        let two = store
            .unfinished_tickets_of_agent(desk.world.id(), agent, 2)
            .await
            .unwrap();
        assert_eq!(two, theirs[..2]);
    }
}
