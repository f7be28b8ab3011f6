//! Tickets that go their way.

use serde_json::{Value, json};
use support_faces::{Kind, World, has_fields, is_time, on_both_stores, refused, refused_fields, text_of};

use super::{open, path};

on_both_stores!(
    a_ticket_goes_its_way_by_each_of_its_calls,
    an_escalation_reaches_those_who_supervise,
);

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
