//! Getting in, staying in, and being put out.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use support_faces::{
    Kind, World, fields_of, has_fields, id_of, is_time, is_uuid, on_both_stores, refused, refused_fields, text_of,
};
use support_testkit::Api;

on_both_stores!(
    a_login_gives_a_token_and_says_whose_it_is,
    a_token_says_what_is_promised_of_it,
    a_wrong_login_says_the_same_whoever_is_asked_for,
    a_token_is_renewed,
    logging_out_voids_the_token_and_no_other,
    a_changed_password_voids_all_earlier_tokens,
    a_password_is_only_changed_by_who_knows_it,
    ten_failures_lock_the_account,
    a_deactivated_agent_is_out_at_once,
    a_server_gets_tokens_for_its_customers,
    customers_log_in_with_their_password,
    what_is_no_token_opens_nothing,
);

async fn login(api: &Api, email: &str, password: &str) -> support_testkit::Answer {
    api.post("/api/auth/login", &json!({ "email": email, "password": password }))
        .await
}

async fn a_login_gives_a_token_and_says_whose_it_is(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.server().admin().clone();
    let session = login(&world.public(), &admin.email, &admin.password).await.expect(200);
    assert_eq!(fields_of(&session), ["expiresAt", "token", "user"].into());
    has_fields(&session["user"], &["id", "name", "email", "role", "tenantId"]);
    is_uuid(&session["user"]["id"]);
    is_uuid(&session["user"]["tenantId"]);
    is_time(&session["expiresAt"]);
    assert_eq!(session["user"]["role"], "admin");
    assert_eq!(session["user"]["email"], admin.email);

    let me = world
        .public()
        .with_token(&text_of(&session, "/token"))
        .get("/api/auth/me")
        .await
        .expect(200);
    assert_eq!(me["user"], session["user"]);

    // In any letter case, with the tenant named, with fields nobody asked for.
    let shouted =
        json!({ "email": admin.email.to_uppercase(), "password": admin.password, "tenant": "default", "extra": [1] });
    world.public().post("/api/auth/login", &shouted).await.expect(200);
}

/// What a token says, in the part that anybody can read.
fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

async fn a_token_says_what_is_promised_of_it(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.server().admin().clone();
    let session = login(&world.public(), &admin.email, &admin.password).await.expect(200);
    let told = claims(&text_of(&session, "/token"));
    has_fields(&told, &["sub", "role", "tenant_id", "exp", "iat", "iss", "aud"]);
    assert_eq!((&told["sub"], &told["role"]), (&session["user"]["id"], &json!("admin")));
    assert_eq!(told["tenant_id"], session["user"]["tenantId"]);
    let life = told["exp"].as_f64().unwrap() - told["iat"].as_f64().unwrap();
    assert!((life - 12.0 * 3_600.0).abs() < 2.0, "tokens live 12 hours: {life}");

    let shop = world
        .public()
        .with_token(&key(&world.admin().await, &["customers"]).await);
    let customer = shop
        .post("/api/auth/customer-token", &json!({ "externalId": "c-1" }))
        .await
        .expect(200);
    let told = claims(&text_of(&customer, "/token"));
    assert_eq!(
        (&told["role"], &told["customerId"]),
        (&json!("customer"), &customer["customerId"])
    );
}

async fn a_wrong_login_says_the_same_whoever_is_asked_for(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.server().admin().email.clone();
    let known = login(&world.public(), &admin, "not the password").await;
    refused(&known, 401, "UNAUTHENTICATED");
    let unknown = login(&world.public(), "nobody@example.com", "not the password").await;
    refused(&unknown, 401, "UNAUTHENTICATED");
    assert_eq!(known.text, unknown.text);
    let elsewhere = json!({ "email": admin, "password": world.server().admin().password, "tenant": "no-such-tenant" });
    let elsewhere = world.public().post("/api/auth/login", &elsewhere).await;
    assert_eq!((elsewhere.status, &elsewhere.text), (401, &known.text));

    let empty = world.public().post("/api/auth/login", &json!({})).await;
    refused_fields(&empty, &["email", "password"]);
}

async fn a_token_is_renewed(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let renewed = admin.post("/api/auth/refresh", &json!({})).await.expect(200);
    has_fields(&renewed, &["token", "expiresAt"]);
    let again = world.public().with_token(&text_of(&renewed, "/token"));
    again.get("/api/auth/me").await.expect(200);

    let bodyless = admin
        .request(reqwest::Method::POST, "/api/auth/refresh")
        .send()
        .await
        .unwrap();
    assert_eq!(
        bodyless.status().as_u16(),
        200,
        "a call that takes nothing needs no body"
    );
    refused(
        &world.public().post("/api/auth/refresh", &json!({})).await,
        401,
        "UNAUTHENTICATED",
    );
}

async fn logging_out_voids_the_token_and_no_other(kind: Kind) {
    let world = World::start(kind).await;
    let (first, second) = (world.admin().await, world.admin().await);
    let out = first.post("/api/auth/logout", &json!({})).await;
    assert!((200..300).contains(&out.status), "{}", out.text);
    refused(&first.get("/api/auth/me").await, 401, "UNAUTHENTICATED");
    refused(&first.get("/api/v1/admin/chat").await, 401, "UNAUTHENTICATED");
    refused(
        &first.post("/api/auth/refresh", &json!({})).await,
        401,
        "UNAUTHENTICATED",
    );
    second.get("/api/auth/me").await.expect(200);
    refused(
        &world.public().post("/api/auth/logout", &json!({})).await,
        401,
        "UNAUTHENTICATED",
    );
}

async fn a_changed_password_voids_all_earlier_tokens(kind: Kind) {
    let world = World::start(kind).await;
    let agent = world.agent(&world.admin().await, "mara").await;
    let other_device = world.public().login(&agent.email, &agent.password).await;
    let change = json!({ "currentPassword": agent.password, "newPassword": "another good password" });
    let changed = agent.api.post("/api/auth/password", &change).await;
    assert!((200..300).contains(&changed.status), "{}", changed.text);
    for old in [&agent.api, &other_device] {
        refused(&old.get("/api/auth/me").await, 401, "UNAUTHENTICATED");
    }
    refused(
        &login(&world.public(), &agent.email, &agent.password).await,
        401,
        "UNAUTHENTICATED",
    );
    let back = world.public().login(&agent.email, "another good password").await;
    back.get("/api/auth/me").await.expect(200);
}

async fn a_password_is_only_changed_by_who_knows_it(kind: Kind) {
    let world = World::start(kind).await;
    let agent = world.agent(&world.admin().await, "mara").await;
    let guess = json!({ "currentPassword": "a guess", "newPassword": "another good password" });
    let guessed = agent.api.post("/api/auth/password", &guess).await;
    assert!(matches!(guessed.status, 400 | 401), "{}", guessed.text);
    refused_fields(
        &agent.api.post("/api/auth/password", &json!({})).await,
        &["currentPassword", "newPassword"],
    );
    let weak = json!({ "currentPassword": agent.password, "newPassword": "short" });
    refused_fields(&agent.api.post("/api/auth/password", &weak).await, &["newPassword"]);
    refused(
        &world.public().post("/api/auth/password", &guess).await,
        401,
        "UNAUTHENTICATED",
    );
    world.public().login(&agent.email, &agent.password).await;
}

async fn ten_failures_lock_the_account(kind: Kind) {
    let world = World::start(kind).await;
    let agent = world.agent(&world.admin().await, "mara").await;
    for _ in 0..10 {
        refused(
            &login(&world.public(), &agent.email, "wrong").await,
            401,
            "UNAUTHENTICATED",
        );
    }
    // The right password as well: else the lock would tell a guesser when they are right.
    refused(
        &login(&world.public(), &agent.email, &agent.password).await,
        429,
        "RATE_LIMITED",
    );
    refused(
        &login(&world.public(), &agent.email.to_uppercase(), &agent.password).await,
        429,
        "RATE_LIMITED",
    );
    agent.api.get("/api/auth/me").await.expect(200);
    world.admin().await;

    // An account that is not there behaves the same.
    for _ in 0..10 {
        refused(
            &login(&world.public(), "nobody@example.com", "wrong").await,
            401,
            "UNAUTHENTICATED",
        );
    }
    refused(
        &login(&world.public(), "nobody@example.com", "wrong").await,
        429,
        "RATE_LIMITED",
    );
}

async fn a_deactivated_agent_is_out_at_once(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let agent = world.agent(&admin, "mara").await;
    agent.api.get("/api/v1/admin/chat").await.expect(200);
    admin.delete(&format!("/api/agents/{}", agent.id)).await.expect(200);
    refused(&agent.api.get("/api/auth/me").await, 401, "UNAUTHENTICATED");
    refused(&agent.api.get("/api/v1/admin/chat").await, 401, "UNAUTHENTICATED");
    refused(
        &agent.api.post("/api/auth/refresh", &json!({})).await,
        401,
        "UNAUTHENTICATED",
    );
    refused(
        &login(&world.public(), &agent.email, &agent.password).await,
        401,
        "UNAUTHENTICATED",
    );
}

async fn key(admin: &Api, scopes: &[&str]) -> String {
    let made = admin
        .post("/api/v1/admin/api-keys", &json!({ "name": "Shop", "scopes": scopes }))
        .await
        .expect(201);
    text_of(&made, "/data/key")
}

async fn a_server_gets_tokens_for_its_customers(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let shop = world.public().with_token(&key(&admin, &["customers"]).await);
    let who = json!({ "externalId": "c-17", "name": "Ada", "email": "ada@example.com", "phone": "+49 30 1234567" });
    let token = shop.post("/api/auth/customer-token", &who).await.expect(200);
    assert_eq!(fields_of(&token), ["customerId", "expiresAt", "token"].into());
    is_time(&token["expiresAt"]);
    let id = id_of(&token, "/customerId");

    let again = json!({ "externalId": "c-17", "name": "Ada Lovelace" });
    let again = shop.post("/api/auth/customer-token", &again).await.expect(200);
    assert_eq!(again["customerId"], id);
    let stored = admin.get(&format!("/api/customers/{id}")).await.expect(200);
    assert_eq!(
        (&stored["name"], &stored["email"]),
        (&json!("Ada Lovelace"), &json!("ada@example.com"))
    );

    let ada = world.public().with_token(&text_of(&token, "/token"));
    let me = ada.get("/api/auth/me").await.expect(200);
    assert_eq!(me["user"]["role"], "customer");
    assert_eq!(me["user"]["customerId"], id);
    for path in [
        "/api/v1/admin/chat",
        "/api/agents",
        "/human-support/requests",
        "/api/customers",
        "/api/chatbots",
    ] {
        refused(&ada.get(path).await, 403, "FORBIDDEN");
    }

    refused_fields(
        &shop.post("/api/auth/customer-token", &json!({})).await,
        &["externalId"],
    );
    let bad = json!({ "externalId": "c-1", "email": "no address", "phone": "call me" });
    refused_fields(&shop.post("/api/auth/customer-token", &bad).await, &["email", "phone"]);
    refused(&admin.post("/api/auth/customer-token", &who).await, 403, "FORBIDDEN");
    refused(&ada.post("/api/auth/customer-token", &who).await, 403, "FORBIDDEN");
    refused(
        &world.public().post("/api/auth/customer-token", &who).await,
        401,
        "UNAUTHENTICATED",
    );
    let other_scope = world.public().with_token(&key(&admin, &["tickets"]).await);
    refused(
        &other_scope.post("/api/auth/customer-token", &who).await,
        403,
        "FORBIDDEN",
    );
}

async fn customers_log_in_with_their_password(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let ada = json!({ "name": "Ada", "email": "ada@example.com", "password": "a long enough password" });
    let made = admin.post("/api/customers", &ada).await.expect(201);
    let session = login(&world.public(), "ada@example.com", "a long enough password")
        .await
        .expect(200);
    assert_eq!(session["user"]["role"], "customer");
    assert_eq!(session["user"]["customerId"], made["id"]);

    admin.delete(&format!("/api/customers/{}", text_of(&made, "/id"))).await;
    let gone = world.public().with_token(&text_of(&session, "/token"));
    refused(&gone.get("/api/auth/me").await, 401, "UNAUTHENTICATED");
    refused(
        &login(&world.public(), "ada@example.com", "a long enough password").await,
        401,
        "UNAUTHENTICATED",
    );
}

async fn what_is_no_token_opens_nothing(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.server().admin().clone();
    let token = world.public().token(&admin.email, &admin.password).await;
    let (head, rest) = token.split_once('.').unwrap();
    let (claims, signature) = rest.split_once('.').unwrap();
    // {"alg":"none","typ":"JWT"}
    let unsigned = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
    let turned: String = signature.chars().rev().collect();
    let bad = [
        format!("{unsigned}.{claims}."),
        format!("{unsigned}.{claims}.{signature}"),
        format!("{head}.{claims}."),
        format!("{head}.{claims}.{turned}"),
        format!("{head}.{claims}"),
        "sk_".to_owned(),
        "sk_0000000000000000000000000000000000000000000".to_owned(),
        "x".repeat(6_000),
        "..".to_owned(),
    ];
    for token in bad {
        let answer = world.public().with_token(&token).get("/api/auth/me").await;
        refused(&answer, 401, "UNAUTHENTICATED");
    }
    for scheme in ["Basic YTpi", "Bearer", "Bearer ", "bearer", &format!("Token {token}")] {
        let answer = world
            .public()
            .with_header("Authorization", scheme)
            .get("/api/auth/me")
            .await;
        refused(&answer, 401, "UNAUTHENTICATED");
    }
    let value: Value = world
        .public()
        .with_header("authorization", &format!("bearer {token}"))
        .get("/api/auth/me")
        .await
        .expect(200);
    has_fields(&value, &["user"]);
}
