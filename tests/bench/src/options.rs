//! What is asked on the command line, and what that comes to.

use std::{path::PathBuf, time::Duration};

use clap::{Parser, Subcommand, ValueEnum};

/// Measures the reference server beside what it is to be measured against.
#[derive(Debug, Parser)]
#[command(name = "support-bench", version)]
pub(crate) struct Options {
    /// What to measure.
    #[command(subcommand)]
    pub(crate) command: Command,

    /// A second or less for each figure, small numbers: only shows that everything still works.
    #[arg(long, global = true)]
    short: bool,

    /// Writes everything that was measured into this file too.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,

    /// How long each figure of `messages` and `latency` is measured, after a warm-up, and requests keep coming in
    /// `claims`. [default: 10, and 60 in `claims`; 0.4 with --short]
    #[arg(long, global = true, value_name = "SECONDS")]
    duration: Option<f64>,

    /// Where the server keeps its data. [default: both]
    #[arg(long, global = true, value_delimiter = ',')]
    store: Vec<StoreKind>,

    /// `messages`: how many connections post at once, one figure each. [default: 1,8,64,256; 1,8 with --short]
    #[arg(long, global = true, value_delimiter = ',', value_name = "N,…")]
    connections: Vec<usize>,

    /// `messages`: connections share this many chats. [default: one each]
    #[arg(long, global = true, value_name = "N")]
    chats: Option<usize>,

    /// `messages` and `socketio`: the folder of the Node peer (package.json, server.js).
    #[arg(long, global = true, env = "PEER_NODE_CHAT", value_name = "FOLDER")]
    peer: Option<PathBuf>,

    /// `latency`: open WebSockets. [default: 1000; 20 with --short]
    #[arg(long, global = true, value_name = "N")]
    sockets: Option<usize>,

    /// `latency`: messages a second.
    #[arg(long, global = true, value_name = "N", default_value_t = 200.0)]
    rate: f64,

    /// `socketio`: customers who write, one figure each. [default: 100,1000; 5 with --short]
    #[arg(long, global = true, value_delimiter = ',', value_name = "N,…")]
    customers: Vec<usize>,

    /// `connections`: idle WebSockets, one figure each. [default: 1000,10000; 20,50 with --short]
    #[arg(long, global = true, value_delimiter = ',', value_name = "N,…")]
    idle: Vec<usize>,

    /// `connections`: idle WebSockets share at most this many conversations.
    #[arg(long, global = true, value_name = "N", default_value_t = 10_000)]
    conversations: usize,

    /// `deliveries`: mails owed before the first may go. [default: 50000; 200 with --short]
    #[arg(long, global = true, value_name = "N")]
    owed: Option<usize>,

    /// `deliveries`: alerts timed with each kind of mail server. [default: 200; 10 with --short]
    #[arg(long, global = true, value_name = "N")]
    alerts: Option<usize>,

    /// `claims`: agents at one queue. [default: 160; 8 with --short]
    #[arg(long, global = true, value_name = "N")]
    agents: Option<usize>,

    /// `desk`: tickets in PostgreSQL, with ten messages each; SQLite holds a tenth. [default: 1000000; 300 with --short]
    #[arg(long, global = true, value_name = "N")]
    tickets: Option<u64>,

    /// `desk`: a PostgreSQL database that `seed-demo` filled before, instead of filling one anew.
    #[arg(long, global = true, value_name = "URL")]
    database: Option<String>,

    /// `desk`: how often each question is asked. [default: 200; 5 with --short]
    #[arg(long, global = true, value_name = "N")]
    questions: Option<usize>,

    /// `start`: how often it is started. [default: 10; 2 with --short]
    #[arg(long, global = true, value_name = "N")]
    starts: Option<usize>,

    /// Threads that make the load.
    #[arg(long, global = true, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..))]
    threads: u16,
}

impl Options {
    pub(crate) fn threads(&self) -> usize {
        usize::from(self.threads)
    }
}

/// What to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Subcommand)]
pub(crate) enum Command {
    /// Messages accepted a second by HTTP, beside one transaction a message and beside the Node peer.
    Messages,
    /// From the sender's POST to the receiver's frame, beside a bare echo through the same stack.
    Latency,
    /// Customers who write over Socket.IO and one agent who hears them all, beside the Node peer.
    Socketio,
    /// Memory for idle WebSockets, beside a bare server's.
    Connections,
    /// A queue of mails going out beside lettre's bare pool, and alerts while a mail server is dead.
    Deliveries,
    /// Requests claimed by a large team from one queue, on one node with SQLite and on two with PostgreSQL.
    Claims,
    /// Memory for uploads of 10 MiB, beside a bare server's that drops what it reads.
    Files,
    /// Lists, search and statistics of a million tickets, beside the same of a hundredth. Filling the databases takes
    /// most of an hour and 25 GB.
    Desk,
    /// Start to ready, and idle memory.
    Start,
    /// All of these but `desk`.
    All,
    /// The bare server that the others are compared with; ends with its input.
    #[command(hide = true)]
    Bare,
}

/// Where the server keeps its data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum StoreKind {
    Sqlite,
    Postgres,
}

impl StoreKind {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// What is measured, with nothing left open.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) is_short: bool,
    pub(crate) stores: Vec<StoreKind>,
    pub(crate) warm_up: Duration,
    pub(crate) measured: Duration,
    pub(crate) connections: Vec<usize>,
    pub(crate) chats: usize,
    pub(crate) peer: Option<PathBuf>,
    pub(crate) sockets: usize,
    pub(crate) rate: f64,
    pub(crate) customers: Vec<usize>,
    pub(crate) idle: Vec<usize>,
    pub(crate) conversations: usize,
    pub(crate) starts: usize,
    pub(crate) uploads_at_once: [usize; 2],
    pub(crate) owed: usize,
    pub(crate) alerts: usize,
    pub(crate) agents: usize,
    pub(crate) tickets: u64,
    pub(crate) database: Option<String>,
    pub(crate) questions: usize,
    /// How long requests keep coming in `claims`.
    pub(crate) coming: Duration,
    /// How long a server is left alone before its memory is read.
    pub(crate) settling: Duration,
}

impl Plan {
    pub(crate) fn of(options: &Options) -> Self {
        let is_short = options.short;
        let either = |short: f64, full: f64| if is_short { short } else { full };
        let seconds = options.duration.unwrap_or(either(0.4, 10.0)).clamp(0.05, 3600.0);
        let connections = given_or(&options.connections, if is_short { &[1, 8] } else { &[1, 8, 64, 256] });
        let most = connections.iter().copied().max().unwrap_or(1);
        Self {
            is_short,
            stores: given_or(&options.store, &[StoreKind::Sqlite, StoreKind::Postgres]),
            warm_up: Duration::from_secs_f64(either(0.1, 2.0)),
            measured: Duration::from_secs_f64(seconds),
            chats: options.chats.unwrap_or(most).max(1),
            connections,
            peer: options.peer.clone(),
            sockets: options.sockets.unwrap_or(if is_short { 20 } else { 1000 }).max(1),
            rate: options.rate.clamp(1.0, 100_000.0),
            customers: given_or(&options.customers, if is_short { &[5] } else { &[100, 1000] }),
            idle: given_or(&options.idle, if is_short { &[20, 50] } else { &[1000, 10_000] }),
            conversations: options.conversations.max(1),
            owed: options.owed.unwrap_or(if is_short { 200 } else { 50_000 }).max(1),
            alerts: options.alerts.unwrap_or(if is_short { 10 } else { 200 }).max(1),
            agents: options.agents.unwrap_or(if is_short { 8 } else { 160 }).max(2),
            tickets: options
                .tickets
                .unwrap_or(if is_short { 300 } else { 1_000_000 })
                .max(100),
            database: options.database.clone(),
            questions: options.questions.unwrap_or(if is_short { 5 } else { 200 }).max(1),
            coming: Duration::from_secs_f64(options.duration.unwrap_or(either(0.4, 60.0)).clamp(0.05, 3600.0)),
            uploads_at_once: [1, if is_short { 2 } else { 16 }],
            starts: options.starts.unwrap_or(if is_short { 2 } else { 10 }).max(1),
            settling: Duration::from_secs_f64(either(0.1, 1.0)),
        }
    }
}

fn given_or<T: Clone>(given: &[T], otherwise: &[T]) -> Vec<T> {
    if given.is_empty() {
        otherwise.to_vec()
    } else {
        given.to_vec()
    }
}
