//! Where the reference server's binary is.

#![expect(clippy::panic, reason = "without the server its tests cannot run at all")]

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::SystemTime;

const NAME: &str = "support-server";

/// `SUPPORT_SERVER_BIN`, else the one beside this executable, built anew when a source is newer than it.
pub fn server() -> PathBuf {
    static FOUND: OnceLock<PathBuf> = OnceLock::new();
    FOUND.get_or_init(find).clone()
}

fn find() -> PathBuf {
    if let Some(given) = std::env::var_os("SUPPORT_SERVER_BIN") {
        let given = PathBuf::from(given);
        assert!(given.is_file(), "SUPPORT_SERVER_BIN={}: no such file", given.display());
        return given;
    }
    let folder = profile_folder();
    let binary = folder.join(format!("{NAME}{}", std::env::consts::EXE_SUFFIX));
    if !is_fresh(&binary) {
        build(&folder);
    }
    binary
}

/// `target/<profile>`: test executables lie one folder deeper.
fn profile_folder() -> PathBuf {
    let executable = std::env::current_exe().unwrap_or_else(|error| panic!("this executable's path: {error}"));
    let folder = executable.ancestors().skip(1).find(|folder| {
        let name = folder.file_name().unwrap_or_default();
        name != "deps" && name != "examples"
    });
    folder
        .unwrap_or_else(|| panic!("{} lies in no folder", executable.display()))
        .to_path_buf()
}

/// Cargo lists beside the binary every source it was made of.
fn is_fresh(binary: &Path) -> bool {
    let (Some(built), Ok(sources)) = (modified(binary), std::fs::read_to_string(binary.with_extension("d"))) else {
        return false;
    };
    let sources = sources
        .lines()
        .filter_map(|line| line.split_once(": "))
        .map(|(_, sources)| sources);
    let mut sources = sources
        .flat_map(|sources| sources.split(' '))
        .filter(|source| !source.is_empty());
    sources.all(|source| modified(Path::new(source)).is_some_and(|changed| changed <= built))
}

fn modified(file: &Path) -> Option<SystemTime> {
    file.metadata().ok()?.modified().ok()
}

fn build(folder: &Path) {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    command.args(["build", "--package", NAME, "--manifest-path"]);
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml"));
    if let Some(target) = folder.parent() {
        command.arg("--target-dir").arg(target);
    }
    match folder.file_name().and_then(|profile| profile.to_str()) {
        Some("debug") | None => {}
        Some(profile) => {
            command.args(["--profile", profile]);
        }
    }
    let output = command.output().unwrap_or_else(|error| panic!("cargo build: {error}"));
    assert!(
        output.status.success(),
        "cargo build --package {NAME}:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use std::fs::File;
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_binary_older_than_one_of_its_sources_is_stale() {
        let folder = tempfile::tempdir().unwrap();
        let [binary, list, old, new] = ["server", "server.d", "old.rs", "new.rs"].map(|name| folder.path().join(name));
        let make = |file: &Path, age: u64| {
            let changed = SystemTime::now() - Duration::from_secs(age);
            File::create(file).unwrap().set_modified(changed).unwrap();
        };
        make(&binary, 60);
        make(&old, 90);
        make(&new, 30);
        assert!(!is_fresh(&binary), "without a list nothing is known");

        let listed = |sources: &[&Path]| {
            let sources = sources
                .iter()
                .map(|source| source.display().to_string())
                .collect::<Vec<_>>();
            std::fs::write(&list, format!("{}: {}\n", binary.display(), sources.join(" "))).unwrap();
            is_fresh(&binary)
        };
        assert!(listed(&[&old]));
        assert!(!listed(&[&old, &new]));
        assert!(!listed(&[&old, &folder.path().join("deleted.rs")]));
    }
}
