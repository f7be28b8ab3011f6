//! The reference server: `support-core`, its stores and its faces as one binary.

mod channels;
mod commands;
mod demo;
mod faces;
mod first_articles;
mod first_start;
mod listen;
mod logging;
mod settings;
mod start;
mod store;

use std::process::ExitCode;

fn main() -> ExitCode {
    let matches = commands::line().get_matches();
    match commands::run(&matches) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            commands::complain(&failure);
            failure.exit_code()
        }
    }
}
