//! A refusal names every field that is at fault.

use serde_json::{Value, json};
use support_core::model::Role;

use crate::world::{Answer, Call, PASSWORD, World};

#[track_caller]
fn names(answer: &Answer, fields: &[&str]) {
    answer.refused(400, "VALIDATION_ERROR");
    let (mut named, mut meant) = (answer.fields(), fields.to_vec());
    named.sort_unstable();
    meant.sort_unstable();
    assert_eq!(named, meant, "{}", answer.text);
}

async fn public(world: &World, path: &str, body: &Value) -> Answer {
    let call = Call::new("POST", path).header("x-tenant", "acme").json(body);
    world.call(call).await
}

#[tokio::test]
async fn all_fields_of_a_wrong_type_are_named() {
    let world = World::new().await;
    let (_, admin) = world.agent(Role::Admin).await;
    let body = json!({"name": 1, "email": [], "role": "agent", "skills": ["rust", 7], "departments": {}});
    let answer = world.send("POST", "/api/agents", &admin, &body).await;
    names(&answer, &["name", "email", "skills[1]", "departments", "password"]);
    let body = json!({"name": 1, "branding": {"color": 7, "greeting": []}, "assignment": {"automatic": "yes", "acceptTimeoutSeconds": "soon"}});
    let answer = world.send("PUT", "/api/v1/admin/settings", &admin, &body).await;
    names(
        &answer,
        &[
            "name",
            "branding.color",
            "branding.greeting",
            "assignment.automatic",
            "assignment.acceptTimeoutSeconds",
        ],
    );
}

#[tokio::test]
async fn fields_that_are_missing_or_doubled_are_named() {
    let world = World::new().await;
    let doubled = "{\"email\": \"a@b.example\", \"email\": \"c@d.example\"}";
    let answer = world
        .call(Call::new("POST", "/api/auth/login").raw("application/json", doubled))
        .await;
    answer.refused(400, "VALIDATION_ERROR");
    let answer = public(&world, "/api/v1/chat/read", &json!({})).await;
    names(&answer, &["sessionId", "upTo"]);
    let answer = public(&world, "/api/v1/chat/typing", &json!({"sessionId": 7})).await;
    names(&answer, &["sessionId", "isTyping"]);
}

#[tokio::test]
async fn both_passwords_are_asked_for() {
    let world = World::new().await;
    let (_, token) = world.agent(Role::Agent).await;
    let answer = world.send("POST", "/api/auth/password", &token, &json!({})).await;
    names(&answer, &["currentPassword", "newPassword"]);
    let wrong = json!({"currentPassword": "not this one", "newPassword": "short"});
    let answer = world.send("POST", "/api/auth/password", &token, &wrong).await;
    names(&answer, &["currentPassword", "newPassword"]);
}

#[tokio::test]
async fn settings_and_the_journal_name_all_that_is_wrong() {
    let world = World::new().await;
    let (_, admin) = world.agent(Role::Admin).await;
    let wrong = json!({"timezone": "Mars/Olympus", "branding": {"color": "red", "greeting": "x".repeat(501)}});
    let answer = world.send("PUT", "/api/v1/admin/settings", &admin, &wrong).await;
    names(&answer, &["timezone", "branding.color", "branding.greeting"]);
    let answer = world.get("/api/v1/admin/events?after=x&limit=0&page=no", &admin).await;
    names(&answer, &["after", "limit", "page"]);
}

#[tokio::test]
async fn a_new_chat_names_all_that_is_wrong_with_it() {
    let world = World::new().await;
    let mut wrong = json!({
        "message": "", "visitorEmail": "x", "visitorPhone": "call me", "messageType": "SONG", "department": "nope",
        "visitorName": "x".repeat(5_000),
    });
    let fields = [
        "message",
        "visitorEmail",
        "visitorPhone",
        "messageType",
        "department",
        "visitorName",
    ];
    names(&public(&world, "/api/v1/chat", &wrong).await, &fields);
    // Of a wrong type is as wrong as of a wrong form, and opens nothing.
    wrong["message"] = json!(7);
    wrong["visitorPhone"] = json!(false);
    names(&public(&world, "/api/v1/chat", &wrong).await, &fields);
    let (_, admin) = world.agent(Role::Admin).await;
    let chats = world.get("/api/v1/admin/chat", &admin).await.expect(200);
    assert_eq!(chats["data"]["pagination"]["totalItems"], 0);
}

#[tokio::test]
async fn an_agents_words_and_changes_name_all_that_is_wrong_with_them() {
    let world = World::new().await;
    let (_, admin) = world.agent(Role::Admin).await;
    let answer = world.send("POST", "/api/v1/admin/chat", &admin, &json!({})).await;
    names(&answer, &["chatId", "message"]);
    let chat = public(&world, "/api/v1/chat", &json!({"message": "Hello"})).await;
    let chat = &chat.expect(201)["data"]["chatId"];
    let wrong = json!({
        "chatId": chat, "status": "DONE", "priority": "medium-rare", "department": "nope", "tags": [""],
        "assignedTo": "nobody",
    });
    let answer = world.send("PATCH", "/api/v1/admin/chat", &admin, &wrong).await;
    names(&answer, &["status", "priority", "department", "tags", "assignedTo"]);
    let wrong = json!({"status": "DONE", "tags": 7});
    let answer = world.send("PATCH", "/api/v1/admin/chat", &admin, &wrong).await;
    names(&answer, &["chatId", "status", "tags"]);
}

#[tokio::test]
async fn a_request_for_a_human_names_all_that_is_wrong_with_it() {
    let world = World::new().await;
    let (_, agent) = world.agent(Role::Agent).await;
    let wrong = json!({
        "session_id": "", "initial_message": " ", "user_email": "nobody", "user_name": "x".repeat(2_000),
        "department": "nope", "chatbot_id": "nope", "history": [{"role": "king", "content": ""}, {"content": 7}],
    });
    let answer = public(&world, "/human-support/request", &wrong).await;
    names(
        &answer,
        &[
            "session_id",
            "initial_message",
            "user_email",
            "user_name",
            "department",
            "chatbot_id",
            "history[0].role",
            "history[0].content",
            "history[1].role",
            "history[1].content",
        ],
    );
    let answer = world
        .get("/human-support/requests?limit=0&offset=-1&chatbot_id=nope", &agent)
        .await;
    names(&answer, &["limit", "offset", "chatbot_id"]);
}

#[tokio::test]
async fn a_role_is_missed_beside_fields_of_a_wrong_type() {
    let world = World::new().await;
    let (_, admin) = world.agent(Role::Admin).await;
    let wrong = json!({"name": 1, "email": [], "password": {}, "role": null});
    let answer = world.send("POST", "/api/agents", &admin, &wrong).await;
    names(&answer, &["name", "email", "password", "role"]);
}

#[tokio::test]
async fn lists_do_not_pass_for_objects_within_settings() {
    let world = World::new().await;
    let (_, admin) = world.agent(Role::Admin).await;
    let before = world.get("/api/v1/admin/settings", &admin).await.expect(200);
    for (field, list) in [
        ("telegram", json!(["evil:token", "-5"])),
        ("telegram", json!([])),
        ("messenger", json!(["1234"])),
        ("smtp", json!(["h", 25, null, null, "none", null, null])),
        ("sms", json!(["https://sms.example/send", "a secret of some length"])),
        ("branding", json!(["Evil", "#000000", "Hello"])),
        ("assignment", json!([false])),
    ] {
        let mut body = json!({"name": "Renamed"});
        body[field] = list;
        let answer = world.send("PUT", "/api/v1/admin/settings", &admin, &body).await;
        names(&answer, &[field]);
        assert!(answer.text.contains("expected an object"), "{}", answer.text);
    }
    let all = json!({"telegram": [], "messenger": [], "smtp": [], "sms": [], "branding": [], "assignment": []});
    let answer = world.send("PUT", "/api/v1/admin/settings", &admin, &all).await;
    names(
        &answer,
        &["telegram", "messenger", "smtp", "sms", "branding", "assignment"],
    );
    let after = world.get("/api/v1/admin/settings", &admin).await.expect(200);
    assert_eq!(after, before);
}

#[tokio::test]
async fn lists_do_not_pass_for_objects_within_other_bodies() {
    let world = World::new().await;
    let ask = json!({"session_id": "s-1", "initial_message": "Hello", "history": [["user", "Hi", null]]});
    let answer = public(&world, "/human-support/request", &ask).await;
    names(&answer, &["history[0]"]);
    let (_, operator) = world.agent(Role::Platform).await;
    let new = json!({"slug": "third", "name": "Third", "admin": ["Ada", "ada@third.example", PASSWORD]});
    let answer = world.send("POST", "/api/v1/platform/tenants", &operator, &new).await;
    names(&answer, &["admin"]);
}
