//! From texts to typed settings, each checked on the way.

use std::{net::IpAddr, path::PathBuf, str::FromStr, time::Duration};

use axum::http::Uri;
use ipnet::IpNet;
use support_bus::RedisUrl;
use support_core::model::{Input, Secret};
use support_http::RateLimit;

use super::{
    AdminLogin, Database, LogFormat, Login, SettingError, Settings, channels, files,
    given::{Given, Value},
    table::{self, Setting, Shown},
};

/// The shortest secret that signs tokens, in bytes (RFC 7518 §3.2).
const SHORTEST_JWT_SECRET: usize = 32;
/// Longer times are typing errors.
const LONGEST_TIME: Duration = Duration::from_secs(366 * 24 * 60 * 60);

const ADDRESS: &str = "must be an IP address and a port, such as 127.0.0.1:8080";
const NUMBER: &str = "must be a whole number from 0 to 4294967295";

/// All settings with their types.
///
/// # Errors
/// [`SettingError`] for the first one that can't be used.
pub(super) fn settings(given: &Given) -> Result<Settings, SettingError> {
    let read = Reader(given);
    let admin = AdminLogin {
        email: read.must(&table::ADMIN_EMAIL, email)?,
        password: read.password(&table::ADMIN_PASSWORD)?,
    };
    Ok(Settings {
        listen: read.must(&table::LISTEN_ADDR, |text| parsed(text, ADDRESS))?,
        public_url: read.may(&table::PUBLIC_URL, base_url)?,
        database: read.must(&table::DATABASE_URL, database)?,
        database_max_connections: read.may(&table::DATABASE_MAX_CONNECTIONS, connections)?,
        jwt_secret: read.may(&table::JWT_SECRET, long_secret)?,
        jwt_public_key: read.may(&table::JWT_PUBLIC_KEY_FILE, contents)?,
        operator: operator(&read, &admin)?,
        admin,
        call_limit: call_limit(&read)?,
        trusted_proxies: read.may(&table::TRUSTED_PROXIES, networks)?.unwrap_or_default(),
        cors_origins: read.may(&table::CORS_ORIGINS, origins)?.unwrap_or_default(),
        presence_timeout: read.must(&table::PRESENCE_TIMEOUT_S, |text| {
            seconds(text).and_then(|time| {
                if time.is_zero() {
                    Err("must be more than 0 seconds")
                } else {
                    Ok(time)
                }
            })
        })?,
        log: read.must(&table::LOG, log_filter)?,
        log_format: read.may(&table::LOG_FORMAT, log_format)?,
        metrics: read.may(&table::METRICS_ADDR, |text| parsed(text, ADDRESS))?,
        redis: read.may(&table::REDIS_URL, redis)?,
        shutdown_grace: read.must(&table::SHUTDOWN_GRACE_S, seconds)?,
        channels: channels::read(&read)?,
        secrets_keys: read.may(&table::SECRETS_KEY, channels::secrets_keys)?,
        files: files::read(&read)?,
    })
}

/// What a value must be when it isn't.
pub(super) type Must = &'static str;

pub(super) struct Reader<'a>(&'a Given);

impl Reader<'_> {
    pub(super) fn may<T>(
        &self,
        setting: &Setting,
        read: impl FnOnce(&str) -> Result<T, Must>,
    ) -> Result<Option<T>, SettingError> {
        let Some(value) = self.0.value(setting) else {
            return Ok(None);
        };
        let refuse = |must| wrong(setting, &value, must);
        read(value.text.trim()).map(Some).map_err(refuse)
    }

    pub(super) fn must<T>(
        &self,
        setting: &Setting,
        read: impl FnOnce(&str) -> Result<T, Must>,
    ) -> Result<T, SettingError> {
        let found = self.may(setting, read)?;
        found.ok_or_else(|| SettingError(format!("{} is missing", setting.name)))
    }

    /// A password with the blanks around it, if it has any.
    fn password(&self, setting: &Setting) -> Result<Option<Secret>, SettingError> {
        let Some(value) = self.0.value(setting) else {
            return Ok(None);
        };
        let mut input = Input::new();
        input.password(setting.name, &value.text);
        let refuse = |_| wrong(setting, &value, "must have 8 to 200 characters");
        input.finish().map_err(refuse)?;
        Ok(Some(Secret::presented(value.text)))
    }
}

fn wrong(setting: &Setting, value: &Value, must: Must) -> SettingError {
    match setting.shown {
        Shown::Whole => {
            let text = value.text.escape_debug();
            SettingError::new(setting.name, &format!("{must}, and is `{text}`"), &value.origin)
        }
        Shown::WithoutPassword | Shown::Masked => SettingError::new(setting.name, must, &value.origin),
    }
}

pub(super) fn parsed<T: FromStr>(text: &str, must: Must) -> Result<T, Must> {
    text.parse().map_err(|_| must)
}

pub(super) fn email(text: &str) -> Result<String, Must> {
    let mut input = Input::new();
    let email = input.email("email", text);
    input.finish().map(|()| email).map_err(|_| "must be an e-mail address")
}

fn operator(read: &Reader<'_>, admin: &AdminLogin) -> Result<Option<Login>, SettingError> {
    let email = read.may(&table::PLATFORM_EMAIL, email)?;
    let password = read.password(&table::PLATFORM_PASSWORD)?;
    match (email, password) {
        (None, None) => Ok(None),
        (Some(email), Some(password)) if email != admin.email => Ok(Some(Login { email, password })),
        (Some(_), Some(_)) => Err(SettingError(
            "PLATFORM_EMAIL must be another address than ADMIN_EMAIL".to_owned(),
        )),
        (Some(_), None) => Err(SettingError(
            "PLATFORM_EMAIL needs PLATFORM_PASSWORD as well".to_owned(),
        )),
        (None, Some(_)) => Err(SettingError(
            "PLATFORM_PASSWORD needs PLATFORM_EMAIL as well".to_owned(),
        )),
    }
}

/// A window without length counts nothing, so that is off as well.
fn call_limit(read: &Reader<'_>) -> Result<RateLimit, SettingError> {
    let window: u32 = read.must(&table::RATE_LIMIT_WINDOW, |text| parsed(text, NUMBER))?;
    let max_requests: u32 = read.must(&table::RATE_LIMIT_MAX_REQUESTS, |text| parsed(text, NUMBER))?;
    Ok(RateLimit {
        window: Duration::from_millis(window.into()),
        max_requests: if window == 0 { 0 } else { max_requests },
    })
}

pub(super) fn base_url(text: &str) -> Result<String, Must> {
    const MUST: Must = "must be a URL such as https://support.example";
    let url: Uri = parsed(text, MUST)?;
    let is_web = matches!(url.scheme_str(), Some("http" | "https"));
    let has_host = url.host().is_some_and(|host| !host.is_empty());
    if !is_web || !has_host || url.query().is_some() {
        return Err(MUST);
    }
    Ok(text.trim_end_matches('/').to_owned())
}

fn database(text: &str) -> Result<Database, Must> {
    const MUST: Must = "must be sqlite://<file> or postgres://user:password@host/database";
    if text.starts_with("postgres://") || text.starts_with("postgresql://") {
        return Ok(Database::Postgres(Secret::presented(text)));
    }
    let file = text.strip_prefix("sqlite://").or_else(|| text.strip_prefix("sqlite:"));
    let file = file.filter(|file| !file.is_empty()).ok_or(MUST)?;
    if file.contains(['?', '#']) || file.starts_with(':') || file.ends_with('/') {
        return Err("must name a file after sqlite://, without options");
    }
    Ok(Database::Sqlite(PathBuf::from(file)))
}

fn redis(text: &str) -> Result<RedisUrl, Must> {
    parsed(
        text,
        "must be redis://user:password@host:port, rediss://… or redis+unix:///path",
    )
}

fn connections(text: &str) -> Result<u32, Must> {
    const MUST: Must = "must be a whole number from 2 to 10000";
    let count = parsed(text, MUST)?;
    if (2..=10_000).contains(&count) {
        Ok(count)
    } else {
        Err(MUST)
    }
}

fn long_secret(text: &str) -> Result<Secret, Must> {
    if text.len() < SHORTEST_JWT_SECRET {
        return Err("must have at least 32 bytes");
    }
    Ok(Secret::presented(text))
}

#[expect(clippy::disallowed_methods, reason = "settings are read before the runtime starts")]
fn contents(path: &str) -> Result<Vec<u8>, Must> {
    std::fs::read(path).map_err(|_| "must be a file that can be read")
}

pub(super) fn listed(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty())
}

pub(super) fn networks(text: &str) -> Result<Vec<IpNet>, Must> {
    let network = |item: &str| {
        let one = || item.parse::<IpAddr>().ok().map(IpNet::from);
        item.parse::<IpNet>().ok().or_else(one)
    };
    let networks: Option<_> = listed(text).map(network).collect();
    networks.ok_or("must be networks or addresses such as 10.0.0.0/8, separated by commas")
}

fn origins(text: &str) -> Result<Vec<String>, Must> {
    const MUST: Must = "must be origins such as https://shop.example, separated by commas";
    let origin = |item: &str| {
        let bare = item.trim_end_matches('/').to_lowercase();
        let url = base_url(&bare).ok().and_then(|bare| bare.parse::<Uri>().ok())?;
        let is_bare = url.path() == "/" || url.path().is_empty();
        is_bare.then_some(bare)
    };
    let origins: Option<_> = listed(text).map(origin).collect();
    origins.ok_or(MUST)
}

pub(super) fn seconds(text: &str) -> Result<Duration, Must> {
    const MUST: Must = "must be a number of seconds";
    let seconds: f64 = parsed(text, MUST)?;
    let time = Duration::try_from_secs_f64(seconds).map_err(|_| MUST)?;
    if time > LONGEST_TIME { Err(MUST) } else { Ok(time) }
}

fn log_filter(text: &str) -> Result<String, Must> {
    let filter = tracing_subscriber::EnvFilter::try_new(text);
    filter
        .map_err(|_| "must be a level (error, warn, info, debug, trace) or a filter such as info,support_http=debug")?;
    Ok(text.to_owned())
}

fn log_format(text: &str) -> Result<LogFormat, Must> {
    match text {
        "pretty" => Ok(LogFormat::Pretty),
        "json" => Ok(LogFormat::Json),
        _ => Err("must be pretty or json"),
    }
}
