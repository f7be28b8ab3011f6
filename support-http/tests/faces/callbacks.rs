//! Wishes to be phoned, by a clock that tests set.

use std::{convert::Infallible, time::Duration};

use axum::{
    body::{Body, to_bytes},
    http::Request,
};
use serde_json::{Value, json};
use support_core::model::Role;
use tower::ServiceExt;

use crate::world::{Answer, Call, World, settings};

const CALL: &str = "/api/chat/callback-request";

async fn wish(world: &World, body: &Value) -> Answer {
    let call = Call::new("POST", CALL)
        .header("x-widget-domain", "shop.example")
        .json(body);
    world.call(call).await
}

async fn made(world: &World, number: &str) -> String {
    let answer = wish(world, &json!({ "contactNumber": number })).await.expect(200);
    answer["requestId"].as_str().unwrap().to_owned()
}

/// A refusal of this face.
#[track_caller]
fn bare(answer: &Answer, status: u16) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.text);
    let fields = answer.json.as_object().unwrap();
    assert_eq!(fields.len(), 1, "{}", answer.text);
    assert!(
        fields["error"].as_str().is_some_and(|words| !words.is_empty()),
        "{}",
        answer.text
    );
}

#[tokio::test]
async fn after_ten_minutes_the_same_number_is_another_wish() {
    let world = World::new().await;
    let first = made(&world, "030 1234567").await;
    world.clock.advance(Duration::from_secs(10 * 60));
    assert_eq!(made(&world, "030 1234567").await, first);
    world.clock.advance(Duration::from_millis(1));
    assert_ne!(made(&world, "030 1234567").await, first);
}

#[tokio::test]
async fn days_are_those_of_the_tenants_time_zone() {
    let world = World::new().await;
    // In Berlin it is 00:30 on the 2nd.
    world.clock.set("2026-03-01T23:30:00Z".parse().unwrap());
    let id = made(&world, "030 1234567").await;
    world.clock.set("2026-03-02T22:59:59Z".parse().unwrap());
    made(&world, "030 7654321").await;
    let (_, token) = world.agent(Role::Agent).await;
    let path = format!("/api/v1/admin/callbacks/{id}");
    for status in ["contacted", "resolved"] {
        world
            .send("PATCH", &path, &token, &json!({ "status": status }))
            .await
            .expect(200);
    }
    world.clock.set("2026-03-03T11:00:00Z".parse().unwrap());
    let (_, token) = world.agent(Role::Agent).await;
    let counted = world
        .get("/api/v1/admin/callbacks/stats?days=3", &token)
        .await
        .expect(200);
    let counted = &counted["data"];
    let expected = json!([
        { "date": "2026-03-01", "requests": 0, "resolved": 0 },
        { "date": "2026-03-02", "requests": 2, "resolved": 1 },
        { "date": "2026-03-03", "requests": 0, "resolved": 0 },
    ]);
    assert_eq!(counted["daily"], expected);
    assert_eq!(counted["avgResponseHours"], json!(23.5));
    assert_eq!(counted["resolutionRate"], json!(50.0));
    assert_eq!(counted["pendingByAge"]["underOneDay"], 1);
    let listed = async |query: &str| {
        let list = world.get(&format!("/api/v1/admin/callbacks?{query}"), &token).await;
        list.expect(200)["data"]["pagination"]["totalItems"].clone()
    };
    assert_eq!(listed("from=2026-03-02&to=2026-03-02").await, 2);
    assert_eq!(listed("to=2026-03-01").await, 0);
    assert_eq!(listed("from=2026-03-03").await, 0);
    assert_eq!(listed("from=2026-03-01T23:30:00Z&to=2026-03-02T22:59:59Z").await, 1);
}

#[tokio::test]
async fn refusals_from_below_the_face_are_in_its_words_too() {
    let world = World::new().await;
    let keyed = |body: Value| {
        let call = Call::new("POST", CALL).header("x-tenant", "acme");
        world.call(call.header("idempotency-key", "one").json(&body))
    };
    let first = keyed(json!({ "contactNumber": "030 1234567" })).await;
    let again = keyed(json!({ "contactNumber": "030 1234567" })).await;
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(first.expect(200), again.expect(200));
    bare(&keyed(json!({ "contactNumber": "030 7654321" })).await, 422);

    let hurried = World::with(support_http::HttpSettings {
        request_timeout: Duration::from_millis(10),
        ..settings()
    })
    .await;
    let endless = futures::stream::pending::<Result<Vec<u8>, Infallible>>();
    let request = Request::post(CALL)
        .header("x-tenant", "acme")
        .header("content-type", "application/json");
    let late = hurried
        .app
        .oneshot(request.body(Body::from_stream(endless)).unwrap())
        .await
        .unwrap();
    assert_eq!(late.status().as_u16(), 503);
    assert!(late.headers().contains_key("retry-after"));
    let said = to_bytes(late.into_body(), usize::MAX).await.unwrap();
    let said: Value = serde_json::from_slice(&said).unwrap();
    assert_eq!(said, json!({ "error": "Not available now; try again soon" }));
}

#[tokio::test]
async fn what_is_said_of_other_fields_names_them() {
    let world = World::new().await;
    let long = wish(
        &world,
        &json!({ "contactNumber": "030 1234567", "employeeId": "x".repeat(101) }),
    )
    .await;
    bare(&long, 400);
    assert_eq!(long.json["error"], "employeeId: Must have at most 100 characters");
    let both = wish(&world, &json!({ "contactNumber": "", "employeeId": 7 })).await;
    assert_eq!(both.json["error"], "Contact number is required");
}

#[tokio::test]
async fn without_mails_there_are_no_words_of_mails() {
    let world = World::new().await;
    let (_, admin) = world.agent(Role::Admin).await;
    let path = "/api/v1/admin/settings/templates";
    world.get(path, &admin).await.refused(404, "NOT_FOUND");
}
