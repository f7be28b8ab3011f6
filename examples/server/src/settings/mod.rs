//! What the server is told: flags before the environment before `support.toml` before defaults.

mod channels;
mod file;
mod files;
mod flags;
mod given;
mod read;
mod secrets;
mod table;

use std::{ffi::OsString, net::SocketAddr, path::PathBuf, time::Duration};

use clap::ArgMatches;
use ipnet::IpNet;
use support_bus::RedisUrl;
use support_core::model::Secret;
use support_http::RateLimit;

pub(crate) use channels::ChannelSettings;
pub(crate) use files::{FilesPlace, FilesSettings};
pub(crate) use flags::with_settings;
pub(crate) use secrets::{SecretsError, jwt_secret, prepare_data_folder, secrets_keys};

use given::{Given, Origin};

/// A setting that can't be used: one line that names it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct SettingError(String);

impl SettingError {
    /// About a setting from somewhere.
    pub(crate) fn new(name: &str, problem: &str, origin: &Origin) -> Self {
        Self(format!("{name} {problem} ({origin})"))
    }

    /// About a setting that turned out to be wrong when it was used.
    pub(crate) fn about(name: &str, error: &dyn std::fmt::Display) -> Self {
        Self(format!("{name}: {error}"))
    }
}

/// Where the data are.
#[derive(Debug, Clone)]
pub(crate) enum Database {
    /// In this file.
    Sqlite(PathBuf),
    /// Behind this URL, which may hold a password.
    Postgres(Secret),
}

/// Somebody's way in.
#[derive(Debug, Clone)]
pub(crate) struct Login {
    /// Their address.
    pub email: String,
    /// Their password.
    pub password: Secret,
}

/// The first admin's address, and password if it is given.
#[derive(Debug, Clone)]
pub(crate) struct AdminLogin {
    /// Their address.
    pub email: String,
    /// Their password.
    pub password: Option<Secret>,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogFormat {
    /// For people.
    Pretty,
    /// For machines.
    Json,
}

/// All settings with their types. What is secret doesn't show in `Debug`.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub listen: SocketAddr,
    pub public_url: Option<String>,
    pub database: Database,
    pub database_max_connections: Option<u32>,
    pub jwt_secret: Option<Secret>,
    pub jwt_public_key: Option<Vec<u8>>,
    pub admin: AdminLogin,
    pub operator: Option<Login>,
    pub call_limit: RateLimit,
    pub trusted_proxies: Vec<IpNet>,
    pub cors_origins: Vec<String>,
    pub presence_timeout: Duration,
    pub log: String,
    pub log_format: Option<LogFormat>,
    pub metrics: Option<SocketAddr>,
    pub redis: Option<RedisUrl>,
    pub shutdown_grace: Duration,
    pub channels: ChannelSettings,
    /// What encrypts tenants' secrets, the one that does so now first.
    pub secrets_keys: Option<Vec<[u8; 32]>>,
    pub files: FilesSettings,
}

/// Settings as they were given and as they are understood.
pub(crate) struct Loaded {
    given: Given,
    pub settings: Settings,
}

impl Loaded {
    /// Takes all sources together.
    ///
    /// # Errors
    /// [`SettingError`] for the first one that can't be used.
    pub(crate) fn load(flags: &ArgMatches, variable: impl Fn(&str) -> Option<OsString>) -> Result<Self, SettingError> {
        let file = flags::named_file(flags);
        let given = Given::merge([
            flags::from_flags(flags)?,
            given::from_environment(variable)?,
            file::from_file(file.as_deref())?,
        ]);
        let settings = read::settings(&given)?;
        Ok(Self { given, settings })
    }

    /// What holds, as a settings file with masked secrets.
    pub(crate) fn as_file(&self) -> String {
        secrets::as_masked_file(&self.given)
    }
}
