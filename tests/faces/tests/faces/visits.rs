//! Where visitors come from and what they looked at, as agents read it.

use serde_json::{Value, json};
use support_faces::{Chat, Kind, Request, World, has_fields, is_time, on_both_stores, refused, refused_fields};

on_both_stores!(
    agents_read_where_a_visitor_comes_from,
    later_pages_are_added_and_the_newest_kept,
    what_cannot_be_kept_refuses_nobody,
    desks_see_browser_and_address,
);

const CONTEXT: &str = "/api/v1/chat/context";

async fn context_of(chat: &Chat, world: &World) -> Value {
    let read = chat.read_as_agent(&world.admin().await).await;
    read["chat"]["visitorContext"].clone()
}

async fn agents_read_where_a_visitor_comes_from(kind: Kind) {
    let world = World::start(kind).await;
    let public = world.public().with_header("User-Agent", "Browser/7");
    let body = json!({
        "message": "Hello", "visitorEmail": "robin@mail.example",
        "context": {
            "page": { "url": "https://shop.example/cart?x=1", "title": "Your cart" },
            "referrer": "https://search.example/", "language": "pt-BR",
            "pages": [
                { "url": "https://shop.example/b", "title": "B", "at": "2026-01-02T10:00:00Z" },
                { "url": "https://shop.example/a", "at": "2026-01-02T09:00:00Z" },
            ],
        },
    });
    let chat = Chat::open_with(&public, &body).await;
    let context = context_of(&chat, &world).await;
    has_fields(
        &context,
        &["page", "referrer", "language", "userAgent", "ipAddress", "pages"],
    );
    assert_eq!(context["page"]["url"], "https://shop.example/cart?x=1");
    assert_eq!(context["page"]["title"], "Your cart");
    assert_eq!(context["referrer"], "https://search.example/");
    assert_eq!(context["language"], "pt-BR");
    assert_eq!(
        (&context["userAgent"], &context["ipAddress"]),
        (&json!("Browser/7"), &json!("127.0.0.1"))
    );
    let urls: Vec<_> = context["pages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|page| &page["url"])
        .collect();
    assert_eq!(
        urls,
        [
            "https://shop.example/a",
            "https://shop.example/b",
            "https://shop.example/cart?x=1"
        ],
        "oldest first, and the present one last"
    );
    assert_eq!(context["pages"][1]["at"], "2026-01-02T10:00:00.000Z");
    is_time(&context["pages"][2]["at"]);

    let seen = chat.read(&public).await.to_string();
    assert!(!seen.contains("shop.example") && !seen.contains("127.0.0.1"), "{seen}");
}

async fn later_pages_are_added_and_the_newest_kept(kind: Kind) {
    let world = World::start(kind).await;
    let public = world.public();
    let chat = Chat::open(&public, "Hello").await;
    let go = |page: Value| {
        let (public, session) = (public.clone(), chat.session.clone());
        async move {
            public
                .post(CONTEXT, &json!({ "sessionId": session, "page": page }))
                .await
        }
    };
    for place in 1..=60 {
        let page = json!({ "url": format!("https://shop.example/{place}"), "title": "A page" });
        let answer = go(page).await.expect(200);
        assert_eq!(answer, json!({ "success": true, "data": {} }));
    }
    go(json!({ "url": "https://shop.example/60" })).await.expect(200);
    let context = context_of(&chat, &world).await;
    let pages = context["pages"].as_array().unwrap();
    assert_eq!(pages.len(), 50);
    assert_eq!(pages[0]["url"], "https://shop.example/11");
    assert_eq!(pages[49]["url"], "https://shop.example/60");
    assert_eq!(
        context["page"]["title"], "A page",
        "the same page again tells nothing new"
    );

    refused_fields(&public.post(CONTEXT, &json!({})).await, &["sessionId", "page"]);
    refused_fields(&go(json!({ "title": "no address" })).await, &["page.url"]);
    let strange = json!({ "sessionId": "nobody's", "page": { "url": "https://shop.example/" } });
    refused(&public.post(CONTEXT, &strange).await, 404, "NOT_FOUND");
}

async fn what_cannot_be_kept_refuses_nobody(kind: Kind) {
    let world = World::start(kind).await;
    let public = world.public();
    let long = format!("https://shop.example/{}", "x".repeat(2_000));
    let pages: Vec<_> = (0..80)
        .map(|place| json!({ "url": format!("https://shop.example/{place}"), "title": "t".repeat(900) }))
        .collect();
    let body = json!({
        "message": "Hello",
        "context": { "page": { "url": "javascript:alert(1)" }, "referrer": long, "language": "x".repeat(200), "pages": pages },
    });
    let chat = Chat::open_with(&public, &body).await;
    let context = context_of(&chat, &world).await;
    assert_eq!((&context["page"], &context["referrer"]), (&json!(null), &json!(null)));
    assert_eq!(context["pages"].as_array().unwrap().len(), 50);
    assert_eq!(context["pages"][0]["url"], "https://shop.example/30");
    assert_eq!(context["pages"][0]["title"].as_str().unwrap().len(), 200);
    let wrong = json!({ "message": "Hello", "context": { "page": "https://shop.example/" } });
    refused_fields(&public.post("/api/v1/chat", &wrong).await, &["context.page"]);
}

async fn desks_see_browser_and_address(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let public = world.public().with_header("User-Agent", "Browser/7");
    let chat = Chat::open(&public, "Hello").await;
    let asked = Request::open(&public, "s-1", "A person, please").await;
    for ticket in [&chat.id, &asked.id] {
        let read = admin.get(&format!("/api/tickets/{ticket}")).await.expect(200);
        let info = &read["data"]["ticket"]["customerInfo"];
        assert_eq!(
            (&info["userAgent"], &info["ipAddress"]),
            (&json!("Browser/7"), &json!("127.0.0.1"))
        );
        let context = admin.get(&format!("/api/v1/admin/chat/{ticket}")).await.expect(200);
        assert_eq!(context["data"]["chat"]["visitorContext"]["userAgent"], "Browser/7");
    }
}
