//! The command line.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command, ValueHint, value_parser};

use super::{
    SettingError,
    given::{Origin, Source, Value},
    table::{ALL, Setting, Unset, flag},
};

/// The id of the flag that names the file.
const CONFIG: &str = "config";

/// Adds every setting as a flag, which each sub-command takes as well.
pub(crate) fn with_settings(command: Command) -> Command {
    let config = Arg::new(CONFIG)
        .long("config")
        .value_name("FILE")
        .value_parser(value_parser!(PathBuf))
        .value_hint(ValueHint::FilePath)
        .global(true)
        .help("Settings file [default: support.toml, if it is there]");
    command.arg(config).args(ALL.iter().map(argument))
}

fn argument(setting: &Setting) -> Arg {
    let (Unset::Value(default) | Unset::Words(default)) = setting.unset;
    let help = format!("{} [default: {default}]", setting.meaning);
    Arg::new(setting.name)
        .long(setting.flag())
        .aliases(setting.alias.map(flag))
        .value_name(setting.name)
        .action(ArgAction::Set)
        .allow_hyphen_values(true)
        .global(true)
        .help_heading("Settings, by flag, environment variable of the name shown, or file")
        .help(help)
}

/// The file that was named.
pub(crate) fn named_file(matches: &ArgMatches) -> Option<PathBuf> {
    matches.get_one::<PathBuf>(CONFIG).cloned()
}

/// What the command line gives.
///
/// # Errors
/// [`SettingError`] for an empty value.
pub(crate) fn from_flags(matches: &ArgMatches) -> Result<Source, SettingError> {
    let mut source = Source::new();
    for setting in ALL {
        let Some(text) = matches.get_one::<String>(setting.name) else {
            continue;
        };
        let (text, origin) = (text.clone(), Origin::Flag);
        if text.is_empty() {
            return Err(SettingError::new(setting.name, "is empty", &origin));
        }
        source.insert(setting.name, Value { text, origin });
    }
    Ok(source)
}
