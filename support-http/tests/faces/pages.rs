//! The pages and the documentation.

use crate::world::{Call, World};

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
