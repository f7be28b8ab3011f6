//! What holds for every call, whatever it is for.

use std::{collections::HashSet, time::Duration};

use axum::{Router, http::Method, routing::get};
use serde_json::json;
use support_core::{
    desk::{Desk, Stores},
    memory::MemoryStore,
    model::Role,
    ports::{MockUpkeep, StoreError},
};
use support_http::{SupportState, finish, router};

use crate::world::{Call, World, settings};

#[tokio::test]
async fn what_is_no_json_is_malformed() {
    let world = World::new().await;
    for body in ["", "{", "{\"email\":}", "{} {}", "\"\\ud800\"", "nonsense"] {
        let answer = world
            .call(Call::new("POST", "/api/auth/login").raw("application/json", body))
            .await;
        answer.refused(400, "MALFORMED_JSON");
    }
    let answer = world
        .call(Call::new("POST", "/api/auth/login").raw("application/json", [b'"', 0xff, b'"']))
        .await;
    answer.refused(400, "MALFORMED_JSON");
}

#[tokio::test]
async fn json_of_another_type_names_the_field() {
    let world = World::new().await;
    let (_, admin) = world.agent(Role::Admin).await;
    let wrong = [
        (json!({"email": 7}), "/api/customers", "email"),
        (
            json!({"maxConcurrentTickets": "many"}),
            "/api/agents",
            "maxConcurrentTickets",
        ),
        (json!({"skills": ["rust", 7]}), "/api/agents", "skills[1]"),
        (json!(["not", "an", "object"]), "/api/chatbots", "body"),
        (json!({"allowed_origins": "one"}), "/api/chatbots", "allowed_origins"),
    ];
    for (body, path, field) in wrong {
        let answer = world.send("POST", path, &admin, &body).await;
        answer.refused(400, "VALIDATION_ERROR");
        assert!(answer.fields().contains(&field), "{}", answer.text);
    }
}

#[tokio::test]
async fn fields_are_named_as_the_face_names_them() {
    let world = World::new().await;
    let (_, admin) = world.agent(Role::Admin).await;
    let answer = world
        .send("POST", "/api/chatbots", &admin, &json!({"admin_email": "nobody"}))
        .await;
    answer.refused(400, "VALIDATION_ERROR");
    assert_eq!(answer.fields(), ["name", "admin_email"]);
    let agent = json!({"name": "", "email": "nobody", "password": "short", "role": "agent", "maxConcurrentTickets": 0});
    let answer = world.send("POST", "/api/agents", &admin, &agent).await;
    assert_eq!(answer.fields(), ["name", "email", "password", "maxConcurrentTickets"]);
}

#[tokio::test]
async fn unknown_fields_are_ignored_and_unknown_names_refused() {
    let world = World::new().await;
    let (_, admin) = world.agent(Role::Admin).await;
    let bot = json!({"name": "Bot", "admin_email": "bot@acme.example", "colour": "green"});
    world.send("POST", "/api/chatbots", &admin, &bot).await.expect(201);
    let agent = json!({"name": "", "email": "nobody", "role": "king", "password": ""});
    let answer = world.send("POST", "/api/agents", &admin, &agent).await;
    answer.refused(400, "VALIDATION_ERROR");
    assert_eq!(answer.fields(), ["role", "name", "email", "password"]);
}

#[tokio::test]
async fn a_body_must_be_json_and_say_so() {
    let world = World::new().await;
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "",
    ] {
        let answer = world
            .call(Call::new("POST", "/api/auth/login").raw(content_type, "{}"))
            .await;
        answer.refused(415, "UNSUPPORTED_MEDIA_TYPE");
    }
    world
        .call(Call::new("POST", "/api/auth/login"))
        .await
        .refused(415, "UNSUPPORTED_MEDIA_TYPE");
    for content_type in [
        "application/json; charset=utf-8",
        "Application/JSON",
        "application/vnd.acme+json",
    ] {
        let answer = world
            .call(Call::new("POST", "/api/auth/login").raw(content_type, "{}"))
            .await;
        answer.refused(400, "VALIDATION_ERROR");
    }
}

#[tokio::test]
async fn bodies_of_more_than_a_mebibyte_are_too_large() {
    let world = World::new().await;
    let body = json!({"email": "a".repeat(1024 * 1024)});
    let answer = world.call(Call::new("POST", "/api/auth/login").json(&body)).await;
    answer.refused(413, "PAYLOAD_TOO_LARGE");
    let answer = world
        .call(
            Call::new("POST", "/api/auth/login")
                .header("idempotency-key", "k")
                .json(&body),
        )
        .await;
    answer.refused(413, "PAYLOAD_TOO_LARGE");
    let body = json!({"email": "a".repeat(1000 * 1024)});
    world
        .call(Call::new("POST", "/api/auth/login").json(&body))
        .await
        .refused(400, "VALIDATION_ERROR");
}

#[tokio::test]
async fn what_is_not_there_is_not_found_in_the_shape_of_all_refusals() {
    let world = World::new().await;
    let (_, admin) = world.agent(Role::Admin).await;
    let paths = [
        "/nowhere",
        "/api/nowhere",
        "/assets/nowhere.js",
        "/assets/../Cargo.toml",
        "/api/customers/not-a-uuid",
        "/api/customers/01890000-0000-7000-8000-00000000dead",
        "/api/chatbots/%00",
        "/api/agents/%ff",
    ];
    for path in paths {
        world.get(path, &admin).await.refused(404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn another_method_is_told_which_are_allowed() {
    let world = World::new().await;
    let answer = world.call(Call::new("DELETE", "/api/auth/login")).await;
    answer.refused(405, "METHOD_NOT_ALLOWED");
    assert_eq!(answer.header("allow"), Some("POST"));
    let answer = world.call(Call::new("PUT", "/api/customers")).await;
    answer.refused(405, "METHOD_NOT_ALLOWED");
    let allowed: HashSet<&str> = answer.header("allow").unwrap().split(',').map(str::trim).collect();
    assert_eq!(allowed, HashSet::from(["GET", "HEAD", "POST"]));
}

#[tokio::test]
async fn a_page_of_a_list_is_a_number_within_range() {
    let world = World::new().await;
    let (_, admin) = world.agent(Role::Admin).await;
    let answer = world.get("/api/customers?page=0&limit=101", &admin).await;
    answer.refused(400, "VALIDATION_ERROR");
    assert_eq!(answer.fields(), ["page", "limit"]);
    let answer = world.get("/api/customers?q=%00", &admin).await;
    answer.refused(400, "VALIDATION_ERROR");
    assert_eq!(answer.fields(), ["q"]);
    let answer = world
        .get("/api/agents?status=asleep&isActive=perhaps&department=nowhere", &admin)
        .await;
    answer.refused(400, "VALIDATION_ERROR");
    assert_eq!(answer.fields(), ["status", "isActive", "department"]);
}

#[tokio::test]
async fn every_answer_has_an_id_of_its_own_or_the_callers() {
    let world = World::new().await;
    let mut ids = HashSet::new();
    for path in ["/healthz", "/nowhere", "/api/auth/me", "/", "/healthz"] {
        let answer = world.call(Call::new("GET", path)).await;
        assert!(ids.insert(answer.header("x-request-id").unwrap().to_owned()));
    }
    let answer = world
        .call(Call::new("GET", "/healthz").header("x-request-id", "trace-7.a_b"))
        .await;
    assert_eq!(answer.header("x-request-id"), Some("trace-7.a_b"));
    let answer = world
        .call(Call::new("GET", "/healthz").header("x-request-id", "two words\""))
        .await;
    assert_ne!(answer.header("x-request-id"), Some("two words\""));
}

#[tokio::test]
async fn every_answer_keeps_browsers_from_guessing() {
    let world = World::new().await;
    for path in ["/healthz", "/nowhere", "/api/auth/me", "/"] {
        let answer = world.call(Call::new("GET", path)).await;
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert!(answer.header("referrer-policy").is_some(), "{path}");
    }
    let answer = world.call(Call::new("GET", "/api/auth/me")).await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

async fn panics() -> &'static str {
    "words".parse::<u8>().map(|_| "").unwrap()
}

async fn never() {
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn a_panic_is_an_internal_error_that_tells_nothing() {
    let world = World::new().await;
    let app = finish(Router::new().route("/panics", get(panics)), world.state.clone());
    let answer = Call::new("GET", "/panics").to(&app).await;
    answer.refused(500, "INTERNAL");
    assert!(!answer.text.contains("InvalidDigit"), "{}", answer.text);
    assert!(answer.header("x-request-id").is_some());
}

#[tokio::test(start_paused = true)]
async fn a_call_that_takes_too_long_is_given_up() {
    let desk = Desk::builder(MemoryStore::new()).build();
    let state = SupportState::new(desk, settings());
    let app = finish(Router::new().route("/never", get(never)), state);
    let answer = Call::new("GET", "/never").to(&app).await;
    answer.refused(503, "UNAVAILABLE");
    assert!(answer.header("retry-after").is_some());
}

#[tokio::test]
async fn a_store_that_is_away_is_told_of_and_nothing_else_about_it() {
    let mut away = MockUpkeep::new();
    away.expect_ping()
        .returning(|| Err(StoreError::Unavailable("10.1.2.3 refused the password".to_owned())));
    let mut stores = Stores::of(&std::sync::Arc::new(MemoryStore::new()));
    stores.upkeep = std::sync::Arc::new(away);
    let app = router(SupportState::new(Desk::builder_over(stores).build(), settings()));
    Call::new("GET", "/healthz").to(&app).await.expect(200);
    let answer = Call::new("GET", "/readyz").to(&app).await;
    answer.refused(503, "UNAVAILABLE");
    assert!(answer.header("retry-after").is_some());
    assert!(!answer.text.contains("10.1.2.3"));
}

#[tokio::test]
async fn a_store_that_fails_or_is_away_leaks_nothing_into_answers() {
    use support_core::ports::MockAccountReads;
    for (error, status, code) in [
        (StoreError::Unavailable("secret host".to_owned()), 503, "UNAVAILABLE"),
        (StoreError::Failed("secret table".to_owned()), 500, "INTERNAL"),
    ] {
        let mut accounts = MockAccountReads::new();
        let text = error.to_string();
        let mut error = Some(error);
        accounts
            .expect_tenants_with_account()
            .returning(move |_| Err(error.take().unwrap()));
        let mut stores = Stores::of(&std::sync::Arc::new(MemoryStore::new()));
        stores.accounts = std::sync::Arc::new(accounts);
        let app = router(SupportState::new(Desk::builder_over(stores).build(), settings()));
        let login = json!({"email": "a@b.example", "password": "whatever"});
        let answer = Call::new("POST", "/api/auth/login").json(&login).to(&app).await;
        answer.refused(status, code);
        assert!(!answer.text.contains("secret"), "{text} leaks: {}", answer.text);
    }
}

#[tokio::test]
async fn what_is_served_is_counted_by_route() {
    let world = World::new().await;
    world.call(Call::new("GET", "/readyz")).await.expect(200);
    world
        .call(Call::new("GET", "/api/customers/7"))
        .await
        .refused(401, "UNAUTHENTICATED");
    world.call(Call::new(Method::GET.as_str(), "/nowhere/at/all")).await;
    let metrics = world.call(Call::new("GET", "/metrics")).await;
    for line in [
        "support_http_request_seconds_count{method=\"GET\",route=\"/readyz\",status=\"200\"} 1",
        "support_http_request_seconds_count{method=\"GET\",route=\"/api/customers/{id}\",status=\"401\"} 1",
        "support_http_request_seconds_count{method=\"GET\",route=\"unknown\",status=\"404\"} 1",
        "support_live_connections 0",
    ] {
        assert!(metrics.text.contains(line), "{line} is missing in\n{}", metrics.text);
    }
}

#[tokio::test]
async fn a_server_that_stops_is_alive_but_not_ready() {
    let world = World::new().await;
    world.state.shutdown().cancel();
    world.call(Call::new("GET", "/healthz")).await.expect(200);
    world
        .call(Call::new("GET", "/readyz"))
        .await
        .refused(503, "UNAVAILABLE");
    tokio::time::timeout(Duration::from_secs(1), world.state.shutdown().cancelled())
        .await
        .unwrap();
}
