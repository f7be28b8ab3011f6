//! Chatbots, keys, settings, the journal and tenants.

use serde_json::{Value, json};
use support_faces::{
    Chat, Kind, World, fields_of, has_fields, id_of, is_time, is_uuid, on_both_stores, refused, refused_fields, text_of,
};

on_both_stores!(
    a_chatbot_is_made_read_changed_and_removed,
    a_chatbot_needs_an_admin_email,
    an_api_key_is_shown_once_and_opens_what_it_is_for,
    a_revoked_key_opens_nothing,
    settings_are_changed_in_part,
    the_journal_tells_what_happened_in_order,
    tenants_are_made_with_all_they_need,
    a_tenant_that_is_shut_answers_nobody,
    tenants_are_only_made_right,
);

async fn a_chatbot_is_made_read_changed_and_removed(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let bot =
        json!({ "name": "Bot", "admin_email": "boss@example.com", "allowed_origins": ["https://bot.example"], "x": 1 });
    let made = admin.post("/api/chatbots", &bot).await.expect(201);
    has_fields(
        &made,
        &[
            "id",
            "name",
            "admin_email",
            "allowed_origins",
            "created_at",
            "updated_at",
        ],
    );
    is_uuid(&made["id"]);
    is_time(&made["created_at"]);
    let path = format!("/api/chatbots/{}", id_of(&made, "/id"));
    assert_eq!(admin.get(&path).await.expect(200), made);
    let listed = admin.get("/api/chatbots").await.expect(200);
    assert!(listed.as_array().unwrap().contains(&made), "{listed}");
    let put = admin
        .put(&path, &json!({ "name": "Robot", "admin_email": "new@example.com" }))
        .await
        .expect(200);
    assert_eq!(
        (&put["name"], &put["admin_email"]),
        (&json!("Robot"), &json!("new@example.com"))
    );
    let gone = admin.delete(&path).await;
    assert!((200..300).contains(&gone.status), "{}", gone.text);
    refused(&admin.get(&path).await, 404, "NOT_FOUND");
    refused(&admin.put(&path, &bot).await, 404, "NOT_FOUND");
    refused(&admin.delete(&path).await, 404, "NOT_FOUND");
}

async fn a_chatbot_needs_an_admin_email(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    refused_fields(&admin.post("/api/chatbots", &json!({})).await, &["name", "admin_email"]);
    let wrong = json!({ "name": "Bot", "admin_email": "not an address" });
    refused_fields(&admin.post("/api/chatbots", &wrong).await, &["admin_email"]);
    let wrong = json!({ "name": "Bot", "admin_email": null });
    refused_fields(&admin.post("/api/chatbots", &wrong).await, &["admin_email"]);
}

async fn new_key(admin: &support_testkit::Api, scopes: &[&str]) -> Value {
    let body = json!({ "name": "Server", "scopes": scopes });
    admin.post("/api/v1/admin/api-keys", &body).await.expect(201)["data"].clone()
}

async fn an_api_key_is_shown_once_and_opens_what_it_is_for(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let made = new_key(&admin, &["tickets"]).await;
    let key = text_of(&made, "/key");
    assert!(key.starts_with("sk_") && key.len() > 25, "{made}");
    let listed = admin.get("/api/v1/admin/api-keys").await.expect(200);
    assert!(!listed.to_string().contains(&key), "the key is shown again");
    assert_eq!(listed["data"].as_array().unwrap().len(), 1);

    let server = world.public().with_token(&key);
    server.get("/api/v1/admin/chat").await.expect(200);
    refused(&server.get("/api/v1/admin/settings").await, 403, "FORBIDDEN");
    refused(&server.get("/api/customers").await, 403, "FORBIDDEN");
    refused(&server.get("/api/v1/platform/tenants").await, 403, "FORBIDDEN");

    refused_fields(
        &admin.post("/api/v1/admin/api-keys", &json!({})).await,
        &["name", "scopes"],
    );
    let unknown = json!({ "name": "S", "scopes": ["tickets", "everything"] });
    refused_fields(&admin.post("/api/v1/admin/api-keys", &unknown).await, &["scopes"]);
}

async fn a_revoked_key_opens_nothing(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let made = new_key(&admin, &["tickets"]).await;
    let server = world.public().with_token(&text_of(&made, "/key"));
    server.get("/api/v1/admin/chat").await.expect(200);
    let path = format!("/api/v1/admin/api-keys?id={}", text_of(&made, "/id"));
    admin.delete(&path).await.expect(200);
    refused(&server.get("/api/v1/admin/chat").await, 401, "UNAUTHENTICATED");
    refused(&admin.delete(&path).await, 404, "NOT_FOUND");
    refused_fields(&admin.delete("/api/v1/admin/api-keys").await, &["id"]);
    refused(
        &admin.delete("/api/v1/admin/api-keys?id=7").await,
        400,
        "VALIDATION_ERROR",
    );
}

async fn settings_are_changed_in_part(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let before = admin.get("/api/v1/admin/settings").await.expect(200)["data"].clone();
    has_fields(&before, &["name", "timezone", "branding", "assignment"]);
    let part = json!({ "branding": { "color": "#123456" }, "unknown": { "a": 1 } });
    let after = admin.put("/api/v1/admin/settings", &part).await.expect(200)["data"].clone();
    assert_eq!(after["branding"]["color"], "#123456");
    assert_eq!(after["branding"]["greeting"], before["branding"]["greeting"]);
    assert_eq!(
        (&after["name"], &after["timezone"]),
        (&before["name"], &before["timezone"])
    );
    assert_eq!(admin.get("/api/v1/admin/settings").await.expect(200)["data"], after);

    let wrong = json!({ "timezone": "Mars/Olympus", "name": "" });
    refused_fields(
        &admin.put("/api/v1/admin/settings", &wrong).await,
        &["timezone", "name"],
    );
    let both = json!({ "timezone": "Mars/Olympus", "branding": { "color": "red" } });
    let both = admin.put("/api/v1/admin/settings", &both).await;
    refused(&both, 400, "VALIDATION_ERROR");
    assert!(
        both.text.contains("timezone") && both.text.contains("color"),
        "not all at once: {}",
        both.text
    );
    assert_eq!(
        admin.get("/api/v1/admin/settings").await.expect(200)["data"],
        after,
        "nothing of it is kept"
    );
}

async fn the_journal_tells_what_happened_in_order(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let mara = world.agent(&admin, "mara").await;
    let chat = Chat::open(&world.public(), "Hello").await;
    chat.agent_says(&mara.api, "Hi").await;
    let mut events = Vec::new();
    loop {
        let after = events.last().map_or(0, |event: &Value| event["seq"].as_u64().unwrap());
        let page = admin
            .get(&format!("/api/v1/admin/events?after={after}&limit=3"))
            .await
            .expect(200);
        let page = page["data"]["events"].as_array().unwrap().clone();
        if page.is_empty() {
            break;
        }
        events.extend(page);
    }
    let first = events[0]["seq"].as_u64().unwrap();
    for (expected, event) in (first..).zip(&events) {
        assert_eq!(event["seq"], expected, "a gap in the journal");
        has_fields(event, &["seq", "at", "kind", "actor", "payload"]);
        is_time(&event["at"]);
    }
    assert_eq!(first, 1);
    let kind = text_of(events.last().unwrap(), "/kind");
    let filtered = admin
        .get(&format!("/api/v1/admin/events?kind={kind}"))
        .await
        .expect(200);
    let filtered = filtered["data"]["events"].as_array().unwrap();
    assert!(!filtered.is_empty() && filtered.iter().all(|event| event["kind"] == *kind));
    let none = admin.get("/api/v1/admin/events?kind=no_such_kind").await;
    assert!(
        none.status == 400 || none.json["data"]["events"] == json!([]),
        "{}",
        none.text
    );
    refused_fields(
        &admin.get("/api/v1/admin/events?after=x&limit=0").await,
        &["after", "limit"],
    );
    let everything = serde_json::to_string(&events).unwrap();
    assert!(
        !everything.contains("argon2") && !everything.contains("a long enough password"),
        "a secret in the journal"
    );
}

async fn tenants_are_made_with_all_they_need(kind: Kind) {
    let world = World::start(kind).await;
    let operator = world.operator().await;
    let acme = world.tenant("acme").await;
    let list = operator.get("/api/v1/platform/tenants").await.expect(200);
    let tenants = list["data"]["tenants"].as_array().unwrap();
    assert_eq!(tenants.len(), 2, "{list}");
    let row = tenants.iter().find(|tenant| tenant["slug"] == "acme").unwrap();
    has_fields(row, &["id", "slug", "name", "timezone", "domains", "createdAt"]);
    assert_eq!(
        (&row["timezone"], &row["domains"]),
        (&json!("Europe/Berlin"), &json!(["acme.example"]))
    );

    let departments = acme.public.get("/api/v1/chat/departments").await.expect(200);
    let expected = json!([
        { "name": "General Support", "slug": "general" },
        { "name": "Sales", "slug": "sales" },
        { "name": "Technical Support", "slug": "technical" },
        { "name": "Billing & Finance", "slug": "finance" },
    ]);
    let departments: Vec<Value> = departments["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|department| {
            assert_eq!(
                fields_of(department),
                ["description", "name", "officeHours", "slug"].into()
            );
            json!({ "name": department["name"], "slug": department["slug"] })
        })
        .collect();
    assert_eq!(json!(departments), expected);

    let changed = json!({ "id": acme.id, "name": "Acme Inc" });
    let changed = operator.patch("/api/v1/platform/tenants", &changed).await.expect(200);
    assert_eq!(changed["data"]["tenant"]["name"], "Acme Inc");
    assert_eq!(changed["data"]["tenant"]["slug"], "acme");
}

async fn a_tenant_that_is_shut_answers_nobody(kind: Kind) {
    let world = World::start(kind).await;
    let acme = world.tenant("acme").await;
    let chat = Chat::open(&acme.public, "Hello").await;
    let operator = world.operator().await;
    operator
        .delete(&format!("/api/v1/platform/tenants?id={}", acme.id))
        .await
        .expect(200);
    assert!(matches!(
        acme.admin.api.get("/api/v1/admin/chat").await.status,
        401 | 403
    ));
    refused(
        &acme.public.post("/api/v1/chat", &json!({ "message": "Hello?" })).await,
        404,
        "TENANT_NOT_FOUND",
    );
    let read = acme
        .public
        .get(&format!("/api/v1/chat?sessionId={}", chat.session))
        .await;
    assert_eq!(read.status, 404, "{}", read.text);
    let login = json!({ "email": acme.admin.email, "password": acme.admin.password });
    refused(
        &world.public().post("/api/auth/login", &login).await,
        401,
        "UNAUTHENTICATED",
    );
    world.admin().await.get("/api/agents").await.expect(200);
    let nobody = format!("/api/v1/platform/tenants?id={}", uuid::Uuid::now_v7());
    refused(&operator.delete(&nobody).await, 404, "NOT_FOUND");
}

async fn tenants_are_only_made_right(kind: Kind) {
    let world = World::start(kind).await;
    let operator = world.operator().await;
    let path = "/api/v1/platform/tenants";
    let empty = operator.post(path, &json!({})).await;
    refused(&empty, 400, "VALIDATION_ERROR");
    for field in ["slug", "name", "admin"] {
        assert!(
            empty.text.contains(&format!("\"field\":\"{field}")),
            "{field}: {}",
            empty.text
        );
    }
    let new = |slug: &str, domain: &str| {
        json!({
            "slug": slug, "name": "T", "timezone": "UTC", "domains": [domain],
            "admin": { "name": "A", "email": "a@t.example", "password": "a long enough password" },
        })
    };
    for slug in ["", "With Space", "UPPER", "ümlaut", "a/b", &"x".repeat(300)] {
        refused_fields(&operator.post(path, &new(slug, "t.example")).await, &["slug"]);
    }
    let mut wrong = new("t", "t.example");
    wrong["timezone"] = json!("Nowhere");
    wrong["domains"] = json!(["not a domain!"]);
    let wrong = operator.post(path, &wrong).await;
    refused(&wrong, 400, "VALIDATION_ERROR");
    assert!(
        wrong.text.contains("timezone") && wrong.text.contains("domains"),
        "{}",
        wrong.text
    );

    operator.post(path, &new("t", "t.example")).await.expect(201);
    refused(&operator.post(path, &new("t", "u.example")).await, 409, "CONFLICT");
    refused(&operator.post(path, &new("u", "t.example")).await, 409, "CONFLICT");
    refused(
        &world.admin().await.post(path, &new("v", "v.example")).await,
        403,
        "FORBIDDEN",
    );
}
