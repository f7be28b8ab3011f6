//! `openapi`: the description of the HTTP interface.

use clap::Command;

use super::say;
use crate::start::Failure;

pub(super) const NAME: &str = "openapi";

pub(super) fn line() -> Command {
    Command::new(NAME).about("Print the OpenAPI description of the HTTP interface")
}

pub(super) fn run() -> Result<(), Failure> {
    let document = serde_json::to_string_pretty(&support_http::document()).map_err(std::io::Error::from)?;
    Ok(say(&document)?)
}
