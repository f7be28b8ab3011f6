//! Who changed and who read what.

use serde_json::{Value, json};
use support_faces::{
    Chat, Kind, World, form, got, has_fields, id_of, is_time, on_both_stores, pdf, refused, refused_fields, sending,
    text_of,
};
use support_testkit::Api;

on_both_stores!(
    who_reads_is_told_of_once_an_hour,
    entries_are_found_by_who_what_kind_and_time,
    the_audit_is_for_admins_of_the_tenant_alone,
);

const AUDIT: &str = "/api/v1/admin/audit";

async fn entries(admin: &Api, query: &str) -> Vec<Value> {
    let found = admin.get(&format!("{AUDIT}?limit=100&{query}")).await.expect(200);
    found["data"]["entries"].as_array().unwrap().clone()
}

fn kinds(entries: &[Value]) -> Vec<String> {
    entries.iter().map(|entry| text_of(entry, "/kind")).collect()
}

async fn who_reads_is_told_of_once_an_hour(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let mara = world.agent(&admin, "mara").await;
    let ada = json!({ "name": "Ada", "email": "ada@mail.example" });
    let ada = id_of(&admin.post("/api/customers", &ada).await.expect(201), "/id");
    let chat = Chat::open(&public, "Hello").await;
    assert!(entries(&admin, "kind=read").await.is_empty(), "visitors read their own");
    let upload = form(&[("sessionId", &chat.session)], "a.pdf", &pdf(10));
    let upload = got(sending(&public, "/api/v1/chat/upload", upload)).await;
    let url = text_of(&upload.json(), "/data/url");
    let said = json!({ "sessionId": chat.session, "message": "See", "fileUrl": url, "messageType": "FILE" });
    public.post("/api/v1/chat", &said).await.expect(200);
    chat.read(&public).await;
    for _ in 0..2 {
        chat.read_as_agent(&mara.api).await;
        let path = format!("/api/tickets/{}/messages", chat.number);
        mara.api.get(&path).await.expect(200);
        let file = url.split("/api/files/").nth(1).unwrap().split('?').next().unwrap();
        let got = mara.api.get(&format!("/api/files/{file}")).await;
        assert_eq!(got.status, 200);
        admin.get(&format!("/api/customers/{ada}/export")).await.expect(200);
    }
    let told = entries(&admin, "kind=read").await;
    assert_eq!(
        kinds(&told),
        ["customer_exported", "file_read", "ticket_read"],
        "newest first"
    );
    has_fields(&told[0], &["id", "at", "kind", "actor", "subject", "details"]);
    is_time(&told[0]["at"]);
    assert_eq!(
        (&told[0]["subject"]["id"], &told[0]["subject"]["label"]),
        (&json!(ada), &json!("Ada"))
    );
    let by_mara = json!({ "kind": "agent", "id": mara.id, "name": "mara" });
    assert_eq!((&told[1]["actor"], &told[2]["actor"]), (&by_mara, &by_mara));
    assert_eq!(
        told[2]["subject"],
        json!({ "kind": "ticket", "id": chat.id, "label": chat.number })
    );
    chat.read_as_agent(&admin).await;
    assert_eq!(
        entries(&admin, "kind=ticket_read").await.len(),
        2,
        "each reader by themselves"
    );
}

async fn entries_are_found_by_who_what_kind_and_time(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let mara = world.agent(&admin, "mara").await;
    let (one, two) = (Chat::open(&public, "One").await, Chat::open(&public, "Two").await);
    one.agent_sets(&admin, &json!({ "assignedTo": mara.id })).await;
    two.agent_sets(&mara.api, &json!({ "priority": "high" })).await;
    let all = entries(&admin, "").await;
    let ids: Vec<u64> = all.iter().map(|entry| text_of(entry, "/id").parse().unwrap()).collect();
    assert!(ids.is_sorted_by(|newer, older| newer > older), "newest first: {ids:?}");
    for subject in [one.id.as_str(), one.number.as_str()] {
        let about = entries(&admin, &format!("subject={subject}")).await;
        assert!(
            about.iter().all(|entry| entry["subject"]["id"] == json!(one.id)),
            "{about:?}"
        );
        let kinds = kinds(&about);
        assert!(kinds.contains(&"ticket_opened".to_owned()) && kinds.contains(&"ticket_assigned".to_owned()));
    }
    let by_mara = entries(&admin, &format!("actor={}&kind=change", mara.id)).await;
    assert!(by_mara.iter().all(|entry| entry["actor"]["name"] == "mara"));
    assert!(kinds(&by_mara).contains(&"ticket_priority_changed".to_owned()));
    let opened = entries(&admin, "kind=ticket_opened").await;
    assert_eq!(opened.len(), 2);
    let created = kinds(&entries(&admin, "kind=agent_created&to=2199-01-01").await);
    assert!(!created.is_empty() && created.iter().all(|kind| kind == "agent_created"));
    assert!(entries(&admin, "from=2199-01-01").await.is_empty());
    assert!(entries(&admin, "to=2001-01-01").await.is_empty());
    let at = text_of(&opened[1], "/at");
    let before = entries(&admin, &format!("to={at}")).await;
    assert!(before.iter().all(|entry| text_of(entry, "/at") < at) && !before.is_empty());

    let mut paged = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = admin.get(&format!("{AUDIT}?limit=3{cursor}")).await.expect(200)["data"].clone();
        paged.extend(page["entries"].as_array().unwrap().clone());
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(paged, all);
    refused_fields(
        &admin.get(&format!("{AUDIT}?kind=x&from=y&cursor=z")).await,
        &["kind", "from", "cursor"],
    );
}

async fn the_audit_is_for_admins_of_the_tenant_alone(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let chat = Chat::open(&world.public(), "Hello").await;
    let sue = world.agent_with(&admin, "sue", &json!({ "role": "supervisor" })).await;
    refused(&sue.api.get(AUDIT).await, 403, "FORBIDDEN");
    refused(&world.public().get(AUDIT).await, 401, "UNAUTHENTICATED");
    refused(&world.operator().await.get(AUDIT).await, 403, "FORBIDDEN");
    let other = world.tenant("other").await;
    let theirs = entries(&other.admin.api, "").await;
    assert!(!theirs.is_empty());
    assert!(!format!("{theirs:?}").contains(&chat.id));
    for named in [&chat.id, &chat.number] {
        assert!(entries(&other.admin.api, &format!("subject={named}")).await.is_empty());
    }
}
