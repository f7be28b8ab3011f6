//! Long lists, part by part.

use serde_json::{Value, json};
use support_core::model::Role;
use support_http::{finish, metrics};

use crate::world::{Call, World};

async fn chat(world: &World, words: &str) -> Value {
    let call = Call::new("POST", "/api/v1/chat").header("x-tenant", "acme");
    let answer = world.call(call.json(&json!({"message": words}))).await;
    answer.expect(201)["data"].clone()
}

fn subjects(list: &Value) -> Vec<&str> {
    let chats = list["chats"].as_array().unwrap();
    chats.iter().map(|chat| chat["subject"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_list_of_chats_goes_on_where_it_ended_whatever_has_come_since() {
    let world = World::new().await;
    let (_, agent) = world.agent(Role::Supervisor).await;
    for words in ["one", "two", "three"] {
        chat(&world, words).await;
        world.clock.advance(std::time::Duration::from_secs(1));
    }
    let path = "/api/v1/admin/chat?limit=2&sortBy=createdAt&sortOrder=desc";
    let first = world.get(path, &agent).await.expect(200)["data"].clone();
    assert_eq!(subjects(&first), ["three", "two"]);
    chat(&world, "four").await;
    let cursor = first["nextCursor"].as_str().unwrap();
    let second = world.get(&format!("{path}&cursor={cursor}"), &agent).await;
    let second = second.expect(200)["data"].clone();
    assert_eq!(subjects(&second), ["one"]);
    assert_eq!(second["nextCursor"], Value::Null);
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_list_only() {
    let world = World::new().await;
    let (_, agent) = world.agent(Role::Admin).await;
    let (_, stranger) = world.agent_of(&world.other, Role::Admin).await;
    for words in ["one", "two"] {
        chat(&world, words).await;
    }
    let first = world.get("/api/v1/admin/chat?limit=1", &agent).await.expect(200);
    let cursor = first["data"]["nextCursor"].as_str().unwrap().to_owned();
    let tampered = format!("A{}", &cursor[1..]);
    let wrong = [
        (format!("/api/v1/admin/chat?cursor={tampered}0"), &agent),
        ("/api/v1/admin/chat?cursor=rubbish".to_owned(), &agent),
        (format!("/api/v1/admin/chat?cursor={cursor}&status=WAITING"), &agent),
        (format!("/api/v1/admin/chat?cursor={cursor}&sortOrder=asc"), &agent),
        (format!("/api/v1/admin/chat?cursor={cursor}"), &stranger),
        (format!("/api/v1/admin/events?cursor={cursor}"), &agent),
        ("/api/v1/admin/events?cursor=7".to_owned(), &agent),
    ];
    for (path, token) in wrong {
        let answer = world.get(&path, token).await;
        answer.refused(400, "VALIDATION_ERROR");
        assert_eq!(answer.fields(), ["cursor"], "{path}");
    }
}

#[tokio::test]
async fn what_a_list_can_not_be_sorted_by_is_refused() {
    let world = World::new().await;
    let (_, agent) = world.agent(Role::Agent).await;
    let path = "/api/v1/admin/chat?sortBy=mood&sortOrder=up&rating=6&limit=101&page=0&cursor=x";
    let answer = world.get(path, &agent).await;
    answer.refused(400, "VALIDATION_ERROR");
    let mut fields = answer.fields();
    fields.sort_unstable();
    assert_eq!(fields, ["cursor", "limit", "page", "rating", "sortBy", "sortOrder"]);
}

#[tokio::test]
async fn chats_are_filtered() {
    let world = World::new().await;
    let (agent, token) = world.agent(Role::Admin).await;
    let taken = chat(&world, "a parcel").await;
    chat(&world, "an invoice").await;
    let change = json!({"chatId": taken["chatId"], "assignedTo": agent.id, "department": "sales"});
    world
        .send("PATCH", "/api/v1/admin/chat", &token, &change)
        .await
        .expect(200);
    let found = [
        ("q=parcel", vec!["a parcel"]),
        ("status=ACTIVE", vec!["a parcel"]),
        ("status=WAITING", vec!["an invoice"]),
        ("assignedTo=me", vec!["a parcel"]),
        ("assignedTo=none", vec!["an invoice"]),
        ("department=sales", vec!["a parcel"]),
        ("department=nope", vec![]),
        ("rating=5", vec![]),
    ];
    for (query, expected) in found {
        let list = world.get(&format!("/api/v1/admin/chat?{query}"), &token).await;
        assert_eq!(subjects(&list.expect(200)["data"]), expected, "{query}");
    }
}

#[tokio::test]
async fn a_change_of_several_things_is_made_whole_or_not_at_all() {
    let world = World::new().await;
    let (agent, token) = world.agent(Role::Admin).await;
    let opened = chat(&world, "a parcel").await;
    let id = &opened["chatId"];
    let close = json!({"chatId": id, "status": "CLOSED"});
    world
        .send("PATCH", "/api/v1/admin/chat", &token, &close)
        .await
        .expect(200);
    let both = json!({"chatId": id, "priority": "urgent", "tags": ["vip"], "status": "RESOLVED"});
    let answer = world.send("PATCH", "/api/v1/admin/chat", &token, &both).await;
    answer.refused(409, "INVALID_TRANSITION");
    let path = format!("/api/v1/admin/chat/{}", id.as_str().unwrap());
    let chat = world.get(&path, &token).await.expect(200)["data"]["chat"].clone();
    assert_eq!((&chat["priority"], &chat["tags"]), (&json!("normal"), &json!([])));
    let all = json!({
        "chatId": id, "priority": "urgent", "tags": ["vip"], "status": "ACTIVE", "assignedTo": agent.id,
    });
    let reopened = json!({"chatId": id, "status": "ACTIVE", "priority": "urgent", "tags": ["vip"]});
    world
        .send("PATCH", "/api/v1/admin/chat", &token, &reopened)
        .await
        .expect(200);
    let changed = world
        .send("PATCH", "/api/v1/admin/chat", &token, &all)
        .await
        .expect(200);
    let chat = &changed["data"]["chat"];
    assert_eq!((&chat["priority"], &chat["tags"]), (&json!("urgent"), &json!(["vip"])));
    assert_eq!(chat["assignedTo"]["id"], json!(agent.id));
}

#[tokio::test]
async fn agents_answer_by_chat_number_and_session() {
    let world = World::new().await;
    let (_, token) = world.agent(Role::Admin).await;
    let opened = chat(&world, "Hello").await;
    for (field, name) in [("chatId", "chatId"), ("chatId", "ticketId"), ("sessionId", "sessionId")] {
        let words = json!({field: opened[name], "message": format!("by {name}")});
        let said = world.send("POST", "/api/v1/admin/chat", &token, &words).await;
        assert_eq!(said.expect(201)["data"]["message"]["message"], format!("by {name}"));
    }
    let unknown = json!({"sessionId": "nobody's", "message": "Hello"});
    let answer = world.send("POST", "/api/v1/admin/chat", &token, &unknown).await;
    answer.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn a_long_thread_is_read_part_by_part() {
    let world = World::new().await;
    let opened = chat(&world, "1").await;
    let session = opened["sessionId"].as_str().unwrap();
    for number in 2..=120 {
        let words = json!({"sessionId": session, "message": number.to_string()});
        let call = Call::new("POST", "/api/v1/chat").header("x-tenant", "acme");
        world.call(call.json(&words)).await.expect(200);
    }
    let mut read = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/api/v1/chat?sessionId={session}&cursor={cursor}");
        let part = world.call(Call::new("GET", &path).header("x-tenant", "acme")).await;
        let part = part.expect(200)["data"].clone();
        let seqs = part["messages"].as_array().unwrap().iter();
        read.extend(seqs.map(|message| message["seq"].as_u64().unwrap()));
        match part["nextCursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    assert_eq!(read, (1..=u64::try_from(read.len()).unwrap()).collect::<Vec<_>>());
    assert!(read.len() >= 120);
}

#[tokio::test]
async fn metrics_can_stand_alone() {
    let world = World::new().await;
    let alone = finish(metrics(), world.state.clone());
    let answer = Call::new("GET", "/metrics").to(&alone).await;
    assert_eq!(answer.status, 200);
    assert!(answer.header("x-request-id").is_some());
    Call::new("GET", "/healthz").to(&alone).await.refused(404, "NOT_FOUND");
}
