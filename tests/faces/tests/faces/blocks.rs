//! Who may not write, on whichever face they try.

use std::time::Duration;

use serde_json::{Value, json};
use support_faces::{Chat, Kind, Request, World, has_fields, id_of, is_time, on_both_stores, refused, refused_fields};
use support_testkit::{Api, eventually};

on_both_stores!(
    supervisors_keep_people_out_and_agents_read_whom,
    whoever_is_kept_out_writes_nothing_more,
    an_address_is_kept_out_of_every_public_call,
    an_email_is_kept_out_wherever_it_is_named,
    a_block_ends_at_its_time,
    each_tenant_keeps_out_its_own,
);

const PATH: &str = "/api/v1/admin/blocks";
const ROW: &[&str] = &["id", "kind", "value", "reason", "expiresAt", "createdBy", "createdAt"];

async fn block(api: &Api, body: &Value) -> Value {
    api.post(PATH, body).await.expect(201)["data"].clone()
}

async fn supervisors_keep_people_out_and_agents_read_whom(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let mara = world.agent(&admin, "mara").await;
    let sue = world.agent_with(&admin, "sue", &json!({ "role": "supervisor" })).await;
    let chat = Chat::open(&world.public(), "Hello").await;

    let visitor = block(&sue.api, &json!({ "chatId": chat.number, "reason": "Spam" })).await;
    has_fields(&visitor, ROW);
    assert_eq!(
        (&visitor["kind"], &visitor["reason"]),
        (&json!("visitor"), &json!("Spam"))
    );
    assert_eq!(
        (&visitor["createdBy"], &visitor["expiresAt"]),
        (&json!(sue.id), &json!(null))
    );
    is_time(&visitor["createdAt"]);
    let address = block(
        &sue.api,
        &json!({ "address": "203.0.113.9/24", "expiresAt": "2099-01-01T00:00:00Z" }),
    )
    .await;
    assert_eq!(
        (&address["kind"], &address["value"]),
        (&json!("address"), &json!("203.0.113.0/24"))
    );
    assert_eq!(address["expiresAt"], "2099-01-01T00:00:00.000Z");
    let email = block(&sue.api, &json!({ "email": "Pest@Mail.example" })).await;
    assert_eq!(
        (&email["kind"], &email["value"]),
        (&json!("email"), &json!("pest@mail.example"))
    );

    let listed = mara.api.get(PATH).await.expect(200)["data"].clone();
    assert_eq!(listed["blocks"], json!([email, address, visitor]), "newest first");
    assert_eq!(listed["pagination"]["totalItems"], 3);
    let second = mara.api.get(&format!("{PATH}?limit=2&page=2")).await.expect(200);
    assert_eq!(second["data"]["blocks"], json!([visitor]));

    let again = block(&sue.api, &json!({ "email": "pest@mail.example", "reason": "Still" })).await;
    assert_eq!(
        (&again["id"], &again["reason"]),
        (&email["id"], &json!("Still")),
        "one for each"
    );

    for body in [
        json!({}),
        json!({ "email": "a@mail.example", "address": "203.0.113.1" }),
    ] {
        refused_fields(&sue.api.post(PATH, &body).await, &["chatId"]);
    }
    for address in ["here", "0.0.0.0/0", "203.0.113.0/33", "::/0"] {
        refused_fields(&sue.api.post(PATH, &json!({ "address": address })).await, &["address"]);
    }
    let wrong = json!({ "email": "nobody", "reason": "x".repeat(501), "expiresAt": "2001-01-01T00:00:00Z" });
    refused_fields(&sue.api.post(PATH, &wrong).await, &["reason", "expiresAt", "email"]);
    let nobodys = json!({ "chatId": uuid::Uuid::now_v7() });
    refused(&sue.api.post(PATH, &nobodys).await, 404, "NOT_FOUND");

    let body = json!({ "email": "a@mail.example" });
    refused(&mara.api.post(PATH, &body).await, 403, "FORBIDDEN");
    let id = id_of(&email, "/id");
    refused(&mara.api.delete(&format!("{PATH}?id={id}")).await, 403, "FORBIDDEN");
    refused(&world.public().get(PATH).await, 401, "UNAUTHENTICATED");
    sue.api.delete(&format!("{PATH}?id={id}")).await.expect(200);
    refused(&sue.api.delete(&format!("{PATH}?id={id}")).await, 404, "NOT_FOUND");
}

async fn whoever_is_kept_out_writes_nothing_more(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let pest = Chat::open(&public, "Hello").await;
    let other = Chat::open(&public, "Hello").await;
    let user = Request::open(&public, "s-1", "Hello").await;
    let made = block(&admin, &json!({ "chatId": pest.id })).await;
    block(&admin, &json!({ "chatId": user.id })).await;

    let words = json!({ "sessionId": pest.session, "message": "More" });
    refused(&public.post("/api/v1/chat", &words).await, 403, "FORBIDDEN");
    let step = json!({ "sessionId": pest.session, "page": { "url": "https://shop.example/" } });
    refused(&public.post("/api/v1/chat/context", &step).await, 403, "FORBIDDEN");
    let asked = json!({ "sessionId": pest.session, "email": "a@mail.example" });
    refused(&public.post("/api/v1/chat/transcript", &asked).await, 403, "FORBIDDEN");
    let said = user
        .user
        .post(&user.path("/messages"), &json!({ "message": "More" }))
        .await;
    refused(&said, 403, "FORBIDDEN");
    assert_eq!(
        pest.read(&public).await["messages"].as_array().unwrap().len(),
        1,
        "reading goes on"
    );
    other.visitor_says(&public, "I am somebody else").await;
    pest.agent_says(&admin, "Goodbye").await;

    admin
        .delete(&format!("{PATH}?id={}", id_of(&made, "/id")))
        .await
        .expect(200);
    pest.visitor_says(&public, "I am sorry").await;
}

async fn an_address_is_kept_out_of_every_public_call(kind: Kind) {
    let world = World::with(kind, &[("TRUSTED_PROXIES", "127.0.0.1/32")]).await;
    let (public, admin) = (world.public(), world.admin().await);
    let at = |address: &str| public.with_header("X-Forwarded-For", address);
    let (pest, neighbour) = (at("203.0.113.77"), at("203.0.114.1"));
    let chat = Chat::open(&pest, "Hello").await;
    let user = Request::open(&pest, "s-1", "Hello").await;
    block(&admin, &json!({ "address": "203.0.113.0/24" })).await;

    let calls = [
        ("/api/v1/chat", json!({ "message": "Hello" })),
        ("/api/v1/chat", json!({ "sessionId": chat.session, "message": "Hello" })),
        ("/api/v1/chat/rate", json!({ "sessionId": chat.session, "rating": 1 })),
        (
            "/human-support/request",
            json!({ "session_id": "s-2", "initial_message": "Hello" }),
        ),
    ];
    for (path, body) in calls {
        refused(&pest.post(path, &body).await, 403, "FORBIDDEN");
    }
    let wish = pest
        .post(
            "/api/chat/callback-request",
            &json!({ "contactNumber": "+49 30 1234567" }),
        )
        .await;
    assert_eq!(wish.status, 403, "{}", wish.text);
    let said = user
        .user
        .with_header("X-Forwarded-For", "203.0.113.77")
        .post(&user.path("/messages"), &json!({ "message": "More" }))
        .await;
    refused(&said, 403, "FORBIDDEN");
    chat.read(&pest).await;
    Chat::open(&neighbour, "I live elsewhere").await;
    chat.visitor_says(&neighbour, "From elsewhere").await;
}

async fn an_email_is_kept_out_wherever_it_is_named(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    block(&admin, &json!({ "email": "pest@mail.example" })).await;
    let chat = json!({ "message": "Hello", "visitorEmail": "PEST@mail.example" });
    refused(&public.post("/api/v1/chat", &chat).await, 403, "FORBIDDEN");
    let request = json!({ "session_id": "s-1", "initial_message": "Hello", "user_email": "pest@mail.example" });
    refused(&public.post("/human-support/request", &request).await, 403, "FORBIDDEN");
    Chat::open_with(
        &public,
        &json!({ "message": "Hello", "visitorEmail": "other@mail.example" }),
    )
    .await;
    let listed = admin.get("/api/v1/admin/chat").await.expect(200);
    assert_eq!(
        listed["data"]["pagination"]["totalItems"], 1,
        "nothing was opened by the others"
    );
}

async fn a_block_ends_at_its_time(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let end = chrono::Utc::now() + chrono::Duration::seconds(2);
    let body = json!({ "email": "pest@mail.example", "expiresAt": end.to_rfc3339() });
    block(&admin, &body).await;
    let chat = json!({ "message": "Hello", "visitorEmail": "pest@mail.example" });
    refused(&public.post("/api/v1/chat", &chat).await, 403, "FORBIDDEN");
    eventually(Duration::from_secs(20), async || {
        let answer = public.post("/api/v1/chat", &chat).await;
        (answer.status == 201).then_some(())
    })
    .await;
    let left = admin.get(PATH).await.expect(200);
    assert_eq!(left["data"]["blocks"], json!([]));
}

async fn each_tenant_keeps_out_its_own(kind: Kind) {
    let world = World::start(kind).await;
    let (first, second) = (world.tenant("first").await, world.tenant("second").await);
    let body = json!({ "email": "pest@mail.example" });
    let made = block(&first.admin.api, &body).await;
    let chat = json!({ "message": "Hello", "visitorEmail": "pest@mail.example" });
    refused(&first.public.post("/api/v1/chat", &chat).await, 403, "FORBIDDEN");
    second.public.post("/api/v1/chat", &chat).await.expect(201);
    let id = id_of(&made, "/id");
    let strange = second.admin.api.delete(&format!("{PATH}?id={id}")).await;
    refused(&strange, 404, "NOT_FOUND");
    let listed = second.admin.api.get(PATH).await.expect(200);
    assert_eq!(listed["data"]["blocks"], json!([]));
    let theirs = Chat::open(&first.public, "Hello").await;
    refused(
        &second.admin.api.post(PATH, &json!({ "chatId": theirs.id })).await,
        404,
        "NOT_FOUND",
    );
}
