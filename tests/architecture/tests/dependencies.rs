//! Faces → core ← adapters; the binaries alone know all.

#![expect(clippy::panic, reason = "a broken rule is a failed test")]

use std::collections::BTreeSet;
use std::fmt::Debug;

use support_architecture::{Declared, Member, Source, Workspace, all_packages, root, rust_files, ships_with};

const CORE: &str = "support-core";
const HTTP: &str = "support-http";
const CONFORMANCE: &str = "support-conformance";

/// SQL, HTTP, TLS and message-queue technology, by the beginning of a crate's name.
const TECHNOLOGY: [&str; 26] = [
    "sqlx",
    "rusqlite",
    "libsqlite3",
    "diesel",
    "sea-orm",
    "tokio-postgres",
    "postgres",
    "deadpool",
    "redis",
    "axum",
    "hyper",
    "http-body",
    "reqwest",
    "tower",
    "tonic",
    "actix",
    "warp",
    "h2",
    "tungstenite",
    "tokio-tungstenite",
    "rustls",
    "aws-lc",
    "openssl",
    "native-tls",
    "lettre",
    "object_store",
];

fn is_technology(package: &str) -> bool {
    package == "http" || package == "ring" || TECHNOLOGY.iter().any(|prefix| package.starts_with(prefix))
}

fn is_adapter(package: &str) -> bool {
    package.starts_with("support-store-") || matches!(package, "support-notify" | "support-files" | "support-bus")
}

fn ships(declared: &&Declared) -> bool {
    declared.kind != "dev"
}

/// The packages of this workspace that a member asks for.
fn siblings<'a>(workspace: &Workspace, member: &'a Member, wanted: impl Fn(&&Declared) -> bool) -> BTreeSet<&'a str> {
    let wanted = member.declared.iter().filter(wanted);
    let packages = wanted.map(|declared| declared.package.as_str());
    packages
        .filter(|package| workspace.members.contains_key(*package))
        .collect()
}

fn none<S: Debug>(broken: impl IntoIterator<Item = S>, rule: &str) {
    let broken: Vec<_> = broken.into_iter().collect();
    assert!(broken.is_empty(), "{rule}: {broken:?}");
}

#[test]
fn core_knows_no_sql_http_tls_or_adapter_crate() {
    let workspace = Workspace::load();
    let shipped = ships_with(CORE);
    none(
        shipped.iter().filter(|package| is_technology(package)),
        "support-core depends on technology",
    );
    none(
        shipped
            .iter()
            .filter(|package| workspace.members.contains_key(*package)),
        "support-core depends on a package of the workspace",
    );
}

#[test]
fn core_asks_tokio_for_channels_timers_tasks_and_macros_only() {
    let workspace = Workspace::load();
    let core = workspace.member(CORE);
    let permitted = BTreeSet::from(["sync", "time", "rt", "macros"].map(str::to_owned));
    for tokio in core
        .declared
        .iter()
        .filter(ships)
        .filter(|declared| declared.package == "tokio")
    {
        assert!(!tokio.default_features, "support-core takes tokio's default features");
        let more: Vec<_> = tokio.features.difference(&permitted).collect();
        assert!(more.is_empty(), "support-core asks tokio for {more:?}");
    }
}

#[test]
fn cores_default_features_are_empty() {
    let workspace = Workspace::load();
    let features = &workspace.member(CORE).default_features;
    assert!(features.is_empty(), "support-core turns on {features:?} by default");
}

#[test]
fn an_adapter_knows_the_core_and_its_technology_only() {
    let workspace = Workspace::load();
    let adapters = workspace.members.iter().filter(|(name, _)| is_adapter(name));
    for (name, adapter) in adapters {
        let unknown = siblings(&workspace, adapter, ships);
        none(
            unknown.into_iter().filter(|sibling| *sibling != CORE),
            &format!("{name} depends on"),
        );
        let tested_with = siblings(&workspace, adapter, |_| true);
        none(
            tested_with
                .into_iter()
                .filter(|sibling| *sibling == HTTP || is_adapter(sibling)),
            &format!("{name} knows, be it in its tests,"),
        );
    }
}

#[test]
fn the_faces_know_the_core_only_and_name_no_store() {
    let workspace = Workspace::load();
    let http = workspace.member(HTTP);
    none(
        siblings(&workspace, http, |_| true)
            .into_iter()
            .filter(|sibling| *sibling != CORE),
        "support-http depends on",
    );
    none(
        ships_with(HTTP)
            .into_iter()
            .filter(|package| package.starts_with("sqlx") || is_adapter(package)),
        "support-http builds with",
    );
    for file in rust_files(&root().join(&http.folder)) {
        let named = Source::read(&file);
        let stores = named.tokens.iter().map(String::as_str);
        none(
            stores.filter(|word| word.starts_with("support_store") || *word == "sqlx"),
            &format!("{} names a store", file.display()),
        );
    }
}

#[test]
fn the_conformance_suite_knows_the_core_only() {
    let workspace = Workspace::load();
    let suite = workspace.member(CONFORMANCE);
    none(
        siblings(&workspace, suite, ships)
            .into_iter()
            .filter(|sibling| *sibling != CORE),
        "support-conformance depends on",
    );
}

#[test]
fn only_examples_and_tests_know_adapters() {
    let workspace = Workspace::load();
    for (name, library) in workspace.libraries().filter(|(name, _)| !is_adapter(name)) {
        none(
            siblings(&workspace, library, |_| true)
                .into_iter()
                .filter(|sibling| is_adapter(sibling)),
            &format!("{name} knows the adapter"),
        );
    }
}

#[test]
fn there_is_one_tls_stack() {
    let second = [
        "ring",
        "openssl",
        "openssl-sys",
        "native-tls",
        "rustls-openssl",
        "boring",
    ];
    none(
        all_packages()
            .into_iter()
            .filter(|package| second.contains(&package.as_str())),
        "the graph holds a second TLS stack",
    );
}

#[test]
fn every_member_takes_the_workspaces_lints() {
    let workspace = Workspace::load();
    for (name, member) in &workspace.members {
        let manifest = root().join(&member.folder).join("Cargo.toml");
        let text = std::fs::read_to_string(&manifest).unwrap_or_else(|error| panic!("{}: {error}", manifest.display()));
        assert!(
            text.contains("[lints]\nworkspace = true"),
            "{name} goes its own way with lints"
        );
    }
}
