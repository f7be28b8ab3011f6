//! Connections that end, and why.

use futures::SinkExt;
use serde_json::json;
use support_core::desk::AgentChanges;
use support_http::RateLimit;
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Message, client::IntoClientRequest, http::HeaderValue},
};
use uuid::Uuid;

use crate::{server::Server, sockets::Client, streams::Stream};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strangers_are_told_why_they_may_not_listen() {
    let server = Server::start().await;
    let other = server.add_tenant("other").await;
    let stranger = server.login(other, &server.admin(other).await);
    let own = server.login(server.tenant, &server.admin(server.tenant).await);
    let request = server.ask("bot-1").await;
    let second = server.ask("bot-2").await;
    let nowhere = Uuid::nil().to_string();
    for (id, token, code) in [
        (&request.id, "wrong", 4401),
        (&nowhere, own.as_str(), 4404),
        (&"nonsense".to_owned(), own.as_str(), 4404),
        (&request.id, stranger.as_str(), 4404),
        (&request.id, second.token.as_str(), 4404),
        (&nowhere, "", 4401),
    ] {
        let mut client = Client::open(&server, id, token, "").await;
        assert_eq!(client.close_code().await, code, "{id} {token}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_a_foreign_origin_get_no_socket() {
    let server = Server::start().await;
    server.add_tenant("other").await;
    let request = server.ask("bot-1").await;
    let url = format!(
        "ws://{}/human-support/ws/{}?token={}",
        server.address, request.id, request.token
    );
    for (origin, may) in [("https://acme.example", true), ("https://evil.example", false)] {
        let mut call = url.as_str().into_client_request().unwrap();
        call.headers_mut().insert("origin", HeaderValue::from_static(origin));
        assert_eq!(connect_async(call).await.is_ok(), may, "{origin}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn garbage_is_answered_and_the_conversation_goes_on() {
    let server = Server::start().await;
    let request = server.ask("bot-1").await;
    let mut client = Client::user(&server, &request).await;
    for (garbage, code) in [
        ("{", "MALFORMED_JSON"),
        ("[]", "VALIDATION_ERROR"),
        ("{\"type\":\"dance\"}", "VALIDATION_ERROR"),
        ("{\"type\":\"message\"}", "VALIDATION_ERROR"),
        ("{\"type\":\"message\",\"message\":\"  \"}", "VALIDATION_ERROR"),
    ] {
        client.0.send(Message::text(garbage)).await.unwrap();
        assert_eq!(client.next().await["code"], code, "{garbage}");
    }
    client.0.send(Message::binary(vec![0, 159])).await.unwrap();
    assert_eq!(client.next().await["code"], "VALIDATION_ERROR");
    client.say("still here").await;
    client.expect("ack").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frames_that_are_too_large_end_the_connection_with_a_reason() {
    let server = Server::start().await;
    let request = server.ask("bot-1").await;
    for size in [70_000, 1_000_000] {
        let mut client = Client::user(&server, &request).await;
        // The server may be gone before all of it is written.
        drop(client.0.send(Message::text("x".repeat(size))).await);
        assert_eq!(client.close_code().await, 1009, "{size}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_writes_too_fast_is_shut_out() {
    let server = Server::start_with(RateLimit::default()).await;
    let request = server.ask("bot-1").await;
    let mut client = Client::user(&server, &request).await;
    for place in 0..61 {
        client.say(&format!("{place}")).await;
    }
    assert_eq!(client.close_code().await, 4429);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_is_too_slow_is_cut_off_and_nobody_else_is_hurt() {
    let server = Server::start().await;
    let request = server.ask("bot-1").await;
    let mut slow = Client::user(&server, &request).await;
    let mut quick = Client::user(&server, &request).await;
    let ticket = server.ticket(&request.token).await;
    let words = "🦀".repeat(5_000);
    // More than the network between the two holds, in steps that a reader can keep up with.
    for _ in 0..60 {
        for _ in 0..20 {
            server.say(&ticket, words.clone()).await;
        }
        for _ in 0..20 {
            quick.expect("message").await;
        }
    }
    assert_eq!(slow.close_code().await, 4408);
    quick.hears_nothing().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_of_a_deactivated_agent_end_at_once() {
    let server = Server::start().await;
    let mara = server.agent("Mara").await;
    let login = server.login(server.tenant, &mara);
    let request = server.ask("bot-1").await;
    let mut socket = Client::agent(&server, &request, &login).await;
    let mut console = Stream::console(&server, &login, None).await;
    let mut user = Client::user(&server, &request).await;
    server
        .desk()
        .deactivate_agent(&server.admin_scope(), mara.id)
        .await
        .unwrap();
    assert_eq!(socket.close_code().await, 4401);
    console.ends().await;
    user.hears_nothing().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_role_is_asked_for_anew_and_other_changes_are_not() {
    let server = Server::start().await;
    let mara = server.agent("Mara").await;
    let login = server.login(server.tenant, &mara);
    let request = server.ask("bot-1").await;
    let mut socket = Client::agent(&server, &request, &login).await;
    let renamed = AgentChanges {
        name: Some("Maria".to_owned()),
        ..AgentChanges::default()
    };
    let scope = server.admin_scope();
    server.desk().update_agent(&scope, mara.id, renamed).await.unwrap();
    socket.say("Hello").await;
    assert_eq!(socket.message_of("admin").await["sender_name"], "Maria");
    let promoted = AgentChanges {
        role: Some(support_core::model::Role::Supervisor),
        ..AgentChanges::default()
    };
    server.desk().update_agent(&scope, mara.id, promoted).await.unwrap();
    assert_eq!(socket.close_code().await, 4401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_given_by_an_admin_ends_the_connections_of_earlier_logins() {
    let server = Server::start().await;
    let mara = server.agent("Mara").await;
    let login = server.login(server.tenant, &mara);
    let request = server.ask("bot-1").await;
    let mut socket = Client::agent(&server, &request, &login).await;
    let mut console = Stream::console(&server, &login, None).await;
    let changed = AgentChanges {
        password: Some("another horse".to_owned()),
        ..AgentChanges::default()
    };
    let scope = server.admin_scope();
    server.desk().update_agent(&scope, mara.id, changed).await.unwrap();
    assert_eq!(socket.close_code().await, 4401);
    console.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn logging_out_ends_the_connections_of_that_login_only() {
    let server = Server::start().await;
    let mara = server.agent("Mara").await;
    let first = server.login(server.tenant, &mara);
    let second = server.login(server.tenant, &mara);
    let request = server.ask("bot-1").await;
    let mut ended = Client::agent(&server, &request, &first).await;
    let mut console = Stream::console(&server, &first, None).await;
    let mut other = Client::agent(&server, &request, &second).await;
    let answer = server
        .client
        .post(server.url("/api/auth/logout"))
        .bearer_auth(&first)
        .send()
        .await
        .unwrap();
    assert!(answer.status().is_success(), "{answer:?}");
    assert_eq!(ended.close_code().await, 4401);
    console.ends().await;
    other.hears_nothing().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_are_told_to_come_back_when_the_process_ends() {
    let server = Server::start().await;
    let request = server.ask("bot-1").await;
    let (session, _) = server.chat("Hello").await;
    let mut socket = Client::user(&server, &request).await;
    let mut stream = Stream::visitor(&server, &session, None).await;
    server.state.shutdown().cancel();
    assert_eq!(socket.close_code().await, 1012);
    stream.expect("reconnect").await;
    stream.ends().await;
    let mut late = Client::open(&server, &request.id, &request.token, "").await;
    assert_eq!(late.close_code().await, 1012);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_need_a_session_or_a_login() {
    let server = Server::start().await;
    let get = async |path: &str| {
        let answer = server.client.get(server.url(path)).send().await.unwrap();
        answer.status().as_u16()
    };
    assert_eq!(get("/api/v1/chat/events?tenant=acme").await, 400);
    assert_eq!(get("/api/v1/chat/events?tenant=acme&sessionId=wrong").await, 404);
    assert_eq!(get("/api/v1/admin/chat/events").await, 401);
    let files = json!({ "message": "x", "messageType": "SONG", "fileUrl": "/x" });
    let (status, refused) = server.post("/api/v1/chat", None, &files).await;
    assert_eq!(status, 400);
    assert_eq!(refused["error"]["details"][0]["field"], "messageType");
    assert_eq!(refused["error"]["details"][1]["field"], "fileUrl");
}
