//! Teams, and what their members see.

use serde_json::json;
use support_faces::{Chat, Kind, World, has_fields, on_both_stores, refused, refused_fields};

on_both_stores!(departments_are_kept, agents_see_their_own_departments_only,);

async fn departments_are_kept(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let path = "/api/v1/admin/chat/departments";
    let new = json!({ "name": "Returns", "slug": "returns", "description": "What came back", "email": "r@example.com", "sortOrder": 9 });
    let made = admin.post(path, &new).await.expect(201);
    let returns = made["data"].get("department").unwrap_or(&made["data"]).clone();
    has_fields(
        &returns,
        &["id", "name", "slug", "description", "email", "isActive", "sortOrder"],
    );
    assert_eq!(returns["isActive"], true);
    let slugs = async || {
        let list = public.get("/api/v1/chat/departments").await.expect(200);
        let list = list["data"].as_array().unwrap().clone();
        list.iter()
            .map(|row| row["slug"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert!(slugs().await.contains(&"returns".to_owned()));

    refused_fields(&admin.post(path, &json!({})).await, &["name", "slug"]);
    let wrong = json!({ "name": "R", "slug": "Not A Slug", "email": "x" });
    refused_fields(&admin.post(path, &wrong).await, &["slug", "email"]);
    refused(&admin.post(path, &new).await, 409, "CONFLICT");
    let same_name = json!({ "name": "Returns", "slug": "returns-2" });
    refused(&admin.post(path, &same_name).await, 409, "CONFLICT");

    let id = returns["id"].as_str().unwrap();
    let chat = Chat::open_with(&public, &json!({ "message": "Hello", "department": "returns" })).await;
    refused(&admin.delete(&format!("{path}?id={id}")).await, 409, "CONFLICT");
    let asleep = admin
        .put(path, &json!({ "id": id, "isActive": false }))
        .await
        .expect(200);
    let asleep = asleep["data"].get("department").unwrap_or(&asleep["data"]).clone();
    assert_eq!(
        (&asleep["isActive"], &asleep["name"]),
        (&json!(false), &json!("Returns"))
    );
    assert!(!slugs().await.contains(&"returns".to_owned()));
    let inactive = json!({ "message": "Hello", "department": "returns" });
    refused_fields(&public.post("/api/v1/chat", &inactive).await, &["department"]);

    let list = admin.get(path).await.expect(200);
    let list = list["data"]
        .get("departments")
        .unwrap_or(&list["data"])
        .as_array()
        .unwrap()
        .clone();
    assert_eq!(list.len(), 5);
    let sales = list.iter().find(|row| row["slug"] == "sales").unwrap()["id"]
        .as_str()
        .unwrap();
    let nowhere = uuid::Uuid::now_v7();
    let lost = admin.delete(&format!("{path}?id={id}&moveTo={nowhere}")).await;
    assert!(matches!(lost.status, 400 | 404), "{}", lost.text);
    admin
        .delete(&format!("{path}?id={id}&moveTo={sales}"))
        .await
        .expect(200);
    assert_eq!(chat.read(&public).await["department"], "sales");
    refused(&admin.delete(&format!("{path}?id={id}")).await, 404, "NOT_FOUND");
    refused(
        &admin.put(path, &json!({ "id": id, "name": "x" })).await,
        404,
        "NOT_FOUND",
    );
    refused_fields(&admin.delete(path).await, &["id"]);
    let mara = world.agent(&admin, "mara").await;
    mara.api.get(path).await.expect(200);
    refused(
        &mara.api.post(path, &json!({ "name": "X", "slug": "x" })).await,
        403,
        "FORBIDDEN",
    );
    refused(
        &mara.api.put(path, &json!({ "id": sales, "name": "X" })).await,
        403,
        "FORBIDDEN",
    );
    refused(&mara.api.delete(&format!("{path}?id={sales}")).await, 403, "FORBIDDEN");
}

async fn agents_see_their_own_departments_only(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let seller = world
        .agent_with(&admin, "seller", &json!({ "department": "sales" }))
        .await;
    let fixer = world
        .agent_with(&admin, "fixer", &json!({ "department": "technical" }))
        .await;
    let supervisor = world
        .agent_with(&admin, "sue", &json!({ "role": "supervisor", "department": "finance" }))
        .await;
    let chat = Chat::open_with(&public, &json!({ "message": "Hello", "department": "sales" })).await;
    chat.agent_says(&seller.api, "Hi").await;
    let path = format!("/api/v1/admin/chat/{}", chat.id);
    seller.api.get(&path).await.expect(200);
    supervisor.api.get(&path).await.expect(200);
    refused(&fixer.api.get(&path).await, 404, "NOT_FOUND");
    let list = fixer.api.get("/api/v1/admin/chat").await.expect(200);
    assert_eq!(list["data"]["chats"], json!([]), "a list shows what a read refuses");
    assert_eq!(list["data"]["pagination"]["totalItems"], 0);
    let body = json!({ "chatId": chat.id, "message": "Hi" });
    refused(&fixer.api.post("/api/v1/admin/chat", &body).await, 404, "NOT_FOUND");
    let change = json!({ "chatId": chat.id, "priority": "low" });
    refused(&fixer.api.patch("/api/v1/admin/chat", &change).await, 404, "NOT_FOUND");
    let mark = json!({ "chatId": chat.id, "upTo": 1, "isTyping": true });
    refused(
        &fixer.api.post("/api/v1/admin/chat/read", &mark).await,
        404,
        "NOT_FOUND",
    );
    refused(
        &fixer.api.post("/api/v1/admin/chat/typing", &mark).await,
        404,
        "NOT_FOUND",
    );
}
