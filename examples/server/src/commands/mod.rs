//! The sub-commands.

mod config;
mod create_admin;
mod create_tenant;
mod export_customer;
mod migrate;
mod openapi;
mod retention;
mod seed_demo;
mod serve;

use std::{
    io::{self, Write},
    process::ExitCode,
    time::Duration,
};

use clap::{Arg, ArgMatches, Command};

use crate::{
    logging,
    settings::{Loaded, Settings, with_settings},
    start::Failure,
};

/// How long work that nobody waits for any more may hold up the end of the process.
const LEFTOVERS: Duration = Duration::from_secs(1);

/// The command line.
pub(crate) fn line() -> Command {
    let line = Command::new("support-server")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Customer support: chats between visitors and agents, on SQLite or PostgreSQL")
        .subcommands([
            serve::line(),
            migrate::line(),
            create_admin::line(),
            create_tenant::line(),
            export_customer::line(),
            retention::line(),
            seed_demo::line(),
            openapi::line(),
            config::line(),
        ]);
    with_settings(line)
}

/// Does what the command line asks.
///
/// # Errors
/// [`Failure`] for whatever was in the way.
pub(crate) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    if let Some((openapi::NAME, _)) = matches.subcommand() {
        return openapi::run();
    }
    // A flag stands in the sub-command's matches as well, wherever it was written.
    let flags = matches.subcommand().map_or(matches, |(_, sub)| sub);
    let loaded = Loaded::load(flags, |name| std::env::var_os(name))?;
    let settings = &loaded.settings;
    match matches.subcommand() {
        Some((config::NAME, _)) => config::run(&loaded),
        Some((migrate::NAME, _)) => block_on(settings, migrate::run(settings)),
        Some((create_admin::NAME, asked)) => block_on(settings, create_admin::run(settings, asked)),
        Some((create_tenant::NAME, asked)) => block_on(settings, create_tenant::run(settings, asked)),
        Some((export_customer::NAME, asked)) => block_on(settings, export_customer::run(settings, asked)),
        Some((retention::NAME, asked)) => block_on(settings, retention::run(settings, asked)),
        Some((seed_demo::NAME, asked)) => block_on(settings, seed_demo::run(settings, asked)),
        _ => block_on(settings, serve::run(settings)),
    }
}

fn block_on(settings: &Settings, work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    logging::start(settings)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let done = runtime.block_on(work);
    runtime.shutdown_timeout(LEFTOVERS);
    done
}

impl Failure {
    /// 2 when the settings are to blame, as for a command line that can't be understood.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Setting(_) => ExitCode::from(2),
            _ => ExitCode::FAILURE,
        }
    }
}

/// Tells people why nothing came of it.
pub(crate) fn complain(failure: &Failure) {
    remark(&format!("error: {failure}"));
}

/// Tells people something beside what a command is for.
pub(crate) fn remark(text: &str) {
    // There is nobody left to tell when even this fails.
    drop(writeln!(io::stderr(), "{text}"));
}

/// Writes for people and scripts, at once.
fn say(text: &str) -> io::Result<()> {
    let mut output = io::stdout().lock();
    writeln!(output, "{text}")?;
    output.flush()
}

/// A flag of a sub-command.
fn argument(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).help(help)
}

fn text(asked: &ArgMatches, name: &str) -> Option<String> {
    asked.get_one::<String>(name).cloned()
}
