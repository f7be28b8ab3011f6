//! The throw-away Redis server keeps its promises.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use support_testkit::{Redis, eventually};

const SOON: Duration = Duration::from_secs(20);

fn ask(url: &str, command: &str) -> Option<String> {
    let mut stream = UnixStream::connect(url.strip_prefix("redis+unix://").unwrap()).ok()?;
    stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    writeln!(stream, "{command}\r").ok()?;
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer).ok()?;
    Some(answer.trim_end().to_owned())
}

#[tokio::test]
async fn a_server_goes_down_and_comes_back_at_the_same_address() {
    let mut redis = Redis::start().await;
    let url = redis.url();
    assert_eq!(ask(&url, "PING").as_deref(), Some("+PONG"));
    redis.kill().await;
    assert_eq!(ask(&url, "PING"), None);
    redis.restart().await;
    assert_eq!(redis.url(), url);
    assert_eq!(ask(&url, "PING").as_deref(), Some("+PONG"));
}

#[tokio::test]
async fn a_frozen_server_lets_people_wait() {
    let mut redis = Redis::start().await;
    redis.freeze().await;
    assert_eq!(ask(&redis.url(), "PING"), None);
    redis.thaw().await;
    assert_eq!(ask(&redis.url(), "PING").as_deref(), Some("+PONG"));
}

#[tokio::test]
async fn a_server_is_started_with_what_it_is_given() {
    let redis = Redis::start_with(&["--requirepass", "sesame"]).await;
    assert!(ask(&redis.url(), "PING").unwrap().starts_with("-NOAUTH"));
    assert_eq!(ask(&redis.url(), "AUTH sesame").as_deref(), Some("+OK"));
}

#[tokio::test]
async fn a_server_dies_with_the_process_that_wanted_it() {
    let mut owner = Command::new(env!("CARGO_BIN_EXE_throwaway_redis"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut url = String::new();
    let mut output = BufReader::new(owner.stdout.take().unwrap());
    output.read_line(&mut url).unwrap();
    assert_eq!(ask(url.trim(), "PING").as_deref(), Some("+PONG"));
    owner.kill().unwrap();
    owner.wait().unwrap();
    let socket = std::path::Path::new(url.trim().strip_prefix("redis+unix://").unwrap());
    eventually(SOON, || async { (!socket.exists()).then_some(()) }).await;
}
