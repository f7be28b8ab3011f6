//! The event stream of the customer portal, and the export.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use support_faces::{Event, Events, Kind, World, has_fields, is_time, on_both_stores, refused, text_of};
use support_testkit::Api;

use crate::portal::{ME, TICKETS, agent_says, agent_sets, customer, opened, path};

on_both_stores!(
    a_customer_hears_of_all_that_is_theirs,
    a_stream_begins_with_a_comment_and_says_that_it_lives,
    what_was_missed_is_told_again_without_loss_or_doubles,
    a_crash_of_the_server_loses_and_repeats_nothing,
    what_can_not_be_told_again_is_a_reset,
    a_customer_hears_of_nothing_private_and_nothing_foreign,
    a_token_opens_one_stream_and_nothing_else,
    a_token_goes_on_with_its_own_stream,
    logging_out_and_removal_end_streams,
    another_password_ends_streams,
    customers_are_told_of_their_calls,
    an_export_has_all_that_is_theirs,
);

const EVENTS: &str = "/api/customers/me/events";
const TOKEN: &str = "/api/customers/me/events/token";

async fn stream(api: &Api) -> Events {
    let mut events = Events::open(api, EVENTS).await;
    assert_eq!(events.next().await.name, "connected");
    events
}

async fn token(api: &Api) -> String {
    text_of(&api.post(TOKEN, &json!({})).await.expect(200), "/token")
}

fn says(event: &Event, words: &str) -> bool {
    event.name == "new_message" && event.data["message"]["body"] == words
}

/// The places of events, which never go back.
fn places(events: &[Event]) -> Vec<u64> {
    let ids = events.iter().filter_map(|event| event.id.as_ref()?.parse().ok());
    ids.collect()
}

async fn say(api: &Api, ticket: &Value, words: &str) {
    let body = json!({ "body": words });
    api.post(&path(ticket, "/messages"), &body).await.expect(201);
}

/// The words in what was heard, in order.
fn words(heard: &[Event]) -> Vec<String> {
    let said = heard.iter().filter(|event| event.name == "new_message");
    said.map(|event| text_of(&event.data, "/message/body")).collect()
}

async fn a_customer_hears_of_all_that_is_theirs(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let ada = customer(&world, &admin, "ada").await;
    let mara = world.agent(&admin, "mara").await;
    let mut events = stream(&ada).await;
    let ticket = opened(&ada, "Help").await;
    let created = events.next_named("ticket_created").await;
    assert_eq!(created.data["ticket"]["id"], ticket["id"]);
    has_fields(
        &created.data["ticket"],
        &[
            "ticketId",
            "title",
            "status",
            "priority",
            "messageCount",
            "unreadCount",
            "createdAt",
        ],
    );
    let first = events.next_named("new_message").await;
    assert_eq!(
        (&first.data["ticketId"], &first.data["message"]["body"]),
        (&ticket["ticketId"], &json!("Help: please help"))
    );
    has_fields(
        &first.data["message"],
        &["id", "seq", "sender", "senderName", "createdAt"],
    );

    agent_says(&mara.api, &ticket, "Coming", "text").await;
    let heard = events.until(|event| event.name == "notification").await;
    assert!(heard.iter().any(|event| says(event, "Coming")), "{heard:?}");
    let moved = heard.iter().find(|event| event.name == "status_change").unwrap();
    assert_eq!(
        (&moved.data["ticketId"], &moved.data["id"], &moved.data["status"]),
        (&ticket["ticketId"], &ticket["id"], &json!("in_progress"))
    );
    let told = &heard.last().unwrap().data["notification"];
    assert_eq!(
        (&told["type"], &told["ticketId"]),
        (&json!("new_message"), &ticket["id"])
    );

    ada.post("/api/customers/me/calls", &json!({})).await.expect(201);
    let asked = events.next_named("call_requested").await;
    has_fields(&asked.data["call"], &["id", "status", "contactNumber", "createdAt"]);

    agent_sets(&mara.api, &ticket, "resolved").await;
    let heard = events.until(|event| event.name == "notification").await;
    let moved = heard.iter().find(|event| event.name == "status_change").unwrap();
    assert_eq!(moved.data["status"], "resolved");
    assert!(
        heard.iter().all(|event| event.id.is_some()),
        "all of it can be missed: {heard:?}"
    );
    let places = places(&heard);
    assert!(places.is_sorted_by(|one, next| one < next), "{places:?}");
}

async fn a_stream_begins_with_a_comment_and_says_that_it_lives(kind: Kind) {
    // Where silence counts sooner, signs of life are given sooner.
    let world = World::with(kind, &[("PRESENCE_TIMEOUT_S", "3")]).await;
    let admin = world.admin().await;
    let ada = customer(&world, &admin, "ada").await;
    let request = ada.request(Method::GET, EVENTS);
    let mut answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let first = answer.chunk().await.unwrap().unwrap();
    assert!(first.starts_with(b":"), "{first:?}");
    drop(answer);
    let mut events = stream(&ada).await;
    for _ in 0..2 {
        let beat = events.next_named("heartbeat").await;
        assert_eq!(beat.id, None, "a heartbeat is no place to go on from");
    }
}

async fn what_was_missed_is_told_again_without_loss_or_doubles(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let (ada, bob) = (
        customer(&world, &admin, "ada").await,
        customer(&world, &admin, "bob").await,
    );
    let (one, two, others) = (
        opened(&ada, "One").await,
        opened(&ada, "Two").await,
        opened(&bob, "B").await,
    );
    let mut events = stream(&ada).await;
    say(&ada, &one, "word 0").await;
    let heard = events.until(|event| says(event, "word 0")).await;
    let seen = places(&heard).pop().unwrap().to_string();
    drop(events);
    for number in 1..=30 {
        let ticket = if number % 2 == 0 { &one } else { &two };
        say(&ada, ticket, &format!("word {number}")).await;
        say(&bob, &others, "noise").await;
    }
    let by_header = ada.with_header("Last-Event-ID", &seen);
    let mut by_header = Events::open(&by_header, &format!("{EVENTS}?lastEventId=1")).await;
    let mut by_query = Events::open(&ada, &format!("{EVENTS}?lastEventId={seen}")).await;
    for number in 31..=40 {
        say(&ada, &one, &format!("word {number}")).await;
    }
    let expected: Vec<_> = (1..=40).map(|number| format!("word {number}")).collect();
    for events in [&mut by_header, &mut by_query] {
        let heard = events.until(|event| says(event, "word 40")).await;
        assert_eq!(words(&heard), expected);
        let places = places(&heard);
        assert!(places.is_sorted_by(|first, next| first < next), "{places:?}");
    }
    for place in ["x", "-1", ""] {
        let api = ada.with_header("Last-Event-ID", place);
        let mut events = Events::open(&api, EVENTS).await;
        let connected = events.next().await;
        assert_eq!(connected.name, "connected", "{place}");
        assert!(connected.id.is_some(), "a place to go on from");
    }
}

async fn a_crash_of_the_server_loses_and_repeats_nothing(kind: Kind) {
    let mut world = World::start(kind).await;
    let admin = world.admin().await;
    let ada = customer(&world, &admin, "ada").await;
    let ticket = opened(&ada, "Help").await;
    let token = token(&ada).await;
    let public = world.public();
    let mut events = Events::open(&public, &format!("{EVENTS}?token={token}")).await;
    let (mut heard, mut place) = (Vec::new(), events.next_named("connected").await.id.unwrap());
    for round in 0..3 {
        say(&ada, &ticket, &format!("heard {round}")).await;
        let part = events.until(|event| says(event, &format!("heard {round}"))).await;
        place = places(&part).pop().map_or(place, |last| last.to_string());
        heard.extend(part);
        // Said, and told to nobody any more.
        say(&ada, &ticket, &format!("missed {round}")).await;
        world.server_mut().restart().await;
        let again = public.with_header("Last-Event-ID", &place);
        events = Events::open(&again, &format!("{EVENTS}?token={token}")).await;
    }
    heard.extend(events.until(|event| says(event, "missed 2")).await);
    let expected: Vec<_> = (0..3)
        .flat_map(|round| [format!("heard {round}"), format!("missed {round}")])
        .collect();
    assert_eq!(words(&heard), expected);
    let places = places(&heard);
    assert_eq!(places.iter().collect::<BTreeSet<_>>().len(), places.len(), "{places:?}");
}

async fn what_can_not_be_told_again_is_a_reset(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let ada = customer(&world, &admin, "ada").await;
    let api = ada.with_header("Last-Event-ID", "999999999");
    let mut events = Events::open(&api, EVENTS).await;
    let connected = events.next().await;
    assert_eq!(
        (connected.name.as_str(), events.next().await.name.as_str()),
        ("connected", "reset")
    );
    let ticket = opened(&ada, "Help").await;
    let created = events.next_named("ticket_created").await;
    assert_eq!(created.data["ticket"]["id"], ticket["id"], "it goes on all the same");
}

async fn a_customer_hears_of_nothing_private_and_nothing_foreign(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let (ada, bob) = (
        customer(&world, &admin, "ada").await,
        customer(&world, &admin, "bob").await,
    );
    let other = world.tenant("other").await;
    let cleo = customer(&world, &other.admin.api, "cleo").await;
    let mara = world.agent(&admin, "mara").await;
    let ticket = opened(&ada, "Help").await;
    let mut events = Events::open(&ada, &format!("{EVENTS}?lastEventId=0")).await;
    agent_says(&mara.api, &ticket, "SECRET note", "note").await;
    let id = text_of(&ticket, "/id");
    let tags = json!({ "add": ["SECRETTAG"] });
    mara.api
        .patch(&format!("/api/tickets/{id}/tags"), &tags)
        .await
        .expect(200);
    let reason = json!({ "reason": "SECRET reason" });
    mara.api
        .post(&format!("/api/tickets/{id}/escalate"), &reason)
        .await
        .expect(200);
    let foreign = opened(&bob, "FOREIGN").await;
    agent_says(&mara.api, &foreign, "FOREIGN words", "text").await;
    opened(&cleo, "FOREIGN tenant").await;
    agent_sets(&mara.api, &ticket, "resolved").await;
    agent_says(&mara.api, &ticket, "The end", "text").await;
    let heard = events.until(|event| says(event, "The end")).await;
    let mut replayed = Events::open(&ada, &format!("{EVENTS}?lastEventId=0")).await;
    let again = replayed.until(|event| says(event, "The end")).await;
    for heard in [format!("{heard:?}"), format!("{again:?}")] {
        for private in ["SECRET", "FOREIGN", "mara@example.com", "escalat", "note", &mara.id] {
            assert!(!heard.contains(private), "{private}: {heard}");
        }
    }
}

async fn a_token_opens_one_stream_and_nothing_else(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let ada = customer(&world, &admin, "ada").await;
    let public = world.public();
    refused(&public.post(TOKEN, &json!({})).await, 401, "UNAUTHENTICATED");
    refused(&admin.post(TOKEN, &json!({})).await, 403, "FORBIDDEN");
    refused(&public.get(EVENTS).await, 401, "UNAUTHENTICATED");
    refused(&admin.get(EVENTS).await, 403, "FORBIDDEN");
    let first = token(&ada).await;
    assert_ne!(first, token(&ada).await);
    let by_token = format!("{EVENTS}?token={first}");
    let mut events = Events::open(&public, &by_token).await;
    assert_eq!(events.next().await.name, "connected");
    refused(&public.get(&by_token).await, 401, "UNAUTHENTICATED");
    let ticket = opened(&ada, "Help").await;
    events.next_named("ticket_created").await;
    let bearer = public.with_token(&first);
    for path in [ME, TICKETS, EVENTS, &path(&ticket, "")] {
        refused(&bearer.get(path).await, 401, "UNAUTHENTICATED");
        refused(&public.get(&format!("{path}?token=x")).await, 401, "UNAUTHENTICATED");
    }
    refused(&bearer.post(TOKEN, &json!({})).await, 401, "UNAUTHENTICATED");
    refused(
        &public.get(&format!("{ME}?token={first}")).await,
        401,
        "UNAUTHENTICATED",
    );
    // A login has no place in an address, and a token that was meddled with is none.
    let login = public.token("ada@customers.example", "a long enough password").await;
    refused(
        &public.get(&format!("{EVENTS}?token={login}")).await,
        401,
        "UNAUTHENTICATED",
    );
    let meddled = format!("{}x", first);
    refused(
        &public.get(&format!("{EVENTS}?token={meddled}")).await,
        401,
        "UNAUTHENTICATED",
    );
    // What lets somebody in is given out anew each time.
    let once = ada.with_header("Idempotency-Key", "the-same-key-for-both-tokens");
    assert_ne!(token(&once).await, token(&once).await);
}

async fn a_token_goes_on_with_its_own_stream(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let ada = customer(&world, &admin, "ada").await;
    let public = world.public();
    let by_token = format!("{EVENTS}?token={}", token(&ada).await);
    let mut events = Events::open(&public, &by_token).await;
    let place = events.next_named("connected").await.id.unwrap();
    let ticket = opened(&ada, "Help").await;
    // The browser lost its connection before the server did.
    let again = public.with_header("Last-Event-ID", &place);
    let mut after = Events::open(&again, &by_token).await;
    let created = after.next_named("ticket_created").await;
    assert_eq!(created.data["ticket"]["id"], ticket["id"]);
    events.ends().await;
    drop(after);
    let mut anew = Events::open(&public, &by_token).await;
    assert_eq!(anew.next().await.name, "connected", "nobody else has it");
}

async fn logging_out_and_removal_end_streams(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let (ada, bob) = (
        customer(&world, &admin, "ada").await,
        customer(&world, &admin, "bob").await,
    );
    let public = world.public();
    let by_token = format!("{EVENTS}?token={}", token(&ada).await);
    let mut events = Events::open(&public, &by_token).await;
    let place = events.next_named("connected").await.id.unwrap();
    let mut by_bearer = stream(&ada).await;
    ada.post("/api/auth/logout", &json!({})).await;
    events.ends().await;
    by_bearer.ends().await;
    let again = public.with_header("Last-Event-ID", &place);
    refused(&again.get(&by_token).await, 401, "UNAUTHENTICATED");

    let mut events = stream(&bob).await;
    let id = text_of(&bob.get(ME).await.expect(200), "/id");
    admin.delete(&format!("/api/customers/{id}")).await;
    events.ends().await;
    refused(&bob.get(EVENTS).await, 401, "UNAUTHENTICATED");
}

async fn another_password_ends_streams(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let ada = customer(&world, &admin, "ada").await;
    let by_token = format!("{EVENTS}?token={}", token(&ada).await);
    let mut events = Events::open(&world.public(), &by_token).await;
    assert_eq!(events.next().await.name, "connected");
    let mut by_bearer = stream(&ada).await;
    ada.patch(ME, &json!({ "phone": "030 7654321" })).await.expect(200);
    opened(&ada, "Still here").await;
    for events in [&mut events, &mut by_bearer] {
        events.next_named("ticket_created").await;
    }
    let id = text_of(&ada.get(ME).await.expect(200), "/id");
    let password = json!({ "password": "quite another password" });
    admin
        .patch(&format!("/api/customers/{id}"), &password)
        .await
        .expect(200);
    events.ends().await;
    by_bearer.ends().await;
}

async fn customers_are_told_of_their_calls(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let ada = customer(&world, &admin, "ada").await;
    let mut events = stream(&ada).await;
    let call = ada.post("/api/customers/me/calls", &json!({})).await.expect(201);
    let path = format!("/api/v1/admin/callbacks/{}", text_of(&call, "/id"));
    let missed = json!({ "outcome": "no_answer", "notes": "SECRET" });
    admin.post(&format!("{path}/attempts"), &missed).await.expect(200);
    let reached = json!({ "outcome": "reached" });
    admin.post(&format!("{path}/attempts"), &reached).await.expect(200);
    admin.patch(&path, &json!({ "status": "resolved" })).await.expect(200);
    let mut titles = BTreeSet::new();
    for _ in 0..3 {
        let told = events.next_named("notification").await.data["notification"].clone();
        assert_eq!(
            (&told["type"], &told["callId"]),
            (&json!("callback_requested"), &call["id"])
        );
        assert!(!told.to_string().contains("SECRET"));
        titles.insert(text_of(&told, "/title"));
    }
    assert_eq!(titles.len(), 3, "{titles:?}");
    let told = ada.get("/api/customers/me/notifications").await.expect(200);
    assert_eq!(told.as_array().unwrap().len(), 3);
}

async fn an_export_has_all_that_is_theirs(kind: Kind) {
    const EXPORT: &str = "/api/customers/me/export";
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let (ada, bob) = (
        customer(&world, &admin, "ada").await,
        customer(&world, &admin, "bob").await,
    );
    let mara = world.agent(&admin, "mara").await;
    let empty = bob.get(EXPORT).await.expect(200);
    assert_eq!(
        (&empty["tickets"], &empty["calls"], &empty["notifications"]),
        (&json!([]), &json!([]), &json!([]))
    );
    opened(&bob, "FOREIGN").await;
    let mut tickets = Vec::new();
    for number in 0..60 {
        tickets.push(opened(&ada, &format!("Ticket {number}")).await);
    }
    agent_says(&mara.api, &tickets[0], "SECRET note", "note").await;
    agent_says(&mara.api, &tickets[0], "An answer", "text").await;
    agent_sets(&mara.api, &tickets[0], "resolved").await;
    let rating = json!({ "ticketId": tickets[0]["id"], "rating": 5, "comment": "Fine" });
    ada.post("/api/customers/me/feedback", &rating).await.expect(201);
    for number in 0..2 {
        let body = json!({ "contactNumber": format!("030 123456{number}") });
        ada.post("/api/customers/me/calls", &body).await.expect(201);
    }
    let answer = ada.get(EXPORT).await;
    assert!(
        answer
            .header("content-type")
            .is_some_and(|kind| kind.starts_with("application/json"))
    );
    for private in ["SECRET", "FOREIGN", "mara@example.com"] {
        assert!(!answer.text.contains(private), "{private}");
    }
    let all = answer.expect(200);
    is_time(&all["exportedAt"]);
    assert_eq!(all["customer"]["email"], "ada@customers.example");
    let exported = all["tickets"].as_array().unwrap();
    let ids: Vec<_> = exported.iter().map(|ticket| &ticket["id"]).collect();
    assert_eq!(
        ids,
        tickets.iter().map(|ticket| &ticket["id"]).collect::<Vec<_>>(),
        "oldest first"
    );
    assert!(
        exported
            .iter()
            .all(|ticket| !ticket["messages"].as_array().unwrap().is_empty())
    );
    assert!(exported[0]["messages"].to_string().contains("An answer"));
    assert_eq!(exported[0]["feedback"][0]["comment"], "Fine");
    assert_eq!(all["calls"].as_array().unwrap().len(), 2);
    assert_eq!(all["notifications"].as_array().unwrap().len(), 2);
    refused(&admin.get(EXPORT).await, 403, "FORBIDDEN");
    refused(&world.public().get(EXPORT).await, 401, "UNAUTHENTICATED");
}
