//! A Redis server to try things with: writes its URL and lives until its input ends.

use std::io::{Write, stdin, stdout};

use support_testkit::Redis;

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let redis = Redis::start().await;
    writeln!(stdout(), "{}", redis.url())?;
    for _ in stdin().lines() {}
    Ok(())
}
