//! No read and no write ever crosses tenants: each is replayed in the name of another one.

use std::{collections::BTreeMap, sync::Arc};

use support_core::{
    for_every_storage_port,
    model::{
        ArticleSearch, ArticleWords, Calendar, Channel, Closing, DeliveryStatus, FigureScope, FoundPlace, Message,
        MessageKind, Principal, TenantId, Ticket, TicketState, Timestamp, WordQuery,
    },
    ports::{
        AgentFilter, ArticleFilter, CallbackFilter, CustomerFilter, DeliveryFilter, EventFilter, FigureGroup,
        FigureQuery, LeaseToken, Store, TicketFilter, TicketPosition, TicketSearch,
    },
};

use crate::{
    deliveries::{LEASE, dead},
    filling::Filling,
    world::{ALL, WHOLE, World},
};

/// What each read that takes a tenant answers for `tenant`, asked for the filling's ids.
async fn read_all(
    store: &dyn Store,
    tenant: TenantId,
    filling: &Filling,
    inbox: &World,
) -> BTreeMap<&'static str, String> {
    let mut answers = BTreeMap::new();
    macro_rules! read {
        ($($method:ident($($argument:expr),*);)*) => {$(
            let answer = store.$method(tenant, $($argument),*).await.unwrap();
            answers.insert(stringify!($method), format!("{answer:?}"));
        )*};
    }
    let (begin, end) = (inbox.tenant.created_at, inbox.tenant.created_at.plus(LEASE));
    let long_ago = Timestamp::from_millis(0);
    let utc = Calendar::new(chrono_tz::UTC, None);
    let all_figures = FigureQuery {
        from: utc.day(long_ago),
        to: utc.day(end),
        of: FigureGroup::One(FigureScope::default()),
    };
    let inbox = inbox.inbox.id;
    let ticket = filling.ticket.id;
    let subject = TicketSearch {
        words: WordQuery::new(&filling.ticket.subject).unwrap(),
        visible_to: None,
    };
    let titled = ArticleSearch {
        words: ArticleWords::Every(WordQuery::new(&filling.article.title).unwrap()),
        category: None,
        language: None,
    };
    let access = filling.ticket.access.clone().unwrap();
    read! {
        tenant();
        inbox(inbox);
        inboxes();
        department(filling.department.id);
        departments();
        agent(filling.agent.id);
        agents_by_id(&[filling.agent.id]);
        agents(&AgentFilter::default(), WHOLE);
        customer(filling.customer.id);
        customer_by_external_id(filling.customer.external_id.as_deref().unwrap());
        customers(&CustomerFilter::default(), WHOLE);
        visitor(filling.visitor.id);
        visitor_context(ticket);
        blocks();
        account(filling.account.principal);
        account_by_email(&filling.account.email);
        login_guard(&filling.guard.email_hash);
        is_token_revoked(filling.token);
        api_keys();
        ticket(ticket);
        ticket_by_number(1);
        ticket_by_access(&access);
        unfinished_ticket_of_session(inbox, "s-1");
        latest_ticket_of_session(inbox, "s-1");
        tickets(&TicketFilter::default(), TicketPosition::Page(1), ALL);
        unassigned_tickets(ALL);
        unassigned_tickets_of(filling.ticket.department, ALL);
        unfinished_tickets_of_agent(filling.agent.id, ALL);
        figures(all_figures);
        top_rated_tickets(FigureScope::default(), long_ago, end, ALL);
        resolved_since(long_ago);
        measures(ticket);
        ratings(filling.rated.id);
        message(ticket, filling.message.id);
        messages(ticket, 0, ALL, true);
        notes(&[ticket]);
        last_event();
        events(0, &EventFilter::default(), ALL);
        notifications(Principal::Agent(filling.agent.id), false, ALL);
        notification(filling.notification.id);
        request(&filling.request.key);
        candidates();
        places_with_words(&subject, ALL);
        found_at(&[FoundPlace { ticket, seq: 0 }]);
        presences();
        callback(filling.callback.id);
        callback_by_number(&filling.callback.number_key(), begin);
        callbacks(&CallbackFilter::default(), WHOLE);
        unassigned_callbacks(end, ALL);
        unfinished_callbacks_of_agent(filling.agent.id, ALL);
        callback_counts(begin, end);
        pending_callbacks(end);
        webhook(filling.webhook.id);
        webhooks();
        canned_response(filling.canned_response.id);
        canned_responses();
        file(filling.file.id);
        files_of_ticket(ticket, ALL);
        loose_files_of(filling.file.uploader, ALL);
        tickets_of_requester(filling.ticket.requester, ALL);
        tickets_to_forget(end, ALL);
        callbacks_to_forget(filling.customer.id, Some(filling.callback.number_key()), ALL);
        article(filling.article.id);
        articles_with_slug(&filling.article.slug);
        articles(&ArticleFilter::default(), WHOLE);
        articles_with_words(&titled, ALL);
        article_vote(filling.article.id, &filling.vote.voter);
        delivery(filling.deliveries[0].id);
        deliveries(&DeliveryFilter::default(), WHOLE);
        deliveries_of_callbacks(&[filling.callback.id]);
        deliveries_with_key("gathered", ALL);
    }
    answers
}

/// The names of all methods of the storage ports that begin with a tenant.
fn methods_of_a_tenant() -> Vec<&'static str> {
    let mut names = Vec::new();
    macro_rules! collect {
        ($port:ident { $($method:ident($($argument:ident: $type:ty),* $(,)?) -> $answer:ty;)* }) => {$(
            if [$(stringify!($argument)),*].first() == Some(&"tenant") {
                names.push(stringify!($method));
            }
        )*};
    }
    for_every_storage_port!(collect);
    names
}

/// What a filled tenant has, a neighbour never sees, by any read of any port.
pub async fn another_tenant_reads_nothing_of_it(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let neighbour = world.neighbour().await;
    let filling = Filling::of(&world);
    let own_before = read_all(&*store, world.id(), &filling, &world).await;
    let before = read_all(&*store, neighbour.id(), &filling, &world).await;
    fill(&world, &filling).await;
    world.open_sample().await;
    let ticket = world.ticket(filling.ticket.id).await;
    let note = Message {
        kind: MessageKind::Note,
        ..world.answer(&ticket)
    };
    world.say(&ticket, note).await;
    add_unassigned_callback(&world).await;
    add_closed(&world).await;

    let own = read_all(&*store, world.id(), &filling, &world).await;
    let unchanged = ["tenant", "inbox", "inboxes"];
    for (method, answer) in &own {
        let is_seen = unchanged.contains(method) || own_before[method] != *answer;
        assert!(
            is_seen,
            "`{method}` does not show what was stored, so replaying it shows nothing"
        );
    }
    assert_eq!(read_all(&*store, neighbour.id(), &filling, &world).await, before);

    let writes = ["seen", "left", "handled", "revive"];
    for method in methods_of_a_tenant() {
        let is_replayed = own.contains_key(method) || writes.contains(&method);
        assert!(is_replayed, "`{method}` is not replayed as another tenant");
    }
}

async fn add_closed(world: &World) {
    let closing = Closing {
        at: world.tenant.created_at,
        by: None,
    };
    let state = TicketState::Closed(None, None, closing);
    let ticket = world.open_sample().await;
    world.update(Ticket { state, ..ticket }).await;
}

async fn add_unassigned_callback(world: &World) {
    let mut change = world.change();
    change.put_callback(world.samples.callback(), []);
    world.commit(change).await;
}

async fn fill(world: &World, filling: &Filling) {
    for (name, change) in filling.writes(world.id(), world) {
        let outcome = world.try_commit(change).await;
        assert!(outcome.is_ok(), "{name}: {outcome:?}");
    }
    let agent = filling.agent.id;
    world
        .store
        .seen(world.id(), agent, world.samples.later(), None)
        .await
        .unwrap();
}

/// What a filled tenant has, a neighbour never changes, by any write, whatever it is answered.
pub async fn another_tenant_changes_nothing_of_it(store: Arc<dyn Store>) {
    let world = World::found(&store).await;
    let neighbour = world.neighbour().await;
    let filling = Filling::of(&world);
    fill(&world, &filling).await;
    let before = read_all(&*store, world.id(), &filling, &world).await;

    let repeated = filling.writes(neighbour.id(), &world);
    let meddling = filling.meddling(neighbour.id(), &world);
    for (name, change) in meddling.into_iter().chain(repeated) {
        // Refused or not is the store's affair; that it reaches nothing is not.
        let _ = store.commit(&[world.seal(change)]).await;
        let after = read_all(&*store, world.id(), &filling, &world).await;
        assert_eq!(after, before, "`{name}` reached another tenant");
    }
    let agent = filling.agent.id;
    store
        .seen(neighbour.id(), agent, world.samples.later(), None)
        .await
        .unwrap();
    store.left(neighbour.id(), agent).await.unwrap();
    store.handled(neighbour.id(), agent).await.unwrap();
    assert_eq!(read_all(&*store, world.id(), &filling, &world).await, before);

    let now = world.samples.later();
    for channel in [Channel::Email, Channel::Webhook] {
        let own = store.claim(world.lane(channel), now, LEASE, ALL).await.unwrap();
        assert_eq!(own.len(), 1, "its own delivery is still there, by {channel}");
        let strange = LeaseToken {
            tenant: neighbour.id(),
            ..own[0].lease
        };
        assert!(!neighbour.settle(strange, dead("meddled with")).await);
        assert!(world.settle(own[0].lease, dead("refused")).await);
        let id = own[0].delivery.id;
        // The neighbour may have got one of the same id, which is its own.
        store.revive(neighbour.id(), id, now).await.unwrap();
        let left = store.delivery(world.id(), id).await.unwrap().unwrap();
        assert_eq!(left.status, DeliveryStatus::Dead);
    }
}
