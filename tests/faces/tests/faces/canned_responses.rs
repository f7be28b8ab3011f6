//! Answers that agents have at hand.

use serde_json::json;
use support_faces::{Chat, Kind, World, has_fields, id_of, is_time, on_both_stores, refused, refused_fields};

on_both_stores!(
    supervisors_keep_them_and_agents_read_them,
    they_are_filled_in_for_a_ticket,
    each_tenant_has_its_own,
);

const PATH: &str = "/api/v1/admin/canned-responses";

async fn supervisors_keep_them_and_agents_read_them(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let mara = world.agent(&admin, "mara").await;
    let sue = world.agent_with(&admin, "sue", &json!({ "role": "supervisor" })).await;
    let new = json!({ "shortcut": "Hi_1", "title": "A greeting", "content": "Hello!\nHow can I help?" });
    let made = sue.api.post(PATH, &new).await.expect(201)["data"].clone();
    has_fields(&made, &["id", "shortcut", "title", "content", "createdAt", "updatedAt"]);
    is_time(&made["createdAt"]);
    assert_eq!(
        (&made["shortcut"], &made["content"]),
        (&json!("hi_1"), &json!("Hello!\nHow can I help?"))
    );
    let bye = json!({ "shortcut": "bye", "title": "A farewell", "content": "Bye" });
    sue.api.post(PATH, &bye).await.expect(201);
    refused(&sue.api.post(PATH, &bye).await, 409, "CONFLICT");
    let listed = mara.api.get(PATH).await.expect(200)["data"].clone();
    assert_eq!(
        (&listed[0]["shortcut"], &listed[1]),
        (&json!("bye"), &made),
        "by shortcut, as they were made"
    );

    for body in [json!({}), new.clone()] {
        refused(&mara.api.post(PATH, &body).await, 403, "FORBIDDEN");
        refused(&mara.api.put(PATH, &body).await, 403, "FORBIDDEN");
    }
    let id = id_of(&made, "/id");
    refused(&mara.api.delete(&format!("{PATH}?id={id}")).await, 403, "FORBIDDEN");
    refused(&world.public().get(PATH).await, 401, "UNAUTHENTICATED");

    refused_fields(&sue.api.post(PATH, &json!({})).await, &["shortcut", "title", "content"]);
    let wrong = json!({ "shortcut": "a b", "title": 7, "content": "x".repeat(5_001) });
    refused_fields(&sue.api.post(PATH, &wrong).await, &["title", "shortcut", "content"]);
    for shortcut in ["", "ä", "a/b", "a.b", &"x".repeat(51)] {
        let body = json!({ "shortcut": shortcut, "title": "t", "content": "c" });
        refused_fields(&sue.api.post(PATH, &body).await, &["shortcut"]);
    }

    let renamed = sue
        .api
        .put(PATH, &json!({ "id": id, "shortcut": "hi" }))
        .await
        .expect(200);
    assert_eq!(
        (&renamed["data"]["shortcut"], &renamed["data"]["title"]),
        (&json!("hi"), &json!("A greeting"))
    );
    let taken = sue.api.put(PATH, &json!({ "id": id, "shortcut": "bye" })).await;
    refused(&taken, 409, "CONFLICT");
    refused_fields(&sue.api.put(PATH, &json!({})).await, &["id"]);
    let nobody = json!({ "id": uuid::Uuid::now_v7(), "title": "t" });
    refused(&sue.api.put(PATH, &nobody).await, 404, "NOT_FOUND");

    sue.api.delete(&format!("{PATH}?id={id}")).await.expect(200);
    refused(&sue.api.delete(&format!("{PATH}?id={id}")).await, 404, "NOT_FOUND");
    refused_fields(&sue.api.delete(PATH).await, &["id"]);
    let again = json!({ "shortcut": "hi", "title": "t", "content": "c" });
    sue.api.post(PATH, &again).await.expect(201);
}

async fn they_are_filled_in_for_a_ticket(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let mara = world.agent(&admin, "mara").await;
    let content = "Hi {{customer.name}}, I am {{ agent.name }} ({{ticket.number}}, {{order.number}})";
    let new = json!({ "shortcut": "hi", "title": "A greeting", "content": content });
    admin.post(PATH, &new).await.expect(201);
    let chat = Chat::open_with(
        &world.public(),
        &json!({ "message": "Hello", "visitorName": "{{agent.name}}" }),
    )
    .await;
    for ticket in [&chat.id, &chat.number] {
        let listed = mara.api.get(&format!("{PATH}?ticketId={ticket}")).await.expect(200);
        assert_eq!(
            listed["data"][0]["rendered"],
            "Hi {{agent.name}}, I am mara (TKT-1, {{order.number}})"
        );
        assert_eq!(listed["data"][0]["content"], content);
    }
    let plain = mara.api.get(PATH).await.expect(200);
    assert!(plain["data"][0].get("rendered").is_none());
    refused(&mara.api.get(&format!("{PATH}?ticketId=TKT-9")).await, 404, "NOT_FOUND");
}

async fn each_tenant_has_its_own(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let one = world.tenant("one").await;
    let new = json!({ "shortcut": "hi", "title": "A greeting", "content": "Hello" });
    let made = admin.post(PATH, &new).await.expect(201);
    let id = id_of(&made, "/data/id");
    let theirs = &one.admin.api;
    assert_eq!(theirs.get(PATH).await.expect(200)["data"], json!([]));
    refused(&theirs.delete(&format!("{PATH}?id={id}")).await, 404, "NOT_FOUND");
    let change = json!({ "id": id, "title": "x" });
    refused(&theirs.put(PATH, &change).await, 404, "NOT_FOUND");
    theirs.post(PATH, &new).await.expect(201);
}
