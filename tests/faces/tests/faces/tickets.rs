//! Tickets as the live-chat desk calls them.

use std::time::Duration;

use serde_json::{Value, json};
use support_faces::{
    Chat, Kind, World, has_fields, is_time, is_uuid, on_both_stores, refused, refused_fields, text_of,
};
use support_peers::SmtpSink;
use support_testkit::Api;

on_both_stores!(
    a_ticket_is_opened_for_a_customer_and_shown_whole,
    whoever_is_named_again_is_the_same_customer,
    all_that_is_wrong_with_a_new_ticket_is_told_at_once,
    tickets_are_found_by_what_they_are,
    a_ticket_goes_its_way_by_each_of_its_calls,
    everybody_speaks_in_their_own_name,
    an_escalation_reaches_those_who_supervise,
    what_agents_may_not_see_is_not_there,
    tickets_and_agents_are_counted,
    a_transcript_goes_to_the_address_given_and_has_no_notes,
);

const SOON: Duration = Duration::from_secs(20);

const ROW: &[&str] = &[
    "id",
    "ticketId",
    "customerId",
    "status",
    "priority",
    "department",
    "subject",
    "channel",
    "assignedAgent",
    "customerInfo",
    "agentInfo",
    "tags",
    "metadata",
    "resolutionInfo",
    "unreadCount",
    "lastMessageAt",
    "closedAt",
    "closedBy",
    "createdAt",
    "updatedAt",
];
const MESSAGE: &[&str] = &[
    "id",
    "seq",
    "content",
    "sender",
    "senderId",
    "senderName",
    "timestamp",
    "read",
    "messageType",
    "metadata",
];

fn new_ticket(customer: &str) -> Value {
    json!({
        "customerId": customer,
        "customerInfo": {
            "name": "Vera", "email": "vera@mail.example", "phone": "+49 30 (123) 45-67",
            "userAgent": "Browser/1.0", "ipAddress": "192.0.2.7",
        },
        "subject": "No light", "department": "technical", "priority": "high", "initialMessage": "It went dark",
        "metadata": { "source": "mobile", "category": "devices", "subcategory": "lamps", "order": 7 },
    })
}

async fn open(api: &Api, customer: &str) -> Value {
    let made = api.post("/api/tickets", &new_ticket(customer)).await.expect(201);
    made["data"]["ticket"].clone()
}

async fn server(admin: &Api, public: &Api, scope: &str) -> Api {
    let body = json!({ "name": "Server", "scopes": [scope] });
    let made = admin.post("/api/v1/admin/api-keys", &body).await.expect(201);
    public.with_token(&text_of(&made, "/data/key"))
}

fn path(ticket: &Value, call: &str) -> String {
    format!("/api/tickets/{}{call}", ticket["ticketId"].as_str().unwrap())
}

async fn a_ticket_is_opened_for_a_customer_and_shown_whole(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let ticket = open(&admin, "crm-1").await;
    has_fields(&ticket, ROW);
    is_uuid(&ticket["id"]);
    is_uuid(&ticket["customerId"]);
    for time in ["createdAt", "updatedAt", "lastMessageAt"] {
        is_time(&ticket[time]);
    }
    assert_eq!(
        (&ticket["ticketId"], &ticket["status"], &ticket["channel"]),
        (&json!("TKT-1"), &json!("waiting"), &json!("api"))
    );
    assert_eq!(
        (&ticket["subject"], &ticket["department"], &ticket["priority"]),
        (&json!("No light"), &json!("technical"), &json!("high"))
    );
    let info = &ticket["customerInfo"];
    assert_eq!(
        (&info["name"], &info["email"], &info["phone"]),
        (
            &json!("Vera"),
            &json!("vera@mail.example"),
            &json!("+49 30 (123) 45-67")
        )
    );
    assert_eq!(
        (&info["userAgent"], &info["ipAddress"]),
        (&json!("Browser/1.0"), &json!("192.0.2.7"))
    );
    has_fields(info, &["connectedAt", "lastSeen"]);
    let metadata = &ticket["metadata"];
    assert_eq!(
        (&metadata["source"], &metadata["category"], &metadata["subcategory"]),
        (&json!("mobile"), &json!("devices"), &json!("lamps"))
    );
    assert_eq!((&metadata["order"], &metadata["escalated"]), (&json!(7), &json!(false)));
    assert!(!metadata.to_string().contains("192.0.2.7"), "{metadata}");
    assert_eq!(ticket["unreadCount"], 1);
    assert_eq!(ticket["assignedAgent"], Value::Null);
    assert_eq!(ticket["agentInfo"]["name"], Value::Null);
    assert_eq!(ticket["resolutionInfo"]["resolvedAt"], Value::Null);

    let me = admin.get("/api/auth/me").await.expect(200);
    let assign = json!({ "agentId": me["user"]["id"] });
    let assigned = admin.patch(&path(&ticket, "/assign"), &assign).await.expect(200);
    assert_eq!(assigned["data"]["agent"]["id"], me["user"]["id"]);
    assert_eq!(assigned["data"]["ticket"]["assignedAgent"], me["user"]["id"]);
    for name in [
        "/api/tickets/TKT-1",
        &format!("/api/tickets/{}", ticket["id"].as_str().unwrap()),
    ] {
        let shown = admin.get(name).await.expect(200)["data"]["ticket"].clone();
        has_fields(&shown, ROW);
        assert_eq!(shown["status"], "assigned");
        assert_eq!(shown["agent"]["id"], me["user"]["id"]);
        assert_eq!(shown["agentInfo"]["name"], shown["agent"]["name"]);
        is_time(&shown["agentInfo"]["assignedAt"]);
        let first = &shown["messages"][0];
        has_fields(first, MESSAGE);
        assert_eq!(
            (
                &first["content"],
                &first["sender"],
                &first["senderName"],
                &first["read"]
            ),
            (
                &json!("It went dark"),
                &json!("customer"),
                &json!("Vera"),
                &json!(false)
            )
        );
        assert_eq!(first["senderId"], shown["customerId"]);
        is_time(&first["timestamp"]);
    }
    for nobody in ["TKT-9", "x", &uuid::Uuid::now_v7().to_string()] {
        refused(&admin.get(&format!("/api/tickets/{nobody}")).await, 404, "NOT_FOUND");
    }
}

async fn whoever_is_named_again_is_the_same_customer(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let server = server(&admin, &world.public(), "tickets").await;
    let first = open(&server, "crm-1").await;
    let again = open(&admin, "crm-1").await;
    assert_eq!(first["customerId"], again["customerId"]);
    let mut by_id = new_ticket(first["customerId"].as_str().unwrap());
    by_id.as_object_mut().unwrap().remove("customerInfo");
    let third = server.post("/api/tickets", &by_id).await.expect(201);
    let third = &third["data"]["ticket"];
    assert_eq!(third["customerId"], first["customerId"]);
    assert_eq!(third["customerInfo"]["email"], "vera@mail.example", "as it is known");
    assert_ne!(open(&admin, "crm-2").await["customerId"], first["customerId"]);
    let known = admin.get("/api/customers").await.expect(200);
    assert_eq!(known["pagination"]["totalItems"], 2);

    let once = admin.with_header("Idempotency-Key", &uuid::Uuid::new_v4().to_string());
    let ticket = open(&once, "crm-3").await;
    assert_eq!(open(&once, "crm-3").await["id"], ticket["id"]);
}

async fn all_that_is_wrong_with_a_new_ticket_is_told_at_once(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let nothing = admin.post("/api/tickets", &json!({})).await;
    refused_fields(&nothing, &["customerId", "subject", "department", "initialMessage"]);
    let wrong = json!({
        "customerId": "crm-1",
        "customerInfo": { "name": "x".repeat(201), "email": "no address", "phone": "abc", "ipAddress": "here" },
        "subject": "x".repeat(201), "department": "nowhere", "priority": "medium", "initialMessage": "x".repeat(5_001),
        "metadata": { "source": "carrier pigeon", "category": 7 },
    });
    refused_fields(
        &admin.post("/api/tickets", &wrong).await,
        &[
            "customerInfo.name",
            "customerInfo.email",
            "customerInfo.phone",
            "customerInfo.ipAddress",
            "subject",
            "department",
            "priority",
            "initialMessage",
            "metadata.source",
            "metadata.category",
        ],
    );
    let nameless = json!({
        "customerId": "crm-1", "subject": "s", "department": "general", "initialMessage": "Hello",
    });
    refused_fields(&admin.post("/api/tickets", &nameless).await, &["customerInfo.name"]);
    let types = json!({ "customerId": 7, "customerInfo": [], "subject": {}, "metadata": "x" });
    refused_fields(
        &admin.post("/api/tickets", &types).await,
        &[
            "customerId",
            "customerInfo",
            "subject",
            "metadata",
            "department",
            "initialMessage",
        ],
    );
    let count = admin.get("/api/customers").await.expect(200);
    assert_eq!(count["pagination"]["totalItems"], 0, "nobody became known by it");
    refused(
        &world.public().post("/api/tickets", &new_ticket("crm-1")).await,
        401,
        "UNAUTHENTICATED",
    );
    let other = server(&admin, &world.public(), "customers").await;
    refused(
        &other.post("/api/tickets", &new_ticket("crm-1")).await,
        403,
        "FORBIDDEN",
    );
}

async fn tickets_are_found_by_what_they_are(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let (first, second) = (open(&admin, "crm-1").await, open(&admin, "crm-2").await);
    Chat::open(&world.public(), "Hello").await;
    let me = admin.get("/api/auth/me").await.expect(200)["user"]["id"].clone();
    let assign = json!({ "agentId": me });
    admin.patch(&path(&first, "/assign"), &assign).await.expect(200);
    let tags = json!({ "add": ["vip"] });
    admin.patch(&path(&second, "/tags"), &tags).await.expect(200);
    let found = async |query: &str| {
        let list = admin.get(&format!("/api/tickets?{query}")).await.expect(200);
        let tickets = list["data"]["tickets"].as_array().unwrap().clone();
        let numbers: Vec<String> = tickets.iter().map(|ticket| text_of(ticket, "/ticketId")).collect();
        assert!(list["data"]["pagination"]["totalItems"].as_u64().unwrap() >= numbers.len() as u64);
        numbers.join(" ")
    };
    let me = me.as_str().unwrap();
    let customer = first["customerId"].as_str().unwrap();
    for (query, expected) in [
        ("", "TKT-3 TKT-2 TKT-1"),
        ("sortBy=createdAt&sortOrder=asc", "TKT-1 TKT-2 TKT-3"),
        ("sortBy=priority", "TKT-2 TKT-1 TKT-3"),
        ("status=assigned", "TKT-1"),
        ("status=waiting,assigned&limit=2", "TKT-3 TKT-2"),
        ("page=2&limit=2", "TKT-1"),
        (&format!("agentId={me}"), "TKT-1"),
        ("agentId=me", "TKT-1"),
        ("agentId=none", "TKT-3 TKT-2"),
        ("customerId=crm-2", "TKT-2"),
        (&format!("customerId={customer}"), "TKT-1"),
        ("customerId=nobody", ""),
        ("priority=normal", "TKT-3"),
        ("department=technical", "TKT-2 TKT-1"),
        ("tag=vip", "TKT-2"),
        ("dateFrom=2020-01-01&dateTo=2020-12-31", ""),
        ("dateFrom=2020-01-01T00:00:00Z", "TKT-3 TKT-2 TKT-1"),
    ] {
        assert_eq!(found(query).await, expected, "{query}");
    }
    let mut query = "limit=1".to_owned();
    let mut seen = Vec::new();
    loop {
        let list = admin.get(&format!("/api/tickets?{query}")).await.expect(200);
        seen.push(text_of(&list, "/data/tickets/0/ticketId"));
        match list["data"]["nextCursor"].as_str() {
            Some(cursor) => query = format!("limit=1&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(seen, ["TKT-3", "TKT-2", "TKT-1"]);
    let wrong = "status=lost&agentId=x&priority=huge&department=nowhere&sortBy=name&sortOrder=up&dateFrom=soon&dateTo=7\
        &page=0&limit=101&cursor=x";
    refused_fields(
        &admin.get(&format!("/api/tickets?{wrong}")).await,
        &[
            "status",
            "agentId",
            "priority",
            "department",
            "sortBy",
            "sortOrder",
            "dateFrom",
            "dateTo",
            "page",
            "limit",
            "cursor",
        ],
    );
}

async fn a_ticket_goes_its_way_by_each_of_its_calls(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let mara = world
        .agent_with(&admin, "mara", &json!({ "departments": ["technical"] }))
        .await;
    let ticket = open(&admin, "crm-1").await;
    let patch = async |call: &str, body: Value| mara.api.patch(&path(&ticket, call), &body).await;

    let taken = patch("/status", json!({ "status": "assigned" })).await.expect(200);
    let row = &taken["data"]["ticket"];
    assert_eq!(
        (&row["ticketId"], &row["status"]),
        (&json!("TKT-1"), &json!("assigned"))
    );
    is_time(&row["updatedAt"]);
    let read = patch("/messages/read", json!({})).await.expect(200);
    assert_eq!(read["data"]["markedCount"], 1);
    refused_fields(
        &patch("/messages/read", json!({ "sender": "agent" })).await,
        &["sender"],
    );

    let urgent = patch("/priority", json!({ "priority": "urgent", "agentId": mara.id })).await;
    assert_eq!(urgent.expect(200)["data"]["ticket"]["priority"], "urgent");
    let tagged = patch("/tags", json!({ "add": ["a", "b", "a"] })).await.expect(200);
    assert_eq!(tagged["data"]["ticket"]["tags"], json!(["a", "b"]));
    let tagged = patch("/tags", json!({ "add": ["c"], "remove": ["a"] }))
        .await
        .expect(200);
    assert_eq!(tagged["data"]["ticket"]["tags"], json!(["b", "c"]));

    let note = "knows lamps better";
    let moved = patch("/transfer", json!({ "department": "sales", "note": note }))
        .await
        .expect(200);
    let moved = &moved["data"]["ticket"];
    assert_eq!(
        (&moved["department"], &moved["assignedAgent"]),
        (&json!("sales"), &Value::Null)
    );
    refused(&mara.api.get(&path(&ticket, "")).await, 404, "NOT_FOUND");
    let thread = admin.get(&path(&ticket, "/messages?limit=100")).await.expect(200);
    let notes: Vec<_> = thread["data"]["messages"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|message| message["content"] == note)
        .collect();
    assert_eq!(notes[0]["messageType"], "note");
    let back = json!({ "agentId": mara.id, "department": "technical" });
    let back = admin.patch(&path(&ticket, "/transfer"), &back).await.expect(200);
    assert_eq!(back["data"]["ticket"]["assignedAgent"], json!(mara.id));

    let resolved = patch("/status", json!({ "status": "resolved", "notes": "New bulb" })).await;
    assert_eq!(resolved.expect(200)["data"]["ticket"]["status"], "resolved");
    let shown = mara.api.get(&path(&ticket, "")).await.expect(200)["data"]["ticket"].clone();
    let resolution = &shown["resolutionInfo"];
    is_time(&resolution["resolvedAt"]);
    assert_eq!(
        (
            &resolution["resolvedBy"],
            &resolution["resolutionNotes"],
            &resolution["resolutionTime"]
        ),
        (&json!(mara.id), &json!("New bulb"), &json!(0))
    );
    patch("/status", json!({ "status": "closed" })).await.expect(200);
    let shown = mara.api.get(&path(&ticket, "")).await.expect(200)["data"]["ticket"].clone();
    is_time(&shown["closedAt"]);
    assert_eq!(shown["closedBy"], json!(mara.id));
    refused(
        &patch("/status", json!({ "status": "resolved" })).await,
        409,
        "INVALID_TRANSITION",
    );
    refused(
        &mara
            .api
            .post(&path(&ticket, "/escalate"), &json!({ "reason": "x" }))
            .await,
        409,
        "TICKET_CLOSED",
    );

    for (call, body, fields) in [
        ("/status", json!({}), &["status"][..]),
        (
            "/status",
            json!({ "status": "lost", "agentId": "x" }),
            &["status", "agentId"],
        ),
        (
            "/status",
            json!({ "status": "open", "notes": "x".repeat(5_001) }),
            &["notes"],
        ),
        ("/assign", json!({}), &["agentId"]),
        ("/assign", json!({ "agentId": uuid::Uuid::now_v7() }), &["agentId"]),
        ("/transfer", json!({}), &["agentId"]),
        (
            "/transfer",
            json!({ "department": "nowhere", "agentId": "x" }),
            &["agentId", "department"],
        ),
        ("/priority", json!({ "priority": "huge" }), &["priority"]),
        (
            "/priority",
            json!({ "priority": "low", "agentId": uuid::Uuid::now_v7() }),
            &["agentId"],
        ),
        ("/tags", json!({}), &["add"]),
        ("/tags", json!({ "add": ["a\nb"], "remove": 7 }), &["add", "remove"]),
    ] {
        refused_fields(&patch(call, body).await, fields);
    }
    for call in [
        "/status",
        "/assign",
        "/transfer",
        "/priority",
        "/tags",
        "/messages/read",
    ] {
        let nobody = format!("/api/tickets/TKT-77{call}");
        let body = json!({ "status": "open", "agentId": mara.id, "priority": "low", "add": ["x"] });
        refused(&mara.api.patch(&nobody, &body).await, 404, "NOT_FOUND");
    }
}

async fn everybody_speaks_in_their_own_name(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let server = server(&admin, &world.public(), "tickets").await;
    let ticket = open(&admin, "crm-1").await;
    let say = async |api: &Api, body: Value| api.post(&path(&ticket, "/messages"), &body).await;
    let me = admin.get("/api/auth/me").await.expect(200)["user"]["id"].clone();

    let words = json!({ "content": " On it! ", "sender": "agent", "senderId": me, "metadata": { "mood": "good" },
        "clientMessageId": "m-1" });
    let posted = say(&admin, words.clone()).await.expect(201)["data"].clone();
    has_fields(&posted["message"], MESSAGE);
    assert_eq!(
        (&posted["message"]["content"], &posted["message"]["senderId"]),
        (&json!("On it!"), &me)
    );
    assert_eq!(posted["message"]["metadata"], json!({ "mood": "good" }));
    assert_eq!(posted["ticket"]["assignedAgent"], me, "whoever answers takes it");
    let again = say(&admin, words).await.expect(200);
    assert_eq!(again["data"]["message"]["id"], posted["message"]["id"]);
    let note = json!({ "content": "between us", "sender": "agent", "messageType": "note" });
    let note = say(&admin, note).await.expect(201);
    assert_eq!(note["data"]["message"]["messageType"], "note");

    for sender in ["customer", "bot", "agent"] {
        let words = json!({ "content": sender, "sender": sender });
        let said = say(&server, words.clone()).await.expect(201);
        assert_eq!(said["data"]["message"]["sender"], sender);
        if sender != "agent" {
            refused(&say(&admin, words).await, 403, "FORBIDDEN");
        }
    }
    let foreign = json!({ "content": "x", "sender": "agent", "senderId": uuid::Uuid::now_v7() });
    refused_fields(&say(&admin, foreign).await, &["senderId"]);
    refused_fields(&say(&admin, json!({})).await, &["content", "sender"]);
    let wrong = json!({ "content": "x".repeat(5_001), "sender": "system", "messageType": "image", "metadata": [] });
    refused_fields(
        &say(&admin, wrong).await,
        &["content", "sender", "messageType", "metadata"],
    );

    let all = admin.get(&path(&ticket, "/messages?limit=100")).await.expect(200);
    let seqs: Vec<u64> = all["data"]["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| message["seq"].as_u64().unwrap())
        .collect();
    assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>());
    let part = admin.get(&path(&ticket, "/messages?after=2&limit=2")).await.expect(200)["data"].clone();
    assert_eq!(
        (&part["messages"][0]["seq"], &part["messages"][1]["seq"]),
        (&json!(3), &json!(4))
    );
    let next = format!("/messages?limit=1&cursor={}", text_of(&part, "/nextCursor"));
    let next = admin.get(&path(&ticket, &next)).await.expect(200);
    assert_eq!(next["data"]["messages"][0]["seq"], 5);
    refused_fields(
        &admin.get(&path(&ticket, "/messages?after=-1&limit=0")).await,
        &["after", "limit"],
    );
}

async fn an_escalation_reaches_those_who_supervise(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let sue = world.agent_with(&admin, "sue", &json!({ "role": "supervisor" })).await;
    let mara = world
        .agent_with(&admin, "mara", &json!({ "departments": ["technical"] }))
        .await;
    let ticket = open(&admin, "crm-1").await;
    let assign = json!({ "agentId": mara.id });
    admin.patch(&path(&ticket, "/assign"), &assign).await.expect(200);
    let escalate = json!({ "reason": "The whole street is dark" });
    let escalated = mara.api.post(&path(&ticket, "/escalate"), &escalate).await.expect(200);
    let metadata = &escalated["data"]["ticket"]["metadata"];
    assert_eq!(
        (&metadata["escalated"], &metadata["escalatedBy"]),
        (&json!(true), &json!(mara.id))
    );
    is_time(&metadata["escalatedAt"]);

    let told = format!("/api/agents/{}/notifications", sue.id);
    let list = sue.api.get(&told).await.expect(200)["data"]["notifications"].clone();
    let newest = &list[0];
    has_fields(
        newest,
        &[
            "id",
            "type",
            "title",
            "message",
            "priority",
            "ticketId",
            "isRead",
            "readAt",
            "createdAt",
        ],
    );
    assert_eq!(
        (
            &newest["type"],
            &newest["message"],
            &newest["ticketId"],
            &newest["isRead"]
        ),
        (
            &json!("priority_escalation"),
            &json!("The whole street is dark"),
            &ticket["id"],
            &json!(false)
        )
    );
    let mine = mara
        .api
        .get(&format!("/api/agents/{}/notifications", mara.id))
        .await
        .expect(200);
    let mine: Vec<_> = mine["data"]["notifications"].as_array().unwrap().iter().collect();
    assert!(
        mine.iter().all(|one| one["type"] != "priority_escalation"),
        "told of her own doing"
    );
    assert!(mine.iter().any(|one| one["type"] == "ticket_assigned"));

    let read = format!("{told}/{}/read", text_of(newest, "/id"));
    refused(&mara.api.patch(&read, &json!({})).await, 404, "NOT_FOUND");
    let marked = sue.api.patch(&read, &json!({})).await.expect(200);
    assert_eq!(marked["data"]["notification"]["isRead"], true);
    is_time(&marked["data"]["notification"]["readAt"]);
    let unread = sue.api.get(&format!("{told}?unreadOnly=true")).await.expect(200);
    let unread = unread["data"]["notifications"].as_array().unwrap();
    assert!(unread.iter().all(|one| one["id"] != newest["id"]));
    refused(&mara.api.get(&told).await, 404, "NOT_FOUND");
    refused(&admin.get(&told).await, 404, "NOT_FOUND");
    refused_fields(
        &sue.api.get(&format!("{told}?unreadOnly=perhaps&limit=0")).await,
        &["unreadOnly", "limit"],
    );
    refused_fields(
        &mara.api.post(&path(&ticket, "/escalate"), &json!({})).await,
        &["reason"],
    );
}

async fn what_agents_may_not_see_is_not_there(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let one = world.tenant("one").await;
    let seller = world
        .agent_with(&admin, "sol", &json!({ "departments": ["sales"] }))
        .await;
    let ticket = open(&admin, "crm-1").await;
    for stranger in [&seller.api, &one.admin.api] {
        let list = stranger.get("/api/tickets").await.expect(200);
        assert_eq!(list["data"]["tickets"], json!([]));
        for call in ["", "/messages"] {
            refused(&stranger.get(&path(&ticket, call)).await, 404, "NOT_FOUND");
        }
        for (call, body) in [
            ("/escalate", json!({ "reason": "x" })),
            ("/transcript", json!({ "email": "x@mail.example" })),
            ("/messages", json!({ "content": "x", "sender": "agent" })),
        ] {
            refused(&stranger.post(&path(&ticket, call), &body).await, 404, "NOT_FOUND");
        }
        let body = json!({ "status": "closed" });
        refused(
            &stranger.patch(&path(&ticket, "/status"), &body).await,
            404,
            "NOT_FOUND",
        );
    }
    // The same external id is somebody else elsewhere.
    let theirs = open(&one.admin.api, "crm-1").await;
    assert_ne!(theirs["customerId"], ticket["customerId"]);
    let foreign = format!("/api/tickets?customerId={}", ticket["customerId"].as_str().unwrap());
    let list = one.admin.api.get(&foreign).await.expect(200);
    assert_eq!(list["data"]["tickets"], json!([]));
}

async fn a_transcript_goes_to_the_address_given_and_has_no_notes(kind: Kind) {
    let sink = SmtpSink::start().await;
    let port = sink.port().to_string();
    let settings = [
        ("SMTP_SERVER", "127.0.0.1"),
        ("SMTP_PORT", port.as_str()),
        ("SMTP_USE_TLS", "none"),
        ("FROM_EMAIL", "support@shop.example"),
    ];
    let world = World::with(kind, &settings).await;
    let (admin, public) = (world.admin().await, world.public());
    let chat = Chat::open(&public, "My own words").await;
    let ask = async |email: &str| {
        let body = json!({ "sessionId": chat.session, "email": email });
        public.post("/api/v1/chat/transcript", &body).await
    };
    let arrived = async |email: &str| {
        let email = email.to_owned();
        let mail = sink
            .wait_for_mail(|mail| mail.recipients == [email.clone()], SOON)
            .await;
        (
            mail.header("Subject").unwrap_or_default(),
            mail.text().unwrap_or_default(),
        )
    };
    ask("early@mail.example").await.expect(200);
    let (subject, text) = arrived("early@mail.example").await;
    assert!(!subject.contains("My own words"), "{subject}");
    assert!(!text.contains("My own words"), "a stranger's words by us: {text}");

    chat.agent_says(&admin, "An answer <b>").await;
    chat.agent_notes(&admin, "between us").await;
    ask("vera@mail.example").await.expect(200);
    let (subject, text) = arrived("vera@mail.example").await;
    assert!(subject.contains(&chat.number), "{subject}");
    assert!(
        text.contains("My own words") && text.contains("An answer <b>"),
        "{text}"
    );
    assert!(!text.contains("between us"), "{text}");
    assert!(!text.contains("/conversation#"), "a way in for whoever gets it: {text}");

    let path = format!("/api/tickets/{}/transcript", chat.number);
    let sent = admin.post(&path, &json!({ "email": "boss@shop.example" })).await;
    assert_eq!(sent.expect(200)["data"]["email"], "boss@shop.example");
    let (_, text) = arrived("boss@shop.example").await;
    assert!(text.contains("An answer") && !text.contains("between us"), "{text}");
    refused(&ask("one@more.example").await, 429, "RATE_LIMITED");
    refused_fields(&admin.post(&path, &json!({ "email": "x" })).await, &["email"]);
    let nothing = public.post("/api/v1/chat/transcript", &json!({})).await;
    refused_fields(&nothing, &["email", "sessionId"]);
    let unknown = json!({ "sessionId": "x", "email": "vera@mail.example" });
    refused(
        &public.post("/api/v1/chat/transcript", &unknown).await,
        404,
        "NOT_FOUND",
    );
}

async fn tickets_and_agents_are_counted(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let nothing = admin.get("/api/dashboard/stats").await.expect(200)["data"].clone();
    assert_eq!(
        (
            &nothing["totalTickets"],
            &nothing["avgResponseTime"],
            &nothing["recentActivity"]
        ),
        (&json!(0), &Value::Null, &json!([]))
    );
    let mara = world
        .agent_with(&admin, "mara", &json!({ "departments": ["technical"] }))
        .await;
    let (first, second) = (open(&admin, "crm-1").await, open(&admin, "crm-2").await);
    Chat::open(&world.public(), "Hello").await;
    let answer = json!({ "content": "On it", "sender": "agent" });
    mara.api.post(&path(&first, "/messages"), &answer).await.expect(201);
    let resolve = json!({ "status": "resolved" });
    mara.api.patch(&path(&first, "/status"), &resolve).await.expect(200);
    let pend = json!({ "status": "pending" });
    admin.patch(&path(&second, "/status"), &pend).await.expect(200);

    let overview = admin.get("/api/tickets/stats/overview").await.expect(200)["data"].clone();
    for (name, expected) in [
        ("totalTickets", 3),
        ("openTickets", 1),
        ("pendingTickets", 1),
        ("resolvedTickets", 1),
        ("closedTickets", 0),
    ] {
        assert_eq!(overview[name], expected, "{name}");
    }
    assert!(
        overview["avgResponseTime"].is_number() && overview["avgResolutionTime"].is_number(),
        "{overview}"
    );
    assert_eq!(overview["customerSatisfactionRating"], Value::Null);
    assert_eq!(
        overview["ticketsByPriority"],
        json!({ "low": 0, "normal": 1, "high": 2, "urgent": 0 })
    );
    assert_eq!(overview["ticketsByDepartment"], json!({ "technical": 2 }));
    let days = overview["dailyTicketCounts"].as_array().unwrap();
    assert_eq!(days.iter().map(|day| day["count"].as_i64().unwrap()).sum::<i64>(), 3);
    let of_team = admin
        .get("/api/tickets/stats/overview?department=sales")
        .await
        .expect(200);
    assert_eq!(of_team["data"]["totalTickets"], 0);
    let of_agent = format!("/api/tickets/stats/overview?agentId={}", mara.id);
    assert_eq!(admin.get(&of_agent).await.expect(200)["data"]["totalTickets"], 1);
    let long_ago = "/api/tickets/stats/overview?dateFrom=2020-01-01&dateTo=2020-01-03";
    let long_ago = admin.get(long_ago).await.expect(200)["data"].clone();
    assert_eq!(long_ago["totalTickets"], 0);
    assert_eq!(long_ago["dailyTicketCounts"].as_array().unwrap().len(), 3);
    refused_fields(
        &admin
            .get("/api/tickets/stats/overview?department=nowhere&agentId=x&dateFrom=soon&dateTo=2026-13-01")
            .await,
        &["agentId", "department", "dateFrom", "dateTo"],
    );

    let list = admin.get("/api/tickets?department=technical").await.expect(200);
    let statistics = &list["data"]["statistics"];
    assert_eq!(
        (
            &statistics["totalOpen"],
            &statistics["totalPending"],
            &statistics["totalResolved"]
        ),
        (&json!(0), &json!(1), &json!(1))
    );
    has_fields(statistics, &["totalClosed", "avgResponseTime", "avgResolutionTime"]);

    let stats = admin.get("/api/dashboard/stats").await.expect(200)["data"].clone();
    assert_eq!(
        (
            &stats["totalTickets"],
            &stats["activeTickets"],
            &stats["pendingTickets"],
            &stats["resolvedToday"]
        ),
        (&json!(3), &json!(1), &json!(1), &json!(1))
    );
    assert_eq!(stats["recentActivity"].as_array().unwrap().len(), 3);
    has_fields(&stats, &["onlineAgents", "totalAgents", "customerSatisfaction"]);
    let agents = mara.api.get("/api/dashboard/agents").await.expect(200)["data"].clone();
    let row = agents["agentStats"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["id"] == json!(mara.id));
    assert_eq!(row.unwrap()["metrics"]["totalTicketsHandled"], 1);
    let shown = admin.get(&format!("/api/agents/{}", mara.id)).await.expect(200)["data"].clone();
    assert_eq!(shown["recentTickets"][0]["ticketId"], "TKT-1");
    assert_eq!(shown["activeTickets"], json!([]));
    has_fields(
        &shown["agent"]["metrics"],
        &[
            "avgResponseTime",
            "avgResolutionTime",
            "customerSatisfactionRating",
            "totalRatings",
        ],
    );
    let mine = admin
        .get(&format!("/api/agents/{}/tickets?status=resolved", mara.id))
        .await
        .expect(200);
    assert_eq!(mine["data"]["pagination"]["totalItems"], 1);
}
