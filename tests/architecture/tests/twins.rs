//! The two SQL stores are read side by side: the same files, and in them the same declarations in the same order.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use support_architecture::{Source, outline, root, rust_files};

const SQLITE: &str = "support-store-sqlite";
const POSTGRES: &str = "support-store-postgres";

/// What only one of the twins has: `(file, declaration, reason)`, with the store's own name written `Db`.
/// An empty declaration stands for the whole file. A line that matches nothing any more fails the test.
const ONLY_ONE_HAS: [(&str, &str, &str); 38] = [
    ("row_level_security.sql", "", ROW_LEVEL_SECURITY),
    ("commit/facts.rs", "fn see", ROW_LEVEL_SECURITY),
    ("commit/mod.rs", "fn tenants", ROW_LEVEL_SECURITY),
    ("lib.rs", "DbStore :: fn overseer", ROW_LEVEL_SECURITY),
    ("lib.rs", "DbStore :: fn connection", ROW_LEVEL_SECURITY),
    ("lib.rs", "fn named", ROW_LEVEL_SECURITY),
    ("lib.rs", "fn name_tenants", ROW_LEVEL_SECURITY),
    ("connections.rs", "", THREADS),
    ("threads.rs", "", THREADS),
    ("lib.rs", "DbStore :: fn read", THREADS),
    ("lib.rs", "DbStore :: fn reader", THREADS),
    ("lib.rs", "DbStore :: fn begin_log_anew", WRITE_AHEAD),
    ("lib.rs", "fn pool", THREADS),
    ("query.rs", "", DRIVERS),
    ("reads/tenants.rs", "impl FromRow for ( TenantRow , Raw )", DRIVERS),
    (
        "reads/tenants.rs",
        "FromRow for ( TenantRow , Raw ) :: fn from_row",
        DRIVERS,
    ),
    ("migrate.rs", "fn migrator", DRIVERS),
    ("migrate.rs", "fn migration_error", DRIVERS),
    ("migrate.rs", "struct Step", DRIVERS),
    ("migrate.rs", "impl Step", DRIVERS),
    ("migrate.rs", "Step :: fn checksum", DRIVERS),
    ("migrate.rs", "fn applied", DRIVERS),
    ("migrate.rs", "fn check", DRIVERS),
    ("migrate.rs", "fn take", DRIVERS),
    ("rows/search.rs", "const PERIOD", PERIODS),
    ("rows/search.rs", "const ANY_PERIOD", PERIODS),
    ("reads/ticket_lists.rs", "enum Share", PLANNER),
    ("reads/ticket_lists.rs", "fn count_tagged", PLANNER),
    ("reads/ticket_lists.rs", "Listed < > :: fn push_all", PLANNER),
    ("reads/ticket_lists.rs", "Listed < > :: fn shares", PLANNER),
    ("reads/ticket_lists.rs", "Listed < > :: fn tickets", PLANNER),
    ("reads/ticket_lists.rs", "Listed < > :: fn narrow_to_tag", PLANNER),
    ("rows/articles.rs", "const PARTS", PERIODS),
    ("rows/articles.rs", "const ANY_PART", PERIODS),
    ("error.rs", "fn is_busy", ERROR_CODES),
    ("error.rs", "fn code", ERROR_CODES),
    ("error.rs", "fn is_outdone", ERROR_CODES),
    ("error.rs", "fn is_broken", ERROR_CODES),
];

const ROW_LEVEL_SECURITY: &str = "only PostgreSQL has a second lock on a tenant's rows";
const PERIODS: &str = "SQLite's index of words is in order of age by itself, PostgreSQL's is cut into periods or parts";
const THREADS: &str = "SQLite's connections live on threads of their own, PostgreSQL's in sqlx's pool";
const PLANNER: &str = "PostgreSQL knows how many rows have what; SQLite is told which way is the shorter";
const WRITE_AHEAD: &str = "SQLite's log is a file of ours and keeps what was removed until it begins anew";
const DRIVERS: &str = "sqlx brings along for PostgreSQL what is written here for SQLite";
const ERROR_CODES: &str = "each database names its failures in its own way";

/// Both stores' and their drivers' names for the same thing, made one.
fn without_the_stores_name(declaration: &str) -> String {
    let declaration = declaration
        .replace("rusqlite", "sqlx")
        .replace("sqlx : : postgres : : PgRow", "PgRow")
        .replace("sqlx : : FromRow", "FromRow")
        .replace("FromRow < , PgRow >", "FromRow");
    let words = declaration.split(' ').map(|word| {
        let word = word
            .replace("Sqlite", "Db")
            .replace("Postgres", "Db")
            .replace("Pg", "Db");
        word.replace("sqlite", "db").replace("postgres", "db")
    });
    words.collect::<Vec<_>>().join(" ")
}

fn files(store: &str, below: &str) -> BTreeSet<String> {
    let folder = root().join(store).join(below);
    let names = rust_files(&folder)
        .into_iter()
        .filter_map(|file| relative(&file, &folder));
    names.collect()
}

fn relative(file: &Path, folder: &Path) -> Option<String> {
    let path = file.strip_prefix(folder).ok()?;
    Some(path.display().to_string())
}

/// Steps by their names alone: one store may need a step in between, so their numbers differ.
fn migrations(store: &str) -> BTreeSet<String> {
    let folder = root().join(store).join("migrations");
    let Ok(entries) = std::fs::read_dir(folder) else {
        return BTreeSet::new();
    };
    let names = entries
        .filter_map(Result::ok)
        .map(|entry| entry.file_name().display().to_string())
        .map(|name| {
            name.trim_start_matches(|character: char| character.is_ascii_digit() || character == '_')
                .to_owned()
        });
    names.collect()
}

fn is_excepted(file: &str, declaration: &str) -> bool {
    ONLY_ONE_HAS
        .iter()
        .any(|exception| exception.0 == file && exception.1 == declaration)
}

fn assert_same(sqlite: &BTreeSet<String>, postgres: &BTreeSet<String>, what: &str) {
    let alone: Vec<_> = sqlite
        .symmetric_difference(postgres)
        .filter(|file| !is_excepted(file, ""))
        .collect();
    assert!(alone.is_empty(), "only one of the stores has the {what} {alone:?}");
}

fn declarations(store: &str, file: &str) -> Vec<String> {
    let path: PathBuf = root().join(store).join("src").join(file);
    let lines = outline(&Source::read(&path))
        .into_iter()
        .map(|line| without_the_stores_name(&line));
    lines.collect()
}

/// What differs, in words; nothing when the twins agree.
fn difference(file: &str, sqlite: &[String], postgres: &[String]) -> Option<String> {
    let only = |ours: &[String], theirs: &[String]| -> Vec<String> {
        let missing = ours
            .iter()
            .filter(|line| !theirs.contains(line) && !is_excepted(file, line));
        missing.cloned().collect()
    };
    let (only_sqlite, only_postgres) = (only(sqlite, postgres), only(postgres, sqlite));
    if !only_sqlite.is_empty() || !only_postgres.is_empty() {
        return Some(format!(
            "{file}: only SQLite has {only_sqlite:?}, only PostgreSQL has {only_postgres:?}"
        ));
    }
    let shared = |lines: &[String], others: &[String]| -> Vec<String> {
        lines.iter().filter(|line| others.contains(line)).cloned().collect()
    };
    let (left, right) = (shared(sqlite, postgres), shared(postgres, sqlite));
    let first = left.iter().zip(&right).find(|(left, right)| left != right);
    first.map(|(left, right)| format!("{file}: SQLite goes on with `{left}` where PostgreSQL has `{right}`"))
}

#[test]
fn both_stores_have_the_same_files() {
    assert_same(&files(SQLITE, "src"), &files(POSTGRES, "src"), "source file");
}

#[test]
fn both_stores_have_the_same_migrations() {
    assert_same(&migrations(SQLITE), &migrations(POSTGRES), "migration");
}

#[test]
fn both_stores_declare_the_same_things_in_the_same_order() {
    let postgres = files(POSTGRES, "src");
    let both = files(SQLITE, "src").into_iter().filter(|file| postgres.contains(file));
    let differences: Vec<_> = both
        .filter_map(|file| difference(&file, &declarations(SQLITE, &file), &declarations(POSTGRES, &file)))
        .collect();
    assert!(differences.is_empty(), "the stores have grown apart: {differences:#?}");
}

#[test]
fn every_exception_is_still_needed() {
    for (file, declaration, reason) in ONLY_ONE_HAS {
        let has = |store: &str| {
            if declaration.is_empty() {
                return files(store, "src").contains(file) || migrations(store).contains(file);
            }
            files(store, "src").contains(file) && declarations(store, file).iter().any(|line| line == declaration)
        };
        assert!(
            has(SQLITE) != has(POSTGRES),
            "{file}: {declaration} ({reason}) is no exception any more"
        );
    }
}

#[test]
fn a_store_that_leaves_its_twin_is_noticed() {
    let lines = |names: &[&str]| {
        names
            .iter()
            .map(|name| without_the_stores_name(name))
            .collect::<Vec<_>>()
    };
    let sqlite = lines(&["struct SqliteStore", "fn commit", "fn claim"]);
    assert_eq!(
        difference(
            "a.rs",
            &sqlite,
            &lines(&["struct PostgresStore", "fn commit", "fn claim"])
        ),
        None
    );
    assert!(difference("a.rs", &sqlite, &lines(&["struct PostgresStore", "fn commit"])).is_some());
    assert!(
        difference(
            "a.rs",
            &sqlite,
            &lines(&["struct PostgresStore", "fn claim", "fn commit"])
        )
        .is_some()
    );
}
