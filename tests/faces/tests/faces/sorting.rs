//! Lists of people and companies, sorted as they are asked for.

use serde_json::{Value, json};
use support_faces::{Kind, World, on_both_stores, refused_fields, text_of};
use support_testkit::Api;

on_both_stores!(
    customers_are_sorted_by_name_age_and_change,
    agents_are_sorted_by_name_age_and_change,
    tenants_are_sorted_by_name_age_and_change,
);

/// What is in a list, by name.
async fn names(api: &Api, path: &str, list: &str, query: &str) -> String {
    let answer = api.get(&format!("{path}?limit=50{query}")).await.expect(200);
    let data = answer.get("data").unwrap_or(&answer);
    let rows = data[list].as_array().unwrap().iter();
    let names: Vec<&str> = rows.map(|row: &Value| row["name"].as_str().unwrap()).collect();
    names.join(" ")
}

async fn is_sorted_as_asked(api: &Api, path: &str, list: &str, [usual, oldest, changed, named]: [&str; 4]) {
    let backwards = |names: &str| names.split(' ').rev().collect::<Vec<_>>().join(" ");
    let queries = [
        ("", usual.to_owned()),
        ("&sortBy=createdAt", backwards(oldest)),
        ("&sortBy=createdAt&sortOrder=asc", oldest.to_owned()),
        ("&sortBy=updatedAt", changed.to_owned()),
        ("&sortBy=updatedAt&sortOrder=asc", backwards(changed)),
        ("&sortBy=name", named.to_owned()),
        ("&sortBy=name&sortOrder=desc", backwards(named)),
    ];
    for (query, expected) in queries {
        assert_eq!(names(api, path, list, query).await, expected, "{query}");
    }
    let wrong = api.get(&format!("{path}?sortBy=mood&sortOrder=up&page=0")).await;
    refused_fields(&wrong, &["page", "sortBy", "sortOrder"]);
}

async fn customers_are_sorted_by_name_age_and_change(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let mut ids = Vec::new();
    for name in ["Mia", "Zoe", "Ben"] {
        let body = json!({ "name": name, "email": format!("{name}@example.com") });
        let made = admin.post("/api/customers", &body).await.expect(201);
        ids.push(text_of(&made, "/id"));
    }
    let path = format!("/api/customers/{}", ids[1]);
    admin
        .patch(&path, &json!({ "phone": "+49 30 1234567" }))
        .await
        .expect(200);
    let orders = ["Ben Zoe Mia", "Mia Zoe Ben", "Zoe Ben Mia", "Ben Mia Zoe"];
    is_sorted_as_asked(&admin, "/api/customers", "customers", orders).await;
}

async fn agents_are_sorted_by_name_age_and_change(kind: Kind) {
    let world = World::start(kind).await;
    let other = world.tenant("other").await;
    let admin = &other.admin.api;
    let first = names(admin, "/api/agents", "agents", "").await;
    let mut ids = Vec::new();
    for name in ["Zoe", "Ben"] {
        let body = json!({ "name": name, "email": format!("{name}@example.com"), "role": "agent",
            "password": "a long enough password" });
        let made = admin.post("/api/agents", &body).await.expect(201);
        ids.push(text_of(&made, "/data/agent/id"));
    }
    let path = format!("/api/agents/{}", ids[0]);
    admin
        .patch(&path, &json!({ "maxConcurrentTickets": 7 }))
        .await
        .expect(200);
    let mut named = [first.as_str(), "Zoe", "Ben"];
    named.sort_unstable();
    let named = named.join(" ");
    let oldest = format!("{first} Zoe Ben");
    let changed = format!("Zoe Ben {first}");
    let orders = [named.as_str(), &oldest, &changed, &named];
    is_sorted_as_asked(admin, "/api/agents", "agents", orders).await;
}

async fn tenants_are_sorted_by_name_age_and_change(kind: Kind) {
    let world = World::start(kind).await;
    let operator = world.operator().await;
    let path = "/api/v1/platform/tenants";
    let first = names(&operator, path, "tenants", "").await;
    assert_eq!(first.split(' ').count(), 1, "one name that is one word");
    let mut ids = Vec::new();
    for (name, slug) in [("Zulu", "zulu"), ("Alfa", "alfa")] {
        let admin =
            json!({ "name": "Ada", "email": format!("ada@{slug}.example"), "password": "a long enough password" });
        let body = json!({ "slug": slug, "name": name, "timezone": "UTC", "domains": [], "admin": admin });
        let made = operator.post(path, &body).await.expect(201);
        ids.push(text_of(&made, "/data/tenant/id"));
    }
    let change = json!({ "id": ids[0], "timezone": "Europe/Berlin" });
    operator.patch(path, &change).await.expect(200);
    let mut named = [first.as_str(), "Zulu", "Alfa"];
    named.sort_unstable();
    let named = named.join(" ");
    let oldest = format!("{first} Zulu Alfa");
    let changed = format!("Zulu Alfa {first}");
    let orders = [oldest.as_str(), &oldest, &changed, &named];
    is_sorted_as_asked(&operator, path, "tenants", orders).await;
}
