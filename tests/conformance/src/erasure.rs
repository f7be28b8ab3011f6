//! Forgetting people and conversations: what goes, what stays, and that nothing else goes with it.

use std::{sync::Arc, time::Duration};

use support_core::{
    change::{ChangeSet, Conflict, Record, Rejected},
    desk::Scope,
    model::{
        Account, Actor, ActorRef, AgentId, Assignment, Callback, Closing, CustomerId, Delivery, Erasure, Escalation,
        Event, EventBody, FigureScope, Message, MessageKind, Notification, Principal, Rating, Requester, Resolution,
        Sender, Ticket, TicketState, Timestamp, VisitorId, WordQuery,
    },
    ports::{DeliveryFilter, FigureGroup, FigureQuery, Store, TicketSearch},
};

use crate::world::{ALL, WHOLE, World};

/// A conversation in which every place that takes words has some, and what people were told of it.
struct Talk {
    ticket: Ticket,
    agent: Principal,
}

impl World {
    fn by_customer(&self, customer: CustomerId) -> ChangeSet {
        let scope = Scope::new(self.id(), Actor::Customer(customer));
        ChangeSet::new(&scope, self.samples.later())
    }

    async fn talk(&self, customer: CustomerId) -> Talk {
        let agent = self.add_agent(self.samples.agent()).await.id;
        let ticket = self.open(self.wordy(customer)).await;
        let mut asked = self.by_customer(customer);
        asked.append(&ticket, self.samples.question(&ticket));
        self.commit(asked).await;
        self.say(&ticket, self.answer(&ticket)).await;
        let note = Message {
            kind: MessageKind::Note,
            ..self.samples.message(ticket.id, Sender::Agent(Some(agent)))
        };
        self.say(&ticket, note).await;
        let rating = Rating {
            resolution: 0,
            stars: 4,
            comment: Some(self.samples.unique("comment")),
            agent: Some(agent),
            at: self.samples.later(),
        };
        let rated = Ticket {
            rating: Some(rating.clone()),
            state: closed(agent, self.samples.later()),
            ..self.ticket(ticket.id).await
        };
        let mut change = self.change();
        change.rate_ticket(rated, rating);
        for recipient in [Principal::Agent(agent), Principal::Customer(customer)] {
            change.notify(Notification {
                ticket: Some(ticket.id),
                ..self.samples.notification(recipient)
            });
        }
        change.owe(self.samples.delivery().about(ticket.id));
        self.commit(change).await;
        Talk {
            ticket: self.ticket(ticket.id).await,
            agent: Principal::Agent(agent),
        }
    }

    fn wordy(&self, customer: CustomerId) -> Ticket {
        let word = |what: &str| self.samples.unique(what);
        Ticket {
            requester: Requester::Customer(customer),
            access: Some(self.hash()),
            session: Some(word("session")),
            category: Some(word("category")),
            subcategory: Some(word("subcategory")),
            tags: vec![word("tag")],
            languages: vec!["de".to_owned()],
            escalation: Some(Escalation {
                at: self.samples.later(),
                by: None,
                reason: word("reason"),
            }),
            metadata: serde_json::json!({ "note": word("metadata") }),
            ..self.samples.ticket(self.inbox.id)
        }
    }

    async fn finds_words(&self, words: &str) -> bool {
        let search = TicketSearch {
            words: WordQuery::new(words).unwrap(),
            visible_to: None,
        };
        !self
            .store
            .places_with_words(self.id(), &search, ALL)
            .await
            .unwrap()
            .is_empty()
    }

    async fn told(&self, recipient: Principal) -> Vec<Notification> {
        self.store
            .notifications(self.id(), recipient, false, ALL)
            .await
            .unwrap()
    }

    async fn owed(&self) -> Vec<Delivery> {
        let everything = DeliveryFilter::default();
        self.store
            .deliveries(self.id(), &everything, WHOLE)
            .await
            .unwrap()
            .items
    }

    async fn all_figures(&self) -> String {
        let query = FigureQuery {
            from: chrono::NaiveDate::from_ymd_opt(1970, 1, 1).unwrap(),
            to: chrono::NaiveDate::from_ymd_opt(2200, 1, 1).unwrap(),
            of: FigureGroup::One(FigureScope::default()),
        };
        format!("{:?}", self.store.figures(self.id(), query).await.unwrap())
    }
}

fn closed(agent: AgentId, at: Timestamp) -> TicketState {
    let assignment = Assignment { agent, at };
    let resolution = Resolution {
        at,
        by: Some(agent),
        notes: Some("what was done".to_owned()),
    };
    TicketState::Closed(Some(assignment), Some(resolution), Closing { at, by: Some(agent) })
}

/// What an event tells but who is named in it.
fn story(journal: &[Event]) -> Vec<(u64, Timestamp, EventBody)> {
    journal
        .iter()
        .map(|event| (event.seq, event.at, event.body.clone()))
        .collect()
}

/// Not a word is left of it, nor of whose it was; what is counted stays, and so does the journal.
pub async fn an_erased_ticket_is_nobodys_and_has_no_words(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let customer = world.add_customer(world.samples.customer()).await.id;
    let kept = world.talk(customer).await;
    let Talk { ticket, agent } = world.talk(customer).await;
    let (kept_thread, thread) = (world.thread(kept.ticket.id).await, world.thread(ticket.id).await);
    let (journal, figures) = (world.journal().await, world.all_figures().await);
    assert!(world.finds_words(&thread[0].content).await && world.finds_words(&ticket.subject).await);

    let nobody = VisitorId::new(world.samples.visitor().id.uuid());
    let mut stale = world.change();
    stale.erase_ticket(
        Ticket {
            version: ticket.version - 1,
            ..ticket.clone()
        },
        nobody,
    );
    let changed = Rejected::Conflict(Conflict::Changed(Record::Ticket(ticket.id)));
    assert_eq!(world.refusal(stale).await, changed);
    let mut change = world.change();
    change.erase_ticket(ticket.clone(), nobody);
    world.commit(change).await;

    let erased = world.ticket(ticket.id).await;
    let counted = erased.thread.clone();
    assert_eq!((counted.last_seq, counted.last_message_preview.clone()), (3, None));
    assert_eq!((counted.unread_by_agents, counted.unread_by_customer), (0, 0));
    let expected = Ticket {
        version: ticket.version + 1,
        thread: counted,
        ..ticket.clone().erased(nobody)
    };
    assert_eq!(erased, expected);
    assert!(world.thread(ticket.id).await.is_empty());
    assert!(!world.finds_words(&thread[0].content).await && !world.finds_words(&ticket.subject).await);
    assert!(
        world.finds_words(&erased.human_number()).await,
        "by its number it is found"
    );
    let ratings = store.ratings(world.id(), ticket.id).await.unwrap();
    assert_eq!((ratings[0].stars, ratings[0].comment.as_deref()), (4, None));
    assert_eq!(world.all_figures().await, figures);

    let after = world.journal().await;
    assert_eq!(story(&after)[..journal.len()], story(&journal)[..]);
    assert_eq!(after.len(), journal.len() + 1);
    for (before, event) in journal.iter().zip(&after) {
        if event.audience.ticket != Some(ticket.id) {
            assert_eq!(event, before);
            continue;
        }
        assert_eq!((event.message.as_ref(), event.audience.customer), (None, None));
        assert!(!matches!(event.actor, ActorRef::Customer(_)), "{event:?}");
    }
    for recipient in [agent, Principal::Customer(customer)] {
        assert!(
            world
                .told(recipient)
                .await
                .iter()
                .all(|told| told.ticket != Some(ticket.id))
        );
    }
    assert!(world.owed().await.iter().all(|owed| owed.ticket != Some(ticket.id)));

    assert_eq!(world.ticket(kept.ticket.id).await, kept.ticket);
    assert_eq!(world.thread(kept.ticket.id).await, kept_thread);
    assert!(world.finds_words(&kept_thread[0].content).await && world.finds_words(&kept.ticket.subject).await);
    assert_eq!(world.told(kept.agent).await.len(), 1);
    assert_eq!(world.owed().await.len(), 1);
    let ratings = store.ratings(world.id(), kept.ticket.id).await.unwrap();
    assert!(ratings[0].comment.is_some());

    let next = world.say(&erased, world.answer(&erased)).await;
    assert_eq!(next, 4, "its numbers go on");
    store.wipe().await.unwrap();
    assert!(world.finds_words(&kept_thread[0].content).await);
}

/// What is to be erased is found by whose it is and since when it is closed, until it is erased.
pub async fn what_is_to_be_forgotten_is_found_until_it_is(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let neighbour = world.neighbour().await;
    let agent = world.add_agent(world.samples.agent()).await.id;
    let customer = CustomerId::new(world.samples.customer().id.uuid());
    let now = world.samples.later();
    let ago = |seconds: u64| now.minus(Duration::from_secs(seconds));
    let mut own = Vec::new();
    for (requester, state) in [
        (Requester::Customer(customer), closed(agent, ago(30))),
        (
            Requester::Visitor(VisitorId::new(customer.uuid())),
            closed(agent, ago(20)),
        ),
        (Requester::Customer(customer), closed(agent, ago(10))),
        (Requester::Customer(customer), TicketState::Open),
    ] {
        let ticket = world
            .open(Ticket {
                requester,
                ..world.samples.ticket(world.inbox.id)
            })
            .await;
        own.push(world.update(Ticket { state, ..ticket }).await);
    }
    let of = async |requester| store.tickets_of_requester(world.id(), requester, ALL).await.unwrap();
    let old = async |before, limit| store.tickets_to_forget(world.id(), before, limit).await.unwrap();
    let of_customer = of(Requester::Customer(customer)).await;
    assert_eq!(of_customer, [own[0].clone(), own[2].clone(), own[3].clone()]);
    let few = store
        .tickets_of_requester(world.id(), Requester::Customer(customer), 1)
        .await
        .unwrap();
    assert_eq!(few, own[..1]);
    assert_eq!(old(now, ALL).await, own[..3]);
    assert_eq!(old(now, 2).await, own[..2]);
    assert_eq!(old(ago(20), ALL).await, own[..1], "closed before, not then");
    assert!(
        store
            .tickets_to_forget(neighbour.id(), now, ALL)
            .await
            .unwrap()
            .is_empty()
    );
    let theirs = store.tickets_of_requester(neighbour.id(), Requester::Customer(customer), ALL);
    assert!(theirs.await.unwrap().is_empty());
    let mut change = world.change();
    change.erase_ticket(own[0].clone(), VisitorId::new(world.samples.visitor().id.uuid()));
    world.commit(change).await;
    assert_eq!(old(now, ALL).await, own[1..3]);
    assert_eq!(of(Requester::Customer(customer)).await, own[2..]);

    let callbacks = [Some(customer), None, None].map(|customer| Callback {
        customer,
        notes: Some(world.samples.unique("notes")),
        ..world.samples.callback()
    });
    for callback in &callbacks {
        let body = EventBody::CallbackRequested { callback: callback.id };
        let mut change = world.change();
        change.put_callback(callback.clone(), [body]);
        change.notify(Notification {
            callback: Some(callback.id),
            ..world.samples.notification(Principal::Agent(agent))
        });
        change.owe(Delivery {
            callback: Some(callback.id),
            ..world.samples.delivery()
        });
        world.commit(change).await;
    }
    let found = async |number: Option<String>| {
        let found = store
            .callbacks_to_forget(world.id(), customer, number, ALL)
            .await
            .unwrap();
        found.iter().map(|callback| callback.id).collect::<Vec<_>>()
    };
    assert_eq!(found(None).await, [callbacks[0].id]);
    let number = callbacks[1].number_key();
    assert_eq!(found(Some(number.clone())).await, [callbacks[0].id, callbacks[1].id]);
    let strange = store.callbacks_to_forget(neighbour.id(), customer, Some(number.clone()), ALL);
    assert!(strange.await.unwrap().is_empty());
    for callback in &callbacks[..2] {
        let stored = store.callback(world.id(), callback.id).await.unwrap().unwrap();
        let mut change = world.change();
        change.erase_callback(stored.clone());
        let at = change.at();
        world.commit(change).await;
        let erased = Callback {
            version: 2,
            ..stored.erased(at)
        };
        assert_eq!(store.callback(world.id(), callback.id).await.unwrap(), Some(erased));
    }
    assert!(found(Some(number)).await.is_empty());
    let told = world.told(Principal::Agent(agent)).await;
    assert_eq!(
        told.iter().map(|told| told.callback).collect::<Vec<_>>(),
        [Some(callbacks[2].id)]
    );
    let owed = world.owed().await;
    assert_eq!(
        owed.iter().map(|owed| owed.callback).collect::<Vec<_>>(),
        [Some(callbacks[2].id)]
    );
}

/// Who is being erased is known until they are gone, with all that was told and sent to them.
pub async fn a_person_is_forgotten_with_what_they_were_told(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let (ada, bob) = (
        world.add_customer(world.samples.customer()).await,
        world.add_customer(world.samples.customer()).await,
    );
    let visitor = world.samples.visitor();
    let address = ada.contact.email.clone().unwrap();
    let accounts = [&ada, &bob].map(|one| Account {
        email: one.contact.email.clone().unwrap(),
        ..world.samples.account(Principal::Customer(one.id))
    });
    let mut change = world.change();
    for (one, account) in [&ada, &bob].into_iter().zip(accounts) {
        change.put_account(account);
        change.notify(world.samples.notification(Principal::Customer(one.id)));
        change.owe(Delivery {
            recipient: one.contact.email.clone().unwrap(),
            ..world.samples.delivery()
        });
    }
    change.put_visitor(visitor.clone());
    world.commit(change).await;

    let erasures = [Requester::Customer(ada.id), Requester::Visitor(visitor.id)].map(|requester| Erasure {
        requester,
        asked_at: world.samples.later(),
    });
    for erasure in erasures {
        for _ in 0..2 {
            let mut change = world.change();
            change.ask_erasure(erasure);
            world.commit(change).await;
        }
    }
    let underway = async |limit| store.erasures(limit).await.unwrap();
    let own = erasures.map(|erasure| (world.id(), erasure));
    assert_eq!(underway(ALL).await, own);
    assert_eq!(underway(1).await, own[..1]);
    let of_ada = store.account(world.id(), Principal::Customer(ada.id));
    assert_eq!(of_ada.await.unwrap(), None, "they can't log in any more");
    assert!(store.customer(world.id(), ada.id).await.unwrap().is_some());

    let mut change = world.change();
    change.forget_customer(&ada);
    world.commit(change).await;
    assert_eq!(underway(ALL).await, own[1..]);
    let mut change = world.change();
    change.forget_visitor(visitor.id, None);
    world.commit(change).await;
    assert!(underway(ALL).await.is_empty());
    assert_eq!(store.customer(world.id(), ada.id).await.unwrap(), None);
    assert_eq!(store.visitor(world.id(), visitor.id).await.unwrap(), None);
    assert!(world.told(Principal::Customer(ada.id)).await.is_empty());
    assert!(world.owed().await.iter().all(|owed| owed.recipient != address));

    assert!(store.customer(world.id(), bob.id).await.unwrap().is_some());
    assert!(
        store
            .account(world.id(), Principal::Customer(bob.id))
            .await
            .unwrap()
            .is_some()
    );
    assert_eq!(world.told(Principal::Customer(bob.id)).await.len(), 1);
    assert_eq!(world.owed().await.len(), 1);
}
