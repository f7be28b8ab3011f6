//! PostgreSQL servers that live as long as their test.

#![expect(
    clippy::panic,
    reason = "a test without its database has failed: there is no error to handle"
)]

use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::eventually;

const START_LIMIT: Duration = Duration::from_secs(60);
const NOBODY: u32 = 65534;

/// An ordinary user: a superuser would pass row-level security unseen.
const ROLE: &str = "support_test";

/// Runs the server given as arguments; `down` and `up` on its input stop and start it. When its input ends, which it
/// does when the test's process is gone for whatever reason, it ends the server and removes the folder.
const KEEPER: &str = r#"
folder=$1; shift
"$@" </dev/null & server=$!
while read -r word; do
  case $word in
    down) kill -QUIT $server; wait $server ;;
    up) "$@" </dev/null & server=$! ;;
  esac
done
kill -QUIT $server 2>/dev/null; wait $server
cd /; rm -rf "$folder"
"#;

// Commits reach the operating system but not the disk: they outlive a killed server, and cost nearly nothing.
const FAST: &[&str] = &[
    "fsync=off",
    "synchronous_commit=on",
    "full_page_writes=off",
    "autovacuum=off",
    "shared_buffers=64MB",
];
const DURABLE: &[&str] = &[
    "fsync=on",
    "synchronous_commit=on",
    "shared_buffers=256MB",
    "max_wal_size=2GB",
];

/// A PostgreSQL server, and the way to fresh databases in it.
#[derive(Debug)]
pub struct Postgres {
    url: ServerUrl,
    own: Option<Own>,
}

impl Postgres {
    /// The server that `SUPPORT_TEST_PG_URL` names, else one of its own. What it stores
    /// outlives a killed server, though no power cut.
    ///
    /// # Panics
    /// When PostgreSQL is missing or does not start.
    pub async fn start() -> Self {
        match std::env::var("SUPPORT_TEST_PG_URL") {
            Ok(url) if !url.is_empty() => Self::with_role(ServerUrl::parse(&url), None),
            _ => Self::start_own().await,
        }
    }

    /// A server of the test's own, which it may take [`down`](Self::down).
    ///
    /// # Panics
    /// When PostgreSQL is missing or does not start.
    pub async fn start_own() -> Self {
        Self::start_with(FAST).await
    }

    /// A server of its own that keeps every commit on disk, as a real one does: for benches. Its folder is a
    /// temporary one, so `TMPDIR` must lie on a real disk for its numbers to mean anything.
    ///
    /// # Panics
    /// When PostgreSQL is missing or does not start.
    pub async fn start_durable() -> Self {
        Self::start_with(DURABLE).await
    }

    /// A fresh, empty database, owned by an ordinary user whom row-level security binds: its URL.
    ///
    /// # Panics
    /// When the server refuses.
    pub fn database(&self) -> String {
        let name = unused_name();
        self.execute(&format!(
            "CREATE DATABASE {name} OWNER {ROLE} TEMPLATE template0 ENCODING 'UTF8'"
        ));
        self.url.at(&format!("{ROLE}:{ROLE}"), &name)
    }

    /// The superuser's URL.
    pub fn url(&self) -> String {
        self.url.at(&self.url.user, &self.url.database)
    }

    /// Runs SQL as superuser and gives its rows, unadorned.
    ///
    /// # Panics
    /// When the server refuses.
    pub fn execute(&self, sql: &str) -> String {
        psql(&self.url(), sql)
    }

    /// All that a database of this server holds, as text.
    ///
    /// # Panics
    /// When it can't be had.
    pub fn dump(&self, database: &str) -> String {
        let path = database.split('?').next().unwrap_or_default();
        let name = path.rsplit('/').next().unwrap_or_default();
        let dumped = Command::new(program("pg_dump"))
            .arg(self.url.at(&self.url.user, name))
            .output();
        let dumped = dumped.unwrap_or_else(|error| panic!("pg_dump: {error}"));
        let told = String::from_utf8_lossy(&dumped.stderr);
        assert!(dumped.status.success(), "pg_dump: {told}");
        String::from_utf8_lossy(&dumped.stdout).into_owned()
    }

    /// Takes the server away at once, as a crash does; connections break. Databases stay.
    ///
    /// # Panics
    /// When the server is not this test's own.
    pub async fn down(&mut self) {
        let own = self.own();
        own.tell("down");
        eventually(START_LIMIT, || async { (!own.answers()).then_some(()) }).await;
    }

    /// Brings the server back, at the same address, with what it had stored.
    ///
    /// # Panics
    /// When the server is not this test's own, or does not start.
    pub async fn up(&mut self) {
        let own = self.own();
        own.tell("up");
        own.ready().await;
    }

    async fn start_with(settings: &[&str]) -> Self {
        let own = Own::start(settings).await;
        Self::with_role(ServerUrl::parse(&own.url()), Some(own))
    }

    fn with_role(url: ServerUrl, own: Option<Own>) -> Self {
        let postgres = Self { url, own };
        // Several tests may do this at once, on one server.
        postgres.execute(&format!(
            "DO $$ BEGIN CREATE ROLE {ROLE} LOGIN PASSWORD '{ROLE}';
             EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        ));
        postgres
    }

    fn own(&mut self) -> &mut Own {
        let own = self.own.as_mut();
        own.unwrap_or_else(|| panic!("others use this server too: take `Postgres::start_own`"))
    }
}

/// A server that this process started. Dropping it ends the server and removes its folder.
#[derive(Debug)]
struct Own {
    keeper: Child,
    data: PathBuf,
    sockets: PathBuf,
    log: PathBuf,
}

impl Own {
    async fn start(settings: &[&str]) -> Self {
        let folder = new_folder();
        let (data, sockets, log) = (folder.join("d"), folder.join("s"), folder.join("log"));
        make_folder(&data, 0o700);
        make_folder(&sockets, 0o755);
        initialise(&data);
        let output = File::create(&log).unwrap_or_else(|error| panic!("{}: {error}", log.display()));
        let mut command = unprivileged(Path::new("sh"), &folder);
        command.args(["-c", KEEPER, "keeper"]).arg(&folder);
        command
            .arg(program("postgres"))
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(&sockets);
        let common = [
            "listen_addresses=",
            "wal_level=minimal",
            "max_wal_senders=0",
            "max_connections=400",
        ];
        for setting in common.iter().chain(settings) {
            command.args(["-c", setting]);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(output);
        let keeper = command.spawn().unwrap_or_else(|error| panic!("sh: {error}"));
        let mut own = Self {
            keeper,
            data,
            sockets,
            log,
        };
        own.ready().await;
        own
    }

    fn url(&self) -> String {
        let host = self.sockets.display().to_string().replace('/', "%2F");
        format!("postgres://postgres@{host}/postgres")
    }

    fn answers(&self) -> bool {
        UnixStream::connect(self.sockets.join(".s.PGSQL.5432")).is_ok()
    }

    /// The server writes its state into the eighth line of this file.
    fn is_ready(&self) -> bool {
        let state = std::fs::read_to_string(self.data.join("postmaster.pid")).unwrap_or_default();
        state.lines().nth(7).is_some_and(|line| line.trim() == "ready") && self.answers()
    }

    async fn ready(&mut self) {
        let end = tokio::time::Instant::now() + START_LIMIT;
        while !self.is_ready() {
            let gone = self.keeper.try_wait().is_ok_and(|status| status.is_some());
            if gone || tokio::time::Instant::now() > end {
                panic!(
                    "postgres does not start: {}",
                    std::fs::read_to_string(&self.log).unwrap_or_default()
                );
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    fn tell(&mut self, word: &str) {
        let told = self.keeper.stdin.as_mut().map(|input| writeln!(input, "{word}"));
        assert!(matches!(told, Some(Ok(()))), "the server's keeper is gone");
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

/// A server's URL in the parts that change from database to database.
#[derive(Debug)]
struct ServerUrl {
    user: String,
    host: String,
    database: String,
    query: String,
}

impl ServerUrl {
    fn parse(url: &str) -> Self {
        let parts = url.split_once("://").and_then(|(scheme, rest)| {
            let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
            let (authority, database) = address.split_once('/').unwrap_or((address, "postgres"));
            let (user, host) = authority.rsplit_once('@')?;
            scheme.starts_with("postgres").then_some((user, host, database, query))
        });
        let (user, host, database, query) =
            parts.unwrap_or_else(|| panic!("not of the form postgres://user@host/database: {url}"));
        Self {
            user: user.to_owned(),
            host: host.to_owned(),
            database: database.to_owned(),
            query: query.to_owned(),
        }
    }

    fn at(&self, user: &str, database: &str) -> String {
        let mut url = format!("postgres://{user}@{}/{database}", self.host);
        if !self.query.is_empty() {
            let _ = write!(url, "?{}", self.query);
        }
        url
    }
}

fn psql(url: &str, sql: &str) -> String {
    let mut command = Command::new(program("psql"));
    command.args([
        "--no-psqlrc",
        "--quiet",
        "--tuples-only",
        "--no-align",
        "--set",
        "ON_ERROR_STOP=1",
    ]);
    command.arg(url).args(["--command", sql]);
    let output = command.output().unwrap_or_else(|error| panic!("psql: {error}"));
    assert!(
        output.status.success(),
        "{sql}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
}

fn initialise(data: &Path) {
    let mut command = unprivileged(&program("initdb"), data);
    command.args([
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--no-locale",
        "--no-sync",
        "--no-instructions",
        "-D",
    ]);
    let output = command.arg(data).stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| panic!("initdb: {error}"));
    assert!(
        output.status.success(),
        "initdb: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// PostgreSQL refuses to run as root, so it runs as nobody then; in a process group of its own, so that an interrupt
/// meant for the test does not end it before the test has.
fn unprivileged(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("LC_ALL", "C");
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.current_dir(folder).process_group(0);
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

/// A socket's path has at most 107 bytes, so this one is short.
fn new_folder() -> PathBuf {
    let folder = tempfile::Builder::new().prefix("pgt").tempdir();
    let folder = folder
        .unwrap_or_else(|error| panic!("a temporary folder: {error}"))
        .keep();
    make_folder(&folder, 0o755);
    folder
}

fn make_folder(folder: &Path, mode: u32) {
    let made = std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::set_permissions(folder, std::fs::Permissions::from_mode(mode)))
        .and_then(|()| {
            if is_root() {
                chown(folder, Some(NOBODY), Some(NOBODY))
            } else {
                Ok(())
            }
        });
    made.unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// `$PG_BIN`, else Debian's newest version, else the search path.
fn program(name: &str) -> PathBuf {
    let given = std::env::var_os("PG_BIN").map(PathBuf::from);
    let search = std::env::var_os("PATH").unwrap_or_default();
    let mut folders = given
        .into_iter()
        .chain(debian_folders())
        .chain(std::env::split_paths(&search));
    let found = folders.find_map(|folder| Some(folder.join(name)).filter(|program| program.is_file()));
    found.unwrap_or_else(|| panic!("{name} is missing: apt-get install -y postgresql"))
}

fn debian_folders() -> Vec<PathBuf> {
    let Ok(versions) = std::fs::read_dir("/usr/lib/postgresql") else {
        return Vec::new();
    };
    let folders = versions.filter_map(Result::ok).map(|version| version.path());
    let mut folders: Vec<_> = folders.collect();
    folders.sort_by_key(|folder| {
        folder
            .file_name()
            .and_then(|version| version.to_str()?.parse::<u32>().ok())
    });
    folders.into_iter().rev().map(|folder| folder.join("bin")).collect()
}

/// Every test runs in a process of its own or beside others in one: both must get different names.
fn unused_name() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("t{}_{}_{count}", std::process::id(), since.as_micros())
}
