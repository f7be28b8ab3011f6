//! `migrate`: the database's schema, for those who bring it up to date before they start servers.

use clap::Command;

use super::say;
use crate::{
    settings::Settings,
    start::{Failure, open},
};

pub(super) const NAME: &str = "migrate";

pub(super) fn line() -> Command {
    Command::new(NAME).about("Bring the database's schema up to date, as every start does")
}

pub(super) async fn run(settings: &Settings) -> Result<(), Failure> {
    let opened = open(settings).await?;
    opened.store.close().await;
    Ok(say("the database is up to date")?)
}
