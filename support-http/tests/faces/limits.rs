//! Not too often.

use std::{net::SocketAddr, time::Duration};

use axum::extract::connect_info::MockConnectInfo;
use serde_json::json;
use support_http::RateLimit;

use crate::world::{Answer, Call, World, settings};

async fn limited(max_requests: u32, peer: [u8; 4]) -> World {
    let mut settings = settings();
    settings.rate_limit = RateLimit {
        window: Duration::from_secs(900),
        max_requests,
    };
    settings.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
    let mut world = World::with(settings).await;
    world.app = world.app.layer(MockConnectInfo(SocketAddr::from((peer, 4711))));
    world
}

async fn login(world: &World, forwarded_for: &str) -> Answer {
    let body = json!({"email": "nobody@nowhere.example", "password": "whatever"});
    let call = Call::new("POST", "/api/auth/login").header("x-forwarded-for", forwarded_for);
    world.call(call.json(&body)).await
}

#[tokio::test]
async fn an_address_may_try_to_log_in_only_so_often() {
    let world = limited(3, [203, 0, 113, 9]).await;
    for _ in 0..3 {
        login(&world, "198.51.100.1").await.refused(401, "UNAUTHENTICATED");
    }
    // Claiming another address does not help where no proxy is trusted to tell it.
    let answer = login(&world, "198.51.100.2").await;
    answer.refused(429, "RATE_LIMITED");
    let seconds: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=300).contains(&seconds), "{seconds}");
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_client_has_a_limit_of_its_own() {
    let world = limited(1, [10, 0, 0, 1]).await;
    login(&world, "198.51.100.1").await.refused(401, "UNAUTHENTICATED");
    login(&world, "6.6.6.6, 198.51.100.1")
        .await
        .refused(429, "RATE_LIMITED");
    login(&world, "198.51.100.2").await.refused(401, "UNAUTHENTICATED");
    login(&world, "2001:db8::1").await.refused(401, "UNAUTHENTICATED");
    login(&world, "2001:db8::2").await.refused(429, "RATE_LIMITED");
}

#[tokio::test]
async fn without_a_limit_nobody_is_turned_away() {
    let world = limited(0, [203, 0, 113, 9]).await;
    for _ in 0..9 {
        login(&world, "198.51.100.1").await.refused(401, "UNAUTHENTICATED");
    }
}
