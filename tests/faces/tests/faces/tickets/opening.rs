//! Tickets that are opened for customers.

use serde_json::{Value, json};
use support_faces::{Kind, World, has_fields, is_time, is_uuid, on_both_stores, refused, refused_fields};

use super::{MESSAGE, ROW, new_ticket, open, path, server};

on_both_stores!(
    a_ticket_is_opened_for_a_customer_and_shown_whole,
    whoever_is_named_again_is_the_same_customer,
    all_that_is_wrong_with_a_new_ticket_is_told_at_once,
);

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
