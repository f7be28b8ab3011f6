//! A PostgreSQL server for a whole run of tests: writes its URL and lives until its input ends.

use std::io::{Write, stdin, stdout};

use support_testkit::Postgres;

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let postgres = Postgres::start_own().await;
    writeln!(stdout(), "{}", postgres.url())?;
    for _ in stdin().lines() {}
    Ok(())
}
