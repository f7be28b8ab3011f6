//! What all calls share: shapes of refusals, request ids, CORS, limits, health.

use reqwest::Method;
use serde_json::{Value, json};
use support_faces::{Chat, Kind, Request, Socket, World, has_fields, on_both_stores, refused, refused_fields};

on_both_stores!(
    the_server_says_how_it_is,
    what_is_not_there_and_what_is_not_done_look_like_all_refusals,
    a_body_has_to_be_json,
    a_body_has_a_size,
    every_answer_has_a_request_id,
    only_a_tenants_pages_may_call,
    sockets_check_where_a_page_is_from,
    all_bad_fields_are_told_at_once_whatever_is_wrong_with_them,
);

async fn the_server_says_how_it_is(kind: Kind) {
    let world = World::start(kind).await;
    let public = world.public();
    for path in ["/healthz", "/readyz"] {
        let answer = public.get(path).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert!(answer.header("x-request-id").is_some());
    }
    Chat::open(&public, "Hello").await;
    let metrics = public.get("/metrics").await;
    assert_eq!(metrics.status, 200);
    assert!(
        metrics
            .header("content-type")
            .is_some_and(|kind| kind.starts_with("text/plain"))
    );
    let samples = metrics
        .text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    for sample in samples {
        let value = sample.rsplit(' ').next().unwrap();
        assert!(value.parse::<f64>().is_ok(), "no sample: {sample}");
    }
    assert!(metrics.text.contains("# TYPE") && metrics.text.contains("/api/v1/chat"));

    let spec = public.get("/openapi.json").await.expect(200);
    assert!(
        spec["openapi"]
            .as_str()
            .is_some_and(|version| version.starts_with("3."))
    );
    for path in [
        "/api/auth/login",
        "/api/v1/chat",
        "/api/v1/admin/chat",
        "/human-support/request",
        "/api/agents",
        "/api/chatbots",
        "/api/chat/callback-request",
        "/api/v1/admin/callbacks",
        "/api/v1/admin/callbacks/stats",
        "/api/v1/admin/chat/analytics",
        "/api/v1/chat/rate",
        "/api/customers/me",
        "/api/v1/chat/upload",
        "/api/files/{fileId}",
        "/api/files/{fileId}/thumbnail",
        "/api/customers/me/calls",
        "/api/customers/me/events",
        "/api/customers/me/events/token",
        "/api/customers/me/export",
        "/api/customers/me/feedback",
        "/api/customers/me/notifications",
        "/api/customers/me/tickets",
        "/api/customers/me/tickets/{ticketId}/messages",
        "/api/v1/admin/webhooks",
        "/api/v1/admin/deliveries",
        "/api/v1/admin/settings/test",
        "/api/v1/admin/settings/templates",
        "/api/tickets",
        "/api/tickets/{ticketId}",
        "/api/tickets/{ticketId}/messages",
        "/api/tickets/{ticketId}/status",
        "/api/agents/{agentId}/notifications",
        "/api/v1/admin/canned-responses",
        "/api/v1/chat/knowledge-base",
        "/api/v1/chat/knowledge-base/{slug}/feedback",
        "/api/v1/chat/suggestions",
        "/api/v1/admin/chat/knowledge-base",
        "/api/customers/me/kb",
        "/api/v1/chat/transcript",
        "/api/v1/chat/context",
        "/api/v1/rate",
        "/api/v1/admin/settings/identity-secret",
        "/api/tickets/{ticketId}/transcript",
        "/api/customers/me/tickets/{ticketId}/transcript",
        "/api/v1/admin/blocks",
        "/socket.io/",
    ] {
        assert!(spec["paths"].get(path).is_some(), "{path} is not documented");
    }
}

async fn what_is_not_there_and_what_is_not_done_look_like_all_refusals(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    for path in [
        "/nothing",
        "/api",
        "/api/v1/nothing",
        "/human-support",
        "/api/v1/chat/nothing/here",
        "/api/agents/x/y/z",
        "/%ff",
        "/..%2f..%2fetc%2fpasswd",
        "//",
    ] {
        for api in [&public, &admin] {
            refused(&api.get(path).await, 404, "NOT_FOUND");
            refused(&api.post(path, &json!({})).await, 404, "NOT_FOUND");
        }
    }
    for (method, path, allowed) in [
        (Method::DELETE, "/api/v1/chat", "GET"),
        (Method::GET, "/api/auth/login", "POST"),
        (Method::PUT, "/api/agents", "POST"),
        (Method::POST, "/healthz", "GET"),
        (Method::PATCH, "/human-support/request", "POST"),
        (
            Method::POST,
            "/api/chatbots/0190b6a0-0000-7000-8000-000000000000",
            "PUT",
        ),
    ] {
        let answer = admin.request(method.clone(), path).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 405, "{method} {path}");
        let allow = answer
            .headers()
            .get("allow")
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned();
        assert!(allow.contains(allowed), "{method} {path}: Allow: {allow}");
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["success"], false);
        has_fields(&body["error"], &["code", "message"]);
    }
    let head = public.request(Method::HEAD, "/healthz").send().await.unwrap();
    assert_eq!(head.status().as_u16(), 200);
}

async fn a_body_has_to_be_json(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let send = async |kind: Option<&str>, body: &[u8]| {
        let mut request = public.request(Method::POST, "/api/v1/chat").body(body.to_vec());
        if let Some(kind) = kind {
            request = request.header("content-type", kind);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let body: Value = answer.json().await.unwrap();
        (status, body["error"]["code"].as_str().unwrap_or_default().to_owned())
    };
    let good = br#"{"message":"Hello"}"#;
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "text/json",
        "",
    ] {
        assert_eq!(
            send(Some(kind), good).await,
            (415, "UNSUPPORTED_MEDIA_TYPE".to_owned()),
            "{kind}"
        );
    }
    assert_eq!(send(None, good).await, (415, "UNSUPPORTED_MEDIA_TYPE".to_owned()));
    for kind in [
        "application/json",
        "application/json; charset=utf-8",
        "APPLICATION/JSON",
        "application/json;charset=\"UTF-8\"",
    ] {
        assert_eq!(send(Some(kind), good).await.0, 201, "{kind}");
    }
    let bad: [&[u8]; 12] = [
        b"",
        b"{",
        b"{\"message\":\"x\"",
        b"{\"message\":\"x\"} {}",
        b"{'message':'x'}",
        b"{\"message\":\"x\",}",
        b"\xff\xfe",
        b"{\"message\":\"\xc3\x28\"}",
        b"{\"message\":\"\\ud800\"}",
        b"{\"message\":\"a\nb\"}",
        b"message=x",
        b"\x00",
    ];
    for body in bad {
        let shown = String::from_utf8_lossy(body);
        assert_eq!(
            send(Some("application/json"), body).await,
            (400, "MALFORMED_JSON".to_owned()),
            "{shown}"
        );
    }
    for body in ["null", "[]", "7", "\"text\"", "true", "[{\"message\":\"x\"}]"] {
        assert_eq!(
            send(Some("application/json"), body.as_bytes()).await,
            (400, "VALIDATION_ERROR".to_owned()),
            "{body}"
        );
    }
    let deep = format!(
        "{{\"message\":\"x\",\"unknown\":{}{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let deep = send(Some("application/json"), deep.as_bytes()).await.0;
    assert!(deep == 400 || deep == 201, "{deep}");
    // Twice the same name: no crash, one meaning.
    let double = send(Some("application/json"), br#"{"message":"a","message":"b"}"#)
        .await
        .0;
    assert!(double == 400 || double == 201, "{double}");
    let count = admin.get("/api/v1/admin/chat").await.expect(200);
    assert!(count["data"]["pagination"]["totalItems"].as_u64().unwrap() <= 6);
}

async fn a_body_has_a_size(kind: Kind) {
    let world = World::start(kind).await;
    let public = world.public();
    let of_size = |size: usize| {
        let body = json!({ "message": "x", "unknown": "" }).to_string();
        let filler = "x".repeat(size - body.len());
        json!({ "message": "x", "unknown": filler })
    };
    let most = public.post("/api/v1/chat", &of_size(1024 * 1024)).await;
    assert_eq!(most.status, 201, "{}", most.text);
    for size in [1024 * 1024 + 1, 3 * 1024 * 1024] {
        let over = public.post("/api/v1/chat", &of_size(size)).await;
        refused(&over, 413, "PAYLOAD_TOO_LARGE");
        let keyed = public.with_header("Idempotency-Key", &uuid::Uuid::new_v4().to_string());
        refused(
            &keyed.post("/api/v1/chat", &of_size(size)).await,
            413,
            "PAYLOAD_TOO_LARGE",
        );
        let login = public.post("/api/auth/login", &of_size(size)).await;
        refused(&login, 413, "PAYLOAD_TOO_LARGE");
    }
}

async fn every_answer_has_a_request_id(kind: Kind) {
    let world = World::start(kind).await;
    let public = world.public();
    let mut seen = std::collections::BTreeSet::new();
    for path in [
        "/",
        "/healthz",
        "/nothing",
        "/api/v1/admin/chat",
        "/api/v1/chat/departments",
        "/openapi.json",
        "/metrics",
    ] {
        let answer = public.get(path).await;
        let id = answer.header("x-request-id").unwrap().to_owned();
        assert!(seen.insert(id), "{path}: an id is used twice");
    }
}

async fn only_a_tenants_pages_may_call(kind: Kind) {
    let world = World::start(kind).await;
    let one = world.tenant("one").await;
    let ask = async |method: Method, origin: &str| {
        let request = world
            .public()
            .request(method, "/api/v1/chat")
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header(
                "access-control-request-headers",
                "content-type,idempotency-key,x-tenant",
            );
        let answer = request.send().await.unwrap();
        let allowed = answer
            .headers()
            .get("access-control-allow-origin")
            .and_then(|value| value.to_str().ok());
        allowed.map(ToOwned::to_owned)
    };
    for origin in ["https://one.example", "http://one.example"] {
        let allowed = ask(Method::OPTIONS, origin).await;
        assert_eq!(allowed.as_deref(), Some(origin));
        assert_eq!(ask(Method::GET, origin).await.as_deref(), Some(origin));
    }
    for origin in [
        "https://evil.example",
        "https://one.example.evil.example",
        "https://notone.example",
        "null",
        "x",
    ] {
        assert_eq!(ask(Method::OPTIONS, origin).await, None, "{origin}");
        assert_eq!(ask(Method::GET, origin).await, None, "{origin}");
    }
    let page = one.public.with_header("Origin", "https://one.example");
    let answer = page.post("/api/v1/chat", &json!({ "message": "Hello" })).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    assert_eq!(
        answer.header("access-control-allow-origin"),
        Some("https://one.example")
    );
    assert!(
        answer
            .header("vary")
            .is_some_and(|vary| vary.to_lowercase().contains("origin"))
    );
}

async fn sockets_check_where_a_page_is_from(kind: Kind) {
    let world = World::start(kind).await;
    let one = world.tenant("one").await;
    let request = Request::open(&one.public, "s", "Hello").await;
    let url = world.socket_url(&format!("/human-support/ws/{}?token={}", request.id, request.token));
    let mut socket = Socket::try_open(&url, Some("https://one.example")).await.unwrap();
    socket.next_typed("connected").await;
    match Socket::try_open(&url, Some("https://evil.example")).await {
        Err(status) => assert_eq!(status, 403),
        Ok(mut socket) => assert_eq!(socket.close_code().await, Some(4401)),
    }
}

async fn all_bad_fields_are_told_at_once_whatever_is_wrong_with_them(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let types = json!({ "message": 7, "visitorName": ["x"], "visitorEmail": { "a": 1 }, "department": true });
    refused_fields(
        &public.post("/api/v1/chat", &types).await,
        &["message", "visitorName", "visitorEmail", "department"],
    );
    let mixed = json!({ "message": "", "visitorName": 7, "visitorEmail": "no address" });
    refused_fields(
        &public.post("/api/v1/chat", &mixed).await,
        &["message", "visitorName", "visitorEmail"],
    );
    let agent = json!({ "name": 1, "email": [], "password": {}, "role": null });
    refused_fields(
        &admin.post("/api/agents", &agent).await,
        &["name", "email", "password", "role"],
    );
    let request = json!({ "session_id": 1, "initial_message": 2, "history": "long" });
    refused_fields(
        &public.post("/human-support/request", &request).await,
        &["session_id", "initial_message", "history"],
    );
}
