//! Tickets that are listed, counted, and not there for everybody.

use serde_json::{Value, json};
use support_faces::{Chat, Kind, World, has_fields, on_both_stores, refused, refused_fields, text_of};

use super::{open, path};

on_both_stores!(
    tickets_are_found_by_what_they_are,
    what_agents_may_not_see_is_not_there,
    tickets_and_agents_are_counted,
);

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
