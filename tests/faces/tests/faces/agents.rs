//! The people who answer, as admins keep them.

use serde_json::json;
use support_faces::{Kind, World, has_fields, id_of, is_time, is_uuid, on_both_stores, refused, refused_fields};

on_both_stores!(
    an_agent_is_made_and_read,
    all_that_is_wrong_with_an_agent_is_told_at_once,
    an_email_belongs_to_one_agent,
    an_agent_is_changed_in_part,
    agents_are_listed_by_what_they_are,
    roles_keep_their_places,
    the_last_admin_stays,
);

const FIELDS: &[&str] = &[
    "id",
    "agentId",
    "name",
    "email",
    "department",
    "departments",
    "role",
    "status",
    "skills",
    "languages",
    "maxConcurrentTickets",
    "activeTicketsCount",
    "isActive",
    "lastLoginAt",
    "lastLogoutAt",
    "createdAt",
    "updatedAt",
];

async fn an_agent_is_made_and_read(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let mara = json!({
        "name": "Mara", "email": "mara@example.com", "password": "a long enough password", "role": "supervisor",
        "department": "sales", "departments": ["technical"], "skills": ["rust"], "languages": ["de", "en"],
        "maxConcurrentTickets": 3, "somethingElse": true,
    });
    let made = admin.post("/api/agents", &mara).await.expect(201);
    assert_eq!(made["success"], true);
    let agent = &made["data"]["agent"];
    has_fields(agent, FIELDS);
    is_uuid(&agent["id"]);
    is_time(&agent["createdAt"]);
    is_time(&agent["updatedAt"]);
    assert_eq!(agent["status"], "offline", "a new agent starts offline");
    assert_eq!(agent["department"], "sales");
    assert_eq!(agent["departments"], json!(["sales", "technical"]));
    assert_eq!(agent["maxConcurrentTickets"], 3);
    assert_eq!(
        (&agent["isActive"], &agent["role"]),
        (&json!(true), &json!("supervisor"))
    );
    assert!(!made.to_string().contains("password"), "{made}");

    let read = admin
        .get(&format!("/api/agents/{}", id_of(agent, "/id")))
        .await
        .expect(200);
    assert_eq!(&read["data"]["agent"], agent);
    assert_eq!(read["data"]["activeTicketsCount"], 0);

    let plain =
        json!({ "name": "Jo", "email": "jo@example.com", "password": "a long enough password", "role": "agent" });
    let plain = admin.post("/api/agents", &plain).await.expect(201);
    assert_eq!(plain["data"]["agent"]["maxConcurrentTickets"], 5, "the usual capacity");
    assert_eq!(plain["data"]["agent"]["department"], json!(null));
}

async fn all_that_is_wrong_with_an_agent_is_told_at_once(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let nothing = admin.post("/api/agents", &json!({})).await;
    refused_fields(&nothing, &["name", "email", "password", "role"]);
    let all_wrong = json!({
        "name": "  ", "email": "mara at example", "password": "x", "role": "agent", "department": "no-such-team",
        "maxConcurrentTickets": 0,
    });
    let all_wrong = admin.post("/api/agents", &all_wrong).await;
    refused(&all_wrong, 400, "VALIDATION_ERROR");
    for field in ["name", "email", "password", "department", "maxConcurrentTickets"] {
        assert!(
            all_wrong.text.contains(&format!("\"{field}")),
            "{field} is not told: {}",
            all_wrong.text
        );
    }
    for role in ["platform", "customer", "root", "", "Admin "] {
        let body = json!({ "name": "M", "email": "m@example.com", "password": "a long enough password", "role": role });
        let answer = admin.post("/api/agents", &body).await;
        refused_fields(&answer, &["role"]);
    }
    let types = json!({ "name": 1, "email": [], "password": {}, "role": null });
    let types = admin.post("/api/agents", &types).await;
    refused(&types, 400, "VALIDATION_ERROR");
}

async fn an_email_belongs_to_one_agent(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let mara = world.agent(&admin, "mara").await;
    let double =
        json!({ "name": "M", "email": "MARA@example.com", "password": "a long enough password", "role": "agent" });
    refused(&admin.post("/api/agents", &double).await, 409, "CONFLICT");
    let jo = world.agent(&admin, "jo").await;
    let taken = admin
        .patch(&format!("/api/agents/{}", jo.id), &json!({ "email": mara.email }))
        .await;
    refused(&taken, 409, "CONFLICT");
}

async fn an_agent_is_changed_in_part(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let mara = world
        .agent_with(&admin, "mara", &json!({ "skills": ["rust"], "department": "sales" }))
        .await;
    let path = format!("/api/agents/{}", mara.id);
    let changed = admin
        .patch(&path, &json!({ "name": "Mara K", "maxConcurrentTickets": 9 }))
        .await
        .expect(200);
    let agent = &changed["data"]["agent"];
    assert_eq!(
        (&agent["name"], &agent["maxConcurrentTickets"]),
        (&json!("Mara K"), &json!(9))
    );
    assert_eq!(
        (&agent["skills"], &agent["department"]),
        (&json!(["rust"]), &json!("sales")),
        "the rest stays"
    );
    refused_fields(
        &admin.patch(&path, &json!({ "email": "x", "name": "" })).await,
        &["email", "name"],
    );
    let nobody = format!("/api/agents/{}", uuid::Uuid::now_v7());
    refused(&admin.patch(&nobody, &json!({ "name": "N" })).await, 404, "NOT_FOUND");
    refused(&admin.get("/api/agents/not-an-id").await, 404, "NOT_FOUND");
    refused(&admin.delete(&nobody).await, 404, "NOT_FOUND");

    for status in ["available", "busy", "away", "offline"] {
        let set = mara
            .api
            .patch(&format!("{path}/status"), &json!({ "status": status }))
            .await
            .expect(200);
        assert_eq!(set["data"]["agent"]["status"], status);
    }
    for wrong in [json!({ "status": "asleep" }), json!({}), json!({ "status": null })] {
        refused_fields(&mara.api.patch(&format!("{path}/status"), &wrong).await, &["status"]);
    }
    let jo = world.agent(&admin, "jo").await;
    let meddling = jo
        .api
        .patch(&format!("{path}/status"), &json!({ "status": "available" }))
        .await;
    refused(&meddling, 403, "FORBIDDEN");
}

async fn agents_are_listed_by_what_they_are(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    for name in ["anna", "berta", "clara"] {
        world.agent_with(&admin, name, &json!({ "department": "sales" })).await;
    }
    let gone = world.agent(&admin, "dora").await;
    admin.delete(&format!("/api/agents/{}", gone.id)).await.expect(200);

    let page = admin.get("/api/agents?page=2&limit=2").await.expect(200);
    let pagination = json!({
        "currentPage": 2, "totalPages": 3, "totalItems": 5, "itemsPerPage": 2, "hasNextPage": true, "hasPrevPage": true,
    });
    assert_eq!(page["data"]["pagination"], pagination);
    assert_eq!(page["data"]["agents"].as_array().unwrap().len(), 2);
    let count = async |query: &str| {
        let list = admin.get(&format!("/api/agents?{query}")).await.expect(200);
        list["data"]["agents"].as_array().unwrap().len()
    };
    assert_eq!(count("department=sales").await, 3);
    assert_eq!(count("isActive=false").await, 1);
    assert_eq!(count("isActive=true").await, 4);
    assert_eq!(count("status=available").await, 0);
    assert_eq!(count("page=99").await, 0);
    refused_fields(
        &admin.get("/api/agents?status=asleep&isActive=perhaps").await,
        &["status", "isActive"],
    );
    refused_fields(&admin.get("/api/agents?page=0&limit=101").await, &["page", "limit"]);
    refused_fields(&admin.get("/api/agents?page=x&limit=-1").await, &["page", "limit"]);
}

async fn roles_keep_their_places(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let agent = world.agent(&admin, "mara").await;
    let supervisor = world.agent_with(&admin, "sue", &json!({ "role": "supervisor" })).await;
    let new = json!({ "name": "X", "email": "x@example.com", "password": "a long enough password", "role": "admin" });
    for person in [&agent, &supervisor] {
        refused(&person.api.post("/api/agents", &new).await, 403, "FORBIDDEN");
        let path = format!("/api/agents/{}", person.id);
        refused(
            &person.api.patch(&path, &json!({ "role": "admin" })).await,
            403,
            "FORBIDDEN",
        );
        refused(&person.api.delete(&path).await, 403, "FORBIDDEN");
        for path in [
            "/api/customers",
            "/api/chatbots",
            "/api/v1/admin/settings",
            "/api/v1/admin/api-keys",
            "/api/v1/admin/events",
        ] {
            refused(&person.api.get(path).await, 403, "FORBIDDEN");
        }
        for path in [
            "/api/agents",
            "/api/v1/admin/chat",
            "/api/v1/admin/presence",
            "/api/v1/admin/chat/departments",
            "/human-support/requests",
        ] {
            person.api.get(path).await.expect(200);
        }
    }
    let operator = world.operator().await;
    for path in [
        "/api/v1/admin/chat",
        "/human-support/requests",
        "/api/agents",
        "/api/customers",
        "/api/v1/admin/events",
    ] {
        refused(&operator.get(path).await, 403, "FORBIDDEN");
    }
    for path in [
        "/api/agents",
        "/api/customers",
        "/api/chatbots",
        "/api/v1/admin/settings",
        "/api/v1/admin/api-keys",
        "/api/v1/admin/events",
        "/api/v1/admin/chat",
        "/api/v1/admin/presence",
        "/api/v1/admin/chat/departments",
        "/api/v1/platform/tenants",
        "/human-support/requests",
        "/human-support/requests/pending",
        "/human-support/requests/active",
        "/api/v1/admin/chat/events",
    ] {
        refused(&world.public().get(path).await, 401, "UNAUTHENTICATED");
    }
    refused(&admin.get("/api/v1/platform/tenants").await, 403, "FORBIDDEN");
}

async fn the_last_admin_stays(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let me = admin.get("/api/auth/me").await.expect(200);
    let path = format!("/api/agents/{}", id_of(&me, "/user/id"));
    refused(&admin.delete(&path).await, 409, "CONFLICT");
    refused(&admin.patch(&path, &json!({ "role": "agent" })).await, 409, "CONFLICT");
    refused(
        &admin.patch(&path, &json!({ "isActive": false })).await,
        409,
        "CONFLICT",
    );
    admin.get("/api/agents").await.expect(200);
}
