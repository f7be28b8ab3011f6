//! SIGTERM: live clients are told to come again, what is under way is finished, the end is a good one.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::time::Duration;

use futures::StreamExt;
use serde_json::{Value, json};
use support_testkit::Server;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, timeout},
};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Message, protocol::frame::coding::CloseCode},
};

const LIMIT: Duration = Duration::from_secs(15);

fn text<'a>(answer: &'a Value, pointer: &str) -> &'a str {
    answer.pointer(pointer).and_then(Value::as_str).unwrap()
}

#[tokio::test]
async fn live_connections_are_told_to_come_again() {
    let mut server = Server::start().await;
    let visitor = server.api();

    let asked = json!({ "session_id": "s-1", "initial_message": "a human, please" });
    let request = visitor.post("/human-support/request", &asked).await.expect(201);
    let (id, token) = (text(&request, "/request_id"), text(&request, "/user_token"));
    let url = server.socket_url(&format!("/human-support/ws/{id}?token={token}"));
    let (mut socket, _) = connect_async(url).await.unwrap();
    let greeting = socket.next().await.unwrap().unwrap().into_text().unwrap();
    assert!(greeting.contains("connected"), "{greeting}");

    let chat = visitor
        .post("/api/v1/chat", &json!({ "message": "hello" }))
        .await
        .expect(201);
    let session = text(&chat, "/data/sessionId");
    let stream = reqwest::get(server.url(&format!("/api/v1/chat/events?sessionId={session}")))
        .await
        .unwrap();
    assert_eq!(stream.status(), 200);
    let mut stream = stream.bytes_stream();
    let first = timeout(LIMIT, stream.next()).await.unwrap().unwrap().unwrap();
    assert!(
        String::from_utf8_lossy(&first).contains("event: connected"),
        "{first:?}"
    );

    let asked = Instant::now();
    let status = server.stop().await;
    assert!(status.success(), "{status}\n{}", server.stderr());
    assert!(asked.elapsed() < LIMIT, "live connections held it up");

    let mut last_words = String::new();
    while let Some(Ok(bytes)) = timeout(LIMIT, stream.next()).await.unwrap() {
        last_words.push_str(&String::from_utf8_lossy(&bytes));
    }
    assert!(last_words.contains("event: reconnect"), "{last_words}");

    let mut close = None;
    while let Some(Ok(frame)) = timeout(LIMIT, socket.next()).await.unwrap() {
        if let Message::Close(frame) = frame {
            close = frame;
        }
    }
    assert_eq!(close.unwrap().code, CloseCode::Restart);
}

#[tokio::test]
async fn a_call_under_way_is_answered_and_no_new_connection_is_taken() {
    let mut server = Server::start().await;
    let address = server.base().strip_prefix("http://").unwrap().to_owned();
    let body = json!({ "message": "hello" }).to_string();
    let (first, rest) = body.split_at(5);
    let head = format!(
        "POST /api/v1/chat HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let mut call = TcpStream::connect(&address).await.unwrap();
    call.write_all(format!("{head}{first}").as_bytes()).await.unwrap();
    // Whatever was written before this call is answered has reached the server.
    assert_eq!(server.api().get("/healthz").await.status, 200);

    let mut later = TcpStream::connect(&address).await.unwrap();
    let finish = async {
        // Connections are refused from then on; the call goes on.
        let refused = async {
            while TcpStream::connect(&address).await.is_ok() {
                tokio::task::yield_now().await;
            }
        };
        timeout(LIMIT, refused).await.unwrap();
        call.write_all(rest.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        timeout(LIMIT, call.read_to_end(&mut answer)).await.unwrap().unwrap();
        String::from_utf8(answer).unwrap()
    };
    let (status, answer) = tokio::join!(server.stop(), finish);
    assert!(status.success(), "{status}");
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    let mut nothing = Vec::new();
    drop(later.read_to_end(&mut nothing).await);
    assert!(nothing.is_empty());
}

#[tokio::test]
async fn a_call_that_never_ends_holds_it_up_for_the_grace_only() {
    let mut server = Server::builder().setting("SHUTDOWN_GRACE_S", "0.3").start().await;
    let address = server.base().strip_prefix("http://").unwrap().to_owned();
    let mut call = TcpStream::connect(&address).await.unwrap();
    let head = "POST /api/v1/chat HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{";
    call.write_all(head.as_bytes()).await.unwrap();
    assert_eq!(server.api().get("/healthz").await.status, 200);
    let asked = Instant::now();
    assert!(server.stop().await.success());
    assert!(asked.elapsed() < LIMIT);
}
