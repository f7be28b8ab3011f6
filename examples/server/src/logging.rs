//! What the server says of its work: on the error output, so that the output has only what people
//! and scripts wait for.

use std::io::{IsTerminal, stderr};

use tracing_subscriber::{EnvFilter, filter::LevelFilter};

use crate::settings::{LogFormat, SettingError, Settings};

/// Libraries that write what passes through them, secrets too, at their finest levels.
const DISCREET: [&str; 5] = ["h2", "html5ever", "markup5ever", "tungstenite", "tokio_tungstenite"];

/// Begins logging for the whole process.
///
/// # Errors
/// [`SettingError`] when the filter can't be used.
pub(crate) fn start(settings: &Settings) -> Result<(), SettingError> {
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter(&settings.log)?)
        .with_writer(stderr)
        .with_ansi(stderr().is_terminal());
    let by_terminal = if stderr().is_terminal() {
        LogFormat::Pretty
    } else {
        LogFormat::Json
    };
    match settings.log_format.unwrap_or(by_terminal) {
        LogFormat::Pretty => log.init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
    Ok(())
}

fn filter(wanted: &str) -> Result<EnvFilter, SettingError> {
    let mut filter = EnvFilter::try_new(wanted).map_err(|error| SettingError::about("LOG", &error))?;
    for library in DISCREET {
        let quiet = format!("{library}={}", LevelFilter::WARN);
        let quiet = quiet.parse().map_err(|error| SettingError::about("LOG", &error))?;
        filter = filter.add_directive(quiet);
    }
    Ok(filter)
}
