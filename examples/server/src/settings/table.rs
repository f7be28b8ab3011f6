//! Every setting there is: its names, its default and its meaning.

/// What a setting is when nobody gives it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Unset {
    /// This value.
    Value(&'static str),
    /// Something else, in words.
    Words(&'static str),
}

/// How much of a setting's value may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    /// All of it.
    Whole,
    /// All but the password in the URL.
    WithoutPassword,
    /// Nothing of it.
    Masked,
}

/// One setting.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setting {
    /// The name of its environment variable, which the others follow from.
    pub name: &'static str,
    /// Another name for the same.
    pub alias: Option<&'static str>,
    /// Without it.
    pub unset: Unset,
    /// For people.
    pub meaning: &'static str,
    /// For `config`.
    pub shown: Shown,
    /// What this version doesn't do, when the setting belongs to that.
    pub not_yet: Option<&'static str>,
}

impl Setting {
    const fn new(name: &'static str, unset: Unset, meaning: &'static str) -> Self {
        Self {
            name,
            alias: None,
            unset,
            meaning,
            shown: Shown::Whole,
            not_yet: None,
        }
    }

    const fn value(name: &'static str, default: &'static str, meaning: &'static str) -> Self {
        Self::new(name, Unset::Value(default), meaning)
    }

    const fn optional(name: &'static str, without: &'static str, meaning: &'static str) -> Self {
        Self::new(name, Unset::Words(without), meaning)
    }

    const fn or(mut self, alias: &'static str) -> Self {
        self.alias = Some(alias);
        self
    }

    const fn secret(mut self) -> Self {
        self.shown = Shown::Masked;
        self
    }

    const fn with_password(mut self) -> Self {
        self.shown = Shown::WithoutPassword;
        self
    }

    const fn not_yet(mut self, what: &'static str) -> Self {
        self.not_yet = Some(what);
        self
    }

    /// Its name in the file.
    pub(crate) fn key(&self) -> String {
        key(self.name)
    }

    /// Its name on the command line.
    pub(crate) fn flag(&self) -> String {
        flag(self.name)
    }

    /// All its names, the proper one first.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        [Some(self.name), self.alias].into_iter().flatten()
    }
}

/// A setting's name in the file.
pub(crate) fn key(name: &str) -> String {
    name.to_lowercase()
}

/// A setting's name on the command line.
pub(crate) fn flag(name: &str) -> String {
    name.to_lowercase().replace('_', "-")
}

pub(crate) const LISTEN_ADDR: Setting = Setting::value(
    "LISTEN_ADDR",
    "127.0.0.1:8080",
    "Address and port to listen on; port 0 takes a free one",
);
pub(crate) const PUBLIC_URL: Setting = Setting::optional(
    "PUBLIC_URL",
    "http://<LISTEN_ADDR>",
    "Where people reach the server, for links",
)
.or("FRONTEND_URL");
pub(crate) const DATABASE_URL: Setting = Setting::value(
    "DATABASE_URL",
    "sqlite://data/support.db",
    "sqlite://<file>, or postgres://user:password@host/database for several nodes",
)
.with_password();
pub(crate) const DATABASE_MAX_CONNECTIONS: Setting = Setting::optional(
    "DATABASE_MAX_CONNECTIONS",
    "32 for PostgreSQL, 5 for SQLite",
    "Connections to the database at most",
);
pub(crate) const JWT_SECRET: Setting = Setting::optional(
    "JWT_SECRET",
    "generated and kept in ./data",
    "Signs tokens: 32 bytes or more, the same on all nodes",
)
.secret();
pub(crate) const JWT_PUBLIC_KEY_FILE: Setting = Setting::optional(
    "JWT_PUBLIC_KEY_FILE",
    "none",
    "PEM file with the key that proves tokens which another system issues (EdDSA or RS256)",
);
pub(crate) const ADMIN_EMAIL: Setting = Setting::value(
    "ADMIN_EMAIL",
    "admin@localhost",
    "First admin of the tenant `default`, made when it has none",
);
pub(crate) const ADMIN_PASSWORD: Setting = Setting::optional(
    "ADMIN_PASSWORD",
    "generated and printed once",
    "Their first password; later changes of this setting change nothing",
)
.secret();
pub(crate) const PLATFORM_EMAIL: Setting = Setting::optional(
    "PLATFORM_EMAIL",
    "no operator",
    "Platform operator, made when there is none with this address",
);
pub(crate) const PLATFORM_PASSWORD: Setting =
    Setting::optional("PLATFORM_PASSWORD", "no operator", "Their first password").secret();
pub(crate) const RATE_LIMIT_WINDOW: Setting = Setting::value(
    "RATE_LIMIT_WINDOW",
    "900000",
    "Milliseconds over which calls are counted; 0 is off",
);
pub(crate) const RATE_LIMIT_MAX_REQUESTS: Setting = Setting::value(
    "RATE_LIMIT_MAX_REQUESTS",
    "100",
    "Calls in that time that open something or log in, for each address or account; 0 is off",
);
pub(crate) const TRUSTED_PROXIES: Setting = Setting::optional(
    "TRUSTED_PROXIES",
    "none",
    "Networks (CIDR, comma-separated) whose X-Forwarded-For is believed",
);
pub(crate) const CORS_ORIGINS: Setting = Setting::optional(
    "CORS_ORIGINS",
    "the tenants' domains",
    "Origins (comma-separated) whose pages may call, instead of the tenants' domains",
)
.or("SOCKET_IO_CORS_ORIGIN");
pub(crate) const PRESENCE_TIMEOUT_S: Setting = Setting::value(
    "PRESENCE_TIMEOUT_S",
    "120",
    "Seconds of silence after which an agent is offline",
);
pub(crate) const LOG: Setting = Setting::value(
    "LOG",
    "info",
    "What is logged: a level, or a filter such as info,support_http=debug",
);
pub(crate) const LOG_FORMAT: Setting = Setting::optional(
    "LOG_FORMAT",
    "pretty on a terminal, else json",
    "How it is logged: pretty or json",
);
pub(crate) const METRICS_ADDR: Setting =
    Setting::optional("METRICS_ADDR", "the same port", "Address and port for /metrics alone");
pub(crate) const SHUTDOWN_GRACE_S: Setting = Setting::value(
    "SHUTDOWN_GRACE_S",
    "20",
    "Seconds that what is under way has to end after SIGTERM",
);

const MAIL: &str = "sends no mail";
const TELEGRAM: &str = "sends nothing to Telegram";
const MESSENGER: &str = "has no Messenger channel";
const FILES: &str = "keeps no files";
const DIGESTS: &str = "sends no digests";

pub(crate) const REDIS_URL: Setting = Setting::optional(
    "REDIS_URL",
    "events stay in this process",
    "Carries events between nodes: redis://, rediss:// (TLS) or redis+unix://, Redis 6 or newer",
)
.with_password();

/// All of them, in the order of the manual.
pub(crate) const ALL: &[Setting] = &[
    LISTEN_ADDR,
    PUBLIC_URL,
    DATABASE_URL,
    DATABASE_MAX_CONNECTIONS,
    JWT_SECRET,
    JWT_PUBLIC_KEY_FILE,
    ADMIN_EMAIL,
    ADMIN_PASSWORD,
    PLATFORM_EMAIL,
    PLATFORM_PASSWORD,
    RATE_LIMIT_WINDOW,
    RATE_LIMIT_MAX_REQUESTS,
    TRUSTED_PROXIES,
    CORS_ORIGINS,
    PRESENCE_TIMEOUT_S,
    LOG,
    LOG_FORMAT,
    METRICS_ADDR,
    SHUTDOWN_GRACE_S,
    REDIS_URL,
    Setting::optional("FILES_URL", "none", "Where files are kept").not_yet(FILES),
    Setting::optional("AWS_ACCESS_KEY_ID", "none", "For files in S3")
        .secret()
        .not_yet(FILES),
    Setting::optional("AWS_SECRET_ACCESS_KEY", "none", "For files in S3")
        .secret()
        .not_yet(FILES),
    Setting::optional("AWS_REGION", "none", "For files in S3").not_yet(FILES),
    Setting::optional("AWS_ENDPOINT_URL", "none", "For files in S3").not_yet(FILES),
    Setting::optional("MAX_FILE_SIZE", "none", "Largest upload").not_yet(FILES),
    Setting::optional("ALLOWED_FILE_TYPES", "none", "Kinds of uploads").not_yet(FILES),
    Setting::optional("SECRETS_KEY", "none", "Encrypts the tenants' secrets")
        .secret()
        .not_yet("keeps no tenant's secrets"),
    Setting::optional("EMAIL_SERVICE_ENABLED", "off", "Whether mail is sent").not_yet(MAIL),
    Setting::optional("SMTP_SERVER", "off", "Mail server").not_yet(MAIL),
    Setting::optional("SMTP_PORT", "none", "Its port").not_yet(MAIL),
    Setting::optional("SMTP_USER", "none", "Account there").not_yet(MAIL),
    Setting::optional("SMTP_PASSWORD", "none", "Password there")
        .secret()
        .not_yet(MAIL),
    Setting::optional("SMTP_USE_TLS", "none", "starttls, tls or none").not_yet(MAIL),
    Setting::optional("FROM_EMAIL", "none", "Sender's address").not_yet(MAIL),
    Setting::optional("FROM_NAME", "none", "Sender's name").not_yet(MAIL),
    Setting::optional("CALLBACK_EMAIL_TO", "none", "Who hears of callbacks").not_yet(MAIL),
    Setting::optional("CALLBACK_EMAIL_CC", "none", "Who hears of callbacks too").not_yet(MAIL),
    Setting::optional("LOG_REQUEST_EMAIL_TO", "none", "Who hears of requests for logs").not_yet(MAIL),
    Setting::optional(
        "CALLBACK_RESPONSE_WAIT_MS",
        "none",
        "How long a callback's answer waits for its mail",
    )
    .not_yet("takes no callbacks"),
    Setting::optional("TELEGRAM_BOT_TOKEN", "off", "Bot that tells of callbacks")
        .secret()
        .not_yet(TELEGRAM),
    Setting::optional("TELEGRAM_CHAT_ID", "none", "Whom it tells").not_yet(TELEGRAM),
    Setting::optional("TELEGRAM_API_URL", "none", "Where the bot is").not_yet(TELEGRAM),
    Setting::optional("MESSENGER_VERIFY_TOKEN", "off", "For the channel's set-up")
        .secret()
        .not_yet(MESSENGER),
    Setting::optional("MESSENGER_APP_SECRET", "none", "Proves what comes in")
        .secret()
        .not_yet(MESSENGER),
    Setting::optional("MESSENGER_PAGE_ID", "none", "The page").not_yet(MESSENGER),
    Setting::optional("MESSENGER_PAGE_TOKEN", "none", "For sending")
        .secret()
        .not_yet(MESSENGER),
    Setting::optional("MESSENGER_API_URL", "none", "Where the channel is").not_yet(MESSENGER),
    Setting::optional(
        "WEBHOOK_ALLOWED_CIDRS",
        "none",
        "Private networks that webhooks may reach",
    )
    .not_yet("calls no webhooks"),
    Setting::optional("OFFLINE_DIGEST_DELAY_S", "none", "Silence before a digest").not_yet(DIGESTS),
    Setting::optional("OFFLINE_DIGEST_INTERVAL_S", "none", "Time between digests").not_yet(DIGESTS),
    Setting::optional("DELIVERY_RETRY_SCHEDULE", "none", "Seconds before each retry")
        .not_yet("delivers nothing to the outside"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_settings_share_a_name() {
        let names: Vec<_> = ALL.iter().flat_map(Setting::names).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    }
}
