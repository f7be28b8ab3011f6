//! Redis goes away and comes back.

use std::time::{Duration, Instant};

use serde_json::Value;
use support_faces::Socket;
use support_testkit::{Redis, Store};

use crate::installation::{Installation, answers, node, saying, typing, until_said};

/// How long messages take from one node's socket to the other's, one after another, and what the other heard.
async fn crossings(from: &mut Socket, to: &mut Socket, texts: &[String]) -> (Vec<Duration>, Vec<Value>) {
    let (mut times, mut heard) = (Vec::new(), Vec::new());
    for text in texts {
        let begun = Instant::now();
        from.send(&saying(text)).await;
        heard.extend(until_said(to, text).await);
        times.push(begun.elapsed());
    }
    times.sort();
    (times, heard)
}

fn texts(name: &str, count: usize) -> Vec<String> {
    (0..count).map(|number| format!("{name} {number}")).collect()
}

fn middle(times: &[Duration]) -> Duration {
    times[times.len() / 2]
}

/// The numbers of the messages among these frames.
fn numbers(frames: &[Value]) -> Vec<u64> {
    let messages = frames.iter().filter(|frame| frame["type"] == "message");
    messages.map(|message| message["seq"].as_u64().unwrap()).collect()
}

fn is_typing(frame: &Value) -> bool {
    frame["type"] == "typing"
}

#[tokio::test]
async fn messages_cross_without_redis_later_but_once_and_all_of_them() {
    let mut installation = Installation::start().await;
    let (_request, mut user, mut agent) = installation.conversation().await;
    let (hinted, mut heard) = crossings(&mut user, &mut agent, &texts("hinted", 20)).await;

    installation.redis.kill().await;
    installation.is_torn().await;
    let health = installation.near.api().get("/healthz").await;
    assert_eq!(health.status, 200, "the process itself is alive");
    user.send(&typing(true)).await;
    let (looked_for, found) = crossings(&mut user, &mut agent, &texts("looked for", 3)).await;
    assert!(!found.iter().any(is_typing), "typing is no event: {found:?}");
    heard.extend(found);
    assert!(
        middle(&hinted) < Duration::from_secs(1) && middle(&hinted) * 4 < middle(&looked_for),
        "with Redis {hinted:?}, without {looked_for:?}"
    );

    installation.redis.restart().await;
    installation.is_whole().await;
    user.send(&typing(true)).await;
    assert_eq!(agent.next_typed("typing").await["is_typing"], true);
    let (again, found) = crossings(&mut user, &mut agent, &texts("hinted again", 20)).await;
    heard.extend(found);
    assert!(
        middle(&again) * 4 < middle(&looked_for),
        "{again:?}, without {looked_for:?}"
    );

    let numbers = numbers(&heard);
    assert_eq!(numbers.len(), 43, "{numbers:?}");
    assert!(
        numbers.is_sorted_by(|earlier, later| earlier + 1 == *later),
        "{numbers:?}"
    );
}

#[tokio::test]
async fn a_node_starts_without_redis_and_keeps_its_password_to_itself() {
    let mut redis = Redis::start_with(&["--requirepass", "open-sesame"]).await;
    redis.kill().await;
    let url = format!("{}?pass=open-sesame", redis.url());
    let server = node(Store::Sqlite, &url).await;
    assert_eq!(server.api().get("/healthz").await.status, 200);
    answers(&server, 503).await;
    redis.restart().await;
    answers(&server, 200).await;
    let told = format!("{}{}", server.stdout(), server.stderr());
    assert!(told.contains("Redis is away") && !told.contains("sesame"), "{told}");
}
