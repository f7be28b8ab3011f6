//! The reference server as a process of its own.

#![expect(
    clippy::panic,
    reason = "a test without its server has failed: there is no error to handle"
)]

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use crate::{Api, binary};

const START_LIMIT: Duration = Duration::from_secs(60);
const STOP_LIMIT: Duration = Duration::from_secs(60);
const READY: &str = "listening on ";

/// Ends the server when the test's process is gone for whatever reason: its input ends then. A word on its input
/// tells it that the server is gone already, and its number may be another's.
const WATCH: &str = r#"read -r _ || { kill -9 "$1"; rm -rf "$2"; }"#;

/// Where a server keeps its data.
#[derive(Debug, Clone, Default)]
pub enum Store {
    /// In a file in the server's own folder.
    #[default]
    Sqlite,
    /// In the PostgreSQL database with this URL.
    Postgres(String),
}

/// An account.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The account's email.
    pub email: String,
    /// Its password.
    pub password: String,
}

/// What a server is started with.
#[derive(Debug, Clone)]
pub struct ServerBuilder {
    settings: BTreeMap<String, String>,
    store: Store,
}

/// A running reference server with a folder of its own. Dropping it kills it and removes the folder.
#[derive(Debug)]
pub struct Server {
    settings: BTreeMap<String, String>,
    folder: TempDir,
    admin: Credentials,
    base: String,
    started_in: Duration,
    process: Option<Process>,
}

impl ServerBuilder {
    /// Where the data go; SQLite by default.
    #[must_use]
    pub fn store(mut self, store: Store) -> Self {
        self.store = store;
        self
    }

    /// One setting, by the name of its environment variable.
    #[must_use]
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.settings.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Starts the server and waits until it listens.
    ///
    /// # Panics
    /// When it does not within a minute; the message shows what it wrote.
    pub async fn start(self) -> Server {
        let mut settings = self.settings;
        let url = match self.store {
            Store::Sqlite => "sqlite://data/support.db".to_owned(),
            Store::Postgres(url) => url,
        };
        settings.entry("DATABASE_URL".to_owned()).or_insert(url);
        let setting = |name: &str| settings.get(name).cloned().unwrap_or_default();
        let admin = Credentials {
            email: setting("ADMIN_EMAIL"),
            password: setting("ADMIN_PASSWORD"),
        };
        let folder = tempfile::Builder::new().prefix("support").tempdir();
        let mut server = Server {
            settings,
            folder: folder.unwrap_or_else(|error| panic!("a temporary folder: {error}")),
            admin,
            base: String::new(),
            started_in: Duration::ZERO,
            process: None,
        };
        server.run().await;
        server
    }
}

impl Server {
    /// A server on a free port, with a known admin and without rate limits, unless settings say otherwise.
    /// The environment's own settings do not reach it.
    pub fn builder() -> ServerBuilder {
        let settings = [
            ("LISTEN_ADDR", "127.0.0.1:0"),
            ("ADMIN_EMAIL", "admin@example.com"),
            ("ADMIN_PASSWORD", "correct horse battery staple"),
            ("RATE_LIMIT_MAX_REQUESTS", "0"),
        ];
        ServerBuilder {
            settings: settings.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            store: Store::default(),
        }
    }

    /// A server with nothing but those settings, on SQLite.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    /// Its address: `http://127.0.0.1:40123`.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// The address of a path for WebSockets.
    pub fn socket_url(&self, path: &str) -> String {
        format!("{}{path}", self.base.replacen("http", "ws", 1))
    }

    /// The first admin.
    pub fn admin(&self) -> &Credentials {
        &self.admin
    }

    /// A client that is not logged in.
    pub fn api(&self) -> Api {
        Api::new(&self.base)
    }

    /// A client logged in as the first admin.
    ///
    /// # Panics
    /// When the login is refused.
    pub async fn admin_api(&self) -> Api {
        self.api().login(&self.admin.email, &self.admin.password).await
    }

    /// The folder it runs in.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// How long the last start took, from the process's birth to its listening.
    pub fn started_in(&self) -> Duration {
        self.started_in
    }

    /// The process's number.
    ///
    /// # Panics
    /// When it is not running.
    pub fn pid(&self) -> u32 {
        let process = self.process.as_ref();
        process
            .unwrap_or_else(|| panic!("the server is not running"))
            .child
            .id()
    }

    /// The memory it holds, in bytes.
    ///
    /// # Panics
    /// When it is not running.
    pub fn resident_memory(&self) -> u64 {
        let path = format!("/proc/{}/status", self.pid());
        let status = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kibibytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        kibibytes.unwrap_or_else(|| panic!("{path} tells no VmRSS")) * 1024
    }

    /// What it has written to its output, over all its starts.
    pub fn stdout(&self) -> String {
        self.written("stdout")
    }

    /// What it has written to its error output, over all its starts.
    pub fn stderr(&self) -> String {
        self.written("stderr")
    }

    /// Kills it as a crash does, and waits until it is gone.
    pub fn kill_9(&mut self) {
        self.process = None;
    }

    /// Starts it again at the same address with the same data; kills it first when it still runs.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn restart(&mut self) {
        self.kill_9();
        self.run().await;
    }

    /// Asks it to stop (SIGTERM) and waits until it has.
    ///
    /// # Panics
    /// When it is not running, or does not stop within a minute.
    pub async fn stop(&mut self) -> ExitStatus {
        let asked = Command::new("sh")
            .args(["-c", &format!("kill -TERM {}", self.pid())])
            .status();
        assert!(
            asked.is_ok_and(|status| status.success()),
            "the server is gone already: {}",
            self.story()
        );
        self.wait(STOP_LIMIT).await
    }

    /// Waits until it has ended by itself.
    ///
    /// # Panics
    /// When it has not within the limit.
    pub async fn wait(&mut self, limit: Duration) -> ExitStatus {
        let end = Instant::now() + limit;
        loop {
            if let Some(status) = self.ended() {
                self.process = None;
                return status;
            }
            assert!(Instant::now() < end, "the server does not stop: {}", self.story());
            sleep(Duration::from_millis(5)).await;
        }
    }

    async fn run(&mut self) {
        let seen = self.stdout().len();
        let born = Instant::now();
        self.process = Some(Process::start(&self.settings, self.folder.path()));
        loop {
            let stdout = self.stdout();
            if let Some(address) = stdout.get(seen..).and_then(address) {
                self.started_in = born.elapsed();
                self.listen_again_at(address);
                return;
            }
            let status = self.ended();
            assert!(status.is_none(), "the server ended with {status:?}: {}", self.story());
            assert!(
                born.elapsed() < START_LIMIT,
                "the server does not listen: {}",
                self.story()
            );
            sleep(Duration::from_millis(2)).await;
        }
    }

    fn listen_again_at(&mut self, address: &str) {
        self.base = address.to_owned();
        let socket = address.split_once("://").map_or(address, |(_, socket)| socket);
        self.settings.insert("LISTEN_ADDR".to_owned(), socket.to_owned());
    }

    fn ended(&mut self) -> Option<ExitStatus> {
        let process = self.process.as_mut()?;
        process.child.try_wait().ok().flatten()
    }

    fn written(&self, stream: &str) -> String {
        let bytes = std::fs::read(self.folder.path().join(stream)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn story(&self) -> String {
        format!("\n--- stdout\n{}\n--- stderr\n{}", self.stdout(), self.stderr())
    }
}

impl Drop for Server {
    #[expect(clippy::print_stderr, reason = "the story belongs to the failed test's output")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the server wrote:{}", self.story());
        }
    }
}

/// The address in the line that says the server is ready, once that line is whole.
fn address(stdout: &str) -> Option<&str> {
    let whole = stdout.split_inclusive('\n').filter(|line| line.ends_with('\n'));
    let address = whole.filter_map(|line| line.strip_prefix(READY)).next()?;
    Some(address.trim().trim_end_matches('/'))
}

/// The process and its watch. Dropping it kills the process.
#[derive(Debug)]
struct Process {
    child: Child,
    watch: Child,
}

impl Process {
    fn start(settings: &BTreeMap<String, String>, folder: &Path) -> Self {
        let program = binary::server();
        let mut command = Command::new(&program);
        command.env_clear().envs(settings).current_dir(folder);
        for kept in ["PATH", "HOME", "RUST_BACKTRACE"] {
            command.envs(std::env::var_os(kept).map(|value| (kept, value)));
        }
        command
            .stdin(Stdio::null())
            .stdout(append(folder, "stdout"))
            .stderr(append(folder, "stderr"));
        let child = command
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        let mut watch = Command::new("sh");
        watch
            .args(["-c", WATCH, "watch", &child.id().to_string()])
            .arg(folder)
            .process_group(0);
        let watch = watch
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Self {
            child,
            watch: watch.unwrap_or_else(|error| panic!("sh: {error}")),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(mut input) = self.watch.stdin.take() {
            let _ = std::io::Write::write_all(&mut input, b"gone\n");
        }
        let _ = self.watch.wait();
    }
}

fn append(folder: &Path, name: &str) -> File {
    let file = OpenOptions::new().create(true).append(true).open(folder.join(name));
    file.unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_taken_from_a_whole_line_only() {
        assert_eq!(address("admin: a\nlistening on http://127.0.0.1:80"), None);
        assert_eq!(
            address("admin: a\nlistening on http://127.0.0.1:8080/\nmore"),
            Some("http://127.0.0.1:8080")
        );
    }
}
