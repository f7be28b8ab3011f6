//! The dependency graph, as cargo resolves it.

#![expect(clippy::panic, reason = "no rule can be judged without the graph")]

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The repository's root.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors()
        .nth(2)
        .unwrap_or_else(|| panic!("{} lies too high", here.display()))
        .to_path_buf()
}

/// The workspace's members and what their manifests ask for.
#[derive(Debug)]
pub struct Workspace {
    /// By package name.
    pub members: BTreeMap<String, Member>,
}

/// A package of this workspace.
#[derive(Debug)]
pub struct Member {
    /// Its folder, relative to the root, with `/`.
    pub folder: String,
    /// The features that its `default` feature turns on.
    pub default_features: Vec<String>,
    /// What its manifest asks for.
    pub declared: Vec<Declared>,
}

/// One line of a manifest's dependency tables.
#[derive(Debug)]
pub struct Declared {
    /// The package it names.
    pub package: String,
    /// `normal`, `dev` or `build`.
    pub kind: String,
    /// The features it asks for by name.
    pub features: BTreeSet<String>,
    /// Whether the package's default features come with it.
    pub default_features: bool,
}

impl Workspace {
    /// Asks cargo for its metadata.
    ///
    /// # Panics
    /// When cargo cannot read the manifests.
    pub fn load() -> Self {
        let answer = cargo(&["metadata", "--format-version", "1", "--no-deps"]);
        let answer: Value = serde_json::from_str(&answer).unwrap_or_else(|error| panic!("cargo metadata: {error}"));
        let root = root();
        let packages = list(&answer, "packages").iter();
        let members = packages.map(|package| (text(package, "name"), Member::read(package, &root)));
        Self {
            members: members.collect(),
        }
    }

    /// The member of that name.
    ///
    /// # Panics
    /// When the workspace has no such member.
    pub fn member(&self, name: &str) -> &Member {
        let member = self.members.get(name);
        member.unwrap_or_else(|| panic!("the workspace has no package {name}"))
    }

    /// The members that outsiders build on: everything outside `examples/` and `tests/`.
    pub fn libraries(&self) -> impl Iterator<Item = (&str, &Member)> {
        let inside = |folder: &str| folder.starts_with("examples/") || folder.starts_with("tests/");
        let libraries = self.members.iter().filter(move |(_, member)| !inside(&member.folder));
        libraries.map(|(name, member)| (name.as_str(), member))
    }
}

/// What a host that depends on this member builds with it, all its features on: its normal and build dependencies,
/// and theirs, without itself.
///
/// `cargo metadata` would also list optional crates that no feature turns on; `cargo tree` follows the features.
pub fn ships_with(member: &str) -> BTreeSet<String> {
    let mut packages = tree(&["--package", member, "--edges", "normal,build"]);
    packages.remove(member);
    packages
}

/// Every package that building, testing or running anything here compiles.
pub fn all_packages() -> BTreeSet<String> {
    tree(&["--workspace", "--edges", "normal,build,dev"])
}

fn tree(selection: &[&str]) -> BTreeSet<String> {
    let mut arguments = vec!["tree", "--all-features", "--prefix", "none", "--format", "{p}"];
    arguments.extend(selection);
    let answer = cargo(&arguments);
    let names = answer.lines().filter_map(|line| line.split(' ').next());
    names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

impl Member {
    fn read(package: &Value, root: &Path) -> Self {
        let manifest = PathBuf::from(text(package, "manifest_path"));
        let folder = manifest.parent().and_then(|folder| folder.strip_prefix(root).ok());
        Self {
            folder: folder.map(|folder| folder.display().to_string()).unwrap_or_default(),
            default_features: package.pointer("/features/default").map(strings).unwrap_or_default(),
            declared: list(package, "dependencies").iter().map(Declared::read).collect(),
        }
    }
}

impl Declared {
    fn read(line: &Value) -> Self {
        Self {
            package: text(line, "name"),
            kind: line["kind"].as_str().unwrap_or("normal").to_owned(),
            features: strings(&line["features"]).into_iter().collect(),
            default_features: line["uses_default_features"] == true,
        }
    }
}

/// Runs cargo on the lock file as it is, without the network where that is enough.
fn cargo(arguments: &[&str]) -> String {
    let offline = cargo_with(arguments, &["--locked", "--offline"]);
    let answer = offline.or_else(|_| cargo_with(arguments, &["--locked"]));
    answer.unwrap_or_else(|error| panic!("cargo {arguments:?}: {error}"))
}

fn cargo_with(arguments: &[&str], how: &[&str]) -> Result<String, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    command.current_dir(root()).args(arguments).args(how);
    let output = command.output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    String::from_utf8(output.stdout).map_err(|error| error.to_string())
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    let values = value.get(key).and_then(Value::as_array);
    values.map(Vec::as_slice).unwrap_or_default()
}

fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn strings(value: &Value) -> Vec<String> {
    let values = value.as_array().map(Vec::as_slice).unwrap_or_default();
    values.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}
