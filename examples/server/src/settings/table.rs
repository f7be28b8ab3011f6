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
}

impl Setting {
    const fn new(name: &'static str, unset: Unset, meaning: &'static str) -> Self {
        Self {
            name,
            alias: None,
            unset,
            meaning,
            shown: Shown::Whole,
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

pub(crate) const SECRETS_KEY: Setting = Setting::optional(
    "SECRETS_KEY",
    "generated and kept in ./data",
    "Encrypts the tenants' secrets: 32 bytes in base64, the same on all nodes; former keys after it, comma-separated",
)
.secret();
pub(crate) const EMAIL_SERVICE_ENABLED: Setting = Setting::value(
    "EMAIL_SERVICE_ENABLED",
    "true",
    "Whether mail is sent at all: true or false",
);
pub(crate) const SMTP_SERVER: Setting = Setting::optional(
    "SMTP_SERVER",
    "no mail but for tenants with a server of their own",
    "Mail server of the installation",
);
pub(crate) const SMTP_PORT: Setting = Setting::optional("SMTP_PORT", "587, 465 for tls, 25 for none", "Its port");
pub(crate) const SMTP_USER: Setting = Setting::optional("SMTP_USER", "no login", "Account there");
pub(crate) const SMTP_PASSWORD: Setting = Setting::optional("SMTP_PASSWORD", "no login", "Its password").secret();
pub(crate) const SMTP_USE_TLS: Setting = Setting::value(
    "SMTP_USE_TLS",
    "starttls",
    "starttls (or true), tls (from the first byte), none (or false: for servers on the same machine)",
);
pub(crate) const FROM_EMAIL: Setting = Setting::optional(
    "FROM_EMAIL",
    "SMTP_USER if that is an address, else support@ the host of PUBLIC_URL",
    "Sender's address",
);
pub(crate) const FROM_NAME: Setting = Setting::optional("FROM_NAME", "the tenant's name", "Sender's name");
pub(crate) const CALLBACK_EMAIL_TO: Setting = Setting::optional(
    "CALLBACK_EMAIL_TO",
    "LOG_REQUEST_EMAIL_TO",
    "Who is told of callbacks of the tenant `default`, comma-separated",
);
pub(crate) const CALLBACK_EMAIL_CC: Setting = Setting::optional(
    "CALLBACK_EMAIL_CC",
    "nobody",
    "Who gets copies of that, comma-separated",
);
pub(crate) const LOG_REQUEST_EMAIL_TO: Setting = Setting::optional(
    "LOG_REQUEST_EMAIL_TO",
    "nobody",
    "Who is told of callbacks when CALLBACK_EMAIL_TO names nobody, comma-separated",
);
pub(crate) const CALLBACK_RESPONSE_WAIT_MS: Setting = Setting::value(
    "CALLBACK_RESPONSE_WAIT_MS",
    "2000",
    "Milliseconds that a callback's answer waits for the first mail and message; 0 for not at all",
);
pub(crate) const TELEGRAM_BOT_TOKEN: Setting = Setting::optional(
    "TELEGRAM_BOT_TOKEN",
    "no bot but for tenants with one of their own",
    "Telegram bot of the installation",
)
.secret();
pub(crate) const TELEGRAM_CHAT_ID: Setting = Setting::optional(
    "TELEGRAM_CHAT_ID",
    "no alerts",
    "The team's chat, which is told of what happens",
);
pub(crate) const TELEGRAM_API_URL: Setting =
    Setting::value("TELEGRAM_API_URL", "https://api.telegram.org", "Where the Bot API is");
pub(crate) const MESSENGER_VERIFY_TOKEN: Setting = Setting::optional(
    "MESSENGER_VERIFY_TOKEN",
    "none",
    "What the set-up call for the page of the tenant `default` must know",
)
.secret();
pub(crate) const MESSENGER_APP_SECRET: Setting = Setting::optional(
    "MESSENGER_APP_SECRET",
    "none",
    "What proves that a call comes from Messenger",
)
.secret();
pub(crate) const MESSENGER_PAGE_ID: Setting =
    Setting::optional("MESSENGER_PAGE_ID", "none", "Messenger page of the tenant `default`");
pub(crate) const MESSENGER_PAGE_TOKEN: Setting =
    Setting::optional("MESSENGER_PAGE_TOKEN", "none", "For sending in its name").secret();
pub(crate) const MESSENGER_API_URL: Setting = Setting::value(
    "MESSENGER_API_URL",
    "https://graph.facebook.com/v23.0",
    "Where the Send API is, with its version",
);
pub(crate) const WEBHOOK_ALLOWED_CIDRS: Setting = Setting::optional(
    "WEBHOOK_ALLOWED_CIDRS",
    "none",
    "Private networks (CIDR, comma-separated) that webhooks may reach all the same",
);
pub(crate) const OFFLINE_DIGEST_DELAY_S: Setting = Setting::value(
    "OFFLINE_DIGEST_DELAY_S",
    "60",
    "Seconds for which what comes in while nobody is there is gathered into one mail",
);
pub(crate) const OFFLINE_DIGEST_INTERVAL_S: Setting = Setting::value(
    "OFFLINE_DIGEST_INTERVAL_S",
    "900",
    "Seconds at least between two such mails about one ticket",
);
pub(crate) const REPLY_MAIL_DELAY_S: Setting = Setting::value(
    "REPLY_MAIL_DELAY_S",
    "120",
    "Seconds of silence before answers to somebody who has left go by mail",
);
pub(crate) const DELIVERY_RETRY_SCHEDULE: Setting = Setting::value(
    "DELIVERY_RETRY_SCHEDULE",
    "5,30,120,600,3600,10800,21600,43200,86400,86400",
    "Seconds before each retry of what could not be sent; after the last it is given up",
);

pub(crate) const FILES_URL: Setting = Setting::value(
    "FILES_URL",
    "file://data/files",
    "Where files are kept: file://<folder>, or s3://<bucket>/<prefix> for several nodes",
);
pub(crate) const AWS_ACCESS_KEY_ID: Setting = Setting::optional(
    "AWS_ACCESS_KEY_ID",
    "what the cloud gives this machine",
    "Opens the bucket",
)
.secret();
pub(crate) const AWS_SECRET_ACCESS_KEY: Setting = Setting::optional(
    "AWS_SECRET_ACCESS_KEY",
    "what the cloud gives this machine",
    "Opens the bucket",
)
.secret();
pub(crate) const AWS_REGION: Setting = Setting::optional("AWS_REGION", "us-east-1", "Where the bucket is");
pub(crate) const AWS_ENDPOINT_URL: Setting = Setting::optional(
    "AWS_ENDPOINT_URL",
    "Amazon's own",
    "Where else the protocol of S3 is spoken",
);
pub(crate) const MAX_FILE_SIZE: Setting = Setting::optional(
    "MAX_FILE_SIZE",
    "5 MiB in the widget, 10 MiB elsewhere",
    "Largest file that is taken in, in bytes; tenants may settle their own",
);
pub(crate) const ALLOWED_FILE_TYPES: Setting = Setting::optional(
    "ALLOWED_FILE_TYPES",
    "jpg, png, gif, webp, pdf, doc, docx",
    "Kinds of files that are taken in, comma-separated: endings or media types; tenants may settle their own",
);
pub(crate) const CLAMD_URL: Setting = Setting::optional(
    "CLAMD_URL",
    "files are not looked through",
    "ClamAV's daemon, which looks through every file: tcp://<host>:<port> or unix:///<path>",
);

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
    FILES_URL,
    AWS_ACCESS_KEY_ID,
    AWS_SECRET_ACCESS_KEY,
    AWS_REGION,
    AWS_ENDPOINT_URL,
    MAX_FILE_SIZE,
    ALLOWED_FILE_TYPES,
    CLAMD_URL,
    SECRETS_KEY,
    EMAIL_SERVICE_ENABLED,
    SMTP_SERVER,
    SMTP_PORT,
    SMTP_USER,
    SMTP_PASSWORD,
    SMTP_USE_TLS,
    FROM_EMAIL,
    FROM_NAME,
    CALLBACK_EMAIL_TO,
    CALLBACK_EMAIL_CC,
    LOG_REQUEST_EMAIL_TO,
    CALLBACK_RESPONSE_WAIT_MS,
    TELEGRAM_BOT_TOKEN,
    TELEGRAM_CHAT_ID,
    TELEGRAM_API_URL,
    MESSENGER_VERIFY_TOKEN,
    MESSENGER_APP_SECRET,
    MESSENGER_PAGE_ID,
    MESSENGER_PAGE_TOKEN,
    MESSENGER_API_URL,
    WEBHOOK_ALLOWED_CIDRS,
    OFFLINE_DIGEST_DELAY_S,
    OFFLINE_DIGEST_INTERVAL_S,
    REPLY_MAIL_DELAY_S,
    DELIVERY_RETRY_SCHEDULE,
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
