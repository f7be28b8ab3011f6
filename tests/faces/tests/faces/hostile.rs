//! Whatever is sent to whatever call, by whomever: it is answered, refused in the one shape, and breaks nothing.

use reqwest::Method;
use serde_json::{Value, json};
use support_faces::{Chat, Kind, Request, World, on_both_stores};
use support_testkit::Api;

on_both_stores!(
    no_body_breaks_a_call,
    no_field_breaks_a_call,
    no_query_breaks_a_call,
    no_path_breaks_a_call,
);

/// The call whose refusals have a shape of their own: words alone.
const BARE_REFUSALS: &str = "/api/chat/callback-request";

/// A documented call, its path's holes filled with what is there.
#[derive(Debug)]
struct Call {
    method: Method,
    path: String,
    query: Vec<String>,
    fields: Vec<String>,
}

struct Callers {
    all: Vec<(&'static str, Api)>,
    chat: Chat,
    request: Request,
    agent: String,
}

impl Callers {
    async fn of(world: &World) -> Self {
        let (public, admin) = (world.public(), world.admin().await);
        let agent = world.agent(&admin, "mara").await;
        let chat = Chat::open(&public, "Hello").await;
        let request = Request::open(&public, "s", "Hello").await;
        let customer = crate::portal::customer(world, &admin, "ada").await;
        let all = vec![
            ("nobody", public),
            ("the user", request.user.clone()),
            ("an agent", agent.api.clone()),
            ("the admin", admin),
            ("the operator", world.operator().await),
            ("a customer", customer),
        ];
        Self {
            all,
            chat,
            request,
            agent: agent.id,
        }
    }

    /// A hole's content: something that is there, where the call is not about to destroy the tests' own people.
    fn fill(&self, path: &str) -> String {
        let id = if path.contains("human-support") {
            &self.request.id
        } else if path.contains("/agents/") {
            &self.agent
        } else {
            &self.chat.id
        };
        let mut filled = String::new();
        for (position, part) in path.split(['{', '}']).enumerate() {
            filled.push_str(if position % 2 == 1 { id } else { part });
        }
        filled
    }
}

async fn documented(world: &World, callers: &Callers) -> Vec<Call> {
    let spec = world.public().get("/openapi.json").await.expect(200);
    let mut calls = Vec::new();
    for (path, operations) in spec["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let Ok(method) = method.to_uppercase().parse::<Method>() else {
                continue;
            };
            if ![Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE].contains(&method) {
                continue;
            }
            let of_query = |parameter: &&Value| parameter["in"] == "query";
            let name = |parameter: &Value| parameter["name"].as_str().unwrap().to_owned();
            let query = operation["parameters"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(of_query)
                .map(name)
                .collect();
            let fields = fields(&spec, &operation["requestBody"]);
            calls.push(Call {
                method,
                path: callers.fill(path),
                query,
                fields,
            });
        }
    }
    assert!(calls.len() > 30, "only {} calls are documented", calls.len());
    calls
}

fn fields(spec: &Value, body: &Value) -> Vec<String> {
    let schema = &body["content"]["application/json"]["schema"];
    let schema = schema["$ref"].as_str().map_or(schema, |name| {
        &spec["components"]["schemas"][name.rsplit('/').next().unwrap()]
    });
    let properties = schema["properties"].as_object();
    properties
        .into_iter()
        .flat_map(|properties| properties.keys().cloned())
        .collect()
}

/// A stream never ends, logging out would end the test, and Socket.IO refuses in words of its own protocol: each is
/// tried elsewhere.
fn is_apart(call: &Call) -> bool {
    call.path.ends_with("/events") && (call.path.contains("chat") || call.path.contains("/me/"))
        || call.path.contains("/ws/")
        || call.path.starts_with("/socket.io")
        || call.path.ends_with("/logout")
}

async fn send(api: &Api, call: &Call, path: &str, body: Option<Vec<u8>>) -> (u16, String, String) {
    let mut request = api.request(call.method.clone(), path);
    if let Some(body) = body {
        request = request.header("content-type", "application/json").body(body);
    }
    let answer = request.send().await;
    assert!(answer.is_ok(), "{} {path}: {answer:?}", call.method);
    let answer = answer.unwrap();
    let kind = answer
        .headers()
        .get("content-type")
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let has_id = answer.headers().contains_key("x-request-id");
    assert!(has_id, "{} {path}: no x-request-id", call.method);
    (answer.status().as_u16(), kind, answer.text().await.unwrap())
}

fn check(call: &Call, path: &str, who: &str, sent: &str, (status, kind, text): &(u16, String, String)) {
    let shown = format!(
        "{} {path:.200} by {who} with {sent:.120}: {status} {text:.600}",
        call.method
    );
    assert!(*status < 500, "{shown}");
    if *status < 400 {
        return;
    }
    assert!(kind.starts_with("application/json"), "{shown}");
    let body: Value = serde_json::from_str(text).unwrap_or_default();
    let is_in_shape = if call.path == BARE_REFUSALS {
        body["error"].is_string()
    } else {
        body["success"] == false && body["error"]["code"].is_string() && body["error"]["message"].is_string()
    };
    assert!(is_in_shape, "{shown}");
    for leak in [
        "panicked",
        "sqlx",
        "SELECT ",
        "constraint",
        "postgres",
        "sqlite",
        ".rs:",
    ] {
        assert!(!text.contains(leak), "{leak} leaks: {shown}");
    }
}

async fn still_works(world: &World, callers: &Callers) {
    assert_eq!(world.public().get("/readyz").await.status, 200);
    Chat::open(&world.public().with_header("X-Tenant", "default"), "Hello").await;
    callers.all[3].1.get("/api/v1/admin/chat").await.expect(200);
}

async fn no_body_breaks_a_call(kind: Kind) {
    let world = World::start(kind).await;
    let callers = Callers::of(&world).await;
    let bodies: Vec<Vec<u8>> = vec![
        b"".to_vec(),
        b"{".to_vec(),
        b"null".to_vec(),
        b"[]".to_vec(),
        b"[[[]]]".to_vec(),
        b"7".to_vec(),
        b"\"x\"".to_vec(),
        b"\xff\xfe\x00".to_vec(),
        b"{}".to_vec(),
        br#"{"":""}"#.to_vec(),
        br#"{"id":"\ud800"}"#.to_vec(),
        "[".repeat(200_000).into_bytes(),
        format!("{{\"a\":{}1{}}}", "{\"a\":".repeat(5_000), "}".repeat(5_000)).into_bytes(),
        format!("{{\"name\":\"{}\"}}", "x".repeat(1_000_000)).into_bytes(),
        vec![b'x'; 1024 * 1024 + 1],
    ];
    for call in documented(&world, &callers)
        .await
        .iter()
        .filter(|call| !is_apart(call) && call.method != Method::GET)
    {
        for (who, api) in &callers.all {
            for body in &bodies {
                // Deleting by a path that is right succeeds whatever the body: the agent is needed further on.
                let path = call
                    .path
                    .replace(&callers.agent, "0190b6a0-0000-7000-8000-000000000000");
                let answer = send(api, call, &path, Some(body.clone())).await;
                check(call, &path, who, &String::from_utf8_lossy(body), &answer);
            }
        }
    }
    still_works(&world, &callers).await;
}

async fn no_field_breaks_a_call(kind: Kind) {
    let world = World::start(kind).await;
    let callers = Callers::of(&world).await;
    let values = [
        json!(null),
        json!(true),
        json!(-1),
        json!(1.5),
        json!(1e300),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(""),
        json!(" "),
        json!("\u{0}"),
        json!("a\u{0}b"),
        json!("\u{1b}[0m"),
        json!("\u{FFFF}\u{10FFFF}"),
        json!("x".repeat(6_000)),
        json!("\u{1F980}".repeat(5_001)),
        json!("'\"; DROP TABLE tickets; --"),
        json!("../../etc/passwd"),
        json!("{{7*7}}%s%n"),
        json!("\r\nSet-Cookie: x=1"),
        json!([]),
        json!([null]),
        json!([[]]),
        json!(["x", 7, {}]),
        json!({}),
        json!({ "a": [1] }),
        json!(vec!["x"; 5_000]),
        json!("0190b6a0-0000-7000-8000-000000000000"),
        json!("TKT-99999999999999999999"),
        json!("2026-13-45T99:99:99Z"),
    ];
    for call in documented(&world, &callers)
        .await
        .iter()
        .filter(|call| !is_apart(call) && !call.fields.is_empty())
    {
        let (admin, operator) = (&callers.all[3], &callers.all[4]);
        let (who, api) = if call.path.contains("platform") {
            operator
        } else if call.path.contains("human-support") || call.path == "/api/v1/chat" {
            &callers.all[1]
        } else {
            admin
        };
        for field in &call.fields {
            for value in &values {
                let mut body = good(&callers, call);
                body[field] = value.clone();
                let answer = send(api, call, &call.path, Some(body.to_string().into_bytes())).await;
                check(call, &call.path, who, &format!("{field}: {value}"), &answer);
            }
        }
        if *who == "the admin" {
            let me = api.get("/api/auth/me").await;
            assert_eq!(me.status, 200, "{} {} put the admin out", call.method, call.path);
        }
    }
    assert_eq!(world.public().get("/readyz").await.status, 200);
}

/// A body in which only the field under test may be wrong, but which changes nobody's way in.
fn good(callers: &Callers, call: &Call) -> Value {
    let unique = uuid::Uuid::new_v4();
    let mut body = json!({
        "name": unique, "slug": unique, "email": format!("{unique}@example.com"), "role": "agent", "message": "x",
        "session_id": unique, "initial_message": "x", "admin_email": "a@example.com", "upTo": 1, "isTyping": true,
        "chatId": callers.chat.id, "scopes": ["tickets"], "externalId": unique, "isOnline": true, "status": "available",
        "title": "x", "currentPassword": "not it", "newPassword": "a long enough password", "password": "a long enough password",
        "admin": { "name": "A", "email": format!("{unique}@example.com"), "password": "a long enough password" },
    });
    if call.path == "/api/v1/chat" || call.path.starts_with("/api/v1/chat/") {
        body["sessionId"] = json!(callers.chat.session);
    }
    if call.method == Method::PATCH && call.path == "/api/v1/admin/chat" {
        body["status"] = json!("ACTIVE");
    }
    if call.method == Method::PATCH && call.path.starts_with("/api/agents/") && !call.path.ends_with("/status") {
        body = json!({ "name": "Mara" });
    }
    body
}

const ODD: &[&str] = &[
    "",
    "%00",
    "%ff",
    "a%00b",
    "-1",
    "0",
    "1e9",
    "99999999999999999999",
    "18446744073709551615",
    "9223372036854775807",
    "null",
    "true",
    "%27%22%3B--",
    "%25%25%5F",
    "[]",
    "%F0%9F%A6%80",
    "..%2F..%2F",
    "0190b6a0-0000-7000-8000-000000000000",
    "TKT-1",
    "TKT-",
    "%",
    "%zz",
    "%20",
    "%0d%0aX-Evil:1",
];

async fn no_query_breaks_a_call(kind: Kind) {
    let world = World::start(kind).await;
    let callers = Callers::of(&world).await;
    let long = "x".repeat(4_000);
    for call in documented(&world, &callers)
        .await
        .iter()
        .filter(|call| !is_apart(call) && !call.query.is_empty())
    {
        for (who, api) in &callers.all {
            for name in &call.query {
                for value in ODD.iter().copied().chain([long.as_str()]) {
                    let path = format!("{}?{name}={value}", call.path);
                    check(call, &path, who, "", &send(api, call, &path, None).await);
                }
                let double = format!("{}?{name}=1&{name}=2", call.path);
                check(call, &double, who, "", &send(api, call, &double, None).await);
            }
        }
    }
    still_works(&world, &callers).await;
}

async fn no_path_breaks_a_call(kind: Kind) {
    let world = World::start(kind).await;
    let callers = Callers::of(&world).await;
    let ids = [&callers.chat.id, &callers.request.id, &callers.agent];
    for call in documented(&world, &callers)
        .await
        .iter()
        .filter(|call| !call.path.contains("/ws/"))
    {
        let Some(id) = ids.iter().find(|id| call.path.contains(id.as_str())) else {
            continue;
        };
        for (who, api) in &callers.all {
            for value in ODD.iter().filter(|value| !value.is_empty()) {
                let path = call.path.replace(id.as_str(), value);
                let answer = send(api, call, &path, Some(b"{}".to_vec())).await;
                check(call, &path, who, "", &answer);
            }
        }
    }
    still_works(&world, &callers).await;
}
