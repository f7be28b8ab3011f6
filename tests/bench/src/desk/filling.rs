//! Databases full of tickets, made by the server's own `seed-demo`.

use std::process::{Command, Stdio};

use support_testkit::{Postgres, server_binary};
use tempfile::TempDir;
use uuid::Uuid;

use crate::Failure;

/// The tenant that is filled, and its messages per ticket.
const TENANT: &str = "demo";
const MESSAGES: u64 = 10;

/// An account made for one run.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) email: String,
    pub(super) password: String,
}

impl Account {
    pub(super) fn unused(name: &str) -> Self {
        Self {
            email: format!("{name}-{}@bench.example", Uuid::new_v4().simple()),
            password: "correct horse battery staple".to_owned(),
        }
    }
}

/// A database full of tickets.
#[derive(Debug)]
pub(super) struct Filled {
    url: String,
    /// Goes when nobody asks any more; holds SQLite's file.
    folder: TempDir,
}

impl Filled {
    /// Fills an empty database, which takes minutes when it is to hold many.
    pub(super) fn anew(postgres: Option<&Postgres>, tickets: u64) -> Result<Self, Failure> {
        let folder = tempfile::Builder::new().prefix("support-desk").tempdir()?;
        let file = folder.path().join("support.db");
        let url = postgres.map_or_else(|| format!("sqlite://{}", file.display()), Postgres::database);
        let filled = Self { url, folder };
        let [tickets, messages] = [tickets, tickets * MESSAGES].map(|count| count.to_string());
        filled.run(&[
            "seed-demo",
            "--tenant",
            TENANT,
            "--tickets",
            &tickets,
            "--messages",
            &messages,
        ])?;
        Ok(filled)
    }

    /// A database that `seed-demo` filled before.
    pub(super) fn given(url: String) -> Result<Self, Failure> {
        let folder = tempfile::Builder::new().prefix("support-desk").tempdir()?;
        Ok(Self { url, folder })
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// An admin more, whose password is known.
    pub(super) fn admin(&self) -> Result<Account, Failure> {
        let admin = Account::unused("admin");
        let (email, password) = (&admin.email, &admin.password);
        self.run(&[
            "create-admin",
            "--tenant",
            TENANT,
            "--email",
            email,
            "--password",
            password,
        ])?;
        Ok(admin)
    }

    fn run(&self, arguments: &[&str]) -> Result<(), Failure> {
        let mut server = Command::new(server_binary());
        server.args(arguments).current_dir(self.folder.path());
        server.env("DATABASE_URL", &self.url);
        let status = server.stdin(Stdio::null()).stdout(Stdio::null()).status()?;
        status
            .success()
            .then_some(())
            .ok_or_else(|| format!("{} ended with {status}", arguments.join(" ")).into())
    }
}
