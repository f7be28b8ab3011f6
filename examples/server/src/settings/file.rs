//! The settings file: TOML, one key for each setting, named as its variable in small letters.

use std::path::Path;

use super::{
    SettingError,
    given::{Origin, Source, Value},
    table::{ALL, Setting, key},
};

/// Read when no other is named, if it is there.
const USUAL: &str = "support.toml";

/// What the file gives: the named one, which must be there, or the usual one.
///
/// # Errors
/// [`SettingError`] when it can't be read, or has what is no setting.
pub(crate) fn from_file(named: Option<&Path>) -> Result<Source, SettingError> {
    let path = named.unwrap_or(Path::new(USUAL));
    let shown = path.display().to_string();
    #[expect(clippy::disallowed_methods, reason = "settings are read before the runtime starts")]
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => return Ok(Source::new()),
        Err(error) => return Err(SettingError(format!("{shown}: {error}"))),
    };
    parse(&text, &shown)
}

fn parse(text: &str, file: &str) -> Result<Source, SettingError> {
    let table: toml::Table = text.parse().map_err(|error| malformed(&error, text, file))?;
    if let Some(unknown) = table.keys().find(|name| !is_known(name)) {
        return Err(SettingError(format!("{file}: `{unknown}` is no setting")));
    }
    let mut source = Source::new();
    for setting in ALL {
        let Some(value) = setting.names().find_map(|name| table.get(&key(name))) else {
            continue;
        };
        let origin = Origin::File(file.to_owned());
        let text = as_text(value).ok_or_else(|| {
            let must = "must be a text, a number, true, false, or a list of those";
            SettingError::new(setting.name, must, &origin)
        })?;
        if text.is_empty() {
            return Err(SettingError::new(setting.name, "is empty", &origin));
        }
        source.insert(setting.name, Value { text, origin });
    }
    Ok(source)
}

fn is_known(name: &str) -> bool {
    ALL.iter().flat_map(Setting::names).any(|known| key(known) == name)
}

fn as_text(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Float(number) => Some(number.to_string()),
        toml::Value::Boolean(truth) => Some(truth.to_string()),
        toml::Value::Array(items) => {
            let texts: Option<Vec<_>> = items.iter().map(as_text).collect();
            texts.map(|texts| texts.join(","))
        }
        toml::Value::Datetime(_) | toml::Value::Table(_) => None,
    }
}

fn malformed(error: &toml::de::Error, text: &str, file: &str) -> SettingError {
    let before = error.span().and_then(|span| text.get(..span.start));
    let line = before.map_or(1, |before| before.matches('\n').count() + 1);
    let message = error.message().replace('\n', " ");
    SettingError(format!("{file}, line {line}: {message}"))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    fn wrong(text: &str) -> String {
        parse(text, "support.toml").err().unwrap().to_string()
    }

    #[test]
    fn texts_numbers_and_lists_are_taken() {
        let source = parse(
            "listen_addr = '0.0.0.0:80'\nrate_limit_window = 5\ntrusted_proxies = ['10.0.0.0/8', '::1']",
            "support.toml",
        );
        let texts: Vec<_> = source
            .unwrap()
            .into_iter()
            .map(|(name, value)| (name, value.text))
            .collect();
        let expected = [
            ("LISTEN_ADDR", "0.0.0.0:80"),
            ("RATE_LIMIT_WINDOW", "5"),
            ("TRUSTED_PROXIES", "10.0.0.0/8,::1"),
        ];
        assert_eq!(texts, expected.map(|(name, text)| (name, text.to_owned())));
    }

    #[test]
    fn an_unknown_key_is_named() {
        assert_eq!(wrong("listen_adr = 'x'"), "support.toml: `listen_adr` is no setting");
        assert_eq!(wrong("LISTEN_ADDR = 'x'"), "support.toml: `LISTEN_ADDR` is no setting");
    }

    #[test]
    fn a_value_of_the_wrong_kind_names_its_key() {
        assert!(wrong("[listen_addr]\nport = 1").starts_with("LISTEN_ADDR must be a text"));
        assert_eq!(wrong("log = ''"), "LOG is empty (support.toml)");
    }

    #[test]
    fn malformed_text_names_its_line() {
        assert!(wrong("log = 'info'\nlisten_addr = ").starts_with("support.toml, line 2: "));
    }
}
