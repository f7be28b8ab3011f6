//! `config`: the effective settings.

use clap::Command;

use super::say;
use crate::{settings::Loaded, start::Failure};

pub(super) const NAME: &str = "config";

pub(super) fn line() -> Command {
    Command::new(NAME).about("Print the effective settings, with secrets masked")
}

pub(super) fn run(loaded: &Loaded) -> Result<(), Failure> {
    Ok(say(loaded.as_file().trim_end())?)
}
