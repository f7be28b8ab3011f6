//! What the server is told, and by whom.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
#![expect(clippy::disallowed_methods, reason = "nothing else runs on this thread")]

mod program;

use program::Folder;

#[test]
fn flags_go_before_the_environment_before_the_file_before_defaults() {
    let folder = Folder::new();
    let file = "log = 'warn'\nadmin_email = 'file@shop.example'\nrate_limit_window = 5\n";
    std::fs::write(folder.path().join("support.toml"), file).unwrap();
    let arguments = ["config", "--log", "error"];
    let variables = [("LOG", "debug"), ("ADMIN_EMAIL", "variable@shop.example")];
    let shown = folder.run(&arguments, &variables).succeeded();
    for line in [
        "log = \"error\" # command line\n",
        "admin_email = \"variable@shop.example\" # environment\n",
        "rate_limit_window = \"5\" # support.toml\n",
        "listen_addr = \"127.0.0.1:8080\" # default\n",
    ] {
        assert!(shown.contains(line), "{line}{shown}");
    }
}

#[test]
fn another_file_can_be_named_before_or_after_the_sub_command() {
    let folder = Folder::new();
    std::fs::write(folder.path().join("other.toml"), "listen_addr = '[::1]:1'").unwrap();
    for arguments in [
        ["--config", "other.toml", "config"],
        ["config", "--config", "other.toml"],
    ] {
        let shown = folder.run(&arguments, &[]).succeeded();
        assert!(shown.contains("listen_addr = \"[::1]:1\" # other.toml\n"), "{shown}");
    }
    let ended = folder.run(&["config", "--config", "missing.toml"], &[]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.starts_with("error: missing.toml: "), "{}", ended.stderr);
}

#[test]
fn what_config_prints_is_a_settings_file_again() {
    let folder = Folder::new();
    let variables = [("RATE_LIMIT_WINDOW", "7"), ("TRUSTED_PROXIES", "10.0.0.0/8, ::1")];
    let shown = folder.run(&["config"], &variables).succeeded();
    std::fs::write(folder.path().join("support.toml"), shown).unwrap();
    let again = folder.run(&["config"], &[]).succeeded();
    assert!(again.contains("rate_limit_window = \"7\" # support.toml\n"), "{again}");
    assert!(
        again.contains("trusted_proxies = \"10.0.0.0/8, ::1\" # support.toml\n"),
        "{again}"
    );
}

#[test]
fn secrets_are_masked() {
    let secret = "top-secret-top-secret-top-secret-top";
    let key = "dG9wLXNlY3JldC10b3Atc2VjcmV0LXRvcC1zZWNyZXQ=";
    let variables = [
        ("JWT_SECRET", secret),
        ("ADMIN_PASSWORD", secret),
        ("PLATFORM_EMAIL", "operator@shop.example"),
        ("PLATFORM_PASSWORD", secret),
        ("SMTP_PASSWORD", secret),
        ("TELEGRAM_BOT_TOKEN", secret),
        ("MESSENGER_APP_SECRET", secret),
        ("AWS_SECRET_ACCESS_KEY", secret),
        ("SECRETS_KEY", key),
        (
            "DATABASE_URL",
            "postgres://me:top-secret-top-secret-top-secret-top@host/support",
        ),
        ("REDIS_URL", "redis://:top-secret-top-secret-top-secret-top@host"),
    ];
    let shown = Folder::new().run(&["config"], &variables).succeeded();
    assert!(!shown.contains(secret) && !shown.contains(key), "{shown}");
    assert!(shown.contains("jwt_secret = \"********\" # environment\n"), "{shown}");
    assert!(
        shown.contains("database_url = \"postgres://me:********@host/support\" # environment\n"),
        "{shown}"
    );
    let variables = [("REDIS_URL", "redis+unix:///run/redis.sock?user=me&pass=sesame")];
    let shown = Folder::new().run(&["config"], &variables).succeeded();
    assert!(
        shown.contains("redis_url = \"redis+unix:///run/redis.sock?user=me&pass=********\" # environment\n"),
        "{shown}"
    );
}

#[test]
fn every_wrong_value_stops_the_start_with_one_line_that_names_it() {
    let folder = Folder::new();
    let wrong = [
        ("LISTEN_ADDR", "localhost"),
        ("LISTEN_ADDR", "127.0.0.1:99999"),
        ("PUBLIC_URL", "support.example"),
        ("PUBLIC_URL", "ftp://support.example"),
        ("FRONTEND_URL", "nonsense"),
        ("DATABASE_URL", "mysql://host/db"),
        ("DATABASE_URL", "sqlite::memory:"),
        ("DATABASE_URL", "sqlite://data/support.db?mode=ro"),
        ("DATABASE_MAX_CONNECTIONS", "1"),
        ("DATABASE_MAX_CONNECTIONS", "many"),
        ("JWT_SECRET", "short"),
        ("JWT_PUBLIC_KEY_FILE", "missing.pem"),
        ("ADMIN_EMAIL", "admin"),
        ("ADMIN_PASSWORD", "short"),
        ("PLATFORM_EMAIL", "operator"),
        ("PLATFORM_EMAIL", "operator@shop.example"),
        ("PLATFORM_PASSWORD", "long enough"),
        ("RATE_LIMIT_WINDOW", "15min"),
        ("RATE_LIMIT_MAX_REQUESTS", "-1"),
        ("TRUSTED_PROXIES", "10.0.0.0/99"),
        ("CORS_ORIGINS", "shop.example"),
        ("CORS_ORIGINS", "https://shop.example/path"),
        ("SOCKET_IO_CORS_ORIGIN", "shop.example"),
        ("PRESENCE_TIMEOUT_S", "0"),
        ("PRESENCE_TIMEOUT_S", "soon"),
        ("LOG", "no=such=filter"),
        ("LOG_FORMAT", "xml"),
        ("METRICS_ADDR", "9090"),
        ("REDIS_URL", "localhost:6379"),
        ("REDIS_URL", "http://localhost"),
        ("REDIS_URL", "redis://localhost:99999"),
        ("REDIS_URL", "rediss://localhost/#insecure"),
        ("SECRETS_KEY", "dG9vIHNob3J0"),
        ("SECRETS_KEY", "dG9wLXNlY3JldC10b3Atc2VjcmV0LXRvcC1zZWNyZXQ=,rubbish"),
        ("EMAIL_SERVICE_ENABLED", "perhaps"),
        ("SMTP_PORT", "0"),
        ("SMTP_PORT", "smtp"),
        ("SMTP_USE_TLS", "ssl"),
        ("FROM_EMAIL", "support"),
        ("CALLBACK_EMAIL_TO", "calls@shop.example, nobody"),
        ("CALLBACK_EMAIL_CC", "nobody"),
        ("LOG_REQUEST_EMAIL_TO", "nobody"),
        ("CALLBACK_RESPONSE_WAIT_MS", "2s"),
        ("CALLBACK_RESPONSE_WAIT_MS", "60000"),
        ("TELEGRAM_API_URL", "api.telegram.org"),
        ("MESSENGER_API_URL", "graph.facebook.com"),
        ("WEBHOOK_ALLOWED_CIDRS", "10.0.0.0/99"),
        ("OFFLINE_DIGEST_DELAY_S", "-1"),
        ("OFFLINE_DIGEST_INTERVAL_S", "soon"),
        ("REPLY_MAIL_DELAY_S", "never"),
        ("DELIVERY_RETRY_SCHEDULE", "5,later"),
        ("SHUTDOWN_GRACE_S", "-1"),
    ];
    for (name, value) in wrong {
        let ended = folder.run(&["serve"], &[(name, value)]);
        assert_eq!(ended.code, Some(2), "{name}={value}: {ended:?}");
        assert_eq!(ended.stderr.lines().count(), 1, "{name}={value}: {ended:?}");
        let named = match name {
            "FRONTEND_URL" => "PUBLIC_URL",
            "SOCKET_IO_CORS_ORIGIN" => "CORS_ORIGINS",
            proper => proper,
        };
        assert!(
            ended.stderr.starts_with(&format!("error: {named} ")),
            "{name}={value}: {ended:?}"
        );
        assert!(ended.stdout.is_empty(), "{ended:?}");
    }
    assert!(!folder.path().join("data").exists(), "nothing was begun");
}

#[test]
fn a_wrong_secret_is_named_without_being_shown() {
    let folder = Folder::new();
    for name in ["JWT_SECRET", "ADMIN_PASSWORD"] {
        let ended = folder.run(&["serve"], &[(name, "sesame")]);
        assert!(!ended.stderr.contains("sesame"), "{ended:?}");
    }
    for (name, url) in [
        ("DATABASE_URL", "mysql://me:sesame@host/db"),
        ("REDIS_URL", "redis://me:sesame@host:99999"),
    ] {
        let ended = folder.run(&["serve"], &[(name, url)]);
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(!ended.stderr.contains("sesame"), "{ended:?}");
    }
}

#[test]
fn a_key_that_is_none_is_refused() {
    let folder = Folder::new();
    std::fs::write(folder.path().join("key.pem"), "not a key").unwrap();
    let ended = folder.run(&["serve"], &[("JWT_PUBLIC_KEY_FILE", "key.pem")]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.starts_with("error: JWT_PUBLIC_KEY_FILE: "), "{ended:?}");
}

#[test]
fn an_unknown_key_in_the_file_stops_the_start() {
    let folder = Folder::new();
    std::fs::write(folder.path().join("support.toml"), "listen_adress = '127.0.0.1:1'").unwrap();
    let ended = folder.run(&[], &[]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert_eq!(ended.stderr, "error: support.toml: `listen_adress` is no setting\n");
}

#[test]
fn an_unknown_flag_stops_the_start() {
    let ended = Folder::new().run(&["serve", "--listen-adress", "127.0.0.1:1"], &[]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("--listen-adress"), "{ended:?}");
}

#[test]
fn settings_of_files_are_checked_and_their_secrets_masked() {
    let folder = Folder::new();
    std::fs::write(folder.path().join("support.toml"), "aws_secret_access_key = 'a-key'").unwrap();
    let variables = [("FILES_URL", "s3://bucket"), ("MAX_FILE_SIZE", "2MB")];
    let shown = folder.run(&["config"], &variables).succeeded();
    assert!(shown.contains("files_url = \"s3://bucket\" # environment\n"), "{shown}");
    assert!(
        shown.contains("aws_secret_access_key = \"********\" # support.toml"),
        "{shown}"
    );
    for (name, wrong) in [
        ("FILES_URL", "ftp://files"),
        ("MAX_FILE_SIZE", "huge"),
        ("ALLOWED_FILE_TYPES", "pdf,exe"),
    ] {
        let ended = folder.run(&["config"], &[(name, wrong)]);
        assert_ne!(ended.code, Some(0), "{ended:?}");
        assert!(ended.stderr.contains(name), "{ended:?}");
    }
}

#[test]
fn help_lists_every_setting_with_its_default() {
    let help = Folder::new().run(&["--help"], &[]).succeeded();
    for said in [
        "--listen-addr <LISTEN_ADDR>",
        "[default: 127.0.0.1:8080]",
        "--shutdown-grace-s <SHUTDOWN_GRACE_S>",
        "[default: 20]",
        "--smtp-server <SMTP_SERVER>",
        "create-admin",
        "create-tenant",
        "migrate",
        "openapi",
        "config",
        "serve",
    ] {
        assert!(help.contains(said), "{said}\n{help}");
    }
}
