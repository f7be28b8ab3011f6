//! `retention`: forgetting what is kept for long enough, right now.

use clap::{ArgMatches, Command};

use super::say;
use crate::{
    settings::Settings,
    start::{Failure, open},
};

pub(super) const NAME: &str = "retention";

/// Conversations of one tenant that are erased before it is another one's turn.
const AT_ONCE: u32 = 100;

pub(super) fn line() -> Command {
    Command::new(NAME)
        .about("Forget what tenants settled not to keep")
        .subcommand_required(true)
        .subcommand(
            Command::new("run").about("Erase what is due, which a running server does by itself within a minute"),
        )
}

pub(super) async fn run(settings: &Settings, _asked: &ArgMatches) -> Result<(), Failure> {
    let opened = open(settings).await?;
    opened.desk.finish_erasures().await?;
    let mut erased = 0;
    loop {
        match opened.desk.apply_retention(AT_ONCE).await? {
            0 => break,
            more => erased += more,
        }
    }
    opened.store.close().await;
    say(&format!("erased: {erased} conversations"))?;
    Ok(())
}
