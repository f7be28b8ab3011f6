//! Two sides talk.

use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use crate::{server::Server, sockets::Client, streams::Stream};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_and_an_agent_talk_over_sockets() {
    let server = Server::start().await;
    let request = server.ask("bot-1").await;
    let mara = server.agent("Mara").await;
    let login = server.login(server.tenant, &mara);

    let mut user = Client::open(&server, &request.id, &request.token, "&after=0").await;
    let greeting = user.next().await;
    assert_eq!(greeting["type"], "connected");
    assert_eq!(greeting["status"], "pending");
    assert_eq!(greeting["request_id"], request.id);
    assert_eq!(user.message_of("user").await["message"], "Help, please");

    let mut agent = Client::agent(&server, &request, &login).await;
    let path = format!("/human-support/requests/{}/join", request.id);
    let (status, joined) = server.post(&path, Some(&login), &json!({})).await;
    assert_eq!((status, &joined["status"]), (200, &json!("active")), "{joined}");
    let told = user.expect("status").await;
    assert_eq!(
        told,
        json!({ "type": "status", "status": "active", "agent_name": "Mara" })
    );

    agent
        .send(&json!({ "type": "message", "message": "Hello!", "client_message_id": "a1" }))
        .await;
    let ack = agent.expect("ack").await;
    assert_eq!(ack["client_message_id"], "a1");
    let heard = user.message_of("admin").await;
    assert_eq!(heard["message"], "Hello!");
    assert_eq!(heard["sender_name"], "Mara");
    assert_eq!(heard["seq"], ack["seq"]);

    user.send(&json!({ "type": "read", "up_to": heard["seq"] })).await;
    let read = agent.expect("read").await;
    assert_eq!(
        read,
        json!({ "type": "read", "sender_type": "user", "up_to": heard["seq"] })
    );

    user.say("It does not start").await;
    assert_eq!(agent.message_of("user").await["message"], "It does not start");
    let path = format!("/human-support/requests/{}/close", request.id);
    let (status, _) = server.post(&path, Some(&login), &json!({})).await;
    assert_eq!(status, 200);
    assert_eq!(user.expect("status").await["status"], "closed");
    user.say("Too late").await;
    assert_eq!(user.expect("error").await["code"], "TICKET_CLOSED");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_reaches_the_senders_other_tab_and_a_repeat_reaches_nobody() {
    let server = Server::start().await;
    let request = server.ask("bot-1").await;
    let mut first = Client::user(&server, &request).await;
    let mut second = Client::user(&server, &request).await;
    let words = json!({ "type": "message", "message": "Twice", "client_message_id": "c1" });
    first.send(&words).await;
    let ack = first.expect("ack").await;
    let heard = second.expect("message").await;
    assert_eq!(heard["message"], "Twice");
    assert_eq!(heard["client_message_id"], "c1");
    second.send(&words).await;
    let repeat = second.expect("ack").await;
    assert_eq!((&repeat["id"], &repeat["seq"]), (&ack["id"], &ack["seq"]));
    second.hears_nothing().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn typing_is_shown_to_the_other_side_only_and_lapses() {
    let server = Server::start().await;
    let request = server.ask("bot-1").await;
    let mara = server.agent("Mara").await;
    let login = server.login(server.tenant, &mara);
    let mut user = Client::user(&server, &request).await;
    let mut agent = Client::agent(&server, &request, &login).await;
    let mut console = Stream::console(&server, &login, None).await;
    let begun = Instant::now();
    user.send(&json!({ "type": "typing", "is_typing": true })).await;
    let typing = json!({ "type": "typing", "sender_type": "user", "is_typing": true });
    assert_eq!(agent.expect("typing").await, typing);
    let shown = console.expect("typing").await;
    assert_eq!(
        shown.data,
        json!({ "chatId": request.id, "sender": "VISITOR", "isTyping": true })
    );
    assert_eq!(agent.expect("typing").await["is_typing"], false);
    assert!(begun.elapsed() >= Duration::from_secs(6), "{:?}", begun.elapsed());
    user.hears_nothing().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visitor_and_a_console_talk_over_streams() {
    let server = Server::start().await;
    let mara = server.agent("Mara").await;
    let login = server.login(server.tenant, &mara);
    let mut console = Stream::console(&server, &login, None).await;
    let (session, chat) = server.chat("Where is my parcel?").await;
    let mut visitor = Stream::visitor(&server, &session, None).await;

    let row = console.expect("chat").await.data["chat"].clone();
    assert_eq!((&row["chatId"], &row["unreadCount"]), (&json!(chat), &json!(1)));
    let message = console.expect("message").await.data;
    assert_eq!(message["message"]["message"], "Where is my parcel?");

    let answer = json!({ "chatId": chat, "message": "On its way", "clientMessageId": "m1" });
    let (status, answered) = server.post("/api/v1/admin/chat", Some(&login), &answer).await;
    assert_eq!(status, 201, "{answered}");
    let (status, again) = server.post("/api/v1/admin/chat", Some(&login), &answer).await;
    assert_eq!((status, &again), (200, &answered));

    let assigned = visitor.expect("agent_assigned").await;
    assert_eq!(assigned.data["agent"]["name"], "Mara");
    let heard = loop {
        let event = visitor.expect("message").await;
        if event.data["sender"] == "ADMIN" {
            break event;
        }
    };
    assert_eq!(heard.data["message"], "On its way");
    assert_eq!(heard.data.get("isNote"), None);

    let read = json!({ "sessionId": session, "upTo": heard.data["seq"] });
    assert_eq!(server.post("/api/v1/chat/read", None, &read).await.0, 200);
    let read = console.expect("read").await.data;
    assert_eq!(
        read,
        json!({ "chatId": chat, "sender": "VISITOR", "upTo": heard.data["seq"] })
    );

    let typing = json!({ "chatId": chat, "isTyping": true });
    assert_eq!(
        server.post("/api/v1/admin/chat/typing", Some(&login), &typing).await.0,
        200
    );
    assert_eq!(
        visitor.expect("typing").await.data,
        json!({ "sender": "ADMIN", "isTyping": true })
    );

    let close = json!({ "sessionId": session });
    assert_eq!(server.post("/api/v1/chat/close", None, &close).await.0, 200);
    assert_eq!(visitor.expect("status").await.data["status"], "CLOSED");
    let more = json!({ "sessionId": session, "message": "Wait" });
    let (status, refused) = server.post("/api/v1/chat", None, &more).await;
    assert_eq!((status, &refused["error"]["code"]), (409, &json!("TICKET_CLOSED")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_note_never_reaches_the_other_side_by_any_way() {
    let server = Server::start().await;
    let mara = server.agent("Mara").await;
    let login = server.login(server.tenant, &mara);
    let request = server.ask("bot-1").await;
    let (session, chat) = server.chat("Hello").await;
    let mut user = Client::user(&server, &request).await;
    let mut agent = Client::agent(&server, &request, &login).await;
    let mut visitor = Stream::visitor(&server, &session, None).await;
    let mut console = Stream::console(&server, &login, None).await;

    for (secret, path) in [(&request.token, "handoff"), (&session, "chat")] {
        let ticket = server.ticket(secret).await;
        server.note(&mara, &ticket, &format!("SECRET of the {path}")).await;
        server.say(&ticket, "Still there?").await;
    }
    let noted = agent.message_of("admin").await;
    assert_eq!(
        (&noted["message"], &noted["is_note"]),
        (&json!("SECRET of the handoff"), &json!(true))
    );
    let seen = loop {
        let event = console.expect("message").await;
        if event.data["chatId"] == chat {
            break event.data["message"].clone();
        }
    };
    assert_eq!(
        (&seen["message"], &seen["isNote"]),
        (&json!("SECRET of the chat"), &json!(true))
    );

    assert_eq!(user.expect("message").await["message"], "Still there?");
    assert_eq!(visitor.expect("message").await.data["message"], "Still there?");
    let mut replayed = Client::open(&server, &request.id, &request.token, "&after=0").await;
    while replayed.expect("message").await["message"] != "Still there?" {}
    replayed.hears_nothing().await;

    let mut streamed = Stream::visitor(&server, &session, Some(0)).await;
    loop {
        let event = streamed.next().await.unwrap();
        assert!(!event.data.to_string().contains("SECRET"), "{event:?}");
        if event.data["message"] == "Still there?" {
            break;
        }
    }
    let threads = [
        format!(
            "/human-support/requests/{}/messages?token={}&tenant=acme",
            request.id, request.token
        ),
        format!("/api/v1/chat?sessionId={session}&tenant=acme"),
    ];
    for path in threads {
        let text = server
            .client
            .get(server.url(&path))
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        assert!(text.contains("Still there?") && !text.contains("SECRET"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_live_connection_of_an_agent_is_a_sign_of_life() {
    let server = Server::start().await;
    let mara = server.agent("Mara").await;
    let login = server.login(server.tenant, &mara);
    assert!(!server.is_online(mara.id).await);
    let mut console = Stream::console(&server, &login, None).await;
    let presence = console.expect("presence").await.data;
    assert_eq!(presence["isOnline"], true);
    assert_eq!(presence["userId"], json!(mara.id));
    assert!(server.is_online(mara.id).await);
}
