//! The customer portal: tickets, messages, notifications, ratings.

use serde_json::{Value, json};
use support_faces::{
    Chat, Kind, World, fields_of, has_fields, id_of, is_time, is_uuid, on_both_stores, refused, refused_fields, text_of,
};
use support_testkit::Api;
use uuid::Uuid;

on_both_stores!(
    a_customer_sees_and_changes_who_they_are,
    an_address_that_somebody_logs_in_with_stays_theirs,
    a_customer_opens_tickets_and_lists_them,
    lists_are_chosen_paged_and_counted,
    all_that_is_wrong_with_a_ticket_is_told_at_once,
    a_customer_and_an_agent_talk,
    the_same_message_again_is_not_said_twice,
    what_is_written_to_a_closed_ticket_opens_another,
    a_customer_closes_and_reopens,
    notes_and_what_agents_know_never_reach_the_customer,
    customers_are_told_and_say_what_they_have_read,
    a_resolution_is_rated_once,
    nobody_finds_what_is_anothers,
    the_portal_is_for_customers,
    a_repeated_call_opens_one_ticket,
);

pub(crate) const ME: &str = "/api/customers/me";
pub(crate) const TICKETS: &str = "/api/customers/me/tickets";
const NOTIFICATIONS: &str = "/api/customers/me/notifications";
const FEEDBACK: &str = "/api/customers/me/feedback";
const PASSWORD: &str = "a long enough password";

/// A customer of an admin's tenant, logged in.
pub(crate) async fn customer(world: &World, admin: &Api, name: &str) -> Api {
    let email = format!("{name}@customers.example");
    let body = json!({ "name": name, "email": email, "phone": "030 1234567", "password": PASSWORD });
    admin.post("/api/customers", &body).await.expect(201);
    world.public().login(&email, PASSWORD).await
}

/// A ticket that a customer opens, by its number.
pub(crate) async fn opened(api: &Api, title: &str) -> Value {
    let body = json!({ "title": title, "description": format!("{title}: please help") });
    api.post(TICKETS, &body).await.expect(201)
}

pub(crate) fn path(ticket: &Value, call: &str) -> String {
    format!("{TICKETS}/{}{call}", text_of(ticket, "/ticketId"))
}

/// What an agent says or notes in a ticket.
pub(crate) async fn agent_says(agent: &Api, ticket: &Value, words: &str, kind: &str) -> Value {
    let path = format!("/api/tickets/{}/messages", text_of(ticket, "/id"));
    let body = json!({ "content": words, "sender": "agent", "messageType": kind });
    agent.post(&path, &body).await.expect(201)
}

pub(crate) async fn agent_sets(agent: &Api, ticket: &Value, status: &str) {
    let path = format!("/api/tickets/{}/status", text_of(ticket, "/id"));
    let body = json!({ "status": status, "notes": "SECRET resolution notes" });
    agent.patch(&path, &body).await.expect(200);
}

fn titles(list: &Value) -> Vec<String> {
    let rows = list.as_array().unwrap();
    rows.iter().map(|row| text_of(row, "/title")).collect()
}

async fn a_customer_sees_and_changes_who_they_are(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let ada = customer(&world, &admin, "ada").await;
    let me = ada.get(ME).await.expect(200);
    assert_eq!(fields_of(&me), ["id", "name", "email", "phone", "stats"].into());
    is_uuid(&me["id"]);
    assert_eq!((&me["name"], &me["phone"]), (&json!("ada"), &json!("030 1234567")));
    assert_eq!(
        me["stats"],
        json!({ "totalTickets": 0, "openTickets": 0, "resolvedTickets": 0 })
    );
    let changes = json!({ "name": "Ada Lovelace", "phone": "+49 30 7654321" });
    let changed = ada.patch(ME, &changes).await.expect(200);
    assert_eq!(
        (&changed["name"], &changed["phone"]),
        (&changes["name"], &changes["phone"])
    );
    assert_eq!(changed["email"], "ada@customers.example", "what is not named stays");
    assert_eq!(ada.get(ME).await.expect(200), changed);
    let wrong = json!({ "name": "x".repeat(201), "email": "nowhere", "phone": "call me" });
    refused_fields(&ada.patch(ME, &wrong).await, &["name", "email", "phone"]);
    let types = json!({ "name": 7, "email": "nowhere", "phone": [] });
    refused_fields(&ada.patch(ME, &types).await, &["name", "email", "phone"]);
    // Nobody makes more of themselves than they are.
    let hopeful = json!({ "id": Uuid::nil(), "role": "admin", "externalId": "x", "password": "another password" });
    ada.patch(ME, &hopeful).await.expect(200);
    assert_eq!(ada.get(ME).await.expect(200)["id"], me["id"]);
    world.public().login("ada@customers.example", PASSWORD).await;

    let first = opened(&ada, "First").await;
    opened(&ada, "Second").await;
    agent_sets(&admin, &first, "resolved").await;
    assert_eq!(
        ada.get(ME).await.expect(200)["stats"],
        json!({ "totalTickets": 2, "openTickets": 1, "resolvedTickets": 1 })
    );
}

async fn an_address_that_somebody_logs_in_with_stays_theirs(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let (ada, bob) = (
        customer(&world, &admin, "ada").await,
        customer(&world, &admin, "bob").await,
    );
    let taken = ada.patch(ME, &json!({ "email": "bob@customers.example" })).await;
    refused(&taken, 409, "CONFLICT");
    assert_eq!(bob.get(ME).await.expect(200)["email"], "bob@customers.example");
    let free = json!({ "email": "Ada.Lovelace@customers.example" });
    ada.patch(ME, &free).await.expect(200);
    world.public().login("ada.lovelace@customers.example", PASSWORD).await;
}

async fn a_customer_opens_tickets_and_lists_them(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let ada = customer(&world, &admin, "ada").await;
    let body = json!({
        "title": " The printer is on fire ", "description": "It burns", "category": "hardware", "priority": "urgent",
        "type": "incident",
    });
    let made = ada.post(TICKETS, &body).await.expect(201);
    let row = [
        "id",
        "ticketId",
        "title",
        "status",
        "priority",
        "category",
        "messageCount",
        "lastMessageAt",
        "unreadCount",
        "createdAt",
    ];
    has_fields(&made, &row);
    has_fields(&made, &["messages", "feedback"]);
    is_uuid(&made["id"]);
    is_time(&made["createdAt"]);
    is_time(&made["lastMessageAt"]);
    assert_eq!(made["ticketId"], "TKT-1");
    assert_eq!(
        (
            &made["title"],
            &made["status"],
            &made["priority"],
            &made["category"],
            &made["type"]
        ),
        (
            &json!("The printer is on fire"),
            &json!("open"),
            &json!("urgent"),
            &json!("hardware"),
            &json!("incident")
        )
    );
    assert_eq!((&made["messageCount"], &made["unreadCount"]), (&json!(1), &json!(0)));
    assert_eq!(made["feedback"], Value::Null);
    let message = &made["messages"][0];
    has_fields(message, &["id", "seq", "body", "sender", "senderName", "createdAt"]);
    assert_eq!(
        (&message["body"], &message["sender"], &message["senderName"]),
        (&json!("It burns"), &json!("customer"), &json!("ada"))
    );
    let usual = opened(&ada, "Something else").await;
    assert_eq!(usual["priority"], "medium");

    let list = ada.get(TICKETS).await;
    assert_eq!(list.header("x-total-count"), Some("2"));
    let list = list.expect(200);
    assert_eq!(titles(&list), ["Something else", "The printer is on fire"]);
    has_fields(&list[0], &row);
    for named in [&made["id"], &made["ticketId"]] {
        let shown = ada
            .get(&format!("{TICKETS}/{}", named.as_str().unwrap()))
            .await
            .expect(200);
        assert_eq!(shown, made);
    }
    // Agents have it in their terms.
    let theirs = admin
        .get(&format!("/api/tickets/{}", text_of(&made, "/id")))
        .await
        .expect(200);
    let theirs = &theirs["data"]["ticket"];
    assert_eq!(
        (&theirs["channel"], &theirs["priority"], &theirs["metadata"]["type"]),
        (&json!("portal"), &json!("urgent"), &json!("incident"))
    );
}

async fn lists_are_chosen_paged_and_counted(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let (ada, bob) = (
        customer(&world, &admin, "ada").await,
        customer(&world, &admin, "bob").await,
    );
    opened(&bob, "Bob's").await;
    let mara = world.agent(&admin, "mara").await;
    let mut made = Vec::new();
    for (title, priority) in [
        ("a", "low"),
        ("b", "medium"),
        ("c", "high"),
        ("d", "urgent"),
        ("e", "medium"),
    ] {
        let body = json!({ "title": title, "description": title, "priority": priority });
        made.push(ada.post(TICKETS, &body).await.expect(201));
    }
    agent_says(&mara.api, &made[1], "Mine now", "text").await;
    for (ticket, status) in [(2, "pending"), (3, "resolved"), (4, "closed")] {
        agent_sets(&mara.api, &made[ticket], status).await;
    }
    let listed = async |query: &str| {
        let answer = ada.get(&format!("{TICKETS}?{query}")).await;
        let total = answer.header("x-total-count").unwrap().to_owned();
        (titles(&answer.expect(200)).join(""), total)
    };
    for (query, expected, total) in [
        ("", "edcba", "5"),
        ("status=open", "a", "1"),
        ("status=in_progress", "b", "1"),
        ("status=pending", "c", "1"),
        ("status=resolved", "d", "1"),
        ("status=closed", "e", "1"),
        ("status=open,in_progress", "ba", "2"),
        ("priority=medium", "eb", "2"),
        ("priority=urgent", "d", "1"),
        ("priority=medium&status=closed", "e", "1"),
        ("page=2&limit=2", "cb", "5"),
        ("page=3&limit=2", "a", "5"),
        ("page=4&limit=2", "", "5"),
    ] {
        assert_eq!(listed(query).await, (expected.to_owned(), total.to_owned()), "{query}");
    }
    let wrong = ada
        .get(&format!("{TICKETS}?status=waiting&priority=normal&page=0&limit=101"))
        .await;
    refused_fields(&wrong, &["status", "priority", "page", "limit"]);

    let (mut query, mut all) = ("limit=2".to_owned(), String::new());
    loop {
        let part = ada.get(&format!("{TICKETS}?{query}")).await;
        let next = part.header("x-next-cursor").map(str::to_owned);
        all += &titles(&part.expect(200)).join("");
        let Some(next) = next else { break };
        query = format!("limit=2&cursor={next}");
    }
    assert_eq!(all, "edcba");
    let foreign = bob.get(&format!("{TICKETS}?{query}")).await;
    refused_fields(&foreign, &["cursor"]);
}

async fn all_that_is_wrong_with_a_ticket_is_told_at_once(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let ada = customer(&world, &admin, "ada").await;
    refused_fields(&ada.post(TICKETS, &json!({})).await, &["title", "description"]);
    let blank = json!({ "title": " ", "description": "\n" });
    refused_fields(&ada.post(TICKETS, &blank).await, &["title", "description"]);
    let wrong = json!({
        "title": "x".repeat(201), "description": "x".repeat(5_001), "priority": "normal", "category": "x".repeat(101),
        "type": "x".repeat(101),
    });
    let fields = ["title", "description", "priority", "category", "type"];
    refused_fields(&ada.post(TICKETS, &wrong).await, &fields);
    let types = json!({ "title": 1, "description": [], "priority": {}, "category": true, "type": 7 });
    refused_fields(&ada.post(TICKETS, &types).await, &fields);
    assert_eq!(ada.get(TICKETS).await.expect(200), json!([]));
    let ticket = opened(&ada, "Fine").await;
    let messages = path(&ticket, "/messages");
    refused_fields(&ada.post(&messages, &json!({})).await, &["body"]);
    let wrong = json!({ "body": "x".repeat(5_001), "clientMessageId": "x".repeat(201) });
    refused_fields(&ada.post(&messages, &wrong).await, &["body", "clientMessageId"]);
    refused_fields(&ada.post(&messages, &json!({ "body": 1 })).await, &["body"]);
    refused_fields(
        &ada.get(&format!("{messages}?after=x&limit=0")).await,
        &["after", "limit"],
    );
}

async fn a_customer_and_an_agent_talk(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let ada = customer(&world, &admin, "ada").await;
    let mara = world.agent(&admin, "mara").await;
    let ticket = opened(&ada, "Help").await;
    agent_says(&mara.api, &ticket, "How can I help?", "text").await;
    let row = &ada.get(TICKETS).await.expect(200)[0];
    assert_eq!(
        (&row["status"], &row["unreadCount"]),
        (&json!("in_progress"), &json!(1))
    );
    let shown = ada.get(&path(&ticket, "")).await.expect(200);
    assert_eq!(shown["unreadCount"], 0, "what is shown is read");
    assert_eq!(ada.get(TICKETS).await.expect(200)[0]["unreadCount"], 0);
    let messages = shown["messages"].as_array().unwrap();
    let answer = messages
        .iter()
        .find(|message| message["body"] == "How can I help?")
        .unwrap();
    assert_eq!(
        (&answer["sender"], &answer["senderName"]),
        (&json!("agent"), &json!("mara"))
    );
    assert_eq!(shown["messageCount"], json!(messages.len()));

    let said = ada
        .post(&path(&ticket, "/messages"), &json!({ "body": " It burns\n" }))
        .await
        .expect(201);
    has_fields(&said, &["id", "seq", "ticketId", "body", "sender", "createdAt"]);
    assert_eq!(
        (&said["body"], &said["ticketId"]),
        (&json!("It burns"), &ticket["ticketId"])
    );
    let after = said["seq"].as_u64().unwrap() - 1;
    let rest = ada
        .get(&path(&ticket, &format!("/messages?after={after}")))
        .await
        .expect(200);
    assert_eq!(rest.as_array().unwrap().len(), 1);
    assert_eq!(rest[0]["id"], said["id"]);
    // A page that shows messages as they come says so.
    agent_says(&mara.api, &ticket, "Coming", "text").await;
    assert_eq!(ada.get(TICKETS).await.expect(200)[0]["unreadCount"], 1);
    let marked = ada.post(&path(&ticket, "/read"), &json!({})).await.expect(200);
    assert_eq!(marked["markedCount"], 1);
    assert_eq!(ada.get(TICKETS).await.expect(200)[0]["unreadCount"], 0);
    // The agent waits, and the customer's words take it up again.
    agent_sets(&mara.api, &ticket, "pending").await;
    assert_eq!(ada.get(&path(&ticket, "")).await.expect(200)["status"], "pending");
    ada.post(&path(&ticket, "/messages"), &json!({ "body": "Still burning" }))
        .await
        .expect(201);
    assert_eq!(ada.get(&path(&ticket, "")).await.expect(200)["status"], "in_progress");
}

async fn the_same_message_again_is_not_said_twice(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let ada = customer(&world, &admin, "ada").await;
    let ticket = opened(&ada, "Help").await;
    let body = json!({ "body": "Once", "clientMessageId": "m-1" });
    let first = ada.post(&path(&ticket, "/messages"), &body).await.expect(201);
    assert_eq!(first["clientMessageId"], "m-1");
    for _ in 0..2 {
        let again = ada.post(&path(&ticket, "/messages"), &body).await;
        assert!([200, 201].contains(&again.status));
        assert_eq!(again.json["id"], first["id"]);
        assert_eq!(again.json["seq"], first["seq"]);
    }
    assert_eq!(ada.get(&path(&ticket, "")).await.expect(200)["messageCount"], 2);
}

async fn what_is_written_to_a_closed_ticket_opens_another(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let ada = customer(&world, &admin, "ada").await;
    let ticket = opened(&ada, "Help").await;
    ada.post(&path(&ticket, "/close"), &json!({})).await.expect(200);
    let body = json!({ "body": "One more thing", "clientMessageId": "m-2" });
    let said = ada.post(&path(&ticket, "/messages"), &body).await.expect(201);
    assert_eq!(
        (&said["ticketId"], &said["previousTicketId"]),
        (&json!("TKT-2"), &json!("TKT-1"))
    );
    let again = ada.post(&path(&ticket, "/messages"), &body).await;
    assert_eq!(again.json["id"], said["id"]);
    let list = ada.get(TICKETS).await.expect(200);
    assert_eq!(list.as_array().unwrap().len(), 2);
    assert_eq!(
        (&list[0]["status"], &list[1]["status"]),
        (&json!("open"), &json!("closed"))
    );
}

async fn a_customer_closes_and_reopens(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let ada = customer(&world, &admin, "ada").await;
    let mara = world.agent(&admin, "mara").await;
    mara.goes_online().await;
    let ticket = opened(&ada, "Help").await;
    let (close, reopen) = (path(&ticket, "/close"), path(&ticket, "/reopen"));
    refused(&ada.post(&reopen, &json!({})).await, 409, "INVALID_TRANSITION");
    agent_says(&mara.api, &ticket, "Done", "text").await;
    agent_sets(&mara.api, &ticket, "resolved").await;
    assert_eq!(ada.get(&path(&ticket, "")).await.expect(200)["status"], "resolved");
    let reopened = ada.post(&reopen, &json!({})).await.expect(200);
    assert_eq!(reopened["status"], "in_progress", "its agent is there and has it again");
    agent_sets(&mara.api, &ticket, "resolved").await;
    mara.goes_offline().await;
    mara.sets_status("offline").await;
    ada.post(&reopen, &json!({})).await.expect(200);
    let closed = ada.post(&close, &json!({})).await.expect(200);
    assert_eq!(closed["status"], "closed");
    refused(&ada.post(&close, &json!({})).await, 409, "INVALID_TRANSITION");
    refused(&ada.post(&reopen, &json!({})).await, 409, "INVALID_TRANSITION");
    assert_eq!(ada.get(&path(&ticket, "")).await.expect(200)["status"], "closed");
}

async fn notes_and_what_agents_know_never_reach_the_customer(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let ada = customer(&world, &admin, "ada").await;
    let mara = world.agent(&admin, "mara").await;
    let ticket = opened(&ada, "Help").await;
    agent_says(&mara.api, &ticket, "SECRET note", "note").await;
    agent_says(&mara.api, &ticket, "Public answer", "text").await;
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
    agent_sets(&mara.api, &ticket, "resolved").await;
    let mut seen = String::new();
    for path in [
        TICKETS.to_owned(),
        path(&ticket, ""),
        path(&ticket, "/messages"),
        path(&ticket, "/messages?limit=1&after=1"),
        NOTIFICATIONS.to_owned(),
    ] {
        seen += &ada.get(&path).await.expect(200).to_string();
    }
    for private in ["SECRET", "mara@example.com", "escalat", "\"note\"", &mara.id] {
        assert!(!seen.contains(private), "{private}: {seen}");
    }
    let shown = ada.get(&path(&ticket, "")).await.expect(200);
    let messages = shown["messages"].as_array().unwrap();
    assert_eq!(shown["messageCount"], json!(messages.len()), "notes are not counted");
    assert_eq!(
        ada.get(TICKETS).await.expect(200)[0]["messageCount"],
        shown["messageCount"]
    );
}

async fn customers_are_told_and_say_what_they_have_read(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let (ada, bob) = (
        customer(&world, &admin, "ada").await,
        customer(&world, &admin, "bob").await,
    );
    let mara = world.agent(&admin, "mara").await;
    assert_eq!(ada.get(NOTIFICATIONS).await.expect(200), json!([]));
    let ticket = opened(&ada, "Help").await;
    agent_says(&mara.api, &ticket, "Try to turn it off and on", "text").await;
    agent_sets(&mara.api, &ticket, "resolved").await;
    let told = ada.get(NOTIFICATIONS).await.expect(200);
    let kinds: Vec<_> = told
        .as_array()
        .unwrap()
        .iter()
        .map(|one| text_of(one, "/type"))
        .collect();
    assert_eq!(kinds, ["ticket_status_change", "new_message"], "newest first: {told}");
    for one in told.as_array().unwrap() {
        has_fields(
            one,
            &[
                "id",
                "type",
                "title",
                "message",
                "priority",
                "ticketId",
                "isRead",
                "createdAt",
            ],
        );
        assert_eq!((&one["isRead"], &one["ticketId"]), (&json!(false), &ticket["id"]));
        assert_eq!(one["priority"], "medium");
    }
    let read = format!("{NOTIFICATIONS}/{}/read", id_of(&told, "/1/id"));
    refused(&bob.patch(&read, &json!({})).await, 404, "NOT_FOUND");
    let marked = ada.patch(&read, &json!({})).await.expect(200);
    assert_eq!((&marked["id"], &marked["isRead"]), (&told[1]["id"], &json!(true)));
    is_time(&marked["readAt"]);
    assert_eq!(ada.patch(&read, &json!({})).await.expect(200), marked, "once is enough");
    let unread = ada.get(&format!("{NOTIFICATIONS}?unreadOnly=true")).await.expect(200);
    assert_eq!(unread, json!([told[0]]));
    assert_eq!(
        ada.get(&format!("{NOTIFICATIONS}?limit=1")).await.expect(200),
        json!([told[0]])
    );
    let all = ada
        .post(&format!("{NOTIFICATIONS}/read-all"), &json!({}))
        .await
        .expect(200);
    assert_eq!(all["markedCount"], 1);
    let unread = ada.get(&format!("{NOTIFICATIONS}?unreadOnly=true")).await.expect(200);
    assert_eq!(unread, json!([]));
    let wrong = ada.get(&format!("{NOTIFICATIONS}?unreadOnly=perhaps&limit=0")).await;
    refused_fields(&wrong, &["unreadOnly", "limit"]);
    for id in ["x", "00000000-0000-7000-8000-00000000dead"] {
        let path = format!("{NOTIFICATIONS}/{id}/read");
        refused(&ada.patch(&path, &json!({})).await, 404, "NOT_FOUND");
    }
}

async fn a_resolution_is_rated_once(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let (ada, bob) = (
        customer(&world, &admin, "ada").await,
        customer(&world, &admin, "bob").await,
    );
    let ticket = opened(&ada, "Help").await;
    let feedback = json!({ "ticketId": ticket["ticketId"], "rating": 4, "comment": "Quick" });
    refused(&ada.post(FEEDBACK, &feedback).await, 409, "CONFLICT");
    agent_sets(&admin, &ticket, "resolved").await;
    refused(&bob.post(FEEDBACK, &feedback).await, 404, "NOT_FOUND");
    let wrong = json!({ "ticketId": ticket["id"], "rating": 6, "comment": "x".repeat(2_001) });
    refused_fields(&ada.post(FEEDBACK, &wrong).await, &["rating", "comment"]);
    refused_fields(&ada.post(FEEDBACK, &json!({})).await, &["ticketId", "rating"]);
    let half = json!({ "ticketId": ticket["id"], "rating": 4.5 });
    refused_fields(&ada.post(FEEDBACK, &half).await, &["rating"]);

    let given = ada.post(FEEDBACK, &feedback).await.expect(201);
    assert_eq!(
        (&given["ticketId"], &given["rating"], &given["comment"]),
        (&ticket["ticketId"], &json!(4), &json!("Quick"))
    );
    is_time(&given["createdAt"]);
    assert_eq!(ada.get(&path(&ticket, "")).await.expect(200)["feedback"], given);
    refused(&ada.post(FEEDBACK, &feedback).await, 409, "ALREADY_RATED");
    // Reopened and resolved anew, it may be rated anew.
    ada.post(&path(&ticket, "/reopen"), &json!({})).await.expect(200);
    refused(&ada.post(FEEDBACK, &feedback).await, 409, "CONFLICT");
    agent_sets(&admin, &ticket, "resolved").await;
    let worse = json!({ "ticketId": ticket["id"], "rating": 1 });
    assert_eq!(ada.post(FEEDBACK, &worse).await.expect(201)["rating"], 1);
}

async fn nobody_finds_what_is_anothers(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let (ada, bob) = (
        customer(&world, &admin, "ada").await,
        customer(&world, &admin, "bob").await,
    );
    let other = world.tenant("other").await;
    let cleo = customer(&world, &other.admin.api, "cleo").await;
    let ticket = opened(&ada, "Ada's").await;
    let chat = Chat::open(&world.public().with_header("X-Tenant", "default"), "A visitor's").await;
    let number = text_of(&opened(&cleo, "Cleo's").await, "/ticketId");
    assert_eq!(number, "TKT-1", "each tenant counts for itself");
    for (api, ticket) in [
        (&bob, text_of(&ticket, "/id")),
        (&bob, text_of(&ticket, "/ticketId")),
        (&cleo, text_of(&ticket, "/id")),
        (&ada, chat.id.clone()),
        (&ada, chat.number.clone()),
        (&ada, "TKT-99".to_owned()),
        (&ada, "nothing".to_owned()),
    ] {
        let path = format!("{TICKETS}/{ticket}");
        refused(&api.get(&path).await, 404, "NOT_FOUND");
        refused(&api.get(&format!("{path}/messages")).await, 404, "NOT_FOUND");
        for (call, body) in [
            ("messages", json!({ "body": "Mine?" })),
            ("close", json!({})),
            ("reopen", json!({})),
            ("read", json!({})),
        ] {
            refused(&api.post(&format!("{path}/{call}"), &body).await, 404, "NOT_FOUND");
        }
        let feedback = json!({ "ticketId": ticket, "rating": 1 });
        refused(&api.post(FEEDBACK, &feedback).await, 404, "NOT_FOUND");
    }
    assert_eq!(bob.get(TICKETS).await.expect(200), json!([]));
    assert_eq!(ada.get(&path(&ticket, "")).await.expect(200)["messageCount"], 1);
}

async fn the_portal_is_for_customers(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let ada = customer(&world, &admin, "ada").await;
    let ticket = opened(&ada, "Help").await;
    let mara = world.agent(&admin, "mara").await;
    let key = json!({ "name": "server", "scopes": ["administration"] });
    let key = admin.post("/api/v1/admin/api-keys", &key).await.expect(201);
    let server = world.public().with_token(&text_of(&key, "/data/key"));
    let gets = [
        ME.to_owned(),
        TICKETS.to_owned(),
        path(&ticket, ""),
        NOTIFICATIONS.to_owned(),
    ];
    for path in &gets {
        refused(&world.public().get(path).await, 401, "UNAUTHENTICATED");
        for api in [&admin, &mara.api, &server, &world.operator().await] {
            refused(&api.get(path).await, 403, "FORBIDDEN");
        }
    }
    // A customer whom a server lets in.
    let minted = server
        .post(
            "/api/auth/customer-token",
            &json!({ "externalId": "c-7", "name": "Cleo" }),
        )
        .await
        .expect(200);
    let cleo = world.public().with_token(&text_of(&minted, "/token"));
    let me = cleo.get(ME).await.expect(200);
    assert_eq!((&me["name"], &me["id"]), (&json!("Cleo"), &minted["customerId"]));
    cleo.post("/api/auth/logout", &json!({})).await;
    refused(&cleo.get(ME).await, 401, "UNAUTHENTICATED");
}

async fn a_repeated_call_opens_one_ticket(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let ada = customer(&world, &admin, "ada").await;
    let once = ada.with_header("Idempotency-Key", "\"2f1c1d3e-ticket\"");
    let body = json!({ "title": "Once", "description": "Only once" });
    let first = once.post(TICKETS, &body).await.expect(201);
    assert_eq!(once.post(TICKETS, &body).await.expect(201), first);
    let other = json!({ "title": "Another", "description": "Only once" });
    refused(&once.post(TICKETS, &other).await, 422, "IDEMPOTENCY_MISMATCH");
    assert_eq!(ada.get(TICKETS).await.expect(200).as_array().unwrap().len(), 1);
    let close = once.with_header("Idempotency-Key", "close-it-only-once");
    let closed = close.post(&path(&first, "/close"), &json!({})).await.expect(200);
    assert_eq!(
        close.post(&path(&first, "/close"), &json!({})).await.expect(200),
        closed
    );
}
