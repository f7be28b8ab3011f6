//! What was given, and by whom: flags before the environment before the file before defaults.

use std::{collections::BTreeMap, ffi::OsString, fmt};

use super::{
    SettingError,
    table::{ALL, Setting, Unset},
};

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The command line.
    Flag,
    /// An environment variable.
    Environment,
    /// The file of this name.
    File(String),
    /// Nobody gave it.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => formatter.write_str("command line"),
            Self::Environment => formatter.write_str("environment"),
            Self::File(file) => formatter.write_str(file),
            Self::Default => formatter.write_str("default"),
        }
    }
}

/// A setting's value as a text, with its origin. Not `Debug`: it may be a secret.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Value {
    /// The text.
    pub text: String,
    /// By whom it was given.
    pub origin: Origin,
}

/// What one source gives, by the setting's proper name.
pub(crate) type Source = BTreeMap<&'static str, Value>;

/// All values that hold. Those without any, given or default, are missing.
#[derive(Clone, Default)]
pub(crate) struct Given(Source);

impl Given {
    /// What holds when these sources give what they give, the strongest first.
    pub(crate) fn merge(sources: impl IntoIterator<Item = Source>) -> Self {
        let mut given = Source::new();
        for source in sources {
            for (name, value) in source {
                given.entry(name).or_insert(value);
            }
        }
        Self(given)
    }

    /// What holds for a setting.
    pub(crate) fn value(&self, setting: &Setting) -> Option<Value> {
        let default = || match setting.unset {
            Unset::Value(text) => Some(Value {
                text: text.to_owned(),
                origin: Origin::Default,
            }),
            Unset::Words(_) => None,
        };
        self.0.get(setting.name).cloned().or_else(default)
    }
}

/// What the environment gives. An empty variable gives nothing.
///
/// # Errors
/// [`SettingError`] when a variable is no text.
pub(crate) fn from_environment(variable: impl Fn(&str) -> Option<OsString>) -> Result<Source, SettingError> {
    let mut source = Source::new();
    for setting in ALL {
        let found = setting
            .names()
            .find_map(|name| variable(name).filter(|text| !text.is_empty()));
        let Some(text) = found else { continue };
        let text = text
            .into_string()
            .map_err(|_| SettingError::new(setting.name, "must be UTF-8 text", &Origin::Environment))?;
        let origin = Origin::Environment;
        source.insert(setting.name, Value { text, origin });
    }
    Ok(source)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::{super::table, *};

    fn environment(variables: &'static [(&str, &str)]) -> Source {
        let variable = |name: &str| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, text)| OsString::from(text))
        };
        from_environment(variable).unwrap()
    }

    fn text(given: &Given, setting: &Setting) -> Option<String> {
        given.value(setting).map(|value| value.text)
    }

    #[test]
    fn the_strongest_source_that_gives_a_setting_decides() {
        let flags = environment(&[("LOG", "trace")]);
        let variables = environment(&[("LOG", "debug"), ("ADMIN_EMAIL", "a@b.example")]);
        let file = environment(&[
            ("LOG", "warn"),
            ("ADMIN_EMAIL", "c@d.example"),
            ("RATE_LIMIT_WINDOW", "5"),
        ]);
        let given = Given::merge([flags, variables, file]);
        assert_eq!(text(&given, &table::LOG).unwrap(), "trace");
        assert_eq!(text(&given, &table::ADMIN_EMAIL).unwrap(), "a@b.example");
        assert_eq!(text(&given, &table::RATE_LIMIT_WINDOW).unwrap(), "5");
        assert_eq!(text(&given, &table::LISTEN_ADDR).unwrap(), "127.0.0.1:8080");
        assert_eq!(text(&given, &table::PLATFORM_EMAIL), None);
    }

    #[test]
    fn an_alias_counts_where_the_proper_name_is_not_given() {
        let alias = Given::merge([environment(&[("FRONTEND_URL", "http://alias")])]);
        assert_eq!(text(&alias, &table::PUBLIC_URL).unwrap(), "http://alias");

        let both = Given::merge([environment(&[
            ("FRONTEND_URL", "http://alias"),
            ("PUBLIC_URL", "http://proper"),
        ])]);
        assert_eq!(text(&both, &table::PUBLIC_URL).unwrap(), "http://proper");
    }

    #[test]
    fn an_empty_variable_gives_nothing() {
        let given = Given::merge([environment(&[("LOG", "")])]);
        assert_eq!(text(&given, &table::LOG).unwrap(), "info");
    }
}
