//! How often somebody may do something.

use serde_json::json;
use support_faces::{Chat, Kind, Request, Socket, World, on_both_stores, refused};

on_both_stores!(
    creating_is_limited_by_address,
    messages_are_limited_by_conversation,
    only_trusted_proxies_tell_addresses,
);

async fn creating_is_limited_by_address(kind: Kind) {
    let world = World::with(
        kind,
        &[("RATE_LIMIT_MAX_REQUESTS", "5"), ("RATE_LIMIT_WINDOW", "600000")],
    )
    .await;
    let public = world.public();
    let chat = Chat::open(&public, "1").await;
    for _ in 0..4 {
        Chat::open(&public, "more").await;
    }
    let over = public.post("/api/v1/chat", &json!({ "message": "one too many" })).await;
    refused(&over, 429, "RATE_LIMITED");
    let wait: u64 = over.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=600).contains(&wait), "{wait}");
    // Reading and going on is no creating.
    chat.read(&public).await;
    chat.visitor_says(&public, "still here").await;
    let request = json!({ "session_id": "s", "initial_message": "x" });
    refused(
        &public.post("/human-support/request", &request).await,
        429,
        "RATE_LIMITED",
    );
    let login = json!({ "email": world.server().admin().email, "password": "x" });
    refused(&public.post("/api/auth/login", &login).await, 429, "RATE_LIMITED");
    for _ in 0..20 {
        assert_eq!(public.get("/healthz").await.status, 200);
    }
    // Nobody escapes by a header that anyone can write.
    let disguised = public.with_header("X-Forwarded-For", "203.0.113.9");
    refused(
        &disguised.post("/api/v1/chat", &json!({ "message": "x" })).await,
        429,
        "RATE_LIMITED",
    );
}

async fn messages_are_limited_by_conversation(kind: Kind) {
    let world = World::with(kind, &[("RATE_LIMIT_MAX_REQUESTS", "100")]).await;
    let public = world.public();
    let (chat, other) = (Chat::open(&public, "Hello").await, Chat::open(&public, "Hello").await);
    let mut accepted = 0;
    let over = loop {
        let body = json!({ "sessionId": chat.session, "message": "again" });
        let answer = public.post("/api/v1/chat", &body).await;
        if answer.status != 200 {
            break answer;
        }
        accepted += 1;
        assert!(accepted < 90, "no limit");
    };
    refused(&over, 429, "RATE_LIMITED");
    assert!((58..=75).contains(&accepted), "60 a minute: {accepted}");
    other.visitor_says(&public, "another conversation").await;
    chat.read(&public).await;

    let request = Request::open(&public, "s", "Hello").await;
    let mut socket =
        Socket::open(&world.socket_url(&format!("/human-support/ws/{}?token={}", request.id, request.token))).await;
    for number in 0..100 {
        let frame = json!({ "type": "message", "message": format!("{number}") });
        socket.send(&frame).await;
    }
    assert_eq!(socket.close_code().await, Some(4429), "too fast");
}

async fn only_trusted_proxies_tell_addresses(kind: Kind) {
    let world = World::with(
        kind,
        &[("RATE_LIMIT_MAX_REQUESTS", "2"), ("TRUSTED_PROXIES", "127.0.0.0/8")],
    )
    .await;
    let from = |address: &str| world.public().with_header("X-Forwarded-For", address);
    for address in ["203.0.113.1", "203.0.113.2", "198.51.100.7, 203.0.113.3"] {
        for _ in 0..2 {
            Chat::open(&from(address), "Hello").await;
        }
        let over = from(address).post("/api/v1/chat", &json!({ "message": "x" })).await;
        refused(&over, 429, "RATE_LIMITED");
    }
    // What stands before the proxy's own word is only claimed.
    let claimed = from("192.0.2.55, 203.0.113.1")
        .post("/api/v1/chat", &json!({ "message": "x" }))
        .await;
    refused(&claimed, 429, "RATE_LIMITED");
    for odd in ["", "x", "999.1.1.1", ",,,", "::1", "[::1]:80", "1.2.3.4:80"] {
        let answer = from(odd).post("/api/v1/chat", &json!({ "message": "x" })).await;
        assert!(matches!(answer.status, 201 | 429), "{odd}: {}", answer.text);
    }
}
