//! Redis servers that live as long as their test.

#![expect(
    clippy::panic,
    reason = "a test without its Redis has failed: there is no error to handle"
)]

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::eventually;

const START_LIMIT: Duration = Duration::from_secs(60);
const ANSWER_LIMIT: Duration = Duration::from_secs(1);
const PROGRAM: &str = "redis-server";

/// Runs the server given as arguments; words on its input end, start, freeze and thaw it. When its input ends, which
/// it does when the test's process is gone for whatever reason, it ends the server and removes the folder.
const KEEPER: &str = r#"
folder=$1; shift
"$@" </dev/null & server=$!
while read -r word; do
  case $word in
    kill) kill -9 $server; wait $server ;;
    start) "$@" </dev/null & server=$! ;;
    freeze) kill -STOP $server ;;
    thaw) kill -CONT $server ;;
  esac
done
kill -9 $server 2>/dev/null; wait $server
cd /; rm -rf "$folder"
"#;

/// A Redis server on a socket of its own, which keeps nothing. Dropping it ends it.
#[derive(Debug)]
pub struct Redis {
    keeper: Child,
    folder: PathBuf,
}

impl Redis {
    /// A server that answers.
    ///
    /// # Panics
    /// When Redis is missing or does not start.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// A server with more arguments, such as `["--requirepass", "sesame"]`.
    ///
    /// # Panics
    /// When Redis is missing or does not start.
    pub async fn start_with(arguments: &[&str]) -> Self {
        let program = program();
        // A socket's path has at most 107 bytes, so this one is short.
        let folder = tempfile::Builder::new().prefix("redis").tempdir();
        let folder = folder
            .unwrap_or_else(|error| panic!("a temporary folder: {error}"))
            .keep();
        let log = File::create(folder.join("log")).unwrap_or_else(|error| panic!("the log of Redis: {error}"));
        let errors = log
            .try_clone()
            .unwrap_or_else(|error| panic!("the log of Redis: {error}"));
        let mut command = Command::new("sh");
        command.args(["-c", KEEPER, "keeper"]).arg(&folder).arg(program);
        command
            .args(["--port", "0", "--save", "", "--appendonly", "no", "--dir"])
            .arg(&folder);
        command.arg("--unixsocket").arg(socket(&folder)).args(arguments);
        // In a process group of its own, so that an interrupt meant for the test does not end it before the test has.
        command.current_dir(&folder).process_group(0);
        command.stdin(Stdio::piped()).stdout(log).stderr(errors);
        let keeper = command.spawn().unwrap_or_else(|error| panic!("sh: {error}"));
        let mut redis = Self { keeper, folder };
        redis.ready().await;
        redis
    }

    /// Its URL, without any password.
    pub fn url(&self) -> String {
        format!("redis+unix://{}", socket(&self.folder).display())
    }

    /// Takes the server away at once, as a crash does; connections break.
    ///
    /// # Panics
    /// When its keeper is gone.
    pub async fn kill(&mut self) {
        self.tell("kill");
        eventually(START_LIMIT, || async { (!self.accepts()).then_some(()) }).await;
    }

    /// Brings the server back at the same address.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn restart(&mut self) {
        self.tell("start");
        self.ready().await;
    }

    /// Lets the server do nothing: connections stay and nobody answers.
    ///
    /// # Panics
    /// When it goes on answering.
    pub async fn freeze(&mut self) {
        self.tell("freeze");
        eventually(START_LIMIT, || async { (!self.answers()).then_some(()) }).await;
    }

    /// Lets a frozen server go on.
    ///
    /// # Panics
    /// When it does not.
    pub async fn thaw(&mut self) {
        self.tell("thaw");
        self.ready().await;
    }

    fn tell(&mut self, word: &str) {
        let told = self.keeper.stdin.as_mut().map(|input| writeln!(input, "{word}"));
        assert!(matches!(told, Some(Ok(()))), "the keeper of Redis is gone");
    }

    fn accepts(&self) -> bool {
        UnixStream::connect(socket(&self.folder)).is_ok()
    }

    /// Whether it says anything, be it that it wants a password.
    fn answers(&self) -> bool {
        let ask = || {
            let mut stream = UnixStream::connect(socket(&self.folder))?;
            stream.set_read_timeout(Some(ANSWER_LIMIT))?;
            stream.write_all(b"PING\r\n")?;
            let mut answer = [0; 1];
            stream.read_exact(&mut answer)
        };
        ask().is_ok()
    }

    async fn ready(&mut self) {
        let end = tokio::time::Instant::now() + START_LIMIT;
        while !self.answers() {
            let gone = self.keeper.try_wait().is_ok_and(|status| status.is_some());
            if gone || tokio::time::Instant::now() > end {
                let log = std::fs::read_to_string(self.folder.join("log"));
                panic!("{PROGRAM} does not start: {}", log.unwrap_or_default());
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

fn socket(folder: &Path) -> PathBuf {
    folder.join("socket")
}

fn program() -> PathBuf {
    let search = std::env::var_os("PATH").unwrap_or_default();
    let mut found = std::env::split_paths(&search).map(|folder| folder.join(PROGRAM));
    found
        .find(|program| program.is_file())
        .unwrap_or_else(|| panic!("{PROGRAM} is missing: apt-get install -y {PROGRAM}"))
}
