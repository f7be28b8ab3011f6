//! Secrets: what is generated and kept in the data folder, and what is shown of the others.

use std::{
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use support_core::{model::Secret, ports::Ids};

use super::{
    Database, Settings,
    given::Given,
    table::{ALL, Setting, Shown, Unset},
};

/// Where the server keeps what is its own.
const DATA_FOLDER: &str = "data";
/// The file in it with the secret that signs tokens.
const JWT_SECRET_FILE: &str = "jwt-secret";
/// The file in it with the key that encrypts tenants' secrets.
const SECRETS_KEY_FILE: &str = "secrets-key";
/// What is shown in a secret's place.
const MASK: &str = "********";

/// Something about the data folder that failed.
#[derive(Debug, thiserror::Error)]
#[error("{}: {error}", path.display())]
pub(crate) struct SecretsError {
    path: PathBuf,
    error: io::Error,
}

/// Makes the folder of the SQLite file, for its owner only.
///
/// # Errors
/// [`SecretsError`] when it can't be made.
pub(crate) fn prepare_data_folder(settings: &Settings) -> Result<(), SecretsError> {
    match &settings.database {
        Database::Sqlite(file) => file.parent().map_or(Ok(()), make_folder),
        Database::Postgres(_) => Ok(()),
    }
}

/// The secret that signs tokens: the given one, else the kept one, else a new one that is kept
/// from now on.
///
/// # Errors
/// [`SecretsError`] when it can't be kept.
pub(crate) fn jwt_secret(settings: &Settings, ids: &dyn Ids) -> Result<Secret, SecretsError> {
    if let Some(given) = &settings.jwt_secret {
        return Ok(given.clone());
    }
    let folder = Path::new(DATA_FOLDER);
    make_folder(folder)?;
    let path = folder.join(JWT_SECRET_FILE);
    kept_secret(&path, ids).map_err(|error| SecretsError { path, error })
}

/// The keys that encrypt tenants' secrets: the given ones, else the kept one, else a new one that
/// is kept from now on.
///
/// # Errors
/// [`SecretsError`] when it can't be kept.
pub(crate) fn secrets_keys(settings: &Settings, ids: &dyn Ids) -> Result<Vec<[u8; 32]>, SecretsError> {
    if let Some(given) = &settings.secrets_keys {
        return Ok(given.clone());
    }
    let folder = Path::new(DATA_FOLDER);
    make_folder(folder)?;
    let path = folder.join(SECRETS_KEY_FILE);
    let kept = kept_secret(&path, ids).and_then(|kept| {
        super::channels::secrets_keys(kept.reveal()).map_err(|must| io::Error::other(format!("the key in it {must}")))
    });
    kept.map_err(|error| SecretsError { path, error })
}

fn make_folder(folder: &Path) -> Result<(), SecretsError> {
    if folder.as_os_str().is_empty() {
        return Ok(());
    }
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|error| SecretsError {
        path: folder.to_owned(),
        error,
    })
}

/// Reads the file, or writes it at once as a whole: another process that starts at the same
/// moment sees all of it or nothing, and both end with the same secret.
#[expect(clippy::disallowed_methods, reason = "a small file, read before anything is served")]
fn kept_secret(path: &Path, ids: &dyn Ids) -> io::Result<Secret> {
    match std::fs::read_to_string(path) {
        Ok(text) if text.trim().len() >= 32 => return Ok(Secret::presented(text.trim())),
        Ok(_) => {
            return Err(io::Error::other(
                "holds no secret of 32 bytes; remove it to get a new one",
            ));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let secret = ids.secret("");
    let draft = path.with_extension(ids.uuid().to_string());
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)?;
    file.write_all(secret.reveal().as_bytes())?;
    file.sync_all()?;
    let linked = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft)?;
    match linked {
        Ok(()) => Ok(secret),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => kept_secret(path, ids),
        Err(error) => Err(error),
    }
}

/// What holds, as a settings file, with the origin of every value.
pub(super) fn as_masked_file(given: &Given) -> String {
    ALL.iter().filter_map(|setting| line(given, setting)).collect()
}

fn line(given: &Given, setting: &Setting) -> Option<String> {
    let key = setting.key();
    let Some(value) = given.value(setting) else {
        return match setting.unset {
            Unset::Words(words) => Some(format!("# {key}: {words}\n")),
            Unset::Value(_) => None,
        };
    };
    let shown = match setting.shown {
        Shown::Whole => value.text,
        Shown::WithoutPassword => without_password(&value.text),
        Shown::Masked => MASK.to_owned(),
    };
    let shown = toml::Value::String(shown);
    Some(format!("{key} = {shown} # {}\n", value.origin))
}

/// A URL with its password masked, in its authority or among its options.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let (address, options) = rest
        .split_once('?')
        .map_or((rest, None), |(address, options)| (address, Some(options)));
    let address = match address.rsplit_once('@') {
        Some((login, host)) => match login.split_once(':') {
            Some((user, _)) => format!("{user}:{MASK}@{host}"),
            None => address.to_owned(),
        },
        None => address.to_owned(),
    };
    let options = options.map(|options| {
        format!(
            "?{}",
            options.split('&').map(without_value).collect::<Vec<_>>().join("&")
        )
    });
    format!("{scheme}://{address}{}", options.unwrap_or_default())
}

fn without_value(option: &str) -> String {
    match option.split_once('=') {
        Some((name, _)) if name.to_lowercase().contains("pass") => format!("{name}={MASK}"),
        _ => option.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use std::os::unix::fs::PermissionsExt;

    use support_core::ports::RandomIds;

    use super::*;

    #[test]
    fn passwords_in_urls_are_masked() {
        for (url, masked) in [
            ("sqlite://data/support.db", "sqlite://data/support.db"),
            ("postgres://host/db", "postgres://host/db"),
            ("postgres://me@host/db", "postgres://me@host/db"),
            (
                "postgres://me:top:se@cret@host:1/db",
                "postgres://me:********@host:1/db",
            ),
            (
                "postgres://host/db?sslmode=require&password=top",
                "postgres://host/db?sslmode=require&password=********",
            ),
        ] {
            assert_eq!(without_password(url), masked);
        }
    }

    #[test]
    fn a_generated_secret_is_kept_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jwt-secret");
        let first = kept_secret(&path, &RandomIds).unwrap();
        assert!(first.reveal().len() >= 32);
        assert_eq!(kept_secret(&path, &RandomIds).unwrap(), first);
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(folder.path().read_dir().unwrap().count(), 1, "no draft is left");
    }

    #[test]
    fn processes_that_start_at_once_end_with_one_secret() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jwt-secret");
        let starts: Vec<_> = (0..8)
            .map(|_| {
                let path = path.clone();
                std::thread::spawn(move || kept_secret(&path, &RandomIds).unwrap())
            })
            .collect();
        let mut secrets: Vec<_> = starts
            .into_iter()
            .map(|start| start.join().unwrap().reveal().to_owned())
            .collect();
        secrets.dedup();
        assert_eq!(secrets.len(), 1);
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "nothing else runs on this thread")]
    fn a_truncated_secret_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jwt-secret");
        std::fs::File::create(&path).unwrap();
        assert!(kept_secret(&path, &RandomIds).is_err());
    }
}
