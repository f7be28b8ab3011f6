//! A challenge before anything is opened.

use std::{net::IpAddr, sync::Arc, time::Duration};

use serde_json::{Value, json};
use support_http::{CaptchaUnavailable, CaptchaVerifier, HttpSettings};

use crate::world::{Call, World, settings};

/// Lets in whoever says `person`; is away for `away`, and never answers `silence`.
#[derive(Debug)]
struct Verifier;

#[async_trait::async_trait]
impl CaptchaVerifier for Verifier {
    async fn verify(&self, token: &str, _address: IpAddr) -> Result<bool, CaptchaUnavailable> {
        match token {
            "away" => Err(CaptchaUnavailable("connection refused".to_owned())),
            "silence" => {
                tokio::time::sleep(Duration::from_secs(3_600)).await;
                Ok(true)
            }
            token => Ok(token == "person"),
        }
    }
}

async fn challenging() -> World {
    World::with(HttpSettings {
        captcha: Some(Arc::new(Verifier)),
        ..settings()
    })
    .await
}

fn openings() -> [(&'static str, Value, u16); 3] {
    [
        ("/api/v1/chat", json!({ "message": "Hello" }), 201),
        (
            "/human-support/request",
            json!({ "session_id": "s-1", "initial_message": "Hello" }),
            201,
        ),
        (
            "/api/chat/callback-request",
            json!({ "contactNumber": "+49 30 1234567" }),
            200,
        ),
    ]
}

#[tokio::test]
async fn nobody_opens_anything_who_has_not_passed() {
    let world = challenging().await;
    for (path, body, opened) in openings() {
        let call = || Call::new("POST", path).header("x-tenant", "acme").json(&body);
        for answer in [
            call().to(&world.app).await,
            call().header("x-captcha-token", "robot").to(&world.app).await,
            call()
                .header("x-captcha-token", &"x".repeat(5_000))
                .to(&world.app)
                .await,
        ] {
            assert_eq!(answer.status, 403, "{path}: {}", answer.text);
        }
        let passed = call().header("x-captcha-token", "person").to(&world.app).await;
        passed.expect(opened);
    }
}

#[tokio::test]
async fn what_goes_on_needs_no_challenge() {
    let world = challenging().await;
    let call = |body: Value| Call::new("POST", "/api/v1/chat").header("x-tenant", "acme").json(&body);
    let refused = call(json!({ "message": "Hello" })).to(&world.app).await;
    refused.refused(403, "CAPTCHA_REQUIRED");
    let opened = call(json!({ "message": "Hello" }))
        .header("x-captcha-token", "person")
        .to(&world.app)
        .await
        .expect(201);
    let words = json!({ "sessionId": opened["data"]["sessionId"], "message": "More" });
    call(words).to(&world.app).await.expect(200);
}

#[tokio::test(start_paused = true)]
async fn while_the_provider_is_away_nobody_is_let_in() {
    let world = challenging().await;
    for token in ["away", "silence"] {
        let call = Call::new("POST", "/api/v1/chat").header("x-tenant", "acme");
        let answer = call
            .json(&json!({ "message": "Hello" }))
            .header("x-captcha-token", token)
            .to(&world.app)
            .await;
        answer.refused(503, "UNAVAILABLE");
        assert!(answer.header("retry-after").is_some());
        assert!(!answer.text.contains("connection refused"), "{}", answer.text);
    }
}
