//! Who is there, and who is given what.

use std::time::Duration;

use serde_json::{Value, json};
use support_faces::{Chat, Events, Kind, World, has_fields, is_time, on_both_stores, refused, refused_fields};
use support_testkit::eventually;

on_both_stores!(
    a_heartbeat_puts_an_agent_on_the_list,
    a_chat_goes_to_who_is_there_and_free,
    capacity_is_never_exceeded,
    waiting_chats_are_given_out_when_somebody_comes,
    chats_of_an_agent_who_leaves_go_to_others,
    silence_is_leaving,
    a_department_is_served_by_its_own,
    a_deactivated_agents_chats_go_to_others,
);

const SOON: Duration = Duration::from_secs(15);

async fn a_heartbeat_puts_an_agent_on_the_list(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let mara = world
        .agent_with(&admin, "mara", &json!({ "department": "sales" }))
        .await;
    let path = "/api/v1/admin/presence";
    let empty = admin.get(path).await.expect(200);
    assert_eq!(empty["data"], json!({ "onlineAdmins": [], "count": 0 }));
    let body = json!({ "isOnline": true, "department": "sales", "socketId": "s-1" });
    let told = mara.api.post(path, &body).await.expect(200);
    assert_eq!(told["data"]["presence"]["isOnline"], true);
    let list = admin.get(path).await.expect(200);
    assert_eq!(list["data"]["count"], 1);
    let row = &list["data"]["onlineAdmins"][0];
    has_fields(row, &["userId", "isOnline", "lastSeenAt", "department", "user"]);
    is_time(&row["lastSeenAt"]);
    assert_eq!((&row["userId"], &row["department"]), (&json!(mara.id), &json!("sales")));
    assert_eq!(
        row["user"],
        json!({ "name": "mara", "email": mara.email, "role": "agent" })
    );
    mara.goes_offline().await;
    assert_eq!(admin.get(path).await.expect(200)["data"]["count"], 0);

    refused_fields(&mara.api.post(path, &json!({})).await, &["isOnline"]);
    refused_fields(&mara.api.post(path, &json!({ "isOnline": "yes" })).await, &["isOnline"]);
    refused_fields(
        &mara
            .api
            .post(path, &json!({ "isOnline": true, "department": "nowhere" }))
            .await,
        &["department"],
    );
    refused(&world.public().post(path, &body).await, 401, "UNAUTHENTICATED");
}

async fn a_chat_goes_to_who_is_there_and_free(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let (online_only, available_only) = (world.agent(&admin, "jo").await, world.agent(&admin, "max").await);
    online_only
        .api
        .post("/api/v1/admin/presence", &json!({ "isOnline": true }))
        .await
        .expect(200);
    available_only.sets_status("available").await;
    let opened = public
        .post("/api/v1/chat", &json!({ "message": "Hello" }))
        .await
        .expect(201);
    assert_eq!(
        (&opened["data"]["assignedTo"], &opened["data"]["status"]),
        (&Value::Null, &json!("WAITING")),
        "both are needed"
    );
    assert_eq!(opened["data"]["adminOnline"], false);

    let mara = world.agent(&admin, "mara").await;
    mara.goes_online().await;
    let opened = Chat::open(&public, "Hello").await;
    let read = eventually(SOON, || async {
        let read = opened.read(&public).await;
        (read["assignedTo"] != Value::Null).then_some(read)
    })
    .await;
    assert_eq!(read["assignedTo"], json!({ "id": mara.id, "name": "mara" }));
    assert_eq!(
        (&read["status"], &read["adminOnline"]),
        (&json!("ACTIVE"), &json!(true))
    );
    assert!(
        read["messages"].to_string().contains("mara"),
        "the thread tells who joined: {read}"
    );
    mara.sets_status("busy").await;
    let busy = Chat::open(&public, "Hello").await;
    assert_eq!(
        busy.read(&public).await["assignedTo"],
        Value::Null,
        "who is busy is given nothing"
    );
}

async fn capacity_is_never_exceeded(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    for name in ["anna", "berta"] {
        let agent = world
            .agent_with(&admin, name, &json!({ "maxConcurrentTickets": 2 }))
            .await;
        agent.goes_online().await;
    }
    let opened = futures::future::join_all((0..12).map(|number| {
        let public = &public;
        async move { Chat::open(public, &format!("Hello {number}")).await }
    }))
    .await;
    assert_eq!(opened.len(), 12);
    let counts = async || {
        let agents = admin.get("/api/agents").await.expect(200);
        let agents = agents["data"]["agents"].as_array().unwrap().clone();
        agents
            .iter()
            .map(|agent| agent["activeTicketsCount"].as_u64().unwrap())
            .collect::<Vec<_>>()
    };
    eventually(SOON, || async {
        (counts().await.iter().sum::<u64>() == 4).then_some(())
    })
    .await;
    assert!(counts().await.iter().all(|count| *count <= 2));
    let taken = opened[0].read_as_agent(&admin).await["chat"]["status"].clone();
    assert!(taken == "ACTIVE" || taken == "WAITING");
    // One finishes, and one of those who wait is next.
    let (mut waiting, mut served) = (Vec::new(), Vec::new());
    for chat in &opened {
        let is_assigned = chat.read(&public).await["assignedTo"] != Value::Null;
        if is_assigned {
            served.push(chat);
        } else {
            waiting.push(chat);
        }
    }
    assert_eq!((served.len(), waiting.len()), (4, 8));
    served[0].agent_sets(&admin, &json!({ "status": "RESOLVED" })).await;
    eventually(SOON, || async {
        let read = futures::future::join_all(waiting.iter().map(|chat| chat.read(&public))).await;
        let given = read.iter().filter(|chat| chat["assignedTo"] != Value::Null).count();
        assert!(given <= 1, "one place was free");
        (given == 1).then_some(())
    })
    .await;
    assert!(counts().await.iter().all(|count| *count <= 2));
}

async fn waiting_chats_are_given_out_when_somebody_comes(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let mara = world
        .agent_with(&admin, "mara", &json!({ "maxConcurrentTickets": 2 }))
        .await;
    let (old, urgent, later) = (
        Chat::open(&public, "Old").await,
        Chat::open(&public, "Urgent").await,
        Chat::open(&public, "Later").await,
    );
    for chat in [&old, &urgent, &later] {
        let read = chat.read(&public).await;
        assert_eq!(
            (&read["status"], &read["adminOnline"]),
            (&json!("WAITING"), &json!(false))
        );
        assert_eq!(chat.read_as_agent(&admin).await["chat"]["isOffline"], true);
    }
    urgent.agent_sets(&admin, &json!({ "priority": "urgent" })).await;
    let mut events = Events::open(&public, &format!("/api/v1/chat/events?sessionId={}", urgent.session)).await;
    events.next_named("connected").await;
    let mut left = Events::open(&public, &format!("/api/v1/chat/events?sessionId={}", later.session)).await;
    left.next_named("connected").await;
    mara.goes_online().await;
    let assigned = events.next_named("agent_assigned").await;
    assert_eq!(assigned.data["agent"], json!({ "id": mara.id, "name": "mara" }));
    eventually(SOON, || async {
        (old.read(&public).await["assignedTo"]["id"] == mara.id).then_some(())
    })
    .await;
    let told = left.next_named("agent_available").await;
    assert!(told.data.is_object());
    let left = later.read(&public).await;
    assert_eq!(left["assignedTo"], Value::Null, "beyond capacity");
    eventually(SOON, || async {
        (later.read(&public).await["status"] == "ACTIVE").then_some(())
    })
    .await;
}

async fn chats_of_an_agent_who_leaves_go_to_others(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let (mara, jo) = (world.agent(&admin, "mara").await, world.agent(&admin, "jo").await);
    mara.goes_online().await;
    let chat = Chat::open(&public, "Hello").await;
    eventually(SOON, || async {
        (chat.read(&public).await["assignedTo"]["id"] == mara.id).then_some(())
    })
    .await;
    jo.goes_online().await;
    mara.goes_offline().await;
    let read = eventually(SOON, || async {
        let read = chat.read(&public).await;
        (read["assignedTo"]["id"] == jo.id).then_some(read)
    })
    .await;
    assert_eq!(read["status"], "ACTIVE");
    assert!(
        read["messages"].as_array().unwrap().last().unwrap()["message"]
            .as_str()
            .unwrap()
            .contains("jo"),
        "{read}"
    );
    jo.sets_status("offline").await;
    let read = eventually(SOON, || async {
        let read = chat.read(&public).await;
        (read["assignedTo"] == Value::Null).then_some(read)
    })
    .await;
    assert_eq!(read["status"], "WAITING");
    for (expected, message) in (1_u64..).zip(read["messages"].as_array().unwrap()) {
        assert_eq!(message["seq"], expected);
    }
}

async fn silence_is_leaving(kind: Kind) {
    let world = World::with(kind, &[("PRESENCE_TIMEOUT_S", "2")]).await;
    let (public, admin) = (world.public(), world.admin().await);
    let mara = world.agent(&admin, "mara").await;
    mara.goes_online().await;
    let chat = Chat::open(&public, "Hello").await;
    eventually(SOON, || async {
        (chat.read(&public).await["assignedTo"]["id"] == mara.id).then_some(())
    })
    .await;
    eventually(SOON, || async {
        (chat.read(&public).await["assignedTo"] == Value::Null).then_some(())
    })
    .await;
    assert_eq!(
        admin.get("/api/v1/admin/presence").await.expect(200)["data"]["count"],
        0
    );
    // A live connection is a heartbeat by itself.
    mara.goes_online().await;
    let _stream = Events::open(&mara.api, "/api/v1/admin/chat/events").await;
    let end = tokio::time::Instant::now() + Duration::from_secs(5);
    eventually(SOON, || async {
        let present = admin.get("/api/v1/admin/presence").await.expect(200);
        assert_eq!(present["data"]["count"], 1, "who listens is there");
        (tokio::time::Instant::now() > end).then_some(())
    })
    .await;
}

async fn a_department_is_served_by_its_own(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let seller = world
        .agent_with(&admin, "seller", &json!({ "department": "sales" }))
        .await;
    let fixer = world
        .agent_with(&admin, "fixer", &json!({ "department": "technical" }))
        .await;
    fixer.goes_online().await;
    let sale = Chat::open_with(&public, &json!({ "message": "Hello", "department": "sales" })).await;
    let read = sale.read(&public).await;
    assert_eq!(
        (&read["assignedTo"], &read["adminOnline"]),
        (&Value::Null, &json!(false))
    );
    seller.goes_online().await;
    eventually(SOON, || async {
        (sale.read(&public).await["assignedTo"]["id"] == seller.id).then_some(())
    })
    .await;
    sale.agent_sets(&admin, &json!({ "assignedTo": null, "department": "technical" }))
        .await;
    eventually(SOON, || async {
        (sale.read(&public).await["assignedTo"]["id"] == fixer.id).then_some(())
    })
    .await;
}

async fn a_deactivated_agents_chats_go_to_others(kind: Kind) {
    let world = World::start(kind).await;
    let (public, admin) = (world.public(), world.admin().await);
    let (mara, jo) = (world.agent(&admin, "mara").await, world.agent(&admin, "jo").await);
    mara.goes_online().await;
    let chat = Chat::open(&public, "Hello").await;
    eventually(SOON, || async {
        (chat.read(&public).await["assignedTo"]["id"] == mara.id).then_some(())
    })
    .await;
    jo.goes_online().await;
    admin.delete(&format!("/api/agents/{}", mara.id)).await.expect(200);
    eventually(SOON, || async {
        (chat.read(&public).await["assignedTo"]["id"] == jo.id).then_some(())
    })
    .await;
    assert_eq!(
        admin.get("/api/v1/admin/presence").await.expect(200)["data"]["count"],
        1
    );
    let gone = json!({ "chatId": chat.id, "assignedTo": mara.id });
    let gone = admin.patch("/api/v1/admin/chat", &gone).await;
    assert!(matches!(gone.status, 400 | 404 | 409), "{}", gone.text);
}
