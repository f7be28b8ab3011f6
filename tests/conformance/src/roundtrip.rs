//! What goes in comes out: every field, every script, and values at the edges.

use std::sync::Arc;

use serde_json::json;
use support_core::{
    model::{
        Agent, Assignment, Availability, Branding, Closing, Contact, Department, Escalation, EventBody, Holiday, Inbox,
        InboxKind, LONGEST_MESSAGE, Message, OfficeHours, OpeningInterval, Priority, Requester, Resolution, Role,
        Sender, Side, SlaSettings, SlaTargets, Source, Tenant, TenantSettings, Ticket, TicketChannel, TicketState,
        Timestamp, Visitor, Weekday,
    },
    ports::{EventFilter, Store, TicketFilter, TicketPosition},
};

use crate::world::{ALL, World};

/// Texts that trip up whoever cuts, folds or escapes.
pub(crate) const TEXTS: [&str; 8] = [
    "👩‍👩‍👧‍👦 familie 🏳️‍🌈",
    "مرحبا بالعالم، كيف حالك؟",
    "שלום \u{202e}gnirts\u{202c}",
    "e\u{301} is not é",
    "line one\nline two\ttab\r\n",
    "'; drop table tickets; -- \" \\ %_ $1 ?1 {}",
    "日本語テキスト𠮷野家",
    "\u{feff}bom and \u{200b}zero width",
];

/// The first and last moments that the wire can tell.
pub(crate) const EDGES: [Timestamp; 3] = [
    Timestamp::from_millis(-62_135_596_800_000),
    Timestamp::from_millis(253_402_300_799_999),
    Timestamp::from_millis(-1),
];

/// Words come out as they went in, in any script and of any length.
pub async fn words_come_out_as_they_went_in(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let ticket = world.open_sample().await;
    let longest = "🙂".repeat(LONGEST_MESSAGE);
    let large = json!({
        "text": "ü".repeat(7_000),
        "nested": {"list": [null, true, -1, 9_007_199_254_740_993_u64, 0.1, "\u{1f600}"]},
        "": "an empty key",
    });
    let mut written = Vec::new();
    for (seq, content) in (1..).zip(TEXTS.into_iter().chain([longest.as_str()])) {
        let message = Message {
            content: content.to_owned(),
            sender_name: content.chars().take(50).collect(),
            client_id: Some(content.chars().take(40).collect()),
            metadata: large.clone(),
            ..world.samples.question(&ticket)
        };
        world.say(&ticket, message.clone()).await;
        written.push(Message { seq, ..message });
        let preview = world.ticket(ticket.id).await.thread.last_message_preview;
        assert_eq!(preview, Some(content.chars().take(120).collect()));
    }
    assert_eq!(world.thread(ticket.id).await, written);
    let told: Vec<_> = world
        .journal()
        .await
        .into_iter()
        .filter_map(|event| event.message)
        .collect();
    assert!(told.iter().map(AsRef::as_ref).eq(&written));
}

fn states(world: &World, at: Timestamp) -> Vec<TicketState> {
    let agent = world.samples.agent().id;
    let assignment = Some(Assignment { agent, at });
    let resolutions = [
        Resolution {
            at,
            by: Some(agent),
            notes: Some(TEXTS[0].to_owned()),
        },
        Resolution {
            at,
            by: None,
            notes: None,
        },
    ];
    let closings = [Closing { at, by: Some(agent) }, Closing { at, by: None }];
    let mut all = vec![
        TicketState::Open,
        TicketState::Waiting,
        TicketState::Assigned(Assignment { agent, at }),
        TicketState::Pending(None),
        TicketState::Pending(assignment),
    ];
    for (resolution, closing) in resolutions.into_iter().zip(closings) {
        for assignment in [None, assignment] {
            all.push(TicketState::Resolved(assignment, resolution.clone()));
            all.push(TicketState::Closed(assignment, None, closing));
            all.push(TicketState::Closed(assignment, Some(resolution.clone()), closing));
        }
    }
    all
}

/// Every state with all that belongs to it, opened so and changed to it.
pub async fn every_state_of_a_ticket_comes_out_as_it_went_in(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let mut changed = world.open_sample().await;
    for (number, state) in (2..).zip(states(&world, world.samples.later())) {
        let ticket = Ticket {
            state: state.clone(),
            ..world.samples.ticket(world.inbox.id)
        };
        let stored = world.open(ticket.clone()).await;
        assert_eq!(
            stored,
            Ticket {
                number,
                version: 1,
                ..ticket
            }
        );
        let version = changed.version + 1;
        let again = world
            .update(Ticket {
                state,
                ..changed.clone()
            })
            .await;
        let state = stored.state;
        assert_eq!(
            again,
            Ticket {
                state,
                version,
                ..changed
            }
        );
        changed = again;
    }
}

/// Every other field of a ticket, at its edges.
pub async fn every_field_of_a_ticket_comes_out_as_it_went_in(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    for ((place, text), number) in TEXTS.into_iter().enumerate().zip(1..) {
        let text = || text.to_owned();
        let at = EDGES[place % EDGES.len()];
        let ticket = Ticket {
            channel: TicketChannel::ALL[place % TicketChannel::ALL.len()],
            source: Source::ALL[place % Source::ALL.len()],
            requester: Requester::Customer(world.samples.customer().id),
            contact: Contact {
                name: Some(text()),
                email: None,
                phone: Some(text()),
            },
            access: Some(world.hash()),
            session: Some(text()),
            subject: text(),
            department: Some(world.samples.department().id),
            priority: Priority::ALL[place % Priority::ALL.len()],
            category: Some(text()),
            subcategory: Some(text()),
            tags: TEXTS.map(str::to_owned).to_vec(),
            required_skills: TEXTS.map(str::to_owned).to_vec(),
            languages: vec![text()],
            accept_by: Some(at),
            passed_over: vec![world.samples.agent().id, world.samples.agent().id],
            escalation: Some(Escalation {
                at,
                by: Some(world.samples.agent().id),
                reason: text(),
            }),
            reopened_count: 2_147_483_647,
            is_offline: true,
            held_for_bot_until: Some(at),
            metadata: json!({text(): [1, {"two": text()}], "large": u64::MAX, "small": i64::MIN}),
            created_at: at,
            updated_at: at,
            ..world.samples.ticket(world.inbox.id)
        };
        let stored = world.open(ticket.clone()).await;
        assert_eq!(
            stored,
            Ticket {
                number,
                version: 1,
                ..ticket
            }
        );
        let access = stored.access.as_ref().unwrap();
        assert_eq!(
            store.ticket_by_access(world.id(), access).await.unwrap().as_ref(),
            Some(&stored)
        );
        let session = stored.session.as_deref().unwrap();
        let found = store
            .unfinished_ticket_of_session(world.id(), world.inbox.id, session)
            .await
            .unwrap();
        assert_eq!(found.as_ref(), Some(&stored));
        let filter = TicketFilter {
            tag: Some(TEXTS[place].to_owned()),
            ..TicketFilter::default()
        };
        assert!(world.list(&filter).await.contains(&stored));
    }
}

/// An update replaces all of a ticket but its number and thread.
pub async fn an_update_replaces_all_but_number_and_thread(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let ticket = world.open_sample().await;
    world.ask(&ticket).await;
    let before = world.ticket(ticket.id).await;
    let sample = world.samples.ticket(world.inbox.id);
    let changed = Ticket {
        id: before.id,
        number: 99,
        version: before.version,
        subject: "Something else".to_owned(),
        priority: Priority::Urgent,
        tags: vec!["vip".to_owned()],
        required_skills: vec!["billing".to_owned()],
        languages: vec!["pt-BR".to_owned()],
        accept_by: Some(sample.created_at),
        passed_over: vec![world.samples.agent().id],
        department: Some(world.samples.department().id),
        contact: Contact::default(),
        metadata: json!({"changed": true}),
        escalation: Some(Escalation {
            at: sample.created_at,
            by: None,
            reason: "late".to_owned(),
        }),
        is_offline: true,
        held_for_bot_until: Some(sample.created_at),
        reopened_count: 3,
        created_at: before.created_at,
        thread: support_core::model::Thread::default(),
        ..sample
    };
    let stored = world.update(changed.clone()).await;
    let expected = Ticket {
        number: before.number,
        version: before.version + 1,
        thread: before.thread,
        ..changed
    };
    assert_eq!(stored, expected);
}

fn office_hours(holiday: String) -> OfficeHours {
    let opening = |day| OpeningInterval {
        day,
        from: "22:00".parse().unwrap(),
        to: "24:00".parse().unwrap(),
    };
    OfficeHours {
        weekly: Weekday::ALL.iter().copied().map(opening).collect(),
        holidays: vec![Holiday {
            date: "2028-02-29".parse().unwrap(),
            name: Some(holiday),
        }],
    }
}

fn sla() -> SlaSettings {
    let urgent = SlaTargets {
        first_response_minutes: Some(1),
        next_response_minutes: None,
        resolution_minutes: Some(525_600),
    };
    SlaSettings {
        targets: [(Priority::Urgent, urgent), (Priority::Low, SlaTargets::default())].into(),
        warn_percent: 99,
    }
}

/// Tenants, people and entry points with all their fields.
pub async fn people_and_places_come_out_as_they_went_in(store: Arc<dyn Store>) {
    let mut world = World::found(&store).await;
    for (place, text) in TEXTS.into_iter().enumerate() {
        let text = || text.to_owned();
        let at = EDGES[place % EDGES.len()];
        let some = (place % 2 == 0).then_some(());
        let tenant = Tenant {
            name: text(),
            timezone: ["Asia/Kolkata", "America/St_Johns", "UTC"][place % 3].parse().unwrap(),
            domains: vec![format!("b{place}.example"), format!("a{place}.example")],
            settings: TenantSettings {
                branding: Branding {
                    name: Some(text()),
                    greeting: text(),
                    ..Branding::default()
                },
                office_hours: some.map(|()| Arc::new(office_hours(text()))),
                sla: sla(),
                ..TenantSettings::default()
            },
            updated_at: at,
            ..world.tenant.clone()
        };
        let mut change = world.change();
        change.put_tenant(tenant.clone(), EventBody::TenantSaved);
        world.commit(change).await;
        world.tenant = Tenant {
            version: tenant.version + 1,
            ..tenant
        };
        assert_eq!(store.tenant(world.id()).await.unwrap().as_ref(), Some(&world.tenant));

        let agent = Agent {
            name: text(),
            role: Role::ALL[place % 4],
            departments: vec![world.samples.department().id, world.samples.department().id],
            skills: TEXTS.map(str::to_owned).to_vec(),
            languages: vec![text()],
            max_concurrent_tickets: 2_147_483_647,
            availability: Availability::ALL[place % 4],
            last_login_at: some.map(|()| at),
            last_logout_at: Some(at),
            created_at: at,
            updated_at: at,
            ..world.samples.agent()
        };
        assert_eq!(world.add_agent(agent.clone()).await, Agent { version: 1, ..agent });
        let department = Department {
            name: text(),
            description: some.map(|()| text()),
            email: Some(text()),
            sort_order: if some.is_some() { i32::MIN } else { i32::MAX },
            is_active: some.is_some(),
            office_hours: some.map(|()| Arc::new(office_hours(text()))),
            ..world.samples.department()
        };
        assert_eq!(
            world.add_department(department.clone()).await,
            Department {
                version: 1,
                ..department
            }
        );

        let inbox = Inbox {
            kind: InboxKind::ALL[place % 3],
            name: text(),
            admin_email: Some(text()),
            allowed_origins: vec![text(), "https://shop.example".to_owned()],
            is_active: some.is_none(),
            ..world.samples.inbox()
        };
        let contact = Contact {
            name: None,
            email: Some(text()),
            phone: some.map(|()| text()),
        };
        let visitor = Visitor {
            contact,
            created_at: at,
            ..world.samples.visitor()
        };
        let mut change = world.change();
        change.put_inbox(inbox.clone());
        change.put_visitor(visitor.clone());
        world.commit(change).await;
        let stored = store.inbox(world.id(), inbox.id).await.unwrap();
        assert_eq!(stored, Some(Inbox { version: 1, ..inbox }));
        assert_eq!(store.visitor(world.id(), visitor.id).await.unwrap(), Some(visitor));
    }
}

/// Numbers beyond what a database counts with ask for nothing, and break nothing.
pub async fn cursors_beyond_all_numbers_find_nothing(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let ticket = world.open_sample().await;
    world.ask(&ticket).await;
    let id = world.id();
    for beyond in [u64::MAX, u64::MAX / 2, u64::MAX / 2 + 1] {
        assert_eq!(store.messages(id, ticket.id, beyond, ALL, true).await.unwrap(), []);
        assert_eq!(
            store.events(id, beyond, &EventFilter::default(), ALL).await.unwrap(),
            []
        );
        assert_eq!(store.ticket_by_number(id, beyond).await.unwrap(), None);
        let mut change = world.change();
        change.mark_read(&ticket, Side::Agents, beyond);
        world.commit(change).await;
        assert_eq!(world.ticket(ticket.id).await.thread.read_by_agents, 1);
    }
    assert_eq!(store.messages(id, ticket.id, 0, u32::MAX, true).await.unwrap().len(), 1);
    assert_eq!(store.messages(id, ticket.id, 0, 0, true).await.unwrap(), []);
    let everything = TicketFilter::default();
    let far = TicketPosition::Page(u32::MAX);
    let page = store.tickets(id, &everything, far, u32::MAX).await.unwrap();
    assert_eq!((page.items.len(), page.total), (0, 1));
    let bot = world.samples.message(ticket.id, Sender::Bot);
    assert_eq!(world.say(&ticket, bot).await, 2, "numbering goes on");
}
