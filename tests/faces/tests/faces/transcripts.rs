//! What was said, as a file.

use serde_json::{Value, json};
use support_faces::{Chat, Kind, World, has_fields, on_both_stores, refused, refused_fields};

on_both_stores!(
    visitors_and_agents_keep_what_was_said,
    customers_keep_their_own,
    no_file_has_notes_or_runs_anything,
);

async fn visitors_and_agents_keep_what_was_said(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let chat = Chat::open_with(&public, &json!({ "message": "Where is it?", "visitorName": "Robin" })).await;
    chat.agent_says(&admin, "On its way").await;
    let own = format!("/api/v1/chat/transcript?sessionId={}", chat.session);
    let text = public.get(&own).await;
    assert_eq!(text.status, 200, "{}", text.text);
    assert_eq!(text.header("content-type"), Some("text/plain; charset=utf-8"));
    let name = format!("attachment; filename=\"transcript-{}.txt\"", chat.number);
    assert_eq!(text.header("content-disposition"), Some(name.as_str()));
    assert_eq!(text.header("x-content-type-options"), Some("nosniff"));
    for words in [&chat.number, "Robin, ", "Where is it?", "On its way"] {
        assert!(text.text.contains(words), "{words} in {}", text.text);
    }
    let same = admin
        .get(&format!("/api/tickets/{}/transcript?format=text", chat.number))
        .await;
    assert_eq!(same.text, text.text);

    let json = public.get(&format!("{own}&format=json")).await;
    assert_eq!(json.header("content-type"), Some("application/json"));
    has_fields(
        &json.json,
        &[
            "company",
            "chatId",
            "ticketId",
            "subject",
            "status",
            "createdAt",
            "messages",
            "earlierMessages",
        ],
    );
    let said: Vec<&Value> = json.json["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|said| &said["content"])
        .collect();
    assert!(
        said.contains(&&json!("Where is it?")) && said.contains(&&json!("On its way")),
        "{said:?}"
    );

    refused_fields(&public.get(&format!("{own}&format=pdf")).await, &["format"]);
    refused_fields(&public.get("/api/v1/chat/transcript").await, &["sessionId"]);
    let strange = public.get("/api/v1/chat/transcript?sessionId=nobodys").await;
    refused(&strange, 404, "NOT_FOUND");
    let path = format!("/api/tickets/{}/transcript", chat.id);
    refused(&public.get(&path).await, 401, "UNAUTHENTICATED");
    let other = world.tenant("other").await;
    refused(&other.admin.api.get(&path).await, 404, "NOT_FOUND");
}

async fn customers_keep_their_own(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let mut customers = Vec::new();
    for name in ["robin", "kim"] {
        let email = format!("{name}@mail.example");
        let body = json!({ "name": name, "email": email, "password": "a long enough password" });
        admin.post("/api/customers", &body).await.expect(201);
        customers.push(world.public().login(&email, "a long enough password").await);
    }
    let body = json!({ "title": "A question", "description": "Where is it?" });
    let ticket = customers[0].post("/api/customers/me/tickets", &body).await.expect(201);
    let path = format!(
        "/api/customers/me/tickets/{}/transcript?format=html",
        ticket["id"].as_str().unwrap()
    );
    let page = customers[0].get(&path).await;
    assert_eq!(
        (page.status, page.header("content-type")),
        (200, Some("text/html; charset=utf-8"))
    );
    assert!(page.text.contains("Where is it?"), "{}", page.text);
    refused(&customers[1].get(&path).await, 404, "NOT_FOUND");
    refused(&admin.get(&path).await, 403, "FORBIDDEN");
}

async fn no_file_has_notes_or_runs_anything(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let evil = "<script>alert('x')</script>";
    let chat = Chat::open_with(&public, &json!({ "message": evil, "visitorName": "<b>Robin" })).await;
    chat.agent_notes(&admin, "a private note").await;
    chat.agent_says(&admin, "Hello").await;
    for format in ["text", "html", "json"] {
        let path = format!("/api/tickets/{}/transcript?format={format}", chat.id);
        let file = admin.get(&path).await;
        assert_eq!(file.status, 200, "{}", file.text);
        assert!(!file.text.contains("a private note"), "{format}: {}", file.text);
        if format == "html" {
            assert!(
                !file.text.contains("<script") && !file.text.contains("<b>Robin"),
                "{}",
                file.text
            );
            assert!(file.text.contains("&lt;script&gt;alert(&#39;x&#39;)"), "{}", file.text);
            assert_eq!(
                file.header("content-security-policy"),
                Some("default-src 'none'; sandbox")
            );
        }
    }
}
