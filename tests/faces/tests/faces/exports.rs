//! All that is kept of a customer, handed out by an admin.

use serde_json::{Value, json};
use support_faces::{Kind, World, form, got, id_of, on_both_stores, pdf, refused, sending, text_of};

use crate::portal::{agent_says, customer, opened, path};

on_both_stores!(an_admin_hands_out_what_the_customer_may_see,);

async fn an_admin_hands_out_what_the_customer_may_see(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let mara = world.agent(&admin, "mara").await;
    let ada = customer(&world, &admin, "ada").await;
    let id = id_of(&ada.get("/api/customers/me").await.expect(200), "/id");
    let ticket = opened(&ada, "Broken").await;
    let attachments = path(&ticket, "/attachments");
    let sent = got(sending(&ada, &attachments, form(&[], "own.pdf", &pdf(10)))).await;
    assert_eq!(sent.status, 201, "{}", sent.json());
    agent_says(&mara.api, &ticket, "SECRET note", "note").await;
    agent_says(&mara.api, &ticket, "An answer", "text").await;

    let call = format!("/api/customers/{id}/export");
    let answer = admin.get(&call).await;
    assert!(!answer.text.contains("SECRET"), "{}", answer.text);
    let (disposition, caching) = (answer.header("content-disposition"), answer.header("cache-control"));
    assert!(disposition.is_some_and(|disposition| disposition.starts_with("attachment")));
    assert_eq!(caching, Some("no-store"));
    let mut handed_out = answer.expect(200);
    let mut own = ada.get("/api/customers/me/export").await.expect(200);
    assert_eq!(handed_out["customer"]["email"], "ada@customers.example");
    assert!(handed_out["tickets"][0]["messages"].to_string().contains("An answer"));
    assert_eq!(text_of(&handed_out, "/looseFiles/0/filename"), "own.pdf");
    for document in [&mut handed_out, &mut own] {
        document["exportedAt"] = Value::Null;
    }
    assert_eq!(handed_out, own);

    let theirs = world.tenant("other").await;
    refused(&theirs.admin.api.get(&call).await, 404, "NOT_FOUND");
    refused(&mara.api.get(&call).await, 403, "FORBIDDEN");
    refused(&ada.get(&call).await, 403, "FORBIDDEN");
    refused(&world.public().get(&call).await, 401, "UNAUTHENTICATED");
    let key = json!({ "name": "Shop", "scopes": ["customers"] });
    let key = admin.post("/api/v1/admin/api-keys", &key).await.expect(201);
    let server = world.public().with_token(&text_of(&key, "/data/key"));
    refused(&server.get(&call).await, 403, "FORBIDDEN");
}
