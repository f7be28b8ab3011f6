//! The pages and the documentation.

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;
use support_core::{
    desk::{Scope, TenantChanges},
    model::TenantId,
};

use crate::world::{Call, SECRET, World};

#[tokio::test]
async fn pages_come_with_a_strict_policy() {
    let world = World::new().await;
    for (path, kind) in [
        ("/", "text/html; charset=utf-8"),
        ("/console", "text/html; charset=utf-8"),
        ("/docs", "text/html; charset=utf-8"),
        ("/conversation", "text/html; charset=utf-8"),
        ("/reset-password", "text/html; charset=utf-8"),
        ("/widget.js", "text/javascript; charset=utf-8"),
        ("/assets/tokens.css", "text/css; charset=utf-8"),
        ("/assets/console/main.js", "text/javascript; charset=utf-8"),
    ] {
        let answer = world.call(Call::new("GET", path)).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("content-type"), Some(kind), "{path}");
        let policy = answer.header("content-security-policy").unwrap();
        assert!(
            policy.contains("script-src 'self'") && !policy.contains("unsafe"),
            "{policy}"
        );
    }
}

#[tokio::test]
async fn a_page_that_is_known_is_not_sent_again() {
    let world = World::new().await;
    let first = world.call(Call::new("GET", "/widget.js")).await;
    let tag = first.header("etag").unwrap();
    for known in [tag, "*", &format!("\"other\", {tag}")] {
        let answer = world
            .call(Call::new("GET", "/widget.js").header("if-none-match", known))
            .await;
        assert_eq!(answer.status, 304);
        assert_eq!(answer.text, "");
        assert_eq!(answer.header("etag"), Some(tag));
    }
    let answer = world
        .call(Call::new("GET", "/widget.js").header("if-none-match", "\"other\""))
        .await;
    assert_eq!(answer.text, first.text);
}

#[tokio::test]
async fn pages_are_compressed_for_those_who_can_read_it() {
    let world = World::new().await;
    let answer = world
        .call(Call::new("GET", "/assets/tokens.css").header("accept-encoding", "gzip"))
        .await;
    assert_eq!(answer.header("content-encoding"), Some("gzip"));
    let answer = world.call(Call::new("GET", "/assets/tokens.css")).await;
    assert_eq!(answer.header("content-encoding"), None);
}

#[tokio::test]
async fn the_widget_may_be_loaded_by_pages_of_any_site() {
    let world = World::new().await;
    for path in ["/widget.js", "/assets/widget/element.js"] {
        let answer = world
            .call(Call::new("GET", path).header("origin", "https://nobodys.example"))
            .await;
        assert_eq!(
            answer.header("access-control-allow-origin"),
            Some("https://nobodys.example")
        );
    }
}

#[tokio::test]
async fn the_specification_is_served_with_the_address_of_this_installation() {
    let world = World::new().await;
    let specification = world.call(Call::new("GET", "/openapi.json")).await.expect(200);
    assert_eq!(specification["servers"][0]["url"], "http://127.0.0.1:8080");
    let login = &specification["paths"]["/api/auth/login"]["post"];
    assert!(login["requestBody"].is_object());
    assert!(specification["components"]["securitySchemes"]["bearer"].is_object());
}

/// What a mail's link has, signed as this installation signs.
fn signed(purpose: &str, parts: &[&str]) -> String {
    let payload = parts.join("\n");
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let signature = hmac::sign(&key, format!("{purpose}\0{payload}").as_bytes());
    format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(&payload),
        URL_SAFE_NO_PAD.encode(signature)
    )
}

async fn unsubscribed(world: &World) -> Vec<String> {
    let scope = Scope::system(world.acme.id);
    world
        .desk
        .tenant(&scope, world.acme.id)
        .await
        .unwrap()
        .settings
        .unsubscribed
}

#[tokio::test]
async fn one_click_unsubscribes_and_looking_does_not() {
    let world = World::new().await;
    let token = signed("unsubscribe", &[&world.acme.id.to_string(), "mara@shop.example"]);
    let path = format!("/unsubscribe?token={token}");
    let looked = world.call(Call::new("GET", &path)).await;
    assert_eq!(looked.status, 200);
    assert!(looked.text.contains("method=\"post\""), "{}", looked.text);
    assert!(unsubscribed(&world).await.is_empty());
    for _ in 0..2 {
        let click = Call::new("POST", &path).raw("application/x-www-form-urlencoded", "List-Unsubscribe=One-Click");
        let done = world.call(click).await;
        assert_eq!(done.status, 200, "{}", done.text);
        assert_eq!(done.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(unsubscribed(&world).await, ["mara@shop.example"]);
    }
}

#[tokio::test]
async fn a_link_that_is_not_ours_unsubscribes_nobody() {
    let world = World::new().await;
    let acme = world.acme.id.to_string();
    let for_something_else = signed("conversation", &[&acme, "mara@shop.example"]);
    let good = signed("unsubscribe", &[&acme, "mara@shop.example"]);
    let twice = format!("{good}&token={good}");
    for token in ["", "x", "a.b", "%00", "%FF", "x%", &for_something_else, &twice] {
        for method in ["GET", "POST"] {
            let answer = world
                .call(Call::new(method, &format!("/unsubscribe?token={token}")))
                .await;
            assert_eq!(answer.status, 404, "{method} {token}");
            assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
        }
    }
    let missing = world.call(Call::new("GET", "/unsubscribe")).await;
    assert_eq!(missing.status, 404);
    assert!(unsubscribed(&world).await.is_empty());
}

#[tokio::test]
async fn a_mailed_link_opens_its_conversation_by_the_tenant_that_it_names() {
    let world = World::new().await;
    let opened = Call::new("POST", "/api/v1/chat")
        .header("x-tenant", "acme")
        .json(&json!({ "message": "Hello" }));
    let opened = world.call(opened).await.expect(201);
    let chat = opened["data"]["chatId"].as_str().unwrap();
    let until = |millis: i64| (world.desk.now().millis() + millis).to_string();
    let read = |tenant: TenantId, token: String| {
        let call = Call::new("GET", &format!("/api/v1/chat?sessionId={token}"));
        world.call(call.header("x-tenant", &tenant.to_string()))
    };
    let acme = world.acme.id;
    let good = signed("conversation", &[&acme.to_string(), chat, &until(1_000)]);
    let found = read(acme, good.clone()).await.expect(200);
    assert_eq!(found["data"]["messages"][0]["message"], "Hello");
    read(world.other.id, good).await.refused(404, "NOT_FOUND");
    let late = signed("conversation", &[&acme.to_string(), chat, &until(-1)]);
    read(acme, late).await.refused(404, "NOT_FOUND");
    let shut = TenantChanges {
        is_active: Some(false),
        ..TenantChanges::default()
    };
    world
        .desk
        .update_tenant(&Scope::system(acme), acme, shut)
        .await
        .unwrap();
    let good = signed("conversation", &[&acme.to_string(), chat, &until(1_000)]);
    read(acme, good).await.refused(404, "TENANT_NOT_FOUND");
}

#[tokio::test]
async fn deliveries_are_counted_by_channel() {
    let world = World::new().await;
    let metrics = world.call(Call::new("GET", "/metrics")).await;
    for line in [
        "# TYPE support_deliveries_total counter",
        "support_deliveries_total{channel=\"email\",outcome=\"sent\"} 0",
        "# TYPE support_deliveries_owed gauge",
        "support_deliveries_owed{channel=\"telegram\",status=\"queued\"} 0",
    ] {
        assert!(
            metrics.text.lines().any(|found| found == line),
            "{line}\n{}",
            metrics.text
        );
    }
}
