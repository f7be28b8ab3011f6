//! Measures the reference server from outside: what it accepts, how quickly it tells, what its connections cost, how
//! it starts. Each figure stands beside what it is to be measured against, taken in the same run.
//!
//! ```text
//! support-bench [--short] [--json FILE] messages|latency|socketio|connections|deliveries|claims|files|desk|start|all
//! ```
//!
//! The server is the one beside this binary, or `SUPPORT_SERVER_BIN`: only figures of release builds mean anything.
//! Its data lie under `TMPDIR`, which must be on a real disk. `PEER_NODE_CHAT` names the folder of the Node peer.

mod bare;
mod claims;
mod connections;
mod conversations;
mod deliveries;
mod desk;
mod files;
mod http;
mod latency;
mod load;
mod messages;
mod options;
mod process;
mod report;
mod socketio;
mod sockets;
mod start;
mod table;

use std::process::ExitCode;

use clap::Parser;

use crate::{
    options::{Command, Options, Plan},
    report::Report,
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What any step may fail with: a bench has nothing to do about it but to say so.
type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            table::complain(&format!("support-bench: {failure}"));
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), Failure> {
    let command = options.command;
    // The cores are shared with what is measured, so the load is made by few threads.
    let threads = if command == Command::Bare { 2 } else { options.threads() };
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(threads).enable_all().build()?;
    if command == Command::Bare {
        return runtime.block_on(bare::serve());
    }
    let plan = Plan::of(options);
    process::check_disk(&plan)?;
    process::allow_many_files()?;
    let report = runtime.block_on(measure(command, &plan))?;
    if let Some(file) = &options.json {
        report.write(file)?;
    }
    Ok(())
}

/// Prints each table as soon as it is there: all of them take minutes.
async fn measure(command: Command, plan: &Plan) -> Result<Report, Failure> {
    let mut report = Report::begin(plan);
    table::say(&report.headline())?;
    let wanted = |asked: Command| command == asked || command == Command::All;
    if wanted(Command::Start) {
        report.start = Some(start::measure(plan).await?);
        table::say(&report.start_table())?;
    }
    if wanted(Command::Messages) {
        report.messages = Some(messages::measure(plan).await?);
        table::say(&report.messages_table())?;
    }
    if wanted(Command::Latency) {
        report.latency = Some(latency::measure(plan).await?);
        table::say(&report.latency_table())?;
    }
    if wanted(Command::Socketio) {
        report.socketio = Some(socketio::measure(plan).await?);
        table::say(&report.socketio_table())?;
    }
    if wanted(Command::Connections) {
        report.connections = Some(connections::measure(plan).await?);
        table::say(&report.connections_table())?;
    }
    if wanted(Command::Deliveries) {
        report.deliveries = Some(deliveries::measure(plan).await?);
        table::say(&report.deliveries_table())?;
    }
    if wanted(Command::Claims) {
        report.claims = Some(claims::measure(plan).await?);
        table::say(&report.claims_table())?;
    }
    if wanted(Command::Files) {
        report.files = Some(files::measure(plan).await?);
        table::say(&report.files_table())?;
    }
    if command == Command::Desk {
        report.desk = Some(desk::measure(plan).await?);
        table::say(&report.desk_table())?;
    }
    Ok(report)
}
