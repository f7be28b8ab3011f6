//! With Redis, nobody notices on which node they are.

use serde_json::json;
use support_faces::{Chat, Event, Events};

use crate::installation::{Installation, saying, typing, until_said};

const DESK: &str = "/api/v1/admin/chat/events";

#[tokio::test]
async fn a_conversation_goes_on_between_two_nodes() {
    let installation = Installation::start().await;
    let (request, mut user, mut agent) = installation.conversation().await;
    user.send(&typing(true)).await;
    assert_eq!(agent.next_typed("typing").await["is_typing"], true);
    user.send(&saying("Is there anybody?")).await;
    let said = until_said(&mut agent, "Is there anybody?").await;
    let up_to = said.last().unwrap()["seq"].clone();
    agent.send(&json!({ "type": "read", "up_to": up_to })).await;
    assert_eq!(user.next_typed("read").await["up_to"], up_to);
    agent.send(&typing(true)).await;
    assert_eq!(user.next_typed("typing").await["sender_type"], "admin");
    agent.send(&saying("Yes, here")).await;
    until_said(&mut user, "Yes, here").await;
    let mut stored = Vec::new();
    for node in [&installation.near, &installation.far] {
        let api = node.api().with_header("X-Support-Token", &request.token);
        stored.push(api.get(&request.path("/messages")).await.expect(200));
    }
    assert_eq!(stored[0], stored[1]);
}

#[tokio::test]
async fn who_is_there_and_who_is_given_what_is_known_on_both_nodes() {
    let installation = Installation::start().await;
    let (near, far) = (&installation.near, &installation.far);
    let (mara, jo) = (installation.agent("mara").await, installation.agent("jo").await);
    let mut far_desk = Events::open(&jo.at(far), DESK).await;
    let mut own_desk = Events::open(&mara.at(near), DESK).await;
    far_desk.next_named("connected").await;
    own_desk.next_named("connected").await;

    mara.goes_online(near).await;
    let came = |event: &Event| event.name == "presence" && event.data["userId"] == mara.id;
    let presence = far_desk
        .until(|event| came(event) && event.data["status"] == "available")
        .await;
    assert_eq!(presence.last().unwrap().data["isOnline"], true);
    let list = jo.at(far).get("/api/v1/admin/presence").await.expect(200);
    let online = list["data"]["onlineAdmins"].as_array().unwrap();
    assert!(online.iter().any(|admin| admin["userId"] == mara.id), "{list}");

    let chat = Chat::open(&far.api(), "Hello").await;
    let assigned = own_desk.until(|event| event.data["chat"]["assignedTo"]["id"] == json!(mara.id));
    let assigned = assigned.await;
    assert_eq!(assigned.last().unwrap().data["chat"]["chatId"], json!(chat.id));
    for node in [near, far] {
        let read = chat.read_as_agent(&mara.at(node)).await;
        assert!(read.to_string().contains(&mara.id), "{read}");
    }
}
