//! The throw-away PostgreSQL server keeps its promises.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use support_testkit::{Postgres, eventually};

const SOON: Duration = Duration::from_secs(20);

fn psql(url: &str, sql: &str) -> Result<String, String> {
    let output = Command::new("psql").args(["-XAtqc", sql, url]).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().trim_end().to_owned();
    if output.status.success() {
        return Ok(text(output.stdout));
    }
    Err(text(output.stderr))
}

#[tokio::test]
async fn each_database_is_empty_and_belongs_to_an_ordinary_user() {
    let postgres = Postgres::start().await;
    let (first, second) = (postgres.database(), postgres.database());
    psql(&first, "CREATE TABLE t (id int)").unwrap();
    assert!(psql(&second, "SELECT * FROM t").is_err());
    let bound = "SELECT NOT rolsuper AND NOT rolbypassrls FROM pg_roles WHERE rolname = current_user";
    assert_eq!(psql(&first, bound).unwrap(), "t");
}

#[tokio::test]
async fn a_server_goes_down_and_comes_back_with_its_data() {
    let mut postgres = Postgres::start_own().await;
    let database = postgres.database();
    psql(&database, "CREATE TABLE t AS SELECT 7 AS id").unwrap();
    postgres.down().await;
    assert!(psql(&database, "SELECT id FROM t").is_err());
    postgres.up().await;
    assert_eq!(psql(&database, "SELECT id FROM t").unwrap(), "7");
}

#[tokio::test]
async fn a_durable_server_waits_for_the_disk() {
    let postgres = Postgres::start_durable().await;
    assert_eq!(postgres.execute("SHOW fsync"), "on");
    assert_eq!(postgres.execute("SHOW synchronous_commit"), "on");
}

#[tokio::test]
async fn a_server_dies_with_the_process_that_wanted_it() {
    let mut owner = Command::new(env!("CARGO_BIN_EXE_throwaway_postgres"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut url = String::new();
    let mut output = BufReader::new(owner.stdout.take().unwrap());
    output.read_line(&mut url).unwrap();
    let sockets = url.split_once('@').unwrap().1.split_once('/').unwrap().0;
    let sockets = PathBuf::from(sockets.replace("%2F", "/"));
    assert!(sockets.is_dir());
    owner.kill().unwrap();
    owner.wait().unwrap();
    eventually(SOON, || async { (!sockets.exists()).then_some(()) }).await;
}
