//! The Node peer: what a team would write first, on Express, Socket.IO and the same PostgreSQL.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
};

use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::{Failure, bare::listening};

/// The peer's process. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct Peer {
    child: Child,
    pub(crate) address: SocketAddr,
    /// Where its packages were installed.
    _installed: Option<TempDir>,
}

impl Peer {
    /// Starts the peer of a folder. Without its packages it is copied and they are installed there.
    pub(crate) async fn start(folder: &Path, database: &str) -> Result<Self, Failure> {
        let installed = if folder.join("node_modules").is_dir() {
            None
        } else {
            Some(install(folder).await?)
        };
        let place = installed.as_ref().map_or(folder, TempDir::path);
        let mut command = Command::new("node");
        command.arg("server.js").current_dir(place);
        command
            .env("NODE_ENV", "production")
            .env("DATABASE_URL", database)
            .env("PORT", "0");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().map_err(|error| format!("node: {error}"))?;
        let port = listening(&mut child, "peer listening on ").await?;
        Ok(Self {
            address: format!("127.0.0.1:{port}").parse()?,
            child,
            _installed: installed,
        })
    }

    pub(crate) fn process(&self) -> Result<u32, Failure> {
        Ok(self.child.id().ok_or("the peer has ended")?)
    }
}

async fn install(folder: &Path) -> Result<TempDir, Failure> {
    let place = tempfile::Builder::new().prefix("peer").tempdir()?;
    for name in ["package.json", "package-lock.json", "server.js"] {
        copy(&folder.join(name), place.path().join(name))?;
    }
    let mut command = Command::new("npm");
    command.args(["install", "--omit=dev", "--no-audit", "--no-fund"]);
    let done = command.current_dir(place.path()).stdin(Stdio::null()).output().await;
    let done = done.map_err(|error| format!("npm: {error}"))?;
    if done.status.success() {
        return Ok(place);
    }
    Err(format!("npm install: {}", String::from_utf8_lossy(&done.stderr)).into())
}

/// The lock file need not be there.
fn copy(from: &Path, to: PathBuf) -> Result<(), Failure> {
    if from.ends_with("package-lock.json") && !from.is_file() {
        return Ok(());
    }
    std::fs::copy(from, to).map_err(|error| format!("{}: {error}", from.display()))?;
    Ok(())
}
