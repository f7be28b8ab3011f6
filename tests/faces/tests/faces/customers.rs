//! The known people of a tenant.

use serde_json::json;
use support_faces::{
    Kind, World, has_fields, id_of, is_time, is_uuid, on_both_stores, refused, refused_fields, text_of,
};

on_both_stores!(
    a_customer_is_made_read_changed_and_removed,
    all_that_is_wrong_with_a_customer_is_told_at_once,
    an_address_and_a_foreign_id_belong_to_one_customer,
    customers_are_listed_in_pages,
);

async fn a_customer_is_made_read_changed_and_removed(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let ada = json!({ "name": "Ada", "email": "ada@example.com", "phone": "+49 (30) 12-34 567", "externalId": "c-1" });
    let made = admin.post("/api/customers", &ada).await.expect(201);
    has_fields(
        &made,
        &["id", "name", "email", "phone", "externalId", "createdAt", "updatedAt"],
    );
    is_uuid(&made["id"]);
    is_time(&made["createdAt"]);
    assert_eq!(
        (&made["phone"], &made["externalId"]),
        (&ada["phone"], &ada["externalId"])
    );

    let path = format!("/api/customers/{}", id_of(&made, "/id"));
    assert_eq!(admin.get(&path).await.expect(200), made);
    let changed = admin
        .patch(&path, &json!({ "name": "Ada L", "ignored": 1 }))
        .await
        .expect(200);
    assert_eq!((&changed["name"], &changed["email"]), (&json!("Ada L"), &made["email"]));
    refused_fields(
        &admin.patch(&path, &json!({ "email": "@", "phone": "abc" })).await,
        &["email", "phone"],
    );

    let removed = admin.delete(&path).await;
    assert!((200..300).contains(&removed.status), "{}", removed.text);
    refused(&admin.get(&path).await, 404, "NOT_FOUND");
    refused(&admin.delete(&path).await, 404, "NOT_FOUND");
    refused(&admin.patch(&path, &json!({ "name": "A" })).await, 404, "NOT_FOUND");
    refused(&admin.get("/api/customers/42").await, 404, "NOT_FOUND");
    admin.post("/api/customers", &ada).await.expect(201);
}

async fn all_that_is_wrong_with_a_customer_is_told_at_once(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    refused_fields(&admin.post("/api/customers", &json!({})).await, &["name", "email"]);
    let wrong = json!({ "name": "A\u{0}B", "email": "a@b@c", "phone": "letters", "password": "1" });
    refused_fields(
        &admin.post("/api/customers", &wrong).await,
        &["name", "email", "phone", "password"],
    );
    let long = json!({ "name": "x".repeat(10_000), "email": format!("{}@example.com", "x".repeat(1_000)) });
    refused_fields(&admin.post("/api/customers", &long).await, &["name", "email"]);
    let injected = json!({ "name": "Ada\r\nBcc: all@example.com", "email": "ada@example.com\r\nBcc: all@example.com" });
    refused_fields(&admin.post("/api/customers", &injected).await, &["name", "email"]);
}

async fn an_address_and_a_foreign_id_belong_to_one_customer(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let ada =
        json!({ "name": "Ada", "email": "ada@example.com", "externalId": "c-1", "password": "a long enough password" });
    admin.post("/api/customers", &ada).await.expect(201);
    // Two people who log in with one address could not be told apart.
    let same_address = json!({ "name": "Ada", "email": "Ada@Example.com", "password": "another good password" });
    refused(&admin.post("/api/customers", &same_address).await, 409, "CONFLICT");
    let same_id = json!({ "name": "Eve", "email": "eve@example.com", "externalId": "c-1" });
    refused(&admin.post("/api/customers", &same_id).await, 409, "CONFLICT");
    let other = world.tenant("other").await;
    other.admin.api.post("/api/customers", &ada).await.expect(201);
}

async fn customers_are_listed_in_pages(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    for number in 0..5 {
        let body = json!({ "name": format!("Customer {number}"), "email": format!("c{number}@example.com") });
        admin.post("/api/customers", &body).await.expect(201);
    }
    let mut seen = std::collections::BTreeSet::new();
    for page in 1..=3 {
        let list = admin
            .get(&format!("/api/customers?page={page}&limit=2"))
            .await
            .expect(200);
        assert_eq!(list["pagination"]["totalItems"], 5);
        assert_eq!(list["pagination"]["totalPages"], 3);
        assert_eq!(list["pagination"]["hasNextPage"], page < 3);
        assert_eq!(list["pagination"]["hasPrevPage"], page > 1);
        for customer in list["customers"].as_array().unwrap() {
            assert!(seen.insert(text_of(customer, "/id")), "on two pages: {customer}");
        }
    }
    assert_eq!(seen.len(), 5);
    let empty = world
        .tenant("empty")
        .await
        .admin
        .api
        .get("/api/customers")
        .await
        .expect(200);
    assert_eq!(empty["pagination"]["totalItems"], 0);
    assert_eq!(empty["pagination"]["totalPages"], 0);
    assert_eq!(empty["customers"], json!([]));
}
