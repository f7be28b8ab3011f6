//! Tokens of the portal's event stream, by a clock that tests set.

use std::time::Duration;

use axum::{
    body::{Body, BodyDataStream},
    http::Request,
};
use futures::StreamExt;
use serde_json::json;
use support_core::testing::ManualClock;
use tower::ServiceExt;

use crate::world::{Call, World};

const EVENTS: &str = "/api/customers/me/events";

async fn token(world: &World, login: &str) -> String {
    let answer = world
        .send("POST", "/api/customers/me/events/token", login, &json!({}))
        .await;
    answer.expect(200)["token"].as_str().unwrap().to_owned()
}

/// A stream, of which the greeting is read.
struct Open(BodyDataStream);

/// Opens a stream; the status when it is refused.
async fn open(world: &World, token: &str, last: Option<u64>) -> Result<Open, u16> {
    let mut request = Request::builder().uri(format!("{EVENTS}?token={token}"));
    if let Some(last) = last {
        request = request.header("last-event-id", last);
    }
    let response = world
        .app
        .clone()
        .oneshot(request.body(Body::empty()).unwrap())
        .await
        .unwrap();
    if response.status() != 200 {
        return Err(response.status().as_u16());
    }
    let mut body = response.into_body().into_data_stream();
    let greeting = body.next().await.unwrap().unwrap();
    assert!(greeting.starts_with(b": "), "a comment comes first");
    Ok(Open(body))
}

fn later(clock: &ManualClock, seconds: u64) {
    clock.advance(Duration::from_secs(seconds));
}

#[tokio::test]
async fn a_token_that_opened_nothing_within_a_minute_opens_nothing() {
    let world = World::new().await;
    let login = world.customer().await;
    let (soon, late) = (token(&world, &login).await, token(&world, &login).await);
    later(&world.clock, 60);
    assert!(open(&world, &soon, None).await.is_ok());
    later(&world.clock, 1);
    for last in [None, Some(1)] {
        assert_eq!(open(&world, &late, last).await.err(), Some(401), "{last:?}");
    }
}

#[tokio::test]
async fn a_stream_is_gone_on_with_as_long_as_the_login_lasts() {
    let world = World::new().await;
    let login = world.customer().await;
    let token = token(&world, &login).await;
    drop(open(&world, &token, None).await.map_err(drop).unwrap());
    later(&world.clock, 11 * 60 * 60);
    drop(open(&world, &token, Some(1)).await.map_err(drop).unwrap());
    later(&world.clock, 60 * 60);
    assert_eq!(open(&world, &token, Some(1)).await.err(), Some(401));
    assert_eq!(world.get("/api/customers/me", &login).await.status, 401, "as the login");
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_with_its_login() {
    let world = World::new().await;
    let login = world.customer().await;
    let token = token(&world, &login).await;
    let mut stream = open(&world, &token, None).await.map_err(drop).unwrap();
    let beat = stream.0.next().await.unwrap().unwrap();
    assert_eq!(beat, "event: heartbeat\ndata: {}\n\n", "without an id");
    later(&world.clock, 12 * 60 * 60);
    assert!(stream.0.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_quiet_stream_says_every_fifteen_seconds_that_it_lives() {
    let world = World::new().await;
    let login = world.customer().await;
    let token = token(&world, &login).await;
    let mut stream = open(&world, &token, None).await.map_err(drop).unwrap();
    let begun = tokio::time::Instant::now();
    for beat in 1..=40 {
        stream.0.next().await.unwrap().unwrap();
        assert_eq!(begun.elapsed().as_secs(), beat * 15);
    }
}

#[tokio::test]
async fn two_who_come_at_once_with_one_token_get_one_stream() {
    let world = World::new().await;
    let login = world.customer().await;
    for _ in 0..20 {
        let token = token(&world, &login).await;
        let (one, two) = tokio::join!(open(&world, &token, None), open(&world, &token, None));
        assert_ne!(one.is_ok(), two.is_ok(), "one of both");
    }
    let call = Call::new("GET", &format!("{EVENTS}?token=%00"));
    assert_eq!(world.call(call).await.status, 400);
}
