//! Searching: what is found under which words, by whom, and what nobody finds any more.

use std::{collections::BTreeSet, sync::Arc};

use support_core::{
    model::{
        AgentId, Assignment, Contact, DepartmentId, FoundPlace, Message, MessageKind, Sender, Ticket, TicketState,
        WordQuery, words_of_head, words_of_message,
    },
    ports::{Store, TicketFilter, TicketSearch, VisibleTo},
};

use crate::world::{ALL, Dice, World};

impl World {
    async fn search(&self, query: &str, visible_to: Option<VisibleTo>, limit: u32) -> Vec<FoundPlace> {
        let words = WordQuery::new(query).unwrap();
        let search = TicketSearch { words, visible_to };
        self.store.places_with_words(self.id(), &search, limit).await.unwrap()
    }

    async fn finds(&self, query: &str) -> BTreeSet<FoundPlace> {
        let places = self.search(query, None, ALL).await;
        let found: BTreeSet<_> = places.iter().copied().collect();
        assert_eq!(found.len(), places.len(), "each place once");
        found
    }

    async fn say_words(&self, ticket: &Ticket, content: &str) -> FoundPlace {
        let content = content.to_owned();
        let message = Message {
            content,
            ..self.samples.question(ticket)
        };
        let seq = self.say(ticket, message).await;
        FoundPlace { ticket: ticket.id, seq }
    }
}

const fn head(ticket: &Ticket) -> FoundPlace {
    FoundPlace {
        ticket: ticket.id,
        seq: 0,
    }
}

/// Subject, number, name, address and phone number are one place; all words must stand in it.
pub async fn heads_are_found_by_all_their_words(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let contact = Contact {
        name: Some("Zoë Müller-Lüdenscheidt".to_owned()),
        email: Some("zoe@mail.example".to_owned()),
        phone: Some("+49 (170) 1234-567".to_owned()),
    };
    let subject = "Où est mon colis? 東京都".to_owned();
    let sample = world.samples.ticket(world.inbox.id);
    let ticket = world
        .open(Ticket {
            subject,
            contact,
            ..sample
        })
        .await;
    world.open_sample().await;
    let own = BTreeSet::from([head(&ticket)]);
    for query in [
        "COLIS",
        "ou colis",
        "mon col",
        "zoe",
        "MULLER",
        "muller zoe colis",
        "Lüdenscheidt",
        "zoe@mail.example",
        "491701234567",
        "4917",
        "+49 (170) 1234-567",
        "TKT-1",
        "tkt-1",
        "東京",
        "京都",
        "都",
        "colis 東京都",
        "(colis)",
        "colis*",
        "'colis'",
        "\"colis\"",
        "colis & mon",
        "NOT!colis".trim_start_matches("NOT"),
    ] {
        assert_eq!(world.finds(query).await, own, "{query}");
    }
    for query in [
        "olis",
        "colis zoo",
        "co mon",
        "TKT-999",
        "京東",
        "colis NOT zoe",
        "tkt-1 other",
    ] {
        assert_eq!(world.finds(query).await, BTreeSet::new(), "{query}");
    }
}

/// A message is found by what it says and who says it; notes are, what the software tells is not.
pub async fn messages_are_found_by_all_their_words(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let ticket = world.open_sample().await;
    let place = |seq| FoundPlace { ticket: ticket.id, seq };
    let said = Message {
        content: "The invoice was never paid".to_owned(),
        sender_name: "Grace".to_owned(),
        ..world.samples.question(&ticket)
    };
    let note = Message {
        content: "They never pay an invoice".to_owned(),
        kind: MessageKind::Note,
        sender_name: "Mara".to_owned(),
        ..world.answer(&ticket)
    };
    let told = Message {
        content: "The invoice was forgotten".to_owned(),
        kind: MessageKind::SystemNotification,
        ..world.samples.message(ticket.id, Sender::System)
    };
    for message in [said, note, told] {
        world.say(&ticket, message).await;
    }
    assert_eq!(world.finds("invoice never").await, BTreeSet::from([place(1), place(2)]));
    assert_eq!(world.finds("invoice pa").await, BTreeSet::from([place(1), place(2)]));
    assert_eq!(
        world.finds("pa invoice").await,
        BTreeSet::new(),
        "only the last word may be a part"
    );
    assert_eq!(world.finds("grace invoice").await, BTreeSet::from([place(1)]));
    assert_eq!(world.finds("forgotten").await, BTreeSet::new());
    let wordless = world.say_words(&ticket, "!?").await;
    assert!(!world.finds("visitor").await.contains(&place(3)));
    assert_eq!(wordless.seq, 4);
}

/// Whatever is searched for, stores find what the rule of words says, the newest first.
pub async fn what_is_found_is_what_the_rule_of_words_says(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let words = ["parcel", "parcels", "invoice", "über", "東京", "late", "a", "ab", "99"];
    let mut dice = Dice::new(3);
    let mut some = |count: u64| -> String {
        let words = (0..count).map(|_| words[usize::try_from(dice.roll(9)).unwrap()]);
        words.collect::<Vec<_>>().join(" ")
    };
    let mut places = Vec::new();
    for _ in 0..6 {
        let subject = some(2);
        let sample = world.samples.ticket(world.inbox.id);
        let ticket = world.open(Ticket { subject, ..sample }).await;
        places.push((head(&ticket), words_of_head(&ticket, ticket.number)));
        for _ in 0..4 {
            let place = world.say_words(&ticket, &some(3)).await;
            let message = world.thread(ticket.id).await.pop().unwrap();
            places.push((place, words_of_message(&message)));
        }
    }
    for query in [
        "parcel",
        "a",
        "late invoice",
        "invoice late",
        "uber",
        "東京 9",
        "ab parcels",
        "i",
        "99 99 9",
        "nine",
    ] {
        let rule = WordQuery::new(query).unwrap();
        let wanted = places.iter().rev().filter(|(_, words)| rule.is_answered_by(words));
        let wanted: Vec<_> = wanted.map(|(place, _)| *place).collect();
        assert_eq!(world.search(query, None, ALL).await, wanted, "{query}");
        let first: Vec<_> = wanted.iter().take(3).copied().collect();
        assert_eq!(world.search(query, None, 3).await, first, "{query}");
    }
}

/// What a ticket was called before is forgotten, and what else changes it leaves its words alone.
pub async fn a_head_is_found_by_its_present_words(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let subject = "Parcel lost".to_owned();
    let sample = world.samples.ticket(world.inbox.id);
    let ticket = world.open(Ticket { subject, ..sample }).await;
    let own = BTreeSet::from([head(&ticket)]);
    let tags = vec!["vip".to_owned()];
    let ticket = world.update(Ticket { tags, ..ticket }).await;
    assert_eq!(world.finds("parcel").await, own);
    let subject = "Invoice wrong".to_owned();
    let ticket = world.update(Ticket { subject, ..ticket }).await;
    assert_eq!(world.finds("parcel").await, BTreeSet::new());
    assert_eq!(world.finds("invoice").await, own);
    let contact = Contact {
        name: Some("Grace".to_owned()),
        ..Contact::default()
    };
    world.update(Ticket { contact, ..ticket }).await;
    assert_eq!(world.finds("grace invoice").await, own);
}

/// Agents who may not see all find what they see in lists.
pub async fn a_search_finds_what_its_agent_may_see(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let (agent, other): (AgentId, AgentId) = (world.samples.agent().id, world.samples.agent().id);
    let (department, foreign): (DepartmentId, DepartmentId) =
        (world.samples.department().id, world.samples.department().id);
    let at = world.samples.later();
    let mut tickets = Vec::new();
    for assignee in [None, Some(agent), Some(other)] {
        for department in [None, Some(department), Some(foreign)] {
            let state = assignee.map_or_else(
                || TicketState::Pending(None),
                |agent| TicketState::Assigned(Assignment { agent, at }),
            );
            let sample = world.samples.ticket(world.inbox.id);
            let subject = "Parcel".to_owned();
            tickets.push(
                world
                    .open(Ticket {
                        state,
                        department,
                        subject,
                        ..sample
                    })
                    .await,
            );
        }
    }
    let eyes = VisibleTo {
        agent,
        departments: vec![department],
    };
    let filter = TicketFilter {
        visible_to: Some(eyes.clone()),
        ..TicketFilter::default()
    };
    let seen: BTreeSet<_> = world.list(&filter).await.iter().map(head).collect();
    assert_eq!(seen.len(), 6);
    let found = world.search("parc", Some(eyes), ALL).await;
    assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), seen);
    assert_eq!(world.finds("parc").await.len(), tickets.len());
}

/// Places come with their tickets and messages; what isn't there is missing.
pub async fn found_places_come_with_what_stands_there(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let (one, two) = (world.open_sample().await, world.open_sample().await);
    let said = world.say_words(&two, "Parcel").await;
    let nowhere = FoundPlace {
        ticket: world.samples.ticket(world.inbox.id).id,
        seq: 0,
    };
    let mut found = store.found_at(world.id(), &[said, head(&one), nowhere]).await.unwrap();
    found.sort_by_key(|(ticket, _)| ticket.number);
    let message = world.thread(two.id).await.pop();
    assert_eq!(found, [(one, None), (world.ticket(two.id).await, message)]);
    assert_eq!(store.found_at(world.id(), &[]).await.unwrap(), []);
}
